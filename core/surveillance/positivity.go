package surveillance

import (
	"context"
	"fmt"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// Positivity computes the measure of every ward, by default the test
// positivity rate: Σ positives ÷ Σ tested over the selected rows, tests and
// age groups (formula T1 of the programme's analysts; with one test chosen, T2
// or T3). Measures lists the others.
//
// The two counts of one row, test and age group enter only as a pair: a count
// of positives without its count of tests, or the reverse, would shift the
// ratio, so such half pairs are left out and counted in Skipped.HalfPairs. On
// records without half pairs this equals plain independent sums.
//
// Problems: Usage for a query that is incomplete, contradicts itself, or names
// no period where the records cover several years; NotFound when a level,
// period, or test and age group is not in the records. It stops early when ctx
// ends.
func Positivity(ctx context.Context, rows Rows, q Query) (*Result, error) {
	c, err := Tabulate(ctx, rows, q, Whole)
	if err != nil {
		return nil, err
	}
	return c.Result(0), nil
}

// Tabulate adds up what the measure divides, period by period and ward by
// ward. With a grain finer than Whole the years are told apart, so a query
// without a period means every period there is. Problems as of Positivity.
func Tabulate(ctx context.Context, rows Rows, q Query, g Grain) (*Cells, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	if err := rows.check(); err != nil {
		return nil, err
	}
	cols, notices, err := findColumns(rows.Table, q)
	if err != nil {
		return nil, err
	}
	if g == Whole {
		if q, err = settlePeriod(q, cols.period); err != nil {
			return nil, err
		}
	} else if q.From == "" {
		q.AllPeriods = true
	}
	t, err := newTally(rows, cols, q, g)
	if err != nil {
		return nil, err
	}
	if err := t.add(ctx, rows); err != nil {
		return nil, err
	}
	if t.selected == 0 {
		return nil, nothingSelected(q, cols.period)
	}
	return t.cells(notices), nil
}

// Comparison is positivity for every level of care and age group.
type Comparison struct {
	Results []*Result // in the order of Levels then All, each with table.Ages then All
	Left    []string  // the combinations the records can't answer, with the reason
}

// Compare answers base for all sixteen combinations of level and age group,
// whatever its own Level and Age. Combinations that the records can't answer
// are listed, not invented; any other problem ends the comparison.
func Compare(ctx context.Context, rows Rows, base Query) (*Comparison, error) {
	c := &Comparison{}
	for _, level := range append(Levels(), All) {
		for _, age := range append(table.Ages(), All) {
			base.Level, base.Age = level, string(age)
			r, err := Positivity(ctx, rows, base)
			switch {
			case problem.Is(err, problem.NotFound):
				c.Left = append(c.Left, fmt.Sprintf("level %s, age %s: %v", level, age, err))
			case err != nil:
				return nil, err
			default:
				c.Results = append(c.Results, r)
			}
		}
	}
	return c, nil
}

// nothingSelected is the problem of a query that no row fits.
func nothingSelected(q Query, period *table.Column) error {
	hint := "Choose another level or period"
	if years := yearsOf(period); len(years) > 0 {
		hint = "Choose another level or period; the records cover " + listed(years)
	}
	return problem.New(problem.NotFound, op, "", "no record fits: "+q.String(), hint)
}
