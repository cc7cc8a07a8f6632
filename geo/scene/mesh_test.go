package scene

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// edgeCount counts, for every edge of the tiles, how many tiles have it in
// each direction.
func edgeCount(tiles []Tile) map[[2]Point]int {
	out := map[[2]Point]int{}
	for _, t := range tiles {
		for _, ring := range t.Rings {
			q := ring[len(ring)-1]
			for _, p := range ring {
				out[[2]Point{q, p}]++
				q = p
			}
		}
	}
	return out
}

// area returns the area of tiles, holes taken off.
func area(tiles []Tile) float64 {
	sum := 0.0
	for _, t := range tiles {
		for _, ring := range t.Rings {
			sum += doubleArea(ring) / 2
		}
	}
	return sum
}

// Thinning opens no gap: every edge has a neighbour that runs along it the
// other way, but for those of the outer border, and these close to the same
// area that the tiles add up to.
func checkSeamless(t *testing.T, tiles []Tile) {
	t.Helper()
	edges := edgeCount(tiles)
	outer := 0.0
	for e, n := range edges {
		back := edges[[2]Point{e[1], e[0]}]
		if n > 1 || back > 1 {
			t.Fatalf("edge %v has %d and %d owners", e, n, back)
		}
		if back == 0 {
			outer += (e[0].X*e[1].Y - e[1].X*e[0].Y) / 2
		}
	}
	if sum := area(tiles); math.Abs(sum-outer) > 1e-6*sum {
		t.Errorf("the tiles have the area %v, their outer border %v", sum, outer)
	}
}

func TestNeighboursShareTheirBorder(t *testing.T) {
	const n = 6
	areas := squares(n)
	for _, resolution := range []float64{0.05, 0.25, 1, 5} {
		m := testMap(areas)
		m.Resolution = resolution
		tiles := of[Tiling](build(t, m))[0].Tiles
		if len(tiles) != n*n {
			t.Fatalf("%d tiles, want %d", len(tiles), n*n)
		}
		checkSeamless(t, tiles)
	}
}

// Kano's borders are complete, so its tiles must fit as those of a drawing
// board do. At this size some of its smallest wards are a few grid steps wide.
func TestKanoIsSeamless(t *testing.T) {
	layer := sharedLayer(t, "data/nigeria/kano_wards.geojson")
	m := testMap(layer.Areas)
	tiles := of[Tiling](build(t, m))[0].Tiles
	edges := edgeCount(tiles)
	single := 0
	for e := range edges {
		if edges[[2]Point{e[1], e[0]}] == 0 {
			single++
		}
	}
	// The outer border has a few hundred edges; a map simplified polygon by
	// polygon would have some 9,000 without a partner.
	if single*4 > len(edges) {
		t.Errorf("%d of %d edges have no partner", single, len(edges))
	}
}

func TestThinningKeepsArea(t *testing.T) {
	areas := squares(5)
	m := testMap(areas)
	m.Resolution = 0.01
	fine := area(of[Tiling](build(t, m))[0].Tiles)
	m.Resolution = 0.5
	coarse := area(of[Tiling](build(t, m))[0].Tiles)
	if math.Abs(coarse/fine-1) > 0.002 {
		t.Errorf("area %v became %v", fine, coarse)
	}
}

func TestThinningDropsMostVertices(t *testing.T) {
	layer := sharedLayer(t, "data/nigeria/kano_wards.geojson")
	given := 0
	for _, a := range layer.Areas {
		for _, polygon := range a {
			for _, ring := range polygon {
				given += len(ring)
			}
		}
	}
	left := 0
	for range edgeCount(of[Tiling](build(t, testMap(layer.Areas)))[0].Tiles) {
		left++
	}
	if left*4 > given {
		t.Errorf("%d of %d vertices are left", left, given)
	}
}

func TestHolesAndTheirIslands(t *testing.T) {
	ring := orb.MultiPolygon{{
		{{8, 9}, {9, 9}, {9, 10}, {8, 10}, {8, 9}},
		// The hole runs the same way round as the ring, which files do.
		{{8.4, 9.4}, {8.6, 9.4}, {8.6, 9.6}, {8.4, 9.6}, {8.4, 9.4}},
	}}
	// The island starts elsewhere and runs the other way.
	island := orb.MultiPolygon{{{{8.6, 9.6}, {8.6, 9.4}, {8.4, 9.4}, {8.4, 9.6}, {8.6, 9.6}}}}
	tiles := of[Tiling](build(t, testMap([]orb.MultiPolygon{ring, island})))[0].Tiles
	if len(tiles) != 2 || len(tiles[0].Rings) != 2 {
		t.Fatalf("tiles %v", tiles)
	}
	if doubleArea(tiles[0].Rings[0]) <= 0 || doubleArea(tiles[0].Rings[1]) >= 0 {
		t.Error("the hole runs the same way round as its ring")
	}
	checkSeamless(t, tiles)
}

// What is smaller than the device can show goes without a trace, and what is
// degenerate does no harm.
func TestDegenerateAreas(t *testing.T) {
	areas := []orb.MultiPolygon{
		box(8, 9, 9, 10),
		box(8.5, 9.5, 8.500001, 9.500001),         // a speck
		{{{{8, 9}, {8.5, 9.5}, {9, 10}, {8, 9}}}}, // a line
		{{{{8.2, 9.2}}}},                          // a point
		{{{}}},                                    // an empty ring
		{{}},                                      // an empty polygon
		{{{{8, 9}, {8, 9}, {8, 9}, {8, 9}}}},      // one point four times
		{{{{9, 9}, {9.5, 9}, {9.5, 9.5}}}},        // not closed
		{{{{9, 10}, {9.4, 10.4}, {9.4, 10}, {9, 10.4}, {9, 10}}}}, // crosses itself
	}
	m := testMap(areas)
	tiles := of[Tiling](build(t, m))[0].Tiles
	var kept []int
	for _, tile := range tiles {
		kept = append(kept, tile.Area)
	}
	if want := []int{0, 7, 8}; len(kept) != 3 || kept[0] != 0 || kept[1] != 7 || kept[2] != 8 {
		t.Errorf("areas %v are drawn, want %v", kept, want)
	}
}

// Borders inside the map are drawn as such where the two areas have different
// vertices: a T-junction, and a sliver narrower than the device can show.
func TestInnerBordersOfUnevenFiles(t *testing.T) {
	areas := []orb.MultiPolygon{box(8, 9, 9, 9.5), box(8, 9.5, 8.5, 10), box(8.50002, 9.50002, 9, 10)}
	var inner, outer float64
	for _, s := range of[Strokes](build(t, testMap(areas))) {
		length := 0.0
		for _, line := range s.Lines {
			for i, p := range line[1:] {
				length += math.Hypot(p.X-line[i].X, p.Y-line[i].Y)
			}
		}
		switch {
		case s.Color == rgba(innerBorder):
			inner += length
		case s.Color == rgba(outerBorder) && outer == 0: // then come the frames of the legend
			outer += length
		}
	}
	// The map is a square: its outer border is four sides; inside are one and
	// a half, of which the T-junction's side is drawn from above and below.
	if math.Abs(inner/outer-2.5/4) > 0.01 {
		t.Errorf("inner borders of %.0f points, outer of %.0f", inner, outer)
	}
}

func FuzzMesh(f *testing.F) {
	f.Add([]byte{0, 0, 10, 0, 10, 10, 0, 10, 255, 10, 0, 20, 0, 20, 10, 10, 10})
	f.Add([]byte{0, 0, 1, 1, 0, 0, 1, 1, 255, 5, 5, 5, 5, 6, 6, 254, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, data []byte) {
		areas := areasOf(data)
		m := testMap(areas)
		m.Resolution = 2
		s, err := Build(t.Context(), m)
		if err != nil {
			return
		}
		for _, tile := range of[Tiling](s)[0].Tiles {
			for i, ring := range tile.Rings {
				if len(ring) < 3 || i == 0 && doubleArea(ring) < 0 {
					t.Errorf("tile of area %d has the ring %v", tile.Area, ring)
				}
			}
		}
	})
}

// areasOf reads pairs of bytes as vertices; 255 begins a new area and 254 a new
// ring.
func areasOf(data []byte) []orb.MultiPolygon {
	areas := []orb.MultiPolygon{{{{}}}}
	for len(data) >= 2 {
		last := &areas[len(areas)-1]
		switch data[0] {
		case 255:
			areas = append(areas, orb.MultiPolygon{{{}}})
			data = data[1:]
			continue
		case 254:
			(*last)[0] = append((*last)[0], orb.Ring{})
			data = data[1:]
			continue
		}
		rings := (*last)[0]
		p := orb.Point{float64(data[0]) / 10, float64(data[1]) / 10}
		rings[len(rings)-1] = append(rings[len(rings)-1], p)
		data = data[2:]
	}
	return areas
}
