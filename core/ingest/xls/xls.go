// Package xls reads sheets of old binary workbooks (BIFF5 of Excel 5 and 95,
// BIFF8 of Excel 97 to 2003) as rows of cells.
//
// The Go libraries for this format are abandoned and panic on sound files, so
// the records are read here; the compound file around them is a library's. The
// stream is in memory; a record is a slice of it, every length is held against
// what is left, and nothing is allocated on a count that a file states. What a
// formula last gave is read, the formula isn't. The format is described in
// Microsoft's [MS-XLS]; section numbers in comments are of that.
package xls

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"chatmrpt/core/ingest/grid"
)

// The records that matter (2.3).
const (
	recFormula    = 0x0006
	recEOF        = 0x000A
	recDateMode   = 0x0022
	recFilePass   = 0x002F
	recContinue   = 0x003C
	recCodePage   = 0x0042
	recBoundSheet = 0x0085
	recMulRK      = 0x00BD
	recRString    = 0x00D6
	recXF         = 0x00E0
	recMergeCells = 0x00E5
	recSST        = 0x00FC
	recLabelSST   = 0x00FD
	recNumber     = 0x0203
	recLabel      = 0x0204
	recBoolErr    = 0x0205
	recString     = 0x0207
	recRK         = 0x027E
	recFormat     = 0x041E
	recBOF        = 0x0809
)

// The versions a BOF record states (2.4.21).
const (
	biff5 = 0x0500
	biff8 = 0x0600
)

// Sheet names one sheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	start  int // of its BOF in the stream
}

// Workbook is an opened workbook.
type Workbook struct {
	Sheets []Sheet // in the order of the tabs; charts, macros and modules left out

	stream   []byte
	version  int
	page     codePage
	date1904 bool
	formats  map[int]bool // by number: does it show a date?
	dates    []bool       // by cell style: is a number a date?
	strings  []string
}

// Open reads what describes the workbook. It fails with a *problem.Problem when
// data is not one, is protected, cut or of a version before 1993.
func Open(data []byte) (*Workbook, error) {
	stream, err := bookStream(data)
	if err != nil {
		return nil, err
	}
	return fromStream(stream)
}

func fromStream(stream []byte) (*Workbook, error) {
	w := &Workbook{stream: stream, formats: map[int]bool{}, page: windows1252()}
	if err := w.globals(); err != nil {
		return nil, err
	}
	if len(w.Sheets) == 0 {
		return nil, grid.Bad("the workbook holds no sheet with cells", "Check that the right file was chosen, or save its table as CSV")
	}
	return w, nil
}

// Size is the number of bytes of the stream: the measure of what may be
// allocated for its cells.
func (w *Workbook) Size() int { return len(w.stream) }

// record is one record: its number, its data and where the next begins.
type record struct {
	id   int
	data []byte
	next int
}

// record reads the record at offset; ok is false at the end and where one is
// cut.
func (w *Workbook) record(at int) (r record, ok bool) {
	if at < 0 || at+4 > len(w.stream) {
		return record{}, false
	}
	n := int(binary.LittleEndian.Uint16(w.stream[at+2:]))
	if at+4+n > len(w.stream) {
		return record{}, false
	}
	return record{int(binary.LittleEndian.Uint16(w.stream[at:])), w.stream[at+4 : at+4+n], at + 4 + n}, true
}

// u16 and u32 read a number, 0 behind the end: a field that is not there is
// the same as one that is not set.
func u16(b []byte, at int) int {
	if at < 0 || at+2 > len(b) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(b[at:]))
}

func u32(b []byte, at int) uint32 {
	if at < 0 || at+4 > len(b) {
		return 0
	}
	return binary.LittleEndian.Uint32(b[at:])
}

// globals reads the first part of the stream.
func (w *Workbook) globals() error {
	r, ok := w.record(0)
	if !ok || r.id != recBOF {
		return old()
	}
	if w.version = u16(r.data, 0); w.version != biff5 && w.version != biff8 {
		return old()
	}
	for {
		if r, ok = w.record(r.next); !ok {
			return damaged()
		}
		switch r.id {
		case recEOF:
			w.keepTables()
			return nil
		case recFilePass:
			return protected()
		default:
			r.next = w.global(r)
		}
	}
}

// global takes one record of the first part and says where the next begins.
func (w *Workbook) global(r record) (next int) {
	switch r.id {
	case recCodePage:
		w.page = pageOf(u16(r.data, 0))
	case recDateMode:
		w.date1904 = u16(r.data, 0) == 1
	case recFormat:
		w.formats[u16(r.data, 0)] = grid.IsDateFormat(w.formatCode(r.data))
	case recXF:
		n := u16(r.data, 2)
		date, known := w.formats[n]
		w.dates = append(w.dates, known && date || !known && grid.IsBuiltinDate(n))
	case recBoundSheet:
		w.addSheet(r.data)
	case recSST:
		return w.sharedStrings(r)
	}
	return r.next
}

// addSheet keeps a sheet of cells (2.4.28).
func (w *Workbook) addSheet(d []byte) {
	if len(d) < 8 || d[5] != 0 {
		return // a chart, a macro sheet or a module
	}
	name := ""
	if w.version == biff8 {
		name = plainString(d[7:], int(d[6]))
	} else {
		name = w.page.text(d[7:min(len(d), 7+int(d[6]))])
	}
	w.Sheets = append(w.Sheets, Sheet{Name: name, Hidden: d[4]&3 != 0, start: int(u32(d, 0))})
}

// keepTables leaves out sheets whose part of the stream is none of cells: old
// writers list dialogs as sheets.
func (w *Workbook) keepTables() {
	w.Sheets = slices.DeleteFunc(w.Sheets, func(s Sheet) bool {
		r, ok := w.record(s.start)
		return !ok || r.id != recBOF || u16(r.data, 2) != 0x0010
	})
}

func old() error {
	return grid.Bad("the workbook is of a version of Excel before 1993, or damaged",
		"Open it in a spreadsheet program and save it as XLSX or CSV")
}

// cellRef is where a record with cells lies, by row.
type cellRef struct {
	row int
	at  int
}

// Rows hands every row of the sheet that has cells to yield, in order. It ends
// with the error of yield (grid.ErrStop ends it without one), of ctx, or with a
// *problem.Problem about the workbook.
func (w *Workbook) Rows(ctx context.Context, sheet Sheet, yield func(grid.Row) error) error {
	refs, err := w.index(ctx, sheet)
	if err != nil {
		return err
	}
	r := rowReader{w: w}
	for i := 0; i < len(refs); {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r.start(refs[i].row)
		for ; i < len(refs) && refs[i].row+1 == r.row.Number; i++ {
			rec, _ := w.record(refs[i].at)
			r.cells(rec)
		}
		if r.row.Width() == 0 {
			continue
		}
		if err := r.row.CheckSize(); err != nil {
			return err
		}
		if err := yield(r.row); err != nil {
			if errors.Is(err, grid.ErrStop) {
				return nil
			}
			return err
		}
	}
	return nil
}

// index lists the records with cells in the order of their rows: few writers
// break it, but some do. Charts inside the sheet have parts of their own.
func (w *Workbook) index(ctx context.Context, sheet Sheet) ([]cellRef, error) {
	var refs []cellRef
	sorted := true
	err := w.eachOf(ctx, sheet, func(at int, r record) {
		switch r.id {
		case recNumber, recRK, recMulRK, recLabel, recLabelSST, recRString, recBoolErr, recFormula:
			row := u16(r.data, 0)
			sorted = sorted && (len(refs) == 0 || refs[len(refs)-1].row <= row)
			refs = append(refs, cellRef{row, at})
		}
	})
	if !sorted {
		slices.SortStableFunc(refs, func(a, b cellRef) int { return a.row - b.row })
	}
	return refs, err
}

// eachOf visits the records of a sheet, its charts' left out.
func (w *Workbook) eachOf(ctx context.Context, sheet Sheet, visit func(at int, r record)) error {
	at, depth := sheet.start, 0
	for n := 0; ; n++ {
		r, ok := w.record(at)
		switch {
		case !ok:
			return damaged()
		case n%65536 == 0 && ctx.Err() != nil:
			return ctx.Err()
		case r.id == recBOF:
			depth++
		case r.id == recEOF:
			if depth--; depth <= 0 {
				return nil
			}
		case depth == 1:
			visit(at, r)
		}
		at = r.next
	}
}

// Merges lists the merged ranges of a sheet.
func (w *Workbook) Merges(ctx context.Context, sheet Sheet) ([]grid.Range, error) {
	var out []grid.Range
	err := w.eachOf(ctx, sheet, func(_ int, r record) {
		if r.id != recMergeCells {
			return
		}
		for i := 2; i+8 <= len(r.data) && len(out) < grid.MaxMerges; i += 8 {
			d := r.data[i:]
			out = append(out, grid.Range{Row: u16(d, 0) + 1, LastRow: u16(d, 2) + 1, Column: u16(d, 4), LastColumn: u16(d, 6)})
		}
	})
	return out, err
}
