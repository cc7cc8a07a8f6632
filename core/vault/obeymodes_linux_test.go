package vault

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

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
