// Package table holds typed, nullable, column-wise tables: what every reader
// produces, every calculation takes and the store keeps.
//
// Missing is a value of its own (a cell without a bit in the column's presence
// set), never 0, NaN or "". A number that was filled in by a choice of the
// user carries a mark that survives storage and export. A column knows what it
// means (Role), in which unit, and where it came from.
package table

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Table is a list of columns of equal length.
type Table struct {
	Name    string
	Columns []*Column
}

// New makes a table of the given columns. It fails when their lengths differ
// or a name stands twice.
func New(name string, columns ...*Column) (*Table, error) {
	t := &Table{Name: name}
	for _, c := range columns {
		if err := t.Add(c); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Add appends a column. It fails when the length differs from the others' or
// the name is taken.
func (t *Table) Add(c *Column) error {
	if len(t.Columns) > 0 && c.Len() != t.Rows() {
		return fmt.Errorf("table %s: column %s has %d rows, the others %d", t.Name, c.Name, c.Len(), t.Rows())
	}
	if _, ok := t.Column(c.Name); ok {
		return fmt.Errorf("table %s: two columns named %s", t.Name, c.Name)
	}
	t.Columns = append(t.Columns, c)
	return nil
}

// Rows returns the number of rows; a table without columns has none.
func (t *Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return t.Columns[0].Len()
}

// Column returns the column of that name.
func (t *Table) Column(name string) (*Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return nil, false
}

// Role returns the first column with role r.
func (t *Table) Role(r Role) (*Column, bool) {
	for _, c := range t.Columns {
		if c.Role == r {
			return c, true
		}
	}
	return nil, false
}

// Pick returns a new table of the given rows, in that order.
func (t *Table) Pick(rows []int) *Table {
	out := &Table{Name: t.Name}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, c.Pick(rows))
	}
	return out
}

// Hash identifies the content of the table: names, roles, units and cells.
// It does not depend on the table's own name or on where a column came from,
// so the same data read from two files has the same hash.
func (t *Table) Hash() [sha256.Size]byte {
	h := sha256.New()
	for _, c := range t.Columns {
		for _, s := range []string{c.Name, string(c.Role), c.Unit} {
			h.Write(binary.AppendUvarint(nil, uint64(len(s))))
			h.Write([]byte(s))
		}
		data := c.Encode()
		h.Write(binary.AppendUvarint(nil, uint64(len(data))))
		h.Write(data)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
