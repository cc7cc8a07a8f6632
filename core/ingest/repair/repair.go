// Package repair mends the text that travels from DHIS2 through spreadsheets
// and statistics programs: characters decoded twice, the "na" that became a
// "0" in names of columns and medicines, blanks of every kind.
//
// It repairs patterns, never guesses: a repair that could hit a sound text is
// not made here. What was done is returned, so that the import report can say
// how often, with an example.
package repair

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Kind names one sort of repair; it is a set when several were made.
type Kind uint8

// The sorts of repair.
const (
	Mojibake Kind = 1 << iota // UTF-8 that was read as windows-1252, once or more
	Zero                      // "na" that had become "0"
	Blanks                    // blanks trimmed, doubled ones collapsed, odd ones made plain
	Invalid                   // bytes that are no text, and control characters, dropped
)

// Kinds lists the sorts of repair in the order in which they are reported.
func Kinds() []Kind { return []Kind{Mojibake, Zero, Blanks, Invalid} }

// String says what is repaired, for a person.
func (k Kind) String() string {
	switch k {
	case Mojibake:
		return "characters decoded twice (such as â‰¥ for ≥)"
	case Zero:
		return "“na” written as 0 by the export"
	case Blanks:
		return "superfluous blanks"
	case Invalid:
		return "characters that are no text"
	}
	return "text"
}

// Text repairs the text of a cell and says how.
func Text(s string) (string, Kind) {
	if plain(s) {
		return s, 0
	}
	var done Kind
	out := s
	apply := func(k Kind, fix func(string) string) {
		if next := fix(out); next != out {
			out, done = next, done|k
		}
	}
	apply(Invalid, valid)
	apply(Mojibake, redecode)
	apply(Zero, medicines)
	apply(Blanks, collapse)
	return out, done
}

// Header repairs the name of a column: as Text, and the names of DHIS2's own
// columns in which "na" became "0".
func Header(s string) (string, Kind) {
	out, done := Text(s)
	if fixed := dhis2Name(out); fixed != out {
		return fixed, done | Zero
	}
	return out, done
}

// plain: nothing that any repair looks for. It spares nearly every cell the
// rest.
func plain(s string) bool {
	blank := true // a blank here would be superfluous
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && blank {
			return false
		}
		if c == '0' && i > 0 && (s[i-1]|0x20) >= 'a' && (s[i-1]|0x20) <= 'z' {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// valid drops invalid bytes and control characters; those that separate words
// become blanks.
func valid(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return r
		case r < ' ' || r == 0x7f || r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// redecode undoes up to three rounds of reading UTF-8 as windows-1252. Each
// run of characters beyond ASCII is looked at alone, so a sound ≥ beside a
// broken one stays.
func redecode(s string) string {
	for range 3 {
		next := redecodeOnce(s)
		if next == s {
			return s
		}
		s = next
	}
	return s
}

func redecodeOnce(s string) string {
	var out strings.Builder
	for len(s) > 0 {
		n := strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
		if n < 0 {
			break
		}
		out.WriteString(s[:n])
		s = s[n:]
		end := strings.IndexFunc(s, func(r rune) bool { return r < utf8.RuneSelf })
		if end < 0 {
			end = len(s)
		}
		out.WriteString(redecodeRun(s[:end]))
		s = s[end:]
	}
	out.WriteString(s)
	return out.String()
}

// redecodeRun turns a run of characters back into the bytes they were read
// from. Only when those are whole UTF-8 was it a wrong reading: a sound
// letter with an accent never is, followed by ASCII or by another.
func redecodeRun(run string) string {
	raw := make([]byte, 0, len(run))
	for _, r := range run {
		b, ok := byteOf(r)
		if !ok {
			return run
		}
		raw = append(raw, b)
	}
	if !utf8.Valid(raw) {
		return run
	}
	return string(raw)
}

// byteOf is the windows-1252 byte of r. The five bytes the code page leaves
// open pass as the control characters which most readers make of them.
func byteOf(r rune) (byte, bool) {
	switch r {
	case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
		return byte(r), true
	}
	return charmap.Windows1252.EncodeRune(r)
}

var brokenName = regexp.MustCompile(`(?i)^(period|organisationunit|categoryoptioncomboid|attributeoptioncomboid)0me(\.[0-9]+)?$`)

// dhis2Name repairs whole names only, a reader's suffix for repeated names
// kept: a 0 is never replaced inside any other word.
func dhis2Name(s string) string {
	m := brokenName.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	base := m[1]
	if n := len(base) - len("id"); strings.HasSuffix(strings.ToLower(base), "comboid") {
		base = base[:n]
	}
	return base + "name" + m[2]
}

var brokenMedicine = regexp.MustCompile(`(?i)\b(arte(?:su)?)0te\b`)

// medicines repairs Artesu0te and Arte0te; both mean artesunate.
func medicines(s string) string {
	return brokenMedicine.ReplaceAllStringFunc(s, func(m string) string {
		return m[:4] + "sunate"
	})
}

// collapse makes every run of blanks one plain blank and trims the ends.
// Characters without width are dropped.
func collapse(s string) string {
	var out strings.Builder
	pending := false
	for _, r := range s {
		switch {
		case r == '\u200b' || r == '\u200c' || r == '\u2060':
			continue
		case unicode.IsSpace(r):
			pending = out.Len() > 0
			continue
		}
		if pending {
			out.WriteByte(' ')
			pending = false
		}
		out.WriteRune(r)
	}
	return out.String()
}
