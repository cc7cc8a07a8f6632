package zonal

import (
	"math"

	"github.com/paulmach/orb"

	"chatmrpt/geo/raster"
)

// shape is an area in columns and rows of a raster.
type shape struct {
	rings     []orb.Ring
	low, high orb.Point
	area      float64 // in cells
}

// placer brings areas from longitude and latitude to columns and rows.
type placer struct {
	r       *raster.Raster
	inverse raster.Affine
	plain   bool    // the raster is in degrees on WGS 84: no edge bends
	turn    float64 // columns in 360 degrees, 0 where longitudes don't come round
}

func newPlacer(r *raster.Raster) (*placer, error) {
	inverse, ok := r.Place.Inverse()
	if !ok {
		return nil, &raster.Error{File: r.Name, Detail: "its cells have no area", Hint: "save it again as a GeoTIFF from the program it came from"}
	}
	p := &placer{r: r, inverse: inverse, plain: r.CRS.String() == "EPSG:4326"}
	if r.CRS.IsDegrees() && inverse.YC == 0 {
		p.turn = 360 * inverse.XC
	}
	return p, nil
}

// place gives an area its shape, or the reason why it has none.
func (p *placer) place(a orb.MultiPolygon) (shape, Reason) {
	s := p.outline(a, false)
	if !p.plain && p.isNear(s) { // elsewhere bends cost time and change nothing
		s = p.outline(a, true)
	}
	switch {
	case len(s.rings) == 0:
		return s, NoGeometry
	case !isFinite(s.area) || !isFinite(s.low[0]) || !isFinite(s.low[1]) || !isFinite(s.high[0]) || !isFinite(s.high[1]):
		return s, Unplaced
	case s.area == 0:
		return s, NoGeometry
	}
	p.comeRound(&s)
	return s, ""
}

// isNear reports whether a shape lies within its own size of the raster.
func (p *placer) isNear(s shape) bool {
	w, h := s.high[0]-s.low[0], s.high[1]-s.low[1]
	return s.high[0]+w > 0 && s.low[0]-w < float64(p.r.Width) && s.high[1]+h > 0 && s.low[1]-h < float64(p.r.Height) || p.turn != 0
}

// outline brings all rings of an area to columns and rows.
func (p *placer) outline(a orb.MultiPolygon, bent bool) shape {
	s := shape{low: orb.Point{math.Inf(1), math.Inf(1)}, high: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, polygon := range a {
		for _, ring := range polygon {
			placed := p.ring(ring, bent)
			s.area += signedArea(placed)
			s.rings = append(s.rings, placed)
			for _, q := range placed {
				s.low[0], s.low[1] = min(s.low[0], q[0]), min(s.low[1], q[1])
				s.high[0], s.high[1] = max(s.high[0], q[0]), max(s.high[1], q[1])
			}
		}
	}
	s.area = math.Abs(s.area)
	return s
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// comeRound moves a shape by 360 degrees where that brings it onto a raster
// whose longitudes run from 0 to 360. One that lies across its seam is put
// there twice, on either side.
func (p *placer) comeRound(s *shape) {
	width := float64(p.r.Width)
	turn := math.Abs(p.turn)
	if turn == 0 {
		return
	}
	rings := s.rings
	low, high := s.low[0], s.high[0]
	var placed []orb.Ring
	s.low[0], s.high[0] = math.Inf(1), math.Inf(-1)
	for _, by := range []float64{-turn, 0, turn} {
		if high+by <= 0 || low+by >= width {
			continue
		}
		for _, r := range rings {
			placed = append(placed, moved(r, by))
		}
		s.low[0], s.high[0] = min(s.low[0], low+by), max(s.high[0], high+by)
	}
	if placed == nil { // on no side: it stays outside
		s.low[0], s.high[0] = low, high
		return
	}
	s.rings = placed
}

func moved(r orb.Ring, by float64) orb.Ring {
	if by == 0 {
		return r
	}
	out := make(orb.Ring, len(r))
	for i, q := range r {
		out[i] = orb.Point{q[0] + by, q[1]}
	}
	return out
}

// signedArea is the shoelace formula from the first point.
func signedArea(r orb.Ring) float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		ax, ay := r[i-1][0]-r[0][0], r[i-1][1]-r[0][1]
		bx, by := r[i][0]-r[0][0], r[i][1]-r[0][1]
		sum += ax*by - bx*ay
	}
	return sum / 2
}

// point brings one point to column and row.
func (p *placer) point(q orb.Point) orb.Point {
	x, y := q[0], q[1]
	if !p.plain {
		x, y = p.r.CRS.FromWGS84(x, y)
	}
	c, r := p.inverse.At(x, y)
	return orb.Point{c, r}
}

// ring brings a ring to columns and rows; bent, with the points that its
// edges' bends need.
func (p *placer) ring(r orb.Ring, bent bool) orb.Ring {
	out := make(orb.Ring, 0, len(r))
	for i, q := range r {
		to := p.point(q)
		if i > 0 && bent {
			out = p.bend(out, r[i-1], q, out[len(out)-1], to, 0)
		}
		out = append(out, to)
	}
	return out
}

// Limits of bending an edge.
const (
	maxStray = 1e-4 // cells that an edge may lie beside its true course
	maxBends = 12   // halvings: 4,096 pieces
)

// bend appends the points between the ends of an edge, whose places are pa and
// pb, that keep it near its true course.
func (p *placer) bend(out orb.Ring, a, b, pa, pb orb.Point, depth int) orb.Ring {
	middle := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	pm := p.point(middle)
	stray := math.Hypot(pm[0]-(pa[0]+pb[0])/2, pm[1]-(pa[1]+pb[1])/2)
	if !(stray > maxStray) || depth >= maxBends {
		return out
	}
	out = p.bend(out, a, middle, pa, pm, depth+1)
	out = append(out, pm)
	return p.bend(out, middle, b, pm, pb, depth+1)
}
