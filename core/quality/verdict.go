package quality

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/place"
	"chatmrpt/core/table"
)

// Trust is what may be done with a year's figures.
type Trust int

// The degrees of trust.
const (
	Usable   Trust = iota // nothing examined speaks against it
	WithCare              // usable if the reasons are borne in mind
	Doubtful              // not to be relied on without mending or explaining
)

// String names the degree.
func (t Trust) String() string {
	return [...]string{"usable", "use with care", "do not rely on it"}[t]
}

// Limits below or above which a figure takes a year one or two degrees down.
// Those of completeness are the programme's (spec note on test positivity:
// above 70 % acceptable, 50 to 70 % marginal, below 50 % poor); those of faults
// are this program's own, 5 % being the share of unmatched weight it warns of.
const (
	acceptableShare = 0.70
	poorShare       = 0.50
	fewFaults       = 0.01
	manyFaults      = 0.05
	fewUnplaced     = 0.05
	manyUnplaced    = 0.20
)

// YearReport is one calendar year of the records.
type YearReport struct {
	Year string
	Group
	Periods    int // of the year that hold a report
	Impossible int // rows that break a rule of the cascade
	Outliers   int // values that stand out alone
	Outbreaks  int // values that stand out together with their neighbours in time
	Judged     int // values looked at for outliers
	Repeated   int // rows beyond the first of their facility and period
	Unplaced   int // rows whose ward is "Unknown" or empty
	Tested     float64
	NotInAWard float64 // tests in rows whose ward is "Unknown" or empty
	Trust      Trust
	Reasons    []string // why it is not usable as it is, the worst first
}

// UnplacedShare is the share of the year's tests that name no ward, or of its
// rows where nothing was tested.
func (y YearReport) UnplacedShare() (float64, bool) {
	if y.Tested > 0 {
		return y.NotInAWard / y.Tested, true
	}
	return share(y.Unplaced, y.Rows)
}

// Findings is all that Examine found.
type Findings struct {
	Years    []YearReport
	Checks   []Check
	Breaches []Breach
	Outliers []Outlier
	Judged   int // values looked at for outliers
	Repeats  []Repeat
	Silent   []Silence
}

// Options are the choices of an examination.
type Options struct {
	Strictness Strictness
	Agree      int // methods that must call a value an outlier
	Window     int // periods of silence after which a facility counts as closed
}

// Examine runs every check and draws up a verdict on each year.
func (p *Panel) Examine(ctx context.Context, o Options) (*Findings, error) {
	f := &Findings{Repeats: p.Repeats(), Silent: p.Silent(o.Window)}
	f.Checks, f.Breaches = p.Cascade()
	outliers, judged, err := p.Outliers(ctx, o.Strictness, o.Agree)
	if err != nil {
		return nil, err
	}
	f.Outliers = outliers
	years, of := p.Years()
	groups := p.Completeness(ByYear)
	f.Years = make([]YearReport, len(years))
	for i := range years {
		f.Years[i] = YearReport{Year: years[i], Group: groups[i]}
	}
	p.countFaults(f, of)
	p.countPlaces(f, of)
	p.countPeriods(f, of, judged)
	f.judge(p.Grain)
	return f, nil
}

// countFaults spreads breaches, outliers and repeats over the years.
func (p *Panel) countFaults(f *Findings, of []int) {
	year := func(row int) *YearReport {
		if i := p.period[row]; i >= 0 {
			return &f.Years[of[i]]
		}
		return &YearReport{}
	}
	broken := map[int]bool{}
	for _, b := range f.Breaches {
		if !broken[b.Row] {
			broken[b.Row] = true
			year(b.Row).Impossible++
		}
	}
	for _, o := range f.Outliers {
		if o.Outbreak {
			year(o.Row).Outbreaks++
		} else {
			year(o.Row).Outliers++
		}
	}
	for _, r := range f.Repeats {
		year(r.Rows[0]).Repeated += len(r.Rows) - 1
	}
}

// countPlaces adds up the tests, and those that name no ward.
func (p *Panel) countPlaces(f *Findings, of []int) {
	ward := p.columns[table.RoleWard]
	var unknown []bool
	if ward != nil && ward.Kind() == table.Text {
		for _, name := range ward.Dict() {
			unknown = append(unknown, place.NamesNoWard(name))
		}
	}
	tested := p.tested()
	for row, i := range p.period {
		if i < 0 {
			continue
		}
		y := &f.Years[of[i]]
		n := 0.0
		for _, ind := range tested {
			if v, ok := ind.col.Number(row); ok {
				n += v
			}
		}
		y.Tested += n
		if unknown == nil {
			continue
		}
		if code, ok := ward.Code(row); !ok || unknown[code] {
			y.Unplaced++
			y.NotInAWard += n
		}
	}
}

func (p *Panel) countPeriods(f *Findings, of, judged []int) {
	some := make([]bool, len(p.Periods))
	for at, r := range p.reported {
		if r {
			some[at%len(p.Periods)] = true
		}
	}
	for i, r := range some {
		f.Years[of[i]].Periods += boolInt(r)
		f.Years[of[i]].Judged += judged[i]
		f.Judged += judged[i]
	}
}

// judge draws up the verdicts. With three years or more, one with less than
// half the tests of the middle one is suspicious however complete it looks.
func (f *Findings) judge(grain Grain) {
	var tests []float64
	for _, y := range f.Years {
		tests = append(tests, y.Tested)
	}
	slices.Sort(tests)
	usual := 0.0
	if len(tests) >= 3 {
		usual = quantile(tests, 0.5)
	}
	for i := range f.Years {
		f.Years[i].judge(grain, usual)
	}
}

func (y *YearReport) judge(grain Grain, usual float64) {
	var care, doubt []string
	say := func(degree Trust, format string, args ...any) {
		switch degree {
		case WithCare:
			care = append(care, fmt.Sprintf(format, args...))
		case Doubtful:
			doubt = append(doubt, fmt.Sprintf(format, args...))
		}
	}
	if v, ok := y.ReportingRate(); ok {
		say(below(v), "%s of the expected reports came in", percent(v))
	} else {
		say(Doubtful, "no facility reported a test")
	}
	if v, ok := y.UsableShare(); ok {
		say(below(v), "%s of the rows have tests and positives to compute from", percent(v))
	}
	if v, ok := share(y.Impossible, y.Rows); ok {
		say(over(v, fewFaults, manyFaults), "%s of the rows hold impossible counts, such as more positives than tests", percent(v))
	}
	if v, ok := share(y.Outliers, y.Judged); ok {
		say(over(v, fewFaults, manyFaults), "%s of the counts stand out alone and may be typing errors", percent(v))
	}
	if v, ok := share(y.Repeated, y.Rows); ok {
		say(over(v, fewFaults, manyFaults), "%s of the rows are a second row of their facility and period", percent(v))
	}
	if v, ok := y.UnplacedShare(); ok {
		say(over(v, fewUnplaced, manyUnplaced), "%s of the tests name no ward and are on no map", percent(v))
	}
	if y.Periods < int(grain) {
		say(WithCare, "only %d of its %d %ss have a report", y.Periods, int(grain), grain)
	}
	if y.Tested < usual/2 {
		say(WithCare, "it has less than half the tests of a usual year")
	}
	y.Reasons = append(doubt, care...)
	switch {
	case len(doubt) > 0:
		y.Trust = Doubtful
	case len(care) > 0:
		y.Trust = WithCare
	}
}

// below judges a share that should be high.
func below(v float64) Trust {
	switch {
	case v < poorShare:
		return Doubtful
	case v < acceptableShare:
		return WithCare
	}
	return Usable
}

// over judges a share that should be low.
func over(v, few, many float64) Trust {
	switch {
	case v > many:
		return Doubtful
	case v > few:
		return WithCare
	}
	return Usable
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

// MostMissing names the year with the largest share of cells without a value,
// and the one with the smallest; false when there is no year with rows.
func (f *Findings) MostMissing() (most, least YearReport, ok bool) {
	for _, y := range f.Years {
		v, has := y.MissingShare()
		if !has {
			continue
		}
		if m, _ := most.MissingShare(); !ok || v > m {
			most = y
		}
		if l, _ := least.MissingShare(); !ok || v < l {
			least = y
		}
		ok = true
	}
	return most, least, ok
}

// Words is the verdict on the year in a sentence, with the figures behind it.
func (y YearReport) Words() string {
	facts := []string{}
	if v, ok := y.ReportingRate(); ok {
		facts = append(facts, percent(v)+" of the expected reports came in")
	}
	if v, ok := y.MissingShare(); ok {
		facts = append(facts, percent(v)+" of the cells are empty")
	}
	if v, ok := share(y.Impossible, y.Rows); ok {
		facts = append(facts, percent(v)+" of the rows hold impossible counts")
	}
	if v, ok := y.UnplacedShare(); ok {
		facts = append(facts, percent(v)+" of the tests name no ward")
	}
	why := ""
	if len(y.Reasons) > 0 {
		why = ", because " + strings.Join(y.Reasons, "; ")
	}
	return fmt.Sprintf("%s: %s%s. Figures: %s.", y.Year, y.Trust, why, strings.Join(facts, ", "))
}
