package ring

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Mender repairs the faults that hand-drawn and simplified borders have. It
// holds the budget of comparisons for one file, as Grouper does.
type Mender struct {
	left  int64
	order []int32 // used again from ring to ring
}

// NewMender makes a Mender with a budget of a thousand million comparisons of
// edges, a few seconds; a national layer of 1.5 million points needs thirty
// million.
func NewMender() *Mender { return &Mender{left: 1e9} }

// Mended says what was wrong with a ring.
type Mended struct {
	Duplicates int       // points that repeated the one before
	Spikes     int       // points where the line went out and straight back
	Crossings  int       // places where the ring crossed itself
	At         orb.Point // one of the crossings, or of the spikes
	Unchecked  bool      // too tangled to look for crossings
}

// Any reports whether anything was wrong.
func (m Mended) Any() bool { return m.Duplicates > 0 || m.Spikes > 0 || m.Crossings > 0 || m.Unchecked }

// Mend repairs a closed ring. Repeated points and spikes are taken out; a ring
// that crosses itself, such as a bow-tie, is cut at the crossings into rings
// that don't. Of those, one inside another that turns the same way encloses
// ground that is enclosed already and is dropped; one that turns the other way
// is a hole; all others are areas of their own. A sound ring comes back as it
// is, the same memory; of a ring that encloses nothing nothing does.
func (m *Mender) Mend(r orb.Ring) ([]orb.Ring, Mended) {
	r, found := clean(r)
	if len(r) < 4 {
		return nil, found
	}
	crossings, ok := m.crossings(r)
	if !ok {
		found.Unchecked = true
	}
	if len(crossings) == 0 {
		if !IsArea(r) {
			return nil, found
		}
		return []orb.Ring{r}, found
	}
	found.Crossings, found.At = len(crossings), crossings[0].at
	return sift(loops(r, crossings)), found
}

// clean takes out repeated points and spikes.
func clean(r orb.Ring) (orb.Ring, Mended) {
	var found Mended
	if isClean(r) {
		return r, found
	}
	open := r[:len(r)-1]
	out := make(orb.Ring, 0, len(r))
	add := func(p orb.Point) {
		for {
			n := len(out)
			switch {
			case n > 0 && out[n-1] == p:
				found.Duplicates++
				return
			case n > 1 && isSpike(out[n-2], out[n-1], p):
				found.Spikes++
				found.At = out[n-1]
				out = out[:n-1]
				continue
			}
			break
		}
		out = append(out, p)
	}
	for _, p := range open {
		add(p)
	}
	// The end meets the beginning: a fault there shows only now.
	for n := len(out); n > 2; n = len(out) {
		switch {
		case out[n-1] == out[0]:
			found.Duplicates++
		case isSpike(out[n-2], out[n-1], out[0]):
			found.Spikes++
			found.At = out[n-1]
		case isSpike(out[n-1], out[0], out[1]):
			found.Spikes++
			found.At = out[0]
			out[0] = out[n-1]
		default:
			return append(out, out[0]), found
		}
		out = out[:n-1]
	}
	return nil, found
}

// isClean is the quick look that most rings pass.
func isClean(r orb.Ring) bool {
	n := len(r) - 1
	for i := range n {
		if r[i] == r[i+1] || isSpike(r[(i+n-1)%n], r[i], r[i+1]) {
			return false
		}
	}
	return true
}

// isSpike reports whether the way from a to b goes straight back to c.
func isSpike(a, b, c orb.Point) bool {
	ux, uy, vx, vy := b[0]-a[0], b[1]-a[1], c[0]-b[0], c[1]-b[1]
	return ux*vy == uy*vx && ux*vx+uy*vy < 0
}

// crossing is where edges i and j of a ring cross.
type crossing struct {
	i, j   int
	ti, tj float64 // along the edges, 0 to 1
	at     orb.Point
}

// crossings finds where edges of a ring cross in their midst. Edges are taken
// from west to east, each compared with those that begin before it ends. It is
// false when the budget is used up or the ring crosses itself too often.
func (m *Mender) crossings(r orb.Ring) ([]crossing, bool) {
	n := len(r) - 1
	west := func(i int32) float64 { return min(r[i][0], r[i+1][0]) }
	m.order = m.order[:0]
	for i := range n {
		m.order = append(m.order, int32(i))
	}
	slices.SortFunc(m.order, func(a, b int32) int { return cmp.Compare(west(a), west(b)) })
	var out []crossing
	for k, i := range m.order {
		east := max(r[i][0], r[i+1][0])
		low, high := min(r[i][1], r[i+1][1]), max(r[i][1], r[i+1][1])
		for _, j := range m.order[k+1:] {
			if west(j) > east {
				break
			}
			if m.left--; m.left < 0 || len(out) > n {
				return nil, false
			}
			if max(r[j][1], r[j+1][1]) < low || min(r[j][1], r[j+1][1]) > high {
				continue
			}
			if c, ok := cross(r, int(i), int(j)); ok {
				out = append(out, c)
			}
		}
	}
	return out, true
}

// cross finds where two edges cross, each having an end on either side of the
// other; edges that only touch don't cross.
func cross(r orb.Ring, i, j int) (crossing, bool) {
	a, b, c, d := r[i], r[i+1], r[j], r[j+1]
	sideC, sideD := turn(a, b, c), turn(a, b, d)
	if !(sideC > 0 && sideD < 0 || sideC < 0 && sideD > 0) {
		return crossing{}, false
	}
	sideA, sideB := turn(c, d, a), turn(c, d, b)
	if !(sideA > 0 && sideB < 0 || sideA < 0 && sideB > 0) {
		return crossing{}, false
	}
	t := sideA / (sideA - sideB)
	p := orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
	if p == a || p == b || p == c || p == d { // nearer than numbers can tell
		return crossing{}, false
	}
	return crossing{i: i, j: j, ti: t, tj: sideC / (sideC - sideD), at: p}, true
}

// turn is positive where c lies left of the line from a to b.
func turn(a, b, c orb.Point) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

// knot is a point of a ring, with the number of the crossing there or −1.
type knot struct {
	p  orb.Point
	at int
}

// loops walks along a ring and cuts a loop off whenever the walk comes back to
// a crossing it has passed.
func loops(r orb.Ring, crossings []crossing) []orb.Ring {
	type stop struct {
		t  float64
		at int
	}
	on := map[int][]stop{}
	for k, c := range crossings {
		on[c.i] = append(on[c.i], stop{c.ti, k})
		on[c.j] = append(on[c.j], stop{c.tj, k})
	}
	var out []orb.Ring
	var walk []knot
	passed := map[int]int{} // crossing → place in walk
	for i := range len(r) - 1 {
		walk = append(walk, knot{r[i], -1})
		stops := on[i]
		slices.SortFunc(stops, func(a, b stop) int { return cmp.Compare(a.t, b.t) })
		for _, s := range stops {
			if from, ok := passed[s.at]; ok {
				out = append(out, loopOf(walk[from:]))
				for _, k := range walk[from+1:] {
					delete(passed, k.at)
				}
				walk = walk[:from+1]
				continue
			}
			passed[s.at] = len(walk)
			walk = append(walk, knot{crossings[s.at].at, s.at})
		}
	}
	return append(out, loopOf(walk))
}

func loopOf(walk []knot) orb.Ring {
	out := make(orb.Ring, 0, len(walk)+1)
	for _, k := range walk {
		out = append(out, k.p)
	}
	return append(out, out[0])
}

// sift keeps the loops that enclose ground no other does.
func sift(all []orb.Ring) []orb.Ring {
	all = slices.DeleteFunc(all, func(r orb.Ring) bool { return !IsArea(r) })
	slices.SortStableFunc(all, func(a, b orb.Ring) int {
		return cmp.Compare(math.Abs(doubleArea(b)), math.Abs(doubleArea(a)))
	})
	var out []orb.Ring
	for _, r := range all {
		around := slices.IndexFunc(out, func(o orb.Ring) bool {
			return (doubleArea(o) > 0) == (doubleArea(r) > 0) && Inside(r, o)
		})
		if around < 0 {
			out = append(out, r)
		}
	}
	return out
}

// Inside reports whether ring r, which doesn't cross o, lies in it.
func Inside(r, o orb.Ring) bool {
	for i := 1; i < len(r); i++ {
		middle := orb.Point{(r[i-1][0] + r[i][0]) / 2, (r[i-1][1] + r[i][1]) / 2}
		if side := sideOf(o, middle); side != 0 {
			return side > 0
		}
	}
	return false
}
