package screens

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/ui/presenter"
	"chatmrpt/ui/widgets"
)

// lockScreen is the way in: who you are, then your passphrase; or a new
// profile; or the made-up state.
type lockScreen struct {
	canvas  fyne.Canvas
	session *presenter.Session
	object  fyne.CanvasObject

	page     *fyne.Container // one of the pages below
	trouble  *troubleCard
	said     *widget.Label
	waiting  fyne.CanvasObject
	words    *widget.Label
	inputs   []fyne.Disableable // of the page, grey while a profile opens
	strength func()             // shows how strong the typed passphrase is, nil on other pages
	listing  bool               // whether the page is the list of profiles
	drawn    int                // how many profiles the list shows, −1 for no list
	locked   bool               // whether the inputs are grey
}

func newLockScreen(c fyne.Canvas, s *presenter.Session) *lockScreen {
	l := &lockScreen{canvas: c, session: s, page: container.NewStack(), drawn: -1}
	l.trouble = newTroubleCard(s.Dismiss)
	l.said = prose("")
	l.said.Hide()
	l.words = widget.NewLabelWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{})
	bar := widget.NewProgressBarInfinite()
	l.waiting = container.NewVBox(l.words, bar)
	l.waiting.Hide()
	name := widget.NewLabelWithStyle("ChatMRPT", fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	name.SizeName = theme.SizeNameHeadingText
	what := widget.NewLabelWithStyle("Malaria risk of wards, and who gets the bed nets", fyne.TextAlignCenter, fyne.TextStyle{})
	what.Importance = widget.LowImportance
	l.object = column(container.New(&stacked{}, name, what), widget.NewSeparator(), l.page, l.said, l.trouble.object, l.waiting)
	l.listing = true
	return l
}

// refresh shows what the session now is.
func (l *lockScreen) refresh() {
	profiles, ready := l.session.Profiles()
	if said := l.session.Said(); said != "" && !l.listing {
		l.listing, l.drawn = true, -1 // what was done is told beside the list
	}
	if l.listing && ready && l.drawn != len(profiles) {
		l.showList()
	}
	opening := l.session.Stage() == presenter.Opening
	if opening != l.locked {
		l.locked = opening
		l.setInputs(!opening)
	}
	l.trouble.set(l.session.Trouble())
	l.said.SetText(l.session.Said())
	if l.said.Text == "" {
		l.said.Hide()
	} else {
		l.said.Show()
	}
	if l.strength != nil {
		l.strength()
	}
	l.page.Refresh()
}

func (l *lockScreen) setInputs(usable bool) {
	for _, in := range l.inputs {
		if usable {
			in.Enable()
		} else {
			in.Disable()
		}
	}
	if usable {
		l.waiting.Hide()
	} else {
		l.waiting.Show()
	}
}

// turn shows a page. Whatever went wrong on the one before is forgotten.
func (l *lockScreen) turn(page fyne.CanvasObject, focus fyne.Focusable, inputs ...fyne.Disableable) {
	l.inputs, l.strength = inputs, nil
	l.page.Objects = []fyne.CanvasObject{page}
	l.page.Refresh()
	if l.session.Trouble() != nil || (l.session.Said() != "" && !l.listing) {
		l.session.Dismiss()
	}
	if focus != nil {
		l.canvas.Focus(focus)
	}
}

// showList shows the profiles.
func (l *lockScreen) showList() {
	profiles, _ := l.session.Profiles()
	l.listing, l.drawn = true, len(profiles)
	list := container.NewVBox()
	var inputs []fyne.Disableable
	for _, p := range profiles {
		b := widget.NewButtonWithIcon(p.Name, theme.AccountIcon(), func() { l.showUnlock(p.Name) })
		b.Alignment = widget.ButtonAlignLeading
		list.Add(tall(b))
		if !p.CanOpen() {
			b.Disable()
			list.Add(prose(p.Damaged.Sentence + " " + p.Damaged.Hint))
			continue
		}
		inputs = append(inputs, b)
	}
	if len(profiles) == 0 {
		list.Add(prose("Nobody has a profile on this computer yet. A profile keeps your files encrypted under a passphrase of your own; nobody else can open it."))
	}
	create := widget.NewButtonWithIcon("New profile", theme.ContentAddIcon(), l.showCreate)
	try := widget.NewButtonWithIcon("Try with made-up data", theme.MediaPlayIcon(), l.try)
	for _, b := range []*widget.Button{create, try} {
		b.Alignment = widget.ButtonAlignLeading
		inputs = append(inputs, b)
	}
	if len(profiles) == 0 {
		create.Importance = widget.HighImportance
	}
	list.Add(widget.NewSeparator())
	list.Add(tall(create))
	list.Add(tall(try))
	note := widgets.Caption("A state that does not exist, in a profile that is removed when you lock it or close the window.")
	note.Wrapping = fyne.TextWrapWord
	list.Add(note)
	l.turn(list, nil, inputs...)
}

func (l *lockScreen) try() {
	l.words.SetText("Making a throw-away profile.")
	l.session.Try()
}

// showUnlock asks for the passphrase of a profile.
func (l *lockScreen) showUnlock(name string) {
	l.listing = false
	secret := widget.NewPasswordEntry()
	secret.SetPlaceHolder("Passphrase, or recovery code")
	enter := func() {
		text := []byte(secret.Text)
		secret.SetText("")
		l.words.SetText("Unlocking. This takes a moment on purpose: it makes guessing dear.")
		l.session.Unlock(name, text)
	}
	secret.OnSubmitted = func(string) { enter() }
	unlock := widget.NewButton("Unlock", enter)
	unlock.Importance = widget.HighImportance
	back := widget.NewButton("Back", l.showList)
	forgot := widget.NewButton("Forgot the passphrase?", func() { l.showRecover(name) })
	forgot.Importance = widget.LowImportance
	more := widget.NewButton("Passphrase, key, erase…", func() { l.showKeep(name) })
	more.Importance = widget.LowImportance
	line := container.NewBorder(nil, nil, container.NewVBox(forgot, more), container.NewVBox(buttons(back, unlock)))
	page := container.NewVBox(title(name), secret, line)
	inputs := []fyne.Disableable{secret, unlock, back, forgot, more}
	if l.session.Profile(name).Keyring {
		open := widget.NewButtonWithIcon("Open with this computer’s keyring", theme.LoginIcon(), func() {
			l.words.SetText("Asking the keyring of this computer.")
			l.session.UnlockByKeyring(name)
		})
		page.Add(tall(open))
		inputs = append(inputs, open)
	}
	l.turn(page, secret, inputs...)
}

// showRecover asks for the recovery code and a new passphrase.
func (l *lockScreen) showRecover(name string) {
	code := widget.NewEntry()
	code.SetPlaceHolder("From your paper, with or without dashes")
	first, second := newPassphrase()
	enter := func() {
		text, a, b := []byte(code.Text), []byte(first.Text), []byte(second.Text)
		empty(code, first, second)
		l.words.SetText("Opening with the code. This takes a moment on purpose: it makes guessing dear.")
		l.session.Recover(name, text, a, b)
	}
	code.OnSubmitted = func(string) { l.canvas.Focus(first) }
	first.OnSubmitted = func(string) { l.canvas.Focus(second) }
	second.OnSubmitted = func(string) { enter() }
	renew := widget.NewButton("Set the passphrase", enter)
	renew.Importance = widget.HighImportance
	back := widget.NewButton("Back", func() {
		empty(code, first, second)
		l.showUnlock(name)
	})
	strength := l.judged(first, func() string { return name })
	note := prose("With your recovery code you choose a new passphrase. You get a new code, and the old one opens nothing any more.")
	l.turn(container.NewVBox(title(name), note, widget.NewForm(
		widget.NewFormItem("Recovery code", code), widget.NewFormItem("New passphrase", first), widget.NewFormItem("Once more", second),
	), container.New(&minHeight{strengthHeight}, strength), buttons(back, renew)), code, code, first, second, renew, back)
	l.strength = func() { strength.SetText(strengthWords(l.session.Strength())) }
}

// newPassphrase gives the fields for a passphrase and its repetition.
func newPassphrase() (first, second *widget.Entry) {
	first, second = widget.NewPasswordEntry(), widget.NewPasswordEntry()
	first.SetPlaceHolder("Four or five words of your own")
	second.SetPlaceHolder("The same once more")
	return first, second
}

// empty takes what was typed out of the fields.
func empty(entries ...*widget.Entry) {
	for _, e := range entries {
		e.SetText("")
	}
}

// showCreate asks for what a new profile needs.
func (l *lockScreen) showCreate() {
	l.listing = false
	name := widget.NewEntry()
	name.SetPlaceHolder("Your name")
	first, second := newPassphrase()
	enter := func() {
		a, b := []byte(first.Text), []byte(second.Text)
		empty(first, second)
		l.words.SetText("Making the profile.")
		l.session.Create(name.Text, a, b)
	}
	name.OnSubmitted = func(string) { l.canvas.Focus(first) }
	first.OnSubmitted = func(string) { l.canvas.Focus(second) }
	second.OnSubmitted = func(string) { enter() }
	create := widget.NewButton("Make the profile", enter)
	create.Importance = widget.HighImportance
	back := widget.NewButton("Back", func() {
		empty(first, second)
		l.showList()
	})
	strength := l.judged(first, func() string { return name.Text })
	name.OnChanged = first.OnChanged // a guesser would try the name
	l.turn(container.NewVBox(title("New profile"), widget.NewForm(
		widget.NewFormItem("Name", name), widget.NewFormItem("Passphrase", first), widget.NewFormItem("Once more", second),
	), container.New(&minHeight{strengthHeight}, strength), buttons(back, create)), name, name, first, second, create, back)
	l.strength = func() { strength.SetText(strengthWords(l.session.Strength())) }
}

// judged has the passphrase in secret judged while it is typed, and gives the
// label for the judgement.
func (l *lockScreen) judged(secret *widget.Entry, name func() string) *widget.Label {
	secret.OnChanged = func(string) { l.session.Judge([]byte(secret.Text), name()) }
	return prose(strengthWords(nil))
}

// strengthHeight is room for four lines, so that the form stays where it is
// while somebody types into it.
const strengthHeight = 96

// strengthWords is the judgement of a passphrase, or what makes a good one.
func strengthWords(s *presenter.Strength) string {
	if s == nil {
		return "A few words that you will remember make a good passphrase. Nobody can look it up for you."
	}
	return strings.TrimSpace(s.Words + " " + s.Advice)
}

// tall makes a button as high as a thumb.
func tall(b *widget.Button) fyne.CanvasObject {
	return container.New(&minHeight{44}, b)
}

// minHeight gives its only object at least that height.
type minHeight struct{ height float32 }

// MinSize implements fyne.Layout.
func (m *minHeight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[0].MinSize()
	size.Height = max(size.Height, m.height)
	return size
}

// Layout implements fyne.Layout.
func (m *minHeight) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }
