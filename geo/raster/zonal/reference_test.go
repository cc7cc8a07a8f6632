package zonal

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/planar"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/feature"
	"chatmrpt/geo/raster"
)

func layer(t testing.TB, o boundary.Options, names ...string) *feature.Layer {
	t.Helper()
	var files []boundary.File
	for _, n := range names {
		files = append(files, boundary.File{Name: n, Data: beside.Read(t, n)})
	}
	l, err := boundary.Read(t.Context(), files, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func national(t testing.TB) *feature.Layer {
	t.Helper()
	return layer(t, boundary.Options{}, "data/nigeria/nga_wards_9367.zip")
}

func open(t testing.TB, name string) *raster.Raster {
	t.Helper()
	r, err := raster.Open(name, beside.Read(t, name), raster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func statistics(t testing.TB, r *raster.Raster, areas []orb.MultiPolygon, o Options) []Zone {
	t.Helper()
	z, err := Statistics(t.Context(), r, areas, o)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

const water = "data/rasters/distance_to_water_static.tif"

func number(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// reference/zonal/rasterstats_distance_to_water.csv.gz: rasterstats 0.20.0 by
// the rule of centres. Every ward must have its count, lowest, highest and sum
// exactly, and its mean to the last digit but one; wards without a centre have
// no value there, and here say why.
func TestCentreRuleEqualsRasterstats(t *testing.T) {
	rows := beside.CSV(t, "reference/zonal/rasterstats_distance_to_water.csv.gz")[1:]
	zones := statistics(t, open(t, water), national(t).Areas, Options{Rule: Centre})
	without := 0
	for i, z := range zones {
		r := rows[i]
		if r[1] == "0" {
			without++
			if z.Reason != NoCentre || !math.IsNaN(z.Mean) || z.Cells != 0 {
				t.Errorf("%s has no centre, but %+v", r[0], z)
			}
			continue
		}
		if z.Reason != "" || float64(z.Cells) != number(t, r[1]) || math.Abs(z.Mean-number(t, r[2])) > 1e-12*z.Mean ||
			z.Sum != number(t, r[3]) || z.Min != number(t, r[4]) || z.Max != number(t, r[5]) {
			t.Errorf("%v, but %+v", r[:6], z)
		}
	}
	if len(zones) != len(rows) || without == 0 {
		t.Errorf("%d wards, %d without a centre", len(zones), without)
	}
}

// By the exact rule every fraction must be the area of the intersection of
// ward and cell. Here that is worked out another way, by cutting the ward with
// each cell (orb's Sutherland–Hodgman clipping), for every twentieth ward.
func TestExactRuleEqualsClipping(t *testing.T) {
	r := open(t, water)
	inverse, _ := r.Place.Inverse()
	var some []orb.MultiPolygon
	for i, a := range national(t).Areas {
		if i%20 == 0 {
			some = append(some, a)
		}
	}
	values := make([]float64, r.Width*r.Height)
	if err := r.Cells().Window(t.Context(), 0, 0, 0, r.Width, r.Height, values); err != nil {
		t.Fatal(err)
	}
	for i, z := range statistics(t, r, some, Options{Rule: Exact}) {
		p := toCells(some[i], inverse)
		covered, sum := 0.0, 0.0
		b := p.Bound()
		for y := math.Floor(b.Min[1]); y < b.Max[1]; y++ {
			for x := math.Floor(b.Min[0]); x < b.Max[0]; x++ {
				cell := orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x + 1, y + 1}}
				part := math.Abs(planar.Area(clip.MultiPolygon(cell, p.Clone())))
				covered += part
				sum += part * values[int(y)*r.Width+int(x)]
			}
		}
		if math.Abs(z.Covered/covered-1) > 1e-9 || math.Abs(z.Sum-sum) > 1e-9*sum || (sum > 0 && math.Abs(z.Mean/(sum/covered)-1) > 1e-9) || math.Abs(z.Share-1) > 1e-9 {
			t.Errorf("ward %d: %+v, by clipping %.12g cells, sum %.12g", i*20, z, covered, sum)
		}
	}
}

func toCells(m orb.MultiPolygon, inverse raster.Affine) orb.MultiPolygon {
	out := m.Clone()
	for _, p := range out {
		for _, ring := range p {
			for i, q := range ring {
				ring[i][0], ring[i][1] = inverse.At(q[0], q[1])
			}
		}
	}
	return out
}

// reference/zonal/terra_distance_to_water.csv.gz, the exact columns, of all wards
// (see TestTerraComesOutByItsOwnDefinition). terra
// doesn't take fractions in the plane of the cells: it cuts the cells as
// polygons and divides areas on the ellipsoid, whose edges are geodesics. Over
// a cell of 1 km at 4° to 14° N that moves a fraction by about a millionth; the
// middle ward differs by 1e-7, 99 of 100 by less than 2e-6, the worst, which has
// a small part of a cell, by less than 2e-4.
func TestExactRuleIsNearTerra(t *testing.T) {
	rows := beside.CSV(t, "reference/zonal/terra_distance_to_water.csv.gz")[1:]
	var differences []float64
	for i, z := range statistics(t, open(t, water), national(t).Areas, Options{Rule: Exact}) {
		mean, sum, n := number(t, rows[i][2]), number(t, rows[i][3]), number(t, rows[i][4])
		d := math.Abs(z.Covered/n - 1)
		if sum > 0 {
			d = max(d, math.Abs(z.Mean/mean-1), math.Abs(z.Sum/sum-1))
		}
		differences = append(differences, d)
	}
	slices.Sort(differences)
	n := len(differences)
	if middle, most, worst := differences[n/2], differences[n*99/100], differences[n-1]; n != 9367 || middle > 2e-7 || most > 2e-6 || worst > 2e-4 {
		t.Errorf("%d wards: differences %g in the middle, %g for 99 of 100, %g at worst", n, middle, most, worst)
	}
}

// The tests of python-rasterstats 0.20.0 themselves (tests/test_zonal.py:
// test_main, test_zonal_nodata_value_noncontiguous, test_dataset_mask): two
// zones over a slope raster in Lambert's projection.
func TestRasterstatsOwnExamples(t *testing.T) {
	const folder = "data/rasters/rasterstats/"
	const half = 1.0 / (1 << 24) // their means are of 32 bits
	slope := open(t, folder+"slope.tif")
	two := plane(t, slope, folder+"polygons")
	z := statistics(t, slope, two, Options{Rule: Centre})
	if z[0].Cells != 75 || z[1].Cells != 50 || math.Abs(z[0].Mean/14.660084635-1) > half || math.Abs(z[1].Mean/56.605761786-1) > half {
		t.Errorf("slope: %+v", z)
	}
	z = statistics(t, open(t, folder+"dataset_mask.tif"), two, Options{Rule: Centre})
	if z[0].Cells != 75 || z[1].Reason == "" {
		t.Errorf("masked: %+v", z)
	}
	z = statistics(t, open(t, folder+"all_nodata.tif"), two, Options{Rule: Centre})
	if z[0].Reason != NoData || z[1].Reason != NoData {
		t.Errorf("no data: %+v", z)
	}
	none := plane(t, slope, folder+"polygons_no_overlap")
	for i, z := range statistics(t, slope, none, Options{Rule: Exact}) {
		if z.Reason != Outside && z.Reason != NoData || z.Cells != 0 || z.Share != 0 {
			t.Errorf("zone %d beside the cells with values: %+v", i, z)
		}
	}
}

// plane reads zones in the raster's own plane, whose .prj says the same in
// other words, and gives them in longitude and latitude.
func plane(t *testing.T, r *raster.Raster, name string) []orb.MultiPolygon {
	t.Helper()
	l := layer(t, boundary.Options{}, name+".shp", name+".dbf", name+".shx", name+".prj")
	return l.Areas
}

// BenchmarkNational is the budget: the exact mean of 9,367 wards (1.5 million
// vertices) over 1.9 million cells of 1 km.
func BenchmarkNational(b *testing.B) {
	areas, data := national(b).Areas, beside.Read(b, water)
	for b.Loop() {
		r, err := raster.Open("water.tif", data, raster.Options{})
		if err != nil {
			b.Fatal(err)
		}
		statistics(b, r, areas, Options{Rule: Exact})
	}
}
