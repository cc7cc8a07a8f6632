package dbf

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// codePage decodes the text of a file. A nil table is UTF-8.
type codePage struct {
	table  *charmap.Charmap
	notice string
}

// pageOf decides on the code page: the .cpg file, else the language driver
// byte of the header, else UTF-8 where all text is valid as such, else
// Windows-1252. isUTF8 is asked only when it comes to that.
func pageOf(cpg string, driver byte, isUTF8 func() bool) codePage {
	var out codePage
	if name := strings.TrimSpace(strings.Trim(cpg, "\x00\ufeff \r\n")); name != "" {
		if table, ok := pageNamed(name); ok {
			return codePage{table: table}
		}
		out.notice = fmt.Sprintf("the code page %q named by the .cpg file isn't known; it was found from the text instead", shorten(name))
	}
	if table, ok := pageOfDriver(driver); ok {
		out.table = table
		return out
	}
	if !isUTF8() {
		out.table = charmap.Windows1252
	}
	return out
}

func shorten(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}

// pageNamed understands what writers put into .cpg files: "UTF-8", "65001",
// "1252", "ANSI 1252", "CP1252", "ISO 88591", "ISO-8859-1", "OEM 437", ….
func pageNamed(name string) (*charmap.Charmap, bool) {
	key := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, name)
	for _, prefix := range []string{"windows", "ansi", "msdos", "oem", "ibm", "cp", "iso"} {
		key = strings.TrimPrefix(key, prefix)
	}
	switch key {
	case "utf8", "65001":
		return nil, true
	case "latin1", "88591", "28591":
		return charmap.ISO8859_1, true
	case "latin9", "885915", "28605":
		return charmap.ISO8859_15, true
	}
	return pageNumbered(key)
}

// pageNumbered knows the single-byte pages by their number.
func pageNumbered(number string) (*charmap.Charmap, bool) {
	switch number {
	case "437":
		return charmap.CodePage437, true
	case "850":
		return charmap.CodePage850, true
	case "852":
		return charmap.CodePage852, true
	case "866":
		return charmap.CodePage866, true
	case "1250":
		return charmap.Windows1250, true
	case "1251":
		return charmap.Windows1251, true
	case "1252":
		return charmap.Windows1252, true
	case "1253":
		return charmap.Windows1253, true
	case "1254":
		return charmap.Windows1254, true
	case "1256":
		return charmap.Windows1256, true
	}
	return nil, false
}

// pageOfDriver knows the language driver bytes. 0x57 only says "the ANSI page
// of the writer's computer" and stands in many files that hold UTF-8, so it
// doesn't decide.
func pageOfDriver(driver byte) (*charmap.Charmap, bool) {
	switch driver {
	case 0x01, 0x0B, 0x0D, 0x0F, 0x11, 0x15, 0x18, 0x19, 0x1B:
		return charmap.CodePage437, true
	case 0x02, 0x0A, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x1A, 0x1D, 0x25, 0x37:
		return charmap.CodePage850, true
	case 0x03, 0x58, 0x59:
		return charmap.Windows1252, true
	case 0x1F, 0x22, 0x23, 0x40, 0x64, 0x87:
		return charmap.CodePage852, true
	case 0x26, 0x65:
		return charmap.CodePage866, true
	case 0xC8:
		return charmap.Windows1250, true
	case 0xC9:
		return charmap.Windows1251, true
	case 0xCA:
		return charmap.Windows1254, true
	case 0xCB:
		return charmap.Windows1253, true
	case 0x7E:
		return charmap.Windows1256, true
	}
	return nil, false
}

// decode turns the bytes of a value, which fit into width, into text. In a
// file that claims UTF-8 a value that isn't is read as Windows-1252 and
// reported as odd.
func (p codePage) decode(b []byte, width int) (text string, odd bool) {
	if isASCII(b) {
		return string(b), false
	}
	if p.table != nil {
		return decodeWith(p.table, b), false
	}
	if whole := wholeLetters(b, width); utf8.Valid(whole) {
		return string(whole), false
	}
	return decodeWith(charmap.Windows1252, b), true
}

// decodeWith maps single bytes; it can't fail.
func decodeWith(table *charmap.Charmap, b []byte) string {
	var out strings.Builder
	for _, c := range b {
		out.WriteRune(table.DecodeByte(c))
	}
	return out.String()
}

// guess decodes text whose page isn't known.
func guess(b []byte, width int) string {
	if seemsUTF8(b, width) {
		return string(wholeLetters(b, width))
	}
	return decodeWith(charmap.Windows1252, b)
}

// seemsUTF8 reports whether a value can be UTF-8. A letter cut at the end
// passes only after whole letters beyond ASCII: alone it is more likely the
// last letter of a word in some other page, as in café.
func seemsUTF8(b []byte, width int) bool {
	if utf8.Valid(b) {
		return true
	}
	whole := wholeLetters(b, width)
	return utf8.Valid(whole) && !isASCII(whole)
}

// wholeLetters drops a UTF-8 letter cut in half at the end of a value that
// fills its width, which is how writers shorten text.
func wholeLetters(b []byte, width int) []byte {
	for n := 1; n < utf8.UTFMax && n < len(b) && len(b) == width; n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
