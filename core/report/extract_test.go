package report_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

// shown matches one line of text as the writer puts it on a page.
var shown = regexp.MustCompile(`(?s)BT [-0-9.]+ ([-0-9.]+) Td \((.*?)\) Tj ET`)

// extract reads the text of every page of a PDF of this package: per page its
// lines in the order of the file, those on one baseline joined. It knows as
// much of the format as the writer uses.
func extract(t *testing.T, file []byte) [][]string {
	t.Helper()
	var pages [][]string
	for rest := file; ; {
		_, after, ok := bytes.Cut(rest, []byte("\nstream\n"))
		if !ok {
			return pages
		}
		body, next, ok := bytes.Cut(after, []byte("\nendstream"))
		if !ok {
			t.Fatal("a stream has no end")
		}
		rest = next
		if content, ok := inflate(body); ok && bytes.Contains(content, []byte(" Tj ET")) {
			pages = append(pages, lines(content))
		}
	}
}

func inflate(body []byte) ([]byte, bool) {
	z, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, false
	}
	content, err := io.ReadAll(z)
	return content, err == nil
}

func lines(content []byte) []string {
	var out []string
	last := ""
	for _, m := range shown.FindAllSubmatch(content, -1) {
		text := decode(m[2])
		if y := string(m[1]); y == last {
			out[len(out)-1] += " | " + text
		} else {
			out, last = append(out, text), y
		}
	}
	return out
}

// decode undoes the escapes of a PDF string and reads it as UTF-16.
func decode(b []byte) string {
	plain := []byte(strings.NewReplacer(`\\`, `\`, `\(`, "(", `\)`, ")", `\r`, "\r").Replace(string(b)))
	units := make([]uint16, len(plain)/2)
	for i := range units {
		units[i] = uint16(plain[2*i])<<8 | uint16(plain[2*i+1])
	}
	return string(utf16.Decode(units))
}
