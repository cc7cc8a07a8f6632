package score

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/score/order"
)

// Aggregate says how the models are brought together to one figure per ward.
type Aggregate string

// The aggregates.
const (
	MedianRank  Aggregate = "median-rank"  // median of the ward's ranks; the Kwara paper's
	MedianScore Aggregate = "median-score" // median of the model values
	MeanScore   Aggregate = "mean-score"   // mean of the model values
	// Borda is the Borda count: in every model a ward gets one point for each
	// ward ranked below it, half a point for each of its own rank, and the
	// points are added up over the models (Borda, 1781).
	Borda Aggregate = "borda"
)

// Aggregates lists the aggregates, the default first.
func Aggregates() []Aggregate { return []Aggregate{MedianRank, MedianScore, MeanScore, Borda} }

// Ties says which ranks equal values get within a model.
type Ties string

// The ways to treat ties.
const (
	// AverageTies gives equal values their average rank.
	AverageTies Ties = "average"
	// FileOrder counts equal values through, the first in the order of the
	// wards as the lowest risk. The Kwara paper's medians were made so; it
	// lets the order of a file decide, which is why it must be asked for.
	FileOrder Ties = "file-order"
)

// order is the treatment of ties in the words of the sorting room.
func (t Ties) order() order.Ties {
	if t == FileOrder {
		return order.Counted
	}
	return order.Average
}

// Options are the choices of Rank. The zero Options are median rank, the mean
// within a model, average ranks for ties, and thirds.
type Options struct {
	Aggregate  Aggregate  // "" is MedianRank
	Combine    Combine    // "" is ByMean
	Ties       Ties       // "" is AverageTies
	Categories Categories // "" is Thirds
	Classes    int        // number of categories, for Quantiles and Natural; 0 is three
	Cuts       []float64  // ascending cut-offs of Score, for Fixed
}

// Ward is the place of one ward in the ranking. Its figures mean something
// only where it is Ranked.
type Ward struct {
	Key    string
	Ranked bool
	Reason string // why it isn't, in words

	Rank  int     // 1 is the highest risk; wards of equal Score share a rank and the next ones are skipped
	Score float64 // the aggregate that was asked for; the lower the riskier for MedianRank, else the higher

	MedianRank        float64 // over the models
	RankLow, RankHigh float64 // first and third quartile of the ranks over the models (type 7)
	RankMin, RankMax  float64
	MeanScore         float64 // over the models, 0 to 1 but for sums
	MedianScore       float64
	Points            float64  // the Borda count over the models
	Category          string   // "" when there are no categories
	Imputed           []string // the used variables that were filled in for it
}

// Ranking is the result of Rank.
type Ranking struct {
	Wards     []Ward // in the order given
	Order     []int  // positions in Wards: by rank, then by mean score, then by key; the unranked last, by key
	Ranked    int    // number of wards with a rank
	Models    int
	Aggregate Aggregate
	Cuts      Cuts
	Notices   []string
}

// Rank ranks the wards in every model and brings the models together.
//
// wards holds one unique text per ward (its code, or state, LGA and name); it
// decides the order of wards that agree in rank and mean score, so that it
// never depends on the order of the file. A ward that lacks a variable of any model after
// imputation is not ranked, and the reason says which.
//
// Problems: Usage for an unknown option or too much work, BadInput for models
// or keys that can't be used, or when no ward has all variables. It stops
// early when ctx ends.
func Rank(ctx context.Context, wards []string, vars []Scaled, models []Model, o Options) (*Ranking, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := checkKeys(wards); err != nil {
		return nil, err
	}
	c, err := NewComposite(len(wards), vars, models, o.Combine)
	if err != nil {
		return nil, err
	}
	if len(c.ranked) == 0 {
		return nil, problem.New(problem.BadInput, op, "", "no ward has a value in all the variables",
			"Leave out the variables with many gaps, or fill the gaps from neighbours")
	}
	r := newRanking(wards, c, o)
	if err := r.summarise(ctx, c, o.Ties); err != nil {
		return nil, err
	}
	r.place(c)
	if err := r.categorise(o); err != nil {
		return nil, err
	}
	r.markImputed(usedVariables(vars, models))
	r.Notices = notices(r, c, vars)
	return r, nil
}

func (o Options) withDefaults() Options {
	o.Aggregate = cmp.Or(o.Aggregate, MedianRank)
	o.Combine = cmp.Or(o.Combine, ByMean)
	o.Ties = cmp.Or(o.Ties, AverageTies)
	o.Categories = cmp.Or(o.Categories, Thirds)
	return o
}

func (o Options) check() error {
	if !slices.Contains(Aggregates(), o.Aggregate) {
		return problem.New(problem.Usage, op, "", fmt.Sprintf("%q is not a way to bring models together", o.Aggregate),
			"Choose one of median-rank, median-score, mean-score, borda")
	}
	if !slices.Contains([]Combine{ByMean, BySum, ByGeometric}, o.Combine) {
		return problem.New(problem.Usage, op, "", fmt.Sprintf("%q is not a way to combine variables", o.Combine),
			"Choose one of mean, sum, geometric")
	}
	if !slices.Contains([]Ties{AverageTies, FileOrder}, o.Ties) {
		return problem.New(problem.Usage, op, "", fmt.Sprintf("%q is not a way to treat ties", o.Ties),
			"Choose average or file-order")
	}
	return o.checkCategories()
}

func checkKeys(wards []string) error {
	sorted := slices.Sorted(slices.Values(wards))
	for i, key := range sorted {
		if i > 0 && key == sorted[i-1] {
			return problem.New(problem.BadInput, op, key, "two wards can't be told apart",
				"Give each ward a code, or its state and LGA")
		}
	}
	return nil
}

func newRanking(wards []string, c *Composite, o Options) *Ranking {
	r := &Ranking{Wards: make([]Ward, len(wards)), Ranked: len(c.ranked), Models: len(c.Models), Aggregate: o.Aggregate}
	for i, key := range wards {
		r.Wards[i] = Ward{Key: key, Ranked: true}
		if l := c.lacking[i]; len(l) > 0 {
			r.Wards[i].Ranked = false
			r.Wards[i].Reason = "no value for " + strings.Join(l, ", ")
		}
	}
	return r
}

// blockOfWards wards are summarised together, so that each model is computed
// for many of them at a time.
const blockOfWards = 64

// summarise computes the figures of each ward over the models.
func (r *Ranking) summarise(ctx context.Context, c *Composite, ties Ties) error {
	ranks, err := c.halfRanks(ctx, ties.order())
	if err != nil {
		return err
	}
	n := len(c.ranked)
	blocks := (n + blockOfWards - 1) / blockOfWards
	return order.InParallel(ctx, blocks, func() func(int) {
		s := new(order.Sorter)
		scores := make([]float64, blockOfWards*len(c.recipes))
		return func(block int) {
			first := block * blockOfWards
			size := min(blockOfWards, n-first)
			for m, recipe := range c.recipes {
				c.fill(scores[m*blockOfWards:][:size], recipe, first)
			}
			for k := range size {
				w := &r.Wards[c.ranked[first+k]]
				w.summariseRanks(s, ranks[first+k:], n, len(c.recipes))
				w.summariseScores(s, scores[k:], len(c.recipes))
			}
		}
	})
}

// summariseRanks reads the ward's rank in each model, step places apart.
func (w *Ward) summariseRanks(s *order.Sorter, half []uint32, step, models int) {
	keys := s.Reset(models)
	for m := range keys {
		keys[m].Key = uint64(half[m*step])
	}
	s.Sort()
	number := func(k uint64) float64 { return float64(k) / 2 }
	w.MedianRank = s.Quantile(0.5, number)
	w.RankLow, w.RankHigh = s.Quantile(0.25, number), s.Quantile(0.75, number)
	w.RankMin, w.RankMax = s.Quantile(0, number), s.Quantile(1, number)
	halves := uint64(0) // exact: whole numbers
	for _, k := range s.Keys {
		halves += k.Key
	}
	w.Points = float64(step*models) - float64(halves)/2
}

// summariseScores reads the ward's value in each model, a block apart. The sum
// is formed in order of size, so that the order of the models is of no
// consequence.
func (w *Ward) summariseScores(s *order.Sorter, scores []float64, models int) {
	keys := s.Reset(models)
	for m := range keys {
		keys[m].Key = order.Bits(scores[m*blockOfWards])
	}
	s.Sort()
	w.MedianScore = s.Quantile(0.5, order.FromBits)
	sum := 0.0
	for _, k := range s.Keys {
		sum += order.FromBits(k.Key)
	}
	w.MeanScore = sum / float64(models)
}

// place sets the aggregate, the order and the competition ranks.
func (r *Ranking) place(c *Composite) {
	for _, i := range c.ranked {
		r.Wards[i].Score = r.Wards[i].aggregate(r.Aggregate)
	}
	r.Order = make([]int, len(r.Wards))
	for i := range r.Order {
		r.Order[i] = i
	}
	slices.SortFunc(r.Order, func(a, b int) int { return r.before(&r.Wards[a], &r.Wards[b]) })
	for at, i := range r.Order[:r.Ranked] {
		w := &r.Wards[i]
		w.Rank = at + 1
		if at > 0 && r.Wards[r.Order[at-1]].Score == w.Score {
			w.Rank = r.Wards[r.Order[at-1]].Rank
		}
	}
}

func (w *Ward) aggregate(a Aggregate) float64 {
	switch a {
	case MedianScore:
		return w.MedianScore
	case MeanScore:
		return w.MeanScore
	case Borda:
		return w.Points
	}
	return w.MedianRank
}

// before orders wards from the highest risk down.
func (r *Ranking) before(a, b *Ward) int {
	if a.Ranked != b.Ranked {
		if a.Ranked {
			return -1
		}
		return 1
	}
	byScore := cmp.Compare(b.Score, a.Score)
	if r.Aggregate == MedianRank {
		byScore = -byScore
	}
	return cmp.Or(byScore, cmp.Compare(b.MeanScore, a.MeanScore), cmp.Compare(a.Key, b.Key))
}

// markImputed lists, for each ward, the variables that were filled in.
func (r *Ranking) markImputed(used []Scaled) {
	for _, v := range used {
		for i, imputed := range v.Imputed {
			if imputed {
				r.Wards[i].Imputed = append(r.Wards[i].Imputed, v.Name)
			}
		}
	}
}

func notices(r *Ranking, c *Composite, vars []Scaled) (out []string) {
	if left := len(r.Wards) - r.Ranked; left > 0 {
		out = append(out, fmt.Sprintf("%d of %d wards have no rank, because they lack a value.", left, len(r.Wards)))
	}
	used := usedVariables(vars, c.Models)
	for _, v := range vars {
		if !slices.ContainsFunc(used, func(u Scaled) bool { return u.Name == v.Name }) {
			out = append(out, fmt.Sprintf("No model uses %s.", v.Name))
		}
	}
	return out
}

// listed joins at most a dozen items and says how many more there are.
func listed(items []string) string {
	const most = 12
	if len(items) <= most {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:most], ", "), len(items)-most)
}
