package place

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// elsewhere is the factor on the likeness of units outside the named LGA: the
// same name elsewhere is worth no more than a fair likeness here.
const elsewhere = 0.85

// matchWide deals with the rows still open, in their state or the whole layer.
func (m *matcher) matchWide(ctx context.Context) error {
	groups := m.wideGroups()
	claims := m.claims(groups)
	var unlike []wideGroup
	for _, g := range groups {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !m.linkWide(g, claims) {
			unlike = append(unlike, g)
		}
	}
	return m.linkWideAlike(ctx, unlike)
}

// wideGroup is the open rows of one place and one name.
type wideGroup struct {
	group
	at *row // any of its rows: state, LGA and place are those of all
}

func (m *matcher) wideGroups() []wideGroup {
	byPlace := map[givenPlace][]int{}
	for i := range m.rows {
		if r := &m.rows[i]; !r.done {
			byPlace[r.place] = append(byPlace[r.place], i)
		}
	}
	var out []wideGroup
	for _, p := range sortedPlaces(byPlace) {
		for _, g := range m.groupRows(byPlace[p]) {
			out = append(out, wideGroup{g, &m.rows[g.rows[0]]})
		}
	}
	return out
}

// unplaced reports whether the LGA says nothing about a row: the table or the
// layer names none, or it names an LGA that stands in several states.
func (m *matcher) unplaced(r *row) bool {
	return r.place.lga == "" || m.layer.lgaless || len(r.lga.lgas) > 1
}

// sameNameWide lists the units that bear the group's name where it may lie.
func (m *matcher) sameNameWide(g wideGroup) []int {
	if len(g.at.lga.lgas) < 2 {
		return m.layer.scope(g.at.state.state).byKey[g.name.key]
	}
	var out []int
	for _, lga := range g.at.lga.lgas {
		out = append(out, m.layer.lgas[lga].byKey[g.name.key]...)
	}
	return out
}

// claims counts, for each unit, the places of the table that would lay claim
// to it by name alone because the layer does not name its state or LGA. More
// than one are different wards of one name, and at most one of them is right.
func (m *matcher) claims(groups []wideGroup) map[int]int {
	out := map[int]int{}
	for _, g := range groups {
		unchecked := (m.layer.lgaless && g.at.place.lga != "") || (m.layer.stateless && g.at.place.state != "")
		if units := m.sameNameWide(g); unchecked && g.at.state.state != noState && len(units) == 1 {
			out[units[0]]++
		}
	}
	return out
}

// linkWide closes a group, or reports that it is one without an LGA whose name
// stands nowhere as it is.
func (m *matcher) linkWide(g wideGroup, claims map[int]int) bool {
	if g.at.state.state == noState {
		m.each(g, func(i int) { m.decide(i, Unmatched, "its state is not in the boundary layer") })
		return true
	}
	units := m.sameNameWide(g)
	switch {
	case !m.unplaced(g.at):
		m.offerElsewhere(g, units)
	case len(units) == 1:
		m.linkOnly(g, units[0], claims[units[0]])
	case len(units) > 1:
		why := fmt.Sprintf("the name stands in %d places of the layer and the table does not say in which", len(units))
		m.each(g, func(i int) { m.review(i, m.sameNamed(units, "the same name"), 0, why) })
	default:
		return false
	}
	return true
}

func (m *matcher) each(g wideGroup, do func(i int)) {
	for _, i := range g.rows {
		do(i)
	}
}

// linkOnly links a name without an LGA to the one unit that bears it.
func (m *matcher) linkOnly(g wideGroup, unit, claims int) {
	like := likeness{1, "the same name, which stands once in the " + m.extent(g)}
	doubt := ""
	switch {
	case claims > 1:
		doubt = fmt.Sprintf("%d places of the table have a ward of this name and the layer has one, without saying where", claims)
	case m.taken[unit] && m.takenBy[unit] != g.name.key:
		doubt = fmt.Sprintf("%q is already linked to it", m.takenBy[unit])
	}
	m.each(g, func(i int) {
		if doubt == "" {
			m.accept(i, unit, like, 1)
			return
		}
		m.review(i, []Candidate{{unit, 1, like.why}}, 0, doubt)
	})
}

func (m *matcher) extent(g wideGroup) string {
	if g.at.state.state >= 0 && !m.layer.stateless {
		return "state"
	}
	return "layer"
}

// offerElsewhere offers, beside what stood near in the named LGA, free units
// of other LGAs. None is accepted: the table contradicts them.
func (m *matcher) offerElsewhere(g wideGroup, same []int) {
	scope := m.layer.scope(g.at.state.state)
	why := "same name, but in LGA %q"
	out := slices.Clone(g.at.offers)
	for _, u := range same {
		if !m.taken[u] {
			out = append(out, Candidate{u, elsewhere, fmt.Sprintf(why, m.layer.units[u].LGA)})
		}
	}
	if len(out) == 0 {
		for _, c := range m.layer.near(scope, g.name, offerWide) {
			if !m.taken[c.to] {
				out = append(out, Candidate{c.to, c.like.score * elsewhere,
					fmt.Sprintf("%s, but in LGA %q", c.like.why, m.layer.units[c.to].LGA)})
			}
		}
	}
	m.closeOffers(g, out)
}

// linkWideAlike deals with names without an LGA that stand nowhere as they are.
// In a whole state chance likeness abounds, so one is linked only to a free unit
// that is very like it, far ahead of every other of the state, told apart by no
// number or quarter, and that no other such name is like. Where not even the
// state is known nothing is linked but the very name.
func (m *matcher) linkWideAlike(ctx context.Context, groups []wideGroup) error {
	near, wanted := make([][]choice, len(groups)), map[int]int{}
	for i, g := range groups {
		if err := ctx.Err(); err != nil {
			return err
		}
		near[i] = m.layer.near(m.layer.scope(g.at.state.state), g.name, offerScore)
		if len(near[i]) > 0 {
			wanted[near[i][0].to]++
		}
	}
	for i, g := range groups {
		if !m.linkFar(g, near[i], wanted) {
			m.offerAlike(g, near[i])
		}
	}
	return nil
}

func (m *matcher) linkFar(g wideGroup, near []choice, wanted map[int]int) bool {
	known := g.at.state.state >= 0 && !m.layer.stateless
	if !known || len(near) == 0 || wanted[near[0].to] > 1 || m.taken[near[0].to] {
		return false
	}
	best, lead := near[0], near[0].like.score
	if len(near) > 1 {
		lead -= near[1].like.score
	}
	home := &m.layer.lgas[m.layer.home[best.to]]
	if best.like.score < farScore || lead < farMargin || !m.layer.marksAgree(home, g.name, best.to) {
		return false
	}
	like := likeness{best.like.score, best.like.why + ", and nothing near it in the state"}
	m.each(g, func(i int) { m.accept(i, best.to, like, lead) })
	return true
}

func (m *matcher) offerAlike(g wideGroup, near []choice) {
	var out []Candidate
	for _, c := range near {
		out = append(out, Candidate{c.to, c.like.score, c.like.why})
	}
	m.closeOffers(g, out)
}

// closeOffers puts a group to review, or among the unmatched if there is
// nothing to review. An assigned unit stays first; the rest go by score.
func (m *matcher) closeOffers(g wideGroup, offers []Candidate) {
	if len(offers) == 0 {
		m.each(g, func(i int) { m.decide(i, Unmatched, "nothing in the layer is like it") })
		return
	}
	rest := offers
	if len(g.at.offers) > 0 {
		rest = offers[1:]
	}
	slices.SortStableFunc(rest, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(m.layer.rank[a.Unit], m.layer.rank[b.Unit]))
	})
	margin := g.at.margin
	if len(g.at.offers) == 0 {
		margin = offers[0].Score
		if len(offers) > 1 {
			margin -= offers[1].Score
		}
	}
	m.each(g, func(i int) { m.review(i, offers, margin, offers[0].Why) })
}

// near lists the units of a block at least as like a name as floor, best first.
func (l *layer) near(b *block, n *name, floor float64) []choice {
	var out []choice
	for _, u := range l.shortlist(b, n) {
		if like := similar(n, &l.names[u]); like.score >= floor {
			out = append(out, choice{u, like})
		}
	}
	slices.SortFunc(out, func(x, y choice) int {
		return cmp.Or(cmp.Compare(y.like.score, x.like.score), cmp.Compare(l.rank[x.to], l.rank[y.to]))
	})
	return out
}

const (
	wholeBlock = 64 // up to so many units are all compared
	shortlist  = 48 // of more, so many that share most pairs of letters
)

// shortlist picks the units of a block worth comparing with n.
func (l *layer) shortlist(b *block, n *name) []int {
	if len(b.units) <= wholeBlock {
		return b.units
	}
	if b.index == nil {
		b.index = newGramIndex(l, b.units)
	}
	return b.index.closest(n.grams)
}

// gramIndex finds units by the pairs of letters in their names.
type gramIndex struct {
	units []int              // by content
	size  []int              // pairs in each unit's name
	at    map[uint16][]int32 // pair: positions in units
}

func newGramIndex(l *layer, units []int) *gramIndex {
	x := &gramIndex{units: units, size: make([]int, len(units)), at: map[uint16][]int32{}}
	for pos, u := range units {
		x.size[pos] = len(l.names[u].grams)
		for _, g := range l.names[u].grams {
			x.at[g] = append(x.at[g], int32(pos))
		}
	}
	return x
}

// leastShare is the share of pairs (common ones over those of both names
// together, 0.5 for equal names) below which names can't be alike enough to be
// offered, one name in a chain of several included.
const leastShare = 0.12

// closest returns the units with the greatest share of common pairs.
func (x *gramIndex) closest(grams []uint16) []int {
	common := make([]int16, len(x.units))
	var seen []int32
	for _, g := range grams {
		for _, pos := range x.at[g] {
			if common[pos] == 0 {
				seen = append(seen, pos)
			}
			common[pos]++
		}
	}
	type hit struct {
		pos   int32
		share float64
	}
	var hits []hit
	for _, pos := range seen {
		share := float64(common[pos]) / float64(len(grams)+x.size[pos])
		if share >= leastShare {
			hits = append(hits, hit{pos, share})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.pos, b.pos))
	})
	out := make([]int, 0, shortlist)
	for _, h := range hits[:min(len(hits), shortlist)] {
		out = append(out, x.units[h.pos])
	}
	return out
}

// gramsOf lists the distinct pairs of bytes in s, edges included. Pairs are
// sorted, so that equal names give equal lists.
func gramsOf(s string) []uint16 {
	if s == "" {
		return nil
	}
	out := make([]uint16, 0, len(s)+1)
	last := byte(' ')
	for i := range len(s) {
		out = append(out, uint16(last)<<8|uint16(s[i]))
		last = s[i]
	}
	out = append(out, uint16(last)<<8|uint16(' '))
	slices.Sort(out)
	return slices.Compact(out)
}
