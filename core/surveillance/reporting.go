package surveillance

import (
	"context"

	"chatmrpt/core/problem"
)

// Expected is the rule that says which facilities should have reported in a
// period.
type Expected string

// The rules.
const (
	// EverReported expects every facility that reports at least once in the
	// records, in every period.
	EverReported Expected = "ever"
	// Active expects a facility from its first report on, but not in months
	// that belong to a silence of SilentMonths months in a row or more: it is
	// taken to be closed then (sntmethods, ahadi-analytics).
	Active Expected = "active"
)

// SilentMonths is how many months without a report make a facility inactive.
const SilentMonths = 6

// Reports are the reports received and expected of one ward and period, one
// report per facility and period.
type Reports struct{ Received, Expected int }

// Rate is received ÷ expected; false where none is expected.
func (r Reports) Rate() (float64, bool) {
	if r.Expected <= 0 {
		return 0, false
	}
	return float64(r.Received) / float64(r.Expected), true
}

// Reporting is the reports by period and ward.
type Reporting struct {
	Periods []string
	Wards   [][]Reports // per period: the wards
}

// ReportingRates counts, in the whole of the records, which facilities reported in
// which period: a facility reports when a row of it holds any of the counts
// that the query's measure reads, a nought included. The period of the query
// is left aside, because what a facility did before and after says whether it
// was expected. Problems as of Tabulate, and NotFound when the records name no
// facilities.
func ReportingRates(ctx context.Context, rows Rows, q Query, g Grain, rule Expected) (*Reporting, error) {
	q.From, q.To, q.AllPeriods = "", "", true
	if err := q.Check(); err != nil {
		return nil, err
	}
	if err := rows.check(); err != nil {
		return nil, err
	}
	cols, _, err := findColumns(rows.Table, q)
	if err != nil {
		return nil, err
	}
	if cols.facility == nil {
		return nil, problem.New(problem.NotFound, op, "", "the records name no facilities, so reports can't be counted",
			"Import the file again and name its facility column, or leave out the correction for reporting")
	}
	t, err := newTally(rows, cols, q, g)
	if err != nil {
		return nil, err
	}
	t.reported = newFacilitySet(len(cols.facility.Dict()), len(t.buckets.names))
	if err := t.add(ctx, rows); err != nil {
		return nil, err
	}
	return t.reports(rule), nil
}

// reports counts the facilities of each ward.
func (t *tally) reports(rule Expected) *Reporting {
	out := &Reporting{Periods: t.buckets.names}
	for range out.Periods {
		out.Wards = append(out.Wards, make([]Reports, t.units))
	}
	t.reported.each(func(unit int, met []bool) {
		if unit >= t.units {
			return // rows without a ward
		}
		for p, expected := range expectedIn(met, out.Periods, rule) {
			if expected {
				out.Wards[p][unit].Expected++
			}
			if met[p] {
				out.Wards[p][unit].Received++
			}
		}
	})
	return out
}

// expectedIn says for one facility in which of the periods a report is
// expected. A silence is measured on the calendar, whatever months the records
// hold; one that ends the records lasts to their last month.
func expectedIn(met []bool, periods []string, rule Expected) []bool {
	out := make([]bool, len(met))
	for p := 0; p < len(met); {
		if met[p] {
			out[p] = true
			p++
			continue
		}
		end := p
		for end < len(met) && !met[end] {
			end++
		}
		expected := rule == EverReported || p > 0 && silentMonths(periods, p, end) < SilentMonths
		for ; p < end; p++ {
			out[p] = expected
		}
	}
	return out
}

// silentMonths counts the months between the report before period from, and
// the next report in period to or the end of the records.
func silentMonths(periods []string, from, to int) int {
	begin := lastMonth(periods[from-1]) + 1
	if to == len(periods) {
		return lastMonth(periods[to-1]) - begin + 1
	}
	return lastMonth(periods[to]) - monthsIn(periods[to]) + 1 - begin
}

// lastMonth numbers the last month of a year or month.
func lastMonth(period string) int {
	_, last, _ := MonthsOf(period)
	return MonthNumber(last)
}

func monthsIn(period string) int {
	if len(period) == len("2024") {
		return 12
	}
	return 1
}

// each hands over every facility that was met, with its ward and the buckets
// in which it was met. The slice is used again.
func (s *facilitySet) each(f func(unit int, met []bool)) {
	met := make([]bool, s.buckets)
	visit := func(number, unit int) {
		any := false
		for b := range met {
			bit := number*s.buckets + b
			met[b] = bit/64 < len(s.met) && s.met[bit/64]&(1<<(bit%64)) != 0
			any = any || met[b]
		}
		if any {
			f(unit, met)
		}
	}
	for name, unit := range s.first {
		if unit > 0 {
			visit(name, unit-1)
		}
	}
	for key, number := range s.more {
		visit(number, key[0])
	}
}
