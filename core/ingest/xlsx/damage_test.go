package xlsx

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"
)

// A flipped bit in the packed bytes can leave a sheet that reads well and
// lacks rows; only the checksum behind it tells.
func TestWrongChecksumIsAProblem(t *testing.T) {
	const rows = `<row r="1"><c r="A1"><v>1</v></c></row>`
	sum := crc32.ChecksumIEEE([]byte(`<?xml version="1.0"?><worksheet><sheetData>` + rows + `</sheetData></worksheet>`))
	right := binary.LittleEndian.AppendUint32(nil, sum)
	wrong := binary.LittleEndian.AppendUint32(nil, sum^1)
	data := pack(t, rows, nil)
	if !bytes.Contains(data, right) {
		t.Fatal("the checksum of the sheet was not found")
	}
	if got, err := show(bytes.ReplaceAll(data, right, wrong)); err == nil {
		t.Errorf("a sheet with a wrong checksum was read as %q", got)
	}
}

// A quotation mark left open must not make every later tag's end be looked for
// from the beginning again: that took minutes.
func TestOpenQuoteIsReadOnce(t *testing.T) {
	for _, c := range []struct{ open, inside string }{{`"`, `'`}, {`'`, `"`}} {
		sheet := `<row r="1"><c r=` + c.open + strings.Repeat(c.inside+">", 600_000)
		if got, err := show(pack(t, sheet, nil)); err == nil {
			t.Errorf("an open %s was read as %.40q", c.open, got)
		}
	}
}

// The end of a tag stands outside of quotes of both kinds.
func TestBracketsInsideQuotes(t *testing.T) {
	got, err := show(pack(t, `<row r="1"><c r="A1" x="'>" y='">'><v>1</v></c><c r='B1' x="'"><v>2</v></c></row>`, nil))
	if want := "1:#1|#2"; got != want || err != nil {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
}
