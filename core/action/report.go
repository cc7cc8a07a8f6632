package action

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/report"
	"chatmrpt/core/score"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Report writes what the newest ranking says, and the plan made from it, as a
// PDF of two or three pages.
type Report struct {
	Out   string `param:"out" help:"file to write: .pdf" json:"-"`
	Title string `param:"title" help:"title of the report"`
}

// Check implements Action.
func (a *Report) Check() error {
	if strings.ToLower(filepath.Ext(a.Out)) != ".pdf" {
		return usage("report", "out", "the report is a PDF", "Give --out a name that ends in .pdf")
	}
	return nil
}

// Run implements Action.
func (a *Report) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "report")
	if err != nil {
		return nil, err
	}
	tell("collecting results", 0, 0)
	b, err := collectBrief(ctx, w, f)
	if err != nil {
		return nil, err
	}
	tell("drawing maps", 0, 0)
	doc, err := a.document(ctx, w, b)
	if err != nil {
		return nil, err
	}
	tell("writing", 0, 0)
	if err := (output{a.Out, func(out io.Writer) error { return report.PDF(ctx, out, doc) }}).save("report"); err != nil {
		return nil, err
	}
	summary := fmt.Sprintf("Wrote the report on %s.", b.place)
	run, _, err := w.Record(ctx, workspace.Draft{Act: "report", Params: a, Started: started, Summary: summary, Notices: b.stale, Inputs: b.datasets()})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: summary, Notices: b.stale, Files: []string{a.Out}}, nil
}

// brief is everything the report tells, read from the records of the runs: no
// figure in it is computed here.
type brief struct {
	frame   *frame
	place   string
	ranking result
	plan    *result // nil when nets were not planned, or on another ranking
	facts   scoreFacts
	planned planFacts
	sources []store.Dataset // everything the ranking and the plan rest on
	counts  []positivityFacts
	noted   []string // what the positivity runs noted
	stale   []string // what has changed since
}

// result is a stored result with its run.
type result struct {
	dataset store.Dataset
	table   *table.Table
	run     store.Run
}

func (f *frame) load(ctx context.Context, w *workspace.Workspace, op, kind string) (result, error) {
	var r result
	var err error
	if r.dataset, r.table, err = f.result(ctx, w, op, kind); err != nil {
		return r, err
	}
	r.run, err = w.Run(ctx, r.dataset.Run)
	return r, err
}

func collectBrief(ctx context.Context, w *workspace.Workspace, f *frame) (*brief, error) {
	b := &brief{frame: f, place: f.subtitle()}
	var err error
	if b.ranking, err = f.load(ctx, w, "report", workspace.KindRanking); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b.ranking.dataset.Report, &b.facts); err != nil {
		return nil, fmt.Errorf("facts of the ranking: %w", err)
	}
	if err := b.addPlan(ctx, w); err != nil {
		return nil, err
	}
	b.sources, err = lineage(ctx, w, b.datasets())
	if err != nil {
		return nil, err
	}
	for _, d := range b.sources {
		if d.Kind != workspace.KindPositivity {
			continue
		}
		var c positivityFacts
		if err := json.Unmarshal(d.Report, &c); err != nil {
			return nil, fmt.Errorf("facts of %s: %w", d.Name, err)
		}
		b.counts = append(b.counts, c)
		run, err := w.Run(ctx, d.Run)
		if err != nil {
			return nil, err
		}
		b.noted = append(b.noted, run.Notices...)
	}
	b.stale, err = stale(ctx, w, b.datasets()...)
	return b, err
}

// addPlan takes in the newest plan if it was made from this ranking.
func (b *brief) addPlan(ctx context.Context, w *workspace.Workspace) error {
	plans, err := w.Current(ctx, workspace.KindPlan)
	if err != nil || len(plans) == 0 {
		return err
	}
	newest := plans[len(plans)-1]
	inputs, err := w.Inputs(ctx, newest.Run)
	if err != nil || !holds(inputs, b.ranking.dataset.ID) {
		return err
	}
	p := result{dataset: newest}
	if p.table, err = w.Table(ctx, newest); err != nil {
		return err
	}
	if p.run, err = w.Run(ctx, newest.Run); err != nil {
		return err
	}
	b.plan = &p
	return json.Unmarshal(newest.Report, &b.planned)
}

// datasets are the results the report shows.
func (b *brief) datasets() []store.Dataset {
	out := []store.Dataset{b.ranking.dataset}
	if b.plan != nil {
		out = append(out, b.plan.dataset)
	}
	return out
}

// lineage lists everything some results rest on, down to the files, each
// dataset once, in the order in which they were stored. A match run reads every
// table of the project; the links of one table rest on that one alone.
func lineage(ctx context.Context, w *workspace.Workspace, from []store.Dataset) ([]store.Dataset, error) {
	seen := map[store.DatasetID]bool{}
	var out []store.Dataset
	var visit func(store.Dataset) error
	visit = func(d store.Dataset) error {
		inputs, err := w.Inputs(ctx, d.Run)
		if err != nil {
			return err
		}
		for _, in := range inputs {
			others := d.Kind == workspace.KindMatch && in.Kind != workspace.KindBoundaries && matchName(in) != d.Name
			if seen[in.ID] || others {
				continue
			}
			seen[in.ID] = true
			if err := visit(in); err != nil {
				return err
			}
			out = append(out, in)
		}
		return nil
	}
	for _, d := range from {
		if err := visit(d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *Report) document(ctx context.Context, w *workspace.Workspace, b *brief) (report.Document, error) {
	doc := report.Document{
		Title: a.Title, Subtitle: b.place, Fictional: b.frame.fictional(), Created: w.Now(), Author: w.User(), Version: b.ranking.run.Version,
		Summary: b.summary(), Facts: b.choices(), Top: b.extreme("Ten wards at highest risk", true), Bottom: b.extreme("Ten wards at lowest risk", false),
		Plan: b.planTable(), Directions: b.directionTable(), Method: b.method(), Quality: b.quality(), Sources: b.sourceFacts(), Limits: b.limits(),
	}
	if doc.Title == "" {
		doc.Title = "Malaria risk by ward"
		if b.plan != nil {
			doc.Title = "Malaria risk by ward and bed net plan"
		}
	}
	maps := []Map{{Show: "category", Classes: "quantile:5", Width: 416, Height: 300}}
	if b.facts.Category == string(score.NoCategories) {
		maps[0].Show = "rank"
	}
	if b.plan != nil {
		maps = append(maps, Map{Show: "nets", Classes: "quantile:5", Width: 416, Height: 232})
	}
	for _, one := range maps {
		m, err := one.draw(ctx, w, inset)
		if err != nil {
			return doc, err
		}
		doc.Maps = append(doc.Maps, m.scene)
	}
	return doc, nil
}

func (b *brief) summary() []string {
	out := []string{b.ranking.run.Summary}
	if b.plan != nil {
		out = append(out, b.plan.run.Summary)
	}
	if n := b.facts.Unranked; n > 0 {
		out = append(out, fmt.Sprintf("%s without the needed data are not ranked; that says nothing about their risk.", counted(n, "ward")))
	}
	return out
}

// choices are the decisions that change the answer.
func (b *brief) choices() []report.Fact {
	var out []report.Fact
	for _, c := range b.counts {
		out = append(out, report.Fact{Label: "Malaria measure", Value: "test positivity rate, " + c.Words})
	}
	var vars []string
	for _, v := range b.facts.Variables {
		vars = append(vars, fmt.Sprintf("%s (%s)", titleOf(v.Name), v.Direction))
	}
	out = append(out,
		report.Fact{Label: "Variables", Value: strings.Join(vars, "; ")},
		report.Fact{Label: "Gaps", Value: gapWords(b.facts.Impute)},
		report.Fact{Label: "Models", Value: modelWords(b.facts)},
	)
	if !slices.ContainsFunc(b.facts.Variables, func(v scoreVariable) bool { return v.Malaria }) {
		out = append(out, report.Fact{Label: "Malaria", Value: "no variable of this score measures it"})
	}
	if b.plan != nil {
		o := b.planned.Options
		out = append(out, report.Fact{Label: "Nets", Value: fmt.Sprintf("%s in stock, one for %s persons, %s", grouped(o.Nets),
			strconv.FormatFloat(o.PersonsPerNet, 'f', -1, 64), o.Strategy)},
			report.Fact{Label: "Population", Value: "from the table " + b.planned.Population})
	}
	return out
}

func gapWords(method string) string {
	switch method {
	case "neighbours":
		return "filled with the mean of the observed neighbouring wards"
	case "lga":
		return "filled with the mean of the observed wards of the LGA"
	case "state":
		return "filled with the mean of the observed wards of the state"
	}
	return "left open"
}

func modelWords(f scoreFacts) string {
	if f.ModelsBy == allModels {
		return fmt.Sprintf("all %d combinations of two or more variables, ordered by %s", f.Models, aggregateWords(f.Aggregate))
	}
	return fmt.Sprintf("%d models of %s, ordered by %s", f.Models, f.ModelsBy, aggregateWords(f.Aggregate))
}

func aggregateWords(aggregate string) string {
	return strings.ReplaceAll(strings.Replace(aggregate, "borda", "Borda count", 1), "-", " ")
}

// extreme lists the ten wards at one end of the ranking, with the interval of
// each rank and, where it was drawn, the share of draws among the top.
func (b *brief) extreme(title string, top bool) *report.Table {
	order := RankOrder(b.ranking.table)[:b.facts.Ranked]
	if !top {
		slices.Reverse(order)
	}
	ordered := b.ranking.table.Pick(order)
	t := &report.Table{
		Title: title, Head: []string{"Rank", "Ward", "LGA", "Median rank", "Middle half", "Risk"},
		Numeric: []bool{true, false, false, true, true, false},
		Note:    "Rank 1 is the highest risk. The middle half of the ranks over all models shows how firm the place is.",
	}
	if firm := b.facts.Stability; firm != nil {
		t.Head[3], t.Head[4] = fmt.Sprintf("In top %d", firm.Top), "Rank in draws"
		t.Note = fmt.Sprintf("Rank 1 is the highest risk. Of %s random draws, %.0f of 100 put the ward between the two ranks; the column before says how many of 100 put it among the top %d.",
			grouped(firm.Draws), 100*firm.Level, firm.Top)
	}
	starred := false
	for i := range min(10, b.facts.Ranked) {
		cell := func(name string) string { return cellText(ordered, name, i) }
		ward, firmness := cell("ward"), cell("median_rank")
		if cell("imputed") != "" {
			ward += " *"
			starred = true
		}
		if p, ok := ordered.Column("p_top"); ok && b.facts.Stability != nil {
			share, _ := p.Number(i)
			firmness = fmt.Sprintf("%.0f", 100*share)
		}
		t.Rows = append(t.Rows, []string{cell("rank"), ward, cell("lga"), firmness, cell("rank_low") + " – " + cell("rank_high"), cell("category")})
		t.Marks = append(t.Marks, cell("category"))
	}
	if starred {
		t.Note += " * a value of this ward was filled in."
	}
	return t
}

// directionTable says which way each variable counts, why, and how complete it
// was; who says so stands under it.
func (b *brief) directionTable() *report.Table {
	t := &report.Table{
		Title: "Variables and their directions", Head: []string{"Variable", "Counts as", "Because", "Observed", "Filled in"},
		Numeric: []bool{false, false, false, true, true},
	}
	var sources []string
	for _, v := range b.facts.Variables {
		t.Rows = append(t.Rows, []string{titleOf(v.Name), v.Direction, v.Why, grouped(v.Observed), grouped(v.Imputed)})
		if v.Source != "" && !slices.Contains(sources, v.Source) {
			sources = append(sources, v.Source)
		}
	}
	if len(sources) > 0 {
		t.Note = "Sources of the directions: " + strings.Join(sources, "; ") + "."
	}
	return t
}

// cellText is a cell for the page: at most one decimal, "" for no data.
func cellText(t *table.Table, column string, row int) string {
	c, ok := t.Column(column)
	if !ok || c.Missing(row) {
		return ""
	}
	if v, isNumber := c.Number(row); isNumber {
		s := strconv.FormatFloat(v, 'f', 1, 64)
		return strings.TrimSuffix(s, ".0")
	}
	s, _ := c.Text(row)
	return s
}

// planTable shows who gets nets, the ten wards at highest risk first.
func (b *brief) planTable() *report.Table {
	if b.plan == nil {
		return nil
	}
	ordered := b.plan.table.Pick(RankOrder(b.ranking.table))
	t := &report.Table{
		Title: "Bed nets for the ten wards at highest risk", Head: []string{"Rank", "Ward", "LGA", "Population", "Nets needed", "Nets", "Coverage"},
		Numeric: []bool{true, false, false, true, true, true, true}, Note: "Every ward is in the exported plan, with the reason for its nets.",
	}
	for i := range min(10, ordered.Rows()) {
		row := []string{cellText(ordered, "rank", i), cellText(ordered, "ward", i), cellText(ordered, "lga", i)}
		for _, name := range []string{"population", "nets_needed", "nets_allocated"} {
			c, _ := ordered.Column(name)
			if v, ok := c.Number(i); ok {
				row = append(row, grouped(int(v)))
			} else {
				row = append(row, "–")
			}
		}
		coverage, _ := ordered.Column("coverage")
		if v, ok := coverage.Number(i); ok {
			row = append(row, percent(v))
		} else {
			row = append(row, "–")
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
