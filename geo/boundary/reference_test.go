package boundary

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/feature"
)

// The shapefiles of the mbostock collection stand beside GeoJSON of the same
// shapes.
func TestShapefileAgreesWithGeoJSONBeside(t *testing.T) {
	for _, name := range []string{"polygons", "polygonm", "number-null-property"} {
		shp := sharedFiles(t, "data/corpora/shp/mbostock/"+name+".*")
		a := mustRead(t, corpusFiles(t, beside.Corpus{Name: "corpora/shp/mbostock/" + name + ".shp"}, 1), Options{CRS: "EPSG:4326"})
		b := mustRead(t, withExtension(shp, ".json"), Options{CRS: "EPSG:4326"})
		sameAreas(t, name, a, b, 0)
	}
}

// sameAreas compares ring by ring and point by point, to a number of degrees.
func sameAreas(t *testing.T, what string, a, b *feature.Layer, tolerance float64) {
	t.Helper()
	if a.Len() != b.Len() {
		t.Fatalf("%s: %d and %d features", what, a.Len(), b.Len())
	}
	worst := 0.0
	for i := range a.Areas {
		p, q := points(a.Areas[i]), points(b.Areas[i])
		if len(p) != len(q) || len(a.Areas[i]) != len(b.Areas[i]) {
			t.Errorf("%s: feature %d has %d and %d points", what, i+1, len(p), len(q))
			continue
		}
		for j := range p {
			worst = max(worst, math.Abs(p[j][0]-q[j][0]), math.Abs(p[j][1]-q[j][1]))
		}
	}
	if worst > tolerance {
		t.Errorf("%s: points differ by up to %g degrees", what, worst)
	}
}

func points(m orb.MultiPolygon) []orb.Point {
	var out []orb.Point
	for _, p := range m {
		for _, r := range p {
			out = append(out, r...)
		}
	}
	return out
}

// Kenya's counties come in degrees and in Web Mercator, whose .prj ("Google
// Maps Global Mercator", Mercator_2SP on the ellipsoid) means the sphere.
func TestKenyaInTwoSystems(t *testing.T) {
	wgs := mustRead(t, sharedFiles(t, "data/other/kenya/counties.[sdp]*"), Options{})
	web := mustRead(t, sharedFiles(t, "data/other/kenya/counties_sphericalmercator.*"), Options{})
	if wgs.Len() != 48 || web.CRS != "EPSG:3857" {
		t.Errorf("%d counties, %s", wgs.Len(), web.CRS)
	}
	sameAreas(t, "Kenya", wgs, web, 1e-7)
	json := mustRead(t, sharedFiles(t, "data/other/kenya/counties.geojson"), Options{})
	sameAreas(t, "Kenya as GeoJSON", wgs, json, 1e-12)
	for i, c := range wgs.Columns {
		if d := json.Columns[i]; c.Name != d.Name || c.IsNumber != d.IsNumber || !slices.Equal(c.Texts, d.Texts) {
			t.Errorf("attribute %s differs from GeoJSON's %s", c.Name, d.Name)
		}
	}
}

// columbus.shp has no .prj and plane coordinates of unknown unit that happen
// to pass for degrees. Nothing in the file can tell; the notice says so and
// where it would lie.
func TestColumbusIsReadWithANotice(t *testing.T) {
	l := mustRead(t, sharedFiles(t, "data/classic/columbus/columbus.[sd]*"), Options{})
	if l.Len() != 49 || !strings.Contains(strings.Join(l.Notices, ""), "between 5.87° E 10.79° N and 11.29° E 14.74° N") {
		t.Errorf("%d areas, %q", l.Len(), l.Notices)
	}
	// columbus.json is the same data, written by GDAL.
	json := mustRead(t, sharedFiles(t, "data/classic/columbus/columbus.json"), Options{})
	sameAreas(t, "columbus", l, json, 1e-15) // it was written with 16 digits
	for i, c := range l.Columns {
		if d := json.Columns[i]; c.Name != d.Name || !slices.Equal(c.Numbers, d.Numbers) {
			t.Errorf("attribute %s differs from GeoJSON's %s", c.Name, d.Name)
		}
	}
}

func TestRealFiles(t *testing.T) {
	// Features and fields as the README of the data and the tables say; holes
	// are kept as a watch on ring grouping.
	cases := []struct {
		pattern                  string
		features, columns, holes int
		notice                   bool
	}{
		{"nigeria/NGA_LGAs_774.zip", 774, 6, 3, false},
		{"nigeria/kwara_wards.zip", 211, 10, 0, false},
		{"nigeria/adamawa_wards.zip", 260, 10, 0, false},
		{"nigeria/kano_wards.geojson", 479, 10, 0, false},
		{"ilorin/Ilorin_3LGA.zip", 35, 8, 0, false},
		{"mrpt/Kano_metro_ward_sixLGAs.zip", 66, 9, 0, true},
		{"classic/natregimes/natregimes.*", 3085, 73, 13, false},
		{"other/tanzania_wards/wards.geojson", 78, 5, 0, false},
	}
	for _, c := range cases {
		l := mustRead(t, sharedFiles(t, "data/"+c.pattern), Options{})
		checkLayer(t, l)
		holes, _ := rings(l)
		if l.Len() != c.features || len(l.Columns) != c.columns || holes != c.holes || (len(l.Notices) > 0) != c.notice {
			t.Errorf("%s: %d features, %d columns, %d holes, notices %q", c.pattern, l.Len(), len(l.Columns), holes, l.Notices)
		}
	}
}

// A hole taken for an area, or lost, would show in the counts; the areas of all
// wards are compared with GDAL's in package measure.
func TestNationalWardsAreWhole(t *testing.T) {
	l := mustRead(t, sharedFiles(t, "data/nigeria/nga_wards_9367.zip"), Options{})
	checkLayer(t, l)
	if _, vertices := rings(l); l.Len() != 9367 || vertices != 1510218 {
		t.Errorf("%d wards, %d vertices", l.Len(), vertices)
	}
}

// The wards of Kano are in the national zip and, written by GDAL, in a GeoJSON
// file: same shapes, same attributes.
func TestKanoInTwoFormats(t *testing.T) {
	national := mustRead(t, sharedFiles(t, "data/nigeria/nga_wards_9367.zip"), Options{})
	state, _ := national.Column("StateName")
	others := make([]bool, national.Len())
	for i, s := range state.Texts {
		others[i] = s != "Kano"
	}
	dropDeleted(national, others)
	kano := mustRead(t, sharedFiles(t, "data/nigeria/kano_wards.geojson"), Options{})
	sameAreas(t, "Kano", national, kano, 1e-12)
	for i, c := range national.Columns {
		if d := kano.Columns[i]; c.Name != d.Name || !slices.Equal(c.Texts, d.Texts) || !slices.Equal(c.Numbers, d.Numbers) {
			t.Errorf("attribute %s differs", c.Name)
		}
	}
}

// Whatever the files of other projects' tests are taken for, they are read or
// refused with an *Error.
func TestStrangeCorpora(t *testing.T) {
	for _, f := range slices.Concat(sharedFiles(t, "data/corpora/shp/*/*.*"), sharedFiles(t, "data/corpora/csv/blns/*"), sharedFiles(t, "data/corpora/mapnik-test-data/*/*.*")) {
		for _, files := range [][]File{
			{f},
			{{"a.zip", f.Data}},
			{{"a.json", f.Data}},
			{{"a.shp", f.Data}, {"a.dbf", f.Data}, {"a.prj", f.Data}, {"a.shx", f.Data}, {"a.cpg", f.Data}},
		} {
			_, err := Read(t.Context(), files, Options{})
			if e := new(Error); err != nil && !errors.As(err, &e) {
				t.Errorf("%s as %s: %v", f.Name, files[0].Name, err)
			}
		}
	}
}

// Reading all 9,367 wards (1.5 million vertices) from their .zip.
func BenchmarkReadNationalZip(b *testing.B) {
	files := sharedFiles(b, "data/nigeria/nga_wards_9367.zip")
	b.SetBytes(int64(len(files[0].Data)))
	b.ReportAllocs()
	for b.Loop() {
		mustRead(b, files, Options{})
	}
}

// The same wards from GeoJSON, 35 MB of text.
func BenchmarkReadNationalGeoJSON(b *testing.B) {
	var out bytes.Buffer
	if err := WriteGeoJSON(&out, mustRead(b, sharedFiles(b, "data/nigeria/nga_wards_9367.zip"), Options{})); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(out.Len()))
	b.ReportAllocs()
	for b.Loop() {
		mustRead(b, []File{{"wards.geojson", out.Bytes()}}, Options{})
	}
}

// What the transformation costs: 1.5 million points from UTM, and from Minna.
func BenchmarkTransform(b *testing.B) {
	l := mustRead(b, sharedFiles(b, "data/nigeria/nga_wards_9367.zip"), Options{})
	_, vertices := rings(l)
	for _, code := range []int{3857, 32632, 26392} {
		s, err := crs.FromEPSG(code)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(s.String(), func(b *testing.B) {
			for b.Loop() {
				for i := range vertices {
					s.ToWGS84(6e5+float64(i)/10, 1e6+float64(i)/10)
				}
			}
		})
	}
}
