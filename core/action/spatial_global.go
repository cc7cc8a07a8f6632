package action

import (
	"context"
	"fmt"
	"math"

	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/autocorr"
	"chatmrpt/geo/smooth"
)

// spatialFacts is the method of a spatial statistic, for the card, the map and
// machines.
type spatialFacts struct {
	Statistic    string   `json:"statistic"`
	Variable     string   `json:"variable"`
	Unit         string   `json:"unit,omitempty"`
	Formula      string   `json:"formula"`
	Convention   string   `json:"convention"`
	Neighbours   string   `json:"neighbours"`
	Weights      string   `json:"weights"`
	Links        int      `json:"links"`
	Wards        int      `json:"wards"`
	Missing      int      `json:"missing"`
	Islands      []string `json:"islands"`
	Permutations int      `json:"permutations"`
	Seed         uint64   `json:"seed"`
	Sides        string   `json:"sides"`
	Alpha        float64  `json:"alpha"`
	Correction   string   `json:"correction,omitempty"`
	Bound        float64  `json:"bound"`           // the largest p that counts after the correction
	Significant  int      `json:"significant"`     // p at most alpha
	Corrected    int      `json:"corrected"`       // p at most bound
	Value        *float64 `json:"value,omitempty"` // of a statistic of the whole map
}

// How each statistic is computed, and where programs differ.
func statisticWords(stat string) (formula, convention string) {
	local := "p is the pseudo p (r+1)/(m+1) of permutations that hold the ward's own value; ties count on both sides. "
	whole := "Moments by Cliff and Ord (1981), as in spdep and esda; wards without a neighbour take no part and are not counted in n. "
	switch stat {
	case statMoran:
		return "I = n/S0 · Σ w(i,j) z(i) z(j) ÷ Σ z(i)²", whole
	case statGeary:
		return "C = (n−1) Σ w(i,j) (x(i)−x(j))² ÷ (2 S0 Σ z(i)²); below 1 neighbours are alike", whole
	case statG:
		return "G = Σ w(i,j) x(i) x(j) ÷ Σ x(i) x(j), i ≠ j (Getis and Ord 1992)", whole
	case statJoin:
		return "pairs of neighbouring wards that are both, neither or one of them marked (Cliff and Ord 1981)", whole
	case statLISA:
		return "I(i) = z(i)/m2 · Σ w(i,j) z(j) (Anselin 1995)", local + "The class is by the mean of the values, as in GeoDa and esda; spdep cuts the neighbours' means at their own mean."
	case statLocalGeary:
		return "c(i) = Σ w(i,j) (z(i)−z(j))² ÷ m2 (Anselin 2019), m2 = Σ z²/(n−1) as GeoDa and spdep", local
	case statGi:
		return "Gi: z value of the neighbours' weighted sum, the ward itself left out (Ord and Getis 1995)", local
	case statGiStar:
		return "Gi*: z value of the weighted sum of the neighbours and the ward itself (Ord and Getis 1995)", local + "spdep's localG_perm draws the own value too and so tests another thing."
	}
	return "", ""
}

// facts collects what is said of a statistic, before its result.
func (a *Spatial) facts(r spatialRun) spatialFacts {
	formula, convention := statisticWords(a.Statistic)
	if a.Statistic == statLISA || a.Statistic == statMoran {
		if a.Rates {
			formula += "; z are rates standardised by their own variance (Assunção and Reis 1999)"
		}
		if a.With != "" {
			formula += "; z(i) of " + a.Var + ", z(j) of " + a.With
		}
	}
	if a.Statistic == statLISA {
		convention += map[string]string{
			"n-1": " m2 is Σz²/(n−1), as in GeoDa and esda; spdep's values are n/(n−1) times these.",
			"n":   " m2 is Σz²/n, as in spdep; GeoDa's values are (n−1)/n times these.",
		}[a.Divisor]
	}
	sides := map[string]string{"one": "one-sided, folded, as GeoDa and esda", "two": "two-sided, as spdep"}[a.Sides]
	return spatialFacts{
		Statistic: a.Statistic, Variable: r.subject.name, Formula: formula, Convention: convention, Neighbours: a.Nearness.words(),
		Weights: styleWords(a.style()), Links: r.sample.W.Links(), Wards: len(r.sample.Of), Missing: len(r.sample.Missing),
		Islands: r.frame.labels(r.sample.Islands), Permutations: a.Permutations, Seed: a.Seed, Sides: sides, Alpha: a.Alpha,
	}
}

// counts picks the cases and persons of the wards that take part.
func (r spatialRun) counts() smooth.Counts {
	c := r.subject.counts
	out := smooth.Counts{Events: r.sample.Take(c.Events), Persons: r.sample.Take(c.Persons)}
	for range out.Events {
		out.Present = append(out.Present, true)
	}
	return out
}

// named is a statistic of the whole map and what it is called.
type namedGlobal struct {
	name string
	autocorr.Global
}

func (a *Spatial) runGlobal(ctx context.Context, w *workspace.Workspace, r spatialRun, draft workspace.Draft) (*Result, error) {
	globals, err := a.global(ctx, r)
	if err != nil {
		return nil, spatialProblem(err, r.subject.name)
	}
	t, err := a.globalTable(globals)
	if err != nil {
		return nil, err
	}
	facts := a.facts(r)
	facts.Value = &globals[0].Value
	draft.Summary = a.globalSummary(r, globals)
	draft.Outputs = []store.NewDataset{{Kind: workspace.KindAutocorrelation, Name: a.resultName(), Table: t, Report: facts}}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: []*table.Table{t}, Details: facts}, nil
}

// resultName names a result after what it is of.
func (a *Spatial) resultName() string {
	name := a.Statistic + "_" + a.Var
	if a.Var == "" {
		name += a.Numerator + "_per_" + a.Denominator
	}
	if a.With != "" {
		name += "_with_" + a.With
	}
	if a.Rates {
		name += "_rates"
	}
	return name
}

func (a *Spatial) global(ctx context.Context, r spatialRun) ([]namedGlobal, error) {
	p, wt := a.permutations(), r.sample.W
	if a.Statistic == statJoin {
		return a.joins(ctx, r)
	}
	var g autocorr.Global
	var err error
	switch {
	case a.Rates:
		g, err = p.RateMoran(ctx, wt, r.counts())
	case a.With != "":
		g, err = p.BivariateMoran(ctx, wt, r.sample.Take(r.subject.v.values), r.sample.Take(r.subject.with.values))
	default:
		x := r.sample.Take(r.subject.v.values)
		formula := map[string]func() (autocorr.Global, error){
			statMoran: func() (autocorr.Global, error) { return autocorr.Moran(wt, x) },
			statGeary: func() (autocorr.Global, error) { return autocorr.Geary(wt, x) },
			statG:     func() (autocorr.Global, error) { return autocorr.GetisOrd(wt, x) },
		}
		permuted := map[string]func() (autocorr.Global, error){
			statMoran: func() (autocorr.Global, error) { return p.Moran(ctx, wt, x) },
			statGeary: func() (autocorr.Global, error) { return p.Geary(ctx, wt, x) },
			statG:     func() (autocorr.Global, error) { return p.GetisOrd(ctx, wt, x) },
		}
		if p.Count > 0 {
			formula = permuted
		}
		g, err = formula[a.Statistic]()
	}
	return []namedGlobal{{a.Statistic, g}}, err
}

func (a *Spatial) joins(ctx context.Context, r spatialRun) ([]namedGlobal, error) {
	above, err := a.threshold()
	if err != nil {
		return nil, err
	}
	marked := make([]bool, len(r.sample.Of))
	for i, v := range r.sample.Take(r.subject.v.values) {
		marked[i] = v > above
	}
	var j autocorr.Joins
	if a.Permutations > 0 {
		j, err = a.permutations().JoinCounts(ctx, r.sample.W, marked)
	} else {
		j, err = autocorr.JoinCounts(r.sample.W, marked)
	}
	return []namedGlobal{{"both above", j.BB}, {"neither above", j.WW}, {"one of two above", j.BW}}, err
}

// globalTable has a row for each statistic and way to tell it from chance.
func (a *Spatial) globalTable(globals []namedGlobal) (*table.Table, error) {
	stat, by := table.NewText("statistic"), table.NewText("compared_with")
	value, e, variance := table.NewNumber("value"), table.NewNumber("expected"), table.NewNumber("variance")
	z, p, two := table.NewNumber("z"), table.NewNumber("p"), table.NewNumber("p_two_sided")
	add := func(g namedGlobal, with string, numbers ...float64) {
		appendTexts([]*table.Column{stat, by}, g.name, with)
		for i, c := range []*table.Column{value, e, variance, z, p, two} {
			appendFinite(c, numbers[i])
		}
	}
	for _, g := range globals {
		for _, m := range []struct {
			with string
			autocorr.Moments
		}{{"randomisation (formula)", g.Random}, {"normality (formula)", g.Normal}} {
			if m.Var > 0 {
				add(g, m.with, g.Value, m.E, m.Var, m.Z, min(m.PGreater(), m.PLess()), m.PTwoSided())
			}
		}
		if s := g.Sim; s.Count > 0 {
			add(g, fmt.Sprintf("%s permutations", grouped(s.Count)), g.Value, s.Mean, s.SD*s.SD, (g.Value-s.Mean)/s.SD, s.P(), s.PTwoSided())
		}
	}
	return table.New(a.resultName(), stat, by, value, e, variance, z, p, two)
}

// appendFinite appends a number, or nothing for one that isn't.
func appendFinite(c *table.Column, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		c.AppendMissing()
		return
	}
	c.AppendNumber(v)
}

func (a *Spatial) globalSummary(r spatialRun, globals []namedGlobal) string {
	g := globals[0]
	p, how := 0.0, ""
	expected := g.Random.E
	if g.Sim.Count > 0 {
		p, how = a.p(g.Sim), counted(g.Sim.Count, "permutation")
		expected = g.Sim.Mean
	} else {
		p, how = min(g.Random.PGreater(), g.Random.PLess()), "by formula"
		if a.Sides == "two" {
			p = g.Random.PTwoSided()
		}
	}
	more, less := "neighbouring wards are more alike than chance explains", "neighbouring wards differ more than chance explains"
	name := map[string]string{statMoran: "Moran's I", statGeary: "Geary's C", statG: "Getis and Ord's G", statJoin: "Pairs of neighbours both above " + a.Above}[a.Statistic]
	switch a.Statistic {
	case statGeary:
		more, less = less, more // small values of C mean alike
	case statG:
		more, less = "high values lie together more than chance explains", "low values lie together more than chance explains"
	case statJoin:
		more, less = "wards above it lie together more than chance explains", "wards above it lie apart more than chance explains"
	}
	if a.With != "" {
		more, less = "where "+a.Var+" is high, the neighbours' "+a.With+" is high", "where "+a.Var+" is high, the neighbours' "+a.With+" is low"
	}
	verdict := "no pattern that chance could not make"
	if p <= a.Alpha {
		verdict = less
		if g.Value > expected {
			verdict = more
		}
	}
	return fmt.Sprintf("%s of %s in %s: %.4g, expected without a pattern %.4g; %s (p = %.3g, %s).",
		name, r.subject.name, counted(len(r.sample.Of), "ward"), g.Value, expected, verdict, p, how)
}
