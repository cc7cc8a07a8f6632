package scene

import (
	"context"
	"image/color"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// mesh is the areas of a map as arcs: the pieces of border between two points
// where borders meet. Two neighbours refer to the same arc, so simplifying an
// arc changes both alike and no gap or overlap can open between them.
//
// The way there: vertices are put on a grid as fine as the device can show,
// which drops most of them; a vertex is a junction when the rings through it
// do not all agree on its two neighbours; rings are cut at junctions; equal
// pieces become one arc; and each arc is thinned with its ends held fast. A
// file whose borders do not match has more junctions and less thinning, and
// comes out right all the same.
type mesh struct {
	arcs   []arc
	shapes []shape
	grid   float64 // points
}

// arc is a piece of border on the grid.
type arc struct {
	line   orb.LineString // whole numbers, in units of the grid
	owners [2]int32       // areas beside it; −1: none
}

// shape is one polygon of an area.
type shape struct {
	area  int
	rings [][]arcUse
}

// arcUse is an arc as part of a ring.
type arcUse struct {
	arc      int32
	backward bool
}

// checkEvery is how many areas are worked through between two looks at the
// context.
const checkEvery = 128

// thinning is the distance, in units of the grid, that an arc may move when it
// is thinned: it removes the steps that the grid made.
const thinning = 0.75

func newMesh(ctx context.Context, areas []orb.MultiPolygon, v view, grid float64) (*mesh, error) {
	b := newMeshBuilder(grid)
	for i, area := range areas {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b.addArea(i, area, v)
	}
	b.findJunctions()
	b.cut()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	b.thin()
	return b.mesh, nil
}

// meshBuilder holds the vertices on the grid while rings are cut into arcs.
type meshBuilder struct {
	*mesh
	ids      map[uint64]int32 // grid place → vertex
	vertices []vertex
	polygons []gridPolygon
	known    map[uint64]int32 // first two vertices → arc
}

// vertex is a place of the grid that a border passes.
type vertex struct {
	at       orb.Point
	a, b     int32 // its neighbours along the first ring through it, a ≤ b
	visited  bool
	junction bool
}

// gridPolygon is a polygon as rings of vertices, without a closing one.
type gridPolygon struct {
	area  int
	rings [][]int32
}

func newMeshBuilder(grid float64) *meshBuilder {
	return &meshBuilder{
		mesh:  &mesh{grid: grid},
		ids:   make(map[uint64]int32),
		known: make(map[uint64]int32),
	}
}

func (b *meshBuilder) addArea(area int, polygons orb.MultiPolygon, v view) {
	for _, polygon := range polygons {
		g := gridPolygon{area: area}
		for i, ring := range polygon {
			r := b.gridRing(ring, v)
			if len(r) >= 3 {
				g.rings = append(g.rings, r)
			} else if i == 0 {
				break // smaller than the grid: its holes are too
			}
		}
		if len(g.rings) > 0 {
			b.polygons = append(b.polygons, g)
		}
	}
}

// gridRing puts a ring on the grid and drops vertices that fall together, and
// spikes that have become a line there and back.
func (b *meshBuilder) gridRing(ring orb.Ring, v view) []int32 {
	var out []int32
	last := uint64(math.MaxUint64)
	for _, p := range ring {
		at := v.at(p)
		x, y := math.Round(at.X/b.grid), math.Round(at.Y/b.grid)
		key := uint64(uint32(int32(x)))<<32 | uint64(uint32(int32(y)))
		if key == last {
			continue
		}
		last = key
		out = append(out, b.vertexAt(key, orb.Point{x, y}))
		if n := len(out); n >= 3 && out[n-3] == out[n-1] {
			out = out[:n-2]
		}
	}
	return trimSeam(out)
}

// trimSeam removes repetitions and spikes across the seam of a ring.
func trimSeam(ring []int32) []int32 {
	for n := len(ring); n >= 3; n = len(ring) {
		switch {
		case ring[0] == ring[n-1]:
			ring = ring[:n-1]
		case ring[0] == ring[n-2]:
			ring = ring[:n-2]
		case ring[1] == ring[n-1]:
			ring = ring[1 : n-1]
		default:
			return ring
		}
	}
	return ring
}

func (b *meshBuilder) vertexAt(key uint64, at orb.Point) int32 {
	id, ok := b.ids[key]
	if !ok {
		id = int32(len(b.vertices))
		b.ids[key] = id
		b.vertices = append(b.vertices, vertex{at: at})
	}
	return id
}

// findJunctions marks the vertices where rings part.
func (b *meshBuilder) findJunctions() {
	for _, polygon := range b.polygons {
		for _, ring := range polygon.rings {
			before, here := ring[len(ring)-2], ring[len(ring)-1]
			for _, after := range ring {
				b.vertices[here].visit(min(before, after), max(before, after))
				before, here = here, after
			}
		}
	}
}

func (v *vertex) visit(a, b int32) {
	if !v.visited {
		v.visited, v.a, v.b = true, a, b
	} else if v.a != a || v.b != b {
		v.junction = true
	}
}

// cut replaces the rings of vertices by rings of arcs.
func (b *meshBuilder) cut() {
	for _, polygon := range b.polygons {
		s := shape{area: polygon.area}
		for _, ring := range polygon.rings {
			s.rings = append(s.rings, b.cutRing(polygon.area, ring))
		}
		b.shapes = append(b.shapes, s)
	}
}

func (b *meshBuilder) cutRing(area int, ring []int32) []arcUse {
	start := b.startOf(ring)
	var uses []arcUse
	piece := []int32{ring[start]}
	for i := 1; i <= len(ring); i++ {
		id := ring[(start+i)%len(ring)]
		piece = append(piece, id)
		if b.vertices[id].junction || i == len(ring) {
			uses = append(uses, b.use(area, piece))
			piece = []int32{id}
		}
	}
	return uses
}

// startOf returns the first junction of a ring, or, in a ring without one, the
// vertex with the least number: whoever else owns the same ring finds the same.
func (b *meshBuilder) startOf(ring []int32) int {
	least := 0
	for i, id := range ring {
		if b.vertices[id].junction {
			return i
		}
		if id < ring[least] {
			least = i
		}
	}
	return least
}

// use returns the arc of a piece of ring and whether it runs against it,
// making the arc at its first use. Two different arcs can't begin with the
// same two vertices: a vertex between junctions has only two neighbours.
func (b *meshBuilder) use(area int, piece []int32) arcUse {
	n := len(piece)
	first, second := piece[0], piece[1]
	backward := piece[n-1] < first || piece[n-1] == first && piece[n-2] < second
	if backward {
		first, second = piece[n-1], piece[n-2]
	}
	key := uint64(first)<<32 | uint64(second)
	id, ok := b.known[key]
	if !ok {
		id = int32(len(b.arcs))
		b.known[key] = id
		b.arcs = append(b.arcs, arc{line: b.lineOf(piece, backward), owners: [2]int32{int32(area), -1}})
	} else if a := &b.arcs[id]; a.owners[1] < 0 {
		a.owners[1] = int32(area)
	}
	return arcUse{id, backward}
}

func (b *meshBuilder) lineOf(piece []int32, backward bool) orb.LineString {
	line := make(orb.LineString, len(piece))
	for i, id := range piece {
		line[i] = b.vertices[id].at
	}
	if backward {
		line.Reverse()
	}
	return line
}

func (b *meshBuilder) thin() {
	s := simplify.DouglasPeucker(thinning)
	for i := range b.arcs {
		if len(b.arcs[i].line) > 2 {
			b.arcs[i].line = s.LineString(b.arcs[i].line)
		}
	}
}

// tiles returns the polygons of the mesh, each with the colour of its area.
func (m *mesh) tiles(fill func(area int) color.NRGBA) []Tile {
	out := make([]Tile, 0, len(m.shapes))
	for _, s := range m.shapes {
		t := Tile{Area: s.area, Fill: fill(s.area)}
		for i, uses := range s.rings {
			ring := m.ring(uses, i == 0)
			if len(ring) >= 3 {
				t.Rings = append(t.Rings, ring)
			} else if i == 0 {
				break
			}
		}
		if len(t.Rings) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// ring joins arcs to a ring of the page, clockwise for an outer one.
func (m *mesh) ring(uses []arcUse, outer bool) []Point {
	var line []Point
	for _, u := range uses {
		arc := m.arcs[u.arc].line
		last := len(arc) - 1 // begins the next arc
		for i := range last {
			if u.backward {
				line = append(line, m.point(arc[last-i]))
			} else {
				line = append(line, m.point(arc[i]))
			}
		}
	}
	// With y down, a positive area by the shoelace formula is clockwise.
	if (doubleArea(line) > 0) != outer {
		for i, j := 0, len(line)-1; i < j; i, j = i+1, j-1 {
			line[i], line[j] = line[j], line[i]
		}
	}
	return line
}

func (m *mesh) point(p orb.Point) Point { return Point{p[0] * m.grid, p[1] * m.grid} }

func doubleArea(ring []Point) float64 {
	sum := 0.0
	last := ring[len(ring)-1]
	for _, p := range ring {
		sum += last.X*p.Y - p.X*last.Y
		last = p
	}
	return sum
}

// borders returns the arcs between two areas, and those at the edge of the map.
// An arc with one owner is of the first kind too when there are tiles on both
// its sides: neighbours drawn with different vertices have an arc each.
func (m *mesh) borders(tiles []Tile) (inner, outer [][]Point) {
	ground := newGround(tiles)
	for _, a := range m.arcs {
		line := make([]Point, len(a.line))
		for i, p := range a.line {
			line[i] = m.point(p)
		}
		switch {
		case a.owners[1] >= 0 && a.owners[0] != a.owners[1]:
			inner = append(inner, line)
		case a.owners[1] >= 0: // an area meets itself: no border
		case ground.onBothSides(line, 1.5*m.grid):
			inner = append(inner, line)
		default:
			outer = append(outer, line)
		}
	}
	return inner, outer
}
