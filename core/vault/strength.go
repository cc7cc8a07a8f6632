package vault

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go"

	"chatmrpt/core/problem"
)

// Bounds of judging a passphrase. The estimator's work grows faster than the
// length, and what comes after a hundred characters makes none weaker.
const (
	judgedRunes      = 100
	leastScore       = 2
	guessesPerSecond = 10_000 // a rack of computers against 64 MiB of Argon2id each
)

// Quality is how hard a passphrase is to guess.
type Quality struct {
	Score     int    // 0 guessed at once, 1 soon, 2 somewhat safe, 3 safe, 4 very safe
	CrackTime string // how long a thief with the file and many computers needs, in words
	Advice    string // what to do better; empty from score 3 on
}

// Strength judges a passphrase by the zxcvbn estimator (Wheeler, USENIX
// Security 2016), which knows common passwords, English words, names, dates,
// keyboard patterns and their usual disguises, but no Nigerian language: a
// single Hausa or Yoruba word looks stronger to it than it is. userInputs are
// words that a guesser would try first, such as the person's name. Only the
// first 100 characters are judged.
//
// The estimator works on strings, so copies of the passphrase and of its parts
// stay in memory until the collector's space is used again.
func Strength(passphrase []byte, userInputs []string) Quality {
	prepared := preparePassphrase(passphrase)
	defer clear(prepared)
	if len(prepared) == 0 {
		return Quality{CrackTime: "no time at all", Advice: advice(0)}
	}
	estimate := zxcvbn.PasswordStrength(firstRunes(prepared, judgedRunes), guessableWords(userInputs))
	return Quality{Score: estimate.Score, CrackTime: crackTime(estimate.Entropy), Advice: advice(estimate.Score)}
}

// firstRunes is the beginning of text, at most n characters.
func firstRunes(text []byte, n int) string {
	end := 0
	for range n {
		if end == len(text) {
			break
		}
		_, size := utf8.DecodeRune(text[end:])
		end += size
	}
	return string(text[:end])
}

// guessableWords are the words of userInputs and those of this program's field.
func guessableWords(userInputs []string) []string {
	words := strings.Fields(strings.ToLower(strings.Join(userInputs, " ")))
	return append(words, "chatmrpt", "mrpt", "malaria", "nigeria", "ward", "health", "facility", "password", "passphrase")
}

// crackTime puts the time to try half of 2^bits guesses into words.
func crackTime(bits float64) string {
	const minute, hour, day, year = 60, 3600, 86400, 365.25 * 86400
	seconds := math.Exp2(bits-1) / guessesPerSecond
	switch {
	case seconds < 1:
		return "a second"
	case seconds < minute:
		return "seconds"
	case seconds < hour:
		return plural(seconds/minute, "minute")
	case seconds < day:
		return plural(seconds/hour, "hour")
	case seconds < year:
		return plural(seconds/day, "day")
	case seconds < 100*year:
		return plural(seconds/year, "year")
	}
	return "centuries"
}

func plural(n float64, unit string) string {
	if whole := math.Floor(n); whole > 1 {
		return fmt.Sprintf("%.0f %ss", whole, unit)
	}
	return "1 " + unit
}

func advice(score int) string {
	switch {
	case score < leastScore:
		return "Choose four or five words picked at random; avoid names, places, years and well-known passwords"
	case score == leastScore:
		return "Add another word or two that have nothing to do with the others"
	}
	return ""
}

// choosePassphrase prepares a passphrase that is being chosen by the profile
// name, and refuses one that can't be one or would be guessed soon. The caller
// clears what it returns.
func choosePassphrase(op, name string, passphrase []byte) ([]byte, error) {
	secret, err := newPassphrase(op, passphrase)
	if err != nil {
		return nil, err
	}
	if q := Strength(secret, []string{name}); q.Score < leastScore {
		clear(secret)
		return nil, problem.New(problem.BadInput, op, "",
			"the passphrase is easy to guess: whoever has a copy of the files would need about "+q.CrackTime, q.Advice)
	}
	return secret, nil
}
