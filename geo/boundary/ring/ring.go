// Package ring puts rings together to polygons.
//
// A shapefile gives the rings of a shape in a row and tells outer rings from
// holes by their direction only: clockwise is outer. Writers err, so direction
// is read relative to what surrounds a ring: a ring inside nothing is outer
// whatever its direction; a ring inside an outer one is a hole when it turns
// the other way; a ring inside a hole is an island, an outer ring again. For
// correct files that is the specification, and for files written with all
// directions swapped it still gives the right areas.
//
// Polygons leave this package the way GeoJSON wants them (RFC 7946): outer
// rings counter-clockwise, holes clockwise.
package ring

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// ErrTooTangled says that a file nests so many rings in so many rings that
// sorting them out would take unreasonably long.
var ErrTooTangled = errors.New("the rings are nested too deeply to sort out")

// Close returns the ring with its first point repeated at its end, and
// whether that had to be added. The ring's own memory isn't written to.
func Close(r orb.Ring) (orb.Ring, bool) {
	if len(r) == 0 || r[0] == r[len(r)-1] {
		return r, false
	}
	return append(r[:len(r):len(r)], r[0]), true
}

// IsArea reports whether a closed ring encloses anything: it has at least
// four points and an area that isn't zero.
func IsArea(r orb.Ring) bool {
	return len(r) >= 4 && doubleArea(r) != 0
}

// doubleArea is twice the signed area of a closed ring in its own units,
// positive for counter-clockwise ones (the shoelace formula, taken from the
// first point for precision).
func doubleArea(r orb.Ring) float64 {
	var sum float64
	for i := 1; i < len(r); i++ {
		ax, ay := r[i-1][0]-r[0][0], r[i-1][1]-r[0][1]
		bx, by := r[i][0]-r[0][0], r[i][1]-r[0][1]
		sum += ax*by - bx*ay
	}
	return sum
}

// Wind turns the outer ring of a polygon counter-clockwise and its holes
// clockwise, in place.
func Wind(p orb.Polygon) {
	for i, r := range p {
		if a := doubleArea(r); (i == 0 && a < 0) || (i > 0 && a > 0) {
			r.Reverse()
		}
	}
}

// Grouper sorts rings into polygons. It holds the budget of comparisons for
// one file, so that a hostile file can't keep it busy for hours.
type Grouper struct {
	left int64
	// Overlaps counts shapes where an outer ring lies inside another outer
	// ring; both are kept as areas, as they are written.
	Overlaps int
	// Turned counts outer rings that run counter-clockwise, which in a
	// shapefile is the wrong way.
	Turned int
}

// boxCost is what looking up another ring costs, in vertex comparisons (by
// measurement, see BenchmarkTangle).
const boxCost = 64

// NewGrouper makes a Grouper with a budget of two thousand million vertex
// comparisons, a few seconds. A shape of 10,000 holes in a ring of 100,000
// points needs half of it.
func NewGrouper() *Grouper { return &Grouper{left: 2e9} }

// item is one ring while it is sorted.
type item struct {
	ring   orb.Ring
	bound  orb.Bound
	area   float64 // doubled and signed
	outer  *item   // for a hole: the ring it is a hole of
	isHole bool
}

// Group sorts closed rings (see IsArea) into polygons, in the order of their
// outer rings, wound as Wind does. Rings may be reversed in place. The error
// is ErrTooTangled or that of the context.
func (g *Grouper) Group(ctx context.Context, rings []orb.Ring) (orb.MultiPolygon, error) {
	switch len(rings) {
	case 0:
		return nil, nil
	case 1:
		p := orb.Polygon{rings[0]}
		if doubleArea(rings[0]) > 0 {
			g.Turned++
		}
		Wind(p)
		return orb.MultiPolygon{p}, nil
	}
	items := make([]*item, len(rings))
	for i, r := range rings {
		items[i] = &item{ring: r, bound: r.Bound(), area: doubleArea(r)}
	}
	if err := g.assign(ctx, items); err != nil {
		return nil, err
	}
	for _, it := range items {
		if !it.isHole && it.area > 0 {
			g.Turned++
		}
	}
	return assemble(items), nil
}

// assign finds for each ring whether it is a hole and of which ring.
func (g *Grouper) assign(ctx context.Context, items []*item) error {
	bySize := slices.Clone(items)
	slices.SortStableFunc(bySize, func(a, b *item) int {
		return cmp.Compare(math.Abs(b.area), math.Abs(a.area))
	})
	var tree rtree.RTreeG[int] // the rings placed so far, by their place in bySize
	overlap := false
	for i, it := range bySize {
		if err := ctx.Err(); err != nil {
			return err
		}
		around, err := g.around(it, bySize, &tree)
		if err != nil {
			return err
		}
		overlap = it.place(around) || overlap
		tree.Insert(it.bound.Min, it.bound.Max, i)
	}
	if overlap {
		g.Overlaps++
	}
	return nil
}

// around finds the smallest of the larger rings, which tree holds, that
// contains a ring; nil for none.
func (g *Grouper) around(it *item, bySize []*item, tree *rtree.RTreeG[int]) (*item, error) {
	best := -1
	tree.Search(it.bound.Min, it.bound.Max, func(_, _ [2]float64, i int) bool {
		g.left -= boxCost
		if i > best && covers(bySize[i].bound, it.bound) && g.contains(bySize[i].ring, it.ring) {
			best = i
		}
		return g.left >= 0
	})
	switch {
	case g.left < 0:
		return nil, ErrTooTangled
	case best < 0:
		return nil, nil
	}
	return bySize[best], nil
}

func covers(a, b orb.Bound) bool {
	return a.Min[0] <= b.Min[0] && a.Min[1] <= b.Min[1] && a.Max[0] >= b.Max[0] && a.Max[1] >= b.Max[1]
}

// place decides what a ring is by the ring around it, and reports whether it
// is an outer ring inside another one.
func (it *item) place(around *item) (overlaps bool) {
	if around == nil {
		return false
	}
	turnsAlike := (it.area > 0) == (around.area > 0)
	switch {
	case !around.isHole && !turnsAlike:
		it.isHole, it.outer = true, around
	case !around.isHole:
		return true
	case turnsAlike: // a hole within a hole belongs to the same ring
		it.isHole, it.outer = true, around.outer
	}
	return false
}

// contains reports whether ring b lies in ring a, given that it doesn't cross
// it. Rings may touch, so the first point of b off the line of a decides, or,
// where all are on it, the first middle of an edge.
func (g *Grouper) contains(a, b orb.Ring) bool {
	for _, middle := range []bool{false, true} {
		for i := 1; i < len(b) && g.left >= 0; i++ {
			p := b[i]
			if middle {
				p = orb.Point{(b[i-1][0] + b[i][0]) / 2, (b[i-1][1] + b[i][1]) / 2}
			}
			g.left -= int64(len(a))
			if side := sideOf(a, p); side != 0 {
				return side > 0
			}
		}
	}
	return false
}

// sideOf is 1 for a point inside a closed ring, −1 outside, 0 on its line
// (even–odd rule).
func sideOf(r orb.Ring, p orb.Point) int {
	side := -1
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		if (a[1] > p[1]) == (b[1] > p[1]) {
			if a[1] == p[1] && b[1] == p[1] && (a[0] >= p[0]) != (b[0] > p[0]) || p == a || p == b {
				return 0
			}
			continue
		}
		cross := (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0])
		if cross == 0 {
			return 0
		}
		if (cross > 0) == (b[1] > a[1]) {
			side = -side
		}
	}
	return side
}

// assemble makes the polygons from sorted items, keeping the order of the
// file among outer rings and among the holes of each.
func assemble(items []*item) orb.MultiPolygon {
	index := make(map[*item]int, len(items))
	var out orb.MultiPolygon
	for _, it := range items {
		if !it.isHole {
			index[it] = len(out)
			out = append(out, orb.Polygon{it.ring})
		}
	}
	for _, it := range items {
		if it.isHole {
			i := index[it.outer]
			out[i] = append(out[i], it.ring)
		}
	}
	for _, p := range out {
		Wind(p)
	}
	return out
}
