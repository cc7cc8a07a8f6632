package season

import (
	"math"
	"math/rand/v2"
	"testing"
)

// shared/spec/field.md section 3, vector 13: four months from June hold .839,
// three from July .713.
func TestPeakOfTheFormulaSheet(t *testing.T) {
	year := [12]float64{0, 0, 5, 20, 60, 110, 200, 250, 170, 50, 5, 0}
	for months, want := range map[int]struct {
		share float64
		onset int
	}{4: {.839, 6}, 3: {.713, 7}, 12: {1, 1}} {
		share, onset, ok := Peak(year, months)
		if !ok || math.Abs(share-want.share) > 5e-4 || onset != want.onset {
			t.Errorf("%d months: %.4f from month %d, want %v", months, share, onset, want)
		}
	}
	// Across the turn of the year.
	if share, onset, _ := Peak([12]float64{9, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10}, 2); share != 0.95 || onset != 12 {
		t.Errorf("December and January: %v from %d", share, onset)
	}
	if _, _, ok := Peak([12]float64{}, 4); ok {
		t.Error("a year without cases has a season")
	}
}

// years repeats a profile from the first month of a year on.
func years(profile [12]float64, months int) (counts []Count) {
	for m := range months {
		counts = append(counts, Count{2020*12 + m, profile[m%12]})
	}
	return counts
}

func TestRulesGiveDifferentAnswers(t *testing.T) {
	// 62 % in four months from June, 48 % in three.
	profile := [12]float64{5, 5, 4, 4, 5, 14, 17, 16, 15, 5, 5, 5}
	four, three := Of(years(profile, 36), WHO2012()), Of(years(profile, 36), Cairns2012())
	if !four.Meets || three.Meets || four.Onset != 6 || !four.Steady || three.Steady {
		t.Errorf("four months %+v, three %+v", four, three)
	}
	// The threshold belongs to the rule: exactly 60 % is eligible.
	if s := Of(years([12]float64{5, 5, 5, 5, 5, 15, 15, 15, 15, 5, 5, 5}, 12), WHO2012()); !s.Meets || s.Share != 0.6 {
		t.Errorf("at the threshold: %+v", s)
	}
	if (Rule{0.6, 5}).String() != "60 % or more of the year in 5 months in a row" {
		t.Error((Rule{0.6, 5}).String())
	}
}

// Under 36 months nothing is said of the years; a calendar month that never
// has data leaves the season unknown, not without cases.
func TestTooLittleIsSaid(t *testing.T) {
	profile := [12]float64{1, 1, 1, 1, 1, 9, 9, 9, 9, 1, 1, 1}
	if s := Of(years(profile, 35), WHO2012()); s.Judged || s.Steady || !s.Known {
		t.Errorf("35 months: %+v", s)
	}
	if s := Of(years(profile, 36), WHO2012()); !s.Judged || !s.Steady || s.Years != 2 || s.Seasonal != 2 {
		// Of the third year twelve months forward begin in January only.
		t.Errorf("36 months: %+v", s)
	}
	var gap []Count
	for _, c := range years(profile, 36) {
		if c.Month%12 != 6 {
			gap = append(gap, c)
		}
	}
	if s := Of(gap, WHO2012()); s.Known || s.Meets || s.Judged {
		t.Errorf("no July ever: %+v", s)
	}
	if s := Of(nil, WHO2012()); s.Known || s.Years != 0 {
		t.Errorf("nothing: %+v", s)
	}
}

// One wet year in three is not half of them.
func TestHalfOfTheYears(t *testing.T) {
	flat := [12]float64{5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}
	counts := years(flat, 60)
	for i := range counts {
		if y := counts[i].Month / 12; y == 2022 && counts[i].Month%12 >= 5 && counts[i].Month%12 <= 8 {
			counts[i].Cases = 100
		}
	}
	if s := Of(counts, WHO2012()); s.Steady || s.Seasonal != 1 || s.Years != 4 {
		t.Errorf("%+v", s)
	}
}

// Shares lie between months/12 and 1, grow with the months, and neither the
// unit of the counts nor the order of the records changes anything.
func TestSharesBehave(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for range 500 {
		var profile [12]float64
		for m := range profile {
			profile[m] = float64(rng.IntN(50))
		}
		last := 0.0
		for months := 1; months <= 12; months++ {
			share, _, ok := Peak(profile, months)
			if !ok {
				break
			}
			if share < float64(months)/12-1e-12 || share > 1 || share < last-1e-12 {
				t.Fatalf("%v: %d months hold %v after %v", profile, months, share, last)
			}
			last = share
		}
		counts := years(profile, 40)
		a := Of(counts, WHO2012())
		for i := range counts {
			counts[i].Cases *= 4
		}
		rng.Shuffle(len(counts), func(i, j int) { counts[i], counts[j] = counts[j], counts[i] })
		if b := Of(counts, WHO2012()); a != b {
			t.Fatalf("%+v and %+v", a, b)
		}
	}
}
