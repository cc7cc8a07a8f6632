package screens

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// keeping shows the page with what can be done to Amina's locked profile.
func keeping(t *testing.T) *stage {
	t.Helper()
	s := show(t, &home{work: &work{}})
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	s.tap("Amina")
	s.tap("Passphrase, key, erase…")
	return s
}

func (s *stage) tick() {
	s.each(func(o fyne.CanvasObject) {
		if c, ok := o.(*widget.Check); ok && !c.Checked {
			test.Tap(c)
		}
	})
}

func TestChangeThePassphrase(t *testing.T) {
	s := keeping(t)
	s.tap("Change the passphrase")
	for i, words := range []string{"right words", "newer words", "newer words"} {
		if !s.entries()[i].Password {
			t.Error("a passphrase is shown")
		}
		test.Type(s.entries()[i], words)
	}
	fields := s.entries()
	s.tap("Change the passphrase")
	s.until("the word of it", func() bool { return s.says("The passphrase of Amina is changed.") && s.button("Amina") != nil })
	if !slices.Equal(s.home.did, []string{"change to newer words"}) {
		t.Errorf("did %q", s.home.did)
	}
	for _, f := range fields {
		if f.Text != "" {
			t.Error("a passphrase is left in its field")
		}
	}
	s.tap("Amina")
	if s.says("is changed") {
		t.Error("what was done follows to another page")
	}
}

// A new key shows its code; the page can be written where the person says, and
// only then she goes on.
func TestNewKeyAndPage(t *testing.T) {
	s := keeping(t)
	s.tap("New key and recovery code")
	test.Type(s.entries()[0], "right words")
	s.tap("Make a new key")
	s.until("the code", func() bool { return s.says("EEEE-FFFF-GGGG-\nHHHH") })
	t.Setenv("HOME", t.TempDir())
	s.tap("Save a page to print…")
	s.until("the folder", func() bool { b := s.button("Save"); return b != nil && !b.Disabled() })
	s.tap("Save")
	s.until("the page", func() bool { return s.says("The page is written.") })
	s.tick()
	clip := fyne.CurrentApp().Clipboard()
	clip.SetContent("EEEE-FFFF-GGGG-\nHHHH")
	s.tap("I have it on paper")
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	want := []string{"rotate", "page recovery-code.pdf Amina EEEE-FFFF-GGGG-HHHH", "told"}
	if !slices.Equal(s.home.did, want) || s.says("EEEE") || clip.Content() != "" {
		t.Errorf("did %q, the clipboard holds %q", s.home.did, clip.Content())
	}
}

func TestErasingIsMeant(t *testing.T) {
	s := keeping(t)
	s.tap("Erase this profile")
	test.Type(s.entries()[0], "wrong words")
	if !s.button("Erase the profile").Disabled() {
		t.Fatal("it can be erased by a slip")
	}
	s.tick()
	s.tap("Erase the profile")
	s.until("the refusal", func() bool { return s.says("Wrong passphrase.") })
	test.Type(s.entries()[0], "right words")
	s.tap("Erase the profile")
	s.until("the word of it", func() bool { return s.says("is erased") })
	if !slices.Equal(s.home.did, []string{"erase"}) {
		t.Errorf("did %q", s.home.did)
	}
}

func TestTheKeyringIsOffUntilItIsSwitchedOn(t *testing.T) {
	s := keeping(t)
	s.tap("Back")
	const open = "Open with this computer’s keyring"
	if s.button(open) != nil {
		t.Error("it is offered where it is off")
	}
	s.tap("Passphrase, key, erase…")
	s.tap(open + "…")
	if !s.says("without a passphrase") {
		t.Error("nothing warns")
	}
	test.Type(s.entries()[0], "right words")
	s.tap("Switch it on")
	s.until("the word of it", func() bool { return s.says("now opens without its passphrase") })
	s.tap("Amina")
	s.tap(open)
	s.until("the desk", func() bool { return s.view.session.Desk() != nil })
	if !strings.Contains(strings.Join(s.home.did, " "), "keyring") {
		t.Errorf("did %q", s.home.did)
	}
}
