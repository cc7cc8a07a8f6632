// Package smooth steadies rates of small numbers by empirical Bayes: a rate of
// few persons is drawn towards the mean of all areas, or of the area's
// neighbours, one of many persons hardly moves. The raw rate is always kept
// beside the smoothed one.
//
// Formulas. With events e, persons at risk p, raw rates r = e/p, their mean
// b = Σe/Σp and weighted variance s² = Σ p(r−b)²/Σp, the smoothed rate is
// w·r + (1−w)·b. For counts (Poisson; Marshall, Applied Statistics 40, 1991,
// as in GeoDa, esda and spdep's EBest) w = a/(a + b/p) with a = s² − b/p̄. For
// shares (Binomial; Martuzzi and Elliott, Statistics in Medicine 15, 1996, as
// spdep's EBest family "binomial") the variance of a share takes the place of
// that of a count. When a is negative, the rates vary less than chance alone
// would make them: a is taken as 0, every rate becomes the mean, and the result
// says so.
package smooth

import (
	"errors"
	"fmt"
	"math"

	"chatmrpt/geo/weights"
)

// Family says what the events are.
type Family string

// The families.
const (
	Poisson  Family = "poisson"  // rare events among many persons
	Binomial Family = "binomial" // a share of those examined, such as positive tests
)

// Errors of the functions of this package.
var (
	ErrNoRates = errors.New("smooth: no area has persons at risk")
	ErrEvents  = errors.New("smooth: events and persons must be finite and not negative, and a share's events no more than its persons")
	ErrFamily  = errors.New("smooth: no such family of rates")
	ErrShape   = errors.New("smooth: events, persons and neighbours are of different areas")
)

// Rates are the raw and the smoothed rate of every area.
type Rates struct {
	Raw      []float64
	Smoothed []float64
	Known    []bool    // false where there are no persons at risk or no figures, and so no rate
	Weight   []float64 // of the raw rate in the smoothed one, 0 to 1

	Mean     float64 // b, of all areas together; 0 for Local
	Variance float64 // the estimate of a of all areas, before it is taken as 0; 0 for Local
	Negative []int   // the areas whose rate was drawn all the way because a was negative
	Alone    []int   // for Local: areas without a neighbour with a rate, left as they are
}

// Counts are the events and the persons at risk of every area; Present is false
// where either isn't known.
type Counts struct {
	Events, Persons []float64
	Present         []bool
}

func (c Counts) check(f Family) error {
	if f != Poisson && f != Binomial {
		return fmt.Errorf("%w: %q", ErrFamily, string(f))
	}
	if len(c.Events) != len(c.Persons) || len(c.Events) != len(c.Present) {
		return ErrShape
	}
	for i, known := range c.Present {
		e, p := c.Events[i], c.Persons[i]
		if known && (!(e >= 0) || !(p >= 0) || math.IsInf(e, 1) || math.IsInf(p, 1) || f == Binomial && e > p) {
			return fmt.Errorf("%w: %v of %v in area %d", ErrEvents, e, p, i)
		}
	}
	return nil
}

// usable reports whether area i has a rate.
func (c Counts) usable(i int) bool { return c.Present[i] && c.Persons[i] > 0 }

// prior is what a rate is drawn to, and how far rates truly lie apart.
type prior struct {
	mean     float64 // b
	variance float64 // a for counts, s² for shares
	persons  float64 // p̄, the mean of the persons at risk
	negative bool
}

// priorOf estimates from the given areas.
func (c Counts) priorOf(areas []int, f Family) prior {
	events, persons := 0.0, 0.0
	for _, i := range areas {
		events += c.Events[i]
		persons += c.Persons[i]
	}
	b, ss := events/persons, 0.0
	for _, i := range areas {
		d := c.Events[i]/c.Persons[i] - b
		ss += c.Persons[i] * d * d
	}
	q := prior{mean: b, persons: persons / float64(len(areas))}
	s2 := ss / persons
	if f == Binomial {
		q.variance, q.negative = s2, s2 < b*(1-b)/q.persons
		return q
	}
	q.variance = s2 - b/q.persons
	q.negative = q.variance < 0
	return q
}

// weight is how much the raw rate of p persons counts.
func (q prior) weight(p float64, f Family) float64 {
	if q.negative {
		return 0
	}
	top, bottom := q.variance, q.variance+q.mean/p
	if f == Binomial {
		chance := q.mean * (1 - q.mean)
		top = p * (q.variance - chance/q.persons)
		bottom = (p-1)*q.variance + (q.persons-p)/q.persons*chance
	}
	if !(bottom > 0) {
		return 0 // no rate differs from the mean
	}
	return min(1, max(0, top/bottom))
}

func newRates(n int) *Rates {
	return &Rates{Raw: make([]float64, n), Smoothed: make([]float64, n), Known: make([]bool, n), Weight: make([]float64, n)}
}

func (r *Rates) set(c Counts, i int, q prior, f Family) {
	w := q.weight(c.Persons[i], f)
	r.Raw[i] = c.Events[i] / c.Persons[i]
	r.Smoothed[i] = w*r.Raw[i] + (1-w)*q.mean
	r.Known[i], r.Weight[i] = true, w
	if q.negative {
		r.Negative = append(r.Negative, i)
	}
}

// Global draws every rate towards the mean of all areas.
func Global(c Counts, f Family) (*Rates, error) {
	if err := c.check(f); err != nil {
		return nil, err
	}
	var areas []int
	for i := range c.Events {
		if c.usable(i) {
			areas = append(areas, i)
		}
	}
	if len(areas) == 0 {
		return nil, ErrNoRates
	}
	q := c.priorOf(areas, f)
	r := newRates(len(c.Events))
	r.Mean, r.Variance = q.mean, q.variance
	if f == Binomial {
		r.Variance = q.variance - q.mean*(1-q.mean)/q.persons
	}
	for _, i := range areas {
		r.set(c, i, q, f)
	}
	return r, nil
}

// Local draws every rate towards the mean of the area and its neighbours (as
// GeoDa's and esda's spatial empirical Bayes and spdep's EBlocal with geoda =
// TRUE). An area none of whose neighbours has a rate keeps its own.
func Local(c Counts, n weights.Neighbours, f Family) (*Rates, error) {
	if err := c.check(f); err != nil {
		return nil, err
	}
	if len(n) != len(c.Events) {
		return nil, ErrShape
	}
	r := newRates(len(c.Events))
	found := false
	for i := range c.Events {
		if !c.usable(i) {
			continue
		}
		found = true
		near := []int{i}
		for _, j := range n[i] {
			if j != i && c.usable(j) {
				near = append(near, j)
			}
		}
		if len(near) == 1 {
			r.Raw[i] = c.Events[i] / c.Persons[i]
			r.Smoothed[i], r.Known[i], r.Weight[i] = r.Raw[i], true, 1
			r.Alone = append(r.Alone, i)
			continue
		}
		r.set(c, i, c.priorOf(near, f), f)
	}
	if !found {
		return nil, ErrNoRates
	}
	return r, nil
}

// Standardised returns what the empirical Bayes Moran's I is computed of: the
// rates minus their mean, each divided by its own standard deviation √(a + b/p)
// (Assunção and Reis, Statistics in Medicine 18, 1999, as in spdep, which like
// GeoDa takes √(b/p) where a + b/p is negative). Areas without a rate are left
// at 0 and not known.
func Standardised(c Counts) (z []float64, known []bool, err error) {
	r, err := Global(c, Poisson)
	if err != nil {
		return nil, nil, err
	}
	a := max(0, r.Variance)
	z = make([]float64, len(c.Events))
	for i, ok := range r.Known {
		if ok && r.Mean > 0 {
			z[i] = (r.Raw[i] - r.Mean) / math.Sqrt(a+r.Mean/c.Persons[i])
		}
	}
	return z, r.Known, nil
}
