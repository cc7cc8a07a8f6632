package action

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"chatmrpt/core/place"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Match links the names in every table of the project to the wards of the
// boundary layer. Decisions of the user are remembered and applied to later
// files; what could not be linked is listed on both sides.
type Match struct {
	Accept string `param:"accept" help:"reviewed CSV whose decisions are taken over" json:"-"`
	Export string `param:"export" help:"write the report as a CSV to review" json:"-"`
}

// Check implements Action.
func (a *Match) Check() error { return nil }

// matched is the report about one table.
type matched struct {
	dataset store.Dataset
	report  place.Report
}

// Run implements Action.
func (a *Match) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "match")
	if err != nil {
		return nil, err
	}
	decided, err := a.decisions()
	if err != nil {
		return nil, err
	}
	earlier, err := w.Decisions(ctx)
	if err != nil {
		return nil, err
	}
	remembered := append(rememberedOf(earlier), decided...) // the later one holds
	sets, err := a.tables(ctx, w)
	if err != nil {
		return nil, err
	}
	var reports []matched
	for i, d := range sets {
		tell("matching "+d.Name, i, len(sets))
		r, err := f.match(ctx, w, d, remembered)
		if err != nil {
			return nil, err
		}
		reports = append(reports, matched{dataset: d, report: r})
	}
	return a.record(ctx, w, workspace.Draft{Act: "match", Params: a, Started: started, Decisions: decisionsOf(decided)}, f, reports)
}

// tables lists the tables that name places.
func (a *Match) tables(ctx context.Context, w *workspace.Workspace) ([]store.Dataset, error) {
	var out []store.Dataset
	for _, kind := range []string{workspace.KindFacilities, workspace.KindWards, workspace.KindPopulation} {
		ds, err := w.Current(ctx, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, ds...)
	}
	if len(out) == 0 {
		return nil, problem.New(problem.NotFound, "match", "", "there is no table to match in this project", "Import a facility or ward table first")
	}
	return out, nil
}

// decisions reads the reviewed file, when one is given.
func (a *Match) decisions() ([]place.Remembered, error) {
	if a.Accept == "" {
		return nil, nil
	}
	in, err := readFile("match", a.Accept)
	if err != nil {
		return nil, err
	}
	decided, err := place.ReadReview(bytes.NewReader(in.data))
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		named := *p
		named.Op, named.Subject = "match", strings.TrimSuffix(in.name+", "+p.Subject, ", ")
		return nil, &named
	}
	return decided, err
}

func rememberedOf(decisions []store.Decision) []place.Remembered {
	out := make([]place.Remembered, len(decisions))
	for i, d := range decisions {
		out[i] = place.Remembered{
			Given:    place.Given{State: d.GivenState, LGA: d.GivenLGA, Ward: d.GivenWard, Code: d.GivenCode},
			Unit:     place.Unit{State: d.State, LGA: d.LGA, Ward: d.Ward, Code: d.WardCode},
			Decision: place.Decision(d.Decision),
		}
	}
	return out
}

func decisionsOf(remembered []place.Remembered) []store.Decision {
	var out []store.Decision
	for _, r := range remembered {
		out = append(out, store.Decision{
			GivenState: r.Given.State, GivenLGA: r.Given.LGA, GivenWard: r.Given.Ward, GivenCode: r.Given.Code,
			State: r.Unit.State, LGA: r.Unit.LGA, Ward: r.Unit.Ward, WardCode: r.Unit.Code, Decision: string(r.Decision),
		})
	}
	return out
}

func (f *frame) match(ctx context.Context, w *workspace.Workspace, d store.Dataset, remembered []place.Remembered) (place.Report, error) {
	t, err := w.Table(ctx, d)
	if err != nil {
		return place.Report{}, err
	}
	given, _ := givens(t)
	return place.Match(ctx, f.units, given, remembered)
}

func (a *Match) record(ctx context.Context, w *workspace.Workspace, draft workspace.Draft, f *frame, reports []matched) (*Result, error) {
	draft.Inputs = []store.Dataset{f.dataset}
	result := &Result{}
	for _, m := range reports {
		links, err := f.linkTable(m)
		if err != nil {
			return nil, err
		}
		draft.Inputs = append(draft.Inputs, m.dataset)
		draft.Outputs = append(draft.Outputs, store.NewDataset{
			Kind: workspace.KindMatch, Name: matchName(m.dataset), Table: links, Report: matchReport{
				MatchedRows: m.report.MatchedRows, TotalRows: m.report.TotalRows, UnusedUnits: f.labels(m.report.UnusedUnits),
			},
		})
		draft.Notices = append(draft.Notices, m.notices(f)...)
		result.Tables = append(result.Tables, openFirst(links))
	}
	draft.Summary = matchSummary(reports)
	if a.Export != "" {
		err := output{a.Export, func(out io.Writer) error { return writeReviews(out, f.units, reports) }}.save("match")
		if err != nil {
			return nil, err
		}
		result.Files = []string{a.Export}
	}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	result.Run, result.Summary, result.Notices = run.ID.N, draft.Summary, draft.Notices
	return result, nil
}

// openFirst puts the links that need a person before those that don't.
func openFirst(links *table.Table) *table.Table {
	decision, _ := links.Column("decision")
	var open, done []int
	for i := range links.Rows() {
		if d, _ := decision.Text(i); d == string(place.Accepted) {
			done = append(done, i)
		} else {
			open = append(open, i)
		}
	}
	return links.Pick(append(open, done...))
}

// matchReport is what matching one table found, beside its links.
type matchReport struct {
	MatchedRows int      `json:"matched_rows"`
	TotalRows   int      `json:"total_rows"`
	UnusedUnits []string `json:"wards_without_rows"`
}

// writeReviews writes one review file over all tables: names are decided once,
// wherever they stand.
func writeReviews(out io.Writer, units []place.Unit, reports []matched) error {
	var all place.Report
	seen := map[[4]string]bool{}
	for _, m := range reports {
		for _, l := range m.report.Links {
			key := [4]string{l.Given.State, l.Given.LGA, l.Given.Ward, l.Given.Code}
			if !seen[key] {
				seen[key] = true
				all.Links = append(all.Links, l)
			}
		}
	}
	return place.WriteReview(out, all, units)
}

func matchSummary(reports []matched) string {
	total, found := 0, 0
	for _, m := range reports {
		total += m.report.TotalRows
		found += m.report.MatchedRows
	}
	if total == 0 {
		return "There are no rows to link to wards."
	}
	return fmt.Sprintf("%s of %s in %s are linked to a ward (%s).", grouped(found), counted(total, "row"),
		counted(len(reports), "table"), percent(float64(found)/float64(total)))
}

// notices says what was not linked, on both sides.
func (m matched) notices(f *frame) []string {
	var out []string
	for _, w := range m.report.Warnings {
		out = append(out, m.dataset.Name+": "+w)
	}
	open := map[place.Decision]int{}
	for _, l := range m.report.Links {
		open[l.Decision] += l.Given.Rows
	}
	for _, kind := range []struct {
		decision  place.Decision
		one, many string
	}{
		{place.Review, "waits for your review", "wait for your review"},
		{place.Unmatched, "names a place that is not in the boundary file", "name a place that is not in the boundary file"},
		{place.NotAWard, `names no ward ("Unknown" and the like)`, `name no ward ("Unknown" and the like)`},
		{place.Rejected, "names a ward you rejected", "name a ward you rejected"},
	} {
		switch n := open[kind.decision]; {
		case n == 1:
			out = append(out, fmt.Sprintf("%s: 1 row %s", m.dataset.Name, kind.one))
		case n > 1:
			out = append(out, fmt.Sprintf("%s: %s %s", m.dataset.Name, counted(n, "row"), kind.many))
		}
	}
	if n := len(m.report.UnusedUnits); n > 0 {
		out = append(out, fmt.Sprintf("%s: %s without a row: %s", m.dataset.Name, counted(n, "ward"), listed(f.labels(m.report.UnusedUnits), 5)))
	}
	return out
}

func (f *frame) labels(units []int) []string {
	out := make([]string, len(units))
	for i, u := range units {
		out[i] = f.label(u)
	}
	return out
}

// linkTable is the report as a table: the columns of the review file, why, and
// the number of the ward in the layer. Row g is the g-th distinct place named
// in the dataset, in order of first appearance.
func (f *frame) linkTable(m matched) (*table.Table, error) {
	names := []string{"given_state", "given_lga", "given_ward", "given_code"}
	given := make([]*table.Column, len(names))
	for i, n := range names {
		given[i] = table.NewText(n)
	}
	rows, unit := table.NewNumber("rows"), table.NewNumber("unit")
	score, margin := table.NewNumber("score"), table.NewNumber("margin")
	decision, why := table.NewText("decision"), table.NewText("why")
	target := []*table.Column{table.NewText("state"), table.NewText("lga"), table.NewText("ward"), table.NewText("ward_code")}
	for _, l := range m.report.Links {
		appendTexts(given, l.Given.State, l.Given.LGA, l.Given.Ward, l.Given.Code)
		rows.AppendNumber(float64(l.Given.Rows))
		decision.AppendText(string(l.Decision))
		why.AppendText(l.Why)
		f.appendTarget(l, target, unit, score, margin)
	}
	columns := append(append(append(given, rows), target...), score, margin, decision, why, unit)
	return table.New(matchName(m.dataset), columns...)
}

// appendTarget writes the ward of a link: the one it is linked to or, while it
// waits for review, the best candidate. Only an accepted link carries the
// ward's number, which is what later steps read.
func (f *frame) appendTarget(l place.Link, target []*table.Column, unit, score, margin *table.Column) {
	at := l.Unit
	if at < 0 && l.Decision == place.Review && len(l.Candidates) > 0 {
		at = l.Candidates[0].Unit
	}
	if at < 0 {
		appendTexts(target, "", "", "", "")
		for _, c := range []*table.Column{unit, score, margin} {
			c.AppendMissing()
		}
		return
	}
	u := f.units[at]
	appendTexts(target, u.State, u.LGA, u.Ward, u.Code)
	score.AppendNumber(l.Score)
	margin.AppendNumber(l.Margin)
	if l.Unit >= 0 {
		unit.AppendNumber(float64(l.Unit))
	} else {
		unit.AppendMissing()
	}
}

// appendTexts appends one text to each column; "" is missing.
func appendTexts(columns []*table.Column, texts ...string) {
	for i, s := range texts {
		if s == "" {
			columns[i].AppendMissing()
		} else {
			columns[i].AppendText(s)
		}
	}
}
