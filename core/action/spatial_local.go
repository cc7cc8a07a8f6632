package action

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/autocorr"
)

// Classes of the wards by a local statistic.
const (
	classNone   = "Not significant"
	classIsland = "No neighbours"
	classHot    = "Hot spot"
	classCold   = "Cold spot"
	classAlike  = "Other positive"
	classUnlike = "Negative"
)

func (a *Spatial) runLocal(ctx context.Context, w *workspace.Workspace, r spatialRun, draft workspace.Draft) (*Result, error) {
	l, err := a.localOf(ctx, r)
	if err != nil {
		return nil, spatialProblem(err, r.subject.name)
	}
	c := a.classes(l)
	facts := a.facts(r)
	facts.Correction, facts.Bound = a.Correction, c.bound
	facts.Significant, facts.Corrected = c.plain, c.corrected
	t, err := a.localTable(r, l, c)
	if err != nil {
		return nil, err
	}
	draft.Summary = a.localSummary(r, c)
	draft.Outputs = []store.NewDataset{{Kind: workspace.KindClusters, Name: a.resultName(), Table: t, Report: facts}}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: []*table.Table{sortedBy(t, "p", false)}, Details: facts}, nil
}

func (a *Spatial) localOf(ctx context.Context, r spatialRun) (*autocorr.Local, error) {
	p, wt := a.permutations(), r.sample.W
	switch {
	case a.Rates:
		return p.LocalRateMoran(ctx, wt, r.counts(), a.divisor())
	case a.With != "":
		return p.LocalBivariate(ctx, wt, r.sample.Take(r.subject.v.values), r.sample.Take(r.subject.with.values))
	}
	x := r.sample.Take(r.subject.v.values)
	switch a.Statistic {
	case statLocalGeary:
		return p.LocalGeary(ctx, wt, x)
	case statGi, statGiStar:
		return p.LocalG(ctx, wt, x, a.Statistic == statGiStar)
	}
	return p.LocalMoran(ctx, wt, x, a.divisor())
}

// classed is what the wards are, each by its p and the correction.
type classed struct {
	p         []float64
	class     []string // by the chosen correction
	bound     float64  // of the chosen correction
	fdr       float64  // bound of the false discovery rate, whatever was chosen
	plain     int      // wards with p at most alpha
	corrected int      // wards with p at most bound
}

func (a *Spatial) classes(l *autocorr.Local) classed {
	c := classed{p: make([]float64, len(l.Sim)), class: make([]string, len(l.Sim))}
	for i, s := range l.Sim {
		c.p[i] = a.p(s)
	}
	c.bound, c.fdr = a.bound(c.p), autocorr.FDR(c.p, a.Alpha)
	for i, p := range c.p {
		c.class[i] = classNone
		if p <= a.Alpha {
			c.plain++
		}
		if p <= c.bound {
			c.corrected++
			c.class[i] = a.kindOf(l, i)
		}
	}
	return c
}

// kindOf names what a significant ward is.
func (a *Spatial) kindOf(l *autocorr.Local, i int) string {
	switch a.Statistic {
	case statGi, statGiStar:
		if l.Value[i] > 0 {
			return classHot
		}
		return classCold
	case statLocalGeary:
		// A small sum of differences is likeness.
		if l.Value[i] > l.Sim[i].Mean {
			return classUnlike
		}
		if q := l.Quadrant[i]; q == autocorr.HighHigh || q == autocorr.LowLow {
			return q.String()
		}
		return classAlike
	}
	return l.Quadrant[i].String()
}

// localTable has one row per ward of the layer, in its order.
func (a *Spatial) localTable(r spatialRun, l *autocorr.Local, c classed) (*table.Table, error) {
	own := r.subject.values()
	means := r.neighbourMeans(a)
	at := map[int]int{}
	for k, i := range r.sample.Of {
		at[i] = k
	}
	value, near, stat := table.NewNumber("value"), table.NewNumber("neighbours"), table.NewNumber("statistic")
	z, p := table.NewNumber("z"), table.NewNumber("p")
	quadrant, class := table.NewText("quadrant"), table.NewText("class")
	plain, corrected, reason := table.NewText("significant"), table.NewText("significant_fdr"), table.NewText("reason")
	numbers := []*table.Column{value, near, stat, z, p}
	texts := []*table.Column{quadrant, class, plain, corrected, reason}
	for i := range r.frame.units {
		k, in := at[i]
		if !in {
			missing, why := "", "no data"
			if slices.Contains(r.sample.Islands, i) {
				missing, why = classIsland, "no neighbour with a value"
			}
			appendFinite(value, valueAt(own, r.subject.present, i))
			for _, c := range numbers[1:] {
				c.AppendMissing()
			}
			appendTexts(texts, "", missing, "", "", why)
			continue
		}
		score := math.NaN()
		if l.Moments != nil {
			score = l.Moments[k].Z
		}
		for n, v := range []float64{own[i], means[k], l.Value[k], score, c.p[k]} {
			appendFinite(numbers[n], v)
		}
		appendTexts(texts, l.Quadrant[k].String(), c.class[k], yesNo(c.p[k] <= a.Alpha), yesNo(c.p[k] <= c.fdr), "")
	}
	value.Origin = r.subject.name
	columns := append(r.frame.identity(), numbers...)
	return table.New(a.resultName(), append(columns, texts...)...)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func valueAt(values []float64, present []bool, i int) float64 {
	if !present[i] {
		return math.NaN()
	}
	return values[i]
}

// values are those of the variable, or the raw rates.
func (s *subject) values() []float64 {
	if s.counts.Events == nil {
		return s.v.values
	}
	out := make([]float64, len(s.counts.Events))
	for i := range out {
		out[i] = s.counts.Events[i] / s.counts.Persons[i]
	}
	return out
}

// neighbourMeans are the weighted means of the neighbours' values of the wards
// that take part.
func (r spatialRun) neighbourMeans(a *Spatial) []float64 {
	values := r.subject.values()
	if a.With != "" {
		values = r.subject.with.values
	}
	x := r.sample.Take(values)
	out := r.sample.W.Lag(x)
	for i := range out {
		_, weight := r.sample.W.Row(i)
		total := 0.0
		for _, v := range weight {
			total += v
		}
		out[i] /= total
	}
	return out
}

// localSummary counts the clusters in words.
func (a *Spatial) localSummary(r spatialRun, c classed) string {
	var parts []string
	for _, class := range []string{classHot, classCold, "High-High", "Low-Low", "High-Low", "Low-High", classAlike, classUnlike} {
		if n := countClass(c.class, class); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", grouped(n), class))
		}
	}
	what := "no ward stands out"
	if len(parts) > 0 {
		what = strings.Join(parts, ", ")
	}
	correction := map[string]string{"fdr": "after the false discovery rate correction", "bonferroni": "after Bonferroni's correction", "none": "without a correction for testing many wards"}[a.Correction]
	return fmt.Sprintf("%s of %s in %s: %s %s; %s significant at %g without a correction, %s with the false discovery rate (%s permutations, seed %d).",
		localName(a.Statistic), r.subject.name, counted(len(r.sample.Of), "ward"), what, correction,
		grouped(c.plain), a.Alpha, grouped(countBelow(c.p, c.fdr)), grouped(a.Permutations), a.Seed)
}

func localName(stat string) string {
	return map[string]string{statLISA: "Local Moran (LISA)", statLocalGeary: "Local Geary", statGi: "Getis-Ord Gi", statGiStar: "Getis-Ord Gi*", statScan: "Circular scan"}[stat]
}

func countClass(list []string, s string) (n int) {
	for _, v := range list {
		if v == s {
			n++
		}
	}
	return n
}

func countBelow(ps []float64, bound float64) (n int) {
	for _, p := range ps {
		if p <= bound {
			n++
		}
	}
	return n
}
