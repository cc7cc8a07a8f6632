package s3

import (
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// The large pieces are for a connection that proved fast, over more than what
// the system takes at once on any line, and not where a limit was set.
func TestOnlyAFastConnectionGetsLargePieces(t *testing.T) {
	tests := []struct {
		name     string
		bytes    int
		took     time.Duration
		limit    *rate.Limiter
		expected int
	}{
		{"what the system takes at once", 2 * sendBuffer, 0, nil, piece},
		{"a local network", proven, 50 * time.Millisecond, nil, fastPiece},
		{"just fast enough", proven, proven * time.Second / fastRate, nil, fastPiece},
		{"230 kbit/s", proven, 18 * time.Second, nil, piece},
		{"fast, but limited", proven, 50 * time.Millisecond, rate.NewLimiter(1<<20, 1<<20), piece},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := &watched{piece: piece, limit: test.limit}
			for n := 0; n < test.bytes; n += piece {
				w.learn(piece, test.took*piece/time.Duration(test.bytes))
			}
			if w.piece != test.expected {
				t.Errorf("pieces of %d bytes, not %d", w.piece, test.expected)
			}
		})
	}
}
