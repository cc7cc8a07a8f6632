// Package fallback finds what may stand in for a ward's positivity that is
// missing or rests on too little: figures of more months, of the LGA, of the
// year before, of the state, in the order the user gives. Each stand-in says
// which it is; nothing is filled in that was not asked for.
//
// The order and the triggers follow sntmethods of ahadi-analytics (3-month
// rolling, second administrative level, the year before ±2 months, first
// level; fewer than five tests; below 0.01 or above 0.99). There the rolling
// figure is the facility's; here it is the ward's, as every figure is.
package fallback

import (
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/surveillance"
)

// Step is where a figure comes from.
type Step string

// The steps. Own is the ward's own figure and None that there is no figure.
const (
	Own      Step = "own"
	None     Step = "none"
	Rolling  Step = "rolling"   // the ward, one month more on either side
	LGA      Step = "lga"       // the LGA in the same period
	LastYear Step = "last-year" // the ward a year before, two months more on either side
	State    Step = "state"     // the state in the same period
)

// Steps lists what can be asked for, in the usual order.
func Steps() []Step { return []Step{Rolling, LGA, LastYear, State} }

// Words names a step in a sentence and in source marks.
func (s Step) Words() string {
	switch s {
	case Own:
		return "facility"
	case Rolling:
		return "one month more on either side"
	case LGA:
		return "LGA"
	case LastYear:
		return "last year ±2 months"
	case State:
		return "state"
	}
	return "no data"
}

// ParseSteps reads a list such as "rolling,lga"; "none" and "" are no steps.
func ParseSteps(text string) ([]Step, error) {
	if text == "" || text == string(None) {
		return nil, nil
	}
	var out []Step
	for _, part := range strings.Split(text, ",") {
		s := Step(strings.TrimSpace(part))
		if !slices.Contains(Steps(), s) || slices.Contains(out, s) {
			return nil, problem.New(problem.Usage, "", "--fallback", fmt.Sprintf("%q is no order of stand-ins", text),
				"Give some of rolling, lga, last-year, state, each once, in the order in which they are to be tried, or none")
		}
		out = append(out, s)
	}
	return out, nil
}

// Rules say when a figure is replaced and by what.
type Rules struct {
	Steps    []Step
	MinTests float64 // a figure of fewer tests is not believed; 0 believes any
	Extreme  float64 // nor one below this share or above 1 less this share; 0 believes any
}

// believed reports whether a ward's own figure is kept.
func (r Rules) believed(w surveillance.Ward) bool {
	v, ok := w.Value()
	return ok && w.Denominator >= r.MinTests && !(v < r.Extreme) && !(v > 1-r.Extreme && r.Extreme > 0)
}

// String gives the rules in words.
func (r Rules) String() string {
	if len(r.Steps) == 0 {
		return "no stand-ins"
	}
	words := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		words[i] = s.Words()
	}
	when := "missing"
	if r.MinTests > 0 {
		when += fmt.Sprintf(", or of fewer than %g tests", r.MinTests)
	}
	if r.Extreme > 0 {
		when += fmt.Sprintf(", or below %g or above %g", r.Extreme, 1-r.Extreme)
	}
	return "stand-ins where the ward's own figure is " + when + ": " + strings.Join(words, ", then ")
}

// Figure is what is used for one ward and period.
type Figure struct {
	surveillance.Ward
	Step Step
}

// Areas place the wards: the number of the LGA and the state of each, −1 for
// none, and how many of either there are.
type Areas struct {
	LGA, State   []int
	LGAs, States int
}

// Span is a period by its canonical ends, both inclusive.
type Span struct{ First, Last string }

// shifted is the span in months with both ends moved; false where the ends are
// weeks or days.
func (s Span) shifted(first, last int) (Span, bool) {
	begin, _, okA := surveillance.MonthsOf(s.First)
	_, end, okB := surveillance.MonthsOf(s.Last)
	if !okA || !okB {
		return Span{}, false
	}
	a, okA := surveillance.ShiftMonths(begin, first)
	b, okB := surveillance.ShiftMonths(end, last)
	return Span{a, b}, okA && okB
}

// Fill gives the figure of every ward in the period of own, which are its own
// sums. history holds all the records, as finely as they tell time apart. A
// stand-in needs MinTests too; a ward for which none is found keeps its own
// figure when there is one, and that is told by Own.
func Fill(own []surveillance.Ward, period Span, history *surveillance.Cells, a Areas, r Rules) []Figure {
	out := make([]Figure, len(own))
	sources := make([]source, len(r.Steps))
	for i, s := range r.Steps {
		sources[i] = sourceOf(s, own, period, history, a)
	}
	for i, w := range own {
		out[i] = Figure{w, Own}
		if !w.HasData {
			out[i].Step = None
		}
		if r.believed(w) {
			continue
		}
		for k, s := range sources {
			if f, ok := s(i); ok && f.HasData && f.Denominator >= r.MinTests {
				out[i] = Figure{f, r.Steps[k]}
				break
			}
		}
	}
	return out
}

// source gives the figure that a step has for a ward.
type source func(ward int) (surveillance.Ward, bool)

func sourceOf(s Step, own []surveillance.Ward, period Span, history *surveillance.Cells, a Areas) source {
	nothing := func(int) (surveillance.Ward, bool) { return surveillance.Ward{}, false }
	switch s {
	case Rolling, LastYear:
		first, last := -1, 1
		if s == LastYear {
			first, last = -12-2, -12+2
		}
		span, ok := period.shifted(first, last)
		if !ok {
			return nothing
		}
		sums, found := history.Window(span.First, span.Last)
		if !found {
			return nothing
		}
		return func(i int) (surveillance.Ward, bool) { return sums[i], true }
	}
	of, n := a.LGA, a.LGAs
	if s == State {
		of, n = a.State, a.States
	}
	groups := (&surveillance.Cells{Query: history.Query, Wards: [][]surveillance.Ward{own}, Unplaced: make([]surveillance.Ward, 1)}).Group(of, n).Wards[0]
	return func(i int) (surveillance.Ward, bool) {
		if of[i] < 0 {
			return surveillance.Ward{}, false
		}
		return groups[of[i]], true
	}
}
