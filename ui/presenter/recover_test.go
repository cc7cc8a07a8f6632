package presenter

import (
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func TestRecoverShowsTheNewCodeOnceAndStaysLocked(t *testing.T) {
	q := newQueue(t)
	s := NewSession(&fakeHome{work: &fakeWork{}, code: "NEW-CODE"}, q, func() {})
	secrets := [][]byte{[]byte("OLD-CODE"), []byte("new words"), []byte("new words")}
	s.Recover("Amina", secrets[0], secrets[1], secrets[2])
	q.until("the code", func() bool { return s.Stage() == Noting })
	if s.Code() != "NEW-CODE" || !s.Renewed() || s.Desk() != nil || s.Trouble() != nil {
		t.Fatalf("code %q, renewed %v, trouble %+v", s.Code(), s.Renewed(), s.Trouble())
	}
	s.Lock() // its key is near at hand, and there is nothing to lock
	if s.Code() == "" {
		t.Fatal("the code was swallowed")
	}
	s.Noted()
	q.until("the note of it", func() bool { return s.Stage() != Locking })
	if s.Stage() != Locked || s.Code() != "" || s.Desk() != nil {
		t.Errorf("stage %v, code %q", s.Stage(), s.Code())
	}
	if strings.Trim(string(slices.Concat(secrets...)), "\x00") != "" {
		t.Error("a secret is still in memory")
	}
}

func TestRecoverRefused(t *testing.T) {
	for name, c := range map[string]struct{ code, first, second, hint string }{
		"code":       {"NO-CODE", "new words", "new words", "Type it again."},
		"repetition": {"OLD-CODE", "new words", "old words", "Type the same passphrase twice."},
	} {
		q := newQueue(t)
		s := NewSession(&fakeHome{work: &fakeWork{}, code: "NEW-CODE"}, q, func() {})
		secrets := [][]byte{[]byte(c.code), []byte(c.first), []byte(c.second)}
		s.Recover("Amina", secrets[0], secrets[1], secrets[2])
		q.until("the refusal", func() bool { return s.Stage() == Locked && s.Trouble() != nil })
		if s.Trouble().Hint != c.hint || s.Code() != "" {
			t.Errorf("%s: trouble %+v, code %q", name, s.Trouble(), s.Code())
		}
		if strings.Trim(string(slices.Concat(secrets...)), "\x00") != "" {
			t.Errorf("%s: a secret is still in memory", name)
		}
	}
}

// The old code opens nothing any more, so the new one is shown whatever else
// went wrong, and even when the window was to be closed meanwhile.
func TestTheNewCodeIsNeverSwallowed(t *testing.T) {
	q, left := newQueue(t), 0
	half := problem.New(problem.Store, "recover", "", "the disk could not promise to keep it", "Keep both codes")
	s := NewSession(&fakeHome{work: &fakeWork{}, code: "NEW-CODE", half: half}, q, func() {})
	s.Recover("Amina", []byte("OLD-CODE"), []byte("new words"), []byte("new words"))
	s.Quit(func() { left++ })
	q.until("the code", func() bool { return s.Stage() == Noting })
	if s.Code() != "NEW-CODE" || left != 0 || s.Trouble() == nil || s.Trouble().Hint != "Keep both codes." {
		t.Fatalf("code %q, left %d times, trouble %+v", s.Code(), left, s.Trouble())
	}
	s.Quit(func() { left++ })
	if left != 1 || s.Code() != "" {
		t.Errorf("left %d times, code %q", left, s.Code())
	}
}

// A real profile: the new passphrase and the new code open it, the old do not.
func TestARealRecovery(t *testing.T) {
	home, q := local(t), newQueue(t)
	const old, renewed = "lanterns over wet fields", "seven brass kettles drifting"
	w, code, err := home.Create(t.Context(), "Amina", []byte(old))
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	s := NewSession(home, q, func() {})
	s.Recover("Amina", []byte(strings.ToLower(code)), []byte(renewed), []byte(renewed))
	q.until("the code", func() bool { return s.Stage() == Noting })
	next := s.Code()
	s.Noted()
	q.until("locked", func() bool { return s.Stage() == Locked })
	for _, c := range []struct {
		secret string
		opens  bool
	}{{old, false}, {code, false}, {renewed, true}, {next, true}} {
		s.Unlock("Amina", []byte(c.secret))
		q.until("an answer", func() bool { return s.Stage() == Locked || s.Desk() != nil && s.Desk().Busy() == nil })
		if (s.Desk() != nil) != c.opens {
			t.Errorf("a secret opens: %v, not %v; trouble %+v", !c.opens, c.opens, s.Trouble())
		}
		s.Lock()
		q.until("locked", func() bool { return s.Stage() == Locked })
	}
	if _, err := home.Recover(t.Context(), "Nobody", []byte(next), []byte(renewed)); !problem.Is(err, problem.NotFound) {
		t.Errorf("got %v", err)
	}
}
