package draw

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"chatmrpt/assets"
	"chatmrpt/geo/scene"
	"codeberg.org/go-pdf/fpdf"
)

// ErrNoPage is returned for a document without a page to draw on.
var ErrNoPage = errors.New("draw: the PDF document has no page yet")

// AddFont makes FontFamily known to the document, regular style. The writer
// embeds only the letters that are used. Calling it again does nothing.
func AddFont(pdf *fpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(FontFamily, "", assets.FontRegular())
}

// PDFText prepares text for the document: the writer has no letters beyond
// the basic plane (emoji, mostly) and would fail on them.
func PDFText(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, text)
}

// PDF draws the scene on the current page of the document, as large as the box
// x, y, w, h allows and in its middle; the box is in the document's unit. The
// place, pen, colours, opacity and font of the document are as before
// afterwards.
//
// For equal bytes the caller also fixes what the document itself adds:
// SetCreationDate, SetModificationDate and SetCatalogSort(true).
//
// It fails with ErrNoPage, with ErrSize for an empty box, when ctx ends, and
// when the document is or becomes faulty.
func PDF(ctx context.Context, pdf *fpdf.Fpdf, s *scene.Scene, x, y, w, h float64) error {
	if pdf.Err() {
		return fmt.Errorf("draw: the PDF document: %w", pdf.Error())
	}
	if pdf.PageNo() == 0 {
		return ErrNoPage
	}
	ratio := min(w/s.Width, h/s.Height)
	if !(ratio > 0) || math.IsInf(ratio, 0) {
		return fmt.Errorf("%w: %v×%v points in a box of %v×%v", ErrSize, s.Width, s.Height, w, h)
	}
	AddFont(pdf)
	p := &pdfPainter{
		ctx: ctx, pdf: pdf, ratio: ratio,
		left: x + (w-ratio*s.Width)/2, top: y + (h-ratio*s.Height)/2,
	}
	restore := remember(pdf)
	pdf.ClipRect(p.left, p.top, ratio*s.Width, ratio*s.Height, false)
	err := paint(ctx, s, p)
	pdf.ClipEnd()
	restore()
	if err == nil && pdf.Err() {
		err = fmt.Errorf("draw: the PDF document: %w", pdf.Error())
	}
	return err
}

// remember returns a function that puts the document's place, pen, colours,
// opacity and font back.
func remember(pdf *fpdf.Fpdf) func() {
	dr, dg, db := pdf.GetDrawColor()
	fr, fg, fb := pdf.GetFillColor()
	tr, tg, tb := pdf.GetTextColor()
	width, join := pdf.GetLineWidth(), pdf.GetLineJoinStyle()
	alpha, mode := pdf.GetAlpha()
	family, style := pdf.GetFontFamily(), pdf.GetFontStyle()
	size, _ := pdf.GetFontSize()
	x, y := pdf.GetXY()
	return func() {
		pdf.SetDrawColor(dr, dg, db)
		pdf.SetFillColor(fr, fg, fb)
		pdf.SetTextColor(tr, tg, tb)
		pdf.SetLineWidth(width)
		pdf.SetLineJoinStyle(join)
		pdf.SetAlpha(alpha, mode)
		if family != "" {
			pdf.SetFont(family, style, size)
		}
		pdf.SetXY(x, y)
	}
}

// pdfPainter draws on the current page.
type pdfPainter struct {
	ctx       context.Context
	pdf       *fpdf.Fpdf
	ratio     float64 // units of the document a point of the scene
	left, top float64
}

func (p *pdfPainter) x(v float64) float64 { return p.left + v*p.ratio }
func (p *pdfPainter) y(v float64) float64 { return p.top + v*p.ratio }

// line adds a line to the path of the document.
func (p *pdfPainter) line(line []scene.Point) {
	for i, q := range line {
		if i == 0 {
			p.pdf.MoveTo(p.x(q.X), p.y(q.Y))
		} else {
			p.pdf.LineTo(p.x(q.X), p.y(q.Y))
		}
	}
}

func (p *pdfPainter) tiles(tiles []scene.Tile) {
	p.pdf.SetLineWidth(hair * p.ratio)
	p.pdf.SetLineJoinStyle("round")
	p.alpha(255)
	for _, group := range byColor(tiles) {
		c := group.fill
		p.pdf.SetFillColor(int(c.R), int(c.G), int(c.B))
		p.pdf.SetDrawColor(int(c.R), int(c.G), int(c.B))
		for i, t := range group.tiles {
			if i%checkEvery == 0 && p.ctx.Err() != nil {
				return
			}
			for _, ring := range t.Rings {
				p.line(ring)
				p.pdf.ClosePath()
			}
			p.pdf.DrawPath("FD*")
		}
	}
}

// strokes draws all lines as one path: see-through, they would otherwise be
// darker where they meet.
func (p *pdfPainter) strokes(s scene.Strokes) {
	p.pdf.SetDrawColor(int(s.Color.R), int(s.Color.G), int(s.Color.B))
	p.pdf.SetLineWidth(s.Width * p.ratio)
	p.pdf.SetLineJoinStyle("bevel")
	p.alpha(s.Color.A)
	for _, line := range s.Lines {
		p.line(line)
	}
	p.pdf.DrawPath("D")
}

func (p *pdfPainter) rect(r scene.Rect) {
	p.alpha(r.Fill.A)
	p.pdf.SetFillColor(int(r.Fill.R), int(r.Fill.G), int(r.Fill.B))
	p.pdf.Rect(p.x(r.X), p.y(r.Y), r.W*p.ratio, r.H*p.ratio, "F")
}

func (p *pdfPainter) text(t scene.Text) {
	p.alpha(t.Color.A)
	p.pdf.SetTextColor(int(t.Color.R), int(t.Color.G), int(t.Color.B))
	p.pdf.SetFont(FontFamily, "", 0)
	p.pdf.SetFontUnitSize(t.Size * p.ratio)
	p.pdf.Text(p.x(t.X), p.y(t.Y), PDFText(t.Text))
}

func (p *pdfPainter) alpha(a uint8) { p.pdf.SetAlpha(float64(a)/255, "Normal") }
