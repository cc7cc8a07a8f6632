package action

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/surveillance/proportion"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Funnel tells which wards' shares lie further from the common share than
// chance alone would put them, given how many persons stand behind each.
type Funnel struct {
	Of string `param:"of" help:"a result of positivity, when there are several"`
}

// Check implements Action.
func (a *Funnel) Check() error { return nil }

// Run implements Action.
func (a *Funnel) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "funnel")
	if err != nil {
		return nil, err
	}
	d, err := a.share(ctx, w)
	if err != nil {
		return nil, err
	}
	inputs, err := w.Inputs(ctx, d.Run)
	if err != nil {
		return nil, err
	}
	if !holds(inputs, f.dataset.ID) {
		return nil, problem.New(problem.Conflict, "funnel", d.Name, "it was made on other boundaries than those now loaded", "Compute positivity again: `mrpt positivity`")
	}
	from, err := w.Table(ctx, d)
	if err != nil {
		return nil, err
	}
	t, plot, err := f.funnelTable(d, from)
	if err != nil {
		return nil, err
	}
	old, err := stale(ctx, w, d)
	if err != nil {
		return nil, err
	}
	notices := append(old, funnelNotices(plot)...)
	summary := funnelSummary(d, plot)
	facts := funnelFacts{Of: d.Name, Target: plot.Target, Dispersion: plot.Dispersion}
	run, _, err := w.Record(ctx, workspace.Draft{
		Act: "funnel", Params: a, Started: started, Summary: summary, Notices: notices, Inputs: []store.Dataset{f.dataset, d},
		Outputs: []store.NewDataset{{Kind: workspace.KindFunnel, Name: t.Name, Table: t, Report: facts}},
	})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: summary, Notices: notices, Tables: []*table.Table{sortedBy(t, "z", true)}, Details: facts}, nil
}

// share is the result asked for, or else the newest that is a share.
func (a *Funnel) share(ctx context.Context, w *workspace.Workspace) (store.Dataset, error) {
	name := a.Of
	if name == "" {
		ds, err := w.Current(ctx, workspace.KindPositivity)
		if err != nil {
			return store.Dataset{}, err
		}
		for _, d := range slices.Backward(ds) {
			if m, ok := surveillance.MeasureOf(measureOf(d)); ok && m.Share {
				name = d.Name
				break
			}
		}
	}
	return w.Latest(ctx, "funnel", workspace.KindPositivity, name, "Compute positivity first: `mrpt positivity`")
}

// funnelTable places the wards. Stand-ins are nobody's own figure and have no
// place.
func (f *frame) funnelTable(d store.Dataset, from *table.Table) (*table.Table, proportion.Plot, error) {
	num, _ := from.Column("numerator")
	den, _ := from.Column("denominator")
	value, _ := from.Column("value")
	if num == nil || den == nil || value == nil || value.Unit != "" && value.Unit != "share" {
		return nil, proportion.Plot{}, problem.New(problem.BadInput, "funnel", d.Name, "it is no share of persons", "Name a result of positivity with --of")
	}
	k, n := make([]float64, len(f.units)), make([]float64, len(f.units))
	for i := range f.units {
		if !value.Missing(i) && !value.Imputed(i) {
			k[i], _ = num.Number(i)
			n[i], _ = den.Number(i)
		}
	}
	plot := proportion.Funnel(k, n)
	return funnelLayout(f, d, plot, k, n)
}

func funnelLayout(f *frame, d store.Dataset, plot proportion.Plot, k, n []float64) (*table.Table, proportion.Plot, error) {
	names := []string{"numerator", "denominator", "value", "target", "low_95", "high_95", "low_998", "high_998", "z"}
	cols := make([]*table.Column, len(names))
	for c, name := range names {
		cols[c] = table.NewNumber(name)
	}
	place, flag := table.NewText("place"), table.NewText("flag")
	for i, p := range plot.Points {
		place.AppendText(string(p.Place))
		few := ""
		if p.FewerThanThreshold {
			few = fmt.Sprintf("fewer than %d", proportion.Few)
		}
		appendText(flag, few)
		for c, v := range []float64{k[i], n[i], p.Share, plot.Target, p.Low95, p.High95, p.Low998, p.High998, p.Z} {
			if p.OK {
				cols[c].AppendNumber(v)
			} else {
				cols[c].AppendMissing()
			}
		}
	}
	all := append(slices.Clone(f.identity()), cols...)
	t, err := table.New("funnel_"+d.Name, append(all, place, flag, repeated("of", d.Name, len(f.units)))...)
	return t, plot, err
}

func funnelNotices(p proportion.Plot) []string {
	out := []string{fmt.Sprintf("Limits: target ± z·√(target·(1 − target)/n), z = %.3f for 95 %% and %.3f for 99.8 %% (Spiegelhalter 2005, normal approximation); rough below %d persons.", proportion.Z95, proportion.Z998, proportion.Few)}
	if p.Dispersion > 2 {
		out = append(out, fmt.Sprintf("The shares vary %.1f times as much as chance alone would make them (in variance, winsorised, where chance gives about 0.7): the wards truly differ, or are reported differently, so most lying outside the limits is no list of outliers. Divide z by %.1f to see which stand out among them.",
			p.Dispersion, math.Sqrt(p.Dispersion)))
	}
	return out
}

func funnelSummary(d store.Dataset, p proportion.Plot) string {
	count := map[proportion.Place]int{}
	for _, pt := range p.Points {
		count[pt.Place]++
	}
	return fmt.Sprintf("Funnel of %s around %s: %d within limits, %d above and %d below the 95 %% limit, %d above and %d below the 99.8 %% limit, %d not placed.",
		d.Name, percent(p.Target), count[proportion.Within], count[proportion.High95], count[proportion.Low95], count[proportion.High998], count[proportion.Low998], count[proportion.NotPlaced])
}

// funnelFacts is what a funnel says of itself.
type funnelFacts struct {
	Of         string  `json:"of"`
	Target     float64 `json:"target"`
	Dispersion float64 `json:"dispersion"`
}

// Account implements Accountable.
func (a *Funnel) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	var f funnelFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, nil, err
	}
	return []string{
		fmt.Sprintf("Each ward of %s is compared with the common share of %s, from sums over all wards.", f.Of, percent(f.Target)),
		fmt.Sprintf("The limits are target ± z·√(target·(1 − target)/persons), z = %.3f for 95 %% and %.3f for 99.8 %%; stand-ins are not placed.", proportion.Z95, proportion.Z998),
		fmt.Sprintf("Dispersion, the mean square of z with the outer tenths drawn in, is %.2f; chance alone gives about 0.7.", f.Dispersion),
	}, []string{"Spiegelhalter, Statistics in Medicine 24, 2005, 1185–1202"}, nil
}
