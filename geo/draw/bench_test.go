package draw

import (
	"io"
	"testing"
	"time"

	"chatmrpt/geo/scene"
	"codeberg.org/go-pdf/fpdf"
)

// The budget of the design is 400 ms for the first picture of 9,400 wards:
// the first benchmark. The others are its parts and the exports.
func BenchmarkNational(b *testing.B) {
	m := realMap(b, sharedLayer(b, "data/nigeria/nga_wards_9367.zip"))
	s := build(b, m)
	b.Run("picture", func(b *testing.B) {
		for b.Loop() {
			if _, err := Image(b.Context(), build(b, m), 2); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("scene", func(b *testing.B) {
		for b.Loop() {
			build(b, m)
		}
	})
	b.Run("image", func(b *testing.B) {
		for b.Loop() {
			if _, err := Image(b.Context(), s, 2); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("png", func(b *testing.B) {
		for b.Loop() {
			if err := PNG(b.Context(), io.Discard, s, 2); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("svg", func(b *testing.B) {
		for b.Loop() {
			if err := SVG(b.Context(), io.Discard, s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pdf", func(b *testing.B) {
		for b.Loop() {
			if err := writePDF(b, io.Discard, s); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func writePDF(t testing.TB, w io.Writer, s *scene.Scene) error {
	t.Helper()
	pdf := fpdf.New("L", "mm", "A4", "")
	day := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	pdf.SetCreationDate(day)
	pdf.SetModificationDate(day)
	pdf.SetCatalogSort(true)
	pdf.AddPage()
	if err := PDF(t.Context(), pdf, s, 10, 10, 277, 190); err != nil {
		return err
	}
	return pdf.Output(w)
}
