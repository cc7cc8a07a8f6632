package scene

import (
	"image/color"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// The inks of every map. Borders are see-through, so that a thin one tints the
// colours beside it instead of covering them.
const (
	paper       = 0xffffffff
	ink         = 0x1f2328ff
	quietInk    = 0x57606aff
	noDataFill  = 0xecececff
	noDataHatch = 0x969696ff
	innerBorder = 0x3c3c3c78
	outerBorder = 0x323232dc
	outlineInk  = 0x2d2d2de6
)

// rgba returns the colour written as 0xRRGGBBAA.
func rgba(c uint32) color.NRGBA {
	return color.NRGBA{uint8(c >> 24), uint8(c >> 16), uint8(c >> 8), uint8(c)}
}

// mapItems returns the map itself, lowest first: areas, hatching, borders of
// areas, the outer border, outlines.
func mapItems(m Map, net *mesh, v view) []Item {
	tiles := net.tiles(func(area int) color.NRGBA {
		if c := m.Class[area]; c >= 0 {
			return m.Classes[c].Fill
		}
		return rgba(noDataFill)
	})
	items := []Item{Tiling{tiles}}
	if hatch := hatchTiles(tiles, m.Class); len(hatch) > 0 {
		items = append(items, Strokes{hatch, hatchWidth, rgba(noDataHatch)})
	}
	inner, outer := net.borders(tiles)
	pen := borderWidth(tiles)
	if len(inner) > 0 {
		items = append(items, Strokes{inner, pen, rgba(innerBorder)})
	}
	if len(outer) > 0 {
		items = append(items, Strokes{outer, max(pen, 0.4), rgba(outerBorder)})
	}
	for i, set := range m.Outlines {
		if lines := outlineLines(set, v, net.grid); len(lines) > 0 {
			items = append(items, Strokes{lines, outlineWidth(i, pen), rgba(outlineInk)})
		}
	}
	return items
}

// borderWidth returns the pen for borders of areas: half a point where areas
// are large, ever thinner as they get smaller, so that ten thousand borders do
// not turn the colours grey.
func borderWidth(tiles []Tile) float64 {
	area := 0.0
	for _, t := range tiles {
		for _, ring := range t.Rings {
			area += doubleArea(ring) / 2 // holes run the other way
		}
	}
	if len(tiles) == 0 || area <= 0 {
		return 0.5
	}
	diameter := math.Sqrt(area / float64(len(tiles)))
	return max(0.12, min(0.5, diameter/40))
}

// outlineWidth returns the pen of a set of outlines, each twice the one before.
func outlineWidth(set int, border float64) float64 {
	return min(2, max(0.3, 2*border)*math.Pow(2, float64(set)))
}

// outlineLines projects lines and thins them as borders are.
func outlineLines(set []orb.LineString, v view, grid float64) [][]Point {
	s := simplify.DouglasPeucker(thinning * grid)
	var out [][]Point
	for _, line := range set {
		projected := make(orb.LineString, 0, len(line))
		for _, p := range line {
			at := v.at(p)
			projected = append(projected, orb.Point{at.X, at.Y})
		}
		if len(projected) < 2 {
			continue
		}
		var thin []Point
		for _, p := range s.LineString(projected) {
			thin = append(thin, Point{p[0], p[1]})
		}
		out = append(out, thin)
	}
	return out
}
