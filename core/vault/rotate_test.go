package vault

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/core/problem"
)

// withStore makes a profile with a store of one line: the key it is under.
func withStore(t *testing.T, home string) (id ID, code string) {
	t.Helper()
	id, code = makeVault(t, home, "Amina")
	v := mustUnlock(t, home, id, testPassphrase)
	must(t, os.WriteFile(v.StorePath(), storeKey(t, v), 0o600))
	closeVault(t, v)
	return id, code
}

// copyKey stands for the copying of a store: the copy is the key it is under.
func copyKey(_ context.Context, path string, key []byte) error { return os.WriteFile(path, key, 0o600) }

// wantStore fails unless the vault names a store that is under its key, and no
// other is there.
func wantStore(t *testing.T, v *Vault) {
	t.Helper()
	data, err := os.ReadFile(v.StorePath())
	if err != nil || !bytes.Equal(data, storeKey(t, v)) {
		t.Errorf("the store %s is not under the vault's key: %v", v.StorePath(), err)
	}
	stores, err := filepath.Glob(filepath.Join(v.Dir(), "data*"))
	if err != nil || len(stores) != 1 {
		t.Errorf("stores: %v, %v", stores, err)
	}
}

func TestRotate(t *testing.T) {
	home := t.TempDir()
	id, code := withStore(t, home)
	v := mustUnlock(t, home, id, testPassphrase)
	must(t, os.WriteFile(v.StorePath()+"-wal", nil, 0o600))
	seen := map[string]bool{string(storeKey(t, v)): true, code: true}
	for _, name := range []string{"data-2.db", "data-3.db"} {
		fresh, err := Rotate(t.Context(), v, []byte(testPassphrase), copyKey, cheap())
		must(t, err)
		wantStore(t, v)
		if seen[string(storeKey(t, v))] || seen[fresh] || filepath.Base(v.StorePath()) != name {
			t.Errorf("store %s, or a key or code repeats", v.StorePath())
		}
		seen[string(storeKey(t, v))], seen[fresh] = true, true
		key := storeKey(t, v)
		closeVault(t, v)
		if !opens(t, home, id, fresh, key) || opens(t, home, id, code, nil) {
			t.Error("the wrong code opens it")
		}
		code = fresh
		v = mustUnlock(t, home, id, testPassphrase)
		wantStore(t, v)
	}
	closeVault(t, v)
	if v.Name() != "Amina" || v.ID() != id {
		t.Error("another profile came of it")
	}
}

// A profile of the first format, made by others, becomes one of the second.
func TestRotateOfVersionOne(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "vault-v1.json"))
	must(t, err)
	id, _ := ParseID("aaaqeayeaudaocajbifqydiob4")
	home, secret := t.TempDir(), []byte("kàyọ̀dé five words here")
	must(t, os.MkdirAll(profilePath(home, id), 0o700))
	writeVaultJSON(t, home, id, data)
	must(t, ChangePassphrase(t.Context(), home, id, secret, []byte(newSecret), Options{}))
	v, err := Unlock(t.Context(), home, id, []byte(newSecret), Options{})
	must(t, err)
	defer closeVault(t, v)
	if v.file.Version != 1 || filepath.Base(v.StorePath()) != "data.db" {
		t.Errorf("version %d, store %s", v.file.Version, v.StorePath())
	}
	must(t, copyKey(t.Context(), v.StorePath(), storeKey(t, v)))
	_, err = Rotate(t.Context(), v, []byte(newSecret), copyKey, Options{})
	must(t, err)
	wantStore(t, v)
	f, err := decodeFile(readVaultJSON(t, home, id), id)
	if err != nil || f.Version != 2 || f.Store != "data-2.db" || f.Name != "Kàyọ̀dé" {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestRotateIsRefused(t *testing.T) {
	home := t.TempDir()
	id, code := withStore(t, home)
	v := mustUnlock(t, home, id, testPassphrase)
	before := tree(t, home)
	never := func(context.Context, string, []byte) error { t.Error("copied"); return nil }
	for _, secret := range []string{"wrong donkey", code, ""} {
		_, err := Rotate(t.Context(), v, []byte(secret), never, patient())
		wantProblem(t, err, problem.Locked)
		os.Remove(filepath.Join(v.Dir(), attemptsName))
	}
	half := func(_ context.Context, path string, key []byte) error {
		return errors.Join(os.WriteFile(path, key[:5], 0o600), os.WriteFile(path+"-journal", nil, 0o600), errInjected)
	}
	if _, err := Rotate(t.Context(), v, []byte(testPassphrase), half, cheap()); !errors.Is(err, errInjected) {
		t.Errorf("failed copy: %v", err)
	}
	_, err := Rotate(t.Context(), v, []byte(testPassphrase), func(context.Context, string, []byte) error { return nil }, cheap())
	wantProblem(t, err, problem.Store) // it copied nothing
	if !maps.Equal(tree(t, home), before) {
		t.Error("something was changed")
	}
	wantStore(t, v)
	must(t, os.Remove(v.StorePath()))
	_, err = Rotate(t.Context(), v, []byte(testPassphrase), never, cheap())
	wantProblem(t, err, problem.Store)
	closeVault(t, v)
	_, err = Rotate(t.Context(), v, []byte(testPassphrase), never, cheap())
	wantProblem(t, err, problem.Locked)
}

// Closed in the middle, the profile may be another process's: nothing is
// switched.
func TestVaultClosedWhileRotating(t *testing.T) {
	home := t.TempDir()
	id, code := withStore(t, home)
	v := mustUnlock(t, home, id, testPassphrase)
	_, err := Rotate(t.Context(), v, []byte(testPassphrase), func(ctx context.Context, path string, key []byte) error {
		closeVault(t, v)
		return copyKey(ctx, path, key)
	}, cheap())
	wantProblem(t, err, problem.Locked)
	again := mustUnlock(t, home, id, code)
	defer closeVault(t, again)
	wantStore(t, again)
}

// At whatever step a rotation ends, the profile is the old one or the new one,
// with its own store, after the next unlocking; and the open vault goes on
// with what is on the disk.
func TestRotateFailsAtEachStep(t *testing.T) {
	home := t.TempDir()
	id, code := withStore(t, home)
	dir := profilePath(home, id)
	back := tree(t, dir)
	var fresh string
	eachFault(t, func(o Options) (err error) {
		must(t, os.RemoveAll(dir))
		must(t, os.Mkdir(dir, 0o700))
		for path, text := range back {
			if path != dir {
				must(t, os.WriteFile(path, []byte(text), 0o600))
			}
		}
		v := mustUnlock(t, home, id, testPassphrase)
		defer closeVault(t, v)
		fresh = ""
		fresh, err = Rotate(t.Context(), v, []byte(testPassphrase), copyKey, o)
		if data, lost := os.ReadFile(v.StorePath()); lost != nil || !bytes.Equal(data, storeKey(t, v)) {
			t.Errorf("the open vault has no store under its key: %v", lost)
		}
		return err
	}, func(t *testing.T, step string, err error) {
		if !errors.Is(err, errInjected) {
			t.Errorf("the fault is not told: %v", err)
		}
		v := mustUnlock(t, home, id, testPassphrase)
		wantStore(t, v)
		closeVault(t, v)
		if fresh != "" && (!opens(t, home, id, fresh, nil) || opens(t, home, id, code, nil)) {
			t.Error("the code that was returned is not the one that opens")
		}
		_, told := errors.AsType[*problem.Problem](err) // else it died
		if told && (fresh != "") != (filepath.Base(v.StorePath()) == "data-2.db") {
			t.Errorf("code %q, store %s", fresh, v.StorePath())
		}
	})
}

// vault.json put back from before a rotation must not cost the data.
func TestOldKeyFileDoesNotRemoveTheNewStore(t *testing.T) {
	home := t.TempDir()
	id, _ := withStore(t, home)
	old := readVaultJSON(t, home, id)
	v := mustUnlock(t, home, id, testPassphrase)
	_, err := Rotate(t.Context(), v, []byte(testPassphrase), copyKey, cheap())
	must(t, err)
	closeVault(t, v)
	good := readVaultJSON(t, home, id)
	before := tree(t, profilePath(home, id))
	writeVaultJSON(t, home, id, old)
	_, err = unlock(t, home, id, testPassphrase)
	wantProblem(t, err, problem.Store)
	wantProblem(t, ChangePassphrase(t.Context(), home, id, []byte(testPassphrase), []byte(newSecret), cheap()), problem.Store)
	writeVaultJSON(t, home, id, good)
	if !maps.Equal(tree(t, profilePath(home, id)), before) {
		t.Error("something was changed")
	}
	v = mustUnlock(t, home, id, testPassphrase)
	defer closeVault(t, v)
	wantStore(t, v)
}

func TestStoreNames(t *testing.T) {
	for name, store := range map[string]string{
		"data.db": "data.db", "data.db-wal": "data.db", "data-2.db": "data-2.db", "data-10.db-shm": "data-10.db",
		"data-0.db": "", "data-02.db": "", "data.db-old": "", "data-.db": "", "mydata.db": "", "data.db\n": "", "": "",
		"data-99999999999999999999.db": "", "data.db-journal": "data.db",
	} {
		if got := storeOf(name); got != store || isStoreName(name) != (name != "" && name == store) {
			t.Errorf("%q belongs to %q, want %q", name, got, store)
		}
	}
	for name, next := range map[string]string{"data.db": "data-2.db", "data-2.db": "data-3.db", "data-9.db": "data-10.db"} {
		if got := nextStore(name); got != next {
			t.Errorf("after %s comes %s", name, got)
		}
	}
}
