package vault

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/core/problem"
)

func TestEraseRemovesOneProfileAndNothingElse(t *testing.T) {
	for name, erase := range map[string]func(home string, id ID, code string) error{
		"passphrase": func(home string, id ID, _ string) error {
			return Erase(t.Context(), home, id, []byte(testPassphrase), cheap())
		},
		"code": func(home string, id ID, code string) error {
			return Erase(t.Context(), home, id, []byte(code), cheap())
		},
		"force": func(home string, id ID, _ string) error { return EraseForced(t.Context(), home, id, cheap()) },
	} {
		home := t.TempDir()
		makeVault(t, home, "Bola")
		before := tree(t, home)
		id, code := withStore(t, home)
		must(t, os.MkdirAll(filepath.Join(profilePath(home, id), "more", "deep"), 0o700))
		must(t, os.WriteFile(filepath.Join(profilePath(home, id), "more", "deep", "file"), nil, 0o400))
		must(t, erase(home, id, code))
		if !maps.Equal(tree(t, home), before) {
			t.Errorf("%s: not all is as before the profile was made", name)
		}
		_, err := unlock(t, home, id, testPassphrase)
		wantProblem(t, err, problem.NotFound)
		makeVault(t, home, "Amina") // the name is free again
	}
}

func TestEraseIsRefused(t *testing.T) {
	home := t.TempDir()
	id, _ := withStore(t, home)
	before := tree(t, home)
	for _, secret := range []string{"wrong donkey", ""} {
		wantProblem(t, Erase(t.Context(), home, id, []byte(secret), patient()), problem.Locked)
		os.Remove(filepath.Join(profilePath(home, id), attemptsName))
	}
	wantProblem(t, EraseForced(t.Context(), home, ID{}, cheap()), problem.Usage)
	stranger, _ := ParseID("aaaqeayeaudaocajbifqydiob4")
	wantProblem(t, EraseForced(t.Context(), home, stranger, cheap()), problem.NotFound)
	if !maps.Equal(tree(t, home), before) {
		t.Error("something was changed")
	}
	v := mustUnlock(t, home, id, testPassphrase)
	defer closeVault(t, v)
	wantProblem(t, Erase(t.Context(), home, id, []byte(testPassphrase), cheap()), problem.Conflict)
	wantProblem(t, EraseForced(t.Context(), home, id, cheap()), problem.Conflict)
	wantStore(t, v)
}

// The key file is overwritten in place, before anything is removed: a second
// name of the same file shows what is left of it.
func TestKeysAreDestroyedFirst(t *testing.T) {
	home := t.TempDir()
	id, _ := withStore(t, home)
	good := readVaultJSON(t, home, id)
	second := filepath.Join(home, "second name")
	if err := os.Link(filepath.Join(profilePath(home, id), fileName), second); err != nil {
		t.Skipf("this file system has no second names: %v", err)
	}
	o := cheap()
	o.fault = func(step string) error {
		if step == "remove" {
			return errInjected
		}
		return nil
	}
	err := EraseForced(t.Context(), home, id, o)
	wantProblem(t, err, problem.Store)
	left, err := os.ReadFile(second)
	must(t, err)
	if len(left) != len(good) || bytes.Contains(left, []byte("wrapped")) || bytes.Equal(left, good) {
		t.Error("the slots can still be read")
	}
	if _, err := os.Stat(filepath.Join(profilePath(home, id), storeName)); err != nil {
		t.Error("the store went before the keys")
	}
}

// Wherever an erasing ends, the keys are whole or gone, the other profile is
// whole, and erasing again by force ends it.
func TestEraseFailsAtEachStep(t *testing.T) {
	home := t.TempDir()
	id, _ := withStore(t, home)
	other, _ := makeVault(t, home, "Bola")
	dir := profilePath(home, id)
	back, bola := tree(t, dir), tree(t, profilePath(home, other))
	eachFault(t, func(o Options) error {
		must(t, os.RemoveAll(dir))
		must(t, os.Mkdir(dir, 0o700))
		for path, text := range back {
			if path != dir {
				must(t, os.WriteFile(path, []byte(text), 0o600))
			}
		}
		return EraseForced(t.Context(), home, id, o)
	}, func(t *testing.T, step string, err error) {
		if !errors.Is(err, errInjected) {
			t.Errorf("the fault is not told: %v", err)
		}
		if !maps.Equal(tree(t, profilePath(home, other)), bola) {
			t.Error("the other profile is hurt")
		}
		if v, err := unlock(t, home, id, testPassphrase); err == nil {
			wantStore(t, v) // not yet begun
			closeVault(t, v)
		}
		err = EraseForced(t.Context(), home, id, cheap())
		if err != nil && !problem.Is(err, problem.NotFound) {
			t.Error(err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Error("the folder is still there")
		}
	})
}

func TestEraseOfDamagedProfiles(t *testing.T) {
	home := t.TempDir()
	id, _ := withStore(t, home)
	outside := filepath.Join(home, "outside")
	must(t, os.WriteFile(outside, []byte("not ours"), 0o600))
	must(t, os.Remove(filepath.Join(profilePath(home, id), fileName)))
	link(t, outside, filepath.Join(profilePath(home, id), fileName))
	wantProblem(t, Erase(t.Context(), home, id, []byte(testPassphrase), cheap()), problem.Store)
	must(t, EraseForced(t.Context(), home, id, cheap()))
	if data, err := os.ReadFile(outside); err != nil || string(data) != "not ours" {
		t.Errorf("a file outside was touched: %q, %v", data, err)
	}
	if all, err := List(home); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

func TestHalfErasedProfileIsSwept(t *testing.T) {
	home := t.TempDir()
	left := filepath.Join(home, usersName, gonePrefix+"aaaqeayeaudaocajbifqydiob4")
	must(t, os.MkdirAll(left, 0o700))
	if all, err := List(home); err != nil || len(all) != 0 {
		t.Errorf("listed %v, %v", all, err)
	}
	makeVault(t, home, "Amina")
	if _, err := os.Stat(left); err == nil {
		t.Error("the leftover is still there")
	}
}
