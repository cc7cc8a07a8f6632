package surveillance

import (
	"context"
	"fmt"

	"chatmrpt/core/table"
)

// tally adds up rows. sums has, for each bucket of time, one place per ward and
// a last one for the rows without a ward.
type tally struct {
	query      Query
	measure    Measure
	grain      Grain
	cols       columns
	levels     []verdict // per distinct level; nil takes all
	buckets    buckets
	units      int
	sums       []Ward
	seen       *facilitySet // with tests
	reported   *facilitySet // with any count at all, noughts included; nil when not asked for
	periodUsed []bool
	selected   int // rows of the level and period asked for
	skipped    Skipped
}

func newTally(rows Rows, cols columns, q Query, g Grain) (*tally, error) {
	levels, err := levelVerdicts(cols.level, q)
	if err != nil {
		return nil, err
	}
	b, err := findBuckets(cols.period, q, g)
	if err != nil {
		return nil, err
	}
	t := &tally{query: q, measure: q.measure(), grain: g, cols: cols, levels: levels, buckets: b, units: rows.Units}
	t.sums = make([]Ward, (rows.Units+1)*len(b.names))
	if cols.period != nil {
		t.periodUsed = make([]bool, len(cols.period.Dict()))
	}
	if cols.facility != nil {
		t.seen = newFacilitySet(len(cols.facility.Dict()), len(b.names))
	}
	return t, nil
}

// add goes through all rows. It looks at ctx now and then.
func (t *tally) add(ctx context.Context, rows Rows) error {
	const between = 1 << 14
	for i, unit := range rows.Unit {
		if i%between == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !t.rightLevel(i) {
			continue
		}
		bucket := t.bucket(i)
		if bucket < 0 {
			continue
		}
		t.selected++
		if unit < 0 {
			unit = t.units
		}
		t.addRow(i, unit, bucket)
	}
	return ctx.Err()
}

func (t *tally) rightLevel(row int) bool {
	if t.levels == nil {
		return true
	}
	code, ok := t.cols.level.Code(row)
	switch {
	case !ok:
		t.skipped.NoLevel++
		return false
	case t.levels[code] != in:
		t.skipped.OtherLevel++
		return false
	}
	return true
}

// bucket gives the bucket of a row, or counts why it has none.
func (t *tally) bucket(row int) int {
	if t.buckets.of == nil {
		return 0
	}
	code, ok := t.cols.period.Code(row)
	if !ok {
		t.skipped.NoPeriod++
		return outside
	}
	b := t.buckets.of[code]
	switch b {
	case partlyIn:
		t.skipped.WiderPeriod++
	case senseless:
		t.skipped.BadPeriod++
	case outside:
		t.skipped.OtherPeriod++
	}
	return b
}

// addRow adds the complete pairs of one selected row to a ward.
func (t *tally) addRow(row, unit, bucket int) {
	w := &t.sums[bucket*(t.units+1)+unit]
	used, over, tested, reported := false, false, false, false
	for i := range t.cols.pairs {
		p := &t.cols.pairs[i]
		n, k, hasN, hasK := p.read(row)
		reported = reported || hasN || hasK
		switch {
		case hasN != hasK:
			t.skipped.HalfPairs++
		case !hasN:
			// Nothing reported: not a fault, and not a nought either.
		case n < 0 || k < 0:
			t.skipped.Negative++
		case t.measure.skipZero && n == 0:
			t.skipped.ZeroDenominator++
		default:
			w.Counts.add(n, k)
			if p.test >= 0 {
				w.Tests[p.test].add(n, k)
			}
			used, over, tested = true, over || k > n && !t.measure.exchanged, tested || n > 0
		}
	}
	if reported && t.reported != nil {
		if code, ok := t.cols.facility.Code(row); ok {
			t.reported.add(unit, code, bucket)
		}
	}
	if !used {
		t.skipped.Empty++
		return
	}
	w.RowsUsed++
	if over {
		w.RowsPositiveOverTested++
	}
	t.markPeriod(row)
	if tested {
		t.countFacility(row, unit, bucket, w)
	}
}

func (c *Counts) add(denominator, numerator float64) {
	c.Denominator += denominator
	c.Numerator += numerator
}

func (t *tally) markPeriod(row int) {
	if t.cols.period == nil {
		return
	}
	if code, ok := t.cols.period.Code(row); ok {
		t.periodUsed[code] = true
	}
}

func (t *tally) countFacility(row, unit, bucket int, w *Ward) {
	if t.cols.facility == nil {
		return
	}
	code, ok := t.cols.facility.Code(row)
	if !ok {
		t.skipped.NoFacility++
		return
	}
	if t.seen.add(unit, code, bucket) {
		w.Facilities++
	}
}

// cells closes the sums.
func (t *tally) cells(notices []string) *Cells {
	for i := range t.sums {
		t.measure.settle(&t.sums[i])
	}
	c := &Cells{Query: t.query, Grain: t.grain, Periods: t.buckets.names, Skipped: t.skipped,
		Covered: make([]Months, len(t.buckets.names)), Found: usedPeriods(t.cols.period, t.periodUsed)}
	for p := range t.buckets.names {
		from := p * (t.units + 1)
		c.Wards = append(c.Wards, t.sums[from:from+t.units:from+t.units])
		c.Unplaced = append(c.Unplaced, t.sums[from+t.units])
	}
	for code, used := range t.periodUsed {
		if !used {
			continue
		}
		b := 0
		if t.buckets.of != nil {
			b = t.buckets.of[code]
		}
		c.Covered[b] |= monthsOf(t.cols.period.Dict()[code])
	}
	c.Notices = append(c.Notices, notices...)
	c.Notices = append(c.Notices, t.aboutColumns()...)
	c.Notices = append(c.Notices, c.aboutRows()...)
	c.Notices = append(c.Notices, c.aboutWards()...)
	return c
}

func usedPeriods(period *table.Column, used []bool) []string {
	var found []string
	for code, u := range used {
		if u {
			found = append(found, period.Dict()[code])
		}
	}
	sortPeriods(found)
	return found
}

func (t *tally) aboutColumns() (notices []string) {
	if t.cols.facility == nil {
		notices = append(notices, "The records name no facilities, so facilities are not counted.")
	}
	if len(yearsOf(t.cols.period)) == 0 {
		notices = append(notices, "The records have no period that can be read; all rows are added together.")
	}
	return notices
}

// aboutRows says what the rows themselves have amiss.
func (c *Cells) aboutRows() (notices []string) {
	say := func(n int, format string) {
		if n > 0 {
			notices = append(notices, fmt.Sprintf(format, n))
		}
	}
	if wide, narrow, found := overlapping(c.Found); found {
		notices = append(notices, fmt.Sprintf("The selection holds both %s and %s, which lies in it: persons may be counted twice.", wide, narrow))
	}
	over := 0
	for p, wards := range c.Wards {
		over += c.Unplaced[p].RowsPositiveOverTested
		for _, w := range wards {
			over += w.RowsPositiveOverTested
		}
	}
	s := c.Skipped
	say(over, "More positives than "+c.against()+" in %d rows; they are counted as reported.")
	say(s.HalfPairs, "Left out %d pairs of counts with only one of the two.")
	say(s.Negative, "Left out %d pairs of counts with a negative number.")
	say(s.ZeroDenominator, "Left out %d pairs of counts with a denominator of nought, as this measure does.")
	say(s.BadPeriod, "Left out %d rows whose period can't be read.")
	say(s.WiderPeriod, "Left out %d rows whose period reaches beyond the one asked for.")
	say(s.NoPeriod, "Left out %d rows without a period.")
	say(s.NoLevel, "Left out %d rows without a level of care.")
	say(s.NoFacility, "Counted %d rows with tests that name no facility; they add to no facility count.")
	return notices
}

// against is what positives are compared with.
func (c *Cells) against() string {
	if m := c.Query.measure(); !m.PerThousand && m.Denominator != "persons tested" {
		return m.Denominator
	}
	return "tests"
}

// counted is what the denominators count, before a population takes their
// place.
func (c *Cells) counted() string {
	if m := c.Query.measure(); m.PerThousand {
		return m.Numerator
	}
	return c.against()
}

// aboutWards says which figures per ward need a second look. In a tabulation
// it counts wards and periods together.
func (c *Cells) aboutWards() (notices []string) {
	impossible, positiveOnly, noData, all := 0, 0, 0, 0
	var unplaced Ward
	for p, wards := range c.Wards {
		all += len(wards)
		unplaced.add(c.Unplaced[p])
		for _, w := range wards {
			switch {
			case w.Impossible():
				impossible++
			case !w.HasData && w.Numerator > 0:
				positiveOnly++
				noData++
			case !w.HasData:
				noData++
			}
		}
	}
	m, what := c.Query.measure(), "wards"
	if c.Grain != Whole {
		what = "pairs of ward and period"
	}
	if impossible > 0 && m.Share && !m.capped {
		notices = append(notices, fmt.Sprintf("The value is above 1 in %d %s; it is shown as computed.", impossible, what))
	}
	if positiveOnly > 0 && !m.PerThousand {
		notices = append(notices, fmt.Sprintf("%d %s report positives but no %s; they have no value.", positiveOnly, what, c.against()))
	}
	if noData > 0 {
		notices = append(notices, fmt.Sprintf("%d of %d %s have no data.", noData, all, what))
	}
	if unplaced.RowsUsed > 0 {
		notices = append(notices, fmt.Sprintf("%d rows with %.0f %s belong to no known ward and are in no ward's figure.", unplaced.RowsUsed, unplaced.Denominator, c.counted()))
	}
	return notices
}

// facilitySet remembers which facilities of which ward were met in which
// bucket. Nearly every name belongs to one ward, so the first ward of each
// name is kept in a slice and only the others in a map.
type facilitySet struct {
	first   []int          // per name: 1 + its first ward; 0 when not met
	more    map[[2]int]int // further wards of a name: the number of that facility
	buckets int
	met     []uint64 // a bit per facility and bucket
}

func newFacilitySet(names, buckets int) *facilitySet {
	return &facilitySet{first: make([]int, names), more: map[[2]int]int{}, buckets: buckets, met: make([]uint64, names*buckets/64+1)}
}

// number gives the facility of that name in that ward a number of its own.
func (s *facilitySet) number(unit int, name uint32) int {
	switch s.first[name] {
	case 0:
		s.first[name] = unit + 1
		return int(name)
	case unit + 1:
		return int(name)
	}
	key := [2]int{unit, int(name)}
	n, ok := s.more[key]
	if !ok {
		n = len(s.first) + len(s.more)
		s.more[key] = n
	}
	return n
}

// add reports whether the facility is met in the bucket for the first time.
func (s *facilitySet) add(unit int, name uint32, bucket int) bool {
	bit := s.number(unit, name)*s.buckets + bucket
	for bit/64 >= len(s.met) {
		s.met = append(s.met, 0)
	}
	old := s.met[bit/64]
	s.met[bit/64] = old | 1<<(bit%64)
	return old != s.met[bit/64]
}
