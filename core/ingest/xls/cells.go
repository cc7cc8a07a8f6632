package xls

import (
	"encoding/binary"
	"math"

	"chatmrpt/core/ingest/grid"
)

// rowReader turns the records of a row into cells.
type rowReader struct {
	w     *Workbook
	row   grid.Row
	arena []byte // the texts of the row
}

func (r *rowReader) start(row int) {
	r.row.Number, r.row.Cells, r.arena = row+1, r.row.Cells[:0], r.arena[:0]
}

// set puts a cell in its column; a later record of the same cell counts, as in
// spreadsheet programs.
func (r *rowReader) set(column int, c grid.Cell) {
	if c.Kind == grid.Empty {
		return
	}
	for len(r.row.Cells) <= column {
		r.row.Cells = append(r.row.Cells, grid.Cell{})
	}
	r.row.Cells[column] = c
}

// text makes a cell of a string, within the limit that every program keeps.
func (r *rowReader) text(s string) grid.Cell {
	from := len(r.arena)
	r.arena = append(r.arena, s...)
	return grid.TextOf(r.arena[from:len(r.arena):len(r.arena)])
}

// cells reads the cells of one record: row, column, style, content.
func (r *rowReader) cells(rec record) {
	d := rec.data
	if len(d) < 6 {
		return
	}
	column, style := u16(d, 2), u16(d, 4)
	switch rec.id {
	case recNumber:
		if len(d) >= 14 {
			r.set(column, r.number(math.Float64frombits(binary.LittleEndian.Uint64(d[6:])), style))
		}
	case recRK:
		if len(d) >= 10 {
			r.set(column, r.number(rk(u32(d, 6)), style))
		}
	case recMulRK:
		for i := 4; i+8 <= len(d); i += 6 { // the last two bytes are the last column
			r.set(column, r.number(rk(u32(d, i+2)), u16(d, i)))
			column++
		}
	case recLabelSST:
		if n := int(u32(d, 6)); len(d) >= 10 && n >= 0 && n < len(r.w.strings) {
			r.set(column, r.text(r.w.strings[n]))
		}
	case recLabel, recRString:
		r.set(column, r.text(r.w.cellString(d[6:])))
	case recBoolErr:
		if len(d) >= 8 {
			r.set(column, r.boolOrError(d[6], d[7] == 1))
		}
	case recFormula:
		r.formula(rec, column, style)
	}
}

// number makes a cell of a number, a date where the style shows one.
func (r *rowReader) number(v float64, style int) grid.Cell {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return grid.Cell{}
	case style < len(r.w.dates) && r.w.dates[style]:
		return grid.DateOf(v, r.w.date1904)
	}
	return grid.Cell{Kind: grid.Number, Num: v}
}

// rk unpacks a number of 30 bits: an integer or the upper half of a float,
// perhaps times a hundred (2.5.217).
func rk(bits uint32) float64 {
	v := float64(int32(bits) >> 2)
	if bits&2 == 0 {
		v = math.Float64frombits(uint64(bits&^3) << 32)
	}
	if bits&1 != 0 {
		v /= 100
	}
	return v
}

// boolOrError reads a truth value or one of the errors (2.5.10).
func (r *rowReader) boolOrError(v byte, isError bool) grid.Cell {
	if !isError {
		if v != 0 {
			return r.text("TRUE")
		}
		return r.text("FALSE")
	}
	name := "#N/A"
	switch v {
	case 0x00:
		name = "#NULL!"
	case 0x07:
		name = "#DIV/0!"
	case 0x0F:
		name = "#VALUE!"
	case 0x17:
		name = "#REF!"
	case 0x1D:
		name = "#NAME?"
	case 0x24:
		name = "#NUM!"
	}
	c := r.text(name)
	c.Kind = grid.Error
	return c
}

// formula reads what a formula last gave (2.5.133): a number, or a tag with a
// truth value, an error, nothing, or a text that follows in a record of its
// own.
func (r *rowReader) formula(rec record, column, style int) {
	d := rec.data
	if len(d) < 14 {
		return
	}
	if d[12] != 0xFF || d[13] != 0xFF {
		r.set(column, r.number(math.Float64frombits(binary.LittleEndian.Uint64(d[6:])), style))
		return
	}
	switch d[6] {
	case 0:
		r.set(column, r.text(r.w.formulaString(rec)))
	case 1:
		r.set(column, r.boolOrError(d[8], false))
	case 2:
		r.set(column, r.boolOrError(d[8], true))
	}
}

// formulaString finds the text of a formula: in the next record, or behind the
// one that holds a formula shared by several cells.
func (w *Workbook) formulaString(rec record) string {
	for range 3 {
		var ok bool
		if rec, ok = w.record(rec.next); !ok {
			return ""
		}
		if rec.id == recString {
			return w.cellString(rec.data)
		}
	}
	return ""
}
