package surveillance

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// gone stands for a missing cell in the small tables below.
const gone = -999

// small builds records of RDT under five: texts of "" and numbers of gone are
// missing cells.
func small(t testing.TB, level, period, facility []string, tested, positive []float64, unit []int, units int) Rows {
	t.Helper()
	text := func(name string, role table.Role, values []string) *table.Column {
		c := table.NewText(name)
		c.Role = role
		for _, v := range values {
			if v == "" {
				c.AppendMissing()
			} else {
				c.AppendText(v)
			}
		}
		return c
	}
	number := func(name string, role table.Role, values []float64) *table.Column {
		c := table.NewNumber(name)
		c.Role = role
		for _, v := range values {
			if v == gone {
				c.AppendMissing()
			} else {
				c.AppendNumber(v)
			}
		}
		return c
	}
	cols := []*table.Column{
		number("n", table.TestedRole(table.RDT, table.Under5), tested),
		number("k", table.PositiveRole(table.RDT, table.Under5), positive),
	}
	for _, c := range []*table.Column{text("level", table.RoleLevel, level), text("period", table.RolePeriod, period), text("facility", table.RoleFacility, facility)} {
		if c.Len() > 0 {
			cols = append(cols, c)
		}
	}
	tab, err := table.New("facilities", cols...)
	if err != nil {
		t.Fatal(err)
	}
	return Rows{Table: tab, Unit: unit, Units: units}
}

func everyPeriod(level string) Query {
	return Query{Level: level, Age: "u5", Test: "rdt", AllPeriods: true}
}

func mustAnswer(t *testing.T, rows Rows, q Query) *Result {
	t.Helper()
	r, err := Positivity(t.Context(), rows, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func hasNotice(r *Result, part string) bool {
	return strings.Contains(strings.Join(r.Notices, "\n"), part)
}

func TestSumsComeBeforeRatios(t *testing.T) {
	rows := small(t, nil, nil, []string{"A", "B", "A"}, []float64{10, 90, 100}, []float64{9, 9, 10}, []int{0, 0, 0}, 2)
	r := mustAnswer(t, rows, everyPeriod(All))
	w := r.Wards[0]
	if got, ok := w.Value(); !ok || got != 28.0/200 {
		t.Errorf("positivity %v, want 28/200; the mean of the three ratios is another number", got)
	}
	if w.Facilities != 2 || w.RowsUsed != 3 {
		t.Errorf("facilities %d, rows %d; want 2 and 3: a facility with two rows is one", w.Facilities, w.RowsUsed)
	}
	if _, ok := r.Wards[1].Value(); ok || r.Wards[1].HasData {
		t.Error("a ward without rows must have no data, not nought")
	}
}

func TestHalfPairsAndNegativesAreLeftOutAndCounted(t *testing.T) {
	rows := small(t, nil, nil, []string{"A", "A", "A", "A", "A"},
		[]float64{100, gone, 50, -5, gone}, []float64{40, 30, gone, 1, gone}, []int{0, 0, 0, 0, 0}, 1)
	r := mustAnswer(t, rows, everyPeriod(All))
	if w := r.Wards[0]; w.Denominator != 100 || w.Numerator != 40 || w.RowsUsed != 1 {
		t.Errorf("sums %+v, want only the complete pair 40/100", w)
	}
	if s := r.Skipped; s.HalfPairs != 2 || s.Negative != 1 || s.Empty != 4 {
		t.Errorf("skipped %+v", s)
	}
}

func TestMorePositivesThanTestsIsKeptAndFlagged(t *testing.T) {
	rows := small(t, nil, nil, nil, []float64{10, 10, 0}, []float64{30, 5, 4}, []int{0, 0, 1}, 2)
	r := mustAnswer(t, rows, everyPeriod(All))
	if v, _ := r.Wards[0].Value(); v != 35.0/20 || !r.Wards[0].Impossible() {
		t.Errorf("value %v, want 1.75 and flagged", v)
	}
	if r.Wards[0].RowsPositiveOverTested != 1 {
		t.Errorf("%d rows flagged, want 1", r.Wards[0].RowsPositiveOverTested)
	}
	if r.Wards[1].HasData || r.Wards[1].Numerator != 4 {
		t.Errorf("positives without tests: %+v, want no data and the positives kept", r.Wards[1])
	}
	for _, part := range []string{"in 2 rows", "above 1 in 1 wards", "1 wards report positives but no tests"} {
		if !hasNotice(r, part) {
			t.Errorf("no notice says %q: %q", part, r.Notices)
		}
	}
}

func TestRowsWithoutAWardAreSummedApart(t *testing.T) {
	rows := small(t, nil, nil, []string{"A", "B"}, []float64{10, 70}, []float64{1, 7}, []int{0, -1}, 1)
	r := mustAnswer(t, rows, everyPeriod(All))
	if r.Unplaced.Denominator != 70 || r.Unplaced.Facilities != 1 || r.Wards[0].Denominator != 10 {
		t.Errorf("unplaced %+v, ward %+v", r.Unplaced, r.Wards[0])
	}
	if !hasNotice(r, "1 rows with 70 tests") {
		t.Errorf("the loss is not said: %q", r.Notices)
	}
}

// One facility name in two wards is two facilities; the same in one ward one.
func TestFacilitiesAreCountedByWardAndName(t *testing.T) {
	rows := small(t, nil, nil, []string{"Health Post", "Health Post", "Health Post", "Health Post", "", "Clinic"},
		[]float64{1, 1, 1, 1, 1, 0}, []float64{0, 0, 0, 0, 0, 0}, []int{0, 1, 1, 0, 0, 0}, 2)
	r := mustAnswer(t, rows, everyPeriod(All))
	if r.Wards[0].Facilities != 1 || r.Wards[1].Facilities != 1 {
		t.Errorf("facilities %d and %d, want 1 and 1", r.Wards[0].Facilities, r.Wards[1].Facilities)
	}
	if r.Skipped.NoFacility != 1 {
		t.Errorf("%d rows without a facility, want 1", r.Skipped.NoFacility)
	}
}

// Defect D9 of the predecessor: a level that matched nothing silently became
// all facilities.
func TestDefect_D9_UnmatchedLevelIsAnErrorThatListsTheLevels(t *testing.T) {
	rows := small(t, []string{"Primary", "Secondary", "Primary"}, nil, nil, []float64{1, 2, 4}, []float64{0, 0, 0}, []int{0, 0, 0}, 1)
	_, err := Positivity(t.Context(), rows, everyPeriod(Tertiary))
	if !problem.Is(err, problem.NotFound) {
		t.Fatalf("got %v, want a not-found problem", err)
	}
	for _, part := range []string{"Primary (2 rows)", "Secondary (1 rows)"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not list %s", err, part)
		}
	}
	if r := mustAnswer(t, rows, everyPeriod(Primary)); r.Wards[0].Denominator != 5 || r.Skipped.OtherLevel != 1 {
		t.Errorf("primary: %+v, skipped %+v", r.Wards[0], r.Skipped)
	}
}

// Defect D6: six years summed as one because nobody asked.
func TestDefect_D6_SeveralYearsNeedAPeriod(t *testing.T) {
	rows := small(t, nil, []string{"2023", "2024-01", "2024-02", ""}, nil, []float64{1, 2, 4, 8}, []float64{0, 0, 0, 0}, []int{0, 0, 0, 0}, 1)
	q := everyPeriod(All)
	q.AllPeriods = false
	_, err := Positivity(t.Context(), rows, q)
	if !problem.Is(err, problem.Usage) || !strings.Contains(err.Error(), "2023, 2024") {
		t.Fatalf("got %v, want a usage problem naming the years", err)
	}
	for _, c := range []struct {
		from, to string
		want     float64
	}{{"2024", "", 6}, {"2024-02", "", 4}, {"2023", "2024-01", 3}, {"2023", "2024", 7}} {
		q.From, q.To = c.from, c.to
		if r := mustAnswer(t, rows, q); r.Wards[0].Denominator != c.want {
			t.Errorf("%s to %s: tested %v, want %v", c.from, c.to, r.Wards[0].Denominator, c.want)
		}
	}
	if r := mustAnswer(t, rows, everyPeriod(All)); r.Wards[0].Denominator != 15 {
		t.Errorf("all periods: tested %v, want 15", r.Wards[0].Denominator)
	}
}

func TestOneYearNeedsNoPeriodAndIsNamed(t *testing.T) {
	rows := small(t, nil, []string{"2024-02", "2024-01", "Q1"}, nil, []float64{1, 2, 4}, []float64{0, 0, 0}, []int{0, 0, 0}, 1)
	q := everyPeriod(All)
	q.AllPeriods = false
	r := mustAnswer(t, rows, q)
	if r.Query.From != "2024" || r.Query.To != "2024" || r.Wards[0].Denominator != 3 || r.Skipped.BadPeriod != 1 {
		t.Errorf("%+v, %+v, %+v", r.Query, r.Wards[0], r.Skipped)
	}
	if !reflect.DeepEqual(r.PeriodsFound, []string{"2024-01", "2024-02"}) {
		t.Errorf("periods %v", r.PeriodsFound)
	}
}

func TestAYearIsNotPartOfItsMonth(t *testing.T) {
	rows := small(t, nil, []string{"2024", "2024-03", "2025"}, nil, []float64{1, 2, 4}, []float64{0, 0, 0}, []int{0, 0, 0}, 1)
	q := Query{Level: All, Age: "u5", Test: "rdt", From: "2024-03"}
	r := mustAnswer(t, rows, q)
	if r.Wards[0].Denominator != 2 || r.Skipped.WiderPeriod != 1 || r.Skipped.OtherPeriod != 1 {
		t.Errorf("%+v, skipped %+v", r.Wards[0], r.Skipped)
	}
	q.From = "2024"
	if r := mustAnswer(t, rows, q); !hasNotice(r, "both 2024 and 2024-03") {
		t.Errorf("a year added to its own month is not said: %q", r.Notices)
	}
}

func TestWhatTheFileLacksIsSaid(t *testing.T) {
	rows := small(t, nil, nil, nil, []float64{10}, []float64{1}, []int{0}, 1)
	for name, q := range map[string]Query{
		"microscopy": {Level: All, Age: "u5", Test: "micro", AllPeriods: true},
		"pregnant":   {Level: All, Age: "pw", Test: "both", AllPeriods: true},
		"level":      {Level: Primary, Age: "u5", Test: "rdt", AllPeriods: true},
		"period":     {Level: All, Age: "u5", Test: "rdt", From: "2024"},
	} {
		if _, err := Positivity(t.Context(), rows, q); !problem.Is(err, problem.NotFound) {
			t.Errorf("%s: got %v, want a not-found problem", name, err)
		}
	}
	r := mustAnswer(t, rows, Query{Level: All, Age: All, Test: BothTests})
	for _, part := range []string{"not counted: rdt o5", "no facilities", "no period"} {
		if !hasNotice(r, part) {
			t.Errorf("no notice says %q: %q", part, r.Notices)
		}
	}
}

// Rows that lack the answer to a question that was asked are left out under
// that reason; when the question is not asked, they count.
func TestRowsWithoutLevelOrPeriod(t *testing.T) {
	rows := small(t, []string{"Primary", "", "Primary", "Primary"}, []string{"2024", "2024", "", "2024"}, nil,
		[]float64{1, 2, 4, 8}, []float64{0, 0, 0, 0}, []int{0, 0, 0, 0}, 1)
	q := Query{Level: Primary, Age: "u5", Test: "rdt", From: "2024"}
	r := mustAnswer(t, rows, q)
	if r.Wards[0].Denominator != 9 || r.Skipped.NoLevel != 1 || r.Skipped.NoPeriod != 1 {
		t.Errorf("asked for both: %+v, skipped %+v", r.Wards[0], r.Skipped)
	}
	for _, part := range []string{"1 rows without a level", "1 rows without a period"} {
		if !hasNotice(r, part) {
			t.Errorf("no notice says %q: %q", part, r.Notices)
		}
	}
	if r := mustAnswer(t, rows, everyPeriod(All)); r.Wards[0].Denominator != 15 || r.Skipped != (Skipped{}) {
		t.Errorf("asked for neither: %+v, skipped %+v", r.Wards[0], r.Skipped)
	}
}

func TestPeriodsThatCannotBeReadAreAddedOnlyWithANotice(t *testing.T) {
	rows := small(t, nil, []string{"Q1", "Q2"}, nil, []float64{1, 2}, []float64{0, 0}, []int{0, 0}, 1)
	r := mustAnswer(t, rows, Query{Level: All, Age: "u5", Test: "rdt"})
	if r.Wards[0].Denominator != 3 || !r.Query.AllPeriods || !hasNotice(r, "no period that can be read") {
		t.Errorf("%+v %+v %q", r.Wards[0], r.Query, r.Notices)
	}
	if _, err := Positivity(t.Context(), rows, Query{Level: All, Age: "u5", Test: "rdt", From: "2024"}); !problem.Is(err, problem.NotFound) {
		t.Errorf("a period no row has: %v", err)
	}
}

// The two tests and the three ages are six pairs; each query adds just its own.
func TestEachTestAndAgeIsCountedOnce(t *testing.T) {
	tab, err := table.New("facilities")
	if err != nil {
		t.Fatal(err)
	}
	weight := 1.0
	for _, test := range table.Tests() {
		for _, age := range table.Ages() {
			for _, role := range []table.Role{table.TestedRole(test, age), table.PositiveRole(test, age)} {
				c := table.NumberOf(string(role), weight)
				c.Role = role
				if err := tab.Add(c); err != nil {
					t.Fatal(err)
				}
			}
			weight *= 10
		}
	}
	rows := Rows{Table: tab, Unit: []int{0}, Units: 1}
	for _, c := range []struct {
		test, age string
		want      float64
	}{
		{"rdt", "u5", 1}, {"rdt", "o5", 10}, {"rdt", "pw", 100}, {"rdt", All, 111},
		{"micro", "u5", 1e3}, {"micro", "o5", 1e4}, {"micro", "pw", 1e5}, {"micro", All, 111e3},
		{BothTests, "u5", 1001}, {BothTests, "pw", 100100}, {BothTests, All, 111111},
	} {
		r := mustAnswer(t, rows, Query{Level: All, Age: c.age, Test: c.test, AllPeriods: true})
		if w := r.Wards[0]; w.Denominator != c.want || w.Numerator != c.want || w.RowsUsed != 1 {
			t.Errorf("%s %s: %+v, want %v", c.test, c.age, w, c.want)
		}
	}
}

func TestNoFittingRowNamesTheYears(t *testing.T) {
	rows := small(t, nil, []string{"2023"}, nil, []float64{1}, []float64{0}, []int{0}, 1)
	_, err := Positivity(t.Context(), rows, Query{Level: All, Age: "u5", Test: "rdt", From: "2019"})
	if !problem.Is(err, problem.NotFound) || !strings.Contains(problem.From(err, "").Hint, "2023") {
		t.Errorf("got %v", err)
	}
}

func TestBrokenLinksAreRefused(t *testing.T) {
	rows := small(t, nil, nil, nil, []float64{1}, []float64{0}, []int{0}, 1)
	for name, bad := range map[string]Rows{
		"no table": {}, "no number of wards": {Table: rows.Table, Unit: []int{-1}, Units: -1}, "too few": {Table: rows.Table, Units: 1},
		"too high": {Table: rows.Table, Unit: []int{1}, Units: 1}, "too low": {Table: rows.Table, Unit: []int{-2}, Units: 1},
	} {
		if _, err := Positivity(t.Context(), bad, everyPeriod(All)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCancelledPositivityStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rows := small(t, nil, nil, nil, []float64{1}, []float64{0}, []int{0}, 1)
	if _, err := Positivity(ctx, rows, everyPeriod(All)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Whatever the rows and their order: every count is in exactly one place, and
// levels add up to all levels.
func TestSumsPartitionTheRecords(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 4))
	for range 50 {
		n, units := 1+rng.IntN(200), 1+rng.IntN(5)
		level, period, facility := make([]string, n), make([]string, n), make([]string, n)
		tested, positive, unit := make([]float64, n), make([]float64, n), make([]int, n)
		total := 0.0
		for i := range n {
			level[i] = Levels()[rng.IntN(3)]
			period[i] = []string{"2023", "2024-01", "2024-02"}[rng.IntN(3)]
			facility[i] = string(rune('A' + rng.IntN(6)))
			tested[i], positive[i] = float64(rng.IntN(50)), float64(rng.IntN(60))
			unit[i] = rng.IntN(units+1) - 1
			total += tested[i]
		}
		rows := small(t, level, period, facility, tested, positive, unit, units)
		if got := testsOf(mustAnswer(t, rows, everyPeriod(All))); got != total {
			t.Fatalf("all levels hold %v tests, the records %v", got, total)
		}
		sum := 0.0
		for _, l := range Levels() {
			if r, err := Positivity(t.Context(), rows, everyPeriod(l)); err == nil {
				sum += testsOf(r)
			}
		}
		if sum != total {
			t.Fatalf("the three levels hold %v tests, the records %v", sum, total)
		}
		checkPermutation(t, rng, rows)
	}
}

func testsOf(r *Result) float64 {
	sum := r.Unplaced.Denominator
	for _, w := range r.Wards {
		sum += w.Denominator
	}
	return sum
}

func checkPermutation(t *testing.T, rng *rand.Rand, rows Rows) {
	t.Helper()
	order := rng.Perm(len(rows.Unit))
	shuffled := Rows{Table: rows.Table.Pick(order), Unit: make([]int, len(order)), Units: rows.Units}
	for i, o := range order {
		shuffled.Unit[i] = rows.Unit[o]
	}
	a, b := mustAnswer(t, rows, everyPeriod(All)), mustAnswer(t, shuffled, everyPeriod(All))
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("the order of the rows changes the result:\n%+v\n%+v", a, b)
	}
}

func TestCompareAnswersWhatTheRecordsHold(t *testing.T) {
	rows := small(t, []string{"Primary", "Secondary"}, nil, nil, []float64{10, 20}, []float64{1, 2}, []int{0, 0}, 1)
	c, err := Compare(t.Context(), rows, Query{Test: "rdt", AllPeriods: true})
	if err != nil {
		t.Fatal(err)
	}
	// Levels primary, secondary, all; ages u5 and all (which is u5 here).
	if len(c.Results) != 6 || len(c.Left) != 10 {
		t.Errorf("%d answers and %d left, want 6 and 10: %q", len(c.Results), len(c.Left), c.Left)
	}
	if _, err := Compare(t.Context(), rows, Query{Test: "pcr"}); !problem.Is(err, problem.Usage) {
		t.Errorf("a bad query: %v", err)
	}
}

func TestValueOfHugeSumsIsFinite(t *testing.T) {
	w := Ward{Counts: Counts{math.MaxFloat64, math.MaxFloat64}, HasData: true}
	if v, ok := w.Value(); !ok || v != 1 {
		t.Errorf("got %v %v", v, ok)
	}
}
