package action

import (
	"context"
	"fmt"

	"chatmrpt/core/problem"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/surveillance/fallback"
	"chatmrpt/core/surveillance/proportion"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// shares computes a ratio of counts.
func (a *Positivity) shares(ctx context.Context, w *workspace.Workspace, in *countedRows, m *measured) error {
	wards, err := surveillance.Tabulate(ctx, in.rows, m.query, a.grain())
	if err != nil {
		return err
	}
	cells := m.group.cells(wards)
	m.take(cells, a.Per)
	m.share = true
	m.formula = m.spec.Formula
	m.notices = append(m.notices, "Formula: "+m.spec.Words()+".")
	for p := range cells.Periods {
		readings := make([]reading, m.group.len())
		for i, ward := range cells.Wards[p] {
			readings[i] = reading{ward: ward}
			readings[i].settle(m.spec)
		}
		m.main.readings = append(m.main.readings, readings)
	}
	last := len(cells.Wards) - 1
	m.total = cells.Group(make([]int, m.group.len()), 1).Wards[last][0]
	if err := a.urban(ctx, w, in, m, cells); err != nil {
		return err
	}
	if err := a.standIns(ctx, in, m, cells); err != nil {
		return err
	}
	m.aboutFew()
	return nil
}

// take keeps what a tabulation says of itself.
func (m *measured) take(c *surveillance.Cells, per string) {
	m.query, m.skipped, m.notices, m.periods = c.Query, c.Skipped, c.Notices, c.Found
	for _, u := range c.Unplaced {
		m.unplaced.Numerator += u.Numerator
		m.unplaced.Denominator += u.Denominator
		m.unplaced.RowsUsed += u.RowsUsed
		m.unplaced.RowsPositiveOverTested += u.RowsPositiveOverTested
	}
	m.main.per = per
	for i, name := range c.Periods {
		p := partPeriod{name: name, at: c.Middle(i)}
		if c.Grain == surveillance.Whole {
			p = partPeriod{name: periodWords(c.Found), whole: true}
		}
		m.main.periods = append(m.main.periods, p)
	}
}

// periodWords names the periods that went in.
func periodWords(found []string) string {
	switch len(found) {
	case 0:
		return "none"
	case 1:
		return found[0]
	}
	return found[0] + ".." + found[len(found)-1]
}

// aboutFew warns of shares of few persons.
func (m *measured) aboutFew() {
	few := 0
	for _, readings := range m.main.readings {
		for _, r := range readings {
			if r.known && r.ward.Denominator < proportion.Few {
				few++
			}
		}
	}
	if few > 0 {
		m.notices = append(m.notices, fmt.Sprintf("Based on fewer than %d %s: %s. See how far apart low and high are before comparing.", proportion.Few, m.spec.Denominator, counted(few, "figure")))
	}
}

// standIns fills in what is missing, in the order the user gave.
func (a *Positivity) standIns(ctx context.Context, in *countedRows, m *measured, cells *surveillance.Cells) error {
	rules, err := a.rules()
	if err != nil || len(rules.Steps) == 0 {
		return err
	}
	history, err := finest(ctx, in.rows, m.query)
	if err != nil {
		return err
	}
	m.options = append(m.options, rules.String())
	m.notices = append(m.notices, "Positivity has "+rules.String()+"; each is marked.")
	counts, areas := map[fallback.Step]int{}, m.frame.placed()
	for p, name := range cells.Periods {
		span := fallback.Span{First: name, Last: name}
		if cells.Grain == surveillance.Whole {
			if span, err = wholeSpan(m.query); err != nil {
				return err
			}
		}
		for i, f := range fallback.Fill(cells.Wards[p], span, history, areas, rules) {
			r := &m.main.readings[p][i]
			counts[f.Step]++
			if f.Step == fallback.Own || f.Step == fallback.None || r.source == sourceUrban {
				continue
			}
			facilities := r.ward.Facilities
			*r = reading{ward: f.Ward, imputed: true, source: f.Step.Words()}
			r.settle(m.spec)
			r.ward.Facilities = facilities
		}
	}
	for _, s := range rules.Steps {
		m.notices = append(m.notices, fmt.Sprintf("Stand-in %q: %s.", s.Words(), counted(counts[s], "figure")))
	}
	return nil
}

// rules are the stand-ins asked for.
func (s *StandIn) rules() (fallback.Rules, error) {
	steps, err := fallback.ParseSteps(s.Fallback)
	return fallback.Rules{Steps: steps, MinTests: s.MinTests, Extreme: s.Extreme}, err
}

// wholeSpan is the period of a query answered as one. Stand-ins of other
// periods have no meaning for all periods together.
func wholeSpan(q surveillance.Query) (fallback.Span, error) {
	if q.AllPeriods {
		return fallback.Span{}, usage("positivity", "fallback", "all periods together have no month before or after", "Choose a period, or give --per year or --per month")
	}
	last := q.To
	if last == "" {
		last = q.From
	}
	return fallback.Span{First: q.From, Last: last}, nil
}

// finest tabulates all the records by month, or by year where they are not by
// month.
func finest(ctx context.Context, rows surveillance.Rows, q surveillance.Query) (*surveillance.Cells, error) {
	q.From, q.To, q.AllPeriods = "", "", true
	c, err := surveillance.Tabulate(ctx, rows, q, surveillance.Monthly)
	if problem.Is(err, problem.NotFound) {
		return surveillance.Tabulate(ctx, rows, q, surveillance.Yearly)
	}
	return c, err
}

// placed numbers the LGA and the state of every ward.
func (f *frame) placed() fallback.Areas {
	lga, state := f.grouping(byLGA), f.grouping(byState)
	return fallback.Areas{LGA: lga.of, LGAs: lga.len(), State: state.of, States: state.len()}
}

// urban applies the rule of out-patients to urban wards of very high
// positivity: there facilities see patients from everywhere, and the analysts
// of the programme divide by all out-patients instead.
func (a *Positivity) urban(ctx context.Context, w *workspace.Workspace, in *countedRows, m *measured, cells *surveillance.Cells) error {
	if !a.UrbanOPD {
		return nil
	}
	cat, err := m.frame.loadCatalogue(ctx, w, "positivity")
	if err != nil {
		return err
	}
	share := cat.withRole(table.RoleUrban)
	if share == nil {
		return problem.New(problem.NotFound, "positivity", "--urban-opd", "no table says how urban the wards are",
			"Import a ward table with a column of the urban percentage, or leave --urban-opd out")
	}
	q := m.query
	q.Measure, q.Test = surveillance.MeasureOPDLarger, surveillance.BothTests
	other, err := surveillance.Tabulate(ctx, in.rows, q, a.grain())
	if err != nil {
		return err
	}
	spec, _ := surveillance.MeasureOf(q.Measure)
	replaced, lacking, unknown := 0, 0, 0
	for i := range m.frame.units {
		if !share.present[i] {
			unknown++
		}
	}
	for p := range cells.Periods {
		for i := range m.main.readings[p] {
			r := &m.main.readings[p][i]
			if !r.known || !share.present[i] || share.values[i] <= a.UrbanOver || 100*r.value <= a.UrbanPositivity {
				continue
			}
			by := reading{ward: other.Wards[p][i], source: sourceUrban}
			if by.settle(spec); !by.known {
				lacking++
				continue
			}
			*r = by
			replaced++
		}
	}
	for _, d := range share.inputs {
		m.inputs = addInput(m.inputs, d)
	}
	rule := fmt.Sprintf("in wards more than %g %% urban with a positivity above %g %%, the value is %s", a.UrbanOver, a.UrbanPositivity, spec.Words())
	m.options = append(m.options, rule)
	m.notices = append(m.notices, fmt.Sprintf("Urban rule: %s. Applied to %s; %d lack attendance and keep their positivity; %s of unknown urban share left as they are.",
		rule, counted(replaced, "figure"), lacking, counted(unknown, "ward")))
	return nil
}
