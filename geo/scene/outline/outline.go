// Package outline finds the borders of groups of areas, such as the outlines
// of LGAs among their wards, to be drawn heavier over a map.
//
// Borders are found from the areas' own vertices, not by uniting polygons:
// every segment of every ring is looked up by its snapped ends, and judged by
// the groups on its two sides. That is fast, leaves coordinates as they are,
// and stands files whose neighbours were not drawn with the same vertices.
package outline

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

const (
	// snap is the grid, in degrees, on which vertices count as the same: a
	// centimetre.
	snap = 1e-7
	// besideBorder is how far from a border, in degrees, its sides are looked
	// at where its two areas do not share vertices: about two metres, wider
	// than the slivers of hand-drawn files.
	besideBorder = 2e-5
	// checkEvery is how many areas are worked through between two looks at
	// the context.
	checkEvery = 128
)

// Between returns the lines where areas of different groups meet, or
// where an area meets none: the outlines of the LGAs, given the LGA of each
// ward. The group of each area is any number; areas may be nil.
//
// A segment that two areas share is judged by their groups. A segment with one
// owner is the edge of the map, or lies where the borders of two neighbours
// were not drawn with the same vertices; then the areas found just beside it
// are judged, so that a sliver between two wards of one LGA gives no line.
//
// Lines run from one meeting point of borders to the next, in an order that
// depends on the input alone. It fails when areas and groups differ in number
// and when ctx ends.
func Between(ctx context.Context, areas []orb.MultiPolygon, group []int) ([]orb.LineString, error) {
	if len(areas) != len(group) {
		return nil, fmt.Errorf("outline: %d areas have %d groups", len(areas), len(group))
	}
	e := newEdgeSet(areas)
	for i, area := range areas {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e.addArea(area, group[i])
	}
	borders, err := e.between(ctx, newSides(areas, group))
	if err != nil {
		return nil, err
	}
	return e.chain(borders), nil
}

// edgeSet is all segments of a layer, each once.
type edgeSet struct {
	ids   map[[2]int64]int32 // snapped place → vertex
	at    []orb.Point
	index map[uint64]int32 // its two vertices, the lesser first → segment
	edges []segment
}

// segment is a piece of border between two vertices, a < b.
type segment struct {
	a, b   int32
	group  int  // of the first area that owns it
	shared bool // another area owns it too
	parted bool // and is of another group
}

func newEdgeSet(areas []orb.MultiPolygon) *edgeSet {
	vertices := 0
	for _, area := range areas {
		for _, polygon := range area {
			for _, ring := range polygon {
				vertices += len(ring)
			}
		}
	}
	return &edgeSet{
		ids:   make(map[[2]int64]int32, vertices/2),
		index: make(map[uint64]int32, vertices/2),
	}
}

func (e *edgeSet) addArea(area orb.MultiPolygon, group int) {
	for _, polygon := range area {
		for _, ring := range polygon {
			if len(ring) == 0 {
				continue
			}
			before := e.vertex(ring[len(ring)-1])
			for _, p := range ring {
				here := e.vertex(p)
				e.add(min(before, here), max(before, here), group)
				before = here
			}
		}
	}
}

func (e *edgeSet) vertex(p orb.Point) int32 {
	key := [2]int64{int64(math.Round(p[0] / snap)), int64(math.Round(p[1] / snap))}
	id, ok := e.ids[key]
	if !ok {
		id = int32(len(e.at))
		e.ids[key] = id
		e.at = append(e.at, p)
	}
	return id
}

func (e *edgeSet) add(a, b int32, group int) {
	if a == b {
		return
	}
	key := uint64(a)<<32 | uint64(b)
	i, ok := e.index[key]
	if !ok {
		e.index[key] = int32(len(e.edges))
		e.edges = append(e.edges, segment{a: a, b: b, group: group})
		return
	}
	s := &e.edges[i]
	s.shared = true
	s.parted = s.parted || s.group != group
}

// between returns the segments that part two groups.
func (e *edgeSet) between(ctx context.Context, s *sides) ([]segment, error) {
	var out []segment
	for i, edge := range e.edges {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if edge.shared && edge.parted || !edge.shared && s.part(e.at[edge.a], e.at[edge.b]) {
			out = append(out, edge)
		}
	}
	return out, nil
}

// chain joins segments to lines that end where other than two of them meet.
func (e *edgeSet) chain(edges []segment) []orb.LineString {
	c := chainer{at: e.at, edges: edges, used: make([]bool, len(edges)), ends: map[int32][]int32{}}
	for i, s := range edges {
		c.ends[s.a] = append(c.ends[s.a], int32(i))
		c.ends[s.b] = append(c.ends[s.b], int32(i))
	}
	// First the lines with ends, then what is left: closed rings.
	for _, rings := range []bool{false, true} {
		for i, s := range edges {
			c.start(int32(i), s.a, rings)
			c.start(int32(i), s.b, rings)
		}
	}
	return c.lines
}

type chainer struct {
	at    []orb.Point
	edges []segment
	used  []bool
	ends  map[int32][]int32 // vertex → segments that end there
	lines []orb.LineString
}

// start walks a line from a vertex, if the segment is free and the vertex ends
// a line; with rings, wherever it is.
func (c *chainer) start(edge, vertex int32, rings bool) {
	if !c.used[edge] && (rings || len(c.ends[vertex]) != 2) {
		c.walk(edge, vertex)
	}
}

// walk follows a line from a vertex along a segment to its end.
func (c *chainer) walk(edge, from int32) {
	line := orb.LineString{c.at[from]}
	for {
		c.used[edge] = true
		from = c.edges[edge].a + c.edges[edge].b - from
		line = append(line, c.at[from])
		next := c.ends[from]
		if len(next) != 2 {
			break
		}
		edge = next[0] + next[1] - edge
		if c.used[edge] {
			break
		}
	}
	c.lines = append(c.lines, line)
}

// sides finds the group on each side of a segment.
type sides struct {
	areas []orb.MultiPolygon
	group []int
	index rtree.RTreeG[int]
}

func newSides(areas []orb.MultiPolygon, group []int) *sides {
	s := &sides{areas: areas, group: group}
	for i, area := range areas {
		if len(area) > 0 {
			b := area.Bound()
			s.index.Insert(b.Min, b.Max, i)
		}
	}
	return s
}

// part reports whether the areas beside the middle of a segment belong to
// different groups, or only one side has any.
func (s *sides) part(a, b orb.Point) bool {
	dx, dy := b[0]-a[0], b[1]-a[1]
	length := math.Hypot(dx, dy)
	if length == 0 {
		return false
	}
	x, y := (a[0]+b[0])/2, (a[1]+b[1])/2
	nx, ny := -dy/length*besideBorder, dx/length*besideBorder
	left := s.groupsAt(orb.Point{x + nx, y + ny})
	right := s.groupsAt(orb.Point{x - nx, y - ny})
	return !slices.Equal(left, right)
}

// groupsAt returns, ascending and each once, the groups of the areas that hold
// the point.
func (s *sides) groupsAt(p orb.Point) []int {
	var out []int
	s.index.Search(p, p, func(_, _ [2]float64, i int) bool {
		if !slices.Contains(out, s.group[i]) && holds(s.areas[i], p) {
			out = append(out, s.group[i])
		}
		return true
	})
	slices.Sort(out)
	return out
}

// holds reports whether the area covers the point, by the even-odd rule.
func holds(area orb.MultiPolygon, p orb.Point) bool {
	in := false
	for _, polygon := range area {
		for _, ring := range polygon {
			for i, q := range ring {
				o := ring[(i+len(ring)-1)%len(ring)]
				if (q[1] > p[1]) != (o[1] > p[1]) && p[0] < (o[0]-q[0])*(p[1]-q[1])/(o[1]-q[1])+q[0] {
					in = !in
				}
			}
		}
	}
	return in
}
