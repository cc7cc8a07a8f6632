package place

import (
	"cmp"
	"slices"
)

// layer is the boundary layer arranged for look-up: units in LGAs in states.
type layer struct {
	units     []Unit
	names     []name  // of the wards, one for each unit
	home      []int   // the LGA block of each unit
	rank      []int   // the place of each unit in an order that depends on content alone
	states    []block // by key
	lgas      []block // by state, then key
	whole     block   // every unit
	byCode    map[string][]int
	lgaless   bool // no unit names an LGA
	stateless bool // no unit names a state
}

// block is a set of units that share a state, or a state and an LGA.
type block struct {
	key   string
	label string // the name as the layer writes it
	name  name
	state int   // index of its state; its own for a state, −1 for the whole
	lgas  []int // of a state: its LGAs
	codes []string
	units []int // in the order of rank
	byKey map[string][]int
	index *gramIndex // made when first asked for
}

func newLayer(units []Unit) *layer {
	l := &layer{units: units, names: make([]name, len(units)), byCode: map[string][]int{}, lgaless: true, stateless: true}
	l.whole = block{state: -1, byKey: map[string][]int{}}
	places := make([]unitPlace, len(units))
	for i, u := range units {
		places[i] = placeOf(i, u)
		l.stateless = l.stateless && places[i].state == ""
		l.lgaless = l.lgaless && places[i].lga == ""
		own := func(lga string) bool { return lga != "" && lga == places[i].lga }
		l.names[i], _ = wardName(StripPrefix(u.Ward, u.State), own)
	}
	slices.SortStableFunc(places, func(a, b unitPlace) int { return a.compare(b, l) })
	l.rank, l.home = make([]int, len(units)), make([]int, len(units))
	for pos, p := range places {
		l.rank[p.unit] = pos
		l.place(p)
	}
	return l
}

// unitPlace is where a unit belongs.
type unitPlace struct {
	unit       int
	state, lga string
}

func placeOf(i int, u Unit) unitPlace {
	p := unitPlace{unit: i, state: NormaliseState(u.State)}
	p.lga = NormaliseLGA(StripPrefix(u.LGA, u.State))
	return p
}

// compare orders units by content, so that nothing depends on the order of the
// file; only units alike in everything fall back on it, and they can't be told
// apart anyway.
func (p unitPlace) compare(q unitPlace, l *layer) int {
	a, b := l.units[p.unit], l.units[q.unit]
	return cmp.Or(cmp.Compare(p.state, q.state), cmp.Compare(p.lga, q.lga),
		cmp.Compare(l.names[p.unit].key, l.names[q.unit].key),
		cmp.Compare(a.Ward, b.Ward), cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.LGA, b.LGA), cmp.Compare(a.State, b.State))
}

// place puts a unit into its blocks, opening them as needed; units arrive in
// the order of compare, so a block is always the last one opened.
func (l *layer) place(p unitPlace) {
	u := l.units[p.unit]
	if n := len(l.states); n == 0 || l.states[n-1].key != p.state {
		l.states = append(l.states, block{key: p.state, label: u.State, name: regionName(p.state, p.state),
			state: n, codes: stateCodes(p.state), byKey: map[string][]int{}})
	}
	s := &l.states[len(l.states)-1]
	if n := len(l.lgas); n == 0 || l.lgas[n-1].state != s.state || l.lgas[n-1].key != p.lga {
		l.lgas = append(l.lgas, block{key: p.lga, label: u.LGA, state: s.state,
			name: regionName(p.lga, StripPrefix(u.LGA, u.State)), byKey: map[string][]int{}})
		s.lgas = append(s.lgas, n)
	}
	if code := codeKey(u.Code); code != "" {
		l.byCode[code] = append(l.byCode[code], p.unit)
	}
	l.home[p.unit] = len(l.lgas) - 1
	for _, b := range []*block{&l.whole, s, &l.lgas[len(l.lgas)-1]} {
		b.units = append(b.units, p.unit)
		key := l.names[p.unit].key
		b.byKey[key] = append(b.byKey[key], p.unit)
	}
}

// scope returns the block of a state, or of the whole layer for anyState.
func (l *layer) scope(state int) *block {
	if state < 0 {
		return &l.whole
	}
	return &l.states[state]
}

// lgasOf lists the LGAs of a state, or all for anyState, unnamed ones left out.
func (l *layer) lgasOf(state int) []int {
	var out []int
	for i, b := range l.lgas {
		if b.key != "" && (state < 0 || b.state == state) {
			out = append(out, i)
		}
	}
	return out
}

// hasLGA reports whether a state, or for anyState any, has an LGA of that key.
func (l *layer) hasLGA(state int, key string) bool {
	for i := range l.lgas {
		if l.lgas[i].key == key && (state == anyState || l.lgas[i].state == state) {
			return true
		}
	}
	return false
}
