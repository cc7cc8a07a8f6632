// Package cores shares out work that can be done in any order among the cores
// of the machine.
package cores

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Share calls work for 0..n−1, in stretches of a length, at the same time on
// all cores: work(from, to) does from..to−1. It returns when all is done, or
// with the error of ctx when that ends; the stretches begun are then still
// done. For a result that doesn't depend on the number of cores, work must only
// write to places that belong to its own numbers.
func Share(ctx context.Context, n, stretch int, work func(from, to int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+stretch-1)/stretch) {
		wg.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(int64(stretch))) - stretch
				if from >= n {
					return
				}
				work(from, min(from+stretch, n))
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
