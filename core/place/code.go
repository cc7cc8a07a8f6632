package place

import (
	"fmt"
	"slices"
	"strings"
)

// codeKey is a code as compared: blanks trimmed, letters upper case.
func codeKey(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }

// withCode lists the units that bear a code; none for an empty one.
func (l *layer) withCode(code string) []int {
	if codeKey(code) == "" {
		return nil
	}
	return l.byCode[codeKey(code)]
}

// linkByCode links the rows whose code is that of exactly one unit, unless the
// names beside the code contradict it.
func (m *matcher) linkByCode() {
	for i := range m.rows {
		r := &m.rows[i]
		units := m.layer.withCode(r.given.Code)
		if r.done || len(units) != 1 {
			continue
		}
		u := units[0]
		if trouble := m.codeTrouble(r, u); trouble != "" {
			m.review(i, m.codeCandidates(r, u), 0, trouble)
			continue
		}
		m.accept(i, u, likeness{1, "the same code"}, 1)
	}
}

// codeTrouble says how the names of a row contradict the unit its code names,
// or nothing. A row without a name, or in an LGA that was not understood, has
// nothing to say against the code.
func (m *matcher) codeTrouble(r *row, unit int) string {
	home := &m.layer.lgas[m.layer.home[unit]]
	code := codeKey(r.given.Code)
	switch {
	case r.state.state == noState || (r.state.state >= 0 && r.state.state != home.state):
		return fmt.Sprintf("code %s lies in state %q, the name in another", code, m.layer.units[unit].State)
	case len(r.lga.lgas) > 0 && !slices.Contains(r.lga.lgas, m.layer.home[unit]):
		return fmt.Sprintf("code %s lies in LGA %q, the name in another", code, home.label)
	case r.blank:
		return ""
	}
	named := home.byKey[r.ward.key]
	if len(named) > 0 && !slices.Contains(named, unit) {
		return fmt.Sprintf("code %s is %q, but the name is that of another unit", code, m.layer.units[unit].Ward)
	}
	if similar(&r.ward, &m.layer.names[unit]).score <= codeAgrees {
		return fmt.Sprintf("code %s is %q, which the name is not like", code, m.layer.units[unit].Ward)
	}
	return ""
}

// codeCandidates offers the unit of the code and those of the name.
func (m *matcher) codeCandidates(r *row, unit int) []Candidate {
	out := []Candidate{{unit, similar(&r.ward, &m.layer.names[unit]).score, "the same code"}}
	if r.blank || r.state.state == noState {
		return out
	}
	named := m.layer.scope(r.state.state).byKey[r.ward.key]
	for _, here := range []bool{true, false} { // those of the named LGA first
		for _, u := range named {
			if u != unit && slices.Contains(r.lga.lgas, m.layer.home[u]) == here {
				out = append(out, Candidate{u, 1, "the same name"})
			}
		}
	}
	return out
}
