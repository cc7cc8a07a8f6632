//go:build !unix

package autocorr

// cpuTime is not known here; a benchmark then reports no CPU time.
func cpuTime() int64 { return 0 }
