package action

import (
	"bytes"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/sample"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// tableNamed finds a table of a result.
func tableNamed(t *testing.T, r *Result, name string) *table.Table {
	t.Helper()
	for _, tb := range r.Tables {
		if tb.Name == name {
			return tb
		}
	}
	t.Fatalf("no table %s", name)
	return nil
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
		}
	}
	return sum
}

// Every fault planted in a made-up state is found, and counted as often as it
// was planted: impossible counts, repeated rows, rows of ward Unknown, reports
// that never came and facilities that fell silent.
func TestQualityFindsWhatWasPlanted(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		s := makeState(t, seed, sample.Options{LGAs: 4, Wards: 36, Facilities: 120, Months: 24})
		b := newBench(t)
		b.importState(s)
		b.do(&Match{})
		r := b.do(NewQuality())
		years := tableNamed(t, r, "years")
		for column, want := range map[string]int{
			"rows": s.Truth.Rows, "impossible_rows": s.Truth.Impossible, "unknown_ward_rows": s.Truth.UnknownRows,
		} {
			if got := total(numbers(t, years, column)); int(got) != want {
				t.Errorf("seed %d: %s is %v, planted %d", seed, column, got, want)
			}
		}
		exact := 0.0
		if s.Truth.Duplicates > 0 {
			exact = total(numbers(t, tableNamed(t, r, "repeats"), "exact"))
		}
		if int(exact) != s.Truth.Duplicates {
			t.Errorf("seed %d: %v exact repeats, planted %d", seed, exact, s.Truth.Duplicates)
		}
		var silent []string
		since := texts(t, tableNamed(t, r, "silent"), "since")
		for i, name := range texts(t, tableNamed(t, r, "silent"), "facility") {
			if since[i] == "still silent" {
				silent = append(silent, oneBlank(name))
			}
		}
		for _, f := range s.Truth.Silent {
			if !slices.Contains(silent, oneBlank("zb "+s.Facilities[f].Name)) {
				t.Errorf("seed %d: %s fell silent and is not listed", seed, s.Facilities[f].Name)
			}
		}
		if len(silent) != len(s.Truth.Silent) {
			t.Errorf("seed %d: %d silent, planted %d", seed, len(silent), len(s.Truth.Silent))
		}
		expected, reports := total(numbers(t, years, "expected")), total(numbers(t, years, "reports"))
		// A report that is sent with every count empty is none either; before the
		// first report nothing is expected.
		empty := emptyRows(b.table(workspace.KindFacilities, ""))
		if missed := int(expected - reports); missed <= s.Truth.Unsent/2 || missed > s.Truth.Unsent+empty {
			t.Errorf("seed %d: %d reports missed, %d never sent and %d sent empty", seed, missed, s.Truth.Unsent, empty)
		}
	}
}

// emptyRows counts the rows without any test or positive.
func emptyRows(tb *table.Table) (n int) {
	for row := range tb.Rows() {
		some := slices.ContainsFunc(tb.Columns, func(c *table.Column) bool {
			count := strings.HasPrefix(string(c.Role), "tested_") || strings.HasPrefix(string(c.Role), "positive_")
			return count && !c.Missing(row)
		})
		if !some {
			n++
		}
	}
	return n
}

func TestQualityAnswersInWords(t *testing.T) {
	b := newBench(t)
	head := "State,LGA,Ward,HealthFacility,periodname,Persons presenting with fever & tested by RDT <5yrs,Persons tested positive for malaria by RDT <5yrs\n"
	var rows strings.Builder
	for _, name := range []string{"Afon PHC", "Oloje PHC"} {
		for _, year := range []string{"2019", "2020", "2021", "2022"} {
			tests := "100,40"
			if year == "2020" && name == "Oloje PHC" {
				tests = ","
			}
			rows.WriteString("Kwara,Asa,Afon," + name + "," + year + "," + tests + "\n")
		}
	}
	b.do(&Import{Files: []string{b.write("kwara.csv", head+rows.String())}})
	r := b.do(NewQuality())
	for _, want := range []string{"2020 has the most missing values: 50.0 % of its cells are empty (2019 has the fewest, 0.0 %).",
		"Usable: 2019, 2021 and 2022.", "Use with care: 2020."} {
		if !strings.Contains(r.Summary, want) {
			t.Errorf("%q does not say %q", r.Summary, want)
		}
	}
	one := NewQuality()
	one.Period, one.By = "2020", "indicator"
	r = b.do(one)
	if !strings.Contains(r.Summary, "2020: use with care, because 50.0 % of the expected reports came in; 50.0 % of the rows have tests and positives") {
		t.Errorf("%q", r.Summary)
	}
	if got := texts(t, tableNamed(t, r, "completeness"), "indicator"); len(got) != 2 {
		t.Errorf("indicators %q", got)
	}
	one.Period = "2031"
	b.refuse(one, problem.NotFound)
	for _, bad := range []func(*Quality){
		func(q *Quality) { q.Period = "2020-01" }, func(q *Quality) { q.Agree = 5 }, func(q *Quality) { q.Silent = 0 },
		func(q *Quality) { q.Out = "heat.doc" }, func(q *Quality) { q.By = "weekday" },
	} {
		q := NewQuality()
		bad(q)
		b.refuse(q, problem.Usage)
	}
}

// The act changes no table; without boundaries it says nothing of wards, with
// a match it counts every ward of the layer, and the map shows it.
func TestQualityOnTheMap(t *testing.T) {
	s := makeState(t, 5, small())
	b := newBench(t)
	b.importState(s)
	before := b.latest(workspace.KindFacilities, "").SHA256
	q := NewQuality()
	q.Out = b.path("heat.png")
	r := b.do(q)
	if len(r.Notices) == 0 || !strings.Contains(strings.Join(r.Notices, " "), "mrpt match") {
		t.Errorf("notices %q", r.Notices)
	}
	picture, err := png.Decode(bytes.NewReader([]byte(b.read("heat.png"))))
	if err != nil || picture.Bounds().Dx() != 1684 {
		t.Errorf("the heat map: %v, %v", picture.Bounds(), err)
	}
	b.do(&Match{})
	b.do(NewQuality())
	wards := b.table(workspace.KindQualityWards, "")
	if wards.Rows() != len(s.Wards) {
		t.Fatalf("%d wards of %d", wards.Rows(), len(s.Wards))
	}
	linked := 0.0
	unit := numbers(t, b.table(workspace.KindMatch, matchName(b.latest(workspace.KindFacilities, ""))), "unit")
	rows := numbers(t, b.table(workspace.KindMatch, matchName(b.latest(workspace.KindFacilities, ""))), "rows")
	for i, u := range unit {
		if !math.IsNaN(u) {
			linked += rows[i]
		}
	}
	if got := total(numbers(t, wards, "rows")); got != linked || got == 0 {
		t.Errorf("%v rows in wards, %v are linked", got, linked)
	}
	if got := numbers(t, wards, "missing_share")[s.Truth.NoReports]; !math.IsNaN(got) {
		t.Errorf("a ward without a facility misses %v of its values", got)
	}
	if m := b.do(b.mapTo("missing", "missing.svg")); !strings.Contains(m.Summary, "Missing values in the facility records") {
		t.Errorf("%q", m.Summary)
	}
	if b.latest(workspace.KindFacilities, "").SHA256 != before {
		t.Error("the table was changed")
	}
}
