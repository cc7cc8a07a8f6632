package report

import (
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
)

func testRuler() ruler { return newRuler(fpdf.New("P", "pt", "A4", "")) }

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"  two \t\n words ":            "two words",
		"e\u0323gbe\u0323":             "ẹgbẹ",
		"Ɓaure – ≥ 5":                  "Ɓaure – ≥ 5",
		"zero\u200bwidth\ufeff":        "zerowidth",
		"right\u202eto left":           "rightto left",
		"bad \xff byte":                "bad \uFFFD byte",
		"😀 face":                       "\uFFFD face",
		"\x00nul":                      "nul",
		"":                             "",
		"\U00010000 first beyond":      "\uFFFD first beyond",
		"a\u00a0hard space\u2003and m": "a hard space and m",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWidthGrowsWithText(t *testing.T) {
	r := testRuler()
	one, two := r.width("ward", 10), r.width("wardward", 10)
	if one <= 0 || two != 2*one {
		t.Errorf("widths %v and %v: the second is not twice the first", one, two)
	}
	// Inter's digits are 0.62 em wide on average; far from that, the font's
	// widths were not found.
	if w := r.width("0123456789", 10); w < 50 || w > 70 {
		t.Errorf("ten digits at 10 points are %v points wide", w)
	}
}

func TestWrapKeepsEveryWord(t *testing.T) {
	r := testRuler()
	text := strings.Join(append(sampleMethod(), sampleQuality()...), " ")
	for _, width := range []float64{150, columnW, bodyW} {
		lines := r.wrap(text, textSize, width)
		if got := strings.Join(lines, " "); got != clean(text) {
			t.Errorf("at %v points the words changed: %q", width, got)
		}
		for i, line := range lines {
			if w := r.width(line, textSize); w > width {
				t.Errorf("at %v points line %q is %v wide", width, line, w)
			}
			if i == 0 {
				continue
			}
			first, _, _ := strings.Cut(line, " ")
			if r.width(lines[i-1]+" "+first, textSize) <= width {
				t.Errorf("at %v points %q had room on the line before", width, first)
			}
		}
	}
}

func TestWrapCutsLongWords(t *testing.T) {
	r := testRuler()
	hash := strings.Repeat("60303ae22b998861bce3b28f33eec1be", 4)
	lines := r.wrap("SHA-256 "+hash+" end", textSize, 100)
	joined := strings.ReplaceAll(strings.Join(lines, ""), " ", "")
	if joined != "SHA-256"+hash+"end" {
		t.Errorf("the letters changed: %q", lines)
	}
	for _, line := range lines {
		if r.width(line, textSize) > 100 {
			t.Errorf("line %q is too long", line)
		}
	}
}

func TestWrapInNoRoomEnds(t *testing.T) {
	if got := testRuler().wrap("ab c", 10, 0); len(got) != 3 {
		t.Errorf("wrap into nothing gives %q, want a letter a line", got)
	}
}

func TestFit(t *testing.T) {
	r := testRuler()
	long := "Unguwar Ƙofar Arewa ta Gabas"
	short := r.fit(long, 10, 80)
	if !strings.HasSuffix(short, "…") || r.width(short, 10) > 80 {
		t.Errorf("fit gives %q, %v wide", short, r.width(short, 10))
	}
	if !strings.HasPrefix(long, strings.TrimSuffix(short, "…")) {
		t.Errorf("fit gives %q, not a beginning of the name", short)
	}
	for width, want := range map[float64]string{0: "", 3: "", 500: long, r.width(long, 10): long} {
		if got := r.fit(long, 10, width); got != want {
			t.Errorf("fit into %v gives %q, want %q", width, got, want)
		}
	}
	if got := r.fit("WWWW", 10, r.width("…", 10)); got != "…" {
		t.Errorf("fit into the room of an ellipsis gives %q", got)
	}
}

func TestLinesEndWithEllipsis(t *testing.T) {
	r := testRuler()
	got := r.lines("one two three four five six seven", 10, 60, 2)
	if len(got) != 2 || !strings.HasSuffix(got[1], "…") {
		t.Errorf("lines = %q, want two with an ellipsis", got)
	}
	if got := r.lines("one two", 10, 60, 2); strings.Join(got, "|") != "one two" {
		t.Errorf("lines = %q, want the text as it is", got)
	}
}
