package boundary

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	orbjson "github.com/paulmach/orb/geojson"

	"chatmrpt/geo/feature"
)

// wardLayer has one feature of each kind.
func wardLayer() *feature.Layer {
	return &feature.Layer{
		Name: `a "name"`,
		Areas: []orb.MultiPolygon{
			{{box(8.123456789, 12, 1), hole(8.3, 12.3, 0.2)}}, // turned the wrong way round
			{{hole(8, 12, 1)}, {hole(10, -12, 1)}},
			nil,
		},
		Columns: []feature.Column{
			{Name: "ward", Texts: []string{"Ọ̀yọ́ <1> & \"2\"\n", "", "x"}, Present: []bool{true, false, true}},
			{Name: "n", IsNumber: true, Numbers: []float64{1.25, 0, 1e-9}, Present: []bool{true, false, true}},
		},
	}
}

func TestWriteGeoJSON(t *testing.T) {
	var out bytes.Buffer
	if err := WriteGeoJSON(&out, wardLayer()); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"FeatureCollection","name":"a \"name\"","features":[
{"type":"Feature","properties":{"ward":"Ọ̀yọ́ <1> & \"2\"\n","n":1.25},"geometry":{"type":"Polygon","coordinates":[[[8.1234568,12],[9.1234568,12],[9.1234568,13],[8.1234568,13],[8.1234568,12]],[[8.3,12.3],[8.3,12.5],[8.5,12.5],[8.5,12.3],[8.3,12.3]]]}},
{"type":"Feature","properties":{"ward":null,"n":null},"geometry":{"type":"MultiPolygon","coordinates":[[[[8,12],[9,12],[9,13],[8,13],[8,12]]],[[[10,-12],[11,-12],[11,-11],[10,-11],[10,-12]]]]}},
{"type":"Feature","properties":{"ward":"x","n":1e-09},"geometry":null}
]}
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// The library's reader, which isn't ours, must understand what is written.
func TestOthersReadWhatIsWritten(t *testing.T) {
	var out bytes.Buffer
	if err := WriteGeoJSON(&out, wardLayer()); err != nil {
		t.Fatal(err)
	}
	fc, err := orbjson.UnmarshalFeatureCollection(out.Bytes())
	if err != nil || len(fc.Features) != 3 || fc.Features[0].Properties["n"] != 1.25 || fc.Features[1].Geometry.GeoJSONType() != "MultiPolygon" {
		t.Errorf("%v, %v", fc, err)
	}
}

func TestReadingBackGivesTheSame(t *testing.T) {
	var first, second bytes.Buffer
	if err := WriteGeoJSON(&first, wardLayer()); err != nil {
		t.Fatal(err)
	}
	l := mustRead(t, []File{{"x.geojson", first.Bytes()}}, Options{})
	checkLayer(t, l)
	if err := WriteGeoJSON(&second, l); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("first\n%s\nthen\n%s", first.String(), second.String())
	}
}

// Writing doesn't turn the rings of the layer itself.
func TestWritingLeavesTheLayerAlone(t *testing.T) {
	l := wardLayer()
	if err := WriteGeoJSON(&bytes.Buffer{}, l); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(l.Areas, wardLayer().Areas, orb.MultiPolygon.Equal) {
		t.Errorf("%v", l.Areas)
	}
}

func TestNumbersJSONCannotHold(t *testing.T) {
	l := wardLayer()
	l.Columns[1].Numbers = []float64{math.NaN(), math.Inf(1), 1e300}
	l.Columns[1].Present = []bool{true, true, true}
	l.Areas[1][0][0][1] = orb.Point{math.Copysign(0, -1), math.NaN()}
	var out bytes.Buffer
	if err := WriteGeoJSON(&out, l); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out.Bytes()) || bytes.Contains(out.Bytes(), []byte("-0")) {
		t.Errorf("%s", out.String())
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestWriteErrors(t *testing.T) {
	if err := WriteGeoJSON(full{}, wardLayer()); err == nil {
		t.Error("a full disk goes unnoticed")
	}
	l := wardLayer()
	l.Columns[0].Texts = nil
	if err := WriteGeoJSON(&bytes.Buffer{}, l); err == nil {
		t.Error("a layer that contradicts itself is written")
	}
}
