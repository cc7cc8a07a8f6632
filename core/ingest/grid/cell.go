package grid

import "strings"

// IsBuiltinDate reports whether a numbered format of spreadsheet programs shows
// a day (ECMA-376 part 1, 18.8.30), the East Asian ones included. Those of
// times alone are not dates.
func IsBuiltinDate(n int) bool {
	return n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 31 || n == 36 || n >= 50 && n <= 54 || n == 57 || n == 58
}

// IsDateFormat reports whether a format code shows a day, a month or a year:
// a d or y, or an m without hours and seconds around it, outside of quoted,
// bracketed and escaped text.
func IsDateFormat(code string) bool {
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

// DateOf makes a date of a serial number. Workbooks count from 1904, or
// from 1900 with a 29 February 1900 that never was, so days before March 1900
// are one off. Beyond the year 9999 a number is no date.
func DateOf(serial float64, from1904 bool) Cell {
	days := serial
	switch {
	case from1904:
		days += 1462
	case serial < 60:
		days++
	}
	if serial < 0 || days < 1 || days >= 2_958_466 {
		return Cell{Kind: Number, Num: serial}
	}
	return Cell{Kind: Date, Num: days}
}

// TextOf makes a cell of a text; no text is an empty cell.
func TextOf(text []byte) Cell {
	if len(text) == 0 {
		return Cell{}
	}
	return Cell{Kind: Text, Text: text}
}

// Range is a range of merged cells. Rows are numbered from 1, as in Row,
// columns from 0, as in Row.Cells; the first cell holds what all show.
type Range struct {
	Row, LastRow       int
	Column, LastColumn int
}

// MaxMerges bounds the merged ranges that are listed of a sheet.
const MaxMerges = 1_000_000
