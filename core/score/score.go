// Package score ranks wards by malaria risk from variables known per ward, the
// way the Kwara paper does it, generalised: fill gaps (Impute), put every
// variable on 0 to 1 with 1 the highest risk (Scale), average the variables in
// many models (AllSubsets, ReadModels), rank the wards in each model, and take
// the middle of each ward's ranks (Rank). The spread of those ranks is the
// first figure of how sure the ranking is.
//
// Rank 1 is the highest risk everywhere. The value of a model is the weighted
// mean of its scaled variables, Σ w·x ÷ Σ w, so that every model lies on 0 to
// 1; the paper's weighted sums rank the wards in the same order. A missing
// value stays missing: a ward that lacks any variable of any model has no rank
// at all, and the ranks of all models are over the same wards.
//
// Neither the order of the wards nor that of the variables or models changes a
// ward's figures, to the last bit, nor does the number of processors. The one
// exception is the option FileOrder, which repeats the paper's own treatment
// of ties.
package score

import (
	"errors"
	"fmt"
	"math"

	"chatmrpt/core/problem"
)

// op is the act named in this package's problems.
const op = "score"

// Variable is one number per ward, as observed, in its own unit.
type Variable struct {
	Name    string
	Values  []float64 // read only where Present
	Present []bool
	Inverse bool   // a higher value means a lower risk
	Imputed []bool // values that were filled in, not observed; nil for none
}

// Missing is the number of wards without a value.
func (v Variable) Missing() int {
	n := 0
	for _, p := range v.Present {
		if !p {
			n++
		}
	}
	return n
}

// observed reports whether ward i has a value that was not filled in.
func (v Variable) observed(i int) bool {
	return v.Present[i] && (v.Imputed == nil || !v.Imputed[i])
}

// check guards the shapes, which are the caller's affair (a plain error), and
// the numbers, which are the person's (a BadInput problem).
func (v Variable) check() error {
	if v.Name == "" {
		return errors.New("score: a variable without a name")
	}
	if len(v.Values) != len(v.Present) || (v.Imputed != nil && len(v.Imputed) != len(v.Present)) {
		return fmt.Errorf("score: variable %s: %d values for %d wards", v.Name, len(v.Values), len(v.Present))
	}
	for i, x := range v.Values {
		if v.Present[i] && (math.IsNaN(x) || math.IsInf(x, 0)) {
			return problem.New(problem.BadInput, op, v.Name, fmt.Sprintf("the value of row %d is not a number", i+1),
				"Leave the cell empty where the value is not known")
		}
	}
	return nil
}
