package place

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/xrash/smetrics"
)

// What a likeness is worth, by what it rests on. Everything that is not a
// plain slip of spelling stays below acceptScore or is worth less than one.
const (
	worthApart   = 0.99 // the same letters, blanks set otherwise
	worthOrder   = 0.97 // the same words in another order
	worthPart    = 0.93 // the same as one of several names of the ward
	worthShort   = 0.90 // a word cut short before words that are the same
	worthNearby  = 0.90 // factor: nearly the same as one of several names
	leastPart    = 0.80 // least likeness of the worst part of two joint names
	worthSharing = 0.78 // ceiling: joint names of which only some parts are alike
	worthDoubt   = 0.84 // ceiling: an abbreviation, a missing number or quarter
	worthLook    = 0.82 // ceiling: one name contains the other
	worthSisters = 0.60 // ceiling: the numbers or quarters contradict
)

// likeness is a score and what it rests on.
type likeness struct {
	score float64
	why   string
}

func (l likeness) better(o likeness) likeness {
	if o.score > l.score {
		return o
	}
	return l
}

// similar compares two names, symmetrically but for repairs, which are those
// of a alone: boundary files don't lose letters.
func similar(a, b *name) likeness {
	if a.key == b.key {
		return likeness{1, "the same name"}
	}
	if a.compact == b.compact {
		return likeness{worthApart, "the same letters, blanks set otherwise"}
	}
	var best likeness
	for i := range a.repairs { // first, so that a tie tells of the repair
		best = best.better(a.repairs[i].likeness(b))
	}
	return best.better(byLetters(a, b)).better(abbreviation(a.words, b.words))
}

// byLetters compares spellings: part by part if both names have as many, else
// the wholes, the words in any order, and one name with the parts of the other.
func byLetters(a, b *name) likeness {
	if len(a.segs) > 1 && len(a.segs) == len(b.segs) {
		return partByPart(a, b)
	}
	best := spelling(a.form, b.form)
	if len(a.words) > 1 && len(b.words) > 1 {
		best = best.better(reordered(a, b))
	}
	if len(a.words) != len(b.words) {
		best = best.better(atAnEnd(a.words, b.words))
	}
	best = best.better(partAtStart(a, b)).better(partAtStart(b, a))
	if len(a.segs) > 1 && len(b.segs) > 1 {
		return best.better(partByPart(a, b))
	}
	return best.better(onePart(a, b.parts)).better(onePart(b, a.parts))
}

// spelling compares what is left of two forms without their marks, and lowers
// the score when the marks differ.
func spelling(a, b form) likeness {
	x, y := a.base, b.base
	if x == "" || y == "" {
		x, y = a.compact, b.compact
	}
	score := min(blend(x, y), ceiling(a.marks, b.marks), worthOrder)
	if min(len(x), len(y)) < 4 && x != y {
		score = min(score, worthDoubt)
	}
	return likeness{score, fmt.Sprintf("spelling %.2f", score)}
}

// blend is the mean of the Jaro–Winkler similarity (boost from 0.7, prefix of
// four) and one less the Levenshtein distance over the longer length. The
// first alone is too kind to a shared beginning ("Dandume", "Dandamisa"), the
// second alone too hard on short names.
func blend(a, b string) float64 {
	if a == b {
		return 1
	}
	if a > b { // the Jaro similarity is not quite symmetric
		a, b = b, a
	}
	longer := max(utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	lev := 1 - float64(levenshtein.ComputeDistance(a, b))/float64(longer)
	return (smetrics.JaroWinkler(a, b, 0.7, 4) + lev) / 2
}

// ceiling is the most two names can be worth, given what tells sisters apart.
func ceiling(a, b marks) float64 {
	return min(ceilingOf(a.numbers, b.numbers), ceilingOf(a.letters, b.letters), ceilingOf(a.kinds, b.kinds))
}

func ceilingOf(a, b string) float64 {
	switch {
	case a == b:
		return 1
	case a == "" || b == "":
		return worthDoubt
	}
	return worthSisters
}

func reordered(a, b *name) likeness {
	if a.sorted == b.sorted {
		return likeness{worthOrder, "the same words in another order"}
	}
	score := worthOrder * min(blend(a.sorted, b.sorted), ceiling(a.marks, b.marks))
	return likeness{score, "nearly the same words in another order"}
}

// atAnEnd compares the shorter name with as many words at either end of the
// longer ("Wagga", "Waga Chakawa"). The words left over may mean another ward,
// so this is never worth more than a look.
func atAnEnd(a, b []string) likeness {
	if len(a) > len(b) {
		a, b = b, a
	}
	short := newForm(a)
	if len(short.base) < 4 {
		return likeness{}
	}
	start := spelling(short, newForm(b[:len(a)]))
	end := spelling(short, newForm(b[len(b)-len(a):]))
	score := min(start.better(end).score*worthNearby, worthLook)
	return likeness{score, fmt.Sprintf("the one begins or ends like the other, %.2f", score)}
}

// partAtStart recognises a name that begins with one of the names another joins
// ("Barde/Kkw", "Barde Kwantakwaran").
func partAtStart(joined, plain *name) likeness {
	if len(plain.segs) > 0 || len(plain.words) < 2 {
		return likeness{}
	}
	for _, p := range joined.parts {
		if p.compact == plain.words[0] && len(p.compact) >= 4 {
			return likeness{worthLook * worthNearby, "the one begins with one of the names the other joins"}
		}
	}
	return likeness{}
}

// onePart compares a name with each of the names that another joins by
// slashes or brackets.
func onePart(n *name, parts []form) likeness {
	var best likeness
	for _, p := range parts {
		if n.compact == p.compact {
			return likeness{worthPart, "the same as one of the names joined by a slash or brackets"}
		}
		l := spelling(n.form, p)
		best = best.better(likeness{l.score * worthNearby, "like one of the names joined by a slash or brackets, " + l.why})
	}
	return best
}

// partByPart compares two joint names part by part, in whatever order. Sharing
// a part is not enough ("Kayode/Fadeyi", "Igbobi/Fadeyi"): the mean counts, but
// unless the worst pair is fair it is worth no more than a look.
func partByPart(a, b *name) likeness {
	if len(a.segs) > len(b.segs) || (len(a.segs) == len(b.segs) && a.compact > b.compact) {
		a, b = b, a
	}
	few, many := a.segs, b.segs
	used := make([]bool, len(many))
	sum, least, moved := 0.0, 1.0, false
	for i := range few {
		at, l := bestPart(few[i], many, used)
		if at < 0 {
			return likeness{}
		}
		used[at] = true
		moved = moved || at != i
		sum, least = sum+l, min(least, l)
	}
	score := sum / float64(len(few))
	if least < leastPart {
		score = min(score, worthSharing)
	}
	if moved {
		score *= worthOrder
	}
	if len(few) < len(many) {
		score *= worthNearby
	}
	score = min(score, ceiling(a.marks, b.marks))
	return likeness{score, fmt.Sprintf("part by part, %.2f", score)}
}

// bestPart finds the unused part most like p, −1 if none is like it at all.
func bestPart(p form, parts []form, used []bool) (at int, score float64) {
	at = -1
	for j := range parts {
		if used[j] {
			continue
		}
		l := 1.0
		if p.compact != parts[j].compact {
			l = spelling(p, parts[j]).score
		}
		if l > score {
			at, score = j, l
		}
	}
	return at, score
}

// abbreviation recognises words cut short ("U Shanu" for "Unguwar Shanu") and
// last words left out ("Pina" for "Pina Kolu"). A short word before words that
// are the same is a common way of writing; a last one may be the letter of a
// series, and a missing one may be a sister, so a person has to confirm those.
func abbreviation(a, b []string) likeness {
	if len(a) > len(b) {
		a, b = b, a
	}
	whole, last := false, true
	for i, w := range a {
		if !strings.HasPrefix(b[i], w) && !strings.HasPrefix(w, b[i]) {
			return likeness{}
		}
		if w != b[i] && (hasNumber(w) || hasNumber(b[i])) { // 1 is not short for 10
			return likeness{}
		}
		last = w == b[i]
		whole = whole || (last && len(w) > 2)
	}
	switch {
	case !whole:
		return likeness{}
	case len(a) == len(b) && last:
		return likeness{worthShort, "one has a word cut short"}
	case len(a) == len(b):
		return likeness{worthDoubt, "one may have a word cut short"}
	}
	return likeness{worthLook, "the one begins with the other"}
}

// likeness of a repaired name: full weight for an exact hit, doubt otherwise.
func (r *repair) likeness(b *name) likeness {
	if r.compact == b.compact {
		return likeness{r.weight, r.why}
	}
	l := spelling(r.form, b.form)
	return likeness{min(l.score*r.weight, worthDoubt), r.why + ", " + l.why}
}
