package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"chatmrpt/assets/beside"
)

// readAreas reads the polygons of a GeoJSON file, a shapefile or a zip with
// one shapefile. It is for the clean files of these tests only: reading what
// users bring is the work of geo/boundary.
func readAreas(t testing.TB, name string) []orb.MultiPolygon {
	t.Helper()
	data := beside.Read(t, name)
	switch filepath.Ext(name) {
	case ".shp":
		return readShapes(t, data)
	case ".zip":
		return readShapes(t, unzipShapes(t, data))
	}
	fc, err := geojson.UnmarshalFeatureCollection(data)
	if err != nil {
		t.Fatal(err)
	}
	var out []orb.MultiPolygon
	for _, f := range fc.Features {
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			out = append(out, orb.MultiPolygon{g})
		case orb.MultiPolygon:
			out = append(out, g)
		default:
			t.Fatalf("%s holds a %T", name, g)
		}
	}
	return out
}

func unzipShapes(t testing.TB, data []byte) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, ".shp") {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			out, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
	}
	t.Fatal("no .shp in the archive")
	return nil
}

// readShapes reads the rings of polygon records; every ring becomes a polygon
// of its own, which is all that contiguity needs.
func readShapes(t testing.TB, data []byte) []orb.MultiPolygon {
	t.Helper()
	le := binary.LittleEndian
	var out []orb.MultiPolygon
	for rest := data[100:]; len(rest) >= 8; {
		size := 2 * int(binary.BigEndian.Uint32(rest[4:]))
		record := rest[8 : 8+size]
		rest = rest[8+size:]
		if le.Uint32(record) != 5 {
			t.Fatalf("record %d is no polygon", len(out)+1)
		}
		parts, points := int(le.Uint32(record[36:])), int(le.Uint32(record[40:]))
		coordinates := record[44+4*parts:]
		var area orb.MultiPolygon
		for i := range parts {
			from, to := int(le.Uint32(record[44+4*i:])), points
			if i+1 < parts {
				to = int(le.Uint32(record[48+4*i:]))
			}
			var ring orb.Ring
			for j := from; j < to; j++ {
				ring = append(ring, orb.Point{
					math.Float64frombits(le.Uint64(coordinates[16*j:])),
					math.Float64frombits(le.Uint64(coordinates[16*j+8:])),
				})
			}
			area = append(area, orb.Polygon{ring})
		}
		out = append(out, area)
	}
	return out
}

// readLinks reads a two-column table of 1-based links.
func readLinks(t testing.TB, name string, n int) Neighbours {
	t.Helper()
	rows := beside.CSV(t, name)
	out := make(Neighbours, n)
	for _, row := range rows[1:] {
		from, err1 := strconv.Atoi(row[0])
		to, err2 := strconv.Atoi(row[1])
		if err1 != nil || err2 != nil {
			t.Fatalf("row %v", row)
		}
		out[from-1] = append(out[from-1], to-1)
	}
	return out
}
