package surveillance

import "testing"

// The Mondays are those of a calendar: week 1 of 2024 begins on 1 January, week
// 1 of 2025 on 30 December 2024, week 53 of 2020 on 28 December.
func TestQuartersAndWeeks(t *testing.T) {
	for text, want := range map[string]span{
		"2024-Q1": {20240100, 20240399}, "2024-Q4": {20241000, 20241299},
		"2024-W01": {20240101, 20240107}, "2024-W05": {20240129, 20240204}, "2025-W01": {20241230, 20250105}, "2020-W53": {20201228, 20210103},
	} {
		if got, ok := parsePeriod(text); !ok || got != want {
			t.Errorf("%s: %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"2024-Q5", "2024-Q0", "2024-Q11", "2024-W5", "2024-W54", "2024-W", "2024Q1", "Q1-2024"} {
		if got, ok := parsePeriod(text); ok {
			t.Errorf("%s: %v", text, got)
		}
	}
	year, _ := parsePeriod("2024")
	q, _ := parsePeriod("2024-Q2")
	month, _ := parsePeriod("2024-05")
	if !year.holds(q) || !q.holds(month) || q.touches(span{20240700, 20240799}) {
		t.Error("a year, its second quarter and May don't nest")
	}
}
