package action

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/scene"
)

// eachPeriod asks for a map of every period of a series.
const eachPeriod = "each"

// mostMaps is how many maps one act draws.
const mostMaps = 120

// runSeries draws the periods of a measure computed by year or month. Classes
// and colours are those of all periods together, so that the maps compare.
func (a *Map) runSeries(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "map")
	if err != nil {
		return nil, err
	}
	d, t, err := a.seriesOf(ctx, w, f)
	if err != nil {
		return nil, err
	}
	fig, err := a.seriesFigure(f, d, t)
	if err != nil {
		return nil, err
	}
	periods, err := a.periodsOf(t, len(f.units))
	if err != nil {
		return nil, err
	}
	old, err := stale(ctx, w, d)
	if err != nil {
		return nil, err
	}
	r := &Result{Notices: old}
	for done, p := range periods {
		tell("drawing", done, len(periods))
		one := *fig
		name := periodAt(t, p*len(f.units))
		one.title += ", " + name
		one.class = fig.class[p*len(f.units) : (p+1)*len(f.units)]
		m, err := a.build(ctx, w, f, &one, page)
		if err != nil {
			return nil, err
		}
		r.Scene, r.Summary = m.scene, m.summary
		if a.Out == "" {
			continue
		}
		path := a.Out
		if a.Period == eachPeriod {
			ext := filepath.Ext(path)
			path = strings.TrimSuffix(path, ext) + "_" + name + ext
		}
		if err := savePicture(ctx, w, "map", path, m.scene); err != nil {
			return nil, err
		}
		r.Files = append(r.Files, path)
	}
	if n := len(periods); n > 1 {
		r.Summary = fmt.Sprintf("%s: %s with one legend, %s to %s.", fig.title, counted(n, "map"), periodAt(t, 0), periodAt(t, (n-1)*len(f.units)))
	}
	if a.Out == "" {
		return r, nil
	}
	run, _, err := w.Record(ctx, workspace.Draft{Act: "map", Params: a, Started: started, Summary: r.Summary, Notices: old, Inputs: fig.inputs})
	r.Run = run.ID.N
	return r, err
}

// seriesOf finds the newest series by ward of the measure to show.
func (a *Map) seriesOf(ctx context.Context, w *workspace.Workspace, f *frame) (store.Dataset, *table.Table, error) {
	ds, err := w.Current(ctx, workspace.KindSeries)
	if err != nil {
		return store.Dataset{}, nil, err
	}
	for _, d := range slices.Backward(ds) {
		if measureOf(d) != a.Show && d.Name != a.Show {
			continue
		}
		inputs, err := w.Inputs(ctx, d.Run)
		if err != nil {
			return d, nil, err
		}
		t, err := w.Table(ctx, d)
		if err != nil {
			return d, nil, err
		}
		if _, byWard := t.Column("ward"); byWard && holds(inputs, f.dataset.ID) {
			return d, t, nil
		}
	}
	return store.Dataset{}, nil, problem.New(problem.NotFound, "map", a.Show, "there is no series of it by ward on these boundaries",
		"Compute it by year or month first: `mrpt positivity` with --per year")
}

// periodsOf gives the numbers of the periods to draw.
func (a *Map) periodsOf(t *table.Table, units int) ([]int, error) {
	var names []string
	for row := 0; row < t.Rows(); row += units {
		names = append(names, periodAt(t, row))
	}
	all := make([]int, len(names))
	for i := range all {
		all[i] = i
	}
	if a.Period == eachPeriod && len(all) <= mostMaps {
		return all, nil
	}
	if i := slices.Index(names, a.Period); i >= 0 {
		return all[i : i+1], nil
	}
	return nil, usage("map", "period", fmt.Sprintf("%q is no period of this series, or too many maps", a.Period), "Give each, or one of "+listed(names, mostMaps))
}

func periodAt(t *table.Table, row int) string {
	c, _ := t.Column("period")
	s, _ := c.Text(row)
	return s
}

// seriesFigure classes the values of all periods together; its classes are
// those of the wards of one period after the other.
func (a *Map) seriesFigure(f *frame, d store.Dataset, t *table.Table) (*figure, error) {
	value, _ := t.Column("value")
	title, legend, style := variableStyle(measureOf(d), value.Role, value.Unit)
	fig := &figure{title: title, legend: legend, inputs: []store.Dataset{f.dataset, d},
		notes: []string{fmt.Sprintf("%s. One legend for all periods. Run %d.", value.Origin, d.Run.N)}}
	return fig, a.classify(fig, value, style)
}

// variableStyle is how a variable is named and coloured on a map: what measures
// malaria is red.
func variableStyle(name string, role table.Role, unit string) (title, legend string, style numberStyle) {
	title = titleOf(strings.ReplaceAll(name, "-", " "))
	legend, style = title, numberStyle{ramp: scene.YlGnBu}
	if role == table.RoleMalaria {
		style = numberStyle{ramp: scene.YlOrRd, percent: unit == "share"}
	}
	switch {
	case role == table.RoleMalaria && strings.HasPrefix(name, positivityVariable) && style.percent:
		return "Test positivity rate", "Positives per 100 tests", style
	case style.percent:
		legend += ", per cent"
	case unit != "":
		legend += ", " + unit
	}
	return title, legend, style
}
