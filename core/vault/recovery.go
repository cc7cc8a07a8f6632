package vault

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A recovery code is 160 random bits followed by a 20-bit checksum, written in
// Crockford's base32 (no I, L, O, U) as nine groups of four characters.
const (
	recoveryBytes = 20
	recoveryChars = 36 // 32 of random bits, 4 of checksum
	recoveryGroup = 4
	recoveryLabel = "chatmrpt/recovery/1"
	crockford     = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	crockfordBits = 5 // what a character holds
)

// What parsing a recovery code can find wrong.
var (
	// errNotRecovery: it does not have the shape of a recovery code.
	errNotRecovery = errors.New("not a recovery code")
	// errRecoveryTypo: it has the shape, but was mistyped.
	errRecoveryTypo = errors.New("recovery code with a typing mistake")
)

// newRecovery draws the bytes of a recovery code, which are derived from. The
// caller clears them.
func newRecovery(random io.Reader) ([]byte, error) {
	code := make([]byte, recoveryBytes)
	_, err := io.ReadFull(random, code)
	return code, err
}

// formatRecovery writes code with its checksum in groups.
func formatRecovery(code []byte) string {
	sum := recoveryChecksum(code)
	var b strings.Builder
	for i, v := range append(quintets(code), sum...) {
		if i > 0 && i%recoveryGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(crockford[v])
	}
	return b.String()
}

// parseRecovery reads a code as people type it: any case, with blanks and
// dashes anywhere or nowhere, O for 0, I and L for 1. It gives errNotRecovery
// for what can't be meant as a code, and errRecoveryTypo for what can but
// whose length or checksum is wrong. The caller clears the code.
func parseRecovery(text []byte) ([]byte, error) {
	if len(text) > maxPassphraseBytes {
		return nil, errNotRecovery
	}
	values, ok := recoveryValues(text)
	defer clear(values)
	if !ok {
		return nil, errNotRecovery
	}
	if len(values) != recoveryChars {
		return nil, errRecoveryTypo
	}
	code, sum := joinQuintets(values[:recoveryChars-4]), values[recoveryChars-4:]
	if !bytes.Equal(recoveryChecksum(code), sum) {
		clear(code)
		return nil, errRecoveryTypo
	}
	return code, nil
}

// recoveryValues gives the value of each character that is not a separator. It
// is not ok when a character belongs to no code, or when there are so many or
// so few that a code can't have been meant.
func recoveryValues(text []byte) (values []byte, ok bool) {
	values = make([]byte, 0, len(text))
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		if isSeparator(r) {
			continue
		}
		v := crockfordDigit(r)
		if v < 0 {
			return values, false
		}
		values = append(values, byte(v))
	}
	const slack = 4 // a group left out or typed twice
	return values, len(values) >= recoveryChars-slack && len(values) <= recoveryChars+slack
}

// isSeparator reports blanks and dashes, those a word processor puts in too.
func isSeparator(r rune) bool {
	const softHyphen, minus, zeroWidth, byteOrder = '\u00AD', '\u2212', '\u200B', '\uFEFF'
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) ||
		r == softHyphen || r == minus || r == zeroWidth || r == byteOrder
}

// crockfordDigit is the value of a character, or -1.
func crockfordDigit(r rune) int {
	switch r = unicode.ToUpper(r); r {
	case 'O':
		r = '0'
	case 'I', 'L':
		r = '1'
	}
	return strings.IndexRune(crockford, r)
}

// recoveryChecksum is the first 20 bits of SHA-256 over a label and the code,
// as four base32 values: one mistyped code in a million passes.
func recoveryChecksum(code []byte) []byte {
	h := sha256.New()
	h.Write([]byte(recoveryLabel))
	h.Write(code)
	return quintets(h.Sum(nil))[:4]
}

// quintets cuts bytes into five-bit values, highest bits first; bits left over
// at the end are dropped.
func quintets(raw []byte) []byte {
	out := make([]byte, 0, len(raw)*8/crockfordBits)
	acc, bits := uint(0), 0
	for _, b := range raw {
		acc, bits = acc<<8|uint(b), bits+8
		for bits >= crockfordBits {
			bits -= crockfordBits
			out = append(out, byte(acc>>bits)&31)
		}
	}
	return out
}

// joinQuintets is the inverse of quintets; a last byte that is not full is
// dropped.
func joinQuintets(values []byte) []byte {
	out := make([]byte, 0, len(values)*crockfordBits/8)
	acc, bits := uint(0), 0
	for _, v := range values {
		acc, bits = acc<<crockfordBits|uint(v), bits+crockfordBits
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	return out
}
