package vault

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"chatmrpt/core/problem"
)

// fakeKeyring is a keyring in memory, which can be made to fail.
type fakeKeyring struct {
	held map[string][]byte
	fail error
}

// Get implements Keyring.
func (k *fakeKeyring) Get(name string) ([]byte, error) {
	if k.fail != nil {
		return nil, k.fail
	}
	if k.held[name] == nil {
		return nil, ErrNoEntry
	}
	return bytes.Clone(k.held[name]), nil
}

// Set implements Keyring.
func (k *fakeKeyring) Set(name string, secret []byte) error {
	if k.fail == nil {
		k.held[name] = secret
	}
	return k.fail
}

// Delete implements Keyring.
func (k *fakeKeyring) Delete(name string) error {
	if k.fail == nil && k.held[name] == nil {
		return ErrNoEntry
	}
	if k.fail == nil {
		delete(k.held, name)
	}
	return k.fail
}

// withKeyring makes a profile that a keyring opens.
func withKeyring(t *testing.T) (home string, id ID, code string, k *fakeKeyring, o Options) {
	t.Helper()
	home, k, o = t.TempDir(), &fakeKeyring{held: map[string][]byte{}}, cheap()
	o.Keyring = k
	id, code = makeVault(t, home, "Amina")
	must(t, KeyringOn(t.Context(), home, id, []byte(testPassphrase), o))
	return home, id, code, k, o
}

func opensByKeyring(t *testing.T, home string, id ID, o Options) error {
	t.Helper()
	v, err := UnlockByKeyring(t.Context(), home, id, o)
	if err == nil {
		if v.OpenedBy() != InKeyring {
			t.Errorf("opened by %s", v.OpenedBy())
		}
		closeVault(t, v)
	}
	return err
}

func listed(t *testing.T, home string) Profile {
	t.Helper()
	all, err := List(home)
	if err != nil || len(all) != 1 || all[0].Damaged != nil {
		t.Fatalf("%+v (%v)", all, err)
	}
	return all[0]
}

// Off by default; on, it opens the same vault as the passphrase, which goes on
// to open it; off again, nothing is left in the keyring.
func TestTheKeyringOpensWhatItWasLetInto(t *testing.T) {
	home, k, o := t.TempDir(), &fakeKeyring{held: map[string][]byte{}}, cheap()
	o.Keyring = k
	id, code := makeVault(t, home, "Amina")
	if listed(t, home).Keyring {
		t.Error("it is on by default")
	}
	wantProblem(t, opensByKeyring(t, home, id, o), problem.Usage)
	wantProblem(t, KeyringOn(t.Context(), home, id, []byte("another passphrase"), o), problem.Locked)
	if len(k.held) != 0 {
		t.Error("a wrong passphrase put something into the keyring")
	}
	must(t, KeyringOn(t.Context(), home, id, []byte(testPassphrase), o))
	must(t, opensByKeyring(t, home, id, o))
	if p := listed(t, home); !p.Keyring || len(k.held) != 1 {
		t.Errorf("%+v, %d entries", p, len(k.held))
	}
	v, err := UnlockByKeyring(t.Context(), home, id, o)
	must(t, err)
	key := storeKey(t, v)
	closeVault(t, v)
	for _, secret := range []string{testPassphrase, code} {
		if !opens(t, home, id, secret, key) {
			t.Errorf("%.4s… no longer opens it", secret)
		}
	}
	if bytes.Contains(readVaultJSON(t, home, id), k.held[id.String()]) {
		t.Error("the secret is in vault.json")
	}
	must(t, KeyringOff(t.Context(), home, id, []byte(code), o))
	if listed(t, home).Keyring || len(k.held) != 0 {
		t.Errorf("still on, or %d entries left", len(k.held))
	}
	wantProblem(t, opensByKeyring(t, home, id, o), problem.Usage)
}

// Without a keyring, or with one that lost or changed the secret, there is a
// problem that says so; nothing else is tried, and the passphrase opens it.
func TestAFailingKeyringIsAProblemAndNoFallback(t *testing.T) {
	home, id, _, k, o := withKeyring(t)
	kept := k.held[id.String()]
	for name, break_ := range map[string]func(){
		"absent":  func() { k.fail = errors.New("no such bus") },
		"empty":   func() { k.held = map[string][]byte{} },
		"another": func() { k.held[id.String()] = bytes.Repeat([]byte{7}, keySize) },
		"short":   func() { k.held[id.String()] = []byte{7} },
	} {
		k.fail, k.held = nil, map[string][]byte{id.String(): kept}
		break_()
		err := opensByKeyring(t, home, id, o)
		wantProblem(t, err, problem.Locked)
		if !opens(t, home, id, testPassphrase, nil) {
			t.Errorf("%s: the passphrase does not open it", name)
		}
		if k.fail == nil {
			continue
		}
		wantProblem(t, KeyringOn(t.Context(), home, id, []byte(testPassphrase), o), problem.Locked)
		wantProblem(t, KeyringOff(t.Context(), home, id, []byte(testPassphrase), o), problem.Locked)
		if listed(t, home).Keyring {
			t.Error("the slot outlives a keyring that can't be asked")
		}
		k.fail = nil
		must(t, KeyringOn(t.Context(), home, id, []byte(testPassphrase), o))
		kept = k.held[id.String()]
	}
}

// Wrong secrets in the keyring count, and the delay after wrong passphrases
// holds for it.
func TestTheDelayHoldsForTheKeyring(t *testing.T) {
	home, id, _, k, o := withKeyring(t)
	now := at("2026-03-01T09:30:00Z")()
	o.Now = func() time.Time { return now }
	kept := k.held[id.String()]
	k.held[id.String()] = make([]byte, keySize)
	for range freeFailures + 1 {
		wantProblem(t, opensByKeyring(t, home, id, o), problem.Locked)
	}
	k.held[id.String()] = kept
	err := opensByKeyring(t, home, id, o)
	if soon, ok := errors.AsType[*TooSoon](err); !ok || soon.Failures != freeFailures+1 {
		t.Errorf("after %d failures: %v", freeFailures+1, err)
	}
	now = now.Add(time.Hour)
	must(t, opensByKeyring(t, home, id, o))
}

// A new key, a recovery and an erasing close the way through the keyring.
func TestRotateRecoverAndEraseCloseTheKeyring(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, home string, id ID, code string, o Options){
		"rotate": func(t *testing.T, home string, id ID, _ string, o Options) {
			v := mustUnlock(t, home, id, testPassphrase)
			v.keyring = o.Keyring
			must(t, os.WriteFile(v.StorePath(), storeKey(t, v), 0o600))
			_, err := Rotate(t.Context(), v, []byte(testPassphrase), copyKey, o)
			must(t, err)
			closeVault(t, v)
		},
		"recover": func(t *testing.T, home string, id ID, code string, o Options) {
			_, err := Recover(t.Context(), home, id, []byte(code), []byte(newSecret), o)
			must(t, err)
		},
		"erase": func(t *testing.T, home string, id ID, _ string, o Options) {
			must(t, Erase(t.Context(), home, id, []byte(testPassphrase), o))
		},
		"erase by force": func(t *testing.T, home string, id ID, _ string, o Options) {
			must(t, EraseForced(t.Context(), home, id, o))
		},
	} {
		home, id, code, k, o := withKeyring(t)
		end(t, home, id, code, o)
		if len(k.held) != 0 {
			t.Errorf("%s: the secret is left in the keyring", name)
		}
		if err := opensByKeyring(t, home, id, o); err == nil {
			t.Errorf("%s: the keyring opens it", name)
		}
	}
}

// What is wrong with the keyring is told by the check, which a doctor makes.
func TestCheckKeyring(t *testing.T) {
	home, id, _, k, o := withKeyring(t)
	v, err := UnlockByKeyring(t.Context(), home, id, o)
	must(t, err)
	defer closeVault(t, v)
	if on, err := v.CheckKeyring(t.Context()); !on || err != nil {
		t.Errorf("%v (%v)", on, err)
	}
	k.held = map[string][]byte{}
	if on, err := v.CheckKeyring(t.Context()); !on || !problem.Is(err, problem.Locked) {
		t.Errorf("lost: %v (%v)", on, err)
	}
	stuck, stop := context.WithCancel(t.Context())
	stop()
	if _, err := ask(stuck, func() (int, error) { <-t.Context().Done(); return 0, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a keyring that hangs: %v", err)
	}
}

// tryKeyring lets the tests use the keyring of this system, which may ask its
// owner for a password. On Linux without a desktop:
//
//	dbus-run-session -- sh -c 'echo -n pw | gnome-keyring-daemon --unlock --components=secrets; MRPT_TEST_KEYRING=1 go test -run Systems ./core/vault'
const tryKeyring = "MRPT_TEST_KEYRING"

// The real one: where there is none it is a problem in words; where there is,
// the secret comes back, and goes.
func TestTheSystemsKeyring(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	if os.Getenv(tryKeyring) == "" {
		if runtime.GOOS == "linux" {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(home, "no-bus"))
			wantProblem(t, KeyringOn(t.Context(), home, id, []byte(testPassphrase), cheap()), problem.Locked)
		}
		t.Skip("the keyring of this system is its owner's: " + tryKeyring + "=1 tries it")
	}
	must(t, KeyringOn(t.Context(), home, id, []byte(testPassphrase), cheap()))
	must(t, opensByKeyring(t, home, id, cheap()))
	must(t, KeyringOff(t.Context(), home, id, []byte(testPassphrase), cheap()))
	if _, err := (SystemKeyring{}).Get(id.String()); !errors.Is(err, ErrNoEntry) {
		t.Errorf("left in the keyring: %v", err)
	}
}

// A code that nobody may have seen is told of at every opening until somebody
// says that it was shown; that of the paper in hand is not.
func TestAnUntoldCodeIsTold(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	untold := func() bool {
		v := mustUnlock(t, home, id, testPassphrase)
		defer closeVault(t, v)
		return v.Opening().CodeUntold
	}
	for range 2 { // it tells until it was told
		if !untold() {
			t.Error("a profile whose making was stopped does not tell")
		}
	}
	must(t, CodeTold(t.Context(), home, id, cheap()))
	if untold() {
		t.Error("told all the same")
	}
	v := mustUnlock(t, home, id, testPassphrase)
	must(t, os.WriteFile(v.StorePath(), storeKey(t, v), 0o600))
	// The switch fails: the old code holds, and was told.
	o := cheap()
	renames := 0
	o.fault = func(step string) error {
		if step == "rename" {
			if renames++; renames == 2 {
				return errors.New("no")
			}
		}
		return nil
	}
	if _, err := Rotate(t.Context(), v, []byte(testPassphrase), copyKey, o); err == nil || renames != 2 {
		t.Fatalf("%d renames (%v)", renames, err)
	}
	closeVault(t, v)
	if untold() || !opens(t, home, id, code, nil) {
		t.Error("a rotation that did not come to pass took the code away")
	}
	v = mustUnlock(t, home, id, testPassphrase)
	_, err := Rotate(t.Context(), v, []byte(testPassphrase), copyKey, cheap())
	must(t, err)
	closeVault(t, v) // and is killed before the face shows the code
	if !untold() {
		t.Error("a rotation that was stopped before its code was shown does not tell")
	}
	v = mustUnlock(t, home, id, testPassphrase)
	must(t, v.CodeTold())
	closeVault(t, v)
	if untold() {
		t.Error("told all the same")
	}
	wantProblem(t, v.CodeTold(), problem.Locked)
	if _, err := os.Stat(filepath.Join(profilePath(home, id), codeName)); !os.IsNotExist(err) {
		t.Errorf("the mark is left: %v", err)
	}
}
