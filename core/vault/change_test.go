package vault

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
)

const newSecret = "seven lanterns over water"

var errInjected = errors.New("injected fault")

// faultAt fails the n-th step of a change, counted from 0, and tells which it
// was; "" when the change has fewer.
func faultAt(n int, how func(step string) error) (f fault, hit *string) {
	hit = new(string)
	return func(step string) error {
		if n--; n != -1 {
			return nil
		}
		*hit = step
		return how(step)
	}, hit
}

// eachFault runs change once for each step it has, failing there: with an
// error, and as if the process ended there. check looks at what is left.
func eachFault(t *testing.T, change func(o Options) error, check func(t *testing.T, step string, err error)) {
	t.Helper()
	fail := func(string) error { return errInjected }
	die := func(string) error { panic(errInjected) }
	for name, how := range map[string]func(string) error{"fails": fail, "dies": die} {
		steps := 0
		for n := 0; ; n++ {
			o := cheap()
			var hit *string
			o.fault, hit = faultAt(n, how)
			err := survive(func() error { return change(o) })
			if *hit == "" {
				break
			}
			steps++
			t.Run(fmt.Sprintf("%s/%d %s", name, n, *hit), func(t *testing.T) { check(t, *hit, err) })
		}
		if steps < 4 {
			t.Errorf("%s: %d steps only", name, steps)
		}
	}
}

// survive turns the end of the process into an error.
func survive(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	return do()
}

// opens reports whether secret opens the profile, to the key it should.
func opens(t *testing.T, home string, id ID, secret string, key []byte) bool {
	t.Helper()
	v, err := Unlock(t.Context(), home, id, []byte(secret), patient())
	os.Remove(filepath.Join(profilePath(home, id), attemptsName))
	if err != nil {
		wantProblem(t, err, problem.Locked)
		return false
	}
	defer closeVault(t, v)
	if key != nil && !bytes.Equal(storeKey(t, v), key) {
		t.Errorf("%q opens to another key", secret)
	}
	for _, n := range v.Opening().Notices {
		t.Errorf("notice: %v", n)
	}
	return true
}

// keyOf is the store key of a profile.
func keyOf(t *testing.T, home string, id ID, secret string) []byte {
	t.Helper()
	v := mustUnlock(t, home, id, secret)
	defer closeVault(t, v)
	return storeKey(t, v)
}

func TestChangePassphrase(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	other, _ := makeVault(t, home, "Bola")
	key, bola := keyOf(t, home, id, code), tree(t, profilePath(home, other))
	for _, step := range []struct{ secret, next string }{{testPassphrase, newSecret}, {code, "eleven quiet bicycles"}} {
		must(t, ChangePassphrase(t.Context(), home, id, []byte(step.secret), []byte(step.next), cheap()))
		if opens(t, home, id, testPassphrase, nil) || !opens(t, home, id, step.next, key) || !opens(t, home, id, code, key) {
			t.Errorf("after the change to %q: the wrong secrets open it", step.next)
		}
	}
	if !maps.Equal(tree(t, profilePath(home, other)), bola) {
		t.Error("another profile was changed")
	}
}

func TestRecoverGivesANewCode(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	key := keyOf(t, home, id, code)
	fresh, err := Recover(t.Context(), home, id, []byte(strings.ToLower(code)), []byte(newSecret), cheap())
	must(t, err)
	for secret, want := range map[string]bool{testPassphrase: false, code: false, newSecret: true, fresh: true} {
		if opens(t, home, id, secret, key) != want {
			t.Errorf("%q opens: want %v", secret, want)
		}
	}
	_, err = Recover(t.Context(), home, id, []byte(newSecret), []byte(testPassphrase), patient())
	wantProblem(t, err, problem.Locked) // a passphrase does not recover
}

func TestChangesAreRefused(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	before := tree(t, home)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx          context.Context
		secret, next string
		code         problem.Code
	}{
		"wrong passphrase": {t.Context(), "incorrect donkey", newSecret, problem.Locked},
		"nothing given":    {t.Context(), "", newSecret, problem.Locked},
		"short":            {t.Context(), testPassphrase, "abc", problem.BadInput},
		"easy":             {t.Context(), testPassphrase, "password1", problem.BadInput},
		"own name":         {t.Context(), testPassphrase, "amina1999", problem.BadInput},
		"cancelled":        {cancelled, testPassphrase, newSecret, problem.Interrupted},
	} {
		wantProblem(t, ChangePassphrase(c.ctx, home, id, []byte(c.secret), []byte(c.next), patient()), c.code)
		if c.secret == testPassphrase {
			c.secret = code
		}
		fresh, err := Recover(c.ctx, home, id, []byte(c.secret), []byte(c.next), patient())
		wantProblem(t, err, c.code)
		after := tree(t, home)
		delete(after, filepath.Join(profilePath(home, id), attemptsName))
		if os.Remove(filepath.Join(profilePath(home, id), attemptsName)); !maps.Equal(after, before) || fresh != "" {
			t.Errorf("%s: something was changed", name)
		}
	}
	v := mustUnlock(t, home, id, testPassphrase)
	defer closeVault(t, v)
	wantProblem(t, ChangePassphrase(t.Context(), home, id, []byte(testPassphrase), []byte(newSecret), cheap()), problem.Conflict)
	_, err := Recover(t.Context(), home, ID{}, []byte(code), []byte(newSecret), cheap())
	wantProblem(t, err, problem.Usage)
}

// At whatever step a change of the passphrase ends, the profile opens with the
// old one or the new one, to the same key; the error says which.
func TestChangePassphraseFailsAtEachStep(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	key := keyOf(t, home, id, code)
	back := readVaultJSON(t, home, id)
	eachFault(t, func(o Options) error {
		writeVaultJSON(t, home, id, back)
		return ChangePassphrase(t.Context(), home, id, []byte(testPassphrase), []byte(newSecret), o)
	}, func(t *testing.T, step string, err error) {
		if !errors.Is(err, errInjected) {
			t.Errorf("the fault is not told: %v", err)
		}
		old, fresh := opens(t, home, id, testPassphrase, key), opens(t, home, id, newSecret, key)
		if old == fresh || fresh != (step == "sync folder") || !opens(t, home, id, code, key) {
			t.Errorf("old opens: %v, new opens: %v", old, fresh)
		}
		if _, err := os.Stat(filepath.Join(profilePath(home, id), fileName+tempSuffix)); err == nil {
			t.Error("the unfinished file is still there after unlocking")
		}
	})
}

func TestRecoverFailsAtEachStep(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	key := keyOf(t, home, id, code)
	back := readVaultJSON(t, home, id)
	var fresh string
	eachFault(t, func(o Options) (err error) {
		fresh = ""
		writeVaultJSON(t, home, id, back)
		fresh, err = Recover(t.Context(), home, id, []byte(code), []byte(newSecret), o)
		return err
	}, func(t *testing.T, step string, err error) {
		if old := opens(t, home, id, code, key); old == opens(t, home, id, newSecret, key) {
			t.Errorf("old code opens: %v, new passphrase too", old)
		}
		if fresh != "" && !opens(t, home, id, fresh, key) {
			t.Error("the code that was returned does not open")
		}
		if p, ok := errors.AsType[*problem.Problem](err); ok && step == "sync folder" && fresh == "" && opens(t, home, id, newSecret, key) {
			t.Errorf("the code is lost: %v", p)
		}
	})
}

// changerHome tells the test binary, started again, to change a passphrase to
// and fro until it is killed.
const changerHome = "VAULT_TEST_CHANGER_HOME"

// TestChangerProcess is not a test of its own: it is the process that
// TestChangerKilledAtAnyMoment kills.
func TestChangerProcess(t *testing.T) {
	home := os.Getenv(changerHome)
	if home == "" {
		return
	}
	all, err := List(home)
	must(t, err)
	secrets := [2]string{testPassphrase, newSecret}
	if !opens(t, home, all[0].ID, secrets[0], nil) {
		secrets[0], secrets[1] = secrets[1], secrets[0]
	}
	fmt.Println("changing")
	for {
		must(t, ChangePassphrase(t.Context(), home, all[0].ID, []byte(secrets[0]), []byte(secrets[1]), patient()))
		secrets[0], secrets[1] = secrets[1], secrets[0]
	}
}

func TestChangerKilledAtAnyMoment(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	key := keyOf(t, home, id, code)
	random := rand.New(rand.NewPCG(7, 7))
	for range 30 {
		killAfter(t, "^TestChangerProcess$", changerHome+"="+home, "changing", time.Duration(random.IntN(20_000))*time.Microsecond)
		if opens(t, home, id, testPassphrase, key) == opens(t, home, id, newSecret, key) {
			t.Fatal("neither or both passphrases open it")
		}
		if !opens(t, home, id, code, key) {
			t.Fatal("the recovery code does not open it")
		}
	}
}

// killAfter starts the test binary with one test, waits for its word and kills
// it some time after.
func killAfter(t *testing.T, test, env, word string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run="+test)
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != word+"\n" {
		t.Errorf("the other process said %q, %v", line, err)
	}
	<-time.After(after) // the moment of the kill is what is tried, not what is waited for
	must(t, cmd.Process.Kill())
	cmd.Wait()
}
