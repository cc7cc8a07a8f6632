package classify

import (
	"math"
	"slices"
)

// The weights with which a larger round step is preferred to a smaller one,
// those of R's pretty().
const (
	biasTo2And10 = 1.5
	biasTo5      = 0.5 + 1.5*biasTo2And10
)

// almost is the share of a step that a value may miss a round number by and
// still count as being on it.
const almost = 1e-10

// Pretty cuts at equal steps of 1, 2 or 5 times a power of ten that cover the
// values: about k classes, at least k/3 (R's pretty(); Becker, Chambers and
// Wilks, The New S Language, 1988).
func Pretty(values []float64, k int) (Breaks, error) {
	if err := check(values, k); err != nil {
		return Breaks{}, err
	}
	low, high := slices.Min(values), slices.Max(values)
	step := roundStep(low, high, k)
	from, to := wholeSteps(low, high, step, k/3)
	bounds := make([]float64, 0, int(to-from)+1)
	lower, upper := min(low, from*step), max(high, to*step)
	n := to - from
	for i := 0.0; i <= n; i++ {
		// The steps are spread between the ends, as seq() does, and what is
		// zero but for rounding is zero.
		b := lower + i*((upper-lower)/n)
		if i == n {
			b = upper
		}
		if math.Abs(b) < 1e-14*(upper-lower)/n {
			b = 0
		}
		bounds = append(bounds, b)
	}
	return Breaks{Method: MethodPretty, Bounds: merge(bounds)}, nil
}

// roundStep chooses the width of a class.
func roundStep(low, high float64, k int) float64 {
	width := high/float64(k) - low/float64(k)
	size := max(math.Abs(low), math.Abs(high))
	const epsilon = 0x1p-52
	switch {
	case size == 0:
		width = 0.75 / max(1, float64(k/3))
	case high-low < size*(1+1/(1+biasTo2And10))*float64(k)*epsilon*3:
		// One value, or nearly: a step that suits its size.
		if size > 10 {
			size = 9 + size/10
		}
		width = size * 0.75 / max(1, float64(k/3))
	}
	base := math.Pow(10, math.Floor(math.Log10(width)))
	step := base
	for _, next := range []struct{ times, bias float64 }{{2, biasTo2And10}, {5, biasTo5}, {10, biasTo2And10}} {
		if next.times*base-width >= next.bias*(width-step) {
			break
		}
		step = next.times * base
	}
	return step
}

// wholeSteps returns how many steps below and above zero cover the range, at
// least least of them.
func wholeSteps(low, high, step float64, least int) (from, to float64) {
	from, to = math.Floor(low/step+almost), math.Ceil(high/step-almost)
	for from*step > low+almost*step {
		from--
	}
	for to*step < high-almost*step {
		to++
	}
	short := max(least, 1) - int(to-from+0.5)
	if short <= 0 {
		return from, to
	}
	half, rest := float64(short/2), float64(short%2)
	if from >= 0 {
		return from - half - rest, to + half
	}
	return from - half, to + half + rest
}
