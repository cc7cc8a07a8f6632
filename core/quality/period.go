package quality

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// Grain is the length of a period.
type Grain int

// The grains. Records by the day are taken by the month.
const (
	Year    Grain = 1
	Quarter Grain = 4
	Month   Grain = 12
	Week    Grain = 52 // of ISO 8601
)

// String names the grain.
func (g Grain) String() string {
	switch g {
	case Year:
		return "year"
	case Quarter:
		return "quarter"
	case Week:
		return "week"
	}
	return "month"
}

// Window is the number of periods that make so many months of silence, at
// least one: six months are six months, two quarters, or one year.
func (g Grain) Window(months int) int { return max(1, (months*int(g)+11)/12) }

// position counts periods of a grain from the year nought.
func position(period string) (at int, g Grain, ok bool) {
	year, rest, _ := strings.Cut(period, "-")
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 {
		return 0, 0, false
	}
	if rest == "" {
		return y, Year, len(period) == 4
	}
	if q, ok := strings.CutPrefix(rest, "Q"); ok {
		n, err := strconv.Atoi(q)
		return y*4 + n - 1, Quarter, err == nil && n >= 1 && n <= 4
	}
	if w, ok := strings.CutPrefix(rest, "W"); ok {
		n, err := strconv.Atoi(w)
		return weeks(y) + n - 1, Week, err == nil && n >= 1 && n <= 53 && y >= 1900
	}
	month, _, _ := strings.Cut(rest, "-")
	m, err := strconv.Atoi(month)
	return y*12 + m - 1, Month, err == nil && len(month) == 2 && m >= 1 && m <= 12
}

// firstMonday is the Monday from which weeks are counted.
func firstMonday() time.Time { return time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC) }

// weeks counts those from the first Monday to the first week of an ISO year,
// which holds the fourth of January.
func weeks(year int) int {
	const week = 7 * 24 * 60 * 60
	return int(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC).Unix()-firstMonday().Unix()) / week
}

// name is the canonical text of a position.
func (g Grain) name(at int) string {
	switch g {
	case Year:
		return fmt.Sprintf("%04d", at)
	case Quarter:
		return fmt.Sprintf("%04d-Q%d", at/4, at%4+1)
	case Week:
		year, week := firstMonday().AddDate(0, 0, 7*at).ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	}
	return fmt.Sprintf("%04d-%02d", at/12, at%12+1)
}

// mostPeriods bounds the calendar: a typing error in one year must not make
// thousands of empty months.
const mostPeriods = 600

// arrangePeriods lays out the calendar. In records of several grains the one
// with the most rows counts and the others are said to have no period.
func (p *Panel) arrangePeriods() error {
	c := p.columns[table.RolePeriod]
	none := problem.New(problem.NotFound, op, p.table.Name, "it has no period that can be read",
		"Import the table again and name its period column, or give --period when importing one file a period")
	if c == nil || c.Kind() != table.Text {
		return none
	}
	rows := make([]int, len(c.Dict()))
	for row := range p.Rows {
		if code, ok := c.Code(row); ok {
			rows[code]++
		}
	}
	byGrain := map[Grain]int{}
	for code, text := range c.Dict() {
		if _, g, ok := position(text); ok {
			byGrain[g] += rows[code]
		}
	}
	for _, g := range []Grain{Month, Week, Quarter, Year} {
		if byGrain[g] > byGrain[p.Grain] {
			p.Grain = g
		}
	}
	if p.Grain == 0 {
		return none
	}
	return p.layOut(c, rows)
}

func (p *Panel) layOut(c *table.Column, rows []int) error {
	first, last := 0, -1
	at := make([]int, len(c.Dict()))
	for code, text := range c.Dict() {
		pos, g, ok := position(text)
		if !ok || g != p.Grain || rows[code] == 0 {
			at[code] = -1
			continue
		}
		at[code] = pos
		if last < 0 {
			first, last = pos, pos
		}
		first, last = min(first, pos), max(last, pos)
	}
	if last-first >= mostPeriods {
		return problem.New(problem.BadInput, op, p.table.Name,
			fmt.Sprintf("its periods reach from %s to %s, which can't be", p.Grain.name(first), p.Grain.name(last)),
			"Correct the period that is wrong and import the table again")
	}
	for pos := first; pos <= last; pos++ {
		p.Periods = append(p.Periods, p.Grain.name(pos))
	}
	p.period = make([]int32, p.Rows)
	for row := range p.period {
		p.period[row] = -1
		if code, ok := c.Code(row); ok && at[code] >= 0 {
			p.period[row] = int32(at[code] - first)
		} else {
			p.WithoutPeriod++
		}
	}
	return nil
}

// Years lists the calendar years of the panel in order, and for each of its
// periods which of them it lies in.
func (p *Panel) Years() (years []string, of []int) {
	for _, period := range p.Periods {
		if y := period[:4]; len(years) == 0 || years[len(years)-1] != y {
			years = append(years, y)
		}
		of = append(of, len(years)-1)
	}
	return years, of
}
