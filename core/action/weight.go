package action

import (
	"fmt"

	"chatmrpt/core/place"
	"chatmrpt/core/table"
)

// weight is how much hangs on each place name of a table: tests in a facility
// table, persons in one of population. Rows alone would let a village weigh as
// much as a city.
type weight struct {
	of string    // "tests", "persons", or "" where the table has neither
	by []float64 // by place name
}

func weightOf(t *table.Table, of []int, names int) weight {
	w := weight{by: make([]float64, names)}
	var cols []*table.Column
	for _, test := range table.Tests() {
		for _, age := range table.Ages() {
			if c, ok := t.Role(table.TestedRole(test, age)); ok {
				cols, w.of = append(cols, c), "tests"
			}
		}
	}
	if c, ok := t.Role(table.RolePopulation); ok && w.of == "" {
		cols, w.of = append(cols, c), "persons"
	}
	for _, c := range cols {
		for row, g := range of {
			if v, ok := c.Number(row); ok && v > 0 {
				w.by[g] += v
			}
		}
	}
	return w
}

// worthAWarning is the share of tests or persons that may stay without a ward
// unremarked.
const worthAWarning = 0.05

// warning remarks on the tests or persons that no map or rate will show.
func (w weight) warning(links []place.Link) string {
	total, lost := 0.0, 0.0
	for g, l := range links {
		total += w.by[g]
		if l.Decision != place.Accepted {
			lost += w.by[g]
		}
	}
	if total == 0 || lost <= worthAWarning*total {
		return ""
	}
	return fmt.Sprintf("%s of the %s are in rows linked to no ward", percent(lost/total), w.of)
}

// candidates is what a name that waits for review may mean, for machines; the
// table and the review file have it in words.
type candidates struct {
	Table   string     `json:"table"`
	State   string     `json:"given_state"`
	LGA     string     `json:"given_lga"`
	Ward    string     `json:"given_ward"`
	Code    string     `json:"given_code"`
	Weight  float64    `json:"weight"` // tests or persons, see Of
	Of      string     `json:"of,omitempty"`
	Choices []choiceOf `json:"choices"` // best first
}

// choiceOf is one ward a name may mean.
type choiceOf struct {
	State string  `json:"state"`
	LGA   string  `json:"lga"`
	Ward  string  `json:"ward"`
	Code  string  `json:"ward_code"`
	Score float64 `json:"score"`
	Why   string  `json:"why"`
}

func (f *frame) candidates(m matched) []candidates {
	var out []candidates
	for g, l := range m.report.Links {
		if l.Decision != place.Review {
			continue
		}
		one := candidates{Table: m.dataset.Name, State: l.Given.State, LGA: l.Given.LGA, Ward: l.Given.Ward, Code: l.Given.Code,
			Weight: m.weight.by[g], Of: m.weight.of}
		for _, k := range l.Candidates {
			u := f.units[k.Unit]
			one.Choices = append(one.Choices, choiceOf{u.State, u.LGA, u.Ward, u.Code, k.Score, k.Why})
		}
		out = append(out, one)
	}
	return out
}
