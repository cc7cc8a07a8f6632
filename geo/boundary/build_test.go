package boundary

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/feature"
)

// This file builds the inputs of the tests.

const wgs84Text = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`

// box is a closed clockwise square: an outer ring in a shapefile.
func box(x, y, size float64) orb.Ring {
	return orb.Ring{{x, y}, {x, y + size}, {x + size, y + size}, {x + size, y}, {x, y}}
}

// hole is box turned round.
func hole(x, y, size float64) orb.Ring {
	r := box(x, y, size)
	r.Reverse()
	return r
}

// polygonRecord is the content of a polygon record.
func polygonRecord(kind uint32, rings ...orb.Ring) []byte {
	var starts, points []byte
	n := uint32(0)
	for _, r := range rings {
		starts = binary.LittleEndian.AppendUint32(starts, n)
		for _, p := range r {
			points = binary.LittleEndian.AppendUint64(points, math.Float64bits(p[0]))
			points = binary.LittleEndian.AppendUint64(points, math.Float64bits(p[1]))
			n++
		}
	}
	out := binary.LittleEndian.AppendUint32(nil, kind)
	out = append(out, make([]byte, 32)...) // the box, which isn't read
	out = binary.LittleEndian.AppendUint32(out, uint32(len(rings)))
	out = binary.LittleEndian.AppendUint32(out, n)
	out = slices.Concat(out, starts, points)
	if kind != 5 { // heights and measures
		out = append(out, make([]byte, 16+8*n)...)
	}
	return out
}

func nullRecord() []byte { return make([]byte, 4) }

// shpFile writes a .shp and its .shx.
func shpFile(kind uint32, records ...[]byte) (shp, shx []byte) {
	head := make([]byte, shpHeader)
	binary.BigEndian.PutUint32(head, 9994)
	binary.LittleEndian.PutUint32(head[28:], 1000)
	binary.LittleEndian.PutUint32(head[32:], kind)
	shp, shx = slices.Clone(head), slices.Clone(head)
	for i, r := range records {
		shx = binary.BigEndian.AppendUint32(shx, uint32(len(shp)/2))
		shx = binary.BigEndian.AppendUint32(shx, uint32(len(r)/2))
		shp = binary.BigEndian.AppendUint32(shp, uint32(i+1))
		shp = binary.BigEndian.AppendUint32(shp, uint32(len(r)/2))
		shp = append(shp, r...)
	}
	binary.BigEndian.PutUint32(shp[24:], uint32(len(shp)/2))
	binary.BigEndian.PutUint32(shx[24:], uint32(len(shx)/2))
	return shp, shx
}

// dbfFile writes a table with one text column, WARD. A value that starts with
// an asterisk belongs to a deleted record.
func dbfFile(wards ...string) []byte {
	const width = 12
	out := make([]byte, 65)
	out[0], out[64] = 3, 0x0D
	binary.LittleEndian.PutUint32(out[4:], uint32(len(wards)))
	binary.LittleEndian.PutUint16(out[8:], 65)
	binary.LittleEndian.PutUint16(out[10:], width+1)
	copy(out[32:], "WARD")
	out[32+11], out[32+16] = 'C', width
	for _, w := range wards {
		mark := " "
		if rest, isDeleted := strings.CutPrefix(w, "*"); isDeleted {
			mark, w = "*", rest
		}
		out = append(out, mark+w+strings.Repeat(" ", width-len(w))...)
	}
	return append(out, 0x1A)
}

// shapefile is a shapefile of polygons, one ward a record, as loose parts.
func shapefile(records ...[]byte) []File {
	shp, shx := shpFile(5, records...)
	wards := make([]string, len(records))
	for i := range wards {
		wards[i] = "ward " + string(rune('a'+i%26))
	}
	return []File{{"wards.shp", shp}, {"wards.dbf", dbfFile(wards...)}, {"wards.shx", shx}, {"wards.prj", []byte(wgs84Text)}}
}

// twoWards is a good shapefile.
func twoWards() []File {
	return shapefile(polygonRecord(5, box(8, 12, 1), hole(8.2, 12.2, 0.5)), polygonRecord(5, box(9, 12, 1)))
}

// without leaves out the files with an extension.
func without(files []File, extension string) []File {
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool { return strings.HasSuffix(f.Name, extension) })
}

// with replaces the content of the file with an extension.
func with(files []File, extension string, data []byte) []File {
	out := slices.Clone(files)
	for i := range out {
		if strings.HasSuffix(out[i].Name, extension) {
			out[i].Data = data
		}
	}
	return out
}

// zipped packs files into one archive.
func zipped(tb testing.TB, files ...File) []File {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		e, err := w.Create(f.Name)
		if err == nil {
			_, err = e.Write(f.Data)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return []File{{"wards.zip", out.Bytes()}}
}

// geojson is one GeoJSON file.
func geojson(text string) []File { return []File{{"wards.geojson", []byte(text)}} }

// mustRead reads what has to be readable.
func mustRead(tb testing.TB, files []File, o Options) *feature.Layer {
	tb.Helper()
	l, err := Read(tb.Context(), files, o)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// refused reads what has to be refused with an *Error that helps, and returns
// it in words: file, detail and hint.
func refused(tb testing.TB, files []File, o Options) string {
	tb.Helper()
	_, err := Read(tb.Context(), files, o)
	var e *Error
	if !errors.As(err, &e) {
		tb.Fatalf("%s: got %v; want an *Error", names(files), err)
	}
	if e.Hint == "" || e.Detail == "" {
		tb.Errorf("%q has the hint %q", e.Detail, e.Hint)
	}
	return e.Error() + " | " + e.Hint
}

// sharedFiles reads files of the shared data, by a pattern, or skips.
func sharedFiles(tb testing.TB, pattern string) []File {
	tb.Helper()
	var out []File
	for _, name := range beside.Glob(tb, pattern) {
		out = append(out, File{Name: path.Base(name), Data: beside.Read(tb, name)})
	}
	return out
}

// rings counts holes and vertices of a layer.
func rings(l *feature.Layer) (holes, vertices int) {
	for _, a := range l.Areas {
		for _, p := range a {
			holes += len(p) - 1
			for _, r := range p {
				vertices += len(r)
			}
		}
	}
	return holes, vertices
}

// checkLayer checks what every layer promises.
func checkLayer(tb testing.TB, l *feature.Layer) {
	tb.Helper()
	if err := l.Validate(); err != nil {
		tb.Error(err)
	}
	if l.Len() == 0 || l.CRS == "" {
		tb.Errorf("%d features, reference system %q", l.Len(), l.CRS)
	}
	for _, a := range l.Areas {
		for _, p := range a {
			for i, r := range p {
				checkRing(tb, r, i == 0)
			}
		}
	}
}

func checkRing(tb testing.TB, r orb.Ring, isOuter bool) {
	tb.Helper()
	if len(r) < 4 || r[0] != r[len(r)-1] {
		tb.Errorf("a ring isn't closed: %v", r)
	}
	if o := r.Orientation(); o != 0 && (o == orb.CCW) != isOuter { // 0: so thin that rounding hides the direction
		tb.Errorf("a ring turns the wrong way: %v", r)
	}
	for _, p := range r {
		if !isOnEarth(p[0], p[1]) {
			tb.Errorf("a point isn't on the earth: %v", p)
		}
	}
}
