package sample

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/sample/chance"
	"chatmrpt/core/sample/land"

	"github.com/agnivade/levenshtein"
)

// capitalName and twoWayName are always among the LGAs: the one that holds the
// capital, and the one whose facilities spell it in two ways.
const (
	capitalName = StateName + " Municipal"
	twoWayName  = "Gada Rumi"
)

// lgaPool lists the invented names of the other LGAs. A test compares them
// with the real ones.
func lgaPool() []string {
	return []string{
		"Garumba", "Kwadiri", "Tsafuna", "Lemburi", "Dankori", "Birushe", "Wasugi", "Rafinda", "Gwazuma", "Tirkani",
		"Bunsawa", "Kafidu", "Dorumi", "Fanshanu", "Yalguna", "Marwada", "Jekuri", "Kundaro", "Lamshiya", "Tundumi",
		"Hurumi", "Farinwa", "Rugumi", "Gidanso", "Wushara", "Bagundu", "Nafaro", "Gulbare",
	}
}

// repeated are names that real states give to wards in several LGAs, and how
// often they occur here.
func repeated() []struct {
	name  string
	times int
} {
	return []struct {
		name  string
		times int
	}{{"Sabon Gari", 3}, {"Tudun Wada", 2}, {"Yelwa", 2}, {"Kofar Fada", 2}}
}

// settle gives the ground its names and codes, in alphabetical order, and
// returns for each LGA the ward of its headquarters.
func (s *State) settle(ground *land.Land) (hq []int) {
	source := s.stream("names")
	lgas := nameLGAs(source, s.Options.LGAs, ground.Capital)
	groups := byDistance(ground)
	names := nameWards(source, lgas, groups)
	order := make([]int, len(lgas))
	for a := range order {
		order[a] = a
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(lgas[a], lgas[b]) })
	at := make([]int, len(ground.LGA)) // from the ground's ward numbers to positions in State.Wards
	for _, a := range order {
		s.LGAs = append(s.LGAs, LGA{lgas[a], fmt.Sprintf("%s%02d", StateCode, len(s.LGAs)+1)})
		first := groups[a][0]
		slices.SortFunc(groups[a], func(v, w int) int { return cmp.Compare(names[v], names[w]) })
		for i, w := range groups[a] {
			at[w] = len(s.Wards)
			s.Wards = append(s.Wards, s.ward(names[w], i+1, ground, w))
		}
		hq = append(hq, at[first])
	}
	s.renumber(at)
	s.Truth.LakeWard, s.Truth.IslandWard = at[ground.LakeWard], at[ground.IslandWard]
	return hq
}

func (s *State) ward(name string, number int, ground *land.Land, w int) Ward {
	p := ground.Places[w]
	return Ward{
		Name: name, LGA: len(s.LGAs) - 1, Code: fmt.Sprintf("%s%03d", s.LGAs[len(s.LGAs)-1].Code, number),
		Area: ground.Areas[w], Neighbours: slices.Clone(ground.Neighbours[w]),
		Values: values(p), Urban: round(p.Urban, 1), Population: int(p.Population), place: p,
	}
}

// renumber takes the neighbours from the ground's numbers to positions.
func (s *State) renumber(at []int) {
	for i := range s.Wards {
		for k, n := range s.Wards[i].Neighbours {
			s.Wards[i].Neighbours[k] = at[n]
		}
		slices.Sort(s.Wards[i].Neighbours)
	}
}

// byDistance lists the wards of each LGA, those nearest to its headquarters
// first.
func byDistance(ground *land.Land) [][]int {
	groups := make([][]int, slices.Max(ground.LGA)+1)
	for w, a := range ground.LGA {
		groups[a] = append(groups[a], w)
	}
	for _, g := range groups {
		slices.SortFunc(g, func(v, w int) int {
			return cmp.Compare(ground.Places[v].ToHeadquarter, ground.Places[w].ToHeadquarter)
		})
	}
	return groups
}

func nameLGAs(source *chance.Source, n, capital int) []string {
	pool := lgaPool()
	chance.Shuffle(source, pool)
	rest := append([]string{twoWayName}, pool...)
	out := make([]string, n)
	for a := range out {
		if a == capital {
			out[a] = capitalName
			continue
		}
		out[a], rest = rest[0], rest[1:]
	}
	return out
}

// nameWards names the wards of every LGA: the two at its headquarters after
// it, then the repeated names, then invented ones of every shape.
func nameWards(source *chance.Source, lgas []string, groups [][]int) map[int]string {
	lists := make([][]string, len(lgas))
	for a, lga := range lgas {
		lists[a] = headquarters(a, strings.TrimSuffix(lga, " Municipal"))
	}
	next := source.IntN(len(lgas))
	for _, r := range repeated() {
		for range r.times {
			a := next % len(lgas)
			lists[a] = append(lists[a], r.name)
			next++
		}
	}
	c := &coiner{source: source, apart: 2}
	out := map[int]string{}
	for a, wards := range groups {
		for len(lists[a]) < len(wards) {
			lists[a] = append(lists[a], c.shape(len(wards)-len(lists[a]))...)
		}
		for i, w := range wards {
			out[w] = lists[a][i]
		}
	}
	return out
}

// headquarters names the two wards of an LGA's own town.
func headquarters(a int, lga string) []string {
	switch a % 4 {
	case 0:
		return []string{lga + " (Central)", lga + " (Gabas)"}
	case 1:
		return []string{lga + " I", lga + " II"}
	case 2:
		return []string{lga + " East", lga + " West"}
	}
	return []string{lga + " A", lga + " B"}
}

// coiner invents names. Its stems for wards differ in two letters or more, so
// that a misspelt name still has one true ward.
type coiner struct {
	source *chance.Source
	stems  []string
	deck   []string
	apart  int // letters by which stems differ at least
}

// shapes is the deck from which the shapes of ward names are dealt, in about
// the proportions of a real northern state.
func shapes() []string {
	var deck []string
	for _, s := range []struct {
		shape string
		cards int
	}{
		{"plain", 10}, {"prefix", 9}, {"na", 3}, {"slash", 3}, {"hyphen", 3}, {"apostrophe", 2}, {"double", 2}, {"numbered", 2},
	} {
		for range s.cards {
			deck = append(deck, s.shape)
		}
	}
	return deck
}

// shape invents the names of one or, when room allows, two or three wards that
// go together.
func (c *coiner) shape(room int) []string {
	if len(c.deck) == 0 {
		c.deck = shapes()
		chance.Shuffle(c.source, c.deck)
	}
	shape := c.deck[0]
	c.deck = c.deck[1:]
	switch shape {
	case "prefix":
		return []string{chance.Pick(c.source, prefixes()) + " " + c.stem()}
	case "na":
		return []string{c.stemEnding("na")}
	case "slash":
		return []string{c.stem() + "/" + c.stem()}
	case "hyphen":
		return []string{c.stem() + "-" + c.stem()}
	case "apostrophe":
		return []string{chance.Pick(c.source, []string{"Ma'", "Ba'", "Ga'"}) + strings.ToLower(c.stem())}
	case "double":
		return []string{c.stemEnding(chance.Pick(c.source, []string{"nne", "mma", "llu"}))}
	case "numbered":
		return numbered(c.stem(), min(room, 2+c.source.IntN(2)))
	}
	return []string{c.stem()}
}

func numbered(stem string, n int) []string {
	if n < 2 {
		return []string{stem}
	}
	out := make([]string, n)
	for i := range out {
		out[i] = stem + " " + strings.Repeat("I", i+1)
	}
	return out
}

// prefixes are words that begin the names of many wards everywhere in the
// north: house, quarter, camp, river, market, new.
func prefixes() []string {
	return []string{"Gidan", "Unguwar", "Tungan", "Rafin", "Kasuwan", "Kofar", "Dan", "Gora", "Kauran", "Sabon"}
}

func (c *coiner) stem() string { return c.stemEnding("") }

// stemEnding invents a stem with the given end, or any.
func (c *coiner) stemEnding(end string) string {
	for try := 0; ; try++ {
		s := c.syllables(try/50, end) // longer when the short ones run out
		if c.isNew(s) {
			c.stems = append(c.stems, s)
			return s
		}
	}
}

func (c *coiner) isNew(stem string) bool {
	return !slices.ContainsFunc(c.stems, func(old string) bool { return levenshtein.ComputeDistance(old, stem) < c.apart })
}

func (c *coiner) syllables(more int, end string) string {
	first := []string{"Ba", "Da", "Ga", "Ka", "Ma", "Ra", "Sa", "Ta", "Wa", "Ya", "Za", "Bi", "Di", "Gi", "Ki", "Ri",
		"Bu", "Du", "Gu", "Ku", "Ru", "Tu", "Kwa", "Gwa", "Tsa", "Sha", "Dam", "Gar", "Kar", "Mar", "Tur", "Bar", "Lam", "Kan"}
	middle := []string{"ru", "ki", "da", "wa", "ri", "bu", "ma", "go", "lu", "la", "sha", "do", "ti", "ge"}
	last := []string{"wa", "ri", "ma", "gi", "du", "ko", "ra", "ya", "mi", "shi", "re", "ku"}
	s := chance.Pick(c.source, first) + chance.Pick(c.source, middle)
	for range more {
		s += chance.Pick(c.source, middle)
	}
	if end != "" {
		return s + end
	}
	if c.source.Chance(0.25) {
		s += chance.Pick(c.source, middle)
	}
	return s + chance.Pick(c.source, last)
}
