package assets

import (
	"testing"

	"golang.org/x/image/font/sfnt"
)

func TestFontCoversTheLettersOfTheReports(t *testing.T) {
	f, err := sfnt.Parse(FontRegular())
	if err != nil {
		t.Fatalf("the embedded font can't be read: %v", err)
	}
	var buf sfnt.Buffer
	for _, r := range "AZaz09%≥≤<>–—’“”…×°·₦éàńẹọṣẸỌṢɓɗƙƴƁƊƘƳ\u0300\u0301\u0323" {
		if g, err := f.GlyphIndex(&buf, r); err != nil || g == 0 {
			t.Errorf("no glyph for %q (%U): %v", r, r, err)
		}
	}
}

func TestFontBytesAreTheCallersOwn(t *testing.T) {
	first := FontRegular()
	want := first[0]
	first[0] = ^want
	if FontRegular()[0] != want {
		t.Error("writing into the returned bytes changed the embedded file")
	}
}
