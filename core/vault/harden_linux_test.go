package vault

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// TestHardenedProcess is not a test of its own: it is the process of
// TestHarden, apart because what it sets can't be taken back.
func TestHardenedProcess(t *testing.T) {
	if os.Getenv("VAULT_TEST_HARDEN") == "" {
		return
	}
	must(t, Harden())
	var limit unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_CORE, &limit))
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil || dumpable != 0 || limit != (unix.Rlimit{}) {
		t.Errorf("dumpable %d, core limit %+v, %v", dumpable, limit, err)
	}
	if self, err := os.Executable(); err != nil || self == "" {
		t.Errorf("the program does not find itself: %v", err)
	}
}

func TestHarden(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestHardenedProcess$", "-test.v")
	cmd.Env = append(os.Environ(), "VAULT_TEST_HARDEN=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
