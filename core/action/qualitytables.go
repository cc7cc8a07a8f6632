package action

import (
	"fmt"
	"math"
	"strings"

	"chatmrpt/core/quality"
	"chatmrpt/core/table"
)

// mostListed bounds the lists of single rows; the counts are of all.
const mostListed = 1000

// tables lays out the findings: the years first, then completeness, the
// counts, and the lists of single rows.
func (a *Quality) tables(e *examined) ([]*table.Table, error) {
	var out []*table.Table
	for _, make := range []func(*examined) (*table.Table, error){
		yearsTable, a.completenessTable, reportingTable, checksTable, volumesTable,
		breachesTable, outliersTable, repeatsTable, silentTable,
	} {
		t, err := make(e)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// columns makes columns as cells are appended to them, in order of first use.
type columns struct {
	names []string
	made  map[string]*table.Column
}

func (c *columns) text(name, s string) {
	appendTexts([]*table.Column{c.column(name, table.NewText)}, s)
}

func (c *columns) number(name string, v float64) { c.column(name, table.NewNumber).AppendNumber(v) }

func (c *columns) count(name string, n int) { c.number(name, float64(n)) }

// share appends a share of one that may be unknown.
func (c *columns) share(name string, v float64, ok bool) {
	if ok {
		c.number(name, v)
	} else {
		c.column(name, table.NewNumber).AppendMissing()
	}
}

func (c *columns) column(name string, fresh func(string) *table.Column) *table.Column {
	if c.made == nil {
		c.made = map[string]*table.Column{}
	}
	if c.made[name] == nil {
		c.made[name] = fresh(name)
		c.names = append(c.names, name)
	}
	return c.made[name]
}

func (c *columns) table(name string) (*table.Table, error) {
	cols := make([]*table.Column, len(c.names))
	for i, n := range c.names {
		cols[i] = c.made[n]
	}
	return table.New(name, cols...)
}

func (c *columns) facility(f quality.Facility) {
	c.text("state", f.State)
	c.text("lga", f.LGA)
	c.text("ward", f.Ward)
	c.text("facility", f.Name)
}

func yearsTable(e *examined) (*table.Table, error) {
	var c columns
	for _, y := range e.found.Years {
		c.text("year", y.Year)
		c.text("verdict", y.Trust.String())
		c.completeness(y.Group)
		c.count("periods_reported", y.Periods)
		c.count("impossible_rows", y.Impossible)
		c.count("outliers", y.Outliers)
		c.count("outbreaks", y.Outbreaks)
		c.count("repeated_rows", y.Repeated)
		c.count("unknown_ward_rows", y.Unplaced)
		v, ok := y.UnplacedShare()
		c.share("unknown_ward_share", v, ok)
		c.number("tests", y.Tested)
		c.text("reasons", strings.Join(y.Reasons, "; "))
	}
	return c.table("years")
}

func (c *columns) completeness(g quality.Group) {
	c.count("rows", g.Rows)
	c.count("cells", g.Cells)
	c.count("missing", g.Missing)
	v, ok := g.MissingShare()
	c.share("missing_share", v, ok)
	v, ok = g.UsableShare()
	c.share("usable_share", v, ok)
	c.count("reports", g.Reports)
	c.count("expected", g.Expected)
	v, ok = g.ReportingRate()
	c.share("reporting_rate", v, ok)
}

func (a *Quality) completenessTable(e *examined) (*table.Table, error) {
	by := quality.By(a.By)
	var c columns
	for _, g := range e.panel.Completeness(by) {
		switch by {
		case quality.ByPeriod, quality.ByYear:
			c.text("period", g.Period)
		case quality.ByIndicator:
			c.text("indicator", g.Indicator)
		case quality.ByFacility:
			c.facility(g.Facility)
		default:
			c.text("state", g.State)
			c.text("lga", g.LGA)
			if by == quality.ByWard {
				c.text("ward", g.Ward)
			}
		}
		c.completeness(g)
	}
	return c.table("completeness")
}

// activityName is the name of an activity rule in columns.
func activityName(a quality.Activity) string {
	return [...]string{"since_first", "first_to_last", "until_silence"}[a]
}

func reportingTable(e *examined) (*table.Table, error) {
	var c columns
	for _, r := range e.panel.Reporting(e.window) {
		c.text("period", r.Period)
		c.count("reported", r.Reported)
		c.count("known", r.Known)
		v, ok := r.KnownRate()
		c.share("rate_known", v, ok)
		for _, a := range quality.Activities() {
			c.count("open_"+activityName(a), r.Active[a])
			v, ok := r.Rate(a)
			c.share("rate_"+activityName(a), v, ok)
		}
		c.share("rate_weighted", r.Weighted, r.HasWeight)
	}
	return c.table("reporting")
}

func checksTable(e *examined) (*table.Table, error) {
	var c columns
	for _, k := range e.found.Checks {
		c.text("count", k.Lesser)
		c.text("cannot_exceed", k.Greater)
		c.count("rows", k.Rows)
		c.count("broken", k.Broken)
		v, ok := k.Share()
		c.share("share", v, ok)
		c.number("excess", k.Excess)
	}
	return c.table("checks")
}

func volumesTable(e *examined) (*table.Table, error) {
	var c columns
	for _, v := range e.panel.Volumes() {
		c.text("year", v.Year)
		c.text("test", string(v.Test))
		c.text("age", string(v.Age))
		c.number("tested", v.Tested)
		c.number("positive", v.Positive)
		p, ok := v.Positivity()
		c.share("positivity", p, ok)
		c.count("n_facilities", v.Facilities)
	}
	return c.table("volumes")
}

func breachesTable(e *examined) (*table.Table, error) {
	var c columns
	for _, b := range firstOf(e, "impossible counts", e.found.Breaches) {
		c.facility(b.Facility)
		c.text("period", b.Period)
		c.text("count", e.found.Checks[b.Check].Lesser)
		c.number("value", b.Lesser)
		c.text("cannot_exceed", e.found.Checks[b.Check].Greater)
		c.number("limit", b.Greater)
		c.count("row", b.Row+1)
	}
	return c.table("impossible")
}

func outliersTable(e *examined) (*table.Table, error) {
	var c columns
	for _, o := range firstOf(e, "outliers", e.found.Outliers) {
		kind := "error?"
		if o.Outbreak {
			kind = "outbreak?"
		}
		c.facility(o.Facility)
		c.text("period", o.Period)
		c.text("indicator", o.Indicator)
		c.number("value", o.Value)
		c.number("median", o.Median)
		c.text("looks_like", kind)
		c.count("methods_agree", o.Votes)
		c.count("methods_able", o.Judges)
		for i, name := range []string{"limit_mean_sd", "limit_median_mad", "limit_iqr", "limit_season"} {
			c.number(name, o.Limit[i]) // NaN is missing
		}
		c.count("row", o.Row+1)
	}
	return c.table("outliers")
}

func repeatsTable(e *examined) (*table.Table, error) {
	var c columns
	for _, r := range firstOf(e, "repeats", e.found.Repeats) {
		c.facility(r.Facility)
		c.text("period", r.Period)
		c.count("rows", len(r.Rows))
		c.count("exact", r.Exact)
		c.count("row", r.Rows[0]+1)
	}
	return c.table("repeats")
}

func silentTable(e *examined) (*table.Table, error) {
	var c columns
	for _, s := range firstOf(e, "silent facilities", e.found.Silent) {
		state := "still silent"
		switch {
		case s.Never:
			state = "never reported"
		case s.Resumed:
			state = "reported again"
		}
		c.facility(s.Facility)
		c.text("from", s.From)
		c.text("to", s.To)
		c.count("periods", s.Periods)
		c.text("since", state)
	}
	return c.table("silent")
}

// mostSuspects bounds the list that is kept for export.
const mostSuspects = 100_000

// suspectTable is one list of all that somebody should ask a facility about:
// impossible counts, counts that stand out alone, second rows, silences.
func (e *examined) suspectTable() (*table.Table, error) {
	var c columns
	left := mostSuspects
	add := func(finding string, f quality.Facility, period, what string, value, limit float64, row int) {
		if left--; left < 0 {
			return
		}
		c.text("finding", finding)
		c.facility(f)
		c.text("period", period)
		c.text("what", what)
		c.number("value", value)
		c.number("limit", limit)
		c.share("row", float64(row+1), row >= 0)
	}
	for _, b := range e.found.Breaches {
		k := e.found.Checks[b.Check]
		add("impossible", b.Facility, b.Period, k.Lesser+" above "+k.Greater, b.Lesser, b.Greater, b.Row)
	}
	for _, o := range e.found.Outliers {
		if !o.Outbreak {
			add("outlier", o.Facility, o.Period, o.Indicator, o.Value, lowest(o.Limit[:]), o.Row)
		}
	}
	for _, r := range e.found.Repeats {
		add("repeat", r.Facility, r.Period, fmt.Sprintf("%d rows, %d of them exact repeats", len(r.Rows), r.Exact), float64(len(r.Rows)), 1, r.Rows[1])
	}
	for _, s := range e.found.Silent {
		add("silent", s.Facility, s.From, "no report to "+s.To, float64(s.Periods), float64(e.window), -1)
	}
	return c.table("suspects")
}

// lowest is the least of some limits, NaN ones left out.
func lowest(limits []float64) float64 {
	least := math.Inf(1)
	for _, l := range limits {
		if l < least {
			least = l
		}
	}
	return least
}

// firstOf bounds a list, with a notice that says how much there is.
func firstOf[T any](e *examined, what string, list []T) []T {
	if len(list) <= mostListed {
		return list
	}
	e.notices = append(e.notices, "of "+grouped(len(list))+" "+what+" the first "+grouped(mostListed)+" are listed")
	return list[:mostListed]
}

// wardTable is what is missing in each ward of the boundary layer.
func (e *examined) wardTable() (*table.Table, error) {
	var c columns
	for _, g := range e.panel.Unit(e.linked.unit, len(e.frame.units)) {
		c.completeness(g)
	}
	t, err := c.table("wards")
	if err != nil {
		return nil, err
	}
	return table.New("wards", append(e.frame.identity(), t.Columns...)...)
}
