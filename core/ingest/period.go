package ingest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/ingest/value"
	"chatmrpt/core/table"
)

// periodKeys returns the period of each row as it stands in the file, for
// telling one period from another, or nil when no column of periods is found
// or nothing asks for it. The column is found by spec/analytics.md 1.5: its
// exact name, then a part of it, then numbers that are all years.
func periodKeys(s *sheet, needed int) []string {
	if needed == 0 {
		return nil
	}
	c := periodColumn(s)
	if c == nil {
		return nil
	}
	keys := make([]string, s.rows)
	for i := range keys {
		keys[i], _ = c.text(i)
	}
	return keys
}

func periodColumn(s *sheet) *column {
	for _, want := range []string{"period", "periodname", "periodcode"} {
		for _, c := range s.columns {
			if strings.ToLower(c.name) == want {
				return c
			}
		}
	}
	for _, c := range s.columns {
		if strings.Contains(strings.ToLower(c.name), "period") {
			return c
		}
	}
	at := slices.IndexFunc(s.columns, (*column).allYears)
	if at < 0 {
		return nil
	}
	return s.columns[at]
}

// allYears: numbers from 2000 to 2030 and nothing else.
func (c *column) allYears() bool {
	if c.numbers == 0 || c.texts+c.dates > 0 {
		return false
	}
	for i := range c.cells {
		if v, ok := c.number(i); ok && (v < 2000 || v > 2030 || v != float64(int(v))) {
			return false
		}
	}
	return true
}

// periodOf gives the canonical period of cell i: false when it is none.
func (c *column) periodOf(i int, order value.Order) (string, bool) {
	text, ok := c.text(i)
	if !ok {
		return "", false
	}
	return value.Period(text, order)
}

// periodShare is the share of a column's values, of up to some thousand
// spread over it, that are periods.
func (c *column) periodShare() float64 {
	hits, all := 0, 0
	for i := 0; i < len(c.cells); i += 1 + len(c.cells)/2000 {
		text, ok := c.text(i)
		if !ok {
			continue
		}
		all++
		if _, ok := value.Period(text, value.DayFirst); ok {
			hits++
		} else if _, ok := value.Period(text, value.MonthFirst); ok {
			hits++
		} else if isMonth(text) {
			hits++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(hits) / float64(all)
}

// allPeriods: dates, or texts that are all periods.
func (c *column) allPeriods() bool {
	return (c.dates > 0 || c.texts > 0) && c.numbers == 0 && c.periodShare() == 1
}

// isMonth: a month without its year.
func isMonth(text string) bool {
	_, ok := value.Period(text+" 2000", value.DayFirst)
	n, err := strconv.Atoi(text)
	return ok || err == nil && n >= 1 && n <= 12
}

// periods makes the period column of the table.
type periods struct {
	c      *column
	month  *column // of a file that keeps year and month apart
	order  value.Order
	months bool // every date is the first of a month and means the month
	cache  map[packed]string
}

// newPeriods studies the column: the order of days and months in figures, and
// whether its dates stand for months.
func newPeriods(s *sheet, c *column, rep *Report) *periods {
	p := &periods{c: c, cache: map[packed]string{}}
	p.findOrder(rep)
	p.findMonthColumn(s)
	p.months = p.firstOfMonths()
	if p.months {
		rep.repaired("dates on the first of a month, read as the month", s.rows, p.example(c), "")
		last := &rep.Repairs[len(rep.Repairs)-1]
		last.To = last.From[:len("2024-01")]
	}
	return p
}

func (p *periods) example(c *column) string {
	for i := range c.cells {
		if s, ok := c.periodOf(i, p.order); ok {
			return s
		}
	}
	return ""
}

// findOrder looks for a date that decides the order of day and month.
func (p *periods) findOrder(rep *Report) {
	ambiguous, decided := 0, false
	for i := range p.c.dict {
		e := &p.c.dict[i]
		if order, ok := value.OrderOf(e.text); ok && !decided {
			p.order, decided = order, true
		}
		if value.Ambiguous(e.text) {
			ambiguous += e.count
		}
	}
	if ambiguous > 0 && !decided {
		rep.warn(WarnDateOrder, fmt.Sprintf("dates in column %s read both as day/month and month/day; they were read as day/month", p.c.name), ambiguous)
	}
}

// findMonthColumn joins a column of years with one of months.
func (p *periods) findMonthColumn(s *sheet) {
	if !p.c.allYears() {
		return
	}
	for _, c := range s.columns {
		if c.role == "" && strings.EqualFold(c.name, "month") && c.periodShare() > 0.5 {
			p.month = c
		}
	}
}

// firstOfMonths: all dates are days, and each is the first of its month, in
// more than a year's worth of coincidence or not: monthly reports are dated
// so by DHIS2 and by every cleaned file of the programme.
func (p *periods) firstOfMonths() bool {
	days := 0
	seen := map[packed]bool{}
	for i, cell := range p.c.cells {
		if cell.tag() == tagEmpty || seen[cell] {
			continue
		}
		seen[cell] = true
		period, ok := p.c.periodOf(i, p.order)
		if !ok || len(period) < len("2024-01-01") {
			continue
		}
		if !strings.HasSuffix(period, "-01") {
			return false
		}
		days++
	}
	return days > 0
}

// at returns the canonical period of row i; ok is false when the cell holds
// something that is no period.
func (p *periods) at(i int) (period string, ok bool) {
	cell := p.c.at(i)
	period, known := p.cache[cell]
	if !known {
		period, _ = p.c.periodOf(i, p.order)
		if p.months && len(period) == len("2024-01-01") {
			period = period[:len("2024-01")]
		}
		p.cache[cell] = period
	}
	if p.month != nil && len(period) == len("2024") {
		return p.withMonth(period, i)
	}
	return period, period != ""
}

func (p *periods) withMonth(year string, i int) (string, bool) {
	month, ok := p.month.text(i)
	if !ok {
		return year, true
	}
	if n, err := strconv.Atoi(month); err == nil {
		month = fmt.Sprintf("%02d", n)
		return value.Period(year+"-"+month, value.DayFirst)
	}
	return value.Period(month+" "+year, value.DayFirst)
}

// wholeFile is the period column of a file that has none.
func wholeFile(period string, rows int, taken func(string) bool) *table.Column {
	name := "period"
	for taken(name) {
		name += " of file"
	}
	c := table.NewText(name)
	for range rows {
		c.AppendText(period)
	}
	c.Role, c.Origin = table.RolePeriod, "chosen for the whole file"
	return c
}
