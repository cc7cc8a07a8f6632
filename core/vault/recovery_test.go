package vault

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

func sampleCode() []byte {
	code := make([]byte, recoveryBytes)
	rand.NewChaCha8([32]byte{7}).Read(code)
	return code
}

func TestQuintetsAgainstHandReckoning(t *testing.T) {
	// 0xFF 0x00 = 11111 11100 00000 0, the last bit dropped.
	if got := quintets([]byte{0xff, 0x00}); !bytes.Equal(got, []byte{31, 28, 0}) {
		t.Errorf("got %v", got)
	}
	code := sampleCode()
	if got := joinQuintets(quintets(code)); !bytes.Equal(got, code) {
		t.Errorf("%x became %x", code, got)
	}
}

func TestRecoveryCodeHasTheFormPrinted(t *testing.T) {
	code := bytes.Repeat([]byte{0}, recoveryBytes)
	text := formatRecovery(code)
	if len(text) != 44 || strings.Count(text, "-") != 8 || !strings.HasPrefix(text, "0000-0000-0000-0000-0000-0000-0000-0000-") {
		t.Errorf("zero code printed as %q", text)
	}
	if strings.ContainsAny(formatRecovery(sampleCode()), "ILOU") {
		t.Error("an ambiguous letter was printed")
	}
}

func TestRecoveryCodeIsReadAsPeopleTypeIt(t *testing.T) {
	// A code whose print has both a 0 and a 1, so that O, I and L are tried.
	code := append([]byte{0, 0x44}, sampleCode()[2:]...)
	text := formatRecovery(code)
	if !strings.Contains(text, "0") || !strings.Contains(text, "1") {
		t.Fatalf("%s has no 0 or no 1", text)
	}
	for name, typed := range map[string]string{
		"as printed": text, "lower case": strings.ToLower(text), "no dashes": strings.ReplaceAll(text, "-", ""),
		"blanks": strings.ReplaceAll(text, "-", "  "), "line end": text + "\r\n", "en dashes": strings.ReplaceAll(text, "-", "–"),
		"minus signs": strings.ReplaceAll(text, "-", "\u2212"), "hard blanks": strings.ReplaceAll(text, "-", "\u00a0"),
		"O for 0": strings.ReplaceAll(text, "0", "O"), "o for 0": strings.ReplaceAll(text, "0", "o"),
		"I for 1": strings.ReplaceAll(text, "1", "I"), "l for 1": strings.ReplaceAll(text, "1", "l"),
	} {
		if got, err := parseRecovery([]byte(typed)); err != nil || !bytes.Equal(got, code) {
			t.Errorf("%s %q: %x, %v", name, typed, got, err)
		}
	}
}

// Every single wrong character and every swap of neighbours in this code is
// told from a wrong code. (One in 2^20 may pass in general.)
func TestRecoveryTyposAreNoticed(t *testing.T) {
	plain := strings.ReplaceAll(formatRecovery(sampleCode()), "-", "")
	tried := 0
	check := func(typed string) {
		tried++
		if _, err := parseRecovery([]byte(typed)); !errors.Is(err, errRecoveryTypo) {
			t.Errorf("%s for %s: %v", typed, plain, err)
		}
	}
	for i := range plain {
		for _, r := range crockford {
			if byte(r) != plain[i] {
				check(plain[:i] + string(r) + plain[i+1:])
			}
		}
		check(plain[:i] + plain[i+1:])
		check(plain[:i+1] + plain[i:])
		if i+1 < len(plain) && plain[i] != plain[i+1] {
			check(plain[:i] + plain[i+1:i+2] + plain[i:i+1] + plain[i+2:])
		}
	}
	if tried < 36*31 {
		t.Errorf("only %d tried", tried)
	}
}

func TestPassphrasesAreNotTakenForCodes(t *testing.T) {
	for _, s := range []string{"", "correct horse battery staple", "12345678", "umbrella-umbrella-umbrella-umbrella-um",
		strings.Repeat("A", 60), strings.Repeat("-", 36), "\xff\xfe", strings.Repeat("9", 5000)} {
		if _, err := parseRecovery([]byte(s)); !errors.Is(err, errNotRecovery) {
			t.Errorf("%.40q: %v", s, err)
		}
	}
}

func FuzzParseRecovery(f *testing.F) {
	f.Add([]byte(formatRecovery(sampleCode())))
	f.Add([]byte("oooo-llll-iiii"))
	f.Add([]byte("ſſſſ ıııı \xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		code, err := parseRecovery(text)
		if !bytes.Equal(before, text) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			if code != nil || !errors.Is(err, errNotRecovery) && !errors.Is(err, errRecoveryTypo) {
				t.Fatalf("%x, %v", code, err)
			}
			return
		}
		again, err := parseRecovery([]byte(formatRecovery(code)))
		if len(code) != recoveryBytes || err != nil || !bytes.Equal(again, code) {
			t.Fatalf("%q: %x printed and read is %x, %v", text, code, again, err)
		}
	})
}
