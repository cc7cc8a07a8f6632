package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The stored form of a column's cells (name, role, unit and origin are kept
// beside it by the store):
//
//	byte      version, 1
//	byte      kind
//	uvarint   rows
//	byte      1 when some rows are missing, then the presence bitmap
//	byte      1 when some values are imputed, then the imputed bitmap
//	text:     uvarint distinct values, each uvarint length + bytes;
//	          one uvarint code per present row
//	number:   byte 'i', one zigzag varint per present row; or
//	          byte 'f', 8 bytes IEEE 754 little endian per present row
//
// Bitmaps are rows/8 bytes rounded up, lowest bit first.
const codecVersion = 1

// maxRows bounds what a decoder believes: far above any file the readers
// accept, far below an allocation that could hurt.
const maxRows = 1 << 28

// ErrDecode says that stored bytes are not a column.
var ErrDecode = errors.New("not a stored column")

// Encode returns the stored form of the cells. It is canonical: equal cells
// give equal bytes, because the dictionary is in order of first appearance.
func (c *Column) Encode() []byte {
	out := []byte{codecVersion, byte(c.kind)}
	out = binary.AppendUvarint(out, uint64(c.rows))
	out = c.appendBitmap(out, c.present, c.CountMissing() > 0)
	out = c.appendBitmap(out, c.imputed, c.CountImputed() > 0)
	if c.kind == Text {
		return c.appendText(out)
	}
	return c.appendNumbers(out)
}

func (c *Column) appendBitmap(out []byte, b bitset, needed bool) []byte {
	if !needed {
		return append(out, 0)
	}
	out = append(out, 1)
	at := len(out)
	out = append(out, make([]byte, (c.rows+7)/8)...)
	for i := range c.rows {
		if b.has(i) {
			out[at+i/8] |= 1 << (i % 8)
		}
	}
	return out
}

func (c *Column) appendText(out []byte) []byte {
	// Codes are renumbered so that rows dropped earlier leave no trace.
	renumber := make([]uint32, len(c.dict))
	var used []string
	for i := range c.rows {
		if k := c.codes[i]; c.present.has(i) && renumber[k] == 0 {
			used = append(used, c.dict[k])
			renumber[k] = uint32(len(used))
		}
	}
	out = binary.AppendUvarint(out, uint64(len(used)))
	for _, s := range used {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	for i := range c.rows {
		if c.present.has(i) {
			out = binary.AppendUvarint(out, uint64(renumber[c.codes[i]]-1))
		}
	}
	return out
}

func (c *Column) appendNumbers(out []byte) []byte {
	if c.allSmallIntegers() {
		out = append(out, 'i')
		for i := range c.rows {
			if c.present.has(i) {
				out = binary.AppendVarint(out, int64(c.nums[i]))
			}
		}
		return out
	}
	out = append(out, 'f')
	for i := range c.rows {
		if c.present.has(i) {
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(c.nums[i]))
		}
	}
	return out
}

// allSmallIntegers: every value is an integer that a float64 holds exactly
// and that is not the negative zero, which has no integer form.
func (c *Column) allSmallIntegers() bool {
	for i := range c.rows {
		v := c.nums[i]
		if c.present.has(i) && (v != math.Trunc(v) || math.Abs(v) > 1<<53 || (v == 0 && math.Signbit(v))) {
			return false
		}
	}
	return true
}

// Decode reads the stored form into a new column named name.
func Decode(name string, data []byte) (*Column, error) {
	d := decoder{data: data}
	if v := d.byte(); v != codecVersion {
		return nil, fmt.Errorf("column %s: %w: version %d", name, ErrDecode, v)
	}
	c := &Column{Name: name, kind: Kind(d.byte())}
	n := d.uvarint()
	if n > maxRows || (c.kind != Text && c.kind != Number) {
		return nil, fmt.Errorf("column %s: %w: kind %d, %d rows", name, ErrDecode, c.kind, n)
	}
	c.rows = int(n)
	c.present = d.bitmap(c.rows, true)
	c.imputed = d.bitmap(c.rows, false)
	if c.kind == Text {
		d.text(c)
	} else {
		d.numbers(c)
	}
	if d.bad || len(d.data) > 0 {
		return nil, fmt.Errorf("column %s: %w: cut short or too long", name, ErrDecode)
	}
	return c, nil
}

// decoder reads from the front of data; after a bad read it returns zeroes.
type decoder struct {
	data []byte
	bad  bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n < 0 || n > len(d.data) {
		d.bad = true
		return nil
	}
	out := d.data[:n]
	d.data = d.data[n:]
	return out
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.take(n)
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.data)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.take(n)
	return v
}

// bitmap reads an optional bitmap; without one every row has the value full.
func (d *decoder) bitmap(rows int, full bool) bitset {
	flag := d.byte()
	if flag == 0 && !full {
		return nil
	}
	// A bitmap not in the data costs rows/8 bytes; rows is bounded, and a
	// column of r present rows has at least r bytes of cells behind it.
	var raw []byte
	if flag != 0 {
		if raw = d.take((rows + 7) / 8); raw == nil {
			return nil
		}
	} else if rows > len(d.data) {
		d.bad = true
		return nil
	}
	b := make(bitset, (rows+63)/64)
	for i := range rows {
		if flag == 0 || raw[i/8]&(1<<(i%8)) != 0 {
			b[i/64] |= 1 << (i % 64)
		}
	}
	return b
}

func (d *decoder) text(c *Column) {
	n := d.uvarint()
	if n > uint64(len(d.data)) || d.bad {
		d.bad = true
		return
	}
	c.dict = make([]string, 0, n)
	for range n {
		size := d.uvarint()
		if size > uint64(len(d.data)) {
			d.bad = true
			return
		}
		c.dict = append(c.dict, string(d.take(int(size))))
	}
	c.codes = make([]uint32, c.rows)
	for i := range c.rows {
		if !c.present.has(i) {
			continue
		}
		k := d.uvarint()
		if d.bad || k >= n {
			d.bad = true
			return
		}
		c.codes[i] = uint32(k)
	}
}

func (d *decoder) numbers(c *Column) {
	form := d.byte()
	if form != 'i' && form != 'f' {
		d.bad = true
		return
	}
	c.nums = make([]float64, c.rows)
	for i := range c.rows {
		if !c.present.has(i) {
			continue
		}
		if form == 'i' {
			c.nums[i] = float64(d.varint())
		} else if b := d.take(8); b != nil {
			c.nums[i] = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
		if d.bad || math.IsNaN(c.nums[i]) || math.IsInf(c.nums[i], 0) {
			d.bad = true
			return
		}
	}
}
