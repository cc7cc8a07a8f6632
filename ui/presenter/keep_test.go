package presenter

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
)

// Each change to a locked profile is handed over with its secret, which is then
// gone from memory; it ends locked and says what was done, or why not.
func TestChangesOfALockedProfile(t *testing.T) {
	for want, act := range map[string]func(s *Session, secret []byte){
		"change to new words Amina": func(s *Session, x []byte) { s.ChangePassphrase("Amina", x, []byte("new words"), []byte("new words")) },
		"erase Amina":               func(s *Session, x []byte) { s.Erase("Amina", x) },
		"keyring true Amina":        func(s *Session, x []byte) { s.SetKeyring("Amina", x, true) },
		"keyring false Amina":       func(s *Session, x []byte) { s.SetKeyring("Amina", x, false) },
	} {
		for _, right := range []bool{true, false} {
			q, home := newQueue(t), &fakeHome{work: &fakeWork{}}
			s := NewSession(home, q, func() {})
			secret := []byte("open sesame")
			if !right {
				secret = []byte("guess")
			}
			act(s, secret)
			q.until("the end", func() bool { return s.Stage() == Locked })
			if right && (!slices.Equal(home.did, []string{want}) || s.Said() == "" || s.Trouble() != nil) {
				t.Errorf("%s: did %q, said %q, trouble %+v", want, home.did, s.Said(), s.Trouble())
			}
			if !right && (len(home.did) > 0 || s.Said() != "" || s.Trouble() == nil) {
				t.Errorf("%s, refused: did %q, said %q", want, home.did, s.Said())
			}
			if strings.Trim(string(secret), "\x00") != "" {
				t.Errorf("%s: the secret is still in memory", want)
			}
			s.Dismiss()
			if s.Said() != "" || s.Trouble() != nil {
				t.Error("what was put away shows")
			}
		}
	}
}

// A new key shows its code once, the page can be written, and that the person
// has it is noted before the profile can be opened again.
func TestRotateShowsItsCode(t *testing.T) {
	q, home := newQueue(t), &fakeHome{work: &fakeWork{}, code: "NEW-CODE"}
	s := NewSession(home, q, func() {})
	s.Rotate("Amina", []byte("open sesame"))
	q.until("the code", func() bool { return s.Stage() == Noting })
	home.page = problem.New(problem.BadInput, "page", "", "the file can't be written", "Choose another folder")
	s.SaveCode("x.pdf")
	q.until("the refusal", func() bool { return s.Trouble() != nil })
	home.page = nil
	s.SaveCode("y.pdf")
	q.until("the page", func() bool { return s.Said() != "" && s.Trouble() == nil })
	s.Noted()
	s.Unlock("Amina", []byte("open sesame")) // too early
	q.until("locked", func() bool { return s.Stage() == Locked })
	want := []string{"rotate Amina", "page x.pdf Amina NEW-CODE", "page y.pdf Amina NEW-CODE", "told Amina"}
	if !slices.Equal(home.did, want) || s.Code() != "" || s.Desk() != nil {
		t.Errorf("did %q, code %q", home.did, s.Code())
	}
}

// A code that was perhaps never shown is told of at the desk, after the wrong
// passphrases; one that was just written down is not.
func TestTheDeskTellsOfAnUntoldCode(t *testing.T) {
	s, d, q := opened(t, &fakeWork{untold: true, wrong: 2})
	if n := d.Notice(); n == nil || n.Heading != "Wrong passphrases" {
		t.Fatalf("%+v", n)
	}
	d.DismissNotice()
	if n := d.Notice(); n == nil || n.Heading != "Recovery code" || n.Hint == "" {
		t.Fatalf("%+v", n)
	}
	d.DismissNotice()
	d.DismissNotice()
	if d.Notice() != nil {
		t.Error("a notice that was put away shows")
	}
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
	work := &fakeWork{untold: true}
	s = NewSession(&fakeHome{work: work, code: "CODE"}, q, func() {})
	s.Create("Amina", []byte("some words"), []byte("some words"))
	q.until("the code", func() bool { return s.Stage() == Noting })
	s.Noted()
	q.until("rest", func() bool { return s.Desk().Busy() == nil })
	if s.Desk().Notice() != nil {
		t.Errorf("%+v", s.Desk().Notice())
	}
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
	if work.CodeUntold() {
		t.Error("nobody noted that the code was told")
	}
}

// What concerns the whole project is told at the opening, once, in the words of
// the window.
func TestTheDeskRemindsOnce(t *testing.T) {
	_, d, q := opened(t, &fakeWork{remind: []workspace.Reminder{{What: "the data of project x was to be kept until 1 May 2026", Do: "erase it with `mrpt erase`"}}})
	n := d.Notice()
	if n == nil || n.Sentence != "The data of project x was to be kept until 1 May 2026." || n.Hint != "Erase it with the step “Profile”." {
		t.Fatalf("%+v", n)
	}
	d.DismissNotice()
	d.start("Looking again")
	q.until("rest", func() bool { return d.Busy() == nil })
	if d.Notice() != nil {
		t.Errorf("%+v", d.Notice())
	}
}

// memoryKeyring is a keyring for tests.
type memoryKeyring map[string][]byte

func (k memoryKeyring) Get(name string) ([]byte, error) {
	if k[name] == nil {
		return nil, vault.ErrNoEntry
	}
	return k[name], nil
}

func (k memoryKeyring) Set(name string, secret []byte) error { k[name] = secret; return nil }
func (k memoryKeyring) Delete(name string) error             { delete(k, name); return nil }

// The whole life of a real profile in the window: changed, keyring on, rotated
// (which closes that way), page written, erased.
func TestARealProfileIsKept(t *testing.T) {
	home, q := local(t), newQueue(t)
	home.Vault.Keyring = memoryKeyring{}
	const old, renewed = "lanterns over wet fields", "seven brass kettles drifting"
	w, _, err := home.Create(t.Context(), "Amina", []byte(old))
	if err != nil || w.CodeTold() != nil || w.Close() != nil {
		t.Fatal(err)
	}
	s := NewSession(home, q, func() {})
	done := func(what string) {
		t.Helper()
		q.until(what, func() bool { return s.Stage() == Locked || s.Stage() == Noting })
		if s.Trouble() != nil {
			t.Fatalf("%s: %+v", what, s.Trouble())
		}
	}
	s.ChangePassphrase("Amina", []byte(old), []byte(renewed), []byte(renewed))
	done("changed")
	s.SetKeyring("Amina", []byte(renewed), true)
	done("keyring on")
	if !s.Profile("Amina").Keyring || s.Profile("Nobody").Keyring {
		t.Errorf("profiles %+v", s.profiles)
	}
	s.UnlockByKeyring("Amina")
	q.until("open", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
	s.Lock()
	done("locked")
	s.Rotate("Amina", []byte(renewed))
	done("rotated")
	page := filepath.Join(t.TempDir(), "code.pdf")
	s.SaveCode(page)
	q.until("the page", func() bool { return s.Said() != "" })
	if info, err := os.Stat(page); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the page: %v (%v)", info, err)
	}
	s.Noted()
	done("noted")
	s.UnlockByKeyring("Amina")
	q.until("the refusal", func() bool { return s.Stage() == Locked })
	if s.Trouble() == nil {
		t.Error("the keyring opens it after a rotation")
	}
	s.Unlock("Amina", []byte(renewed))
	q.until("open", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
	if s.Desk().Notice() != nil {
		t.Errorf("%+v", s.Desk().Notice())
	}
	s.Lock()
	done("locked")
	s.Erase("Amina", []byte(renewed))
	done("erased")
	if list, _ := s.Profiles(); len(list) != 0 || s.Said() == "" {
		t.Errorf("%+v, said %q", list, s.Said())
	}
}
