package measure

import (
	"math"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/boundary/crs"
)

// reference/geo/ward_measures.csv.gz: geodesic areas by GDAL (pyproj), areas,
// perimeters and centres in EPSG:26332 and centres in degrees by geopandas. All
// wards for the geodesic areas and the degrees; in the plane those north of
// 6.2° N and west of 14.4° E, for beyond PROJ shifts the Minna datum by other
// operations than EPSG:1168 (up to 13 m, and across a limit two in one ward).
func TestWardsEqualTheReference(t *testing.T) {
	l, err := boundary.Read(t.Context(), []boundary.File{{Name: "w.zip", Data: beside.Read(t, "data/nigeria/nga_wards_9367.zip")}}, boundary.Options{})
	if err != nil {
		t.Fatal(err)
	}
	utm, err := crs.FromEPSG(26332)
	if err != nil {
		t.Fatal(err)
	}
	projected := 0
	for i, r := range beside.CSV(t, "reference/geo/ward_measures.csv.gz")[1:] {
		a, want := l.Areas[i], numbers(t, r[1:])
		if i%4 == 0 { // a quarter of the wards: a second of work
			if got := Area(a); math.Abs(got/want[1]-1) > 1e-9 {
				t.Errorf("%s: %.4f m², want %.4f", r[0], got, want[1])
			}
		}
		if _, c := Plane(a); math.Hypot(c[0]-want[4], c[1]-want[5]) > 1e-12 {
			t.Errorf("%s: centre %v, want %v", r[0], c, want[4:6])
		}
		b := a.Bound()
		if b.Min[1] < 6.2 || b.Max[0] > 14.4 {
			continue
		}
		projected++
		plane := Project(a, utm)
		area, centre := Plane(plane)
		if math.Abs(area/want[0]-1) > 1e-11 || math.Hypot(centre[0]-want[2], centre[1]-want[3]) > 0.01 || math.Abs(planar.Length(plane)/want[6]-1) > 1e-11 {
			t.Errorf("%s: %.6f m² around %.4f, %.6f m long; want %v", r[0], area, centre, planar.Length(plane), r)
		}
	}
	if projected < 7000 {
		t.Errorf("only %d wards were compared in the plane", projected)
	}
}

func numbers(t *testing.T, texts []string) []float64 {
	t.Helper()
	out := make([]float64, len(texts))
	for i, s := range texts {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v
	}
	return out
}

// The quarter of a meridian of WGS 84 is 10,001,965.729 m long, a degree of the
// equator a π/180. Flinders Peak to Buninyong is the worked example of the
// Geocentric Datum of Australia (technical manual, chapter 4), on GRS 80, whose
// figure is WGS 84's to a tenth of a millimetre.
func TestDistances(t *testing.T) {
	for _, c := range []struct {
		a, b orb.Point
		want float64
	}{
		{orb.Point{0, 0}, orb.Point{0, 90}, 10001965.7293},
		{orb.Point{10, 0}, orb.Point{11, 0}, 6378137 * math.Pi / 180},
		{orb.Point{144 + 25.0/60 + 29.52440/3600, -(37 + 57.0/60 + 3.72030/3600)},
			orb.Point{143 + 55.0/60 + 35.38390/3600, -(37 + 39.0/60 + 10.15610/3600)}, 54972.271},
		{orb.Point{8, 9}, orb.Point{8, 9}, 0},
	} {
		if got := Distance(c.a, c.b); math.Abs(got-c.want) > 1e-3 {
			t.Errorf("%v to %v: %.4f m, want %.4f", c.a, c.b, got, c.want)
		}
	}
	if d := Distance(orb.Point{0, 0}, orb.Point{179.7, 0.5}); !math.IsNaN(d) {
		t.Errorf("opposite points: %g", d)
	}
}

// The half of the globe north of the equator, and an octant of it, in pieces
// far longer than any border: 255,032,810 km² is half of WGS 84's surface.
func TestAreasOfTheGlobe(t *testing.T) {
	octant := orb.MultiPolygon{{{{0, 0}, {90, 0}, {0, 90}, {0, 0}}}}
	if got := Area(octant); math.Abs(got/(510065621724088.44/8)-1) > 1e-9 {
		t.Errorf("an octant has %.0f m²", got)
	}
	hole := orb.MultiPolygon{{octant[0][0], {{10, 10}, {10, 20}, {20, 20}, {20, 10}, {10, 10}}}}
	if got, want := Area(octant)-Area(hole), Area(orb.MultiPolygon{{hole[0][1]}}); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("the hole takes %.0f m² off, and has %.0f", got, want)
	}
	if Area(nil) != 0 || Perimeter(nil) != 0 {
		t.Error("nothing has a size")
	}
	square := orb.MultiPolygon{{{{8, 0}, {9, 0}, {9, 1}, {8, 1}, {8, 0}}}}
	if got, want := Perimeter(square), Distance(orb.Point{8, 0}, orb.Point{9, 0})+2*Distance(orb.Point{8, 0}, orb.Point{8, 1})+Distance(orb.Point{8, 1}, orb.Point{9, 1}); math.Abs(got-want) > 1e-6 {
		t.Errorf("perimeter %.6f, want %.6f", got, want)
	}
}
