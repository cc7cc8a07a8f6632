package land

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// borders are the polygons that the cells of the wards make.
type borders struct {
	wards      []orb.MultiPolygon
	outline    orb.MultiPolygon
	neighbours [][]int
}

// side is a cell side with one owner on its left and another on its right,
// from corner to corner.
type side struct {
	from, to    int
	left, right int32
}

// borders traces the wards and the outline.
func (g *grid) borders(wards int, p projection) borders {
	sides := g.sides()
	place := g.placeCorners(sides, p)
	out := borders{wards: make([]orb.MultiPolygon, wards), neighbours: neighbourLists(sides, wards)}
	perWard := make([][]side, wards)
	var rim []side
	for _, s := range sides {
		if s.left < 0 {
			continue
		}
		perWard[s.left] = append(perWard[s.left], s)
		if s.right < 0 {
			rim = append(rim, s)
		}
	}
	for w := range out.wards {
		out.wards[w] = polygons(perWard[w], place)
	}
	out.outline = polygons(rim, place)
	return out
}

// sides lists every cell side between two owners, once for each of them.
func (g *grid) sides() []side {
	var out []side
	for cell, owner := range g.ward {
		for k, n := range g.neighbours(cell) {
			if n < 0 || g.ward[n] == owner {
				continue
			}
			out = append(out, side{g.corner(cell, k), g.corner(cell, (k+1)%6), owner, g.ward[n]})
		}
	}
	return out
}

// placeCorners gives longitude and latitude of every corner on a border. A
// corner between only two owners is drawn towards the border's corners before
// and after it, which takes the honeycomb's teeth away: it moves inside the
// triangle of the three, within one convex cell, and so crosses nothing. A
// corner where three owners meet stays.
func (g *grid) placeCorners(sides []side, p projection) map[int]orb.Point {
	ends := make(map[int][]int, len(sides)/2)
	for _, s := range sides {
		if s.left > s.right { // each side once
			ends[s.from] = append(ends[s.from], s.to)
			ends[s.to] = append(ends[s.to], s.from)
		}
	}
	place := make(map[int]orb.Point, len(ends))
	for corner, next := range ends {
		at := g.cornerAt(corner)
		if len(next) == 2 {
			a, b := g.cornerAt(next[0]), g.cornerAt(next[1])
			at = point{(2*at.x + (a.x + b.x)) / 4, (2*at.y + (a.y + b.y)) / 4}
		}
		place[corner] = degrees(p.km(at))
	}
	return place
}

func neighbourLists(sides []side, wards int) [][]int {
	out := make([][]int, wards)
	for _, s := range sides {
		if s.left >= 0 && s.right >= 0 {
			out[s.left] = append(out[s.left], int(s.right))
		}
	}
	for w := range out {
		slices.Sort(out[w])
		out[w] = slices.Compact(out[w])
	}
	return out
}

// polygons joins the sides of one owner, which stands on their left, to rings:
// counter-clockwise around a part, clockwise around a hole. A corner of the
// honeycomb has at most one side in and one out, so the walk never forks.
func polygons(sides []side, place map[int]orb.Point) orb.MultiPolygon {
	next := make(map[int]int, len(sides))
	for _, s := range sides {
		next[s.from] = s.to
	}
	var outer, holes []orb.Ring
	for _, s := range sides {
		if _, ok := next[s.from]; !ok {
			continue
		}
		ring := walk(next, s.from, place)
		if ring.Orientation() == orb.CCW {
			outer = append(outer, ring)
		} else {
			holes = append(holes, ring)
		}
	}
	return assemble(outer, holes)
}

// walk takes one closed ring out of next.
func walk(next map[int]int, start int, place map[int]orb.Point) orb.Ring {
	ring := orb.Ring{place[start]}
	for at := start; ; {
		to := next[at]
		delete(next, at)
		ring = append(ring, place[to])
		if to == start {
			return ring
		}
		at = to
	}
}

// assemble puts the longest outer ring first and the holes into it: islands
// here have none.
func assemble(outer, holes []orb.Ring) orb.MultiPolygon {
	slices.SortStableFunc(outer, func(a, b orb.Ring) int { return cmp.Compare(len(b), len(a)) })
	out := make(orb.MultiPolygon, 0, len(outer))
	for _, r := range outer {
		out = append(out, orb.Polygon{r})
	}
	if len(out) > 0 {
		out[0] = append(out[0], holes...)
	}
	return out
}
