// Package incidence corrects counts of confirmed malaria cases for the cases
// that were not tested, not reported and not brought to a public facility:
// the steps N0 to N5 of subnational tailoring.
//
//	N0  confirmed cases
//	N1  N0 + untested cases × test positivity rate
//	N2  N1 ÷ reporting rate
//	N3  N2 × (1 + private/public + none/public)
//	N4  N2 × (1 + none/public), where private cases are in the records already
//	N5  N2 × (1 + none/2/public), the cautious form
//
// where public, private and none are the shares of children with fever who
// were taken to a public facility, a private one or nowhere (WHO World Malaria
// Report, annex 1; Thwing et al., Malaria Journal 2020; the forms N3 to N5 as
// in sntmethods of ahadi-analytics). When the three shares sum to one, N3 is
// N2 ÷ public.
//
// A step that lacks what it needs has no value and neither have those built on
// it: an unknown positivity is not the positivity one, and a reporting rate of
// nought says that nothing is known.
package incidence

import "math"

// Steps is how many there are.
const Steps = 6

// Untested says how untested cases are counted.
type Untested string

// The ways.
const (
	Presumed  Untested = "presumed"  // persons treated as cases without a test
	Suspected Untested = "suspected" // persons with fever less persons tested
	Left      Untested = "none"      // not counted: N1 is N0
)

// Shares are where fever is taken, each between 0 and 1.
type Shares struct{ Public, Private, None float64 }

// Known reports whether the shares can be used: public above nought, none
// below it, and not more than all together.
func (s Shares) Known() bool {
	return s.Public > 0 && s.Private >= 0 && s.None >= 0 && s.Public+s.Private+s.None <= 1+1e-9
}

// Number is a figure that may be unknown.
type Number struct {
	V  float64
	OK bool
}

// Of makes a known number; NaN and the infinities are unknown.
func Of(v float64) Number {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Number{}
	}
	return Number{v, true}
}

// Counts are what the records say of one ward in one period.
type Counts struct {
	Confirmed, Tested, Presumed, Suspected Number
	Positivity                             Number // positives ÷ tested, or what stands in for it
	Received, Expected                     float64
}

// Cases are the steps of one ward and period, in persons.
type Cases struct {
	N             [Steps]Number
	Untested      Number // cases without a test, before × positivity
	ReportingRate Number
}

// Adjust takes the steps for one period. Without a report, or without a
// confirmed count, nothing is known.
func Adjust(c Counts, how Untested, s Shares) Cases {
	out := Cases{Untested: untested(c, how)}
	if c.Expected > 0 {
		out.ReportingRate = Of(c.Received / c.Expected)
	}
	out.N[0] = c.Confirmed
	if c.Confirmed.OK && out.Untested.OK {
		switch {
		case out.Untested.V == 0:
			out.N[1] = c.Confirmed
		case c.Positivity.OK:
			out.N[1] = Of(c.Confirmed.V + out.Untested.V*c.Positivity.V)
		}
	}
	out.correct(s)
	return out
}

// untested counts the cases that were not tested. More tests than suspected
// cases is a fault of the records; it leaves nobody untested.
func untested(c Counts, how Untested) Number {
	switch how {
	case Presumed:
		return c.Presumed
	case Suspected:
		if c.Suspected.OK && c.Tested.OK {
			return Of(max(0, c.Suspected.V-c.Tested.V))
		}
		return Number{}
	}
	return Of(0)
}

// correct takes the steps from N1 and the reporting rate on.
func (c *Cases) correct(s Shares) {
	if c.N[1].OK && c.ReportingRate.OK && c.ReportingRate.V > 0 {
		c.N[2] = Of(c.N[1].V / c.ReportingRate.V)
	}
	if !c.N[2].OK || !s.Known() {
		return
	}
	c.N[3] = Of(c.N[2].V * (1 + s.Private/s.Public + s.None/s.Public))
	c.N[4] = Of(c.N[2].V * (1 + s.None/s.Public))
	c.N[5] = Of(c.N[2].V * (1 + s.None/2/s.Public))
}

// Sum adds up periods of one ward. N0, untested and N1 are sums over the
// periods that have reports; the reporting rate is Σ received ÷ Σ expected
// over all periods, so that a silent month makes the rate smaller instead of
// being a month without cases. N1 is unknown when that of any reporting period
// is.
func Sum(counts []Counts, periods []Cases, s Shares) Cases {
	var out Cases
	var received, expected float64
	reported := false
	out.N[1], out.Untested = Of(0), Of(0)
	for i, c := range periods {
		received, expected = received+counts[i].Received, expected+counts[i].Expected
		if !c.N[0].OK {
			continue
		}
		reported = true
		out.N[0] = Of(out.N[0].V + c.N[0].V)
		out.N[1] = plus(out.N[1], c.N[1])
		out.Untested = plus(out.Untested, c.Untested)
	}
	if !reported {
		return Cases{}
	}
	if expected > 0 {
		out.ReportingRate = Of(received / expected)
	}
	out.correct(s)
	return out
}

func plus(a, b Number) Number {
	if !a.OK || !b.OK {
		return Number{}
	}
	return Of(a.V + b.V)
}

// Words gives step n in words, as it is taken with the given ways.
func Words(n int, how Untested) string {
	without := map[Untested]string{
		Presumed: "cases treated without a test × positivity", Suspected: "(persons with fever − persons tested) × positivity", Left: "nothing for untested cases",
	}[how]
	return [Steps]string{
		"confirmed cases",
		"N0 + " + without,
		"N1 ÷ reporting rate",
		"N2 × (1 + private ÷ public + none ÷ public)",
		"N2 × (1 + none ÷ public): private cases are in the records already",
		"N2 × (1 + none ÷ 2 ÷ public): the cautious form",
	}[n]
}
