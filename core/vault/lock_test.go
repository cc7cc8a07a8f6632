package vault

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"chatmrpt/core/problem"
)

func TestSecondOpeningIsRefusedWithWhoAndSince(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	o := cheap()
	o.Now = at("2026-03-01T14:02:59+01:00")
	first, err := Unlock(t.Context(), home, id, []byte(testPassphrase), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ now, says string }{
		{"2026-03-01T18:00:00+01:00", fmt.Sprintf("unlock: Amina: open in another window since 14:02 (process %d)", os.Getpid())},
		{"2026-03-01T18:00:00Z", "since 13:02 (process"},
		{"2026-03-02T09:00:00+01:00", "since 14:02 on 1 March 2026 (process"},
	} {
		o.Now = at(c.now)
		for _, secret := range []string{testPassphrase, "wrong passphrase"} { // nothing is tried
			_, err := Unlock(t.Context(), home, id, []byte(secret), o)
			wantProblem(t, err, problem.Conflict)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want it to say %q", err, c.says)
			}
		}
	}
	closeVault(t, first)
	closeVault(t, mustUnlock(t, home, id, testPassphrase))
}

// A note that was cut off, or written by something else, costs the details
// only.
func TestUnreadableNoteStillRefuses(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	v := mustUnlock(t, home, id, testPassphrase)
	defer closeVault(t, v)
	for _, note := range []string{"", "{", strings.Repeat("9", 5000), `{"pid":-1,"since":"2026-03-01T14:02:00Z"}`} {
		must(t, os.WriteFile(v.Dir()+"/"+lockName, []byte(note), 0o600))
		_, err := unlock(t, home, id, testPassphrase)
		wantProblem(t, err, problem.Conflict)
		if err == nil || !strings.HasSuffix(err.Error(), "open in another window") {
			t.Errorf("note %.10q: %v", note, err)
		}
	}
}

func TestLockFileReplacedUnderneathIsNoLock(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	must(t, err)
	defer root.Close()
	f, err := root.Create(lockName)
	must(t, err)
	defer f.Close()
	must(t, sameFile(root, lockName, f))
	must(t, root.Rename(lockName, "moved"))
	if err := sameFile(root, lockName, f); err == nil {
		t.Error("a lock file that is gone was taken for one that is there")
	}
	must(t, root.WriteFile(lockName, nil, 0o600))
	if err := sameFile(root, lockName, f); err == nil {
		t.Error("another file was taken for the one that is locked")
	}
}

// Exactly one of the two gets it, each time, and can use it.
func TestTwoUnlockingAtOnce(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	for range 50 {
		var wg sync.WaitGroup
		var vaults [2]*Vault
		var errs [2]error
		for i := range vaults {
			wg.Go(func() { vaults[i], errs[i] = unlock(t, home, id, testPassphrase) })
		}
		wg.Wait()
		winner := vaults[0]
		if errs[0] != nil {
			winner = vaults[1]
		}
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v, %v: want exactly one to win", errs[0], errs[1])
		}
		wantProblem(t, errs[map[bool]int{true: 1, false: 0}[errs[0] == nil]], problem.Conflict)
		storeKey(t, winner)
		closeVault(t, winner)
	}
}

// holderHome tells the test binary, started again, to hold a vault open.
const holderHome = "VAULT_TEST_HOLDER_HOME"

// TestHolderProcess is not a test of its own: it is the other process of
// TestLockOfAnotherProcess.
func TestHolderProcess(t *testing.T) {
	home := os.Getenv(holderHome)
	if home == "" {
		return
	}
	all, err := List(home)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	v := mustUnlock(t, home, all[0].ID, testPassphrase)
	fmt.Println("holding")
	io.Copy(io.Discard, os.Stdin)
	closeVault(t, v)
}

// startHolder starts a process that has the one vault of home open. stop lets
// it close the vault and end.
func startHolder(t *testing.T, home string) (cmd *exec.Cmd, stop func()) {
	t.Helper()
	cmd = exec.Command(os.Args[0], "-test.run=^TestHolderProcess$")
	cmd.Env = append(os.Environ(), holderHome+"="+home)
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "holding\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	return cmd, func() {
		in.Close()
		cmd.Wait()
	}
}

func TestLockOfAnotherProcess(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")

	cmd, stop := startHolder(t, home)
	_, err := unlock(t, home, id, testPassphrase)
	wantProblem(t, err, problem.Conflict)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("(process %d)", cmd.Process.Pid)) {
		t.Errorf("%v does not name process %d", err, cmd.Process.Pid)
	}
	stop()
	closeVault(t, mustUnlock(t, home, id, testPassphrase))

	cmd, stop = startHolder(t, home)
	must(t, cmd.Process.Kill())
	stop()
	if note, _ := os.ReadFile(profilePath(home, id) + "/" + lockName); !bytes.Contains(note, []byte("pid")) {
		t.Error("the killed process left no note: this did not test what it means to")
	}
	closeVault(t, mustUnlock(t, home, id, testPassphrase))
}

func TestClockNamesTheDayUnlessItIsToday(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 30, 0, 0, time.UTC)
	if got := clock(now.Add(-time.Hour), now); got != "23:30 on 28 February 2026" {
		t.Error(got)
	}
	if got := clock(now, now); got != "00:30" {
		t.Error(got)
	}
}
