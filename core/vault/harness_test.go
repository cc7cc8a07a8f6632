package vault

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault/internal/kdf"
)

const testPassphrase = "canary horse battery staple"

// cheap is what vaulttest.Cheap gives; a test inside the package can't import
// that one.
func cheap() Options { return Options{KDF: kdf.Cheap()} }

// makeVault creates a profile and closes it.
func makeVault(t testing.TB, home, name string) (ID, string) {
	t.Helper()
	v, code, err := Create(t.Context(), home, name, []byte(testPassphrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	closeVault(t, v)
	return v.ID(), code
}

func closeVault(t testing.TB, v *Vault) {
	t.Helper()
	if err := v.Close(); err != nil {
		t.Error(err)
	}
}

func unlock(t testing.TB, home string, id ID, secret string) (*Vault, error) {
	t.Helper()
	return Unlock(t.Context(), home, id, []byte(secret), cheap())
}

// patient are cheap options whose clock moves on by an hour each time it is
// looked at, so that no delay after failures is ever in the way.
func patient() Options {
	o := cheap()
	var hours atomic.Int64
	o.Now = func() time.Time { return at("2026-03-01T09:30:00Z")().Add(time.Duration(hours.Add(1)) * time.Hour) }
	return o
}

func mustUnlock(t testing.TB, home string, id ID, secret string) *Vault {
	t.Helper()
	v, err := unlock(t, home, id, secret)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func storeKey(t testing.TB, v *Vault) []byte {
	t.Helper()
	key, err := v.StoreKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// wantProblem fails unless err is a problem of that code with a hint.
func wantProblem(t testing.TB, err error, code problem.Code) {
	t.Helper()
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok || p.Code != code || p.Hint == "" || p.Message == "" {
		t.Errorf("got %#v (%v), want a problem %q with a hint", p, err, code)
	}
}

func profilePath(home string, id ID) string { return filepath.Join(home, usersName, id.String()) }

func readVaultJSON(t testing.TB, home string, id ID) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(profilePath(home, id), fileName))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeVaultJSON(t testing.TB, home string, id ID, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(profilePath(home, id), fileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// replaceOnce replaces old, which must occur, by new in a profile's vault.json.
func replaceOnce(t testing.TB, home string, id ID, old, new string) {
	t.Helper()
	data := readVaultJSON(t, home, id)
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("vault.json holds no %q", old)
	}
	writeVaultJSON(t, home, id, bytes.Replace(data, []byte(old), []byte(new), 1))
}

// tree lists every path below dir with its content, for before and after.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			all[path] = ""
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// at is a clock that stands still.
func at(s string) func() time.Time {
	when, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return when }
}
