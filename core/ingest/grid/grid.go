// Package grid is what every file of a table looks like before it has any
// meaning: numbered rows of cells, each empty, a text, a number, a date or a
// spreadsheet error. The readers of file formats produce it, the recognition
// of headers and values consumes it, and the limits every reader keeps stand
// here, so that they can't differ from format to format.
//
// Rows are handed to a function one at a time and their bytes may be reused
// afterwards: a table of two million rows is never held twice.
package grid

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"chatmrpt/core/problem"
)

// The limits of a table. They are far above what a national health system
// writes in a file and far below what could hurt a laptop.
const (
	MaxRows    = 2_000_000  // rows of one sheet, the empty ones included
	MaxColumns = 1_000      // columns that hold something
	MaxCell    = 32_767     // characters of one cell, as in every spreadsheet program
	MaxCells   = 64_000_000 // rows × columns of the table that comes out
)

// Kind says what a cell holds.
type Kind uint8

// The kinds of cell. A CSV file has only Empty and Text.
const (
	Empty  Kind = iota
	Text        // Text holds the characters, as UTF-8
	Number      // Num holds a finite number
	Date        // Num holds days since 1899-12-30, the fraction being the time of day
	Error       // Text holds the spreadsheet's error: #DIV/0!, #N/A …
)

// Cell is one cell. Text is valid only until the function that was handed the
// cell returns.
type Cell struct {
	Kind Kind
	Text []byte
	Num  float64
}

// Row is one row as it stands in the file.
type Row struct {
	Number int    // 1-based, counted as a spreadsheet program counts
	Cells  []Cell // from the first column; trailing empty cells may be absent
}

// Width returns the number of cells up to the last that is not empty.
func (r Row) Width() int {
	for n := len(r.Cells); n > 0; n-- {
		if r.Cells[n-1].Kind != Empty {
			return n
		}
	}
	return 0
}

// CheckSize returns the Problem of a row beyond MaxColumns or with a cell beyond
// MaxCell.
func (r Row) CheckSize() error {
	if r.Width() > MaxColumns {
		return TooManyColumns(r.Number)
	}
	for _, c := range r.Cells {
		if len(c.Text) > MaxCell && utf8.RuneCount(c.Text) > MaxCell {
			return CellTooLong(r.Number)
		}
	}
	return nil
}

// Clone returns a copy that stays valid.
func (r Row) Clone() Row {
	out := Row{Number: r.Number, Cells: append([]Cell(nil), r.Cells...)}
	for i := range out.Cells {
		out.Cells[i].Text = append([]byte(nil), out.Cells[i].Text...)
	}
	return out
}

// ErrStop is returned by the function that is handed the rows when it has seen
// enough. The reader then ends without an error.
var ErrStop = errors.New("enough rows")

// Bad makes the Problem of a file that can't be used as it is. Its Subject,
// the file's name, is filled in by the caller that knows it.
func Bad(message, hint string) *problem.Problem {
	return problem.New(problem.BadInput, "import", "", message, hint)
}

// TooManyRows is the Problem of a table beyond MaxRows.
func TooManyRows() *problem.Problem {
	return Bad(fmt.Sprintf("more than %d rows", MaxRows),
		"Split the file, for instance one file a year, and import the parts one after the other")
}

// TooManyColumns is the Problem of a row beyond MaxColumns.
func TooManyColumns(row int) *problem.Problem {
	return Bad(fmt.Sprintf("row %d has more than %d columns", row, MaxColumns),
		"Keep the columns you need in a new sheet, or check that the file is a table with one facility or ward a row")
}

// CellTooLong is the Problem of a cell beyond MaxCell.
func CellTooLong(row int) *problem.Problem {
	return Bad(fmt.Sprintf("row %d has a cell of more than %d characters", row, MaxCell),
		"Look at that row for a quotation mark that is opened and not closed, or shorten the text")
}
