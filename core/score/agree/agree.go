// Package agree says how far two rankings of the same wards agree.
package agree

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Spearman is the rank correlation ρ: Pearson's of the ranks, equal values
// sharing their average rank. NaN where one side has no two different values.
// Both slices are equally long and hold numbers.
func Spearman(x, y []float64) float64 {
	a, b := ranks(x), ranks(y)
	if constant(a) || constant(b) {
		return math.NaN()
	}
	return stat.Correlation(a, b, nil)
}

func constant(x []float64) bool { return len(x) == 0 || slices.Min(x) == slices.Max(x) }

func ranks(x []float64) []float64 {
	at := ordered(x)
	out := make([]float64, len(x))
	for first := 0; first < len(at); {
		end := first + 1
		for end < len(at) && x[at[end]] == x[at[first]] {
			end++
		}
		for _, i := range at[first:end] {
			out[i] = float64(first+end+1) / 2
		}
		first = end
	}
	return out
}

func ordered(x []float64) []int {
	at := make([]int, len(x))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	return at
}

// Kendall is τ-b, which allows for ties (Kendall, Biometrika 33, 1945):
//
//	τ-b = (concordant − discordant) ÷ √((pairs − ties in x)(pairs − ties in y))
//
// by Knight's method (Journal of the American Statistical Association 61,
// 1966) in n log n steps. NaN where one side has no two different values.
func Kendall(x, y []float64) float64 {
	at := make([]int, len(x))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int { return cmp.Or(cmp.Compare(x[a], x[b]), cmp.Compare(y[a], y[b])) })
	ys := make([]float64, len(y))
	for k, i := range at {
		ys[k] = y[i]
	}
	n := len(x)
	pairs := n * (n - 1) / 2
	tiedX := tied(n, func(k int) bool { return x[at[k]] == x[at[k-1]] })
	both := tied(n, func(k int) bool { return x[at[k]] == x[at[k-1]] && ys[k] == ys[k-1] })
	swaps := exchanges(ys, make([]float64, n)) // ys is in order now
	tiedY := tied(n, func(k int) bool { return ys[k] == ys[k-1] })
	difference := pairs - tiedX - tiedY + both - 2*swaps
	scale := math.Sqrt(float64(pairs-tiedX)) * math.Sqrt(float64(pairs-tiedY))
	if scale == 0 {
		return math.NaN()
	}
	return float64(difference) / scale
}

// tied counts the pairs within runs of equal neighbours.
func tied(n int, same func(k int) bool) (pairs int) {
	run := 1
	for k := 1; k <= n; k++ {
		if k < n && same(k) {
			run++
			continue
		}
		pairs += run * (run - 1) / 2
		run = 1
	}
	return pairs
}

// exchanges sorts by merging and counts the pairs that stood the wrong way
// round.
func exchanges(x, spare []float64) (count int) {
	if len(x) < 2 {
		return 0
	}
	half := len(x) / 2
	count = exchanges(x[:half], spare[:half]) + exchanges(x[half:], spare[half:])
	i, j := 0, half
	for k := range spare {
		if j == len(x) || (i < half && x[i] <= x[j]) {
			spare[k] = x[i]
			i++
			continue
		}
		spare[k] = x[j]
		count += half - i
		j++
	}
	copy(x, spare)
	return count
}

// Overlap is the share of the k wards of lowest rank in a that are also among
// those of b. A ward is among them when its rank is at most k, so that wards of
// one rank are in or out together; the share is of the larger of both groups.
func Overlap(a, b []float64, k int) float64 {
	inA, inB, both := 0, 0, 0
	for i := range a {
		if a[i] <= float64(k) {
			inA++
		}
		if b[i] <= float64(k) {
			inB++
		}
		if a[i] <= float64(k) && b[i] <= float64(k) {
			both++
		}
	}
	return float64(both) / float64(max(inA, inB, 1))
}
