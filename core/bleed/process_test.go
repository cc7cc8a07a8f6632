package bleed

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// empty makes the profiles of people in a new home, with nothing in them.
func empty(t testing.TB, people ...*person) (home string) {
	t.Helper()
	home = t.TempDir()
	for _, p := range people {
		if err := p.create(t, home, "default").Close(); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// T12, causes 1 and 2: two processes of the program. A profile open in one is
// refused in the other; different profiles work side by side and stay apart.
func TestBleed_T12_TwoProcesses(t *testing.T) {
	l := open(t, "1 2", "two processes: one profile refused twice, two kept apart")
	a, b := amina(t), bola(t)
	home := empty(t, a, b)
	c := startChild(t, home)
	file := map[*person]string{}
	for _, p := range []*person{a, b} {
		file[p] = write(t, filepath.Join(t.TempDir(), "env.csv"), p.csvOf(20))
	}
	for i := range trials(t, 20) {
		l.trial()
		there, here := a, b // who sits in the other process, who in this one
		if i%2 == 1 {
			there, here = b, a
		}
		c.mustDo("open", there.name)
		if w, err := workspace.Open(t.Context(), there.options(t, home, "default")); !problem.Is(err, problem.Conflict) {
			l.bled("a second process opened %s's profile (%v)", there.name, err)
			if err == nil {
				w.Close()
			}
		}
		w := here.reopen(t, home, "default")
		if got := c.tell("open", here.name); got != string(problem.Conflict) {
			l.bled("the second process opened %s's profile: %s", here.name, got)
		}
		c.order("import", file[there]) // at the same time as the one below
		importHere := &process{t: t, home: home, w: w}
		if err := importHere.importOne(file[here], ""); err != nil {
			t.Fatal(err)
		}
		if got := c.answer(); got != "ok" {
			t.Fatalf("import beside another process: %s", got)
		}
		mine, err := everything(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		theirs := c.tell("everything")
		if !here.holds(mine) || !there.holds(theirs) {
			t.Fatal("the own canary is not shown: the search is blind")
		}
		if there.holds(mine) || here.holds(theirs) {
			l.bled("data of one process shows in the other")
		}
		c.mustDo("close")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// T13, cause 2: a process is killed while it writes. On the next start the
// profile holds the last step that was kept, or one more that was just being
// told of, whole; the next act works; nothing of another profile has come in,
// and the other profile's files are byte for byte what they were.
func TestBleed_T13_KilledWhileWriting(t *testing.T) {
	l := open(t, "2", "kill -9 amid imports, open again")
	a, b := amina(t), bola(t)
	home := empty(t, a, b)
	others := tree(t, b.profileDir(t, home), "lock")
	file := write(t, filepath.Join(t.TempDir(), "env.csv"), a.csvOf(400))
	chance := rand.New(rand.NewPCG(13, 2026))
	kept := 0
	for range trials(t, 30) {
		l.trial()
		c := startChild(t, home)
		c.mustDo("open", a.name)
		c.order("import-for-ever", file)
		for range chance.IntN(6) {
			if got := c.answer(); got != "kept" {
				t.Fatal(got)
			}
			kept++
		}
		for range chance.IntN(200_000) { // from no time to some of a step
			chance.Uint64()
		}
		c.kill()
		for c.out.Scan() { // what it had said before it died
			if strings.HasSuffix(c.out.Text(), "> kept") {
				kept++
			}
		}
		kept = l.resumes(t, a, b, home, file, kept)
	}
	after := tree(t, b.profileDir(t, home), "lock")
	for path, data := range others {
		if !slices.Equal(after[path], data) {
			l.bled("%s of B was written", filepath.Base(path))
		}
	}
}

// resumes opens the profile after a crash, checks it and goes on working. It
// gives how many imports are in it now.
func (l *ledger) resumes(t *testing.T, a, b *person, home, file string, kept int) int {
	t.Helper()
	w := a.reopen(t, home, "default")
	runs, err := w.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != kept && len(runs) != kept+1 {
		t.Errorf("%d imports were kept, the store has %d", kept, len(runs))
	}
	said, err := everything(t.Context(), w)
	if err != nil {
		t.Errorf("what is left can't be read: %v", err)
	}
	if b.holds(said) {
		l.bled("B's canary in A's profile after a crash")
	}
	for _, r := range runs {
		if out, err := w.Outputs(t.Context(), r.ID); err != nil || len(out) != 1 || out[0].Rows != 400 {
			t.Errorf("run %d is half kept: %v (%v)", r.ID.N, out, err)
		}
	}
	next := &process{t: t, home: home, w: w}
	if err := next.importOne(file, fmt.Sprintf("after the crash, %d", kept)); err != nil {
		t.Errorf("the next import: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	return len(runs) + 1
}

// T16, cause 6: erasing A takes the folder and the keys. B is untouched, A can't
// be opened, and A's files from a copy are refused without the key file.
func TestBleed_T16_ErasedIsGone(t *testing.T) {
	l := open(t, "6", "erase A: folder and key gone, B's bytes the same")
	a, b := amina(t), bola(t)
	for i := range trials(t, 8) {
		l.trial()
		home := settled(t, a, b)
		dir := a.profileDir(t, home)
		copied, others := tree(t, dir, "lock"), tree(t, b.profileDir(t, home), "lock")
		id := (&two{home: home}).idOf(t, a)
		if err := vault.Erase(t.Context(), home, id, []byte("another passphrase"), vaulttest.Cheap(t)); !problem.Is(err, problem.Locked) {
			l.bled("a wrong passphrase erases: %v", err)
		}
		var err error
		if i%2 == 0 {
			err = vault.Erase(t.Context(), home, id, []byte(passphrase), vaulttest.Cheap(t))
		} else {
			err = vault.EraseForced(t.Context(), home, id, vaulttest.Cheap(t))
		}
		if err != nil {
			t.Fatal(err)
		}
		for path := range tree(t, home) {
			if strings.Contains(path, id.String()) {
				l.bled("%s is left", path)
			}
		}
		if _, err := workspace.Open(t.Context(), a.options(t, home, "default")); !problem.Is(err, problem.NotFound) {
			l.bled("A's profile opens: %v", err)
		}
		for path, data := range tree(t, b.profileDir(t, home), "lock") {
			if !slices.Equal(others[path], data) {
				l.bled("%s of B changed", filepath.Base(path))
			}
		}
		l.notRestored(t, a, b, home, copied)
	}
}

// notRestored lays a copy of A's store, without the key file, into a profile
// made anew in A's name.
func (l *ledger) notRestored(t *testing.T, a, b *person, home string, copied map[string][]byte) {
	t.Helper()
	again := a.create(t, home, "default")
	if said, err := everything(t.Context(), again); err != nil || a.holds(said) {
		l.bled("a new profile of A's name shows A's data (%v)", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	for path, data := range copied {
		if filepath.Base(path) == "data.db" {
			write(t, filepath.Join(a.profileDir(t, home), "data.db"), data)
		}
	}
	if _, err := workspace.Open(t.Context(), a.options(t, home, "default")); !problem.Is(err, problem.Store) {
		l.bled("the old store opens under the new key: %v", err)
	}
	if err := b.reopen(t, home, "default").Close(); err != nil {
		t.Errorf("B: %v", err)
	}
}
