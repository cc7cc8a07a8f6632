package scene

import (
	"math"

	"github.com/tidwall/rtree"
)

// ground answers whether a place of the page is covered by a tile.
type ground struct {
	tiles []Tile
	index rtree.RTreeG[int]
}

func newGround(tiles []Tile) *ground {
	g := &ground{tiles: tiles}
	for i, t := range tiles {
		low := [2]float64{math.Inf(1), math.Inf(1)}
		high := [2]float64{math.Inf(-1), math.Inf(-1)}
		for _, p := range t.Rings[0] {
			low = [2]float64{min(low[0], p.X), min(low[1], p.Y)}
			high = [2]float64{max(high[0], p.X), max(high[1], p.Y)}
		}
		g.index.Insert(low, high, i)
	}
	return g
}

// onBothSides reports whether tiles cover the page at the given distance to
// the left and to the right of the line, looked at beside the middle of its
// longest segment.
func (g *ground) onBothSides(line []Point, distance float64) bool {
	a, b, length := line[0], line[0], 0.0
	for i, q := range line[1:] {
		if l := math.Hypot(q.X-line[i].X, q.Y-line[i].Y); l > length {
			a, b, length = line[i], q, l
		}
	}
	if length == 0 {
		return false
	}
	x, y := (a.X+b.X)/2, (a.Y+b.Y)/2
	nx, ny := -(b.Y-a.Y)/length*distance, (b.X-a.X)/length*distance
	return g.covers(Point{x + nx, y + ny}) && g.covers(Point{x - nx, y - ny})
}

func (g *ground) covers(p Point) bool {
	found := false
	at := [2]float64{p.X, p.Y}
	g.index.Search(at, at, func(_, _ [2]float64, i int) bool {
		found = g.tiles[i].covers(p)
		return !found
	})
	return found
}

// covers tells by the even-odd rule.
func (t Tile) covers(p Point) bool {
	in := false
	for _, ring := range t.Rings {
		o := ring[len(ring)-1]
		for _, q := range ring {
			if (q.Y > p.Y) != (o.Y > p.Y) && p.X < (o.X-q.X)*(p.Y-q.Y)/(o.Y-q.Y)+q.X {
				in = !in
			}
			o = q
		}
	}
	return in
}
