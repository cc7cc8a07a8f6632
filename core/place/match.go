package place

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// matcher is the state of one Match.
type matcher struct {
	layer    *layer
	rows     []row
	links    []Link
	takenBy  []string // for each unit the key of the name that has it
	taken    []bool
	warnings map[string]bool
}

// row is one Given on its way to a Link.
type row struct {
	given  Given // without a code shared by its names
	place  givenPlace
	ward   name
	doubt  string // why no link of this row may be accepted unseen
	blank  bool   // names no ward
	state  stateReading
	lga    reading
	done   bool
	offers []Candidate // what stood near inside its LGA
	margin float64     // of the first of them
}

func newMatcher(units []Unit, given []Given) *matcher {
	m := &matcher{
		layer: newLayer(units), rows: make([]row, len(given)), links: make([]Link, len(given)),
		takenBy: make([]string, len(units)), taken: make([]bool, len(units)), warnings: map[string]bool{},
	}
	all := m.layer.codesFor(anyState)
	for i, g := range given {
		m.links[i] = Link{Given: g, Unit: -1}
		g = withoutSharedCode(g)
		p := givenPlace{state: realName(NormaliseState(g.State))}
		codes := stateCodes(p.state)
		if p.state == "" {
			codes = all
		}
		p.lga = realName(NormaliseLGA(stripCodes(g.LGA, codes)))
		m.rows[i] = row{given: g, place: p}
	}
	m.warnOfTwins()
	return m
}

func realName(key string) string {
	if isPlaceholder(key) {
		return ""
	}
	return key
}

func (m *matcher) warn(format string, args ...any) {
	m.warnings[fmt.Sprintf(format, args...)] = true
}

// warnOfTwins says how many units only a code can tell apart.
func (m *matcher) warnOfTwins() {
	n := 0
	for _, b := range m.layer.lgas {
		for _, us := range b.byKey {
			if len(us) > 1 && m.layer.rawTwins(us) {
				n += len(us)
			}
		}
	}
	if n > 0 && !m.layer.lgaless {
		m.warn("%d units share state, LGA and name with another; only codes or a person can tell them apart", n)
	}
}

func (l *layer) rawTwins(units []int) bool {
	seen := map[string]bool{}
	for _, u := range units {
		if seen[l.names[u].raw] {
			return true
		}
		seen[l.names[u].raw] = true
	}
	return false
}

// decide closes a row.
func (m *matcher) decide(i int, d Decision, why string) {
	m.rows[i].done = true
	m.links[i].Decision, m.links[i].Why = d, why
}

// accept links a row to a unit, or, the row being in doubt, offers it.
func (m *matcher) accept(i, unit int, like likeness, margin float64) {
	if doubt := because(m.rows[i].doubt, m.rows[i].lga.doubt); doubt != "" {
		m.review(i, []Candidate{{unit, like.score, like.why}}, margin, doubt)
		return
	}
	m.link(i, unit, like, margin)
}

// link links a row to a unit.
func (m *matcher) link(i, unit int, like likeness, margin float64) {
	m.decide(i, Accepted, because(like.why, m.rows[i].state.why, m.rows[i].lga.why))
	l := &m.links[i]
	l.Unit, l.Score, l.Margin = unit, like.score, margin
	l.Candidates = []Candidate{{unit, like.score, like.why}}
	if !m.taken[unit] {
		m.taken[unit], m.takenBy[unit] = true, m.rows[i].ward.key
	}
}

// review offers candidates for a row, best first.
func (m *matcher) review(i int, candidates []Candidate, margin float64, why string) {
	m.decide(i, Review, because(why, m.rows[i].state.why, m.rows[i].lga.why))
	l := &m.links[i]
	l.Candidates = slices.Clone(candidates[:min(len(candidates), maxOffered)])
	if len(l.Candidates) > 0 {
		l.Score, l.Margin = l.Candidates[0].Score, margin
	}
}

func because(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "; ")
}

// setAsideBlanks closes the rows that name no ward.
func (m *matcher) setAsideBlanks() {
	for i := range m.rows {
		if r := &m.rows[i]; !r.done && r.blank {
			m.decide(i, NotAWard, "the table names no ward here")
		}
	}
}

// group is the rows of one block that spell one name.
type group struct {
	name *name
	rows []int
}

// groupRows gathers rows by the key of their ward, in order of the keys. The
// spelling that stands for all is the one with the most parts, then the first
// of the alphabet.
func (m *matcher) groupRows(rows []int) []group {
	by := map[string]*group{}
	for _, i := range rows {
		n := &m.rows[i].ward
		g := by[n.key]
		if g == nil {
			g = &group{name: n}
			by[n.key] = g
		}
		if cmp.Or(cmp.Compare(len(g.name.parts), len(n.parts)), cmp.Compare(n.raw, g.name.raw)) < 0 {
			g.name = n
		}
		g.rows = append(g.rows, i)
	}
	out := make([]group, 0, len(by))
	for _, key := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[key])
	}
	return out
}

// matchInsideLGAs links the rows whose LGA is known: first, in every LGA, the
// names that stand there, then what is left over, LGA by LGA.
func (m *matcher) matchInsideLGAs(ctx context.Context) error {
	byLGA := map[int][]int{}
	for i := range m.rows {
		r := &m.rows[i]
		if r.done || len(r.lga.lgas) != 1 {
			continue
		}
		byLGA[r.lga.lgas[0]] = append(byLGA[r.lga.lgas[0]], i)
	}
	left := map[int][]group{}
	lgas := slices.Sorted(maps.Keys(byLGA))
	for _, lga := range lgas {
		for _, g := range m.groupRows(byLGA[lga]) {
			if !m.linkSameName(&m.layer.lgas[lga], g) {
				left[lga] = append(left[lga], g)
			}
		}
	}
	for _, lga := range lgas {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := m.linkAlike(ctx, &m.layer.lgas[lga], left[lga]); err != nil {
			return err
		}
	}
	return nil
}

// linkSameName links a group to the unit of the block that bears its name, and
// reports whether there is one.
func (m *matcher) linkSameName(b *block, g group) bool {
	units := b.byKey[g.name.key]
	for _, i := range g.rows {
		switch {
		case len(units) == 0:
			return false
		case len(units) == 1:
			m.accept(i, units[0], likeness{1, "the same name in the same LGA"}, 1)
		default:
			m.linkTwin(i, units)
		}
	}
	return true
}

// linkTwin links a row to that one of several units of one normalised name
// whose name is written just so; if there is none, or more than one, a person
// has to choose.
func (m *matcher) linkTwin(i int, units []int) {
	var same []int
	for _, u := range units {
		if m.layer.names[u].raw == m.rows[i].ward.raw {
			same = append(same, u)
		}
	}
	if len(same) == 1 {
		m.accept(i, same[0], likeness{1, "the same name in the same LGA, to the letter"}, 1)
		return
	}
	why := fmt.Sprintf("%d units of this LGA bear this name; only a code or a person can tell them apart", len(units))
	m.review(i, m.sameNamed(units, "the same name in the same LGA"), 0, why)
}

func (m *matcher) sameNamed(units []int, why string) []Candidate {
	out := make([]Candidate, 0, len(units))
	for _, u := range units {
		out = append(out, Candidate{u, 1, why})
	}
	return out
}

// linkAlike assigns the names left over in an LGA to its free units. What is
// not certain stays open, with what stood near noted as offers.
func (m *matcher) linkAlike(ctx context.Context, b *block, groups []group) error {
	choices := make([][]choice, len(groups))
	for i, g := range groups {
		if err := ctx.Err(); err != nil {
			return err
		}
		choices[i] = m.layer.near(b, g.name, rivalScore)
	}
	free := func(u int) bool { return !m.taken[u] }
	picks := assignChoices(choices, free)
	leads := leadsOf(choices, picks, free)
	certain := make([]bool, len(groups))
	for i, g := range groups {
		certain[i] = picks[i] >= 0 && m.certain(b, g.name, choices[i][picks[i]], leads[i])
	}
	for i, g := range groups {
		if !certain[i] {
			continue
		}
		c := choices[i][picks[i]]
		for _, row := range g.rows {
			m.accept(row, c.to, c.like, leads[i].all)
		}
	}
	for i, g := range groups { // now that it is known which units are taken
		if certain[i] {
			continue
		}
		for _, row := range g.rows {
			m.rows[row].offers, m.rows[row].margin = m.offersOf(choices[i], picks[i]), leads[i].all
		}
	}
	return nil
}

// certain decides whether a name may be linked to the unit it was assigned to
// without a person. A name very like its unit needs only to be ahead of every
// other. One that is only fairly like it must be alone: far ahead of every unit
// and every name of the LGA still open, ahead of those linked already, not told
// apart from it by a number or a quarter, and not the very name of a ward in
// another LGA that nobody claims, since wards move between LGAs.
func (m *matcher) certain(b *block, n *name, c choice, ahead lead) bool {
	if c.like.score >= acceptScore && ahead.all >= acceptMargin {
		return true
	}
	alone := c.like.score >= aloneScore && ahead.free >= aloneMargin && !m.waitsElsewhere(b, n)
	if ahead.all < acceptMargin { // a sister that is linked already is no rival to the first of the series
		return alone && m.layer.leads(n, c.to)
	}
	return alone && m.layer.marksAgree(b, n, c.to)
}

// leads reports whether a unit is the first of a series of sisters and n their
// common name.
func (l *layer) leads(n *name, unit int) bool {
	extra, ok := n.marks.beside(l.names[unit].marks)
	return ok && isFirst(extra) && n.base == l.names[unit].base
}

func isFirst(mark string) bool { return mark == "1" || mark == "a" }

// waitsElsewhere reports whether a free unit of the state outside the LGA bears
// just this name.
func (m *matcher) waitsElsewhere(b *block, n *name) bool {
	for _, u := range m.layer.states[b.state].byKey[n.key] {
		if !m.taken[u] {
			return true
		}
	}
	return false
}

// marksAgree reports whether nothing that tells sisters apart stands between a
// name and a unit, taken whole or by that part of it which is alike. A quarter
// of the sky that only one of them bears ("Abavo", "Abavo Central") means
// nothing where the LGA has no sister. Of numbers and letters only the first of
// a series may be left out: "Namu" is not "Namu B", even if the layer lacks it.
func (l *layer) marksAgree(b *block, n *name, unit int) bool {
	u := &l.names[unit]
	for _, p := range u.parts {
		if p.marks == n.marks && spelling(n.form, p).score >= aloneScore {
			return true
		}
	}
	extra, ok := n.marks.beside(u.marks)
	switch {
	case !ok:
		return false
	case extra == "", isFirst(extra):
		return true
	}
	sister := func(v int) bool { return v != unit && (l.names[v].base == u.base || l.names[v].base == n.base) }
	return isKind(extra) && !slices.ContainsFunc(b.units, sister)
}

// offersOf turns choices into candidates: the assigned one first, then by
// score; a unit that another name has already is offered only if very like.
func (m *matcher) offersOf(choices []choice, pick int) []Candidate {
	var out []Candidate
	if pick >= 0 && choices[pick].like.score >= offerScore {
		out = append(out, Candidate{choices[pick].to, choices[pick].like.score, choices[pick].like.why})
	}
	for k, c := range choices {
		why := c.like.why
		if m.taken[c.to] {
			why = fmt.Sprintf("%s, but %q is linked to it", why, m.takenBy[c.to])
		}
		if k != pick && c.like.score >= offerScore && (!m.taken[c.to] || c.like.score >= acceptScore) {
			out = append(out, Candidate{c.to, c.like.score, why})
		}
	}
	return out
}
