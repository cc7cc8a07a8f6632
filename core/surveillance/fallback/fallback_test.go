package fallback

import (
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/table"
)

// row is one report: ward, period, tested, positive.
type row struct {
	ward             int
	period           string
	tested, positive float64
}

// cells tabulates reports of n wards by month.
func cells(t *testing.T, n int, rows []row, q surveillance.Query, g surveillance.Grain) *surveillance.Cells {
	t.Helper()
	period, tested, positive := table.NewText("period"), table.NewNumber("tested"), table.NewNumber("positive")
	period.Role, tested.Role, positive.Role = table.RolePeriod, table.TestedRole(table.RDT, table.Under5), table.PositiveRole(table.RDT, table.Under5)
	var unit []int
	for _, r := range rows {
		period.AppendText(r.period)
		tested.AppendNumber(r.tested)
		positive.AppendNumber(r.positive)
		unit = append(unit, r.ward)
	}
	tab, err := table.New("records", period, tested, positive)
	if err != nil {
		t.Fatal(err)
	}
	c, err := surveillance.Tabulate(t.Context(), surveillance.Rows{Table: tab, Unit: unit, Units: n}, q, g)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func query(from string) surveillance.Query {
	return surveillance.Query{Level: surveillance.All, Age: "u5", Test: "rdt", From: from}
}

// Five wards in two LGAs of one state; each ward meets another trigger.
func records() ([]row, Areas) {
	return []row{
		{0, "2024-06", 100, 40},                                            // sound
		{1, "2024-05", 10, 2}, {1, "2024-06", 4, 4}, {1, "2024-07", 30, 9}, // fewer than five tests
		{2, "2024-06", 50, 50},                                                // above 0.99, and no other month
		{3, "2023-04", 20, 5}, {3, "2023-08", 60, 15}, {3, "2023-09", 500, 0}, // silent now; a year ago within ±2 months
		// 4 has nothing, and lies in an LGA without tests but for its state
	}, Areas{LGA: []int{0, 0, 0, 1, 2}, State: []int{0, 0, 0, 0, 0}, LGAs: 3, States: 1}
}

func fill(t *testing.T, r Rules) []Figure {
	t.Helper()
	rows, areas := records()
	history := cells(t, 5, rows, query(""), surveillance.Monthly)
	own := cells(t, 5, rows, query("2024-06"), surveillance.Whole).Wards[0]
	return Fill(own, Span{"2024-06", "2024-06"}, history, areas, r)
}

func expect(t *testing.T, f Figure, step Step, value float64) {
	t.Helper()
	v, ok := f.Value()
	if f.Step != step || ok != (step != None) || ok && v != value {
		t.Errorf("%s %v, want %s %v", f.Step, v, step, value)
	}
}

func TestOrderOfStandIns(t *testing.T) {
	f := fill(t, Rules{Steps: Steps(), MinTests: 5, Extreme: 0.01})
	expect(t, f[0], Own, 0.4)
	expect(t, f[1], Rolling, 15.0/44)
	expect(t, f[2], Rolling, 1) // one month more holds nothing more; the share is no better, and is what there is
	expect(t, f[3], LastYear, 20.0/80)
	expect(t, f[4], State, 94.0/154)
	f = fill(t, Rules{Steps: []Step{LGA, State}, MinTests: 5, Extreme: 0.01})
	expect(t, f[1], LGA, 94.0/154)
	expect(t, f[3], State, 94.0/154)
}

func TestNothingUnlessAsked(t *testing.T) {
	f := fill(t, Rules{MinTests: 5, Extreme: 0.01})
	expect(t, f[1], Own, 1)
	expect(t, f[2], Own, 1)
	expect(t, f[3], None, 0)
	f = fill(t, Rules{Steps: Steps()})
	expect(t, f[1], Own, 1) // no rule of five tests
	if f[3].Step != LastYear {
		t.Errorf("a missing figure is not filled: %s", f[3].Step)
	}
}

// A ward whose own figure is doubted keeps it where nothing stands in.
func TestNoStandInKeepsTheOwnFigure(t *testing.T) {
	rows := []row{{0, "2024-06", 2, 1}}
	history := cells(t, 1, rows, query(""), surveillance.Monthly)
	own := cells(t, 1, rows, query("2024-06"), surveillance.Whole).Wards[0]
	f := Fill(own, Span{"2024-06", "2024-06"}, history, Areas{LGA: []int{-1}, State: []int{-1}}, Rules{Steps: Steps(), MinTests: 5})
	expect(t, f[0], Own, 0.5)
}

// The same months a year before, for a year and for a quarter; weeks have no
// months around them.
func TestSpansMove(t *testing.T) {
	for _, c := range []struct {
		span        Span
		first, last int
		want        Span
		ok          bool
	}{
		{Span{"2024", "2024"}, -1, 1, Span{"2023-12", "2025-01"}, true},
		{Span{"2024-Q1", "2024-Q1"}, -14, -10, Span{"2022-11", "2023-05"}, true},
		{Span{"2024-01", "2024-03"}, -1, 1, Span{"2023-12", "2024-04"}, true},
		{Span{"2024-W05", "2024-W05"}, -1, 1, Span{}, false},
		{Span{"2024-01-05", "2024-01-06"}, -1, 1, Span{}, false},
	} {
		if got, ok := c.span.shifted(c.first, c.last); ok != c.ok || ok && got != c.want {
			t.Errorf("%v by %d and %d: %v %v", c.span, c.first, c.last, got, ok)
		}
	}
}

func TestStepsAreReadInOrder(t *testing.T) {
	got, err := ParseSteps("lga, rolling")
	if err != nil || len(got) != 2 || got[0] != LGA || got[1] != Rolling {
		t.Errorf("%v %v", got, err)
	}
	for _, text := range []string{"lga,lga", "neighbours", "own", ","} {
		if _, err := ParseSteps(text); !problem.Is(err, problem.Usage) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "none"} {
		if got, err := ParseSteps(text); err != nil || got != nil {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
	if s := (Rules{Steps: Steps(), MinTests: 5, Extreme: 0.01}).String(); s != "stand-ins where the ward's own figure is missing, or of fewer than 5 tests, or below 0.01 or above 0.99: one month more on either side, then LGA, then last year ±2 months, then state" {
		t.Error(s)
	}
}
