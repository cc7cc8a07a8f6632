package boundary

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/crs"
)

// tryRead reads what may be anything: it ends in a sound layer or an *Error.
func tryRead(t *testing.T, files []File) {
	t.Helper()
	l, err := Read(context.Background(), files, Options{})
	if err != nil {
		if e := new(Error); !errors.As(err, &e) || e.Hint == "" {
			t.Fatalf("the error is %T: %v", err, err)
		}
		return
	}
	checkLayer(t, l)
	if err := WriteGeoJSON(&bytes.Buffer{}, l); err != nil {
		t.Fatal(err)
	}
}

func FuzzShp(f *testing.F) {
	add := func(files []File) { f.Add(files[0].Data, files[2].Data) }
	add(twoWards())
	add(shapefile(nullRecord(), polygonRecord(5, box(8, 12, 1), hole(8.1, 12.1, 0.1), box(1, 1, 1)[:3])))
	shp, shx := shpFile(15, polygonRecord(15, box(8, 12, 1)))
	f.Add(shp, shx)
	f.Fuzz(func(t *testing.T, shp, shx []byte) {
		// The table must have as many rows as there are shapes to get past it.
		p := &placer{file: "wards.shp", system: crs.WGS84()}
		rows := 0
		if checkShpHeader(shp, p.file) == nil {
			if s, err := readShapes(t.Context(), shp, shx, p); err == nil {
				rows = len(s.areas)
			}
		}
		tryRead(t, []File{{"wards.shp", shp}, {"wards.shx", shx}, {"wards.dbf", dbfFile(make([]string, rows)...)}})
	})
}

func FuzzGeoJSON(f *testing.F) {
	for _, s := range []string{square, withHole, multi, aFeature(square, `{"a":1,"b":"x","c":null}`),
		aCollection(aFeature(multi, `{"a":"é\n"}`), aFeature("null", "null")),
		`{"crs":{"type":"name","properties":{"name":"EPSG:3857"}},` + square[1:], `{"type":"GeometryCollection","geometries":[` + square + `]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tryRead(t, []File{{"a.json", data}})
	})
}

func FuzzZip(f *testing.F) {
	f.Add(zipped(f, twoWards()...)[0].Data)
	f.Add(zipped(f, File{"a/b.geojson", []byte(square)}, File{"__MACOSX/._b", nil})[0].Data)
	f.Add(zipped(f, File{"../a.shp", nil})[0].Data)
	f.Fuzz(func(t *testing.T, data []byte) {
		tryRead(t, []File{{"a.zip", data}})
	})
}

// FuzzGroup gives rings of a few points on a coarse grid, so that they touch,
// nest and coincide often.
func FuzzGroup(f *testing.F) {
	f.Add([]byte("\x00\x05\x50\x55\x00\x00\x11\x14\x44\x41\x11"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var rings []orb.Ring
		for data = data[:min(len(data), 400)]; len(data) > 5; {
			n := min(4+int(data[0])%4, len(data))
			var r orb.Ring
			for _, b := range data[1:n] {
				r = append(r, orb.Point{float64(b >> 4), float64(b & 15)})
			}
			rings = append(rings, r)
			data = data[n:]
		}
		if len(rings) > 0 {
			tryRead(t, shapefile(polygonRecord(5, rings...)))
		}
	})
}
