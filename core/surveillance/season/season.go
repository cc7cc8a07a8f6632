// Package season finds how much of a year's malaria falls into its busiest
// months, and whether that makes an area eligible for seasonal chemoprevention
// (SMC).
//
// WHO's first recommendation (2012) named about 60 % of the yearly cases in
// four months at most; the map of Cairns et al. (Nature Communications 3, 2012,
// ncomms1879) used 60 % in three. WHO removed the strict threshold in 2022, so
// the rule is a setting and every result says which was used.
package season

import (
	"cmp"
	"fmt"
	"slices"
)

// Rule is what makes a year seasonal.
type Rule struct {
	Share  float64 // of the year's cases, 0 to 1
	Months int     // in so many months in a row, at most
}

// WHO2012 is the rule of WHO's first recommendation.
func WHO2012() Rule { return Rule{0.6, 4} }

// Cairns2012 is the rule of the map of areas suitable for SMC.
func Cairns2012() Rule { return Rule{0.6, 3} }

// String gives the rule in words.
func (r Rule) String() string {
	return fmt.Sprintf("%g %% or more of the year in %d months in a row", 100*r.Share, r.Months)
}

// LeastMonths is how many months a unit needs before it is said in how many of
// its years it was seasonal (BLSQ snt_development: 36).
const LeastMonths = 36

// Enough is the share of years that must be seasonal for a unit to be
// seasonal, as a rule (BLSQ snt_development: half).
const Enough = 0.5

// Count is the cases of one month.
type Count struct {
	Month int // months since the year 0: 12·year + month − 1
	Cases float64
}

// Season is what the months of one unit show.
type Season struct {
	Known bool    // each calendar month has data, and there were cases
	Share float64 // of the mean year, in its busiest block of months
	Onset int     // first month of that block, 1 for January
	Meets bool    // the mean year meets the rule

	Months   int  // with data
	Years    int  // in each month of which a full twelve months begin
	Seasonal int  // of those: years in which a block that begins in them meets the rule
	Judged   bool // there are LeastMonths and a year to judge
	Steady   bool // at least Enough of the years are seasonal
}

// Of examines a unit. Months are taken as counted: a month with few reports
// looks like a month with few cases.
func Of(counts []Count, r Rule) Season {
	counts = slices.Clone(counts)
	slices.SortFunc(counts, func(a, b Count) int { return cmp.Compare(a.Month, b.Month) })
	out := Season{Months: len(counts)}
	var profile, n [12]float64
	for _, c := range counts {
		profile[c.Month%12] += c.Cases
		n[c.Month%12]++
	}
	out.Known = true
	for m := range profile {
		if n[m] == 0 {
			out.Known = false
			continue
		}
		profile[m] /= n[m]
	}
	if out.Known {
		out.Share, out.Onset, out.Known = Peak(profile, r.Months)
		out.Meets = out.Known && r.met(out.Share)
	}
	out.judge(counts, r)
	return out
}

// met allows for the rounding of a share that lies on the threshold.
func (r Rule) met(share float64) bool { return share >= r.Share-1e-12 }

// Peak is the largest share of the year in so many months in a row, across the
// turn of the year too, and the month, 1 to 12, in which they begin: the first
// of equals. It is false for a year without cases.
func Peak(profile [12]float64, months int) (share float64, onset int, ok bool) {
	total := 0.0
	for _, v := range profile {
		total += v
	}
	if !(total > 0) || months < 1 || months > 12 {
		return 0, 0, false
	}
	best := -1.0
	for first := range 12 {
		block := 0.0
		for k := range months {
			block += profile[(first+k)%12]
		}
		if block > best {
			best, onset = block, first+1
		}
	}
	return best / total, onset, true
}

// judge counts the years in which a block of months holds the rule's share of
// the twelve months that begin with it.
func (s *Season) judge(counts []Count, r Rule) {
	met, windows := map[int]bool{}, map[int]int{} // by year
	for i := range counts {
		window, ok := forward(counts, i)
		if !ok {
			continue
		}
		year := counts[i].Month / 12
		block, total := 0.0, 0.0
		for k, c := range window {
			total += c.Cases
			if k < r.Months {
				block += c.Cases
			}
		}
		met[year] = met[year] || total > 0 && r.met(block/total)
		windows[year]++
	}
	for year, n := range windows {
		if n < 12 {
			continue // its season may begin in a month that can't be judged
		}
		s.Years++
		if met[year] {
			s.Seasonal++
		}
	}
	s.Judged = s.Months >= LeastMonths && s.Years > 0
	s.Steady = s.Judged && float64(s.Seasonal) >= Enough*float64(s.Years)
}

// forward gives the twelve months from month i on; false when one is missing.
func forward(counts []Count, i int) ([]Count, bool) {
	if i+12 > len(counts) || counts[i+11].Month != counts[i].Month+11 {
		return nil, false
	}
	return counts[i : i+12], true
}
