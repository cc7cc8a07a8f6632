package boundary

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// The functions here walk over JSON that json.Valid has accepted, without
// copying it. The standard decoder would copy each level of a document (file,
// feature, geometry) and lose the order of the properties. Nesting needs no
// recursion here, and json.Valid refuses more than 10,000 levels.

// checkJSON returns where and why data isn't JSON, nil if it is.
func checkJSON(data []byte) error {
	if json.Valid(data) {
		return nil
	}
	err := json.Unmarshal(data, new(json.RawMessage))
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := data[:min(int(syntax.Offset), len(data))]
		return fmt.Errorf("line %d: %w", 1+bytes.Count(before, []byte{'\n'}), err)
	}
	return err
}

// kindOf is the first byte of a value, which tells its kind: { [ " t f n, or
// '0' for a number.
func kindOf(raw []byte) byte {
	if len(raw) == 0 {
		return 'n'
	}
	if c := raw[0]; c != '-' && (c < '0' || c > '9') {
		return c
	}
	return '0'
}

// members yields the keys and values of an object in their order; nothing for
// other values.
func members(raw []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if kindOf(raw) != '{' {
			return
		}
		for at := next(raw, 1); at < len(raw) && raw[at] == '"'; {
			end := skip(raw, at)
			key := unquote(raw[at:end])
			at = next(raw, next(raw, end)+1) // over the colon
			end = skip(raw, at)
			if !yield(key, raw[at:end]) {
				return
			}
			at = afterComma(raw, end)
		}
	}
}

// elements yields the values of an array; nothing for other values.
func elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if kindOf(raw) != '[' {
			return
		}
		for at := next(raw, 1); at < len(raw) && raw[at] != ']'; {
			end := skip(raw, at)
			if !yield(raw[at:end]) {
				return
			}
			at = afterComma(raw, end)
		}
	}
}

// member returns the first value of an object under a key, nil when it isn't
// there.
func member(raw []byte, key string) []byte {
	for k, v := range members(raw) {
		if k == key {
			return v
		}
	}
	return nil
}

// next returns the index of the first byte from at on that isn't blank.
func next(raw []byte, at int) int {
	for at < len(raw) && (raw[at] == ' ' || raw[at] == '\n' || raw[at] == '\r' || raw[at] == '\t') {
		at++
	}
	return at
}

func afterComma(raw []byte, at int) int {
	if at = next(raw, at); at < len(raw) && raw[at] == ',' {
		at = next(raw, at+1)
	}
	return at
}

// skip returns the index behind the value that starts at at.
func skip(raw []byte, at int) int {
	depth := 0
	for at < len(raw) {
		switch raw[at] {
		case '"':
			at = skipString(raw, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		case ',', ' ', '\n', '\r', '\t', ':':
			at++
		default:
			at = skipWord(raw, at)
		}
		if depth == 0 {
			return at
		}
	}
	return at
}

func skipString(raw []byte, at int) int {
	for at++; at < len(raw); at++ {
		switch raw[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(raw)
}

// skipWord skips a number, true, false or null.
func skipWord(raw []byte, at int) int {
	for at < len(raw) {
		switch raw[at] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return at
		}
		at++
	}
	return at
}

// unquote returns the text of a string value, and other values as they are
// written.
func unquote(raw []byte) string {
	if kindOf(raw) != '"' {
		return string(raw)
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return strings.ToValidUTF8(string(raw[1:len(raw)-1]), "\ufffd")
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return strings.ToValidUTF8(string(raw), "\ufffd")
	}
	return text
}
