//go:build !unix

package ingest

import (
	"testing"
	"time"
)

// processorTime is not asked for where there is no getrusage.
func processorTime(tb testing.TB) time.Duration {
	tb.Skip("the processor's time is read by getrusage")
	return 0
}
