// Package surveillance turns rows of facility records into figures per ward.
//
// Positivity adds up two counts (persons positive and persons tested, for most
// measures) over the rows that a Query selects, ward by ward, and divides
// afterwards: sums before ratios. Tabulate does the same by year or by month.
// The query names every dimension that changes the answer (measure, level of
// care, age group, test, period), and the result carries it back, so that no
// figure travels without its meaning. Nothing is dropped in silence: rows that
// were not used are counted by reason, tests reported without a ward are
// summed apart, and an impossible figure (more positives than tests) is kept
// and flagged, never cut down to a possible one. A ward without tests has no
// value; that is not the value nought. The figure of an LGA or a state comes
// from the sums of its wards (Cells.Group), never from their ratios.
//
// What is made of the counts further on stands in rooms of its own: proportion
// (how sure a share of few persons is), fallback (what may stand in for a
// missing one), incidence (corrections for testing, reporting and care
// seeking), season and strata.
package surveillance

import (
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// op is the act named in this package's problems.
const op = "positivity"

// The words of a Query beside the names of ages and tests in package table.
const (
	All       = "all"  // every level, or every age group
	BothTests = "both" // rapid tests and microscopy together
	Primary   = "primary"
	Secondary = "secondary"
	Tertiary  = "tertiary"
)

// Levels lists the levels of care in the order of every output.
func Levels() []string { return []string{Primary, Secondary, Tertiary} }

// Query says which records count. Every field but the period must be set;
// there are no defaults, because each would be a hidden choice.
type Query struct {
	Measure string `json:",omitempty"` // a Measure's name; "" is positivity

	Level string // Primary, Secondary, Tertiary, or All (rows without a level included)
	Age   string // a table.Age, or All
	Test  string // a table.Test, or BothTests

	// From and To are canonical periods (2024, 2024-03 or 2024-03-05), both
	// inclusive; a row counts when the whole of its period lies between them.
	// An empty To means the same period as From. Both may be empty when the
	// records lie in one calendar year, which the result then names.
	From, To string

	// AllPeriods takes every row whatever its period, also rows without one:
	// the only way to add up several years, so that it never happens unasked.
	AllPeriods bool
}

// Check reports what is wrong with the query by itself, before any rows are
// seen, as a Usage problem.
func (q Query) Check() error {
	ages, tests := []string{}, []string{}
	for _, a := range table.Ages() {
		ages = append(ages, string(a))
	}
	for _, t := range table.Tests() {
		tests = append(tests, string(t))
	}
	if err := oneOf("level of care", q.Level, append(Levels(), All)); err != nil {
		return err
	}
	if err := oneOf("age group", q.Age, append(ages, All)); err != nil {
		return err
	}
	if err := oneOf("test", q.Test, append(tests, BothTests)); err != nil {
		return err
	}
	if err := q.checkMeasure(); err != nil {
		return err
	}
	_, err := q.span()
	return err
}

// String gives the query in words for a title or a notice.
func (q Query) String() string {
	period := "period not chosen"
	switch {
	case q.AllPeriods:
		period = "all periods"
	case q.From != "" && (q.To == "" || q.To == q.From):
		period = q.From
	case q.From != "":
		period = q.From + " to " + q.To
	}
	words := []string{levelWords(q.Level), ageWords(q.Age), testWords(q.Test), period}
	if q.Measure != "" && q.Measure != MeasurePositivity {
		words = append([]string{q.Measure}, words...)
	}
	return strings.Join(words, ", ")
}

func levelWords(level string) string {
	if level == All {
		return "facilities of all levels"
	}
	return level + " facilities"
}

func ageWords(age string) string {
	switch table.Age(age) {
	case table.Under5:
		return "children under five"
	case table.Over5:
		return "persons of five years and older"
	case table.Pregnant:
		return "pregnant women"
	}
	return "all ages"
}

func testWords(test string) string {
	switch table.Test(test) {
	case table.RDT:
		return "RDT"
	case table.Microscopy:
		return "microscopy"
	}
	return "RDT and microscopy"
}

// Rows are facility records, one row per facility and period, already linked
// to wards.
type Rows struct {
	Table *table.Table // columns are found by their roles, never by name
	Unit  []int        // per row: position of its ward below Units; −1 when it has none
	Units int          // number of wards
}

// check guards the indices on which the sums rely. A breach is a fault of the
// caller, not of the person's file.
func (r Rows) check() error {
	if r.Table == nil || r.Units < 0 || len(r.Unit) != r.Table.Rows() {
		return fmt.Errorf("surveillance: %d ward links do not fit the table", len(r.Unit))
	}
	for i, u := range r.Unit {
		if u < -1 || u >= r.Units {
			return fmt.Errorf("surveillance: row %d is linked to ward %d of %d", i, u, r.Units)
		}
	}
	return nil
}

// Counts are two sums that belong together.
type Counts struct {
	Numerator   float64 // persons positive, for most measures
	Denominator float64 // persons tested, for most measures
}

func (c Counts) ratio() (float64, bool) {
	if !(c.Denominator > 0) {
		return 0, false
	}
	return c.Numerator / c.Denominator, true
}

// Ward holds the sums of one ward, or of the wards of one group.
type Ward struct {
	Counts
	Tests   [2]Counts // the same by test, in the order of table.Tests, where the measure counts each apart
	HasData bool      // the denominator is above nought; without it there is no value

	Facilities             int // distinct facility names with tests in the selection
	RowsUsed               int // rows that gave at least one complete pair of counts
	RowsPositiveOverTested int // rows where an age group and test has more positives than tests
}

// Value is the numerator divided by the denominator, for most measures
// positives by tests, as a share; false when there is no data. It can exceed 1
// where the records say so.
func (w Ward) Value() (float64, bool) {
	if !w.HasData {
		return 0, false
	}
	return w.ratio()
}

// Impossible reports a value above 1: more positives than tests. The value is
// kept as it is, for a person to look into.
func (w Ward) Impossible() bool { return w.HasData && w.Numerator > w.Denominator }

// add adds the sums of another ward.
func (w *Ward) add(o Ward) {
	w.Numerator += o.Numerator
	w.Denominator += o.Denominator
	for k := range w.Tests {
		w.Tests[k].Numerator += o.Tests[k].Numerator
		w.Tests[k].Denominator += o.Tests[k].Denominator
	}
	w.Facilities += o.Facilities
	w.RowsUsed += o.RowsUsed
	w.RowsPositiveOverTested += o.RowsPositiveOverTested
}

// Skipped counts what a result leaves out. The first group is disjoint: a row
// is counted under the first reason that excludes it, in this order.
type Skipped struct {
	OtherLevel  int // rows of another level of care
	NoLevel     int // rows without a level, when one was asked for
	NoPeriod    int // rows without a period, when one was asked for
	BadPeriod   int // rows whose period is not a canonical one
	WiderPeriod int // rows whose period only partly lies in the one asked for
	OtherPeriod int // rows of another period
	Empty       int // selected rows without one complete pair of counts

	HalfPairs       int // pairs of tested and positive with only one of the two present
	Negative        int // pairs with a count below nought
	ZeroDenominator int `json:",omitempty"` // pairs that the measure leaves out because they divide by nought
	NoFacility      int // rows with tests that count, but name no facility
}

// Result is positivity per ward for one query.
type Result struct {
	Query        Query // as answered: a period the rows decided is filled in
	Wards        []Ward
	Unplaced     Ward     // sums of the selected rows that have no ward
	PeriodsFound []string // periods of the rows used, in order of time
	Skipped      Skipped
	Notices      []string // what a reader must know, one sentence each
}

func oneOf(what, got string, allowed []string) error {
	if slices.Contains(allowed, got) {
		return nil
	}
	message := fmt.Sprintf("no %s is chosen", what)
	if got != "" {
		message = fmt.Sprintf("%q is not a %s", got, what)
	}
	return problem.New(problem.Usage, op, "", message, "Choose one of "+strings.Join(allowed, ", "))
}
