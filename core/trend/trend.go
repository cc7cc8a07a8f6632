// Package trend tells rising from falling in short series of one unit: slopes
// by Theil–Sen and, for comparison, least squares, with the Mann–Kendall test
// of whether there is a trend at all.
//
// Time is real: an observation carries its date in years, a gap keeps its
// length, and years without data are absent rather than filled. Every
// observation counts alike, however many persons stand behind it.
package trend

import (
	"maps"
	"math"
	"slices"
)

// Point is one observation.
type Point struct {
	At    float64 // time in years, such as 2024.5 for the middle of 2024
	Value float64
}

// Least is the number of points below which no trend is told: with three
// points even a steady rise has a p-value of one third.
const Least = 4

// exactUpTo is the number of points up to which the p-value is counted out
// instead of approximated (Gilbert, Statistical Methods for Environmental
// Pollution Monitoring, 1987, chapter 16: the normal approximation is for
// n > 10).
const exactUpTo = 10

// Z95 is the standard normal quantile of a two-sided 95 % interval.
const Z95 = 1.959963984540054

// Result is what a series shows.
type Result struct {
	N           int
	First, Last Point

	Slope        float64 // Theil–Sen: median slope of all pairs, per year; NaN under two dates
	Intercept    float64 // median of value − slope × time: the line at time 0
	Low, High    float64 // 95 % interval of Slope; NaN where there are too few points
	OLS          float64 // least-squares slope per year, for comparison
	S            int     // Mann–Kendall: rising minus falling pairs
	Variance     float64 // of S when there is no trend, corrected for ties
	Z            float64 // S, one step nearer nought, in standard deviations
	P            float64 // two-sided; NaN under three points
	Exact        bool    // P was counted out over all orders, not approximated
	Observations []Point // in order of time
}

// Of examines a series. The order of points does not matter; two at one time
// make no pair for a slope and count as neither rising nor falling.
func Of(points []Point) Result { return OfSeasons(points, func(Point) int { return 0 }) }

// OfSeasons examines a series whose level goes up and down with the season:
// pairs are made within each season only, January with January, so that a
// season that is cut off at one end is no trend. S and its variance are sums
// over the seasons and the slope is the median of all their pair slopes (Hirsch,
// Slack and Smith, Water Resources Research 18, 1982; Gilbert 1987, chapter
// 17). With one season it is Of.
func OfSeasons(points []Point, season func(Point) int) Result {
	p := slices.Clone(points)
	slices.SortStableFunc(p, func(a, b Point) int {
		switch {
		case a.At < b.At:
			return -1
		case a.At > b.At:
			return 1
		}
		return 0
	})
	nan := math.NaN()
	r := Result{N: len(p), Slope: nan, Intercept: nan, Low: nan, High: nan, OLS: nan, Z: nan, P: nan, Observations: p}
	if len(p) == 0 {
		return r
	}
	r.First, r.Last = p[0], p[len(p)-1]
	groups := bySeason(p, season)
	r.mannKendall(groups)
	var slopes []float64
	for _, g := range groups {
		slopes = append(slopes, pairSlopes(g)...)
	}
	slices.Sort(slopes)
	if len(slopes) == 0 {
		return r
	}
	r.Slope = median(slopes)
	rests := make([]float64, len(p))
	for i, q := range p {
		rests[i] = q.Value - r.Slope*q.At
	}
	slices.Sort(rests)
	r.Intercept = median(rests)
	r.OLS = leastSquares(p)
	r.interval(slopes)
	return r
}

// Enough reports whether there are points enough to speak of a trend.
func (r Result) Enough() bool { return r.N >= Least && !math.IsNaN(r.Slope) }

// bySeason parts points in order of time, the seasons in order too.
func bySeason(p []Point, season func(Point) int) (groups [][]Point) {
	parts := map[int][]Point{}
	for _, q := range p {
		parts[season(q)] = append(parts[season(q)], q)
	}
	for _, k := range slices.Sorted(maps.Keys(parts)) {
		groups = append(groups, parts[k])
	}
	return groups
}

// pairSlopes lists the slopes between all points of different time
// (Theil 1950; Sen, Journal of the American Statistical Association 63, 1968).
func pairSlopes(p []Point) (slopes []float64) {
	for i := range p {
		for j := i + 1; j < len(p); j++ {
			if p[j].At != p[i].At {
				slopes = append(slopes, (p[j].Value-p[i].Value)/(p[j].At-p[i].At))
			}
		}
	}
	return slopes
}

// median of ascending values; the mean of the middle two when even.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1]/2 + sorted[n/2]/2
}

// leastSquares is the ordinary slope.
func leastSquares(p []Point) float64 {
	var t, y float64
	for _, q := range p {
		t, y = t+q.At, y+q.Value
	}
	t, y = t/float64(len(p)), y/float64(len(p))
	var sxy, sxx float64
	for _, q := range p {
		sxy += (q.At - t) * (q.Value - y)
		sxx += (q.At - t) * (q.At - t)
	}
	return sxy / sxx
}

// mannKendall fills in the test (Mann 1945; Kendall 1975; formulas and
// continuity correction of Gilbert 1987, 16.4 and 17.2) over points parted by
// season.
func (r *Result) mannKendall(groups [][]Point) {
	tied := false
	for _, p := range groups {
		for i := range p {
			for j := i + 1; j < len(p); j++ {
				if p[j].At != p[i].At {
					r.S += sign(p[j].Value - p[i].Value)
				}
			}
		}
		values := ties(p, func(q Point) float64 { return q.Value })
		times := ties(p, func(q Point) float64 { return q.At })
		tied = tied || len(values) > 0 || len(times) > 0
		r.Variance += variance(len(p), values, times)
	}
	r.Z = 0
	if r.Variance > 0 {
		r.Z = float64(r.S-sign(float64(r.S))) / math.Sqrt(r.Variance)
	}
	switch {
	case r.N < 3:
		return
	case len(groups) == 1 && r.N <= exactUpTo && !tied:
		r.P, r.Exact = exactP(r.N, r.S), true
	default:
		r.P = math.Erfc(math.Abs(r.Z) / math.Sqrt2)
	}
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// ties lists the sizes of the groups of equal values, of two and more.
func ties(p []Point, of func(Point) float64) (sizes []int) {
	values := make([]float64, len(p))
	for i, q := range p {
		values[i] = of(q)
	}
	slices.Sort(values)
	for i := 0; i < len(values); {
		j := i
		for j < len(values) && values[j] == values[i] {
			j++
		}
		if j-i > 1 {
			sizes = append(sizes, j-i)
		}
		i = j
	}
	return sizes
}

// variance of S under no trend, with t the sizes of groups of equal values and
// u those of equal times (Gilbert 1987, equation 17.4, for both kinds of tie).
func variance(n int, t, u []int) float64 {
	sum := func(sizes []int, f func(x float64) float64) (s float64) {
		for _, k := range sizes {
			s += f(float64(k))
		}
		return s
	}
	first := func(x float64) float64 { return x * (x - 1) * (2*x + 5) }
	second := func(x float64) float64 { return x * (x - 1) * (x - 2) }
	third := func(x float64) float64 { return x * (x - 1) }
	x := float64(n)
	v := (first(x) - sum(t, first) - sum(u, first)) / 18
	if n > 2 && len(t) > 0 && len(u) > 0 {
		v += sum(t, second)*sum(u, second)/(9*x*(x-1)*(x-2)) + sum(t, third)*sum(u, third)/(2*x*(x-1))
	}
	return v
}

// exactP is the two-sided p-value of S among n values that all differ: the
// share of the n! orders whose S is at least as far from nought. The orders
// with a given number of falling pairs are counted by the recursion over n
// (Kendall 1975; the Mahonian numbers).
func exactP(n, s int) float64 {
	orders := []float64{1} // by number of falling pairs
	for m := 2; m <= n; m++ {
		next := make([]float64, len(orders)+m-1)
		for falling, count := range orders {
			for more := range m {
				next[falling+more] += count
			}
		}
		orders = next
	}
	pairs := len(orders) - 1
	var far, all float64
	for falling, count := range orders {
		all += count
		if abs(pairs-2*falling) >= abs(s) {
			far += count
		}
	}
	return far / all
}

func abs(n int) int { return max(n, -n) }

// interval gives the 95 % limits of the slope: the ordered pair slopes at
// (N' ∓ z·√Var S)/2, interpolated (Gilbert 1987, 16.5). Where the limits fall
// outside the slopes there are too few points for an interval.
func (r *Result) interval(slopes []float64) {
	if r.N < Least {
		return
	}
	n, c := float64(len(slopes)), Z95*math.Sqrt(max(0, r.Variance))
	low, okLow := at(slopes, (n-c)/2)
	high, okHigh := at(slopes, (n+c)/2+1)
	if okLow && okHigh {
		r.Low, r.High = low, high
	}
}

// at reads the ascending values at position h, counted from 1, between
// neighbours in proportion.
func at(sorted []float64, h float64) (float64, bool) {
	if h < 1 || h > float64(len(sorted)) {
		return 0, false
	}
	k := int(h)
	if k == len(sorted) {
		return sorted[k-1], true
	}
	f := h - float64(k)
	return sorted[k-1] + f*(sorted[k]-sorted[k-1]), true
}
