package draw

import (
	"image"
	"image/color"
	"testing"

	"chatmrpt/geo/scene"
	"github.com/paulmach/orb"
)

func box(x0, y0, x1, y1 float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}}}
}

// sixAreas is a made-up district: two rows of three, one with a hole that
// another fills, one without data.
func sixAreas() scene.Map {
	low, medium, high := scene.RiskColors()
	ring := orb.MultiPolygon{{
		{{8.2, 9}, {8.3, 9}, {8.3, 9.1}, {8.2, 9.1}, {8.2, 9}},
		{{8.23, 9.03}, {8.23, 9.07}, {8.27, 9.07}, {8.27, 9.03}, {8.23, 9.03}},
	}}
	return scene.Map{
		Title: "Risk <made up> & “drawn”", Subtitle: "Ẹkọ, Ọ̀ṣun, Ƙofar Ɗan Agundi; ≥ 5 cases", LegendTitle: "Category", Unit: "wards",
		Areas: []orb.MultiPolygon{
			box(8, 9, 8.1, 9.1), box(8.1, 9, 8.2, 9.1), ring,
			box(8, 9.1, 8.15, 9.2), box(8.15, 9.1, 8.3, 9.2), box(8.23, 9.03, 8.27, 9.07),
		},
		Class:    []int{0, 1, 2, 2, -1, 0},
		Classes:  []scene.Class{{Label: "Low", Fill: low}, {Label: "Medium", Fill: medium}, {Label: "High", Fill: high}},
		Outlines: [][]orb.LineString{{{{8, 9.1}, {8.3, 9.1}}}},
		Notes:    []string{"Made-up data"},
		Width:    400, Height: 250,
	}
}

func build(t testing.TB, m scene.Map) *scene.Scene {
	t.Helper()
	s, err := scene.Build(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func picture(t testing.TB, s *scene.Scene, scale float64) *image.RGBA {
	t.Helper()
	img, err := Image(t.Context(), s, scale)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// page is a scene of single items on white paper.
func page(items ...scene.Item) *scene.Scene {
	paper := scene.Rect{W: 40, H: 30, Fill: color.NRGBA{255, 255, 255, 255}}
	return &scene.Scene{Width: 40, Height: 30, Items: append([]scene.Item{paper}, items...)}
}

// far returns the largest difference between the channels of two colours.
func far(a, b color.Color) int {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	diff := func(x, y uint32) int { return max(int(x>>8)-int(y>>8), int(y>>8)-int(x>>8)) }
	return max(diff(ar, br), diff(ag, bg), diff(ab, bb))
}
