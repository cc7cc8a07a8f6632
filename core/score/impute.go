package score

import (
	"context"
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/problem"
)

// Method says where a missing value is taken from.
type Method string

// The methods of filling gaps.
const (
	FromNeighbours Method = "neighbours" // mean of the observed neighbours
	FromLGA        Method = "lga"        // mean of the observed wards of the same LGA
	FromState      Method = "state"      // mean of the observed wards of the same state
	FromNone       Method = "none"       // gaps stay
)

// MostMissing is the share of wards without a value above which a variable is
// refused unless insisted upon (the manual of MRPT calls such variables not
// trustworthy).
const MostMissing = 0.4

// Filling is the choice of how to fill the gaps of a variable.
type Filling struct {
	Method     Method
	Neighbours [][]int // per ward, the positions of its queen neighbours; for FromNeighbours
	Group      []int   // per ward, the number of its LGA or state, negative where unknown; for FromLGA and FromState
	Insist     bool    // take a variable although more than MostMissing of it is missing
}

// Imputation is a variable with its gaps filled as far as could be.
type Imputation struct {
	Variable Variable // Imputed marks every value that was filled in
	Filled   []int    // positions filled in now
	Left     []int    // positions still missing: nothing observed to take a value from
}

// Impute fills the gaps of v by the mean of observed values: never of values
// that were themselves filled in, so that the order of the wards is of no
// consequence and a guess never rests on a guess. Running it again with
// another method fills what the first could not, from the same observed
// values. A ward for which there is nothing to take stays missing and is
// listed.
//
// It fails with a BadInput problem when more than MostMissing of the variable
// is not observed and f does not insist, and with a plain error when the
// shapes don't fit.
func Impute(ctx context.Context, v Variable, f Filling) (*Imputation, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	if err := checkShare(v, f.Insist); err != nil {
		return nil, err
	}
	sources, err := f.sources(v)
	if err != nil {
		return nil, err
	}
	out := v
	out.Values, out.Present = slices.Clone(v.Values), slices.Clone(v.Present)
	out.Imputed = make([]bool, len(v.Present))
	copy(out.Imputed, v.Imputed)
	im := &Imputation{}
	for i, present := range v.Present {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if present {
			continue
		}
		mean, ok := sources(i)
		if !ok {
			im.Left = append(im.Left, i)
			continue
		}
		out.Values[i], out.Present[i], out.Imputed[i] = mean, true, true
		im.Filled = append(im.Filled, i)
	}
	im.Variable = out
	return im, nil
}

func checkShare(v Variable, insist bool) error {
	missing := 0
	for i := range v.Present {
		if !v.observed(i) {
			missing++
		}
	}
	share := float64(missing) / float64(max(1, len(v.Present)))
	if share <= MostMissing || insist {
		return nil
	}
	return problem.New(problem.BadInput, op, v.Name,
		fmt.Sprintf("%d of %d wards (%.0f %%) have no observed value, more than %.0f %%", missing, len(v.Present), 100*share, 100*MostMissing),
		"Leave the variable out, find a fuller source, or insist on using it")
}

// sources returns the function that gives the value for a ward without one.
func (f Filling) sources(v Variable) (func(ward int) (float64, bool), error) {
	switch f.Method {
	case FromNone:
		return func(int) (float64, bool) { return 0, false }, nil
	case FromNeighbours:
		if err := checkNeighbours(f.Neighbours, len(v.Present)); err != nil {
			return nil, err
		}
		return func(i int) (float64, bool) { return neighbourMean(v, f.Neighbours[i]) }, nil
	case FromLGA, FromState:
		if len(f.Group) != len(v.Present) {
			return nil, fmt.Errorf("score: %d groups for %d wards", len(f.Group), len(v.Present))
		}
		means := groupMeans(v, f.Group)
		return func(i int) (float64, bool) { m, ok := means[f.Group[i]]; return m, ok }, nil
	}
	return nil, problem.New(problem.Usage, op, "", fmt.Sprintf("%q is not a way to fill gaps", f.Method),
		"Choose one of neighbours, lga, state, none")
}

// Donors gives the observed wards whose mean a missing ward gets, in ascending
// order: those it could as well be like. Nil where there are none.
func (f Filling) Donors(v Variable) (func(ward int) []int, error) {
	if _, err := f.sources(v); err != nil {
		return nil, err
	}
	switch f.Method {
	case FromNeighbours:
		return func(i int) []int {
			unique := slices.Compact(slices.Sorted(slices.Values(f.Neighbours[i])))
			return slices.DeleteFunc(unique, func(j int) bool { return !v.observed(j) })
		}, nil
	case FromLGA, FromState:
		members := make(map[int][]int)
		for i, g := range f.Group {
			if g >= 0 && v.observed(i) {
				members[g] = append(members[g], i)
			}
		}
		return func(i int) []int { return members[f.Group[i]] }, nil
	}
	return func(int) []int { return nil }, nil
}

func checkNeighbours(neighbours [][]int, wards int) error {
	if len(neighbours) != wards {
		return fmt.Errorf("score: neighbours of %d wards for %d wards", len(neighbours), wards)
	}
	for i, list := range neighbours {
		for _, j := range list {
			if j < 0 || j >= wards {
				return fmt.Errorf("score: ward %d has neighbour %d of %d", i, j, wards)
			}
		}
	}
	return nil
}

// neighbourMean counts a neighbour named twice once. A ward named as its own
// neighbour is not observed and so never counts.
func neighbourMean(v Variable, list []int) (float64, bool) {
	unique := slices.Compact(slices.Sorted(slices.Values(list)))
	var values []float64
	for _, j := range unique {
		if v.observed(j) {
			values = append(values, v.Values[j])
		}
	}
	return meanOf(values)
}

func groupMeans(v Variable, group []int) map[int]float64 {
	values := make(map[int][]float64)
	for i, g := range group {
		if g >= 0 && v.observed(i) {
			values[g] = append(values[g], v.Values[i])
		}
	}
	means := make(map[int]float64, len(values))
	for g, list := range values {
		means[g], _ = meanOf(list)
	}
	return means
}

// meanOf adds in order of size, so that the mean does not depend on the order
// in which the wards stand. A sum beyond the range of numbers is formed again
// from the values divided first. It reorders values.
func meanOf(values []float64) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	sum := 0.0
	for _, x := range values {
		sum += x
	}
	n := float64(len(values))
	if mean := sum / n; !math.IsInf(mean, 0) {
		return mean, true
	}
	sum = 0
	for _, x := range values {
		sum += x / n
	}
	return sum, true
}
