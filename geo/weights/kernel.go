package weights

import (
	"context"
	"fmt"
	"math"
)

// Kernel names a function by which a weight falls with z, the distance as a
// share of the bandwidth, 0 to 1. The formulas are those of Anselin and Rey
// (Modern Spatial Econometrics in Practice, 2014), as in GeoDa and libpysal.
type Kernel string

// The kernels.
const (
	Uniform      Kernel = "uniform"      // ½
	Triangular   Kernel = "triangular"   // 1 − z
	Epanechnikov Kernel = "epanechnikov" // ¾ (1 − z²)
	Quartic      Kernel = "quartic"      // 15⁄16 (1 − z²)²
	Gaussian     Kernel = "gaussian"     // exp(−z²/2) ÷ √2π
)

// At returns the kernel's value at z, 0 beyond 1.
func (k Kernel) At(z float64) (float64, error) {
	if z > 1 {
		z = 1
		if k != Triangular && k != Epanechnikov && k != Quartic {
			return 0, k.check()
		}
	}
	switch k {
	case Uniform:
		return 0.5, nil
	case Triangular:
		return 1 - z, nil
	case Epanechnikov:
		return 0.75 * (1 - z*z), nil
	case Quartic:
		return 15.0 / 16 * (1 - z*z) * (1 - z*z), nil
	case Gaussian:
		return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi), nil
	}
	return 0, k.check()
}

func (k Kernel) check() error {
	switch k {
	case Uniform, Triangular, Epanechnikov, Quartic, Gaussian:
		return nil
	}
	return fmt.Errorf("%w: no kernel %q", ErrWeight, string(k))
}

// widen keeps the farthest neighbour of an adaptive kernel inside it, by the
// factor of libpysal; at exactly the bandwidth most kernels are 0.
const widen = 1.0000001

// FixedKernel returns the kernel's weights of all sites within the bandwidth,
// in the units of Distance. An area counts for itself with the kernel's value
// at 0; WithoutSelf removes that.
func (s *Sites) FixedKernel(ctx context.Context, k Kernel, bandwidth float64) (*Weights, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	if !(bandwidth > 0) {
		return nil, fmt.Errorf("%w: the bandwidth %v", ErrDistance, bandwidth)
	}
	d, err := s.Within(ctx, 0, bandwidth)
	if err != nil {
		return nil, err
	}
	return k.weigh(s, d, func(int) float64 { return bandwidth }), nil
}

// AdaptiveKernel is FixedKernel with a bandwidth of its own for each area: the
// distance to its n-th nearest site (a millionth of a part more, so that this
// one counts too).
func (s *Sites) AdaptiveKernel(ctx context.Context, k Kernel, n int) (*Weights, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	d, err := s.Nearest(ctx, n)
	if err != nil {
		return nil, err
	}
	return k.weigh(s, d, func(i int) float64 {
		far := 0.0
		_, row := d.Row(i)
		for _, v := range row {
			far = max(far, v)
		}
		return far * widen
	}), nil
}

// weigh applies the kernel to distances and adds the areas themselves.
func (k Kernel) weigh(s *Sites, distance *Weights, bandwidth func(i int) float64) *Weights {
	self, _ := k.At(0)
	w := distance.each(func(i, _ int, d float64) float64 {
		z := 0.0
		if h := bandwidth(i); h > 0 {
			z = d / h
		}
		v, _ := k.At(z) // the kernel was checked
		return v
	}).keep(func(_, _ int, v float64) bool { return v > 0 }).WithSelf(self)
	return w.keep(func(i, j int, _ float64) bool { return i != j || s.known[i] })
}
