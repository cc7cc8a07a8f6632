package stack

import (
	"math"
	"testing"
)

// D14 of the predecessor (spec/analytics.md §11): "annual rainfall" was the sum
// of whatever months there were, October to December. Ours names the months
// that are missing, and a sum over dates of which one has no value is none.
func TestDefect_D14_AYearIsNotThreeMonths(t *testing.T) {
	year := make([]float64, 12)
	for m := range year {
		year[m] = math.NaN()
		if m >= 9 {
			year[m] = 100
		}
	}
	theirs := 0.0
	for _, x := range year {
		if !math.IsNaN(x) {
			theirs += x
		}
	}
	if theirs != 300 {
		t.Fatal("their sum")
	}
	if v, used := Summarise(year, Sum); !math.IsNaN(v) || used != 3 {
		t.Errorf("the year has %v from %d months; the predecessor said %v", v, used, theirs)
	}
	if v, used := Summarise(year[9:], Sum); v != 300 || used != 3 {
		t.Errorf("three months have %v from %d", v, used)
	}
	if gaps := Gaps([]Date{{2021, 1, 0}, {2021, 10, 0}, {2021, 12, 0}}); len(gaps) != 9 {
		t.Errorf("between January and December %d months are told to be missing, want 9", len(gaps))
	}
}
