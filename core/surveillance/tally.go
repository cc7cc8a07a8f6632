package surveillance

import (
	"context"
	"fmt"

	"chatmrpt/core/table"
)

// tally adds up rows. sums has one place per ward and a last one for the rows
// without a ward.
type tally struct {
	query      Query
	cols       columns
	levels     []verdict // per distinct level; nil takes all
	periods    []verdict // per distinct period; nil takes all
	sums       []Ward
	seen       facilitySet
	periodUsed []bool
	selected   int // rows of the level and period asked for
	skipped    Skipped
}

func newTally(rows Rows, cols columns, q Query) (*tally, error) {
	levels, err := levelVerdicts(cols.level, q)
	if err != nil {
		return nil, err
	}
	periods, err := periodVerdicts(cols.period, q)
	if err != nil {
		return nil, err
	}
	t := &tally{query: q, cols: cols, levels: levels, periods: periods, sums: make([]Ward, rows.Units+1)}
	if cols.period != nil {
		t.periodUsed = make([]bool, len(cols.period.Dict()))
	}
	if cols.facility != nil {
		t.seen = newFacilitySet(len(cols.facility.Dict()))
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
		if !t.rightLevel(i) || !t.rightPeriod(i) {
			continue
		}
		t.selected++
		if unit < 0 {
			unit = rows.Units
		}
		t.addRow(i, unit)
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

func (t *tally) rightPeriod(row int) bool {
	if t.periods == nil {
		return true
	}
	code, ok := t.cols.period.Code(row)
	if !ok {
		t.skipped.NoPeriod++
		return false
	}
	switch t.periods[code] {
	case in:
		return true
	case partlyIn:
		t.skipped.WiderPeriod++
	case senseless:
		t.skipped.BadPeriod++
	default:
		t.skipped.OtherPeriod++
	}
	return false
}

// addRow adds the complete pairs of one selected row to a ward.
func (t *tally) addRow(row, unit int) {
	var tested, positive float64
	used, over := false, false
	for _, p := range t.cols.pairs {
		n, hasN := p.tested.Number(row)
		k, hasK := p.positive.Number(row)
		switch {
		case hasN != hasK:
			t.skipped.HalfPairs++
		case !hasN:
			// Nothing reported: not a fault, and not a nought either.
		case n < 0 || k < 0:
			t.skipped.Negative++
		default:
			tested, positive = tested+n, positive+k
			used, over = true, over || k > n
		}
	}
	if !used {
		t.skipped.Empty++
		return
	}
	w := &t.sums[unit]
	w.Tested += tested
	w.Positive += positive
	w.RowsUsed++
	if over {
		w.RowsPositiveOverTested++
	}
	t.markPeriod(row)
	if tested > 0 {
		t.countFacility(row, unit, w)
	}
}

func (t *tally) markPeriod(row int) {
	if t.cols.period == nil {
		return
	}
	if code, ok := t.cols.period.Code(row); ok {
		t.periodUsed[code] = true
	}
}

func (t *tally) countFacility(row, unit int, w *Ward) {
	if t.cols.facility == nil {
		return
	}
	code, ok := t.cols.facility.Code(row)
	if !ok {
		t.skipped.NoFacility++
		return
	}
	if t.seen.add(unit, code) {
		w.Facilities++
	}
}

// result closes the sums.
func (t *tally) result(notices []string) *Result {
	for i := range t.sums {
		t.sums[i].HasData = t.sums[i].Tested > 0
	}
	last := len(t.sums) - 1
	r := &Result{
		Query: t.query, Wards: t.sums[:last:last], Unplaced: t.sums[last],
		PeriodsFound: usedPeriods(t.cols.period, t.periodUsed), Skipped: t.skipped,
	}
	r.Notices = append(notices, t.aboutColumns()...)
	r.Notices = append(r.Notices, r.aboutRows()...)
	r.Notices = append(r.Notices, r.aboutWards()...)
	return r
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
func (r *Result) aboutRows() (notices []string) {
	say := func(n int, format string) {
		if n > 0 {
			notices = append(notices, fmt.Sprintf(format, n))
		}
	}
	if wide, narrow, found := overlapping(r.PeriodsFound); found {
		notices = append(notices, fmt.Sprintf("The selection holds both %s and %s, which lies in it: persons may be counted twice.", wide, narrow))
	}
	over := r.Unplaced.RowsPositiveOverTested
	for _, w := range r.Wards {
		over += w.RowsPositiveOverTested
	}
	say(over, "More positives than tests in %d rows; they are counted as reported.")
	say(r.Skipped.HalfPairs, "Left out %d pairs of counts with only tested or only positive.")
	say(r.Skipped.Negative, "Left out %d pairs of counts with a negative number.")
	say(r.Skipped.BadPeriod, "Left out %d rows whose period can't be read.")
	say(r.Skipped.WiderPeriod, "Left out %d rows whose period reaches beyond the one asked for.")
	say(r.Skipped.NoPeriod, "Left out %d rows without a period.")
	say(r.Skipped.NoLevel, "Left out %d rows without a level of care.")
	say(r.Skipped.NoFacility, "Counted %d rows with tests that name no facility; they add to no facility count.")
	return notices
}

// aboutWards says which figures per ward need a second look.
func (r *Result) aboutWards() (notices []string) {
	impossible, positiveOnly, noData := 0, 0, 0
	for _, w := range r.Wards {
		switch {
		case w.Impossible():
			impossible++
		case !w.HasData && w.Positive > 0:
			positiveOnly++
			noData++
		case !w.HasData:
			noData++
		}
	}
	if impossible > 0 {
		notices = append(notices, fmt.Sprintf("Positivity is above 1 in %d wards; it is shown as computed.", impossible))
	}
	if positiveOnly > 0 {
		notices = append(notices, fmt.Sprintf("%d wards report positives but no tests; they have no positivity.", positiveOnly))
	}
	if noData > 0 {
		notices = append(notices, fmt.Sprintf("%d of %d wards have no data.", noData, len(r.Wards)))
	}
	if u := r.Unplaced; u.RowsUsed > 0 {
		notices = append(notices, fmt.Sprintf("%d rows with %.0f tests belong to no known ward and are in no ward's figure.", u.RowsUsed, u.Tested))
	}
	return notices
}

// facilitySet remembers pairs of ward and facility name. Nearly every name
// belongs to one ward, so the first ward of each name is kept in a slice and
// only the others in a map.
type facilitySet struct {
	first []int // per name: 1 + its first ward; 0 when not met
	more  map[[2]int]bool
}

func newFacilitySet(names int) facilitySet {
	return facilitySet{first: make([]int, names), more: map[[2]int]bool{}}
}

// add reports whether the pair is new.
func (s facilitySet) add(unit int, name uint32) bool {
	switch s.first[name] {
	case 0:
		s.first[name] = unit + 1
		return true
	case unit + 1:
		return false
	}
	key := [2]int{unit, int(name)}
	if s.more[key] {
		return false
	}
	s.more[key] = true
	return true
}
