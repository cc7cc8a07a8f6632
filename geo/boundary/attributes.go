package boundary

import (
	"fmt"
	"strconv"

	"chatmrpt/geo/feature"
)

// freeCells is how many cells of a table need no bytes of the file to justify
// them.
const freeCells = 1_000_000

// cell is one property of one feature, as the document writes it.
type cell struct {
	row int
	raw []byte
}

// attributes collects the properties of features, whose keys may differ from
// feature to feature. Columns keep the order in which keys first appear.
type attributes struct {
	names []string
	cells [][]cell
	index map[string]int
}

// set stores a property of a row. Rows come in ascending order; the last
// value of a row wins.
func (a *attributes) set(row int, key string, raw []byte) {
	if a.index == nil {
		a.index = map[string]int{}
	}
	i, known := a.index[key]
	if !known {
		i = len(a.names)
		a.index[key] = i
		a.names = append(a.names, key)
		a.cells = append(a.cells, nil)
	}
	a.cells[i] = append(a.cells[i], cell{row: row, raw: raw})
}

// columns makes full columns for a number of rows. It refuses a table far
// larger than the size of its file explains: thousands of keys, each in one
// feature only.
func (a *attributes) columns(rows, size int) ([]feature.Column, error) {
	if rows > 0 && len(a.names) > (size+freeCells)/rows {
		return nil, fmt.Errorf("%d features with %d different properties make too large a table", rows, len(a.names))
	}
	out := make([]feature.Column, len(a.names))
	for i, name := range a.names {
		out[i] = column(name, a.cells[i], rows)
	}
	return out, nil
}

// column is a column of numbers when every value is one, else of text. null
// and empty text are missing.
func column(name string, cells []cell, rows int) feature.Column {
	c := feature.Column{Name: name, IsNumber: allNumbers(cells), Present: make([]bool, rows)}
	if c.IsNumber {
		c.Numbers = make([]float64, rows)
	} else {
		c.Texts = make([]string, rows)
	}
	for _, v := range cells {
		isNull := kindOf(v.raw) == 'n'
		switch {
		case c.IsNumber && !isNull:
			// Can't fail: allNumbers tried the same.
			c.Numbers[v.row], _ = strconv.ParseFloat(string(v.raw), 64)
			c.Present[v.row] = true
		case c.IsNumber:
			c.Numbers[v.row], c.Present[v.row] = 0, false
		case isNull:
			c.Texts[v.row], c.Present[v.row] = "", false
		default:
			c.Texts[v.row] = unquote(v.raw)
			c.Present[v.row] = c.Texts[v.row] != ""
		}
	}
	return c
}

// allNumbers reports whether there is a number and nothing but numbers and
// nulls.
func allNumbers(cells []cell) bool {
	any := false
	for _, v := range cells {
		switch kindOf(v.raw) {
		case 'n':
		case '0':
			if _, err := strconv.ParseFloat(string(v.raw), 64); err != nil {
				return false
			}
			any = true
		default:
			return false
		}
	}
	return any
}
