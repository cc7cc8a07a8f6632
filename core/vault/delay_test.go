package vault

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
)

// A clock that is set by hand.
func handClock(start string) (o Options, now *time.Time) {
	now = new(at(start)())
	o = cheap()
	o.Now = func() time.Time { return *now }
	return o, now
}

func try(t *testing.T, home string, id ID, secret string, o Options) error {
	t.Helper()
	v, err := Unlock(t.Context(), home, id, []byte(secret), o)
	if err == nil {
		closeVault(t, v)
	}
	return err
}

// waitOf is how long the problem says to wait; 0 when the secret was tried.
func waitOf(t *testing.T, err error) time.Duration {
	t.Helper()
	wantProblem(t, err, problem.Locked)
	if soon, ok := errors.AsType[*TooSoon](err); ok {
		return soon.Wait
	}
	return 0
}

func TestDelayGrows(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	o, now := handClock("2026-03-01T09:30:00Z")
	for i, want := range []time.Duration{0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		if wait := waitOf(t, try(t, home, id, "wrong donkey", o)); wait != 0 {
			t.Fatalf("try %d was not tried: %v", i+1, wait)
		}
		for _, secret := range []string{"wrong donkey", testPassphrase} { // the right one is not tried either
			if want == 0 {
				continue
			}
			if wait := waitOf(t, try(t, home, id, secret, o)); wait != want*time.Second {
				t.Errorf("after failure %d: %v, want %v s", i+1, wait, int(want))
			}
		}
		*now = now.Add(want*time.Second - time.Millisecond)
		if want > 0 && waitOf(t, try(t, home, id, testPassphrase, o)) != time.Millisecond {
			t.Errorf("after failure %d the delay is over too soon", i+1)
		}
		*now = now.Add(time.Millisecond)
	}
}

func TestSuccessClearsAndTellsTheFailures(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	o, now := handClock("2026-03-01T09:30:00Z")
	for range 4 {
		try(t, home, id, "wrong donkey", o)
	}
	err := try(t, home, id, testPassphrase, o)
	if p, _ := errors.AsType[*problem.Problem](err); p == nil || !strings.Contains(p.Message, "wait 2 seconds") {
		t.Errorf("%v does not say how long", err)
	}
	last := *now
	*now = now.Add(3 * time.Second)
	for _, want := range []Opening{{By: Recovery, Failures: 4, LastFailure: last}, {By: Recovery}} {
		v, err := Unlock(t.Context(), home, id, []byte(code), o)
		must(t, err)
		closeVault(t, v)
		if how := v.Opening(); how.Failures != want.Failures || !how.LastFailure.Equal(want.LastFailure) || how.By != want.By {
			t.Errorf("opened as %+v, want %+v", how, want)
		}
	}
	if _, err := os.Stat(filepath.Join(profilePath(home, id), attemptsName)); err == nil {
		t.Error("the count is still there")
	}
}

// Nothing given, or something no passphrase can be, is not counted.
func TestOnlyRealTriesCount(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	o, _ := handClock("2026-03-01T09:30:00Z")
	for range 6 {
		try(t, home, id, "", o)
		try(t, home, id, strings.Repeat("x", 2000), o)
	}
	must(t, try(t, home, id, testPassphrase, o))
}

// The delay goes for every door.
func TestDelayHoldsForEveryAct(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	o, now := handClock("2026-03-01T09:30:00Z")
	for range 4 {
		wantProblem(t, ChangePassphrase(t.Context(), home, id, []byte("wrong donkey"), []byte(newSecret), o), problem.Locked)
	}
	_, err := Recover(t.Context(), home, id, []byte(code), []byte(newSecret), o)
	if waitOf(t, err) != 2*time.Second {
		t.Errorf("recover: %v", err)
	}
	if err := Erase(t.Context(), home, id, []byte(testPassphrase), o); waitOf(t, err) != 2*time.Second {
		t.Errorf("erase: %v", err)
	}
	*now = now.Add(2 * time.Second)
	must(t, ChangePassphrase(t.Context(), home, id, []byte(testPassphrase), []byte(newSecret), o))
	must(t, try(t, home, id, newSecret, o))
}

// A clock that was put back by a year neither locks the person out for a year
// nor ends the delay.
func TestClockPutBack(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	o, now := handClock("2026-03-01T09:30:00Z")
	for range 4 {
		try(t, home, id, "wrong donkey", o)
	}
	*now = now.AddDate(-1, 0, 0)
	if wait := waitOf(t, try(t, home, id, testPassphrase, o)); wait != 2*time.Second {
		t.Errorf("after the jump: %v", wait)
	}
	*now = now.Add(time.Second)
	if wait := waitOf(t, try(t, home, id, testPassphrase, o)); wait != time.Second {
		t.Errorf("a second later: %v", wait)
	}
	*now = now.Add(time.Second)
	must(t, try(t, home, id, testPassphrase, o))
}

// What the count says need not be true; nothing it says keeps the person out
// for longer than the longest delay.
func TestCountThatCanNotBe(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	o, now := handClock("2026-03-01T09:30:00Z")
	path := filepath.Join(profilePath(home, id), attemptsName)
	for text, want := range map[string]time.Duration{
		"": 0, "{": 0, `{"failures":-5,"last":"2026-03-01T09:30:00Z"}`: 0, strings.Repeat("9", 5000): 0,
		`{"failures":9000000000000000000,"last":"2026-03-01T09:30:00Z"}`: longestDelay,
		`{"failures":1000000,"last":"9999-03-01T09:30:00Z"}`:             longestDelay,
	} {
		must(t, os.WriteFile(path, []byte(text), 0o600))
		err := try(t, home, id, testPassphrase, o)
		if want == 0 {
			must(t, err)
			continue
		}
		if waitOf(t, err) != want {
			t.Errorf("%.40s: %v", text, err)
		}
		saved := *now
		*now = now.Add(want)
		must(t, try(t, home, id, testPassphrase, o))
		*now = saved
	}
}
