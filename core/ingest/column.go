package ingest

import (
	"math"
	"strconv"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/ingest/value"
	"chatmrpt/core/table"
)

// packed is one cell in eight bytes: the bits of a finite float64, or a NaN
// that carries a tag and 32 bits. A table of 300,000 × 30 cells then takes
// 72 MB while it is read, however its columns turn out.
type packed uint64

const (
	tagEmpty packed = 0xFFF8 << 48
	tagText  packed = 0xFFF9 << 48 // + position in the column's dictionary
	tagDate  packed = 0xFFFA << 48 // + days since 1899-12-30
	tagError packed = 0xFFFB << 48
	tagMask  packed = 0xFFFF << 48
)

func packNumber(v float64) packed { return packed(math.Float64bits(v)) }

// tag returns the tag, 0 for a number.
func (p packed) tag() packed {
	if p&tagMask >= tagEmpty {
		return p & tagMask
	}
	return 0
}

func (p packed) code() uint32 { return uint32(p) }

// entry is one distinct text of a column.
type entry struct {
	text    string // repaired by mend
	count   int    // cells that hold it
	row     int    // of the first cell
	number  float64
	numeric bool // number is what text says
	missing bool // text stands for "no data"
}

// column is a column of the file before its type is known.
type column struct {
	written string // the header as in the file
	place   int    // in the file, from 0
	name    string // repaired; unique once resolve is done
	cells   []packed
	dict    []entry
	index   map[string]uint32
	last    uint32 // dictionary position of the text before, which often repeats

	numbers, texts, dates, errors int

	role       table.Role
	how        string
	confidence string
}

// settled: the person said what the column is.
func (c *column) settled() bool { return c.how == Chosen || c.how == Remembered }

// add puts a cell at row number at of the table; rows in between are empty.
// row is the row of the file.
func (c *column) add(at, row int, cell grid.Cell) {
	p := c.pack(row, cell)
	if p == tagEmpty {
		return
	}
	for len(c.cells) < at {
		c.cells = append(c.cells, tagEmpty)
	}
	c.cells = append(c.cells, p)
}

func (c *column) pack(row int, cell grid.Cell) packed {
	switch cell.Kind {
	case grid.Text:
		if v, ok := canonicalInteger(cell.Text); ok {
			c.numbers++
			return packNumber(v)
		}
		if isBlank(cell.Text) {
			return tagEmpty
		}
		return c.packText(row, cell.Text)
	case grid.Number:
		c.numbers++
		return packNumber(cell.Num)
	case grid.Date:
		c.dates++
		return tagDate | packed(uint32(cell.Num))
	case grid.Error:
		c.errors++
		return tagError
	}
	return tagEmpty
}

// packText keeps decimals as numbers when nothing of the text is lost so, and
// everything else in the dictionary.
func (c *column) packText(row int, text []byte) packed {
	if v, ok := canonicalDecimal(text); ok {
		c.numbers++
		return packNumber(v)
	}
	c.texts++
	if len(c.dict) > 0 && c.dict[c.last].text == string(text) {
		c.dict[c.last].count++
		return tagText | packed(c.last)
	}
	k, ok := c.index[string(text)]
	if !ok {
		if c.index == nil {
			c.index = map[string]uint32{}
		}
		k = uint32(len(c.dict))
		s := string(text)
		c.dict, c.index[s] = append(c.dict, entry{text: s, row: row}), k
	}
	c.dict[k].count++
	c.last = k
	return tagText | packed(k)
}

// isBlank: nothing but blanks.
func isBlank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' {
			return false
		}
	}
	return true
}

// canonicalInteger reads digits that come back the same when printed: no
// leading zero, no sign of plus, at most 15 digits.
func canonicalInteger(b []byte) (float64, bool) {
	d := b
	if len(d) > 1 && d[0] == '-' {
		d = d[1:]
	}
	if len(d) == 0 || len(d) > 15 || d[0] == '0' && (len(d) > 1 || len(b) > 1) {
		return 0, false
	}
	v := int64(0)
	for _, c := range d {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	if len(d) < len(b) {
		v = -v
	}
	return float64(v), true
}

// canonicalDecimal reads a plain decimal that comes back the same when
// printed. "1.50" and "007" do not and stay texts for now.
func canonicalDecimal(b []byte) (float64, bool) {
	if len(b) < 3 || len(b) > 24 {
		return 0, false
	}
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != '-' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	var buf [32]byte
	return v, err == nil && string(strconv.AppendFloat(buf[:0], v, 'f', -1, 64)) == string(b)
}

// at returns cell i; rows behind the last cell are empty.
func (c *column) at(i int) packed {
	if i < len(c.cells) {
		return c.cells[i]
	}
	return tagEmpty
}

// number returns the number of cell i. Dates and texts that are no number
// have none.
func (c *column) number(i int) (float64, bool) {
	switch p := c.at(i); p.tag() {
	case 0:
		return math.Float64frombits(uint64(p)), true
	case tagText:
		e := &c.dict[p.code()]
		return e.number, e.numeric
	}
	return 0, false
}

// text returns cell i as a text; false when it is missing.
func (c *column) text(i int) (string, bool) {
	switch p := c.at(i); p.tag() {
	case 0:
		return formatNumber(math.Float64frombits(uint64(p))), true
	case tagText:
		e := &c.dict[p.code()]
		return e.text, !e.missing
	case tagDate:
		return value.Date(float64(p.code()))
	}
	return "", false
}

// formatNumber prints integers as such up to 15 digits: identifiers must not
// come out as 1e+06.
func formatNumber(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// profile counts what the cells of a column hold.
type profile struct {
	numeric int // numbers, and texts that are numbers
	text    int // texts that are no number and don't stand for "no data"
	dates   int
	zeros   bool // some texts are digits with a leading zero: keys, not quantities
}

func (c *column) profile() profile {
	p := profile{numeric: c.numbers, dates: c.dates}
	for i := range c.dict {
		e := &c.dict[i]
		switch {
		case e.count == 0 || e.missing:
		case e.numeric:
			p.numeric += e.count
			p.zeros = p.zeros || len(e.text) > 1 && e.text[0] == '0' && onlyDigits(e.text)
		default:
			p.text += e.count
		}
	}
	return p
}

// present is the number of cells with a value.
func (p profile) present() int { return p.numeric + p.text + p.dates }

// mostlyNumbers: numbers with so few texts among them that these are slips.
func (p profile) mostlyNumbers() bool {
	return p.numeric > 0 && p.numeric*5 >= p.present()*4
}

// onlyNumbers: nothing but numbers, and not keys.
func (p profile) onlyNumbers() bool {
	return p.text == 0 && p.dates == 0 && !p.zeros
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// sheet is the table of the file before its types are known.
type sheet struct {
	columns   []*column
	rows      int
	lines     []uint32 // row of the file, by row of the table
	delimiter string   // of a CSV file
	origin    string   // file and sheet, for the origin of columns

	// merges are the merged ranges over several rows. Their columns are those
	// of the file: columns that are dropped or joined are marked by place.
	merges []grid.Range
}

// headers lists the repaired headers that are not empty.
func (s *sheet) headers() []string {
	var out []string
	for _, c := range s.columns {
		if c.name != "" {
			out = append(out, c.name)
		}
	}
	return out
}

// byRole returns the column with a role, nil when none has it.
func (s *sheet) byRole(r table.Role) *column {
	for _, c := range s.columns {
		if c.role == r {
			return c
		}
	}
	return nil
}
