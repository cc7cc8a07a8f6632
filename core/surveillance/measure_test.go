package surveillance

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// hand is two facilities of one ward with every column of the real files, for
// under-fives:
//
//	          RDT tested/pos   microscopy tested/pos   fever   OPD   general   presumed
//	first         100/40              20/12             150    400     500        9
//	second         50/10               —/—               60    100     200        1
func hand(t testing.TB) Rows {
	t.Helper()
	column := func(role table.Role, values ...float64) *table.Column {
		c := table.NumberOf(string(role), values...) // NaN is missing
		c.Role = role
		return c
	}
	none := math.NaN()
	tab, err := table.New("records",
		column(table.TestedRole(table.RDT, table.Under5), 100, 50), column(table.PositiveRole(table.RDT, table.Under5), 40, 10),
		column(table.TestedRole(table.Microscopy, table.Under5), 20, none), column(table.PositiveRole(table.Microscopy, table.Under5), 12, none),
		column(table.FeverRole(table.Under5), 150, 60), column(table.RoleAttendance, 400, 100), column(table.RoleGeneralAttendance, 500, 200),
		column(table.PresumedRole(table.Under5), 9, 1))
	if err != nil {
		t.Fatal(err)
	}
	return Rows{Table: tab, Unit: []int{0, 0}, Units: 1}
}

// Each formula of spec/analytics.md 2.3 worked out by hand.
func TestMeasuresByHand(t *testing.T) {
	for _, c := range []struct {
		measure, test string
		num, den      float64
	}{
		{MeasurePositivity, BothTests, 40 + 12 + 10, 100 + 20 + 50}, // T1
		{MeasurePositivity, "rdt", 50, 150},                         // T2
		{MeasurePositivity, "micro", 12, 20},                        // T3
		{MeasureLarger, BothTests, 40 + 10, 100 + 50},               // T4
		{MeasureHigher, BothTests, 12, 20},                          // T5: 60 % by microscopy, 33 % by RDT
		{MeasureFever, BothTests, 62, 210},                          // T6
		{MeasureGeneral, BothTests, 62, 700},                        // T7
		{MeasureOPD, "rdt", 50, 500},                                // T8
		{MeasureOPDLarger, BothTests, 40 + 10, 500},                 // T9
		{MeasureIlorin, BothTests, 170, 62},                         // T11, the labels exchanged
	} {
		r := mustAnswer(t, hand(t), Query{Measure: c.measure, Level: All, Age: "u5", Test: c.test, AllPeriods: true})
		if w := r.Wards[0]; w.Numerator != c.num || w.Denominator != c.den || w.Facilities != 0 {
			t.Errorf("%s %s: %v ÷ %v, want %v ÷ %v", c.measure, c.test, w.Numerator, w.Denominator, c.num, c.den)
		}
		m, _ := MeasureOf(c.measure)
		v, cut, ok := m.Value(r.Wards[0])
		if want := c.num / c.den; !ok || v != min(want, map[bool]float64{true: 1, false: math.Inf(1)}[m.capped]) || cut != (m.capped && want > 1) {
			t.Errorf("%s: value %v, cut %v", c.measure, v, cut)
		}
	}
	for measure, want := range map[string]float64{MeasureBurden: 62, MeasureTesting: 170, MeasurePresumed: 10, MeasureSuspected: 210} {
		r := mustAnswer(t, hand(t), Query{Measure: measure, Level: All, Age: "u5", Test: BothTests, AllPeriods: true})
		if r.Wards[0].Numerator != want || !r.Wards[0].HasData {
			t.Errorf("%s counts %+v, want %v", measure, r.Wards[0], want)
		}
		if m, _ := MeasureOf(measure); m.PerThousand != true {
			t.Errorf("%s is not per inhabitant", measure)
		}
	}
}

// Defect D8 of the predecessor (B19 of its verified defects): with both tests
// it took the one of the higher rate and threw the other's positives away: 9
// of 10 by microscopy beat 200 of 1,000 by RDT. Pooled it is 209 of 1,010,
// 20.693 %.
func TestDefect_D8_BothTestsAreAddedUp(t *testing.T) {
	rows := hand(t)
	for role, v := range map[table.Role]float64{
		table.TestedRole(table.RDT, table.Under5): 1000, table.PositiveRole(table.RDT, table.Under5): 200,
		table.TestedRole(table.Microscopy, table.Under5): 10, table.PositiveRole(table.Microscopy, table.Under5): 9,
	} {
		for i, c := range rows.Table.Columns {
			if c.Role == role {
				one := table.NumberOf(c.Name, v, math.NaN())
				one.Role = role
				rows.Table.Columns[i] = one
			}
		}
	}
	q := Query{Measure: MeasureHigher, Level: All, Age: "u5", Test: BothTests, AllPeriods: true}
	if theirs, _ := mustAnswer(t, rows, q).Wards[0].Value(); theirs != 0.9 {
		t.Fatalf("their figure is %v", theirs)
	}
	q.Measure = MeasurePositivity
	if v, _ := mustAnswer(t, rows, q).Wards[0].Value(); v != 209.0/1010 || math.Abs(100*v-20.693069306930692) > 1e-12 {
		t.Errorf("pooled %v", v)
	}
}

// pandas' tpr_max_of_methods is the higher of the two pooled rates of a ward,
// all ages: T5.
func TestHigherTestIsThatOfPandas(t *testing.T) {
	rows, position := national(t)
	want := beside.CSV(t, "reference/tpr/pandas_ward_tpr_300k.csv.gz")
	r := mustAnswer(t, rows, Query{Measure: MeasureHigher, Level: All, Age: All, Test: BothTests})
	at, wrong, compared := index(t, want[0], "tpr_max_of_methods"), 0, 0
	for _, row := range want[1:] {
		v, ok := r.Wards[position[strings.Join(row[:3], "|")]].Value()
		theirs, err := strconv.ParseFloat(row[at], 64)
		if ok != (err == nil && !math.IsNaN(theirs)) {
			wrong++
			continue
		}
		if ok {
			compared++
			if math.Abs(100*v-theirs) > 1e-9 {
				wrong++
			}
		}
	}
	if wrong > 0 || compared < 9000 {
		t.Errorf("%d wards differ of %d compared", wrong, compared)
	}
}

func TestMeasuresRefuseWhatDoesNotFit(t *testing.T) {
	for _, q := range []Query{
		{Measure: "tpr"}, {Measure: MeasureLarger, Test: "rdt"}, {Measure: MeasureHigher, Test: "micro"}, {Measure: MeasureOPDLarger, Test: "rdt"},
		{Measure: MeasureLarger, Age: All},
	} {
		q.Level, q.AllPeriods = All, true
		if q.Age == "" {
			q.Age = "u5"
		}
		if q.Test == "" {
			q.Test = BothTests
		}
		if err := q.Check(); !problem.Is(err, problem.Usage) || problem.From(err, "").Hint == "" {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

// Facility rows without tests are left out by T4 and those without attendance
// by T9, and counted.
func TestRowsOfNoughtAreSkippedWhereTheMeasureSkipsThem(t *testing.T) {
	rows := hand(t)
	for i, c := range rows.Table.Columns {
		switch c.Role {
		case table.TestedRole(table.RDT, table.Under5), table.RoleAttendance:
			nought := table.NumberOf(c.Name, 0, 50)
			nought.Role = c.Role
			rows.Table.Columns[i] = nought
		case table.TestedRole(table.Microscopy, table.Under5):
			nought := table.NumberOf(c.Name, 0, math.NaN())
			nought.Role = c.Role
			rows.Table.Columns[i] = nought
		}
	}
	for _, measure := range []string{MeasureLarger, MeasureOPDLarger} {
		r := mustAnswer(t, rows, Query{Measure: measure, Level: All, Age: "u5", Test: BothTests, AllPeriods: true})
		if r.Skipped.ZeroDenominator != 1 || r.Wards[0].Numerator != 10 || r.Wards[0].Denominator != 50 {
			t.Errorf("%s: %+v, skipped %+v", measure, r.Wards[0], r.Skipped)
		}
	}
}

// randomRecords makes months of two years for some wards, with gaps.
func randomRecords(t testing.TB, rng *rand.Rand, units int) Rows {
	n := 50 + rng.IntN(250)
	period, facility := make([]string, n), make([]string, n)
	tested, positive, unit := make([]float64, n), make([]float64, n), make([]int, n)
	for i := range n {
		period[i] = strconv.Itoa(2023+rng.IntN(2)) + "-" + []string{"01", "02", "05", "11"}[rng.IntN(4)]
		facility[i] = string(rune('A' + rng.IntN(8)))
		tested[i], positive[i] = float64(rng.IntN(40)), float64(rng.IntN(30))
		unit[i] = rng.IntN(units+1) - 1
	}
	return small(t, nil, period, facility, tested, positive, unit, units)
}

// Whatever the records: months add up to years and years to the whole, wards
// to LGAs and those to the state, for every ward and period.
func TestSumsOfSumsAreSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 4))
	for range 40 {
		units := 2 + rng.IntN(6)
		rows := randomRecords(t, rng, units)
		q := everyPeriod(All)
		whole := mustTabulate(t, rows, q, Whole)
		years, months := mustTabulate(t, rows, q, Yearly), mustTabulate(t, rows, q, Monthly)
		for _, fine := range []*Cells{years, months} {
			sum, found := fine.Window("2023", "2024")
			if !found {
				t.Fatal("no period")
			}
			for i := range sum {
				if sum[i].Counts != whole.Wards[0][i].Counts || sum[i].Tests != whole.Wards[0][i].Tests || sum[i].RowsUsed != whole.Wards[0][i].RowsUsed {
					t.Fatalf("ward %d: periods hold %+v, the whole %+v", i, sum[i], whole.Wards[0][i])
				}
			}
		}
		lga, state := make([]int, units), make([]int, units)
		for i := range lga {
			lga[i] = rng.IntN(3) - 1
			if lga[i] < 0 {
				state[i] = -1
			}
		}
		byLGA, byState := months.Group(lga, 2), months.Group(state, 1)
		for p := range months.Periods {
			var sum Ward
			for _, w := range byLGA.Wards[p] {
				sum.add(w)
			}
			if sum.Counts != byState.Wards[p][0].Counts || sum.Facilities != byState.Wards[p][0].Facilities || byLGA.Unplaced[p].Counts != byState.Unplaced[p].Counts {
				t.Fatalf("%s: LGAs %+v, state %+v", months.Periods[p], sum, byState.Wards[p][0])
			}
		}
		shuffleCells(t, rng, rows, months)
	}
}

func mustTabulate(t testing.TB, rows Rows, q Query, g Grain) *Cells {
	t.Helper()
	c, err := Tabulate(t.Context(), rows, q, g)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shuffleCells checks that the order of the rows changes nothing.
func shuffleCells(t *testing.T, rng *rand.Rand, rows Rows, want *Cells) {
	t.Helper()
	order := rng.Perm(len(rows.Unit))
	shuffled := Rows{Table: rows.Table.Pick(order), Unit: make([]int, len(order)), Units: rows.Units}
	for i, o := range order {
		shuffled.Unit[i] = rows.Unit[o]
	}
	if got := mustTabulate(t, shuffled, want.Query, want.Grain); !reflect.DeepEqual(got, want) {
		t.Fatalf("the order of the rows changes the cells:\n%+v\n%+v", got, want)
	}
}

// Facilities of a period are counted in it; a facility of two months is one of
// the year.
func TestFacilitiesByPeriod(t *testing.T) {
	rows := small(t, nil, []string{"2024-01", "2024-02", "2024-02", "2025-01"}, []string{"A", "A", "B", "A"},
		[]float64{1, 1, 1, 1}, []float64{0, 0, 0, 0}, []int{0, 0, 0, 1}, 2)
	months, years := mustTabulate(t, rows, everyPeriod(All), Monthly), mustTabulate(t, rows, everyPeriod(All), Yearly)
	if months.Wards[0][0].Facilities != 1 || months.Wards[1][0].Facilities != 2 || years.Wards[0][0].Facilities != 2 || years.Wards[1][1].Facilities != 1 {
		t.Errorf("months %+v, years %+v", months.Wards, years.Wards)
	}
	if years.Covered[0].Count() != 2 || years.Covered[1].Count() != 1 || years.Middle(0) != 2024+1.0/12 {
		t.Errorf("covered %v, middle %v", years.Covered, years.Middle(0))
	}
}

// A quarter covers three months and fits no single month; a week lies in the
// month and year of its Thursday.
func TestQuartersAndWeeksInBuckets(t *testing.T) {
	rows := small(t, nil, []string{"2024-Q2", "2024-W05", "2025-W01"}, nil, []float64{1, 2, 4}, []float64{0, 0, 0}, []int{0, 0, 0}, 1)
	years := mustTabulate(t, rows, everyPeriod(All), Yearly)
	if years.Wards[0][0].Denominator != 3 || years.Wards[1][0].Denominator != 4 || years.Covered[0].Count() != 4 {
		t.Errorf("years %v: %+v, covered %b", years.Periods, years.Wards, years.Covered)
	}
	months := mustTabulate(t, rows, everyPeriod(All), Monthly)
	// Week 5 of 2024 is 29 January to 4 February, its Thursday 1 February;
	// week 1 of 2025 begins in December, its Thursday is 2 January.
	if !reflect.DeepEqual(months.Periods, []string{"2024-02", "2025-01"}) || months.Skipped.WiderPeriod != 1 {
		t.Errorf("months %v, skipped %+v", months.Periods, months.Skipped)
	}
}

func TestYearsHaveNoMonths(t *testing.T) {
	rows := small(t, nil, []string{"2023", "2024"}, nil, []float64{1, 2}, []float64{0, 0}, []int{0, 0}, 1)
	if _, err := Tabulate(t.Context(), rows, everyPeriod(All), Monthly); !problem.Is(err, problem.NotFound) {
		t.Errorf("months of yearly records: %v", err)
	}
	none := small(t, nil, nil, nil, []float64{1}, []float64{0}, []int{0}, 1)
	if _, err := Tabulate(t.Context(), none, everyPeriod(All), Yearly); !problem.Is(err, problem.NotFound) {
		t.Errorf("years of records without a period: %v", err)
	}
}

// Reports of two facilities over fourteen months: A always, B from March on but
// silent from May to December 2023.
func TestReportingRates(t *testing.T) {
	var period, facility []string
	add := func(f string, months ...string) {
		for _, m := range months {
			period, facility = append(period, m), append(facility, f)
		}
	}
	all := []string{}
	for m := 1; m <= 12; m++ {
		all = append(all, "2023-"+string(rune('0'+m/10))+string(rune('0'+m%10)))
	}
	all = append(all, "2024-01", "2024-02")
	add("A", all...)
	add("B", "2023-03", "2023-04", "2024-01", "2024-02")
	add("C", "2023-01", "2023-03") // silent in February only, then for good
	n := len(period)
	rows := small(t, nil, period, facility, make([]float64, n), make([]float64, n), make([]int, n), 1)
	for rule, want := range map[Expected][]Reports{
		EverReported: {{2, 3}, {1, 3}, {3, 3}, {2, 3}, {1, 3}, {1, 3}, {1, 3}, {1, 3}, {1, 3}, {1, 3}, {1, 3}, {1, 3}, {2, 3}, {2, 3}},
		// B is not expected before March, nor in its eight silent months; C in
		// February, but not in the silence that ends the records.
		Active: {{2, 2}, {1, 2}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {2, 2}, {2, 2}},
	} {
		r, err := ReportingRates(t.Context(), rows, everyPeriod(All), Monthly, rule)
		if err != nil {
			t.Fatal(err)
		}
		for p := range r.Periods {
			if got := r.Wards[p][0]; got != want[p] {
				t.Errorf("%s, %s: %v, want %v", rule, r.Periods[p], got, want[p])
			}
		}
	}
	// Months that no record holds are silent months too.
	gap := small(t, nil, []string{"2024-01", "2024-08", "2024-08", "2024-09"}, []string{"A", "A", "B", "B"}, make([]float64, 4), make([]float64, 4), []int{0, 0, 0, 0}, 1)
	r, err := ReportingRates(t.Context(), gap, everyPeriod(All), Monthly, Active)
	if err != nil || r.Wards[2][0] != (Reports{1, 2}) || r.Wards[1][0] != (Reports{2, 2}) {
		t.Errorf("%+v %v", r, err)
	}
	long := small(t, nil, []string{"2024-01", "2024-07", "2024-09"}, []string{"A", "B", "A"}, make([]float64, 3), make([]float64, 3), []int{0, 0, 0}, 1)
	r, err = ReportingRates(t.Context(), long, everyPeriod(All), Monthly, Active)
	if err != nil || r.Wards[1][0] != (Reports{1, 1}) {
		t.Errorf("seven silent months of which the records hold one: %+v %v", r, err)
	}
	if _, ok := (Reports{}).Rate(); ok {
		t.Error("no report expected has a rate")
	}
	if v, _ := (Reports{8, 10}).Rate(); v != 0.8 {
		t.Errorf("rate %v", v)
	}
	nameless := small(t, nil, period, nil, make([]float64, n), make([]float64, n), make([]int, n), 1)
	if _, err := ReportingRates(t.Context(), nameless, everyPeriod(All), Monthly, Active); !problem.Is(err, problem.NotFound) {
		t.Errorf("no facilities: %v", err)
	}
}

func TestMonthsShift(t *testing.T) {
	for _, c := range []struct {
		month string
		by    int
		want  string
		ok    bool
	}{{"2024-01", -1, "2023-12", true}, {"2024-12", 1, "2025-01", true}, {"2024-06", -14, "2023-04", true}, {"2024", 1, "", false}, {"2024-Q1", 1, "", false}, {"x", 1, "", false}} {
		if got, ok := ShiftMonths(c.month, c.by); got != c.want || ok != c.ok {
			t.Errorf("%s by %d: %q %v", c.month, c.by, got, ok)
		}
	}
}
