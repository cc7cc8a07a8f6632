package scene

import (
	"math"
	"slices"
)

// Hatching runs up to the right at 45°, the lines this far apart, on one raster
// for the whole page, so that it runs on from one area into the next.
const (
	hatchSpacing = 3.5 // points, across the lines
	hatchWidth   = 0.45
)

// hatchTiles returns the hatching of all tiles without data.
func hatchTiles(tiles []Tile, class []int) [][]Point {
	var out [][]Point
	for _, t := range tiles {
		if class[t.Area] < 0 {
			out = append(out, hatch(t.Rings, hatchSpacing)...)
		}
	}
	return out
}

// hatch clips diagonal lines to rings by the even-odd rule.
//
// A line is the set of points with x+y = k·step for a whole k. Along it a
// place is told by its x alone.
func hatch(rings [][]Point, spacing float64) [][]Point {
	step := spacing * math.Sqrt2
	crossings := hatchCrossings(rings, step)
	lines := make([]int, 0, len(crossings))
	for k := range crossings {
		lines = append(lines, k)
	}
	slices.Sort(lines)
	var out [][]Point
	for _, k := range lines {
		xs := crossings[k]
		slices.Sort(xs)
		sum := float64(k) * step
		for i := 0; i+1 < len(xs); i += 2 {
			out = append(out, []Point{{xs[i], sum - xs[i]}, {xs[i+1], sum - xs[i+1]}})
		}
	}
	return out
}

// hatchCrossings returns, by the number of the line, where it crosses edges.
// An edge counts the line through its lower end and not that through its
// upper one, so that a line through a vertex crosses there once or twice, as
// it must.
func hatchCrossings(rings [][]Point, step float64) map[int][]float64 {
	out := map[int][]float64{}
	for _, ring := range rings {
		q := ring[len(ring)-1]
		for _, p := range ring {
			low, high := q, p
			if low.X+low.Y > high.X+high.Y {
				low, high = high, low
			}
			from, to := low.X+low.Y, high.X+high.Y
			for k := int(math.Ceil(from / step)); float64(k)*step < to; k++ {
				t := (float64(k)*step - from) / (to - from)
				out[k] = append(out[k], low.X+t*(high.X-low.X))
			}
			q = p
		}
	}
	return out
}
