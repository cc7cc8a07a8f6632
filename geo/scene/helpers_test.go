package scene

import (
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/geo/boundary"
	"chatmrpt/geo/feature"
	"github.com/paulmach/orb"
)

// shared reads a file of the reference collection beside the repository.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared")
	if _, err := os.Stat(root); err != nil {
		t.Skip("needs the shared reference files, which are not part of the repository")
	}
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func sharedLayer(t testing.TB, name string) *feature.Layer {
	t.Helper()
	files := []boundary.File{{Name: filepath.Base(name), Data: shared(t, name)}}
	layer, err := boundary.Read(t.Context(), files, boundary.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

func box(x0, y0, x1, y1 float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}}}
}

// squares returns n×n squares of a tenth of a degree, whose common borders
// wind: every side has many vertices, the same for both neighbours.
func squares(n int) []orb.MultiPolygon {
	const steps = 25
	corner := func(x, y int) orb.Point { return orb.Point{8 + 0.1*float64(x), 9 + 0.1*float64(y)} }
	side := func(x0, y0, x1, y1 int) []orb.Point {
		a, b := corner(x0, y0), corner(x1, y1)
		var out []orb.Point
		for i := range steps {
			t := float64(i) / steps
			bulge := 0.012 * t * (1 - t) * float64(i%5) * float64((7*x0+3*y0+x1)%3-1)
			out = append(out, orb.Point{
				a[0] + t*(b[0]-a[0]) + bulge*(b[1]-a[1])*10,
				a[1] + t*(b[1]-a[1]) + bulge*(b[0]-a[0])*10,
			})
		}
		return out
	}
	reversed := func(line []orb.Point, end orb.Point) []orb.Point {
		back := orb.LineString(append(line, end)).Clone()
		back.Reverse()
		return back[:steps]
	}
	var out []orb.MultiPolygon
	for y := range n {
		for x := range n {
			var ring orb.Ring
			ring = append(ring, side(x, y, x+1, y)...)
			ring = append(ring, side(x+1, y, x+1, y+1)...)
			ring = append(ring, reversed(side(x, y+1, x+1, y+1), corner(x+1, y+1))...)
			ring = append(ring, reversed(side(x, y, x, y+1), corner(x, y+1))...)
			out = append(out, orb.MultiPolygon{{append(ring, ring[0])}})
		}
	}
	return out
}

// testMap is a small complete map.
func testMap(areas []orb.MultiPolygon) Map {
	low, medium, high := RiskColors()
	m := Map{
		Title: "Malaria risk", Subtitle: "Made-up state, 2024", LegendTitle: "Category", Unit: "wards",
		Areas:   areas,
		Classes: []Class{{"Low", low}, {"Medium", medium}, {"High", high}},
		Notes:   []string{"Made-up data", "Run 1"},
		Width:   800, Height: 500,
	}
	for i := range areas {
		m.Class = append(m.Class, i%4-1)
	}
	return m
}

func build(t testing.TB, m Map) *Scene {
	t.Helper()
	s, err := Build(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// of returns the items of one kind.
func of[T Item](s *Scene) []T {
	var out []T
	for _, item := range s.Items {
		if it, ok := item.(T); ok {
			out = append(out, it)
		}
	}
	return out
}
