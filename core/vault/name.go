package vault

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"chatmrpt/core/problem"
)

// Limits of what a person may choose.
const (
	maxNameRunes       = 64
	minPassphraseRunes = 8
	maxPassphraseBytes = 1024 // a longer one is a file given by mistake
)

// cleanName trims a display name, brings it to NFC and refuses what could not
// be shown in a list or told from another: no visible character, more than 64
// characters, control characters, line separators, marks that turn the
// direction of writing, bytes that are not UTF-8.
func cleanName(name string) (string, error) {
	name = strings.TrimSpace(norm.NFC.String(name))
	n := utf8.RuneCountInString(name)
	switch {
	case !strings.ContainsFunc(name, isVisible):
		return "", badName("the name is empty", "Give the profile a name of 1 to 64 characters")
	case n > maxNameRunes:
		return "", badName("the name is too long", "Give the profile a name of at most 64 characters")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, isUnprintable):
		return "", badName("the name holds characters that can't be shown", "Use letters, digits, blanks and signs only")
	}
	return name, nil
}

func badName(message, hint string) error {
	return problem.New(problem.BadInput, opCreate, "", message, hint)
}

func isVisible(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}

func isUnprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// foldName is the form in which two display names are compared: canonical
// caseless matching (The Unicode Standard, D145) in NFC, with each run of
// blanks as one.
func foldName(name string) string {
	folded := norm.NFC.String(cases.Fold().String(norm.NFD.String(name)))
	return strings.Join(strings.Fields(folded), " ")
}

// newPassphrase is preparePassphrase for one that is being chosen: it refuses
// what is too short to be one, or too long to have been typed. How good it is
// beyond that is judged by choosePassphrase.
func newPassphrase(op string, passphrase []byte) ([]byte, error) {
	secret := preparePassphrase(passphrase)
	switch n := utf8.RuneCount(secret); {
	case n == 0:
		return nil, weakPassphrase(op, "no passphrase given")
	case n < minPassphraseRunes:
		clear(secret)
		return nil, weakPassphrase(op, "the passphrase is too short")
	case len(secret) > maxPassphraseBytes:
		clear(secret)
		return nil, problem.New(problem.BadInput, op, "", "the passphrase is longer than 1,024 bytes",
			"Check that the right file was given; a passphrase is a line of words")
	}
	return secret, nil
}

func weakPassphrase(op, message string) error {
	return problem.New(problem.BadInput, op, "", message,
		"Choose at least 8 characters; four or five words picked at random are strong and easy to keep in mind")
}

// preparePassphrase gives the bytes that are derived from: the passphrase in
// NFC, so that the same keys pressed on another system give the same secret
// (RFC 8265 section 4.2 asks for the same). The caller clears them.
func preparePassphrase(passphrase []byte) []byte {
	return norm.NFC.Append(make([]byte, 0, 3*len(passphrase)), passphrase...)
}
