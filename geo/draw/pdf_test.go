package draw

import (
	"bytes"
	"context"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/geo/scene"
	"codeberg.org/go-pdf/fpdf"
)

func TestPDFIsDeterministic(t *testing.T) {
	var first bytes.Buffer
	if err := writePDF(t, &first, build(t, sixAreas())); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(first.Bytes(), []byte("%PDF-")) || first.Len() < 5000 || first.Len() > 200_000 {
		t.Errorf("%d bytes beginning %q", first.Len(), first.Bytes()[:8])
	}
	for range 5 {
		var again bytes.Buffer
		if err := writePDF(t, &again, build(t, sixAreas())); err != nil || !bytes.Equal(first.Bytes(), again.Bytes()) {
			t.Fatalf("the same map gives two documents (%v)", err)
		}
	}
}

// openPage returns a document of A4 pages in millimetres, not compressed, so
// that its drawing can be read.
func openPage(t *testing.T) *fpdf.Fpdf {
	t.Helper()
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCompression(false)
	pdf.AddPage()
	return pdf
}

func output(t *testing.T, pdf *fpdf.Fpdf) string {
	t.Helper()
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The scene lands in the middle of its box: 400×250 points in a box of 160×200
// mm at (25, 40) are 160×100 mm at (25, 90).
func TestPDFPlace(t *testing.T) {
	pdf := openPage(t)
	if err := PDF(t.Context(), pdf, build(t, sixAreas()), 25, 40, 160, 200); err != nil {
		t.Fatal(err)
	}
	const k = 72 / 25.4
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	moves := regexp.MustCompile(`(?m)^([\d.]+) ([\d.]+) [ml]$`).FindAllStringSubmatch(output(t, pdf), -1)
	for _, move := range moves {
		x, _ := strconv.ParseFloat(move[1], 64)
		y, _ := strconv.ParseFloat(move[2], 64)
		x, y = x/k, 297-y/k
		minX, minY, maxX, maxY = min(minX, x), min(minY, y), max(maxX, x), max(maxY, y)
	}
	if len(moves) < 30 || minX < 25 || maxX > 185 || minY < 90 || maxY > 190 {
		t.Errorf("%d points lie from %v, %v to %v, %v", len(moves), minX, minY, maxX, maxY)
	}
	if minX > 35 || maxX < 150 || maxY < 175 {
		t.Errorf("the map fills only %v, %v to %v, %v", minX, minY, maxX, maxY)
	}
}

func TestPDFDrawsTheClasses(t *testing.T) {
	pdf := openPage(t)
	s := build(t, sixAreas())
	if err := PDF(t.Context(), pdf, s, 10, 10, 190, 200); err != nil {
		t.Fatal(err)
	}
	text := output(t, pdf)
	if got := strings.Count(text, "\nB*\n"); got != 6 {
		t.Errorf("%d areas are filled, want 6", got)
	}
	if !strings.Contains(text, "0.698 0.094 0.169 rg") { // #b2182b
		t.Error("nothing is filled with the colour of high risk")
	}
	if !strings.Contains(text, "/FontFile2") {
		t.Error("the typeface is not embedded")
	}
}

// A report goes on writing after a map as if nothing had been.
func TestPDFLeavesTheDocumentAsItWas(t *testing.T) {
	pdf := openPage(t)
	pdf.SetFont("Helvetica", "B", 13)
	pdf.SetDrawColor(1, 2, 3)
	pdf.SetFillColor(4, 5, 6)
	pdf.SetTextColor(7, 8, 9)
	pdf.SetLineWidth(0.77)
	pdf.SetLineJoinStyle("round")
	pdf.SetXY(33, 44)
	if err := PDF(t.Context(), pdf, build(t, sixAreas()), 10, 10, 100, 100); err != nil {
		t.Fatal(err)
	}
	type color [3]int
	of := func(r, g, b int) color { return color{r, g, b} }
	if of(pdf.GetDrawColor()) != (color{1, 2, 3}) || of(pdf.GetFillColor()) != (color{4, 5, 6}) || of(pdf.GetTextColor()) != (color{7, 8, 9}) {
		t.Error("a colour changed")
	}
	size, _ := pdf.GetFontSize()
	if pdf.GetFontFamily() != "helvetica" || pdf.GetFontStyle() != "B" || size != 13 {
		t.Errorf("the font is %s %s %v", pdf.GetFontFamily(), pdf.GetFontStyle(), size)
	}
	if alpha, _ := pdf.GetAlpha(); alpha != 1 || pdf.GetLineWidth() != 0.77 || pdf.GetLineJoinStyle() != "round" {
		t.Errorf("opacity %v, pen %v %s", alpha, pdf.GetLineWidth(), pdf.GetLineJoinStyle())
	}
	if x, y := pdf.GetXY(); x != 33 || y != 44 {
		t.Errorf("the place is %v, %v", x, y)
	}
}

func TestPDFTwoMapsOnePage(t *testing.T) {
	pdf := openPage(t)
	s := build(t, sixAreas())
	for _, y := range []float64{10, 120} {
		if err := PDF(t.Context(), pdf, s, 10, y, 190, 100); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Count(output(t, pdf), "/FontFile2"); got != 1 {
		t.Errorf("the typeface is embedded %d times", got)
	}
}

// The PDF writer's tables end with the basic plane; a title may not.
func TestPDFSurvivesAnyText(t *testing.T) {
	m := sixAreas()
	m.Title = "🦟 malaria \U0010FFFF \x00 (\\) 漢 العربية"
	pdf := openPage(t)
	if err := PDF(t.Context(), pdf, build(t, m), 10, 10, 190, 200); err != nil {
		t.Fatal(err)
	}
	output(t, pdf)
	if got := PDFText("a🦟b"); got != "a\uFFFDb" {
		t.Errorf("PDFText gives %q", got)
	}
}

func TestPDFRefuses(t *testing.T) {
	s := build(t, sixAreas())
	if err := PDF(t.Context(), fpdf.New("P", "mm", "A4", ""), s, 0, 0, 10, 10); !errors.Is(err, ErrNoPage) {
		t.Errorf("without a page: %v", err)
	}
	for _, box := range [][2]float64{{0, 10}, {10, -1}, {math.NaN(), 10}} {
		if err := PDF(t.Context(), openPage(t), s, 0, 0, box[0], box[1]); !errors.Is(err, ErrSize) {
			t.Errorf("box %v: %v", box, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := PDF(ctx, openPage(t), s, 0, 0, 10, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
	faulty := openPage(t)
	faulty.SetError(errBroken)
	if err := PDF(t.Context(), faulty, s, 0, 0, 10, 10); !errors.Is(err, errBroken) {
		t.Errorf("a faulty document gives %v", err)
	}
	if err := PDF(t.Context(), openPage(t), &scene.Scene{}, 0, 0, 10, 10); !errors.Is(err, ErrSize) {
		t.Errorf("an empty scene gives %v", err)
	}
}
