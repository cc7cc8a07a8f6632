package faults

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"chatmrpt/core/problem"
)

// What a WAL may suffer after a crash, before anybody opens the profile again.
// Each gives what is left of the bytes; nil is no file.
func removed([]byte, *rand.Rand) []byte { return nil }

func shortened(wal []byte, r *rand.Rand) []byte { return wal[:r.IntN(len(wal))] }

func flipped(wal []byte, r *rand.Rand) []byte {
	wal[r.IntN(len(wal))] ^= 1 << r.IntN(8)
	return wal
}

// walLost kills a child in a commit or a checkpoint and then harms the WAL. The
// commits that were only there are gone, as FORMAT.md says, without notice;
// what is left must be a state that once was, or be refused.
func (l *ledger) walLost(from, what string, files []string, harm func([]byte, *rand.Rand) []byte) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		h := l.undisturbed(t, from, what, files)
		refused := 0
		for i := 0; r.trials < max(l.trials/2, 4) && i < 8*l.trials; i++ {
			home := copied(t, from)
			said, was := killed(t, what, home, files, h.moment(t, what, i, home, random))
			wal := walFile(t, home)
			if !was || size(wal) == 0 {
				continue
			}
			left := harm(readFile(t, wal), random)
			must(t, os.Remove(wal))
			if left != nil {
				writeFile(t, wal, left)
			}
			r.trials++
			if h.countHarmed(t, r, home, acked(what, said)) {
				refused++
			}
			must(t, os.RemoveAll(home))
		}
		t.Logf("%d of %d refused", refused, r.trials)
		if r.lost > 0 && r.torn+r.silent == 0 {
			r.limit = "commits that were only in the WAL; FORMAT.md says so"
		}
	}
}

// countHarmed is count for a fault after which a refusal is right too.
func (h history) countHarmed(t *testing.T, r *row, home string, acked int) (refused bool) {
	t.Helper()
	got, err := peek(t, options(t, home, amina))
	at := slices.Index(h.states, got)
	switch {
	case errors.Is(err, errSilent):
		r.silent++
	case err != nil:
		wantProblem(t, "WAL harmed", err, problem.Store)
		return true
	case at < 0:
		r.torn++
	case at < acked:
		r.lost++
	}
	return false
}

// foreignWAL lays the WAL of a crash of Bola beside Amina's closed file.
func (l *ledger) foreignWAL(from, what string, files []string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, _ *rand.Rand) {
		whole, err := peek(t, options(t, from, amina))
		must(t, err)
		home := copied(t, from)
		his := crashed(t, from, what, files)
		for range max(2, l.trials/20) {
			writeFile(t, walFile(t, home), his)
			r.trials++
			r.readsRight(t, home, whole, "the WAL of another")
			checkSound(t, home)
		}
	}
}

// crashed is the WAL that an act of Bola leaves when his process ends with it.
func crashed(t *testing.T, from, what string, files []string) []byte {
	t.Helper()
	home := copied(t, from)
	w, err := openActed(t, home, bola, what, files)
	must(t, err)
	wal := readFile(t, filepath.Join(folder(t, home, bola), "data.db-wal"))
	must(t, w.Close())
	if len(wal) == 0 {
		t.Fatal("the act left no WAL")
	}
	return wal
}
