package place

import "strings"

// withoutSharedCode removes the prefix DHIS2 puts before every name of a state
// ("zb Zubuma State", "zb Dankori Local Government Area", "zb Biluna Ward")
// where the code is none of the known ones: in another country, say. It is
// taken for a code only when state and LGA both begin with it, in small
// letters and followed by a name, so that a name's own first word stays.
func withoutSharedCode(g Given) Given {
	code, _, ok := strings.Cut(strings.TrimSpace(g.State), " ")
	if _, known := stateOfCode(code); !ok || known || len(code) != 2 || code != strings.ToLower(code) {
		return g
	}
	codes := []string{code}
	lga := stripCodes(g.LGA, codes)
	if lga == strings.TrimSpace(g.LGA) {
		return g
	}
	g.State, g.LGA, g.Ward = stripCodes(g.State, codes), lga, stripCodes(g.Ward, codes)
	return g
}
