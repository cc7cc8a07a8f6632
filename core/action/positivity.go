package action

import (
	"context"
	"fmt"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/surveillance/fallback"
	"chatmrpt/core/surveillance/incidence"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Positivity computes a measure of malaria for every ward, LGA or state from a
// facility table. What is counted is always said: there is no default level,
// age group, test or, in a file of several years, period.
type Positivity struct {
	Selection
	Measure string `param:"measure" choices:"positivity|positivity-larger|positivity-higher-test|fever|general-attendance|opd|opd-larger|burden|testing|presumed|suspected|ilorin|incidence" help:"what to compute; its formula stands in the output"`
	By      string `param:"by" choices:"ward|lga|state" help:"units; those above the ward come from sums"`
	Per     string `param:"per" choices:"whole|year|month" help:"the selection as one, or by year or month"`

	StandIn
	UrbanRule
	PerHead
	Adjustment

	Compare bool `param:"compare" help:"all levels and age groups side by side, nothing recorded"`
}

// StandIn says what is used where a ward's own positivity is missing or rests
// on too little. Nothing is, unless the user asks.
type StandIn struct {
	Fallback string  `param:"fallback" help:"stand-ins for missing positivity, in order: some of rolling,lga,last-year,state, or none" more:"true"`
	MinTests float64 `param:"min-tests" help:"with a fallback: fewer tests than this are not believed" more:"true"`
	Extreme  float64 `param:"extreme" help:"with a fallback: a share this near to 0 or 1 is not believed" more:"true"`
}

// UrbanRule replaces positivity by out-patients in some urban wards.
type UrbanRule struct {
	UrbanOPD        bool    `param:"urban-opd" help:"in urban wards of very high positivity use positives per out-patient instead" more:"true"`
	UrbanOver       float64 `param:"urban-over" help:"with --urban-opd: per cent urban above which a ward is urban" more:"true"`
	UrbanPositivity float64 `param:"urban-positivity" help:"with --urban-opd: positivity in per cent above which the rule applies" more:"true"`
}

// PerHead is how rates per 1,000 inhabitants are made.
type PerHead struct {
	Population string  `param:"population" help:"population variable for rates, when there are several" more:"true"`
	MarkAbove  float64 `param:"mark-above" help:"rates above this many per 1,000 are marked, never cut" more:"true"`
}

// NewPositivity gives a Positivity that computes plain positivity by ward.
func NewPositivity() *Positivity {
	return &Positivity{
		Measure: surveillance.MeasurePositivity, By: byWard, Per: "whole",
		StandIn:    StandIn{Fallback: "none", MinTests: 5, Extreme: 0.01},
		UrbanRule:  UrbanRule{UrbanOver: 30, UrbanPositivity: 50},
		PerHead:    PerHead{MarkAbove: 1000},
		Adjustment: Adjustment{Untested: string(incidence.Presumed), Expected: string(surveillance.Active)},
	}
}

// measureIncidence is the measure that Adjustment describes.
const measureIncidence = "incidence"

// Check implements Action.
func (a *Positivity) Check() error {
	if a.Compare {
		if a.Level != "" || a.Age != "" {
			return usage("positivity", "compare", "it shows every level and age group", "Leave --level and --age out")
		}
		if a.Measure == measureIncidence || a.By != "" && a.By != byWard || a.Per != "" && a.Per != "whole" {
			return usage("positivity", "compare", "it compares a share of persons over all wards and the whole period", "Leave --by and --per out, and compare a measure other than incidence")
		}
		if a.Test == "" {
			return usage("positivity", "test", "it must be chosen, because it changes the answer", "Give --test: rdt, micro or both")
		}
		return nil
	}
	if err := a.Selection.check("positivity"); err != nil {
		return err
	}
	if a.Measure == measureIncidence {
		if err := a.Adjustment.check(); err != nil {
			return err
		}
	}
	if err := a.checkStandIns(); err != nil {
		return err
	}
	return a.query().Check()
}

// checkStandIns refuses options that this measure has no use for: to take them
// and do nothing would mislead.
func (a *Positivity) checkStandIns() error {
	steps, err := fallback.ParseSteps(a.Fallback)
	if err != nil {
		return err
	}
	m, _ := surveillance.MeasureOf(a.Measure)
	shares := a.Measure == measureIncidence || m.Name == surveillance.MeasurePositivity
	switch {
	case len(steps) > 0 && !shares:
		return usage("positivity", "fallback", "there are stand-ins for positivity only, not for "+m.Name, "Leave --fallback out, or ask for --measure positivity or incidence")
	case len(steps) > 0 && a.Measure != measureIncidence && a.By != "" && a.By != byWard:
		return usage("positivity", "fallback", "stand-ins are for wards", "Leave --by out; the figure of an LGA comes from what was counted")
	case a.UrbanOPD && (m.Name != surveillance.MeasurePositivity || a.By != "" && a.By != byWard):
		return usage("positivity", "urban-opd", "this rule is for the positivity of wards", "Leave --measure and --by out, or leave this out")
	case a.MinTests < 0 || a.Extreme < 0 || a.Extreme >= 0.5:
		return usage("positivity", "extreme", "these limits can't be", "Give --min-tests from 0 and --extreme from 0 to below 0.5")
	}
	return nil
}

// query is the selection with its measure. The parts of incidence are measures
// of their own; positivity stands for all of them.
func (a *Positivity) query() surveillance.Query {
	if a.Measure == measureIncidence {
		return a.Selection.query(surveillance.MeasurePositivity)
	}
	return a.Selection.query(a.Measure)
}

// grain is how finely time is told apart.
func (a *Positivity) grain() surveillance.Grain {
	return map[string]surveillance.Grain{"year": surveillance.Yearly, "month": surveillance.Monthly}[a.Per]
}

// Run implements Action.
func (a *Positivity) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "positivity")
	if err != nil {
		return nil, err
	}
	in, err := a.read(ctx, w, f, "positivity", tell)
	if err != nil {
		return nil, err
	}
	if a.Compare {
		return a.compare(ctx, in.rows)
	}
	m, err := a.measured(ctx, w, f, in)
	if err != nil {
		return nil, err
	}
	return a.record(ctx, w, m, workspace.Draft{Act: "positivity", Params: a, Started: started})
}

// measured computes the figures of the measure.
func (a *Positivity) measured(ctx context.Context, w *workspace.Workspace, f *frame, in *countedRows) (*measured, error) {
	q := a.query()
	spec, _ := surveillance.MeasureOf(q.Measure)
	m := &measured{
		frame: f, group: f.grouping(a.By), spec: spec, query: q, per: a.Per,
		inputs: []store.Dataset{f.dataset, in.dataset, in.match},
	}
	switch {
	case a.Measure == measureIncidence:
		return m, a.adjusted(ctx, w, in, m)
	case spec.PerThousand:
		return m, a.perHead(ctx, w, in, m)
	}
	return m, a.shares(ctx, w, in, m)
}

// record stores the figures: one row per ward as a variable for what follows,
// anything else as a series.
func (a *Positivity) record(ctx context.Context, w *workspace.Workspace, m *measured, draft workspace.Draft) (*Result, error) {
	report := m.facts()
	var tables []*table.Table
	for _, p := range m.parts() {
		t, err := m.table(p)
		if err != nil {
			return nil, err
		}
		kind := workspace.KindSeries
		if m.group.alone() && len(p.periods) == 1 && p.periods[0].whole {
			kind = workspace.KindPositivity
		}
		draft.Outputs = append(draft.Outputs, store.NewDataset{Kind: kind, Name: t.Name, Table: t, Report: report})
		if kind == workspace.KindPositivity {
			t = sortedBy(t, "value", true)
		}
		tables = append(tables, t)
	}
	draft.Inputs, draft.Notices, draft.Summary = m.inputs, m.notices, m.summary()
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: tables, Details: report}, nil
}

// compare shows every level and age group; it records nothing, because
// nothing was chosen.
func (a *Positivity) compare(ctx context.Context, rows surveillance.Rows) (*Result, error) {
	q := a.query()
	c, err := surveillance.Compare(ctx, rows, q)
	if err != nil {
		return nil, err
	}
	spec, _ := surveillance.MeasureOf(q.Measure)
	if spec.PerThousand {
		return nil, usage("positivity", "compare", "a rate per inhabitant can't be compared over age groups", "Compare positivity instead")
	}
	level, age := table.NewText("level"), table.NewText("age")
	num, den, value := table.NewNumber("numerator"), table.NewNumber("denominator"), table.NewNumber("value")
	low, high, wards := table.NewNumber("low"), table.NewNumber("high"), table.NewNumber("wards_with_data")
	for _, r := range c.Results {
		all := surveillance.Cells{Query: r.Query, Wards: [][]surveillance.Ward{r.Wards}, Unplaced: make([]surveillance.Ward, 1)}
		whole := all.Group(make([]int, len(r.Wards)), 1).Wards[0][0]
		with := 0.0
		for _, ward := range r.Wards {
			if ward.HasData {
				with++
			}
		}
		level.AppendText(r.Query.Level)
		age.AppendText(r.Query.Age)
		num.AppendNumber(whole.Numerator)
		den.AppendNumber(whole.Denominator)
		one := reading{ward: whole}
		one.settle(spec)
		one.append(value, low, high)
		wards.AppendNumber(with)
	}
	n, period := wards.Len(), ""
	if n > 0 {
		period = periodWords(c.Results[0].PeriodsFound)
	}
	t, err := table.New("comparison", level, age, num, den, value, low, high, wards, repeated("measure", spec.Name, n), repeated("test", q.Test, n), repeated("period", period, n))
	if err != nil {
		return nil, err
	}
	if t.Rows() == 0 {
		return nil, problem.New(problem.NotFound, "positivity", "", "no combination has data", "Check the period and the test")
	}
	return &Result{Summary: fmt.Sprintf("Positivity for %d combinations of level and age group.", t.Rows()), Notices: c.Left, Tables: []*table.Table{t}}, nil
}

// seriesName names a result after what it counts, such as
// positivity_primary_u5_rdt_2024 or burden_all_all_both_2020_to_2025_by_lga.
func seriesName(measure string, q surveillance.Query, by, per string) string {
	period := q.From
	switch {
	case q.AllPeriods:
		period = "all"
	case q.To != "" && q.To != q.From:
		period += "_to_" + q.To
	}
	parts := []string{strings.ReplaceAll(measure, "-", "_"), q.Level, q.Age, q.Test, period}
	if by != "" && by != byWard {
		parts = append(parts, "by", by)
	}
	if per != "" && per != "whole" {
		parts = append(parts, "per", per)
	}
	return strings.Join(parts, "_")
}
