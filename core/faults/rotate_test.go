package faults

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
)

// rotations kills a child while it gives the profile a new key.
func (w *world) rotations(l *ledger) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		untold := 0
		l.kills(w.ranked, rotation, nil, func(t *testing.T, home string, said []string) {
			if !w.codeHolds(t, home, said) {
				untold++
			}
		})(t, r, random)
		if untold > 0 {
			r.note = fmt.Sprintf("in %d the new code was never told, and the next opening said so", untold)
		}
	}
}

// codeHolds: after a rotation that was killed, and one opening, there is one
// store, and the recovery code last told opens the profile. It gives false when
// the kill came between the switch and the word of it: then nobody has the new
// code, only the passphrase opens, and the opening must say so.
func (w *world) codeHolds(t *testing.T, home string, said []string) bool {
	t.Helper()
	stores, err := filepath.Glob(filepath.Join(folder(t, home, amina), "data*.db"))
	must(t, err)
	if len(stores) != 1 || stores[0] != storeFile(t, home) {
		t.Errorf("stores %v are left", stores)
	}
	code, told := w.code, 0
	for _, line := range said {
		if word, ok := strings.CutPrefix(line, sayCode); ok {
			code = word
			told++
		}
	}
	p, err := vault.Find(home, amina)
	must(t, err)
	secret, lost := code, rotated(stores[0]) > told
	if lost {
		secret = passphrase
	}
	v, err := vault.Unlock(t.Context(), home, p.ID, []byte(secret), vaulttest.Cheap(t))
	must(t, err)
	// One whose code was said may be warned of all the same, when the kill came
	// before the note of that.
	if lost && !v.Opening().CodeUntold {
		t.Error("the code that holds was never told, and nobody says so")
	}
	if told > 0 && !lost && said[len(said)-1] == sayClosed && v.Opening().CodeUntold {
		t.Error("the code was told, and it is said that it was not")
	}
	must(t, v.Close())
	return !lost
}

// rotated is how often a profile was, by the name of its store: data.db, then
// data-2.db.
func rotated(path string) int {
	n := 1
	if _, err := fmt.Sscanf(filepath.Base(path), "data-%d.db", &n); err != nil {
		return 0
	}
	return n - 1
}
