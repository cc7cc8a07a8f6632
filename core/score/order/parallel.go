package order

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// InParallel does jobs 0 to n−1 on as many goroutines as there are processors
// and waits for them. setUp is called once per goroutine and returns the job,
// so that each has its own scratch space. Jobs write to places of their own:
// the result doesn't depend on which goroutine does which. When ctx ends, no
// further job is begun and its error returned.
func InParallel(ctx context.Context, n int, setUp func() func(job int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			do := setUp()
			for ctx.Err() == nil {
				job := int(next.Add(1)) - 1
				if job >= n {
					return
				}
				do(job)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
