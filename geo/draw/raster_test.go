package draw

import (
	"bytes"
	"context"
	"errors"
	"image/color"
	"image/png"
	"math"
	"testing"

	"chatmrpt/geo/scene"
)

var errBroken = errors.New("broken")

// brokenWriter fails after some bytes.
type brokenWriter struct{ left int }

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

// centre returns the pixel at a longitude and latitude of the district, whose
// map fills its frame in one direction and lies in the middle of the other.
func centre(s *scene.Scene, lon, lat float64) (x, y int) {
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, item := range s.Items {
		if tiling, ok := item.(scene.Tiling); ok {
			for _, tile := range tiling.Tiles {
				x0, y0, x1, y1 := bounds(tile.Rings)
				minX, minY, maxX, maxY = min(minX, x0), min(minY, y0), max(maxX, x1), max(maxY, y1)
			}
		}
	}
	fx, fy := (lon-8)/0.3, (9.2-lat)/0.2
	return int(2 * (minX + fx*(maxX-minX))), int(2 * (minY + fy*(maxY-minY)))
}

func TestColoursOfTheMap(t *testing.T) {
	m := sixAreas()
	s := build(t, m)
	img := picture(t, s, 2)
	if b := img.Bounds(); b.Dx() != 800 || b.Dy() != 500 {
		t.Fatalf("the picture has %v", b)
	}
	for _, tt := range []struct {
		lon, lat float64
		class    int
	}{{8.05, 9.05, 0}, {8.15, 9.05, 1}, {8.21, 9.05, 2}, {8.07, 9.15, 2}, {8.25, 9.05, 0}} {
		x, y := centre(s, tt.lon, tt.lat)
		if got := img.At(x, y); far(got, m.Classes[tt.class].Fill) > 1 {
			t.Errorf("%v, %v is %v, want %v", tt.lon, tt.lat, got, m.Classes[tt.class].Fill)
		}
	}
	if got := img.RGBAAt(2, 2); got != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("the margin is %v", got)
	}
}

// No data is grey with darker lines: neither one flat colour nor a class's.
func TestNoDataIsDrawnHatched(t *testing.T) {
	s := build(t, sixAreas())
	img := picture(t, s, 2)
	x0, y0 := centre(s, 8.18, 9.18)
	shades := map[color.RGBA]int{}
	dark := 0
	for y := y0; y < y0+40; y++ {
		for x := x0; x < x0+40; x++ {
			c := img.RGBAAt(x, y)
			shades[c]++
			if c.R != c.G || c.G != c.B {
				t.Fatalf("no data is drawn in %v", c)
			}
			if c.R < 215 {
				dark++
			}
		}
	}
	if len(shades) < 3 || dark < 100 || dark > 900 {
		t.Errorf("%d shades, %d of 1600 pixels dark: not hatched", len(shades), dark)
	}
}

// Neighbours of one class look like one area: where the tiles meet no
// background shines through.
func TestNoHairlinesBetweenNeighbours(t *testing.T) {
	fill := color.NRGBA{178, 24, 43, 255}
	var tiling scene.Tiling
	// A fan of slanting tiles around a point, edges at all angles.
	const n = 23
	corner := func(i int) scene.Point {
		a := 2 * math.Pi * float64(i%n) / n
		return scene.Point{X: 20.13 + 30*math.Cos(a), Y: 15.37 + 30*math.Sin(a)}
	}
	for i := range n {
		tiling.Tiles = append(tiling.Tiles, scene.Tile{
			Area: i, Fill: fill, Rings: [][]scene.Point{{{X: 20.13, Y: 15.37}, corner(i), corner(i + 1)}},
		})
	}
	img := picture(t, page(tiling), 3)
	for y := range 90 {
		for x := range 120 {
			// The sum of up to 23 rounded parts may lack a few 255ths where
			// all tiles meet; a seam lacks 64.
			if d := far(img.At(x, y), fill); d > 10 {
				t.Fatalf("pixel %d,%d is off by %d: %v", x, y, d, img.At(x, y))
			}
		}
	}
}

func TestOverlappingTilesDoNotAddUp(t *testing.T) {
	square := [][]scene.Point{{{X: 5, Y: 5}, {X: 25, Y: 5}, {X: 25, Y: 25}, {X: 5, Y: 25}}}
	red, blue := color.NRGBA{250, 200, 200, 255}, color.NRGBA{0, 0, 255, 255}
	img := picture(t, page(scene.Tiling{Tiles: []scene.Tile{{Rings: square, Fill: red}, {Rings: square, Fill: blue}}}), 1)
	if got := img.At(15, 15); far(got, red) > 0 {
		t.Errorf("two tiles on one place are %v, want the first's %v", got, red)
	}
}

func TestAntialiasing(t *testing.T) {
	half := [][]scene.Point{{{X: 5, Y: 5}, {X: 10.5, Y: 5}, {X: 10.5, Y: 25}, {X: 5, Y: 25}}}
	img := picture(t, page(scene.Tiling{Tiles: []scene.Tile{{Rings: half, Fill: color.NRGBA{0, 0, 0, 255}}}}), 1)
	if got := img.RGBAAt(10, 15).R; got < 126 || got > 129 {
		t.Errorf("a pixel half covered by black is %d", got)
	}
}

// ink returns how much black a picture holds, in pixels.
func inkOf(t *testing.T, s *scene.Scene, scale float64) float64 {
	t.Helper()
	img := picture(t, s, scale)
	sum := 0.0
	for i := 0; i < len(img.Pix); i += 4 {
		sum += 1 - float64(img.Pix[i])/255
	}
	return sum
}

// A line covers its length times its width, bends filled and overlaps not
// counted twice.
func TestStrokesCoverWhatTheyShould(t *testing.T) {
	black := color.NRGBA{0, 0, 0, 255}
	tests := []struct {
		name string
		line []scene.Point
		pen  float64
		want float64
	}{
		{"straight", []scene.Point{{X: 5, Y: 10}, {X: 25, Y: 10}}, 2, 40},
		{"thin", []scene.Point{{X: 5, Y: 10}, {X: 25, Y: 10}}, 0.2, 4},
		{"slanting", []scene.Point{{X: 5, Y: 5}, {X: 20, Y: 25}}, 1, 25},
		// Two arms of 10×2 overlap in a square of 1×1 inside the bend; the
		// bevel outside adds half a square of 1×1.
		{"right bend", []scene.Point{{X: 10, Y: 20}, {X: 20, Y: 20}, {X: 20, Y: 10}}, 2, 40 - 1 + 0.5},
		{"left bend", []scene.Point{{X: 20, Y: 10}, {X: 20, Y: 20}, {X: 10, Y: 20}}, 2, 40 - 1 + 0.5},
		{"there and back", []scene.Point{{X: 5, Y: 10}, {X: 25, Y: 10}, {X: 5, Y: 10}}, 2, 40},
		{"standing still", []scene.Point{{X: 5, Y: 10}, {X: 5, Y: 10}, {X: 25, Y: 10}}, 2, 40},
		{"a point", []scene.Point{{X: 5, Y: 10}}, 2, 0},
		{"nothing", nil, 2, 0},
	}
	for _, tt := range tests {
		s := page(scene.Strokes{Lines: [][]scene.Point{tt.line}, Width: tt.pen, Color: black})
		if got := inkOf(t, s, 2) / 4; math.Abs(got-tt.want) > 0.005*tt.want+0.05 {
			t.Errorf("%s: covers %.2f square points, want %.2f", tt.name, got, tt.want)
		}
	}
}

// Crossing lines of one see-through pen are not darker where they meet.
func TestStrokesOfOnePenDoNotDarken(t *testing.T) {
	s := page(scene.Strokes{
		Lines: [][]scene.Point{{{X: 5, Y: 15}, {X: 35, Y: 15}}, {{X: 20, Y: 5}, {X: 20, Y: 25}}},
		Width: 4, Color: color.NRGBA{0, 0, 0, 128},
	})
	img := picture(t, s, 1)
	if a, b := img.RGBAAt(10, 15), img.RGBAAt(20, 15); a != b || a.R < 120 || a.R > 135 {
		t.Errorf("on a line %v, where two meet %v", a, b)
	}
}

func TestTextIsSetWhereItBelongs(t *testing.T) {
	black := color.NRGBA{0, 0, 0, 255}
	s := page(scene.Text{X: 10, Y: 20, Width: 8, Size: 10, Text: "Ẹɓ", Color: black})
	img := picture(t, s, 4)
	minX, minY, maxX, maxY := 1000, 1000, 0, 0
	for y := range 120 {
		for x := range 160 {
			if img.RGBAAt(x, y).R < 128 {
				minX, minY, maxX, maxY = min(minX, x), min(minY, y), max(maxX, x), max(maxY, y)
			}
		}
	}
	// From the left end, capitals 7.3 points above the baseline, the dot below.
	if minX < 40 || minX > 46 || minY < 46 || minY > 54 || maxY < 80 || maxY > 92 || maxX < 80 || maxX > 100 {
		t.Errorf("the text lies at %d,%d to %d,%d", minX, minY, maxX, maxY)
	}
}

// A letter that no font here has shows as a box, not as nothing.
func TestUnknownLettersShow(t *testing.T) {
	s := page(scene.Text{X: 10, Y: 20, Width: 8, Size: 10, Text: "🦟", Color: color.NRGBA{0, 0, 0, 255}})
	if inkOf(t, s, 2) < 5 {
		t.Error("an unknown letter leaves no trace")
	}
}

func TestPNGIsDeterministic(t *testing.T) {
	var first bytes.Buffer
	if err := PNG(t.Context(), &first, build(t, sixAreas()), 2); err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(first.Bytes())); err != nil || img.Bounds().Dx() != 800 {
		t.Errorf("the PNG reads back as %v, %v", img.Bounds(), err)
	}
	for range 3 {
		var again bytes.Buffer
		if err := PNG(t.Context(), &again, build(t, sixAreas()), 2); err != nil || !bytes.Equal(again.Bytes(), first.Bytes()) {
			t.Fatalf("the same map gives two pictures (%v)", err)
		}
	}
}

func TestImageRefuses(t *testing.T) {
	s := build(t, sixAreas())
	for _, scale := range []float64{0, -1, math.NaN(), math.Inf(1), 1e-9, 1000} {
		if _, err := Image(t.Context(), s, scale); !errors.Is(err, ErrSize) {
			t.Errorf("scale %v: error %v", scale, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Image(ctx, s, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
	if err := PNG(t.Context(), &brokenWriter{left: 100}, s, 2); !errors.Is(err, errBroken) {
		t.Errorf("a broken writer gives %v", err)
	}
}

// What lies off the page is cut off.
func TestItemsOffThePage(t *testing.T) {
	far := 5000.0
	ring := []scene.Point{{X: -far, Y: -far}, {X: far, Y: -far}, {X: far, Y: far}, {X: -far, Y: far}}
	fill := color.NRGBA{10, 20, 30, 255}
	img := picture(t, page(
		scene.Tiling{Tiles: []scene.Tile{{Rings: [][]scene.Point{ring}, Fill: fill}, {}}},
		scene.Strokes{Lines: [][]scene.Point{{{X: far, Y: far}, {X: 2 * far, Y: far}}}, Width: 1, Color: fill},
		scene.Text{X: 500, Y: 500, Size: 10, Text: "gone"},
	), 1)
	if got := img.RGBAAt(20, 15); got != (color.RGBA{10, 20, 30, 255}) {
		t.Errorf("the middle is %v", got)
	}
}
