package faults

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
)

// history is what an act, done again and again without a fault, makes of a
// profile: state i is the one after i commits. One more than a child does, for
// the run that follows a fault.
type history struct {
	states    []string
	lines     int   // that an undisturbed child says
	wal, main int64 // bytes to which the files grow
}

// undisturbed is the history of an act from a home on, worked out once.
func (l *ledger) undisturbed(t *testing.T, from, what string, files []string) history {
	t.Helper()
	key := from + what
	if _, ok := l.past[key]; !ok {
		l.past[key] = newHistory(t, from, what, files)
	}
	return l.past[key]
}

// newHistory does the act in this process and in a child, which must come to
// the same.
func newHistory(t *testing.T, from, what string, files []string) history {
	t.Helper()
	home := copied(t, from)
	h := history{wal: 1}
	look := func() {
		h.wal = max(h.wal, size(walFile(t, home)))
		h.main = max(h.main, size(storeFile(t, home)))
	}
	for i := range rounds(what) + 2 {
		name := what
		if i == 0 {
			name = opening // makes the store where there is none
		}
		state, err := do(t, options(t, home, amina), name, files, look)
		must(t, err)
		look()
		if commits(what) && slices.Contains(h.states, state) {
			t.Fatalf("%s number %d makes no commit that could be told from the one before", what, i)
		}
		h.states = append(h.states, state)
	}
	other := copied(t, from)
	lines, _ := start(t, what, other, files).end()
	must(t, told(lines))
	h.lines = len(lines)
	if got, err := peek(t, options(t, other, amina)); err != nil || got != h.states[rounds(what)] {
		t.Fatalf("a child left to itself comes to another state (%v)", err)
	}
	return h
}

// commits reports whether what is done changes the data each time.
func commits(what string) bool { return what == "import" || what == "score" }

// size of a file, 0 when there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// moment is when to kill: a while after the child's nth line, or in its nth
// round as soon as a file has got so far.
type moment struct {
	line, round int
	spin        int         // turns of a loop
	reached     func() bool // nil for a line
}

// moment gives by turns one of each kind: anywhere; while the WAL grows, which
// is inside a commit; while the main file grows, which is inside a checkpoint.
// A rotation has the copied store and the new vault.json in their place.
func (h history) moment(t *testing.T, what string, kind int, home string, r *rand.Rand) moment {
	t.Helper()
	m := moment{round: 1 + r.IntN(rounds(what))}
	store, keyFile := storeFile(t, home), filepath.Join(folder(t, home, amina), "vault.json")
	before := size(store)
	switch {
	case kind%3 == 0:
		m.line, m.spin = 1+r.IntN(h.lines), r.IntN(1<<r.IntN(25))
	case kind%3 == 1 && what == rotation:
		bytes, next := r.Int64N(h.main), filepath.Join(filepath.Dir(store), fmt.Sprintf("data-%d.db", m.round+1))
		m.reached = func() bool { return size(next) > bytes }
	case kind%3 == 1:
		bytes := r.Int64N(h.wal)
		m.reached = func() bool { return size(store+"-wal") > bytes }
	case what == rotation:
		old, err := os.Stat(keyFile)
		must(t, err)
		m.round, m.spin = 1, r.IntN(1<<r.IntN(22))
		m.reached = func() bool { now, err := os.Stat(keyFile); return err == nil && !os.SameFile(old, now) }
	default:
		bytes := before + r.Int64N(max(1, h.main-before))
		m.reached = func() bool { return size(store) > bytes }
	}
	return m
}

// killed runs a child until the moment and kills it. The lines are all it
// said: what it says between the moment and its end counts.
func killed(t *testing.T, what, home string, files []string, m moment) (said []string, was bool) {
	t.Helper()
	c := start(t, what, home, files)
	lines := make(chan string, 1024)
	var closed atomic.Int64
	go func() {
		defer close(lines)
		defer closed.Add(1 << 30) // nothing to wait for any more
		for line, ok := c.hear(); ok; line, ok = c.hear() {
			if line == sayClosed {
				closed.Add(1)
			}
			lines <- line
		}
	}()
	begun := 0
	var spun atomic.Uint64 // keeps the delay from being optimised away
	for line := range lines {
		said = append(said, line)
		if line == sayBegin {
			begun++
		}
		now := m.reached == nil && len(said) == m.line
		if m.reached != nil && line == sayBegin && begun == m.round {
			for !m.reached() && closed.Load() < int64(m.round) {
			}
			now = true
		}
		if now {
			spun.Store(turn(m.spin))
			_ = c.cmd.Process.Kill() // it may have ended by itself
		}
	}
	_ = c.cmd.Wait() // how it ended is in its state
	return said, !c.cmd.ProcessState.Exited()
}

// acked counts the commits that a child said it had made.
func acked(what string, said []string) (n int) {
	for _, line := range said {
		if what != opening && line == sayDone {
			n++
		}
	}
	return n
}

// turn passes a little time by work.
func turn(n int) (x uint64) {
	for i := range n {
		x ^= x<<7 + uint64(i)
	}
	return x
}

// kills is the fault: as many trials as asked for in which the child was
// really killed. more, if any, looks at what was left once it was opened.
func (l *ledger) kills(from, what string, files []string, more func(t *testing.T, home string, said []string)) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		h := l.undisturbed(t, from, what, files)
		withWAL := 0
		for i := 0; r.trials < l.trials && i < 8*l.trials; i++ {
			home := copied(t, from)
			said, was := killed(t, what, home, files, h.moment(t, what, i, home, random))
			if !was {
				continue // it was through before
			}
			r.trials++
			if size(walFile(t, home)) > 0 {
				withWAL++
			}
			h.checkAfter(t, r, home, what, files, acked(what, said), func() {
				if more != nil {
					more(t, home, said)
				}
			})
			must(t, os.RemoveAll(home))
		}
		if r.trials < l.trials {
			t.Errorf("only %d of %d children were killed in time", r.trials, l.trials)
		}
		t.Logf("%d kills, after %d of them a WAL had to be brought in", r.trials, withWAL)
	}
}

// checkAfter opens what a fault left: it must be the state of the last commit
// that was acknowledged or, when the fault came before the word of it, of the
// next; sound; and fit for the next run.
func (h history) checkAfter(t *testing.T, r *row, home, what string, files []string, acked int, more func()) {
	t.Helper()
	at := h.count(t, r, home, acked)
	if at < 0 {
		return
	}
	checkSound(t, home)
	if more != nil {
		more()
	}
	next, err := do(t, options(t, home, amina), what, files, nil)
	switch {
	case err != nil:
		t.Errorf("the next run after the fault: %v", err)
	case next != h.states[at+1]:
		r.torn++
	}
	checkSound(t, home)
}

// count opens what a fault left and finds its place in the history; -1 when it
// has none.
func (h history) count(t *testing.T, r *row, home string, acked int) int {
	t.Helper()
	got, err := peek(t, options(t, home, amina))
	if errors.Is(err, errSilent) {
		r.silent++
		return -1
	}
	if err != nil {
		t.Errorf("opening after the fault: %v (%v)", err, errors.Unwrap(err))
		return -1
	}
	at := slices.Index(h.states, got)
	if at == 0 && h.states[1] == got {
		return at // of an act that changes no data
	}
	switch {
	case at < 0 || at > acked+1:
		r.torn++
	case at < acked:
		r.lost++
	}
	return at
}
