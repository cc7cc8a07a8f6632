package main

import (
	"strings"
	"unicode"
)

// shown makes a text fit for one line of a terminal. Names come from files of
// strangers: what would move the cursor, change colours or the window's title
// becomes a sign that can be seen, line ends and tabs become blanks, and marks
// that turn the direction of writing are left out.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
