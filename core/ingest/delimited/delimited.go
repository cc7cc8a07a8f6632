// Package delimited reads tables kept as text: CSV, semicolon and tab files,
// in UTF-8, UTF-16 or an older encoding, quoted or not.
//
// The whole file is in memory and fields are slices of it, so reading costs
// no more than looking at each byte once. The parser is lenient where
// spreadsheet programs are (a quotation mark inside an unquoted field is a
// character like another) and strict where leniency would lose rows (a quoted
// field that never ends is a problem that names the row it began in).
package delimited

import (
	"bytes"
	"context"
	"errors"

	"chatmrpt/core/ingest/grid"
)

// File is an opened text table.
type File struct {
	Encoding  string // "UTF-8", "UTF-16LE", "windows-1252" …
	Delimiter string // one character
	Strays    int    // bytes of another encoding inside a UTF-8 file, read as windows-1252

	text    []byte
	dialect dialect
}

// Open finds encoding and dialect of data. It fails with a *problem.Problem
// when data is not text.
func Open(data []byte) (*File, error) {
	d, err := decode(data)
	if err != nil {
		return nil, err
	}
	f := &File{Encoding: d.encoding, Strays: d.strays, text: d.text, dialect: sniff(d.text)}
	f.Delimiter = string(rune(f.dialect.delimiter))
	return f, nil
}

// Size is the number of bytes of the text, as UTF-8.
func (f *File) Size() int { return len(f.text) }

// Rows hands every record to yield, the empty ones too. It ends with the
// error of yield (grid.ErrStop ends it without one), of ctx, or with a
// *problem.Problem about the file.
func (f *File) Rows(ctx context.Context, yield func(grid.Row) error) error {
	p := parser{text: f.text, dialect: f.dialect}
	p.text = p.text[f.dialect.skip:]
	row := grid.Row{}
	if f.dialect.skip > 0 {
		row.Number = 1 // the "sep=" line is a row in a spreadsheet program
	}
	for {
		fields, ok, err := p.next()
		if err != nil {
			return unterminated(row.Number + 1)
		}
		if !ok {
			return nil
		}
		row.Number++
		if row.Number%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := fill(&row, fields); err != nil {
			return err
		}
		if err := yield(row); err != nil {
			if errors.Is(err, grid.ErrStop) {
				return nil
			}
			return err
		}
	}
}

// fill turns fields into cells within the limits.
func fill(row *grid.Row, fields [][]byte) error {
	if row.Number > grid.MaxRows {
		return grid.TooManyRows()
	}
	if len(fields) > grid.MaxColumns && len(bytes.Join(fields[grid.MaxColumns:], nil)) > 0 {
		return grid.TooManyColumns(row.Number)
	}
	row.Cells = row.Cells[:0]
	for _, f := range fields[:min(len(fields), grid.MaxColumns)] {
		switch {
		case len(f) > grid.MaxCell && len([]rune(string(f))) > grid.MaxCell:
			return grid.CellTooLong(row.Number)
		case len(f) == 0:
			row.Cells = append(row.Cells, grid.Cell{})
		default:
			row.Cells = append(row.Cells, grid.Cell{Kind: grid.Text, Text: f})
		}
	}
	return nil
}

func unterminated(row int) error {
	return grid.Bad("the quotation mark opened in row "+itoa(row)+" is never closed",
		"Open the file in a text editor, go to that row and close or remove the quotation mark; or save it again from a spreadsheet program")
}
