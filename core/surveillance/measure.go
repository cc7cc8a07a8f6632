package surveillance

import (
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// The measures, as they are named in commands and on method cards. The ids T1
// to T11 are those of the catalogue of formulas found in the scripts of the
// programme's analysts and in the systems they used (spec/analytics.md 2.3).
const (
	MeasurePositivity = "positivity"             // T1; T2 and T3 when one test is chosen
	MeasureLarger     = "positivity-larger"      // T4
	MeasureHigher     = "positivity-higher-test" // T5
	MeasureFever      = "fever"                  // T6
	MeasureGeneral    = "general-attendance"     // T7
	MeasureOPD        = "opd"                    // T8
	MeasureOPDLarger  = "opd-larger"             // T9
	MeasureBurden     = "burden"                 // T10
	MeasureIlorin     = "ilorin"                 // T11
	MeasureTesting    = "testing"                // persons tested per 1,000 inhabitants and year
	MeasurePresumed   = "presumed"               // persons taken for malaria without a test, likewise
	MeasureSuspected  = "suspected"              // persons with fever, likewise
)

// Measure is one way to make a figure of counts.
type Measure struct {
	Name        string
	ID          string // T1 … T11; "" for one that stands in no catalogue
	Formula     string // in words
	Numerator   string // what the numerator counts, for the column's unit
	Denominator string
	Source      string // who computes it so

	PerThousand bool // per 1,000 inhabitants and year; otherwise a ratio
	Share       bool // numerator and denominator count the same persons, so 0 to 1 and binomial
	bothTests   bool // compares the two tests, so both must be asked for
	oneAge      bool // defined for one age group only
	skipZero    bool // rows with a denominator of nought don't count
	exchanged   bool // tests over positives
	capped      bool // cut at 1, each cut being flagged
}

// Measures lists every measure of records, in the order of every output.
func Measures() []Measure {
	const positive, tested, inhabitants = "persons positive", "persons tested", "inhabitants"
	return []Measure{
		{Name: MeasurePositivity, ID: "T1", Formula: "positives ÷ persons tested, both summed over facilities and periods before dividing",
			Numerator: positive, Denominator: tested, Source: "the programme's state analyses (T1; with one test T2 or T3)", Share: true},
		{Name: MeasureLarger, ID: "T4", Formula: "Σ of the larger of RDT and microscopy positives ÷ Σ of the larger of RDT and microscopy tests, facility row by facility row, rows without tests left out",
			Numerator: positive, Denominator: tested, Source: "the web predecessor's first edition (T4)", Share: true, bothTests: true, oneAge: true, skipZero: true},
		{Name: MeasureHigher, ID: "T5", Formula: "the higher of RDT positivity and microscopy positivity of the ward, each from sums; the other test's persons are left out",
			Numerator: positive, Denominator: tested, Source: "the web predecessor's first edition (T5)", Share: true, bothTests: true},
		{Name: MeasureFever, ID: "T6", Formula: "positives ÷ persons with fever of the same age group",
			Numerator: positive, Denominator: "persons with fever", Source: "the programme's Delta analysis, u5_tpr2 (T6)", Share: true},
		{Name: MeasureGeneral, ID: "T7", Formula: "positives of the age group ÷ general attendance of all ages",
			Numerator: positive, Denominator: "patients of all ages", Source: "the programme's Delta analysis, u5_tpr3 (T7)", Share: true},
		{Name: MeasureOPD, ID: "T8", Formula: "positives of the age group ÷ out-patient attendance of all ages",
			Numerator: positive, Denominator: "out-patients of all ages", Source: "the programme's Niger, Yobe, Kaduna and Katsina analyses, there for under-fives and RDT (T8)", Share: true},
		{Name: MeasureOPDLarger, ID: "T9", Formula: "Σ of the larger of RDT and microscopy positives ÷ Σ of out-patient attendance of all ages, over facility rows with attendance above nought",
			Numerator: positive, Denominator: "out-patients of all ages", Source: "the web predecessor's urban alternative (T9)", Share: true, bothTests: true, skipZero: true},
		{Name: MeasureBurden, ID: "T10", Formula: "positives ÷ population × 1,000 × 12 ÷ months in the records, year by year; over several years the mean of the years, never their sum",
			Numerator: positive, Denominator: inhabitants, Source: "the web predecessor (T10), there summed over years and cut at 1,000", PerThousand: true},
		{Name: MeasureTesting, Formula: "persons tested ÷ population × 1,000 × 12 ÷ months in the records, year by year; over several years the mean of the years",
			Numerator: tested, Denominator: inhabitants, Source: "annual blood examination rate (WHO malaria terminology)", PerThousand: true},
		{Name: MeasurePresumed, Formula: "persons diagnosed clinically without a test ÷ population × 1,000, by year as burden",
			Numerator: "persons presumed", Denominator: inhabitants, Source: "DHIS2 malaria data set", PerThousand: true},
		{Name: MeasureSuspected, Formula: "persons with fever ÷ population × 1,000, by year as burden",
			Numerator: "persons with fever", Denominator: inhabitants, Source: "DHIS2 malaria data set", PerThousand: true},
		{Name: MeasureIlorin, ID: "T11", Formula: "Σ of the column labelled tested ÷ Σ of the column labelled positive, cut at 1; the two labels are exchanged in the published file, and each ward that was cut is marked",
			Numerator: "persons labelled tested", Denominator: "persons labelled positive", Source: "Ozodiegwu et al. 2025, doi 10.1186/s44263-025-00126-0 (T11)", Share: true, exchanged: true, capped: true},
	}
}

// MeasureOf returns the measure of that name; "" is positivity.
func MeasureOf(name string) (Measure, bool) {
	if name == "" {
		name = MeasurePositivity
	}
	for _, m := range Measures() {
		if m.Name == name {
			return m, true
		}
	}
	return Measure{}, false
}

// measure is the measure of a checked query.
func (q Query) measure() Measure {
	m, _ := MeasureOf(q.Measure)
	return m
}

// checkMeasure refuses a measure that the other choices don't fit.
func (q Query) checkMeasure() error {
	m, ok := MeasureOf(q.Measure)
	bad := func(message, hint string) error { return problem.New(problem.Usage, op, q.Measure, message, hint) }
	switch {
	case !ok:
		var names []string
		for _, m := range Measures() {
			names = append(names, m.Name)
		}
		return bad("there is no such measure", "Choose one of "+strings.Join(names, ", "))
	case m.bothTests && q.Test != BothTests:
		return bad("this measure compares the two tests, and one is chosen", "Ask for both tests, or for another measure")
	case m.oneAge && q.Age == All:
		return bad("this measure is defined for one age group", "Choose u5, o5 or pw; for all ages the analysts used "+MeasureHigher)
	}
	return nil
}

// count is a number read from one row: the sum, over its groups, of the
// largest column of each group. A group none of whose columns has a value adds
// nothing; when no group has one the count is missing.
type count [][]*table.Column

func (c count) read(row int) (sum float64, ok, negative bool) {
	for _, group := range c {
		largest, has := 0.0, false
		for _, col := range group {
			v, present := col.Number(row)
			if !present {
				continue
			}
			negative = negative || v < 0
			if !has || v > largest {
				largest, has = v, true
			}
		}
		if has {
			sum, ok = sum+largest, true
		}
	}
	return sum, ok, negative
}

// alone is the column of a count of one column, else nil.
func (c count) alone() *table.Column {
	if len(c) == 1 && len(c[0]) == 1 {
		return c[0][0]
	}
	return nil
}

// pair is a denominator with its numerator. test is the test it counts, −1
// where it counts both together.
type pair struct {
	test                   int
	denominator, numerator count

	// The two columns where each count is just one, the usual case, read
	// without ado: tables have hundreds of thousands of rows.
	tested, positive *table.Column
}

// read gives both counts of a row.
func (p *pair) read(row int) (n, k float64, hasN, hasK bool) {
	if p.tested != nil {
		n, hasN = p.tested.Number(row)
		k, hasK = p.positive.Number(row)
		return n, k, hasN, hasK
	}
	n, hasN, negN := p.denominator.read(row)
	k, hasK, negK := p.numerator.read(row)
	if negN || negK {
		n = -1 // refused as a whole, although a sum may hide the sign
	}
	return n, k, hasN, hasK
}

// pairs lists what the measure reads, and names the columns that the records
// lack.
func (q Query) pairs(t *table.Table) (pairs []pair, absent []string) {
	m := q.measure()
	find := func(r table.Role) []*table.Column {
		if c := numberRole(t, r); c != nil {
			return []*table.Column{c}
		}
		absent = append(absent, roleWords(r))
		return nil
	}
	switch m.Name {
	case MeasureFever:
		for _, age := range q.ages() {
			pairs = append(pairs, pair{test: -1, denominator: count{find(table.FeverRole(age))}, numerator: q.positives(find, age, false)})
		}
	case MeasureGeneral, MeasureOPD, MeasureOPDLarger:
		role := table.RoleAttendance
		if m.Name == MeasureGeneral {
			role = table.RoleGeneralAttendance
		}
		p := pair{test: -1, denominator: count{find(role)}}
		for _, age := range q.ages() {
			p.numerator = append(p.numerator, q.positives(find, age, m.bothTests)...)
		}
		pairs = append(pairs, p)
	case MeasurePresumed, MeasureSuspected:
		role := table.PresumedRole
		if m.Name == MeasureSuspected {
			role = table.FeverRole
		}
		for _, age := range q.ages() {
			c := count{find(role(age))}
			pairs = append(pairs, pair{test: -1, denominator: c, numerator: c})
		}
	case MeasureLarger:
		for _, age := range q.ages() {
			p := pair{test: -1, numerator: q.positives(find, age, true)}
			var tested []*table.Column
			for _, test := range table.Tests() {
				tested = append(tested, find(table.TestedRole(test, age))...)
			}
			p.denominator = count{tested}
			pairs = append(pairs, p)
		}
	default:
		pairs = q.testPairs(m, find)
	}
	pairs = slices.DeleteFunc(pairs, pair.lacks)
	for i := range pairs {
		if n, k := pairs[i].denominator.alone(), pairs[i].numerator.alone(); n != nil && k != nil {
			pairs[i].tested, pairs[i].positive = n, k
		}
	}
	return pairs, absent
}

// testPairs makes a pair of each test and age group.
func (q Query) testPairs(m Measure, find func(table.Role) []*table.Column) (pairs []pair) {
	for k, test := range table.Tests() {
		for _, age := range q.ages() {
			if !q.wants(test) {
				continue
			}
			p := pair{test: k, denominator: count{find(table.TestedRole(test, age))}, numerator: count{find(table.PositiveRole(test, age))}}
			if m.exchanged {
				p.denominator, p.numerator = p.numerator, p.denominator
			}
			switch m.Name { // one count, whether the other stands beside it or not
			case MeasureTesting:
				p.numerator = p.denominator
			case MeasureBurden:
				p.denominator = p.numerator
			}
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// positives reads the positives of one age group: the tests asked for added
// up, or the larger of them.
func (q Query) positives(find func(table.Role) []*table.Column, age table.Age, larger bool) (c count) {
	for _, test := range table.Tests() {
		if q.wants(test) {
			c = append(c, find(table.PositiveRole(test, age)))
		}
	}
	if larger {
		return count{slices.Concat(c...)}
	}
	return c
}

// lacks reports that the records hold no column for one side of the pair.
func (p pair) lacks() bool {
	none := func(c count) bool {
		return !slices.ContainsFunc(c, func(g []*table.Column) bool { return len(g) > 0 })
	}
	return none(p.denominator) || none(p.numerator)
}

func (q Query) wants(test table.Test) bool { return q.Test == BothTests || q.Test == string(test) }

// ages lists the age groups asked for.
func (q Query) ages() []table.Age {
	if q.Age == All {
		return table.Ages()
	}
	return []table.Age{table.Age(q.Age)}
}

// roleWords names a column that is looked for: "rdt u5" for the counts of a
// test and age group, which are absent in pairs.
func roleWords(r table.Role) string {
	s := string(r)
	for _, prefix := range []string{"tested_", "positive_"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			return strings.ReplaceAll(rest, "_", " ")
		}
	}
	return strings.ReplaceAll(s, "_", " ")
}

// settle makes the numerator and denominator of a ward those that its measure
// divides.
func (m Measure) settle(w *Ward) {
	if m.Name == MeasureHigher {
		// Equal rates fall to RDT, the first, as in the original.
		best, rate := -1, 0.0
		for k, c := range w.Tests {
			if v, ok := c.ratio(); ok && (best < 0 || v > rate) {
				best, rate = k, v
			}
		}
		if best < 0 {
			best = 0
		}
		w.Counts = w.Tests[best]
	}
	w.HasData = w.Denominator > 0
	if m.PerThousand {
		// The population is divided by, later; the tests say whether any were
		// reported. Reported noughts are data.
		w.HasData = w.RowsUsed > 0
	}
}

// Value is the measure of a ward's counts as a ratio, cut where the measure
// cuts; cut says that it was. It is false when there is no data, and for the
// measures per 1,000 inhabitants, which need a population.
func (m Measure) Value(w Ward) (v float64, cut, ok bool) {
	v, ok = w.Value()
	if !ok || m.PerThousand {
		return 0, false, false
	}
	if m.capped && v > 1 {
		return 1, true, true
	}
	return v, false, true
}

// Words names the measure with its formula and source, for cards and notices.
func (m Measure) Words() string {
	id := ""
	if m.ID != "" {
		id = " (" + m.ID + ")"
	}
	return fmt.Sprintf("%s%s = %s; source: %s", m.Name, id, m.Formula, m.Source)
}
