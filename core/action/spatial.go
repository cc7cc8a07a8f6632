package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/autocorr"
	"chatmrpt/geo/smooth"
	"chatmrpt/geo/weights"
)

// Spatial asks whether neighbouring wards resemble one another: over the whole
// map, and ward by ward, where the clusters lie. It also steadies rates of few
// persons (eb).
type Spatial struct {
	Statistic   string `param:"statistic" arg:"true" choices:"moran|geary|g|joincount|lisa|localgeary|gi|gstar|eb|scan|regions" help:"over the whole map: moran, geary, g, joincount; ward by ward: lisa, localgeary, gi, gstar; steadied rates: eb; circles with many cases: scan; wards joined to regions: regions"`
	Var         string `param:"var" help:"the variable, as listed by data"`
	With        string `param:"with" help:"with moran and lisa: another variable, the neighbours' values of which are looked at" more:"true"`
	Rates       bool   `param:"rates" help:"with moran and lisa: allow for how few persons stand behind a rate (empirical Bayes)" more:"true"`
	Numerator   string `param:"numerator" help:"with eb, scan and --rates: the cases, when the variable does not know them" more:"true"`
	Denominator string `param:"denominator" help:"with eb, scan and --rates: the persons at risk" more:"true"`
	Family      string `param:"family" choices:"poisson|binomial" help:"with eb: cases are counts (as GeoDa), or a share of those tested" more:"true"`
	Above       string `param:"above" help:"with joincount: wards above this value are marked" more:"true"`
	Nearness
	Chance
	Circle
	Regioning
}

// Chance says how a result is told from chance.
type Chance struct {
	Permutations int     `param:"permutations" help:"random rearrangements to compare with; 0 where formulas do"`
	Seed         uint64  `param:"seed" help:"of the random numbers; the same seed gives the same result"`
	Sides        string  `param:"sides" choices:"one|two" help:"p on the side where the result lies (as GeoDa), or on both (as spdep)" more:"true"`
	Correction   string  `param:"correction" choices:"fdr|bonferroni|none" help:"for many wards tested at once; both counts are always told" more:"true"`
	Alpha        float64 `param:"alpha" help:"level of significance" more:"true"`
	Divisor      string  `param:"divisor" choices:"n-1|n" help:"of the variance in local Moran: n-1 as GeoDa and esda, n as spdep" more:"true"`
}

// NewSpatial gives a Spatial with the usual choices: queen neighbours, 999
// permutations, GeoDa's seed, false discovery rate at 5 %.
func NewSpatial() *Spatial {
	return &Spatial{
		Family: string(smooth.Poisson), Nearness: Nearness{Weights: "queen"},
		Chance: Chance{Permutations: 999, Seed: 123456789, Sides: "one", Correction: "fdr", Alpha: autocorr.Alpha, Divisor: "n-1"},
		Circle: Circle{Share: 50},
	}
}

// The statistics of the act.
const (
	statMoran      = "moran"
	statGeary      = "geary"
	statG          = "g"
	statJoin       = "joincount"
	statLISA       = "lisa"
	statLocalGeary = "localgeary"
	statGi         = "gi"
	statGiStar     = "gstar"
	statEB         = "eb"
	statScan       = "scan"
	statRegions    = "regions"
)

// Check implements Action.
func (a *Spatial) Check() error {
	if a.Statistic == "" {
		return usage("spatial", "statistic", "no statistic was named", "Give one of moran, geary, g, joincount, lisa, localgeary, gi, gstar, eb, scan, regions, such as: mrpt spatial lisa --var positivity")
	}
	if a.Statistic == statRegions {
		return cmp.Or(a.Nearness.check(), a.Regioning.check())
	}
	rates := a.ofRates()
	byCounts := rates && a.Numerator != "" && a.Denominator != ""
	switch {
	case a.Var == "" && !byCounts:
		return usage("spatial", "var", "no variable was named", "Give --var with one of those that `mrpt data` lists, such as positivity")
	case (a.Numerator != "") != (a.Denominator != ""):
		return usage("spatial", "denominator", "cases and persons at risk belong together", "Give both --numerator and --denominator")
	case a.Numerator != "" && !rates:
		return usage("spatial", "numerator", "it is only used for rates", "Use it with `mrpt spatial eb` or `scan`, or with --rates")
	}
	bivariate := a.Statistic == statMoran || a.Statistic == statLISA
	if (a.With != "" || a.Rates) && !bivariate {
		return usage("spatial", "with", "only moran and lisa take a second variable or rates", "Leave --with and --rates out")
	}
	if a.With != "" && a.Rates {
		return usage("spatial", "with", "rates are compared with themselves", "Give --with or --rates, not both")
	}
	if _, err := a.threshold(); err != nil {
		return err
	}
	if err := a.Nearness.check(); err != nil {
		return err
	}
	if err := a.Circle.check(); err != nil {
		return err
	}
	// Rates and two variables have no formula to do without permutations.
	return a.Chance.check(a.local() || a.Statistic == statScan || a.Rates || a.With != "")
}

// ofRates reports whether cases and persons at risk are needed.
func (a *Spatial) ofRates() bool {
	return a.Rates || a.Statistic == statEB || a.Statistic == statScan
}

func (a *Spatial) local() bool {
	return slices.Contains([]string{statLISA, statLocalGeary, statGi, statGiStar}, a.Statistic)
}

// threshold reads --above, which only join counts take.
func (a *Spatial) threshold() (float64, error) {
	if a.Statistic != statJoin {
		if a.Above != "" {
			return 0, usage("spatial", "above", "only joincount marks wards", "Leave --above out")
		}
		return 0, nil
	}
	v, err := strconv.ParseFloat(a.Above, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, usage("spatial", "above", "joincount needs a value above which wards are marked", "Give --above a number, in the unit of the variable")
	}
	return v, nil
}

func (c Chance) check(needed bool) error {
	least := 0
	if needed {
		least = 1
	}
	if c.Permutations < least || c.Permutations > autocorr.MostPermutations {
		return usage("spatial", "permutations", fmt.Sprintf("%d can't be done", c.Permutations), "Give 999, or another number up to 999,999")
	}
	if !(c.Alpha > 0 && c.Alpha < 1) {
		return usage("spatial", "alpha", "it must lie between 0 and 1", "Give 0.05 or another small share")
	}
	return nil
}

// Run implements Action.
func (a *Spatial) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "spatial")
	if err != nil {
		return nil, err
	}
	c, err := f.loadCatalogue(ctx, w, "spatial")
	if err != nil {
		return nil, err
	}
	draft := workspace.Draft{Act: "spatial", Params: a, Seed: a.Seed, Started: started}
	if a.Statistic == statRegions {
		tell("joining wards", 0, 0)
		return a.runRegions(ctx, w, c, draft)
	}
	s, err := a.subject(ctx, w, c)
	if err != nil {
		return nil, err
	}
	draft.Inputs, draft.Notices = s.inputs, noticesOf(s.v, s.with)
	if a.Statistic == statScan {
		tell("drawing circles", 0, 0)
		return a.runScan(ctx, w, f, s, draft)
	}
	tell("finding neighbours", 0, 0)
	near, err := a.Nearness.of(ctx, w, f)
	if err != nil {
		return nil, spatialProblem(err, a.Weights)
	}
	tell("comparing with chance", 0, 0)
	if a.Statistic == statEB {
		return a.smoothed(ctx, w, f, s, near, draft)
	}
	sample, err := autocorr.NewSample(near, a.style(), s.present)
	if err != nil {
		return nil, spatialProblem(err, s.name)
	}
	found := spatialRun{frame: f, subject: s, sample: sample}
	draft.Notices = append(draft.Notices, found.leftOut()...)
	if a.local() {
		return a.runLocal(ctx, w, found, draft)
	}
	return a.runGlobal(ctx, w, found, draft)
}

// spatialRun is what a statistic is computed of.
type spatialRun struct {
	frame   *frame
	subject *subject
	sample  *autocorr.Sample
}

// leftOut names the wards that take no part, and why.
func (r spatialRun) leftOut() []string {
	var out []string
	if n := len(r.sample.Missing); n > 0 {
		out = append(out, fmt.Sprintf("%s without a value of %s, left out and not taken for low: %s", counted(n, "ward"), r.subject.name, listed(r.frame.labels(r.sample.Missing), 5)))
	}
	if n := len(r.sample.Islands); n > 0 {
		out = append(out, fmt.Sprintf("%s without a neighbour that has a value, left out as an island: %s", counted(n, "ward"), listed(r.frame.labels(r.sample.Islands), 10)))
	}
	return out
}

// style is how the weights are standardised.
func (a *Spatial) style() weights.Style {
	switch a.Standardise {
	case "rows":
		return weights.StyleW
	case "none":
		return weights.StyleB
	case "globally":
		return weights.StyleC
	case "unity":
		return weights.StyleU
	case "variance":
		return weights.StyleS
	}
	switch a.Statistic {
	case statG, statGi, statGiStar, statJoin:
		return weights.StyleB
	}
	return weights.StyleW
}

func styleWords(s weights.Style) string {
	return map[weights.Style]string{
		weights.StyleB: "as they are", weights.StyleW: "rows sum to 1", weights.StyleC: "all sum to the number of wards",
		weights.StyleU: "all sum to 1", weights.StyleS: "variance stabilising",
	}[s]
}

func (c Chance) permutations() autocorr.Permutations {
	return autocorr.Permutations{Count: c.Permutations, Seed: c.Seed}
}

func (c Chance) divisor() autocorr.Divisor {
	if c.Divisor == "n" {
		return autocorr.ByN
	}
	return autocorr.ByNMinus1
}

// p is the pseudo p of the chosen sides.
func (c Chance) p(s autocorr.Permuted) float64 {
	if c.Sides == "two" {
		return s.PTwoSided()
	}
	return s.P()
}

// bound is the largest p that counts as significant after the correction.
func (c Chance) bound(ps []float64) float64 {
	switch c.Correction {
	case "fdr":
		return autocorr.FDR(ps, c.Alpha)
	case "bonferroni":
		return autocorr.Bonferroni(ps, c.Alpha)
	}
	return c.Alpha
}

// subject is the variable, or the cases and persons, that are looked at.
type subject struct {
	name    string
	v, with *variable
	counts  smooth.Counts // for rates
	present []bool        // wards that have all that is needed
	inputs  []store.Dataset
}

func (a *Spatial) subject(ctx context.Context, w *workspace.Workspace, c *catalogue) (*subject, error) {
	s := &subject{name: a.Var}
	var err error
	if a.ofRates() {
		return s, a.countsOf(ctx, w, c, s)
	}
	if s.v, err = c.find("spatial", a.Var); err != nil {
		return nil, err
	}
	s.present = slices.Clone(s.v.present)
	if a.With != "" {
		if s.with, err = c.find("spatial", a.With); err != nil {
			return nil, err
		}
		s.name += " with " + a.With
		for i, p := range s.with.present {
			s.present[i] = s.present[i] && p
		}
	}
	s.inputs = inputsOf(c.frame, slices.DeleteFunc([]*variable{s.v, s.with}, func(v *variable) bool { return v == nil })...)
	return s, nil
}

// countsOf fills the cases and the persons at risk of a subject: from two
// variables that were named, or from the columns of the measure.
func (a *Spatial) countsOf(ctx context.Context, w *workspace.Workspace, c *catalogue, s *subject) error {
	cases, persons := &variable{}, &variable{}
	var err error
	if a.Numerator != "" {
		if cases, err = c.find("spatial", a.Numerator); err != nil {
			return err
		}
		if persons, err = c.find("spatial", a.Denominator); err != nil {
			return err
		}
		s.v = cases
		if s.name == "" {
			s.name = a.Numerator + " per " + a.Denominator
		}
		s.inputs = inputsOf(c.frame, cases, persons)
	} else {
		if s.v, err = c.find("spatial", a.Var); err != nil {
			return err
		}
		if cases, persons, err = c.partsOf(ctx, w, s.v); err != nil {
			return err
		}
		s.inputs = inputsOf(c.frame, s.v)
	}
	n := len(c.frame.units)
	s.counts = smooth.Counts{Events: cases.values, Persons: persons.values, Present: make([]bool, n)}
	s.present = make([]bool, n)
	for i := range n {
		s.counts.Present[i] = cases.present[i] && persons.present[i]
		s.present[i] = s.counts.Present[i] && persons.values[i] > 0
	}
	return nil
}

// partsOf reads the numerator and denominator of a measure.
func (c *catalogue) partsOf(ctx context.Context, w *workspace.Workspace, v *variable) (cases, persons *variable, err error) {
	if d := v.inputs[0]; d.Kind == workspace.KindPositivity {
		t, err := w.Table(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		num, hasNum := t.Column("numerator")
		den, hasDen := t.Column("denominator")
		if hasNum && hasDen {
			return c.column(num), c.column(den), nil
		}
	}
	return nil, nil, problem.New(problem.Usage, "spatial", v.name, "it is not known of how many persons this is a rate",
		"Give the cases and the persons at risk with --numerator and --denominator, or a result of `mrpt positivity` as --var")
}

// column makes a variable of a column whose row i is ward i.
func (c *catalogue) column(col *table.Column) *variable {
	v := &variable{name: col.Name, values: make([]float64, len(c.frame.units)), present: make([]bool, len(c.frame.units))}
	v.fill(col, nil)
	return v
}

// spatialProblem tells a person what a room of geo found wrong.
func spatialProblem(err error, subject string) error {
	if err == nil || isStop(err) {
		return err
	}
	for _, known := range []struct {
		is      error
		message string
		hint    string
	}{
		{autocorr.ErrFew, "fewer than four wards have a value and a neighbour with a value", "Choose a variable that more wards have, or other --weights, such as knn:4"},
		{autocorr.ErrConstant, "it is the same in every ward, so nothing can cluster", "Choose another variable"},
		{autocorr.ErrValue, "a value can't be used for this statistic", "g takes no negative values; use moran"},
		{weights.ErrNeighbours, "there are not that many other wards", "Give --weights knn: a smaller number"},
		{weights.ErrDistance, "this is no distance", "Give --weights distance: the kilometres, such as distance:30"},
		{weights.ErrCoincident, "two wards lie on the same point", "Use --weights queen or knn:6"},
		{smooth.ErrNoRates, "no ward has persons at risk", "Check the variable that counts them; `mrpt data` lists them"},
		{smooth.ErrEvents, "cases or persons are negative, or there are more cases than persons", "Check the two variables; for rates that can pass 1 use --family poisson"},
	} {
		if errors.Is(err, known.is) {
			return problem.New(problem.BadInput, "spatial", subject, known.message, known.hint).Because(err)
		}
	}
	return err
}
