package score

import (
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/geo/classify"
)

// Categories says how ranks or scores become words.
type Categories string

// The ways to make categories. One rule holds for all of them: a ward that
// stands exactly at a cut-off belongs to the category of higher risk.
const (
	// Thirds calls the first third of the ranked wards High, the last third
	// Low and the rest Medium. With n wards a third is n/3 rounded down, so
	// that a remainder goes to Medium. Wards that share a rank share their
	// category, that of the first of them; a tie can thus make High larger
	// than a third.
	Thirds Categories = "thirds"
	// Quantiles makes groups of equal numbers of wards, as nearly as can be,
	// in the order of the ranks. Wards of one rank stay together.
	Quantiles Categories = "quantiles"
	// Natural cuts the scores where they leave gaps: the exact optimum of
	// Fisher (1958) that Jenks made known, with the least sum of squares
	// within the categories.
	Natural Categories = "natural"
	// Fixed cuts the scores at figures the user gives.
	Fixed        Categories = "fixed"
	NoCategories Categories = "none"
)

// The names of the categories.
const (
	VeryHigh = "Very high"
	High     = "High"
	Medium   = "Medium"
	Low      = "Low"
	VeryLow  = "Very low"
)

// categoryNames are the names of two to five categories, highest risk first.
var categoryNames = map[int][]string{
	2: {High, Low},
	3: {High, Medium, Low},
	4: {VeryHigh, High, Low, VeryLow},
	5: {VeryHigh, High, Medium, Low, VeryLow},
}

// MostCategories is the largest number of categories there are names for.
const MostCategories = 5

// checkCategories refuses what makes no categories, before any work is done.
func (o Options) checkCategories() error {
	bad := func(message, hint string) error { return problem.New(problem.Usage, op, "categories", message, hint) }
	switch o.Categories {
	case Thirds, NoCategories:
	case Quantiles, Natural:
		if categoryNames[o.classes()] == nil {
			return bad(fmt.Sprintf("%d categories have no names", o.Classes), fmt.Sprintf("Choose 2 to %d categories", MostCategories))
		}
	case Fixed:
		if categoryNames[len(o.Cuts)+1] == nil {
			return bad(fmt.Sprintf("%d cut-offs make no categories", len(o.Cuts)), fmt.Sprintf("Give 1 to %d cut-offs", MostCategories-1))
		}
		for i, c := range o.Cuts {
			if math.IsNaN(c) || math.IsInf(c, 0) || (i > 0 && c <= o.Cuts[i-1]) {
				return bad("the cut-offs are not numbers that grow", "Give them from the smallest to the largest, each once")
			}
		}
	default:
		return problem.New(problem.Usage, op, "", fmt.Sprintf("%q is not a way to make categories", o.Categories),
			"Choose thirds, quantiles, natural, fixed or none")
	}
	return nil
}

// classes is the number of categories asked for, three where none is said.
func (o Options) classes() int {
	if o.Classes == 0 {
		return 3
	}
	return o.Classes
}

// Cuts are the limits of the categories of a ranking. The zero Cuts make none.
type Cuts struct {
	Names []string // highest risk first

	lastRank []int     // category i holds the ranks up to lastRank[i]; nil where scores decide
	bounds   []float64 // category i holds the scores at bounds[i] or on its risky side
	lowRisky bool      // the lower score is the riskier
}

// Of is the category of a ward, counted from 0 for the highest risk, by its
// rank or its score.
func (c Cuts) Of(rank int, score float64) int {
	if c.lastRank != nil {
		for i, last := range c.lastRank {
			if rank <= last {
				return i
			}
		}
		return len(c.lastRank)
	}
	for i, b := range c.bounds {
		if score == b || (score < b) == c.lowRisky {
			return i
		}
	}
	return len(c.bounds)
}

// Bounds are the cut-offs on the scores, riskiest first; nil where ranks
// decide.
func (c Cuts) Bounds() []float64 { return slices.Clone(c.bounds) }

// cutsOf makes the limits for n ranked wards of these scores.
func (o Options) cutsOf(scores []float64) (Cuts, error) {
	n := len(scores)
	switch o.Categories {
	case Thirds:
		return Cuts{Names: categoryNames[3], lastRank: []int{n / 3, n - n/3}}, nil
	case Quantiles:
		k := o.classes()
		c := Cuts{Names: categoryNames[k]}
		for i := 1; i < k; i++ {
			c.lastRank = append(c.lastRank, (i*n+k-1)/k)
		}
		return c, nil
	case Natural:
		b, err := classify.Jenks(scores, o.classes())
		if err != nil {
			return Cuts{}, problem.New(problem.BadInput, op, "categories", err.Error(), "Choose fewer categories, or thirds").Because(err)
		}
		// What the classes of a map leave to the class below a bound belongs
		// to the side of higher risk here; between natural classes there is a
		// gap, so the cut is set in its middle and meets no ward.
		return o.scoreCuts(gaps(scores, b.Bounds)), nil
	case Fixed:
		return o.scoreCuts(slices.Clone(o.Cuts)), nil
	}
	return Cuts{}, nil
}

// scoreCuts turns ascending cut-offs so that the riskiest comes first.
func (o Options) scoreCuts(ascending []float64) Cuts {
	c := Cuts{Names: categoryNames[len(ascending)+1], bounds: ascending, lowRisky: o.Aggregate == MedianRank}
	if !c.lowRisky {
		slices.Reverse(c.bounds)
	}
	return c
}

// gaps gives, for the inner ones of right-closed bounds, the middle between
// the last value of a class and the first of the next.
func gaps(values, bounds []float64) []float64 {
	sorted := slices.Sorted(slices.Values(values))
	var out []float64
	for _, b := range bounds[1 : len(bounds)-1] {
		next, found := slices.BinarySearch(sorted, b)
		for found && next < len(sorted) && sorted[next] == b {
			next++
		}
		if next > 0 && next < len(sorted) {
			out = append(out, sorted[next-1]+(sorted[next]-sorted[next-1])/2)
		}
	}
	return out
}

// categorise sets the cuts of the ranking and the category of every ward.
func (r *Ranking) categorise(o Options) error {
	scores := make([]float64, r.Ranked)
	for at, i := range r.Order[:r.Ranked] {
		scores[at] = r.Wards[i].Score
	}
	var err error
	if r.Cuts, err = o.cutsOf(scores); err != nil || len(r.Cuts.Names) == 0 {
		return err
	}
	for _, i := range r.Order[:r.Ranked] {
		w := &r.Wards[i]
		w.Category = r.Cuts.Names[r.Cuts.Of(w.Rank, w.Score)]
	}
	return nil
}
