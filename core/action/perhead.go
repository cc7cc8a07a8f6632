package action

import (
	"context"
	"fmt"
	"math"
	"regexp"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// inhabitants are the people of every unit.
type inhabitants struct {
	of       []float64
	known    []bool
	name     string
	year     string // of the figures, "" when nothing says it
	variable *variable
}

// yearPattern finds a year in the name of a file or column.
var yearPattern = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)[0-9]{2})(?:[^0-9]|$)`)

// yearOf finds the year that some names tell.
func yearOf(names ...string) string {
	for _, n := range names {
		if m := yearPattern.FindStringSubmatch(n); m != nil {
			return m[1]
		}
	}
	return ""
}

// people finds the population: the variable the user names, or the one that
// knows most wards.
func (o *PerHead) people(ctx context.Context, w *workspace.Workspace, m *measured) (*inhabitants, error) {
	cat, err := m.frame.loadCatalogue(ctx, w, "positivity")
	if err != nil {
		return nil, err
	}
	v := cat.withRole(table.RolePopulation)
	if o.Population != "" {
		if v, err = cat.find("positivity", o.Population); err != nil {
			return nil, err
		}
	}
	if v == nil {
		return nil, problem.New(problem.NotFound, "positivity", "", "no table has the population of the wards", "Import one with `mrpt import FILE --as population` and match it")
	}
	p := &inhabitants{name: v.table + ": " + v.name, variable: v, year: yearOf(v.name, v.table, v.origin)}
	p.of, p.known = m.group.sum(v)
	for i, n := range p.of {
		p.known[i] = p.known[i] && n > 0
	}
	for _, d := range v.inputs {
		m.inputs = addInput(m.inputs, d)
		if p.year == "" {
			p.year = yearOf(d.Source)
		}
	}
	m.notices = append(m.notices, noticesOf(v)...)
	year := "of the year " + p.year
	if p.year == "" {
		year = "whose year neither the file nor the column names"
	}
	m.options = append(m.options, "population: "+p.name+", "+year)
	m.notices = append(m.notices, fmt.Sprintf("Population: %s, %s; the same for every period.", p.name, year))
	if m.query.Age != surveillance.All {
		m.notices = append(m.notices, "The cases are of one age group; make sure that the population is too, or read the rate as per 1,000 persons of all ages.")
	}
	unknown := 0
	for _, k := range p.known {
		if !k {
			unknown++
		}
	}
	if unknown > 0 {
		m.notices = append(m.notices, fmt.Sprintf("%s of unknown population, wholly or in part, and so without a rate.", m.group.words(unknown)))
	}
	return p, nil
}

// addInput adds a dataset once.
func addInput(ds []store.Dataset, d store.Dataset) []store.Dataset {
	if holds(ds, d.ID) {
		return ds
	}
	return append(ds, d)
}

// perYear scales a count of the covered months to a year.
func perYear(covered surveillance.Months) float64 { return 12 / float64(covered.Count()) }

// perHead computes a count per 1,000 inhabitants and year. Several years as
// one are the mean of the years, which are kept beside.
func (a *Positivity) perHead(ctx context.Context, w *workspace.Workspace, in *countedRows, m *measured) error {
	grain := a.grain()
	if grain == surveillance.Whole {
		grain = surveillance.Yearly
		if err := needsPeriods(in, m.query); err != nil {
			return err
		}
	}
	wards, err := surveillance.Tabulate(ctx, in.rows, m.query, grain)
	if err != nil {
		return err
	}
	cells := m.group.cells(wards)
	m.take(cells, a.Per)
	m.formula = m.spec.Formula
	m.notices = append(m.notices, "Formula: "+m.spec.Words()+".")
	people, err := a.people(ctx, w, m)
	if err != nil {
		return err
	}
	for p := range cells.Periods {
		readings := make([]reading, m.group.len())
		scale := perYear(cells.Covered[p])
		for i, ward := range cells.Wards[p] {
			readings[i] = rate(ward, ward.Numerator*scale, ward.HasData, people, i, a.MarkAbove)
		}
		m.main.readings = append(m.main.readings, readings)
	}
	m.aboutPartYears(cells)
	if a.Per == "" || a.Per == "whole" {
		m.asOne(cells, a.MarkAbove)
	}
	m.aboutRates(a.MarkAbove)
	return nil
}

// needsPeriods refuses records that name no period: a rate a year needs time.
func needsPeriods(in *countedRows, q surveillance.Query) error {
	if _, ok := in.rows.Table.Role(table.RolePeriod); ok {
		return nil
	}
	return problem.New(problem.NotFound, "positivity", q.Measure, "the records have no period, so a rate per year can't be told",
		"Import the file again with --period, or name its period column")
}

// rate makes the figure of a unit from its cases of a year.
func rate(ward surveillance.Ward, cases float64, known bool, people *inhabitants, i int, most float64) reading {
	r := reading{ward: ward, source: sourceNoData}
	r.ward.Numerator, r.ward.Denominator = cases, people.of[i]
	switch {
	case !known:
		return r
	case !people.known[i]:
		r.source = "no population"
		return r
	}
	r.known, r.source, r.value = true, sourceFacility, cases/people.of[i]*1000
	if most > 0 && r.value > most {
		r.flag = fmt.Sprintf("above %g per 1,000", most)
	}
	return r
}

// asOne turns a table of years into the mean year; the years stay beside it
// when there are several.
func (m *measured) asOne(cells *surveillance.Cells, most float64) {
	if n := len(cells.Periods); n > 1 {
		years := m.main
		years.per = "year"
		m.years = &years
		m.notices = append(m.notices, fmt.Sprintf("The selection holds %d years: the value is the mean of the yearly rates, not their sum; the years stand in a table of their own.", n))
	}
	readings := m.main.readings
	m.main.readings = [][]reading{make([]reading, m.group.len())}
	m.main.periods = []partPeriod{{name: periodWords(m.periods), whole: true}}
	for i := range m.main.readings[0] {
		m.main.readings[0][i] = meanOf(readings, i, most)
	}
}

// meanOf is the mean of the known years of unit i.
func meanOf(years [][]reading, i int, most float64) reading {
	out := reading{ward: surveillance.Ward{Facilities: 0}, source: sourceNoData}
	n := 0
	for _, y := range years {
		r := y[i]
		out.ward.Facilities = max(out.ward.Facilities, r.ward.Facilities)
		if !r.known {
			if n == 0 {
				out.source = r.source
			}
			continue
		}
		n++
		out.value += r.value
		out.ward.Numerator += r.ward.Numerator
		out.ward.Denominator = r.ward.Denominator
		out.imputed = out.imputed || r.imputed
	}
	if n == 0 {
		return out
	}
	out.known, out.source = true, sourceFacility
	out.value /= float64(n)
	out.ward.Numerator /= float64(n)
	if len(years) > 1 {
		out.source = fmt.Sprintf("mean of %s", counted(n, "year"))
	}
	if most > 0 && out.value > most {
		out.flag = fmt.Sprintf("above %g per 1,000", most)
	}
	return out
}

// aboutPartYears says which years are not whole.
func (m *measured) aboutPartYears(cells *surveillance.Cells) {
	for p, name := range cells.Periods {
		if n := cells.Covered[p].Count(); cells.Grain == surveillance.Yearly && n < 12 {
			m.notices = append(m.notices, fmt.Sprintf("%s has %s in the selection: its counts are multiplied by 12/%d, as if the other months were alike.", name, counted(n, "month"), n))
		}
	}
	if cells.Grain == surveillance.Monthly {
		m.notices = append(m.notices, "Monthly rates are per year: the month's cases × 12.")
	}
}

// aboutRates warns of rates that can't well be.
func (m *measured) aboutRates(most float64) {
	above, highest := 0, math.Inf(-1)
	for _, r := range m.main.readings {
		for _, x := range r {
			if x.known && most > 0 && x.value > most {
				above++
				highest = max(highest, x.value)
			}
		}
	}
	if above > 0 {
		m.notices = append(m.notices, fmt.Sprintf("Above %g per 1,000: %s, up to %.0f. They are marked and shown as computed: look at their population, and whether patients come from elsewhere.", most, counted(above, "figure"), highest))
	}
}
