package report

import (
	"strings"
	"unicode"

	"chatmrpt/geo/draw"
	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"
)

// ruler measures text with the widths that the document itself will state.
type ruler struct{ pdf *fpdf.Fpdf }

func newRuler(pdf *fpdf.Fpdf) ruler {
	draw.AddFont(pdf)
	pdf.SetFont(draw.FontFamily, "", textSize)
	return ruler{pdf}
}

// width returns the length of cleaned text, in points.
func (r ruler) width(text string, size float64) float64 {
	return float64(r.pdf.GetStringSymbolWidth(text)) * size / 1000
}

// clean composes accents with their letters, drops invisible characters, turns
// control characters and any run of white space into one space, and replaces
// what the writer can't print.
func clean(text string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return draw.PDFText(strings.Join(strings.Fields(norm.NFC.String(plain)), " "))
}

// wrap breaks text into lines no longer than width. A word longer than a line
// is cut, as a hash or a file name may have to be.
func (r ruler) wrap(text string, size, width float64) []string {
	var lines []string
	var line strings.Builder
	used, space := 0.0, r.width(" ", size)
	for word := range strings.FieldsSeq(clean(text)) {
		for word != "" {
			piece := r.head(word, size, width)
			word = word[len(piece):]
			w := r.width(piece, size)
			switch {
			case line.Len() == 0:
			case used+space+w <= width:
				line.WriteByte(' ')
				used += space
			default:
				lines = append(lines, line.String())
				line.Reset()
				used = 0
			}
			line.WriteString(piece)
			used += w
		}
	}
	if line.Len() > 0 {
		lines = append(lines, line.String())
	}
	return lines
}

// head returns the longest beginning of cleaned text that fits, one letter at
// least.
func (r ruler) head(text string, size, width float64) string {
	used := 0.0
	for i, letter := range text {
		used += r.width(string(letter), size)
		if i > 0 && used > width {
			return text[:i]
		}
	}
	return text
}

// fit returns the text as one line, shortened with an ellipsis where it is
// longer than width; nothing when there is no room for as much as that.
func (r ruler) fit(text string, size, width float64) string {
	text = clean(text)
	if r.width(text, size) <= width {
		return text
	}
	room := width - r.width("…", size)
	if room < 0 {
		return ""
	}
	head := r.head(text, size, room)
	if r.width(head, size) > room { // the one letter at least
		head = ""
	}
	return strings.TrimRight(head, " ") + "…"
}

// lines wraps text into so many lines at most; the last one then ends with an
// ellipsis.
func (r ruler) lines(text string, size, width float64, most int) []string {
	all := r.wrap(text, size, width)
	if len(all) <= most {
		return all
	}
	last := r.fit(strings.Join(all[most-1:], " "), size, width)
	return append(all[:most-1:most-1], last)
}
