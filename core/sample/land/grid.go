package land

import (
	"math"

	"chatmrpt/core/sample/chance"
)

// Cell owners that are not wards.
const (
	outside = -1
	lake    = -2
)

// Steps of the lattice on which cell centres and corners lie: two steps across
// make one cell width, the unit of the plane; three steps up make one row.
const stepX, stepY = 0.5, 0.28867513459481287 // 1/2 and 1/(2√3)

// point is a place in the plane of the honeycomb, in cell widths, or after
// projection in kilometres.
type point struct{ x, y float64 }

func (a point) distance(b point) float64 { return math.Hypot(a.x-b.x, a.y-b.y) }

// grid is the honeycomb: rows of cells, every other row moved by half a cell.
type grid struct {
	seed   uint64
	width  int
	height int
	radius float64 // mean radius of the state, in cells
	area   []int32 // per cell: its local government area, or outside
	ward   []int32 // per cell: its ward, outside or lake
}

// newGrid makes an empty honeycomb with room for a state of that many wards,
// a strange outline and an island beyond it.
func newGrid(seed uint64, wards int) *grid {
	radius := math.Sqrt(float64(wards*cellsPerWard) * 3 * stepX * stepY * 2 / math.Pi)
	half := 1.45*radius + 14
	g := &grid{seed: seed, radius: radius}
	g.width = int(2 * half)
	g.height = int(2*half/(3*stepY)) | 1
	g.area = filled(g.width*g.height, outside)
	g.ward = filled(g.width*g.height, outside)
	return g
}

func filled(n int, v int32) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func (g *grid) noise(name string, scale float64, octaves int) chance.Noise {
	return chance.NewNoise(chance.New(g.seed, name), scale, octaves)
}

// lattice gives the lattice position of a cell's centre.
func (g *grid) lattice(cell int) (x, y int) {
	row, col := cell/g.width, cell%g.width
	return 2*col + row&1, 3 * row
}

// at gives the plane position of a lattice position; the middle of the
// honeycomb is the origin.
func (g *grid) at(x, y int) point {
	return point{(float64(x) - float64(g.width)) * stepX, (float64(y) - 1.5*float64(g.height)) * stepY}
}

// centre gives the middle of a cell.
func (g *grid) centre(cell int) point { return g.at(g.lattice(cell)) }

// corners are the lattice offsets of a cell's corners, counter-clockwise from
// the lower right; side k runs from corner k to corner k+1.
func corners() [6][2]int {
	return [6][2]int{{1, -1}, {1, 1}, {0, 2}, {-1, 1}, {-1, -1}, {0, -2}}
}

// neighbours gives the cell beyond each side, in the order of corners, or -1
// at the rim of the honeycomb.
func (g *grid) neighbours(cell int) [6]int {
	row, col := cell/g.width, cell%g.width
	left := col - 1 + row&1 // the left one of the two cells above or below
	return [6]int{
		g.cell(row, col+1), g.cell(row+1, left+1), g.cell(row+1, left),
		g.cell(row, col-1), g.cell(row-1, left), g.cell(row-1, left+1),
	}
}

func (g *grid) cell(row, col int) int {
	if row < 0 || row >= g.height || col < 0 || col >= g.width {
		return -1
	}
	return row*g.width + col
}

// corner numbers the corner k of a cell, the same from each of its cells.
func (g *grid) corner(cell, k int) int {
	x, y := g.lattice(cell)
	off := corners()[k]
	return (y+off[1]+2)*(2*g.width+3) + x + off[0] + 1
}

// jitter is how far a corner may lie from its place, in cell widths. Cells
// stay convex below 0.144 (a quarter of a side), which is why borders can be
// smoothed without crossing.
const jitter = 0.12

// cornerAt gives the place of a corner: its lattice position, moved a little.
func (g *grid) cornerAt(corner int) point {
	x, y := corner%(2*g.width+3)-1, corner/(2*g.width+3)-2
	p := g.at(x, y)
	h := chance.Hash(g.seed, int64(x), int64(y))
	p.x += jitter * 0.7 * (float64(h&0xffff)/0x8000 - 1)
	p.y += jitter * 0.7 * (float64(h>>16&0xffff)/0x8000 - 1)
	return p
}
