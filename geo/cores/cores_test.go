package cores

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestEveryNumberOnce(t *testing.T) {
	for _, n := range []int{0, 1, 7, 1000} {
		for _, stretch := range []int{1, 3, 2000} {
			done := make([]int32, n)
			err := Share(t.Context(), n, stretch, func(from, to int) {
				for i := from; i < to; i++ {
					atomic.AddInt32(&done[i], 1)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, times := range done {
				if times != 1 {
					t.Errorf("%d in stretches of %d: %d was done %d times", n, stretch, i, times)
				}
			}
		}
	}
}

func TestEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var done atomic.Int64
	err := Share(ctx, 1_000_000, 1, func(int, int) {
		if done.Add(1) == 10 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || done.Load() > 1000 {
		t.Errorf("%v after %d", err, done.Load())
	}
}
