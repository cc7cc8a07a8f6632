package table

import (
	"math"
	"math/bits"
	"strconv"
)

// Kind is the type of a column's values.
type Kind uint8

// The kinds of column.
const (
	Text   Kind = 1
	Number Kind = 2
)

// String names the kind in words.
func (k Kind) String() string {
	switch k {
	case Text:
		return "text"
	case Number:
		return "number"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Column is one named, typed, nullable column. Text is held once per distinct
// value, so a facility table of 300,000 rows costs four bytes a cell and can
// be grouped by code. The zero Column is not useful: use NewText or NewNumber.
//
// A Column is not safe for use by several goroutines while one of them writes.
type Column struct {
	Name   string // unique in its table
	Role   Role   // what it means; "" for none
	Unit   string // "" when unknown
	Origin string // where it came from: file, sheet, header as written, or the formula

	kind    Kind
	rows    int
	dict    []string
	index   map[string]uint32 // dict, reversed; built when first needed
	codes   []uint32
	nums    []float64
	present bitset
	imputed bitset
}

// NewText makes an empty text column.
func NewText(name string) *Column { return &Column{Name: name, kind: Text} }

// NewNumber makes an empty number column.
func NewNumber(name string) *Column { return &Column{Name: name, kind: Number} }

// TextOf makes a text column of the given values; none is missing.
func TextOf(name string, values ...string) *Column {
	c := NewText(name)
	for _, v := range values {
		c.AppendText(v)
	}
	return c
}

// NumberOf makes a number column of the given values. NaN and the infinities
// become missing.
func NumberOf(name string, values ...float64) *Column {
	c := NewNumber(name)
	for _, v := range values {
		c.AppendNumber(v)
	}
	return c
}

// Kind returns the type of the values.
func (c *Column) Kind() Kind { return c.kind }

// Len returns the number of rows.
func (c *Column) Len() int { return c.rows }

// AppendMissing adds a row without a value.
func (c *Column) AppendMissing() {
	if c.kind == Text {
		c.codes = append(c.codes, 0)
	} else {
		c.nums = append(c.nums, 0)
	}
	c.rows++
}

// AppendText adds a row to a text column. It panics on a number column, which
// is a fault of the caller.
func (c *Column) AppendText(s string) {
	c.mustBe(Text)
	c.codes = append(c.codes, c.code(s))
	c.present.set(c.rows)
	c.rows++
}

// AppendNumber adds a row to a number column; NaN and the infinities are
// missing. It panics on a text column, which is a fault of the caller.
func (c *Column) AppendNumber(v float64) {
	c.mustBe(Number)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		c.AppendMissing()
		return
	}
	c.nums = append(c.nums, v)
	c.present.set(c.rows)
	c.rows++
}

// AppendImputed adds a number that was not observed but filled in by a choice
// of the user, and marks it so.
func (c *Column) AppendImputed(v float64) {
	c.AppendNumber(v)
	if c.present.has(c.rows - 1) {
		c.imputed.set(c.rows - 1)
	}
}

// Missing reports whether row i has no value.
func (c *Column) Missing(i int) bool { return !c.present.has(i) }

// Imputed reports whether the value of row i was filled in, not observed.
func (c *Column) Imputed(i int) bool { return c.imputed.has(i) }

// CountMissing returns the number of rows without a value.
func (c *Column) CountMissing() int { return c.rows - c.present.count() }

// CountImputed returns the number of filled-in values.
func (c *Column) CountImputed() int { return c.imputed.count() }

// Text returns the text of row i, or false when it is missing.
func (c *Column) Text(i int) (string, bool) {
	if c.kind != Text || !c.present.has(i) {
		return "", false
	}
	return c.dict[c.codes[i]], true
}

// Number returns the number of row i, or false when it is missing.
func (c *Column) Number(i int) (float64, bool) {
	if c.kind != Number || !c.present.has(i) {
		return 0, false
	}
	return c.nums[i], true
}

// Code returns the position in Dict of the text of row i, or false when it is
// missing. Equal texts have equal codes.
func (c *Column) Code(i int) (uint32, bool) {
	if c.kind != Text || !c.present.has(i) {
		return 0, false
	}
	return c.codes[i], true
}

// Dict returns the distinct texts of the column in order of first appearance.
// The caller must not change it.
func (c *Column) Dict() []string { return c.dict }

// Format gives the cell as text for a person or a CSV file: the text itself,
// the shortest decimal that reads back to the same number, or "" when missing.
func (c *Column) Format(i int) string {
	if !c.present.has(i) {
		return ""
	}
	if c.kind == Text {
		return c.dict[c.codes[i]]
	}
	return strconv.FormatFloat(c.nums[i], 'f', -1, 64)
}

// Value gives the cell as JSON writes it: a string, a float64, or nil when it
// is missing.
func (c *Column) Value(i int) any {
	switch {
	case !c.present.has(i):
		return nil
	case c.kind == Text:
		return c.dict[c.codes[i]]
	}
	return c.nums[i]
}

// Pick returns a new column of the given rows, in that order.
func (c *Column) Pick(rows []int) *Column {
	out := &Column{Name: c.Name, Role: c.Role, Unit: c.Unit, Origin: c.Origin, kind: c.kind}
	for _, i := range rows {
		switch {
		case c.Missing(i):
			out.AppendMissing()
		case c.kind == Text:
			out.AppendText(c.dict[c.codes[i]])
		case c.Imputed(i):
			out.AppendImputed(c.nums[i])
		default:
			out.AppendNumber(c.nums[i])
		}
	}
	return out
}

func (c *Column) mustBe(k Kind) {
	if c.kind != k {
		panic("table: a column holds " + c.kind.String() + ", not " + k.String()) // its name is the user's, and a crash is written to logs
	}
}

func (c *Column) code(s string) uint32 {
	if c.index == nil {
		c.index = make(map[string]uint32, len(c.dict))
		for i, d := range c.dict {
			c.index[d] = uint32(i)
		}
	}
	if k, ok := c.index[s]; ok {
		return k
	}
	k := uint32(len(c.dict))
	c.dict = append(c.dict, s)
	c.index[s] = k
	return k
}

// bitset is a growing set of row numbers.
type bitset []uint64

func (b *bitset) set(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bitset) has(i int) bool {
	return i >= 0 && i/64 < len(b) && b[i/64]&(1<<(i%64)) != 0
}

func (b bitset) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}
