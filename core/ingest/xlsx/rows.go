package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"chatmrpt/core/ingest/archive"
	"chatmrpt/core/ingest/grid"
)

// Rows hands every row of the sheet that has cells to yield, in order. It
// ends with the error of yield (grid.ErrStop ends it without one), of ctx, or
// with a *problem.Problem about the workbook.
func (w *Workbook) Rows(ctx context.Context, sheet Sheet, yield func(grid.Row) error) error {
	err := w.strings.load(ctx, w.container)
	if err != nil {
		return w.failure(ctx, err, "its common strings")
	}
	part, err := w.container.Part(sheet.part)
	if err != nil {
		return archive.Explain(err, "sheet "+sheet.Name)
	}
	defer part.Close()
	w.unpacked = &counter{r: part}
	r := rowReader{w: w, s: newScanner(w.unpacked), yield: yield}
	err = r.run(ctx)
	if errors.Is(err, grid.ErrStop) {
		return nil
	}
	if err == nil {
		r.tail()
		// The checksum stands behind the last byte: a flipped bit can leave
		// XML that reads well and lacks a thousand rows.
		_, err = io.Copy(io.Discard, w.unpacked)
	}
	if r.yieldErr != nil {
		return r.yieldErr
	}
	return w.failure(ctx, err, fmt.Sprintf("sheet %s, near row %d", sheet.Name, r.row.Number))
}

// failure leaves cancellation as it is and explains everything else.
func (w *Workbook) failure(ctx context.Context, err error, where string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return archive.Explain(err, where)
}

// Unpacked is the number of bytes read so far of the sheet being read, or
// last read, as XML.
func (w *Workbook) Unpacked() int {
	if w.unpacked == nil {
		return 0
	}
	return int(w.unpacked.n)
}

// rowReader turns the tags of a sheet into rows.
type rowReader struct {
	w        *Workbook
	s        *scanner
	yield    func(grid.Row) error
	yieldErr error
	row      grid.Row
	column   int    // of the cell last read, from 0; -1 before the first
	arena    []byte // the texts of the row
	value    []byte // the raw <v> of the cell
	started  bool   // <sheetData> was seen
}

func (r *rowReader) run(ctx context.Context) error {
	for {
		k, err := r.s.next()
		switch {
		case isEOF(err) && !r.started:
			return errXML
		case isEOF(err):
			return cut(err)
		case err != nil:
			return err
		case k == chars || k == cdata:
		case r.s.is("sheetData"):
			r.started = true
			if k != opening {
				return nil
			}
		case k == closing:
		case r.s.is("row"):
			if err := r.readRow(ctx, k); err != nil {
				return err
			}
		}
	}
}

// tail looks for merged cells behind the rows. What else stands there, and
// whether it reads well, does not matter.
func (r *rowReader) tail() {
	r.w.merges = r.w.merges[:0]
	for {
		k, err := r.s.next()
		if err != nil {
			return
		}
		if (k != opening && k != single) || !r.s.is("mergeCell") || len(r.w.merges) >= grid.MaxMerges {
			continue
		}
		from, to, ok := strings.Cut(r.s.value("ref"), ":")
		first, firstRow, good := reference(from)
		last, lastRow, fine := reference(to)
		if ok && good && fine {
			r.w.merges = append(r.w.merges, grid.Range{Row: firstRow, LastRow: lastRow, Column: first, LastColumn: last})
		}
	}
}

// reference reads a cell's name such as AB12.
func reference(s string) (column, row int, ok bool) {
	s = strings.ReplaceAll(s, "$", "")
	column, ok = columnOf([]byte(s))
	row, err := strconv.Atoi(strings.TrimLeft(strings.ToUpper(s), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	return column, row, ok && err == nil && row > 0
}

// Merges lists the merged ranges of the sheet that was last read to its end.
func (w *Workbook) Merges() []grid.Range { return w.merges }

// readRow reads a row with its cells and hands it on.
func (r *rowReader) readRow(ctx context.Context, k kind) error {
	r.startRow()
	if r.row.Number > grid.MaxRows {
		return grid.TooManyRows()
	}
	if r.row.Number%4096 == 0 && ctx.Err() != nil {
		return ctx.Err()
	}
	if k == opening {
		if err := r.cells(); err != nil {
			return err
		}
	}
	if err := r.yield(r.row); err != nil {
		r.yieldErr = err
		return err
	}
	return nil
}

// startRow takes the row's number from its tag. A number that is absent or
// does not grow is that of the row before plus one.
func (r *rowReader) startRow() {
	n := r.row.Number + 1
	if raw, ok := r.s.attr("r"); ok {
		if v, err := strconv.Atoi(string(raw)); err == nil && v > n {
			n = v
		}
	}
	r.row.Number, r.row.Cells, r.arena, r.column = n, r.row.Cells[:0], r.arena[:0], -1
}

// cells reads up to the end of the row.
func (r *rowReader) cells() error {
	for {
		k, err := r.s.next()
		switch {
		case err != nil:
			return cut(err)
		case k == closing && r.s.is("row"):
			return nil
		case (k == opening || k == single) && r.s.is("c"):
			if err := r.cell(k); err != nil {
				return err
			}
		}
	}
}

// cellTag is what a <c> tag says.
type cellTag struct {
	column int
	kind   string // the t attribute, "" for a number
	style  int
}

func (r *rowReader) cell(k kind) error {
	tag := r.readTag()
	r.column = tag.column
	if k == single {
		return nil
	}
	text, hasText, err := r.content()
	if err != nil {
		return err
	}
	c, err := r.convert(tag, text, hasText)
	if err != nil || c.Kind == grid.Empty {
		return err
	}
	if tag.column >= grid.MaxColumns {
		return grid.TooManyColumns(r.row.Number)
	}
	if len(c.Text) > grid.MaxCell && utf8.RuneCount(c.Text) > grid.MaxCell {
		return grid.CellTooLong(r.row.Number)
	}
	for len(r.row.Cells) <= tag.column {
		r.row.Cells = append(r.row.Cells, grid.Cell{})
	}
	r.row.Cells[tag.column] = c
	return nil
}

// readTag walks the attributes of a <c> once: this is the hottest place.
func (r *rowReader) readTag() cellTag {
	tag := cellTag{column: r.column + 1}
	rest := r.s.attrs
	for {
		key, value, after, ok := nextAttr(rest)
		if !ok {
			return tag
		}
		rest = after
		if len(key) != 1 {
			continue
		}
		switch key[0] {
		case 'r':
			if n, ok := columnOf(value); ok {
				tag.column = n
			}
		case 't':
			tag.kind = cellKind(value)
		case 's':
			tag.style, _ = strconv.Atoi(string(value))
		}
	}
}

// cellKind returns the t attribute without allocating for the known values.
func cellKind(raw []byte) string {
	switch string(raw) {
	case "s":
		return "s"
	case "n":
		return ""
	case "inlineStr":
		return "inlineStr"
	case "str":
		return "str"
	case "b":
		return "b"
	case "e":
		return "e"
	case "d":
		return "d"
	}
	return string(raw)
}

// columnOf reads the letters of a reference like AB12.
func columnOf(ref []byte) (int, bool) {
	n := 0
	for i, c := range ref {
		if c |= 0x20; c < 'a' || c > 'z' {
			return n - 1, i > 0
		}
		if n = n*26 + int(c-'a') + 1; n > 1<<20 {
			return 0, false
		}
	}
	return 0, false
}

// content reads to the end of the cell: the raw value, or the text of an
// inline string, which is true.
func (r *rowReader) content() (text []byte, inline bool, err error) {
	inValue := false
	r.value = r.value[:0]
	for {
		k, err := r.s.next()
		if err != nil {
			return nil, false, cut(err)
		}
		switch {
		case k == chars || k == cdata:
			if inValue {
				r.value = r.s.appendText(r.value, k)
			}
		case r.s.is("v"):
			inValue = k == opening
		case k == opening && r.s.is("is"):
			from := len(r.arena)
			if r.arena, err = r.s.richText("is", r.arena); err != nil {
				return nil, false, err
			}
			text, inline = r.arena[from:len(r.arena):len(r.arena)], true
		case k == closing && r.s.is("c"):
			return text, inline, nil
		}
	}
}

// convert makes the cell from its tag and what it holds.
func (r *rowReader) convert(tag cellTag, inline []byte, isInline bool) (grid.Cell, error) {
	switch {
	case isInline:
		return grid.TextOf(inline), nil
	case len(r.value) == 0:
		return grid.Cell{}, nil
	}
	switch tag.kind {
	case "s":
		n, err := strconv.Atoi(string(r.value))
		if err != nil {
			return grid.Cell{}, errXML
		}
		text, err := r.w.strings.get(n)
		return grid.TextOf(text), err
	case "":
		return r.number(tag.style), nil
	case "b":
		return grid.TextOf(boolean(r.value)), nil
	case "e":
		return grid.Cell{Kind: grid.Error, Text: r.keep(r.value)}, nil
	}
	return grid.TextOf(unescapeX(r.keep(r.value))), nil
}

// keep copies b to the row's arena.
func (r *rowReader) keep(b []byte) []byte {
	from := len(r.arena)
	r.arena = append(r.arena, b...)
	return r.arena[from:len(r.arena):len(r.arena)]
}

// number reads a numeric cell. What is too big or no number stays a text, so
// that it is seen and refused where a number is needed.
func (r *rowReader) number(style int) grid.Cell {
	v, err := strconv.ParseFloat(string(r.value), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return grid.TextOf(r.keep(r.value))
	}
	if style >= 0 && style < len(r.w.dates) && r.w.dates[style] {
		return grid.DateOf(v, r.w.date1904)
	}
	return grid.Cell{Kind: grid.Number, Num: v}
}

func boolean(raw []byte) []byte {
	if string(raw) == "1" || string(raw) == "true" {
		return []byte("TRUE")
	}
	return []byte("FALSE")
}
