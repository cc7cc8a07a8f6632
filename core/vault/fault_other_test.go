//go:build unix && !linux

package vault

import (
	"os"
	"testing"
)

// obeyModes skips a test that root would pass for the wrong reason.
func obeyModes(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("root passes over the modes of files, and this system can't give that power up for one thread")
	}
}
