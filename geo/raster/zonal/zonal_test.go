package zonal

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/raster"
)

// small is a raster of package raster's tests: 37 × 23 cells of 0.1° from
// 8° E 11.3° N.
func small(t testing.TB, name string, o raster.Options) *raster.Raster {
	t.Helper()
	data, err := os.ReadFile("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := raster.Open(name, data, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func box(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// Cells hold (7c + 13r) mod 97.
func TestByHand(t *testing.T) {
	r := small(t, "byte_strips.tif", raster.Options{})
	halves := box(8.05, 11.2, 8.15, 11.3) // half of cell (0, 0) and half of (1, 0): 0 and 7
	hole := box(8, 11, 8.3, 11.3)         // 3 × 3 cells without the one in the middle
	hole[0] = append(hole[0], orb.Ring{{8.1, 11.1}, {8.1, 11.2}, {8.2, 11.2}, {8.2, 11.1}, {8.1, 11.1}})
	level := orb.MultiPolygon{{{{8, 11.25}, {8.3, 11.25}, {8.3, 11.3}, {8, 11.3}, {8, 11.25}}}} // a level edge through three cells
	areas := []orb.MultiPolygon{halves, hole, level, box(7.5, 11.2, 8.1, 11.3), box(20, 20, 21, 21), nil, box(8.01, 11.21, 8.02, 11.22)}
	z := statistics(t, r, areas, Options{Rule: Exact, Classes: []Class{{"low", func(v float64) bool { return v < 5 }}}})
	if z[0].Cells != 2 || !near(z[0].Covered, 1) || !near(z[0].Mean, 3.5) || !near(z[0].Shares[0], 0.5) || z[0].Min != 0 || z[0].Max != 7 {
		t.Errorf("halves: %+v", z[0])
	}
	if want := 0.0 + 7 + 14 + 13 + 27 + 26 + 33 + 40; z[1].Cells != 8 || !near(z[1].Sum, want) || !near(z[1].Covered, 8) {
		t.Errorf("hole: %+v, want %g", z[1], want)
	}
	if z[2].Cells != 3 || !near(z[2].Covered, 1.5) || !near(z[2].Mean, 7) || !near(z[2].Share, 1) {
		t.Errorf("level edge: %+v", z[2])
	}
	if z[3].Cells != 1 || !near(z[3].Covered, 1) || !near(z[3].Share, 1.0/6) {
		t.Errorf("half outside: %+v", z[3])
	}
	for i, why := range map[int]Reason{4: Outside, 5: NoGeometry} {
		if z[i].Reason != why || !math.IsNaN(z[i].Mean) || !math.IsNaN(z[i].Sum) {
			t.Errorf("%d: %+v, want %q", i, z[i], why)
		}
	}
	if z[6].Cells != 1 || !near(z[6].Covered, 0.01) || z[6].Mean != 0 || z[6].Reason != "" {
		t.Errorf("smaller than a cell: %+v", z[6])
	}
	z = statistics(t, r, areas, Options{Rule: Centre})
	if z[6].Reason != NoCentre || z[1].Cells != 8 || z[2].Cells != 0 && z[2].Cells != 3 {
		t.Errorf("by centres: %+v", z)
	}
}

// Cells without a value neither count nor lower a mean; what they leave out
// shows in the share.
func TestCellsWithoutValueDoNotCount(t *testing.T) {
	r := small(t, "float64_packbits.tif", raster.Options{}) // no value where c + r is divisible by 11
	z := statistics(t, r, []orb.MultiPolygon{box(8, 11.2, 8.2, 11.3), box(8, 11.2, 8.1, 11.3)}, Options{Rule: Exact})
	if z[0].Cells != 1 || !near(z[0].Mean, 7.25) || !near(z[0].Share, 0.5) {
		t.Errorf("half without: %+v", z[0])
	}
	if z[1].Reason != NoData || z[1].Share > 1e-9 {
		t.Errorf("wholly without: %+v", z[1])
	}
}

// Areas that tile a rectangle must together have its sum, whatever their
// shape, and the order of areas must not matter.
func TestPartsAddUp(t *testing.T) {
	r := small(t, "byte_strips.tif", raster.Options{})
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		west, east := 8.3+rng.Float64(), 9.5+2*rng.Float64()
		south, north := 9.1+rng.Float64()/2, 10.2+rng.Float64()
		line := orb.LineString{{west, south + (north-south)*rng.Float64()}}
		for x := west; x < east; x += 0.3 * rng.Float64() {
			line = append(line, orb.Point{x, south + (north-south)*rng.Float64()})
		}
		line = append(line, orb.Point{east, south + (north-south)*rng.Float64()})
		upper, lower := orb.Ring{{east, north}, {west, north}}, orb.Ring{{west, south}, {east, south}}
		upper = append(append(upper, line...), upper[0])
		backward := line.Clone()
		backward.Reverse()
		lower = append(append(lower, backward...), lower[0])
		z := statistics(t, r, []orb.MultiPolygon{box(west, south, east, north), {{upper}}, {{lower}}}, Options{Rule: Exact})
		again := statistics(t, r, []orb.MultiPolygon{{{lower}}, {{upper}}}, Options{Rule: Exact})
		if math.Abs(z[1].Sum+z[2].Sum-z[0].Sum) > 1e-8 || math.Abs(z[1].Covered+z[2].Covered-z[0].Covered) > 1e-9 {
			t.Fatalf("%g + %g isn't %g", z[1].Sum, z[2].Sum, z[0].Sum)
		}
		if again[0].Sum != z[2].Sum || again[1].Sum != z[1].Sum {
			t.Fatal("the order of areas matters")
		}
	}
}

// A raster in another system: a box that is straight in the raster's plane is
// found again through longitude and latitude.
func TestOtherSystems(t *testing.T) {
	for _, name := range []string{"minna_utm.tif", "africa_albers.tif", "lcc.tif"} {
		r := small(t, name, raster.Options{})
		x0, y1 := r.Place.At(10, 8)
		x1, y0 := r.Place.At(14.5, 12.25)
		var ring orb.Ring
		for _, side := range [][2]orb.Point{{{x0, y0}, {x1, y0}}, {{x1, y0}, {x1, y1}}, {{x1, y1}, {x0, y1}}, {{x0, y1}, {x0, y0}}} {
			for i := range 50 {
				f := float64(i) / 50
				ring = append(ring, geographic(r.CRS, side[0][0]+f*(side[1][0]-side[0][0]), side[0][1]+f*(side[1][1]-side[0][1])))
			}
		}
		ring = append(ring, ring[0])
		z := statistics(t, r, []orb.MultiPolygon{{{ring}}}, Options{Rule: Exact})[0]
		if want := 4.5 * 4.25; math.Abs(z.Covered/(want*z.Share)-1) > 1e-4 || z.Share < 0.8 {
			t.Errorf("%s: %+v, want %g cells", name, z, want)
		}
	}
}

func geographic(s *crs.System, x, y float64) orb.Point {
	lon, lat := s.ToWGS84(x, y)
	return orb.Point{lon, lat}
}

// Rasters whose longitudes run from 0 to 360, or further west, are met by
// turning once round; an area across the seam gets its cells on both sides.
func TestLongitudesComeRound(t *testing.T) {
	areas := []orb.MultiPolygon{box(8.05, 11.2, 8.15, 11.3)}
	for _, turn := range []float64{-360, 0, 360} {
		r := small(t, "byte_strips.tif", raster.Options{})
		r.Place.X0 += turn
		if z := statistics(t, r, areas, Options{Rule: Exact})[0]; !near(z.Mean, 3.5) || math.Abs(z.Covered-1) > 1e-6 {
			t.Errorf("turned by %g: %+v", turn, z)
		}
	}
	globe := small(t, "globe.tif", raster.Options{}) // 72 × 36 cells of 5°, (7c + 13r) mod 97
	globe.Place.X0 = 0
	z := statistics(t, globe, []orb.MultiPolygon{box(-5, 85, 5, 90)}, Options{Rule: Exact})[0]
	if z.Cells != 2 || !near(z.Covered, 2) || z.Max != float64(71*7%97) || z.Min != 0 || !near(z.Share, 1) {
		t.Errorf("across the seam: %+v", z)
	}
}
