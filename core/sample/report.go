package sample

import (
	"fmt"
	"math"

	"chatmrpt/core/sample/chance"
)

// Positions of tests and age groups in a Report's counts, in the order of
// table.Tests and table.Ages.
const (
	ByRDT        = 0
	ByMicroscopy = 1

	Under5   = 0
	Over5    = 1
	Pregnant = 2
)

// Report is what truly happened at a facility in a month.
type Report struct {
	Facility int // position in State.Facilities
	Month    int // 0 = the first
	Sent     bool
	Tested   [2][3]int // persons tested, by test and age group
	Positive [2][3]int // of them positive
	Fever    [3]int    // persons seen with fever, by age group
	OPD      int       // out-patient attendance
	General  int       // general attendance
	Nets     [2]int    // nets given to pregnant women, to children under five
}

// report makes the months of all facilities: reports are ordered by facility,
// then month, none missing, and all of them sent.
func (s *State) report() []Report {
	out := make([]Report, 0, len(s.Facilities)*s.Options.Months)
	for i, f := range s.Facilities {
		source := s.stream(fmt.Sprintf("facility %d", i))
		own := 0.1 * source.Normal() // staff and patients differ
		size := source.Between(0.75, 1.3)
		for m := range s.Options.Months {
			r := Report{Facility: i, Month: m, Sent: true}
			s.test(source, f, &r, own, size)
			attend(source, &r)
			out = append(out, r)
		}
	}
	return out
}

// test draws the persons tested and those of them found positive.
func (s *State) test(source *chance.Source, f Facility, r *Report, own, size float64) {
	season := math.Cos(2 * math.Pi * float64(r.Month%12-9) / 12) // highest in October
	people := float64(s.Wards[f.Ward].Population) * f.share * size * (1 + 0.25*season)
	odds := s.odds(f, r.Month) + own + 0.3*season
	for age, load := range [3]float64{0.0037, 0.0030, 0.0008} { // tested per person and month
		for test, part := range f.split() {
			if part == 0 {
				continue
			}
			mean := min(max(part*load*people, part*load*1500), 300)
			n := source.Poisson(mean)
			r.Tested[test][age] = n
			r.Positive[test][age] = source.Binomial(n, logistic(odds+oddsOf(test, age)))
		}
	}
}

// split is the part of the facility's patients tested by each test.
func (f Facility) split() [2]float64 {
	switch {
	case f.RDT && f.Microscopy && f.Level == Primary:
		return [2]float64{0.75, 0.25}
	case f.RDT && f.Microscopy:
		return [2]float64{0.6, 0.4}
	case f.RDT:
		return [2]float64{1, 0}
	}
	return [2]float64{0, 0.7}
}

// odds is the log odds of a positive child at the facility in a middling
// season of that month's year.
func (s *State) odds(f Facility, month int) float64 {
	risk := s.Truth.Risks[f.Ward]
	years := (float64(month) - float64(s.Options.Months-1)/2) / 12
	odds := logOdds(risk.Positivity) + risk.Trend*years
	switch f.Level {
	case Secondary:
		odds -= 0.1
	case Tertiary:
		odds -= 0.25
	}
	return odds
}

// oddsOf is how the log odds of a positive differ by test and age group from
// those of a child tested by RDT.
func oddsOf(test, age int) float64 {
	odds := [3]float64{0, -0.35, -0.5}[age]
	if test == ByMicroscopy {
		odds -= 0.2
	}
	return odds
}

// attend draws everyone else who came.
func attend(source *chance.Source, r *Report) {
	all := 0
	for age := range r.Fever {
		tested := r.Tested[ByRDT][age] + r.Tested[ByMicroscopy][age]
		r.Fever[age] = tested + source.Poisson(0.1*float64(tested))
		all += r.Fever[age]
	}
	r.OPD = all + source.Poisson(0.8*float64(all)+5)
	r.General = r.OPD + source.Poisson(0.2*float64(r.OPD)+2)
	r.Nets[0] = source.Poisson(0.4 * float64(r.Fever[Pregnant]))
	r.Nets[1] = source.Poisson(0.08 * float64(r.Fever[Under5]))
}
