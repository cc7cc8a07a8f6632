package action

import (
	"context"
	"encoding/json"
	"fmt"

	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Reprioritise names the wards that should change their place in the next
// campaign: those where malaria rises fastest, to be put first, or falls
// fastest, to be left for later.
type Reprioritise struct {
	From string `param:"from" choices:"trend" help:"what the choice rests on"`
	TrendQuery
	Direction string `param:"direction" choices:"rising|falling" help:"rising wards are put first, falling ones left for later"`
	Top       int    `param:"top" help:"how many wards"`
}

// NewReprioritise gives a Reprioritise of the ten fastest rising wards.
func NewReprioritise() *Reprioritise {
	return &Reprioritise{From: "trend", TrendQuery: newTrendQuery(), Direction: rising, Top: 10}
}

// Check implements Action.
func (a *Reprioritise) Check() error {
	if err := a.TrendQuery.check("reprioritise"); err != nil {
		return err
	}
	if a.Top <= 0 {
		return usage("reprioritise", "top", "no number of wards is chosen", "Give --top with how many wards to name, such as --top 14")
	}
	return nil
}

// Run implements Action.
func (a *Reprioritise) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	t, err := a.follow(ctx, w, byWard, "reprioritise", tell)
	if err != nil {
		return nil, err
	}
	all, err := t.table()
	if err != nil {
		return nil, err
	}
	chosen := a.choose(t)
	out, err := a.table(all, t, chosen)
	if err != nil {
		return nil, err
	}
	summary := a.summary(t, chosen)
	facts := t.facts()
	run, _, err := w.Record(ctx, workspace.Draft{
		Act: "reprioritise", Params: a, Started: started, Summary: summary, Notices: t.m.notices, Inputs: t.m.inputs,
		Outputs: []store.NewDataset{{Kind: workspace.KindReprior, Name: out.Name, Table: out, Report: facts}},
	})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: summary, Notices: t.m.notices, Tables: []*table.Table{out}, Details: facts}, nil
}

// choose takes the fastest wards that go in the direction asked for. Wards
// going the other way, or without enough periods, are never chosen to fill up
// the number.
func (a *Reprioritise) choose(t *followed) (chosen []int) {
	for _, i := range t.order(a.Direction) {
		r := t.results[i]
		goes := r.Enough() && (a.Direction == rising && r.Slope > 0 || a.Direction == falling && r.Slope < 0)
		if goes && len(chosen) < a.Top {
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// table is the rows of the chosen wards, numbered, with what is proposed.
func (a *Reprioritise) table(all *table.Table, t *followed, chosen []int) (*table.Table, error) {
	picked := all.Pick(chosen)
	rank, tier := table.NewNumber("rank"), table.NewText("tier")
	rank.Origin = "order of the list: clear trends first, then by slope"
	for k := range chosen {
		rank.AppendNumber(float64(k + 1))
		tier.AppendText(map[string]string{rising: "put first", falling: "left for later"}[a.Direction])
	}
	columns := append([]*table.Column{rank}, picked.Columns[:len(t.m.group.ids)]...)
	columns = append(columns, tier)
	columns = append(columns, picked.Columns[len(t.m.group.ids):]...)
	return table.New("reprioritise_"+a.Direction+"_"+all.Name, columns...)
}

func (a *Reprioritise) summary(t *followed, chosen []int) string {
	if len(chosen) == 0 {
		return fmt.Sprintf("No ward is %s in %s over at least four periods.", a.Direction, t.m.titled())
	}
	clear := 0
	for _, i := range chosen {
		if t.direction(i) == a.Direction {
			clear++
		}
	}
	what := map[string]string{rising: "rises fastest, to be put first", falling: "falls fastest, to be left for later"}[a.Direction]
	s := fmt.Sprintf("The %s where %s %s; in %d of them the trend is clear (p < %g).", counted(len(chosen), "ward"), t.m.titled(), what, clear, a.Alpha)
	if len(chosen) < a.Top {
		s += fmt.Sprintf(" No more than %d of the %d asked for go that way.", len(chosen), a.Top)
	}
	return s
}

// Account implements Accountable.
func (a *Reprioritise) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	sentences, citations, err = (&Trend{}).Account(facts)
	order := map[string]string{rising: "Wards whose figures rise are put first", falling: "Wards whose figures fall are left for later"}[a.Direction]
	return append(sentences, fmt.Sprintf("%s, those with a clear trend before the others and each by slope; at most %d are named.", order, a.Top)), citations, err
}
