package zonal

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/measure"
	"chatmrpt/geo/raster"
)

// Why terra's exact columns aren't ours to the last digit: it cuts each cell
// as a polygon on the ellipsoid, whose four edges are geodesics, and takes the
// quotient of two geodesic areas. Worked out like that, with our own geodesic
// areas, its covered cells, sums and means come out to 1e-9 for three wards of
// four. In the rest a cell is cut into several pieces, which the clipping used
// here ties together by edges there and back along the cell's border, whose
// geodesics don't quite cancel out (1e-7; one ward in a hundred more). Geodesics
// bulge from the parallels that bound a cell, so its fractions of neighbouring wards
// don't add up to one; ours do.
func TestTerraComesOutByItsOwnDefinition(t *testing.T) {
	r := open(t, water)
	values := make([]float64, r.Width*r.Height)
	if err := r.Cells().Window(t.Context(), 0, 0, 0, r.Width, r.Height, values); err != nil {
		t.Fatal(err)
	}
	rows := beside.CSV(t, "reference/zonal/terra_distance_to_water.csv.gz")[1:]
	areas := national(t).Areas
	var off []float64
	for i := 0; i < len(areas); i += 75 {
		covered, sum := onEllipsoid(r, values, areas[i])
		d := max(math.Abs(covered/number(t, rows[i][4])-1), math.Abs(sum-number(t, rows[i][3]))/max(sum, 1))
		if sum > 0 {
			d = max(d, math.Abs(sum/covered/number(t, rows[i][2])-1))
		}
		off = append(off, d)
	}
	slices.Sort(off)
	n := len(off)
	if off[n/2] > 1e-11 || off[n*75/100] > 1e-9 || off[n*95/100] > 1e-7 || off[n-1] > 1e-4 {
		t.Errorf("%d wards: differences %g in the middle, %g for 75, %g for 95 of 100, %g at worst", n, off[n/2], off[n*75/100], off[n*95/100], off[n-1])
	}
}

// onEllipsoid is how many cells an area covers and their sum by terra's
// definition.
func onEllipsoid(r *raster.Raster, values []float64, area orb.MultiPolygon) (covered, sum float64) {
	inverse, _ := r.Place.Inverse()
	b := area.Bound()
	c0, r0 := inverse.At(b.Min[0], b.Max[1])
	c1, r1 := inverse.At(b.Max[0], b.Min[1])
	for y := math.Floor(r0); y < r1; y++ {
		for x := math.Floor(c0); x < c1; x++ {
			west, north := r.Place.At(x, y)
			east, south := r.Place.At(x+1, y+1)
			cell := orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
			part := measure.Area(clip.MultiPolygon(cell, area.Clone())) / measure.Area(orb.MultiPolygon{cell.ToPolygon()})
			covered += part
			sum += part * values[int(y)*r.Width+int(x)]
		}
	}
	return covered, sum
}
