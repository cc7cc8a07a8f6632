package scene

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// extentOf returns the box of an item on the page.
func extentOf(item Item) (minX, minY, maxX, maxY float64) {
	minX, minY, maxX, maxY = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	grow := func(p Point) {
		minX, minY = min(minX, p.X), min(minY, p.Y)
		maxX, maxY = max(maxX, p.X), max(maxY, p.Y)
	}
	switch it := item.(type) {
	case Rect:
		grow(Point{it.X, it.Y})
		grow(Point{it.X + it.W, it.Y + it.H})
	case Text:
		grow(Point{it.X, it.Y - 0.75*it.Size})
		grow(Point{it.X + it.Width, it.Y + 0.25*it.Size})
	case Strokes:
		for _, line := range it.Lines {
			for _, p := range line {
				grow(p)
			}
		}
	case Tiling:
		for _, tile := range it.Tiles {
			for _, ring := range tile.Rings {
				for _, p := range ring {
					grow(p)
				}
			}
		}
	}
	return minX, minY, maxX, maxY
}

// Whatever the page and the texts, the map stays in its frame, everything else
// outside of it, nothing leaves the page, and no two texts overlap.
func TestNothingCoversAnything(t *testing.T) {
	long := strings.Repeat("Positivity of malaria tests among children under five ", 6)
	for _, size := range [][2]float64{{800, 500}, {500, 800}, {482, 425}, {400, 400}, {3000, 2000}, {1600, 700}} {
		for _, text := range []string{"", "Malaria risk", long, strings.Repeat("W", 300)} {
			m := testMap(squares(4))
			m.Width, m.Height = size[0], size[1]
			m.Title, m.Subtitle, m.LegendTitle = text, text, text
			m.Classes[1].Label = text
			m.Outlines = [][]orb.LineString{{{{8, 9}, {8.4, 9.4}}}}
			s, err := Build(t.Context(), m)
			if err != nil {
				t.Errorf("%v with a text of %d letters: %v", size, len(text), err)
				continue
			}
			checkPage(t, s)
		}
	}
}

func checkPage(t *testing.T, s *Scene) {
	t.Helper()
	const slack = 1 // the width of a pen, and the grid
	f := s.Frame
	inMap := true
	var texts []Text
	for i, item := range s.Items {
		if _, ok := item.(Text); ok {
			inMap = false
		}
		x0, y0, x1, y1 := extentOf(item)
		if x0 < -slack || y0 < -slack || x1 > s.Width+slack || y1 > s.Height+slack {
			t.Errorf("%v×%v: item %d %T leaves the page: %v %v %v %v", s.Width, s.Height, i, item, x0, y0, x1, y1)
		}
		inFrame := x0 >= f.X-slack && y0 >= f.Y-slack && x1 <= f.X+f.W+slack && y1 <= f.Y+f.H+slack
		outside := x1 <= f.X || y1 <= f.Y || x0 >= f.X+f.W || y0 >= f.Y+f.H
		if i > 0 && inMap && !inFrame || !inMap && !outside {
			t.Errorf("%v×%v: item %d %T lies at %v %v %v %v, the frame at %v", s.Width, s.Height, i, item, x0, y0, x1, y1, f)
		}
		if text, ok := item.(Text); ok {
			checkApart(t, text, texts)
			texts = append(texts, text)
		}
	}
}

func checkApart(t *testing.T, text Text, others []Text) {
	t.Helper()
	x0, y0, x1, y1 := extentOf(text)
	for _, o := range others {
		ox0, oy0, ox1, oy1 := extentOf(o)
		if x0 < ox1-0.5 && ox0 < x1-0.5 && y0 < oy1-0.5 && oy0 < y1-0.5 {
			t.Errorf("%q covers %q", text.Text, o.Text)
		}
	}
}

func TestLegend(t *testing.T) {
	m := testMap(append(squares(3), nil)) // classes −1 0 1 2 −1 0 1 2 −1 0
	m.Unit = "wards"
	var got []string
	for _, text := range of[Text](build(t, m)) {
		got = append(got, text.Text)
	}
	all := strings.Join(got, "|")
	if want := "Category|wards|High|2|Medium|2|Low|3|No data|3|"; !strings.Contains(all, want) {
		t.Errorf("texts %q lack %q", all, want)
	}
	plain := strings.ReplaceAll(all, "|", " ")
	if want := "Without a boundary, so not drawn: 1 of 10 wards."; !strings.Contains(plain, want) {
		t.Errorf("texts %q do not tell of the ward without a boundary", all)
	}
	for i := range m.Class {
		m.Class[i] = 0
	}
	for _, text := range of[Text](build(t, m)) {
		if text.Text == "No data" {
			t.Error("the legend has a row for no data, of which there is none")
		}
	}
}

// Areas without data are grey and hatched; others are not.
func TestNoDataIsHatched(t *testing.T) {
	m := testMap(squares(3))
	hatched := func() int {
		n := 0
		for _, s := range of[Strokes](build(t, m)) {
			if s.Color == rgba(noDataHatch) {
				n++
			}
		}
		return n
	}
	if got := hatched(); got != 2 { // the map and the legend
		t.Errorf("%d hatchings, want 2", got)
	}
	for _, tile := range of[Tiling](build(t, m))[0].Tiles {
		if none := m.Class[tile.Area] < 0; none != (tile.Fill == rgba(noDataFill)) {
			t.Errorf("area %d of class %d is %v", tile.Area, m.Class[tile.Area], tile.Fill)
		}
	}
	for i := range m.Class {
		m.Class[i] = 1
	}
	if got := hatched(); got != 0 {
		t.Errorf("%d hatchings on a map with all data", got)
	}
}

// The bar is as long as its label says, by the scale of the scene.
func TestScaleBarIsTrue(t *testing.T) {
	for _, side := range []float64{0.001, 0.02, 0.3, 2, 8} {
		m := testMap([]orb.MultiPolygon{box(7, 9, 7+side, 9+side)})
		s := build(t, m)
		var end Text
		for _, text := range of[Text](s) {
			if strings.HasSuffix(text.Text, " km") || strings.HasSuffix(text.Text, " m") {
				end = text
			}
		}
		bar := 0.0
		for _, r := range of[Rect](s) {
			if r.Fill == rgba(ink) {
				bar = 2 * r.W
			}
		}
		number, unit, _ := strings.Cut(end.Text, " ")
		metres := map[string]float64{"m": 1, "km": 1000}[unit] * parse(t, number)
		if got := bar * s.MetresPerPoint; math.Abs(got/metres-1) > 1e-9 {
			t.Errorf("a bar of %v m is labelled %q", got, end.Text)
		}
		if bar < 40 || bar > 170 {
			t.Errorf("the bar of %q is %v points long", end.Text, bar)
		}
	}
}

func parse(t *testing.T, s string) float64 {
	t.Helper()
	for i, c := range []string{"1", "2", "5"} {
		if strings.HasPrefix(s, c) && strings.Trim(s[1:], "0") == "" {
			return []float64{1, 2, 5}[i] * math.Pow(10, float64(len(s)-1))
		}
	}
	t.Fatalf("the scale bar ends at %q, which is not round", s)
	return 0
}

func TestRoundLength(t *testing.T) {
	for room, want := range map[float64]float64{1: 1, 1.9: 1, 2: 2, 4.99: 2, 5: 5, 9.9: 5, 123456: 100000, 0.07: 0.05} {
		if got := roundLength(room); math.Abs(got/want-1) > 1e-12 {
			t.Errorf("in %v there is room for %v, not %v", room, want, got)
		}
	}
	for metres, want := range map[float64][2]string{500: {"250", "500 m"}, 1000: {"0.5", "1 km"}, 5000: {"2.5", "5 km"}, 200000: {"100", "200 km"}} {
		if half, whole := lengthLabels(metres); half != want[0] || whole != want[1] {
			t.Errorf("%v m is labelled %q, %q; want %q", metres, half, whole, want)
		}
	}
}

// Borders of thousands of wards are thinner than those of a few, and outlines
// heavier than borders, the later the heavier.
func TestPens(t *testing.T) {
	few, many := testMap(squares(3)), testMap(squares(40))
	line := orb.LineString{{8, 9}, {8.1, 9.1}}
	many.Outlines = [][]orb.LineString{{line}, {line}}
	thin, thick := of[Strokes](build(t, many)), of[Strokes](build(t, few))
	pen := func(all []Strokes) float64 {
		for _, s := range all {
			if s.Color == rgba(innerBorder) {
				return s.Width
			}
		}
		return 0
	}
	if a, b := pen(thin), pen(thick); a <= 0 || a >= 0.6*b {
		t.Errorf("1,600 areas are parted by %v, 9 by %v points", a, b)
	}
	var outlines []float64
	for _, s := range thin {
		if s.Color == rgba(outlineInk) {
			outlines = append(outlines, s.Width)
		}
	}
	if len(outlines) != 2 || outlines[0] <= pen(thin) || outlines[1] <= outlines[0] {
		t.Errorf("outlines of %v points over borders of %v", outlines, pen(thin))
	}
}

func TestBuildIsDeterministicAndChangesNothing(t *testing.T) {
	m := testMap(squares(6))
	m.Outlines = [][]orb.LineString{{{{8, 9}, {8.1, 9.1}, {8.2, 9}}}}
	before := testMap(squares(6))
	before.Outlines = [][]orb.LineString{{{{8, 9}, {8.1, 9.1}, {8.2, 9}}}}
	first := build(t, m)
	for range 5 {
		if !reflect.DeepEqual(build(t, m), first) {
			t.Fatal("the same map gives two scenes")
		}
	}
	if !reflect.DeepEqual(m, before) {
		t.Error("Build changed the map it was given")
	}
}

func TestBuildRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := map[string]struct {
		change func(*Map)
		want   error
	}{
		"no areas":           {func(m *Map) { m.Areas, m.Class = nil, nil }, ErrMap},
		"no boundary at all": {func(m *Map) { clear(m.Areas) }, ErrMap},
		"too few classes":    {func(m *Map) { m.Class = m.Class[1:] }, ErrMap},
		"an unknown class":   {func(m *Map) { m.Class[0] = 3 }, ErrMap},
		"class −2":           {func(m *Map) { m.Class[0] = -2 }, ErrMap},
		"metres for degrees": {func(m *Map) { m.Areas[0] = box(316000, 565000, 317000, 566000) }, ErrMap},
		"NaN":                {func(m *Map) { m.Areas[0] = box(nan, 0, 1, 1) }, ErrMap},
		"infinite outline":   {func(m *Map) { m.Outlines = [][]orb.LineString{{{{0, inf}}}} }, ErrMap},
		"no width":           {func(m *Map) { m.Width = 0 }, ErrMap},
		"NaN height":         {func(m *Map) { m.Height = nan }, ErrMap},
		"vast page":          {func(m *Map) { m.Width = MaxSide + 1 }, ErrMap},
		"coarse resolution":  {func(m *Map) { m.Resolution = inf }, ErrMap},
		"no room, tall":      {func(m *Map) { m.Width, m.Height = 100, 100 }, ErrTooSmall},
		"no room, wide": {func(m *Map) {
			m.Width, m.Height = 400, 120
		}, ErrTooSmall},
		"more notes than page": {func(m *Map) {
			for range 200 {
				m.Notes = append(m.Notes, "Source: a survey nobody can name")
			}
		}, ErrTooSmall},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := testMap(squares(2))
			tt.change(&m)
			if _, err := Build(t.Context(), m); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, testMap(squares(2))); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}
