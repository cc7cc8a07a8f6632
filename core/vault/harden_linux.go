package vault

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Harden keeps the memory of this process from being written to disk when it
// crashes, and from being read by other processes of the same user: no core
// file (RLIMIT_CORE 0, for its children too), and not dumpable (prctl(2),
// PR_SET_DUMPABLE), which also keeps a core handler that ignores the limit and
// a debugger out. A program calls it first thing in main. It does nothing
// against the system's administrator, or against swap and hibernation.
func Harden() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch core files off: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("make the process not dumpable: %w", err)
	}
	return nil
}
