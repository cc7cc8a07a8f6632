// Package crs turns the coordinates of a boundary file into longitude and
// latitude on WGS 84.
//
// A System comes from an EPSG code, from a name as GeoJSON writes it, or from
// the well-known text of a .prj file. Known are WGS 84 and the datums that
// equal it within a metre or two, Minna (Nigeria), any datum whose text
// carries its own TOWGS84 shift; and, on them, degrees, transverse Mercator
// (UTM, the Nigeria belts), Mercator and Web Mercator, Lambert's conformal and
// Albers' equal-area conic. Anything else is
// refused by name: a boundary put in the wrong place silently is worse than
// one not read. Axes are always x (east) then y (north), whatever the
// authority says, because that is how the files are written.
package crs

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wroge/wgs84"
)

// System is one reference system. It is never changed after it was made and
// may be used by several goroutines.
type System struct {
	name  string
	note  string
	unit  float64    // metres, or degrees, per unit of the file
	plane projection // nil where the file holds degrees
	shift wgs84.Func // nil where the datum is (as good as) WGS 84
	back  wgs84.Func // from WGS 84 to the datum, nil with shift
}

// UnknownError says that coordinates in a system can't be brought to WGS 84.
type UnknownError struct {
	Name string // the system as the file or the person names it
	Why  string // what about it isn't known
}

// Error names the system and says what about it isn't known.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("reference system %q: %s", e.Name, e.Why)
}

// WGS84 is longitude and latitude in degrees, EPSG:4326.
func WGS84() *System { return &System{name: "EPSG:4326", unit: 1} }

// String is "EPSG:N" where the system has such a code among those FromEPSG
// knows, else the name its text gives it.
func (s *System) String() string { return s.name }

// Note says how far the datum shift can be trusted; "" where there is none.
func (s *System) Note() string { return s.note }

// IsDegrees reports whether the file's own coordinates are longitudes and
// latitudes.
func (s *System) IsDegrees() bool { return s.plane == nil }

// ToWGS84 gives the longitude and latitude in degrees of a point in the
// units of the system. A point outside the extent where the projection has a
// meaning gives NaN.
func (s *System) ToWGS84(x, y float64) (lon, lat float64) {
	x, y = x*s.unit, y*s.unit
	if s.plane != nil {
		x, y = s.plane.inverse(x, y)
		x, y = degrees(x), degrees(y)
	}
	if s.shift != nil {
		x, y, _ = s.shift(x, y, 0)
	}
	return x, y
}

// FromWGS84 gives the point of a longitude and latitude in the units of the
// system, the inverse of ToWGS84.
func (s *System) FromWGS84(lon, lat float64) (x, y float64) {
	x, y = lon, lat
	if s.back != nil {
		x, y, _ = s.back(x, y, 0)
	}
	if s.plane != nil {
		x, y = s.plane.forward(radians(x), radians(y))
	}
	return x / s.unit, y / s.unit
}

// FromEPSG gives the system of a code: 4326, 3857, 32601–32660 and
// 32701–32760 (UTM on WGS 84), 4263 (Minna), 26331 and 26332 (Minna, UTM 31N
// and 32N), 26391–26393 (Minna, Nigeria West, Mid and East Belt). The error
// is an *UnknownError.
func FromEPSG(code int) (*System, error) {
	s := &System{name: fmt.Sprintf("EPSG:%d", code), unit: 1}
	zone := float64(code % 100)
	switch {
	case code == 4326:
	case code == 4263:
		s.onMinna()
	case code == 3857:
		s.plane = webMercator()
	case code > 32600 && code <= 32660:
		s.plane = newTransverse(wgs84Ellipsoid(), 6*zone-183, 0, 0.9996, 500000, 0)
	case code > 32700 && code <= 32760:
		s.plane = newTransverse(wgs84Ellipsoid(), 6*zone-183, 0, 0.9996, 500000, 1e7)
	case code == 26331 || code == 26332:
		s.plane = newTransverse(clarke1880RGS(), 6*zone-183, 0, 0.9996, 500000, 0)
		s.onMinna()
	case code >= 26391 && code <= 26393:
		lon0, east := belt(code)
		s.plane = newTransverse(clarke1880RGS(), lon0, 4, 0.99975, east, 0)
		s.onMinna()
	default:
		return nil, &UnknownError{Name: s.name, Why: "it isn't among the codes that can be read"}
	}
	return s, nil
}

// belt gives the central meridian and false easting of a Nigeria belt (EPSG
// 18151–18153); all have origin 4° N and scale 0.99975.
func belt(code int) (lon0, east float64) {
	switch code {
	case 26391:
		return 4.5, 230738.26
	case 26392:
		return 8.5, 670553.98
	}
	return 12.5, 1110369.7
}

// onMinna sets the datum to Minna by EPSG operation 1168, the only published
// one whose area is all of Nigeria. Regional ones (such as EPSG:1754 in the
// Niger delta, 5 m) differ from it by up to about 10 m.
func (s *System) onMinna() {
	s.setShift(clarke1880RGS(), [7]float64{-92, -93, 122})
	s.note = "shifted from the Minna datum to WGS 84 by EPSG:1168, published accuracy 15 m"
}

// setShift makes a seven-parameter shift to WGS 84: translations in metres,
// rotations in seconds of arc in the position vector convention, scale in
// parts per million.
func (s *System) setShift(e ellipsoid, p [7]float64) {
	datum := wgs84.Helmert(e.a, e.rf, p[0], p[1], p[2], p[3], p[4], p[5], p[6])
	s.shift = wgs84.Transform(datum.LonLat(), wgs84.LonLat())
	s.back = wgs84.Transform(wgs84.LonLat(), datum.LonLat())
}

// FromName gives the system of a name such as "EPSG:32632", "32632",
// "urn:ogc:def:crs:EPSG::3857", "http://www.opengis.net/def/crs/EPSG/0/4326"
// or one that ends in CRS84. The error is an *UnknownError.
func FromName(name string) (*System, error) {
	upper := strings.ToUpper(strings.TrimSpace(name))
	if strings.HasSuffix(upper, "CRS84") {
		return WGS84(), nil
	}
	digits := upper[strings.LastIndexAny(upper, ":/")+1:]
	code, err := strconv.Atoi(digits)
	if err != nil || (digits != upper && !strings.Contains(upper, "EPSG")) {
		return nil, &UnknownError{Name: name, Why: "it isn't an EPSG code"}
	}
	return FromEPSG(code)
}

// isClose compares parameters of reference systems, which writers round.
func isClose(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b))
}
