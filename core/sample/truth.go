package sample

import "slices"

// Truth is what was planted, for tests that ask whether it is found. Counts
// are of the facility file as it stands, repeated rows included.
type Truth struct {
	Risks   []Risk   // per ward
	Reports []Report // every facility and month, whether sent or not, before any fault

	Rows         int // data rows of the facility file
	UnknownRows  int // rows with the ward Unknown
	Impossible   int // rows in which a count of positives is above its count of persons tested; in each, one test and age group
	PositiveOnly int // rows in which some positives stand beside an empty count of persons tested
	Duplicates   int // rows that repeat an earlier one in every cell
	TextCells    int // cells of number columns that hold "N/A" or "-"
	Unsent       int // reports that never came, silent facilities included

	Silent         []int // facilities from which nothing comes after some month of the middle half; all others report in one of the last three
	MicroscopyOnly []int // facilities without rapid tests
	Migration      int   // the month from which children's counts stand in the second of two columns of one name

	NoReports  int        // the ward without a facility
	LakeWard   int        // the ward with a hole
	IslandWard int        // the ward of two parts
	SameName   [][]int    // wards of one name in different LGAs
	Spellings  []Spelling // wards' names misspelt in the facility file
	TwoWayLGA  TwoWay     // the LGA spelt in two ways there

	MissingCells int // empty cells of the environment file
	SparseWard   int // the ward with four of them, or -1 in a clean state
}

// TwoWay is the other spelling of an LGA's name.
type TwoWay struct {
	LGA   int    // position in State.LGAs, or -1 in a clean state
	Given string // without prefix and suffix
	Rows  int    // rows of the facility file in which it stands
}

// Positivity sums over the ward's true reports that keep accepts: persons
// found positive and persons tested, of that test (ByRDT, ByMicroscopy) and
// age group (Under5, Over5, Pregnant), or of all where -1 is given.
func (s *State) Positivity(ward, test, age int, keep func(Facility, Report) bool) (positive, tested int) {
	for _, r := range s.Truth.Reports {
		f := s.Facilities[r.Facility]
		if f.Ward != ward || !keep(f, r) {
			continue
		}
		for t := range r.Tested {
			for a := range r.Tested[t] {
				if (test < 0 || t == test) && (age < 0 || a == age) {
					positive += r.Positive[t][a]
					tested += r.Tested[t][a]
				}
			}
		}
	}
	return positive, tested
}

// findSameNames lists the wards that share a name, by name.
func (s *State) findSameNames() {
	byName := map[string][]int{}
	var names []string
	for i, w := range s.Wards {
		if byName[w.Name] == nil {
			names = append(names, w.Name)
		}
		byName[w.Name] = append(byName[w.Name], i)
	}
	slices.Sort(names)
	for _, n := range names {
		if len(byName[n]) > 1 {
			s.Truth.SameName = append(s.Truth.SameName, byName[n])
		}
	}
}
