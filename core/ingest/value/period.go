package value

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Order is how a file writes days and months in figures.
type Order uint8

// The two orders.
const (
	DayFirst   Order = iota // 31/12/2024, the way of Nigeria
	MonthFirst              // 12/31/2024
)

var (
	yearForm      = regexp.MustCompile(`^(\d{4})(?:\.0+)?$`)
	yearMonthForm = regexp.MustCompile(`^(\d{4})[-/. ]?(\d{2})(?:\.0+)?$`)
	monthYearForm = regexp.MustCompile(`^(\d{1,2})[-/.](\d{4})$`)
	isoForm       = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ].*)?$`)
	compactForm   = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	figuresForm   = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?: .*)?$`)
	wordYearForm  = regexp.MustCompile(`^([a-z]{3,9})\.?[-/ ,]*(\d{4}|'?\d{2})$`)
	yearWordForm  = regexp.MustCompile(`^(\d{4})[-/ ,]*([a-z]{3,9})\.?$`)
	dayWordForm   = regexp.MustCompile(`^(\d{1,2})[-/ ]([a-z]{3,9})\.?[-/ ,]*(\d{4}|\d{2})$`)
	quarterForm   = regexp.MustCompile(`^(\d{4})[-/ ]?q([1-4])$`)
	quarterFirst  = regexp.MustCompile(`^q(?:uarter|tr)?[-. ]?([1-4])[-/, ]+(\d{4})$`)
	monthsForm    = regexp.MustCompile(`^([a-z]{3,9})\.?(?: (\d{4}))?(?: ?[-–] ?| to )([a-z]{3,9})\.? (\d{4})$`)
	weekForm      = regexp.MustCompile(`^(\d{4})[-/ ]?w(\d{1,2})$`)
	weekFirst     = regexp.MustCompile(`^(?:w|wk|week|epi ?week)[-. ]?(\d{1,2})[-/, ]+(\d{4})(?:-\d{2}-\d{2} .*)?$`)
	wordDayForm   = regexp.MustCompile(`^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})$`)
)

// Period gives the canonical form of a period as people and DHIS2 write it:
// "2024", "2024-Q1", "2024-03", "2024-W05" (the week of ISO 8601, which is
// DHIS2's), "2024-03-05". Years are 1990 to 2099. A date in figures with two
// meanings is read in the given order.
func Period(s string, order Order) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) < 4 || len(s) > 40 {
		return "", false
	}
	if p, ok := numericPeriod(s); ok {
		return p, true
	}
	if m := figuresForm.FindStringSubmatch(s); m != nil {
		if order == MonthFirst {
			m[1], m[2] = m[2], m[1]
		}
		return day(m[3], m[2], m[1])
	}
	if p, ok := quarterOrWeek(s); ok {
		return p, true
	}
	return wordPeriod(s)
}

// quarterOrWeek reads the forms of DHIS2 (2024Q1, 2024W5), those it shows
// ("January - March 2024", "Week 5 2024-01-29 - 2024-02-04") and those people
// write.
func quarterOrWeek(s string) (string, bool) {
	if m := quarterForm.FindStringSubmatch(s); m != nil {
		return quarter(m[1], m[2])
	}
	if m := quarterFirst.FindStringSubmatch(s); m != nil {
		return quarter(m[2], m[1])
	}
	if m := monthsForm.FindStringSubmatch(s); m != nil && (m[2] == "" || m[2] == m[4]) {
		for q, ends := range [][2]string{{"1", "3"}, {"4", "6"}, {"7", "9"}, {"10", "12"}} {
			if monthNumber(m[1]) == ends[0] && monthNumber(m[3]) == ends[1] {
				return quarter(m[4], strconv.Itoa(q+1))
			}
		}
	}
	if m := weekForm.FindStringSubmatch(s); m != nil {
		return week(m[1], m[2])
	}
	if m := weekFirst.FindStringSubmatch(s); m != nil {
		return week(m[2], m[1])
	}
	return "", false
}

func quarter(year, q string) (string, bool) { return year + "-Q" + q, yearOK(year) }

// week refuses a 53rd week in a year that has 52: the one that holds the 28th
// of December is the last.
func week(year, number string) (string, bool) {
	y, _ := strconv.Atoi(year)
	n, err := strconv.Atoi(number)
	_, last := time.Date(y, time.December, 28, 0, 0, 0, 0, time.UTC).ISOWeek()
	if err != nil || n < 1 || n > last || !yearOK(year) {
		return "", false
	}
	return fmt.Sprintf("%s-W%02d", year, n), true
}

// Span names how long a canonical period is: year, quarter, month, week or day.
func Span(period string) string {
	switch {
	case len(period) == len("2024"):
		return "year"
	case strings.Contains(period, "Q"):
		return "quarter"
	case strings.Contains(period, "W"):
		return "week"
	case len(period) == len("2024-03"):
		return "month"
	}
	return "day"
}

// numericPeriod reads the forms whose parts have one meaning.
func numericPeriod(s string) (string, bool) {
	if m := yearForm.FindStringSubmatch(s); m != nil {
		return m[1], yearOK(m[1])
	}
	if m := yearMonthForm.FindStringSubmatch(s); m != nil {
		return month(m[1], m[2])
	}
	if m := monthYearForm.FindStringSubmatch(s); m != nil {
		return month(m[2], m[1])
	}
	if m := isoForm.FindStringSubmatch(s); m != nil {
		return day(m[1], m[2], m[3])
	}
	if m := compactForm.FindStringSubmatch(s); m != nil {
		return day(m[1], m[2], m[3])
	}
	return "", false
}

// wordPeriod reads the forms with a month's name.
func wordPeriod(s string) (string, bool) {
	if m := wordYearForm.FindStringSubmatch(s); m != nil {
		return month(strings.TrimPrefix(m[2], "'"), monthNumber(m[1]))
	}
	if m := yearWordForm.FindStringSubmatch(s); m != nil {
		return month(m[1], monthNumber(m[2]))
	}
	if m := dayWordForm.FindStringSubmatch(s); m != nil {
		return day(m[3], monthNumber(m[2]), m[1])
	}
	if m := wordDayForm.FindStringSubmatch(s); m != nil {
		return day(m[3], monthNumber(m[1]), m[2])
	}
	return "", false
}

// OrderOf says what a date in figures proves about the order of the file:
// decided is false when it reads either way or is no such date.
func OrderOf(s string) (order Order, decided bool) {
	m := figuresForm.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return DayFirst, false
	}
	first, _ := strconv.Atoi(m[1])
	second, _ := strconv.Atoi(m[2])
	switch {
	case first > 12 && second <= 12:
		return DayFirst, true
	case second > 12 && first <= 12:
		return MonthFirst, true
	}
	return DayFirst, false
}

// Ambiguous reports whether s is a date in figures that reads either way.
func Ambiguous(s string) bool {
	m := figuresForm.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil || m[1] == m[2] {
		return false
	}
	_, decided := OrderOf(s)
	return !decided
}

// Date gives the canonical day of a spreadsheet's date: days since
// 1899-12-30, the time of day dropped.
func Date(days float64) (string, bool) {
	if math.IsNaN(days) || days < 1 || days >= 2_958_466 {
		return "", false
	}
	t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days))
	return t.Format(time.DateOnly), true
}

// IsCanonicalPeriod reports whether p is a year, quarter, month, week or day in
// the form of this program.
func IsCanonicalPeriod(p string) bool {
	got, ok := Period(p, DayFirst)
	return ok && got == p
}

// monthNumber gives "3" for march and mar, "" for what is no month.
func monthNumber(word string) string {
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		if word == name || word == name[:3] || word == "sept" && m == time.September {
			return strconv.Itoa(int(m))
		}
	}
	return ""
}

func month(year, month string) (string, bool) {
	year = century(year)
	m, err := strconv.Atoi(month)
	if err != nil || m < 1 || m > 12 || !yearOK(year) {
		return "", false
	}
	return fmt.Sprintf("%s-%02d", year, m), true
}

func day(year, month, day string) (string, bool) {
	year = century(year)
	y, _ := strconv.Atoi(year)
	m, err := strconv.Atoi(month)
	if err != nil || m < 1 || m > 12 || !yearOK(year) {
		return "", false
	}
	d, _ := strconv.Atoi(day)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d {
		return "", false // the 31st of a shorter month
	}
	return t.Format(time.DateOnly), true
}

// century completes a year of two figures.
func century(year string) string {
	if len(year) == 2 {
		return "20" + year
	}
	return year
}

func yearOK(year string) bool { return len(year) == 4 && year >= "1990" && year <= "2099" }
