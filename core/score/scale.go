package score

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/score/order"
)

// Scaling puts a variable on 0 to 1.
type Scaling string

// The scalings.
const (
	// MinMax is (x − min) ÷ (max − min).
	MinMax Scaling = "minmax"
	// ByRank is min–max of the ranks of the values, equal values sharing
	// their average rank: for variables with a few very large values, such as
	// night lights.
	ByRank Scaling = "rank"
	// Winsor is min–max of the values with the lowest and highest hundredth
	// drawn in to the 1 % and 99 % quantiles (type 7): one extreme ward no
	// longer presses all others together.
	Winsor Scaling = "winsor"
)

// Scalings lists the scalings, the default first.
func Scalings() []Scaling { return []Scaling{MinMax, ByRank, Winsor} }

// ErrConstant is the cause of the problem that refuses a variable with one and
// the same value in all wards. A caller may leave such a variable out, with a
// notice.
var ErrConstant = errors.New("score: constant variable")

// Scaled is a variable on 0 to 1, where 1 is the highest risk whatever the
// direction of the original.
type Scaled struct {
	Name     string
	Values   []float64 // read only where Present
	Present  []bool
	Imputed  []bool  // nil for none
	Inverse  bool    // the direction was reversed
	Scaling  Scaling // how
	Min, Max float64 // of the original, over the wards with a value
}

// Scale puts v on 0 to 1 over the wards that have a value, imputed ones
// included; missing stays missing. An inverse variable becomes 1 − x of the
// scaled value: never 1/x, which turns a variable with one nought into an
// "is nought" flag (defect D4 of the predecessor).
//
// A variable without two different values is refused with a BadInput problem
// whose cause is ErrConstant: it can't tell wards apart.
func Scale(v Variable, how Scaling) (Scaled, error) {
	if err := v.check(); err != nil {
		return Scaled{}, err
	}
	var present []float64
	for i, x := range v.Values {
		if v.Present[i] {
			present = append(present, x)
		}
	}
	if len(present) == 0 || slices.Min(present) == slices.Max(present) {
		return Scaled{}, constant(v, present)
	}
	s := Scaled{
		Name: v.Name, Present: v.Present, Imputed: v.Imputed, Inverse: v.Inverse, Scaling: how,
		Min: slices.Min(present), Max: slices.Max(present),
	}
	switch how {
	case MinMax:
	case ByRank:
		present = ranksOf(present)
	case Winsor:
		if present = drawnIn(present); slices.Min(present) == slices.Max(present) {
			return Scaled{}, constant(v, present)
		}
	default:
		return Scaled{}, problem.New(problem.Usage, op, "", fmt.Sprintf("%q is not a scaling", how), "Choose minmax, rank or winsor")
	}
	s.Values = spread(minMax(present), v.Present)
	if v.Inverse {
		flip(s.Values)
	}
	return s, nil
}

func constant(v Variable, present []float64) error {
	message := "no ward has a value"
	if len(present) > 0 {
		message = fmt.Sprintf("all wards with a value have the same one (%v), which can't rank them", present[0])
	}
	return problem.New(problem.BadInput, op, v.Name, message, "Leave the variable out").Because(ErrConstant)
}

// minMax needs two different values. Where their distance is beyond the range
// of numbers, halves are taken.
func minMax(values []float64) []float64 {
	low, high := slices.Min(values), slices.Max(values)
	part := 1.0
	if math.IsInf(high-low, 0) {
		part = 0.5
	}
	out := make([]float64, len(values))
	for i, x := range values {
		out[i] = (x*part - low*part) / (high*part - low*part)
	}
	return out
}

// drawnIn moves what lies beyond the 1 % and 99 % quantiles to them.
func drawnIn(values []float64) []float64 {
	var s order.Sorter
	for i, k := range s.Reset(len(values)) {
		k.Key = order.Bits(values[i])
		s.Keys[i] = k
	}
	s.Sort()
	low, high := s.Quantile(0.01, order.FromBits), s.Quantile(0.99, order.FromBits)
	out := make([]float64, len(values))
	for i, x := range values {
		out[i] = min(max(x, low), high)
	}
	return out
}

// ranksOf gives ascending average ranks.
func ranksOf(values []float64) []float64 {
	half := make([]uint32, len(values))
	var s order.Sorter
	s.HalfRanks(values, half, order.Average)
	out := make([]float64, len(values))
	for i, h := range half {
		// halfRanks counts from the highest value down.
		out[i] = float64(len(values)+1) - float64(h)/2
	}
	return out
}

// spread sets the values back to the places where they are present.
func spread(values []float64, present []bool) []float64 {
	out := make([]float64, len(present))
	next := 0
	for i, p := range present {
		if p {
			out[i] = values[next]
			next++
		}
	}
	return out
}

func flip(values []float64) {
	for i, x := range values {
		values[i] = 1 - x
	}
}
