package value

import (
	_ "embed" // for the list of LGAs
	"regexp"
	"slices"
	"strings"
)

// The canonical levels of care.
const (
	Primary   = "primary"
	Secondary = "secondary"
	Tertiary  = "tertiary"
)

// Level gives the canonical level of care of a text that is wholly a level
// ("Primary", "Primary Health Facility", "PHC"). The name of a facility that
// merely contains such words is none.
func Level(s string) (string, bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	s = strings.TrimSuffix(strings.TrimSuffix(s, " level"), " care")
	switch s {
	case "primary", "primary health facility", "primary health facilities", "primary health", "phc", "phcs",
		"primary health center", "primary health centre", "primary health care", "primary healthcare",
		"primary facility", "primary health care facility", "primary healthcare facility":
		return Primary, true
	case "secondary", "secondary health facility", "secondary health facilities", "secondary health", "shc",
		"general hospital", "secondary facility", "secondary health care", "secondary healthcare":
		return Secondary, true
	case "tertiary", "tertiary health facility", "tertiary health facilities", "tertiary health", "thc",
		"teaching hospital", "federal medical center", "federal medical centre", "tertiary facility",
		"tertiary health care", "tertiary healthcare":
		return Tertiary, true
	}
	return "", false
}

// states are the 36 states and the capital territory, in lower case without
// blanks, with the spellings met in the programme's files. The full alias
// table, which joins depend on, is core/place's; this one only answers
// whether a column is the column of states.
const states = " abia adamawa akwaibom akwalbom anambra bauchi bayelsa benue borno crossriver delta ebonyi edo ekiti" +
	" enugu gombe imo jigawa kaduna kano katsina kebbi kogi kwara lagos nasarawa nassarawa niger ogun ondo osun" +
	" oyo plateau rivers sokoto taraba yobe zamfara federalcapitalterritory fct fctabuja abuja abujafct "

var dhis2Prefix = regexp.MustCompile(`^[a-z]{2} `)

// IsState reports whether s names a state of Nigeria, with or without the
// DHIS2 prefix ("kn ") and the word State.
func IsState(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) < 3 || len(s) > 40 {
		return false
	}
	if isStateName(s) {
		return true
	}
	return dhis2Prefix.MatchString(s) && isStateName(s[3:])
}

func isStateName(s string) bool {
	s = strings.TrimSuffix(s, " state")
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		if strings.ContainsRune(" -,()./", r) {
			return -1
		}
		return '?'
	}, s)
	return s != "" && strings.Contains(states, " "+s+" ")
}

// lgas are the names of Nigeria's local government areas, one a line, lower
// case without blanks and marks. Like states they only answer whether a column is
// the column of LGAs.
//
//go:embed lgas.txt
var lgas string

// IsLGA reports whether s names a local government area of Nigeria, with or
// without the DHIS2 prefix ("kn ") and the words Local Government Area.
func IsLGA(s string) bool {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if len(s) < 3 || len(s) > 60 {
		return false
	}
	for _, end := range []string{" local government area", " local government", " lga"} {
		s = strings.TrimSuffix(s, end)
	}
	return isLGAName(s) || dhis2Prefix.MatchString(s) && isLGAName(s[3:])
}

func isLGAName(s string) bool {
	key := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
	return len(key) > 1 && strings.Contains(lgas, "\n"+key+"\n")
}

// IsUnknownPlace reports whether a place name says that the place is not
// known. Such rows stay in the table; they are counted.
func IsUnknownPlace(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	s = dhis2Prefix.ReplaceAllString(s, "")
	s = strings.TrimSuffix(strings.TrimSuffix(s, " ward"), " lga")
	return slices.Contains([]string{"", "unknown", "not known", "unspecified", "not specified", "others", "other"}, s) || IsMissing(s)
}

// IsTotal reports whether a name is that of a line of sums, which would be
// counted twice.
func IsTotal(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return slices.Contains([]string{"total", "grand total", "sub total", "subtotal", "sub-total", "sum", "totals"}, s)
}
