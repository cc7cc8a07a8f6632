// Package stability says how firmly a ward holds its place in a ranking.
//
// A ranking rests on choices that could as well have been made otherwise, and
// on tests that are a sample. Each of many draws makes them again at random,
// within what is defensible, and ranks the wards by the same procedure as the
// ranking itself; the spread of a ward's rank over the draws is what the user
// is told. This is the uncertainty analysis of composite indicators of
// Saisana, Saltelli and Tarantola (Journal of the Royal Statistical Society A
// 168, 2005, 307–323) and of the OECD's Handbook (2008, step 8), kept close to
// our own procedure. A draw takes
//
//   - the models: as many as Options.Models, with replacement, from those of
//     the ranking;
//   - the weights of each, from a Dirichlet distribution whose mean are the
//     given ones and under which an equal weight has the standard deviation
//     Options.Spread of itself;
//   - one of the scalings, for all variables;
//   - for a proportion of tests, the rate of every ward from its posterior
//     Beta(positive + ½, negative + ½) (Jeffreys' prior; Brown, Cai and
//     DasGupta, Statistical Science 16, 2001);
//   - for a filled-in value, that of one of the wards it was filled from,
//     because a mean of neighbours looks surer than it is.
//
// Each draw has a random source of its own, made of the seed and the number of
// the draw, so that the result doesn't depend on the number of processors.
package stability

import (
	"context"
	"fmt"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/score"
	"chatmrpt/core/score/order"
)

// op is the act named in this package's problems.
const op = "score"

// The limits of the number of draws, and the number of models in one.
const (
	FewestDraws   = 100
	MostDraws     = 100_000
	ModelsPerDraw = 9
	mostCells     = 1 << 26 // draws × wards: 256 MB of ranks and 64 MB of categories
)

// Variable is one variable of the ranking with its gaps filled, and what is
// known of its error.
type Variable struct {
	score.Variable
	Donors func(ward int) []int // the observed wards a filled-in value came from; nil for none
	// Positive and Tested are the counts behind a proportion of tests, per
	// ward; nil for other variables, Tested 0 where the value is no such
	// proportion.
	Positive, Tested []float64
}

// Options are the choices of Run. Zero values are the defaults named.
type Options struct {
	Draws    int             // FewestDraws to MostDraws
	Seed     uint64          // of the random source
	Top      int             // how many wards are the top
	Level    float64         // share of the draws in the rank interval; 0 is 0.9
	Spread   float64         // of a weight, relative; 0 is 0.5
	Models   int             // in each draw; 0 is ModelsPerDraw or, if fewer, all
	Scalings []score.Scaling // nil is all of them
	Rank     score.Options   // those of the ranking
	Cuts     score.Cuts      // its categories
}

// Ward is how firmly a ward holds its place.
type Ward struct {
	Ranked     bool
	Low, High  int       // the rank interval: at least Level of the draws lie in it
	Median     float64   // of the rank
	Top        float64   // share of the draws in which it is among the top
	Categories []float64 // share of the draws in each category of Cuts.Names
}

// Result is how firm a ranking is.
type Result struct {
	Wards   []Ward // in the order given
	Options Options
}

// Run draws and ranks. keys holds one unique text per ward; the draws go by
// these and by the names of the variables, so that neither the order of the
// wards nor that of the variables or models changes a figure. It fails with a Usage problem for options that can't
// be and with plain errors for shapes that don't fit; it stops early when ctx
// ends.
func Run(ctx context.Context, keys []string, vars []Variable, models []score.Model, o Options) (*Result, error) {
	o = o.withDefaults(len(models))
	d, err := prepare(keys, vars, models, o)
	if err != nil {
		return nil, err
	}
	n := len(d.ranked)
	if err := o.check(n); err != nil {
		return nil, err
	}
	drawn := &drawn{ranks: make([]uint32, o.Draws*n), categories: make([]uint8, o.Draws*n)}
	err = order.InParallel(ctx, o.Draws, func() func(int) {
		w := d.worker()
		return func(draw int) {
			w.draw(draw, drawn.ranks[draw*n:][:n], drawn.categories[draw*n:][:n])
		}
	})
	if err != nil {
		return nil, err
	}
	r := &Result{Wards: make([]Ward, len(keys)), Options: o}
	return r, drawn.summarise(ctx, r, d.ranked)
}

func (o Options) withDefaults(models int) Options {
	if o.Level == 0 {
		o.Level = 0.9
	}
	if o.Spread == 0 {
		o.Spread = 0.5
	}
	if o.Models == 0 {
		o.Models = min(models, ModelsPerDraw)
	}
	if o.Scalings == nil {
		o.Scalings = score.Scalings()
	}
	if o.Rank.Aggregate == "" {
		o.Rank.Aggregate = score.MedianRank
	}
	if o.Rank.Combine == "" {
		o.Rank.Combine = score.ByMean
	}
	return o
}

func (o Options) check(ranked int) error {
	bad := func(message, hint string) error { return problem.New(problem.Usage, op, "stability", message, hint) }
	switch {
	case ranked == 0:
		return problem.New(problem.BadInput, op, "stability", "no ward has a value in all the variables", "Leave out the variables with many gaps")
	case o.Draws < FewestDraws || o.Draws > MostDraws:
		return bad(fmt.Sprintf("%d draws", o.Draws), fmt.Sprintf("Take %d to %d draws; 1,000 are usual", FewestDraws, MostDraws))
	case o.Draws > mostCells/ranked:
		return bad(fmt.Sprintf("%d draws of %d wards are too many to hold", o.Draws, ranked), fmt.Sprintf("Take at most %d draws", mostCells/ranked))
	case o.Top < 1 || o.Top > ranked:
		return bad(fmt.Sprintf("the top %d of %d ranked wards", o.Top, ranked), fmt.Sprintf("Choose a top of 1 to %d wards", ranked))
	case !(o.Level > 0 && o.Level < 1):
		return bad(fmt.Sprintf("a level of %v", o.Level), "Choose a level between 0 and 1, such as 0.9")
	case !(o.Spread > 0 && o.Spread <= 2):
		return bad(fmt.Sprintf("a spread of the weights of %v", o.Spread), "Choose a spread above 0 and at most 2, such as 0.5")
	}
	return nil
}

// drawn is what the draws gave, draw by draw.
type drawn struct {
	ranks      []uint32
	categories []uint8
}

// blockOfWards wards are summarised together, for the sake of the memory's
// caches.
const blockOfWards = 64

func (d *drawn) summarise(ctx context.Context, r *Result, ranked []int) error {
	n, draws := len(ranked), r.Options.Draws
	blocks := (n + blockOfWards - 1) / blockOfWards
	return order.InParallel(ctx, blocks, func() func(int) {
		one := make([]uint32, blockOfWards*draws)
		return func(block int) {
			first := block * blockOfWards
			size := min(blockOfWards, n-first)
			for draw := range draws {
				for k, rank := range d.ranks[draw*n+first:][:size] {
					one[k*draws+draw] = rank
				}
			}
			for k := range size {
				w := &r.Wards[ranked[first+k]]
				w.summarise(one[k*draws:][:draws], r.Options)
				w.Categories = d.shares(first+k, n, draws, len(r.Options.Cuts.Names))
			}
		}
	})
}

func (w *Ward) summarise(ranks []uint32, o Options) {
	slices.Sort(ranks)
	n := len(ranks)
	out := int((1 - o.Level) / 2 * float64(n)) // left out at either end
	w.Ranked = true
	w.Low, w.High = int(ranks[out]), int(ranks[n-1-out])
	w.Median = float64(ranks[(n-1)/2]+ranks[n/2]) / 2
	top, _ := slices.BinarySearch(ranks, uint32(o.Top)+1)
	w.Top = float64(top) / float64(n)
}

func (d *drawn) shares(ward, wards, draws, categories int) []float64 {
	if categories == 0 {
		return nil
	}
	out := make([]float64, categories)
	for draw := range draws {
		out[d.categories[draw*wards+ward]]++
	}
	for i := range out {
		out[i] /= float64(draws)
	}
	return out
}
