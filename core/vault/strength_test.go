package vault

import (
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

// Scores by the estimator; that of "Tr0ub4dour&3" and of "correct horse
// battery staple" are the examples of its paper.
func TestStrength(t *testing.T) {
	for passphrase, want := range map[string][]int{
		"": {0}, "password1": {0}, "12345678": {0}, "qwertyuiop": {0}, "abcdefgh": {0}, "sundaymarket": {0},
		"malaria2024": {0, 1}, "Nigeria2026": {0, 1}, "amina bello 1987": {0, 1}, "a passphrase": {0, 1},
		"correct horse battery": {3, 4}, "correct horse battery staple": {4}, testPassphrase: {4}, newSecret: {4},
		strings.Repeat("a", 100): {0}, "\xff\xfe\x00\x01\xff\xfe\x00\x01": {0, 1, 2, 3, 4},
	} {
		q := Strength([]byte(passphrase), []string{"Amina Bello"})
		if !slices.Contains(want, q.Score) || q.CrackTime == "" || (q.Advice == "") != (q.Score >= 3) {
			t.Errorf("%q: %+v, want score %v", passphrase, q, want)
		}
	}
}

// The name counts only for the person who bears it.
func TestNameMakesAPassphraseWeak(t *testing.T) {
	const passphrase = "Oluwaseyifunmi77"
	free, own := Strength([]byte(passphrase), nil), Strength([]byte(passphrase), []string{"OLUWASEYIFUNMI Ade"})
	if own.Score >= free.Score || own.Score > 1 {
		t.Errorf("without the name %+v, with it %+v", free, own)
	}
}

// What lies behind the hundredth character is not looked at, in time or score;
// a character of several bytes is not cut in two.
func TestStrengthIsBounded(t *testing.T) {
	long := strings.Repeat("ọ̀rẹ́ ", 30)
	if got := firstRunes([]byte(long), judgedRunes); len([]rune(got)) != judgedRunes || !strings.HasPrefix(long, got) {
		t.Errorf("%d characters judged", len([]rune(got)))
	}
	weak := strings.Repeat("a", judgedRunes)
	if q := Strength([]byte(weak+strings.Repeat("x9!", 100_000)), nil); q != Strength([]byte(weak), nil) {
		t.Errorf("the end was judged: %+v", q)
	}
}

func TestCrackTimeInWords(t *testing.T) {
	for seconds, want := range map[float64]string{
		0.2: "a second", 30: "seconds", 61: "1 minute", 7201: "2 hours", 86400 * 3.5: "3 days",
		3600 * 24 * 366: "1 year", 3600 * 24 * 365.25 * 99.5: "99 years", 1e12: "centuries",
	} {
		if got := crackTime(math.Log2(seconds*guessesPerSecond) + 1); got != want {
			t.Errorf("%v s: %q, want %q", seconds, got, want)
		}
	}
}

func TestCreateRefusesWhatIsEasyToGuess(t *testing.T) {
	home := t.TempDir()
	for _, easy := range []string{"password1", "Kayode99", "qwertyuiop", "winter horse", "table lamp"} {
		_, _, err := Create(t.Context(), home, "Kayode", []byte(easy), cheap())
		wantProblem(t, err, problem.BadInput)
		if err != nil && strings.Contains(err.Error(), easy) {
			t.Errorf("the error repeats the passphrase: %v", err)
		}
	}
	if all, err := List(home); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// Whatever is typed is judged.
func FuzzStrength(f *testing.F) {
	for _, s := range []string{"", "correct horse", "1/2/1999", "31.12.99", "aaaaaa", "p4ssw0rd", "\xff\xfe", "zyxwv123", "ọ̀rẹ́ọ̀rẹ́"} {
		f.Add([]byte(s), "Amina")
	}
	f.Fuzz(func(t *testing.T, passphrase []byte, name string) {
		if q := Strength(passphrase, []string{name}); q.Score < 0 || q.Score > 4 || q.CrackTime == "" {
			t.Errorf("%q: %+v", passphrase, q)
		}
	})
}
