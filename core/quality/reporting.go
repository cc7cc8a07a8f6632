package quality

import "slices"

// Activity says in which periods a facility counts as open, and so is expected
// to report: the denominator of a reporting rate. The three rules are those of
// sntutils' classify_facility_activity, its methods 1 to 3.
type Activity int

// The rules.
const (
	SinceFirst   Activity = iota // from its first report on, for good
	FirstToLast                  // from its first report to its last
	UntilSilence                 // from its first report on, but not while silent for a whole window of periods or more
)

// Activities lists the rules in the order of every output.
func Activities() []Activity { return []Activity{SinceFirst, FirstToLast, UntilSilence} }

// String names the rule in words.
func (a Activity) String() string {
	return [...]string{"from the first report on", "from the first report to the last", "from the first report on, long silences left out"}[a]
}

// Active gives, for every facility and period (facility × len(Periods) +
// period), whether the facility counts as open. A facility that never reported
// is never open. window is the least number of silent periods in a row after
// which UntilSilence takes a facility for closed, from the first of them to
// the last; it opens again when it reports.
func (p *Panel) Active(a Activity, window int) []bool {
	out := make([]bool, len(p.reported))
	for f := range p.Facilities {
		from, to := p.span(f)
		p.activate(out[from:to], p.reported[from:to], a, window)
	}
	return out
}

func (p *Panel) activate(active, reported []bool, a Activity, window int) {
	first := slices.Index(reported, true)
	if first < 0 {
		return
	}
	last := len(reported) - 1
	if a == FirstToLast {
		for !reported[last] {
			last--
		}
	}
	for i := first; i <= last; i++ {
		active[i] = true
	}
	if a != UntilSilence {
		return
	}
	for _, gap := range silences(reported, window) {
		for i := gap.from; i <= gap.to; i++ {
			active[i] = false
		}
	}
}

// gap is a stretch of periods, both ends inclusive.
type gap struct{ from, to int }

// silences lists the stretches of at least window periods without a report
// after the first report.
func silences(reported []bool, window int) []gap {
	var out []gap
	last := slices.Index(reported, true)
	for i := last + 1; last >= 0 && i <= len(reported); i++ {
		if i < len(reported) && !reported[i] {
			continue
		}
		if i-last-1 >= window {
			out = append(out, gap{last + 1, i - 1})
		}
		last = i
	}
	return out
}

// Reporting is how many facilities reported in one period, of how many.
type Reporting struct {
	Period   string
	Reported int    // facilities with a value of a key indicator, nought included
	Known    int    // facilities of the file, as if a data set were expected of each
	Active   [3]int // open ones, by Activities
	// Weighted is the share of what the open facilities (UntilSilence) usually
	// test that was reported: each counts by its mean number of tests in the
	// periods it reported. HasWeight is false when none of them ever tested.
	Weighted  float64
	HasWeight bool
}

// Rate is the share that reported of the facilities open under a rule, false
// when none was.
func (r Reporting) Rate(a Activity) (float64, bool) { return share(r.Reported, r.Active[a]) }

// KnownRate is the share that reported of all facilities of the file.
func (r Reporting) KnownRate() (float64, bool) { return share(r.Reported, r.Known) }

func share(n, of int) (float64, bool) {
	if of == 0 {
		return 0, false
	}
	return float64(n) / float64(of), true
}

// Reporting gives the reporting of every period.
func (p *Panel) Reporting(window int) []Reporting {
	out := make([]Reporting, len(p.Periods))
	for i := range out {
		out[i] = Reporting{Period: p.Periods[i], Known: len(p.Facilities)}
	}
	var active [3][]bool
	for _, a := range Activities() {
		active[a] = p.Active(a, window)
	}
	usual := p.usualTests()
	given, expected := make([]float64, len(out)), make([]float64, len(out))
	for f := range p.Facilities {
		from, to := p.span(f)
		for at := from; at < to; at++ {
			i := at - from
			if p.reported[at] {
				out[i].Reported++
				given[i] += usual[f]
			}
			for a := range active {
				if active[a][at] {
					out[i].Active[a]++
				}
			}
			if active[UntilSilence][at] {
				expected[i] += usual[f]
			}
		}
	}
	for i := range out {
		if expected[i] > 0 {
			out[i].Weighted, out[i].HasWeight = given[i]/expected[i], true
		}
	}
	return out
}

// usualTests is each facility's mean number of tests over the periods in which
// it reported.
func (p *Panel) usualTests() []float64 {
	sums, periods := make([]float64, len(p.Facilities)), make([]int, len(p.Facilities))
	tested := p.tested()
	for row, f := range p.facility {
		if f < 0 {
			continue
		}
		for _, t := range tested {
			if v, ok := t.col.Number(row); ok {
				sums[f] += v
			}
		}
	}
	for f := range p.Facilities {
		from, to := p.span(f)
		for _, r := range p.reported[from:to] {
			if r {
				periods[f]++
			}
		}
		if periods[f] > 0 {
			sums[f] /= float64(periods[f])
		}
	}
	return sums
}

// Silence is a facility's longest stretch without a report.
type Silence struct {
	Facility Facility
	From, To string // first and last silent period
	Periods  int
	Resumed  bool // it reported again afterwards
	Never    bool // it never reported a key indicator: the stretch is the whole file
}

// Silent lists the facilities with at least window periods in a row without a
// report after their first, or without any report; the longest silence first.
func (p *Panel) Silent(window int) []Silence {
	var out []Silence
	for f, who := range p.Facilities {
		from, to := p.span(f)
		reported := p.reported[from:to]
		if !slices.Contains(reported, true) {
			if len(p.Periods) >= window {
				out = append(out, Silence{who, p.Periods[0], p.Periods[len(p.Periods)-1], len(p.Periods), false, true})
			}
			continue
		}
		longest := gap{0, -1}
		for _, g := range silences(reported, window) {
			if g.to-g.from >= longest.to-longest.from {
				longest = g // of equals the latest
			}
		}
		if n := longest.to - longest.from + 1; n > 0 {
			out = append(out, Silence{who, p.Periods[longest.from], p.Periods[longest.to], n, longest.to < len(reported)-1, false})
		}
	}
	slices.SortStableFunc(out, func(a, b Silence) int { return b.Periods - a.Periods })
	return out
}
