package action

import (
	"context"
	"fmt"
	"strings"

	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/smooth"
	"chatmrpt/geo/weights"
)

// smoothFacts is the method of steadied rates.
type smoothFacts struct {
	Variable   string   `json:"variable"`
	Family     string   `json:"family"`
	Formula    string   `json:"formula"`
	Neighbours string   `json:"neighbours"`
	Mean       float64  `json:"mean"`
	Variance   float64  `json:"variance"` // of the true rates, as estimated; may be negative
	Islands    []string `json:"islands"`
	Wards      int      `json:"wards"`
}

// smoothed records the raw rate beside those steadied by all wards and by the
// neighbours.
func (a *Spatial) smoothed(ctx context.Context, w *workspace.Workspace, f *frame, s *subject, near *weights.Weights, draft workspace.Draft) (*Result, error) {
	family := smooth.Family(a.Family)
	global, err := smooth.Global(s.counts, family)
	if err != nil {
		return nil, spatialProblem(err, s.name)
	}
	local, err := smooth.Local(s.counts, near.WithoutSelf().Neighbours(), family)
	if err != nil {
		return nil, spatialProblem(err, s.name)
	}
	t, err := a.smoothTable(f, s, global, local)
	if err != nil {
		return nil, err
	}
	known := countTrue(global.Known)
	facts := smoothFacts{
		Variable: s.name, Family: a.Family, Formula: smoothFormula(family), Neighbours: a.Nearness.words(), Mean: global.Mean, Variance: global.Variance,
		Islands: f.labels(local.Alone), Wards: known,
	}
	draft.Notices = append(draft.Notices, smoothNotices(f, s, global, local)...)
	draft.Summary = fmt.Sprintf("Rates of %s in %s beside empirical Bayes rates: drawn towards %.4g, the rate of all wards together, and towards that of the neighbours; %d without a rate.",
		s.name, counted(known, "ward"), global.Mean, len(global.Known)-known)
	draft.Outputs = []store.NewDataset{{Kind: workspace.KindSmoothed, Name: a.resultName(), Table: t, Report: facts}}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: []*table.Table{sortedBy(t, "eb", true)}, Details: facts}, nil
}

func countTrue(list []bool) (n int) {
	for _, v := range list {
		if v {
			n++
		}
	}
	return n
}

func smoothFormula(f smooth.Family) string {
	if f == smooth.Binomial {
		return "w·r + (1−w)·b with w by Martuzzi and Elliott (1996), r the raw rate and b = Σ numerator ÷ Σ denominator"
	}
	return "w·r + (1−w)·b, w = a/(a + b/p), a = Σp(r−b)²/Σp − b/mean(p), b = Σ numerator ÷ Σ denominator (Marshall 1991, as GeoDa)"
}

func smoothNotices(f *frame, s *subject, global, local *smooth.Rates) []string {
	var out []string
	if len(global.Negative) > 0 {
		out = append(out, fmt.Sprintf("the rates of %s differ less between wards than chance alone would make them (variance estimate %.3g): every steadied rate is the mean, and a ranking by it would mean nothing",
			s.name, global.Variance))
	}
	if n := len(local.Negative); n > 0 && len(global.Negative) == 0 {
		out = append(out, fmt.Sprintf("in %s the neighbourhood's rates differ less than chance alone would make them, so the rate is that of the neighbourhood: %s", counted(n, "ward"), listed(f.labels(local.Negative), 5)))
	}
	if n := len(local.Alone); n > 0 {
		out = append(out, fmt.Sprintf("%s without a neighbour that has a rate, not steadied by neighbours: %s", counted(n, "ward"), listed(f.labels(local.Alone), 10)))
	}
	return out
}

// smoothTable has one row per ward of the layer, in its order. The two steadied
// rates are offered as variables.
func (a *Spatial) smoothTable(f *frame, s *subject, global, local *smooth.Rates) (*table.Table, error) {
	num, den, raw := table.NewNumber("numerator"), table.NewNumber("denominator"), table.NewNumber("value")
	eb, spatial, weight := table.NewNumber("eb"), table.NewNumber("eb_spatial"), table.NewNumber("weight_of_own")
	reason := table.NewText("reason")
	eb.Origin = "Empirical Bayes rate of " + s.name + ", drawn towards all wards"
	spatial.Origin = "Empirical Bayes rate of " + s.name + ", drawn towards the neighbours"
	for _, c := range []*table.Column{eb, spatial} {
		c.Role, c.Unit = s.v.role, s.v.unit
	}
	alone := map[int]bool{}
	for _, i := range local.Alone {
		alone[i] = true
	}
	for i, known := range global.Known {
		if !known {
			for _, c := range []*table.Column{num, den, raw, eb, spatial, weight} {
				c.AppendMissing()
			}
			appendTexts([]*table.Column{reason}, "no rate")
			continue
		}
		num.AppendNumber(s.counts.Events[i])
		den.AppendNumber(s.counts.Persons[i])
		raw.AppendNumber(global.Raw[i])
		eb.AppendNumber(global.Smoothed[i])
		weight.AppendNumber(global.Weight[i])
		if alone[i] {
			spatial.AppendMissing()
			appendTexts([]*table.Column{reason}, "no neighbour with a rate")
			continue
		}
		spatial.AppendNumber(local.Smoothed[i])
		appendTexts([]*table.Column{reason}, "")
	}
	return table.New(a.resultName(), append(f.identity(), num, den, raw, eb, spatial, weight, reason)...)
}

// addSmoothed offers steadied rates as variables: NAME_eb and NAME_eb_spatial.
func (c *catalogue) addSmoothed(ctx context.Context, w *workspace.Workspace) error {
	ds, err := w.Current(ctx, workspace.KindSmoothed)
	if err != nil {
		return err
	}
	for _, d := range ds {
		inputs, err := w.Inputs(ctx, d.Run)
		if err != nil {
			return err
		}
		if !holds(inputs, c.frame.dataset.ID) {
			continue // its rows are other wards
		}
		t, err := w.Table(ctx, d)
		if err != nil {
			return err
		}
		for _, name := range []string{"eb", "eb_spatial"} {
			col, ok := t.Column(name)
			if !ok {
				continue
			}
			v := c.column(col)
			v.name = strings.TrimPrefix(d.Name, statEB+"_") + "_" + name
			v.table, v.role, v.unit, v.origin, v.inputs = d.Name, col.Role, col.Unit, col.Origin, []store.Dataset{d}
			c.variables = append(c.variables, v)
		}
	}
	return nil
}
