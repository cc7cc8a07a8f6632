package score

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/problem"
)

// Composite holds what is needed to compute the value of any model for any
// ward. The values themselves are computed when asked for: a thousand models
// of ten thousand wards are 80 MB that nobody reads at once.
type Composite struct {
	Models []Model

	wards   int
	ranked  []int      // positions of the wards that have every variable of every model
	lacking [][]string // per ward, the used variables it lacks
	recipes []recipe
}

// recipe is a model with its variables looked up. The columns hold the ranked
// wards only, in order of the variables' names, so that the sum of a ward is
// formed in the same order wherever the variables stood.
type recipe struct {
	columns [][]float64
	weights []float64
	total   float64
}

// NewComposite prepares models over the scaled variables of a number of wards.
// It fails with a problem when a model can't be computed from the variables,
// and with a plain error when the shapes don't fit.
func NewComposite(wards int, vars []Scaled, models []Model) (*Composite, error) {
	names := make([]string, len(vars))
	for i, v := range vars {
		if err := v.check(wards); err != nil {
			return nil, err
		}
		names[i] = v.Name
	}
	if err := checkNames(names); err != nil {
		return nil, err
	}
	if err := checkModels(models, names); err != nil {
		return nil, err
	}
	c := &Composite{Models: models, wards: wards}
	used := usedVariables(vars, models)
	c.lacking = lacking(wards, used)
	for i, l := range c.lacking {
		if len(l) == 0 {
			c.ranked = append(c.ranked, i)
		}
	}
	c.cook(used)
	return c, nil
}

func (s Scaled) check(wards int) error {
	if len(s.Values) != wards || len(s.Present) != wards || (s.Imputed != nil && len(s.Imputed) != wards) {
		return fmt.Errorf("score: variable %s has %d values for %d wards", s.Name, len(s.Values), wards)
	}
	for i, x := range s.Values {
		if s.Present[i] && !(x >= 0 && x <= 1) {
			return fmt.Errorf("score: variable %s is not on 0 to 1: %v", s.Name, x)
		}
	}
	return nil
}

// usedVariables returns the variables that some model uses, in order of name.
func usedVariables(vars []Scaled, models []Model) []Scaled {
	used := make(map[string]bool)
	for _, m := range models {
		for _, term := range m.Terms {
			used[term.Variable] = true
		}
	}
	var out []Scaled
	for _, v := range vars {
		if used[v.Name] {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Scaled) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func lacking(wards int, used []Scaled) [][]string {
	out := make([][]string, wards)
	for _, v := range used {
		for i, present := range v.Present {
			if !present {
				out[i] = append(out[i], v.Name)
			}
		}
	}
	return out
}

// cook looks up the variables of the models, with their gaps closed.
func (c *Composite) cook(used []Scaled) {
	columns := make(map[string][]float64, len(used))
	for _, v := range used {
		dense := make([]float64, len(c.ranked))
		for k, i := range c.ranked {
			dense[k] = v.Values[i]
		}
		columns[v.Name] = dense
	}
	c.recipes = make([]recipe, len(c.Models))
	for m, model := range c.Models {
		terms := slices.SortedFunc(slices.Values(model.Terms), func(a, b Term) int { return cmp.Compare(a.Variable, b.Variable) })
		r := &c.recipes[m]
		for _, term := range terms {
			r.columns = append(r.columns, columns[term.Variable])
			r.weights = append(r.weights, term.Weight)
			r.total += term.Weight
		}
	}
}

// Values returns the value of one model, counted from nought, for every ward,
// on 0 to 1, and whether the ward has one. A ward has the values of all models
// or of none.
func (c *Composite) Values(model int) (values []float64, present []bool) {
	dense := make([]float64, len(c.ranked))
	c.recipes[model].fill(dense, 0)
	values, present = make([]float64, c.wards), make([]bool, c.wards)
	for k, i := range c.ranked {
		values[i], present[i] = dense[k], true
	}
	return values, present
}

// fill writes the weighted means of the ranked wards from position at on.
func (r recipe) fill(into []float64, at int) {
	clear(into)
	for v, column := range r.columns {
		w, column := r.weights[v], column[at:at+len(into)]
		for i, x := range column {
			// The conversion keeps processors that could from fusing the two
			// steps: the same bits everywhere.
			into[i] += float64(w * x)
		}
	}
	for i := range into {
		// Rounding can carry a mean of ones a hair beyond one.
		into[i] = min(into[i]/r.total, 1)
	}
}

// mostCells bounds the table of ranks (models × ranked wards) at 512 MB.
const mostCells = 1 << 27

// halfRanks returns twice the rank of every ranked ward in every model, the
// wards of one model side by side.
func (c *Composite) halfRanks(ctx context.Context, ties Ties) ([]uint32, error) {
	n := len(c.ranked)
	if n > 0 && len(c.recipes) > min(mostCells/n, math.MaxInt32) {
		return nil, problem.New(problem.Usage, op, "", fmt.Sprintf("%d models of %d wards are too many to rank at once", len(c.recipes), n),
			"Choose fewer variables or fewer models")
	}
	ranks := make([]uint32, n*len(c.recipes))
	err := inParallel(ctx, len(c.recipes), func() func(int) {
		values := make([]float64, n)
		s := new(sorter)
		return func(m int) {
			c.recipes[m].fill(values, 0)
			s.halfRanks(values, ranks[m*n:(m+1)*n], ties)
		}
	})
	return ranks, err
}
