package outline

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"chatmrpt/geo/boundary"
	"chatmrpt/geo/feature"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// shared reads a file of the reference collection beside the repository.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	root := filepath.Join("..", "..", "..", "..", "shared")
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

// column returns the texts of an attribute.
func column(t testing.TB, l *feature.Layer, name string) []string {
	t.Helper()
	c, ok := l.Column(name)
	if !ok || c.IsNumber {
		t.Fatalf("the layer has no texts %s", name)
	}
	return c.Texts
}

func box(x0, y0, x1, y1 float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}}}
}

func borders(t testing.TB, areas []orb.MultiPolygon, group ...int) []orb.LineString {
	t.Helper()
	lines, err := Between(t.Context(), areas, group)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func length(lines []orb.LineString) float64 {
	sum := 0.0
	for _, line := range lines {
		sum += planar.Length(line)
	}
	return sum
}

func TestBetweenOfSquares(t *testing.T) {
	four := []orb.MultiPolygon{box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)}
	tests := []struct {
		name   string
		areas  []orb.MultiPolygon
		group  []int
		length float64
		lines  int
	}{
		{"one group: the outside alone, one ring", four, []int{5, 5, 5, 5}, 8, 1},
		{"halves", four, []int{0, 1, 0, 1}, 10, 3},
		{"quarters", four, []int{0, 1, 2, 3}, 12, 8},
		{"one against three", four, []int{0, 1, 1, 1}, 10, 3},
		{"far apart", []orb.MultiPolygon{box(0, 0, 1, 1), box(5, 5, 6, 6), nil}, []int{0, 0, 1}, 8, 2},
		{"a T-junction inside a group is no border",
			[]orb.MultiPolygon{box(0, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)}, []int{0, 0, 0}, 8, 1},
		{"a sliver inside a group is no border",
			[]orb.MultiPolygon{box(0, 0, 1, 1), box(1.00001, 0, 2, 1)}, []int{0, 0}, 6.00001 - 0.00002, 2},
		{"a hole filled by its own group",
			[]orb.MultiPolygon{{{box(0, 0, 3, 3)[0][0], box(1, 1, 2, 2)[0][0]}}, box(1, 1, 2, 2)}, []int{0, 0}, 12, 1},
		{"a hole filled by another group",
			[]orb.MultiPolygon{{{box(0, 0, 3, 3)[0][0], box(1, 1, 2, 2)[0][0]}}, box(1, 1, 2, 2)}, []int{0, 1}, 16, 2},
		{"nothing", nil, nil, 0, 0},
		{"points and empty rings", []orb.MultiPolygon{{{{{1, 1}, {1, 1}}}}, {{{}}}, {{}}}, []int{0, 1, 2}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := borders(t, tt.areas, tt.group...)
			if got := length(lines); math.Abs(got-tt.length) > 1e-4 || len(lines) != tt.lines {
				t.Errorf("%d lines of length %v, want %d of %v: %v", len(lines), got, tt.lines, tt.length, lines)
			}
		})
	}
}

// reference/geo/dissolve_lga.csv.gz: geopandas dissolved the wards to LGAs;
// area_deg2 is the area of the result in square degrees. The outline of an LGA
// in one part must enclose the same.
func TestBetweenEqualDissolve(t *testing.T) {
	layer := sharedLayer(t, "data/nigeria/kano_wards.geojson")
	lga := column(t, layer, "LGACode")
	z, err := gzip.NewReader(bytes.NewReader(shared(t, "reference/geo/dissolve_lga.csv.gz")))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, row := range rows[1:] {
		var wards []orb.MultiPolygon
		for i, code := range lga {
			if code == row[0] {
				wards = append(wards, layer.Areas[i])
			}
		}
		if len(wards) == 0 || row[6] != "1" {
			continue
		}
		checked++
		want, err := strconv.ParseFloat(row[5], 64)
		if err != nil {
			t.Fatal(err)
		}
		lines := borders(t, wards, make([]int, len(wards))...)
		if got := enclosed(t, lines); math.Abs(got/want-1) > 1e-6 {
			t.Errorf("LGA %s: %d lines enclose %v square degrees, want %v", row[0], len(lines), got, want)
		}
	}
	if checked < 40 {
		t.Errorf("only %d LGAs of Kano were compared", checked)
	}
}

// enclosed returns the area within the largest of closed lines less the others.
func enclosed(t *testing.T, lines []orb.LineString) float64 {
	t.Helper()
	var areas []float64
	for _, line := range lines {
		if line[0] != line[len(line)-1] {
			t.Fatalf("a line of %d points is not closed", len(line))
		}
		areas = append(areas, math.Abs(planar.Area(orb.Ring(line))))
	}
	slices.Sort(areas)
	sum := areas[len(areas)-1]
	for _, hole := range areas[:len(areas)-1] {
		sum -= hole
	}
	return sum
}

func TestBetweenRefuses(t *testing.T) {
	if _, err := Between(t.Context(), []orb.MultiPolygon{box(0, 0, 1, 1), box(1, 0, 2, 1)}, []int{1}); err == nil {
		t.Error("two areas with one group are accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Between(ctx, []orb.MultiPolygon{box(0, 0, 1, 1), box(1, 0, 2, 1)}, make([]int, 2)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}

func BenchmarkBetween(b *testing.B) {
	layer := sharedLayer(b, "data/nigeria/nga_wards_9367.zip")
	ids := map[string]int{}
	var group []int
	for _, code := range column(b, layer, "StateCode") {
		if _, ok := ids[code]; !ok {
			ids[code] = len(ids)
		}
		group = append(group, ids[code])
	}
	for b.Loop() {
		borders(b, layer.Areas, group...)
	}
}
