package delimited

import (
	"bytes"
	"errors"

	"chatmrpt/core/ingest/grid"
)

// errOpenQuote says that the text ended inside a quoted field.
var errOpenQuote = errors.New("quoted field without end")

// parser cuts text into records. Fields are slices of text, or of scratch
// when a quoted field had to be rewritten; both are valid until next is
// called again.
type parser struct {
	text    []byte
	dialect dialect
	fields  [][]byte
	scratch []byte
}

// next returns the fields of the next record, false at the end of the text.
func (p *parser) next() ([][]byte, bool, error) {
	if len(p.text) == 0 {
		return nil, false, nil
	}
	p.fields, p.scratch = p.fields[:0], p.scratch[:0]
	for {
		field, more, err := p.field()
		if err != nil {
			return nil, false, err
		}
		// Of the fields beyond the limit only one that holds something is
		// kept, to be refused: a row of commas must not cost 24 bytes each.
		if len(p.fields) < grid.MaxColumns || len(p.fields) == grid.MaxColumns && len(field) > 0 {
			p.fields = append(p.fields, field)
		}
		if !more {
			return p.fields, true, nil
		}
	}
}

// field returns the next field of the record and whether another follows.
func (p *parser) field() (field []byte, more bool, err error) {
	if len(p.text) > 0 && p.text[0] == p.dialect.quote {
		return p.quoted()
	}
	n := p.plainLength()
	field, p.text = p.text[:n], p.text[n:]
	return field, p.separator(), nil
}

// plainLength is the distance to the next delimiter or line end.
func (p *parser) plainLength() int {
	for i, c := range p.text {
		if c == p.dialect.delimiter || c == '\n' || c == '\r' {
			return i
		}
	}
	return len(p.text)
}

// separator steps over a delimiter (true) or a line end of any kind (false).
func (p *parser) separator() bool {
	switch {
	case len(p.text) == 0:
		return false
	case p.text[0] == p.dialect.delimiter:
		p.text = p.text[1:]
		return true
	case bytes.HasPrefix(p.text, []byte("\r\n")):
		p.text = p.text[2:]
	default:
		p.text = p.text[1:]
	}
	return false
}

// quoted reads a field that begins with a quotation mark. A doubled mark is
// one mark; what stands between the closing mark and the delimiter belongs to
// the field, as spreadsheet programs have it.
func (p *parser) quoted() (field []byte, more bool, err error) {
	quote := p.dialect.quote
	p.text = p.text[1:]
	start, rewritten := len(p.scratch), false
	for {
		n := bytes.IndexByte(p.text, quote)
		if n < 0 {
			return nil, false, errOpenQuote
		}
		if n+1 < len(p.text) && p.text[n+1] == quote {
			p.scratch = append(p.scratch, p.text[:n+1]...)
			p.text, rewritten = p.text[n+2:], true
			continue
		}
		field, p.text = p.text[:n], p.text[n+1:]
		break
	}
	tail := p.text[:p.plainLength()]
	p.text = p.text[len(tail):]
	if rewritten || len(tail) > 0 {
		p.scratch = append(append(p.scratch, field...), tail...)
		field = p.scratch[start:len(p.scratch):len(p.scratch)]
	}
	return field, p.separator(), nil
}
