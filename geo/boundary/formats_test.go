package boundary

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/boundary/gpkg"
	"chatmrpt/geo/feature"
)

// source is the layer that ogr2ogr 3.6.2 wrote into the files of testdata: a
// ward of two parts with a hole, its neighbour, and one without a shape.
const source = `{"type":"FeatureCollection","name":"wards","features":[
{"type":"Feature","properties":{"WardName":"Ìlọrin","WardCode":"001","evi":0.25,"people":1200,"seen":"2021-10-05","note":null},"geometry":{"type":"MultiPolygon","coordinates":[[[[8,9],[9,9],[9,10],[8,10],[8,9]],[[8.2,9.2],[8.2,9.4],[8.4,9.4],[8.4,9.2],[8.2,9.2]]],[[[9.5,9],[9.75,9],[9.75,9.25],[9.5,9.25],[9.5,9]]]]}},
{"type":"Feature","properties":{"WardName":"Bare & Co","WardCode":"002","evi":null,"people":900,"seen":null,"note":"x"},"geometry":{"type":"Polygon","coordinates":[[[9,9],[9.5,9],[9.5,10],[9,10],[9,9]]]}},
{"type":"Feature","properties":{"WardName":"Nowhere","WardCode":"003","evi":0.5,"people":null,"seen":null,"note":null},"geometry":null}]}`

func testFile(t testing.TB, name string) File {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: name, Data: data}
}

// sameAttributes compares the attributes that two layers share by name.
func sameAttributes(t *testing.T, what string, got, want *feature.Layer, names ...string) {
	t.Helper()
	for _, n := range names {
		g, ok := got.Column(n)
		w, _ := want.Column(n)
		if !ok || g.IsNumber != w.IsNumber || !slices.Equal(g.Texts, w.Texts) || !slices.Equal(g.Numbers, w.Numbers) || !slices.Equal(g.Present, w.Present) {
			t.Errorf("%s: attribute %s is %+v, want %+v", what, n, g, w)
		}
	}
}

func TestGeoPackageAsGDALWroteIt(t *testing.T) {
	want := mustRead(t, geojson(source), Options{})
	all := []string{"WardName", "WardCode", "evi", "people", "seen", "note"}
	got := mustRead(t, []File{testFile(t, "wards.gpkg")}, Options{})
	checkLayer(t, got)
	sameAreas(t, "one layer", got, want, 0)
	sameAttributes(t, "one layer", got, want, all...)
	if got.CRS != "EPSG:4326" || got.Name != "wards" || len(got.Columns) != len(all) {
		t.Errorf("%s, %s, %d columns", got.Name, got.CRS, len(got.Columns))
	}
	// In UTM, with heights and measures, beside a spatial index; and named,
	// because there are two.
	two := []File{testFile(t, "two_layers.gpkg")}
	if says := refused(t, two, Options{}); !strings.Contains(says, "2 layers") || !strings.Contains(says, "--sheet: wards, again") {
		t.Errorf("two layers: %q", says)
	}
	again := mustRead(t, two, Options{Layer: "again"})
	sameAreas(t, "in UTM", again, want, 1e-9)
	sameAttributes(t, "in UTM", again, want, all...)
	if again.CRS != "EPSG:32632" {
		t.Errorf("read as %s", again.CRS)
	}
	if says := refused(t, two, Options{Layer: "other"}); !strings.Contains(says, "its layers are: wards, again") {
		t.Errorf("an unknown layer: %q", says)
	}
}

// A GeoPackage that was open in another program is often in write-ahead mode.
func TestGeoPackageInWriteAheadMode(t *testing.T) {
	f := testFile(t, "wards.gpkg")
	f.Data[18], f.Data[19] = 2, 2
	if l := mustRead(t, []File{f}, Options{}); l.Len() != 3 {
		t.Errorf("%d wards", l.Len())
	}
	if f.Data[18] != 2 {
		t.Error("the caller's bytes were changed")
	}
}

// data/other/burkina_snt: a pyramid of a health information system. Of its
// four levels with geometry columns only the districts have shapes.
func TestBurkinaPyramid(t *testing.T) {
	l := mustRead(t, sharedFiles(t, "data/other/burkina_snt/*.gpkg"), Options{})
	name, _ := l.Column("name")
	parent, _ := l.Column("parent")
	if l.Len() != 70 || l.Name != "level-4-District" || name.Texts[0] != "DS DO" || parent.Texts[0] != "HOUET (Province)" {
		t.Errorf("%s, %d districts, %q in %q", l.Name, l.Len(), name.Texts[0], parent.Texts[0])
	}
	checkLayer(t, l)
}

// A GeoPackage cut or changed anywhere ends in a layer or an *Error.
func TestDamagedGeoPackages(t *testing.T) {
	whole := testFile(t, "wards.gpkg").Data
	for i := 0; i < len(whole); i += 1 + len(whole)/150 {
		tryRead(t, []File{{"a.gpkg", whole[:i]}})
		changed := slices.Clone(whole)
		changed[i] ^= 0x55
		tryRead(t, []File{{"a.gpkg", changed}})
	}
}

// The file's own code never runs: a view that would count for ever in the
// place of a table is no layer.
func TestGeoPackageCodeDoesNotRun(t *testing.T) {
	f, err := gpkg.Open(testFile(t, "view.gpkg").Data)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	layers, err := f.Layers(context.Background())
	if err != nil || len(layers) != 1 || layers[0].Name != "wards" {
		t.Errorf("%+v, %v", layers, err)
	}
}

func TestKMLAsGDALWroteIt(t *testing.T) {
	want := mustRead(t, geojson(source), Options{})
	for _, name := range []string{"wards.kml", "wards_lib.kml"} {
		got := mustRead(t, []File{testFile(t, name)}, Options{})
		checkLayer(t, got)
		sameAreas(t, name, got, want, 1e-12)
		sameAttributes(t, name, got, want, "WardName", "evi", "people", "note")
	}
	kmz := zipped(t, File{"doc.kml", testFile(t, "wards.kml").Data}, File{"files/icon.png", []byte("x")})
	kmz[0].Name = "wards.kmz"
	sameAreas(t, "kmz", mustRead(t, kmz, Options{}), want, 1e-12)
}

func TestKMLOfOtherPrograms(t *testing.T) {
	const doc = `<?xml version="1.0" encoding="ISO-8859-1"?><kml><Document><Folder>
<Placemark><name>Caf` + "\xe9" + `</name><ExtendedData><Data name="code"><value>7</value></Data></ExtendedData>
<Polygon><innerBoundaryIs><LinearRing><coordinates>8.2,9.2 8.4,9.2 8.4,9.4 8.2,9.2</coordinates></LinearRing></innerBoundaryIs>
<outerBoundaryIs><LinearRing><coordinates>8,9,100 9,9,100 <!-- a pause -->9,10,100
8,9,100</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><name>a place</name><Point><coordinates>8,9</coordinates></Point></Placemark></Folder></Document></kml>`
	l := mustRead(t, []File{{"a.kml", []byte(doc)}}, Options{})
	name, _ := l.Column("name")
	code, _ := l.Column("code")
	if l.Len() != 1 || name.Texts[0] != "Café" || code.Numbers[0] != 7 || len(l.Areas[0][0]) != 2 || len(l.Areas[0][0][0]) != 4 {
		t.Errorf("%+v", l)
	}
	if !strings.Contains(strings.Join(l.Notices, ""), "points or lines: 1") {
		t.Errorf("notices %q", l.Notices)
	}
	for text, says := range map[string]string{
		`<kml><Placemark><Point><coordinates>8,9</coordinates></Point></Placemark></kml>`: "points or lines",
		`<kml><Placemark>`: "isn't sound KML",
		`<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>8 9</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>`:          "isn't a number",
		`<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>8,99 9,9 9,8</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>`: "outside the earth",
		strings.Repeat("<a>", 100): "nested too deeply",
	} {
		if got := refused(t, []File{{"a.kml", []byte(text)}}, Options{}); !strings.Contains(got, says) {
			t.Errorf("%.60s: %q should say %q", text, got, says)
		}
	}
}

// Two squares that share a border, quantised as the specification's example
// is: arc 0 is the border, walked once either way.
const squaresOfArcs = `{"type":"Topology","transform":{"scale":[0.5,0.25],"translate":[8,9]},
"arcs":[[[2,0],[0,4]],[[2,4],[-2,0],[0,-4],[2,0]],[[2,0],[2,0],[0,4],[-2,0]]],
"objects":{"places":{"type":"Point","coordinates":[0,0]},
"wards":{"type":"GeometryCollection","geometries":[
{"type":"Polygon","id":"w1","properties":{"WardName":"West","n":1},"arcs":[[0,1]]},
{"type":"MultiPolygon","properties":{"WardName":"East"},"arcs":[[[2,-1]]]},
{"type":null,"properties":{"WardName":"None"}}]}}}`

func TestTopoJSON(t *testing.T) {
	l := mustRead(t, geojson(squaresOfArcs), Options{})
	checkLayer(t, l)
	want := []orb.MultiPolygon{
		{{{{9, 9}, {9, 10}, {8, 10}, {8, 9}, {9, 9}}}},
		{{{{9, 9}, {10, 9}, {10, 10}, {9, 10}, {9, 9}}}},
		nil,
	}
	sameAreas(t, "topology", l, &feature.Layer{Areas: want}, 0)
	name, _ := l.Column("WardName")
	id, _ := l.Column("id")
	if !slices.Equal(name.Texts, []string{"West", "East", "None"}) || id.Texts[0] != "w1" || id.Present[1] {
		t.Errorf("names %q, ids %q", name.Texts, id.Texts)
	}
	for change, says := range map[string]string{
		`[[0,1]]` + "|" + `[[0,7]]`:                                "isn't there",
		`"scale":[0.5,0.25]` + "|" + `"scale":1`:                   "transform",
		`[[2,0],[0,4]]` + "|" + `[[2,0],["x",4]]`:                  "arc 1",
		`"type":"Polygon"` + "|" + `"type":"LineString"`:           "a LineString, not areas",
		`"places":{"type":"Point"` + "|" + `"p":{"type":"Polygon"`: "2 layers of areas",
	} {
		from, to, _ := strings.Cut(change, "|")
		if got := refused(t, geojson(strings.Replace(squaresOfArcs, from, to, 1)), Options{}); !strings.Contains(got, says) {
			t.Errorf("%s: %q should say %q", to, got, says)
		}
	}
	if _, err := Read(t.Context(), geojson(strings.Replace(squaresOfArcs, `"places":{"type":"Point"`, `"p":{"type":"Polygon"`, 1)), Options{Layer: "wards"}); err != nil {
		t.Errorf("a named layer: %v", err)
	}
}

// A thousand areas that all use one long arc would make a document a thousand
// times larger than it is.
func TestArcsThatMultiplyAreRefused(t *testing.T) {
	arc := strings.TrimSuffix(strings.Repeat("[1,1],[2,3],", 5000), ",")
	doc := `{"type":"Topology","arcs":[[` + arc + `]],"objects":{"a":{"type":"MultiPolygon","arcs":[` + strings.TrimSuffix(strings.Repeat("[[0]],", 5000), ",") + `]}}}`
	if got := refused(t, geojson(doc), Options{}); !strings.Contains(got, "far too often") {
		t.Errorf("%q", got)
	}
}

func FuzzGeoPackage(f *testing.F) {
	for _, name := range []string{"wards.gpkg", "two_layers.gpkg", "view.gpkg"} {
		f.Add(testFile(f, name).Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { tryRead(t, []File{{"a.gpkg", data}}) })
}

// FuzzWKB gives the shapes themselves, which the checks of the database would
// keep a fuzzer away from.
func FuzzWKB(f *testing.F) {
	f.Add([]byte("GP\x00\x00\x00\x00\x00\x00\x01\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &blobReader{place: &placer{file: "a", system: crs.WGS84()}}
		m, err := r.area(data)
		if e := new(geometryError); err != nil && errors.As(err, &e) && e.Error() == "" {
			t.Fatal("an error without words")
		}
		for _, p := range m {
			if len(p) == 0 || len(p[0]) < 4 {
				t.Fatalf("an area of %v", p)
			}
		}
	})
}

func FuzzKML(f *testing.F) {
	f.Add(testFile(f, "wards.kml").Data)
	f.Add(testFile(f, "wards_lib.kml").Data)
	f.Fuzz(func(t *testing.T, data []byte) { tryRead(t, []File{{"a.kml", data}}) })
}

func FuzzTopoJSON(f *testing.F) {
	f.Add([]byte(squaresOfArcs))
	f.Fuzz(func(t *testing.T, data []byte) { tryRead(t, []File{{"a.topojson", data}}) })
}

// A layer written as GeoPackage comes back as it was; writing it again gives
// the same bytes.
func TestGeoPackageRoundTrip(t *testing.T) {
	want := mustRead(t, geojson(source), Options{})
	want.Columns = append(want.Columns, feature.Column{Name: "Geom", Texts: []string{"a", "b", ""}, Present: []bool{true, true, false}})
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	data, err := gpkg.Write(t.Context(), want, when)
	if err != nil {
		t.Fatal(err)
	}
	got := mustRead(t, []File{{"a.gpkg", data}}, Options{})
	sameAreas(t, "written", got, want, 0)
	for _, c := range want.Columns {
		sameAttributes(t, "written", got, want, c.Name)
	}
	if again, err := gpkg.Write(t.Context(), want, when); err != nil || !slices.Equal(again, data) {
		t.Errorf("written again it differs, %v", err)
	}
}
