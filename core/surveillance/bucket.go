package surveillance

import (
	"fmt"
	"math/bits"
	"slices"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// Grain is how finely a tabulation tells time apart.
type Grain int

// The grains.
const (
	Whole Grain = iota // the selection as one
	Yearly
	Monthly
)

// bucket names the stretch of the grain that a canonical period lies in; false
// when it is longer than that. A week belongs to its year of ISO 8601, and to
// the month of its Thursday, which has most of its days.
func (g Grain) bucket(text string, s span) (string, bool) {
	switch {
	case g == Yearly:
		return text[:len("2024")], true
	case isWeek(text):
		s.first = thursday(s)
	case s.first/100 != s.last/100:
		return "", false
	}
	return fmt.Sprintf("%04d-%02d", s.first/10000, s.first/100%100), true
}

func isWeek(text string) bool { return len(text) > len("2024-") && text[len("2024-")] == 'W' }

// thursday is the date, as in a span, of the fourth day of a week.
func thursday(week span) int {
	d := week.first
	return number(time.Date(d/10000, time.Month(d/100%100), d%100+3, 0, 0, 0, 0, time.UTC))
}

// Where a row with a certain period goes: to the bucket of that number, or out
// for one of these reasons.
const (
	outside   = -1 - iota // of another period
	partlyIn              // reaches beyond the period asked for, or beyond one bucket
	senseless             // can't be read
)

// buckets are the stretches of time that are summed apart.
type buckets struct {
	names []string // canonical periods in order of time; one without a name for Whole
	of    []int    // per distinct period of the records; nil when every row counts
}

// findBuckets sorts the distinct periods of the records into buckets.
func findBuckets(period *table.Column, q Query, g Grain) (buckets, error) {
	asked, err := q.span()
	if err != nil {
		return buckets{}, err
	}
	if g == Whole && (q.AllPeriods || period == nil) {
		return buckets{names: []string{""}}, nil
	}
	if period == nil {
		return buckets{}, problem.New(problem.NotFound, op, "", "the records have no period column",
			"Import the file again and name its period column, or leave out what needs one")
	}
	b := buckets{of: make([]int, len(period.Dict()))}
	if g == Whole {
		b.names = []string{""}
	}
	places, named := map[string]int{}, make([]string, len(b.of))
	for i, text := range period.Dict() {
		s, ok := parsePeriod(text)
		switch {
		case !ok:
			b.of[i] = senseless
		case q.From != "" && !asked.holds(s):
			b.of[i] = outside
			if asked.touches(s) {
				b.of[i] = partlyIn
			}
		case g != Whole:
			name, ok := g.bucket(text, s)
			if !ok {
				b.of[i] = partlyIn
				continue
			}
			places[name] = 0
			named[i] = name
		}
	}
	return b, b.order(named, places, g)
}

// order numbers the buckets by time.
func (b *buckets) order(named []string, places map[string]int, g Grain) error {
	if g == Whole {
		return nil
	}
	for name := range places {
		b.names = append(b.names, name)
	}
	slices.Sort(b.names)
	for i, name := range b.names {
		places[name] = i
	}
	for i, name := range named {
		if name != "" {
			b.of[i] = places[name]
		}
	}
	if len(b.names) == 0 && slices.Contains(b.of, partlyIn) && g == Monthly {
		return problem.New(problem.NotFound, op, "", "the records are not by month, so months can't be told apart", "Ask for years instead")
	}
	return nil
}

// Months is a set of the months of a year, January in the lowest bit.
type Months uint16

// AllMonths is the whole year.
const AllMonths Months = 1<<12 - 1

// Count returns how many months there are.
func (m Months) Count() int { return bits.OnesCount16(uint16(m)) }

// monthsOf gives the months that a canonical period lies in; a year has all.
func monthsOf(text string) (m Months) {
	s, ok := parsePeriod(text)
	if !ok {
		return 0
	}
	if isWeek(text) {
		return 1 << (thursday(s)/100%100 - 1)
	}
	for month := range 12 {
		if at := s.first/10000*100 + month + 1; s.first/100 <= at && at <= s.last/100 {
			m |= 1 << month
		}
	}
	return m
}

// Middle is the time of period p in years: the mean of the middles of its
// covered months, so that half a year of records lies where it was counted.
// It is 0 for the selection as one.
func (c *Cells) Middle(p int) float64 {
	s, ok := parsePeriod(c.Periods[p])
	if !ok || c.Covered[p] == 0 {
		return 0
	}
	sum := 0.0
	for month := range 12 {
		if c.Covered[p]&(1<<month) != 0 {
			sum += (float64(month) + 0.5) / 12
		}
	}
	return float64(s.first/10000) + sum/float64(c.Covered[p].Count())
}

// Cells are the sums by period and ward.
type Cells struct {
	Query    Query
	Grain    Grain
	Periods  []string // in order of time; one, "", for Whole
	Covered  []Months // per period: the months that the records used hold, of any year
	Wards    [][]Ward // per period: the wards
	Unplaced []Ward   // per period: the rows without a ward
	Found    []string // the distinct periods of the rows used
	Skipped  Skipped
	Notices  []string
}

// Group adds up wards: of gives the group of each ward below n, −1 for none.
// The wards without a group are summed with the rows without a ward.
func (c *Cells) Group(of []int, n int) *Cells {
	out := *c
	m := c.Query.measure()
	out.Wards, out.Unplaced = make([][]Ward, len(c.Wards)), slices.Clone(c.Unplaced)
	for p, wards := range c.Wards {
		groups := make([]Ward, n)
		for i, w := range wards {
			if g := of[i]; g >= 0 {
				groups[g].add(w)
			} else {
				out.Unplaced[p].add(w)
			}
		}
		for g := range groups {
			m.settle(&groups[g])
		}
		out.Wards[p] = groups
	}
	return &out
}

// Result gives period p as a result of its own.
func (c *Cells) Result(p int) *Result {
	r := &Result{Query: c.Query, Wards: c.Wards[p], Unplaced: c.Unplaced[p], PeriodsFound: c.Found, Skipped: c.Skipped, Notices: c.Notices}
	if c.Grain != Whole {
		r.Query.From, r.Query.To, r.Query.AllPeriods = c.Periods[p], c.Periods[p], false
		r.PeriodsFound = []string{c.Periods[p]}
	}
	return r
}

// Window adds up the periods that lie from first to last, both canonical and
// inclusive, for every ward; found is false when no period does.
func (c *Cells) Window(first, last string) (sums []Ward, found bool) {
	from, okFrom := parsePeriod(first)
	to, okTo := parsePeriod(last)
	if !okFrom || !okTo || len(c.Wards) == 0 {
		return nil, false
	}
	within := span{from.first, to.last}
	sums = make([]Ward, len(c.Wards[0]))
	for p, name := range c.Periods {
		s, ok := parsePeriod(name)
		if !ok || !within.holds(s) {
			continue
		}
		found = true
		for i, w := range c.Wards[p] {
			sums[i].add(w)
		}
	}
	m := c.Query.measure()
	for i := range sums {
		m.settle(&sums[i])
	}
	return sums, found
}

// MonthsOf gives the first and the last month of a canonical period: a year,
// quarter or month. It is false for weeks and days, which are parts of months.
func MonthsOf(period string) (first, last string, ok bool) {
	s, ok := parsePeriod(period)
	if !ok || s.first%100 != 0 {
		return "", "", false
	}
	name := func(year, month int) string { return fmt.Sprintf("%04d-%02d", year, month) }
	return name(s.first/10000, max(1, s.first/100%100)), name(s.last/10000, min(12, s.last/100%100)), true
}

// ShiftMonths moves a canonical month by some months; false for anything else.
func ShiftMonths(month string, by int) (string, bool) {
	n := MonthNumber(month)
	if n < 0 {
		return "", false
	}
	n += by
	return fmt.Sprintf("%04d-%02d", n/12, n%12+1), true
}

// MonthNumber counts a canonical month from the year 0: 12·year + month − 1;
// −1 for anything else.
func MonthNumber(month string) int {
	first, last, ok := MonthsOf(month)
	if !ok || first != last {
		return -1
	}
	s, _ := parsePeriod(month)
	return s.first/10000*12 + s.first/100%100 - 1
}
