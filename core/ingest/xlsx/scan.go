package xlsx

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// kind is what a token of XML is.
type kind uint8

const (
	opening kind = iota + 1 // <name attributes>
	closing                 // </name>
	single                  // <name attributes/>
	chars                   // text between tags, entities still in it
	cdata                   // text that holds no entities
)

// maxToken bounds one tag or one run of text. A cell of 32,767 characters,
// each written as a numeric entity, stays below it.
const maxToken = 1 << 20

// errXML says that a part is not well-formed XML.
var errXML = errors.New("malformed XML")

// scanner cuts XML into tokens. It knows as much of XML as spreadsheets use:
// no entities but the five and the numeric ones, names without their prefix,
// document types refused.
type scanner struct {
	r   io.Reader
	buf []byte
	pos int // next byte to look at
	end int // end of the bytes read
	err error

	name  []byte // of the last tag, without prefix
	attrs []byte // of the last tag, raw
	text  []byte // of the last chars or cdata, raw
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, 64<<10)}
}

// next reads one token; io.EOF at the end. Its bytes are valid until the
// following call.
func (s *scanner) next() (kind, error) {
	for {
		n, err := s.until('<')
		if n > 0 {
			s.text = s.buf[s.pos : s.pos+n]
			s.pos += n
			return chars, nil
		}
		if err != nil {
			return 0, err
		}
		k, err := s.tag()
		if k != 0 || err != nil {
			return k, err
		}
	}
}

// until returns the number of bytes before the next c, reading on as needed.
// At the end of the part it returns what is left, and io.EOF when nothing is.
func (s *scanner) until(c byte) (int, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(s.buf[s.pos+seen:s.end], c); i >= 0 {
			return seen + i, nil
		}
		seen = s.end - s.pos
		if err := s.more(); err != nil {
			if errors.Is(err, io.EOF) && seen > 0 {
				return seen, nil
			}
			return 0, err
		}
	}
}

// more reads further bytes behind those not yet looked at, moving them to the
// front of the buffer and growing it up to maxToken.
func (s *scanner) more() error {
	if s.err != nil {
		return s.err
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.end, s.pos = s.end-s.pos, 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= maxToken {
			s.err = errXML
			return s.err
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.r.Read(s.buf[s.end:])
	s.end += n
	if n == 0 && err != nil {
		s.err = err
		return err
	}
	return nil
}

// tag reads from a '<' to its '>'. It returns 0 for what carries nothing:
// declarations, comments, processing instructions.
func (s *scanner) tag() (kind, error) {
	n, err := s.tagLength()
	if err != nil {
		return 0, cut(err)
	}
	t := s.buf[s.pos+1 : s.pos+n]
	switch {
	case bytes.HasPrefix(t, []byte("!--")):
		return 0, s.skipPast([]byte("-->"))
	case bytes.HasPrefix(t, []byte("![CDATA[")):
		return s.cdata()
	case bytes.HasPrefix(t, []byte("!")):
		return 0, errXML // a document type: nothing a spreadsheet has, much that harms
	}
	s.pos += n + 1
	if len(t) > 0 && t[0] == '?' {
		return 0, nil
	}
	return s.parts(t)
}

// tagLength is the distance to the '>' that ends the tag: one outside quotes.
// Every byte is looked at once, whatever quotes a damaged part leaves open.
func (s *scanner) tagLength() (int, error) {
	from, open := 0, byte(0)
	for {
		n, err := s.untilFrom('>', from)
		if err != nil {
			return 0, err
		}
		t := s.buf[s.pos : s.pos+n]
		if open = quoteAfter(open, t[from:]); open == 0 || bytes.HasPrefix(t, []byte("<!")) {
			return n, nil
		}
		from = n + 1
	}
}

// quoteAfter returns the quotation mark that is open behind t, 0 for none,
// when open was open before it. The two kinds may stand inside one another.
func quoteAfter(open byte, t []byte) byte {
	if open == 0 && bytes.Count(t, []byte{'"'})%2 == 0 && bytes.IndexByte(t, '\'') < 0 {
		return 0 // nearly every tag
	}
	for _, c := range t {
		switch {
		case open == 0 && (c == '"' || c == '\''):
			open = c
		case c == open:
			open = 0
		}
	}
	return open
}

// untilFrom is until, looking only beyond the first from bytes, and without
// pardon at the end of the part.
func (s *scanner) untilFrom(c byte, from int) (int, error) {
	for {
		if s.pos+from <= s.end {
			if i := bytes.IndexByte(s.buf[s.pos+from:s.end], c); i >= 0 {
				return from + i, nil
			}
			from = s.end - s.pos
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// skipPast drops everything up to and with mark.
func (s *scanner) skipPast(mark []byte) error {
	for {
		if i := bytes.Index(s.buf[s.pos:s.end], mark); i >= 0 {
			s.pos += i + len(mark)
			return nil
		}
		s.pos = max(s.pos, s.end-len(mark)+1)
		if err := s.more(); err != nil {
			return cut(err)
		}
	}
}

func (s *scanner) cdata() (kind, error) {
	mark := []byte("]]>")
	for {
		if i := bytes.Index(s.buf[s.pos:s.end], mark); i >= 0 {
			s.text = s.buf[s.pos+len("<![CDATA[") : s.pos+i]
			s.pos += i + len(mark)
			return cdata, nil
		}
		if err := s.more(); err != nil {
			return 0, cut(err)
		}
	}
}

// parts splits the inside of a tag into name and attributes.
func (s *scanner) parts(t []byte) (kind, error) {
	k := opening
	switch {
	case len(t) == 0:
		return 0, errXML
	case t[0] == '/':
		k, t = closing, t[1:]
	case t[len(t)-1] == '/':
		k, t = single, t[:len(t)-1]
	}
	n := bytes.IndexAny(t, " \t\r\n")
	if n < 0 {
		n = len(t)
	}
	s.name, s.attrs = t[:n], t[n:]
	if i := bytes.IndexByte(s.name, ':'); i >= 0 {
		s.name = s.name[i+1:]
	}
	return k, nil
}

// is reports whether the last tag has this name.
func (s *scanner) is(name string) bool { return string(s.name) == name }

// attr returns the raw value of an attribute of the last tag, the prefix of
// its name left out unless name has one.
func (s *scanner) attr(name string) ([]byte, bool) {
	rest := s.attrs
	for {
		key, value, after, ok := nextAttr(rest)
		if !ok {
			return nil, false
		}
		if i := bytes.IndexByte(key, ':'); i >= 0 && string(key[:i]) != "xmlns" {
			key = key[i+1:]
		}
		if string(key) == name {
			return value, true
		}
		rest = after
	}
}

// nextAttr cuts one key="value" from the front of raw.
func nextAttr(raw []byte) (key, value, rest []byte, ok bool) {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	eq := bytes.IndexByte(raw, '=')
	if eq < 0 {
		return nil, nil, nil, false
	}
	key = bytes.TrimRight(raw[:eq], " \t\r\n")
	raw = bytes.TrimLeft(raw[eq+1:], " \t\r\n")
	if len(raw) == 0 || raw[0] != '"' && raw[0] != '\'' {
		return nil, nil, nil, false
	}
	n := bytes.IndexByte(raw[1:], raw[0])
	if n < 0 {
		return nil, nil, nil, false
	}
	return key, raw[1 : 1+n], raw[2+n:], true
}

// cut turns the end of a part inside a tag into the error it is.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// unescape appends raw to dst with its entities resolved. An entity that is
// none stands as written.
func unescape(dst, raw []byte) []byte {
	for {
		amp := bytes.IndexByte(raw, '&')
		if amp < 0 {
			return append(dst, raw...)
		}
		dst, raw = append(dst, raw[:amp]...), raw[amp:]
		semi := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
		if semi < 0 {
			dst, raw = append(dst, '&'), raw[1:]
			continue
		}
		if r, ok := entity(raw[1:semi]); ok {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = append(dst, raw[:semi+1]...)
		}
		raw = raw[semi+1:]
	}
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	switch {
	case len(name) > 2 && name[0] == '#' && (name[1] == 'x' || name[1] == 'X'):
		return digits(name[2:], 16)
	case len(name) > 1 && name[0] == '#':
		return digits(name[1:], 10)
	}
	return 0, false
}

// digits reads a character's number.
func digits(s []byte, base rune) (rune, bool) {
	var v rune
	for _, c := range s {
		d := hexDigit(c)
		if d < 0 || d >= base {
			return 0, false
		}
		if v = v*base + d; v > utf8.MaxRune {
			return 0, false
		}
	}
	return v, len(s) > 0 && v != 0 && utf8.ValidRune(v)
}

func hexDigit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// unescapeX resolves the _x000D_ form in which spreadsheets keep characters
// that XML can't hold. Control characters become blanks.
func unescapeX(s []byte) []byte {
	at := bytes.Index(s, []byte("_x"))
	if at < 0 {
		return s
	}
	out := append([]byte(nil), s[:at]...)
	for i := at; i < len(s); i++ {
		if i+7 <= len(s) && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
			if r, ok := digits(s[i+2:i+6], 16); ok {
				if r < ' ' {
					r = ' '
				}
				out = utf8.AppendRune(out, r)
				i += 6
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}
