package action

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"chatmrpt/core/problem"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/surveillance/fallback"
	"chatmrpt/core/surveillance/incidence"
	"chatmrpt/core/workspace"
)

// Adjustment says how far incidence is corrected for cases that were not
// tested, not reported or not brought to a public facility.
type Adjustment struct {
	Adjust   string `param:"adjust" choices:"n0|n1|n2|n3|n4|n5" help:"of incidence, the step to show: n0 as confirmed, n1 for testing, n2 for reporting, n3 to n5 for care seeking" more:"true"`
	Untested string `param:"untested" choices:"presumed|suspected|none" help:"of incidence, cases without a test: clinically diagnosed, fevers less tests, or none" more:"true"`
	Expected string `param:"expected" choices:"active|ever" help:"of incidence, who should report: facilities not silent for six months, or all that ever reported" more:"true"`
	Public   string `param:"public" help:"of incidence, share of fevers taken to public facilities: a number such as 0.6, or a variable" more:"true"`
	Private  string `param:"private" help:"of incidence, share taken to private ones" more:"true"`
	NoCare   string `param:"no-care" help:"of incidence, share taken nowhere" more:"true"`
}

// step is the number of the step asked for.
func (o *Adjustment) step() int {
	if len(o.Adjust) != 2 {
		return -1
	}
	return int(o.Adjust[1] - '0')
}

func (o *Adjustment) check() error {
	const hint = "Give --adjust n0 (confirmed), n1 (and untested), n2 (and unreported) or n3, n4, n5 (and care seeking)"
	switch k := o.step(); {
	case k < 0 || k >= incidence.Steps:
		return usage("positivity", "adjust", "how far incidence is corrected must be chosen, because it changes the answer", hint)
	case k >= 3 && (o.Public == "" || o.NoCare == ""):
		return usage("positivity", "public", "a correction for care seeking needs the shares of care", "Give --public and --no-care, such as 0.6 and 0.15, from a household survey")
	case k == 3 && o.Private == "":
		return usage("positivity", "private", "n3 needs the share of fevers taken to private facilities", "Give --private, or choose n4 or n5")
	}
	return nil
}

// care gives the shares of care by unit. Groups of wards take those of their
// wards only where they are the same for all, as a number is.
func (o *Adjustment) care(ctx context.Context, w *workspace.Workspace, m *measured) ([]incidence.Shares, error) {
	out := make([]incidence.Shares, m.group.len())
	for _, s := range []struct {
		text  string
		param string
		to    func(*incidence.Shares) *float64
	}{
		{o.Public, "public", func(s *incidence.Shares) *float64 { return &s.Public }},
		{o.Private, "private", func(s *incidence.Shares) *float64 { return &s.Private }},
		{o.NoCare, "no-care", func(s *incidence.Shares) *float64 { return &s.None }},
	} {
		if s.text == "" {
			continue
		}
		if v, err := strconv.ParseFloat(s.text, 64); err == nil {
			if !(v >= 0 && v <= 1) {
				return nil, usage("positivity", s.param, s.text+" is no share", "Give a number from 0 to 1, such as 0.6")
			}
			for i := range out {
				*s.to(&out[i]) = v
			}
			continue
		}
		if !m.group.alone() {
			return nil, usage("positivity", s.param, "a variable by ward has no value for an LGA or a state", "Give a number, or leave --by out")
		}
		cat, err := m.frame.loadCatalogue(ctx, w, "positivity")
		if err != nil {
			return nil, err
		}
		v, err := cat.find("positivity", s.text)
		if err != nil {
			return nil, err
		}
		for i := range out {
			*s.to(&out[i]) = -1 // no share: Known is false
			if v.present[i] {
				*s.to(&out[i]) = v.values[i]
			}
		}
		for _, d := range v.inputs {
			m.inputs = addInput(m.inputs, d)
		}
	}
	return out, nil
}

// counts are the tabulations that incidence is made of, all over the same
// periods.
type caseCounts struct {
	positivity, confirmed, tested *surveillance.Cells
	presumed, suspected           *surveillance.Cells // nil where not asked for
	reports                       *surveillance.Reporting
	history                       *surveillance.Cells
}

// adjusted computes incidence: every step by month, or by year where the
// records are by year, brought together by year.
func (a *Positivity) adjusted(ctx context.Context, w *workspace.Workspace, in *countedRows, m *measured) error {
	if err := needsPeriods(in, m.query); err != nil {
		return err
	}
	c, err := a.countCases(ctx, in, m)
	if err != nil {
		return err
	}
	m.take(c.positivity, a.Per)
	m.name, m.spec = measureIncidence, incidenceSpec()
	m.formula = a.describe(m)
	people, err := a.people(ctx, w, m)
	if err != nil {
		return err
	}
	shares, err := a.care(ctx, w, m)
	if err != nil {
		return err
	}
	months, err := a.monthly(c, m, shares)
	if err != nil {
		return err
	}
	a.byPeriod(c, m, months, shares, people)
	m.aboutRates(a.MarkAbove)
	lacking := 0
	for _, readings := range m.main.readings {
		for _, r := range readings {
			if r.source == sourceLacking {
				lacking++
			}
		}
	}
	if lacking > 0 {
		m.notices = append(m.notices, fmt.Sprintf("Confirmed cases, but not all that %s needs (positivity, untested cases, reports or shares of care): %s without a value.", a.Adjust, counted(lacking, "figure")))
	}
	return nil
}

// incidenceSpec is the measure in the columns of the table.
func incidenceSpec() surveillance.Measure {
	return surveillance.Measure{
		Name: measureIncidence, Numerator: "cases a year", Denominator: "inhabitants", PerThousand: true,
		Source: "WHO World Malaria Report, annex 1; sntmethods of ahadi-analytics",
	}
}

// describe puts the steps taken into words.
func (a *Positivity) describe(m *measured) string {
	words := fmt.Sprintf("incidence %s", a.Adjust)
	for n := range a.step() + 1 {
		if n >= 3 && n < a.step() {
			continue // n3, n4 and n5 are three forms of one correction
		}
		words += fmt.Sprintf("; N%d = %s", n, incidence.Words(n, incidence.Untested(a.Untested)))
	}
	rule := "every facility that ever reported"
	if a.Expected == string(surveillance.Active) {
		rule = fmt.Sprintf("facilities from their first report on, but for silences of %d months and more", surveillance.SilentMonths)
	}
	m.notices = append(m.notices, "Formula: "+words+".", "Reports are expected of "+rule+"; a facility reports when any count of tests or positives is given, a nought included.")
	if !m.group.alone() {
		m.notices = append(m.notices, "The steps are taken on the sums of the wards.")
	}
	if a.Public != "" {
		m.options = append(m.options, fmt.Sprintf("care: public %s, private %s, none %s", a.Public, orNone(a.Private), orNone(a.NoCare)))
	}
	return words
}

func orNone(s string) string {
	if s == "" {
		return "not given"
	}
	return s
}

// countCases tabulates the counts by month, or by year.
func (a *Positivity) countCases(ctx context.Context, in *countedRows, m *measured) (*caseCounts, error) {
	c, grain := &caseCounts{}, surveillance.Monthly
	all, err := finest(ctx, in.rows, m.query)
	if err != nil {
		return nil, err
	}
	if c.history = all; all.Grain == surveillance.Yearly {
		grain = surveillance.Yearly
	}
	count := func(measure string, to **surveillance.Cells) error {
		q := m.query
		q.Measure = measure
		cells, err := surveillance.Tabulate(ctx, in.rows, q, grain)
		if err == nil {
			*to = m.group.cells(cells)
		}
		return err
	}
	if err := cmp.Or(count(surveillance.MeasurePositivity, &c.positivity), count(surveillance.MeasureBurden, &c.confirmed), count(surveillance.MeasureTesting, &c.tested)); err != nil {
		return nil, err
	}
	switch incidence.Untested(a.Untested) {
	case incidence.Presumed:
		err = count(surveillance.MeasurePresumed, &c.presumed)
	case incidence.Suspected:
		err = count(surveillance.MeasureSuspected, &c.suspected)
	}
	if problem.Is(err, problem.NotFound) {
		return nil, problem.New(problem.NotFound, "positivity", "--untested", "the records don't count untested cases that way ("+a.Untested+")",
			"Give --untested presumed where clinically diagnosed cases are counted, suspected where fevers are, or none").Because(err)
	}
	if err != nil {
		return nil, err
	}
	c.reports, err = surveillance.ReportingRates(ctx, in.rows, m.query, grain, surveillance.Expected(a.Expected))
	return c, err
}

// monthly takes the steps for every unit and month. Positivity may be a
// stand-in, where the user asks for one.
func (a *Positivity) monthly(c *caseCounts, m *measured, shares []incidence.Shares) ([][]incidence.Counts, error) {
	rules, err := a.rules()
	if err != nil {
		return nil, err
	}
	if len(rules.Steps) > 0 && !m.group.alone() {
		return nil, usage("positivity", "fallback", "stand-ins are for wards", "Leave --by out, or --fallback")
	}
	stood, areas := 0, m.frame.placed()
	counts := make([][]incidence.Counts, len(c.positivity.Periods))
	reports := m.group.reports(c.reports)
	for p, name := range c.positivity.Periods {
		counts[p] = make([]incidence.Counts, m.group.len())
		own := c.positivity.Wards[p]
		figures := fallback.Fill(own, fallback.Span{First: name, Last: name}, c.history, areas, rules)
		for i := range counts[p] {
			k := &counts[p][i]
			k.Confirmed, k.Tested = countOf(c.confirmed, p, i), countOf(c.tested, p, i)
			k.Presumed, k.Suspected = countOf(c.presumed, p, i), countOf(c.suspected, p, i)
			if s := figures[i].Step; s != fallback.Own && s != fallback.None {
				stood++
			}
			if v, ok := figures[i].Value(); ok {
				k.Positivity = incidence.Of(v)
			}
			if r, ok := reports[name]; ok {
				k.Received, k.Expected = float64(r[i].Received), float64(r[i].Expected)
			}
		}
	}
	if len(rules.Steps) > 0 {
		m.options = append(m.options, rules.String())
		m.notices = append(m.notices, fmt.Sprintf("Positivity has %s; used for %s.", rules.String(), counted(stood, "pair of ward and period")))
	}
	return counts, nil
}

// countOf is the count of unit i in period p; unknown when nothing was
// reported. Counts that were not asked for are unknown too.
func countOf(c *surveillance.Cells, p, i int) incidence.Number {
	if c == nil || !c.Wards[p][i].HasData {
		return incidence.Number{}
	}
	return incidence.Of(c.Wards[p][i].Numerator)
}

// reports adds up reports by group, by the name of the period.
func (g grouping) reports(r *surveillance.Reporting) map[string][]surveillance.Reports {
	out := map[string][]surveillance.Reports{}
	for p, name := range r.Periods {
		sums := make([]surveillance.Reports, g.len())
		for i, ward := range r.Wards[p] {
			if n := g.of[i]; n >= 0 {
				sums[n].Received += ward.Received
				sums[n].Expected += ward.Expected
			}
		}
		out[name] = sums
	}
	return out
}

// byPeriod brings the months together as the user asked: by month as they are,
// by year, or the mean of the years.
func (a *Positivity) byPeriod(c *caseCounts, m *measured, counts [][]incidence.Counts, shares []incidence.Shares, people *inhabitants) {
	cells := c.positivity
	if a.Per != "month" {
		cells = yearsOnly(cells)
	}
	m.main = part{per: a.Per}
	steps := &stepColumns{}
	var all [][]incidence.Cases
	for p, name := range cells.Periods {
		m.main.periods = append(m.main.periods, partPeriod{name: name, at: cells.Middle(p)})
		readings, cases := make([]reading, m.group.len()), make([]incidence.Cases, m.group.len())
		scale := perYear(cells.Covered[p])
		for i := range readings {
			var mine []incidence.Counts
			var each []incidence.Cases
			for q, month := range c.positivity.Periods {
				if month[:len(name)] == name {
					mine = append(mine, counts[q][i])
					each = append(each, incidence.Adjust(counts[q][i], incidence.Untested(a.Untested), shares[i]))
				}
			}
			cases[i] = incidence.Sum(mine, each, shares[i])
			n := cases[i].N[a.step()]
			readings[i] = rate(cells.Wards[p][i], n.V*scale, n.OK, people, i, a.MarkAbove)
			if !n.OK && cases[i].N[0].OK {
				readings[i].source = sourceLacking
			}
		}
		m.main.readings = append(m.main.readings, readings)
		all = append(all, cases)
		steps.add(cases)
	}
	m.main.extra = steps.columns(a)
	m.aboutPartYears(cells)
	if a.Per == "" || a.Per == "whole" {
		m.asOne(cells, a.MarkAbove)
		m.main.extra = steps.means(a, all)
	}
}

// yearsOnly is a tabulation with its periods gathered into years, without the
// sums.
func yearsOnly(c *surveillance.Cells) *surveillance.Cells {
	out := &surveillance.Cells{Query: c.Query, Grain: surveillance.Yearly}
	for p, name := range c.Periods {
		year := name[:len("2024")]
		last := len(out.Periods) - 1
		if last < 0 || out.Periods[last] != year {
			out.Periods = append(out.Periods, year)
			out.Covered = append(out.Covered, 0)
			out.Wards = append(out.Wards, make([]surveillance.Ward, len(c.Wards[p])))
			last++
		}
		out.Covered[last] |= c.Covered[p]
		for i, w := range c.Wards[p] {
			// A facility reports in many months; the most of one month is the
			// least there can be.
			out.Wards[last][i].Facilities = max(out.Wards[last][i].Facilities, w.Facilities)
		}
	}
	return out
}

// stepColumns gathers the steps of every reading.
type stepColumns struct {
	values [incidence.Steps + 2][]incidence.Number
}

func (s *stepColumns) add(cases []incidence.Cases) {
	for _, c := range cases {
		for k, n := range c.N {
			s.values[k] = append(s.values[k], n)
		}
		s.values[incidence.Steps] = append(s.values[incidence.Steps], c.Untested)
		s.values[incidence.Steps+1] = append(s.values[incidence.Steps+1], c.ReportingRate)
	}
}

// columns are the steps in persons as counted, not scaled to a year, with the
// reporting rate.
func (s *stepColumns) columns(a *Positivity) (out []column) {
	for k, values := range s.values {
		x := column{values: values}
		switch {
		case k < incidence.Steps:
			x.name, x.unit, x.origin = fmt.Sprintf("n%d", k), "cases in the period", incidence.Words(k, incidence.Untested(a.Untested))
		case k == incidence.Steps:
			x.name, x.unit, x.origin = "untested", "persons", "cases without a test, before × positivity"
		default:
			x.name, x.unit, x.origin = "reporting_rate", "share", "reports received ÷ expected"
		}
		out = append(out, x)
	}
	return out
}

// means are the steps of the mean year: the mean over the years that know the
// step.
func (s *stepColumns) means(a *Positivity, years [][]incidence.Cases) []column {
	one := &stepColumns{}
	for i := range years[0] {
		mean := incidence.Cases{}
		for k := range mean.N {
			mean.N[k] = meanOfYears(years, i, func(c incidence.Cases) incidence.Number { return c.N[k] })
		}
		mean.Untested = meanOfYears(years, i, func(c incidence.Cases) incidence.Number { return c.Untested })
		mean.ReportingRate = meanOfYears(years, i, func(c incidence.Cases) incidence.Number { return c.ReportingRate })
		one.add([]incidence.Cases{mean})
	}
	return one.columns(a)
}

func meanOfYears(years [][]incidence.Cases, i int, of func(incidence.Cases) incidence.Number) incidence.Number {
	sum, n := 0.0, 0
	for _, y := range years {
		if v := of(y[i]); v.OK {
			sum, n = sum+v.V, n+1
		}
	}
	if n == 0 {
		return incidence.Number{}
	}
	return incidence.Of(sum / float64(n))
}
