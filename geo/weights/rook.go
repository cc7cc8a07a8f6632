package weights

import (
	"context"

	"github.com/paulmach/orb"
)

// Rook returns the areas that share a stretch of border and not only a corner:
// two edges that lie on one another, within the tolerance, for longer than the
// tolerance. Areas, tolerance and errors are as for Queen, and rook neighbours
// are always queen neighbours. libpysal's Rook asks for a common edge; spdep's
// poly2nb(queen = FALSE) for two common vertices, so that it also links areas
// that only touch in two corners.
func Rook(ctx context.Context, areas []orb.MultiPolygon, tolerance float64) (Neighbours, error) {
	queen, err := Queen(ctx, areas, tolerance)
	if err != nil {
		return nil, err
	}
	shared := sharedEdges(areas)
	links := newLinks(len(areas))
	for a, list := range queen {
		if a%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for _, b := range list {
			if a < b && (shared[[2]int32{int32(a), int32(b)}] || bordersMeet(areas[a], areas[b], tolerance)) {
				links.add(a, b)
			}
		}
	}
	return links.neighbours(), nil
}

// segment is an edge by the bits of its ends, the smaller first.
type segment [2]place

func segmentOf(e edge) segment {
	p, q := placeOf(e[0]), placeOf(e[1])
	if q[0] < p[0] || q[0] == p[0] && q[1] < p[1] {
		p, q = q, p
	}
	return segment{p, q}
}

// sharedEdges returns the pairs of areas, the smaller first, that own an
// identical edge: in a file with a sound topology all rook neighbours.
func sharedEdges(areas []orb.MultiPolygon) map[[2]int32]bool {
	out := map[[2]int32]bool{}
	owner := map[segment]int32{} // the area that brought the edge last
	for a, area := range areas {
		for _, polygon := range area {
			for _, ring := range polygon {
				for i := range ring {
					e := edge{ring[(i+len(ring)-1)%len(ring)], ring[i]}
					if e[0] == e[1] {
						continue
					}
					s := segmentOf(e)
					if b, ok := owner[s]; ok && int(b) != a {
						out[[2]int32{b, int32(a)}] = true
					}
					owner[s] = int32(a)
				}
			}
		}
	}
	return out
}

// bordersMeet reports whether an edge of one area lies on an edge of the other
// for longer than the tolerance.
func bordersMeet(a, b orb.MultiPolygon, tolerance float64) bool {
	common, ok := overlap(a.Bound().Pad(tolerance), b.Bound().Pad(tolerance))
	if !ok {
		return false
	}
	others := edgesIn(b, common)
	for _, e := range edgesIn(a, common) {
		box := e.bound().Pad(tolerance)
		for _, f := range others {
			if f.bound().Intersects(box) && e.along(f, tolerance) {
				return true
			}
		}
	}
	return false
}

// along reports whether the edges have two points in common, farther apart
// than the tolerance. If they have, two of their four ends are such.
func (e edge) along(f edge, tolerance float64) bool {
	var common []orb.Point
	for _, p := range e {
		if f.within(p, tolerance) {
			common = append(common, p)
		}
	}
	for _, p := range f {
		if e.within(p, tolerance) {
			common = append(common, p)
		}
	}
	for i, p := range common {
		for _, q := range common[:i] {
			dx, dy := p[0]-q[0], p[1]-q[1]
			if dx*dx+dy*dy > tolerance*tolerance {
				return true
			}
		}
	}
	return false
}
