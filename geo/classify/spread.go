package classify

import (
	"math"
	"slices"
)

// Percentile cuts at the percentiles 1, 10, 50, 90 and 99 (type 7, as
// Quantile): six classes that bring out the extremes, as GeoDa's percentile
// map. Equal bounds are merged.
func Percentile(values []float64) (Breaks, error) {
	if err := check(values, 1); err != nil {
		return Breaks{}, err
	}
	sorted := slices.Sorted(slices.Values(values))
	bounds := []float64{sorted[0]}
	for _, p := range []int{1, 10, 50, 90, 99} {
		bounds = append(bounds, quantile7(sorted, p, 100))
	}
	return Breaks{Method: MethodPercentile, Bounds: merge(append(bounds, sorted[len(sorted)-1]))}, nil
}

// StandardDeviation cuts at the mean and the given multiples of the standard
// deviation (divisor n−1) around it; with no multiples at −2, −1, 1 and 2, as
// mapclassify's StdMean. Both ends are open, so a class may be empty. When all
// values are the same there is one class.
func StandardDeviation(values []float64, multiples ...float64) (Breaks, error) {
	if err := check(values, 1); err != nil {
		return Breaks{}, err
	}
	if len(multiples) == 0 {
		multiples = []float64{-2, -1, 1, 2}
	}
	mean, sd := moments(values)
	if sd == 0 {
		return Breaks{Method: MethodStandardDeviation, Bounds: []float64{values[0], values[0]}}, nil
	}
	bounds := []float64{math.Inf(-1)}
	for _, m := range multiples {
		bounds = append(bounds, mean+m*sd)
	}
	return Breaks{Method: MethodStandardDeviation, Bounds: merge(append(bounds, math.Inf(1)))}, nil
}

// moments returns the mean and the standard deviation with divisor n−1, 0 for
// a single value.
func moments(values []float64) (mean, sd float64) {
	ss := 0.0
	for i, v := range values {
		d := v - mean
		mean += d / float64(i+1)
		ss += d * (v - mean)
	}
	if len(values) < 2 {
		return mean, 0
	}
	return mean, math.Sqrt(ss / float64(len(values)-1))
}

// Box makes the six classes of a box map: lower outliers, the four quarters,
// upper outliers. An outlier lies more than hinge (usually 1.5 or 3) times the
// interquartile range beyond the quartiles (type 7). Both ends are open, so
// the outlier classes may be empty; quartiles that coincide are merged.
func Box(values []float64, hinge float64) (Breaks, error) {
	if err := check(values, 1); err != nil {
		return Breaks{}, err
	}
	if !(hinge > 0) || math.IsInf(hinge, 1) {
		return Breaks{}, ErrHinge
	}
	sorted := slices.Sorted(slices.Values(values))
	if sorted[0] == sorted[len(sorted)-1] {
		return Breaks{Method: MethodBox, Bounds: []float64{sorted[0], sorted[0]}}, nil
	}
	q1, q2, q3 := quantile7(sorted, 1, 4), quantile7(sorted, 2, 4), quantile7(sorted, 3, 4)
	reach := hinge * (q3 - q1)
	return Breaks{Method: MethodBox, Bounds: merge([]float64{math.Inf(-1), q1 - reach, q1, q2, q3, q3 + reach, math.Inf(1)})}, nil
}

// minority is the largest share of the values that may lie above their mean
// for them to be cut there: Jiang's "far more small things than large ones".
const minority = 0.4

// HeadTail cuts at the mean, then at the mean of what lies above it, and so on
// while what lies above is a minority (at most 40 %) and more than one value:
// the classes of a distribution with a long tail (Jiang, The Professional
// Geographer 65, 2013).
func HeadTail(values []float64) (Breaks, error) {
	if err := check(values, 1); err != nil {
		return Breaks{}, err
	}
	head := slices.Sorted(slices.Values(values))
	bounds := []float64{head[0], head[len(head)-1]}
	for len(head) > 1 && head[0] < head[len(head)-1] && len(bounds) <= MaxClasses {
		mean, _ := moments(head)
		from, _ := slices.BinarySearchFunc(head, mean, func(v, mean float64) int {
			if v > mean {
				return 1
			}
			return -1
		})
		above := head[from:]
		if len(above) == 0 || float64(len(above)) > minority*float64(len(head)) {
			break
		}
		bounds = append(bounds, mean)
		head = above
	}
	return Breaks{Method: MethodHeadTail, Bounds: merge(bounds)}, nil
}
