package surveillance

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// span is a stretch of time, both ends inclusive, as numbers yyyymmdd. A month
// runs from day 0 to day 99 and a year from month 0 to 99, which orders and
// nests periods of different length without a calendar.
type span struct{ first, last int }

func (s span) holds(t span) bool   { return s.first <= t.first && t.last <= s.last }
func (s span) touches(t span) bool { return s.first <= t.last && t.first <= s.last }

// parsePeriod reads a canonical period: yyyy, yyyy-Qq, yyyy-mm, yyyy-Www or
// yyyy-mm-dd.
func parsePeriod(text string) (span, bool) {
	if year, part, ok := strings.Cut(text, "-"); ok && len(year) == 4 && len(part) > 1 && (part[0] == 'Q' || part[0] == 'W') {
		return quarterOrWeek(year, part)
	}
	parts := strings.Split(text, "-")
	widths, lows, highs := [3]int{4, 2, 2}, [3]int{1, 1, 1}, [3]int{9999, 12, 31}
	if len(parts) > len(widths) {
		return span{}, false
	}
	number := 0
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(part) != widths[i] || int(n) < lows[i] || int(n) > highs[i] {
			return span{}, false
		}
		number = number*100 + int(n)
	}
	switch len(parts) {
	case 1:
		return span{number * 10000, number*10000 + 9999}, true
	case 2:
		return span{number * 100, number*100 + 99}, true
	}
	return span{number, number}, true
}

// quarterOrWeek reads yyyy-Qq, three months, and yyyy-Www, the seven days of a
// week of ISO 8601: the one with the 4th of January is the first.
func quarterOrWeek(year, part string) (span, bool) {
	y, err := strconv.Atoi(year)
	n, bad := strconv.Atoi(part[1:])
	switch {
	case err != nil || bad != nil || y < 1 || n < 1:
	case part[0] == 'Q' && len(part) == 2 && n <= 4:
		return span{(y*100 + 3*n - 2) * 100, (y*100+3*n)*100 + 99}, true
	case part[0] == 'W' && len(part) == 3 && n <= 53:
		fourth := time.Date(y, time.January, 4, 0, 0, 0, 0, time.UTC)
		monday := fourth.AddDate(0, 0, 7*(n-1)-(int(fourth.Weekday())+6)%7)
		return span{number(monday), number(monday.AddDate(0, 0, 6))}, true
	}
	return span{}, false
}

func number(t time.Time) int { return t.Year()*10000 + int(t.Month())*100 + t.Day() }

// span reads the period of the query. It is empty (the zero span) when none is
// named.
func (q Query) span() (span, error) {
	bad := func(message, hint string) (span, error) {
		return span{}, problem.New(problem.Usage, op, "", message, hint)
	}
	if q.From == "" && q.To == "" {
		return span{}, nil
	}
	if q.AllPeriods {
		return bad("a period and all periods are asked for at once", "Name a period or ask for all periods, not both")
	}
	if q.From == "" {
		return bad("the period has an end but no beginning", "Give the first period too, such as 2024-01")
	}
	from, ok := parsePeriod(q.From)
	to, okTo := parsePeriod(cmp.Or(q.To, q.From))
	if !ok || !okTo {
		wrong := q.From
		if ok {
			wrong = q.To
		}
		return bad(fmt.Sprintf("%q is not a period", wrong),
			"Write a year as 2024, a quarter as 2024-Q1, a month as 2024-03, a week as 2024-W05, a day as 2024-03-05")
	}
	if from.first > to.last {
		return bad(fmt.Sprintf("the period ends (%s) before it begins (%s)", q.To, q.From), "Exchange the two ends")
	}
	return span{from.first, to.last}, nil
}

// settlePeriod fills in the period when none was named: possible only while
// all records lie in one calendar year, since years must not be added unasked.
func settlePeriod(q Query, periods *table.Column) (Query, error) {
	if q.AllPeriods || q.From != "" {
		if q.From != "" && periods == nil {
			return q, problem.New(problem.NotFound, op, "", "the records have no period column",
				"Ask for all periods together, or import the file again and name its period column")
		}
		return q, nil
	}
	years := yearsOf(periods)
	switch len(years) {
	case 0:
		q.AllPeriods = true
	case 1:
		q.From, q.To = years[0], years[0]
	default:
		return q, problem.New(problem.Usage, op, "",
			fmt.Sprintf("the records cover %d years (%s) and no period is chosen", len(years), listed(years)),
			"Choose a period, such as "+years[len(years)-1]+", or ask for all periods together")
	}
	return q, nil
}

// yearsOf lists the calendar years of a period column, in order.
func yearsOf(periods *table.Column) []string {
	if periods == nil {
		return nil
	}
	var years []string
	for _, text := range periods.Dict() {
		if _, ok := parsePeriod(text); ok {
			years = append(years, text[:4])
		}
	}
	slices.Sort(years)
	return slices.Compact(years)
}

// overlapping finds two of the periods, given in order of time, of which one
// lies inside the other, such as a year and one of its months: their counts
// may be the same persons twice.
func overlapping(periods []string) (wide, narrow string, found bool) {
	last := -1
	for _, text := range periods {
		s, ok := parsePeriod(text)
		if !ok {
			continue
		}
		if s.first <= last {
			return wide, text, true
		}
		wide, last = text, s.last
	}
	return "", "", false
}

// sortPeriods puts periods in order of time, the longer first where two begin
// together, and unreadable ones last.
func sortPeriods(periods []string) {
	slices.SortFunc(periods, func(a, b string) int {
		s, ok := parsePeriod(a)
		t, okT := parsePeriod(b)
		if !ok || !okT {
			return cmp.Or(boolOrder(ok, okT), strings.Compare(a, b))
		}
		return cmp.Or(cmp.Compare(s.first, t.first), cmp.Compare(t.last, s.last))
	})
}

// boolOrder puts true before false.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
