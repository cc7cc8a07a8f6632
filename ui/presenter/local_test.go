package presenter

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/vault/vaulttest"
)

func local(t *testing.T) Local {
	t.Helper()
	return Local{
		Folder: t.TempDir(), Temp: t.TempDir(), Version: "test", Vault: vaulttest.Cheap(t),
		Now: func() time.Time { return time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC) },
	}
}

// The whole life of a real profile: made, its code noted, locked, refused,
// opened again.
func TestARealProfile(t *testing.T) {
	home, q := local(t), newQueue(t)
	s := NewSession(home, q, func() {})
	s.Start()
	s.Create("Amina", []byte("lanterns over wet fields"), []byte("lanterns over wet fields"))
	q.until("the code", func() bool { return s.Stage() == Noting })
	code := s.Code()
	s.Noted()
	q.until("rest", func() bool { return s.Desk().Busy() == nil })
	if s.Desk().User() != "Amina" || s.Desk().MadeUp() || s.Desk().Trouble() != nil {
		t.Errorf("user %q, trouble %+v", s.Desk().User(), s.Desk().Trouble())
	}
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
	if list, _ := s.Profiles(); len(list) != 1 || list[0].Name != "Amina" || !list[0].CanOpen() {
		t.Errorf("profiles %+v", list)
	}
	s.Unlock("Amina", []byte("not this one"))
	q.until("the refusal", func() bool { return s.Stage() == Locked })
	if p := s.Trouble(); p == nil || p.Heading != codeWords(problem.Locked) {
		t.Errorf("trouble %+v", p)
	}
	for _, secret := range []string{"lanterns over wet fields", code} {
		s.Unlock("Amina", []byte(secret))
		q.until("open", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
		s.Lock()
		q.until("locked", func() bool { return s.Stage() == Locked })
	}
}

// The main job on the made-up state, in a throw-away profile that is gone
// afterwards.
func TestTheMadeUpStateFromDataToNets(t *testing.T) {
	home, q := local(t), newQueue(t)
	s := NewSession(home, q, func() {})
	s.Try()
	q.until("the state", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
	desk := s.Desk()
	desk.Resize(900, 600, 1)
	if desk.Trouble() != nil || len(desk.Loaded()) < 3 || desk.Steps()[0].State != Done || !desk.MadeUp() {
		t.Fatalf("trouble %+v, loaded %v", desk.Trouble(), desk.Loaded())
	}
	desk.RunAll()
	rest(q, desk)
	if desk.Trouble() != nil {
		t.Fatalf("trouble %+v", desk.Trouble())
	}
	for i, step := range desk.Steps() {
		if i < steady && step.State != Done {
			t.Errorf("%s is %s", step.Title, step.State.Words())
		}
	}
	r := desk.Ranking()
	if r == nil || len(r.Rows) < 200 || !strings.HasPrefix(r.Rows[0].Rank, "1") || !r.Nets || r.Rows[0].Nets == dash {
		t.Fatalf("ranking %+v", r)
	}
	if img, words := desk.Picture(); img == nil || desk.Shown() != "category" || img.Bounds().Dx() < 880 || img.Bounds().Dx() > 900 {
		t.Errorf("map of %s: %v %q", desk.Shown(), img, words)
	}
	desk.Select(3)
	if f := field(t, desk.Fields(), "vars"); !slices.Contains(f.Known, "rainfall") {
		t.Errorf("variables %v", f.Known)
	}
	ranksAnew(t, q, desk)
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
	if left, err := os.ReadDir(home.Temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// ranksAnew: nets of an older ranking must not stand beside new ranks.
func ranksAnew(t *testing.T, q *queue, desk *Desk) {
	t.Helper()
	desk.Answer("vars", "positivity,rainfall")
	desk.Answer("invert", "")
	desk.Run()
	rest(q, desk)
	if desk.Trouble() != nil || desk.Steps()[4].State != Stale || desk.Ranking().Nets || desk.Ranking().Rows[0].Nets != dash {
		t.Errorf("trouble %+v, nets are %s, %+v", desk.Trouble(), desk.Steps()[4].State.Words(), desk.Ranking().Rows[0])
	}
}

// Locking stops a real act in a real workspace.
func TestLockStopsARealAct(t *testing.T) {
	home, q := local(t), newQueue(t)
	s := NewSession(home, q, func() {})
	s.Try() // loads the state
	q.until("loading", func() bool { return s.Desk() != nil && s.Desk().Busy() != nil })
	desk := s.Desk()
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
	if s.Trouble() != nil || desk.Loaded() != nil {
		t.Errorf("trouble %+v, loaded %v", s.Trouble(), desk.Loaded())
	}
	if left, err := os.ReadDir(home.Temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// What failed to open leaves nothing: no folder and no lock.
func TestTryLeavesNothingWhenItFails(t *testing.T) {
	home := local(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := home.Try(ctx); !problem.Is(err, problem.Interrupted) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(home.Temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	home.Temp = filepath.Join(home.Temp, "missing")
	if _, err := home.Try(t.Context()); !problem.Is(err, problem.Store) {
		t.Errorf("got %v", err)
	}
}

func TestADamagedProfileIsListedAndCantBeOpened(t *testing.T) {
	home := local(t)
	if err := os.MkdirAll(filepath.Join(home.Folder, "users", "stray"), 0o700); err != nil {
		t.Fatal(err)
	}
	list, err := home.Profiles()
	if err != nil || len(list) != 1 || list[0].CanOpen() || list[0].Name != "stray" || list[0].Damaged.Hint == "" {
		t.Errorf("%+v %v", list, err)
	}
}

func TestAMapWithoutRoomIsAProblem(t *testing.T) {
	w, err := local(t).Try(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	m := action.NewMap()
	m.Width = 1
	if _, err := w.Draw(t.Context(), m, 1); !problem.Is(err, problem.Usage) {
		t.Errorf("got %v", err)
	}
}

// Real wrong passphrases: too many in a row make the next wait, and the right
// one tells of them.
func TestRealWrongTries(t *testing.T) {
	home, q := local(t), newQueue(t)
	now := home.Now()
	home.Vault.Now = func() time.Time { return now }
	w, _, err := home.Create(t.Context(), "Amina", []byte("lanterns over wet fields"))
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	s := NewSession(home, q, func() {})
	try := func(secret string) {
		s.Unlock("Amina", []byte(secret))
		q.until("an answer", func() bool { return s.Stage() == Locked || s.Desk() != nil && s.Desk().Busy() == nil })
	}
	for range 5 {
		now = now.Add(time.Minute)
		try("not this one")
	}
	try("lanterns over wet fields")
	if p := s.Trouble(); p == nil || p.Sentence != "After 5 wrong passphrases, wait 4 seconds before the next try." || p.Hint == "" {
		t.Fatalf("trouble %+v", s.Trouble())
	}
	now = now.Add(4 * time.Second)
	try("lanterns over wet fields")
	if d := s.Desk(); d == nil || d.Notice() == nil || !strings.Contains(d.Notice().Sentence, "5 wrong passphrases were tried since you last opened this profile, the last on 27 March 2026 at 12:05.") {
		t.Fatalf("trouble %+v", s.Trouble())
	}
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
}
