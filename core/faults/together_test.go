package faults

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

func openActed(t *testing.T, home, user, what string, files []string) (*workspace.Workspace, error) {
	t.Helper()
	w, err := workspace.Open(t.Context(), options(t, home, user))
	if err != nil {
		return nil, err
	}
	if _, _, err := perform(t, w, what, files, nil); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// raceToOpen is a child: at each word it opens the profile and says how that
// went, and at the next it lets go.
func raceToOpen(t *testing.T, home string) {
	say(sayReady)
	words := bufio.NewScanner(os.Stdin)
	for words.Scan() {
		w, err := workspace.Open(t.Context(), options(t, home, amina))
		if err != nil {
			tell(err)
		} else {
			say(sayWon)
		}
		if !words.Scan() {
			return
		}
		if err == nil {
			must(t, w.Close())
		}
		say(sayReady)
	}
}

// race has two processes open one profile at once: one gets it, the other is
// told who has it.
func (l *ledger) race(from string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, _ *rand.Rand) {
		whole, err := peek(t, options(t, from, amina))
		must(t, err)
		home := copied(t, from)
		both := []*child{start(t, childRaces, home, nil), start(t, childRaces, home, nil)}
		first := 0
		for range max(20, l.trials) {
			wins := raceOnce(t, both)
			if len(wins) != 1 {
				t.Fatalf("round %d: %d have the profile open", r.trials+1, len(wins))
			}
			if wins[0] == 0 {
				first++
			}
			r.trials++
		}
		for _, c := range both {
			must(t, c.in.Close())
			c.end()
		}
		t.Logf("the first of the two won %d of %d", first, r.trials)
		if got, err := peek(t, options(t, home, amina)); err != nil || got != whole {
			r.torn++
			t.Error(err)
		}
		checkSound(t, home)
	}
}

// raceOnce lets both go and tells who won.
func raceOnce(t *testing.T, both []*child) (wins []int) {
	t.Helper()
	for _, c := range both {
		mustHear(t, c, sayReady)
	}
	for _, c := range both {
		fmt.Fprintln(c.in, "open")
	}
	for i, c := range both {
		switch line, _ := c.hear(); line {
		case sayWon:
			wins = append(wins, i)
		default:
			wantProblem(t, "the loser", told([]string{line}), problem.Conflict)
		}
	}
	for _, c := range both {
		fmt.Fprintln(c.in, "close")
	}
	return wins
}

func mustHear(t *testing.T, c *child, want string) {
	t.Helper()
	if line, _ := c.hear(); line != want {
		t.Fatalf("the child says %q, not %q", line, want)
	}
}

// clockBack does an act at times that jump, mostly back, by up to ten years,
// with a mistyped passphrase now and then: nothing refuses, and what was done
// later stays later.
func (l *ledger) clockBack(from, what string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		home := copied(t, from)
		now := noon()
		for r.trials < max(4, l.trials/10) {
			now = now.Add(-time.Duration(random.Int64N(int64(87_600*time.Hour))) + time.Duration(r.trials%3)*8_000*time.Hour)
			o := options(t, home, amina)
			o.Now = func() time.Time { return now }
			o.Vault.Now = o.Now
			if r.trials%4 == 3 {
				mistype(t, o)
			}
			if _, err := do(t, o, what, nil, nil); err != nil {
				t.Fatalf("at %v: %v", now, err)
			}
			r.trials++
			checkOrder(t, r, o, now)
		}
		checkSound(t, home)
	}
}

// mistype gives a wrong passphrase a year later than o, before the clock goes
// back.
func mistype(t *testing.T, o workspace.Options) {
	t.Helper()
	then := o.Vault.Now().AddDate(1, 0, 0)
	o.Secret = []byte("wrong")
	o.Vault.Now = func() time.Time { return then }
	_, err := workspace.Open(t.Context(), o)
	wantProblem(t, "wrong passphrase", err, problem.Locked)
}

// checkOrder: the runs are numbered in the order they were done in, the last
// one is now's, and the newest dataset is its.
func checkOrder(t *testing.T, r *row, o workspace.Options, now time.Time) {
	t.Helper()
	w, err := workspace.Open(t.Context(), o)
	must(t, err)
	defer func() { must(t, w.Close()) }()
	runs, err := w.Runs(t.Context())
	must(t, err)
	for i, run := range runs {
		if run.ID.N != int64(i+1) {
			t.Errorf("run %d is numbered %d", i+1, run.ID.N)
			r.torn++
		}
	}
	last := runs[len(runs)-1]
	if !last.Started.Equal(now) {
		t.Errorf("the last run began at %v, not %v", last.Started, now)
	}
	d, err := w.Latest(t.Context(), "test", workspace.KindRanking, "", "none")
	must(t, err)
	if d.Run != last.ID || d.Version != r.trials {
		t.Errorf("the newest ranking is version %d of run %d, want %d of %d", d.Version, d.Run.N, r.trials, last.ID.N)
		r.lost++
	}
}
