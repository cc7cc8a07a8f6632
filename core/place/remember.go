package place

import (
	"fmt"
	"slices"
	"strings"
)

// given3 is a triple of names for look-up.
type given3 struct{ state, lga, ward string }

// written is the triple as a table writes it, but for case and blanks.
func written(g Given) given3 {
	same := func(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
	return given3{same(g.State), same(g.LGA), same(g.Ward)}
}

// normalised is the triple of keys.
func normalised(g Given) given3 {
	return given3{NormaliseState(g.State), NormaliseLGA(StripPrefix(g.LGA, g.State)),
		NormaliseWard(StripPrefix(g.Ward, g.State))}
}

// applyRemembered closes the rows that a person has decided: those written
// alike first, else those whose keys are the same.
func (m *matcher) applyRemembered(remembered []Remembered) {
	exact, loose := map[given3]Remembered{}, map[given3]Remembered{}
	for _, r := range remembered {
		if r.Decision == Accepted || r.Decision == Rejected || r.Decision == NotAWard {
			exact[written(r.Given)] = r
			loose[normalised(r.Given)] = r
		}
	}
	if len(exact) == 0 {
		return
	}
	for i := range m.rows {
		given := m.links[i].Given
		r, ok := exact[written(given)]
		if !ok {
			r, ok = loose[normalised(given)]
		}
		if ok {
			m.remember(i, r)
		}
	}
}

func (m *matcher) remember(i int, r Remembered) {
	switch r.Decision {
	case Rejected:
		m.decide(i, Rejected, "a person decided that it is none of the units")
	case NotAWard:
		m.decide(i, NotAWard, "a person decided that it is not a ward")
	case Accepted:
		unit, trouble := m.layer.find(r.Unit)
		if trouble == "" {
			m.link(i, unit, likeness{1, "a person decided it"}, 1)
			return
		}
		m.warn("the remembered decision on %q (LGA %q) was not used: %s", r.Given.Ward, r.Given.LGA, trouble)
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
