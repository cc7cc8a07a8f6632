package quality

import (
	"cmp"
	"slices"

	"chatmrpt/core/table"
)

// Check is one rule of the cascade: a count that can't exceed another.
type Check struct {
	Lesser, Greater string // in words: "RDT positive, under five", "RDT tested, under five"
	Rows            int    // in which both are known
	Broken          int    // in which the lesser exceeds the greater
	Excess          float64
}

// Share is the share of the rows compared that break the rule.
func (c Check) Share() (float64, bool) { return share(c.Broken, c.Rows) }

// Breach is one row that breaks a rule.
type Breach struct {
	Row             int // of the table, from 0
	Facility        Facility
	Period          string
	Check           int // index into the checks
	Lesser, Greater float64
}

// rule compares two sums of columns in one row.
type rule struct {
	lesser, greater       []*table.Column
	lesserWord, greatWord string
}

// Cascade checks every row against the cascade of care: positives can't exceed
// tests, tests of one kind not the fevers of that age, fevers and tests not
// the out-patients, out-patients not all patients. (SNT code library: test ≥
// conf, susp ≥ test, allout ≥ susp, allout ≥ test. Fever is the suspected
// case of these forms; a person may have both tests, so each is compared by
// itself.) A sum over age groups takes those that are known, so it can only be
// too small to break a rule. Rules whose columns the table lacks are left out.
// Breaches are in order of their excess, the largest first.
func (p *Panel) Cascade() ([]Check, []Breach) {
	var checks []Check
	var breaches []Breach
	for _, r := range p.rules() {
		c := Check{Lesser: r.lesserWord, Greater: r.greatWord}
		for row := range p.Rows {
			less, ok := sum(r.lesser, row)
			great, okGreat := sum(r.greater, row)
			if !ok || !okGreat {
				continue
			}
			c.Rows++
			if less <= great {
				continue
			}
			c.Broken++
			c.Excess += less - great
			breaches = append(breaches, Breach{row, p.facilityOf(row), p.periodOf(row), len(checks), less, great})
		}
		if c.Rows > 0 {
			checks = append(checks, c)
		}
	}
	slices.SortStableFunc(breaches, func(a, b Breach) int {
		return cmp.Or(cmp.Compare(b.Lesser-b.Greater, a.Lesser-a.Greater), cmp.Compare(a.Row, b.Row))
	})
	return checks, breaches
}

func (p *Panel) rules() []rule {
	var out []rule
	add := func(lesser, greater []*table.Column, lesserWord, greatWord string) {
		if len(lesser) > 0 && len(greater) > 0 {
			out = append(out, rule{lesser, greater, lesserWord, greatWord})
		}
	}
	for _, c := range p.pairs {
		add([]*table.Column{c.positive}, []*table.Column{c.tested}, "positive by "+c.words, "tested by "+c.words)
	}
	var fevers []*table.Column
	for _, a := range table.Ages() {
		fever := p.present(table.FeverRole(a))
		fevers = append(fevers, fever...)
		for _, t := range table.Tests() {
			add(p.present(table.TestedRole(t, a)), fever, "tested by "+testWords(t)+", "+ageWords(a), "fever, "+ageWords(a))
		}
	}
	patients := p.present(table.RoleAttendance)
	add(fevers, patients, "fever, all ages", "out-patients")
	for _, t := range table.Tests() {
		var tested []*table.Column
		for _, a := range table.Ages() {
			tested = append(tested, p.present(table.TestedRole(t, a))...)
		}
		add(tested, patients, "tested by "+testWords(t)+", all ages", "out-patients")
	}
	add(patients, p.present(table.RoleGeneralAttendance), "out-patients", "all patients")
	return out
}

// present is the column of a role as a list, empty where there is none.
func (p *Panel) present(r table.Role) []*table.Column {
	if c := p.number(r); c != nil {
		return []*table.Column{c}
	}
	return nil
}

// sum adds up the known cells of a row, false when none is known.
func sum(columns []*table.Column, row int) (total float64, ok bool) {
	for _, c := range columns {
		if v, has := c.Number(row); has {
			total, ok = total+v, true
		}
	}
	return total, ok
}

// facilityOf names the facility of a row, empty where it names none.
func (p *Panel) facilityOf(row int) Facility {
	if f := p.facility[row]; f >= 0 {
		return p.Facilities[f]
	}
	return Facility{}
}

// periodOf is the period of a row, "" where it has none.
func (p *Panel) periodOf(row int) string {
	if i := p.period[row]; i >= 0 {
		return p.Periods[i]
	}
	return ""
}
