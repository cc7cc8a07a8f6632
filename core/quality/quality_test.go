package quality

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

func TestCalendarIsUnbroken(t *testing.T) {
	p := panelOf(t, cells{{"A", "2023-11", "1", "0"}, {"A", "2024-02", "1", "0"}, {"A", "", "1", "0"}, {"A", "2024", "1", "0"}, {"", "2024-01", "1", "0"}})
	if got := strings.Join(p.Periods, " "); got != "2023-11 2023-12 2024-01 2024-02" {
		t.Errorf("periods %s", got)
	}
	if p.Grain != Month || p.WithoutPeriod != 2 || p.WithoutFacility != 1 || len(p.Notices()) != 2 {
		t.Errorf("%v, %d without period, %d without facility", p.Grain, p.WithoutPeriod, p.WithoutFacility)
	}
	years, of := p.Years()
	if !slices.Equal(years, []string{"2023", "2024"}) || !slices.Equal(of, []int{0, 0, 1, 1}) {
		t.Errorf("years %v, %v", years, of)
	}
	quarters := panelOf(t, cells{{"A", "2023-Q3", "1", "0"}, {"A", "2024-Q1", "1", "0"}})
	if quarters.Grain != Quarter || strings.Join(quarters.Periods, " ") != "2023-Q3 2023-Q4 2024-Q1" {
		t.Errorf("%v", quarters.Periods)
	}
	weeks := panelOf(t, cells{{"A", "2020-W52", "1", "0"}, {"A", "2021-W02", "1", "0"}})
	if weeks.Grain != Week || strings.Join(weeks.Periods, " ") != "2020-W52 2020-W53 2021-W01 2021-W02" {
		t.Errorf("%v", weeks.Periods)
	}
	days := panelOf(t, cells{{"A", "2023-03-05", "1", "0"}, {"A", "2023-04-01", "1", "0"}})
	if days.Grain != Month || len(days.Periods) != 2 {
		t.Errorf("%v", days.Periods)
	}
}

func TestSixMonthsOfSilenceInPeriods(t *testing.T) {
	for g, want := range map[Grain]int{Week: 26, Month: 6, Quarter: 2, Year: 1} {
		if got := g.Window(6); got != want {
			t.Errorf("%s: %d, want %d", g, got, want)
		}
	}
}

func TestTablesThatCantBeExamined(t *testing.T) {
	no := tableOf(t, cells{{"A", "2023-01", "", ""}})
	if _, err := New(no, nil, nil); !problem.Is(err, problem.NotFound) {
		t.Errorf("no counts: %v", err)
	}
	if _, err := New(tableOf(t, cells{{"A", "often", "1", "1"}}), nil, nil); !problem.Is(err, problem.NotFound) {
		t.Errorf("no period: %v", err)
	}
	if _, err := New(tableOf(t, cells{{"A", "0202-01", "1", "1"}, {"A", "2024-01", "1", "1"}}), nil, nil); !problem.Is(err, problem.BadInput) {
		t.Errorf("a calendar of 22,000 months: %v", err)
	}
	if _, err := MultipliersOf("harsh"); !problem.Is(err, problem.Usage) {
		t.Errorf("strictness: %v", err)
	}
}

// The three rules of sntutils' classify_facility_activity on one history:
// nothing, report, report, 2 silent, report, 6 silent, report, 3 silent.
func TestActivityRules(t *testing.T) {
	n := -1.0
	p := panelOf(t, append(monthly("A", n, 5, 0, n, n, 7, n, n, n, n, n, n, 4, n, n, n), monthly("calendar", slices.Repeat([]float64{1}, 16)...)...))
	word := func(a Activity) string {
		var b strings.Builder
		for _, open := range p.Active(a, 6)[:16] {
			b.WriteByte("-o"[boolInt(open)])
		}
		return b.String()
	}
	for a, want := range map[Activity]string{
		SinceFirst:   "-ooooooooooooooo",
		FirstToLast:  "-oooooooooooo---",
		UntilSilence: "-ooooo------oooo",
	} {
		if got := word(a); got != want {
			t.Errorf("%s: %s, want %s", a, got, want)
		}
	}
	silent := p.Silent(6)
	if len(silent) != 1 || silent[0] != (Silence{p.Facilities[0], "2023-07", "2023-12", 6, true, false}) {
		t.Errorf("silent: %+v", silent)
	}
	if got := p.Silent(3); len(got) != 1 || got[0].Periods != 6 {
		t.Errorf("the longest silence is %+v", got)
	}
}

func TestReportingRates(t *testing.T) {
	n := -1.0
	p := panelOf(t, append(append(append(monthly("A", 10, 10, 10, 10), monthly("B", n, 30, n, 30)...), monthly("C", 20, n, n, n)...),
		[4]string{"D", "2023-01", "", ""}))
	type want struct {
		reported int
		active   [3]int
		weighted float64
	}
	for i, w := range []want{{2, [3]int{2, 2, 2}, 1}, {2, [3]int{3, 2, 2}, 1}, {1, [3]int{3, 2, 2}, 0.25}, {2, [3]int{3, 2, 2}, 1}} {
		r := p.Reporting(3)[i]
		if r.Reported != w.reported || r.Active != w.active || r.Weighted != w.weighted || r.Known != 4 {
			t.Errorf("%s: %+v, want %+v", r.Period, r, w)
		}
	}
	if rate, ok := p.Reporting(3)[2].Rate(SinceFirst); !ok || rate != 1.0/3 {
		t.Errorf("rate %v", rate)
	}
	silent := p.Silent(3)
	if len(silent) != 2 || !silent[0].Never || silent[0].Periods != 4 || silent[1].Facility.Name != "C" || silent[1].Resumed {
		t.Errorf("silent: %+v", silent)
	}
}

func TestCompletenessAddsUp(t *testing.T) {
	p := panelOf(t, cells{{"A", "2023-01", "5", "1"}, {"A", "2023-02", "5", ""}, {"B", "2023-01", "", ""}, {"B", "2023-02", "0", "0"}})
	for by, groups := range map[By]int{ByPeriod: 2, ByYear: 1, ByLGA: 1, ByWard: 1, ByFacility: 2, ByIndicator: 2} {
		got := p.Completeness(by)
		if len(got) != groups {
			t.Errorf("by %s: %d groups", by, len(got))
		}
		missing, rows := 0, 0
		for _, g := range got {
			missing += g.Missing
			rows += g.Rows
		}
		if missing != 3 || (by != ByIndicator && rows != 4) {
			t.Errorf("by %s: %d missing in %d rows", by, missing, rows)
		}
	}
	year := p.Completeness(ByYear)[0]
	if year.Usable != 2 || year.Cells != 8 || year.Reports != 3 || year.Expected != 3 {
		t.Errorf("%+v", year)
	}
	units := p.Unit([]int{1, 1, -1, 1}, 3)
	if units[1].Rows != 3 || units[1].Missing != 1 || units[1].Reports != 3 || units[0].Cells != 0 {
		t.Errorf("%+v", units)
	}
	lgas, grid := p.Grid()
	if len(lgas) != 1 || grid[0][0].Reports != 1 || grid[0][1].Reports != 2 || grid[0][1].Expected != 2 {
		t.Errorf("%v %+v", lgas, grid)
	}
}

// Published values: R's help page of mad gives mad(1:9) = 2.9652; the R manual's
// quantile(0:10)-like steps of definition 7 are linear; the sample standard
// deviation of 2,4,4,4,5,5,7,9 is √(32/7).
func TestStatisticsOfTextbooks(t *testing.T) {
	nine := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	if _, limit := aboveMedian(nil, nine, 5, 1); math.Abs(limit-5-2.9652) > 1e-12 {
		t.Errorf("median + MAD of 1 to 9: %v", limit)
	}
	ten := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for q, want := range map[float64]float64{0: 1, 0.25: 3.25, 0.5: 5.5, 0.75: 7.75, 1: 10} {
		if got := quantile(ten, q); got != want {
			t.Errorf("quantile %v of 1 to 10: %v, want %v", q, got, want)
		}
	}
	if mean, sd := meanSD([]float64{2, 4, 4, 4, 5, 5, 7, 9}); mean != 5 || math.Abs(sd-math.Sqrt(32.0/7)) > 1e-15 {
		t.Errorf("mean %v, SD %v", mean, sd)
	}
}

func outliers(t *testing.T, p *Panel, s Strictness, agree int) []Outlier {
	t.Helper()
	found, _, err := p.Outliers(t.Context(), s, agree)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A single value ten times the others stands out by every method; its limits
// are those worked out by hand: values 8 to 14 twice over but one, and 200.
func TestOneWildValue(t *testing.T) {
	p := panelOf(t, monthly("A", 8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 200))
	found := outliers(t, p, Balanced, 3)
	if len(found) != 1 || found[0].Value != 200 || found[0].Period != "2024-02" || found[0].Votes != 3 || found[0].Judges != 3 || found[0].Outbreak {
		t.Fatalf("%+v", found)
	}
	o := found[0]
	mean := 340.0 / 14
	sum := 0.0
	for _, v := range []float64{8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 200} {
		sum += (v - mean) * (v - mean)
	}
	// median 11, deviations 0 0 1 1 1 1 2 2 2 2 3 3 3 189: their median 2; quartiles 9.25 and 12.75
	want := [3]float64{mean + 3*math.Sqrt(sum/13), 11 + 9*1.4826*2, 12.75 + 2*3.5}
	for i, w := range want {
		if math.Abs(o.Limit[i]-w) > 1e-9 {
			t.Errorf("%s: limit %v, want %v", Methods()[i], o.Limit[i], w)
		}
	}
	if !math.IsNaN(o.Limit[Seasonal]) {
		t.Error("one February judged a season")
	}
}

func TestGuardrailsOfOutliers(t *testing.T) {
	if found := outliers(t, panelOf(t, monthly("A", 1, 2, 3, 1, 2, 3, 900)), Strict, 1); len(found) != 0 {
		t.Errorf("seven values were judged: %+v", found)
	}
	// Without spread in the middle only the mean can judge.
	flat := outliers(t, panelOf(t, monthly("A", 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 500)), Balanced, 1)
	if len(flat) != 1 || flat[0].Judges != 1 || flat[0].Votes != 1 {
		t.Errorf("%+v", flat)
	}
	low := outliers(t, panelOf(t, monthly("A", 100, 101, 102, 103, 104, 100, 101, 102, 103, 104, 0)), Strict, 1)
	if len(low) != 0 {
		t.Errorf("a low value was called an outlier: %+v", low)
	}
	if _, _, err := panelOf(t, monthly("A", 1)).Outliers(t.Context(), "harsh", 1); !problem.Is(err, problem.Usage) {
		t.Errorf("%v", err)
	}
}

// Three high months in a row, one of them skipped, are an outbreak; one high
// month is an error, and so are two that differ tenfold and more.
func TestOutbreaksAreToldFromErrors(t *testing.T) {
	base := []float64{8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 14}
	with := func(high map[int]float64) []bool {
		v := slices.Clone(base)
		for i, x := range high {
			v[i] = x
		}
		var out []bool
		for _, o := range outliers(t, panelOf(t, monthly("A", v...)), Balanced, 2) {
			out = append(out, o.Outbreak)
		}
		return out
	}
	for _, test := range []struct {
		high map[int]float64
		want []bool
	}{
		{map[int]float64{10: 90, 12: 100, 13: 80}, []bool{true, true, true}},
		{map[int]float64{10: 90}, []bool{false}},
		{map[int]float64{10: 90, 13: 90}, []bool{false, false}},
		{map[int]float64{10: 90, 11: 9000}, []bool{false, false}},
	} {
		if got := with(test.high); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v: %v, want %v", test.high, got, test.want)
		}
	}
}

// Every year has a high season; only the year that exceeds the same month of
// the others is unusual for it.
func TestTheSeasonIsNoOutlier(t *testing.T) {
	var v []float64
	for y := range 6 {
		for m := range 12 {
			x := 20 + float64((3*y+5*m)%4)
			if m == 8 {
				x = 200 + 4*float64(y)
			}
			v = append(v, x)
		}
	}
	v[5*12+8] = 900
	p := panelOf(t, monthly("A", v...))
	var seasonal []string
	for _, o := range outliers(t, p, Balanced, 1) {
		if o.Value > o.Limit[Seasonal] {
			seasonal = append(seasonal, o.Period)
		}
	}
	if !slices.Equal(seasonal, []string{"2028-09"}) {
		t.Errorf("unusual for their month: %v", seasonal)
	}
}

func TestCascade(t *testing.T) {
	tb := tableOf(t, cells{{"A", "2023-01", "10", "12"}, {"A", "2023-02", "10", "10"}, {"A", "2023-03", "", "9"}, {"A", "2023-04", "10", "13"}})
	fever := table.NumberOf("fever", 9, 30, 30, 30)
	fever.Role = table.FeverRole(table.Under5)
	patients := table.NumberOf("opd", 100, 20, 100, 100)
	patients.Role = table.RoleAttendance
	all := table.NumberOf("all", 100, 100, 99, 100)
	all.Role = table.RoleGeneralAttendance
	for _, c := range []*table.Column{fever, patients, all} {
		if err := tb.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	p, err := New(tb, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	checks, breaches := p.Cascade()
	var got []string
	for _, c := range checks {
		got = append(got, c.Lesser+" ≤ "+c.Greater)
	}
	want := []string{"positive by RDT, under five ≤ tested by RDT, under five", "tested by RDT, under five ≤ fever, under five",
		"fever, all ages ≤ out-patients", "tested by RDT, all ages ≤ out-patients", "out-patients ≤ all patients"}
	if !slices.Equal(got, want) {
		t.Errorf("checks %q", got)
	}
	var broken []int
	for _, c := range checks {
		broken = append(broken, c.Rows, c.Broken)
	}
	if !slices.Equal(broken, []int{3, 2, 3, 1, 4, 1, 3, 0, 4, 1}) {
		t.Errorf("rows and broken: %v", broken)
	}
	if len(breaches) != 5 || breaches[0].Greater != 20 || breaches[0].Lesser != 30 || breaches[1].Row != 3 || breaches[1].Period != "2023-04" {
		t.Errorf("breaches: %+v", breaches)
	}
}

func TestRepeats(t *testing.T) {
	p := panelOf(t, cells{{"A", "2023-01", "10", "1"}, {"A", "2023-01", "10", "1"}, {"A", "2023-01", "11", "1"}, {"B", "2023-01", "10", "1"},
		{"A", "2023-02", "1", "1"}, {"A", "2023-02", "", "1"}, {"", "2023-02", "", "1"}, {"", "2023-02", "", "1"}})
	got := p.Repeats()
	if len(got) != 2 || !slices.Equal(got[0].Rows, []int{0, 1, 2}) || got[0].Exact != 1 || got[1].Exact != 0 || got[1].Period != "2023-02" {
		t.Errorf("%+v", got)
	}
}

func TestVolumesByYear(t *testing.T) {
	p := panelOf(t, cells{{"A", "2023-01", "10", "1"}, {"A", "2023-02", "10", "2"}, {"B", "2023-02", "0", "0"}, {"B", "2024-01", "7", ""}, {"A", "2024-01", "4", "4"}})
	got := p.Volumes()
	want := []Volume{{"2023", table.RDT, table.Under5, 20, 3, 1}, {"2024", table.RDT, table.Under5, 4, 4, 1}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func examine(t testing.TB, p *Panel) *Findings {
	t.Helper()
	f, err := p.Examine(t.Context(), Options{Strictness: Balanced, Agree: 2, Window: p.Grain.Window(6)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A year with few reports and empty cells is named and not trusted; the others
// are.
func TestVerdictOnAYear(t *testing.T) {
	var rows cells
	for _, name := range []string{"A", "B", "C", "D"} {
		for y, year := range []string{"2019", "2020", "2021"} {
			for _, m := range []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"} {
				row := [4]string{name, year + "-" + m, "20", "5"}
				if y == 1 && name > "A" && m > "02" {
					continue // nothing came
				}
				if y == 1 && name == "A" && m > "06" {
					row[3] = ""
				}
				rows = append(rows, row)
			}
		}
	}
	f := examine(t, panelOf(t, rows))
	most, least, ok := f.MostMissing()
	if !ok || most.Year != "2020" || least.Year != "2019" {
		t.Errorf("most %s, least %s", most.Year, least.Year)
	}
	if v, _ := most.MissingShare(); v != 6.0/36 { // 12 + 3·2 rows, two cells each, six empty
		t.Errorf("missing share %v", v)
	}
	for i, want := range []Trust{Usable, Doubtful, Usable} {
		if y := f.Years[i]; y.Trust != want {
			t.Errorf("%s is %s: %v", y.Year, y.Trust, y.Reasons)
		}
	}
	words := f.Years[1].Words()
	for _, want := range []string{"2020: do not rely on it, because 37.5 % of the expected reports came in", "66.7 % of the rows have tests and positives", "less than half the tests of a usual year", "16.7 % of the cells are empty"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q does not say %q", words, want)
		}
	}
}

// Order of rows changes no count.
func TestOrderOfRowsIsNothing(t *testing.T) {
	rows := append(monthly("A", 8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 200), monthly("B", 1, -1, -1, -1, -1, -1, -1, -1, 4, 5)...)
	there := examine(t, panelOf(t, rows))
	slices.Reverse(rows)
	back := examine(t, panelOf(t, rows))
	if !reflect.DeepEqual(there.Years, back.Years) || len(there.Outliers) != len(back.Outliers) || there.Judged != back.Judged {
		t.Errorf("%+v\n%+v", there.Years, back.Years)
	}
}

// A facility is one under two spellings of its ward, and, linked, under any
// two; of one name in two wards it is two.
func TestWhatIsOneFacility(t *testing.T) {
	tb := tableOf(t, cells{{"Post 1", "2023-01", "1", "0"}, {"Post I", "2023-02", "1", "0"}, {"post  1", "2023-03", "1", "0"}, {"Post 1", "2023-04", "1", "0"}})
	ward := table.TextOf("Ward", "Afon I", "Afon 1", "Oloje", "Oluje")
	ward.Role = table.RoleWard
	tb.Columns[2] = ward
	for _, test := range []struct {
		unit []int
		want []int32
	}{{nil, []int32{0, 0, 1, 2}}, {[]int{7, 7, 8, 8}, []int32{0, 0, 1, 1}}, {[]int{-1, 7, 7, -1}, []int32{0, 1, 1, 2}}} {
		p, err := New(tb, test.unit, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.facility, test.want) {
			t.Errorf("%v: %v, want %v", test.unit, p.facility, test.want)
		}
	}
}

// Linked facilities are called as the layer calls their place; others follow
// the LGA that most linked ones written likewise lie in.
func TestPlacesAreCalledAsInTheLayer(t *testing.T) {
	tb := tableOf(t, cells{{"A", "2023-01", "1", "0"}, {"B", "2023-01", "1", "0"}, {"C", "2023-01", "1", "0"}, {"D", "2023-01", "1", "0"}, {"E", "2023-01", "1", "0"}, {"F", "2023-01", "1", "0"}})
	lga := table.TextOf("LGA", "kw Asa LGA", "kw Asa LGA", "kw Asa LGA", "kw Assa", "kw Moro", "kw Asa LGA")
	lga.Role = table.RoleLGA
	tb.Columns[1] = lga
	units := []Facility{{State: "Kwara", LGA: "Asa", Ward: "Afon 1"}, {State: "Kwara", LGA: "Ilorin West", Ward: "Oloje"}}
	p, err := New(tb, []int{0, 0, 1, 0, -1, -1}, units)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range p.Facilities {
		got = append(got, f.LGA+"/"+f.Ward)
	}
	if want := []string{"Asa/Afon 1", "Asa/Afon 1", "Ilorin West/Oloje", "Asa/Afon 1", "kw Moro/Afon", "Asa/Afon"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if groups := p.Completeness(ByLGA); len(groups) != 3 || groups[0].Rows != 4 {
		t.Errorf("%+v", groups)
	}
}
