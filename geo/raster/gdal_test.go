package raster

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The files of testdata were written by GDAL 3.6.2 (gdal_translate, gdalwarp)
// from a grid of 37 × 23 cells of 0.1°, upper left corner 8° E 11.3° N, whose
// cell at column c, row r of band b holds (7c + 13r + 31b) mod 97, in the
// floating-point files a quarter more, with no value in band 0 where c + r is
// divisible by 11. Their names say how they are packed.
const gridWidth, gridHeight = 37, 23

func whole(b, c, r int) float64 { return float64((c*7 + r*13 + b*31) % 97) }

func quarter(b, c, r int) float64 {
	if b == 0 && (c+r)%11 == 0 {
		return math.NaN()
	}
	return whole(b, c, r) + 0.25
}

func openTest(t testing.TB, name string, o Options) *Raster {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(name, data, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func window(t testing.TB, r *Raster, band, x, y, w, h int) []float64 {
	t.Helper()
	out := make([]float64, w*h)
	if err := r.Cells().Window(t.Context(), band, x, y, w, h, out); err != nil {
		t.Fatalf("%s: %v", r.Name, err)
	}
	return out
}

func isSame(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestEveryTypeAndPackingReadsAsGDALWroteIt(t *testing.T) {
	for name, c := range map[string]struct {
		kind string
		at   func(b, c, r int) float64
	}{
		"byte_strips": {"Byte", whole}, "uint16_lzw_tiled_p2": {"UInt16", whole}, "int16_deflate_big_p2": {"Int16", whole},
		"uint32_packbits_planar": {"UInt32", whole}, "int32_bigtiff_p2": {"Int32", whole}, "int64_lzw_p2": {"Int64", whole},
		"uint64_big_bigtiff": {"UInt64", whole}, "float32_lzw_p3": {"Float32", quarter},
		"float32_p2_planar": {"Float32", quarter}, "float64_packbits": {"Float64", quarter}, "float64_deflate_p3": {"Float64", quarter},
	} {
		r := openTest(t, name+".tif", Options{})
		if r.Width != gridWidth || r.Height != gridHeight || len(r.Bands) != 3 || r.Type != c.kind || r.CRS.String() != "EPSG:4326" {
			t.Errorf("%s: %s, %d bands", name, r.Describe(), len(r.Bands))
		}
		if p := r.Place; math.Abs(p.X0-8)+math.Abs(p.Y0-11.3)+math.Abs(p.XC-0.1)+math.Abs(p.YR+0.1) > 1e-12 || p.XR != 0 || p.YC != 0 {
			t.Errorf("%s: placed at %+v", name, p)
		}
		for b := range r.Bands {
			for _, part := range [][4]int{{0, 0, gridWidth, gridHeight}, {15, 14, 5, 7}, {36, 22, 1, 1}} {
				got := window(t, r, b, part[0], part[1], part[2], part[3])
				for i, v := range got {
					col, row := part[0]+i%part[2], part[1]+i/part[2]
					if !isSame(v, c.at(b, col, row)) {
						t.Fatalf("%s: band %d, column %d, row %d is %g, want %g", name, b+1, col, row, v, c.at(b, col, row))
					}
				}
			}
		}
	}
}

// Cells of one and four bits must read like the same cells in bytes.
func TestSmallCellsReadLikeBytes(t *testing.T) {
	for _, name := range []string{"nbits1", "nbits4"} {
		a, b := openTest(t, name+".tif", Options{}), openTest(t, name+"_as_byte.tif", Options{})
		p, q := window(t, a, 0, 0, 0, gridWidth, gridHeight), window(t, b, 0, 0, 0, gridWidth, gridHeight)
		seen := map[float64]bool{}
		for i := range p {
			if p[i] != q[i] {
				t.Fatalf("%s: cell %d is %g, want %g", name, i, p[i], q[i])
			}
			seen[p[i]] = true
		}
		if len(seen) < 2 {
			t.Errorf("%s holds one value only: it tests nothing", name)
		}
	}
}

// An internal mask and an alpha band leave out the cells where they are 0,
// which is where the second band of the grid was.
func TestMaskAndAlphaLeaveCellsOut(t *testing.T) {
	for _, name := range []string{"mask.tif", "alpha.tif"} {
		got := window(t, openTest(t, name, Options{}), 0, 0, 0, gridWidth, gridHeight)
		holes := 0
		for i, v := range got {
			c, r := i%gridWidth, i/gridWidth
			want := whole(0, c, r)
			if whole(1, c, r) == 0 {
				want = math.NaN()
				holes++
			}
			if !isSame(v, want) {
				t.Fatalf("%s: column %d, row %d is %g, want %g", name, c, r, v, want)
			}
		}
		if holes == 0 {
			t.Error("no cell was left out")
		}
	}
}

func TestScaleAndOffsetAreAppliedAndSaid(t *testing.T) {
	r := openTest(t, "scaled.tif", Options{})
	if v := window(t, r, 0, 1, 0, 1, 1)[0]; math.Abs(v-(7.25*0.1-5)) > 1e-9 {
		t.Errorf("got %g", v)
	}
	if !strings.Contains(strings.Join(r.Notices, ""), "scale 0.1 and offset -5") {
		t.Errorf("notices %q", r.Notices)
	}
}

// GDAL puts the corner of a raster of points half a cell before its first
// point.
func TestPointsLieAtCentres(t *testing.T) {
	p := openTest(t, "point.tif", Options{}).Place
	if math.Abs(p.X0-8) > 1e-9 || math.Abs(p.Y0-11.3) > 1e-9 {
		t.Errorf("corner at %.12g %.12g", p.X0, p.Y0)
	}
}

// The same two places in three systems: cell and value by gdallocationinfo
// -wgs84.
func TestPlacesInOtherSystems(t *testing.T) {
	for name, cells := range map[string][2][3]float64{
		"minna_utm.tif":     {{12, 12, 46.25}, {28, 19, 55.25}},
		"africa_albers.tif": {{12, 12, 40.25}, {27, 20, 55.25}},
		"lcc.tif":           {{12, 12, 46.25}, {28, 19, 55.25}},
	} {
		r := openTest(t, name, Options{})
		inverse, _ := r.Place.Inverse()
		for i, q := range [][2]float64{{9.3, 10.1}, {10.9, 9.4}} {
			c, row := inverse.At(r.CRS.FromWGS84(q[0], q[1]))
			if want := cells[i]; math.Floor(c) != want[0] || math.Floor(row) != want[1] || window(t, r, 0, int(c), int(row), 1, 1)[0] != want[2] {
				t.Errorf("%s (%s): %v lies in column %.3f, row %.3f, want %v", name, r.CRS, q, c, row, want)
			}
		}
	}
}

func TestSparseFilesHaveNoValueWhereTheyHoldNothing(t *testing.T) {
	for _, v := range window(t, openTest(t, "sparse.tif", Options{}), 0, 0, 0, 200, 200) {
		if !math.IsNaN(v) {
			t.Fatal("a value was made up")
		}
	}
}

func TestOtherCompressionsAreRefusedByName(t *testing.T) {
	for name, want := range map[string]string{"jpeg": "JPEG", "lerc": "LERC", "lzma": "LZMA", "webp": "WebP", "zstd": "ZSTD"} {
		data, err := os.ReadFile(filepath.Join("testdata", "refused_"+name+".tif"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(name+".tif", data, Options{})
		if e := new(Error); !errors.As(err, &e) || !strings.Contains(e.Detail, want) || e.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file cut anywhere is refused or read to where it is whole; it never panics
// or takes memory for what is not there.
func TestCutFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.tif")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(data); n += 1 + len(data)/200 {
			r, err := Open(name, data[:n], Options{})
			if err != nil {
				continue
			}
			out := make([]float64, r.Width*r.Height)
			if err := r.Cells().Window(t.Context(), 0, 0, 0, r.Width, r.Height, out); err != nil && !errors.As(err, new(*Error)) {
				t.Errorf("%s cut to %d: %v", name, n, err)
			}
		}
	}
}
