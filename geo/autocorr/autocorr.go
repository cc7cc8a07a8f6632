// Package autocorr measures whether neighbours resemble one another: over the
// whole map (Moran's I, Geary's C, Getis and Ord's G, join counts) and at each
// area (local Moran, local Geary, Gi and Gi*), of one variable, of one and the
// neighbours' other, and of rates.
//
// Who takes part. NewSample leaves out the areas without a value and then
// those without a neighbour that has one (islands), and standardises the
// weights of the rest; each statistic is of those areas alone. spdep with
// zero.policy and esda keep islands in n and give them a lag of 0, which
// pretends that their neighbours are average.
//
// Significance. Every statistic can be compared with random permutations of
// the values, m of them; the pseudo p is (r+1)/(m+1), r being how many were at
// least as extreme on the side where the statistic lies (one-sided, folded),
// as in GeoDa and esda. A permutation that equals the observed value counts on
// both sides, so that tied values never make a result look rarer. The two-sided
// p is twice that, as in spdep. Global statistics permute all values; local
// ones hold the area's own value and draw its neighbours' from the others.
// Each permutation, or each area, has a random stream of its own made from the
// seed, so a result is the same on any number of cores.
package autocorr

import (
	"errors"
	"fmt"
	"math"

	"chatmrpt/geo/weights"
)

// Errors of the functions of this package.
var (
	ErrFew      = errors.New("autocorr: fewer than four areas have a value and a neighbour with a value")
	ErrConstant = errors.New("autocorr: the variable has the same value everywhere")
	ErrShape    = errors.New("autocorr: values and weights are of different areas")
	ErrIsland   = errors.New("autocorr: an area has no neighbours")
	ErrValue    = errors.New("autocorr: a value can't be used")
)

// Fewest is the smallest number of areas that a statistic is computed of.
const Fewest = 4

// Sample is the areas that take part, and their weights.
type Sample struct {
	W       *weights.Weights // standardised, of the areas that take part
	Of      []int            // which area of the map each of them is
	Missing []int            // areas of the map without a value
	Islands []int            // areas of the map with a value and no neighbour that has one
}

// NewSample chooses from the areas of w those that are present and not islands
// and standardises their weights. Weights of an area for itself are dropped.
func NewSample(w *weights.Weights, style weights.Style, present []bool) (*Sample, error) {
	if len(present) != w.Len() {
		return nil, fmt.Errorf("%w: %d values, %d areas", ErrShape, len(present), w.Len())
	}
	s := &Sample{}
	kept := make([]bool, w.Len())
	for i, p := range present {
		kept[i] = p
		if !p {
			s.Missing = append(s.Missing, i)
		}
	}
	w = w.WithoutSelf()
	for {
		sub, of := w.Subset(kept)
		islands := sub.Islands()
		if len(islands) == 0 {
			s.W, s.Of = sub, of
			break
		}
		// Without symmetry an area may lose its only neighbour by this.
		for _, i := range islands {
			kept[of[i]] = false
		}
	}
	for i, p := range present {
		if p && !kept[i] {
			s.Islands = append(s.Islands, i)
		}
	}
	if len(s.Of) < Fewest {
		return nil, ErrFew
	}
	var err error
	s.W, err = s.W.Standardise(style)
	return s, err
}

// Take picks the values of the areas that take part.
func (s *Sample) Take(values []float64) []float64 {
	out := make([]float64, len(s.Of))
	for k, i := range s.Of {
		out[k] = values[i]
	}
	return out
}

// deviations returns the values minus their mean, checked.
func deviations(w *weights.Weights, x []float64) ([]float64, error) {
	if len(x) != w.Len() {
		return nil, fmt.Errorf("%w: %d values, %d areas", ErrShape, len(x), w.Len())
	}
	if len(x) < Fewest {
		return nil, ErrFew
	}
	if len(w.Islands()) > 0 {
		return nil, fmt.Errorf("%w: %v", ErrIsland, w.Islands())
	}
	same := true
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%w: %v", ErrValue, v)
		}
		same = same && v == x[0]
	}
	if same {
		return nil, ErrConstant
	}
	mean := sum(x) / float64(len(x))
	z := make([]float64, len(x))
	for i, v := range x {
		z[i] = v - mean
	}
	return z, nil
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

// powers returns Σ xᵖ.
func powers(x []float64, p int) float64 {
	s := 0.0
	for _, v := range x {
		t := v
		for range p - 1 {
			t *= v
		}
		s += t
	}
	return s
}

// Moments are what a statistic would be without autocorrelation: its
// expectation and variance, and where the observed value lies between them.
type Moments struct {
	E, Var float64
	Z      float64 // (observed − E) ÷ √Var
}

func momentsOf(observed, e, variance float64) Moments {
	return Moments{E: e, Var: variance, Z: (observed - e) / math.Sqrt(variance)}
}

// PGreater is the probability of a value as large, by the normal distribution.
func (m Moments) PGreater() float64 { return math.Erfc(m.Z/math.Sqrt2) / 2 }

// PLess is the probability of a value as small.
func (m Moments) PLess() float64 { return math.Erfc(-m.Z/math.Sqrt2) / 2 }

// PTwoSided is the probability of a value as far from the expectation.
func (m Moments) PTwoSided() float64 { return math.Erfc(math.Abs(m.Z) / math.Sqrt2) }
