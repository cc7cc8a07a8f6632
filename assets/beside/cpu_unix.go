//go:build unix

package beside

import (
	"syscall"
	"time"
)

// CPU is the processor time this process has used so far, of the user and of
// the system: the fair figure for a benchmark on a machine that others use. It
// is nought where the system does not tell.
func CPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
