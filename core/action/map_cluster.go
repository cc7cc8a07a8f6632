package action

import (
	"context"
	"encoding/json"
	"fmt"
	"image/color"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/scene"
)

// shownClusters are the local statistics that a map can show by name.
func shownClusters(show string) bool {
	return slices.Contains([]string{statLISA, statLocalGeary, statGi, statGiStar, statScan}, show)
}

// clusterLegend is the classes of a local statistic in the order of the legend,
// from the top, and their colours: warm where values are high, cold where they
// are low, pale for wards unlike their neighbours, grey where nothing was found.
func clusterLegend(stat string) ([]string, []scene.Class) {
	highHigh, lowLow, highLow, lowHigh := scene.ClusterColors()
	grey, island := scene.QuietColors()
	fills := map[string]color.NRGBA{
		"High-High": highHigh, "Low-Low": lowLow, "High-Low": highLow, "Low-High": lowHigh, classHot: highHigh, classCold: lowLow,
		classFirst: highHigh, classSecond: highLow, classAlike: highLow, classUnlike: lowHigh, classNone: grey, classIsland: island,
	}
	names := []string{"High-High", "Low-Low", "High-Low", "Low-High"}
	switch stat {
	case statGi, statGiStar:
		names = []string{classHot, classCold}
	case statLocalGeary:
		names = []string{"High-High", "Low-Low", classAlike, classUnlike}
	case statScan:
		names = []string{classFirst, classSecond}
	}
	names = append(names, classNone)
	if stat != statScan { // circles know no neighbours
		names = append(names, classIsland)
	}
	slices.Reverse(names) // a legend is drawn from its last class down
	var classes []scene.Class
	for _, n := range names {
		classes = append(classes, scene.Class{Label: n, Fill: fills[n]})
	}
	return names, classes
}

// newestOf reads the newest dataset of a kind whose report passes the test; the
// problem says what to do when there is none.
func (f *frame) newestOf(ctx context.Context, w *workspace.Workspace, kind string, none *problem.Problem, is func(json.RawMessage) bool) (store.Dataset, *table.Table, error) {
	ds, err := w.Current(ctx, kind)
	if err != nil {
		return store.Dataset{}, nil, err
	}
	for _, d := range slices.Backward(ds) {
		if !is(d.Report) {
			continue
		}
		inputs, err := w.Inputs(ctx, d.Run)
		if err != nil {
			return d, nil, err
		}
		if !holds(inputs, f.dataset.ID) {
			return d, nil, problem.New(problem.Conflict, "map", d.Name, "it was made on other boundaries than those now loaded", none.Hint)
		}
		t, err := w.Table(ctx, d)
		return d, t, err
	}
	return store.Dataset{}, nil, none
}

// clusterFigure shows the newest local statistic of that name.
func (f *frame) clusterFigure(ctx context.Context, w *workspace.Workspace, stat string) (*figure, error) {
	none := problem.New(problem.NotFound, "map", stat, "this has not been computed yet", "Compute it first: `mrpt spatial "+stat+" --var positivity`")
	var facts spatialFacts
	d, t, err := f.newestOf(ctx, w, workspace.KindClusters, none, func(report json.RawMessage) bool {
		facts = spatialFacts{}
		return json.Unmarshal(report, &facts) == nil && facts.Statistic == stat
	})
	if err != nil {
		return nil, err
	}
	names, classes := clusterLegend(stat)
	index := map[string]int{}
	for i, n := range names {
		index[n] = i
	}
	fig := &figure{
		title: localName(stat) + " of " + facts.Variable, legend: "Clusters", classes: classes, inputs: []store.Dataset{f.dataset, d},
		notes: clusterNotes(facts, d.Run.N),
	}
	if c, ok := t.Column("class"); ok {
		fig.byText(c, index)
	}
	return fig, nil
}

// clusterNotes say how the clusters were found.
func clusterNotes(facts spatialFacts, run int64) []string {
	if facts.Statistic == statScan {
		return []string{fmt.Sprintf("Kulldorff's scan statistic: %s. %s repetitions, seed %d; p ≤ %g for the circle as a whole. Run %d.",
			facts.Neighbours, grouped(facts.Permutations), facts.Seed, facts.Alpha, run)}
	}
	return []string{
		fmt.Sprintf("Neighbours: %s. %s permutations, seed %d; p %s.", facts.Neighbours, grouped(facts.Permutations), facts.Seed, facts.Sides),
		fmt.Sprintf("Significant at %g: %s without correction, %s after it (%s, p ≤ %.3g). Run %d.", facts.Alpha, grouped(facts.Significant),
			grouped(facts.Corrected), correctionWords(facts.Correction), facts.Bound, run),
	}
}

func correctionWords(correction string) string {
	return map[string]string{"fdr": "false discovery rate", "bonferroni": "Bonferroni", "none": "no correction"}[correction]
}
