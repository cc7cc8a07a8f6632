package place

import (
	"slices"
	"strconv"
	"strings"
)

// maxCompared bounds the letters of a name that enter a comparison, which is
// quadratic in them; no real name is half as long.
const maxCompared = 80

// name is a place name ready for comparison.
type name struct {
	raw     string // folded for equality: lower case, single blanks
	key     string // the normalised key
	form           // of the whole name
	sorted  string // the words in order of the alphabet, run together
	segs    []form // of the segments, when there are several
	parts   []form // those of them that are a name of the ward by themselves
	words   []string
	grams   []uint16 // see wide.go
	repairs []repair
}

// form is what two names are compared by.
type form struct {
	compact string // the key without blanks: "Dan Kum" and "Dankum" are alike
	base    string // the same without the words that tell sisters apart
	marks   marks
}

// marks are the words that tell sisters apart: "Agbarho 1" is not "Agbarho 2"
// however alike they look.
type marks struct{ numbers, letters, kinds string }

// beside compares the marks of two names. extra are the marks that only one of
// them bears; ok is false when each bears some that the other lacks. A quarter
// of the sky may be written as its initial.
func (m marks) beside(o marks) (extra string, ok bool) {
	m, o = m.spelledLike(o), o.spelledLike(m)
	mine := strings.Fields(m.numbers + " " + m.letters + " " + m.kinds)
	theirs := strings.Fields(o.numbers + " " + o.letters + " " + o.kinds)
	onlyMine, onlyTheirs := without(mine, theirs), without(theirs, mine)
	if len(onlyMine) > 0 && len(onlyTheirs) > 0 {
		return "", false
	}
	return strings.Join(append(onlyMine, onlyTheirs...), " "), true
}

// spelledLike reads the letter of m as the quarter of the sky that o writes out.
func (m marks) spelledLike(o marks) marks {
	if m.kinds == "" && len(m.letters) == 1 && strings.Contains("nsew", m.letters) && strings.HasPrefix(o.kinds, m.letters) {
		m.kinds, m.letters = o.kinds, ""
	}
	return m
}

func without(words, others []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(others, w) })
}

// repair is a name in which a 0 that may be a lost "na" or "a" was restored.
type repair struct {
	form
	weight float64
	why    string
}

func newName(s string, segs []segment) name {
	n := name{raw: strings.Join(strings.Fields(strings.ToLower(s)), " "), key: joinSegments(segs)}
	for _, seg := range segs {
		n.words = append(n.words, seg.words...)
	}
	n.form = newForm(n.words)
	sorted := slices.Clone(n.words)
	slices.Sort(sorted)
	n.sorted = cut(strings.Join(sorted, ""))
	n.setParts(segs)
	n.repairs = repairs(n.words)
	n.grams = gramsOf(n.compact)
	return n
}

// wardName parses a ward name; known recognises LGAs in brackets.
func wardName(s string, known func(lga string) bool) (n name, hint string) {
	segs, hint := wardSegments(s, known)
	return newName(s, segs), hint
}

// regionName parses the key of a state or an LGA. The name as written gives
// the parts, which the key has joined.
func regionName(key, written string) name {
	segs, _ := wardSegments(key, nil)
	n := newName(key, segs)
	segs, _ = wardSegments(written, nil)
	n.setParts(segs)
	return n
}

func newForm(words []string) form {
	f := form{compact: cut(strings.Join(words, ""))}
	var base, numbers, letters, kinds []string
	for _, w := range words {
		switch {
		case hasNumber(w):
			numbers = append(numbers, w)
		case wordNumber(w) != "":
			numbers = append(numbers, wordNumber(w))
		case len(w) == 1:
			letters = append(letters, w)
		case isKind(w):
			kinds = append(kinds, w)
		default:
			base = append(base, w)
		}
	}
	f.base = cut(strings.Join(base, ""))
	f.marks = marks{joinSorted(numbers), joinSorted(letters), joinSorted(kinds)}
	return f
}

func joinSorted(words []string) string {
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

func isNumber(w string) bool { return strings.Trim(w, "0123456789") == "" }

// hasNumber reports whether w is or holds a number ("7a"); a 0 inside a word
// does not count, see repairs.
func hasNumber(w string) bool { return isNumber(w) || strings.ContainsAny(w, "123456789") }

// wordNumber is the number that w writes out, "" for other words.
func wordNumber(w string) string {
	for i, word := range []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"} {
		if w == word {
			return strconv.Itoa(i + 1)
		}
	}
	return ""
}

// isKind reports whether w sets a ward apart from a sister of the same name:
// the quarters of the sky in English and Hausa, and the like.
func isKind(w string) bool {
	switch w {
	case "north", "south", "east", "west", "central", "northeast", "northwest",
		"southeast", "southwest", "northern", "southern", "eastern", "western", "arewa", "kudu", "gabas", "yamma", "upper",
		"lower", "urban", "rural", "old", "new":
		return true
	}
	return false
}

// setParts notes the segments of a name that has several. In "D/Abba" the
// slash shortens a word instead of parting two names, so a segment of one or
// two letters before a slash means that there are none.
func (n *name) setParts(segs []segment) {
	n.segs, n.parts = nil, nil
	if len(segs) < 2 {
		return
	}
	for _, seg := range segs {
		f := newForm(seg.words)
		if len(f.compact) <= 2 && !isNumber(f.compact) && !seg.bracket {
			n.segs, n.parts = nil, nil
			return
		}
		n.segs = append(n.segs, f)
		if len(f.base) > 2 {
			n.parts = append(n.parts, f)
		}
	}
}

// repairs returns the readings of a name in which zeros stand inside words.
func repairs(words []string) []repair {
	if !slices.ContainsFunc(words, hasLostLetters) {
		return nil
	}
	return []repair{
		restore(words, "na", 0.95),
		restore(words, "a", 0.90),
	}
}

func hasLostLetters(w string) bool { return strings.Contains(w, "0") && !isNumber(w) }

func restore(words []string, letters string, weight float64) repair {
	out := slices.Clone(words)
	for i, w := range out {
		if hasLostLetters(w) {
			out[i] = strings.ReplaceAll(w, "0", letters)
		}
	}
	return repair{newForm(out), weight, "the 0 read as " + letters + ", letters that exports are known to lose"}
}

// cut bounds s to maxCompared runes.
func cut(s string) string {
	if len(s) <= maxCompared {
		return s
	}
	r := []rune(s)
	return string(r[:min(len(r), maxCompared)])
}
