package xls

import (
	"encoding/binary"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// codePage decodes the texts of workbooks before BIFF8.
type codePage struct{ encoding.Encoding }

func windows1252() codePage { return codePage{charmap.Windows1252} }

// pageOf finds the code page by its number; one that is unknown is read as
// that of western Windows, of which the ASCII half is right in any case.
func pageOf(n int) codePage {
	pages := map[int]encoding.Encoding{
		437: charmap.CodePage437, 850: charmap.CodePage850, 852: charmap.CodePage852, 855: charmap.CodePage855,
		858: charmap.CodePage858, 860: charmap.CodePage860, 862: charmap.CodePage862, 863: charmap.CodePage863,
		865: charmap.CodePage865, 866: charmap.CodePage866, 874: charmap.Windows874, 932: japanese.ShiftJIS,
		936: simplifiedchinese.GBK, 949: korean.EUCKR, 950: traditionalchinese.Big5,
		1250: charmap.Windows1250, 1251: charmap.Windows1251, 1253: charmap.Windows1253, 1254: charmap.Windows1254,
		1255: charmap.Windows1255, 1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
		10000: charmap.Macintosh, 32768: charmap.Macintosh,
	}
	if e, ok := pages[n]; ok {
		return codePage{e}
	}
	return windows1252()
}

func (p codePage) text(b []byte) string {
	out, err := p.NewDecoder().Bytes(b)
	if err != nil {
		return string(b)
	}
	return string(out)
}

// formatCode is the code of a FORMAT record (2.4.126).
func (w *Workbook) formatCode(d []byte) string {
	switch {
	case len(d) < 4:
		return ""
	case w.version == biff8:
		return plainString(d[4:], u16(d, 2))
	}
	return w.page.text(d[3:min(len(d), 3+int(d[2]))])
}

// cellString is a text with a length of two bytes before it.
func (w *Workbook) cellString(d []byte) string {
	if len(d) < 3 {
		return ""
	}
	n := u16(d, 0)
	if w.version == biff8 {
		return plainString(d[2:], n)
	}
	return w.page.text(d[2:min(len(d), 2+n)])
}

// plainString reads n characters behind their byte of options, as many as are
// there (2.5.294): one byte each, or two.
func plainString(d []byte, n int) string {
	if len(d) == 0 {
		return ""
	}
	return characters(d[1:], n, d[0]&1 != 0)
}

func characters(d []byte, n int, wide bool) string {
	if !wide {
		return latin1(d[:min(len(d), n)])
	}
	return utf16Text(d[:min(len(d), 2*n)&^1])
}

// latin1: the characters of one byte are the first 256 of Unicode.
func latin1(d []byte) string {
	out := make([]rune, len(d))
	for i, b := range d {
		out[i] = rune(b)
	}
	return string(out)
}

func utf16Text(d []byte) string {
	units := make([]uint16, len(d)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(d[2*i:])
	}
	return string(utf16.Decode(units))
}

// sharedStrings reads the texts that the workbook keeps in common (2.4.265),
// which go on over any number of CONTINUE records, and says where the next
// record begins.
func (w *Workbook) sharedStrings(r record) (next int) {
	s := segments{w: w, rec: r}
	s.skip(8) // how often they are used, and how many they are: not believed
	for s.more() {
		w.strings = append(w.strings, s.sharedString())
	}
	return s.end()
}

// segments reads on from a record into its CONTINUE records.
type segments struct {
	w   *Workbook
	rec record
	at  int
}

// more moves on to the next record at the end of one; false when there is none.
func (s *segments) more() bool {
	for s.at >= len(s.rec.data) {
		r, ok := s.w.record(s.rec.next)
		if !ok || r.id != recContinue {
			return false
		}
		s.rec, s.at = r, 0
	}
	return true
}

// end skips what is left and gives the offset behind the last record.
func (s *segments) end() int {
	for s.more() {
		s.at = len(s.rec.data)
	}
	return s.rec.next
}

// skip passes over n bytes, over any number of records.
func (s *segments) skip(n int) {
	for n > 0 && s.more() {
		step := min(n, len(s.rec.data)-s.at)
		s.at, n = s.at+step, n-step
	}
}

func (s *segments) byte() byte {
	if !s.more() {
		return 0
	}
	s.at++
	return s.rec.data[s.at-1]
}

func (s *segments) number(bytes int) (n int) {
	for i := range bytes {
		n |= int(s.byte()) << (8 * i)
	}
	return n
}

// sharedString reads one text (2.5.293): length, options, then perhaps the
// number of formatting runs and the size of a phonetic hint, the characters,
// and these two. Characters that go on in the next record have a byte of
// options of their own before them there.
func (s *segments) sharedString() string {
	left, options := s.number(2), s.byte()
	trailing := 0
	if options&8 != 0 {
		trailing = 4 * s.number(2)
	}
	if options&4 != 0 {
		trailing += s.number(4)
	}
	wide := options&1 != 0
	var text string
	for left > 0 {
		if s.at >= len(s.rec.data) {
			if !s.more() {
				break
			}
			wide = s.byte()&1 != 0
		}
		size := 1
		if wide {
			size = 2
		}
		take := min(left, (len(s.rec.data)-s.at)/size)
		if take == 0 {
			s.at = len(s.rec.data) // half a character at the end of a record
			left--
			continue
		}
		text += characters(s.rec.data[s.at:], take, wide)
		s.at, left = s.at+take*size, left-take
	}
	s.skip(trailing)
	return text
}
