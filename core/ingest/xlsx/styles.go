package xlsx

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// dateStyles says for each cell style whether it shows a number as a date.
func (c *container) dateStyles(part string) ([]bool, error) {
	data, err := c.meta(part)
	if err != nil {
		return nil, err
	}
	custom := map[string]bool{}
	var dates []bool
	inside := false
	s := newScanner(strings.NewReader(string(data)))
	for {
		k, err := s.next()
		switch {
		case isEOF(err):
			return dates, nil
		case err != nil:
			return nil, err
		case k == chars || k == cdata:
		case s.is("cellXfs"):
			inside = k == opening
		case k == closing:
		case s.is("numFmt"):
			custom[s.value("numFmtId")] = isDateFormat(s.value("formatCode"))
		case s.is("xf") && inside:
			id := s.value("numFmtId")
			date, known := custom[id]
			dates = append(dates, known && date || !known && builtinDate(id))
		}
	}
}

// builtinDate: the numbered formats that show a day (ECMA-376 part 1,
// 18.8.30), the East Asian ones included. Those of times alone are not dates.
func builtinDate(id string) bool {
	n, err := strconv.Atoi(id)
	if err != nil {
		return false
	}
	return n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 31 || n == 36 || n >= 50 && n <= 54 || n == 57 || n == 58
}

// isDateFormat reports whether a format code shows a day, a month or a year:
// a d or y, or an m without hours and seconds around it, outside of quoted,
// bracketed and escaped text.
func isDateFormat(code string) bool {
	letters := formatLetters(strings.ToLower(code))
	if strings.Contains(letters, "general") {
		return false
	}
	if strings.ContainsAny(letters, "dy") {
		return true
	}
	return strings.Contains(letters, "m") && !strings.ContainsAny(letters, "hs0#?")
}

// formatLetters drops the parts of a format code that are shown literally.
func formatLetters(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '\\', '_', '*':
			i++
		case '"', '[':
			inside, _, closed := strings.Cut(code[i+1:], closingMark(code[i]))
			if !closed {
				return b.String()
			}
			if code[i] == '[' && strings.Trim(inside, "hms") == "" {
				b.WriteString(inside) // hours beyond 24: a duration
			}
			i += len(inside) + 1
		default:
			b.WriteByte(code[i])
		}
	}
	return b.String()
}

func closingMark(opening byte) string {
	if opening == '[' {
		return "]"
	}
	return `"`
}
