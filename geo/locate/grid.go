package locate

import (
	"math"

	"github.com/paulmach/orb"
)

// entry is one polygon of one area.
type entry struct{ area, polygon int }

// grid lists, for each cell of a regular grid, the polygons whose bounding box
// reaches into it.
type grid struct {
	bound orb.Bound
	side  int // cells along each axis
	step  orb.Point
	cells [][]entry
}

// mostCells bounds a side of the grid; a country of wards needs about 100.
const mostCells = 512

func newGrid(bound orb.Bound, areas int) grid {
	g := grid{bound: bound, side: min(mostCells, max(1, int(math.Sqrt(float64(areas)))))}
	if !finite(bound) {
		return g
	}
	for k := range g.step {
		g.step[k] = (bound.Max[k]/float64(g.side) - bound.Min[k]/float64(g.side)) // the difference itself may overflow
	}
	g.cells = make([][]entry, g.side*g.side)
	return g
}

func (g *grid) add(b orb.Bound, e entry) {
	for row := g.cell(1, b.Min[1]); row <= g.cell(1, b.Max[1]); row++ {
		for col := g.cell(0, b.Min[0]); col <= g.cell(0, b.Max[0]); col++ {
			at := row*g.side + col
			g.cells[at] = append(g.cells[at], e)
		}
	}
}

// at lists the polygons that may hold p, in the order of their areas.
func (g *grid) at(p orb.Point) []entry {
	if g.cells == nil || math.IsNaN(p[0]+p[1]) || !g.bound.Contains(p) {
		return nil
	}
	return g.cells[g.cell(1, p[1])*g.side+g.cell(0, p[0])]
}

// cell is the row or column of a coordinate within the bound.
func (g *grid) cell(axis int, v float64) int {
	if g.step[axis] <= 0 {
		return 0
	}
	return min(g.side-1, max(0, int((v-g.bound.Min[axis])/g.step[axis])))
}
