package xls

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

// rec is one record of a made-up stream.
func rec(id int, data ...any) []byte {
	var body []byte
	for _, d := range data {
		switch d := d.(type) {
		case int: // a number of two bytes
			body = binary.LittleEndian.AppendUint16(body, uint16(d))
		case uint32:
			body = binary.LittleEndian.AppendUint32(body, d)
		case byte:
			body = append(body, d)
		case float64:
			body = binary.LittleEndian.AppendUint64(body, math.Float64bits(d))
		case string:
			body = append(body, d...)
		}
	}
	out := binary.LittleEndian.AppendUint16(nil, uint16(id))
	out = binary.LittleEndian.AppendUint16(out, uint16(len(body)))
	return append(out, body...)
}

// book makes a stream of one sheet. The place of the sheet is filled in.
func book(version int, globals, cells [][]byte) []byte {
	join := func(parts ...[][]byte) (out []byte) {
		for _, p := range parts {
			for _, r := range p {
				out = append(out, r...)
			}
		}
		return out
	}
	name := []any{byte(4), byte(0), "Data"}
	if version == biff5 {
		name = []any{byte(4), "Data"}
	}
	sheet := func(start int) []byte {
		return rec(recBoundSheet, append([]any{uint32(start), byte(0), byte(0)}, name...)...)
	}
	head := [][]byte{rec(recBOF, version, 0x0005)}
	tail := [][]byte{rec(recEOF)}
	before := join(head, globals)
	start := len(before) + len(sheet(0)) + len(tail[0])
	return append(before, join([][]byte{sheet(start)}, tail, [][]byte{rec(recBOF, version, 0x0010)}, cells, [][]byte{rec(recEOF)})...)
}

// show reads the first sheet: rows by "/", cells by "|", with their kind.
func show(stream []byte) (string, *Workbook, error) {
	w, err := fromStream(stream)
	if err != nil {
		return "", nil, err
	}
	var rows []string
	err = w.Rows(context.Background(), w.Sheets[0], func(r grid.Row) error {
		cells := []string{fmt.Sprint(r.Number)}
		for _, c := range r.Cells {
			switch c.Kind {
			case grid.Empty:
				cells = append(cells, "")
			case grid.Number:
				cells = append(cells, fmt.Sprint(c.Num))
			case grid.Date:
				cells = append(cells, fmt.Sprint("day ", c.Num))
			case grid.Error:
				cells = append(cells, "error "+string(c.Text))
			default:
				cells = append(cells, string(c.Text))
			}
		}
		rows = append(rows, strings.Join(cells, "|"))
		return nil
	})
	return strings.Join(rows, "/"), w, err
}

func expect(t *testing.T, what, got, want string, err error) {
	t.Helper()
	if err != nil || got != want {
		t.Errorf("%s: %q (%v), want %q", what, got, err, want)
	}
}

// Numbers as they are packed; the four forms of RK are those of [MS-XLS]
// 2.5.217.
func TestNumbers(t *testing.T) {
	third := math.Float64bits(1.5) >> 32
	got, _, err := show(book(biff8, nil, [][]byte{
		rec(recNumber, 0, 0, 0, 1234.5),
		rec(recRK, 0, 1, 0, uint32(7<<2|2)),                // the integer 7
		rec(recRK, 0, 2, 0, uint32(0x100000000-(12<<2)|2)), // the integer −12
		rec(recRK, 0, 3, 0, uint32(250<<2|3)),              // 250 hundredths
		rec(recRK, 0, 4, 0, uint32(third)),                 // the upper half of 1.5
		rec(recMulRK, 1, 1, 0, uint32(1<<2|2), 0, uint32(2<<2|2), 0, uint32(3<<2|2), 3),
		rec(recNumber, 4, 0, 0, math.NaN()),
	}))
	expect(t, "numbers", got, "1|1234.5|7|-12|2.5|1.5/2||1|2|3", err)
}

func TestDatesFollowTheStyle(t *testing.T) {
	styles := [][]byte{
		rec(recFormat, 200, 10, byte(0), "dd/mm/yyyy"), rec(recFormat, 201, 4, byte(0), "0.00"),
		rec(recXF, 0, 0), rec(recXF, 0, 14), rec(recXF, 0, 200), rec(recXF, 0, 201),
	}
	cells := [][]byte{
		rec(recNumber, 0, 0, 0, 45292.0), rec(recNumber, 0, 1, 1, 45292.0), rec(recNumber, 0, 2, 2, 45292.0),
		rec(recNumber, 0, 3, 3, 45292.0), rec(recNumber, 0, 4, 99, 45292.0),
	}
	got, _, err := show(book(biff8, styles, cells))
	expect(t, "from 1900", got, "1|45292|day 45292|day 45292|45292|45292", err)
	got, _, err = show(book(biff8, append(styles, rec(recDateMode, 1)), cells[:2]))
	expect(t, "from 1904", got, "1|45292|day 46754", err)
}

// Texts kept in common go on over records, change their width there, and carry
// formatting and phonetic hints behind them.
func TestCommonTexts(t *testing.T) {
	sst := [][]byte{
		rec(recSST, uint32(9), uint32(9),
			3, byte(0), "abc",
			2, byte(1), "\x65\x22\x64\x22", // ≥≤
			4, byte(8), 2, "Dala", uint32(1), uint32(2), // two formatting runs
			3, byte(4), uint32(6), "Oje", "......", // a phonetic hint
			6, byte(0), "Gobi"),
		rec(recContinue, byte(1), "r\x00a\x00", 1, byte(0), "z"),
		rec(recContinue, 0, byte(0), 3, byte(8|4), 1, uint32(3), "end", uint32(0), "..."),
	}
	cells := [][]byte{}
	for i := range 8 {
		cells = append(cells, rec(recLabelSST, 0, i, 0, uint32(i)))
	}
	cells = append(cells, rec(recLabelSST, 0, 8, 0, uint32(1000)))
	got, _, err := show(book(biff8, sst, cells))
	expect(t, "texts", got, "1|abc|≥≤|Dala|Oje|Gobira|z||end", err)
}

func TestOwnTextsAndCodePages(t *testing.T) {
	got, _, err := show(book(biff8, nil, [][]byte{rec(recLabel, 0, 0, 0, 4, byte(0), "caf\xe9"), rec(recRString, 0, 1, 0, 1, byte(1), "\x65\x22", 0)}))
	expect(t, "of 1997", got, "1|café|≥", err)
	got, w, err := show(book(biff5, [][]byte{rec(recCodePage, 1251)}, [][]byte{rec(recLabel, 0, 0, 0, 2, "\xc0\xc1"), rec(recLabel, 0, 1, 0, 99, "cut")}))
	expect(t, "of 1995", got, "1|АБ|cut", err)
	if w != nil && w.Sheets[0].Name != "Data" {
		t.Errorf("sheet %q", w.Sheets[0].Name)
	}
	got, _, err = show(book(biff5, [][]byte{rec(recCodePage, 7)}, [][]byte{rec(recLabel, 0, 0, 0, 1, "\x80")}))
	expect(t, "of an unknown page", got, "1|€", err)
}

// What a formula last gave, not what it is.
func TestFormulas(t *testing.T) {
	tag := func(kind, v byte) string { return string([]byte{kind, 0, v, 0, 0, 0, 0xFF, 0xFF}) }
	got, _, err := show(book(biff8, nil, [][]byte{
		rec(recFormula, 0, 0, 0, 2.5, 0, uint32(0)),
		rec(recFormula, 0, 1, 0, tag(0, 0), 0, uint32(0)), rec(recString, 3, byte(0), "sum"),
		rec(recFormula, 0, 2, 0, tag(1, 1), 0, uint32(0)),
		rec(recFormula, 0, 3, 0, tag(2, 7), 0, uint32(0)),
		rec(recFormula, 0, 4, 0, tag(3, 0), 0, uint32(0)),
		rec(recFormula, 0, 5, 0, tag(0, 0), 0, uint32(0)), rec(0x04BC, "shared"), rec(recString, 1, byte(0), "x"),
		rec(recBoolErr, 0, 6, 0, byte(0), byte(0)), rec(recBoolErr, 0, 7, 0, byte(0x2A), byte(1)),
	}))
	expect(t, "formulas", got, "1|2.5|sum|TRUE|error #DIV/0!||x|FALSE|error #N/A", err)
}

func TestRowsComeInOrder(t *testing.T) {
	got, _, err := show(book(biff8, nil, [][]byte{
		rec(recNumber, 5, 0, 0, 6.0), rec(recNumber, 1, 1, 0, 2.0), rec(recNumber, 1, 0, 0, 1.0), rec(recNumber, 1, 0, 0, 9.0),
		rec(recBOF, biff8, 0x0020), rec(recNumber, 0, 0, 0, 77.0), rec(recEOF), // a chart inside the sheet
		rec(recNumber, 0, 2, 0, 3.0),
	}))
	expect(t, "rows", got, "1|||3/2|9|2/6|6", err)
}

func TestMerges(t *testing.T) {
	_, w, err := show(book(biff8, nil, [][]byte{rec(recNumber, 0, 0, 0, 1.0), rec(recMergeCells, 2, 0, 3, 1, 1, 7, 7, 0, 2)}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Merges(t.Context(), w.Sheets[0])
	if err != nil || len(got) != 2 || got[0] != (grid.Range{Row: 1, LastRow: 4, Column: 1, LastColumn: 1}) || got[1] != (grid.Range{Row: 8, LastRow: 8, LastColumn: 2}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatIsRefusedSaysWhy(t *testing.T) {
	whole := book(biff8, nil, [][]byte{rec(recNumber, 0, 0, 0, 1.0)})
	wide := [][]byte{rec(recMulRK, append([]any{0, 990}, repeated(20)...)...)}
	for name, c := range map[string]struct {
		in   []byte
		says string
	}{
		"protected":      {book(biff8, [][]byte{rec(recFilePass, 0, 0)}, nil), "password"},
		"before 1993":    {rec(recBOF, 0x0400, 0x0010), "1993"},
		"something else": {[]byte("hello, world"), "1993"},
		"cut in front":   {whole[:20], "cut short"},
		"cut behind":     {whole[:len(whole)-6], "cut short"},
		"too wide":       {book(biff8, nil, wide), "1000 columns"},
		"too long":       {book(biff8, nil, [][]byte{rec(recLabel, 0, 0, 0, 40000, byte(0), strings.Repeat("x", 40000))}), "characters"},
	} {
		_, _, err := show(c.in)
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok || p.Hint == "" || !strings.Contains(p.Message, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, data := range map[string]string{"cut": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "empty": strings.Repeat("\xd0", 4096)} {
		if _, err := Open([]byte(data)); !problem.Is(err, problem.BadInput) {
			t.Errorf("compound file, %s: %v", name, err)
		}
	}
}

func repeated(n int) (out []any) {
	for range n {
		out = append(out, 0, uint32(1<<2|2))
	}
	return append(out, 0)
}

func TestStopAndCancel(t *testing.T) {
	var cells [][]byte
	for i := range 9000 {
		cells = append(cells, rec(recNumber, i, 0, 0, 1.0))
	}
	w, err := fromStream(book(biff8, nil, cells))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := w.Rows(t.Context(), w.Sheets[0], func(grid.Row) error { n++; return grid.ErrStop }); err != nil || n != 1 {
		t.Errorf("stopped after %d rows with %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = w.Rows(ctx, w.Sheets[0], func(grid.Row) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// FuzzStream: whatever the records, the answer is rows within the limits or a
// problem with a hint, and nothing is allocated on what a count states.
func FuzzStream(f *testing.F) {
	f.Add(book(biff8, [][]byte{rec(recSST, uint32(1), uint32(1), 3, byte(0), "ab"), rec(recContinue, byte(1), "c\x00")}, [][]byte{rec(recLabelSST, 0, 0, 0, uint32(0))}))
	f.Add(book(biff5, [][]byte{rec(recCodePage, 437)}, [][]byte{rec(recLabel, 0, 0, 0, 2, "ab"), rec(recFormula, 1, 0, 0, 2.5, 0, uint32(0))}))
	f.Add(book(biff8, [][]byte{rec(recFormat, 200, 2, byte(0), "yy"), rec(recXF, 0, 200)}, [][]byte{rec(recMulRK, 0, 0, 0, uint32(6), 0, uint32(7), 1), rec(recMergeCells, 1, 0, 1, 0, 0)}))
	f.Fuzz(func(t *testing.T, stream []byte) { check(t, stream, fromStream) })
}

// FuzzOpen: the same for the compound file around it.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 16) + ">\x00\x03\x00\xfe\xff\x09\x00\x06\x00" + strings.Repeat("\x00", 1500)))
	f.Fuzz(func(t *testing.T, data []byte) { check(t, data, Open) })
}

func check(t *testing.T, data []byte, open func([]byte) (*Workbook, error)) {
	w, err := open(data)
	if err != nil {
		mustTell(t, err)
		return
	}
	for _, s := range w.Sheets {
		last := 0
		err := w.Rows(context.Background(), s, func(r grid.Row) error {
			if r.Number <= last || r.Width() == 0 || r.CheckSize() != nil {
				t.Fatalf("row %d after %d, %d wide", r.Number, last, r.Width())
			}
			last = r.Number
			return nil
		})
		if err != nil {
			mustTell(t, err)
		}
		if _, err := w.Merges(context.Background(), s); err != nil {
			mustTell(t, err)
		}
	}
}

func mustTell(t *testing.T, err error) {
	if p, ok := errors.AsType[*problem.Problem](err); !ok || p.Hint == "" || p.Code != problem.BadInput {
		t.Fatalf("%v", err)
	}
}
