package stability

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"chatmrpt/core/score"
	"chatmrpt/core/score/order"
)

// draws is what all draws share and none changes.
type draws struct {
	options Options
	byKey   []int // positions of the wards in the order of their keys
	ranked  []int // those of them with every variable
	columns []column
	recipes []recipe
	models  int // of the ranking
}

// column is one variable in every scaling.
type column struct {
	source Variable
	scaled [][]float64 // per scaling, ready to be blended, the ranked wards only
	// filled are the ranked wards with a filled-in value, by place among the
	// ranked, and donated the values of their donors in every scaling, or,
	// for a proportion, nil: its donors are drawn themselves.
	filled  []int
	donors  [][]int
	donated [][][]float64
}

func (c *column) isProportion() bool { return c.source.Tested != nil }

// recipe is a model by the places of its variables.
type recipe struct {
	columns []int
	alpha   []float64 // of the Dirichlet distribution of its weights
}

func prepare(keys []string, vars []Variable, models []score.Model, o Options) (*draws, error) {
	d := &draws{options: o, models: len(models), byKey: make([]int, len(keys))}
	for i := range d.byKey {
		d.byKey[i] = i
	}
	slices.SortFunc(d.byKey, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	used := make(map[string]int)
	for _, v := range slices.SortedFunc(slices.Values(vars), func(a, b Variable) int { return cmp.Compare(a.Name, b.Name) }) {
		if err := v.check(len(keys)); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(models, func(m score.Model) bool {
			return slices.ContainsFunc(m.Terms, func(t score.Term) bool { return t.Variable == v.Name })
		}) {
			used[v.Name] = len(d.columns)
			d.columns = append(d.columns, column{source: v})
		}
	}
	for _, i := range d.byKey {
		if !slices.ContainsFunc(d.columns, func(c column) bool { return !c.source.Present[i] }) {
			d.ranked = append(d.ranked, i)
		}
	}
	for k := range d.columns {
		if err := d.columns[k].prepare(d, o); err != nil {
			return nil, err
		}
	}
	for _, m := range models {
		r, err := newRecipe(m, used, o.Spread)
		if err != nil {
			return nil, err
		}
		d.recipes = append(d.recipes, r)
	}
	slices.SortFunc(d.recipes, func(a, b recipe) int {
		return cmp.Or(slices.Compare(a.columns, b.columns), slices.Compare(a.alpha, b.alpha))
	})
	return d, nil
}

func (v Variable) check(wards int) error {
	if len(v.Values) != wards || len(v.Present) != wards || (v.Imputed != nil && len(v.Imputed) != wards) {
		return fmt.Errorf("stability: variable %s has %d values for %d wards", v.Name, len(v.Values), wards)
	}
	if v.Tested == nil {
		return nil
	}
	if len(v.Tested) != wards || len(v.Positive) != wards {
		return fmt.Errorf("stability: variable %s has %d counts of tests for %d wards", v.Name, len(v.Tested), wards)
	}
	for i, tested := range v.Tested {
		if tested > 0 && !(v.Positive[i] >= 0 && v.Positive[i] <= tested) {
			return fmt.Errorf("stability: variable %s: %v positive of %v tested in ward %d", v.Name, v.Positive[i], tested, i)
		}
	}
	return nil
}

func newRecipe(m score.Model, at map[string]int, spread float64) (recipe, error) {
	var r recipe
	total := 0.0
	terms := slices.Clone(m.Terms)
	slices.SortFunc(terms, func(a, b score.Term) int { return at[a.Variable] - at[b.Variable] })
	for _, t := range terms {
		k, ok := at[t.Variable]
		if !ok {
			return r, fmt.Errorf("stability: model %s uses %s, which is not given", m.Name, t.Variable)
		}
		r.columns = append(r.columns, k)
		total += t.Weight
	}
	for _, t := range terms {
		r.alpha = append(r.alpha, t.Weight/total*float64(len(terms))/(spread*spread))
	}
	return r, nil
}

// prepare scales the variable in every way. One that is constant once its
// extremes are drawn in is scaled by min–max instead.
func (c *column) prepare(d *draws, o Options) error {
	for _, how := range o.Scalings {
		s, err := scale(c.source.Variable, how)
		if err != nil {
			return err
		}
		c.scaled = append(c.scaled, gather(s.Values, d.ranked, o.Rank.Combine))
	}
	place := make([]int, len(d.byKey))
	for k, i := range d.byKey {
		place[i] = k
	}
	for k, i := range d.ranked {
		if c.source.Imputed == nil || !c.source.Imputed[i] || c.source.Donors == nil {
			continue
		}
		donors := slices.SortedFunc(slices.Values(c.source.Donors(i)), func(a, b int) int { return place[a] - place[b] })
		if len(donors) == 0 {
			continue
		}
		c.filled, c.donors = append(c.filled, k), append(c.donors, donors)
	}
	if c.isProportion() || len(c.filled) == 0 {
		return nil
	}
	for _, how := range o.Scalings {
		s, err := scale(c.source.Variable, how)
		if err != nil {
			return err
		}
		lists := make([][]float64, len(c.filled))
		for f, donors := range c.donors {
			lists[f] = gather(s.Values, donors, o.Rank.Combine)
		}
		c.donated = append(c.donated, lists)
	}
	return nil
}

func scale(v score.Variable, how score.Scaling) (score.Scaled, error) {
	s, err := score.Scale(v, how)
	if how != score.MinMax && errors.Is(err, score.ErrConstant) {
		return score.Scale(v, score.MinMax)
	}
	return s, err
}

// gather takes the values of some wards, ready to be blended.
func gather(values []float64, at []int, combine score.Combine) []float64 {
	out := make([]float64, len(at))
	for k, i := range at {
		out[k] = combine.Prepare(values[i])
	}
	return out
}

// worker makes one draw after another in space of its own.
type worker struct {
	*draws
	sorter  order.Sorter
	columns [][]float64 // of the present draw
	own     [][]float64 // space for those that differ from draw to draw
	rates   []float64   // of a proportion, all wards
	values  [][]float64 // per model of the draw
	halves  [][]uint32
	figure  []float64 // the aggregate of each ward, the highest risk highest
	final   []uint32
	one     []float64 // a ward's figures over the models
}

func (d *draws) worker() *worker {
	n := len(d.ranked)
	w := &worker{draws: d, figure: make([]float64, n), final: make([]uint32, n), one: make([]float64, d.options.Models)}
	for range d.columns {
		w.own = append(w.own, make([]float64, n))
	}
	w.columns = make([][]float64, len(d.columns))
	for range d.options.Models {
		w.values, w.halves = append(w.values, make([]float64, n)), append(w.halves, make([]uint32, n))
	}
	return w
}

// draw makes one draw and writes the rank and the category of every ranked
// ward.
func (w *worker) draw(number int, ranks []uint32, categories []uint8) {
	source := rand.NewPCG(mix(w.options.Seed), mix(w.options.Seed^mix(uint64(number)+1)))
	rng := rand.New(source)
	scaling := rng.IntN(len(w.options.Scalings))
	for k := range w.draws.columns {
		w.columns[k] = w.drawColumn(k, scaling, rng, source)
	}
	for m := range w.values {
		r := w.recipes[rng.IntN(len(w.recipes))]
		w.blend(r, w.values[m], source)
		if !w.scores() {
			w.sorter.HalfRanks(w.values[m], w.halves[m], order.Average)
		}
	}
	w.aggregate()
	w.place(ranks, categories)
}

// mix spreads the bits of a number (the finaliser of SplitMix64, Steele, Lea
// and Flood 2014), so that neighbouring seeds give unrelated sources.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// scores reports whether the aggregate is of scores and not of ranks.
func (w *worker) scores() bool {
	return w.options.Rank.Aggregate == score.MeanScore || w.options.Rank.Aggregate == score.MedianScore
}

func (w *worker) drawColumn(k, scaling int, rng *rand.Rand, source rand.Source) []float64 {
	c := &w.draws.columns[k]
	if c.isProportion() {
		return w.drawProportion(k, scaling, rng, source)
	}
	if len(c.filled) == 0 {
		return c.scaled[scaling]
	}
	own := w.own[k]
	copy(own, c.scaled[scaling])
	for f, at := range c.filled {
		list := c.donated[scaling][f]
		own[at] = list[rng.IntN(len(list))]
	}
	return own
}

// drawProportion draws the rate of every ward that has tests, gives filled-in
// wards the drawn rate of a donor, and scales anew.
func (w *worker) drawProportion(k, scaling int, rng *rand.Rand, source rand.Source) []float64 {
	c := &w.draws.columns[k]
	v := c.source.Variable
	w.rates = append(w.rates[:0], v.Values...)
	for _, i := range w.byKey {
		if tested := c.source.Tested[i]; tested > 0 && v.Present[i] {
			positive := c.source.Positive[i]
			w.rates[i] = distuv.Beta{Alpha: positive + 0.5, Beta: tested - positive + 0.5, Src: source}.Rand()
		}
	}
	for f, at := range c.filled {
		w.rates[w.ranked[at]] = w.rates[c.donors[f][rng.IntN(len(c.donors[f]))]]
	}
	v.Values = w.rates
	s, err := scale(v, w.options.Scalings[scaling])
	if err != nil {
		return c.scaled[scaling] // no two rates differ: cannot be of continuous draws
	}
	own := w.own[k]
	for at, i := range w.ranked {
		own[at] = w.options.Rank.Combine.Prepare(s.Values[i])
	}
	return own
}

// blend draws the weights of a model and computes its values.
func (w *worker) blend(r recipe, into []float64, source rand.Source) {
	var few [score.MostVariables]float64
	weights := few[:0]
	var columns [][]float64
	for t, k := range r.columns {
		columns = append(columns, w.columns[k])
		// A Dirichlet vector is one of gamma variates over their sum; the
		// bound keeps a weight from vanishing altogether.
		weights = append(weights, max(distuv.Gamma{Alpha: r.alpha[t], Beta: 1, Src: source}.Rand(), 1e-12))
	}
	w.options.Rank.Combine.Blend(into, columns, weights)
}

// aggregate brings the models of the draw together; what is small when risk is
// high is turned round.
func (w *worker) aggregate() {
	models := len(w.one)
	for k := range w.figure {
		for m := range models {
			if w.scores() {
				w.one[m] = w.values[m][k]
			} else {
				w.one[m] = float64(w.halves[m][k]) / 2
			}
		}
		switch w.options.Rank.Aggregate {
		case score.MeanScore:
			w.figure[k] = sum(w.one) / float64(models)
		case score.Borda:
			// On the scale of the ranking, which has more models.
			w.figure[k] = (float64(len(w.figure)) - sum(w.one)/float64(models)) * float64(w.models)
		case score.MedianScore:
			w.figure[k] = median(w.one)
		default:
			w.figure[k] = -median(w.one)
		}
	}
}

func sum(values []float64) (s float64) {
	for _, x := range values {
		s += x
	}
	return s
}

// median sorts a few values in place.
func median(values []float64) float64 {
	for i := 1; i < len(values); i++ {
		for j := i; j > 0 && values[j] < values[j-1]; j-- {
			values[j], values[j-1] = values[j-1], values[j]
		}
	}
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// place ranks the aggregates, equal ones sharing the first of their ranks as
// in the ranking itself.
func (w *worker) place(ranks []uint32, categories []uint8) {
	w.sorter.FirstRanks(w.figure, ranks)
	cuts := w.options.Cuts
	if len(cuts.Names) == 0 {
		return
	}
	for k, rank := range ranks {
		categories[k] = uint8(cuts.Of(int(rank), math.Abs(w.figure[k])))
	}
}
