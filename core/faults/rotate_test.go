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
			r.note = fmt.Sprintf("%d new recovery codes were never told", untold)
		}
	}
}

// codeHolds: after a rotation that was killed, and one opening, there is one
// store, and the recovery code last told opens the profile. It gives false when
// the kill came between the switch and the word of it: then nobody has the new
// code, and only the passphrase opens, which the caller has tried.
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
	if rotated(stores[0]) > told {
		return false
	}
	p, err := vault.Find(home, amina)
	must(t, err)
	v, err := vault.Unlock(t.Context(), home, p.ID, []byte(code), vaulttest.Cheap(t))
	must(t, err)
	must(t, v.Close())
	return true
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
