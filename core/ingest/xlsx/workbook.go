// Package xlsx reads sheets of Office Open XML workbooks as rows of cells.
//
// It streams: the sheet is unpacked, cut into tags and turned into cells in
// one pass with a buffer of a few kilobytes, so a sheet of 220 MB costs no
// memory; only the strings that a workbook keeps in a common part are held.
// General libraries took four times the time of the house's budget for
// 300,000 × 30 cells. They are the oracle of the tests instead.
//
// What a formula last gave is read, the formula isn't. Styles are looked at
// for one thing: which numbers are dates.
package xlsx

import (
	"path"
	"strings"

	"chatmrpt/core/ingest/archive"
	"chatmrpt/core/ingest/grid"
)

// Sheet names one sheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	part   string
}

// Workbook is an opened workbook.
type Workbook struct {
	Sheets []Sheet // in the order of the tabs, charts and macros left out

	container *archive.Archive
	date1904  bool
	dates     []bool // by cell style: is a number a date?
	strings   *stringTable
	unpacked  *counter
	merges    []grid.Range
}

// Open reads the parts that describe the workbook. It fails with a
// *problem.Problem when data is not a workbook, is encrypted, cut or hostile.
func Open(data []byte) (*Workbook, error) {
	if err := impostor(data); err != nil {
		return nil, err
	}
	c, err := archive.Open(data)
	if err != nil {
		return nil, err
	}
	root := workbookPart(c)
	if root == "" {
		return nil, wrongZip(c)
	}
	w := &Workbook{container: c}
	if err := w.describe(root); err != nil {
		return nil, archive.Explain(err, "its description")
	}
	return w, nil
}

// describe reads workbook, relationships, styles and common strings.
func (w *Workbook) describe(root string) error {
	targets, err := relations(w.container, root)
	if err != nil {
		return err
	}
	if err := w.readSheets(root, targets); err != nil {
		return err
	}
	styles, shared := path.Join(path.Dir(root), "styles.xml"), path.Join(path.Dir(root), "sharedStrings.xml")
	for _, t := range targets {
		switch {
		case strings.HasSuffix(t.kind, "/styles"):
			styles = t.part
		case strings.HasSuffix(t.kind, "/sharedStrings"):
			shared = t.part
		}
	}
	if w.dates, err = dateStyles(w.container, styles); err != nil {
		return err
	}
	w.strings = &stringTable{part: shared}
	return nil
}

// workbookPart finds the workbook through the package's relationships, which
// some writers need, or where it nearly always is.
func workbookPart(c *archive.Archive) string {
	if targets, err := relations(c, ""); err == nil {
		for _, t := range targets {
			if strings.HasSuffix(t.kind, "/officeDocument") && c.Has(t.part) && !strings.HasSuffix(t.part, ".bin") {
				return t.part
			}
		}
	}
	if c.Has("xl/workbook.xml") {
		return "xl/workbook.xml"
	}
	return ""
}

// relation is one line of a relationships part.
type relation struct {
	id, kind, part string
}

// relations reads where the part named owner points to; "" is the package.
func relations(c *archive.Archive, owner string) ([]relation, error) {
	dir, file := path.Split(owner)
	data, err := c.Small(path.Join(dir, "_rels", file+".rels"))
	if err != nil {
		return nil, err
	}
	var out []relation
	err = eachTag(data, func(s *scanner) {
		if !s.is("Relationship") {
			return
		}
		target := s.value("Target")
		if strings.HasPrefix(target, "/") {
			target = path.Clean(target)[1:]
		} else {
			target = path.Join(dir, target)
		}
		out = append(out, relation{s.value("Id"), s.value("Type"), target})
	})
	return out, err
}

// readSheets lists the sheets that are tables of cells.
func (w *Workbook) readSheets(root string, targets []relation) error {
	data, err := w.container.Small(root)
	if err != nil {
		return err
	}
	position := 0
	err = eachTag(data, func(s *scanner) {
		switch {
		case s.is("workbookPr"):
			// Extensions of spreadsheet programs for Macs have an element of the
			// same name, later and without this attribute.
			v := s.value("date1904")
			w.date1904 = w.date1904 || v == "1" || v == "true"
		case s.is("sheet"):
			position++
			sheet := Sheet{Name: s.value("name"), Hidden: strings.Contains(strings.ToLower(s.value("state")), "hidden")}
			sheet.part = w.sheetPart(path.Dir(root), s.value("id"), position, targets)
			if sheet.part != "" {
				w.Sheets = append(w.Sheets, sheet)
			}
		}
	})
	if err == nil && len(w.Sheets) == 0 {
		return grid.Bad("the workbook holds no sheet with cells", "Check that the right file was chosen, or save its table as CSV")
	}
	return err
}

// sheetPart resolves a sheet's relationship. A workbook whose relationships
// are lost still has its sheets in the usual places.
func (w *Workbook) sheetPart(dir, id string, position int, targets []relation) string {
	for _, t := range targets {
		if t.id == id && id != "" {
			if strings.HasSuffix(t.kind, "/worksheet") && w.container.Has(t.part) {
				return t.part
			}
			return ""
		}
	}
	if p := path.Join(dir, "worksheets", "sheet"+itoa(position)+".xml"); w.container.Has(p) {
		return p
	}
	return ""
}

// eachTag hands every opening tag of a small part to visit.
func eachTag(data []byte, visit func(*scanner)) error {
	s := newScanner(strings.NewReader(string(data)))
	for {
		k, err := s.next()
		switch {
		case isEOF(err):
			return nil
		case err != nil:
			return err
		case k == opening || k == single:
			visit(s)
		}
	}
}

// value returns an attribute with its entities resolved, "" when absent.
func (s *scanner) value(name string) string {
	raw, _ := s.attr(name)
	return string(unescape(nil, raw))
}
