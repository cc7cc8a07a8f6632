package classify

import (
	"math"
	"slices"
)

// Jenks cuts the values into k natural breaks: of all ways to cut them, the
// one with the smallest sum of squared distances from the class means (Fisher,
// JASA 53, 1958). It is the exact optimum by dynamic programming, not a search
// from a random start, so the same values give the same bounds. Each bound is
// the largest value of its class, as in mapclassify and GeoDa; classInt puts
// it half way to the next value, which makes the same classes. With fewer
// distinct values than k every value gets a class of its own; where the lowest
// class is a single value its two bounds are that value.
//
// The work grows as k·n·log n and the memory as k·n, n the distinct values.
func Jenks(values []float64, k int) (Breaks, error) {
	if err := check(values, k); err != nil {
		return Breaks{}, err
	}
	sorted := slices.Sorted(slices.Values(values))
	s := newSquares(sorted)
	k = min(k, len(s.distinct))
	ends := s.cut(k)
	bounds := make([]float64, 0, k+1)
	bounds = append(bounds, sorted[0])
	for _, end := range ends {
		bounds = append(bounds, s.distinct[end])
	}
	return Breaks{Method: MethodJenks, Bounds: bounds}, nil
}

// GVF is the goodness of variance fit of the breaks: 1 − the sum of squares
// within the classes ÷ that around the mean of all. 1 means that every class
// is one value; NaN is returned when all values are the same or one has no
// class. Source: Jenks and Caspall, Annals of the AAG 61, 1971.
func (b Breaks) GVF(values []float64) float64 {
	within := b.WithinSS(values)
	all := Breaks{Bounds: []float64{math.Inf(-1), math.Inf(1)}}
	return 1 - within/all.WithinSS(values)
}

// WithinSS is the sum of squared distances of the values from the mean of
// their class; NaN when a value has no class.
func (b Breaks) WithinSS(values []float64) float64 {
	count, mean, ss := make([]float64, b.Len()), make([]float64, b.Len()), 0.0
	for _, v := range values {
		c := b.Class(v)
		if c == NoClass {
			return math.NaN()
		}
		// Welford's update: exact where large sums would cancel.
		count[c]++
		d := v - mean[c]
		mean[c] += d / count[c]
		ss += d * (v - mean[c])
	}
	return ss
}

// squares answers in constant time what a class from one distinct value to
// another costs, from running sums of weights, values and squares.
type squares struct {
	distinct   []float64
	w, wx, wxx []float64 // sums over the first i distinct values, centred
}

// newSquares takes ascending values. They are centred on the median and
// scaled to their range, so that the running sums lose few digits and don't
// overflow.
func newSquares(sorted []float64) *squares {
	s := &squares{w: []float64{0}, wx: []float64{0}, wxx: []float64{0}}
	centre := sorted[len(sorted)/2]
	scale := max(sorted[len(sorted)-1]/2-centre/2, centre/2-sorted[0]/2)
	if scale == 0 {
		scale = 1
	}
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		w, x := float64(j-i), (sorted[i]/2-centre/2)/scale
		last := len(s.distinct)
		s.distinct = append(s.distinct, sorted[i])
		s.w = append(s.w, s.w[last]+w)
		s.wx = append(s.wx, s.wx[last]+w*x)
		s.wxx = append(s.wxx, s.wxx[last]+w*x*x)
		i = j
	}
	return s
}

// cost is the sum of squares of a class of the distinct values from..to.
func (s *squares) cost(from, to int) float64 {
	w, x := s.w[to+1]-s.w[from], s.wx[to+1]-s.wx[from]
	return max(0, s.wxx[to+1]-s.wxx[from]-x*x/w)
}

// cut returns the index of the last distinct value of each of k classes.
//
// Row c of the table holds, for every i, the least cost of the values 0..i in
// c+1 classes. Where the best last class begins never moves left as i grows,
// so a row is filled by halving: the middle first, then each half between the
// starts found on either side (the cost is concave in the Monge sense; Wu,
// Journal of Algorithms 12, 1991).
func (s *squares) cut(k int) []int {
	n := len(s.distinct)
	below, row := make([]float64, n), make([]float64, n)
	for i := range below {
		below[i] = s.cost(0, i)
	}
	starts := make([][]int32, k) // starts[c][i]: where the last of c+1 classes of 0..i begins
	for c := 1; c < k; c++ {
		starts[c] = make([]int32, n)
		s.fill(below, row, starts[c], span{c, n - 1, c, n - 1})
		below, row = row, below
	}
	ends := make([]int, k)
	for c, end := k-1, n-1; c >= 0; c-- {
		ends[c] = end
		if c > 0 {
			end = int(starts[c][end]) - 1
		}
	}
	return ends
}

// span is a stretch of a row and where its last classes may begin.
type span struct{ from, to, low, high int }

func (s *squares) fill(below, row []float64, starts []int32, p span) {
	if p.from > p.to {
		return
	}
	mid := (p.from + p.to) / 2
	best, at := math.Inf(1), p.low
	for start := p.low; start <= min(mid, p.high); start++ {
		if c := below[start-1] + s.cost(start, mid); c < best {
			best, at = c, start
		}
	}
	row[mid], starts[mid] = best, int32(at)
	s.fill(below, row, starts, span{p.from, mid - 1, p.low, at})
	s.fill(below, row, starts, span{mid + 1, p.to, at, p.high})
}
