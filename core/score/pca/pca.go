// Package pca looks at the variables of a score as a whole: how they go
// together, whether principal components may be taken of them, and what score
// the components give.
//
// Every function takes the same Data: complete rows, one column per variable,
// already turned so that more means more risk (the predecessor's components
// took no notice of direction: defect D2). Columns are standardised with the
// n−1 standard deviation, so that components are those of the correlation
// matrix, as prcomp(scale. = TRUE) of R gives them.
//
// The sign of an eigenvector is arbitrary. Ours is chosen so that its loadings
// add up to more than nought, which is the same as that its scores rise with
// the sum of the standardised variables: a component then points to risk
// whatever the software beneath returned, and whichever of its variables were
// stored the other way round.
package pca

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"chatmrpt/core/score/order"
)

// ErrConstant is returned for a variable without two different values, which
// has no correlation with anything.
var ErrConstant = errors.New("pca: constant variable")

// Data is a table of complete rows.
type Data struct {
	Names []string
	x     *mat.Dense // standardised, rows × variables
}

// NewData standardises columns of equal length; turn tells which are to be
// turned round first, because more of them means less risk. It fails with
// ErrConstant and with errors about shapes.
func NewData(names []string, columns [][]float64, turn []bool) (*Data, error) {
	if len(columns) == 0 || len(names) != len(columns) || len(turn) != len(columns) {
		return nil, fmt.Errorf("pca: %d names and %d directions of %d columns", len(names), len(turn), len(columns))
	}
	n := len(columns[0])
	if n < 2 {
		return nil, fmt.Errorf("pca: %d rows", n)
	}
	d := &Data{Names: names, x: mat.NewDense(n, len(columns), nil)}
	for k, c := range columns {
		if len(c) != n {
			return nil, fmt.Errorf("pca: %s has %d of %d rows", names[k], len(c), n)
		}
		if slices.Min(c) == slices.Max(c) {
			return nil, fmt.Errorf("%w: %s", ErrConstant, names[k])
		}
		mean, sd := stat.MeanStdDev(c, nil)
		for i, v := range c {
			z := (v - mean) / sd
			if turn[k] {
				z = -z
			}
			d.x.Set(i, k, z)
		}
	}
	return d, nil
}

// Rows is the number of rows.
func (d *Data) Rows() int { n, _ := d.x.Dims(); return n }

// Correlation is the matrix of Pearson's correlations.
func (d *Data) Correlation() *mat.SymDense {
	var r mat.SymDense
	stat.CorrelationMatrix(&r, d.x, nil)
	return &r
}

// VIF gives each variable's variance inflation factor, 1 ÷ (1 − R²) of its
// regression on the others, which is the diagonal of the inverse correlation
// matrix; +Inf for all where that matrix can't be inverted. Above 5 or 10 a
// variable says little that the others don't.
func (d *Data) VIF() []float64 {
	out := make([]float64, len(d.Names))
	inverse, ok := invert(d.Correlation())
	for k := range out {
		out[k] = math.Inf(1)
		if ok {
			out[k] = inverse.At(k, k)
		}
	}
	return out
}

// worstCondition is the largest ratio of eigenvalues of a correlation matrix
// that is still inverted: beyond it one variable is a sum of others but for
// rounding.
const worstCondition = 1e12

func invert(r mat.Symmetric) (*mat.SymDense, bool) {
	var c mat.Cholesky
	if !c.Factorize(r) || c.Cond() > worstCondition {
		return nil, false
	}
	var inverse mat.SymDense
	return &inverse, c.InverseTo(&inverse) == nil
}

// Component is one principal component.
type Component struct {
	Eigenvalue float64   // the variance of its scores
	Share      float64   // of the variance of all variables, 0 to 1
	Loadings   []float64 // one per variable, squares adding up to one
}

// Components gives all components, the largest first.
func (d *Data) Components() ([]Component, error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(d.Correlation(), true) {
		return nil, errors.New("pca: the eigenvalues were not found")
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	p := len(values)
	out := make([]Component, p)
	for i := range out {
		at := p - 1 - i // ascending in the library
		out[i] = Component{Eigenvalue: max(values[at], 0), Share: max(values[at], 0) / float64(p), Loadings: mat.Col(nil, at, &vectors)}
		orient(out[i].Loadings)
	}
	return out, nil
}

// orient turns a vector towards risk; where its loadings cancel out, towards
// its largest one, the first of equals.
func orient(loadings []float64) {
	sum, largest := 0.0, 0.0
	for _, l := range loadings {
		sum += l
		if math.Abs(l) > math.Abs(largest)*(1+1e-9) {
			largest = l
		}
	}
	if sum < -1e-9 || (sum <= 1e-9 && largest < 0) {
		for i := range loadings {
			loadings[i] = -loadings[i]
		}
	}
}

// Scores gives each row's score on a component: standardised values times
// loadings.
func (d *Data) Scores(c Component) []float64 {
	var out mat.VecDense
	out.MulVec(d.x, mat.NewVecDense(len(c.Loadings), c.Loadings))
	return slices.Clone(out.RawVector().Data)
}

// Weighted adds up the scores on the first k components, each times its part
// of the variance of those k.
func (d *Data) Weighted(components []Component, k int) []float64 {
	total := 0.0
	for _, c := range components[:k] {
		total += c.Eigenvalue
	}
	out := make([]float64, d.Rows())
	for _, c := range components[:k] {
		for i, s := range d.Scores(c) {
			out[i] += float64(c.Eigenvalue / total * s)
		}
	}
	return out
}

// Kaiser is the number of components with an eigenvalue above one: those that
// tell more than one variable does (Kaiser, Educational and Psychological
// Measurement 20, 1960). At least one.
func Kaiser(components []Component) int {
	return atLeastOne(components, func(_ int, c Component) bool { return c.Eigenvalue > 1 })
}

// ByShare is the smallest number of components that hold the share of the
// variance.
func ByShare(components []Component, share float64) int {
	held := 0.0
	for i, c := range components {
		if held += c.Share; held >= share-1e-12 {
			return i + 1
		}
	}
	return len(components)
}

// ByParallel is the number of components, from the first on, whose eigenvalue
// is above that of the same place in random data. At least one.
func ByParallel(components []Component, random []float64) int {
	return atLeastOne(components, func(i int, c Component) bool { return c.Eigenvalue > random[i] })
}

func atLeastOne(components []Component, keep func(int, Component) bool) int {
	for i, c := range components {
		if !keep(i, c) {
			return max(i, 1)
		}
	}
	return len(components)
}

// The figures of the parallel analysis.
const (
	parallelSets     = 100
	parallelQuantile = 0.95
)

// Parallel gives, for each place, the 95 % quantile of the eigenvalues of 100
// tables of independent normal numbers of the same size (Horn, Psychometrika
// 30, 1965; the quantile instead of the mean after Glorfeld, Educational and
// Psychological Measurement 55, 1995). The same seed gives the same figures on
// any number of processors.
func (d *Data) Parallel(ctx context.Context, seed uint64) ([]float64, error) {
	n, p := d.x.Dims()
	eigenvalues := make([][]float64, parallelSets)
	failed := make([]bool, parallelSets)
	err := order.InParallel(ctx, parallelSets, func() func(int) {
		x := mat.NewDense(n, p, nil)
		return func(set int) {
			rng := rand.New(rand.NewPCG(seed, uint64(set)))
			for i := range n {
				for k := range p {
					x.Set(i, k, rng.NormFloat64())
				}
			}
			var r mat.SymDense
			stat.CorrelationMatrix(&r, x, nil)
			var eigen mat.EigenSym
			if failed[set] = !eigen.Factorize(&r, false); !failed[set] {
				eigenvalues[set] = eigen.Values(nil)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if slices.Contains(failed, true) {
		return nil, errors.New("pca: the eigenvalues of random data were not found")
	}
	out := make([]float64, p)
	for place := range out {
		all := make([]float64, parallelSets)
		for set, e := range eigenvalues {
			all[set] = e[p-1-place]
		}
		slices.Sort(all)
		out[place] = stat.Quantile(parallelQuantile, stat.Empirical, all, nil)
	}
	return out, nil
}
