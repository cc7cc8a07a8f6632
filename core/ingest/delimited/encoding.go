package delimited

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"chatmrpt/core/ingest/grid"

	"github.com/wlynxg/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// decoded is a file's text as UTF-8.
type decoded struct {
	text     []byte
	encoding string // as a person would name it: "UTF-8", "UTF-16LE", "windows-1252"
	strays   int    // bytes of another encoding inside a UTF-8 file
}

// decode finds the encoding of data and returns its text. The order is from
// sure to likely: a byte order mark, the zero bytes of UTF-16, valid UTF-8,
// UTF-8 with a few stray bytes, and last the guess of a statistical detector.
func decode(data []byte) (decoded, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return fromUTF8(data[3:])
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], unicode.LittleEndian, "UTF-16LE")
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], unicode.BigEndian, "UTF-16BE")
	}
	switch zeroBytes(data) {
	case zerosOdd:
		return fromUTF16(data, unicode.LittleEndian, "UTF-16LE")
	case zerosEven:
		return fromUTF16(data, unicode.BigEndian, "UTF-16BE")
	}
	return fromUTF8(data)
}

// fromUTF8 takes text that should be UTF-8 and finds out what else it is when
// it isn't.
func fromUTF8(data []byte) (decoded, error) {
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return decoded{}, nulProblem(data, at)
	}
	if utf8.Valid(data) {
		return decoded{text: data, encoding: "UTF-8"}, nil
	}
	if good, bad := countUTF8(data); good >= 4*bad {
		return decoded{text: mendUTF8(data), encoding: "UTF-8", strays: bad}, nil
	}
	return fromLegacy(data)
}

func nulProblem(data []byte, at int) error {
	row := 1 + bytes.Count(data[:at], []byte("\n"))
	return grid.Bad("the file holds a zero byte near line "+itoa(row)+", so it is not a text table or it is damaged",
		"Open it in a spreadsheet program and save it again as CSV or XLSX; if it came over a network or a memory stick, copy it again")
}

func fromUTF16(data []byte, order unicode.Endianness, name string) (decoded, error) {
	if len(data)%2 != 0 {
		data = data[:len(data)-1] // a cut last character
	}
	text, err := unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes(data)
	if err != nil {
		return decoded{}, notText().Because(err)
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return decoded{}, nulProblem(text, at)
	}
	return decoded{text: text, encoding: name}, nil
}

// zeros says where the zero bytes of a text without a byte order mark stand.
type zeros int

const (
	zerosNone zeros = iota
	zerosEven
	zerosOdd
)

// zeroBytes tells UTF-16 by the zero half of its Latin letters, which all
// stand on one side: at least a third of the pairs on that side, none on the
// other.
func zeroBytes(data []byte) zeros {
	sample := data[:min(len(data), 64<<10)&^1]
	var even, odd int
	for i := 0; i+1 < len(sample); i += 2 {
		if sample[i] == 0 {
			even++
		}
		if sample[i+1] == 0 {
			odd++
		}
	}
	switch pairs := len(sample) / 2; {
	case pairs >= 4 && odd*3 >= pairs && even == 0:
		return zerosOdd
	case pairs >= 4 && even*3 >= pairs && odd == 0:
		return zerosEven
	}
	return zerosNone
}

// countUTF8 counts the characters of two bytes and more, and the bytes that
// belong to none.
func countUTF8(data []byte) (good, bad int) {
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		data = data[n:]
	}
	return good, bad
}

// mendUTF8 reads every stray byte as windows-1252, which is what a pasted row
// from an older program holds.
func mendUTF8(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(data)/16)
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(data[0])
		}
		out = utf8.AppendRune(out, r)
		data = data[n:]
	}
	return out
}

// fromLegacy asks the detector about the first 100 KB. Windows-1252 is the
// answer whenever it is unsure: the programs of the field write it, and it
// agrees with ISO 8859-1 on every printable character.
func fromLegacy(data []byte) (decoded, error) {
	name, enc := "windows-1252", encoding.Encoding(charmap.Windows1252)
	found := chardet.Detect(data[:min(len(data), 100<<10)])
	if found.Confidence >= 0.8 {
		if e, err := htmlindex.Get(found.Encoding); err == nil {
			if canonical, err := htmlindex.Name(e); err == nil && !strings.HasPrefix(canonical, "utf-") {
				name, enc = canonical, e
			}
		}
	}
	text, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return decoded{}, notText().Because(err)
	}
	return decoded{text: text, encoding: name}, nil
}
