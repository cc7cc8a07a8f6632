// Package report sets results on paper: a brief of two or three A4 pages for
// the director of a programme, and a single map.
package report

import (
	"context"
	"io"
	"time"

	"chatmrpt/geo/draw"
	"chatmrpt/geo/scene"
	"codeberg.org/go-pdf/fpdf"
)

// Fact is one labelled statement.
type Fact struct{ Label, Value string }

// Table is a small table, set whole.
type Table struct {
	Title   string
	Head    []string
	Rows    [][]string
	Numeric []bool   // per column: right-aligned
	Marks   []string // optional, per row: "High", "Medium", "Low" or ""
	Note    string
}

// Document is everything the report says.
type Document struct {
	Title, Subtitle string
	Fictional       bool
	Created         time.Time
	Author          string
	Version         string
	Summary         []string
	Facts           []Fact
	Maps            []*scene.Scene
	Top, Bottom     *Table
	Plan            *Table
	Method          []string
	Quality         []string
	Sources         []Fact
	Limits          []string
}

// PDF writes the report.
func PDF(ctx context.Context, w io.Writer, d Document) error {
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.AddPage()
	for _, m := range d.Maps {
		if err := draw.PDF(ctx, pdf, m, 0, 0, 500, 400); err != nil {
			return err
		}
	}
	return pdf.Output(w)
}

// MapPDF writes the map as one page of the scene's size.
func MapPDF(ctx context.Context, w io.Writer, s *scene.Scene, created time.Time) error {
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: s.Width, Ht: s.Height}})
	pdf.SetCreationDate(created)
	pdf.AddPage()
	if err := draw.PDF(ctx, pdf, s, 0, 0, s.Width, s.Height); err != nil {
		return err
	}
	return pdf.Output(w)
}
