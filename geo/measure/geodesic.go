package measure

import (
	"math"

	"github.com/paulmach/orb"
)

// WGS 84: semi-major axis in metres, flattening, and what follows from them.
const (
	semiMajor    = 6378137.0
	flattening   = 1 / 298.257223563
	semiMinor    = semiMajor * (1 - flattening)
	eccentricity = flattening * (2 - flattening) // squared
)

// geodesic is the shortest way between two points, as the great circle that
// stands for it on the sphere of reduced latitudes.
type geodesic struct {
	length     float64 // metres
	arc        float64 // length of the great circle, radians
	sin1, cos1 float64 // of the first point's reduced latitude
	sinA, cosA float64 // of the direction at the first point
	lon        float64 // of the first point, radians
}

// inverse finds the geodesic between two different points in degrees
// (Vincenty 1975, equations 13–20).
func inverse(a, b orb.Point) geodesic {
	g := geodesic{lon: radians(a[0])}
	var sin2, cos2 float64
	g.sin1, g.cos1 = reduced(a[1])
	sin2, cos2 = reduced(b[1])
	difference := radians(b[0]) - g.lon
	lambda := difference
	for range 100 {
		sinL, cosL := math.Sincos(lambda)
		x, y := cos2*sinL, g.cos1*sin2-g.sin1*cos2*cosL
		sinS, cosS := math.Hypot(x, y), g.sin1*sin2+g.cos1*cos2*cosL
		g.arc = math.Atan2(sinS, cosS)
		g.sinA, g.cosA = x/sinS, y/sinS
		sin0 := g.cos1 * g.sinA // of the direction at the equator
		cos0sq := 1 - sin0*sin0
		cos2m := 0.0
		if cos0sq > 1e-15 {
			cos2m = cosS - 2*g.sin1*sin2/cos0sq
		}
		c := flattening / 16 * cos0sq * (4 + flattening*(4-3*cos0sq))
		next := difference + (1-c)*flattening*sin0*(g.arc+c*sinS*(cos2m+c*cosS*(2*cos2m*cos2m-1)))
		if math.Abs(next-lambda) < 1e-15 {
			g.length = length(g.arc, sinS, cosS, cos2m, cos0sq)
			return g
		}
		lambda = next
	}
	return geodesic{length: math.NaN()}
}

// length turns the arc into metres (equations 3, 4, 6 and 19).
func length(arc, sinS, cosS, cos2m, cos0sq float64) float64 {
	u := cos0sq * (semiMajor*semiMajor - semiMinor*semiMinor) / (semiMinor * semiMinor)
	a := 1 + u/16384*(4096+u*(-768+u*(320-175*u)))
	b := u / 1024 * (256 + u*(-128+u*(74-47*u)))
	d := b * sinS * (cos2m + b/4*(cosS*(2*cos2m*cos2m-1)-b/6*cos2m*(4*sinS*sinS-3)*(4*cos2m*cos2m-3)))
	return semiMinor * a * (arc - d)
}

// reduced is sine and cosine of the reduced latitude.
func reduced(lat float64) (sin, cos float64) {
	return math.Sincos(math.Atan((1 - flattening) * math.Tan(radians(lat))))
}

// point is the longitude and the sine of the geodetic latitude after some part
// of the arc, counted from the first point (equations 8–11).
func (g geodesic) point(arc float64) (lon, sinLat float64) {
	sinS, cosS := math.Sincos(arc)
	sin0 := g.cos1 * g.sinA
	along := g.sin1*sinS - g.cos1*cosS*g.cosA
	up := g.sin1*cosS + g.cos1*sinS*g.cosA
	across := (1 - flattening) * math.Hypot(sin0, along)
	lambda := math.Atan2(sinS*g.sinA, g.cos1*cosS-g.sin1*sinS*g.cosA)
	cos0sq := 1 - sin0*sin0
	c := flattening / 16 * cos0sq * (4 + flattening*(4-3*cos0sq))
	// Twice the arc from the equator to the middle, as equation 18 has it.
	first := math.Atan2(g.sin1, g.cos1*g.cosA)
	cos2m := math.Cos(2*first + arc)
	l := lambda - (1-c)*flattening*sin0*(arc+c*sinS*(cos2m+c*cosS*(2*cos2m*cos2m-1)))
	return g.lon + l, up / math.Hypot(up, across)
}

// strip is the area between a latitude and the equator in square metres per
// radian of longitude, half of Snyder's q times the axis squared.
func strip(sinLat float64) float64 {
	e := math.Sqrt(eccentricity)
	return semiMinor * semiMinor / 2 * (sinLat/(1-eccentricity*sinLat*sinLat) + math.Atanh(e*sinLat)/e)
}

// longest is the longest piece of an edge, in radians of arc (20 km), over
// which the way is taken for a parabola.
const longest = 20000 / semiMajor

// ringArea is the signed area of a closed ring, positive for clockwise ones:
// the sum over its edges of the area between the edge and the latitude of the
// ring's first point.
func ringArea(r orb.Ring) float64 {
	if len(r) < 4 {
		return 0
	}
	zero := strip(math.Sin(radians(r[0][1])))
	sum := 0.0
	for i := 1; i < len(r); i++ {
		if r[i-1] != r[i] {
			sum += edgeArea(r[i-1], r[i], zero)
		}
	}
	return sum
}

// edgeArea integrates the strip over the longitude along one edge: the chord
// in the plane of longitude and strip, and a parabola's share beyond it.
func edgeArea(a, b orb.Point, zero float64) float64 {
	x1, y1 := radians(a[0]), strip(math.Sin(radians(a[1])))-zero
	x2, y2 := radians(b[0]), strip(math.Sin(radians(b[1])))-zero
	g := inverse(a, b)
	if math.IsNaN(g.length) {
		return (x2 - x1) * (y1 + y2) / 2
	}
	n := int(math.Ceil(g.arc / longest))
	sum := 0.0
	for i := range n {
		from, to := g.arc*float64(i)/float64(n), g.arc*float64(i+1)/float64(n)
		ex, ey := x2, y2
		if i+1 < n {
			lon, sin := g.point(to)
			ex, ey = lon, strip(sin)-zero
		}
		mx, sin := g.point((from + to) / 2)
		my := strip(sin) - zero
		// The segment of a parabola is 4/3 of the triangle it stands in.
		bulge := ((mx-x1)*(ey-y1) - (ex-x1)*(my-y1)) / 2 * 4 / 3
		sum += (ex-x1)*(y1+ey)/2 - bulge
		x1, y1 = ex, ey
	}
	return sum
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
