package vault

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"chatmrpt/core/problem"
)

// fullDiskHome tells the test binary, started again, to fill a disk.
const fullDiskHome = "VAULT_TEST_FULL_DISK_HOME"

// TestFullDiskProcess is not a test of its own: it is the process of
// TestDiskFullWhileCreating, apart because the limit holds for all files that
// a process writes. The disk takes the first 100 bytes of a file and no more,
// as when it runs full in the middle of vault.json.
func TestFullDiskProcess(t *testing.T) {
	home := os.Getenv(fullDiskHome)
	if home == "" {
		return
	}
	signal.Notify(make(chan os.Signal, 1), unix.SIGXFSZ) // else it would end the process
	var old unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &old))
	must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 100, Max: old.Max}))
	v, _, err := Create(t.Context(), home, "Bola", []byte(testPassphrase), cheap())
	must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &old))
	wantProblem(t, err, problem.Store)
	if v != nil || !errors.Is(err, unix.EFBIG) {
		t.Errorf("%v, %v", v, err)
	}
}

func TestDiskFullWhileCreating(t *testing.T) {
	home := t.TempDir()
	makeVault(t, home, "Amina")
	before := tree(t, home)
	cmd := exec.Command(os.Args[0], "-test.run=^TestFullDiskProcess$")
	cmd.Env = append(os.Environ(), fullDiskHome+"="+home)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !maps.Equal(tree(t, home), before) {
		t.Error("something is left of the profile")
	}
	makeVault(t, home, "Bola")
}

// obeyModes makes a test run by root obey the modes of files like anybody
// else: it takes the powers to pass over them from the thread of this test,
// which ends with it.
func obeyModes(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread() // never unlocked: the thread is not given back
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	must(t, unix.Capget(&head, &caps[0]))
	caps[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	must(t, unix.Capset(&head, &caps[0]))
}
