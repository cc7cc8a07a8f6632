package vault

import (
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/core/vault/internal/kdf"
)

// older gives a profile made when derivation cost less than today, as a
// program would have made it.
func older(t *testing.T, home string, costs kdf.Params) (id ID, code string) {
	t.Helper()
	v, code, err := Create(t.Context(), home, "Amina", []byte(testPassphrase), Options{KDF: costs})
	must(t, err)
	closeVault(t, v)
	return v.ID(), code
}

func costsOf(t *testing.T, home string, id ID) (passphrase, recovery kdf.Params) {
	t.Helper()
	f, err := decodeFile(readVaultJSON(t, home, id), id)
	must(t, err)
	p, _ := f.slot(Passphrase)
	r, _ := f.slot(Recovery)
	return p.params(), r.params()
}

// The slot that was used, and no other, is raised, once, and keeps its secret.
func TestOldCostsAreRaisedAtUnlock(t *testing.T) {
	home := t.TempDir()
	old := kdf.Stored(kdf.MinMemoryKiB, 1, 1)
	id, code := older(t, home, old)
	for _, c := range []struct {
		secret   string
		raised   bool
		recovery kdf.Params
	}{
		{testPassphrase, true, old}, {testPassphrase, false, old}, {code, true, kdf.Production()}, {code, false, kdf.Production()},
	} {
		v, err := Unlock(t.Context(), home, id, []byte(c.secret), Options{})
		must(t, err)
		if v.Opening().Raised != c.raised || v.Opening().Notices != nil {
			t.Errorf("opened as %+v", v.Opening())
		}
		closeVault(t, v)
		if p, r := costsOf(t, home, id); p != kdf.Production() || r != c.recovery {
			t.Errorf("costs are now %+v and %+v", p, r)
		}
	}
}

func TestHigherCostsAreNotLowered(t *testing.T) {
	home := t.TempDir()
	high := kdf.Stored(80*1024, 3, 2)
	id, _ := older(t, home, high)
	v, err := Unlock(t.Context(), home, id, []byte(testPassphrase), Options{})
	must(t, err)
	closeVault(t, v)
	if p, _ := costsOf(t, home, id); p != high || v.Opening().Raised {
		t.Errorf("costs are now %+v", p)
	}
}

// A disk that can't take the raised slot does not keep the profile closed.
func TestFailedRaiseIsANotice(t *testing.T) {
	home := t.TempDir()
	old := kdf.Stored(kdf.MinMemoryKiB, 1, 1)
	id, _ := older(t, home, old)
	before := readVaultJSON(t, home, id)
	v, err := Unlock(t.Context(), home, id, []byte(testPassphrase), Options{fault: func(string) error { return errInjected }})
	must(t, err)
	closeVault(t, v)
	if how := v.Opening(); how.Raised || len(how.Notices) != 1 {
		t.Errorf("opened as %+v", how)
	}
	if string(readVaultJSON(t, home, id)) != string(before) {
		t.Error("vault.json was changed")
	}
	if _, err := os.Stat(filepath.Join(v.Dir(), fileName+tempSuffix)); err == nil {
		t.Error("a temporary file is left")
	}
}
