// Package classify cuts a variable into the classes of a map.
//
// Convention. Classes are the intervals between ascending bounds, (a, b]: a
// value equal to a bound belongs to the class below it, except that the first
// class holds its lower bound too, [a, b]. This is the right-closed convention
// of R's cut(include.lowest = TRUE), classInt and mapclassify.
//
// Cut-offs that people set (Cuts) are read the other way round, as programmes
// write them: "35 % and more" is high, so a value equal to a cut-off belongs to
// the class above it, [a, b). Breaks know which of the two they are, and every
// map, table and legend asks them.
//
// The functions take the values that are present and nothing else: the caller
// leaves missing ones out, and no value stands in for them here.
package classify

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

// MaxClasses is the largest number of classes that can be asked for. No reader
// tells more than about nine shades apart; the limit only bounds memory.
const MaxClasses = 256

// The methods, as they are named in commands and on method cards.
const (
	MethodQuantile          = "quantile"
	MethodEqual             = "equal"
	MethodFixed             = "fixed"
	MethodJenks             = "jenks"
	MethodPretty            = "pretty"
	MethodStandardDeviation = "sd"
	MethodPercentile        = "percentile"
	MethodBox               = "box"
	MethodHeadTail          = "headtail"
)

// Errors of the functions that make breaks.
var (
	ErrNoValues = errors.New("classify: there are no values")
	ErrValue    = errors.New("classify: a value is not a finite number")
	ErrCount    = fmt.Errorf("classify: the number of classes must lie between 1 and %d", MaxClasses)
	ErrHinge    = errors.New("classify: the hinge must be a number above zero")
	ErrBounds   = errors.New("classify: bounds must be two or more numbers, each larger than the one before")
)

// NoClass is the class of a value that no class holds.
const NoClass = -1

// Breaks are the bounds of k classes, in the units of the variable.
type Breaks struct {
	Method string
	Bounds []float64 // k+1, ascending; all differ, but that a first class of one value is [v, v]

	// LowerClosed turns the classes from (a, b] into [a, b): a value on a bound
	// is in the class above it. The last class then holds its upper bound too.
	LowerClosed bool
}

// Len returns the number of classes.
func (b Breaks) Len() int { return max(0, len(b.Bounds)-1) }

// Class returns the class that holds v, counted from 0 for the lowest, or
// NoClass for NaN and for a value outside the bounds.
func (b Breaks) Class(v float64) int {
	k := b.Len()
	if k == 0 || !(v >= b.Bounds[0] && v <= b.Bounds[k]) {
		return NoClass
	}
	if b.LowerClosed {
		// One less than the number of bounds not above v.
		return min(k, sort.Search(k+1, func(i int) bool { return b.Bounds[i] > v })) - 1
	}
	if v == b.Bounds[0] {
		return 0
	}
	// The first bound not below v closes its class.
	return sort.SearchFloat64s(b.Bounds, v) - 1
}

// Classes returns the class of every value; present is as long as values and
// false where a value is missing, which is NoClass.
func (b Breaks) Classes(values []float64, present []bool) []int {
	out := make([]int, len(values))
	for i, v := range values {
		out[i] = NoClass
		if present[i] {
			out[i] = b.Class(v)
		}
	}
	return out
}

// Quantile cuts the values into k classes of about equal size. The bounds are
// the quantiles 0, 1/k, …, 1 by linear interpolation, Hyndman and Fan's type 7
// (the default of R and NumPy). Equal bounds are merged, so fewer than k
// classes may come back when many values are the same.
func Quantile(values []float64, k int) (Breaks, error) {
	if err := check(values, k); err != nil {
		return Breaks{}, err
	}
	sorted := slices.Sorted(slices.Values(values))
	bounds := make([]float64, k+1)
	for i := range bounds {
		bounds[i] = quantile7(sorted, i, k)
	}
	return Breaks{Method: MethodQuantile, Bounds: merge(bounds)}, nil
}

// quantile7 returns the quantile i/k of the ascending values: position
// h = (n−1)·i/k, interpolated between the values on either side (Hyndman and
// Fan, The American Statistician 50, 1996, definition 7). The whole part of h
// is taken in whole numbers, so it is never one off through rounding.
func quantile7(sorted []float64, i, k int) float64 {
	position := (len(sorted) - 1) * i
	low, rest := position/k, position%k
	if rest == 0 || sorted[low] == sorted[low+1] {
		return sorted[low] // exactly, where interpolation would round
	}
	h := float64(rest) / float64(k)
	return (1-h)*sorted[low] + h*sorted[low+1]
}

// Equal cuts the range of the values into k intervals of equal width. When all
// values are the same there is one class.
func Equal(values []float64, k int) (Breaks, error) {
	if err := check(values, k); err != nil {
		return Breaks{}, err
	}
	low, high := slices.Min(values), slices.Max(values)
	bounds := make([]float64, k+1)
	for i := range bounds {
		// Two halves, because high−low may overflow where the bounds do not.
		part := float64(i) / float64(k)
		bounds[i] = low + part*(high/2-low/2)*2
	}
	bounds[0], bounds[k] = low, high
	return Breaks{Method: MethodEqual, Bounds: merge(bounds)}, nil
}

// Fixed takes the bounds as given. The first may be −∞ and the last +∞, so
// that no value falls outside; otherwise those outside have NoClass.
func Fixed(bounds ...float64) (Breaks, error) {
	if len(bounds) < 2 || len(bounds) > MaxClasses+1 {
		return Breaks{}, ErrBounds
	}
	for i, b := range bounds {
		inner := i > 0 && i < len(bounds)-1
		if math.IsNaN(b) || inner && math.IsInf(b, 0) || i > 0 && b <= bounds[i-1] {
			return Breaks{}, fmt.Errorf("%w: %v", ErrBounds, bounds)
		}
	}
	return Breaks{Method: MethodFixed, Bounds: slices.Clone(bounds)}, nil
}

// Cuts makes classes of the cut-offs that people set, open at both ends: below
// the first, from each up to below the next, and from the last on.
func Cuts(cuts ...float64) (Breaks, error) {
	b, err := Fixed(slices.Concat([]float64{math.Inf(-1)}, cuts, []float64{math.Inf(1)})...)
	b.LowerClosed = true
	return b, err
}

// Inclusion says in words which class holds a value that lies on a bound.
func (b Breaks) Inclusion() string {
	if b.LowerClosed {
		return "A value on a cut-off is in the class above it."
	}
	return "A value on a bound is in the class below it."
}

func check(values []float64, k int) error {
	if k < 1 || k > MaxClasses {
		return fmt.Errorf("%w, not %d", ErrCount, k)
	}
	if len(values) == 0 {
		return ErrNoValues
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%w: %v at %d", ErrValue, v, i)
		}
	}
	return nil
}

// merge drops repeated bounds, but leaves two where all are the same.
func merge(bounds []float64) []float64 {
	// Interpolation may miss the order by a rounding error.
	slices.Sort(bounds)
	distinct := slices.Compact(bounds)
	if len(distinct) == 1 {
		return []float64{distinct[0], distinct[0]}
	}
	return distinct
}
