package scene

import (
	"math"

	"github.com/paulmach/orb"
)

// ellipsoid is a figure of the earth: half the equatorial axis in metres and
// the square of the eccentricity.
type ellipsoid struct{ a, e2 float64 }

func wgs84() ellipsoid {
	const f = 1 / 298.257223563
	return ellipsoid{a: 6378137, e2: f * (2 - f)}
}

// projection is the cylindrical equal-area projection of the ellipsoid with
// the middle latitude of the map as its standard parallel (Snyder, Map
// Projections: A Working Manual, USGS Professional Paper 1395, 1987, p. 81,
// equations 10-13 to 10-15 and 3-12). A class map must not make one area look
// larger than another, so areas are kept everywhere; shapes and lengths are
// true along the middle parallel, where the scale bar holds. Over the ten
// degrees of Nigeria lengths elsewhere are off by 2 % at most.
type projection struct {
	earth  ellipsoid
	e      float64
	k0     float64 // radius of the standard parallel in units of a
	origin float64 // longitude of x = 0, degrees
}

// maxParallel keeps a map of a pole from shrinking into a line.
const maxParallel = 80

func newProjection(b orb.Bound) projection {
	middle := (b.Min[1] + b.Max[1]) / 2
	middle = max(-maxParallel, min(maxParallel, middle))
	return projectionAt(wgs84(), middle, (b.Min[0]+b.Max[0])/2)
}

func projectionAt(earth ellipsoid, parallel, origin float64) projection {
	sin, cos := math.Sincos(parallel * math.Pi / 180)
	return projection{
		earth: earth, e: math.Sqrt(earth.e2),
		k0:     cos / math.Sqrt(1-earth.e2*sin*sin),
		origin: origin,
	}
}

// x returns metres east of the origin, and y metres north of the equator.
// Neither depends on the other coordinate.
func (p projection) x(longitude float64) float64 {
	return p.earth.a * p.k0 * (longitude - p.origin) * math.Pi / 180
}

func (p projection) y(latitude float64) float64 {
	sin := math.Sin(latitude * math.Pi / 180)
	// 3-12, its logarithm written as an inverse hyperbolic tangent.
	q := (1 - p.earth.e2) * (sin/(1-p.earth.e2*sin*sin) + math.Atanh(p.e*sin)/p.e)
	return p.earth.a * q / (2 * p.k0)
}

// view places a projection on the page.
type view struct {
	projection
	scale  float64 // points per metre
	left   float64 // page x of the projection's x = 0
	bottom float64 // page y of the projection's y = 0
}

// minSpan is the least extent of a map in metres: a layer of one tiny area, or
// of a single point, is not blown up further.
const minSpan = 10

// fit returns the largest view that shows the box inside the frame, in its
// middle.
func (p projection) fit(b orb.Bound, frame Rect) view {
	w := max(minSpan, p.x(b.Max[0])-p.x(b.Min[0]))
	h := max(minSpan, p.y(b.Max[1])-p.y(b.Min[1]))
	scale := min(frame.W/w, frame.H/h)
	middle := (p.y(b.Min[1]) + p.y(b.Max[1])) / 2
	return view{
		projection: p, scale: scale,
		left:   frame.X + frame.W/2, // the origin is the middle of the box
		bottom: frame.Y + frame.H/2 + middle*scale,
	}
}

// at returns the place of a longitude and latitude on the page.
func (v view) at(p orb.Point) Point {
	return Point{v.left + v.x(p[0])*v.scale, v.bottom - v.y(p[1])*v.scale}
}
