// Package topology works with the borders that areas share.
//
// Dissolve unites areas that share their borders vertex by vertex, as the
// wards of one boundary file do: a stretch that two areas of a group walk in
// opposite directions lies inside the group and is dropped; what remains is its
// outline. No new points arise, and coordinates stay as they are. Where
// neighbours were not drawn with the same vertices, the sliver between them
// stays as a hole.
package topology

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/ring"
)

// snap is the grid, in degrees, on which vertices count as the same: a
// centimetre.
const snap = 1e-7

// Dissolve unites the areas of each group. groups gives the group of each
// area, from 0 to n − 1; the result has one area for each. Areas may be nil. It
// fails when areas and groups differ in number, when a group is out of range,
// when rings are too tangled, and when ctx ends.
func Dissolve(ctx context.Context, areas []orb.MultiPolygon, groups []int, n int) ([]orb.MultiPolygon, error) {
	if len(areas) != len(groups) {
		return nil, fmt.Errorf("dissolve: %d areas have %d groups", len(areas), len(groups))
	}
	members := make([][]int, n)
	for i, g := range groups {
		if g < 0 || g >= n {
			return nil, fmt.Errorf("dissolve: area %d is of group %d of %d", i, g, n)
		}
		members[g] = append(members[g], i)
	}
	out := make([]orb.MultiPolygon, n)
	grouper := ring.NewGrouper()
	for g, list := range members {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := newSeams()
		for _, i := range list {
			s.addArea(areas[i])
		}
		united, err := grouper.Group(ctx, s.rings())
		if err != nil {
			return nil, fmt.Errorf("dissolve: %w", err)
		}
		out[g] = united
	}
	return out, nil
}

// edge goes from one vertex to another, an area on its left.
type edge struct{ from, to int32 }

// seams is the edges of one group that no two of its areas share.
type seams struct {
	vertex map[[2]int64]int32
	points []orb.Point
	open   map[edge]int
	order  []edge // as they came, so that the result depends on the input alone
}

func newSeams() *seams {
	return &seams{vertex: map[[2]int64]int32{}, open: map[edge]int{}}
}

// addArea adds the edges of an area; outer rings run counter-clockwise and
// holes clockwise, so the area is always on the left.
func (s *seams) addArea(m orb.MultiPolygon) {
	for _, p := range m {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				s.add(s.id(r[i-1]), s.id(r[i]))
			}
		}
	}
}

func (s *seams) id(p orb.Point) int32 {
	key := [2]int64{int64(math.Round(p[0] / snap)), int64(math.Round(p[1] / snap))}
	id, ok := s.vertex[key]
	if !ok {
		id = int32(len(s.points))
		s.vertex[key] = id
		s.points = append(s.points, p)
	}
	return id
}

// add puts in an edge, or takes out the one that walks the same stretch the
// other way.
func (s *seams) add(a, b int32) {
	if a == b {
		return
	}
	if s.open[edge{b, a}] > 0 {
		s.open[edge{b, a}]--
		return
	}
	s.open[edge{a, b}]++
	s.order = append(s.order, edge{a, b})
}

// rings chains the open edges. Where several go on from a vertex the one that
// turns left most is taken, which keeps rings that touch apart.
func (s *seams) rings() []orb.Ring {
	next := map[int32][]int32{}
	for _, e := range s.order {
		if s.open[e] > 0 {
			s.open[e]--
			next[e.from] = append(next[e.from], e.to)
		}
	}
	var out []orb.Ring
	for _, e := range s.order {
		for len(next[e.from]) > 0 {
			if r := s.walk(e.from, next); ring.IsArea(r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// walk follows edges from a vertex until it is there again, and uses them up.
func (s *seams) walk(start int32, next map[int32][]int32) orb.Ring {
	r := orb.Ring{s.points[start]}
	before, at := int32(-1), start
	for {
		ways := next[at]
		if len(ways) == 0 { // the areas did not close: end here
			return append(r, r[0])
		}
		k := 0
		if before >= 0 && len(ways) > 1 {
			k = s.leftmost(before, at, ways)
		}
		to := ways[k]
		next[at] = append(ways[:k:k], ways[k+1:]...)
		before, at = at, to
		r = append(r, s.points[at])
		if at == start {
			return r
		}
	}
}

// leftmost is the place of the way that turns left most, coming from before.
func (s *seams) leftmost(before, at int32, ways []int32) int {
	p, q := s.points[before], s.points[at]
	best, most := 0, math.Inf(-1)
	for k, to := range ways {
		z := s.points[to]
		ux, uy, vx, vy := q[0]-p[0], q[1]-p[1], z[0]-q[0], z[1]-q[1]
		if turn := math.Atan2(ux*vy-uy*vx, ux*vx+uy*vy); turn > most {
			best, most = k, turn
		}
	}
	return best
}
