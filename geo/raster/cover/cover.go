// Package cover works out which fraction of each cell of a grid lies in a
// polygon, exactly but for rounding.
//
// Coordinates are columns and rows, so cells are unit squares. Every edge adds,
// in each row of cells it passes, the signed height it covers to the cell it is
// in and to those right of it; the running sum along the row is then the area
// of the intersection of polygon and cell (the accumulation used to draw
// letters with smooth edges, here in double precision and unrounded). It costs
// a step per edge and cell passed and needs no polygon clipping.
package cover

import (
	"math"

	"github.com/paulmach/orb"
)

// Grid collects how a polygon covers a rectangle of cells. The zero Grid must
// be Reset before use; it may be used again for another polygon.
type Grid struct {
	x, y, width, height int
	cover               []float64 // per row width + 1 cells: the steps of the running sum of fractions
	crossed             []bool    // cells that an edge passes
	centre              []int32   // per row width + 1: the steps of the winding number at the centres
}

// Reset empties the grid and puts it where column x and row y are its first
// cell.
func (g *Grid) Reset(x, y, width, height int) {
	g.x, g.y, g.width, g.height = x, y, width, height
	n := (width + 1) * height
	if cap(g.cover) < n {
		g.cover, g.crossed, g.centre = make([]float64, n), make([]bool, n), make([]int32, n)
		return
	}
	g.cover, g.crossed, g.centre = g.cover[:n], g.crossed[:n], g.centre[:n]
	clear(g.cover)
	clear(g.crossed)
	clear(g.centre)
}

// AddRing adds a closed ring of the polygon; holes must turn the other way than
// outer rings.
func (g *Grid) AddRing(r orb.Ring) {
	x, y := float64(g.x), float64(g.y)
	for i := 1; i < len(r); i++ {
		g.addEdge(r[i-1][0]-x, r[i-1][1]-y, r[i][0]-x, r[i][1]-y)
	}
}

// addEdge adds one edge, in cells from the grid's corner.
func (g *Grid) addEdge(xa, ya, xb, yb float64) {
	if ya == yb {
		g.addLevel(xa, xb, ya)
		return
	}
	if (ya <= 0 && yb <= 0) || (ya >= float64(g.height) && yb >= float64(g.height)) {
		return
	}
	sign := 1.0
	if ya > yb {
		xa, ya, xb, yb, sign = xb, yb, xa, ya, -1
	}
	slope := (xb - xa) / (yb - ya)
	at := func(y float64) float64 {
		switch y {
		case ya:
			return xa
		case yb:
			return xb
		}
		return xa + (y-ya)*slope
	}
	first, last := max(0, int(math.Floor(ya))), min(g.height-1, int(math.Ceil(yb))-1)
	for row := first; row <= last; row++ {
		top, bottom := max(ya, float64(row)), min(yb, float64(row+1))
		g.addInRow(row, at(top), top, at(bottom), bottom, sign)
		if y := float64(row) + 0.5; ya <= y && y < yb {
			g.addCrossing(row, at(y), int32(sign))
		}
	}
}

// addLevel marks the cells along a level edge. It has no height, so nothing
// lies beside it, but the cells it passes are cut by it.
func (g *Grid) addLevel(xa, xb, y float64) {
	if y < 0 || y >= float64(g.height) {
		return
	}
	row := int(y) * (g.width + 1)
	for c := max(0, math.Floor(min(xa, xb))); c <= max(xa, xb) && c < float64(g.width); c++ {
		g.crossed[row+int(c)] = true
	}
}

// addCrossing notes that an edge crosses the line of the centres of a row at
// column x. A centre exactly on an edge counts as GDAL has it: to the area on
// its left.
func (g *Grid) addCrossing(row int, x float64, sign int32) {
	if x >= float64(g.width) {
		return
	}
	g.centre[row*(g.width+1)+max(0, int(math.Floor(x+0.5)))] += sign
}

// addInRow adds the part of an edge that lies in one row.
func (g *Grid) addInRow(row int, xa, ya, xb, yb, sign float64) {
	if xa > xb { // from left to right; height is signed by the edge's own direction
		xa, ya, xb, yb, sign = xb, yb, xa, ya, -sign
	}
	end := float64(g.width)
	if xb <= 0 {
		g.cover[row*(g.width+1)] += sign * (yb - ya)
		return
	}
	if xa >= end {
		return // all cells of the row lie left of it
	}
	slope := (yb - ya) / (xb - xa)
	if xa < 0 {
		y := ya - xa*slope
		g.cover[row*(g.width+1)] += sign * (y - ya)
		xa, ya = 0, y
	}
	if xb > end {
		xb, yb = end, ya+(end-xa)*slope
	}
	g.addInCells(row, xa, ya, xb, yb, sign)
}

// addInCells adds a piece that lies in the grid, cell by cell from left to
// right.
func (g *Grid) addInCells(row int, xa, ya, xb, yb, sign float64) {
	cells := g.cover[row*(g.width+1) : (row+1)*(g.width+1)]
	crossed := g.crossed[row*(g.width+1) : (row+1)*(g.width+1)]
	slope := (yb - ya) / (xb - xa)
	x, y := xa, ya
	for c := int(math.Floor(xa)); c < g.width; c++ {
		nextX, nextY := xb, yb
		if edge := float64(c + 1); edge < xb {
			nextX, nextY = edge, ya+(edge-xa)*slope
		}
		// Right of the piece the cell is covered over its height; left of it
		// not; in between by half.
		height := sign * (nextY - y)
		left := (x+nextX)/2 - float64(c)
		cells[c] += height * (1 - left)
		cells[c+1] += height * left
		crossed[c] = true
		if x, y = nextX, nextY; x >= xb {
			return
		}
	}
}

// tiny is a fraction that is rounding: an edge on the border of a cell.
const tiny = 1e-12

// Each calls f for every cell with a part, or the centre, in the polygon: its
// number in the rectangle, the fraction of it inside and whether its centre
// is. A cell no edge passes is wholly inside or outside, whatever rounding has
// left in the sum.
func (g *Grid) Each(f func(cell int, fraction float64, centre bool)) {
	for row := range g.height {
		sum, winding := 0.0, int32(0)
		for c := range g.width {
			at := row*(g.width+1) + c
			sum += g.cover[at]
			winding += g.centre[at]
			fraction := min(1, math.Abs(sum))
			if !g.crossed[at] {
				fraction = math.Round(fraction)
			} else if fraction < tiny {
				fraction = 0
			}
			if fraction > 0 || winding != 0 {
				f(row*g.width+c, fraction, winding != 0)
			}
		}
	}
}
