package autocorr

import (
	"context"

	"chatmrpt/geo/smooth"
	"chatmrpt/geo/weights"
)

// RateMoran compares Moran's I of rates, each standardised by its own variance
// (smooth.Standardised), with permutations: rates of few persons don't make
// clusters by chance. The moments of Moran's I don't hold for it and are left
// out. Counts are of the sample, every one with persons at risk.
func (p Permutations) RateMoran(ctx context.Context, w *weights.Weights, c smooth.Counts) (Global, error) {
	z, err := standardised(c)
	if err != nil {
		return Global{}, err
	}
	g, err := p.Moran(ctx, w, z)
	g.Normal, g.Random = Moments{}, Moments{}
	return g, err
}

// LocalRateMoran is local Moran of rates standardised like that.
func (p Permutations) LocalRateMoran(ctx context.Context, w *weights.Weights, c smooth.Counts, d Divisor) (*Local, error) {
	z, err := standardised(c)
	if err != nil {
		return nil, err
	}
	l, err := p.LocalMoran(ctx, w, z, d)
	if err == nil {
		l.Moments = nil
	}
	return l, err
}

func standardised(c smooth.Counts) ([]float64, error) {
	z, known, err := smooth.Standardised(c)
	if err != nil {
		return nil, err
	}
	for i, ok := range known {
		if !ok {
			return nil, &NoRateError{i}
		}
	}
	return z, nil
}

// NoRateError tells of an area without persons at risk.
type NoRateError struct{ Area int }

// Error implements error.
func (e *NoRateError) Error() string {
	return "autocorr: an area has no persons at risk, so no rate"
}
