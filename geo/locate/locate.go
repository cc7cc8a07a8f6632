// Package locate says in which area a point lies.
//
// An Index is made once over the areas of a layer and asked for any number of
// points. A uniform grid over the areas' bounding boxes finds the few that may
// hold a point; each is then tested by counting the edges a ray to the east
// crosses. On which side of an edge the point lies is decided exactly: in
// floating point where the rounding error can't change the sign, else in
// rational arithmetic. So a point is never in two areas that only touch, nor
// between them, and no tolerance has to be chosen.
//
// Areas are closed: a point on a border lies in every area whose border it is,
// holes' borders included, as GIS programs' "intersects" has it. Where a single
// answer is wanted, the area that stands first in the layer has the point. A
// polygon is the inside of its first ring less the insides of the others; rings
// may be in any direction, closed or not.
package locate

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
)

// Nowhere is the answer for a point in no area.
const Nowhere = -1

// Index finds areas by points. It is safe for use by several goroutines.
type Index struct {
	areas  []orb.MultiPolygon
	bounds [][]orb.Bound // of each polygon of each area
	grid   grid
}

// New makes an index of areas, which must not change while it is in use. An
// area without points, or with coordinates that are no numbers, holds no point.
func New(areas []orb.MultiPolygon) *Index {
	x := &Index{areas: areas, bounds: make([][]orb.Bound, len(areas))}
	whole := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for i, area := range areas {
		x.bounds[i] = make([]orb.Bound, len(area))
		for j, polygon := range area {
			b := boundOf(polygon)
			x.bounds[i][j] = b
			if finite(b) {
				whole = orb.Bound{
					Min: orb.Point{min(whole.Min[0], b.Min[0]), min(whole.Min[1], b.Min[1])},
					Max: orb.Point{max(whole.Max[0], b.Max[0]), max(whole.Max[1], b.Max[1])},
				}
			}
		}
	}
	x.grid = newGrid(whole, len(areas))
	for i := range areas {
		for j, b := range x.bounds[i] {
			if finite(b) {
				x.grid.add(b, entry{i, j})
			}
		}
	}
	return x
}

// At returns the area that holds p, the first in the layer where several do;
// Nowhere if none does.
func (x *Index) At(p orb.Point) int {
	first := Nowhere
	for _, e := range x.grid.at(p) {
		if (first == Nowhere || e.area < first) && x.holds(e, p) {
			first = e.area
		}
	}
	return first
}

// All returns every area that holds p, in the order of the layer. There are
// several only where areas overlap or the point lies on their common border.
func (x *Index) All(p orb.Point) []int {
	var out []int
	for _, e := range x.grid.at(p) { // in the order of the areas
		if n := len(out); (n == 0 || out[n-1] != e.area) && x.holds(e, p) {
			out = append(out, e.area)
		}
	}
	return out
}

func (x *Index) holds(e entry, p orb.Point) bool {
	return x.bounds[e.area][e.polygon].Contains(p) && holds(x.areas[e.area][e.polygon], p)
}

// holds reports whether p lies in a polygon or on its border: inside an odd
// number of its rings, or on one.
func holds(polygon orb.Polygon, p orb.Point) bool {
	inside := false
	for _, ring := range polygon {
		in, on := within(ring, p)
		if on {
			return true
		}
		inside = inside != in
	}
	return inside
}

// within reports whether p lies inside a ring and whether it lies on it. An
// edge belongs to its lower end and not to its upper one, so that a ray through
// a corner counts it once.
func within(ring orb.Ring, p orb.Point) (in, on bool) {
	n := len(ring)
	if n == 0 {
		return false, false
	}
	a := ring[n-1]
	for _, b := range ring {
		low, high := a, b
		if low[1] > high[1] {
			low, high = high, low
		}
		switch {
		case high[1] < p[1] || low[1] > p[1], max(a[0], b[0]) < p[0]:
			// The ray passes above, below or behind the edge.
		case low[1] == high[1]:
			if min(a[0], b[0]) <= p[0] {
				return false, true
			}
		case min(a[0], b[0]) > p[0]:
			in = in != (p[1] < high[1])
		default:
			side := orientation(low, high, p)
			if side == 0 {
				return false, true
			}
			in = in != (side > 0 && p[1] < high[1])
		}
		a = b
	}
	return in, false
}

// sureOf bounds the relative rounding error of the determinant in orientation:
// (3 + 16 ε) ε with ε = 2⁻⁵³, from Shewchuk, Adaptive Precision Floating-Point
// Arithmetic and Fast Robust Geometric Predicates, 1997, section 4.3.
const sureOf = (3 + 16*0x1p-53) * 0x1p-53

// tiny covers what products lose when they underflow.
const tiny = 0x1p-1000

// orientation is positive if p lies left of the line from a to b, negative if
// right of it and 0 if on it, exactly.
func orientation(a, b, p orb.Point) int {
	left := (a[0] - p[0]) * (b[1] - p[1])
	right := (a[1] - p[1]) * (b[0] - p[0])
	det := left - right
	if bound := sureOf*(math.Abs(left)+math.Abs(right)) + tiny; det > bound || -det > bound {
		if det > 0 {
			return 1
		}
		return -1
	}
	return exactOrientation(a, b, p)
}

func exactOrientation(a, b, p orb.Point) int {
	less := func(x, y float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(y))
	}
	left := new(big.Rat).Mul(less(a[0], p[0]), less(b[1], p[1]))
	right := new(big.Rat).Mul(less(a[1], p[1]), less(b[0], p[0]))
	return left.Cmp(right)
}

func boundOf(polygon orb.Polygon) orb.Bound {
	b := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, ring := range polygon {
		for _, p := range ring {
			for k, v := range p {
				b.Min[k], b.Max[k] = min(b.Min[k], v), max(b.Max[k], v) // NaN stays NaN
			}
		}
	}
	return b
}

func finite(b orb.Bound) bool {
	for _, v := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
