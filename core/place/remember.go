package place

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// givenKey is the names of a place for look-up, and its code.
type givenKey struct{ state, lga, ward, code string }

// written is the names as a table writes them, but for case and blanks.
func written(g Given) givenKey {
	same := func(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
	return givenKey{same(g.State), same(g.LGA), same(g.Ward), codeKey(g.Code)}
}

// normalised is the keys of the names.
func normalised(g Given) givenKey {
	return givenKey{NormaliseState(g.State), NormaliseLGA(StripPrefix(g.LGA, g.State)),
		NormaliseWard(StripPrefix(g.Ward, g.State)), codeKey(g.Code)}
}

// memory finds what was decided about a name: about one written alike first,
// else about one whose keys are the same. A decision made beside one code says
// nothing about the same names beside another.
type memory struct{ exact, loose map[givenKey]Alias }

// anyCode stands in the keys under which a name without a code finds what was
// decided about it beside one.
const anyCode = "*"

func newMemory(decided []Alias) memory {
	m := memory{map[givenKey]Alias{}, map[givenKey]Alias{}}
	for _, a := range decided {
		if a.Decision != Accepted && a.Decision != Rejected && a.Decision != NotAWard {
			continue
		}
		exact, loose := written(a.Given), normalised(a.Given)
		m.exact[exact], m.loose[loose] = a, a
		exact.code, loose.code = anyCode, anyCode
		m.exact[exact], m.loose[loose] = a, a
	}
	return m
}

func (m memory) of(g Given) (Alias, bool) {
	if len(m.exact) == 0 {
		return Alias{}, false
	}
	codes := []string{codeKey(g.Code), ""}
	if codes[0] == "" {
		codes[1] = anyCode
	}
	for _, code := range codes {
		key := written(g)
		key.code = code
		if a, ok := m.exact[key]; ok {
			return a, true
		}
	}
	for _, code := range codes {
		key := normalised(g)
		key.code = code
		if a, ok := m.loose[key]; ok {
			return a, true
		}
	}
	return Alias{}, false
}

// applyDecisions closes the rows about which something was decided, by the
// person herself before anybody else.
func (m *matcher) applyDecisions(d Decisions) {
	own := make([]Alias, len(d.Own))
	for i, r := range d.Own {
		own[i] = Alias{Remembered: r}
	}
	memories := []memory{newMemory(own), newMemory(inTime(d.Imported))}
	for i := range m.rows {
		for _, mem := range memories {
			if a, ok := mem.of(m.links[i].Given); ok {
				m.remember(i, a)
				break
			}
		}
	}
}

func (m *matcher) remember(i int, a Alias) {
	who := "a person decided"
	if a.Who != "" {
		who = a.Who + " decided on " + a.When.UTC().Format(time.DateOnly)
	}
	switch a.Decision {
	case Rejected:
		m.decide(i, Rejected, who+" that it is none of the units")
	case NotAWard:
		m.decide(i, NotAWard, who+" that it is not a ward")
	case Accepted:
		unit, trouble := m.layer.find(a.Unit)
		if trouble == "" {
			m.link(i, unit, likeness{1, who + " it"}, 1)
			return
		}
		m.warn("the remembered decision on %q (LGA %q) was not used: %s", a.Given.Ward, a.Given.LGA, trouble)
		m.rows[i].doubt = "a person once chose a unit that can't be found: " + trouble
	}
}

// find looks up a unit by its code and its names; trouble says why not.
func (l *layer) find(target Unit) (unit int, trouble string) {
	byCode, byName := l.withCode(target.Code), l.named(target)
	switch {
	case len(byCode) == 1 && l.bears(byCode[0], target, byName):
		return byCode[0], ""
	case len(byCode) == 1:
		return -1, fmt.Sprintf("code %s and name %q mean different units", target.Code, target.Ward)
	case len(byName) == 1:
		return byName[0], ""
	case len(byName) > 1:
		return -1, fmt.Sprintf("%d units are named %q there and no code says which", len(byName), target.Ward)
	}
	return -1, fmt.Sprintf("the layer has no unit %q, code %q", target.Ward, target.Code)
}

// bears reports whether a unit found by its code fits the name beside it. A
// changed name beside an old code is a decision half made.
func (l *layer) bears(unit int, target Unit, byName []int) bool {
	if strings.TrimSpace(target.Ward) == "" || slices.Contains(byName, unit) {
		return true
	}
	n, _ := wardName(StripPrefix(target.Ward, target.State), nil)
	return len(byName) == 0 && similar(&n, &l.names[unit]).score > codeAgrees
}

// named lists the units that bear the names of target, those written just so
// if there are such. An empty state or LGA leaves it open.
func (l *layer) named(target Unit) []int {
	p := placeOf(0, target)
	n, _ := wardName(StripPrefix(target.Ward, target.State), func(lga string) bool { return lga == p.lga })
	var same, raw []int
	for _, u := range l.whole.byKey[n.key] {
		home := &l.lgas[l.home[u]]
		if n.key == "" || (p.lga != "" && p.lga != home.key) || (p.state != "" && p.state != l.states[home.state].key) {
			continue
		}
		same = append(same, u)
		if l.names[u].raw == n.raw {
			raw = append(raw, u)
		}
	}
	if len(raw) > 0 {
		return raw
	}
	return same
}
