package scene

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func newTestSetter(t testing.TB) *typesetter {
	t.Helper()
	ts, err := newTypesetter()
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func TestClean(t *testing.T) {
	for given, want := range map[string]string{
		"  a\tb\n\nc ": "a b c", "e\u0323": "ẹ", "a\x00b": "a b", "x\u200by": "xy", "\xff!": "?!", "": "",
	} {
		if got := clean(given); got != want {
			t.Errorf("clean(%q) = %q, want %q", given, got, want)
		}
	}
	if got := clean(strings.Repeat("ẹ", maxText)); len(got) > maxText+2 {
		t.Errorf("a text of %d bytes is kept", len(got))
	}
}

func TestWidthAddsUp(t *testing.T) {
	ts := newTestSetter(t)
	whole := ts.width("Kano Municipal", 10)
	parts := ts.width("Kano ", 10) + ts.width("Municipal", 10)
	if math.Abs(whole-parts) > 1e-9 || whole < 50 || whole > 90 {
		t.Errorf("width %v, of the parts %v", whole, parts)
	}
	if double := ts.width("Kano Municipal", 20); math.Abs(double-2*whole) > 1e-9 {
		t.Errorf("at twice the size %v, not twice %v", double, whole)
	}
}

func TestWrap(t *testing.T) {
	ts := newTestSetter(t)
	const size, width = 10, 100
	text := "Classes: quantiles of the 8,816 wards with data; Ọ̀ṣun, Ƙofar Ɗan Agundi and Supercalifragilisticexpialidocious"
	lines := ts.wrap(text, size, width, 50)
	for _, line := range lines {
		if w := ts.width(line, size); w > width {
			t.Errorf("the line %q is %v long", line, w)
		}
	}
	glue := strings.NewReplacer(" ", "")
	if got, want := glue.Replace(strings.Join(lines, "")), glue.Replace(clean(text)); got != want {
		t.Errorf("wrapped to %q", got)
	}
	cut := ts.wrap(text, size, width, 2)
	if len(cut) != 2 || cut[0] != lines[0] || !strings.HasSuffix(cut[1], "…") || ts.width(cut[1], size) > width {
		t.Errorf("cut to %q", cut)
	}
	if got := ts.wrap("Wọ́nú", size, 1, 3); len(got) != 3 {
		t.Errorf("in no room at all: %q", got)
	}
	// A frame without room must still end.
	if got := ts.wrap("no room", size, -5, 2); len(got) != 2 {
		t.Errorf("in less than no room: %q", got)
	}
	if got := ts.wrap(" \n ", size, width, 3); len(got) != 0 {
		t.Errorf("nothing gives the lines %q", got)
	}
	if got := ts.wrap("one two", size, 1000, 1); !slices.Equal(got, []string{"one two"}) {
		t.Errorf("a short text gives %q", got)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q", n, got)
		}
	}
}
