//go:build unix

package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"chatmrpt/core/problem"
)

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	return info.Mode()
}

func TestProfileIsTheOwnersAlone(t *testing.T) {
	defer unix.Umask(unix.Umask(0)) // the modes asked for are those that count
	home := filepath.Join(t.TempDir(), "home")
	id, _ := makeVault(t, home, "Amina")
	dir := profilePath(home, id)
	for path, want := range map[string]fs.FileMode{
		home: fs.ModeDir | 0o700, filepath.Dir(dir): fs.ModeDir | 0o700, dir: fs.ModeDir | 0o700,
		filepath.Join(dir, fileName): 0o600, filepath.Join(dir, lockName): 0o600,
		filepath.Join(home, usersName, homeLockName): 0o600,
	} {
		if got := mode(t, path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// Modes that let others in are repaired; narrower ones, contents and times
// stay, and so does everything outside the profile.
func TestWideModesAreRepairedAtUnlock(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	other, _ := makeVault(t, home, "Bola")
	dir := profilePath(home, id)
	db, readOnly := filepath.Join(dir, storeName), filepath.Join(dir, "data.db-old")
	must(t, os.WriteFile(db, []byte("pages"), 0o600))
	must(t, os.WriteFile(readOnly, nil, 0o400))
	for _, path := range []string{dir, profilePath(home, other)} {
		must(t, os.Chmod(path, 0o755))
	}
	must(t, os.Chmod(filepath.Join(dir, fileName), 0o644))
	must(t, os.Chmod(db, 0o666))
	before, err := os.Stat(db)
	must(t, err)

	closeVault(t, mustUnlock(t, home, id, testPassphrase))

	for path, want := range map[string]fs.FileMode{dir: fs.ModeDir | 0o700, filepath.Join(dir, fileName): 0o600, db: 0o600,
		readOnly: 0o400, profilePath(home, other): fs.ModeDir | 0o755} {
		if got := mode(t, path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	after, err := os.Stat(db)
	must(t, err)
	if data, _ := os.ReadFile(db); string(data) != "pages" || !after.ModTime().Equal(before.ModTime()) {
		t.Error("repairing the mode touched the file")
	}
}

// Opening a named pipe would wait for ever.
func TestPipesAreRefused(t *testing.T) {
	for _, name := range []string{fileName, lockName, storeName} {
		home := t.TempDir()
		id, _ := makeVault(t, home, "Amina")
		path := filepath.Join(profilePath(home, id), name)
		os.Remove(path)
		must(t, unix.Mkfifo(path, 0o600))
		_, err := unlock(t, home, id, testPassphrase)
		wantProblem(t, err, problem.Store)
		if all, err := List(home); err != nil || len(all) != 1 || (name == fileName) == (all[0].Damaged == nil) {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
}

func TestReadOnlyHome(t *testing.T) {
	obeyModes(t)
	empty := t.TempDir()
	must(t, os.Chmod(empty, 0o500))
	_, _, err := Create(t.Context(), empty, "Amina", []byte(testPassphrase), cheap())
	wantProblem(t, err, problem.Store)
	if left := tree(t, empty); len(left) != 1 {
		t.Errorf("%v is left", left)
	}

	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	users, dir := filepath.Join(home, usersName), profilePath(home, id)
	must(t, os.Chmod(users, 0o500)) // the lock of the home can be taken, no folder made
	before := len(tree(t, home))
	_, _, err = Create(t.Context(), home, "Bola", []byte(testPassphrase), cheap())
	wantProblem(t, err, problem.Store)
	if after := len(tree(t, home)); after != before {
		t.Errorf("%d entries, %d before", after, before)
	}
	closeVault(t, mustUnlock(t, home, id, testPassphrase)) // what is there still opens

	must(t, os.Remove(filepath.Join(dir, lockName)))
	must(t, os.Chmod(dir, 0o500))
	_, err = unlock(t, home, id, testPassphrase)
	wantProblem(t, err, problem.Store)
	must(t, os.Chmod(dir, 0o700)) // and for the clean-up
	must(t, os.Chmod(users, 0o700))
	closeVault(t, mustUnlock(t, home, id, testPassphrase))
}

func TestUnreadableFolders(t *testing.T) {
	obeyModes(t)
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	must(t, os.Chmod(filepath.Join(profilePath(home, id), fileName), 0))
	all, err := List(home)
	if err != nil || len(all) != 1 || !problem.Is(all[0].Damaged, problem.Store) {
		t.Errorf("%v, %v", all, err)
	}
	_, err = unlock(t, home, id, testPassphrase)
	wantProblem(t, err, problem.Store)
	must(t, os.Chmod(filepath.Join(home, usersName), 0))
	_, err = List(home)
	wantProblem(t, err, problem.Store)
	must(t, os.Chmod(filepath.Join(home, usersName), 0o700))
}

// The users folder is closed to others too, at making and at opening; the home
// that holds it is the person's affair.
func TestWideUsersFolderIsRepaired(t *testing.T) {
	home := t.TempDir()
	must(t, os.Chmod(home, 0o755))
	id, _ := makeVault(t, home, "Amina")
	users := filepath.Join(home, usersName)
	for name, act := range map[string]func(){
		"unlock": func() { closeVault(t, mustUnlock(t, home, id, testPassphrase)) },
		"create": func() { makeVault(t, home, "Bola") },
	} {
		must(t, os.Chmod(users, 0o777))
		act()
		if mode(t, users) != fs.ModeDir|0o700 || mode(t, home) != fs.ModeDir|0o755 {
			t.Errorf("%s: users %v, home %v", name, mode(t, users), mode(t, home))
		}
	}
}

// What another account owns is refused, whichever file it is: its owner could
// read it, or give that right to others.
func TestWhatAnotherAccountOwnsIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to another account")
	}
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	dir := profilePath(home, id)
	must(t, os.WriteFile(filepath.Join(dir, storeName), nil, 0o600))
	for _, path := range []string{filepath.Join(dir, storeName), filepath.Join(dir, fileName), filepath.Join(dir, lockName), dir, filepath.Dir(dir)} {
		must(t, os.Chown(path, 65534, 65534))
		_, err := unlock(t, home, id, testPassphrase)
		wantProblem(t, err, problem.Store)
		if !errors.Is(err, errForeign) {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		if path == filepath.Dir(dir) {
			_, _, err := Create(t.Context(), home, "Bola", []byte(testPassphrase), cheap())
			if !errors.Is(err, errForeign) {
				t.Errorf("create: %v", err)
			}
		}
		must(t, os.Chown(path, os.Geteuid(), os.Getegid()))
	}
	closeVault(t, mustUnlock(t, home, id, testPassphrase))
}

func TestHomeThatOthersMayChangeIsToldOf(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	v := mustUnlock(t, home, id, testPassphrase)
	defer closeVault(t, v)
	for m, want := range map[fs.FileMode]bool{0o700: false, 0o755: false, 0o775: true, 0o777: true, 0o777 | fs.ModeSticky: false} {
		must(t, os.Chmod(home, m))
		if open, err := v.HomeOpen(); err != nil || open != want {
			t.Errorf("%v: %v, %v", m, open, err)
		}
	}
}
