package topology

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"chatmrpt/geo/raster/cover"
)

// Misfit is a place where areas overlap, or one inside the layer that belongs
// to none.
type Misfit struct {
	At    orb.Point // about where, in degrees
	Areas []int     // those that overlap there, in order; nil for a gap
	Km2   float64   // square kilometres
}

// Limits of the search.
const (
	gridCells = 1 << 20 // cells laid over a layer
	slight    = 1e-6    // of a cell: what is less is rounding or no matter
	maxInCell = 8       // areas named of those that overlap in one cell
)

// Misfits finds where areas overlap and what they leave open between them, the
// largest first. A grid of about a million cells is laid over the layer and
// the fractions of each cell that lie in areas are added up: more than the
// cell is an overlap; less, in cells that can't be reached from outside the
// layer, is a gap (or a lake that was left out). Overlaps and gaps in one cell
// cancel out, and a gap at the outer border isn't told from outside.
func Misfits(ctx context.Context, areas []orb.MultiPolygon) (overlaps, gaps []Misfit, err error) {
	s, ok := newSheet(areas)
	if !ok {
		return nil, nil, nil
	}
	if err := s.each(ctx, areas, func(_, cell int, fraction float64) { s.total[cell] += fraction }); err != nil {
		return nil, nil, err
	}
	if overlaps, err = s.overlaps(ctx, areas); err != nil {
		return nil, nil, err
	}
	return overlaps, s.gaps(), nil
}

// sheet is the grid over a layer, with a margin of one cell.
type sheet struct {
	west, south   float64
	size          float64 // degrees of a cell's side
	width, height int
	total         []float64
	grid          cover.Grid
}

func newSheet(areas []orb.MultiPolygon) (*sheet, bool) {
	var b orb.Bound
	found := false
	for _, a := range areas {
		switch {
		case len(a) == 0:
		case found:
			b = b.Union(a.Bound())
		default:
			b, found = a.Bound(), true
		}
	}
	w, h := b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]
	if !found || !(w > 0 && h > 0) {
		return nil, false
	}
	s := &sheet{size: math.Max(math.Sqrt(w*h/gridCells), math.Max(w, h)/(1<<14))}
	s.west, s.south = b.Min[0]-s.size, b.Min[1]-s.size
	s.width, s.height = int(w/s.size)+3, int(h/s.size)+3
	s.total = make([]float64, s.width*s.height)
	return s, true
}

// each calls f for every cell with a part in each area.
func (s *sheet) each(ctx context.Context, areas []orb.MultiPolygon, f func(area, cell int, fraction float64)) error {
	var ring orb.Ring
	for i, a := range areas {
		if len(a) == 0 {
			continue
		}
		if i%128 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b := a.Bound()
		x, y := int((b.Min[0]-s.west)/s.size), int((b.Min[1]-s.south)/s.size)
		w, h := int((b.Max[0]-s.west)/s.size)-x+1, int((b.Max[1]-s.south)/s.size)-y+1
		s.grid.Reset(x, y, w, h)
		for _, p := range a {
			for _, r := range p {
				ring = ring[:0]
				for _, q := range r {
					ring = append(ring, orb.Point{(q[0] - s.west) / s.size, (q[1] - s.south) / s.size})
				}
				s.grid.AddRing(ring)
			}
		}
		s.grid.Each(func(cell int, fraction float64, _ bool) {
			f(i, (y+cell/w)*s.width+x+cell%w, fraction)
		})
	}
	return nil
}

// overlaps names the areas in the cells that hold more than themselves.
func (s *sheet) overlaps(ctx context.Context, areas []orb.MultiPolygon) ([]Misfit, error) {
	in := map[int][]int{}
	for cell, v := range s.total {
		if v > 1+slight {
			in[cell] = nil
		}
	}
	if len(in) == 0 {
		return nil, nil
	}
	err := s.each(ctx, areas, func(area, cell int, fraction float64) {
		if list, ok := in[cell]; ok && fraction > slight && len(list) < maxInCell {
			in[cell] = append(list, area)
		}
	})
	if err != nil {
		return nil, err
	}
	byAreas := map[[maxInCell]int]*Misfit{}
	var out []*Misfit
	for cell, v := range s.total { // in the order of cells, not of the map
		list, ok := in[cell]
		if !ok {
			continue
		}
		var key [maxInCell]int
		for i := range key {
			key[i] = -1
		}
		copy(key[:], list)
		m := byAreas[key]
		if m == nil {
			m = &Misfit{At: s.middle(cell), Areas: list}
			byAreas[key] = m
			out = append(out, m)
		}
		m.Km2 += (v - 1) * s.km2(cell)
	}
	return largestFirst(out), nil
}

// gaps finds the cells that aren't full and can't be reached from outside
// through others that aren't.
func (s *sheet) gaps() []Misfit {
	seen := make([]bool, len(s.total))
	s.flood(0, seen, func(int) {})
	var out []*Misfit
	for cell, v := range s.total {
		if seen[cell] || v >= 1-slight {
			continue
		}
		m := &Misfit{At: s.middle(cell)}
		s.flood(cell, seen, func(c int) { m.Km2 += (1 - s.total[c]) * s.km2(c) })
		out = append(out, m)
	}
	return largestFirst(out)
}

// flood visits all cells that aren't full and hang together with one, corners
// included.
func (s *sheet) flood(from int, seen []bool, visit func(cell int)) {
	stack := []int{from}
	seen[from] = true
	for len(stack) > 0 {
		cell := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		visit(cell)
		x, y := cell%s.width, cell/s.width
		for ny := max(0, y-1); ny <= min(s.height-1, y+1); ny++ {
			for nx := max(0, x-1); nx <= min(s.width-1, x+1); nx++ {
				if n := ny*s.width + nx; !seen[n] && s.total[n] < 1-slight {
					seen[n] = true
					stack = append(stack, n)
				}
			}
		}
	}
}

// middle is the centre of a cell in degrees.
func (s *sheet) middle(cell int) orb.Point {
	return orb.Point{s.west + (float64(cell%s.width)+0.5)*s.size, s.south + (float64(cell/s.width)+0.5)*s.size}
}

// km2 is the area of a cell on a sphere of the earth's size.
func (s *sheet) km2(cell int) float64 {
	const perDegree = 111.195
	return perDegree * perDegree * s.size * s.size * math.Cos(s.middle(cell)[1]*math.Pi/180)
}

func largestFirst(list []*Misfit) []Misfit {
	out := make([]Misfit, len(list))
	for i, m := range list {
		out[i] = *m
	}
	slices.SortStableFunc(out, func(a, b Misfit) int { return cmp.Compare(b.Km2, a.Km2) })
	return out
}
