package xlsx

import (
	"context"
	"fmt"

	"chatmrpt/core/ingest/archive"
)

// maxStrings bounds the number of common strings; their bytes are bounded by
// the allowance of the part.
const maxStrings = 16_000_000

// stringTable holds the strings a workbook keeps in common, one after the
// other, read when first needed.
type stringTable struct {
	part string
	read bool
	data []byte
	ends []uint32
}

// load reads the strings. Runs of rich text are joined; phonetic hints are
// not part of the text.
func (t *stringTable) load(ctx context.Context, c *archive.Archive) error {
	if t.read {
		return nil
	}
	t.read = true
	r, err := c.Part(t.part)
	if err != nil {
		return err
	}
	defer r.Close()
	return t.scan(ctx, newScanner(r))
}

func (t *stringTable) scan(ctx context.Context, s *scanner) error {
	for {
		k, err := s.next()
		switch {
		case isEOF(err):
			return nil
		case err != nil:
			return err
		case !s.is("si") || k != opening && k != single:
			continue
		}
		if k == opening {
			if t.data, err = s.richText("si", t.data); err != nil {
				return err
			}
		}
		t.ends = append(t.ends, uint32(len(t.data)))
		if len(t.ends) > maxStrings || len(t.data) > 1<<32-1-maxToken {
			return archive.ErrBomb
		}
		if len(t.ends)%65536 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// get returns string number n.
func (t *stringTable) get(n int) ([]byte, error) {
	if n < 0 || n >= len(t.ends) {
		return nil, fmt.Errorf("%w: common string %d of %d", errXML, n, len(t.ends))
	}
	start := uint32(0)
	if n > 0 {
		start = t.ends[n-1]
	}
	return t.data[start:t.ends[n]:t.ends[n]], nil
}

// richText appends the text of all <t> up to the end of the element named
// end, leaving out phonetic hints.
func (s *scanner) richText(end string, dst []byte) ([]byte, error) {
	from, phonetic, inText := len(dst), false, false
	for {
		k, err := s.next()
		if err != nil {
			return dst, cut(err)
		}
		switch {
		case k == chars || k == cdata:
			if inText && !phonetic {
				dst = s.appendText(dst, k)
			}
			if len(dst)-from > maxToken {
				return dst, errXML
			}
		case s.is("rPh"):
			phonetic = k == opening
		case s.is("t"):
			inText = k == opening
		case k == closing && s.is(end):
			return append(dst[:from], unescapeX(dst[from:])...), nil
		}
	}
}

// appendText appends the text of the last token.
func (s *scanner) appendText(dst []byte, k kind) []byte {
	if k == cdata {
		return append(dst, s.text...)
	}
	return unescape(dst, s.text)
}
