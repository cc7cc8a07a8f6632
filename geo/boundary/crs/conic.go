package crs

import "math"

// parallels is what the conic projections share: the cone's constant and the
// centre of its parallels.
type parallels struct {
	lon0        float64 // radians
	east, north float64 // false easting and northing, metres
	n           float64 // constant of the cone, negative for one that opens north
	rho0        float64 // radius of the origin's parallel, metres
}

func (c *parallels) forward(lon, rho float64) (east, north float64) {
	sin, cos := math.Sincos(c.n * (lon - c.lon0))
	return c.east + rho*sin, c.north + c.rho0 - rho*cos
}

// inverse gives the longitude and the radius of the parallel, signed as n is.
func (c *parallels) inverse(east, north float64) (lon, rho float64) {
	sign := math.Copysign(1, c.n)
	x, y := sign*(east-c.east), sign*(c.rho0-(north-c.north))
	return c.lon0 + math.Atan2(x, y)/c.n, sign * math.Hypot(x, y)
}

// lambert is the Lambert conformal conic projection (Snyder 1987, pages
// 107–109; EPSG guidance note 7-2, methods 9801 and 9802).
type lambert struct {
	parallels
	radius float64 // a F of Snyder, metres
	e      float64
}

// isometric is the isometric latitude ψ; Snyder's t is exp(−ψ).
func isometric(lat, e float64) float64 { return math.Asinh(conformal(math.Tan(lat), e)) }

// across is the radius of a parallel as a share of the semi-major axis
// (Snyder's m, equation 14-15).
func across(lat, e float64) float64 {
	sin, cos := math.Sincos(lat)
	return cos / math.Sqrt(1-e*e*sin*sin)
}

// newLambert takes its angles in degrees. lat1 and lat2 are the standard
// parallels; with one of them (lat1 = lat2) scale may differ from 1. It is nil
// where the parallels make no cone.
func newLambert(s ellipsoid, lon0, lat0, lat1, lat2, scale, east, north float64) *lambert {
	e := s.eccentricity()
	lat0, lat1, lat2 = radians(lat0), radians(lat1), radians(lat2)
	n := math.Sin(lat1)
	if math.Abs(lat1-lat2) > 1e-10 {
		n = math.Log(across(lat1, e)/across(lat2, e)) / (isometric(lat2, e) - isometric(lat1, e))
	}
	l := &lambert{e: e}
	l.parallels = parallels{lon0: radians(lon0), east: east, north: north, n: n}
	l.radius = scale * s.a * across(lat1, e) / n * math.Exp(n*isometric(lat1, e))
	l.rho0 = l.radius * math.Exp(-n*isometric(lat0, e))
	if !(math.Abs(n) > 1e-6) || isBad(l.rho0) || isBad(l.radius) {
		return nil
	}
	return l
}

func isBad(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

func (l *lambert) forward(lon, lat float64) (east, north float64) {
	return l.parallels.forward(lon, l.radius*math.Exp(-l.n*isometric(lat, l.e)))
}

func (l *lambert) inverse(east, north float64) (lon, lat float64) {
	lon, rho := l.parallels.inverse(east, north)
	psi := -math.Log(rho/l.radius) / l.n
	if !(math.Abs(psi) < 20) || math.Abs(lon-l.lon0) > math.Pi {
		return math.NaN(), math.NaN()
	}
	return lon, math.Atan(geodetic(math.Sinh(psi), l.e))
}

// albers is the Albers equal-area conic projection (Snyder 1987, pages
// 101–102; EPSG method 9822).
type albers struct {
	parallels
	a float64 // semi-major axis, metres
	c float64
	e float64
}

// newAlbers takes its angles in degrees. It is nil where the parallels make no
// cone.
func newAlbers(s ellipsoid, lon0, lat0, lat1, lat2, east, north float64) *albers {
	e := s.eccentricity()
	lat0, lat1, lat2 = radians(lat0), radians(lat1), radians(lat2)
	m1, m2, q1, q2 := across(lat1, e), across(lat2, e), authalic(lat1, e), authalic(lat2, e)
	n := math.Sin(lat1)
	if math.Abs(lat1-lat2) > 1e-10 {
		n = (m1*m1 - m2*m2) / (q2 - q1)
	}
	p := &albers{a: s.a, e: e, c: m1*m1 + n*q1}
	p.parallels = parallels{lon0: radians(lon0), east: east, north: north, n: n}
	p.rho0 = p.rho(lat0)
	if !(math.Abs(n) > 1e-6) || isBad(p.rho0) {
		return nil
	}
	return p
}

// authalic is Snyder's q (equation 3-12), twice the area between the equator
// and a latitude in units of a² per radian.
func authalic(lat, e float64) float64 {
	sin := math.Sin(lat)
	if e == 0 {
		return 2 * sin
	}
	return (1 - e*e) * (sin/(1-e*e*sin*sin) + math.Atanh(e*sin)/e)
}

// rho is the radius of a parallel on the map.
func (p *albers) rho(lat float64) float64 {
	return p.a * math.Sqrt(max(0, p.c-p.n*authalic(lat, p.e))) / p.n
}

func (p *albers) forward(lon, lat float64) (east, north float64) {
	return p.parallels.forward(lon, p.rho(lat))
}

func (p *albers) inverse(east, north float64) (lon, lat float64) {
	lon, rho := p.parallels.inverse(east, north)
	q := (p.c - rho*rho*p.n*p.n/(p.a*p.a)) / p.n
	most := authalic(math.Pi/2, p.e)
	if !(math.Abs(q) <= most*(1+1e-12)) || math.Abs(lon-p.lon0) > math.Pi {
		return math.NaN(), math.NaN()
	}
	return lon, latitudeOf(max(-most, min(most, q)), most, p.e)
}

// latitudeOf is the inverse of authalic by Newton's method (Snyder, equation
// 3-16), from the authalic latitude on.
func latitudeOf(q, most, e float64) float64 {
	lat := math.Asin(q / most)
	for range 8 {
		sin, cos := math.Sincos(lat)
		if cos < 1e-9 { // the pole: the derivative vanishes, and nothing is left to improve
			break
		}
		w := 1 - e*e*sin*sin
		step := w * w / (2 * cos * (1 - e*e)) * (q - authalic(lat, e))
		if lat += step; math.Abs(step) < 1e-15 {
			break
		}
	}
	return lat
}
