package weights

import (
	"cmp"
	"context"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// linkNearBorders links the pairs of areas that have no common vertex but
// touch within the tolerance. Only pairs whose boxes meet and that are not
// linked yet are looked at, which in a real file are few.
func linkNearBorders(ctx context.Context, areas []orb.MultiPolygon, tolerance float64, l *links) error {
	var index rtree.RTreeG[int]
	linkedTo := make([]int, len(areas))
	for a, area := range areas {
		if a%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if len(area) == 0 {
			continue
		}
		for _, b := range l.of[a] {
			linkedTo[b] = a + 1
		}
		box := area.Bound().Pad(tolerance)
		for _, b := range boxesMeeting(&index, box) {
			if linkedTo[b] != a+1 && touch(area, areas[b], tolerance) {
				l.add(a, b)
			}
		}
		index.Insert(box.Min, box.Max, a)
	}
	return nil
}

// boxesMeeting returns, ascending, the areas of the index whose boxes meet the
// box.
func boxesMeeting(index *rtree.RTreeG[int], box orb.Bound) []int {
	var found []int
	index.Search(box.Min, box.Max, func(_, _ [2]float64, b int) bool {
		found = append(found, b)
		return true
	})
	slices.Sort(found)
	return found
}

// touch reports whether a vertex of one area lies within the tolerance of an
// edge of the other.
func touch(a, b orb.MultiPolygon, tolerance float64) bool {
	common, ok := overlap(a.Bound().Pad(tolerance), b.Bound().Pad(tolerance))
	if !ok {
		return false
	}
	return anyOnEdge(verticesIn(a, common), edgesIn(b, common), tolerance) ||
		anyOnEdge(verticesIn(b, common), edgesIn(a, common), tolerance)
}

func overlap(a, b orb.Bound) (orb.Bound, bool) {
	box := orb.Bound{
		Min: orb.Point{max(a.Min[0], b.Min[0]), max(a.Min[1], b.Min[1])},
		Max: orb.Point{min(a.Max[0], b.Max[0]), min(a.Max[1], b.Max[1])},
	}
	return box, box.Min[0] <= box.Max[0] && box.Min[1] <= box.Max[1]
}

// verticesIn returns the vertices inside the box, sorted from west to east.
func verticesIn(area orb.MultiPolygon, box orb.Bound) []orb.Point {
	var out []orb.Point
	for p := range vertices(area) {
		if box.Contains(p) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(p, q orb.Point) int { return cmp.Compare(p[0], q[0]) })
	return out
}

// edge is one segment of a ring.
type edge [2]orb.Point

func (e edge) bound() orb.Bound {
	return orb.Bound{
		Min: orb.Point{min(e[0][0], e[1][0]), min(e[0][1], e[1][1])},
		Max: orb.Point{max(e[0][0], e[1][0]), max(e[0][1], e[1][1])},
	}
}

// edgesIn returns the edges whose boxes meet the box.
func edgesIn(area orb.MultiPolygon, box orb.Bound) []edge {
	var out []edge
	for _, polygon := range area {
		for _, ring := range polygon {
			out = appendEdges(out, ring, box)
		}
	}
	return out
}

func appendEdges(out []edge, ring orb.Ring, box orb.Bound) []edge {
	for i := range ring {
		// The first edge leads from the last vertex, so a ring that is not
		// closed is closed here; of a closed one it is a point.
		e := edge{ring[(i+len(ring)-1)%len(ring)], ring[i]}
		if e.bound().Intersects(box) {
			out = append(out, e)
		}
	}
	return out
}

// anyOnEdge reports whether one of the vertices, which are sorted from west to
// east, lies within the tolerance of one of the edges.
func anyOnEdge(sorted []orb.Point, edges []edge, tolerance float64) bool {
	for _, e := range edges {
		box := e.bound().Pad(tolerance)
		from, _ := slices.BinarySearchFunc(sorted, box.Min[0], func(p orb.Point, x float64) int {
			return cmp.Compare(p[0], x)
		})
		for _, p := range sorted[from:] {
			if p[0] > box.Max[0] {
				break
			}
			if box.Contains(p) && e.within(p, tolerance) {
				return true
			}
		}
	}
	return false
}

// within reports whether the point lies at most tolerance from the edge. All
// differences are taken from the point, so that large coordinates lose no
// digits.
func (e edge) within(p orb.Point, tolerance float64) bool {
	ax, ay := e[0][0]-p[0], e[0][1]-p[1]
	bx, by := e[1][0]-p[0], e[1][1]-p[1]
	dx, dy := bx-ax, by-ay
	length2 := dx*dx + dy*dy
	if length2 == 0 {
		return ax*ax+ay*ay <= tolerance*tolerance
	}
	// Where the foot of the perpendicular falls along the edge, 0 to 1.
	t := min(1, max(0, -(ax*dx+ay*dy)/length2))
	x, y := ax+t*dx, ay+t*dy
	if t > 0 && t < 1 {
		// Between the ends the distance is the height of a triangle, which
		// is exactly zero for a point on an axis-parallel edge.
		cross := ax*by - ay*bx
		return cross*cross <= tolerance*tolerance*length2
	}
	return x*x+y*y <= tolerance*tolerance
}
