package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chatmrpt/core/problem"
)

func TestCreateOpensAndUnlockFindsTheSameKeys(t *testing.T) {
	home := filepath.Join(t.TempDir(), "not", "yet")
	o := cheap()
	o.Now = at("2026-03-01T09:30:00.75Z")
	v, code, err := Create(t.Context(), home, "  Amina Bello ", []byte(testPassphrase), o)
	if err != nil {
		t.Fatal(err)
	}
	key := storeKey(t, v)
	if v.Name() != "Amina Bello" || v.ID().IsZero() || v.OpenedBy() != Passphrase || len(key) != 32 || bytes.Equal(key, make([]byte, 32)) {
		t.Errorf("%s %s %s, key of %d bytes", v.Name(), v.ID(), v.OpenedBy(), len(key))
	}
	if v.Dir() != profilePath(home, v.ID()) || v.StorePath() != filepath.Join(v.Dir(), "data.db") || !filepath.IsAbs(v.Dir()) {
		t.Errorf("folder %s, store %s", v.Dir(), v.StorePath())
	}
	closeVault(t, v)
	for secret, by := range map[string]Slot{testPassphrase: Passphrase, strings.ToLower(code): Recovery} {
		again := mustUnlock(t, home, v.ID(), secret)
		if !bytes.Equal(storeKey(t, again), key) || again.OpenedBy() != by || again.Name() != v.Name() || again.Dir() != v.Dir() {
			t.Errorf("opened by %s it is another vault", by)
		}
		closeVault(t, again)
	}
	p, err := Find(home, "AMINA  bello")
	if err != nil || p.ID != v.ID() || !p.Created.Equal(at("2026-03-01T09:30:00Z")()) || p.Damaged != nil {
		t.Errorf("found %+v, %v", p, err)
	}
}

// A relative home must not depend on where the program goes next.
func TestRelativeHomeIsMadeAbsolute(t *testing.T) {
	t.Chdir(t.TempDir())
	v, _, err := Create(t.Context(), "home", "Amina", []byte(testPassphrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer closeVault(t, v)
	if !filepath.IsAbs(v.Dir()) {
		t.Errorf("folder %s", v.Dir())
	}
}

func TestEveryVaultHasItsOwnKeys(t *testing.T) {
	home := t.TempDir()
	seen := map[string]bool{}
	for _, name := range []string{"Amina", "Bola", "Chidi"} {
		v, code, err := Create(t.Context(), home, name, []byte(testPassphrase), cheap())
		if err != nil {
			t.Fatal(err)
		}
		seen[string(storeKey(t, v))], seen[code], seen[v.ID().String()] = true, true, true
		closeVault(t, v)
	}
	if len(seen) != 9 {
		t.Errorf("%d different ids, codes and keys among three profiles, want 9", len(seen))
	}
}

func TestCreateRefusesAndLeavesNothing(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	broken := cheap()
	broken.Rand = io.LimitReader(rand.NewChaCha8([32]byte{}), 70) // ends among the first slot's numbers
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		ctx              context.Context
		home             string
		user, passphrase string
		o                Options
		code             problem.Code
	}{
		"no home":          {t.Context(), "", "Amina", testPassphrase, cheap(), problem.Usage},
		"no name":          {t.Context(), t.TempDir(), " ", testPassphrase, cheap(), problem.BadInput},
		"no passphrase":    {t.Context(), t.TempDir(), "Amina", "", cheap(), problem.BadInput},
		"short passphrase": {t.Context(), t.TempDir(), "Amina", "1234567", cheap(), problem.BadInput},
		"cancelled":        {cancelled, t.TempDir(), "Amina", testPassphrase, cheap(), problem.Interrupted},
		"no randomness":    {t.Context(), t.TempDir(), "Amina", testPassphrase, broken, problem.Store},
		"home is a file":   {t.Context(), file, "Amina", testPassphrase, cheap(), problem.Store},
		"home below one":   {t.Context(), filepath.Join(file, "x"), "Amina", testPassphrase, cheap(), problem.Store},
	} {
		v, code, err := Create(c.ctx, c.home, c.user, []byte(c.passphrase), c.o)
		wantProblem(t, err, c.code)
		if v != nil || code != "" {
			t.Errorf("%s: %v, code %q", name, v, code)
		}
		if left, _ := os.ReadDir(c.home); len(left) != 0 {
			t.Errorf("%s: %v is left", name, left)
		}
	}
}

// Randomness that ends at any byte makes no vault: no short key, salt or id.
func TestCreateNeedsAllItsRandomness(t *testing.T) {
	const enough = idBytes + keySize + recoveryBytes + 2*(saltSize+24)
	for n := range enough + 1 {
		home := t.TempDir()
		o := cheap()
		o.Rand = io.LimitReader(rand.NewChaCha8([32]byte{4}), int64(n))
		v, _, err := Create(t.Context(), home, "Amina", []byte(testPassphrase), o)
		if n == enough {
			must(t, err)
			closeVault(t, v)
			continue
		}
		wantProblem(t, err, problem.Store)
		if left, _ := os.ReadDir(home); v != nil || len(left) != 0 {
			t.Errorf("%d bytes: %v, %v is left", n, v, left)
		}
	}
}

func TestNamesAreUniqueInAHome(t *testing.T) {
	home := t.TempDir()
	makeVault(t, home, "Adé")
	before := tree(t, home)
	for _, same := range []string{"Adé", "ADE\u0301", " adé "} {
		_, _, err := Create(t.Context(), home, same, []byte(testPassphrase), cheap())
		wantProblem(t, err, problem.Conflict)
	}
	if !maps.Equal(tree(t, home), before) {
		t.Error("a refused profile left a trace")
	}
	makeVault(t, home, "Ade")
}

// Many windows at once ask for one name: the check and the renaming are one.
func TestOneOfManyGetsTheName(t *testing.T) {
	home := t.TempDir()
	const n = 8
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			v, _, err := Create(t.Context(), home, "Amina", []byte(testPassphrase), cheap())
			if errs[i] = err; err == nil {
				errs[i] = v.Close()
			}
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			wantProblem(t, err, problem.Conflict)
		}
	}
	if all, err := List(home); won != 1 || err != nil || len(all) != 1 {
		t.Errorf("%d made it; %d profiles, %v", won, len(all), err)
	}
}

// The same random numbers twice give the same id: the folder that is there
// stays as it is.
func TestIDDrawnTwiceHurtsNobody(t *testing.T) {
	home := t.TempDir()
	o := cheap()
	o.Rand = rand.NewChaCha8([32]byte{3})
	v, _, err := Create(t.Context(), home, "Amina", []byte(testPassphrase), o)
	if err != nil {
		t.Fatal(err)
	}
	closeVault(t, v)
	before := tree(t, home)
	o.Rand = rand.NewChaCha8([32]byte{3})
	_, _, err = Create(t.Context(), home, "Bola", []byte(testPassphrase), o)
	wantProblem(t, err, problem.Store)
	if !maps.Equal(tree(t, home), before) {
		t.Error("the home changed")
	}

	// Nor is a folder taken over that lost its files: a store may come back to it.
	for _, name := range []string{fileName, lockName} {
		must(t, os.Remove(filepath.Join(v.Dir(), name)))
	}
	o.Rand = rand.NewChaCha8([32]byte{3})
	_, _, err = Create(t.Context(), home, "Bola", []byte(testPassphrase), o)
	wantProblem(t, err, problem.Store)
}

func TestLeftoversOfAKilledCreationAreSwept(t *testing.T) {
	home := t.TempDir()
	left := filepath.Join(home, usersName, newPrefix+"aaaqeayeaudaocajbifqydiob4")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if all, err := List(home); err != nil || len(all) != 0 {
		t.Errorf("listed %v, %v", all, err)
	}
	makeVault(t, home, "Amina")
	if _, err := os.Stat(left); err == nil {
		t.Error("the leftover is still there")
	}
}

func TestBusyHomeIsWaitedForUntilCancelled(t *testing.T) {
	home := t.TempDir()
	users, err := makeUsers(home)
	if err != nil {
		t.Fatal(err)
	}
	defer users.Close()
	l, err := tryLock(users, homeLockName, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := lockHome(ctx, users, time.Now())
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := l.release(); err != nil {
		t.Fatal(err)
	}
	if l, err = lockHome(t.Context(), users, time.Now()); err != nil {
		t.Fatal(err)
	}
	l.release()
}
