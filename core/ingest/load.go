package ingest

import (
	"context"
	"fmt"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/ingest/repair"
)

// cellsPerByte bounds the table by what is really in the file: more cells
// than this for a byte come from rows of nothing under a very wide header.
const (
	cellsPerByte = 64
	freeCells    = 1 << 20
)

// loader fills columns row by row.
type loader struct {
	src    source
	head   heading
	sheet  *sheet
	report *Report
}

// load reads every row below the header into columns.
func load(ctx context.Context, src source, head heading, rep *Report) (*sheet, error) {
	l := loader{src: src, head: head, report: rep, sheet: newSheet(src, head, rep)}
	if err := src.rows(ctx, l.row); err != nil {
		return nil, err
	}
	if src.merges != nil {
		merges, err := src.merges(ctx)
		if err != nil {
			return nil, err
		}
		l.sheet.merges = overRows(merges)
	}
	if l.sheet.rows == 0 {
		return nil, grid.Bad(fmt.Sprintf("there are no usable rows below the header in row %d of %s", head.row, where(src)),
			"Look at the rows refused: each has more fields than the header, as when a text with a comma is not in quotation marks")
	}
	return l.sheet, nil
}

func newSheet(src source, head heading, rep *Report) *sheet {
	s := &sheet{origin: rep.File}
	if src.sheet != "" {
		s.origin += ", sheet " + src.sheet
	}
	if src.csv != nil {
		s.delimiter = src.csv.Delimiter
	}
	for i, n := range head.names {
		s.columns = append(s.columns, &column{written: n, place: i})
	}
	return s
}

// row takes one row of the file.
func (l *loader) row(r grid.Row) error {
	switch {
	case r.Number < l.head.row:
		return nil
	case r.Number <= l.head.last:
		if l.head.last == l.head.row {
			l.writtenHeaders(r)
		}
		return nil
	case blankRow(r):
		l.report.Rows.Empty++
		return nil
	}
	l.report.Rows.Read++
	if reason := l.fit(r); reason != "" {
		l.report.refuse(r.Number, reason)
		return nil
	}
	return l.keep(r)
}

// writtenHeaders notes the headers as they stand in the file, before repair.
func (l *loader) writtenHeaders(r grid.Row) {
	offset := 0
	if l.head.shifted {
		offset = 1
	}
	for i, c := range r.Cells {
		if i+offset < len(l.sheet.columns) && c.Kind == grid.Text {
			l.sheet.columns[i+offset].written = string(c.Text)
		}
	}
}

// fit decides whether a row can be a row of the table, and why not.
func (l *loader) fit(r grid.Row) string {
	names, width := len(l.sheet.columns), r.Width()
	if l.src.csv != nil {
		switch {
		case width > names:
			return fmt.Sprintf("%d fields under %d column names", width, names)
		case len(r.Cells) > names:
			l.report.Rows.Trimmed++
		case len(r.Cells) < names:
			l.report.Rows.Padded++
		}
	}
	if l.repeatsHeader(r) {
		return "repeats the header"
	}
	return ""
}

// repeatsHeader: exports joined one below the other repeat it.
func (l *loader) repeatsHeader(r grid.Row) bool {
	same := 0
	for i, c := range r.Cells {
		if c.Kind == grid.Empty {
			continue
		}
		if c.Kind != grid.Text || i >= len(l.sheet.columns) || l.sheet.columns[i].written != string(c.Text) {
			return false
		}
		same++
	}
	return same >= 2 || same == 1 && len(l.sheet.columns) == 1
}

// keep adds the row to the columns. A workbook's cells stand under their
// column for certain, so those without a header get one without a name.
func (l *loader) keep(r grid.Row) error {
	s := l.sheet
	for len(s.columns) < r.Width() {
		s.columns = append(s.columns, &column{place: len(s.columns)})
	}
	cells := (s.rows + 1) * len(s.columns)
	if cells > grid.MaxCells || cells > freeCells+cellsPerByte*l.src.size() {
		return grid.Bad(fmt.Sprintf("the table has too many cells: %d columns by more than %d rows", len(s.columns), s.rows),
			"Keep the columns you need, or split the file, for instance one file a year")
	}
	for i, c := range r.Cells {
		if c.Kind != grid.Empty {
			s.columns[i].add(s.rows, r.Number, c)
		}
	}
	s.lines = append(s.lines, uint32(r.Number))
	s.rows++
	l.report.Rows.Kept++
	return nil
}

// mend repairs headers and texts, each distinct text once, and learns which
// texts are numbers.
func mend(s *sheet, rep *Report) {
	for _, c := range s.columns {
		c.name = mendHeader(c.written, rep)
		for i := range c.dict {
			e := &c.dict[i]
			fixed, kinds := repair.Text(e.text)
			report(rep, kinds, e.count, e.text, fixed)
			e.text = fixed
		}
		c.index = nil // the texts it knows are no longer those of the dictionary
	}
	parse(s, numberStyle(s, rep))
}

func mendHeader(written string, rep *Report) string {
	name, kinds := repair.Header(written)
	report(rep, kinds, 1, written, name)
	return name
}

func report(rep *Report, kinds repair.Kind, count int, from, to string) {
	for _, k := range repair.Kinds() {
		if kinds&k != 0 {
			rep.repaired(k.String(), count, from, to)
		}
	}
}
