package presenter

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"image"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// queue is a Loop whose posts run when the test turns it, on the test's own
// goroutine, as Fyne runs them on the window's.
type queue struct {
	t     *testing.T
	posts chan func()
}

func newQueue(t *testing.T) *queue { return &queue{t: t, posts: make(chan func(), 4096)} }

func (q *queue) Go(work func()) { go work() }
func (q *queue) Post(f func())  { q.posts <- f }

// until turns the loop until cond holds. The watchdog only ends a test that
// hangs; no test depends on how long anything takes.
func (q *queue) until(what string, cond func() bool) {
	q.t.Helper()
	watchdog := time.After(60 * time.Second)
	for !cond() {
		select {
		case f := <-q.posts:
			f()
		case <-watchdog:
			q.t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// drain runs what is posted already.
func (q *queue) drain() {
	for {
		select {
		case f := <-q.posts:
			f()
		default:
			return
		}
	}
}

// canary is a text that must be nowhere once the profile is locked.
const canary = "CANARY-ward-7f3a"

// fakeWork is a workspace whose acts do what the test says.
type fakeWork struct {
	mu     sync.Mutex
	calls  []string
	closed bool
	act    func(ctx context.Context, name string, a action.Action, tell action.Progress) (*action.Result, error)
	draw   func(ctx context.Context, m *action.Map) (*image.RGBA, error)
	rank   *Ranking
	data   []*table.Table
	wrong  int
	untold bool
	remind []workspace.Reminder
	due    time.Time // by the schedule
}

func (w *fakeWork) User() string { return canary }

func (w *fakeWork) WrongTries() (int, time.Time) {
	return w.wrong, time.Date(2026, 3, 27, 14, 5, 0, 0, time.UTC)
}

func (w *fakeWork) CodeUntold() bool { return w.untold }

func (w *fakeWork) CodeTold() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.untold = false
	return nil
}

func (w *fakeWork) Do(ctx context.Context, name string, a action.Action, tell action.Progress) (*action.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, problem.From(err, name)
	}
	if name == "data" {
		return &action.Result{Tables: w.data, Reminders: w.remind}, nil
	}
	w.mu.Lock()
	w.calls = append(w.calls, name)
	w.mu.Unlock()
	if tell == nil {
		tell = func(string, int, int) {}
	}
	if w.act != nil {
		return w.act(ctx, name, a, tell)
	}
	return &action.Result{Act: name, Summary: name + " of " + canary, Notices: []string{"a note on " + canary}}, nil
}

func (w *fakeWork) Ranking(context.Context) (*Ranking, error) { return w.rank, nil }

func (w *fakeWork) NextSending(context.Context) (time.Time, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.due, nil
}

func (w *fakeWork) Draw(ctx context.Context, m *action.Map, _ float64) (*image.RGBA, error) {
	if w.draw != nil {
		return w.draw(ctx, m)
	}
	return image.NewRGBA(image.Rect(0, 0, m.Width, m.Height)), nil
}

func (w *fakeWork) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	return nil
}

func (w *fakeWork) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

func (w *fakeWork) done() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.calls, " ")
}

// fakeHome opens one workspace for whoever knows the word.
type fakeHome struct {
	work *fakeWork
	code string
	half error // comes with the code of a Recover or Rotate
	page error // of a SavePage
	did  []string
}

func (h *fakeHome) Profiles() ([]Profile, error) { return []Profile{{Name: "Amina"}}, nil }

func (h *fakeHome) Unlock(_ context.Context, name string, secret []byte) (Workspace, error) {
	if string(secret) != "open sesame" {
		return nil, problem.New(problem.Locked, "unlock", name, "the passphrase is not right", "Type it again")
	}
	return h.work, nil
}

func (h *fakeHome) Create(context.Context, string, []byte) (Workspace, string, error) {
	return h.work, h.code, nil
}

func (h *fakeHome) Recover(_ context.Context, name string, code, _ []byte) (string, error) {
	if string(code) != "OLD-CODE" {
		return "", problem.New(problem.Locked, "recover", name, "the recovery code is not right", "Type it again")
	}
	return h.code, h.half
}

func (h *fakeHome) Try(context.Context) (Workspace, error) { return h.work, nil }

// said notes what was asked of a fakeHome, and fails where the secret is not
// the one.
func (h *fakeHome) kept(what, name string, secret []byte) error {
	if string(secret) != "open sesame" {
		return problem.New(problem.Locked, what, name, "wrong passphrase", "Try again")
	}
	h.did = append(h.did, what+" "+name)
	return nil
}

func (h *fakeHome) Change(_ context.Context, name string, secret, fresh []byte) error {
	return h.kept("change to "+string(fresh), name, secret)
}

func (h *fakeHome) Rotate(_ context.Context, name string, secret []byte) (string, error) {
	if err := h.kept("rotate", name, secret); err != nil {
		return "", err
	}
	return h.code, h.half
}

func (h *fakeHome) Erase(_ context.Context, name string, secret []byte) error {
	return h.kept("erase", name, secret)
}

func (h *fakeHome) SetKeyring(_ context.Context, name string, secret []byte, on bool) error {
	return h.kept(fmt.Sprint("keyring ", on), name, secret)
}

func (h *fakeHome) UnlockByKeyring(context.Context, string) (Workspace, error) { return h.work, nil }

func (h *fakeHome) CodeTold(_ context.Context, name string) error {
	h.did = append(h.did, "told "+name)
	return nil
}

func (h *fakeHome) SavePage(path, name, code string) error {
	h.did = append(h.did, "page "+path+" "+name+" "+code)
	return h.page
}

// opened gives a session with an open desk on work, nothing running.
func opened(t *testing.T, work *fakeWork) (*Session, *Desk, *queue) {
	t.Helper()
	q := newQueue(t)
	s := NewSession(&fakeHome{work: work}, q, func() {})
	s.Start()
	s.Unlock("Amina", []byte("open sesame"))
	q.until("an open desk at rest", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
	return s, s.Desk(), q
}

// dataTables is what the data act tells of a project: kind and run in turn.
func dataTables(t *testing.T, variables []string, kindsAndRuns ...any) []*table.Table {
	t.Helper()
	kind, name, run, rows := table.NewText("kind"), table.NewText("name"), table.NewNumber("run"), table.NewNumber("rows")
	for i := 0; i < len(kindsAndRuns); i += 2 {
		kind.AppendText(kindsAndRuns[i].(string))
		name.AppendText(fmt.Sprint(kindsAndRuns[i], " of ", canary))
		run.AppendNumber(float64(kindsAndRuns[i+1].(int)))
		rows.AppendNumber(1234)
	}
	data, err := table.New("data", kind, name, rows, run)
	if err != nil {
		t.Fatal(err)
	}
	vars, err := table.New("variables", table.TextOf("variable", variables...))
	if err != nil {
		t.Fatal(err)
	}
	return []*table.Table{data, vars}
}

// The presenter is plain Go: it can be tested without a display because it
// knows none.
func TestPresenterKnowsNoFyne(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			if strings.Contains(imp.Path.Value, "fyne") {
				t.Errorf("%s imports %s", name, imp.Path.Value)
			}
		}
	}
}
