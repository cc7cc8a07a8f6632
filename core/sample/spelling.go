package sample

import (
	"slices"
	"strings"
	"unicode"

	"chatmrpt/core/sample/chance"
)

// Spelling is a ward's name as the facility file gives it, where that is not
// the ward's name.
type Spelling struct {
	Ward  int    // position in State.Wards of the ward meant
	Given string // without the prefix "zb " and the suffix " Ward"
	Kind  string // what was done to the name
	Rows  int    // rows of the facility file in which it stands
	Whole bool   // the right spelling stands nowhere in the file
}

// slip is one way in which names get misspelt. It gives false for a name to
// which it can't happen.
type slip struct {
	kind string
	make func(name string) (string, bool)
}

// slips are those seen between real facility files and real boundary files.
func slips() []slip {
	return []slip{
		{"roman numeral as a digit", romanToDigit},
		{"hyphen as a blank", replace("-", " ")},
		{"slash as a blank", replace("/", " ")},
		{"blanks around the slash", replace("/", " / ")},
		{"apostrophe dropped", replace("'", "")},
		{"na as 0", naToZero},
		{"double letter written once", undouble},
		{"brackets dropped", dropBrackets},
		{"capitals", upper},
		{"two blanks", replace(" ", "  ")},
		{"blank dropped", joinWords},
	}
}

func replace(old, with string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		return strings.Replace(name, old, with, 1), strings.Contains(name, old)
	}
}

func romanToDigit(name string) (string, bool) {
	cut := strings.LastIndexByte(name, ' ') + 1
	switch name[cut:] {
	case "I":
		return name[:cut] + "1", true
	case "II":
		return name[:cut] + "2", true
	case "III":
		return name[:cut] + "3", true
	}
	return name, false
}

// naToZero is the fault of a DHIS2 export that writes every missing "na" as 0.
func naToZero(name string) (string, bool) {
	at := strings.LastIndex(name, "na")
	if at < 2 {
		return name, false
	}
	return name[:at] + "0" + name[at+2:], true
}

func undouble(name string) (string, bool) {
	for i := 1; i < len(name); i++ {
		if name[i] == name[i-1] && unicode.IsLower(rune(name[i])) {
			return name[:i] + name[i+1:], true
		}
	}
	return name, false
}

func dropBrackets(name string) (string, bool) {
	return strings.NewReplacer("(", "", ")", "").Replace(name), strings.Contains(name, "(")
}

// upper leaves names of several words alone: other slips are for those.
func upper(name string) (string, bool) {
	return strings.ToUpper(name), !strings.ContainsAny(name, " -/'")
}

// joinWords writes a name of two words as one: "Gora Dan" as "Goradan".
func joinWords(name string) (string, bool) {
	first, second, found := strings.Cut(name, " ")
	if !found || len(first) < 3 || len(second) < 4 || strings.ContainsAny(second, " ()/") {
		return name, false
	}
	return first + strings.ToLower(second), true
}

// misspell gives some wards' facilities another spelling of the ward: about
// three wards a slip, every second of them throughout, the others at half of
// their facilities.
func (s *State) misspell() {
	source := s.stream("spelling")
	order := make([]int, len(s.Wards))
	for w := range order {
		order[w] = w
	}
	chance.Shuffle(source, order)
	used := map[int]bool{s.Truth.NoReports: true}
	for _, slip := range slips() {
		left := max(1, len(s.Wards)*3/220)
		for _, w := range order {
			given, ok := slip.make(s.Wards[w].Name)
			if left == 0 || !ok || used[w] || isRepeated(s.Wards[w].Name) || s.isTaken(w, given) {
				continue
			}
			used[w] = true
			left--
			s.Truth.Spellings = append(s.Truth.Spellings, Spelling{Ward: w, Given: given, Kind: slip.kind})
			s.write(w, given, left%2 == 0)
		}
	}
}

// isTaken reports whether the spelling would read as another ward of the LGA.
func (s *State) isTaken(ward int, given string) bool {
	return slices.ContainsFunc(s.Wards, func(o Ward) bool {
		return o.LGA == s.Wards[ward].LGA && o.Code != s.Wards[ward].Code && squash(o.Name) == squash(given)
	})
}

// squash keeps the letters and digits of a name, in lower case, without
// doubled letters and with Roman numerals as digits: names that squash alike
// could be taken for one another.
func squash(name string) string {
	name, _ = romanToDigit(name)
	var out []rune
	for _, r := range strings.ToLower(name) {
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && (len(out) == 0 || out[len(out)-1] != r) {
			out = append(out, r)
		}
	}
	return string(out)
}

// write gives the ward's facilities the spelling: all, or every second one
// beginning with the first.
func (s *State) write(ward int, given string, whole bool) {
	n := 0
	for i := range s.Facilities {
		if s.Facilities[i].Ward != ward {
			continue
		}
		if whole || n%2 == 0 {
			s.Facilities[i].GivenWard = given
		}
		n++
	}
}

// spellTwoWays gives every second facility of one LGA another spelling of it.
func (s *State) spellTwoWays() {
	lga := slices.IndexFunc(s.LGAs, func(l LGA) bool { return l.Name == twoWayName })
	other, _ := joinWords(twoWayName)
	s.Truth.TwoWayLGA = TwoWay{LGA: lga, Given: other}
	n := 0
	for i := range s.Facilities {
		if s.Wards[s.Facilities[i].Ward].LGA != lga {
			continue
		}
		if n%2 == 1 {
			s.Facilities[i].GivenLGA = other
		}
		n++
	}
}
