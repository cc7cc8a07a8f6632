package weights

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Errors of the weights by distance.
var (
	ErrNeighbours = errors.New("weights: the number of neighbours must be at least 1 and less than the number of areas")
	ErrDistance   = errors.New("weights: the distances must be finite, not negative, and the smaller first")
	ErrCoincident = errors.New("weights: two areas lie on the same point, so the inverse of their distance is infinite")
)

// Metric says what a distance between two points is.
type Metric string

// The metrics.
const (
	// Geodesic is along the surface of the earth in kilometres, for points in
	// degrees. It is taken from the straight line between the points on the
	// WGS 84 ellipsoid, bent to a sphere of the mean radius: within 1 part in
	// 100,000 of the true geodesic up to 1,000 km.
	Geodesic Metric = "geodesic"
	// Planar is Euclid's, in the units of the coordinates.
	Planar Metric = "planar"
)

// The figure of the earth, WGS 84, in kilometres.
const (
	equator    = 6378.137
	flattening = 1 / 298.257223563
	meanRadius = 6371.0087714
)

// Sites are the points that stand for the areas when neighbours are chosen by
// distance, ready to be asked for the nearest.
type Sites struct {
	metric Metric
	known  []bool
	at     [][3]float64 // metric coordinates
	tree   []int32      // known sites as a balanced tree: the middle is the root
	axis   []uint8      // by place in the tree: what its halves are split by
}

// Centroids returns the centre of gravity of every area, in plane coordinates
// as spdep and GeoDa take it, and which areas have one. A centre may lie
// outside its area.
func Centroids(areas []orb.MultiPolygon) ([]orb.Point, []bool) {
	points, known := make([]orb.Point, len(areas)), make([]bool, len(areas))
	for i, a := range areas {
		if len(a) == 0 || len(a[0]) == 0 || len(a[0][0]) == 0 {
			continue
		}
		p, area := planar.CentroidArea(a)
		if !(math.Abs(area) > 0) || math.IsNaN(p[0]) || math.IsNaN(p[1]) {
			p = a.Bound().Center()
		}
		points[i], known[i] = p, true
	}
	return points, known
}

// NewSites indexes the points; an area whose point isn't known becomes an
// island. It fails on a coordinate that is not a finite number.
func NewSites(points []orb.Point, known []bool, m Metric) (*Sites, error) {
	s := &Sites{metric: m, known: known, at: make([][3]float64, len(points))}
	for i, p := range points {
		if !known[i] {
			continue
		}
		if p[0]-p[0] != 0 || p[1]-p[1] != 0 {
			return nil, fmt.Errorf("weights: area %d has the point %v, which is not a place", i, p)
		}
		s.at[i] = m.place(p)
		s.tree = append(s.tree, int32(i))
	}
	s.axis = make([]uint8, len(s.tree))
	s.build(0, len(s.tree))
	return s, nil
}

// place gives the coordinates in which straight distances are measured.
func (m Metric) place(p orb.Point) [3]float64 {
	if m == Planar {
		return [3]float64{p[0], p[1], 0}
	}
	sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
	sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
	const e2 = flattening * (2 - flattening)
	n := equator / math.Sqrt(1-e2*sinLat*sinLat)
	return [3]float64{n * cosLat * cosLon, n * cosLat * sinLon, n * (1 - e2) * sinLat}
}

// length turns a straight distance into one of the metric.
func (m Metric) length(straight float64) float64 {
	if m == Planar {
		return straight
	}
	return 2 * meanRadius * math.Asin(min(1, straight/(2*meanRadius)))
}

// straight is the opposite of length.
func (m Metric) straight(length float64) float64 {
	switch {
	case m == Planar:
		return length
	case length >= math.Pi*meanRadius:
		return math.Inf(1)
	}
	return 2 * meanRadius * math.Sin(length/(2*meanRadius))
}

// Distance returns the distance of two sites: kilometres, or the units of the
// coordinates.
func (s *Sites) Distance(i, j int) float64 {
	return s.metric.length(math.Sqrt(squared(s.at[i], s.at[j])))
}

func squared(a, b [3]float64) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// build orders tree[from:to] so that its middle splits it along its longest
// side.
func (s *Sites) build(from, to int) {
	if to-from < 2 {
		return
	}
	axis := s.longest(from, to)
	slices.SortFunc(s.tree[from:to], func(a, b int32) int {
		return cmp.Or(cmp.Compare(s.at[a][axis], s.at[b][axis]), cmp.Compare(a, b))
	})
	mid := (from + to) / 2
	s.axis[mid] = uint8(axis)
	s.build(from, mid)
	s.build(mid+1, to)
}

func (s *Sites) longest(from, to int) (axis int) {
	low, high := s.at[s.tree[from]], s.at[s.tree[from]]
	for _, i := range s.tree[from:to] {
		for k, v := range s.at[i] {
			low[k], high[k] = min(low[k], v), max(high[k], v)
		}
	}
	for k := range low {
		if high[k]-low[k] > high[axis]-low[axis] {
			axis = k
		}
	}
	return axis
}

// found is a site and its squared straight distance.
type found struct {
	site int32
	d2   float64
}

func byDistance(a, b found) int {
	return cmp.Or(cmp.Compare(a.d2, b.d2), cmp.Compare(a.site, b.site))
}

// search collects the sites around one: at most k of them (0: any number) and
// none farther than the squared straight distance most.
type search struct {
	*Sites
	from int
	k    int
	most float64
	best []found // ascending while k > 0
}

func (q *search) walk(from, to int) {
	if from >= to {
		return
	}
	mid := (from + to) / 2
	q.offer(q.tree[mid])
	axis := q.axis[mid]
	gap := q.at[q.from][axis] - q.at[q.tree[mid]][axis]
	near, far := [2]int{from, mid}, [2]int{mid + 1, to}
	if gap > 0 {
		near, far = far, near
	}
	q.walk(near[0], near[1])
	// A site of equal distance and lower number may stand on the far side.
	if gap*gap <= q.most {
		q.walk(far[0], far[1])
	}
}

func (q *search) offer(site int32) {
	f := found{site, squared(q.at[q.from], q.at[site])}
	if int(site) == q.from || f.d2 > q.most {
		return
	}
	if q.k == 0 {
		q.best = append(q.best, f)
		return
	}
	at, _ := slices.BinarySearchFunc(q.best, f, byDistance)
	if at == q.k {
		return
	}
	if len(q.best) == q.k {
		q.best = q.best[:q.k-1]
	}
	q.best = slices.Insert(q.best, at, f)
	if len(q.best) == q.k {
		q.most = q.best[q.k-1].d2
	}
}

// around returns the rows of the distances to the sites that a search finds.
func (s *Sites) around(ctx context.Context, k int, low, high float64) (*Weights, error) {
	rows := make([][]Link, len(s.at))
	shortest, longest := s.metric.straight(low), s.metric.straight(high)
	q := &search{Sites: s, k: k}
	for n, i := range s.tree {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		q.from, q.most, q.best = int(i), longest*longest, q.best[:0]
		q.walk(0, len(s.tree))
		for _, f := range q.best {
			if f.d2 >= shortest*shortest {
				rows[i] = append(rows[i], Link{int(f.site), s.metric.length(math.Sqrt(f.d2))})
			}
		}
	}
	return FromRows(rows)
}

// Nearest returns, as weights, the distances to the k nearest sites of each.
// Of sites equally far the one earlier in the list is taken. The relation is
// not symmetric.
func (s *Sites) Nearest(ctx context.Context, k int) (*Weights, error) {
	if k < 1 || k >= len(s.tree) {
		return nil, fmt.Errorf("%w: %d of %d", ErrNeighbours, k, len(s.tree))
	}
	return s.around(ctx, k, 0, math.Inf(1))
}

// Within returns, as weights, the distances to all sites from low to high
// away, both included.
func (s *Sites) Within(ctx context.Context, low, high float64) (*Weights, error) {
	if !(low >= 0) || !(high >= low) || math.IsInf(high, 1) {
		return nil, fmt.Errorf("%w: %v to %v", ErrDistance, low, high)
	}
	return s.around(ctx, 0, low, high)
}

// Reach returns the smallest distance within which every site has a neighbour:
// the largest of the distances to the nearest one. It is 0 for fewer than two
// sites.
func (s *Sites) Reach(ctx context.Context) (float64, error) {
	if len(s.tree) < 2 {
		return 0, nil
	}
	nearest, err := s.Nearest(ctx, 1)
	if err != nil {
		return 0, err
	}
	return slices.Max(nearest.weight), nil
}

// Binary turns weights that are distances, or anything else, into 1.
func (w *Weights) Binary() *Weights {
	return w.each(func(int, int, float64) float64 { return 1 })
}

// Inverse turns distances into their inverse to a power, 1 or 2 for the usual
// ones. It fails with ErrCoincident on a distance of 0.
func (w *Weights) Inverse(power float64) (*Weights, error) {
	if !(power > 0) || math.IsInf(power, 1) {
		return nil, fmt.Errorf("%w: the power %v", ErrWeight, power)
	}
	for i := range w.Len() {
		to, d := w.Row(i)
		for k := range d {
			if d[k] == 0 {
				return nil, fmt.Errorf("%w: areas %d and %d", ErrCoincident, i, to[k])
			}
		}
	}
	return w.each(func(_, _ int, d float64) float64 { return math.Pow(d, -power) }), nil
}

// Len returns the number of areas, those without a point among them.
func (s *Sites) Len() int { return len(s.at) }

// Known reports whether area i has a point.
func (s *Sites) Known(i int) bool { return s.known[i] }
