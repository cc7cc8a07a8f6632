package action

import (
	"context"
	"errors"
	"fmt"
	"math"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/scan"
	"chatmrpt/geo/weights"
)

// Circle is how large a circle of the scan may be.
type Circle struct {
	Share  float64 `param:"share" help:"with scan: per cent of the persons that a circle may hold, at most 50" more:"true"`
	Radius float64 `param:"radius" help:"with scan: kilometres that a circle may reach; 0 for no limit" more:"true"`
}

func (c Circle) check() error {
	if !(c.Share > 0 && c.Share <= 50) {
		return usage("spatial", "share", "a circle holds more than 0 and at most 50 per cent of the persons", "Give --share 50, or less for smaller clusters")
	}
	if !(c.Radius >= 0) || math.IsInf(c.Radius, 1) {
		return usage("spatial", "radius", "it is no distance", "Give kilometres, or 0 for no limit")
	}
	return nil
}

// Classes of the wards by the scan.
const (
	classFirst  = "Most likely cluster"
	classSecond = "Secondary cluster"
)

// runScan records which wards lie in circles with more cases than chance
// explains.
func (a *Spatial) runScan(ctx context.Context, w *workspace.Workspace, f *frame, s *subject, draft workspace.Draft) (*Result, error) {
	points, known := weights.Centroids(f.areas)
	sites, err := weights.NewSites(points, known, weights.Geodesic)
	if err != nil {
		return nil, err
	}
	found, err := scan.Circles(ctx, sites, s.counts.Events, s.counts.Persons, s.present, scan.Options{
		Share: a.Share / 100, Radius: a.Radius, Least: scan.Usual().Least, Permutations: a.Permutations, Seed: a.Seed,
	})
	if err != nil {
		return nil, scanProblem(err, s.name)
	}
	wards, err := a.scanWards(f, s, found)
	if err != nil {
		return nil, err
	}
	circles, err := a.circleTable(f, found)
	if err != nil {
		return nil, err
	}
	facts := a.scanFacts(f, s, found)
	if n := facts.Missing; n > 0 {
		draft.Notices = append(draft.Notices, fmt.Sprintf("%s without cases or persons at risk, left out", counted(n, "ward")))
	}
	draft.Summary = a.scanSummary(f, s, found, facts)
	draft.Outputs = []store.NewDataset{
		{Kind: workspace.KindClusters, Name: a.resultName(), Table: wards, Report: facts},
		{Kind: workspace.KindAutocorrelation, Name: a.resultName() + "_circles", Table: circles, Report: facts},
	}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: []*table.Table{circles, sortedBy(wards, "cluster", false)}, Details: facts}, nil
}

func scanProblem(err error, subject string) error {
	switch {
	case errors.Is(err, scan.ErrMany):
		return problem.New(problem.BadInput, "spatial", subject, "there are too many circles to look at", "Give a smaller --share, such as 10, or a --radius in kilometres").Because(err)
	case errors.Is(err, scan.ErrFew):
		return problem.New(problem.BadInput, "spatial", subject, "there are no cases, or fewer than two wards with persons at risk", "Choose other cases with --numerator and --denominator").Because(err)
	case errors.Is(err, scan.ErrCounts):
		return problem.New(problem.BadInput, "spatial", subject, "cases or persons are negative, or there are cases where nobody is", "Check the two variables").Because(err)
	}
	return spatialProblem(err, subject)
}

func (a *Spatial) scanFacts(f *frame, s *subject, found []scan.Cluster) spatialFacts {
	reach := fmt.Sprintf("circles around the wards' centres, up to %g %% of the persons", a.Share)
	if a.Radius > 0 {
		reach += fmt.Sprintf(" and %g km", a.Radius)
	}
	facts := spatialFacts{
		Statistic: statScan, Variable: s.name,
		Formula:    "log likelihood ratio c·ln(c/E) + (C−c)·ln((C−c)/(C−E)) of a circle with c of C cases, E expected (Kulldorff 1997, Poisson model, high rates)",
		Convention: "p is the share of repetitions, cases dealt out by persons, whose best circle is as good: (r+1)/(m+1), which allows for all circles at once; secondary circles overlap no better one. For a common outcome, such as positivity, the Poisson model errs on the side of caution.",
		Neighbours: reach, Islands: []string{}, Permutations: a.Permutations, Seed: a.Seed, Sides: "of high rates", Alpha: a.Alpha, Bound: a.Alpha,
	}
	for i := range f.units {
		if s.present[i] {
			facts.Wards++
		} else {
			facts.Missing++
		}
	}
	for _, c := range found {
		if c.P <= a.Alpha {
			facts.Significant += len(c.Areas)
		}
	}
	facts.Corrected = facts.Significant
	return facts
}

func (a *Spatial) scanSummary(f *frame, s *subject, found []scan.Cluster, facts spatialFacts) string {
	significant := 0
	for _, c := range found {
		if c.P <= a.Alpha {
			significant++
		}
	}
	head := fmt.Sprintf("Circular scan of %s in %s", s.name, counted(facts.Wards, "ward"))
	if significant == 0 {
		return head + fmt.Sprintf(": no circle has more cases than chance explains (%s repetitions, seed %d).", grouped(a.Permutations), a.Seed)
	}
	c := found[0]
	return fmt.Sprintf("%s: %s with more cases than chance explains; the most likely holds %s around %s, %s cases where %s were expected (relative risk %.2f, p = %.3g, %s repetitions, seed %d).",
		head, counted(significant, "cluster"), counted(len(c.Areas), "ward"), f.label(c.Centre), grouped(int(c.Cases)), grouped(int(math.Round(c.Expected))), c.Ratio, c.P, grouped(a.Permutations), a.Seed)
}

// scanWards has one row per ward of the layer, in its order.
func (a *Spatial) scanWards(f *frame, s *subject, found []scan.Cluster) (*table.Table, error) {
	num, den, value := table.NewNumber("numerator"), table.NewNumber("denominator"), table.NewNumber("value")
	number, p, ratio := table.NewNumber("cluster"), table.NewNumber("p"), table.NewNumber("relative_risk")
	class, reason := table.NewText("class"), table.NewText("reason")
	of := map[int]int{}
	for k, c := range found {
		for _, i := range c.Areas {
			of[i] = k
		}
	}
	for i, known := range s.present {
		if !known {
			for _, c := range []*table.Column{num, den, value, number, p, ratio} {
				c.AppendMissing()
			}
			appendTexts([]*table.Column{class, reason}, "", "no data")
			continue
		}
		num.AppendNumber(s.counts.Events[i])
		den.AppendNumber(s.counts.Persons[i])
		value.AppendNumber(s.counts.Events[i] / s.counts.Persons[i])
		k, in := of[i]
		if !in || found[k].P > a.Alpha {
			for _, c := range []*table.Column{number, p, ratio} {
				c.AppendMissing()
			}
			appendTexts([]*table.Column{class, reason}, classNone, "")
			continue
		}
		number.AppendNumber(float64(k + 1))
		p.AppendNumber(found[k].P)
		appendFinite(ratio, found[k].Ratio)
		name := classSecond
		if k == 0 {
			name = classFirst
		}
		appendTexts([]*table.Column{class, reason}, name, "")
	}
	return table.New(a.resultName(), append(f.identity(), num, den, value, number, p, ratio, class, reason)...)
}

// mostCircles is how many circles are listed, the best first.
const mostCircles = 20

// circleTable lists the circles, significant or not.
func (a *Spatial) circleTable(f *frame, found []scan.Cluster) (*table.Table, error) {
	number, centre, wards := table.NewNumber("cluster"), table.NewText("centre"), table.NewNumber("wards")
	radius, cases, persons := table.NewNumber("radius_km"), table.NewNumber("numerator"), table.NewNumber("denominator")
	expected, ratio, llr, p := table.NewNumber("expected"), table.NewNumber("relative_risk"), table.NewNumber("log_likelihood_ratio"), table.NewNumber("p")
	names := table.NewText("names")
	for k, c := range found[:min(len(found), mostCircles)] {
		number.AppendNumber(float64(k + 1))
		appendTexts([]*table.Column{centre, names}, f.label(c.Centre), listed(f.labels(c.Areas), 12))
		for i, v := range []float64{float64(len(c.Areas)), c.Radius, c.Cases, c.Persons, c.Expected, c.Ratio, c.LLR, c.P} {
			appendFinite([]*table.Column{wards, radius, cases, persons, expected, ratio, llr, p}[i], v)
		}
	}
	return table.New(a.resultName()+"_circles", number, centre, wards, radius, cases, persons, expected, ratio, llr, p, names)
}
