package vault

import (
	"bytes"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func TestCleanName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Amina", "Amina"},
		{"  Amina Bello\t", "Amina Bello"},
		{"Ade\u0301", "Adé"}, // NFC
		{strings.Repeat("ß", 64), strings.Repeat("ß", 64)},
		{"Ọlá 2", "Ọlá 2"},
		{"7", "7"},
		{"नेहा\u200dक", "नेहा\u200dक"}, // a joiner is part of some scripts
	} {
		if got, err := cleanName(c.in); err != nil || got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "   ", "\u200d", strings.Repeat("a", 65), "a\x00b", "a\nb", "a\u0085b", "a\u2028b",
		"abc\u202etxt", "a\xffb", "\xff"} {
		if got, err := cleanName(bad); !problem.Is(err, problem.BadInput) {
			t.Errorf("%q: %q, %v; want it refused", bad, got, err)
		}
	}
}

func TestFoldNameTellsNamesApartAsPeopleDo(t *testing.T) {
	same := [][2]string{{"Amina", "AMINA"}, {"Adé", "ade\u0301"}, {"STRASSE", "straße"}, {"Amina  Bello", "amina\u00a0bello"},
		{"Σίσυφος", "ΣΊΣΥΦΟΣ"}}
	for _, p := range same {
		if foldName(p[0]) != foldName(p[1]) {
			t.Errorf("%q and %q are told apart", p[0], p[1])
		}
	}
	for _, p := range [][2]string{{"Ade", "Adé"}, {"Amina", "Aminah"}, {"A B", "AB"}} {
		if foldName(p[0]) == foldName(p[1]) {
			t.Errorf("%q and %q are one", p[0], p[1])
		}
	}
}

func TestNewPassphrase(t *testing.T) {
	for _, good := range []string{"12345678", "ñandúñan", strings.Repeat("x", 1024)} {
		if _, err := newPassphrase(opCreate, []byte(good)); err != nil {
			t.Errorf("%d bytes refused: %v", len(good), err)
		}
	}
	// Seven letters, one of them sent as letter and accent.
	for _, bad := range []string{"", "1234567", "cafe\u0301123", strings.Repeat("x", 1025)} {
		_, err := newPassphrase(opCreate, []byte(bad))
		if !problem.Is(err, problem.BadInput) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
		if err != nil && len(bad) > 0 && strings.Contains(err.Error(), bad) {
			t.Errorf("the error repeats the passphrase: %v", err)
		}
	}
}

func TestPassphraseIsOneHoweverItIsEncoded(t *testing.T) {
	composed, decomposed := []byte("sécurité"), []byte("se\u0301curite\u0301")
	if !bytes.Equal(preparePassphrase(composed), preparePassphrase(decomposed)) {
		t.Error("two encodings of one passphrase give two secrets")
	}
	if string(decomposed) != "se\u0301curite\u0301" {
		t.Error("the caller's passphrase was changed")
	}
}
