package action

import (
	"context"
	"fmt"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Positivity computes the test positivity rate of every ward from a facility
// table. What is counted is always said: there is no default level, age group,
// test or, in a file of several years, period.
type Positivity struct {
	Level   string `param:"level" choices:"primary|secondary|tertiary|all" help:"level of care of the facilities"`
	Age     string `param:"age" choices:"u5|o5|pw|all" help:"age group: under five, five and over, pregnant women, all"`
	Test    string `param:"test" choices:"rdt|micro|both" help:"rapid test, microscopy, or both"`
	Period  string `param:"period" help:"2024, 2024-03, 2024-01..2024-06, or all"`
	Measure string `param:"measure" choices:"positivity" help:"what to compute"`
	Table   string `param:"table" help:"facility table, when there are several"`
	Compare bool   `param:"compare" help:"all levels and age groups side by side, nothing recorded"`
}

// Check implements Action.
func (a *Positivity) Check() error {
	if a.Compare && (a.Level != "" || a.Age != "") {
		return usage("positivity", "compare", "it shows every level and age group", "Leave --level and --age out")
	}
	for _, p := range []struct{ name, value, all string }{
		{"level", a.Level, "primary, secondary, tertiary or all"}, {"age", a.Age, "u5, o5, pw or all"}, {"test", a.Test, "rdt, micro or both"},
	} {
		if p.value == "" && (p.name == "test" || !a.Compare) {
			return usage("positivity", p.name, "it must be chosen, because it changes the answer", "Give --"+p.name+": "+p.all)
		}
	}
	if a.Compare {
		return nil
	}
	return a.query().Check()
}

// query is the selection in the words of the surveillance room.
func (a *Positivity) query() surveillance.Query {
	q := surveillance.Query{Level: a.Level, Age: a.Age, Test: a.Test}
	if a.Period == "all" {
		q.AllPeriods = true
		return q
	}
	q.From, q.To, _ = strings.Cut(a.Period, "..")
	return q
}

// Run implements Action.
func (a *Positivity) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "positivity")
	if err != nil {
		return nil, err
	}
	d, err := theOne(ctx, w, "positivity", workspace.KindFacilities, a.Table, choice{"table", "Import a facility table first"})
	if err != nil {
		return nil, err
	}
	tell("reading "+d.Name, 0, 0)
	l, err := f.link(ctx, w, "positivity", d)
	if err != nil {
		return nil, err
	}
	rows := surveillance.Rows{Table: l.table, Unit: l.unit, Units: len(f.units)}
	if a.Compare {
		return a.compare(ctx, rows)
	}
	tell("adding up tests", 0, 0)
	r, err := surveillance.Positivity(ctx, rows, a.query())
	if err != nil {
		return nil, err
	}
	return a.record(ctx, w, f, l, r, workspace.Draft{Act: "positivity", Params: a, Started: started})
}

func (a *Positivity) record(ctx context.Context, w *workspace.Workspace, f *frame, l *linked, r *surveillance.Result, draft workspace.Draft) (*Result, error) {
	t, err := f.positivityTable(r)
	if err != nil {
		return nil, err
	}
	draft.Inputs = []store.Dataset{f.dataset, l.dataset, l.match}
	draft.Notices = r.Notices
	draft.Summary = positivitySummary(r)
	draft.Outputs = []store.NewDataset{{Kind: workspace.KindPositivity, Name: positivityName(r.Query), Table: t, Report: positivityReport(r)}}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	shown := sortedBy(t, "value", true)
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: []*table.Table{shown}, Details: positivityReport(r)}, nil
}

// positivityName names a result after what it counts, such as
// positivity_primary_u5_rdt_2024.
func positivityName(q surveillance.Query) string {
	period := q.From
	switch {
	case q.AllPeriods:
		period = "all"
	case q.To != "" && q.To != q.From:
		period += "_to_" + q.To
	}
	return strings.Join([]string{"positivity", q.Level, q.Age, q.Test, period}, "_")
}

// positivityFacts is what a positivity result says of itself, for the card and
// for machines.
type positivityFacts struct {
	Query    surveillance.Query   `json:"query"`
	Words    string               `json:"words"`
	Periods  []string             `json:"periods"`
	Unplaced surveillance.Ward    `json:"without_ward"`
	Skipped  surveillance.Skipped `json:"skipped"`
}

func positivityReport(r *surveillance.Result) positivityFacts {
	return positivityFacts{Query: r.Query, Words: r.Query.String(), Periods: r.PeriodsFound, Unplaced: r.Unplaced, Skipped: r.Skipped}
}

func positivitySummary(r *surveillance.Result) string {
	var tested, positive float64
	with := 0
	for _, ward := range r.Wards {
		if ward.HasData {
			tested += ward.Tested
			positive += ward.Positive
			with++
		}
	}
	if with == 0 {
		return "No ward has a test in this selection (" + r.Query.String() + ")."
	}
	return fmt.Sprintf("Test positivity rate, %s: %s of %s positive (%s) in %s; %d without data.",
		r.Query.String(), grouped(int(positive)), counted(int(tested), "test"), percent(positive/tested), counted(with, "ward"), len(r.Wards)-with)
}

// positivityTable lays the result out by ward in the columns of the terminal
// contract; a ward without tests has no value.
func (f *frame) positivityTable(r *surveillance.Result) (*table.Table, error) {
	period := table.NewText("period")
	num, den, value := table.NewNumber("numerator"), table.NewNumber("denominator"), table.NewNumber("value")
	source, n := table.NewText("source"), table.NewNumber("n_facilities")
	num.Unit, den.Unit = "persons positive", "persons tested"
	value.Origin = "Positive tests ÷ tests; " + r.Query.String()
	words := periodWords(r)
	for _, ward := range r.Wards {
		period.AppendText(words)
		n.AppendNumber(float64(ward.Facilities))
		if !ward.HasData {
			for _, c := range []*table.Column{num, den, value} {
				c.AppendMissing()
			}
			source.AppendText("no data")
			continue
		}
		num.AppendNumber(ward.Positive)
		den.AppendNumber(ward.Tested)
		value.AppendNumber(ward.Positive / ward.Tested)
		source.AppendText("facility")
	}
	return table.New(positivityName(r.Query), append(f.identity(), period, num, den, value, source, n)...)
}

// periodWords names the periods that went in.
func periodWords(r *surveillance.Result) string {
	switch len(r.PeriodsFound) {
	case 0:
		return "none"
	case 1:
		return r.PeriodsFound[0]
	}
	return r.PeriodsFound[0] + ".." + r.PeriodsFound[len(r.PeriodsFound)-1]
}

// compare shows every level and age group; it records nothing, because
// nothing was chosen.
func (a *Positivity) compare(ctx context.Context, rows surveillance.Rows) (*Result, error) {
	base := a.query()
	c, err := surveillance.Compare(ctx, rows, base)
	if err != nil {
		return nil, err
	}
	level, age := table.NewText("level"), table.NewText("age")
	num, den, value := table.NewNumber("numerator"), table.NewNumber("denominator"), table.NewNumber("value")
	wards := table.NewNumber("wards_with_data")
	for _, r := range c.Results {
		var tested, positive, with float64
		for _, ward := range r.Wards {
			if ward.HasData {
				tested, positive, with = tested+ward.Tested, positive+ward.Positive, with+1
			}
		}
		level.AppendText(r.Query.Level)
		age.AppendText(r.Query.Age)
		num.AppendNumber(positive)
		den.AppendNumber(tested)
		if tested > 0 {
			value.AppendNumber(positive / tested)
		} else {
			value.AppendMissing()
		}
		wards.AppendNumber(with)
	}
	t, err := table.New("comparison", level, age, num, den, value, wards)
	if err != nil {
		return nil, err
	}
	if t.Rows() == 0 {
		return nil, problem.New(problem.NotFound, "positivity", "", "no combination has data", "Check the period and the test")
	}
	return &Result{Summary: fmt.Sprintf("Positivity for %d combinations of level and age group.", t.Rows()), Notices: c.Left, Tables: []*table.Table{t}}, nil
}
