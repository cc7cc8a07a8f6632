package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/core/action"
)

// offerBytes writes a file and offers it; it must be refused in words that
// hold says, and the store must stay as it was.
func (d *desk) offerBytes(name string, data []byte, says string) {
	d.t.Helper()
	file := filepath.Join(d.t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		d.t.Fatal(err)
	}
	before := d.state()
	p := refusal(d.t, file, d.offer(&action.Import{Files: []string{file}}))
	if p != nil && !strings.Contains(p.Error(), says) {
		d.t.Errorf("%s: %v does not say %q", name, p, says)
	}
	if d.state() != before {
		d.t.Errorf("%s: the store changed", name)
	}
}

// A workbook cut anywhere is refused as a whole: no row of it is kept.
func TestCutWorkbooksAreRefused(t *testing.T) {
	b := &bench{t: t, shared: sharedFolder(t)}
	whole, err := os.ReadFile(b.file("data/facility/nmep_tpr_adamawa.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	cuts := []int{0, 1, 3, 4, 29, 30, 31, 100, len(whole) - 1, len(whole) - 21, len(whole) - 22, len(whole) - 23, len(whole) - 100}
	for i := 1; i < 32; i++ {
		cuts = append(cuts, i*len(whole)/32)
	}
	for _, n := range cuts {
		d.offerBytes("cut"+strconv.Itoa(n)+".xlsx", whole[:n], "")
	}
}

func TestHostileTables(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct{ name, data, says string }{
		{"zero.csv", "State,LGA,WardName,rain\nA,B,C\x00D,3\n", "zero byte near line 2"},
		{"zeros.csv", strings.Repeat("\x00", 100_000), "zero byte"},
		{"norows.csv", "State,LGA,WardName,rain\n", "no rows below the header"},
		{"nothing.csv", "", "empty"},
		{"blank.csv", "\n\n \n", "no rows"},
		{"noward.csv", "year,rain\n2024,3\n", "no column of wards"},
		{"quote.csv", "WardName,rain\n\"A,3\nB,4\n", "never closed"},
		{"wide.csv", "WardName" + strings.Repeat(",v", 2000) + "\nA" + strings.Repeat(",1", 2000) + "\n", "more than 1000 columns"},
		{"cell.csv", "WardName,rain\n" + strings.Repeat("A", 100_000) + ",3\n", "more than 32767 characters"},
		{"page.xls", "<html><body><table><tr><td>State</td></tr></table></body></html>", "web page"},
		{"brief.pdf", "%PDF-1.4\n", "PDF"},
		{"deep.geojson", `{"type":"FeatureCollection","features":` + strings.Repeat("[", 1_000_000), "valid JSON"},
		{"far.geojson", square(`{"WardName":"A"}`, `[[[1e308,8],[6,8],[6,9],[1e308,8]]]`), "outside the earth"},
		{"none.geojson", `{"type":"FeatureCollection","features":[]}`, "no shapes"},
		{"nameless.geojson", square(`{}`, `[[[5,8],[6,8],[6,9],[5,8]]]`), "no attribute"},
	} {
		d.offerBytes(c.name, []byte(c.data), c.says)
	}
}

func square(properties, rings string) string {
	return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":` + properties +
		`,"geometry":{"type":"Polygon","coordinates":` + rings + `}}]}`
}

// part changes one file of a shapefile, or drops it by returning nil.
type part func(ending string, data []byte) []byte

// TestHostileShapefiles lies about every count of a real shapefile and packs
// it so that it would climb out of its folder.
func TestHostileShapefiles(t *testing.T) {
	b := &bench{t: t, shared: sharedFolder(t)}
	d := newDesk(t)
	const first = 108 // the content of the first record of a .shp
	for _, c := range []struct {
		name, folder string
		change       part
		says         string
	}{
		{"climbs", "../../../", nil, "leave the archive's folder"},
		{"climbs backwards", `..\..\`, nil, "leave the archive's folder"},
		{"from the root", "/tmp/", nil, "leave the archive's folder"},
		{"without dbf", "", drop(".dbf"), "table of attributes"},
		{"without shp", "", drop(".shp"), "is missing"},
		{"many rows", "", put(".dbf", 4, binary.LittleEndian, 1<<32-1), "announces 4294967295 records"},
		{"few rows", "", put(".dbf", 4, binary.LittleEndian, 3), "holds 3 rows"},
		{"long record", "", put(".shp", first-4, binary.BigEndian, 1<<31-1), "record 1 says it is"},
		{"many rings", "", put(".shp", first+36, binary.LittleEndian, 1<<31-1), "announces 2147483647 rings"},
		{"many points", "", put(".shp", first+40, binary.LittleEndian, 1<<31-1), "2147483647 points"},
		{"half a shp", "", half(".shp"), "bytes long, but only"},
		{"half a dbf", "", half(".dbf"), "records, but only"},
	} {
		d.offerBytes(strings.ReplaceAll(c.name, " ", "_")+".zip", repack(t, b.file("data/ilorin/Ilorin_3LGA.zip"), c.folder, c.change), c.says)
	}
}

func drop(ending string) part {
	return func(e string, data []byte) []byte {
		if e == ending {
			return nil
		}
		return data
	}
}

func half(ending string) part {
	return func(e string, data []byte) []byte {
		if e == ending {
			return data[:len(data)/2]
		}
		return data
	}
}

func put(ending string, at int, order binary.ByteOrder, value uint32) part {
	return func(e string, data []byte) []byte {
		if e == ending {
			order.PutUint32(data[at:], value)
		}
		return data
	}
}

// repack writes an archive anew with its entries in folder and changed.
func repack(t *testing.T, archive, folder string, change part) []byte {
	t.Helper()
	in, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var buf bytes.Buffer
	out := zip.NewWriter(&buf)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			data = change(path.Ext(f.Name), data)
		}
		if data == nil {
			continue
		}
		w, err := out.Create(folder + path.Base(f.Name))
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
