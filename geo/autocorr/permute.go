package autocorr

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"chatmrpt/geo/cores"
	"chatmrpt/geo/weights"
)

// Permutations says how a statistic is compared with chance.
type Permutations struct {
	Count int // 999 is usual; at most MostPermutations
	Seed  uint64
}

// MostPermutations bounds the work.
const MostPermutations = 999_999

// ErrPermutations is returned for an impossible number of permutations.
var ErrPermutations = errors.New("autocorr: the number of permutations is not between 1 and 999,999")

func (p Permutations) check() error {
	if p.Count < 1 || p.Count > MostPermutations {
		return fmt.Errorf("%w: %d", ErrPermutations, p.Count)
	}
	return nil
}

// stream returns the random numbers of one permutation or area.
func (p Permutations) stream(k int) dice {
	return dice{src: *rand.NewPCG(mix(p.Seed), mix(p.Seed^uint64(k)*0x9e3779b97f4a7c15))}
}

// mix scatters neighbouring numbers (the finaliser of SplitMix64; Steele, Lea
// and Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// dice draws whole numbers, two from each number of the source.
type dice struct {
	src   rand.PCG
	spare uint32
	half  bool
}

func (d *dice) next() uint32 {
	if d.half {
		d.half = false
		return d.spare
	}
	v := d.src.Uint64()
	d.spare, d.half = uint32(v>>32), true
	return uint32(v)
}

// below returns 0..n−1, each as likely (Lemire, ACM TOMACS 29, 2019).
func (d *dice) below(n uint32) uint32 {
	high, low := bits.Mul32(d.next(), n)
	if low < n {
		for least := -n % n; low < least; {
			high, low = bits.Mul32(d.next(), n)
		}
	}
	return high
}

// Permuted is how an observed value lies among those of the permutations.
type Permuted struct {
	Count    int     // of permutations; 0 where there were none
	Low      int     // how many were at most the observed value
	High     int     // how many were at least the observed value
	Mean, SD float64 // of the permutations' values, divisor Count−1
}

// P is the pseudo p, one-sided and folded: (r+1)/(m+1), r of the side on which
// fewer permutations lie.
func (p Permuted) P() float64 { return p.pseudo(min(p.Low, p.High)) }

// PGreater is the pseudo p of a value as large.
func (p Permuted) PGreater() float64 { return p.pseudo(p.High) }

// PLess is the pseudo p of a value as small.
func (p Permuted) PLess() float64 { return p.pseudo(p.Low) }

// PTwoSided is twice P, at most 1.
func (p Permuted) PTwoSided() float64 { return min(1, 2*p.P()) }

func (p Permuted) pseudo(r int) float64 {
	if p.Count == 0 {
		return math.NaN()
	}
	return float64(r+1) / float64(p.Count+1)
}

// tally collects permutations of one statistic. Sums are of the distances from
// the observed value, which keeps their digits.
type tally struct {
	observed, slack float64 // values within slack of the observed one equal it
	low, high, n    int
	sum, squares    float64
}

// rounding is the share of a statistic's size by which two sums of the same
// numbers in another order may differ.
const rounding = 1e-12

func (t *tally) add(v float64) {
	d := v - t.observed
	if d <= t.slack {
		t.low++
	}
	if d >= -t.slack {
		t.high++
	}
	t.n++
	t.sum += d
	t.squares += d * d
}

func (t *tally) result() Permuted {
	n := float64(t.n)
	p := Permuted{Count: t.n, Low: t.low, High: t.high, Mean: t.observed + t.sum/n}
	if t.n > 1 {
		p.SD = math.Sqrt(max(0, t.squares-t.sum*t.sum/n) / (n - 1))
	}
	return p
}

// shuffled calls statistic with each permutation of x, on all cores, and
// places the observed value among the results.
func (p Permutations) shuffled(ctx context.Context, x []float64, observed float64, statistic func(permuted []float64) float64) (Permuted, error) {
	if err := p.check(); err != nil {
		return Permuted{}, err
	}
	values := make([]float64, p.Count)
	err := cores.Share(ctx, p.Count, 1, func(from, to int) {
		own := make([]float64, len(x))
		for k := from; k < to; k++ {
			copy(own, x)
			d := p.stream(k)
			for i := len(own) - 1; i > 0; i-- {
				j := d.below(uint32(i + 1))
				own[i], own[j] = own[j], own[i]
			}
			values[k] = statistic(own)
		}
	})
	if err != nil {
		return Permuted{}, err
	}
	t := tally{observed: observed, slack: rounding * math.Abs(observed)}
	for _, v := range values {
		t.add(v)
	}
	return t.result(), nil
}

// Moran compares Moran's I with permutations.
func (p Permutations) Moran(ctx context.Context, w *weights.Weights, x []float64) (Global, error) {
	g, err := Moran(w, x)
	if err != nil {
		return g, err
	}
	z, _ := deviations(w, x)
	scale := float64(len(z)) / w.Sums().S0 / dot(z, z)
	g.Sim, err = p.shuffled(ctx, z, g.Value, func(z []float64) float64 { return scale * lagProduct(w, z, z) })
	return g, err
}

// lagProduct is Σᵢⱼ wᵢⱼ aᵢ bⱼ.
func lagProduct(w *weights.Weights, a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		to, weight := w.Row(i)
		lag := 0.0
		for k, j := range to {
			lag += weight[k] * b[j]
		}
		s += v * lag
	}
	return s
}

// Geary compares Geary's C with permutations.
func (p Permutations) Geary(ctx context.Context, w *weights.Weights, x []float64) (Global, error) {
	g, err := Geary(w, x)
	if err != nil {
		return g, err
	}
	z, _ := deviations(w, x)
	scale := gearyScale(w, z)
	g.Sim, err = p.shuffled(ctx, z, g.Value, func(z []float64) float64 { return scale * sum(localDifferences(w, z)) })
	return g, err
}

// GetisOrd compares the general G with permutations.
func (p Permutations) GetisOrd(ctx context.Context, w *weights.Weights, x []float64) (Global, error) {
	g, err := GetisOrd(w, x)
	if err != nil {
		return g, err
	}
	total := sum(x)*sum(x) - powers(x, 2)
	g.Sim, err = p.shuffled(ctx, x, g.Value, func(x []float64) float64 { return lagProduct(w, x, x) / total })
	return g, err
}

// BivariateMoran compares it with permutations of y.
func (p Permutations) BivariateMoran(ctx context.Context, w *weights.Weights, x, y []float64) (Global, error) {
	g, err := BivariateMoran(w, x, y)
	if err != nil {
		return g, err
	}
	zx, _ := deviations(w, x)
	zy, _ := deviations(w, y)
	scale := bivariateScale(w, zx, zy)
	g.Sim, err = p.shuffled(ctx, zy, g.Value, func(zy []float64) float64 { return scale * lagProduct(w, zx, zy) })
	return g, err
}

// JoinCounts compares the three counts with permutations of the marks.
func (p Permutations) JoinCounts(ctx context.Context, w *weights.Weights, marked []bool) (Joins, error) {
	j, err := JoinCounts(w, marked)
	if err != nil {
		return j, err
	}
	x := indicator(marked)
	for _, c := range []struct {
		to  *Global
		get func(Joins) float64
	}{
		{&j.BB, func(j Joins) float64 { return j.BB.Value }},
		{&j.WW, func(j Joins) float64 { return j.WW.Value }},
		{&j.BW, func(j Joins) float64 { return j.BW.Value }},
	} {
		// The same streams, so all three are of the same permutations.
		c.to.Sim, err = p.shuffled(ctx, x, c.to.Value, func(x []float64) float64 { return c.get(joinCounts(w, x)) })
		if err != nil {
			return j, err
		}
	}
	return j, nil
}
