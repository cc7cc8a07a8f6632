package surveillance

import (
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func TestQueryMustNameEveryDimension(t *testing.T) {
	good := Query{Level: Primary, Age: "u5", Test: "rdt", From: "2024"}
	if err := good.Check(); err != nil {
		t.Fatalf("a complete query is refused: %v", err)
	}
	for name, change := range map[string]func(*Query){
		"no level":          func(q *Query) { q.Level = "" },
		"unknown level":     func(q *Query) { q.Level = "Primary" },
		"no age":            func(q *Query) { q.Age = "" },
		"unknown age":       func(q *Query) { q.Age = "u15" },
		"no test":           func(q *Query) { q.Test = "" },
		"unknown test":      func(q *Query) { q.Test = "pcr" },
		"not a period":      func(q *Query) { q.From = "2024-13" },
		"end is no period":  func(q *Query) { q.To = "later" },
		"end before begin":  func(q *Query) { q.To = "2023" },
		"end alone":         func(q *Query) { q.From, q.To = "", "2024" },
		"period and all":    func(q *Query) { q.AllPeriods = true },
		"yyyymm":            func(q *Query) { q.From = "202401" },
		"too many parts":    func(q *Query) { q.From = "2024-01-01-01" },
		"sign in a number":  func(q *Query) { q.From = "+024" },
		"day nought":        func(q *Query) { q.From = "2024-01-00" },
		"empty month":       func(q *Query) { q.From = "2024-" },
		"month of one only": func(q *Query) { q.From = "2024-1" },
	} {
		q := good
		change(&q)
		err := q.Check()
		if !problem.Is(err, problem.Usage) {
			t.Errorf("%s: got %v, want a usage problem", name, err)
		} else if problem.From(err, "").Hint == "" {
			t.Errorf("%s: no hint", name)
		}
	}
}

func TestPeriodsNestByLength(t *testing.T) {
	must := func(text string) span {
		s, ok := parsePeriod(text)
		if !ok {
			t.Fatalf("%q is not read", text)
		}
		return s
	}
	year, month, day := must("2024"), must("2024-03"), must("2024-03-31")
	if !year.holds(month) || !month.holds(day) || month.holds(year) || !month.touches(year) {
		t.Error("a year must hold its months and a month its days, not the reverse")
	}
	if year.touches(must("2025-01-01")) || must("2023-12-31").touches(year) {
		t.Error("neighbouring periods must not touch")
	}
}

func TestPeriodsSortByTimeLongerFirst(t *testing.T) {
	got := []string{"2024-02", "unknown", "2024-01-05", "2024-01", "2023", "2024"}
	sortPeriods(got)
	want := []string{"2023", "2024", "2024-01", "2024-01-05", "2024-02", "unknown"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if wide, narrow, found := overlapping(got); !found || wide != "2024" || narrow != "2024-01" {
		t.Errorf("overlap found: %q %q %v", wide, narrow, found)
	}
	if _, _, found := overlapping([]string{"2023", "2024-01", "2024-02"}); found {
		t.Error("periods beside each other are called overlapping")
	}
}

// The words met in the programme's files for one level of care; a text without
// a level, such as an LGA, must never pass for one (the predecessor offered 16
// LGAs as facility levels).
func TestLevelIsReadFromItsFirstWord(t *testing.T) {
	for text, want := range map[string]string{
		"Primary": Primary, "primary": Primary, " Primary Health Facility": Primary, "TERTIARY": Tertiary,
		"Secondary Health Facility": Secondary, "Ilorin West": "", "": "", "primaryish": "",
	} {
		if got := levelOf(text); got != want {
			t.Errorf("levelOf(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestQueryInWords(t *testing.T) {
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Level: All, Age: All, Test: BothTests, AllPeriods: true}, "all periods"},
		{Query{Level: All, Age: All, Test: BothTests, From: "2024"}, "2024"},
		{Query{Level: All, Age: All, Test: BothTests, From: "2024-01", To: "2024-06"}, "2024-01 to 2024-06"},
		{Query{Level: All, Age: All, Test: BothTests}, "period not chosen"},
	} {
		if got := c.q.String(); !strings.HasSuffix(got, ", "+c.want) {
			t.Errorf("%q does not end in %q", got, c.want)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"2024", "2024-03", "2024-03-05", "", "-", "0000", "20240", "2024-00", "９９９９"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ok := parsePeriod(text)
		if ok && (s.first > s.last || s.first < 10000 || s.last > 99999999) {
			t.Errorf("%q gives the span %v", text, s)
		}
	})
}
