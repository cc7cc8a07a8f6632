package scene

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"chatmrpt/assets"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// typesetter measures text in the one font of the maps. It is used by one
// Build only and not shared.
type typesetter struct {
	font     *sfnt.Font
	buffer   sfnt.Buffer
	advances map[rune]float64 // in ems
}

// em is the size at which glyphs are measured: large, so that the rounding to
// 1/64 does not count.
const em = 1024

func newTypesetter() (*typesetter, error) {
	f, err := sfnt.Parse(assets.FontRegular())
	if err != nil {
		return nil, fmt.Errorf("scene: the font of the maps: %w", err)
	}
	return &typesetter{font: f, advances: map[rune]float64{}}, nil
}

// width returns the length of a line of text, in points. A letter that the
// font lacks has the width of the box that stands for it.
func (t *typesetter) width(text string, size float64) float64 {
	sum := 0.0
	for _, r := range text {
		sum += t.advance(r)
	}
	return sum * size
}

func (t *typesetter) advance(r rune) float64 {
	if a, ok := t.advances[r]; ok {
		return a
	}
	a := 0.0
	if glyph, err := t.font.GlyphIndex(&t.buffer, r); err == nil {
		if units, err := t.font.GlyphAdvance(&t.buffer, glyph, fixed.I(em), font.HintingNone); err == nil {
			a = float64(units) / 64 / em
		}
	}
	t.advances[r] = a
	return a
}

// maxText is where a text is cut before it is set; no page shows so much.
const maxText = 4000

// clean composes accents with their letters, drops invisible characters and
// turns control characters and any run of white space into one space.
func clean(text string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text[:min(len(text), maxText)], "?"))
	return strings.Join(strings.Fields(norm.NFC.String(plain)), " ")
}

// wrap breaks text into lines no longer than width, at most so many; what is
// left over is dropped behind an ellipsis. A word longer than a line is cut.
func (t *typesetter) wrap(text string, size, width float64, lines int) []string {
	var out []string
	line := ""
	for word := range strings.FieldsSeq(clean(text)) {
		for word != "" && t.width(word, size) > width {
			if line != "" {
				out, line = append(out, line), ""
			}
			head := t.head(word, size, width)
			out, word = append(out, head), word[len(head):]
		}
		if joined := strings.TrimSpace(line + " " + word); t.width(joined, size) <= width {
			line = joined
		} else {
			out, line = append(out, line), word
		}
	}
	if line != "" {
		out = append(out, line)
	}
	if len(out) > lines {
		out = append(out[:lines-1], t.shorten(out[lines-1], size, width))
	}
	return out
}

// shorten drops letters from the end of a line until an ellipsis fits behind.
func (t *typesetter) shorten(line string, size, width float64) string {
	for line != "" && t.width(line+"…", size) > width {
		_, last := utf8.DecodeLastRuneInString(line)
		line = strings.TrimRight(line[:len(line)-last], " ")
	}
	return line + "…"
}

// head returns the longest beginning of a word that fits, one letter at least.
func (t *typesetter) head(word string, size, width float64) string {
	for i := range word {
		_, letter := utf8.DecodeRuneInString(word[i:])
		if i > 0 && t.width(word[:i+letter], size) > width {
			return word[:i]
		}
	}
	return word
}
