package crs

import "math"

// ellipsoid is the figure of the earth of a datum.
type ellipsoid struct {
	a  float64 // semi-major axis in metres
	rf float64 // inverse flattening; +Inf is a sphere
}

func (s ellipsoid) flattening() float64 { return 1 / s.rf }

// eccentricity is √(2f − f²).
func (s ellipsoid) eccentricity() float64 {
	f := s.flattening()
	return math.Sqrt(f * (2 - f))
}

// Figures used by name. Clarke 1880 (RGS) is EPSG ellipsoid 7012; it isn't
// the "clrk80" of many programs, whose flattening differs.
func wgs84Ellipsoid() ellipsoid { return ellipsoid{a: 6378137, rf: 298.257223563} }
func clarke1880RGS() ellipsoid  { return ellipsoid{a: 6378249.145, rf: 293.465} }

// projection turns metres on a plane into radians on its ellipsoid and back.
// A point outside the plane's sensible extent gives NaN.
type projection interface {
	inverse(east, north float64) (lon, lat float64)
	forward(lon, lat float64) (east, north float64)
}

// conformal gives the tangent of the conformal latitude of the tangent of a
// geodetic latitude, e being the eccentricity (Karney 2011, equations 7–9).
func conformal(tau, e float64) float64 {
	sigma := math.Sinh(e * math.Atanh(e*tau/math.Hypot(1, tau)))
	return tau*math.Hypot(1, sigma) - sigma*math.Hypot(1, tau)
}

// geodetic is the inverse of conformal by Newton's method (Karney 2011,
// equations 19–21); three steps give full precision for flattenings like the
// earth's, five leave room.
func geodetic(taup, e float64) float64 {
	e2m := 1 - e*e
	tau := taup / e2m
	for range 5 {
		t := conformal(tau, e)
		step := (taup - t) / math.Hypot(1, t) * (1 + e2m*tau*tau) / (e2m * math.Hypot(1, tau))
		if tau += step; math.Abs(step) < 1e-15*math.Max(1, math.Abs(tau)) {
			break
		}
	}
	return tau
}

// transverse is the transverse Mercator projection by Krüger's series to the
// fourth order, exact to less than a micrometre within 30° of the central
// meridian (Karney 2011, "Transverse Mercator with an accuracy of a few
// nanometers", equations 11–12, 15–16, 35–36).
//
// The wgs84 library (v1.1.7) has one too, but its inverse is off by 1 m at the
// edge of a UTM zone in Nigeria and by 8 m at 50° N (among other things, the
// exponent 3/2 of its radius of curvature is an integer division); so only its
// datum shifts are used.
type transverse struct {
	lon0        float64 // central meridian, radians
	east, north float64 // false easting and northing, metres
	radius      float64 // scale on the meridian × rectifying radius, metres
	xi0         float64 // rectifying latitude of the origin, radians
	e           float64
	alpha, beta [4]float64
}

// newTransverse takes the origin in degrees.
func newTransverse(s ellipsoid, lon0, lat0, scale, east, north float64) *transverse {
	n := s.flattening() / (2 - s.flattening())
	n2, n3, n4 := n*n, n*n*n, n*n*n*n
	t := &transverse{lon0: radians(lon0), east: east, north: north, e: s.eccentricity()}
	t.radius = scale * s.a / (1 + n) * (1 + n2/4 + n4/64)
	t.alpha = [4]float64{
		n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180,
		13*n2/48 - 3*n3/5 + 557*n4/1440,
		61*n3/240 - 103*n4/140,
		49561 * n4 / 161280,
	}
	t.beta = [4]float64{
		n/2 - 2*n2/3 + 37*n3/96 - n4/360,
		n2/48 + n3/15 - 437*n4/1440,
		17*n3/480 - 37*n4/840,
		4397 * n4 / 161280,
	}
	_, y := t.forward(t.lon0, radians(lat0))
	t.xi0 = (y - north) / t.radius
	return t
}

func (t *transverse) forward(lon, lat float64) (east, north float64) {
	taup := conformal(math.Tan(lat), t.e)
	sin, cos := math.Sincos(lon - t.lon0)
	xip := math.Atan2(taup, cos)
	etap := math.Asinh(sin / math.Hypot(taup, cos))
	xi, eta := xip, etap
	for i, a := range t.alpha {
		k := 2 * float64(i+1)
		xi += a * math.Sin(k*xip) * math.Cosh(k*etap)
		eta += a * math.Cos(k*xip) * math.Sinh(k*etap)
	}
	return t.east + t.radius*eta, t.north + t.radius*(xi-t.xi0)
}

func (t *transverse) inverse(east, north float64) (lon, lat float64) {
	xi := (north-t.north)/t.radius + t.xi0
	eta := (east - t.east) / t.radius
	// Beyond a pole or 50° from the meridian the plane means nothing: sine and
	// cosine would fold any number back onto the globe.
	if math.Abs(xi) > math.Pi/2 || math.Abs(eta) > 1 {
		return math.NaN(), math.NaN()
	}
	xip, etap := xi, eta
	for i, b := range t.beta {
		k := 2 * float64(i+1)
		sin, cos := math.Sincos(k * xi)
		xip -= b * sin * math.Cosh(k*eta)
		etap -= b * cos * math.Sinh(k*eta)
	}
	sinh := math.Sinh(etap)
	sin, cos := math.Sincos(xip)
	tau := geodetic(sin/math.Hypot(sinh, cos), t.e)
	return t.lon0 + math.Atan2(sinh, cos), math.Atan(tau)
}

// mercator is the Mercator projection with the equator as its origin (Snyder
// 1987, page 44). With e = 0 it is Web Mercator: the sphere's formulas on
// geodetic latitudes (EPSG method 1024).
type mercator struct {
	lon0        float64 // radians
	east, north float64 // metres
	radius      float64 // scale on the equator × semi-major axis, metres
	e           float64
}

func webMercator() *mercator { return &mercator{radius: wgs84Ellipsoid().a} }

// newMercator takes its angles in degrees; parallel is the one of true scale.
func newMercator(s ellipsoid, lon0, parallel, scale, east, north float64) *mercator {
	e := s.eccentricity()
	sin, cos := math.Sincos(radians(parallel))
	scale *= cos / math.Sqrt(1-e*e*sin*sin)
	return &mercator{lon0: radians(lon0), east: east, north: north, radius: scale * s.a, e: e}
}

func (m *mercator) forward(lon, lat float64) (east, north float64) {
	psi := math.Asinh(conformal(math.Tan(lat), m.e))
	return m.east + m.radius*(lon-m.lon0), m.north + m.radius*psi
}

func (m *mercator) inverse(east, north float64) (lon, lat float64) {
	psi := (north - m.north) / m.radius
	if math.Abs(psi) > 6 { // 6 is 89.7° of latitude
		return math.NaN(), math.NaN()
	}
	return m.lon0 + (east-m.east)/m.radius, math.Atan(geodetic(math.Sinh(psi), m.e))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
func degrees(radians float64) float64 { return radians * 180 / math.Pi }
