//go:build !unix

package beside

import "time"

// CPU is the processor time this process has used so far; this system does not
// tell it, so it is nought.
func CPU() time.Duration { return 0 }
