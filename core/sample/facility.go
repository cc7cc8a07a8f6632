package sample

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"chatmrpt/core/sample/chance"
)

// Level is a facility's level of care, as a role-aware reader gives it.
type Level string

// The levels of care.
const (
	Primary   Level = "primary"
	Secondary Level = "secondary"
	Tertiary  Level = "tertiary"
)

// Facility is a health facility. Its name is unique in its LGA, and as in
// life not in the state.
type Facility struct {
	Name       string
	Ward       int // position in State.Wards of the ward where it truly stands
	Level      Level
	RDT        bool // it uses rapid tests
	Microscopy bool // it uses a microscope

	// What the facility file says of it.
	GivenLGA    string // without prefix and suffix; the LGA's name or the other spelling
	GivenWard   string // without prefix and suffix; "Unknown" when the file doesn't know
	GivenLevel  string // the level in one of the spellings met
	SilentSince int    // first month from which it never reports, or -1

	anchor bool    // the one facility of its ward that is spared the gravest faults
	share  float64 // share of the ward's patients
}

// Unknown is what the facility file says for a ward it doesn't know.
const Unknown = "Unknown"

// chooseNoReports picks the ward from which nothing is ever heard: an ordinary
// rural one with four neighbours or more, so that it can be filled in from
// them. In a small state without such a ward it is any ordinary one.
func (s *State) chooseNoReports() int {
	order := make([]int, len(s.Wards))
	for w := range order {
		order[w] = w
	}
	chance.Shuffle(s.stream("no reports"), order)
	ordinary := slices.DeleteFunc(order, func(w int) bool {
		return w == s.Truth.LakeWard || w == s.Truth.IslandWard || isRepeated(s.Wards[w].Name)
	})
	for _, w := range ordinary {
		if s.Wards[w].place.ToHeadquarter >= 5 && len(s.Wards[w].Neighbours) >= 4 {
			return w
		}
	}
	return ordinary[0]
}

func isRepeated(name string) bool {
	for _, r := range repeated() {
		if r.name == name {
			return true
		}
	}
	return false
}

// open opens the facilities: a primary health centre in every ward but the one
// without reports, a general hospital at each headquarters, a few tertiary
// hospitals where most people live, and the rest where people are. Four in
// five are primary.
func (s *State) open(hq []int) []Facility {
	n := s.Options.Facilities
	tertiary := max(1, n/90)
	secondary := n/5 - tertiary
	b := &builder{state: s, coiner: &coiner{source: s.stream("facilities"), apart: 1}}
	for _, w := range s.Wards {
		b.coiner.stems = append(b.coiner.stems, w.Name)
	}
	for w := range s.Wards {
		if w != s.Truth.NoReports {
			b.add(w, Primary, s.Wards[w].Name+" Primary Health Centre")
			b.list[len(b.list)-1].anchor = true
		}
	}
	b.openHospitals(hq, secondary, tertiary)
	for len(b.list) < n {
		kind := chance.Pick(b.coiner.source, []string{"Health Post", "Dispensary", "Primary Health Centre", "Maternity Clinic", "Model PHC"})
		b.add(b.where(math.Sqrt), Primary, b.coiner.stem()+" "+kind)
	}
	b.equip()
	slices.SortStableFunc(b.list, func(a, b Facility) int { return cmp.Compare(a.Ward, b.Ward) })
	shareOut(b.list, len(s.Wards))
	return b.list
}

// builder collects facilities.
type builder struct {
	state  *State
	coiner *coiner
	list   []Facility
}

func (b *builder) add(ward int, level Level, name string) {
	w := b.state.Wards[ward]
	b.list = append(b.list, Facility{
		Name: name, Ward: ward, Level: level, SilentSince: -1,
		GivenLGA: b.state.LGAs[w.LGA].Name, GivenWard: w.Name, GivenLevel: b.givenLevel(level),
	})
}

// givenLevel is the level as typed: capitals come and go.
func (b *builder) givenLevel(level Level) string {
	text := string(level)
	if level == Tertiary || b.coiner.source.Chance(0.3) {
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return text
}

// where draws a ward with a chance that grows with its population.
func (b *builder) where(growth func(float64) float64) int {
	weights := make([]float64, len(b.state.Wards))
	for w := range weights {
		if w != b.state.Truth.NoReports {
			weights[w] = growth(float64(b.state.Wards[w].Population))
		}
	}
	return b.coiner.source.Weighted(weights)
}

func (b *builder) openHospitals(hq []int, secondary, tertiary int) {
	for i := range tertiary {
		w := b.where(func(people float64) float64 { return people * people })
		name := "Federal Medical Centre " + b.coiner.stem()
		if i == 0 {
			name = StateName + " University Teaching Hospital"
		}
		b.add(w, Tertiary, name)
	}
	for i := range secondary {
		if i < len(hq) && hq[i] != b.state.Truth.NoReports {
			b.add(hq[i], Secondary, "General Hospital "+b.state.LGAs[i].Name)
			continue
		}
		kind := chance.Pick(b.coiner.source, []string{"Cottage Hospital", "Hospital", "Comprehensive Health Centre"})
		b.add(b.where(func(people float64) float64 { return people }), Secondary, b.coiner.stem()+" "+kind)
	}
}

// equip says who tests how: everyone by RDT, hospitals and some health centres
// by microscope as well, and a few health centres only so.
func (b *builder) equip() {
	source := b.coiner.source
	var spare []int
	for i := range b.list {
		f := &b.list[i]
		f.RDT = true
		f.Microscopy = f.Level != Primary || source.Chance(0.12)
		if f.Level == Primary && !f.anchor {
			spare = append(spare, i)
		}
	}
	chance.Shuffle(source, spare)
	for _, i := range spare[:min(len(spare), max(2, len(b.list)*8/450))] {
		b.list[i].RDT, b.list[i].Microscopy = false, true
	}
}

// shareOut divides each ward's patients among its facilities.
func shareOut(list []Facility, wards int) {
	pull := func(f Facility) float64 {
		switch f.Level {
		case Tertiary:
			return 2.5
		case Secondary:
			return 1.6
		}
		return 1
	}
	sum := make([]float64, wards)
	for _, f := range list {
		sum[f.Ward] += pull(f)
	}
	for i, f := range list {
		list[i].share = pull(f) / sum[f.Ward]
	}
}
