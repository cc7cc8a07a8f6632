package action

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"chatmrpt/core/store"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/surveillance/incidence"
	"chatmrpt/core/table"
	"chatmrpt/core/trend"
	"chatmrpt/core/workspace"
)

// TrendQuery is a measure over time.
type TrendQuery struct {
	Selection
	Measure string  `param:"measure" choices:"positivity|positivity-larger|positivity-higher-test|fever|general-attendance|opd|opd-larger|burden|testing|presumed|suspected|ilorin|incidence" help:"what to follow"`
	Per     string  `param:"per" choices:"year|month" help:"one figure a year or a month"`
	Alpha   float64 `param:"alpha" help:"p-value below which a trend is called clear" more:"true"`
	Cutoff  float64 `param:"cutoff" help:"level that tells emerging from resolving, in the measure's own unit; 0 takes 0.5 for shares and 250 for rates" more:"true"`
	PerHead
	Adjustment
}

// newTrendQuery gives the usual choices: yearly positivity, clear at 10 %.
func newTrendQuery() TrendQuery {
	return TrendQuery{
		Measure: surveillance.MeasurePositivity, Per: "year", Alpha: 0.1, PerHead: PerHead{MarkAbove: 1000},
		Adjustment: Adjustment{Untested: string(incidence.Presumed), Expected: string(surveillance.Active)},
	}
}

// positivity is the act that computes the figures to be followed.
func (q *TrendQuery) positivity(by string) *Positivity {
	a := NewPositivity()
	a.Selection, a.Measure, a.By, a.Per, a.PerHead, a.Adjustment = q.Selection, q.Measure, by, q.Per, q.PerHead, q.Adjustment
	if a.Period == "" {
		a.Period = allPeriods
	}
	return a
}

func (q *TrendQuery) check(op string) error {
	if err := q.Selection.check(op); err != nil {
		return err
	}
	if !(q.Alpha > 0 && q.Alpha < 1) {
		return usage(op, "alpha", "a p-value lies between 0 and 1", "Give --alpha such as 0.05 or 0.1")
	}
	if math.IsNaN(q.Cutoff) || q.Cutoff < 0 {
		return usage(op, "cutoff", "the level can't be below nought", "Give it in the measure's own unit, such as 0.5 or 250")
	}
	return q.positivity("").Check()
}

// Trend tells where malaria rises and falls over the years.
type Trend struct {
	TrendQuery
	By        string `param:"by" choices:"ward|lga|state" help:"units; those above the ward come from sums"`
	Top       int    `param:"top" help:"show only so many, fastest first; 0 shows all"`
	Direction string `param:"direction" choices:"rising|falling" help:"which are fastest"`
}

// NewTrend gives a Trend of yearly positivity by ward, rising first.
func NewTrend() *Trend { return &Trend{TrendQuery: newTrendQuery(), By: byWard, Direction: "rising"} }

// Check implements Action.
func (a *Trend) Check() error {
	if a.Top < 0 {
		return usage("trend", "top", "a list can't be shorter than nothing", "Give --top 14, or leave it out for all")
	}
	return a.TrendQuery.check("trend")
}

// Run implements Action.
func (a *Trend) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	t, err := a.follow(ctx, w, a.By, "trend", tell)
	if err != nil {
		return nil, err
	}
	out, err := t.table()
	if err != nil {
		return nil, err
	}
	summary, facts := t.summary(), t.facts()
	run, _, err := w.Record(ctx, workspace.Draft{
		Act: "trend", Params: a, Started: started, Summary: summary, Notices: t.m.notices, Inputs: t.m.inputs,
		Outputs: []store.NewDataset{{Kind: workspace.KindTrend, Name: out.Name, Table: out, Report: facts}},
	})
	if err != nil {
		return nil, err
	}
	order := t.order(a.Direction)
	if a.Top > 0 {
		order = order[:min(a.Top, len(order))]
	}
	return &Result{Run: run.ID.N, Summary: summary, Notices: t.m.notices, Tables: []*table.Table{out.Pick(order)}, Details: facts}, nil
}

// followed is the trend of every unit.
type followed struct {
	m       *measured
	results []trend.Result
	alpha   float64
	cutoff  float64
	unit    float64 // the factor by which values are shown: 100 for shares
	words   string  // of one unit of value: "points", "per 1,000"
}

// follow computes the figures and their trends.
func (q *TrendQuery) follow(ctx context.Context, w *workspace.Workspace, by, op string, tell Progress) (*followed, error) {
	f, err := loadFrame(ctx, w, op)
	if err != nil {
		return nil, err
	}
	a := q.positivity(by)
	in, err := a.read(ctx, w, f, op, tell)
	if err != nil {
		return nil, err
	}
	m, err := a.measured(ctx, w, f, in)
	if err != nil {
		return nil, err
	}
	t := &followed{m: m, alpha: q.Alpha, cutoff: q.Cutoff, unit: 1, words: " per 1,000"}
	if m.share {
		t.unit, t.words = 100, " points"
	}
	if t.cutoff == 0 {
		t.cutoff = 250
		if m.share {
			t.cutoff = 0.5
		}
	}
	for i := range m.group.len() {
		var points []trend.Point
		for p, period := range m.main.periods {
			if r := m.main.readings[p][i]; r.known {
				points = append(points, trend.Point{At: period.at, Value: r.value})
			}
		}
		if m.per == "month" {
			t.results = append(t.results, trend.OfSeasons(points, monthOf))
		} else {
			t.results = append(t.results, trend.Of(points))
		}
	}
	t.explain()
	return t, nil
}

// monthOf is the calendar month of a point, which lies in its middle.
func monthOf(p trend.Point) int { return int((p.At - math.Floor(p.At)) * 12) }

// slopeFormula is the formula beside every slope.
func (t *followed) slopeFormula() string {
	pairs := "all pairs of periods (Theil–Sen)"
	if t.m.per == "month" {
		pairs = "all pairs of the same calendar month (seasonal Theil–Sen)"
	}
	return "median of the slopes between " + pairs + ", in units of the value per year"
}

// explain adds what must be known before a slope is believed.
func (t *followed) explain() {
	clear, tested := 0, 0
	for _, r := range t.results {
		if r.Enough() {
			tested++
			if r.P < t.alpha {
				clear++
			}
		}
	}
	say := func(format string, args ...any) { t.m.notices = append(t.m.notices, fmt.Sprintf(format, args...)) }
	say("Slope: %s. Its interval is Gilbert's (1987) for 95 %%. ols is the slope of least squares, for comparison.", t.slopeFormula())
	say("A trend is clear where the Mann–Kendall test, corrected for ties and with continuity, gives p < %g (counted out exactly up to ten periods without ties). Of %d tested, about %.0f would be called clear by chance; %d are.",
		t.alpha, tested, t.alpha*float64(tested), clear)
	say("Periods without data stay gaps of their real length; every period counts alike, however many persons stand behind it. Fewer than %d periods make no trend.", trend.Least)
	say("Emerging: over at least %d periods, the first below and the last at or above %g; resolving: the reverse. %s", trend.Least, t.cutoff, t.cutoffSource())
	if first, last := t.m.main.periods[0], t.m.main.periods[len(t.m.main.periods)-1]; first.name == last.name {
		say("The records hold one period only (%s), so nothing can change.", first.name)
	}
	if t.m.per == "month" {
		say("Months are compared with the same month of other years only (seasonal Mann–Kendall), so that the season is no trend; its p-value is an approximation, rough under three years. ols knows no season.")
	}
}

// cutoffSource says where the level comes from.
func (t *followed) cutoffSource() string {
	if t.m.share {
		return "The usual level of 0.5 is the predecessor's band of very high positivity; choose another with --cutoff."
	}
	return "The usual level of 250 per 1,000 a year is where WHO's moderate transmission begins; choose another with --cutoff."
}

// The directions of a trend.
const (
	rising    = "rising"
	falling   = "falling"
	unclear   = "no clear change"
	tooFew    = "too few periods"
	emerging  = "emerging"
	resolving = "resolving"
)

func (t *followed) direction(i int) string {
	r := t.results[i]
	switch {
	case !r.Enough():
		return tooFew
	case r.P < t.alpha && r.Slope > 0:
		return rising
	case r.P < t.alpha && r.Slope < 0:
		return falling
	}
	return unclear
}

// class compares the first and the last figure with the cut-off, which belongs
// to the upper side; "" where there are too few periods.
func (t *followed) class(i int) string {
	r := t.results[i]
	if !r.Enough() {
		return ""
	}
	switch before, after := r.First.Value >= t.cutoff, r.Last.Value >= t.cutoff; {
	case !before && after:
		return emerging
	case before && !after:
		return resolving
	case before:
		return "stays high"
	}
	return "stays low"
}

// show writes a value with its unit.
func (t *followed) show(v float64) string {
	if t.m.share {
		return percent(v)
	}
	return fmt.Sprintf("%.1f per 1,000", v)
}

// periodAt names the period of a point.
func (t *followed) periodAt(at float64) string {
	for _, p := range t.m.main.periods {
		if p.at == at {
			return p.name
		}
	}
	return ""
}

// sentence tells the trend of unit i.
func (t *followed) sentence(i int) string {
	r := t.results[i]
	if r.N == 0 {
		return "no data"
	}
	if r.N == 1 {
		return "one period only: " + t.show(r.First.Value) + " in " + t.periodAt(r.First.At)
	}
	verb := "stayed at"
	if r.Last.Value > r.First.Value {
		verb = "rose from"
	} else if r.Last.Value < r.First.Value {
		verb = "fell from"
	}
	s := fmt.Sprintf("%s %s (%s) to %s (%s)", verb, t.show(r.First.Value), t.periodAt(r.First.At), t.show(r.Last.Value), t.periodAt(r.Last.At))
	if !r.Enough() {
		return s + fmt.Sprintf("; %d periods are too few for a trend", r.N)
	}
	chance := fmt.Sprintf("p = %.3g", r.P)
	if r.P >= t.alpha {
		chance += ", not told from chance"
	}
	return s + fmt.Sprintf("; %+.1f%s a year over %d periods, %s", r.Slope*t.unit, t.words, r.N, chance)
}

// order lists the units by trend: the clear ones of the direction first, then
// those whose trend is not clear, each by slope; those without a trend last.
func (t *followed) order(direction string) []int {
	sign := 1.0
	if direction == falling {
		sign = -1
	}
	group := func(i int) int {
		switch d := t.direction(i); {
		case d == tooFew:
			return 3
		case d == direction:
			return 0
		case d == unclear:
			return 1
		}
		return 2
	}
	return ordered(len(t.results), func(a, b int) int {
		ga, gb := group(a), group(b)
		if ga != gb || ga == 3 {
			return cmp.Compare(ga, gb)
		}
		return cmp.Compare(sign*t.results[b].Slope, sign*t.results[a].Slope)
	})
}

// widest is how many periods a table shows as columns.
const widest = 16

// table lays the trends out, one row per unit in the order of the layer, with
// the figures and ranks of every period beside where they are not too many.
func (t *followed) table() (*table.Table, error) {
	text := func(name string, of func(i int) string) *table.Column {
		c := table.NewText(name)
		for i := range t.results {
			appendText(c, of(i))
		}
		return c
	}
	number := func(name, origin string, of func(r trend.Result) float64) *table.Column {
		c := table.NewNumber(name)
		c.Origin = origin
		for _, r := range t.results {
			v := math.NaN()
			if r.N > 0 {
				v = of(r)
			}
			c.AppendNumber(v)
		}
		return c
	}
	whenEnough := func(of func(r trend.Result) float64) func(trend.Result) float64 {
		return func(r trend.Result) float64 {
			if !r.Enough() {
				return math.NaN()
			}
			return of(r)
		}
	}
	cols := append(slices.Clone(t.m.group.ids),
		text("period", func(i int) string {
			if r := t.results[i]; r.N > 0 {
				return t.periodAt(r.First.At) + ".." + t.periodAt(r.Last.At)
			}
			return ""
		}),
		number("n_periods", "periods with data", func(r trend.Result) float64 { return float64(r.N) }),
		number("first", "value of the first period with data", func(r trend.Result) float64 { return r.First.Value }),
		number("last", "value of the last period with data", func(r trend.Result) float64 { return r.Last.Value }),
		number("change", "last − first", func(r trend.Result) float64 { return r.Last.Value - r.First.Value }),
		number("slope", t.slopeFormula(), whenEnough(func(r trend.Result) float64 { return r.Slope })),
		number("slope_low", "95 % limit of the slope (Gilbert 1987)", whenEnough(func(r trend.Result) float64 { return r.Low })),
		number("slope_high", "95 % limit of the slope (Gilbert 1987)", whenEnough(func(r trend.Result) float64 { return r.High })),
		number("ols", "least-squares slope per year", whenEnough(func(r trend.Result) float64 { return r.OLS })),
		number("s", "Mann–Kendall S: rising minus falling pairs", whenEnough(func(r trend.Result) float64 { return float64(r.S) })),
		number("p", "Mann–Kendall, two-sided", whenEnough(func(r trend.Result) float64 { return r.P })),
		text("direction", t.direction), text("class", t.class), text("reason", t.sentence),
		repeated("slope_formula", t.slopeFormula(), len(t.results)))
	if len(t.m.main.periods) <= widest {
		cols = append(cols, t.periods()...)
	}
	cols = append(cols, t.m.choices(len(t.results))...)
	name := "trend_" + seriesName(t.m.measureName(), t.m.query, t.m.group.by, t.m.per)
	return table.New(name, cols...)
}

// periods are the figures of every period, and their ranks among the units, 1
// the highest, as columns.
func (t *followed) periods() (cols []*table.Column) {
	var ranks []*table.Column
	for p, period := range t.m.main.periods {
		c := table.NewNumber("value_" + period.name)
		for _, r := range t.m.main.readings[p] {
			if r.known {
				c.AppendNumber(r.value)
			} else {
				c.AppendMissing()
			}
		}
		rank := ranksWithin(c, c.Len())
		rank.Name = "rank_" + period.name
		cols, ranks = append(cols, c), append(ranks, rank)
	}
	return append(cols, ranks...)
}

// trendFacts is what a trend says of itself.
type trendFacts struct {
	positivityFacts
	SlopeFormula string         `json:"slope_formula"`
	Alpha        float64        `json:"alpha"`
	Cutoff       float64        `json:"cutoff"`
	Directions   map[string]int `json:"directions"`
	Classes      map[string]int `json:"classes"`
}

func (t *followed) facts() trendFacts {
	f := trendFacts{positivityFacts: t.m.facts(), SlopeFormula: t.slopeFormula(), Alpha: t.alpha, Cutoff: t.cutoff, Directions: map[string]int{}, Classes: map[string]int{}}
	for i := range t.results {
		f.Directions[t.direction(i)]++
		if c := t.class(i); c != "" {
			f.Classes[c]++
		}
	}
	return f
}

func (t *followed) summary() string {
	f, q := t.facts(), t.m.query
	q.Measure = "" // the title has it
	periods := t.m.main.periods
	return fmt.Sprintf("%s, %s, %s to %s, by %s: %d rising, %d falling, %d without a clear change, %d with too few periods; %d emerging, %d resolving.",
		t.m.titled(), strings.TrimSuffix(q.String(), ", all periods"), periods[0].name, periods[len(periods)-1].name, t.m.group.by,
		f.Directions[rising], f.Directions[falling], f.Directions[unclear], f.Directions[tooFew], f.Classes[emerging], f.Classes[resolving])
}

// Account implements Accountable.
func (a *Trend) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	var f trendFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, nil, err
	}
	sentences = []string{
		f.positivityFacts.method(),
		"The slope is the " + f.SlopeFormula + "; periods without data are gaps of their real length, and every period counts alike.",
		fmt.Sprintf("A trend is clear where the Mann–Kendall test, corrected for ties and with continuity, gives p below %g; fewer than %d periods make no trend.", f.Alpha, trend.Least),
		fmt.Sprintf("A unit is emerging when its first figure lies below %g and its last does not, resolving in the reverse case.", f.Cutoff),
	}
	citations = []string{
		"Sen, Journal of the American Statistical Association 63, 1968, 1379–1389", "Mann, Econometrica 13, 1945, 245–259; Kendall, Rank Correlation Methods, 1975",
		"Gilbert, Statistical Methods for Environmental Pollution Monitoring, 1987, chapters 16 and 17",
	}
	if strings.Contains(f.SlopeFormula, "seasonal") {
		citations = append(citations, "Hirsch, Slack and Smith, Water Resources Research 18, 1982, 107–121")
	}
	return append(sentences, f.Options...), append(citations, nonEmpty(f.Source)...), nil
}
