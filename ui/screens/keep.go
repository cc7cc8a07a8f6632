package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// showKeep offers what can be done to a locked profile.
func (l *lockScreen) showKeep(name string) {
	l.listing = false
	list := container.NewVBox(title(name))
	var inputs []fyne.Disableable
	add := func(words string, icon fyne.Resource, show func(string)) {
		b := widget.NewButtonWithIcon(words, icon, func() { show(name) })
		b.Alignment = widget.ButtonAlignLeading
		list.Add(tall(b))
		inputs = append(inputs, b)
	}
	add("Change the passphrase", theme.DocumentCreateIcon(), l.showChange)
	add("New key and recovery code", theme.ViewRefreshIcon(), l.showRotate)
	if l.session.Profile(name).Keyring {
		add("No longer open with this computer’s keyring", theme.CancelIcon(), func(name string) { l.showKeyring(name, false) })
	} else {
		add("Open with this computer’s keyring…", theme.LoginIcon(), func(name string) { l.showKeyring(name, true) })
	}
	add("Erase this profile", theme.DeleteIcon(), l.showErase)
	back := widget.NewButton("Back", func() { l.showUnlock(name) })
	list.Add(buttons(back))
	l.turn(list, nil, append(inputs, back)...)
}

// showChange asks for the present passphrase and a new one.
func (l *lockScreen) showChange(name string) {
	old := widget.NewPasswordEntry()
	old.SetPlaceHolder("The one you use now, or the recovery code")
	first, second := newPassphrase()
	enter := func() {
		text, a, b := []byte(old.Text), []byte(first.Text), []byte(second.Text)
		empty(old, first, second)
		l.words.SetText("Changing the passphrase.")
		l.session.ChangePassphrase(name, text, a, b)
	}
	old.OnSubmitted = func(string) { l.canvas.Focus(first) }
	first.OnSubmitted = func(string) { l.canvas.Focus(second) }
	second.OnSubmitted = func(string) { enter() }
	change := widget.NewButton("Change the passphrase", enter)
	change.Importance = widget.HighImportance
	back := widget.NewButton("Back", func() {
		empty(old, first, second)
		l.showKeep(name)
	})
	strength := l.judged(first, func() string { return name })
	note := prose("The old passphrase then opens nothing any more, but a copy of the profile made before. When somebody may have both, make a new key instead.")
	l.turn(container.NewVBox(title(name), note, widget.NewForm(
		widget.NewFormItem("Passphrase", old), widget.NewFormItem("New passphrase", first), widget.NewFormItem("Once more", second),
	), container.New(&minHeight{strengthHeight}, strength), buttons(back, change)), old, old, first, second, change, back)
	l.strength = func() { strength.SetText(strengthWords(l.session.Strength())) }
}

// askPassphrase is a page that asks for the passphrase of a profile before
// something is done to it.
func (l *lockScreen) askPassphrase(name, note, verb, waiting string, more fyne.CanvasObject, act func(secret []byte)) *widget.Button {
	secret := widget.NewPasswordEntry()
	secret.SetPlaceHolder("Passphrase")
	do := widget.NewButton(verb, nil)
	do.Importance = widget.HighImportance
	do.OnTapped = func() {
		text := []byte(secret.Text)
		empty(secret)
		l.words.SetText(waiting)
		act(text)
	}
	secret.OnSubmitted = func(string) {
		if !do.Disabled() {
			do.OnTapped()
		}
	}
	back := widget.NewButton("Back", func() {
		empty(secret)
		l.showKeep(name)
	})
	page := container.NewVBox(title(name), prose(note), secret)
	if more != nil {
		page.Add(more)
	}
	page.Add(buttons(back, do))
	l.turn(page, secret, secret, do, back)
	return do
}

func (l *lockScreen) showRotate(name string) {
	l.askPassphrase(name, "Everything in the profile is encrypted anew under a new key, and you get a new recovery code. "+
		"Do this when somebody may have a copy of the profile and its passphrase or code. The keyring of this computer no longer opens it then.",
		"Make a new key", "Encrypting everything anew. This takes longer the more there is.", nil,
		func(secret []byte) { l.session.Rotate(name, secret) })
}

func (l *lockScreen) showKeyring(name string, on bool) {
	note, verb := "Only the passphrase and the recovery code open the profile then.", "Switch it off"
	if on {
		verb = "Switch it on"
		note = "Whoever uses this account of the computer, and every program in it, then opens the profile without a passphrase. " +
			"Choose this only when the account is yours alone and locks itself."
	}
	l.askPassphrase(name, note, verb, "Asking the keyring of this computer.", nil, func(secret []byte) { l.session.SetKeyring(name, secret, on) })
}

func (l *lockScreen) showErase(name string) {
	sure := widget.NewCheck("I know that nobody can bring it back", nil)
	do := l.askPassphrase(name, "The keys are destroyed first, then every file of the profile. Other profiles, the files you imported from "+
		"and those you saved stay as they are, and so do copies of the profile elsewhere.",
		"Erase the profile", "Erasing.", sure, func(secret []byte) { l.session.Erase(name, secret) })
	do.Importance = widget.DangerImportance
	do.Disable()
	sure.OnChanged = func(on bool) { setEnabled(do, on) }
}
