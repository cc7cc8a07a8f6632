package score

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/score/order"
)

// Combine says how the variables of a model become its value.
type Combine string

// The ways to combine. Within one model the mean and the sum rank the wards
// alike; they differ in how much a model of many variables counts where scores
// and not ranks are brought together.
const (
	ByMean Combine = "mean" // Σ w·x ÷ Σ w, on 0 to 1
	BySum  Combine = "sum"  // Σ w·x, as the Kwara paper does
	// ByGeometric is the weighted geometric mean, exp(Σ w·ln y ÷ Σ w), of the
	// variables moved to y = (1 + 99 x) ÷ 100, because one nought would make
	// the whole value nought (OECD and JRC, Handbook on Constructing Composite
	// Indicators, 2008, step 7, advises values above nought). A low variable
	// can less be made up for by a high one.
	ByGeometric Combine = "geometric"
)

// Prepare gives what Blend adds up for a scaled value x of 0 to 1.
func (c Combine) Prepare(x float64) float64 {
	if c == ByGeometric {
		return math.Log((1 + 99*x) / 100)
	}
	return x
}

// Blend writes the value of a model of prepared columns for every ward. The
// weights are above nought, one for each column; all columns are as long as
// into.
func (c Combine) Blend(into []float64, columns [][]float64, weights []float64) {
	clear(into)
	total := 0.0
	for v, column := range columns {
		w, column := weights[v], column[:len(into)]
		total += w
		for i, x := range column {
			// The conversion keeps processors that could from fusing the two
			// steps: the same bits everywhere.
			into[i] += float64(w * x)
		}
	}
	for i := range into {
		switch c {
		case ByGeometric:
			into[i] = min(math.Exp(into[i]/total), 1)
		case ByMean:
			// Rounding can carry a mean of ones a hair beyond one.
			into[i] = min(into[i]/total, 1)
		}
	}
}

// Composite holds what is needed to compute the value of any model for any
// ward. The values themselves are computed when asked for: a thousand models
// of ten thousand wards are 80 MB that nobody reads at once.
type Composite struct {
	Models []Model

	wards   int
	ranked  []int      // positions of the wards that have every variable of every model
	lacking [][]string // per ward, the used variables it lacks
	recipes []recipe
	combine Combine
}

// recipe is a model with its variables looked up. The columns hold the ranked
// wards only, in order of the variables' names, so that the sum of a ward is
// formed in the same order wherever the variables stood.
type recipe struct {
	columns [][]float64
	weights []float64
}

// NewComposite prepares models over the scaled variables of a number of wards.
// It fails with a problem when a model can't be computed from the variables,
// and with a plain error when the shapes don't fit.
func NewComposite(wards int, vars []Scaled, models []Model, how Combine) (*Composite, error) {
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
	c := &Composite{Models: models, wards: wards, combine: how}
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
			dense[k] = c.combine.Prepare(v.Values[i])
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
		}
	}
}

// Values returns the value of one model, counted from nought, for every ward,
// and whether the ward has one. A ward has the values of all models
// or of none.
func (c *Composite) Values(model int) (values []float64, present []bool) {
	dense := make([]float64, len(c.ranked))
	c.fill(dense, c.recipes[model], 0)
	values, present = make([]float64, c.wards), make([]bool, c.wards)
	for k, i := range c.ranked {
		values[i], present[i] = dense[k], true
	}
	return values, present
}

// fill writes the values of the ranked wards from position at on.
func (c *Composite) fill(into []float64, r recipe, at int) {
	var few [MostVariables][]float64
	columns := few[:0]
	for _, column := range r.columns {
		columns = append(columns, column[at:at+len(into)])
	}
	c.combine.Blend(into, columns, r.weights)
}

// mostCells bounds the table of ranks (models × ranked wards) at 512 MB.
const mostCells = 1 << 27

// halfRanks returns twice the rank of every ranked ward in every model, the
// wards of one model side by side.
func (c *Composite) halfRanks(ctx context.Context, ties order.Ties) ([]uint32, error) {
	n := len(c.ranked)
	if n > 0 && len(c.recipes) > min(mostCells/n, math.MaxInt32) {
		return nil, problem.New(problem.Usage, op, "", fmt.Sprintf("%d models of %d wards are too many to rank at once", len(c.recipes), n),
			"Choose fewer variables or fewer models")
	}
	ranks := make([]uint32, n*len(c.recipes))
	err := order.InParallel(ctx, len(c.recipes), func() func(int) {
		values := make([]float64, n)
		s := new(order.Sorter)
		return func(m int) {
			c.fill(values, c.recipes[m], 0)
			s.HalfRanks(values, ranks[m*n:(m+1)*n], ties)
		}
	})
	return ranks, err
}
