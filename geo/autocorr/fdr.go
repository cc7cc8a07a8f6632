package autocorr

import (
	"math"
	"slices"
)

// Alpha is the usual level of significance.
const Alpha = 0.05

// FDR returns the largest p that counts as significant when the expected share
// of false findings is to stay below alpha (Benjamini and Hochberg, JRSS B 57,
// 1995): the largest p(i) with p(i) ≤ i/n·α, or 0 when there is none. NaN in ps
// was not tested.
func FDR(ps []float64, alpha float64) float64 {
	sorted := slices.DeleteFunc(slices.Clone(ps), math.IsNaN)
	slices.Sort(sorted)
	bound := 0.0
	for i, p := range sorted {
		if p <= float64(i+1)/float64(len(sorted))*alpha {
			bound = p
		}
	}
	return bound
}

// Bonferroni returns the largest p that counts as significant when any false
// finding is to be rarer than alpha: alpha ÷ the number of tests.
func Bonferroni(ps []float64, alpha float64) float64 {
	tested := len(slices.DeleteFunc(slices.Clone(ps), math.IsNaN))
	if tested == 0 {
		return 0
	}
	return alpha / float64(tested)
}
