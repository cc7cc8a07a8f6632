package bleed

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/ui/presenter"
)

// settled is a home in which each person has done the whole work.
func settled(t testing.TB, people ...*person) (home string) {
	t.Helper()
	home = t.TempDir()
	for _, p := range people {
		w := p.create(t, home, "default")
		p.mustWork(t, w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// fill answers the forms of every step as p would.
func fill(d *presenter.Desk, p *person) {
	for i, answers := range []map[string]string{
		2: {"level": "all", "age": "u5", "test": "rdt", "period": "all"},
		3: {"vars": "positivity,rainfall," + p.canary + "colu", "impute": p.impute},
		4: {"nets": "7000", "strategy": p.strategy},
	} {
		d.Select(i)
		for field, value := range answers {
			d.Answer(field, value)
		}
	}
}

// toil starts something long, or several things, at the open desk.
func toil(s *seat, p *person, chance *rand.Rand, out string) {
	d := s.s.Desk()
	fill(d, p)
	d.SetFolder(filepath.Dir(p.files[0]))
	if chance.IntN(2) == 0 {
		d.Resize(300+chance.IntN(200), 300, 1)
	}
	switch chance.IntN(4) {
	case 0:
		d.Import(p.files)
	case 1:
		list := d.Savings()
		d.Save(list[chance.IntN(len(list))], filepath.Join(out, p.canary+"saved"))
	default:
		d.RunAll()
	}
}

// check looks for other's canary in what the session shows, and for acts of
// one user while another's profile opens.
func (l *ledger) check(s *seat, other *person, when string) {
	l.Helper()
	if other.holds(s.visible()) {
		l.bled("%s's canary shows %s", other.name, when)
	}
	for _, bad := range s.busy.found() {
		l.bled("%s: %s", when, bad)
	}
}

// nobody makes sure that the locked screen and all that is held behind it is
// free of everybody's canary.
func (l *ledger) nobody(s *seat, people ...*person) {
	l.Helper()
	if n := s.busy.total(); n > 0 {
		l.bled("%d acts still run behind the lock screen", n)
	}
	for _, p := range people {
		if p.holds(s.visible()) || p.holds(s.held()) {
			l.bled("%s's canary is held behind the lock screen", p.name)
		}
	}
}

// waitForIdleDesk waits for the first look at the project to end.
func waitForIdleDesk(l *ledger, s *seat, p *person) {
	l.Helper()
	s.idle()
	if !p.holds(s.visible()) || !p.holds(s.held()) {
		l.Fatalf("%s's own canary is not seen at the own desk: the search is blind", p.name)
	}
}

// T3, causes 2 and 3: A locks while a long job of his runs, and B sits down at
// once. The job has ended before B's profile opens, and B sees nothing of it:
// no result, trouble, progress or map.
func TestBleed_T03_LockWhileAJobRuns(t *testing.T) {
	l := open(t, "2 3", "lock A amid a long job, unlock B at once")
	a, b := amina(t), bola(t)
	home := settled(t, a, b)
	for range trials(t, 5) {
		l.closeWaits(a, home)
	}
	s := newSeat(t, home, vaulttest.Cheap(t))
	chance := rand.New(rand.NewPCG(3, 2026))
	out := t.TempDir()
	// Whether the lock falls amid a job is for the machine to say: go on until
	// it has often enough.
	amid, enough := 0, trials(t, 10)
	for n := 0; amid < enough && n < 20*enough; n++ {
		l.trial()
		s.unlock(a.name)
		waitForIdleDesk(l, s, a)
		toil(s, a, chance, out)
		for range chance.IntN(12) {
			if s.s.Desk().Busy() != nil {
				s.turn()
			}
		}
		if s.busy.total() > 0 || s.s.Desk().Busy() != nil {
			amid++
		}
		s.s.Lock()
		s.s.Unlock(b.name, []byte(passphrase)) // too early: nothing may open yet
		s.until(func() bool { l.check(s, a, "while A's desk closes"); return s.s.Stage() == presenter.Locked })
		l.nobody(s, a, b)
		s.unlock(b.name)
		l.check(s, a, "as B sits down")
		s.until(func() bool { l.check(s, a, "at B's desk"); return s.s.Desk().Busy() == nil })
		waitForIdleDesk(l, s, b)
		if a.holds(s.held()) {
			l.bled("A's canary is held behind B's desk")
		}
		s.lock()
	}
	if amid < enough {
		t.Errorf("a job ran in only %d trials, not in %d", amid, enough)
	}
}

// long is an act that is slow to notice that it was stopped.
type long struct {
	began chan struct{}
	ended atomic.Bool
}

// Check implements action.Action.
func (a *long) Check() error { return nil }

// Run implements action.Action.
func (a *long) Run(ctx context.Context, w *workspace.Workspace, _ action.Progress) (*action.Result, error) {
	close(a.began)
	<-ctx.Done()
	for range 300_000 { // longer than a store takes to close
		runtime.Gosched()
	}
	a.ended.Store(true)
	return nil, ctx.Err()
}

// closeWaits closes a's workspace below the window, where only the workspace
// itself waits for its jobs.
func (l *ledger) closeWaits(a *person, home string) {
	l.Helper()
	l.trial()
	w := a.reopen(l, home, "default")
	job := &long{began: make(chan struct{})}
	go action.Do(context.Background(), w, "long", job, nil)
	<-job.began
	if err := w.Close(); err != nil {
		l.Error(err)
	}
	if !job.ended.Load() {
		l.bled("the workspace closed while a job of it ran")
	}
}

// T15, causes 1 to 4: users change a hundred times at random moments, with jobs
// running, half done, just begun or just over.
func TestBleed_T15_HundredSwitches(t *testing.T) {
	l := open(t, "1 2 3 4", "switch users at random moments, jobs running")
	people := []*person{amina(t), bola(t)}
	s := newSeat(t, settled(t, people...), vaulttest.Cheap(t))
	chance := rand.New(rand.NewPCG(15, 2026))
	out := t.TempDir()
	for range trials(t, 100) {
		l.trial()
		i := chance.IntN(2)
		p, other := people[i], people[1-i]
		s.unlock(p.name)
		for range chance.IntN(4) {
			s.turnIfBusy()
			l.check(s, other, "before "+p.name+" did anything")
		}
		if chance.IntN(3) == 0 {
			waitForIdleDesk(l, s, p)
		}
		toil(s, p, chance, out)
		for range chance.IntN(25) {
			s.turnIfBusy()
			l.check(s, other, "at the desk of "+p.name)
		}
		s.s.Lock()
		if chance.IntN(2) == 0 {
			s.s.Unlock(other.name, []byte(passphrase))
		}
		s.until(func() bool { return s.s.Stage() == presenter.Locked })
		l.nobody(s, people...)
	}
	own(l, out, people)
}

// turnIfBusy takes a turn when there is one or one will come.
func (s *seat) turnIfBusy() {
	s.t.Helper()
	if len(s.queue) > 0 || s.s.Desk().Busy() != nil {
		s.turn()
	}
}

// own looks into every saved file: none may hold two canaries.
func own(l *ledger, out string, people []*person) {
	l.Helper()
	for path, data := range tree(l, out) {
		for i, p := range people {
			if strings.Contains(path, p.canary) && people[1-i].in(data) {
				l.bled("%s's canary in a file of %s", people[1-i].name, p.name)
			}
		}
	}
}

// T17, cause 1: what a new user finds is what the first user of a new computer
// finds, whoever sat there before: no project data, no folder, no answers.
func TestBleed_T17_DefaultsAreEmptyForANewUser(t *testing.T) {
	l := open(t, "1", "a new user's desk after another's equals that of an empty computer")
	a := amina(t)
	chance := rand.New(rand.NewPCG(17, 2026))
	fresh := newSeat(t, filepath.Join(t.TempDir(), "home"), vaulttest.Cheap(t))
	want := firstDesk(fresh, "Chidi 0")
	worked := settled(t, a)
	for i := range trials(t, 8) {
		l.trial()
		home := filepath.Join(t.TempDir(), "home")
		if err := os.CopyFS(home, os.DirFS(worked)); err != nil {
			t.Fatal(err)
		}
		s := newSeat(t, home, vaulttest.Cheap(t))
		s.unlock(a.name)
		waitForIdleDesk(l, s, a)
		toil(s, a, chance, t.TempDir())
		s.idle()
		if s.s.Desk().Folder() == "" {
			t.Fatal("A's folder is not remembered even at A's desk")
		}
		s.lock()
		got := firstDesk(s, "Chidi "+string(rune('1'+i)))
		if a.holds(s.visible()) || a.holds(s.held()) {
			l.bled("A's canary at a new user's desk")
		}
		if got = strings.ReplaceAll(got, "Chidi "+string(rune('1'+i)), "Chidi 0"); got != want {
			l.bled("a new user finds\n%s\nand on an empty computer\n%s", got, want)
		}
		s.lock()
	}
	if strings.Contains(want, "Loaded:[{") || !strings.Contains(want, "Chidi 0") {
		t.Errorf("the empty desk shows %s", want)
	}
}

// firstDesk makes a profile and describes its desk.
func firstDesk(s *seat, name string) string {
	s.t.Helper()
	s.s.Create(name, []byte(passphrase), []byte(passphrase))
	s.until(func() bool { return s.s.Stage() == presenter.Noting || s.s.Trouble() != nil })
	s.s.Noted()
	s.idle()
	d := s.s.Desk()
	var fields [][]presenter.Field
	for i := range d.Steps() {
		d.Select(i)
		fields = append(fields, d.Fields())
	}
	d.Select(0)
	text, err := json.Marshal(map[string]any{"user": d.User(), "steps": d.Steps(), "fields": fields, "loaded": d.Loaded(), "ranking": d.Ranking(),
		"folder": d.Folder(), "views": d.Views(), "shown": d.Shown(), "notes": d.Notes(), "summary": d.Summary(), "trouble": d.Trouble()})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// session is a whole session of a second process: args are the person's name,
// the folder of files to import, and the folder to save in or "". The order
// holds no canary, so that what is found in the process came with the data; it
// is read off the names of the files.
func (p *process) session(args []string) {
	who, from, out := &person{name: args[0], impute: "none", strategy: "priority"}, args[1], args[2]
	files, err := os.ReadDir(from)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "review.csv") {
			who.files = append(who.files, filepath.Join(from, f.Name()))
			who.canary, _, _ = strings.Cut(f.Name(), "file-")
		}
	}
	s := p.seat
	s.unlock(who.name)
	s.idle()
	d := s.s.Desk()
	d.Import(who.files)
	s.idle()
	fill(d, who)
	d.Resize(400, 300, 1)
	d.RunAll()
	s.idle()
	d.Import([]string{filepath.Join(from, who.canary+"-is-not-there.csv")}) // a problem that names it
	s.idle()
	if out == "" {
		return
	}
	for _, saving := range d.Savings() {
		d.Save(saving, filepath.Join(out, saving.Name))
		s.idle()
		if tr := d.Trouble(); tr != nil {
			p.t.Fatalf("%s: %+v", saving.Name, *tr)
		}
	}
}
