package surveillance

import (
	"strconv"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/core/table"
)

func index(t testing.TB, header []string, name string) int {
	t.Helper()
	for i, h := range header {
		if h == name {
			return i
		}
	}
	t.Fatalf("no column %q", name)
	return -1
}

func numbers(t testing.TB, rows [][]string, name string, role table.Role) *table.Column {
	t.Helper()
	col := index(t, rows[0], name)
	c := table.NewNumber(name)
	c.Role = role
	for _, row := range rows[1:] {
		if row[col] == "" || row[col] == "NA" {
			c.AppendMissing()
			continue
		}
		v, err := strconv.ParseFloat(row[col], 64)
		if err != nil {
			t.Fatal(err)
		}
		c.AppendNumber(v)
	}
	return c
}

func texts(t testing.TB, rows [][]string, name string, role table.Role, change func(string) string) *table.Column {
	t.Helper()
	col := index(t, rows[0], name)
	c := table.NewText(name)
	c.Role = role
	for _, row := range rows[1:] {
		c.AppendText(change(row[col]))
	}
	return c
}

// The Ilorin paper's ward positivity: its published tpr_u5 is Σ tested_u5_new ÷
// Σ conf_u5_new, the labels of the two columns being exchanged (conf exceeds
// tested in 151 of 236 rows). All 34 wards with data, values above 1 included:
// the paper caps only its other column, tpr_u5_new. Akanbi 2 has one row, of
// noughts, hence no data, there and here.
func TestIlorinWardRatios(t *testing.T) {
	rows := beside.CSV(t, "data/ilorin/ward_level_unsmoothed_tpr_u5.csv")
	tab, err := table.New("ilorin",
		numbers(t, rows, "conf_u5_new", table.TestedRole(table.RDT, table.Under5)),
		numbers(t, rows, "tested_u5_new", table.PositiveRole(table.RDT, table.Under5)),
		texts(t, rows, "hfname", table.RoleFacility, strings.TrimSpace))
	if err != nil {
		t.Fatal(err)
	}
	position := map[string]int{}
	unit := make([]int, tab.Rows())
	col := index(t, rows[0], "Wardname")
	for i, row := range rows[1:] {
		if _, ok := position[row[col]]; !ok {
			position[row[col]] = len(position)
		}
		unit[i] = position[row[col]]
	}
	r := mustAnswer(t, Rows{tab, unit, len(position)}, everyPeriod(All))
	published := beside.CSV(t, "data/ilorin/ward_levelsmoothed_tpr_u5.csv")
	name, value := index(t, published[0], "WardName"), index(t, published[0], "tpr_u5")
	compared := 0
	for _, row := range published[1:] {
		// The file gives 15 digits; the comparison is exact in all of them.
		got := "NA"
		if v, ok := r.Wards[position[row[name]]].Value(); ok {
			got = strconv.FormatFloat(v, 'g', 15, 64)
			compared++
		}
		if got != row[value] {
			t.Errorf("%s: positivity %s, published %s", row[name], got, row[value])
		}
	}
	if compared != 34 {
		t.Errorf("%d wards compared, want 34", compared)
	}
}

// national reads the 300,000 synthetic facility rows and links them to wards
// by state, LGA and ward as written.
func national(t testing.TB) (Rows, map[string]int) {
	t.Helper()
	rows := beside.CSV(t, "data/facility/nmep_tpr_300k.csv.gz")
	same := func(s string) string { return s }
	month := func(s string) string { return s[:7] }
	cols := []*table.Column{
		texts(t, rows, "orgunitlevel5", table.RoleFacility, same),
		texts(t, rows, "FacilityLevel", table.RoleLevel, same),
		texts(t, rows, "periodname", table.RolePeriod, month),
	}
	ages := map[table.Age]string{table.Under5: "<5yrs", table.Over5: " ≥5yrs (excl PW)", table.Pregnant: "Preg Women (PW)"}
	by := map[table.Test][2]string{table.RDT: {"& tested by RDT ", "RDT "}, table.Microscopy: {"and tested by Microscopy ", "Microscopy "}}
	for _, test := range table.Tests() {
		for _, age := range table.Ages() {
			cols = append(cols,
				numbers(t, rows, "Persons presenting with fever "+by[test][0]+ages[age], table.TestedRole(test, age)),
				numbers(t, rows, "Persons tested positive for malaria by "+by[test][1]+ages[age], table.PositiveRole(test, age)))
		}
	}
	tab, err := table.New("national", cols...)
	if err != nil {
		t.Fatal(err)
	}
	position := map[string]int{}
	unit := make([]int, tab.Rows())
	for i, row := range rows[1:] {
		key := strings.Join(row[:3], "|")
		if _, ok := position[key]; !ok {
			position[key] = len(position)
		}
		unit[i] = position[key]
	}
	return Rows{tab, unit, len(position)}, position
}

// pandas sums each column by itself; these records have no half pairs (each
// cell of tested has its cell of positive), so the pair rule gives the same
// sums, and every one of the 9,348 wards must agree to the last person.
func TestNationalSumsOfPandas(t *testing.T) {
	rows, position := national(t)
	want := beside.CSV(t, "reference/tpr/pandas_ward_tpr_300k.csv.gz")
	check := func(q Query, tested, positive string) {
		t.Helper()
		r := mustAnswer(t, rows, q)
		if r.Skipped.HalfPairs != 0 {
			t.Errorf("%v: %d half pairs, the comparison supposes none", q, r.Skipped.HalfPairs)
		}
		n, k := index(t, want[0], tested), index(t, want[0], positive)
		wrong := 0
		for _, row := range want[1:] {
			w := r.Wards[position[strings.Join(row[:3], "|")]]
			if strconv.FormatFloat(w.Denominator, 'f', -1, 64) != row[n] || strconv.FormatFloat(w.Numerator, 'f', -1, 64) != row[k] {
				wrong++
			}
		}
		if wrong > 0 {
			t.Errorf("%v: %d of %d wards differ", q, wrong, len(want)-1)
		}
	}
	if len(position) != len(want)-1 {
		t.Fatalf("%d wards in the records, %d in the reference", len(position), len(want)-1)
	}
	check(Query{Level: All, Age: All, Test: BothTests}, "tested", "positive")
	check(Query{Level: All, Age: "u5", Test: "rdt"}, "RDT_u5_tested", "RDT_u5_pos")
	check(Query{Level: All, Age: "o5", Test: "micro"}, "Microscopy_o5_tested", "Microscopy_o5_pos")
	check(Query{Level: All, Age: "pw", Test: "rdt", From: "2024-01", To: "2024-12"}, "RDT_pw_tested", "RDT_pw_pos")
}

// The budget of the design: sixteen combinations on 300,000 rows in 1 s.
func BenchmarkCompare300k(b *testing.B) {
	rows, _ := national(b)
	q := Query{Test: BothTests, From: "2024"}
	b.ReportAllocs()
	for b.Loop() {
		c, err := Compare(b.Context(), rows, q)
		if err != nil || len(c.Results) != 16 {
			b.Fatal(err, c)
		}
	}
}

// What trends, seasons and incidence are made of: the same records by month.
func BenchmarkTabulateMonthly300k(b *testing.B) {
	rows, _ := national(b)
	q := Query{Level: All, Age: "u5", Test: BothTests}
	for b.Loop() {
		if c, err := Tabulate(b.Context(), rows, q, Monthly); err != nil || len(c.Periods) != 12 {
			b.Fatal(err, c)
		}
	}
}
