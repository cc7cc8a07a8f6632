package place

import "slices"

// canonicalState maps the known names and codes of Nigeria's states to one
// key; an unknown name is its own key.
func canonicalState(key string) string {
	switch key {
	case "fct", "abuja", "fct abuja", "abuja fct", "f c t", "f c t abuja", "federal capital",
		"federal capital territory abuja", "abuja federal capital territory",
		"federal capital territory fct", "fc":
		return "federal capital territory"
	case "nassarawa", "nasarrawa", "nassarrawa":
		return "nasarawa"
	case "akwa lbom", "akwaibom", "akwalbom": // the l is a misread capital I
		return "akwa ibom"
	case "crossriver", "cross rivers":
		return "cross river"
	}
	if name, ok := stateOfCode(key); ok {
		return name
	}
	return key
}

// stateOfCode names the state of a two-letter code. Two families of codes are
// in use, that of DHIS2 and boundary files (DE, TA or TB, FC) and that of the
// vehicle plates and programme scripts (DT, TR, FCT); no code means two states.
func stateOfCode(code string) (string, bool) {
	if len(code) < 2 || len(code) > 3 {
		return "", false
	}
	for _, s := range states() {
		if slices.Contains(s[1:], code) {
			return s[0], true
		}
	}
	return "", false
}

// stateCodes lists the codes of a state given by its key; none for a region
// that is no state of Nigeria.
func stateCodes(key string) []string {
	for _, s := range states() {
		if s[0] == key {
			return s[1:]
		}
	}
	return nil
}

func isCodeOf(code, state string) bool {
	return slices.Contains(stateCodes(state), code)
}

// states lists Nigeria's states, each with its codes, the DHIS2 one first.
func states() [][]string {
	return [][]string{
		{"abia", "ab"}, {"adamawa", "ad"}, {"akwa ibom", "ak"}, {"anambra", "an"},
		{"bauchi", "ba", "bc"}, {"bayelsa", "by"}, {"benue", "be", "bn"}, {"borno", "bo"},
		{"cross river", "cr"}, {"delta", "de", "dt"}, {"ebonyi", "eb"}, {"edo", "ed"},
		{"ekiti", "ek"}, {"enugu", "en"}, {"federal capital territory", "fc", "fct"},
		{"gombe", "go", "gm"}, {"imo", "im"}, {"jigawa", "ji", "jg"}, {"kaduna", "kd"},
		{"kano", "kn"}, {"katsina", "kt"}, {"kebbi", "ke", "kb"}, {"kogi", "ko", "kg"},
		{"kwara", "kw"}, {"lagos", "la", "lg"}, {"nasarawa", "na", "ns"},
		{"niger", "ni", "ng"}, {"ogun", "og"}, {"ondo", "on"}, {"osun", "os"}, {"oyo", "oy"},
		{"plateau", "pl"}, {"rivers", "ri", "rv"}, {"sokoto", "so", "sk"},
		{"taraba", "ta", "tb", "tr"}, {"yobe", "yo", "yb"}, {"zamfara", "za", "zf"},
	}
}

// canonicalLGA joins words to a key and maps the names that differ beyond
// spelling. Only names that can mean one LGA alone are here; a plain slip of
// spelling is left to the comparison.
func canonicalLGA(words []string) string {
	segs := []segment{{words: slices.Clone(words)}}
	for i, w := range segs[0].words {
		if w == "nassarawa" {
			segs[0].words[i] = "nasarawa"
		}
	}
	switch key := joinSegments(segs); key {
	case "amac", "municipal", "abuja municipal", "abuja municipal amac", "municipal amac",
		"amac abuja", "abuja", "municipal abuja":
		return "abuja municipal"
	case "egbado north": // renamed
		return "yewa north"
	case "egbado south":
		return "yewa south"
	case "aiyekire", "ayekire": // renamed
		return "gbonyin"
	case "onelga":
		return "ogba egbema ndoni"
	case "kano metropolitan", "kmc":
		return "kano municipal"
	case "wasagu danko":
		return "danko wasagu"
	default:
		return key
	}
}
