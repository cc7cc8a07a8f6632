package action

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/place"
	"chatmrpt/core/problem"
	"chatmrpt/core/quality"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/scene"
)

// Quality examines a facility table before anything is computed from it: what
// is missing and where, who does not report, which counts contradict each
// other or stand out, and whether each year can be relied on. It changes
// nothing in the table.
type Quality struct {
	By         string `param:"by" choices:"period|year|lga|ward|facility|indicator" help:"what completeness is broken down by"`
	Period     string `param:"period" help:"a year, such as 2020: the verdict and the lists are about it alone"`
	Strictness string `param:"strictness" choices:"lenient|balanced|strict" help:"how far a count must stand out: 4, 3 or 2.5 SD; 12, 9 or 6 MAD; 3, 2 or 1.5 IQR" more:"true"`
	Agree      int    `param:"agree" help:"how many of the four methods must call a count an outlier" more:"true"`
	Silent     int    `param:"silent" help:"months without a report after which a facility counts as closed" more:"true"`
	Table      string `param:"table" help:"facility table, when there are several"`
	Out        string `param:"out" help:"heat map of reporting, LGA by period: .png, .svg or .pdf" json:"-"`
}

// NewQuality gives a Quality by period with sntutils' balanced preset, two
// methods that agree, and six months of silence.
func NewQuality() *Quality {
	return &Quality{By: string(quality.ByPeriod), Strictness: string(quality.Balanced), Agree: 2, Silent: 6}
}

// Check implements Action.
func (a *Quality) Check() error {
	switch {
	case a.Agree < 1 || a.Agree > len(quality.Methods()):
		return usage("quality", "agree", fmt.Sprintf("%d is not from 1 to %d", a.Agree, len(quality.Methods())), "There are four methods; two is usual")
	case a.Silent < 1 || a.Silent > 120:
		return usage("quality", "silent", fmt.Sprintf("%d is not from 1 to 120 months", a.Silent), "Six months is usual")
	case a.Period != "" && (len(a.Period) != 4 || strings.Trim(a.Period, "0123456789") != ""):
		return usage("quality", "period", fmt.Sprintf("%q is not a year", a.Period), "Give a year, such as 2020")
	}
	return checkPicture("quality", a.Out)
}

// examined is a table and all that was found in it.
type examined struct {
	dataset store.Dataset
	panel   *quality.Panel
	found   *quality.Findings
	window  int
	frame   *frame  // nil without boundaries
	linked  *linked // nil without a match
	notices []string
}

// Run implements Action.
func (a *Quality) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	d, err := theOne(ctx, w, "quality", workspace.KindFacilities, a.Table, choice{"table", "Import a facility table first"})
	if err != nil {
		return nil, err
	}
	tell("reading "+d.Name, 0, 0)
	t, err := w.Table(ctx, d)
	if err != nil {
		return nil, err
	}
	e := &examined{dataset: d}
	if err := e.place(ctx, w); err != nil {
		return nil, err
	}
	var unit []int
	var units []quality.Facility
	if e.linked != nil {
		unit = e.linked.unit
		for _, u := range e.frame.units {
			units = append(units, quality.Facility{State: u.State, LGA: u.LGA, Ward: u.Ward})
		}
	}
	if e.panel, err = quality.New(t, unit, units); err != nil {
		return nil, err
	}
	e.window = e.panel.Grain.Window(a.Silent)
	tell("looking for what is missing or can't be", 0, 0)
	e.found, err = e.panel.Examine(ctx, quality.Options{Strictness: quality.Strictness(a.Strictness), Agree: a.Agree, Window: e.window})
	if err != nil {
		return nil, err
	}
	if err := a.keepTo(e.found); err != nil {
		return nil, err
	}
	e.notices = append(e.panel.Notices(), e.notices...)
	return a.record(ctx, w, e, workspace.Draft{Act: "quality", Params: a, Started: started})
}

// keepTo leaves in the lists what lies in the year asked for.
func (a *Quality) keepTo(f *quality.Findings) error {
	if a.Period == "" {
		return nil
	}
	var years []string
	for _, y := range f.Years {
		years = append(years, y.Year)
	}
	if !slices.Contains(years, a.Period) {
		return problem.New(problem.NotFound, "quality", a.Period, "the records hold no such year", "They hold "+listed(years, 20))
	}
	other := func(period string) bool { return !strings.HasPrefix(period, a.Period) }
	f.Breaches = slices.DeleteFunc(f.Breaches, func(b quality.Breach) bool { return other(b.Period) })
	f.Outliers = slices.DeleteFunc(f.Outliers, func(o quality.Outlier) bool { return other(o.Period) })
	f.Repeats = slices.DeleteFunc(f.Repeats, func(r quality.Repeat) bool { return other(r.Period) })
	f.Silent = slices.DeleteFunc(f.Silent, func(s quality.Silence) bool { return s.To[:4] < a.Period || s.From[:4] > a.Period })
	return nil
}

// place links the rows to wards where boundaries are loaded and matched;
// without them only the table by ward of the layer is left out.
func (e *examined) place(ctx context.Context, w *workspace.Workspace) error {
	f, err := loadFrame(ctx, w, "quality")
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	e.frame = f
	l, err := f.link(ctx, w, "quality", e.dataset)
	if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Conflict) {
		e.notices = append(e.notices, "the names are not matched to the wards now loaded, so what is missing can't be shown on a map: `mrpt match`, then again")
		return nil
	}
	e.linked = l
	return err
}

func (a *Quality) record(ctx context.Context, w *workspace.Workspace, e *examined, draft workspace.Draft) (*Result, error) {
	tables, err := a.tables(e)
	if err != nil {
		return nil, err
	}
	draft.Inputs = []store.Dataset{e.dataset}
	draft.Summary = a.words(e)
	draft.Notices = e.notices
	draft.Outputs = []store.NewDataset{{Kind: workspace.KindQuality, Name: e.dataset.Name, Table: tables[0], Report: e.facts()}}
	if suspects, err := e.suspectTable(); err != nil {
		return nil, err
	} else if suspects.Rows() > 0 {
		draft.Outputs = append(draft.Outputs, store.NewDataset{Kind: workspace.KindSuspects, Name: e.dataset.Name, Table: suspects})
	}
	if e.linked != nil {
		wards, err := e.wardTable()
		if err != nil {
			return nil, err
		}
		tables = append(tables, wards)
		draft.Inputs = append(draft.Inputs, e.frame.dataset, e.linked.match)
		draft.Outputs = append(draft.Outputs, store.NewDataset{Kind: workspace.KindQualityWards, Name: e.dataset.Name, Table: wards})
	}
	r := &Result{Summary: draft.Summary, Notices: draft.Notices, Details: e.facts()}
	if r.Scene, err = e.heatMap(ctx); err != nil {
		return nil, err
	}
	if a.Out != "" {
		if err := savePicture(ctx, w, "quality", a.Out, r.Scene); err != nil {
			return nil, err
		}
		r.Files = []string{a.Out}
	}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	r.Run = run.ID.N
	r.Tables = slices.DeleteFunc(tables, func(t *table.Table) bool { return t.Rows() == 0 })
	return r, nil
}

// qualityFacts is what an examination says of itself, for machines.
type qualityFacts struct {
	Grain      string            `json:"grain"`
	Periods    [2]string         `json:"periods"`
	Facilities int               `json:"facilities"`
	Indicators []string          `json:"indicators"`
	Window     int               `json:"silent_periods"`
	Activity   map[string]string `json:"activity_rules"`
	Judged     int               `json:"counts_judged_for_outliers"`
}

func (e *examined) facts() qualityFacts {
	p := e.panel
	f := qualityFacts{Grain: p.Grain.String(), Periods: [2]string{p.Periods[0], p.Periods[len(p.Periods)-1]},
		Facilities: len(p.Facilities), Window: e.window, Judged: e.found.Judged, Activity: map[string]string{}}
	for _, i := range p.Indicators {
		f.Indicators = append(f.Indicators, i.Name)
	}
	for _, rule := range quality.Activities() {
		f.Activity[activityName(rule)] = rule.String()
	}
	return f
}

// words answers the two questions asked first: which year has the most missing
// values, and which can be trusted.
func (a *Quality) words(e *examined) string {
	years := e.found.Years
	var out []string
	if most, least, ok := e.found.MostMissing(); ok {
		m, _ := most.MissingShare()
		l, _ := least.MissingShare()
		if len(years) > 1 {
			out = append(out, fmt.Sprintf("%s has the most missing values: %s of its cells are empty (%s has the fewest, %s).", most.Year, percent(m), least.Year, percent(l)))
		} else {
			out = append(out, fmt.Sprintf("%s of the cells of %s are empty.", percent(m), most.Year))
		}
	}
	if len(years) > 2 && a.Period == "" {
		return strings.Join(append(out, verdicts(years)...), " ")
	}
	for _, y := range years {
		if a.Period == "" || a.Period == y.Year {
			out = append(out, y.Words())
		}
	}
	return strings.Join(out, " ")
}

// verdicts sorts the years by what may be done with them, and gives the
// reasons for the doubtful ones.
func verdicts(years []quality.YearReport) []string {
	var out []string
	for _, degree := range []quality.Trust{quality.Usable, quality.WithCare, quality.Doubtful} {
		var names []string
		for _, y := range years {
			if y.Trust == degree {
				names = append(names, y.Year)
			}
		}
		if len(names) > 0 {
			out = append(out, capitalised(degree.String())+": "+listed(names, len(names))+".")
		}
	}
	for _, y := range years {
		if y.Trust == quality.Doubtful {
			out = append(out, y.Words())
		}
	}
	return out
}

func capitalised(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// heatClasses are the bins of reporting rates of the field's SNT pipelines,
// the highest split where most cells lie.
func heatClasses() (labels []string, from []float64) {
	return []string{"0 to < 25 %", "25 to < 50 %", "50 to < 75 %", "75 to < 90 %", "90 to 100 %"}, []float64{0, 0.25, 0.5, 0.75, 0.9}
}

// heatMap shows the reporting rate of every LGA in every period.
func (e *examined) heatMap(ctx context.Context) (*scene.Scene, error) {
	lgas, cells := e.panel.Grid()
	labels, from := heatClasses()
	colors, err := scene.YlGnBu.Colors(len(labels))
	if err != nil {
		return nil, err
	}
	g := scene.Grid{
		Title: "Reporting rate by LGA and " + e.panel.Grain.String(), Subtitle: e.dataset.Name,
		LegendTitle: "Reports received of those expected", Unit: "cells", NoData: "None expected", Columns: e.panel.Periods,
		Width: 842, Height: float64(min(scene.MaxSide, max(595, 120+14*len(lgas)))),
		Notes: []string{"Expected: every facility " + quality.SinceFirst.String() + ".",
			"A report is a row with a value of any test or positive, nought included."},
	}
	if e.frame != nil && e.frame.fictional() {
		g.Notes = append([]string{fictionalNote}, g.Notes...)
	}
	for i, label := range labels {
		g.Classes = append(g.Classes, scene.Class{Label: label, Fill: colors[i]})
	}
	g.Rows = rowNames(lgas)
	for i := range lgas {
		for _, c := range cells[i] {
			class := -1
			if v, ok := c.ReportingRate(); ok {
				for class+1 < len(from) && v >= from[class+1] {
					class++
				}
			}
			g.Class = append(g.Class, class)
		}
	}
	s, err := scene.BuildGrid(ctx, g)
	if err != nil && !isStop(err) {
		return nil, problem.New(problem.BadInput, "quality", e.dataset.Name, err.Error(), "Leave out years that are not needed").Because(err)
	}
	return s, err
}

// rowNames names the LGAs of a heat map without what all of them share, with
// their states where there are several.
func rowNames(lgas []quality.Facility) []string {
	states := slices.ContainsFunc(lgas, func(o quality.Facility) bool { return o.State != lgas[0].State })
	out := make([]string, len(lgas))
	for i, lga := range lgas {
		out[i] = strings.TrimSuffix(place.StripPrefix(lga.LGA, lga.State), " Local Government Area")
	}
	first, _, _ := strings.Cut(out[0], " ")
	if len(first) == 2 && !slices.ContainsFunc(out, func(s string) bool { return !strings.HasPrefix(s, first+" ") }) {
		for i := range out { // the code of a state that is not Nigeria's
			out[i] = out[i][len(first)+1:]
		}
	}
	for i, lga := range lgas {
		if out[i] == "" {
			out[i] = "no LGA"
		}
		if states && lga.State != "" {
			out[i] += ", " + strings.TrimSuffix(place.StripPrefix(lga.State, lga.State), " State")
		}
	}
	return out
}

// Account implements Accountable.
func (a *Quality) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	var f qualityFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, nil, err
	}
	m, err := quality.MultipliersOf(quality.Strictness(a.Strictness))
	if err != nil {
		return nil, nil, err
	}
	sentences = []string{
		fmt.Sprintf("Facilities by %ss on an unbroken calendar; a facility is its name in its ward. A report is a row with a value of any test or positive, nought included.", f.Grain),
		"Completeness and verdicts expect a report of every facility from its first one on; the table of reporting gives the two other rules beside it, from the first report to the last, and with " +
			fmt.Sprintf("silences of %d %ss or more left out.", f.Window, f.Grain),
		"Impossible counts: positives above tests, tests above fevers, fevers or tests above out-patients, out-patients above all patients; a sum over age groups takes those that are known.",
		fmt.Sprintf("An outlier lies above the limits of at least %d of four methods: mean + %g SD, median + %g MAD (scaled by 1.4826), upper quartile + %g IQR, and the median of the same month of other years + %g MAD; in series of eight values or more. "+
			"Two or more that follow one another, about as high, are called an outbreak and not an error.", a.Agree, m.SD, m.MAD, m.IQR, m.Seasonal),
		"A year is not to be relied on below 50 % and to be used with care below 70 % of reports or usable rows; with impossible, outlying or repeated rows above 5 % or 1 %; with tests of no ward above 20 % or 5 %.",
	}
	return sentences, []string{
		"ahadi-analytics, sntutils 2.0.0 (R): classify_facility_activity, detect_outliers; the multipliers, the guardrails and the outbreak rule are theirs",
		"Hyndman RJ, Fan Y. Sample quantiles in statistical packages. The American Statistician 1996; 50: 361–365 (definition 7)",
	}, nil
}
