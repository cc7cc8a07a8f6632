package autocorr

import (
	"slices"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/smooth"
	"chatmrpt/geo/weights"
)

// BenchmarkPeers does what .ci/peers/spdep.R does, on the same wards, under the
// names by which reference/timings recorded spdep's seconds; `make bench`
// divides theirs by ours. It reports CPU time, because spdep uses one core.
func BenchmarkPeers(b *testing.B) {
	layer, err := boundary.Read(b.Context(), []boundary.File{{Name: "nga_wards_9367.zip", Data: beside.Read(b, "data/nigeria/nga_wards_9367.zip")}}, boundary.Options{})
	if err != nil {
		b.Fatal(err)
	}
	near, err := weights.Queen(b.Context(), layer.Areas, weights.Tolerance)
	if err != nil {
		b.Fatal(err)
	}
	x := table(b, localFile("national", "tpr"))["x"]
	eb := table(b, "reference/pysal/national_EB.csv.gz")
	counts := smooth.Counts{Events: eb["e"], Persons: eb["b"], Present: slices.Repeat([]bool{true}, len(x))}
	w := rows(b, near.Binary())
	for _, step := range []struct {
		name string
		work func() error
	}{
		{"queen", func() error { return of(weights.Queen(b.Context(), layer.Areas, weights.Tolerance)) }},
		{"moran_mc999", func() error { return of(usual.Moran(b.Context(), w, x)) }},
		{"localmoran_perm999", func() error { return of(usual.LocalMoran(b.Context(), w, x, ByN)) }},
		{"gistar", func() error { return of(LocalG(w, x, true)) }},
		{"EBlocal", func() error { return of(smooth.Local(counts, near, smooth.Poisson)) }},
	} {
		b.Run(step.name, func(b *testing.B) {
			before := cpuTime()
			for b.Loop() {
				if err := step.work(); err != nil {
					b.Fatal(err)
				}
			}
			if used := cpuTime() - before; used > 0 {
				b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
			}
		})
	}
}

// of drops a result that only its error is asked of.
func of[T any](_ T, err error) error { return err }
