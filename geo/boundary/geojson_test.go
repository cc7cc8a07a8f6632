package boundary

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb/planar"
)

const (
	square   = `{"type":"Polygon","coordinates":[[[8,12],[9,12],[9,13],[8,13],[8,12]]]}`
	withHole = `{"type":"Polygon","coordinates":[[[8,12,5],[8,13,5],[9,13,5],[9,12,5],[8,12,5]],[[8.25,12.25],[8.75,12.25],[8.75,12.75],[8.25,12.75],[8.25,12.25]]]}`
	multi    = `{"type":"MultiPolygon","coordinates":[[[[8,12],[9,12],[9,13],[8,13],[8,12]]],[[[10,12],[11,12],[11,13],[10,13],[10,12]]]]}`
)

func aFeature(geometry, properties string) string {
	return `{"type":"Feature","properties":` + properties + `,"geometry":` + geometry + `}`
}

func aCollection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func TestGeoJSONForms(t *testing.T) {
	cases := []struct {
		name, text string
		areas      []float64
	}{
		{"bare polygon", square, []float64{1}},
		{"bare polygon with a hole, clockwise and with heights", withHole, []float64{0.75}},
		{"bare multipolygon", multi, []float64{2}},
		{"bare collection", `{"type":"GeometryCollection","geometries":[` + square + `,` + multi + `]}`, []float64{3}},
		{"feature", aFeature(square, "null"), []float64{1}},
		{"collection", aCollection(aFeature(square, "{}"), aFeature(multi, "{}"), aFeature("null", "{}")), []float64{1, 2, 0}},
		{"blanks and a BOM", "\ufeff\n" + strings.NewReplacer(",", " ,\r\n\t", ":", " : ", "[", "[ ", "]", " ]").Replace(aCollection(aFeature(withHole, "{}"))), []float64{0.75}},
		{"members in another order", `{"features":[{"geometry":{"coordinates":[[[8,12],[9,12],[9,13],[8,12]]],"type":"Polygon"},"type":"Feature"}],"type":"FeatureCollection"}`, []float64{0.5}},
		{"no geometry, no coordinates", aCollection(`{"type":"Feature"}`, aFeature(`{"type":"Polygon","coordinates":[]}`, "{}"), aFeature(`{"type":"MultiPolygon","coordinates":[]}`, "{}")), []float64{0, 0, 0}},
		{"exponents", `{"type":"Polygon","coordinates":[[[8e0,1.2E1],[9,12],[0.9e+1,13],[80e-1,12]]]}`, []float64{0.5}},
	}
	for _, c := range cases {
		l := mustRead(t, geojson(c.text), Options{})
		checkLayer(t, l)
		var areas []float64
		for _, a := range l.Areas {
			areas = append(areas, planar.Area(a))
		}
		if !slices.Equal(areas, c.areas) || l.CRS != "EPSG:4326" {
			t.Errorf("%s: areas %v, %s", c.name, areas, l.CRS)
		}
	}
}

func TestGeoJSONRepairsAreTold(t *testing.T) {
	l := mustRead(t, geojson(aCollection(
		aFeature(`{"type":"Polygon","coordinates":[[[8,12],[9,12],[9,13]]]}`, "{}"),
		aFeature(`{"type":"Polygon","coordinates":[[[8,12],[9,12],[8,12]],[[8,12],[9,12],[9,13],[8,12]]]}`, "{}"),
		aFeature("null", "{}"),
	)), Options{})
	all := strings.Join(l.Notices, "\n")
	for _, says := range []string{"weren't closed: 1", "enclose nothing: 1", "nothing was left after that: 1", "without geometry: 1"} {
		if !strings.Contains(all, says) {
			t.Errorf("no notice says %q: %q", says, all)
		}
	}
}

func TestProperties(t *testing.T) {
	l := mustRead(t, geojson(aCollection(
		aFeature(square, `{"ward":"Ajingi","n":1,"mix":1,"flag":true,"deep":{"a":[1,"]"]},"esc\"k\u00e9y":"a\"b\u00e9\\","none":null}`),
		aFeature(square, `{"n":-2.5e3,"ward":"","mix":"x","late":7}`),
		aFeature(square, `{"ward":"Ọ̀yọ́","n":null,"big":1e999}`),
	)), Options{})
	want := map[string][]string{
		"ward": {"Ajingi", "-", "Ọ̀yọ́"}, "n": {"#1", "#-2500", "-"}, "mix": {"1", "x", "-"}, "flag": {"true", "-", "-"},
		"deep": {`{"a":[1,"]"]}`, "-", "-"}, `esc"kéy`: {`a"bé\`, "-", "-"}, "none": {"-", "-", "-"}, "late": {"-", "#7", "-"}, "big": {"-", "-", "1e999"},
	}
	var order []string
	for _, c := range l.Columns {
		order = append(order, c.Name)
		for i, w := range want[c.Name] {
			got := "-"
			if c.Present[i] && c.IsNumber {
				got = fmt.Sprintf("#%v", c.Numbers[i])
			} else if c.Present[i] {
				got = c.Texts[i]
			}
			if got != w {
				t.Errorf("%s[%d] is %q, want %q", c.Name, i, got, w)
			}
		}
	}
	if !slices.Equal(order, []string{"ward", "n", "mix", "flag", "deep", `esc"kéy`, "none", "late", "big"}) {
		t.Errorf("columns %q", order)
	}
}

func TestIDs(t *testing.T) {
	l := mustRead(t, geojson(aCollection(`{"type":"Feature","id":"NG001","geometry":`+square+`,"properties":{"a":1}}`)), Options{})
	if c, ok := l.Column("id"); !ok || c.Texts[0] != "NG001" {
		t.Errorf("columns %+v", l.Columns)
	}
	l = mustRead(t, geojson(aCollection(`{"type":"Feature","id":17,"geometry":`+square+`,"properties":{"a":1}}`)), Options{})
	if _, ok := l.Column("id"); ok {
		t.Error("a row number became an attribute")
	}
}

func TestNameOfALayer(t *testing.T) {
	if l := mustRead(t, geojson(square), Options{}); l.Name != "wards" {
		t.Errorf("%q", l.Name)
	}
	if l := mustRead(t, geojson(`{"name":"Kano \u0026 co",`+square[1:]), Options{}); l.Name != "Kano & co" {
		t.Errorf("%q", l.Name)
	}
}

func TestBrokenGeoJSON(t *testing.T) {
	cases := []struct{ name, text, says string }{
		{"empty", "", "isn't valid JSON"},
		{"cut", square[:40], "isn't valid JSON"},
		{"NaN coordinate", strings.Replace(square, "13", "NaN", 1), "never NaN"},
		{"NaN property, with its line", "\n\n" + aFeature(square, `{"a":NaN}`), "line 3"},
		{"infinite coordinate", strings.Replace(square, "13", "1e999", 1), "feature 1: a coordinate isn't a number"},
		{"text coordinate", strings.Replace(square, "13", `"13"`, 1), "feature 1: a coordinate isn't a number"},
		{"null coordinate", strings.Replace(square, "13", `null`, 1), "feature 1: a coordinate isn't a number"},
		{"one coordinate", strings.Replace(square, "[9,13]", "[9]", 1), "aren't lists of positions"},
		{"too shallow", `{"type":"Polygon","coordinates":[[8,12],[9,12],[9,13],[8,12]]}`, "aren't lists of positions"},
		{"too shallow by two", `{"type":"MultiPolygon","coordinates":[[8,12],[9,12]]}`, "aren't lists of positions"},
		{"coordinates as an object", `{"type":"Polygon","coordinates":{}}`, "aren't lists of positions"},
		{"too deep", `{"type":"Polygon","coordinates":[[[[8,12],[9,12],[9,13],[8,12]]]]}`, "isn't a number"},
		{"point", `{"type":"Point","coordinates":[8,12]}`, "holds a Point, not areas"},
		{"a point among areas", aCollection(aFeature(square, "{}"), aFeature(`{"type":"Point","coordinates":[8,12]}`, "{}")), "feature 2 holds a Point"},
		{"lines in a collection", aFeature(`{"type":"GeometryCollection","geometries":[{"type":"LineString"}]}`, "{}"), "holds a LineString"},
		{"unknown geometry", aFeature(`{"type":"Circle"}`, "{}"), `unknown type "Circle"`},
		{"unknown type", `{"type":"Sphere"}`, "not GeoJSON"},
		{"an array", `[1,2]`, "not GeoJSON"},
		{"a number", `1`, "not GeoJSON"},
		{"topojson", `{"type":"Topology"}`, "no shapes"},
		{"no features", aCollection(), "no shapes"},
		{"features missing", `{"type":"FeatureCollection"}`, "list of features is missing"},
		{"features an object", `{"type":"FeatureCollection","features":{}}`, "list of features is missing"},
		{"a feature that isn't one", aCollection(aFeature(square, "{}"), square), "feature 2: it isn't a Feature"},
		{"properties a list", aFeature(square, "[]"), "properties aren't an object"},
		{"two documents", square + square, "isn't valid JSON"},
		{"nested collections", strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 50) + square + strings.Repeat("]}", 50), "nested too deeply"},
		{"deep property", aFeature(square, `{"a":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+"}"), "isn't valid JSON"},
		{"metres", `{"type":"Polygon","coordinates":[[[600000,1000000],[600001,1000000],[600000,1000001],[600000,1000000]]]}`, "outside the earth"},
	}
	for _, c := range cases {
		if got := refused(t, geojson(c.text), Options{}); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q should say %q", c.name, got, c.says)
		}
	}
}

func TestBracketsWithoutEnd(t *testing.T) {
	for _, b := range []string{"[", `{"a":`, `{"type":"Polygon","coordinates":[`} {
		text := bytes.Repeat([]byte(b), 100<<20/len(b))
		if got := refused(t, []File{{"a.json", text}}, Options{}); !strings.Contains(got, "isn't valid JSON") {
			t.Errorf("%q repeated: %q", b, got)
		}
	}
}

// 3,000 features, each with a property of its own, would make nine million
// cells of a file of 300 kB.
func TestPropertiesThatMultiplyAreRefused(t *testing.T) {
	features := make([]string, 3000)
	for i := range features {
		features[i] = aFeature("null", fmt.Sprintf(`{"p%d":1}`, i))
	}
	if got := refused(t, geojson(aCollection(features...)), Options{}); !strings.Contains(got, "3000 different properties") {
		t.Errorf("%q", got)
	}
}

func TestOtherInputs(t *testing.T) {
	cases := []struct {
		name  string
		files []File
		says  string
	}{
		{"nothing", nil, "no file"},
		{"mapinfo", []File{{"a.tab", []byte("!table")}}, "in this format can't be read"},
		{"cut geopackage", []File{{"a.gpkg", []byte("SQLite format 3")}}, "isn't a GeoPackage"},
		{"empty kml", []File{{"a.kml", []byte("<kml/>")}}, "no shapes"},
		{"two of a kind", []File{{"a.kml", nil}, {"b.gpkg", nil}}, "a.kml, b.gpkg"},
		{"table", []File{{"a.csv", []byte("a,b")}}, "no boundary file"},
		{"two GeoJSON files", []File{{"b.geojson", []byte(square)}, {"a.json", []byte(square)}}, "a.json, b.geojson"},
		{"zip and GeoJSON", []File{{"b.zip", nil}, {"a.json", []byte(square)}}, "together with other files"},
		{"shapefile and GeoJSON", append(twoWards(), geojson(square)...), "given together"},
		{"only a .prj", []File{{"a.prj", []byte(wgs84Text)}}, "a.prj: its .shp"},
	}
	for _, c := range cases {
		if got := refused(t, c.files, Options{}); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q should say %q", c.name, got, c.says)
		}
	}
}

func TestWalkingOverJSON(t *testing.T) {
	raw := []byte(`{ "a" : 1 , "b\"]" : [ "x]" , {"c":"}"} , -1.5e3 , true,null,[] ] , "d":"" }`)
	if err := checkJSON(raw); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for k := range members(raw) {
		keys = append(keys, k)
	}
	var values []string
	for v := range elements(member(raw, `b"]`)) {
		values = append(values, string(v))
	}
	if !slices.Equal(keys, []string{"a", `b"]`, "d"}) || !slices.Equal(values, []string{`"x]"`, `{"c":"}"}`, "-1.5e3", "true", "null", "[]"}) {
		t.Errorf("keys %q values %q", keys, values)
	}
	if member(raw, "z") != nil || string(member(raw, "a")) != "1" {
		t.Error("member finds the wrong value")
	}
}
