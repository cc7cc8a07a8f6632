package action

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
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
	Accept        string `param:"accept" help:"reviewed CSV: the lines that were changed become your decisions" json:"-"`
	Export        string `param:"export" help:"write the report as a CSV to review" json:"-"`
	PlaceBy       string `param:"place-by" choices:"names|coordinates|both" help:"where facilities have coordinates: names alone, coordinates before names, or both (coordinates where the names say nothing); left out, as last time" more:"true"`
	ImportAliases string `param:"import-aliases" help:"take over the decisions of a colleague first, as aliases --import does" more:"true" json:"-"`
	ExportAliases string `param:"export-aliases" help:"write all decisions for colleagues afterwards, as aliases --export does" more:"true" json:"-"`
}

// Ways to place facilities that have coordinates.
const (
	byNames       = "names"
	byCoordinates = "coordinates"
	byBoth        = "both"
)

// Check implements Action.
func (a *Match) Check() error { return nil }

// settled is the act with what was left out filled in: facilities are placed
// as in the last match, the first time by names. Otherwise taking over a
// reviewed file would quietly undo the choice of coordinates.
func (a *Match) settled(ctx context.Context, w *workspace.Workspace) (*Match, error) {
	out := *a
	if out.PlaceBy != "" {
		return &out, nil
	}
	out.PlaceBy = byNames
	runs, err := w.Runs(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(runs) {
		if r.Act != "match" {
			continue
		}
		var last Match
		if err := json.Unmarshal(r.Params, &last); err != nil {
			return nil, fmt.Errorf("parameters of run %d: %w", r.ID.N, err)
		}
		out.PlaceBy = cmp.Or(last.PlaceBy, byNames)
		break
	}
	return &out, nil
}

// Account implements Accountable.
func (a *Match) Account(json.RawMessage) (sentences, citations []string, err error) {
	sentences = append([]string{"Each place was linked to one ward of the boundaries, never by a name alone; what was not linked is listed."}, place.Rules()...)
	sentences = append(sentences, "A person's own decisions come before everything, then those she took over from others.")
	citations = []string{
		"Jonker R, Volgenant A. A shortest augmenting path algorithm for dense and sparse linear assignment problems. Computing 1987; 38: 325–340",
		"Winkler WE. String comparator metrics and enhanced decision rules in the Fellegi–Sunter model of record linkage. Proc Section on Survey Research Methods, ASA 1990: 354–359",
	}
	switch a.PlaceBy {
	case byCoordinates:
		sentences = append(sentences, "Facilities with coordinates are in the ward their point lies in, whatever they name; on a common border both wards are right.")
	case byBoth:
		sentences = append(sentences, "Facilities whose name is linked to no ward are in the ward their coordinates lie in.")
	}
	return sentences, citations, nil
}

// matched is the report about one table.
type matched struct {
	dataset store.Dataset
	report  place.Report
	weight  weight
	points  *points // nil where the table has no coordinates
}

// Run implements Action.
func (a *Match) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "match")
	if err != nil {
		return nil, err
	}
	sets, err := a.tables(ctx, w)
	if err != nil {
		return nil, err
	}
	if a, err = a.settled(ctx, w); err != nil {
		return nil, err
	}
	decided, err := a.decisions()
	if err != nil {
		return nil, err
	}
	var taken []string
	if a.ImportAliases != "" { // a run of its own, so that this one can be repeated without the file
		r, err := (&Aliases{Import: a.ImportAliases}).Run(ctx, w, tell)
		if err != nil {
			return nil, err
		}
		taken = append([]string{r.Summary}, r.Notices...)
	}
	m := matching{act: a, frame: f, draft: workspace.Draft{Act: "match", Params: a, Started: started, Notices: taken}}
	if m.known, err = recall(ctx, w); err != nil {
		return nil, err
	}
	m.draft.Inputs = append([]store.Dataset{f.dataset}, m.known.files...)
	for i, d := range sets {
		tell("matching "+d.Name, i, len(sets))
		if err := m.add(ctx, w, d); err != nil {
			return nil, err
		}
	}
	if err := m.decide(ctx, decided); err != nil {
		return nil, err
	}
	return m.record(ctx, w)
}

// matching is one run of the act.
type matching struct {
	act     *Match
	frame   *frame
	known   *known
	reports []matched
	draft   workspace.Draft
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
	return decided, inFile("match", in.name, err)
}

// inFile names the file in the problem of one of its lines.
func inFile(op, name string, err error) error {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		named := *p
		named.Op, named.Subject = op, strings.TrimSuffix(name+", "+p.Subject, ", ")
		return &named
	}
	return err
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

// add matches one table.
func (m *matching) add(ctx context.Context, w *workspace.Workspace, d store.Dataset) error {
	t, err := w.Table(ctx, d)
	if err != nil {
		return err
	}
	given, of := givens(t)
	report, err := place.Match(ctx, m.frame.units, given, m.known.decisions())
	if err != nil {
		return err
	}
	one := matched{dataset: d, report: report, weight: weightOf(t, of, len(given))}
	if d.Kind == workspace.KindFacilities {
		one.points = findPoints(t, of)
	}
	m.reports = append(m.reports, one)
	return nil
}

// decide takes over what was changed in a reviewed file and matches again with
// it.
func (m *matching) decide(ctx context.Context, decided []place.Remembered) (err error) {
	if len(decided) == 0 {
		return nil
	}
	var reports []place.Report
	for _, r := range m.reports {
		reports = append(reports, r.report)
	}
	changed, nowhere := place.Sift(decided, reports, m.frame.units)
	m.draft.Notices = append(m.draft.Notices, sifted(len(decided), changed, nowhere)...)
	if len(changed) == 0 {
		return nil
	}
	m.draft.Decisions = decisionsOf(changed)
	for _, d := range changed { // the later one holds
		m.known.own = append(m.known.own, place.Alias{Remembered: d, When: m.draft.Started})
	}
	for i, r := range m.reports {
		var given []place.Given
		for _, l := range r.report.Links {
			given = append(given, l.Given)
		}
		if m.reports[i].report, err = place.Match(ctx, m.frame.units, given, m.known.decisions()); err != nil {
			return err
		}
	}
	return nil
}

// sifted says what became of the lines of a reviewed file.
func sifted(lines int, changed, nowhere []place.Remembered) []string {
	var out []string
	if same := lines - len(changed) - len(nowhere); same > 0 {
		out = append(out, fmt.Sprintf("lines of the reviewed file that you changed: %s; %s more say what the program says anyway and are no decisions of yours", grouped(len(changed)), grouped(same)))
	}
	if len(nowhere) > 0 {
		var names []string
		for _, d := range nowhere {
			names = append(names, strings.TrimSpace(d.Given.Ward+" ("+d.Given.LGA+")"))
		}
		out = append(out, fmt.Sprintf("lines of the reviewed file about places that stand in no table, which decide nothing: %s (%s)", grouped(len(nowhere)), listed(names, 5)))
	}
	return out
}

// record writes the files, the links and the decisions.
func (m *matching) record(ctx context.Context, w *workspace.Workspace) (*Result, error) {
	result := &Result{}
	placed, err := m.outputs(ctx, result)
	if err != nil {
		return nil, err
	}
	m.draft.Summary = matchSummary(m.reports, placed)
	if err := m.files(w, result); err != nil {
		return nil, err
	}
	run, _, err := w.Record(ctx, m.draft)
	if err != nil {
		return nil, err
	}
	result.Run, result.Summary, result.Notices = run.ID.N, m.draft.Summary, m.draft.Notices
	return result, nil
}

// outputs makes the tables, and counts the rows placed by coordinates alone.
func (m *matching) outputs(ctx context.Context, result *Result) (placed int, err error) {
	f := m.frame
	var others []*table.Table
	open := []candidates{}
	for _, r := range m.reports {
		links, err := f.linkTable(r)
		if err != nil {
			return 0, err
		}
		m.draft.Inputs = append(m.draft.Inputs, r.dataset)
		m.draft.Outputs = append(m.draft.Outputs, store.NewDataset{
			Kind: workspace.KindMatch, Name: matchName(r.dataset), Table: links, Report: matchReport{
				MatchedRows: r.report.MatchedRows, TotalRows: r.report.TotalRows, UnusedUnits: f.labels(r.report.UnusedUnits),
			},
		})
		m.draft.Notices = append(m.draft.Notices, r.notices(f)...)
		result.Tables = append(result.Tables, openFirst(links))
		open = append(open, f.candidates(r)...)
		if r.points == nil {
			continue
		}
		t, n, err := m.place(ctx, r)
		if err != nil {
			return 0, err
		}
		placed += n
		others = append(others, t...)
	}
	result.Tables = append(result.Tables, others...)
	result.Details = map[string]any{"review": open}
	return placed, nil
}

// files writes what the user asked for.
func (m *matching) files(w *workspace.Workspace, result *Result) error {
	for _, o := range []output{
		{m.act.Export, func(out io.Writer) error { return writeReviews(out, m.frame.units, m.reports) }},
		{m.act.ExportAliases, func(out io.Writer) error { return place.WriteAliases(out, m.known.shared(w)) }},
	} {
		if o.path == "" {
			continue
		}
		if err := o.save("match"); err != nil {
			return err
		}
		result.Files = append(result.Files, o.path)
	}
	return nil
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

func matchSummary(reports []matched, placed int) string {
	total, found := 0, 0
	for _, m := range reports {
		total += m.report.TotalRows
		found += m.report.MatchedRows
	}
	if total == 0 {
		return "There are no rows to link to wards."
	}
	s := fmt.Sprintf("%s of %s in %s are linked to a ward (%s).", grouped(found), counted(total, "row"),
		counted(len(reports), "table"), percent(float64(found)/float64(total)))
	if placed > 0 {
		s += fmt.Sprintf(" By their coordinates %s got another ward than by name, or one at all.", counted(placed, "row"))
	}
	return s
}

// notices says what was not linked, on both sides.
func (m matched) notices(f *frame) []string {
	var out []string
	for _, w := range m.report.Warnings {
		out = append(out, m.dataset.Name+": "+w)
	}
	if w := m.weight.warning(m.report.Links); w != "" {
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
	decision, why, others := table.NewText("decision"), table.NewText("why"), table.NewText("others")
	target := []*table.Column{table.NewText("state"), table.NewText("lga"), table.NewText("ward"), table.NewText("ward_code")}
	for _, l := range m.report.Links {
		appendTexts(given, l.Given.State, l.Given.LGA, l.Given.Ward, l.Given.Code)
		rows.AppendNumber(float64(l.Given.Rows))
		decision.AppendText(string(l.Decision))
		why.AppendText(l.Why)
		appendTexts([]*table.Column{others}, place.Others(l, f.units))
		f.appendTarget(l, target, unit, score, margin)
	}
	columns := append(append(append(given, rows), target...), score, margin, decision, why, others, unit)
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
