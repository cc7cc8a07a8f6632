// Package zonal gives areas the values of a raster: mean, sum, lowest, highest
// and the share of classes, with how much of each area the raster covers.
//
// Two rules say which cells belong to an area. By Exact each cell counts by the
// fraction of it that lies in the area; by Centre a cell counts wholly when its
// centre lies in the area and not at all otherwise. Exact gives small areas a
// fair value; Centre is what many older tables were made with.
//
// Fractions are worked out in the raster's own plane of columns and rows, where
// cells are unit squares (package cover).
//
// Areas come in longitude and latitude. Where the raster is in another system
// their edges are bent with it: points are added until no edge strays by more
// than a ten-thousandth of a cell.
package zonal

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"chatmrpt/geo/raster"
	"chatmrpt/geo/raster/cover"
)

// Rule says which cells belong to an area.
type Rule string

// The rules.
const (
	Exact  Rule = "exact"  // every cell by the fraction of it inside
	Centre Rule = "centre" // the cells whose centre is inside
)

// Reason says why an area has no value; "" where it has one.
type Reason string

// The reasons.
const (
	NoGeometry Reason = "the boundary file has no area for it"
	Outside    Reason = "outside the raster"
	NoData     Reason = "the raster has no value there"
	NoCentre   Reason = "smaller than a cell: no cell's centre lies in it"
	Unplaced   Reason = "can't be placed in the raster's reference system"
)

// Class is a kind of ground, told by the value of a cell.
type Class struct {
	Name     string
	Contains func(v float64) bool
}

// Zone is what an area gets. Without a value (Reason isn't "") its statistics
// are NaN, and only Cells, Covered and Share mean something.
type Zone struct {
	Reason  Reason
	Cells   int       // cells with a value that count
	Covered float64   // the same in cells' worth of area: the sum of their fractions
	Share   float64   // of the area, the part that lies on cells with a value, 0 to 1
	Mean    float64   // weighted by the fractions
	Sum     float64   // of value × fraction
	Min     float64   // of the cells that count, however little of them is inside
	Max     float64   // likewise
	Shares  []float64 // per class, of Covered the part in cells of the class, 0 to 1
}

// Options say how areas get their values.
type Options struct {
	Band    int // from 0
	Rule    Rule
	Classes []Class
}

// Statistics gives every area its Zone, in the order of areas. The error is
// that of reading the raster or of the context.
func Statistics(ctx context.Context, r *raster.Raster, areas []orb.MultiPolygon, o Options) ([]Zone, error) {
	p, err := newPlacer(r)
	if err != nil {
		return nil, err
	}
	out := make([]Zone, len(areas))
	shapes := make([]shape, len(areas))
	var order []int
	for i, a := range areas {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if shapes[i], out[i].Reason = p.place(a); out[i].Reason == "" {
			order = append(order, i)
		} else {
			out[i] = none(out[i].Reason, len(o.Classes))
		}
	}
	// From top to bottom, so that what was unpacked for one area is still there
	// for its neighbours.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(shapes[a].low[1], shapes[b].low[1]) })
	w := &worker{r: r, cells: r.Cells(), o: o}
	for _, i := range order {
		if out[i], err = w.zone(ctx, shapes[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func none(why Reason, classes int) Zone {
	nan := math.NaN()
	z := Zone{Reason: why, Mean: nan, Sum: nan, Min: nan, Max: nan, Shares: make([]float64, classes)}
	for i := range z.Shares {
		z.Shares[i] = nan
	}
	return z
}

// maxCells bounds the cells that are looked at in one go; larger areas are
// done some rows at a time.
const maxCells = 1 << 19

// worker measures areas one after the other, with memory it uses again.
type worker struct {
	r      *raster.Raster
	cells  *raster.Cells
	o      Options
	grid   cover.Grid
	values []float64
}

// tally is what is added up for one area.
type tally struct {
	valued           float64 // cells' worth of area with a value
	cells            int
	weight, sum      float64
	low, high        float64
	inClass          []float64
	touches, centred bool // any cell of the raster has a part, or its centre, in the area
}

// zone measures one area.
func (w *worker) zone(ctx context.Context, s shape) (Zone, error) {
	t := tally{low: math.Inf(1), high: math.Inf(-1), inClass: make([]float64, len(w.o.Classes))}
	x0, x1 := max(0, int(math.Floor(max(s.low[0], 0)))), int(math.Ceil(min(s.high[0], float64(w.r.Width))))
	y0, y1 := max(0, int(math.Floor(max(s.low[1], 0)))), int(math.Ceil(min(s.high[1], float64(w.r.Height))))
	if x1 <= x0 || y1 <= y0 {
		return none(Outside, len(w.o.Classes)), nil
	}
	rows := max(1, maxCells/(x1-x0))
	for y := y0; y < y1; y += rows {
		if err := w.part(ctx, s, x0, y, x1-x0, min(rows, y1-y), &t); err != nil {
			return Zone{}, err
		}
	}
	return t.zone(s.area, w.o.Rule), nil
}

// part adds the cells of some rows to the tally.
func (w *worker) part(ctx context.Context, s shape, x, y, width, height int, t *tally) error {
	w.grid.Reset(x, y, width, height)
	for _, r := range s.rings {
		w.grid.AddRing(r)
	}
	if len(w.values) < width*height {
		w.values = make([]float64, width*height)
	}
	values := w.values[:width*height]
	if err := w.cells.Window(ctx, w.o.Band, x, y, width, height, values); err != nil {
		return err
	}
	w.grid.Each(func(i int, fraction float64, centre bool) {
		t.add(values[i], fraction, centre, w.o)
	})
	return nil
}

// add counts one cell.
func (t *tally) add(v, fraction float64, centre bool, o Options) {
	t.touches = t.touches || fraction > 0
	t.centred = t.centred || centre
	if math.IsNaN(v) {
		return
	}
	t.valued += fraction
	weight := fraction
	if o.Rule == Centre {
		weight = 0
		if centre {
			weight = 1
		}
	}
	if weight == 0 {
		return
	}
	t.cells++
	t.weight += weight
	t.sum += v * weight
	t.low, t.high = min(t.low, v), max(t.high, v)
	for i, c := range o.Classes {
		if c.Contains(v) {
			t.inClass[i] += weight
		}
	}
}

// zone makes the statistics of what was added up, for an area of so many
// cells.
func (t *tally) zone(area float64, rule Rule) Zone {
	z := none("", len(t.inClass))
	z.Share = min(1, t.valued/area)
	switch {
	case !t.touches && !t.centred:
		z.Reason = Outside
	case rule == Centre && !t.centred:
		z.Reason = NoCentre
	case t.weight == 0:
		z.Reason = NoData
	}
	if z.Reason != "" {
		return z
	}
	z.Cells, z.Covered = t.cells, t.weight
	z.Mean, z.Sum, z.Min, z.Max = t.sum/t.weight, t.sum, t.low, t.high
	for i, v := range t.inClass {
		z.Shares[i] = v / t.weight
	}
	return z
}
