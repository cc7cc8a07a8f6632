package boundary

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

func TestShapefile(t *testing.T) {
	l := mustRead(t, twoWards(), Options{})
	checkLayer(t, l)
	c, ok := l.Column("WARD")
	if !ok || !slices.Equal(c.Texts, []string{"ward a", "ward b"}) {
		t.Errorf("columns %+v", l.Columns)
	}
	if l.Name != "wards" || l.CRS != "EPSG:4326" || len(l.Notices) != 0 {
		t.Errorf("%q %q %q", l.Name, l.CRS, l.Notices)
	}
	if got := planar.Area(l.Areas[0]); math.Abs(got-0.75) > 1e-12 {
		t.Errorf("area %v", got)
	}
}

// Every way to hand over the same files gives the same layer.
func TestWaysToGiveAShapefile(t *testing.T) {
	want := mustRead(t, twoWards(), Options{})
	rename := func(change func(string) string) []File {
		out := slices.Clone(twoWards())
		for i := range out {
			out[i].Name = change(out[i].Name)
		}
		return out
	}
	inFolder := rename(func(n string) string { return "export/2024/" + n })
	junk := append(rename(func(n string) string { return "__MACOSX/._" + n }),
		File{"export/2024/.DS_Store", []byte("x")}, File{"export/2024/wards.shp.xml", []byte("<x/>")},
		File{"export/2024/._wards.shp", []byte("junk")}, File{"export/readme.txt", []byte("hello")}, File{"meta.json", []byte("{}")})
	cases := map[string][]File{
		"loose":              twoWards(),
		"loose, upper case":  rename(strings.ToUpper),
		"loose, mixed case":  {{"Wards.SHP", twoWards()[0].Data}, {"WARDS.dbf", twoWards()[1].Data}, {"wards.Prj", twoWards()[3].Data}},
		"loose, Windows":     rename(func(n string) string { return `C:\maps\` + n }),
		"without index":      without(twoWards(), ".shx"),
		"zip":                zipped(t, twoWards()...),
		"zip, upper case":    zipped(t, rename(strings.ToUpper)...),
		"zip, folder":        zipped(t, inFolder...),
		"zip, folder + junk": zipped(t, append(inFolder, junk...)...),
		"zip, another name":  {{"download", zipped(t, twoWards()...)[0].Data}},
	}
	for name, files := range cases {
		l := mustRead(t, files, Options{})
		if !slices.EqualFunc(l.Areas, want.Areas, orb.MultiPolygon.Equal) || l.Columns[0].Texts[1] != "ward b" || len(l.Notices) != 0 {
			t.Errorf("%s: %d areas, %v, %q", name, l.Len(), l.Columns, l.Notices)
		}
	}
}

func TestKindsOfPolygons(t *testing.T) {
	for _, kind := range []uint32{5, 15, 25} {
		shp, _ := shpFile(kind, polygonRecord(kind, box(8, 12, 1)), nullRecord())
		l := mustRead(t, []File{{"w.shp", shp}, {"w.dbf", dbfFile("a", "b")}, {"w.prj", []byte(wgs84Text)}}, Options{})
		if planar.Area(l.Areas[0]) != 1 || l.Areas[1] != nil || !strings.Contains(strings.Join(l.Notices, "\n"), "without geometry: 1") {
			t.Errorf("kind %d: %v, %q", kind, l.Areas, l.Notices)
		}
	}
}

func TestRepairsAreTold(t *testing.T) {
	open := box(8, 12, 1)[:4]
	thin := orb.Ring{{8, 12}, {9, 13}, {8, 12}}
	l := mustRead(t, shapefile(
		polygonRecord(5, open),
		polygonRecord(5, box(8, 12, 1), thin),
		polygonRecord(5, thin),
		polygonRecord(5, box(8, 12, 3), box(9, 13, 1)),
		polygonRecord(5),
	), Options{})
	checkLayer(t, l)
	if l.Areas[2] != nil || l.Areas[4] != nil || len(l.Areas[1]) != 1 || len(l.Areas[3]) != 2 {
		t.Errorf("areas %v", l.Areas)
	}
	all := strings.Join(l.Notices, "\n")
	for _, says := range []string{"weren't closed: 1", "enclose nothing: 2", "nothing was left after that: 1", "inside another outer ring: 1", "without geometry: 1"} {
		if !strings.Contains(all, says) {
			t.Errorf("no notice says %q: %q", says, all)
		}
	}
}

func TestDeletedRecordsAreLeftOut(t *testing.T) {
	files := with(twoWards(), ".dbf", dbfFile("*gone", "kept"))
	l := mustRead(t, files, Options{})
	if l.Len() != 1 || l.Columns[0].Texts[0] != "kept" || l.Areas[0].Bound().Min[0] != 9 {
		t.Errorf("%v %v", l.Areas, l.Columns)
	}
	if !strings.Contains(strings.Join(l.Notices, ""), "1 records marked as deleted") {
		t.Errorf("notices %q", l.Notices)
	}
}

// GDAL takes the records in the order of the index; so do we.
func TestIndexGivesTheOrder(t *testing.T) {
	files := twoWards()
	shx := slices.Clone(files[2].Data)
	first, second := slices.Clone(shx[100:108]), slices.Clone(shx[108:116])
	copy(shx[100:], second)
	copy(shx[108:], first)
	l := mustRead(t, with(files, ".shx", shx), Options{})
	if l.Areas[0].Bound().Min[0] != 9 || l.Areas[1].Bound().Min[0] != 8 {
		t.Errorf("areas begin at %v and %v", l.Areas[0].Bound(), l.Areas[1].Bound())
	}
}

func TestBrokenIndexIsIgnored(t *testing.T) {
	files := twoWards()
	twice := slices.Clone(files[2].Data)
	copy(twice[108:], twice[100:108]) // points to the larger record twice: more bytes than there are
	far := slices.Clone(files[2].Data)
	binary.BigEndian.PutUint32(far[100:], 0xffffffff)
	for name, shx := range map[string][]byte{"cut": files[2].Data[:105], "twice": twice, "far": far, "text": []byte(strings.Repeat("x", 116))} {
		l := mustRead(t, with(files, ".shx", shx), Options{})
		if l.Len() != 2 || !strings.Contains(strings.Join(l.Notices, ""), "index") {
			t.Errorf("%s: %d areas, %q", name, l.Len(), l.Notices)
		}
	}
}

// Some writers leave the length in the header as it was at the start; the
// records tell the truth.
func TestLengthInTheHeaderMayBeWrong(t *testing.T) {
	for _, words := range []uint32{0, 50, 0x7fffffff} {
		files := without(twoWards(), ".shx")
		shp := slices.Clone(files[0].Data)
		binary.BigEndian.PutUint32(shp[24:], words)
		if l := mustRead(t, with(files, ".shp", shp), Options{}); l.Len() != 2 {
			t.Errorf("%d words: %d areas", words, l.Len())
		}
	}
}

func TestBrokenShapefiles(t *testing.T) {
	files := without(twoWards(), ".shx")
	shp := files[0].Data
	change := func(at int, v uint32) []File {
		out := slices.Clone(shp)
		binary.LittleEndian.PutUint32(out[at:], v)
		return with(files, ".shp", out)
	}
	const content = shpHeader + recordHeader
	points, _ := shpFile(1, make([]byte, 20))
	lines, _ := shpFile(23, polygonRecord(23, box(0, 0, 1)))
	mixed, _ := shpFile(5, polygonRecord(5, box(8, 12, 1)), polygonRecord(3, box(8, 12, 1)))
	nan, _ := shpFile(5, polygonRecord(5, box(8, 12, 1)), polygonRecord(5, box(math.NaN(), 12, 1)))
	inf, _ := shpFile(5, polygonRecord(5, box(8, 12, 1)), polygonRecord(5, box(8, math.Inf(-1), 1)))
	empty, _ := shpFile(5)
	cases := []struct {
		name  string
		files []File
		says  string
	}{
		{"no table", without(files, ".dbf"), "wards.dbf, is missing"},
		{"table of another name", append(without(files, ".dbf"), File{"places.dbf", files[1].Data}), "places.dbf is that table"},
		{"table in another folder", zipped(t, File{"a/wards.shp", shp}, File{"b/wards.dbf", files[1].Data}), "wards.dbf, is missing"},
		{"no shapes", without(files, ".shp"), ".shp, which holds the shapes, is missing"},
		{"empty file", with(files, ".shp", nil), "isn't a shapefile"},
		{"text", with(files, ".shp", []byte(strings.Repeat("no shapefile ", 20))), "isn't a shapefile"},
		{"cut in a record", with(files, ".shp", shp[:len(shp)-30]), "record 2 says it is"},
		{"cut between header and record", with(files, ".shp", shp[:shpHeader+5]), "record 1 is cut short"},
		{"cut between records", with(files, ".shp", shp[:content+len(polygonRecord(5, box(8, 12, 1), hole(8.2, 12.2, 0.5)))]), "1 shapes, but wards.dbf holds 2 rows"},
		{"table cut", with(files, ".dbf", files[1].Data[:70]), "wards.dbf: its header announces 2 records"},
		{"table of other shapes", with(files, ".dbf", dbfFile("a", "b", "c")), "2 shapes, but wards.dbf holds 3 rows"},
		{"record length that lies", with(files, ".shp", slices.Concat(shp[:shpHeader+4], []byte{0x7f, 0xff, 0xff, 0xff}, shp[content:])), "record 1 says it is 4294967294"},
		{"ring count that lies", change(content+36, 0xffffffff), "record 1: it announces 4294967295 rings"},
		{"ring count slightly too high", change(content+36, 30), "record 1: it announces"},
		{"point count that lies", change(content+40, 0xffffffff), "4294967295 points"},
		{"ring start that lies", change(content+48, 0xfffffff0), "record 1: its ring 2"},
		{"first ring doesn't start at 0", change(content+44, 2), "record 1: its ring"},
		{"record type that lies", change(content, 77), "unknown type 77"},
		{"points", with(files, ".shp", points), "holds points"},
		{"lines", with(files, ".shp", lines), "holds lines"},
		{"a line among areas", with(files, ".shp", mixed), "record 2 holds lines"},
		{"not a number", with(files, ".shp", nan), "record 2: a coordinate isn't a number"},
		{"infinite", with(files, ".shp", inf), "record 2: a coordinate isn't a number"},
		{"no records", with(with(files, ".shp", empty), ".dbf", dbfFile()), "no shapes"},
		{"two shapefiles", append(slices.Clone(files), File{"other.shp", shp}), "other.shp, wards.shp"},
		{"only deleted records", with(files, ".dbf", dbfFile("*a", "*b")), "no shapes"},
	}
	for _, c := range cases {
		if got := refused(t, c.files, Options{}); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q should say %q", c.name, got, c.says)
		}
	}
}

// Cut anywhere, a shapefile is refused or gives whole layers, and never
// panics.
func TestShapefileCutAnywhere(t *testing.T) {
	files := without(twoWards(), ".shx")
	for i := range files[:2] {
		for n := range files[i].Data[:len(files[i].Data)-1] { // the last byte of the table is only an end mark
			cut := slices.Clone(files)
			cut[i].Data = cut[i].Data[:n]
			refused(t, cut, Options{})
		}
	}
}

func TestReadStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, files := range map[string][]File{"shp": twoWards(), "zip": zipped(t, twoWards()...), "geojson": geojson(`{"type":"Polygon"}`)} {
		if _, err := Read(ctx, files, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// The readers themselves look too, not only the door.
	for name, files := range map[string][]File{"shp": twoWards(), "zip": zipped(t, twoWards()...),
		"geojson": geojson(`{"type":"FeatureCollection","features":[{"type":"Feature"}]}`)} {
		read, chosen, err := choose(files)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := read(ctx, chosen, wish{}); !errors.Is(err, context.Canceled) {
			t.Errorf("reader of %s: got %v", name, err)
		}
	}
}
