// Package measure gives areas, perimeters and centres of areas on the earth.
//
// Lengths and areas are those on the ellipsoid of WGS 84: an edge is the
// geodesic between its ends. The way of a geodesic is that of a great circle on
// a sphere of reduced latitudes (Vincenty 1975, "Direct and inverse solutions
// of geodesics on the ellipsoid"); the area beside it is the integral of the
// area between a latitude and the equator, which is known in closed form
// (Snyder 1987, equation 3-12), over the longitude. Edges of boundaries are
// short, so the integral over each is that of a parabola through its middle.
//
// In a plane, such as that of EPSG:26332, areas and centres are the usual
// formulas of polygons.
package measure

import (
	"math"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/crs"
)

// Area is the area in square metres on WGS 84; holes don't count. An area
// without geometry has 0.
func Area(m orb.MultiPolygon) float64 {
	sum := 0.0
	for _, p := range m {
		for i, r := range p {
			a := math.Abs(ringArea(r))
			if i > 0 {
				a = -a
			}
			sum += a
		}
	}
	return sum
}

// Perimeter is the length of all borders in metres on WGS 84, those of holes
// included.
func Perimeter(m orb.MultiPolygon) float64 {
	sum := 0.0
	for _, p := range m {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				sum += Distance(r[i-1], r[i])
			}
		}
	}
	return sum
}

// Distance is the length in metres of the geodesic between two points, in
// degrees, to a tenth of a millimetre. It is NaN for points so nearly opposite
// each other that Vincenty's formula finds no way.
func Distance(a, b orb.Point) float64 {
	if a == b {
		return 0
	}
	return inverse(a, b).length
}

// Project brings an area from degrees to the plane of a reference system. Its
// edges stay straight there.
func Project(m orb.MultiPolygon, s *crs.System) orb.MultiPolygon {
	out := m.Clone()
	for _, p := range out {
		for _, r := range p {
			for i, q := range r {
				r[i][0], r[i][1] = s.FromWGS84(q[0], q[1])
			}
		}
	}
	return out
}

// Plane is the area in square units of the coordinates and the centre of
// gravity of an area in a plane. An area that encloses nothing has the centre
// NaN.
func Plane(m orb.MultiPolygon) (area float64, centre orb.Point) {
	var x, y float64
	for _, p := range m {
		for i, r := range p {
			a, c := ringCentre(r)
			a = math.Abs(a)
			if i > 0 {
				a = -a
			}
			if a != 0 {
				area, x, y = area+a, x+a*c[0], y+a*c[1]
			}
		}
	}
	return area, orb.Point{x / area, y / area}
}

// ringCentre is the signed area and the centre of a ring, worked out from its
// first point so that large coordinates cost no digits.
func ringCentre(r orb.Ring) (area float64, centre orb.Point) {
	if len(r) == 0 {
		return 0, centre
	}
	o := r[0]
	var x, y float64
	for i := 1; i < len(r); i++ {
		ax, ay := r[i-1][0]-o[0], r[i-1][1]-o[1]
		bx, by := r[i][0]-o[0], r[i][1]-o[1]
		w := ax*by - bx*ay
		area += w
		x += w * (ax + bx)
		y += w * (ay + by)
	}
	return area / 2, orb.Point{o[0] + x/(3*area), o[1] + y/(3*area)}
}
