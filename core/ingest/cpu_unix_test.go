//go:build unix

package ingest

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is what the process has used so far, user and system.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
