package place

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NormaliseWard returns the key under which ward names are compared; it is not
// meant to be shown. Two names with equal keys are spellings of one name.
//
// Case, accents (NFKD, marks stripped), the hooked letters ɓ ɗ ƙ ƴ and
// apostrophes vanish; dashes, slashes and all other signs separate words;
// Roman numerals I to XX standing alone become digits, and so does a number
// glued to the end of a word ("Iye2", "iye 2"); the words ward and wards are
// dropped. What stands in brackets stays as words, because it often is all
// that tells two wards apart, unless it names an LGA ("(Daura LGA)"). A
// two-letter state prefix is kept: without the state it can't be told from a
// name such as "Na Alma"; see StripPrefix. The key of a non-empty name may be
// empty when it has no letter or digit. Normalising a key returns it.
func NormaliseWard(s string) string {
	segs, _ := wardSegments(s, nil)
	return joinSegments(segs)
}

// NormaliseLGA returns the key under which LGA names are compared: as for
// wards, less the words that only say that it is an LGA or an area council,
// and with the few names that differ beyond spelling brought to one (the
// Municipal Area Council, AMAC, of Abuja; Nassarawa and Nasarawa).
func NormaliseLGA(s string) string {
	var words []string
	for _, seg := range splitSegments(s) {
		words = append(words, romanToDigits(seg.words)...)
	}
	return canonicalLGA(trimSuffixes(words, lgaSuffixes()))
}

// NormaliseState returns the key under which state names are compared. For
// Nigeria the 36 states and the capital territory are known under their names,
// their usual other spellings, and both families of two-letter codes; a DHIS2
// prefix ("kn Kano State") goes when it is that state's own code. Names of
// other countries' regions are normalised and otherwise left alone.
func NormaliseState(s string) string {
	var words []string
	for _, seg := range splitSegments(s) {
		words = append(words, seg.words...)
	}
	words = trimSuffixes(words, [][]string{{"state"}, {"states"}})
	if len(words) > 1 {
		rest := canonicalState(strings.Join(words[1:], " "))
		if isCodeOf(words[0], rest) {
			return rest
		}
	}
	return canonicalState(strings.Join(words, " "))
}

// StripPrefix removes the prefix DHIS2 puts before names ("kn Ajingi Ward" in
// Kano) and trims blanks. It goes only if it is one of state's own codes,
// written in one case (kn, KN, never Kn) and followed by a name; so Katsina's
// "Na Alma" and Nasarawa's "Na Alma" both keep their Na.
func StripPrefix(name, state string) string {
	return stripCodes(name, stateCodes(NormaliseState(state)))
}

func stripCodes(name string, codes []string) string {
	name = strings.TrimSpace(name)
	head, rest, ok := strings.Cut(name, " ")
	rest = strings.TrimSpace(rest)
	if !ok || rest == "" {
		return name
	}
	low := strings.ToLower(head)
	if head != low && head != strings.ToUpper(head) {
		return name
	}
	for _, c := range codes {
		if c == low {
			return rest
		}
	}
	return name
}

// segment is a stretch of a name between slashes, brackets or commas.
type segment struct {
	words   []string
	bracket bool // stood inside brackets
}

// wardSegments cuts a ward name into its segments. A bracket that names an LGA
// is left out and its key returned as the hint: one that says so ("Daura LGA")
// or that known recognises by its key. known may be nil.
func wardSegments(s string, known func(lga string) bool) (kept []segment, hint string) {
	for _, seg := range splitSegments(s) {
		if seg.bracket {
			key := NormaliseLGA(strings.Join(seg.words, " "))
			if isLGAHint(seg.words) || (known != nil && known(key)) {
				hint = key
				continue
			}
		}
		seg.words = romanToDigits(seg.words)
		kept = append(kept, seg)
	}
	return dropWardWords(kept), hint
}

func isLGAHint(words []string) bool {
	return len(trimSuffixes(words, lgaSuffixes())) < len(words)
}

// dropWardWords leaves out the words ward and wards; a name that is nothing
// else keeps one of them.
func dropWardWords(segs []segment) []segment {
	var kept []segment
	seen := false
	for _, seg := range segs {
		words := make([]string, 0, len(seg.words))
		for _, w := range seg.words {
			if w == "ward" || w == "wards" {
				seen = true
				continue
			}
			words = append(words, w)
		}
		if len(words) > 0 {
			kept = append(kept, segment{words, seg.bracket})
		}
	}
	if len(kept) == 0 && seen {
		return []segment{{words: []string{"ward"}}}
	}
	return kept
}

func joinSegments(segs []segment) string {
	var b strings.Builder
	for _, seg := range segs {
		for _, w := range seg.words {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
	}
	return b.String()
}

// splitSegments folds s and cuts it into segments of words.
func splitSegments(s string) []segment {
	var segs []segment
	var words []string
	var word []rune
	bracket := false
	endWord := func() {
		if len(word) > 0 {
			words = append(words, splitNumber(string(word))...)
			word = word[:0]
		}
	}
	endSegment := func() {
		endWord()
		if len(words) > 0 {
			segs = append(segs, segment{words, bracket})
			words = nil
		}
	}
	for _, r := range fold(s) {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			word = append(word, r)
		case strings.ContainsRune("([{", r):
			endSegment()
			bracket = true
		case strings.ContainsRune(")]}", r):
			endSegment()
			bracket = false
		case strings.ContainsRune(`/\,;&+|`, r):
			endSegment()
		default:
			endWord()
		}
	}
	endSegment()
	return segs
}

// fold lower-cases s, strips accents and apostrophes and maps letters that
// have a plain twin but no decomposition. Bytes that are no UTF-8 become
// separators.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) { // broken bytes would stop the decomposition
		switch {
		case r >= 0x300 && r <= 0x36f, isApostrophe(r), unicode.Is(unicode.Cf, r):
		case unicode.Is(unicode.Mn, r) && r >= 0x1ab0:
		default:
			b.WriteString(plain(unicode.ToLower(r)))
		}
	}
	return norm.NFKD.String(b.String())
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', '‛', '′', 'ʹ', 'ʻ', 'ʼ', 'ʽ', 'ʾ', 'ʿ', 'ˈ', 'ꞌ', '＇':
		return true
	}
	return false
}

// plain is the ASCII twin of r where NFKD knows none, or r itself.
func plain(r rune) string {
	switch r {
	case 'ɓ':
		return "b"
	case 'ɗ', 'đ', 'ɖ':
		return "d"
	case 'ƙ':
		return "k"
	case 'ƴ', 'ÿ':
		return "y"
	case 'ŋ', 'ɲ':
		return "n"
	case 'ɛ', 'ǝ', 'ə':
		return "e"
	case 'ɔ', 'ø':
		return "o"
	case 'ı', 'ɩ':
		return "i"
	case 'ʋ':
		return "v"
	case 'ł':
		return "l"
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	}
	return string(r)
}

// splitNumber parts a number from the word it is glued to and drops the zeros
// a number starts with. A number starting with 0 stays glued: in DHIS2 exports
// a 0 inside a word may be a lost "na".
func splitNumber(w string) []string {
	base := strings.TrimRight(w, "0123456789")
	digits := w[len(base):]
	if base == "" {
		return []string{trimZeros(digits)}
	}
	if digits == "" || digits[0] == '0' {
		return []string{w}
	}
	return []string{base, digits}
}

func trimZeros(digits string) string {
	if t := strings.TrimLeft(digits, "0"); t != "" {
		return t
	}
	return "0"
}

func romanToDigits(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = roman(w)
	}
	return out
}

// roman reads the numerals i to xx; any other word comes back as it is.
func roman(w string) string {
	if strings.Trim(w, "ivx") != "" {
		return w
	}
	numerals := [...]string{"i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x",
		"xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"}
	for i, numeral := range numerals {
		if w == numeral {
			return strconv.Itoa(i + 1)
		}
	}
	return w
}

// trimSuffixes drops the longest fitting suffixes from the end of words, again
// and again, but never the last word.
func trimSuffixes(words []string, suffixes [][]string) []string {
	for again := true; again; {
		again = false
		for _, suf := range suffixes {
			if n := len(words) - len(suf); n > 0 && equalWords(words[n:], suf) {
				words, again = words[:n], true
				break
			}
		}
	}
	return words
}

func equalWords(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// lgaSuffixes lists what may follow an LGA's name, longest first.
func lgaSuffixes() [][]string {
	return [][]string{
		{"local", "government", "area", "council"},
		{"local", "government", "council"}, {"local", "government", "area"},
		{"local", "govt", "area"}, {"local", "gov", "area"},
		{"l", "g", "a"}, {"l", "g"},
		{"local", "government"}, {"local", "govt"}, {"area", "council"},
		{"lga"}, {"lgas"}, {"lg"}, {"lcda"},
	}
}

// isPlaceholder reports whether a ward key says that no ward was named.
func isPlaceholder(key string) bool {
	switch key {
	case "", "unknown", "unknow", "unkown", "unknwon", "n a", "na", "nan", "nil",
		"null", "none", "not known", "not available", "not applicable",
		"not stated", "not specified", "not given", "not recorded",
		"unspecified", "undefined", "unassigned", "missing", "no data", "no ward",
		"0", "ward", "blank", "dont know", "do not know":
		return true
	}
	return false
}

// NamesNoWard reports whether a ward as written says that no ward is known:
// it is empty, "Unknown", "n/a" and the like.
func NamesNoWard(ward string) bool { return isPlaceholder(NormaliseWard(ward)) }
