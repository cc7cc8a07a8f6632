package draw

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/geo/boundary"
	"chatmrpt/geo/classify"
	"chatmrpt/geo/feature"
	"chatmrpt/geo/scene"
)

// sharedLayer reads a boundary file of the reference collection beside the
// repository.
func sharedLayer(t testing.TB, name string) *feature.Layer {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared")
	if _, err := os.Stat(root); err != nil {
		t.Skip("needs the shared reference files, which are not part of the repository")
	}
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	layer, err := boundary.Read(t.Context(), []boundary.File{{Name: filepath.Base(name), Data: data}}, boundary.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// realMap makes a map of a layer with made-up values that vary smoothly, some
// of them missing, and outlines by the given columns.
func realMap(t testing.TB, layer *feature.Layer, outlines ...string) scene.Map {
	t.Helper()
	var values []float64
	present := make([]bool, layer.Len())
	all := make([]float64, layer.Len())
	for i, area := range layer.Areas {
		if len(area) == 0 {
			continue
		}
		c := area[0].Bound().Center()
		all[i] = 50 + 20*wave(3*c[0]) + 15*wave(4*c[1]+c[0]) + 10*wave(97*c[0]+71*c[1])
		if present[i] = i%17 != 3; present[i] {
			values = append(values, all[i])
		}
	}
	breaks, err := classify.Quantile(values, 5)
	if err != nil {
		t.Fatal(err)
	}
	colors, err := scene.YlOrRd.Colors(breaks.Len())
	if err != nil {
		t.Fatal(err)
	}
	m := scene.Map{
		Title: "Malaria risk by ward", Subtitle: "Made-up values over derived boundaries, 2024",
		LegendTitle: "Test positivity rate, %", Unit: "wards",
		Areas: layer.Areas, Class: breaks.Classes(all, present),
		Notes: []string{
			"Made-up data. Classes: quantiles of wards with data.",
			"Boundaries: derived cells, not official. Equal-area projection; scale true at mid latitude.",
			"Run 7f3a91, mrpt 0.1.0",
		},
		Width: 800, Height: 500,
	}
	for i, label := range breaks.Labels(-1) {
		m.Classes = append(m.Classes, scene.Class{Label: label, Fill: colors[i]})
	}
	for _, name := range outlines {
		borders, err := scene.GroupBorders(t.Context(), layer.Areas, groups(t, layer, name))
		if err != nil {
			t.Fatal(err)
		}
		m.Outlines = append(m.Outlines, borders)
	}
	return m
}

// wave is a cheap smooth function between −1 and 1 with period 4.
func wave(x float64) float64 {
	for x < 0 {
		x += 4
	}
	for x >= 4 {
		x -= 4
	}
	if x >= 2 {
		return -wave(x - 2)
	}
	return x * (2 - x)
}

func groups(t testing.TB, layer *feature.Layer, name string) []int {
	t.Helper()
	column, ok := layer.Column(name)
	if !ok {
		for _, c := range layer.Columns {
			t.Log(c.Name)
		}
		t.Fatalf("no attribute %s", name)
	}
	ids := map[string]int{}
	out := make([]int, layer.Len())
	for i, text := range column.Texts {
		if _, ok := ids[text]; !ok {
			ids[text] = len(ids)
		}
		out[i] = ids[text]
	}
	return out
}

// TestPictures writes maps of real files in all formats into the folder named
// by MAP_PICTURES, to be looked at.
func TestPictures(t *testing.T) {
	dir := os.Getenv("MAP_PICTURES")
	if dir == "" {
		t.Skip("writes pictures for people to look at; set MAP_PICTURES to a folder")
	}
	for _, tt := range []struct {
		file     string
		outlines []string
	}{
		{"data/ilorin/Ilorin_3LGA.zip", []string{"LGACode"}},
		{"data/nigeria/kano_wards.geojson", []string{"LGACode"}},
		{"data/nigeria/nga_wards_9367.zip", []string{"LGACode", "StateCode"}},
	} {
		m := realMap(t, sharedLayer(t, tt.file), tt.outlines...)
		wide := build(t, m)
		m.Width, m.Height = 480, 560
		tall := build(t, m)
		name := filepath.Join(dir, filepath.Base(tt.file))
		write(t, name+".png", func(w io.Writer) error { return PNG(t.Context(), w, wide, 2) })
		write(t, name+".tall.png", func(w io.Writer) error { return PNG(t.Context(), w, tall, 2) })
		write(t, name+".svg", func(w io.Writer) error { return SVG(t.Context(), w, wide) })
		write(t, name+".pdf", func(w io.Writer) error { return writePDF(t, w, wide) })
	}
}

func write(t *testing.T, name string, draw func(io.Writer) error) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(draw(f), f.Close()); err != nil {
		t.Fatal(err)
	}
}
