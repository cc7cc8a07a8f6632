package scene

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// Snyder, Map Projections: A Working Manual (1987), appendix A, numerical
// example of the cylindrical equal-area projection, ellipsoid, normal aspect:
// Clarke 1866, standard parallel 5° N, central meridian 75° W; 5° N 78° W lies at
// x = −332,699.8 m, y = 554,248.5 m.
func TestProjectionEqualsSnyder(t *testing.T) {
	clarke := ellipsoid{a: 6378206.4, e2: 0.00676866}
	p := projectionAt(clarke, 5, -75)
	x, y := p.x(-78), p.y(5)
	if math.Abs(x+332699.8) > 0.05 || math.Abs(y-554248.5) > 0.05 {
		t.Errorf("x = %.1f, y = %.1f; want −332699.8, 554248.5", x, y)
	}
}

// A cell of one degree keeps its area on the ellipsoid, wherever it lies. The
// area is summed here from radii of curvature, another way than the formula's.
func TestProjectionKeepsAreas(t *testing.T) {
	earth := wgs84()
	p := newProjection(orb.Bound{Min: orb.Point{2, 4}, Max: orb.Point{15, 14}})
	for latitude := 4.0; latitude < 14; latitude++ {
		const steps = 2000
		want := 0.0
		for i := range steps {
			phi := (latitude + (float64(i)+0.5)/steps) * math.Pi / 180
			w := 1 - earth.e2*math.Pow(math.Sin(phi), 2)
			meridian := earth.a * (1 - earth.e2) / math.Pow(w, 1.5)
			parallel := earth.a / math.Sqrt(w) * math.Cos(phi)
			want += meridian * parallel * math.Pow(math.Pi/180, 2) / steps
		}
		got := (p.x(9) - p.x(8)) * (p.y(latitude+1) - p.y(latitude))
		if math.Abs(got/want-1) > 1e-8 {
			t.Errorf("a cell at %v° has %v m², want %v", latitude, got, want)
		}
	}
}

// The scale bar's promise: along the middle parallel a degree of longitude is
// as long as on WGS 84. Published lengths, in kilometres: 111.320 at 0°,
// 107.550 at 15°, 96.486 at 30°, 78.847 at 45°, 55.800 at 60°.
func TestScaleIsTrueAtTheMiddleLatitude(t *testing.T) {
	for latitude, want := range map[float64]float64{0: 111320, 15: 107550, 30: 96486, 45: 78847, 60: 55800} {
		p := newProjection(orb.Bound{Min: orb.Point{7, latitude - 2}, Max: orb.Point{9, latitude + 2}})
		if got := p.x(9) - p.x(8); math.Abs(got-want) > 1 {
			t.Errorf("a degree at %v° measures %.1f m, want %v", latitude, got, want)
		}
	}
}

// The same on a finished page, through MetresPerPoint.
func TestMetresPerPoint(t *testing.T) {
	s := build(t, testMap([]orb.MultiPolygon{box(7, 14, 9, 15), box(7, 15, 9, 16)}))
	minX, maxX := math.Inf(1), math.Inf(-1)
	for _, p := range of[Tiling](s)[0].Tiles[0].Rings[0] {
		minX, maxX = min(minX, p.X), max(maxX, p.X)
	}
	metres := (maxX - minX) * s.MetresPerPoint / 2
	if math.Abs(metres/107550-1) > 0.002 { // the width is on a grid of some 1/1500
		t.Errorf("a degree at 15° measures %.0f m on the map, want 107550", metres)
	}
}

func TestFitTouchesTheFrame(t *testing.T) {
	frame := Rect{X: 10, Y: 20, W: 300, H: 200}
	for _, b := range []orb.Bound{
		{Min: orb.Point{3, 4}, Max: orb.Point{14, 6}},
		{Min: orb.Point{3, 4}, Max: orb.Point{4, 14}},
		{Min: orb.Point{-80, -60}, Max: orb.Point{-70, 60}},
	} {
		v := newProjection(b).fit(b, frame)
		nw, se := v.at(orb.Point{b.Min[0], b.Max[1]}), v.at(orb.Point{b.Max[0], b.Min[1]})
		left, top := nw.X-frame.X, nw.Y-frame.Y
		right, bottom := frame.X+frame.W-se.X, frame.Y+frame.H-se.Y
		if math.Abs(left-right) > 1e-6 || math.Abs(top-bottom) > 1e-6 || math.Abs(min(left, top)) > 1e-6 {
			t.Errorf("%v leaves %v %v %v %v around it", b, left, top, right, bottom)
		}
	}
}
