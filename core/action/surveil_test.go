package action

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// everyone selects all facilities, under-fives, rapid tests.
func everyone(period string) Selection {
	return Selection{Level: "all", Age: "u5", Test: "rdt", Period: period}
}

// measure is a Positivity of everyone with its usual choices.
func measureOfAll(measure, period string) *Positivity {
	a := NewPositivity()
	a.Selection, a.Measure = everyone(period), measure
	return a
}

// surveilled makes a result of every kind that follows from facility records.
func (b *bench) surveilled() {
	b.t.Helper()
	monthly := measureOfAll("positivity", "all")
	monthly.Per = "month"
	rise := NewTrend()
	rise.Selection, rise.Per = everyone(""), "month"
	first := NewReprioritise()
	first.Selection, first.Per = everyone(""), "month"
	busy := NewSeasonality()
	busy.Selection = everyone("")
	for _, a := range []Action{monthly, rise, first, busy, &Strata{Of: "positivity", Bands: "nigeria-positivity"}, &Funnel{}} {
		b.do(a)
	}
}

// monthReport is one row of facility records: who, when, tested, positive, and
// further cells.
type monthReport struct {
	ward, facility, period string
	tested, positive       int
}

// threeRows are the three wards of threeWards, by LGA Asa.
func (b *bench) facilities(rows []monthReport, more ...string) {
	b.t.Helper()
	text := lines("State,LGA,WardName,HealthFacility,periodname,Persons presenting with fever & tested by RDT <5yrs,Persons tested positive for malaria by RDT <5yrs")
	for _, r := range rows {
		text += fmt.Sprintf("Kwara,Asa,%s,%s,%s,%d,%d\n", r.ward, r.facility, r.period, r.tested, r.positive)
	}
	files := []string{b.write("wards.geojson", threeWards()), b.write("records.csv", text)}
	for i, m := range more {
		files = append(files, b.write(fmt.Sprintf("more%d.csv", i), m))
	}
	b.do(&Import{Files: files})
	b.do(&Match{})
}

// people is a population table of the three wards.
func people(afon, budo, owode int) string {
	return lines("State,LGA,Ward,Population", fmt.Sprintf("Kwara,Asa,Afon,%d", afon), fmt.Sprintf("Kwara,Asa,Budo,%d", budo), fmt.Sprintf("Kwara,Asa,Owode,%d", owode))
}

// sixYears gives Afon 10, 20, … 60 positives of 100 tests in 2019 to 2024,
// Budo always 30, and Owode those of three years only.
func sixYears() (rows []monthReport) {
	for y := range 6 {
		year := fmt.Sprint(2019 + y)
		rows = append(rows, monthReport{"Afon", "A1", year, 100, 10 * (y + 1)}, monthReport{"Budo", "B1", year, 200, 30})
		if y%2 == 0 {
			rows = append(rows, monthReport{"Owode", "O1", year, 100, 90 - 10*y})
		}
	}
	return rows
}

// Defect D6 of the predecessor: every period of a file was summed and divided
// by one year's population. Six years of 10 to 60 cases among 1,000 people are
// 210 per 1,000 by its arithmetic; they are 35 a year.
func TestDefect_D6_YearsAreNotSummed(t *testing.T) {
	b := newBench(t)
	b.facilities(sixYears(), people(1000, 1000, 1000))
	r := b.do(measureOfAll("burden", "all"))
	theirs := 0.0
	for y := range 6 {
		theirs += float64(10*(y+1)) / 1000 * 1000
	}
	if theirs != 210 {
		t.Fatalf("their method gives %v", theirs)
	}
	mean := b.table(workspace.KindPositivity, "")
	if got := numbers(t, mean, "value"); !slices.Equal(got[:2], []float64{35, 30}) {
		t.Errorf("mean years %v, want 35 and 30", got)
	}
	if got := texts(t, mean, "source"); !slices.Equal(got, []string{"mean of 6 years", "mean of 6 years", "mean of 3 years"}) {
		t.Errorf("sources %q", got)
	}
	years := b.table(workspace.KindSeries, "")
	want := []float64{10, 20, 30, 40, 50, 60}
	for y, w := range want {
		if got := numbers(t, years, "value")[3*y]; got != w {
			t.Errorf("year %d: %v, want %v", 2019+y, got, w)
		}
	}
	if !slices.ContainsFunc(r.Notices, func(s string) bool { return strings.Contains(s, "not their sum") }) {
		t.Errorf("the mean is not explained: %q", r.Notices)
	}
	// One year is that year.
	b.do(measureOfAll("burden", "2024"))
	if got := numbers(t, b.table(workspace.KindPositivity, ""), "value"); got[0] != 60 || !math.IsNaN(got[2]) {
		t.Errorf("2024: %v", got)
	}
}

// Acceptance test 7: half a year of records is brought to a year, and said.
func TestBurdenOfHalfAYear(t *testing.T) {
	b := newBench(t)
	var rows []monthReport
	for m := 1; m <= 6; m++ {
		rows = append(rows, monthReport{"Afon", "A1", fmt.Sprintf("2024-%02d", m), 20, 5})
	}
	b.facilities(rows, people(1000, 500, 0))
	r := b.do(measureOfAll("burden", "2024"))
	if got := numbers(t, b.table(workspace.KindPositivity, ""), "value"); got[0] != 60 {
		t.Errorf("30 cases in six months among 1,000 are %v a year, want 60", got[0])
	}
	if !slices.ContainsFunc(r.Notices, func(s string) bool { return strings.Contains(s, "6 months in the selection") }) {
		t.Errorf("notices %q", r.Notices)
	}
}

// A burden above the cap is marked and kept; the predecessor cut it to 1000.
func TestBurdenAboveTheCapIsMarkedNotCut(t *testing.T) {
	b := newBench(t)
	b.facilities([]monthReport{{"Afon", "A1", "2024", 900, 800}, {"Budo", "B1", "2024", 90, 80}}, people(100, 1000, 7))
	r := b.do(measureOfAll("burden", "2024"))
	got := b.table(workspace.KindPositivity, "")
	if v := numbers(t, got, "value"); v[0] != 8000 || v[1] != 80 {
		t.Errorf("values %v", v)
	}
	if f := texts(t, got, "flag"); f[0] != "above 1000 per 1,000" || f[1] != "" {
		t.Errorf("flags %q", f)
	}
	if !slices.ContainsFunc(r.Notices, func(s string) bool { return strings.Contains(s, "marked and shown as computed") }) {
		t.Errorf("notices %q", r.Notices)
	}
}

// Defect D5: a ward without reports had a burden of nought and looked safest.
// Reported noughts are noughts.
func TestDefect_D5_NoDataIsNotNought(t *testing.T) {
	b := newBench(t)
	b.facilities([]monthReport{{"Afon", "A1", "2024", 10, 5}, {"Budo", "B1", "2024", 10, 0}}, people(1000, 1000, 1000))
	for _, measure := range []string{"positivity", "burden"} {
		b.do(measureOfAll(measure, "2024"))
		got := b.table(workspace.KindPositivity, "")
		if v := numbers(t, got, "value"); v[1] != 0 || !math.IsNaN(v[2]) {
			t.Errorf("%s: reported noughts %v, no reports %v", measure, v[1], v[2])
		}
		if s := texts(t, got, "source"); s[2] != "no data" {
			t.Errorf("%s: source %q", measure, s[2])
		}
	}
}

// Defect D7: the chosen state was not applied to a file of several states.
// Rows of another state that have the same ward names count for no ward here.
func TestDefect_D7_OtherStatesDoNotCount(t *testing.T) {
	b := newBench(t)
	head := "State,LGA,WardName,HealthFacility,periodname,Persons presenting with fever & tested by RDT <5yrs,Persons tested positive for malaria by RDT <5yrs"
	b.do(&Import{Files: []string{b.write("wards.geojson", threeWards()),
		b.write("two.csv", lines(head, "Niger,Bida,Afon,N1,2024,1000,900", "Kwara,Asa,Afon,A1,2024,100,10"))}})
	b.do(&Match{})
	r := b.do(measureOfAll("positivity", "2024"))
	if theirs := 910.0 / 1100; theirs < 0.8 {
		t.Fatal("their pooled figure")
	}
	if v := numbers(t, b.table(workspace.KindPositivity, ""), "value"); v[0] != 0.1 {
		t.Errorf("Afon of Kwara has %v, want 0.1", v[0])
	}
	if u := r.Details.(positivityFacts).Unplaced; u.Denominator != 1000 {
		t.Errorf("without a ward: %+v", u)
	}
}

// Defect D10: "health facilities" were rows, that is facility × period.
func TestDefect_D10_FacilitiesAreNotRows(t *testing.T) {
	b := newBench(t)
	b.facilities(sixYears())
	b.do(measureOfAll("positivity", "all"))
	if n := numbers(t, b.table(workspace.KindPositivity, ""), "n_facilities"); n[0] != 1 || n[1] != 1 {
		t.Errorf("facilities %v; the predecessor counted the 6 rows", n)
	}
}

// Defect D11: a ward's missing years were filled with the sum over all years.
// Owode has no 2020: it stays missing, and has no rank there.
func TestDefect_D11_MissingYearsStayMissing(t *testing.T) {
	b := newBench(t)
	b.facilities(sixYears())
	a := measureOfAll("positivity", "all")
	a.Per = "year"
	b.do(a)
	years := b.table(workspace.KindSeries, "")
	if v, rank := numbers(t, years, "value"), numbers(t, years, "rank"); !math.IsNaN(v[5]) || !math.IsNaN(rank[5]) || rank[3] != 1 || rank[4] != 2 {
		t.Errorf("2020: values %v, ranks %v", v[3:6], rank[3:6])
	}
}

// Acceptance test 14 and defect D16: the figure of an LGA is Σ positives ÷
// Σ tested of its wards, not the mean of their ratios.
func TestDefect_D16_AggregatesComeFromSums(t *testing.T) {
	b := newBench(t)
	b.facilities([]monthReport{{"Afon", "A1", "2024", 1000, 100}, {"Budo", "B1", "2024", 10, 9}}, people(10000, 100, 100))
	theirs := (0.1 + 0.9) / 2
	for _, by := range []string{"lga", "state"} {
		a := measureOfAll("positivity", "2024")
		a.By = by
		b.do(a)
		got := b.table(workspace.KindSeries, "")
		if v := numbers(t, got, "value"); len(v) != 1 || v[0] != 109.0/1010 || v[0] == theirs {
			t.Errorf("by %s: %v, want %v; the mean of means is %v", by, v, 109.0/1010, theirs)
		}
		if s := texts(t, got, "aggregation"); s[0] != "sums of wards" {
			t.Errorf("aggregation %q", s)
		}
	}
	a := measureOfAll("burden", "2024")
	a.By = "lga"
	b.do(a)
	if v := numbers(t, b.table(workspace.KindSeries, ""), "value"); math.Abs(v[0]-109.0/10200*1000) > 1e-12 {
		t.Errorf("burden of the LGA %v", v)
	}
}

// The trend of each ward on its real years, its class, and the list of wards
// to put first.
func TestTrendOfSixYears(t *testing.T) {
	b := newBench(t)
	b.facilities(sixYears(), people(1000, 1000, 1000))
	a := NewTrend()
	a.Selection = everyone("")
	r := b.do(a)
	got := b.table(workspace.KindTrend, "")
	slope, p := numbers(t, got, "slope"), numbers(t, got, "p")
	if math.Abs(slope[0]-0.1) > 1e-12 || slope[1] != 0 || !math.IsNaN(slope[2]) {
		t.Errorf("slopes %v, want 0.1 a year, 0 and none", slope)
	}
	if math.Abs(p[0]-2.0/720) > 1e-15 || p[1] != 1 {
		t.Errorf("p %v, want 2/6! and 1", p)
	}
	if d := texts(t, got, "direction"); !slices.Equal(d, []string{"rising", "no clear change", "too few periods"}) {
		t.Errorf("directions %q", d)
	}
	if c := texts(t, got, "class"); !slices.Equal(c, []string{"emerging", "stays low", ""}) {
		t.Errorf("classes %q", c)
	}
	if s := texts(t, got, "reason"); s[0] != "rose from 10.0 % (2019) to 60.0 % (2024); +10.0 points a year over 6 periods, p = 0.00278" {
		t.Errorf("sentence %q", s[0])
	}
	if v, rank := numbers(t, got, "value_2024"), numbers(t, got, "rank_2024"); v[0] != 0.6 || rank[0] != 1 || rank[1] != 2 {
		t.Errorf("2024: %v, ranks %v", v, rank)
	}
	if f := texts(t, got, "slope_formula"); !strings.Contains(f[0], "median of the slopes") {
		t.Errorf("formula %q", f[0])
	}
	if !strings.Contains(r.Summary, "1 rising, 0 falling, 1 without a clear change, 1 with too few periods; 1 emerging, 0 resolving") {
		t.Errorf("summary %q", r.Summary)
	}
	// By LGA it is the trend of the sums: (10 + 30 + 90)/400 in 2019.
	a.By = "lga"
	b.do(a)
	if v := numbers(t, b.table(workspace.KindTrend, ""), "first"); v[0] != 130.0/400 {
		t.Errorf("the LGA begins at %v", v)
	}
}

func TestReprioritiseFromTheTrend(t *testing.T) {
	b := newBench(t)
	b.facilities(sixYears())
	a := NewReprioritise()
	a.Selection, a.Top = everyone(""), 14
	r := b.do(a)
	if names := texts(t, r.Tables[0], "ward"); !slices.Equal(names, []string{"Afon"}) {
		t.Errorf("put first: %q; a ward that does not rise, or has too few years, must not fill up the list", names)
	}
	if !strings.Contains(r.Summary, "No more than 1 of the 14 asked for") {
		t.Errorf("summary %q", r.Summary)
	}
	if tier := texts(t, r.Tables[0], "tier"); tier[0] != "put first" {
		t.Errorf("tier %q", tier)
	}
	a.Direction = "falling"
	if r := b.do(a); r.Tables[0].Rows() != 0 || !strings.HasPrefix(r.Summary, "No ward is falling") {
		t.Errorf("falling: %s", r.Summary)
	}
}

// One stand-in after the other, each with its mark; nothing unless asked.
func TestStandInsAreMarked(t *testing.T) {
	b := newBench(t)
	b.facilities([]monthReport{
		{"Afon", "A1", "2024-05", 40, 10}, {"Afon", "A1", "2024-06", 2, 2}, {"Afon", "A1", "2024-07", 60, 20},
		{"Budo", "B1", "2024-06", 50, 30},
	})
	b.do(measureOfAll("positivity", "2024-06"))
	if v := numbers(t, b.table(workspace.KindPositivity, ""), "value"); v[0] != 1 || v[1] != 0.6 || !math.IsNaN(v[2]) {
		t.Errorf("without stand-ins: %v", v)
	}
	a := measureOfAll("positivity", "2024-06")
	a.Fallback = "rolling,lga"
	b.do(a)
	got := b.table(workspace.KindPositivity, "")
	if v := numbers(t, got, "value"); v[0] != 32.0/102 || v[1] != 0.6 || v[2] != 32.0/52 {
		t.Errorf("values %v, want 32/102 of three months, 0.6, and 32/52 of the LGA", v)
	}
	if s := texts(t, got, "source"); !slices.Equal(s, []string{"one month more on either side", "facility", "LGA"}) {
		t.Errorf("sources %q", s)
	}
	value, _ := got.Column("value")
	if !value.Imputed(0) || value.Imputed(1) || !value.Imputed(2) {
		t.Error("stand-ins are not marked as filled in")
	}
	// Where they are chosen, every later user is told.
	if v, err := b.catalogue().find("test", "positivity"); err != nil || v.role != table.RoleMalaria || !strings.Contains(v.notice, "2 wards with a stand-in") {
		t.Errorf("%+v, %v", v, err)
	}
	a.Fallback = "neighbours"
	b.refuse(a, problem.Usage)
	a.Fallback, a.Measure = "lga", "burden"
	b.refuse(a, problem.Usage)
}

// Burden and positivity are two variables, each under its measure's name, and
// both count as malaria whatever they are called.
func TestMeasuresAreVariablesByRole(t *testing.T) {
	b := newBench(t)
	b.facilities(sixYears(), people(1000, 2000, 4000))
	b.do(measureOfAll("burden", "2023"))
	b.do(measureOfAll("positivity", "2023"))
	b.do(measureOfAll("testing", "2023"))
	c := b.catalogue()
	for name, want := range map[string]struct {
		value float64
		role  table.Role
		unit  string
	}{
		"burden": {50, table.RoleMalaria, "per 1,000 persons a year"}, "positivity": {0.5, table.RoleMalaria, "share"},
		"testing": {100, table.RoleVariable, "per 1,000 persons a year"},
	} {
		v, err := c.find("test", name)
		if err != nil || v.values[0] != want.value || v.role != want.role || v.unit != want.unit || measuresMalaria(v) != (want.role == table.RoleMalaria) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

// Every measure's columns say what was counted, in every row.
func TestEveryRowSaysWhatWasCounted(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	for _, m := range surveillance.Measures() {
		a := measureOfAll(m.Name, "all")
		a.Test = "both"
		r, err := b.try(a)
		if m.Name == surveillance.MeasurePresumed { // the made-up state counts none
			mustProblem(t, err, problem.NotFound)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		for _, tb := range r.Tables {
			for name, want := range map[string]string{"measure": m.Name, "level": "all", "age": "u5", "test": "both", "aggregation": "sums of facilities"} {
				if got := texts(t, tb, name); slices.ContainsFunc(got, func(s string) bool { return s != want }) {
					t.Errorf("%s: column %s is not %s throughout", m.Name, name, want)
				}
			}
		}
		if !slices.ContainsFunc(r.Notices, func(s string) bool { return strings.Contains(s, m.Formula) && strings.Contains(s, m.Source) }) {
			t.Errorf("%s: formula and source are not printed: %q", m.Name, r.Notices)
		}
	}
}

// Maps of every year have one legend: a class means the same in each. A ward
// without data in a year is hatched in that map only.
func TestMapsOfEveryYearShareALegend(t *testing.T) {
	b := newBench(t)
	b.facilities(sixYears())
	m := mapOf("positivity")
	m.Period = "each"
	b.refuse(m, problem.NotFound)
	a := measureOfAll("positivity", "all")
	a.Per = "year"
	b.do(a)
	m.Classes, m.Out = "fixed:20,40", b.path("p.svg")
	r := b.do(m)
	if len(r.Files) != 6 || !strings.HasSuffix(r.Files[1], "p_2020.svg") || !strings.Contains(r.Summary, "6 maps with one legend, 2019 to 2024") {
		t.Fatalf("%q: %s", r.Files, r.Summary)
	}
	if !strings.Contains(b.read("p_2020.svg"), "Test positivity rate, 2020") {
		t.Error("the year is not in the title")
	}
	m.Out = ""
	for year, want := range map[string][]legendCount{
		"2019": {{"≥ 40", 1}, {"20 – <40", 0}, {"< 20", 2}},
		"2020": {{"≥ 40", 0}, {"20 – <40", 1}, {"< 20", 1}, {"No data", 1}}, // Afon's 20 % is in the class above
	} {
		m.Period = year
		if got := legendOf(b.do(m).Scene); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", year, got, want)
		}
	}
	m.Period = "2031"
	b.refuse(m, problem.Usage)
}

// B22 of the predecessor's verified defects: two wards of one name in two LGAs
// were joined by name, so that 110 positives became 220 in four rows.
func TestDefect_B22_WardsOfOneNameStayApart(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{
		b.write("wards.geojson", squares("StateName,LGAName,WardName", "Kwara,Asa,Sabon Gari", "Kwara,Baruten,Sabon Gari")),
		b.write("records.csv", lines("State,LGA,WardName,HealthFacility,periodname,Persons presenting with fever & tested by RDT <5yrs,Persons tested positive for malaria by RDT <5yrs",
			"Kwara,Asa,Sabon Gari,PHC,2024,1000,100", "Kwara,Baruten,Sabon Gari,PHC,2024,1000,10")),
		b.write("people.csv", lines("State,LGA,Ward,Population", "Kwara,Asa,Sabon Gari,1000", "Kwara,Baruten,Sabon Gari,1000"))}})
	b.do(&Match{})
	b.do(measureOfAll("burden", "2024"))
	got := b.table(workspace.KindPositivity, "")
	if v := numbers(t, got, "value"); !slices.Equal(v, []float64{100, 10}) || sum(numbers(t, got, "numerator")) != 110 {
		t.Errorf("burdens %v", v)
	}
	// Two facilities of one name in two wards are two.
	if n := numbers(t, got, "n_facilities"); sum(n) != 2 {
		t.Errorf("facilities %v", n)
	}
}

// Whatever the measure: the counts of the LGAs and of the state are those of
// their wards, through the act and on a state with every fault.
func TestLGAsAndStateHoldTheirWards(t *testing.T) {
	b, _ := rankedState(t, 5, small())
	for _, measure := range []string{"positivity", "fever", "opd", "testing"} {
		totals := map[string][2]float64{}
		for _, by := range []string{"ward", "lga", "state"} {
			a := measureOfAll(measure, "all")
			a.Test, a.By, a.Per = "both", by, "year"
			b.do(a)
			got := b.table(workspace.KindSeries, "")
			totals[by] = [2]float64{sum(numbers(t, got, "numerator")), sum(numbers(t, got, "denominator"))}
		}
		if totals["lga"][0] != totals["ward"][0] || totals["state"][0] != totals["ward"][0] || totals["ward"][0] == 0 {
			t.Errorf("%s: numerators %v", measure, totals)
		}
		if measure != "testing" && (totals["lga"][1] != totals["ward"][1] || totals["state"][1] != totals["ward"][1]) {
			t.Errorf("%s: denominators %v", measure, totals)
		}
	}
}

func TestMeasuresRefuseWhatTheyCantUse(t *testing.T) {
	with := func(change func(*Positivity)) *Positivity {
		a := measureOfAll("positivity", "2024")
		change(a)
		return a
	}
	side := NewPositivity()
	side.Compare, side.Test, side.By = true, "rdt", "lga"
	for name, a := range map[string]Action{
		"compare by LGA":            side,
		"incidence without a step":  measureOfAll("incidence", "2024"),
		"stand-ins of a rate":       with(func(a *Positivity) { a.Measure, a.Fallback = "burden", "lga" }),
		"stand-ins of LGAs":         with(func(a *Positivity) { a.By, a.Fallback = "lga", "state" }),
		"urban rule of LGAs":        with(func(a *Positivity) { a.By, a.UrbanOPD = "lga", true }),
		"extreme share of a half":   with(func(a *Positivity) { a.Extreme = 0.5 }),
		"one test of two":           with(func(a *Positivity) { a.Measure = "opd-larger" }),
		"trend at no level":         &Trend{TrendQuery: TrendQuery{Selection: everyone(""), Per: "year"}},
		"trend of fewer than none":  &Trend{TrendQuery: newTrendQuery(), Top: -1},
		"nobody to reprioritise":    &Reprioritise{TrendQuery: TrendQuery{Selection: everyone(""), Per: "year", Alpha: 0.1}},
		"season of thirteen months": &Seasonality{Selection: everyone(""), Rule: "own", Share: 60, Months: 13},
		"strata by nobody's bands":  &Strata{Of: "positivity", Bands: "who"},
		"a level below nought":      &Trend{TrendQuery: TrendQuery{Selection: everyone(""), Per: "year", Alpha: 0.1, Cutoff: -1}},
		"a thirteenth month":        with(func(a *Positivity) { a.Period = "2024-13" }),
	} {
		t.Run(name, func(t *testing.T) { mustProblem(t, a.Check(), problem.Usage) })
	}
}

// By month, months are compared with the same month of other years: a season
// that ends high is no rise.
func TestMonthlyTrendKnowsTheSeason(t *testing.T) {
	b := newBench(t)
	var rows []monthReport
	for m := range 30 {
		season := []int{10, 10, 10, 10, 10, 80, 80, 80, 80, 10, 10, 10}[(m+6)%12]
		rows = append(rows, monthReport{"Afon", "A", fmt.Sprintf("%d-%02d", 2022+m/12, m%12+1), 100, season})
		rows = append(rows, monthReport{"Budo", "B", fmt.Sprintf("%d-%02d", 2022+m/12, m%12+1), 1000, 50 + 10*season/10 + m*10})
	}
	b.facilities(rows)
	a := NewTrend()
	a.Selection, a.Per = everyone(""), "month"
	r := b.do(a)
	got := b.table(workspace.KindTrend, "")
	if slope := numbers(t, got, "slope"); slope[0] != 0 || math.Abs(slope[1]-0.12) > 1e-9 {
		t.Errorf("slopes %v, want 0 and 0.12 a year", slope)
	}
	if d := texts(t, got, "direction"); d[0] != unclear || d[1] != rising {
		t.Errorf("directions %q", d)
	}
	if !strings.Contains(texts(t, got, "slope_formula")[0], "same calendar month") || !slices.ContainsFunc(r.Notices, func(s string) bool { return strings.Contains(s, "seasonal Mann–Kendall") }) {
		t.Error("the formula does not tell of the season")
	}
}
