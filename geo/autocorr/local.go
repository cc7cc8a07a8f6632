package autocorr

import (
	"context"
	"math"
	"slices"

	"chatmrpt/geo/cores"
	"chatmrpt/geo/weights"
)

// Quadrant says where an area and its neighbours lie, against the mean.
type Quadrant int

// The quadrants of the Moran scatter plot. High is above the mean; exactly the
// mean is low.
const (
	HighHigh Quadrant = iota
	LowLow
	HighLow // high among low neighbours
	LowHigh // low among high neighbours
)

// String names the quadrant as spdep and GeoDa do.
func (q Quadrant) String() string {
	return [...]string{"High-High", "Low-Low", "High-Low", "Low-High"}[q]
}

func quadrant(own, neighbours float64) Quadrant {
	switch {
	case own > 0 && neighbours > 0:
		return HighHigh
	case own > 0:
		return HighLow
	case neighbours > 0:
		return LowHigh
	}
	return LowLow
}

// Local is a statistic of every area, in the order of the sample.
type Local struct {
	Value    []float64
	Quadrant []Quadrant
	Moments  []Moments  // nil where the statistic has none
	Sim      []Permuted // nil without permutations
}

// P returns the pseudo p of every area, one-sided and folded.
func (l *Local) P() []float64 {
	out := make([]float64, len(l.Sim))
	for i, s := range l.Sim {
		out[i] = s.P()
	}
	return out
}

// PTwoSided returns the two-sided pseudo p of every area.
func (l *Local) PTwoSided() []float64 {
	out := make([]float64, len(l.Sim))
	for i, s := range l.Sim {
		out[i] = s.PTwoSided()
	}
	return out
}

// Divisor is what the variance of local Moran divides by. It scales the
// statistic and changes neither its z nor its p.
type Divisor int

// The divisors.
const (
	ByNMinus1 Divisor = iota // Σz²/(n−1), as GeoDa and esda
	ByN                      // Σz²/n, as spdep; the local values then sum to S0·I
)

func (d Divisor) m2(z []float64) float64 {
	if d == ByN {
		return dot(z, z) / float64(len(z))
	}
	return dot(z, z) / float64(len(z)-1)
}

// LocalMoran returns Iᵢ = zᵢ/m2 · Σⱼ wᵢⱼ zⱼ (Anselin, Geographical Analysis 27,
// 1995), m2 being the variance by the divisor. The moments are conditional on
// the area's own value (Sokal, Oden and Thomson, Geographical Analysis 30,
// 1998), as in spdep.
func LocalMoran(w *weights.Weights, x []float64, d Divisor) (*Local, error) {
	z, err := deviations(w, x)
	if err != nil {
		return nil, err
	}
	n, m2, lag := float64(len(z)), d.m2(z), w.Lag(z)
	scale := ByN.m2(z) / m2 // from spdep's divisor to ours
	m2 = ByN.m2(z)
	l := newLocal(z, lag)
	l.Moments = make([]Moments, len(z))
	for i, v := range z {
		l.Value[i] = v / m2 * lag[i] * scale
		row, squares := rowSums(w, i)
		e := -v * v * row / ((n - 1) * m2)
		variance := v / m2 * v / m2 * n / (n - 2) * (squares - row*row/(n-1)) * (m2 - v*v/(n-1))
		l.Moments[i] = momentsOf(l.Value[i], e*scale, variance*scale*scale)
	}
	return l, nil
}

// TotalMoments returns the moments of local Moran if all values were dealt out
// at random, the area's own too (Anselin, 1995, eq. 13–14).
func TotalMoments(w *weights.Weights, x []float64, d Divisor) ([]Moments, error) {
	l, err := LocalMoran(w, x, d)
	if err != nil {
		return nil, err
	}
	z, _ := deviations(w, x)
	n, b2, scale := float64(len(z)), kurtosis(z), ByN.m2(z)/d.m2(z)
	out := make([]Moments, len(z))
	for i := range z {
		row, squares := rowSums(w, i)
		e := -row / (n - 1)
		variance := squares*(n-b2)/(n-1) + (row*row-squares)*(2*b2-n)/((n-1)*(n-2)) - e*e
		out[i] = momentsOf(l.Value[i], e*scale, variance*scale*scale)
	}
	return out, nil
}

// rowSums returns Σⱼ wᵢⱼ and Σⱼ wᵢⱼ².
func rowSums(w *weights.Weights, i int) (row, squares float64) {
	_, weight := w.Row(i)
	for _, v := range weight {
		row += v
		squares += v * v
	}
	return row, squares
}

func newLocal(z, lag []float64) *Local {
	l := &Local{Value: make([]float64, len(z)), Quadrant: make([]Quadrant, len(z))}
	for i := range z {
		l.Quadrant[i] = quadrant(z[i], lag[i])
	}
	return l
}

// LocalBivariate returns zxᵢ · Σⱼ wᵢⱼ zyⱼ with x and y standardised (divisor
// n−1): how an area's x goes with its neighbours' y. The quadrant's first word
// is of x, the second of the neighbours' y.
func LocalBivariate(w *weights.Weights, x, y []float64) (*Local, error) {
	zx, err := deviations(w, x)
	if err != nil {
		return nil, err
	}
	zy, err := deviations(w, y)
	if err != nil {
		return nil, err
	}
	lag := w.Lag(zy)
	l := newLocal(zx, lag)
	scale := 1 / math.Sqrt(ByNMinus1.m2(zx)*ByNMinus1.m2(zy))
	for i := range zx {
		l.Value[i] = scale * zx[i] * lag[i]
	}
	return l, nil
}

// LocalGeary returns cᵢ = Σⱼ wᵢⱼ (zᵢ−zⱼ)² ÷ m2, m2 being Σz²/(n−1) (Anselin,
// Geographical Analysis 51, 2019), as in GeoDa and spdep's localC. Small
// values mean that an area is like its neighbours.
func LocalGeary(w *weights.Weights, x []float64) (*Local, error) {
	z, err := deviations(w, x)
	if err != nil {
		return nil, err
	}
	l := newLocal(z, w.Lag(z))
	m2 := ByNMinus1.m2(z)
	for i, v := range localDifferences(w, z) {
		l.Value[i] = v / m2
	}
	return l, nil
}

// LocalG returns Getis and Ord's Gi as a z value (Ord and Getis, Geographical
// Analysis 27, 1995), of the neighbours without the area, or with star Gi*, of
// the neighbours and the area. For Gi* the area's weight for itself is the
// largest of its neighbours', which with binary or row-standardised weights
// makes it one of them, as in spdep and esda. Positive is a hot spot, negative
// a cold one. The quadrant's first word is the area's own value.
func LocalG(w *weights.Weights, x []float64, star bool) (*Local, error) {
	z, err := deviations(w, x)
	if err != nil {
		return nil, err
	}
	l := newLocal(z, w.Lag(z))
	n, total := float64(len(z)), dot(z, z)
	for i := range z {
		sumW, squares := rowSums(w, i)
		lag := w.LagAt(i, z)
		if star {
			own := selfWeight(w, i)
			sumW, squares, lag = sumW+own, squares+own*own, lag+own*z[i]
			// The deviations have the mean 0.
			s2 := total / n
			l.Value[i] = lag / math.Sqrt(s2*(n*squares-sumW*sumW)/(n-1))
			continue
		}
		m := n - 1
		mean := -z[i] / m // of all but the area
		s2 := (total-z[i]*z[i])/m - mean*mean
		l.Value[i] = (lag - sumW*mean) / math.Sqrt(s2*(m*squares-sumW*sumW)/(m-1))
	}
	l.Moments = make([]Moments, len(z))
	for i, v := range l.Value {
		l.Moments[i] = Moments{Var: 1, Z: v}
	}
	return l, nil
}

// selfWeight is what an area counts for itself in Gi*.
func selfWeight(w *weights.Weights, i int) float64 {
	_, weight := w.Row(i)
	most := 0.0
	for _, v := range weight {
		most = max(most, v)
	}
	return most
}

// LocalMoran compares local Moran with conditional permutations.
func (p Permutations) LocalMoran(ctx context.Context, w *weights.Weights, x []float64, d Divisor) (*Local, error) {
	l, err := LocalMoran(w, x, d)
	if err != nil {
		return nil, err
	}
	z, _ := deviations(w, x)
	m2 := d.m2(z)
	l.Sim, err = p.conditional(ctx, w, draw{values: z, statistic: func(i int, lag, _ float64) float64 { return z[i] / m2 * lag }})
	return l, err
}

// LocalBivariate compares it with permutations of the neighbours' y.
func (p Permutations) LocalBivariate(ctx context.Context, w *weights.Weights, x, y []float64) (*Local, error) {
	l, err := LocalBivariate(w, x, y)
	if err != nil {
		return nil, err
	}
	zx, _ := deviations(w, x)
	zy, _ := deviations(w, y)
	scale := 1 / math.Sqrt(ByNMinus1.m2(zx)*ByNMinus1.m2(zy))
	l.Sim, err = p.conditional(ctx, w, draw{values: zy, statistic: func(i int, lag, _ float64) float64 { return scale * zx[i] * lag }})
	return l, err
}

// LocalGeary compares local Geary with conditional permutations.
func (p Permutations) LocalGeary(ctx context.Context, w *weights.Weights, x []float64) (*Local, error) {
	l, err := LocalGeary(w, x)
	if err != nil {
		return nil, err
	}
	z, _ := deviations(w, x)
	m2 := ByNMinus1.m2(z)
	row := make([]float64, len(z))
	square := make([]float64, len(z))
	for i, v := range z {
		row[i], _ = rowSums(w, i)
		square[i] = v * v
	}
	// Σ w (zᵢ−zⱼ)² = zᵢ² Σw − 2 zᵢ Σ w zⱼ + Σ w zⱼ².
	l.Sim, err = p.conditional(ctx, w, draw{values: z, squares: square, statistic: func(i int, lag, lag2 float64) float64 {
		return (z[i]*z[i]*row[i] - 2*z[i]*lag + lag2) / m2
	}})
	return l, err
}

// LocalG compares Gi or Gi* with conditional permutations of the neighbours.
// What is permuted is the weighted sum; Gi and Gi* grow with it.
func (p Permutations) LocalG(ctx context.Context, w *weights.Weights, x []float64, star bool) (*Local, error) {
	l, err := LocalG(w, x, star)
	if err != nil {
		return nil, err
	}
	z, _ := deviations(w, x)
	l.Sim, err = p.conditional(ctx, w, draw{values: z, statistic: func(_ int, lag, _ float64) float64 { return lag }})
	return l, err
}

// draw is what a conditional permutation of an area computes: a statistic of
// the weighted sums of the drawn neighbours' values and, if given, squares.
type draw struct {
	values, squares []float64
	statistic       func(i int, lag, lagOfSquares float64) float64
}

// stretch is how many areas one core takes at a time.
const stretch = 32

// conditional gives every area its permutations.
func (p Permutations) conditional(ctx context.Context, w *weights.Weights, d draw) ([]Permuted, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	out := make([]Permuted, w.Len())
	largest := 0.0
	for _, v := range d.values {
		largest = max(largest, math.Abs(v))
	}
	err := cores.Share(ctx, w.Len(), stretch, func(from, to int) {
		h := hand{drawn: make([]int32, 0, 64), size: uint32(w.Len() - 1)}
		for i := from; i < to && ctx.Err() == nil; i++ {
			out[i] = d.permute(p, w, i, largest, &h)
		}
	})
	return out, err
}

// permute draws the neighbours of area i, again and again.
func (d draw) permute(p Permutations, w *weights.Weights, i int, largest float64, h *hand) Permuted {
	to, weight := w.Row(i)
	row, _ := rowSums(w, i)
	squares := d.squares
	if squares == nil {
		squares = d.values // not looked at
	}
	lag, lag2 := w.LagAt(i, d.values), w.LagAt(i, squares)
	observed := d.statistic(i, lag, lag2)
	// By how much the statistic moves when its sum moves by a rounding error.
	step := rounding * row * largest
	slack := math.Abs(d.statistic(i, step, step*largest) - d.statistic(i, 0, 0))
	t := tally{observed: observed, slack: slack}
	random := p.stream(i)
	for range p.Count {
		lag, lag2 = 0, 0
		for k, j := range h.deal(&random, int32(i), len(to)) {
			lag += weight[k] * d.values[j]
			lag2 += weight[k] * squares[j]
		}
		t.add(d.statistic(i, lag, lag2))
	}
	return t.result()
}

// hand deals areas without repeats.
type hand struct {
	drawn []int32
	size  uint32  // of the areas to draw from: all but one
	seen  []int32 // by area: the number of the deal that drew it last; made when needed
	deals int32
}

// few is up to how many drawn areas are looked through one by one.
const few = 24

// deal draws k areas other than the given one, in random order.
func (h *hand) deal(random *dice, but int32, k int) []int32 {
	if k > few {
		return h.dealMany(random, but, k)
	}
	h.drawn = slices.Grow(h.drawn[:0], k)[:k]
	drawn := h.drawn
again:
	for n := 0; n < k; {
		j := int32(random.below(h.size))
		if j >= but {
			j++
		}
		for _, other := range drawn[:n] {
			if other == j {
				continue again
			}
		}
		drawn[n] = j
		n++
	}
	return drawn
}

// dealMany marks what was drawn instead of looking through it.
func (h *hand) dealMany(random *dice, but int32, k int) []int32 {
	if h.seen == nil {
		h.seen = make([]int32, h.size+1)
	}
	h.deals++
	h.drawn = h.drawn[:0]
	for len(h.drawn) < k {
		j := int32(random.below(h.size))
		if j >= but {
			j++
		}
		if h.seen[j] != h.deals {
			h.seen[j] = h.deals
			h.drawn = append(h.drawn, j)
		}
	}
	return h.drawn
}
