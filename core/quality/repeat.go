package quality

import (
	"cmp"
	"slices"

	"chatmrpt/core/table"
)

// Repeat is a facility with more than one row for one period.
type Repeat struct {
	Facility Facility
	Period   string // as the table writes it
	Rows     []int  // from 0, in order
	Exact    int    // rows that repeat an earlier one of them in every column
}

// Repeats lists them, those with most rows first. Rows of one period are told
// by the period as written, so two days of a month are no repeat.
func (p *Panel) Repeats() []Repeat {
	period := p.columns[table.RolePeriod]
	type key struct {
		facility int32
		period   uint32
	}
	first := map[key]int{}
	more := map[key][]int{}
	for row, f := range p.facility {
		code, ok := period.Code(row)
		if f < 0 || !ok {
			continue
		}
		k := key{f, code}
		if at, seen := first[k]; !seen {
			first[k] = row
		} else {
			if more[k] == nil {
				more[k] = []int{at}
			}
			more[k] = append(more[k], row)
		}
	}
	out := make([]Repeat, 0, len(more))
	for k, rows := range more {
		out = append(out, Repeat{p.Facilities[k.facility], period.Dict()[k.period], rows, p.exact(rows)})
	}
	slices.SortFunc(out, func(a, b Repeat) int {
		return cmp.Or(cmp.Compare(len(b.Rows), len(a.Rows)), cmp.Compare(a.Rows[0], b.Rows[0]))
	})
	return out
}

// exact counts the rows that equal an earlier one.
func (p *Panel) exact(rows []int) (n int) {
	for i, row := range rows {
		if slices.ContainsFunc(rows[:i], func(earlier int) bool { return p.sameRow(row, earlier) }) {
			n++
		}
	}
	return n
}

func (p *Panel) sameRow(a, b int) bool {
	for _, c := range p.table.Columns {
		if c.Missing(a) != c.Missing(b) || c.Value(a) != c.Value(b) {
			return false
		}
	}
	return true
}

// Volume is how much was tested in one year by one test in one age group.
type Volume struct {
	Year       string
	Test       table.Test
	Age        table.Age
	Tested     float64
	Positive   float64 // of rows with both counts, as Tested
	Facilities int     // that tested anybody
}

// Positivity is positives over tests, false without tests.
func (v Volume) Positivity() (float64, bool) {
	if v.Tested == 0 {
		return 0, false
	}
	return v.Positive / v.Tested, true
}

// Volumes adds up tests and positives by year, test and age group, over the
// rows that have both. Combinations the table lacks are left out.
func (p *Panel) Volumes() []Volume {
	years, of := p.Years()
	var out []Volume
	for _, t := range table.Tests() {
		for _, a := range table.Ages() {
			tested, positive := p.number(table.TestedRole(t, a)), p.number(table.PositiveRole(t, a))
			if tested == nil || positive == nil {
				continue
			}
			out = append(out, p.volumes(years, of, Volume{Test: t, Age: a}, tested, positive)...)
		}
	}
	slices.SortStableFunc(out, func(a, b Volume) int { return cmp.Compare(a.Year, b.Year) })
	return out
}

func (p *Panel) volumes(years []string, of []int, like Volume, tested, positive *table.Column) []Volume {
	out := make([]Volume, len(years))
	seen := make([]int, len(p.Facilities)) // 1 + the last year in which it was counted
	for i, y := range years {
		out[i] = like
		out[i].Year = y
	}
	order := p.rowsByPeriod()
	for _, row := range order {
		n, ok := tested.Number(row)
		k, okK := positive.Number(row)
		if !ok || !okK {
			continue
		}
		y := of[p.period[row]]
		out[y].Tested += n
		out[y].Positive += k
		if f := p.facility[row]; f >= 0 && n > 0 && seen[f] != y+1 {
			seen[f] = y + 1
			out[y].Facilities++
		}
	}
	return out
}

// rowsByPeriod lists the rows that have a period in order of time.
func (p *Panel) rowsByPeriod() []int {
	buckets := make([][]int, len(p.Periods))
	for row, i := range p.period {
		if i >= 0 {
			buckets[i] = append(buckets[i], row)
		}
	}
	return slices.Concat(buckets...)
}
