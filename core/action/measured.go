package action

import (
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/store"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/surveillance/incidence"
	"chatmrpt/core/surveillance/proportion"
	"chatmrpt/core/table"
)

// reading is one figure of one unit in one period.
type reading struct {
	ward    surveillance.Ward
	value   float64
	known   bool
	imputed bool   // a stand-in, by the user's choice
	source  string // where it comes from
	flag    string // what to look at before it is believed

	low, high float64 // 95 % Wilson interval
	interval  bool
}

// Marks of figures.
const (
	sourceFacility = "facility"
	sourceNoData   = "no data"
	sourceUrban    = "out-patients, urban rule"
	sourceLacking  = "a step lacks its data"
)

// settle works out value, interval and marks of a ratio from its counts.
func (r *reading) settle(spec surveillance.Measure) {
	v, cut, ok := spec.Value(r.ward)
	r.value, r.known = v, ok
	if r.source == "" {
		r.source = sourceFacility
	}
	if !ok {
		r.source = sourceNoData
		return
	}
	r.low, r.high, r.interval = proportion.Wilson(r.ward.Numerator, r.ward.Denominator, proportion.Z95)
	var flags []string
	switch {
	case cut:
		flags = append(flags, "cut at 1")
	case r.ward.Impossible():
		flags = append(flags, "numerator above denominator")
	}
	if r.ward.Denominator < proportion.Few {
		flags = append(flags, fmt.Sprintf("fewer than %d %s", proportion.Few, spec.Denominator))
	}
	r.flag = strings.Join(flags, "; ")
}

// append adds value and interval to their columns.
func (r *reading) append(value, low, high *table.Column) {
	r.add(value, r.value, r.known)
	r.add(low, r.low, r.known && r.interval)
	r.add(high, r.high, r.known && r.interval)
}

// add adds a number of the figure to a column, marked where it stands in.
func (r *reading) add(c *table.Column, v float64, known bool) {
	switch {
	case !known:
		c.AppendMissing()
	case r.imputed:
		c.AppendImputed(v)
	default:
		c.AppendNumber(v)
	}
}

// column is a further number of every figure, such as a step of incidence.
type column struct {
	name, unit, origin string
	values             []incidence.Number // by period, then unit
}

// part is a table of figures: one period, or all of a series.
type part struct {
	per      string
	periods  []partPeriod
	readings [][]reading // by period, then unit
	extra    []column    // values by period × unit
}

// partPeriod is one period of a part.
type partPeriod struct {
	name  string
	whole bool    // the selection as one, not a period of it
	at    float64 // the middle of its covered months, in years; 0 for a whole
}

// measured is a measure for every unit, ready to be laid out.
type measured struct {
	frame   *frame
	group   grouping
	spec    surveillance.Measure
	query   surveillance.Query // as answered
	name    string             // of the measure, where it isn't the spec's
	per     string
	periods []string // that went in
	main    part
	years   *part // of a rate over several years: the years
	formula string
	share   bool              // the value is a share of 1
	total   surveillance.Ward // of a share: all units of the newest period together, as counted
	inputs  []store.Dataset
	notices []string

	unplaced surveillance.Ward
	skipped  surveillance.Skipped
	options  []string // choices beside the query, in words
}

// parts lists the tables: the main one, and the years behind a mean.
func (m *measured) parts() []part {
	if m.years == nil {
		return []part{m.main}
	}
	return []part{m.main, *m.years}
}

func (m *measured) measureName() string {
	if m.name != "" {
		return m.name
	}
	return m.spec.Name
}

// positivityFacts is what a result says of itself, for the card and for
// machines.
type positivityFacts struct {
	Query    surveillance.Query   `json:"query"`
	Words    string               `json:"words"`
	Measure  string               `json:"measure"`
	Formula  string               `json:"formula"`
	Source   string               `json:"source,omitempty"`
	By       string               `json:"by"`
	Options  []string             `json:"options,omitempty"`
	Periods  []string             `json:"periods"`
	Unplaced surveillance.Ward    `json:"without_ward"`
	Skipped  surveillance.Skipped `json:"skipped"`
}

func (m *measured) facts() positivityFacts {
	return positivityFacts{
		Query: m.query, Words: m.query.String(), Measure: m.measureName(), Formula: m.formula, Source: m.spec.Source, By: m.group.by,
		Options: m.options, Periods: m.periods, Unplaced: m.unplaced, Skipped: m.skipped,
	}
}

// titled is the measure as a sentence begins with it.
func (m *measured) titled() string {
	switch name := m.measureName(); name {
	case surveillance.MeasurePositivity:
		return "Test positivity rate"
	default:
		return titleOf(strings.ReplaceAll(name, "-", " "))
	}
}

// summary tells the whole of the newest period.
func (m *measured) summary() string {
	last := len(m.main.periods) - 1
	with, standIns, n := 0, 0, m.group.len()
	for _, r := range m.main.readings[last] {
		if r.known {
			with++
		}
		if r.imputed {
			standIns++
		}
	}
	q := m.query
	q.Measure = "" // the title has it
	what := q.String()
	if !m.main.periods[last].whole {
		what += "; newest period " + m.main.periods[last].name
	}
	if with == 0 {
		return "No " + m.group.by + " has a figure in this selection (" + what + ")."
	}
	counts := m.inHead(last)
	if m.share {
		counts = m.inShare()
	}
	s := fmt.Sprintf("%s, %s: %s in %s; %d without data.", m.titled(), what, counts, m.group.words(with), n-with)
	if standIns > 0 {
		s += fmt.Sprintf(" %s by a stand-in, which the total leaves out.", m.group.words(standIns))
	}
	return s
}

// inShare is the total of a share.
func (m *measured) inShare() string {
	v, _, ok := m.spec.Value(m.total)
	if !ok {
		return "nothing counted"
	}
	counts := fmt.Sprintf("%s of %s %s", grouped(int(m.total.Numerator)), grouped(int(m.total.Denominator)), m.spec.Denominator)
	if m.spec.Name == surveillance.MeasurePositivity {
		counts = fmt.Sprintf("%s of %s positive", grouped(int(m.total.Numerator)), counted(int(m.total.Denominator), "test"))
	}
	return counts + " (" + percent(v) + ")"
}

// inHead is the total of a rate, over the units that have one.
func (m *measured) inHead(period int) string {
	var cases, people float64
	for _, r := range m.main.readings[period] {
		if r.known {
			cases, people = cases+r.ward.Numerator, people+r.ward.Denominator
		}
	}
	return fmt.Sprintf("%s a year among %s (%.1f per 1,000 a year)", grouped(int(cases)), counted(int(people), "inhabitant"), cases/people*1000)
}

// table lays a part out in the columns of the terminal contract; a unit
// without a figure has no value. The last columns say what was counted, in
// every row, so that a row copied elsewhere still says it.
func (m *measured) table(p part) (*table.Table, error) {
	period, source, flag := table.NewText("period"), table.NewText("source"), table.NewText("flag")
	num, den, value := table.NewNumber("numerator"), table.NewNumber("denominator"), table.NewNumber("value")
	low, high, n := table.NewNumber("low"), table.NewNumber("high"), table.NewNumber("n_facilities")
	num.Unit, den.Unit = m.spec.Numerator, m.spec.Denominator
	value.Role, value.Unit = table.RoleMalaria, "share"
	if m.spec.Name == surveillance.MeasureTesting || m.spec.Name == surveillance.MeasureSuspected {
		value.Role = table.RoleVariable // of care, not of malaria
	}
	if !m.share {
		value.Unit = "per 1,000 persons a year"
	}
	value.Origin = m.titled() + " = " + m.formula + "; " + m.query.String()
	low.Origin, high.Origin = "95 % Wilson score interval", "95 % Wilson score interval"
	for k, at := range p.periods {
		for i := range p.readings[k] {
			r := &p.readings[k][i]
			period.AppendText(at.name)
			n.AppendNumber(float64(r.ward.Facilities))
			r.add(num, r.ward.Numerator, r.known)
			r.add(den, r.ward.Denominator, r.known)
			r.append(value, low, high)
			source.AppendText(r.source)
			appendText(flag, r.flag)
		}
	}
	cols := append(slices.Clone(m.group.identities(len(p.periods))), period, num, den, value)
	if m.share {
		cols = append(cols, low, high)
	}
	cols = append(cols, source, n, flag)
	if len(p.periods) > 1 || !p.periods[0].whole {
		cols = append(cols, ranksWithin(value, m.group.len()))
	}
	cols = append(cols, m.perTest(p)...)
	for _, x := range p.extra {
		cols = append(cols, x.column())
	}
	cols = append(cols, m.choices(value.Len())...)
	return table.New(seriesName(m.measureName(), m.query, m.group.by, p.per), cols...)
}

func (x column) column() *table.Column {
	c := table.NewNumber(x.name)
	c.Unit, c.Origin = x.unit, x.origin
	for _, v := range x.values {
		if v.OK {
			c.AppendNumber(v.V)
		} else {
			c.AppendMissing()
		}
	}
	return c
}

// perTest shows both tests beside their sum, where both were counted.
func (m *measured) perTest(p part) (cols []*table.Column) {
	if m.query.Test != surveillance.BothTests || m.spec.Name != surveillance.MeasurePositivity || m.name != "" {
		return nil
	}
	for k, test := range table.Tests() {
		num, den, value := table.NewNumber(string(test)+"_numerator"), table.NewNumber(string(test)+"_denominator"), table.NewNumber(string(test)+"_value")
		for _, readings := range p.readings {
			for _, r := range readings {
				c := r.ward.Tests[k]
				if !(c.Denominator > 0) || r.imputed {
					for _, col := range []*table.Column{num, den, value} {
						col.AppendMissing()
					}
					continue
				}
				num.AppendNumber(c.Numerator)
				den.AppendNumber(c.Denominator)
				value.AppendNumber(c.Numerator / c.Denominator)
			}
		}
		cols = append(cols, num, den, value)
	}
	return cols
}

// choices are the columns that repeat what was counted.
func (m *measured) choices(rows int) (cols []*table.Column) {
	for _, c := range [][2]string{{"measure", m.measureName()}, {"level", m.query.Level}, {"age", m.query.Age}, {"test", m.query.Test}, {"aggregation", m.aggregation()}} {
		cols = append(cols, repeated(c[0], c[1], rows))
	}
	return cols
}

// repeated is a column that says in every row what was chosen for all.
func repeated(name, value string, rows int) *table.Column {
	c := table.NewText(name)
	c.Role = table.RoleChoice
	for range rows {
		c.AppendText(value)
	}
	return c
}

// aggregation says what was added up before dividing.
func (m *measured) aggregation() string {
	if m.group.alone() {
		return "sums of facilities"
	}
	return "sums of wards"
}

// ranksWithin ranks the values of every period apart, 1 the highest, equal
// values sharing the lower number.
func ranksWithin(value *table.Column, units int) *table.Column {
	rank := table.NewNumber("rank")
	rank.Origin = "rank of the value within its period, 1 the highest"
	for from := 0; from < value.Len(); from += units {
		var known []float64
		for i := from; i < from+units; i++ {
			if v, ok := value.Number(i); ok {
				known = append(known, v)
			}
		}
		slices.Sort(known)
		for i := from; i < from+units; i++ {
			v, ok := value.Number(i)
			if !ok {
				rank.AppendMissing()
				continue
			}
			above, _ := slices.BinarySearchFunc(known, v, func(x, target float64) int {
				if x <= target {
					return -1
				}
				return 1
			})
			rank.AppendNumber(float64(len(known) - above + 1))
		}
	}
	return rank
}
