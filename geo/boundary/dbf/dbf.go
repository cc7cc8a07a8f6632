// Package dbf reads the attribute table of a shapefile, a dBase III file held
// in memory.
//
// Text, numbers, dates and logical values are read; other kinds (memos,
// pictures) are left out with a notice. A value the file leaves empty, or that
// can't be what its field says, is absent, never zero. Every count the header
// gives is checked against the bytes that are there before memory is taken;
// no cell takes memory without at least one byte of the file behind it.
//
// An own reader, because the file comes from strangers: the library the rest
// of the field uses refuses unknown code pages and trusts the header.
package dbf

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"chatmrpt/geo/feature"
)

const (
	headerSize = 32
	fieldSize  = 32
	endOfList  = 0x0D
	deleted    = '*'
)

// Table is the content of a file. Deleted records are still among the rows,
// so that rows and shapes keep step.
type Table struct {
	Rows    int
	Columns []feature.Column
	Deleted []bool // by row; nil when no record is marked as deleted
	Notices []string
}

// field is one column as the header describes it.
type field struct {
	name   string
	kind   byte
	offset int // in the record
	width  int
}

// layout is the header.
type layout struct {
	rows   int
	start  int // of the first record
	record int // size of one
	page   byte
	fields []field
}

// Read reads a table. cpg is the content of the .cpg file beside it, "" when
// there is none. Errors say what is wrong with the file in words.
func Read(ctx context.Context, data []byte, cpg string) (*Table, error) {
	l, err := readLayout(data)
	if err != nil {
		return nil, err
	}
	t := &Table{Rows: l.rows}
	t.readDeleted(data, l)
	page := pageOf(cpg, l.page, func() bool { return l.isUTF8(data) })
	if page.notice != "" {
		t.Notices = append(t.Notices, page.notice)
	}
	for _, f := range l.fields {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.readColumn(data, l, f, page)
	}
	t.separateNames()
	return t, nil
}

// readLayout reads and checks the header.
func readLayout(data []byte) (*layout, error) {
	if len(data) < headerSize+1 {
		return nil, fmt.Errorf("it ends after %d bytes, within its header", len(data))
	}
	l := &layout{
		start:  int(binary.LittleEndian.Uint16(data[8:])),
		record: int(binary.LittleEndian.Uint16(data[10:])),
		page:   data[29],
	}
	rows := int64(binary.LittleEndian.Uint32(data[4:]))
	switch {
	case data[0]&7 == 4:
		return nil, errors.New("it is written by dBase 7, whose layout can't be read")
	case l.start < headerSize+1 || l.start > len(data):
		return nil, fmt.Errorf("its header says it is %d bytes long, but the file has %d", l.start, len(data))
	case l.record < 1:
		return nil, errors.New("its header gives records a length of 0")
	case rows*int64(l.record) > int64(len(data)-l.start):
		return nil, fmt.Errorf("its header announces %d records, but only %d are there", rows, (len(data)-l.start)/l.record)
	}
	l.rows = int(rows)
	return l, l.readFields(data[headerSize:l.start])
}

// readFields reads the list of fields up to its end mark.
func (l *layout) readFields(list []byte) error {
	wide := isWide(list, l.record)
	offset := 1
	for ; len(list) >= fieldSize && list[0] != endOfList; list = list[fieldSize:] {
		f := field{name: fieldName(list[:11], len(l.fields)), kind: list[11], offset: offset, width: int(list[16])}
		if wide && f.kind == 'C' {
			f.width += int(list[17]) << 8
		}
		offset += f.width
		if offset > l.record {
			return fmt.Errorf("its field %s reaches beyond the end of the record", f.name)
		}
		l.fields = append(l.fields, f)
	}
	return nil
}

// isWide reports whether text fields use the decimals byte as the high byte
// of their width, as Clipper and FoxPro did for more than 255 characters. It
// is so when only that adds up to the length of a record.
func isWide(list []byte, record int) bool {
	narrow, wide := 1, 1
	for ; len(list) >= fieldSize && list[0] != endOfList; list = list[fieldSize:] {
		narrow += int(list[16])
		wide += int(list[16])
		if list[11] == 'C' {
			wide += int(list[17]) << 8
		}
	}
	return narrow != record && wide == record
}

// fieldName cuts a name at its first NUL; it is read as the text is, but ten
// bytes are too few to guess a code page from, so odd bytes are taken as
// Windows-1252 unless they are UTF-8.
func fieldName(b []byte, i int) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	name := strings.TrimSpace(guess(b, 10))
	if name == "" {
		return fmt.Sprintf("column_%d", i+1)
	}
	return name
}

// cell returns the bytes of a field in a row.
func (l *layout) cell(data []byte, f field, row int) []byte {
	at := l.start + row*l.record + f.offset
	return data[at : at+f.width]
}

// isUTF8 reports whether all text of the file is UTF-8.
func (l *layout) isUTF8(data []byte) bool {
	for _, f := range l.fields {
		for row := 0; f.kind == 'C' && f.width > 0 && row < l.rows; row++ {
			if b := trim(l.cell(data, f, row)); !seemsUTF8(b, f.width) {
				return false
			}
		}
	}
	return true
}

func (t *Table) readDeleted(data []byte, l *layout) {
	for row := range l.rows {
		if data[l.start+row*l.record] != deleted {
			continue
		}
		if t.Deleted == nil {
			t.Deleted = make([]bool, l.rows)
		}
		t.Deleted[row] = true
	}
}

// readColumn adds the column of one field.
func (t *Table) readColumn(data []byte, l *layout, f field, page codePage) {
	if f.width == 0 || !strings.ContainsRune("CNFDL", rune(f.kind)) {
		t.Notices = append(t.Notices, fmt.Sprintf("attribute %s is left out: its kind (%q) can't be read", f.name, f.kind))
		return
	}
	c := feature.Column{Name: f.name, Present: make([]bool, l.rows)}
	var odd int
	if c.IsNumber = f.kind == 'N' || f.kind == 'F'; c.IsNumber {
		c.Numbers = make([]float64, l.rows)
		odd = fill(c.Numbers, c.Present, data, l, f, number)
	} else {
		c.Texts = make([]string, l.rows)
		odd = fill(c.Texts, c.Present, data, l, f, textOf(f, page))
	}
	if odd > 0 {
		t.Notices = append(t.Notices, fmt.Sprintf("attribute %s: %d values can't be read as its header says (%s) and are %s",
			f.name, odd, kindName(f.kind), fate(f.kind)))
	}
	t.Columns = append(t.Columns, c)
}

func kindName(kind byte) string {
	switch kind {
	case 'C':
		return "text"
	case 'D':
		return "date"
	case 'L':
		return "logical"
	}
	return "number"
}

func fate(kind byte) string {
	if kind == 'C' {
		return "read as Windows-1252"
	}
	return "taken as missing"
}

// fill converts each cell of a column and counts those that are odd: neither
// empty nor what they should be.
func fill[V any](values []V, present []bool, data []byte, l *layout, f field, convert func([]byte) (V, bool, bool)) (odd int) {
	for row := range values {
		v, ok, isOdd := convert(l.cell(data, f, row))
		values[row], present[row] = v, ok
		if isOdd {
			odd++
		}
	}
	return odd
}

// trim cuts a text at its first NUL and drops blanks at its end.
func trim(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return bytes.TrimRight(b, " \t\r\n")
}

// number reads a numeric cell. Blanks and asterisks (dBase's overflow) are
// missing, and so is the lowest double, which some writers use for "no data".
func number(b []byte) (v float64, present, odd bool) {
	b = bytes.TrimSpace(trim(b))
	if len(bytes.Trim(b, "*")) == 0 {
		return 0, false, false
	}
	text := string(b)
	if !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false, true
	}
	if v < -1e300 {
		return 0, false, false
	}
	return v, true, false
}

// textOf chooses how the cells of a field become text.
func textOf(f field, page codePage) func([]byte) (string, bool, bool) {
	switch f.kind {
	case 'D':
		return date
	case 'L':
		return logical
	}
	return func(b []byte) (string, bool, bool) {
		text, odd := page.decode(trim(b), f.width)
		return text, text != "", odd
	}
}

// date turns YYYYMMDD into YYYY-MM-DD. Blanks and zeros are missing.
func date(b []byte) (text string, present, odd bool) {
	b = bytes.TrimSpace(trim(b))
	if len(bytes.Trim(b, "0")) == 0 {
		return "", false, false
	}
	if _, err := strconv.ParseUint(string(b), 10, 32); err != nil || len(b) != 8 {
		return "", false, true
	}
	return fmt.Sprintf("%s-%s-%s", b[:4], b[4:6], b[6:]), true, false
}

// logical gives "true" or "false"; a blank or question mark is missing.
func logical(b []byte) (text string, present, odd bool) {
	switch b[0] {
	case 'T', 't', 'Y', 'y', '1':
		return "true", true, false
	case 'F', 'f', 'N', 'n', '0':
		return "false", true, false
	case ' ', '?', 0:
		return "", false, false
	}
	return "", false, true
}

// separateNames numbers repeated names, which cutting to ten characters makes.
func (t *Table) separateNames() {
	seen := make(map[string]bool, len(t.Columns))
	for i := range t.Columns {
		name := t.Columns[i].Name
		for n := 2; seen[t.Columns[i].Name]; n++ {
			t.Columns[i].Name = fmt.Sprintf("%s_%d", name, n)
		}
		if t.Columns[i].Name != name {
			t.Notices = append(t.Notices, fmt.Sprintf("a second attribute %s is called %s here", name, t.Columns[i].Name))
		}
		seen[t.Columns[i].Name] = true
	}
}
