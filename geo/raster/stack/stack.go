// Package stack puts rasters of several dates together: it finds the date each
// name tells, the dates that are missing between the first and the last, and
// sums the values of an area up over the dates by a rule that is stated.
//
// Nothing is filled in: a date that is not there is said, and a sum over dates
// of which one has no value is no value, because it would be too small.
package stack

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Date is a year, a month of it or a day of that; Month and Day are 0 where
// the name doesn't go so far.
type Date struct{ Year, Month, Day int }

// String is 2021, 2021-10 or 2021-10-05.
func (d Date) String() string {
	switch {
	case d.Month == 0:
		return fmt.Sprintf("%04d", d.Year)
	case d.Day == 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// spelled finds dates in names: rain_2021_10, X2021.10.05, 202110,
// year_2021_month_3, Oct2021, 2021-Oct, 2021.
var spelled = regexp.MustCompile(`(?i)year[-_. ]?(\d{4})[-_. ]?month[-_. ]?(\d{1,2})` +
	`|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-_. ]?((?:19|20)\d\d)` +
	`|((?:19|20)\d\d)[-_. ]?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)` +
	`|((?:19|20)\d\d)(?:[-_. ]?(0[1-9]|1[0-2])(?:[-_. ]?(0[1-9]|[12]\d|3[01]))?)?`)

// candidates lists the dates a name could tell, from left to right. Digits
// that go on on either side are part of something else.
func candidates(name string) []Date {
	var out []Date
	for from := 0; from < len(name); {
		m := spelled.FindStringSubmatchIndex(name[from:])
		if m == nil {
			break
		}
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return name[from+m[2*i] : from+m[2*i+1]]
		}
		start, end := from+m[0], from+m[1]
		if (start > 0 && isDigit(name[start]) && isDigit(name[start-1])) || (end < len(name) && isDigit(name[end])) {
			from = start + 1
			continue
		}
		if d, ok := dateOf(group); ok {
			out = append(out, d)
		}
		from = end
	}
	return out
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// dateOf reads the groups of spelled.
func dateOf(group func(int) string) (Date, bool) {
	number := func(i int) int {
		n, err := strconv.Atoi(group(i))
		if err != nil { // an empty group
			return 0
		}
		return n
	}
	switch {
	case group(1) != "":
		d := Date{Year: number(1), Month: number(2)}
		return d, d.Month >= 1 && d.Month <= 12
	case group(3) != "":
		return Date{Year: number(4), Month: monthOf(group(3))}, true
	case group(5) != "":
		return Date{Year: number(5), Month: monthOf(group(6))}, true
	}
	return Date{Year: number(7), Month: number(8), Day: number(9)}, true
}

func monthOf(name string) int {
	const months = "janfebmaraprmayjunjulaugsepoctnovdec"
	return strings.Index(months, strings.ToLower(name))/3 + 1
}

// Dates finds the date of each of several names. Where names tell more than
// one date (of the product and of the data), the one that differs from name to
// name is meant. Two names of one date, or a name without, are an error.
func Dates(names []string) ([]Date, error) {
	all := make([][]Date, len(names))
	for i, n := range names {
		if all[i] = candidates(n); len(all[i]) == 0 {
			return nil, fmt.Errorf("the name %q tells no date", n)
		}
		if len(all[i]) != len(all[0]) {
			return nil, fmt.Errorf("the names %q and %q don't tell their dates in the same way", names[0], n)
		}
	}
	for k := range all[0] {
		out, seen := make([]Date, len(names)), map[Date]bool{}
		for i := range all {
			out[i] = all[i][k]
			seen[out[i]] = true
		}
		if len(seen) == len(names) && isAlike(out) {
			return out, nil
		}
	}
	return nil, fmt.Errorf("two of the names tell the same date: %s", strings.Join(names, ", "))
}

// isAlike reports whether all dates go equally far: all years, months or days.
func isAlike(dates []Date) bool {
	return !slices.ContainsFunc(dates, func(d Date) bool {
		return (d.Month == 0) != (dates[0].Month == 0) || (d.Day == 0) != (dates[0].Day == 0)
	})
}

// Stem is a name without the dates it tells: what several rasters of one kind
// have in common.
func Stem(name string) string {
	out := spelled.ReplaceAllString(name, " ")
	return strings.Join(strings.FieldsFunc(out, func(r rune) bool { return strings.ContainsRune(" _-.", r) }), "_")
}

// Gaps lists the years or months between the first and the last date that are
// not there. Days have no gaps: products come every 8, 10 or 16 of them.
func Gaps(dates []Date) []Date {
	if len(dates) == 0 || dates[0].Day != 0 {
		return nil
	}
	there := map[Date]bool{}
	first, last := dates[0], dates[0]
	for _, d := range dates {
		there[d] = true
		if d.before(first) {
			first = d
		}
		if last.before(d) {
			last = d
		}
	}
	var out []Date
	for d := first; d.before(last); d = d.next() {
		if !there[d] {
			out = append(out, d)
		}
	}
	return out
}

func (d Date) before(o Date) bool {
	if d.Year != o.Year {
		return d.Year < o.Year
	}
	if d.Month != o.Month {
		return d.Month < o.Month
	}
	return d.Day < o.Day
}

// Compare orders dates in time: −1, 0 or 1.
func Compare(a, b Date) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}

// next is the year or month after.
func (d Date) next() Date {
	switch {
	case d.Month == 0:
		return Date{Year: d.Year + 1}
	case d.Month == 12:
		return Date{Year: d.Year + 1, Month: 1}
	}
	return Date{Year: d.Year, Month: d.Month + 1}
}

// Rule says how values of several dates become one.
type Rule string

// The rules.
const (
	Mean   Rule = "mean"
	Sum    Rule = "sum"
	Min    Rule = "min"
	Max    Rule = "max"
	Median Rule = "median"
)

// Summarise gives one value of those of several dates, and of how many dates
// it was made; NaN is no value. By Sum a single date without a value leaves
// none; by the other rules the dates that have one are used.
func Summarise(values []float64, rule Rule) (v float64, used int) {
	there := make([]float64, 0, len(values))
	for _, x := range values {
		if !math.IsNaN(x) {
			there = append(there, x)
		}
	}
	n := len(there)
	if n == 0 || (rule == Sum && n < len(values)) {
		return math.NaN(), n
	}
	slices.Sort(there) // also makes sums independent of the order of files
	switch rule {
	case Min:
		return there[0], n
	case Max:
		return there[n-1], n
	case Median:
		return (there[(n-1)/2] + there[n/2]) / 2, n
	}
	sum := 0.0
	for _, x := range there {
		sum += x
	}
	if rule == Sum {
		return sum, n
	}
	return sum / float64(n), n
}
