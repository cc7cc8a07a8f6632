package action

import (
	"context"
	"fmt"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Data lists what the project holds: every dataset in its newest version, and
// every variable known per ward.
type Data struct {
	All bool `param:"all" help:"earlier versions, and what was taken back, too"`
}

// Check implements Action.
func (a *Data) Check() error { return nil }

// Run implements Action.
func (a *Data) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	ds, err := w.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	if !a.All {
		ds = newest(ds)
	}
	list, err := datasetTable(ds)
	if err != nil {
		return nil, err
	}
	if len(ds) == 0 {
		return &Result{Summary: "Nothing is loaded yet in project " + w.Project() + ". Import a facility table and a boundary file to begin.", Tables: []*table.Table{list}}, nil
	}
	r := &Result{Summary: fmt.Sprintf("%s in project %s.", counted(len(ds), "table"), w.Project()), Tables: []*table.Table{list}, Details: reportsOf(ds)}
	f, err := loadFrame(ctx, w, "data")
	if problem.Is(err, problem.NotFound) {
		r.Notices = append(r.Notices, "no boundary file yet: variables by ward can't be listed")
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := f.loadCatalogue(ctx, w, "data")
	if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Conflict) {
		r.Notices = append(r.Notices, "the names are not matched to wards yet: variables by ward can't be listed")
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	vars, err := c.table()
	if err != nil {
		return nil, err
	}
	r.Tables = append(r.Tables, vars)
	others, err := f.rasterNotices(ctx, w)
	if err != nil {
		return nil, err
	}
	r.Notices = slices.Concat(r.Notices, noticesOf(c.variables...), others)
	return r, nil
}

// newest keeps the last version of each kind and name, in order, without what
// was taken back.
func newest(ds []store.Dataset) []store.Dataset {
	ds = slices.DeleteFunc(slices.Clone(ds), func(d store.Dataset) bool { return d.Undone })
	last := map[[2]string]int{}
	for i, d := range ds {
		last[[2]string{d.Kind, d.Name}] = i
	}
	var out []store.Dataset
	for i, d := range ds {
		if last[[2]string{d.Kind, d.Name}] == i {
			out = append(out, d)
		}
	}
	return out
}

func datasetTable(ds []store.Dataset) (*table.Table, error) {
	kind, name, source := table.NewText("kind"), table.NewText("name"), table.NewText("source")
	version, rows, run := table.NewNumber("version"), table.NewNumber("rows"), table.NewNumber("run")
	state := table.NewText("state")
	for _, d := range ds {
		appendTexts([]*table.Column{kind, name, source}, d.Kind, d.Name, d.Source)
		version.AppendNumber(float64(d.Version))
		rows.AppendNumber(float64(d.Rows))
		run.AppendNumber(float64(d.Run.N))
		appendTexts([]*table.Column{state}, stateOf(d.Undone))
	}
	return table.New("data", kind, name, version, rows, source, run, state)
}

// stateOf marks what was taken back.
func stateOf(undone bool) string {
	if undone {
		return "taken back"
	}
	return ""
}

// reportsOf gives what reading each table found, by kind and name.
func reportsOf(ds []store.Dataset) map[string]any {
	out := map[string]any{}
	for _, d := range ds {
		out[d.Kind+": "+d.Name] = d.Report
	}
	return out
}

// table lists the variables with how many wards have a value.
func (c *catalogue) table() (*table.Table, error) {
	name, from, unit := table.NewText("variable"), table.NewText("table"), table.NewText("unit")
	known, missing := table.NewNumber("wards"), table.NewNumber("missing")
	for _, v := range c.variables {
		appendTexts([]*table.Column{name, from, unit}, v.name, v.table, v.unit)
		n := v.count()
		known.AppendNumber(float64(n))
		missing.AppendNumber(float64(len(v.present) - n))
	}
	return table.New("variables", name, from, unit, known, missing)
}

// Runs lists what was done in the project.
type Runs struct{}

// Check implements Action.
func (a *Runs) Check() error { return nil }

// Run implements Action.
func (a *Runs) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	runs, err := w.Runs(ctx)
	if err != nil {
		return nil, err
	}
	number, act, when, params := table.NewNumber("run"), table.NewText("act"), table.NewText("when"), table.NewText("parameters")
	summary, state := table.NewText("summary"), table.NewText("state")
	for _, r := range runs {
		number.AppendNumber(float64(r.ID.N))
		appendTexts([]*table.Column{act, when, summary, params, state}, r.Act, r.Finished.Format("2006-01-02 15:04"), r.Summary, string(r.Params), stateOf(r.Undone))
	}
	t, err := table.New("runs", number, act, when, summary, params, state)
	if err != nil {
		return nil, err
	}
	return &Result{Summary: counted(len(runs), "run") + " in project " + w.Project() + ".", Tables: []*table.Table{t}}, nil
}
