package boundary

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// rawZip packs one entry whose content and sizes are given as they are.
func rawZip(t *testing.T, h zip.FileHeader, packed []byte) []File {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	e, err := w.CreateRaw(&h)
	if err == nil {
		_, err = e.Write(packed)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return []File{{"bomb.zip", out.Bytes()}}
}

func TestHostileArchives(t *testing.T) {
	good := zipped(t, twoWards()...)[0].Data
	shp := twoWards()[0]
	many := make([]File, maxEntries+1)
	for i := range many {
		many[i] = File{Name: "a.txt"}
	}
	damaged := slices.Clone(good)
	for i := 60; i < 160; i++ { // in the packed content of the first entry
		damaged[i] ^= 0x5a
	}
	cases := []struct {
		name  string
		files []File
		says  string
	}{
		{"climbs", zipped(t, File{"../wards.shp", shp.Data}), `"../wards.shp" would leave`},
		{"climbs inside", zipped(t, File{"a/../../wards.shp", shp.Data}), "would leave"},
		{"absolute", zipped(t, File{"/etc/wards.shp", shp.Data}), "would leave"},
		{"backslash", zipped(t, File{`a\..\wards.shp`, shp.Data}), "would leave"},
		{"drive", zipped(t, File{"C:wards.shp", shp.Data}), "would leave"},
		{"cut", []File{{"wards.zip", good[:len(good)/2]}}, "isn't a whole .zip"},
		{"not a zip", []File{{"wards.zip", []byte("hello")}}, "isn't a whole .zip"},
		{"empty file", []File{{"wards.zip", nil}}, "isn't a whole .zip"},
		{"damaged inside", []File{{"wards.zip", damaged}}, "damaged inside"},
		{"no entries", zipped(t), "empty"},
		{"only junk", zipped(t, File{"__MACOSX/._a.shp", shp.Data}), "empty"},
		{"too many entries", zipped(t, many...), "10001 files"},
		{"zip in zip", zipped(t, File{"inner.zip", good}), "inside another archive"},
		{"nothing to read", zipped(t, File{"readme.txt", []byte("hello")}), "no boundary file"},
		{"two shapefiles", zipped(t, append(twoWards(), File{"b/other.shp", shp.Data})...), "b/other.shp, wards.shp"},
		{"no table", zipped(t, without(twoWards(), ".dbf")...), "wards.dbf, is missing"},
		{"two zips", append(zipped(t, twoWards()...), zipped(t, twoWards()...)...), "together with other files: wards.zip, wards.zip"},
		{"encrypted", rawZip(t, zip.FileHeader{Name: "wards.shp", Flags: 1}, nil), "encrypted"},
		{"unknown method", rawZip(t, zip.FileHeader{Name: "wards.shp", Method: 99}, nil), "can't be unpacked"},
		{"claims more than it holds", rawZip(t, zip.FileHeader{Name: "wards.shp", UncompressedSize64: 1 << 40, CompressedSize64: 4}, []byte("tiny")), "beyond all measure"},
	}
	for _, c := range cases {
		if got := refused(t, c.files, Options{}); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q should say %q", c.name, got, c.says)
		}
	}
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// 80 MiB of zeros pack into 80 kB: more than the ratio and the free part allow.
func TestBombIsDefused(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	e, err := w.Create("wards.shp")
	if err == nil {
		_, err = io.CopyN(e, zeros{}, 80<<20)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := refused(t, []File{{"bomb.zip", out.Bytes()}}, Options{}); !strings.Contains(got, "beyond all measure") {
		t.Errorf("%q", got)
	}
}

// The budget is for the archive, not for each entry.
func TestBudgetIsShared(t *testing.T) {
	const size = 1000
	content := make([]byte, size)
	h := zip.FileHeader{Name: "a.dbf", CRC32: crc32.ChecksumIEEE(content), CompressedSize64: size, UncompressedSize64: size}
	archive, err := zip.NewReader(bytes.NewReader(rawZip(t, h, content)[0].Data), int64(len(rawZip(t, h, content)[0].Data)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := inflate(archive.File[0], size, size); err != nil || len(got) != size {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := inflate(archive.File[0], size-1, size); err == nil {
		t.Error("an entry larger than what is left is accepted")
	}
}

func TestZippedGeoJSON(t *testing.T) {
	l := mustRead(t, zipped(t, File{"a/wards.geojson", []byte(`{"type":"Polygon","coordinates":[[[8,12],[9,12],[9,13],[8,12]]]}`)}), Options{})
	if l.Len() != 1 || l.Name != "wards" {
		t.Errorf("%d areas, %q", l.Len(), l.Name)
	}
}

// An archive that says it unpacks to more than it may is refused before memory
// is taken for it.
func TestArchiveThatAnnouncesTooMuch(t *testing.T) {
	f := zipped(t, File{"a.shp", bytes.Repeat([]byte{0}, 100<<20)})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if got := refused(t, f, Options{}); !strings.Contains(got, "beyond all measure") {
		t.Errorf("%q", got)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("%d bytes to refuse %d", used, len(f[0].Data))
	}
}

// One of several shapefiles in an archive can be named.
func TestOneOfSeveralShapefiles(t *testing.T) {
	f := sharedFiles(t, "data/corpora/shp/pyshp/blockgroups_multishapefile.zip")
	if l := mustRead(t, f, Options{Layer: "blockgroups2"}); l.Len() != 663 || l.Name != "blockgroups2" {
		t.Errorf("%s with %d areas", l.Name, l.Len())
	}
	if got := refused(t, f, Options{Layer: "wards"}); !strings.Contains(got, "blockgroups.shp") {
		t.Errorf("%q", got)
	}
}
