package place

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// States a row may be in, beside the index of one.
const (
	anyState = -1 // the row names no state, or the layer has none
	noState  = -2 // the layer does not hold the state the row names
)

// reading is how a region named in the table was understood.
type reading struct {
	lgas  []int  // LGAs of the layer it may be; more than one when the name recurs
	why   string // how it was read, if not by its name
	doubt string // why no link inside it may be accepted
}

// givenPlace is where a row lies as the table names it: the keys of state and LGA.
type givenPlace struct{ state, lga string }

// readRegions finds for every row its state, then its LGA.
func (m *matcher) readRegions() {
	states := m.readStates()
	groups := map[int]map[givenPlace][]int{} // by state of the layer: rows by place
	for i := range m.rows {
		r := &m.rows[i]
		r.state = states[r.place.state]
		m.nameRow(r)
		if r.place.lga == "" || r.state.state == noState {
			continue
		}
		if groups[r.state.state] == nil {
			groups[r.state.state] = map[givenPlace][]int{}
		}
		groups[r.state.state][r.place] = append(groups[r.state.state][r.place], i)
	}
	for _, state := range slices.Sorted(maps.Keys(groups)) {
		m.readLGAs(state, groups[state])
	}
	m.doubtSharedLGAs()
}

// nameRow parses the row's ward name, now that its state says which prefix and
// which LGAs in brackets to expect. An LGA in brackets stands in for one that
// the table leaves out.
func (m *matcher) nameRow(r *row) {
	known := func(lga string) bool {
		return lga != "" && (lga == r.place.lga || m.layer.hasLGA(r.state.state, lga))
	}
	var hint string
	r.ward, hint = wardName(stripCodes(r.given.Ward, m.layer.codesFor(r.state.state)), known)
	r.blank = isPlaceholder(r.ward.key)
	if r.place.lga == "" {
		r.place.lga = hint
	}
	if hint != "" && hint != r.place.lga {
		r.doubt = fmt.Sprintf("the brackets in the name speak of LGA %q", hint)
	}
}

// codesFor lists the prefixes to expect before names in a state.
func (l *layer) codesFor(state int) []string {
	if state >= 0 {
		return l.states[state].codes
	}
	var all []string
	for _, s := range l.states {
		all = append(all, s.codes...)
	}
	return all
}

// stateReading is the state a name stands for.
type stateReading struct {
	state int    // an index, anyState or noState
	why   string // empty if read by its name or code
}

// readStates understands every state named in the table: by name or code, else
// by a likeness that is clear of the next state.
func (m *matcher) readStates() map[string]stateReading {
	out, written := map[string]stateReading{}, map[string]string{}
	for i := range m.rows {
		r := &m.rows[i]
		key := r.place.state
		if _, ok := out[key]; !ok {
			out[key], written[key] = m.layer.readState(key), r.given.State
		}
		written[key] = min(written[key], r.given.State)
	}
	for key, read := range out { // warnings are sorted in the end
		if read.state == noState {
			m.warn("state %q is not in the boundary layer; none of its rows can be matched", written[key])
		} else if read.why != "" {
			m.warn("state %q: %s", written[key], read.why)
		}
	}
	return out
}

func (l *layer) readState(key string) stateReading {
	switch {
	case l.stateless, key == "" && len(l.states) != 1:
		return stateReading{state: anyState}
	case key == "":
		return stateReading{state: 0}
	}
	n := regionName(key, key)
	best, next, at := likeness{}, 0.0, noState
	for i := range l.states {
		if l.states[i].key == key {
			return stateReading{state: i}
		}
		if s := similar(&n, &l.states[i].name); s.score > best.score {
			best, next, at = s, best.score, i
		} else {
			next = max(next, s.score)
		}
	}
	if best.score < acceptScore || best.score-next < acceptMargin {
		return stateReading{state: noState}
	}
	why := fmt.Sprintf("state read as %q, %s", l.states[at].label, best.why)
	return stateReading{state: at, why: why}
}

// readLGAs understands the LGAs named in one state: by name, then one to one
// by likeness, then by the wards they hold.
func (m *matcher) readLGAs(state int, places map[givenPlace][]int) {
	pool := m.layer.lgasOf(state)
	var left []givenPlace
	taken := map[int]bool{}
	for _, p := range sortedPlaces(places) {
		if lgas := m.layer.lgasNamed(pool, p.lga); len(lgas) > 0 {
			m.setLGA(places[p], reading{lgas: lgas})
			for _, g := range lgas {
				taken[g] = true
			}
			continue
		}
		left = append(left, p)
	}
	left = m.readAlikeLGAs(pool, left, places, taken)
	for _, p := range left {
		m.readLGAByWards(state, pool, p, places[p], taken)
	}
}

func sortedPlaces(places map[givenPlace][]int) []givenPlace {
	return slices.SortedFunc(maps.Keys(places), func(a, b givenPlace) int {
		return cmp.Or(cmp.Compare(a.state, b.state), cmp.Compare(a.lga, b.lga))
	})
}

// lgasNamed lists the LGAs of pool whose key is key, or, none being, whose
// letters are the same; or else that differ only by a number ("Nasarawa1"),
// which boundary files append to LGA names that recur in the country.
func (l *layer) lgasNamed(pool []int, key string) []int {
	var same, apart, numbered []int
	n := regionName(key, "")
	for _, g := range pool {
		switch b := &l.lgas[g]; {
		case b.key == key:
			same = append(same, g)
		case b.name.compact == n.compact:
			apart = append(apart, g)
		case b.name.base == n.compact && len(b.name.words) == len(n.words)+1 && isNumber(b.name.marks.numbers):
			numbered = append(numbered, g)
		}
	}
	for _, found := range [][]int{same, apart} {
		if len(found) > 0 {
			return found
		}
	}
	return numbered
}

// readAlikeLGAs assigns the LGA names left over one to one to LGAs not yet
// named, and returns the names for which that gave nothing certain.
func (m *matcher) readAlikeLGAs(pool []int, left []givenPlace, places map[givenPlace][]int, taken map[int]bool) []givenPlace {
	choices := make([][]choice, len(left))
	for i, p := range left {
		n := m.givenLGAName(places[p], p)
		for _, g := range pool {
			if like := similar(&n, &m.layer.lgas[g].name); like.score >= offerScore {
				choices[i] = append(choices[i], choice{g, like})
			}
		}
	}
	free := func(g int) bool { return !taken[g] }
	picks := assignChoices(choices, free)
	leads := leadsOf(choices, picks, free)
	var still []givenPlace
	for i, pick := range picks {
		if pick < 0 || choices[i][pick].like.score < acceptScore || leads[i].all < acceptMargin {
			still = append(still, left[i])
			continue
		}
		c := choices[i][pick]
		taken[c.to] = true
		m.readAs(places[left[i]], c.to, c.like.why)
	}
	return still
}

// writtenLGA is the LGA of a place as the table writes it; of several spellings
// the first of the alphabet, so that the order of rows is nothing.
func (m *matcher) writtenLGA(rows []int) string {
	written := m.rows[rows[0]].given.LGA
	for _, i := range rows {
		written = min(written, m.rows[i].given.LGA)
	}
	return written
}

func (m *matcher) givenLGAName(rows []int, p givenPlace) name {
	codes := m.layer.codesFor(m.rows[rows[0]].state.state)
	return regionName(p.lga, stripCodes(m.writtenLGA(rows), codes))
}

// readAs notes that a place is an LGA under another name, and warns of it.
func (m *matcher) readAs(rows []int, lga int, why string) {
	b := &m.layer.lgas[lga]
	m.setLGA(rows, reading{lgas: []int{lga},
		why: fmt.Sprintf("LGA read as %q, %s", b.label, why)})
	m.warn("LGA %q was read as %q (%s)", m.writtenLGA(rows), b.label, why)
}

// readLGAByWards understands an LGA by the wards the table puts into it, where
// its name alone did not suffice.
func (m *matcher) readLGAByWards(state int, pool []int, p givenPlace, rows []int, taken map[int]bool) {
	keys := map[string]bool{}
	for _, i := range rows {
		if !m.rows[i].blank {
			keys[m.rows[i].ward.key] = true
		}
	}
	hits := m.layer.wardHits(state, keys)
	best, next := 0, 0
	lga := -1
	for _, g := range pool {
		if hits[g] > best {
			best, next, lga = hits[g], best, g
		} else {
			next = max(next, hits[g])
		}
	}
	if lga >= 0 {
		n := m.givenLGAName(rows, p)
		like := similar(&n, &m.layer.lgas[lga].name).score
		if tellingWards(best, next, len(keys), like, taken[lga]) {
			m.readAs(rows, lga, fmt.Sprintf("%d of its %d wards stand there", best, len(keys)))
			return
		}
	}
	m.warnLGA(state, rows)
}

// tellingWards decides whether an LGA of the table is one of the layer, given
// how many of its wards stand there by their exact names (best) and in the
// next LGA (next), out of all, and how like the two names are. The less like
// they are, the more wards it takes. One that is named in the table already
// can only be the same spelt two ways, so it must be very like.
func tellingWards(best, next, all int, like float64, taken bool) bool {
	if 2*best < all || best <= next {
		return false
	}
	switch {
	case like >= acceptScore:
		return true
	case taken:
		return false
	case like >= offerScore:
		return best >= 2
	}
	return best >= 3 && best >= 2*next
}

func (m *matcher) warnLGA(state int, rows []int) {
	if m.layer.lgaless {
		return
	}
	n := 0
	for _, i := range rows {
		n += max(m.rows[i].given.Rows, 0)
	}
	where := ""
	if state >= 0 {
		where = " of " + m.layer.states[state].label
	}
	m.warn("LGA %q%s is not in the boundary layer; its wards (%d rows) need review", m.writtenLGA(rows), where, n)
}

// wardHits counts for each LGA how many of the ward keys stand in it.
func (l *layer) wardHits(state int, keys map[string]bool) map[int]int {
	hits := map[int]int{}
	for _, g := range l.lgasOf(state) {
		for key := range keys {
			if len(l.lgas[g].byKey[key]) > 0 {
				hits[g]++
			}
		}
	}
	return hits
}

func (m *matcher) setLGA(rows []int, read reading) {
	for _, i := range rows {
		m.rows[i].lga = read
	}
}

// doubtSharedLGAs withdraws certainty where a layer without states has one LGA
// for LGAs of one name in several states of the table.
func (m *matcher) doubtSharedLGAs() {
	if !m.layer.stateless {
		return
	}
	states := map[int]map[string]bool{}
	for i := range m.rows {
		for _, g := range m.rows[i].lga.lgas {
			if states[g] == nil {
				states[g] = map[string]bool{}
			}
			states[g][m.rows[i].place.state] = true
		}
	}
	for i := range m.rows {
		r := &m.rows[i]
		if len(r.lga.lgas) == 1 && len(states[r.lga.lgas[0]]) > 1 {
			r.lga.doubt = "the table has this LGA in several states, the layer names none"
		}
	}
}
