// Package scan finds where cases of a disease lie closer together than chance
// explains, by Kulldorff's circular spatial scan statistic.
//
// Around the centre of every area circles are drawn that take in one more area
// at a time, up to a share of the persons at risk. Each circle's log likelihood
// ratio says how much better one rate inside and another outside describe the
// cases than one rate for all (Poisson model; Kulldorff, Communications in
// Statistics 26, 1997, p. 1485). The circle with the largest is the most likely
// cluster; of the others those that overlap no better one are secondary. To
// tell them from chance all cases are dealt out again, each person as likely as
// any other, the whole scan is repeated, and the pseudo p is (r+1)/(m+1), r
// being how many of the m repetitions had a larger best circle: one test for
// all circles, so nothing more is to be corrected. Only circles with more cases
// than expected are looked at.
//
// An area belongs to a circle when its centre does. Areas on one point, or
// equally far from a centre, enter together. Results are the same on any number
// of cores.
package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/stat/distuv"

	"chatmrpt/geo/cores"
	"chatmrpt/geo/weights"
)

// Options say what is looked for.
type Options struct {
	Share        float64 // of the persons at risk that a circle may hold at most, up to ½
	Radius       float64 // of a circle at most, in the units of the sites' distance; 0 for no limit
	Least        int     // of cases in a cluster; 2 is usual
	Permutations int     // repetitions with dealt-out cases, 999 is usual
	Seed         uint64
}

// Usual are the defaults of SaTScan.
func Usual() Options { return Options{Share: 0.5, Least: 2, Permutations: 999, Seed: 123456789} }

// Cluster is a circle with more cases than expected.
type Cluster struct {
	Centre   int     // the area in its middle
	Areas    []int   // in it, ascending
	Radius   float64 // to the centre of the farthest of them
	Cases    float64
	Persons  float64
	Expected float64 // cases, at the rate of all areas together
	Ratio    float64 // relative risk: the rate inside ÷ the rate outside; +Inf when there is no case outside
	LLR      float64 // log likelihood ratio
	P        float64
}

// MostCircles bounds the memory of a scan, 4 bytes a circle.
const MostCircles = 100_000_000

// Errors of Circles.
var (
	ErrOptions = errors.New("scan: the share must lie above 0 and up to ½, the others not be negative, and there be a repetition")
	ErrCounts  = errors.New("scan: cases and persons must be finite and not negative, and cases not be where nobody is")
	ErrFew     = errors.New("scan: fewer than two areas have persons at risk, or there are no cases")
	ErrMany    = fmt.Errorf("scan: there are more than %d circles; lower the share or the radius", MostCircles)
	ErrShape   = errors.New("scan: cases, persons and sites are of different areas")
)

// Circles returns the most likely cluster and the secondary ones, the largest
// log likelihood ratio first. Areas whose present is false take no part.
func Circles(ctx context.Context, sites *weights.Sites, cases, persons []float64, present []bool, o Options) ([]Cluster, error) {
	if !(o.Share > 0 && o.Share <= 0.5) || !(o.Radius >= 0) || o.Least < 0 || o.Permutations < 1 {
		return nil, ErrOptions
	}
	s, err := newScan(sites, cases, persons, present, o)
	if err != nil {
		return nil, err
	}
	if err := s.draw(ctx, sites); err != nil {
		return nil, err
	}
	found := s.clusters(s.cases)
	chance, err := s.repeat(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(chance)
	for i := range found {
		larger := len(chance) - lowerBound(chance, found[i].LLR-1e-9)
		found[i].P = float64(larger+1) / float64(len(chance)+1)
	}
	return found, nil
}

func lowerBound(sorted []float64, v float64) int {
	at, _ := slices.BinarySearch(sorted, v)
	return at
}

// scan is the circles and what is counted in them. Areas are numbered among
// those that take part.
type scan struct {
	Options
	of      []int // which area of the map each is
	cases   []float64
	persons []float64
	share   []float64 // of each area's persons in all
	total   float64   // cases
	all     float64   // persons
	circles [][]step  // by centre: what its circles take in, one after another
	radius  [][]float32
}

// step is an area that a circle takes in; a negative one (its complement) is
// as far as the next, so no circle ends there.
type step int32

func newScan(sites *weights.Sites, cases, persons []float64, present []bool, o Options) (*scan, error) {
	if len(cases) != sites.Len() || len(persons) != len(cases) || len(present) != len(cases) {
		return nil, ErrShape
	}
	s := &scan{Options: o}
	for i, c := range cases {
		if !present[i] || !sites.Known(i) {
			continue
		}
		p := persons[i]
		if !(c >= 0) || !(p >= 0) || math.IsInf(c, 1) || math.IsInf(p, 1) || p == 0 && c > 0 {
			return nil, fmt.Errorf("%w: %v of %v in area %d", ErrCounts, c, p, i)
		}
		if p == 0 {
			continue
		}
		s.of, s.cases, s.persons = append(s.of, i), append(s.cases, c), append(s.persons, p)
		s.total += c
		s.all += p
	}
	if len(s.of) < 2 || s.total == 0 {
		return nil, ErrFew
	}
	for _, p := range s.persons {
		s.share = append(s.share, p/s.all)
	}
	return s, nil
}

// draw orders, for every centre, the areas that its circles take in.
func (s *scan) draw(ctx context.Context, sites *weights.Sites) error {
	s.circles, s.radius = make([][]step, len(s.of)), make([][]float32, len(s.of))
	var count atomic.Int64
	err := cores.Share(ctx, len(s.of), 16, func(from, to int) {
		order := make([]distant, len(s.of))
		for i := from; i < to && count.Load() <= MostCircles; i++ {
			for j := range order {
				order[j] = distant{int32(j), sites.Distance(s.of[i], s.of[j])}
			}
			s.take(i, order)
			count.Add(int64(len(s.circles[i])))
		}
	})
	if err == nil && count.Load() > MostCircles {
		return ErrMany
	}
	return err
}

// distant is an area and how far it is from a centre.
type distant struct {
	area int32
	at   float64
}

func (d distant) before(o distant) bool {
	return d.at < o.at || d.at == o.at && d.area < o.area
}

// queue gives areas out, the nearest first. Circles take in a part of the areas
// only, so it pays not to sort them all.
type queue []distant

func newQueue(all []distant) queue {
	q := queue(all)
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
	return q
}

func (q queue) sink(i int) {
	for child := 2*i + 1; child < len(q); child = 2*i + 1 {
		if child+1 < len(q) && q[child+1].before(q[child]) {
			child++
		}
		if !q[child].before(q[i]) {
			return
		}
		q[i], q[child] = q[child], q[i]
		i = child
	}
}

func (q *queue) pop() distant {
	first := (*q)[0]
	last := len(*q) - 1
	(*q)[0] = (*q)[last]
	*q = (*q)[:last]
	q.sink(0)
	return first
}

// take keeps of all areas those that circles around i may hold, in the order in
// which they enter.
func (s *scan) take(i int, all []distant) {
	q := newQueue(all)
	inside, whole := 0.0, 0
	var steps []step
	var radius []float32
	for len(q) > 0 {
		d := q.pop()
		inside += s.persons[d.area]
		if inside > s.Share*s.all || s.Radius > 0 && d.at > s.Radius {
			break
		}
		v := step(d.area)
		if len(q) > 0 && q[0].at == d.at {
			v = ^v
		} else {
			whole = len(steps) + 1
		}
		steps, radius = append(steps, v), append(radius, float32(d.at))
	}
	// What shares its distance with an area left out can't end a circle.
	s.circles[i], s.radius[i] = slices.Clone(steps[:whole]), slices.Clone(radius[:whole])
}

// llr is the log likelihood ratio of a circle with c cases and e expected.
func llr(c, e, total float64) float64 {
	out := c * math.Log(c/e)
	if c < total {
		out += (total - c) * math.Log((total-c)/(total-e))
	}
	return out
}

// count is the cases of an area and its share of all persons, side by side
// because they are always read together.
type count struct{ cases, share float64 }

func (s *scan) counts(cases []float64) []count {
	out := make([]count, len(cases))
	for i, c := range cases {
		out[i] = count{c, s.share[i]}
	}
	return out
}

// best is the best circle of a centre.
type best struct {
	centre, steps int
	llr           float64
}

// around returns the best circle around a centre, of those better than least.
//
// Logarithms are dear and few circles matter: by ln x ≤ x−1 the ratio is at
// most (c−e)²·total ÷ (e·(total−e)), so a circle for which that is no more
// than the best so far is passed over.
func (s *scan) around(centre int, counts []count, least float64) best {
	b := best{centre: centre, llr: least}
	c, share, total := 0.0, 0.0, s.total
	fewest := float64(s.Least)
	for k, v := range s.circles[centre] {
		area := v
		if v < 0 {
			area = ^v
		}
		c += counts[area].cases
		share += counts[area].share
		e := share * total
		d := c - e
		if v < 0 || d <= 0 || c < fewest || d*d*total <= b.llr*e*(total-e) {
			continue
		}
		if r := llr(c, e, total); r > b.llr {
			b.llr, b.steps = r, k+1
		}
	}
	return b
}

// clusters returns the best circle of every centre that overlaps no better one.
func (s *scan) clusters(cases []float64) []Cluster {
	all := make([]best, 0, len(s.of))
	counts := s.counts(cases)
	for i := range s.of {
		if b := s.around(i, counts, 0); b.steps > 0 {
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b best) int { return cmp.Compare(b.llr, a.llr) })
	taken := make([]bool, len(s.of))
	var out []Cluster
	for _, b := range all {
		if c, free := s.cluster(b, cases, taken); free {
			out = append(out, c)
		}
	}
	return out
}

// cluster describes a circle, and takes its areas unless one is taken.
func (s *scan) cluster(b best, cases []float64, taken []bool) (Cluster, bool) {
	c := Cluster{Centre: s.of[b.centre], LLR: b.llr, Radius: float64(s.radius[b.centre][b.steps-1])}
	var areas []int
	for _, v := range s.circles[b.centre][:b.steps] {
		if v < 0 {
			v = ^v
		}
		if taken[v] {
			return c, false
		}
		areas = append(areas, int(v))
		c.Areas = append(c.Areas, s.of[v])
		c.Cases += cases[v]
		c.Persons += s.persons[v]
	}
	for _, a := range areas {
		taken[a] = true
	}
	slices.Sort(c.Areas)
	c.Expected = s.total * c.Persons / s.all
	c.Ratio = math.Inf(1)
	if outside := (s.total - c.Cases) / (s.all - c.Persons); outside > 0 {
		c.Ratio = c.Cases / c.Persons / outside
	}
	return c, true
}

// repeat deals out the cases again and again and returns the largest ratio of
// each time.
func (s *scan) repeat(ctx context.Context) ([]float64, error) {
	out := make([]float64, s.Permutations)
	err := cores.Share(ctx, s.Permutations, 1, func(from, to int) {
		cases := make([]float64, len(s.of))
		for k := from; k < to && ctx.Err() == nil; k++ {
			s.deal(rand.NewPCG(s.Seed, uint64(k)), cases)
			largest, counts := 0.0, s.counts(cases)
			for i := range s.of {
				largest = s.around(i, counts, largest).llr
			}
			out[k] = largest
		}
	})
	return out, err
}

// deal gives every case to an area, by its persons: a multinomial, drawn area
// by area as binomials of what is left. The total is rounded to whole cases.
func (s *scan) deal(source rand.Source, cases []float64) {
	left, share := math.Round(s.total), 1.0
	for i, p := range s.share {
		cases[i] = 0
		if left == 0 {
			continue
		}
		if i == len(s.share)-1 || p >= share {
			cases[i], left = left, 0
			continue
		}
		cases[i] = distuv.Binomial{N: left, P: min(1, p/share), Src: source}.Rand()
		left -= cases[i]
		share -= p
	}
}
