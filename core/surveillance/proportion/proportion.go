// Package proportion says how sure a share of few persons is: the Wilson score
// interval of each, and the limits of a funnel plot, within which shares of
// one common rate would lie by chance alone.
//
// Both treat every person as an independent draw. Patients of one facility are
// not, so the intervals are rather too narrow than too wide; a funnel's
// dispersion says by how much on the whole.
package proportion

import (
	"math"
	"slices"
)

// Z95 and Z998 are the standard normal quantiles of two-sided 95 % and 99.8 %.
const (
	Z95  = 1.959963984540054
	Z998 = 3.090232306167813
)

// Few is the denominator below which a share is called unsure: the US National
// Center for Health Statistics does not show proportions of fewer than 30
// (Data Presentation Standards for Proportions, Vital and Health Statistics
// 2(175), 2017).
const Few = 30

// Wilson is the score interval of the share k/n at the normal quantile z, both
// ends between 0 and 1 (Wilson 1927; method 3 of Newcombe, Statistics in
// Medicine 17, 1998). It is false for n ≤ 0 and where k is no part of n: more
// positives than tests are a fault of the records, not a share.
func Wilson(k, n, z float64) (low, high float64, ok bool) {
	if !(n > 0) || !(k >= 0) || k > n || math.IsInf(n, 0) {
		return 0, 0, false
	}
	p, z2 := k/n, z*z
	middle := p + z2/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	scale := 1 + z2/n
	low, high = (middle-half)/scale, (middle+half)/scale
	// Exact at the ends, where rounding would leave 1e-17.
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return max(0, low), min(1, high), true
}

// Place is where a share lies in a funnel.
type Place string

// The places of a funnel, and the reason for having none.
const (
	Within    Place = "within limits"
	High95    Place = "above the 95 % limit"
	High998   Place = "above the 99.8 % limit"
	Low95     Place = "below the 95 % limit"
	Low998    Place = "below the 99.8 % limit"
	NotPlaced Place = "not placed"
)

// Point is one unit of a funnel plot.
type Point struct {
	OK                 bool    // it has a share and so a place
	Share              float64 // numerator ÷ denominator
	Low95, High95      float64
	Low998, High998    float64
	Z                  float64 // (share − target) ÷ its standard error under the target
	Place              Place
	FewerThanThreshold bool // denominator below Few: the limits are rough
}

// Plot is the data of a funnel plot.
type Plot struct {
	Target float64 // the common share: Σ numerators ÷ Σ denominators
	Points []Point

	// Dispersion is the mean of the squared z scores after the outer tenth at
	// either end is drawn in to the tenth (winsorised): about 0.7 where chance
	// alone tells the units apart, well above 1 where they truly differ.
	Dispersion float64
}

// Funnel places the shares of the units around their common share: limits are
// target ± z·√(target·(1 − target)/n), cut at 0 and 1 (Spiegelhalter,
// Statistics in Medicine 24, 2005, with the normal approximation; dispersion
// as in section A.4 there). Units without a denominator, or with a numerator
// above it, have no place and don't enter the target.
func Funnel(numerator, denominator []float64) Plot {
	p := Plot{Points: make([]Point, len(numerator))}
	var sumK, sumN float64
	for i, n := range denominator {
		if k := numerator[i]; n > 0 && k >= 0 && k <= n && !math.IsInf(n, 0) {
			p.Points[i].OK = true
			sumK, sumN = sumK+k, sumN+n
		}
	}
	if sumN > 0 {
		p.Target = sumK / sumN
	}
	var scores []float64
	for i := range p.Points {
		pt := &p.Points[i]
		pt.Place = NotPlaced
		if pt.OK {
			pt.place(p.Target, numerator[i], denominator[i])
			scores = append(scores, pt.Z)
		}
	}
	p.Dispersion = dispersion(scores)
	return p
}

func (pt *Point) place(target, k, n float64) {
	se := math.Sqrt(target * (1 - target) / n)
	pt.Share = k / n
	pt.FewerThanThreshold = n < Few
	pt.Low95, pt.High95 = max(0, target-Z95*se), min(1, target+Z95*se)
	pt.Low998, pt.High998 = max(0, target-Z998*se), min(1, target+Z998*se)
	if se > 0 {
		pt.Z = (pt.Share - target) / se
	}
	switch {
	case pt.Z > Z998:
		pt.Place = High998
	case pt.Z > Z95:
		pt.Place = High95
	case pt.Z < -Z998:
		pt.Place = Low998
	case pt.Z < -Z95:
		pt.Place = Low95
	default:
		pt.Place = Within
	}
}

// dispersion is the mean square of the scores, winsorised at a tenth.
func dispersion(scores []float64) float64 {
	n := len(scores)
	if n == 0 {
		return 0
	}
	s := slices.Clone(scores)
	slices.Sort(s)
	cut := n / 10
	low, high := s[cut], s[n-1-cut]
	sum := 0.0
	for _, z := range s {
		z = min(max(z, low), high)
		sum += z * z
	}
	return sum / float64(n)
}
