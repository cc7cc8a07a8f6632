// Package ods reads sheets of OpenDocument spreadsheets as rows of cells.
//
// No maintained Go library reads them; the part with the cells is XML of a few
// elements, read by the standard library in one pass. Rows and cells that the
// file repeats by a count are repeated here only when they hold something, and
// within the limits of a table: a workbook of one cell may state a million
// rows. What a formula last gave is read, the formula isn't.
package ods

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"chatmrpt/core/ingest/archive"
	"chatmrpt/core/ingest/grid"
)

// Sheet names one sheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
}

// Workbook is an opened workbook.
type Workbook struct {
	Sheets []Sheet // in the order of the tabs

	archive *archive.Archive
	size    int
}

const mimeType = "application/vnd.oasis.opendocument.spreadsheet"

// Claims reports whether data is a zip that holds an OpenDocument file.
func Claims(data []byte) bool {
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return false
	}
	a, err := archive.Open(data)
	return err == nil && a.Has("content.xml") && a.Has("mimetype")
}

// Open lists the sheets. It fails with a *problem.Problem when data is another
// OpenDocument file, is encrypted, cut or hostile.
func Open(data []byte) (*Workbook, error) {
	a, err := archive.Open(data)
	if err != nil {
		return nil, err
	}
	mime, err := a.Small("mimetype")
	if err != nil || !strings.HasPrefix(string(mime), mimeType) {
		return nil, grid.Bad("the file is an OpenDocument file, but not a spreadsheet",
			"Copy its table into a spreadsheet and save that as XLSX, ODS or CSV")
	}
	manifest, err := a.Small("META-INF/manifest.xml")
	if err == nil && bytes.Contains(manifest, []byte("encryption-data")) {
		return nil, grid.Bad("the workbook is protected with a password",
			"Open it in a spreadsheet program with its password, save it without one and import it again")
	}
	w := &Workbook{archive: a}
	if err := w.list(); err != nil {
		return nil, err
	}
	if len(w.Sheets) == 0 {
		return nil, grid.Bad("the workbook holds no sheet with cells", "Check that the right file was chosen, or save its table as CSV")
	}
	return w, nil
}

// Size is the number of bytes of the part with the cells, once it was read.
func (w *Workbook) Size() int { return w.size }

// list reads the names of the sheets, and which are hidden by their style.
func (w *Workbook) list() error {
	hidden, style := map[string]bool{}, ""
	return w.read(context.Background(), func(_ *xml.Decoder, t xml.Token) error {
		e, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case e.Name.Local == "style":
			style = attr(e, "name")
		case e.Name.Local == "table-properties":
			hidden[style] = attr(e, "display") == "false"
		case e.Name.Local == "table":
			w.Sheets = append(w.Sheets, Sheet{Name: attr(e, "name"), Hidden: hidden[attr(e, "style-name")]})
		}
		return nil
	})
}

// read hands every token of the part with the cells to visit.
func (w *Workbook) read(ctx context.Context, visit func(*xml.Decoder, xml.Token) error) error {
	part, err := w.archive.Part("content.xml")
	if err != nil {
		return archive.Explain(err, "its content")
	}
	defer part.Close()
	c := &counter{r: part}
	d := xml.NewDecoder(c)
	d.Strict = false
	for n := 0; ; n++ {
		t, err := d.Token()
		w.size = max(w.size, c.n)
		switch {
		case errors.Is(err, io.EOF) && n == 0:
			return archive.Explain(io.ErrUnexpectedEOF, "its content")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return archive.Explain(err, "its content")
		case n%8192 == 0 && ctx.Err() != nil:
			return ctx.Err()
		}
		if err := visit(d, t); err != nil {
			return err
		}
	}
}

// counter counts the bytes that pass.
type counter struct {
	r io.Reader
	n int
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// Rows hands every row of the sheet that has cells to yield, in order. It ends
// with the error of yield (grid.ErrStop ends it without one), of ctx, or with a
// *problem.Problem about the workbook.
func (w *Workbook) Rows(ctx context.Context, sheet Sheet, yield func(grid.Row) error) error {
	r := reader{ctx: ctx, sheet: sheet.Name, yield: yield}
	err := w.read(ctx, r.token)
	if errors.Is(err, grid.ErrStop) {
		return nil
	}
	return err
}

// reader turns tokens into rows.
type reader struct {
	ctx    context.Context
	sheet  string
	yield  func(grid.Row) error
	inside bool // in the sheet asked for
	row    grid.Row
	open   bool // a row was begun
	times  int  // the row stands so often
}

// errNesting says that rows and cells do not lie in each other as they must.
var errNesting = errors.New("a cell or the end of a row stands outside any row")

// broken is the problem of a sheet that can't be read on.
func (r *reader) broken(err error) error {
	return archive.Explain(err, fmt.Sprintf("sheet %s, near row %d", r.sheet, r.row.Number))
}

func (r *reader) token(d *xml.Decoder, t xml.Token) error {
	switch e := t.(type) {
	case xml.StartElement:
		return r.start(d, e)
	case xml.EndElement:
		switch {
		case e.Name.Local == "table" && r.inside:
			return grid.ErrStop
		case e.Name.Local == "table-row" && r.inside && !r.open:
			return r.broken(errNesting)
		case e.Name.Local == "table-row" && r.inside:
			r.open = false
			return r.finish()
		}
	}
	return nil
}

func (r *reader) start(d *xml.Decoder, e xml.StartElement) error {
	switch {
	case e.Name.Local == "table":
		r.inside = attr(e, "name") == r.sheet
	case !r.inside:
	case e.Name.Local == "table-row":
		r.row.Number++
		r.row.Cells, r.open = nil, true
		r.times = times(attr(e, "number-rows-repeated"))
	case (e.Name.Local == "table-cell" || e.Name.Local == "covered-table-cell") && !r.open:
		return r.broken(errNesting)
	case e.Name.Local == "table-cell", e.Name.Local == "covered-table-cell":
		return r.cell(d, e)
	}
	return nil
}

// times reads a count of repetitions, 1 when there is none.
func times(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 1
	}
	return min(n, grid.MaxRows+1)
}

// cell reads one cell to its end and puts it in the row as often as it stands.
func (r *reader) cell(d *xml.Decoder, e xml.StartElement) error {
	text, err := cellText(d)
	if err != nil {
		return r.broken(err)
	}
	c := cellOf(e, text)
	n := times(attr(e, "number-columns-repeated"))
	if c.Kind != grid.Empty && len(r.row.Cells)+n > grid.MaxColumns {
		return grid.TooManyColumns(r.row.Number)
	}
	for range min(n, grid.MaxColumns+1-len(r.row.Cells)) {
		r.row.Cells = append(r.row.Cells, c)
	}
	return nil
}

// finish hands the row on, as often as it stands when it holds anything.
func (r *reader) finish() error {
	first := r.row.Number
	r.row.Number += r.times - 1
	if r.row.Width() == 0 {
		return nil
	}
	out := r.row
	for n := first; n <= r.row.Number; n++ {
		out.Number = n
		switch {
		case n > grid.MaxRows:
			return grid.TooManyRows()
		case n%4096 == 0 && r.ctx.Err() != nil:
			return r.ctx.Err()
		}
		if err := out.CheckSize(); err != nil {
			return err
		}
		if err := r.yield(out); err != nil {
			return err
		}
	}
	return nil
}

// cellOf makes the cell from its type and value, or its text (ODF 1.3 part 3,
// 19.387).
func cellOf(e xml.StartElement, text string) grid.Cell {
	switch attr(e, "value-type") {
	case "float", "percentage", "currency":
		v, err := strconv.ParseFloat(attr(e, "value"), 64)
		if err != nil || v-v != 0 {
			return grid.TextOf([]byte(text))
		}
		return grid.Cell{Kind: grid.Number, Num: v}
	case "date":
		if days, ok := days(attr(e, "date-value")); ok {
			return grid.Cell{Kind: grid.Date, Num: days}
		}
	case "boolean":
		return grid.TextOf([]byte(strings.ToUpper(attr(e, "boolean-value"))))
	case "string":
		if v := attr(e, "string-value"); v != "" {
			text = v
		}
	}
	if strings.HasPrefix(text, "#") && (strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") || text == "#N/A") {
		return grid.Cell{Kind: grid.Error, Text: []byte(text)}
	}
	return grid.TextOf([]byte(text))
}

// days counts from 1899-12-30, as spreadsheet programs do.
func days(s string) (float64, bool) {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		t, err := time.Parse(layout, s)
		if d := t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24; err == nil && d >= 1 {
			return d, true
		}
	}
	return 0, false
}

// cellText collects the paragraphs of a cell up to its end; comments and
// drawings in it are left out.
func cellText(d *xml.Decoder) (string, error) {
	var b strings.Builder
	paragraphs, inside := 0, 0
	for {
		t, err := d.Token()
		if err != nil {
			return "", noEOF(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "annotation", "shape", "frame", "table":
				if err := d.Skip(); err != nil {
					return "", noEOF(err)
				}
				continue
			case "p":
				if paragraphs++; paragraphs > 1 {
					b.WriteByte('\n')
				}
			case "s":
				b.WriteString(strings.Repeat(" ", min(times(attr(t, "c")), 64)))
			case "tab":
				b.WriteByte('\t')
			case "line-break":
				b.WriteByte('\n')
			}
			inside++
		case xml.CharData:
			if inside > 0 {
				b.Write(t)
			}
		case xml.EndElement:
			if inside--; inside < 0 {
				return b.String(), nil
			}
		}
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
