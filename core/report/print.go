package report

import (
	"context"
	"fmt"

	"chatmrpt/geo/draw"
	"codeberg.org/go-pdf/fpdf"
)

// printPages puts the pages on paper.
func printPages(ctx context.Context, pdf *fpdf.Fpdf, pages []page) error {
	pdf.SetAutoPageBreak(false, 0)
	for _, page := range pages {
		pdf.AddPage()
		for _, it := range page.items {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := printItem(ctx, pdf, it); err != nil {
				return err
			}
		}
	}
	return nil
}

func printItem(ctx context.Context, pdf *fpdf.Fpdf, it item) error {
	switch it := it.(type) {
	case label:
		pdf.SetTextColor(it.ink.rgb())
		pdf.SetFont(draw.FontFamily, "", it.size)
		pdf.Text(it.x, it.y, it.text)
	case box:
		pdf.SetFillColor(it.fill.rgb())
		pdf.Rect(it.x, it.y, it.w, it.h, "F")
	case entry:
		pdf.Bookmark(it.text, 0, it.y)
	case picture:
		if err := draw.PDF(ctx, pdf, it.scene, it.x, it.y, it.w, it.h); err != nil {
			return fmt.Errorf("report: a map: %w", err)
		}
	}
	return nil
}
