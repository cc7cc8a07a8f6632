package screens

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/ui/presenter"
)

// forgetCopied takes the code out of the clipboard, where the person may have
// put it to print or keep it, unless something else was put there since.
func (c *codeScreen) forgetCopied() {
	clip := fyne.CurrentApp().Clipboard()
	if copied := plainCode(clip.Content()); copied != "" && strings.Contains(plainCode(c.code), copied) {
		clip.SetContent("")
	}
}

// plainCode is a code, or a part of one, without dashes and breaks.
func plainCode(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("- \r\n\t", r) {
			return -1
		}
		return r
	}, text)
}

// codeScreen shows a recovery code, the only time it is ever shown, and offers
// to write it to a page to be printed.
type codeScreen struct {
	session *presenter.Session
	code    string // for as long as it is shown
	object  fyne.CanvasObject
	trouble *troubleCard
	said    *widget.Label
}

func newCodeScreen(win fyne.Window, loop presenter.Loop, s *presenter.Session) *codeScreen {
	c := &codeScreen{session: s, code: s.Code(), trouble: newTroubleCard(s.Dismiss), said: prose("")}
	text := widget.NewLabelWithStyle(strings.Join(s.CodeLines(), "\n"), fyne.TextAlignCenter, fyne.TextStyle{Monospace: true, Bold: true})
	text.Selectable = true
	text.SizeName = headingSize
	next := widget.NewButton("I have it on paper", s.Noted)
	next.Importance = widget.HighImportance
	next.Disable()
	sure := widget.NewCheck("It is on paper, apart from this computer", func(on bool) { setEnabled(next, on) })
	page := widget.NewButtonWithIcon("Save a page to print…", theme.DocumentPrintIcon(), func() {
		name := presenter.Saving{Name: "recovery-code.pdf"}
		d := &fileDialog{at: place{win: win, loop: loop}, saving: true, verb: "Save", ending: name.Path}
		d.took = func(paths []string) { s.SaveCode(paths[0]) }
		d.show("Save the page with the recovery code", name.Name, []string{".pdf"})
	})
	heading, words, left := "Your recovery code",
		"It is shown only now. Should you forget the passphrase, this code opens the profile; without either, what is in it is lost.",
		[]fyne.CanvasObject{page, widget.NewButton("Lock", s.Lock), next}
	if s.Renewed() {
		heading, left = "Your new recovery code", []fyne.CanvasObject{page, next}
		words = "It is shown only now, and the old code opens nothing any more. When it is on paper, unlock the profile with its passphrase."
	}
	c.object = column(title(heading), prose(words), c.trouble.object, widget.NewCard("", "", text), c.said, sure, buttons(left...))
	c.refresh()
	return c
}

// refresh shows what came of saving the page, or of making the code.
func (c *codeScreen) refresh() {
	c.trouble.set(c.session.Trouble())
	c.said.SetText(c.session.Said())
	c.object.Refresh() // lines that wrap know their height only once they are laid out
}
