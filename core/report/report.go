// Package report sets results on paper: a brief of two or three A4 pages for
// the director of a programme, and a single map. It computes no figure; every
// word and number is handed in.
//
// The brief is made in two steps. Layout (compose, press, grid) turns the
// document into pages of plain items, measured in the very font that is
// printed, so that what overflows, overlaps or breaks badly is seen by a test
// without reading a PDF. Printing (printPages) then puts the items on paper one by
// one and decides nothing. What is empty is left out with its heading. Equal
// documents give equal bytes.
package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"chatmrpt/geo/draw"
	"chatmrpt/geo/scene"
	"codeberg.org/go-pdf/fpdf"
)

// ErrCreated is returned when the time of creation is missing. The PDF writer
// would put in the present, and equal documents would differ.
var ErrCreated = errors.New("report: no time of creation was given")

// ErrScene is returned by MapPDF when there is no scene.
var ErrScene = errors.New("report: no map was given")

// Fact is one labelled statement, such as "Models" and "all 57 combinations".
type Fact struct{ Label, Value string }

// Table is a small table. A row shorter than the head is filled with empty
// cells, a longer one is cut; an empty cell is printed as "–".
type Table struct {
	Title   string
	Head    []string
	Rows    [][]string
	Numeric []bool   // per column: right-aligned and never shortened; none: no column
	Marks   []string // optional, per row: "High", "Medium", "Low", or "" for no mark
	Note    string   // small print under the table
}

// Document is everything the brief says. Any part may be empty; then the brief
// does without it.
type Document struct {
	Title, Subtitle string
	Fictional       bool      // every page then says that the data are made up
	Created         time.Time // printed as it stands, in its own time zone; not zero
	Author          string    // the profile's name
	Version         string    // of the program
	Summary         []string  // the answer first: two to four sentences
	Facts           []Fact    // the choices that change the answer

	// Maps are the risk map and, if there is one, that of the plan. They are
	// printed 499 points wide: a scene of 416 points gives small print that
	// can be read, and at a height of 300 for the first and 232 for the second
	// each stays on the page with what it belongs to.
	Maps []*scene.Scene

	Top, Bottom *Table // the wards at the two ends of the ranking
	Plan        *Table
	Directions  *Table   // of the variables, with reasons
	Method      []string // paragraphs
	Quality     []string // of the data, one sentence each
	Sources     []Fact   // every file and run the figures rest on
	Limits      []string // what the figures can't say
}

// program is the name of the maker in the metadata of a file.
const program = "ChatMRPT"

// PDF writes the brief on A4 pages. The first map of the document follows the
// summary, the others go with the plan. Maps are drawn as vectors and all text
// can be selected and searched.
//
// It fails with ErrCreated, with the error of a map that can't be drawn, when
// ctx ends, and when w does; then what w has got is no document.
func PDF(ctx context.Context, w io.Writer, d Document) error {
	if d.Created.IsZero() {
		return ErrCreated
	}
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: pageW, Ht: pageH}})
	r := newRuler(pdf)
	describe(pdf, d.Title, d.Created, d.Version)
	pdf.SetAuthor(clean(d.Author), true)
	pdf.SetSubject(clean(d.subject()), true)
	if err := printPages(ctx, pdf, compose(r, d)); err != nil {
		return err
	}
	return finish(pdf, w)
}

// subject describes the document in its metadata.
func (d Document) subject() string {
	if d.Fictional {
		return fictional + ". " + d.Subtitle
	}
	return d.Subtitle
}

// MapPDF writes the scene as a PDF of one page of the scene's size, in points.
// created stands in the metadata only.
//
// It fails with ErrCreated or ErrScene, when the scene can't be drawn, when ctx
// ends, and when w does.
func MapPDF(ctx context.Context, w io.Writer, s *scene.Scene, created time.Time) error {
	switch {
	case created.IsZero():
		return ErrCreated
	case s == nil:
		return ErrScene
	}
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: s.Width, Ht: s.Height}})
	describe(pdf, s.Title, created, "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddPage()
	if err := draw.PDF(ctx, pdf, s, 0, 0, s.Width, s.Height); err != nil {
		return fmt.Errorf("report: the map: %w", err)
	}
	return finish(pdf, w)
}

// describe sets the metadata, and with it everything that would otherwise
// depend on the moment or on the order of a map in memory.
func describe(pdf *fpdf.Fpdf, title string, created time.Time, version string) {
	pdf.SetTitle(clean(title), true)
	pdf.SetCreator(clean(program+" "+version), true)
	pdf.SetLang("en-GB")
	pdf.SetCreationDate(created)
	pdf.SetModificationDate(created)
	pdf.SetCatalogSort(true)
}

func finish(pdf *fpdf.Fpdf, w io.Writer) error {
	if err := pdf.Output(w); err != nil {
		return fmt.Errorf("report: writing the PDF: %w", err)
	}
	return nil
}
