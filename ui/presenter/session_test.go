package presenter

import (
	"context"
	"fmt"
	"image"
	"reflect"
	"strings"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
)

func TestWrongPassphraseStaysLockedAndSaysWhatToDo(t *testing.T) {
	q := newQueue(t)
	s := NewSession(&fakeHome{work: &fakeWork{}}, q, func() {})
	secret := []byte("guess")
	s.Unlock("Amina", secret)
	if s.Stage() != Opening {
		t.Fatalf("stage %v while unlocking", s.Stage())
	}
	q.until("the refusal", func() bool { return s.Stage() == Locked })
	if s.Desk() != nil || s.Trouble() == nil || s.Trouble().Hint != "Type it again." {
		t.Errorf("desk %v, trouble %+v", s.Desk(), s.Trouble())
	}
	if strings.Trim(string(secret), "\x00") != "" {
		t.Error("the passphrase is still in memory")
	}
	s.Dismiss()
	if s.Trouble() != nil {
		t.Error("the trouble can't be put away")
	}
}

func TestTwoPassphrasesMustBeTheSame(t *testing.T) {
	q := newQueue(t)
	s := NewSession(&fakeHome{work: &fakeWork{}, code: "CODE"}, q, func() {})
	a, b := []byte("one thing"), []byte("another")
	s.Create("Bola", a, b)
	if s.Stage() != Locked || s.Trouble() == nil {
		t.Errorf("stage %v, trouble %v", s.Stage(), s.Trouble())
	}
	if strings.Trim(string(a)+string(b), "\x00") != "" {
		t.Error("a passphrase is still in memory")
	}
}

func TestRecoveryCodeIsShownOnce(t *testing.T) {
	q := newQueue(t)
	s := NewSession(&fakeHome{work: &fakeWork{}, code: "CODE-1"}, q, func() {})
	s.Create("Bola", []byte("same words"), []byte("same words"))
	q.until("the code", func() bool { return s.Stage() == Noting })
	if s.Code() != "CODE-1" || s.Desk() != nil {
		t.Fatalf("code %q, desk %v", s.Code(), s.Desk())
	}
	s.Noted()
	if s.Code() != "" || s.Stage() != Open || s.Desk() == nil {
		t.Errorf("after noting: code %q, stage %v", s.Code(), s.Stage())
	}
	s.Noted()
	q.until("rest", func() bool { return s.Desk().Busy() == nil })
}

func TestLockingWhileTheCodeShowsForgetsIt(t *testing.T) {
	q := newQueue(t)
	work := &fakeWork{}
	s := NewSession(&fakeHome{work: work, code: "CODE-1"}, q, func() {})
	s.Create("Bola", []byte("same words"), []byte("same words"))
	q.until("the code", func() bool { return s.Stage() == Noting })
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
	if s.Code() != "" || !work.isClosed() {
		t.Errorf("code %q, closed %v", s.Code(), work.isClosed())
	}
}

func TestOnlyALockedSessionOpens(t *testing.T) {
	s, desk, q := opened(t, &fakeWork{})
	s.Unlock("Amina", []byte("open sesame"))
	s.Try()
	q.drain()
	if s.Desk() != desk || s.Stage() != Open {
		t.Error("a second profile opened over the first")
	}
}

// Law L4: locking cancels what runs and waits for its end; while it waits the
// profiles do not show, and the results are gone already.
func TestLockWaitsForTheRunningAct(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	work := &fakeWork{data: dataTables(t, []string{"rain"}, "boundaries", 1), rank: &Ranking{Rows: []RankRow{{Ward: canary}}}}
	s, desk, q := opened(t, work)
	work.act = func(ctx context.Context, name string, _ action.Action, tell action.Progress) (*action.Result, error) {
		tell("reading "+canary, 1, 2)
		close(started)
		<-ctx.Done() // cancelled…
		<-release    // …but it takes its time
		return &action.Result{Summary: canary}, nil
	}
	desk.Resize(400, 300, 1)
	desk.Select(1)
	desk.Run()
	<-started
	q.until("progress", func() bool { return desk.Busy() != nil && desk.Busy().Step != "" })

	s.Lock()
	if s.Stage() != Locking || s.Desk() != nil || desk.Ranking() != nil || desk.Busy() != nil || desk.User() != "" {
		t.Errorf("while locking: stage %v, ranking %v, busy %v", s.Stage(), desk.Ranking(), desk.Busy())
	}
	q.drain()
	if work.isClosed() || s.Stage() != Locking {
		t.Error("the workspace was closed, or the profiles shown, while an act ran")
	}
	close(release)
	q.until("locked", func() bool { return s.Stage() == Locked })
	if !work.isClosed() {
		t.Error("the profiles show although the workspace is open")
	}
	q.drain()
	work.act, work.rank, work.data = nil, nil, nil // the store is not the presenter's
	if at := find(reflect.ValueOf(s), canary, "session", map[uintptr]bool{}); at != "" {
		t.Errorf("of the user there is still %s", at)
	}
	if at := find(reflect.ValueOf(desk), canary, "desk", map[uintptr]bool{}); at != "" {
		t.Errorf("of the user there is still %s", at)
	}
	if !reflect.ValueOf(desk.papers).IsZero() {
		t.Error("the closed desk still holds papers")
	}
}

// find walks a value and tells where text stands in it. The home, which keeps
// the store, is not walked, nor are contexts, which hold no text and change
// while they are walked.
func find(v reflect.Value, text, path string, seen map[uintptr]bool) string {
	switch v.Kind() {
	case reflect.String:
		if strings.Contains(v.String(), text) {
			return path
		}
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() || v.Type() == reflect.TypeFor[Home]() || v.Type() == reflect.TypeFor[Loop]() || v.Type() == reflect.TypeFor[context.Context]() {
			return ""
		}
		if v.Kind() == reflect.Pointer {
			if seen[v.Pointer()] {
				return ""
			}
			seen[v.Pointer()] = true
		}
		return find(v.Elem(), text, path, seen)
	case reflect.Struct:
		for i := range v.NumField() {
			if at := find(v.Field(i), text, path+"."+v.Type().Field(i).Name, seen); at != "" {
				return at
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if at := find(v.Index(i), text, fmt.Sprintf("%s[%d]", path, i), seen); at != "" {
				return at
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if at := find(v.MapIndex(k), text, fmt.Sprintf("%s[%v]", path, k), seen); at != "" {
				return at
			}
		}
	}
	return ""
}

// The walk above must be able to find something.
func TestTheWalkFindsWhatAnOpenDeskHolds(t *testing.T) {
	work := &fakeWork{data: dataTables(t, []string{"rain"}, "boundaries", 1), rank: &Ranking{Rows: []RankRow{{Ward: canary}}}}
	s, _, _ := opened(t, work)
	if find(reflect.ValueOf(s), canary, "session", map[uintptr]bool{}) == "" {
		t.Error("an open desk holds the user's data, and the walk does not find it")
	}
}

// A picture that is still being drawn is waited for too, and never shown.
func TestLockWaitsForTheMap(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	work := &fakeWork{data: dataTables(t, []string{"rain"}, "boundaries", 1)}
	work.draw = func(ctx context.Context, _ *action.Map) (*image.RGBA, error) {
		close(started)
		<-ctx.Done()
		<-release
		return image.NewRGBA(image.Rect(0, 0, 1, 1)), nil
	}
	s, desk, q := opened(t, work)
	desk.Resize(400, 300, 1)
	<-started
	s.Lock()
	q.drain()
	if work.isClosed() {
		t.Error("closed under the pen")
	}
	close(release)
	q.until("locked", func() bool { return s.Stage() == Locked })
	if img, _ := desk.Picture(); img != nil {
		t.Error("the picture came to light after locking")
	}
}

func TestALockedDeskDoesNothing(t *testing.T) {
	work := &fakeWork{}
	s, desk, q := opened(t, work)
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
	desk.Select(1)
	desk.Run()
	desk.RunAll()
	desk.Import([]string{"x.csv"})
	desk.Save(Saving{Words: "x", Name: "x.csv", make: func(string) action.Action { return &action.Export{} }}, "x")
	desk.Answer("nets", "1")
	desk.Show("rank")
	desk.Resize(100, 100, 1)
	desk.SetFolder("/somewhere")
	desk.Cancel()
	q.drain()
	if work.done() != "" || !reflect.ValueOf(desk.papers).IsZero() || desk.Fields() != nil {
		t.Errorf("it did %q and holds %+v", work.done(), desk.papers)
	}
}

func TestQuitLocksFirst(t *testing.T) {
	for name, prepare := range map[string]func(*Session, *queue){
		"locked":  func(*Session, *queue) {},
		"opening": func(s *Session, _ *queue) { s.Unlock("Amina", []byte("open sesame")) },
		"open": func(s *Session, q *queue) {
			s.Unlock("Amina", []byte("open sesame"))
			q.until("open", func() bool { return s.Desk() != nil })
		},
		"locking": func(s *Session, q *queue) {
			s.Unlock("Amina", []byte("open sesame"))
			q.until("open", func() bool { return s.Desk() != nil })
			s.Lock()
		},
	} {
		t.Run(name, func(t *testing.T) {
			work, q, left := &fakeWork{}, newQueue(t), 0
			s := NewSession(&fakeHome{work: work}, q, func() {})
			prepare(s, q)
			s.Quit(func() { left++ })
			s.Quit(func() { left += 100 })
			q.until("leaving", func() bool { return left > 0 })
			q.drain()
			if left != 1 || s.Desk() != nil || (name != "locked" && !work.isClosed()) {
				t.Errorf("left %d times, desk %v, closed %v", left, s.Desk(), work.isClosed())
			}
		})
	}
}

func TestProfilesThatCantBeReadAreATrouble(t *testing.T) {
	q := newQueue(t)
	s := NewSession(&brokenHome{}, q, func() {})
	s.Start()
	q.until("the list", func() bool { _, ready := s.Profiles(); return ready })
	if s.Trouble() == nil || s.Trouble().Hint == "" {
		t.Errorf("trouble %+v", s.Trouble())
	}
}

type brokenHome struct{ fakeHome }

func (*brokenHome) Profiles() ([]Profile, error) {
	return nil, problem.New(problem.Store, "profiles", "", "the folder can't be read", "Check the drive")
}

func TestWrongTriesAreToldUntilPutAway(t *testing.T) {
	for n, want := range map[int]string{
		1: "1 wrong passphrase was tried since you last opened this profile, the last on 27 March 2026 at 14:05.",
		3: "3 wrong passphrases were tried since you last opened this profile, the last on 27 March 2026 at 14:05.",
	} {
		_, desk, q := opened(t, &fakeWork{wrong: n})
		desk.Select(1)
		desk.Run()
		rest(q, desk)
		if desk.Notice() == nil || desk.Notice().Sentence != want {
			t.Fatalf("notice %+v", desk.Notice())
		}
		desk.DismissNotice()
		if desk.Notice() != nil {
			t.Error("it can't be put away")
		}
	}
	if _, desk, _ := opened(t, &fakeWork{}); desk.Notice() != nil {
		t.Errorf("nothing happened, and it says %+v", desk.Notice())
	}
}
