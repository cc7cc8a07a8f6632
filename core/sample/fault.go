package sample

import (
	"fmt"
	"slices"

	"chatmrpt/core/sample/chance"
)

// How much of each fault there is, as a share of rows, cells or facilities.
// The first is the share of the real Kwara export.
const (
	unknownShare   = 0.17
	impossible     = 0.01
	positiveOnly   = 0.004
	duplicateShare = 0.004
	textShare      = 0.002
	unsentShare    = 0.06
	silentShare    = 0.04
	stockOutShare  = 0.025
	emptyPairShare = 0.02
)

// plant writes the facility file with its faults, each in a step of its own,
// and counts them. A clean state skips the faults but keeps the layout.
func (s *State) plant() {
	s.Truth.Migration = s.Options.Months * 7 / 24
	s.findSameNames()
	s.listMicroscopyOnly()
	s.Truth.TwoWayLGA.LGA, s.Truth.SparseWard = -1, -1
	if !s.Options.Clean {
		s.misspell()
		s.spellTwoWays()
		s.silence()
		s.loseReports()
		s.forgetWards()
	}
	s.sheet = sheet{
		title:   fmt.Sprintf("%s DATA: %s State is made up. Malaria monthly summary, %s to %s", Label, s.Name, s.period(0), s.period(s.Options.Months-1)),
		headers: headers(),
	}
	for _, r := range s.Truth.Reports {
		if r.Sent {
			s.sheet.rows = append(s.sheet.rows, s.row(r))
		}
	}
	if !s.Options.Clean {
		s.leaveEmpty()
		s.loseTested()
		s.makeImpossible()
		s.writeWords()
		s.repeatRows()
		s.leaveGaps()
	}
	s.count()
}

func (s *State) listMicroscopyOnly() {
	for i, f := range s.Facilities {
		if !f.RDT {
			s.Truth.MicroscopyOnly = append(s.Truth.MicroscopyOnly, i)
		}
	}
}

// spare lists the facilities that are not the anchor of their ward, shuffled.
func (s *State) spare(source *chance.Source) []int {
	var out []int
	for i, f := range s.Facilities {
		if !f.anchor {
			out = append(out, i)
		}
	}
	chance.Shuffle(source, out)
	return out
}

// silence ends the reports of a few facilities in the middle half of the time.
func (s *State) silence() {
	source := s.stream("silence")
	n := max(2, int(silentShare*float64(len(s.Facilities))))
	quarter := s.Options.Months / 4
	for _, i := range s.spare(source)[:n] {
		s.Facilities[i].SilentSince = quarter + source.IntN(2*quarter)
		s.Truth.Silent = append(s.Truth.Silent, i)
	}
	slices.Sort(s.Truth.Silent)
}

// loseReports drops the reports of silent facilities and some of everyone's,
// but not all three of the last months: who sends one of them is not silent.
func (s *State) loseReports() {
	source := s.stream("unsent")
	late := map[int]int{}
	for i := range s.Truth.Reports {
		r := &s.Truth.Reports[i]
		since := s.Facilities[r.Facility].SilentSince
		lost := source.Chance(unsentShare)
		if lost && r.Month >= s.Options.Months-3 {
			late[r.Facility]++
			lost = late[r.Facility] < 3
		}
		if lost || since >= 0 && r.Month >= since {
			r.Sent = false
		}
	}
}

// forgetWards writes Unknown for the ward of whole facilities, until the share
// of rows is reached.
func (s *State) forgetWards() {
	sent, total := make([]int, len(s.Facilities)), 0
	for _, r := range s.Truth.Reports {
		if r.Sent {
			sent[r.Facility]++
			total++
		}
	}
	left := int(unknownShare * float64(total))
	for _, i := range s.spare(s.stream("unknown")) {
		if sent[i] <= left {
			s.Facilities[i].GivenWard = Unknown
			left -= sent[i]
		}
	}
}

// leaveEmpty empties cells that were not filled in: months without rapid
// tests, an age group left out, attendance not added up.
func (s *State) leaveEmpty() {
	source := s.stream("empty")
	for _, r := range s.sheet.rows {
		stockOut := source.Chance(stockOutShare)
		for test := range 2 {
			for age := range 3 {
				if stockOut && test == ByRDT || source.Chance(emptyPairShare) {
					s.clear(r, test, age)
				}
			}
		}
		if source.Chance(0.04) {
			r.cells[columnGeneral] = cell{}
		}
		if source.Chance(0.03) {
			r.cells[columnOPD] = cell{}
		}
	}
}

// clear empties the counts of a test and age group, in both forms.
func (s *State) clear(r row, test, age int) {
	for _, month := range []int{0, s.Options.Months} {
		tested, positive := s.pair(test, age, month)
		r.cells[tested], r.cells[positive] = cell{}, cell{}
	}
}

// choose draws that share of the rows, at least one, in order of the file.
func (s *State) choose(source *chance.Source, share float64, fits func(row) bool) []int {
	var fit []int
	for i, r := range s.sheet.rows {
		if fits(r) {
			fit = append(fit, i)
		}
	}
	chance.Shuffle(source, fit)
	fit = fit[:min(len(fit), max(1, int(share*float64(len(s.sheet.rows)))))]
	slices.Sort(fit)
	return fit
}

// filled gives the columns of the first test and age group whose two counts
// are both there with someone tested, and false when there is none.
func (s *State) filled(r row, from int) (tested, positive int, ok bool) {
	for k := range 6 {
		k = (k + from) % 6
		tested, positive = s.pair(k/3, k%3, r.month)
		a, b := r.cells[tested], r.cells[positive]
		if a.kind == count && b.kind == count && a.number > 0 {
			return tested, positive, true
		}
	}
	return 0, 0, false
}

func (s *State) hasCounts(r row) bool {
	_, _, ok := s.filled(r, 0)
	return ok
}

// lose puts something else in place of a number. A 0 in the other column of
// the same name goes too, or it would stand for what was lost.
func (r row) lose(column int, instead cell) {
	r.cells[column] = instead
	if k := twin(column); k >= 0 && r.cells[k].kind == count && r.cells[k].number == 0 {
		r.cells[k] = cell{}
	}
}

// loseTested empties the count of persons tested and leaves that of positives.
func (s *State) loseTested() {
	source := s.stream("positive only")
	for _, i := range s.choose(source, positiveOnly, s.hasCounts) {
		tested, _, _ := s.filled(s.sheet.rows[i], source.IntN(6))
		s.sheet.rows[i].lose(tested, cell{})
	}
}

// makeImpossible writes more positives than persons tested: a digit too many,
// the two exchanged, or a slip of the pen.
func (s *State) makeImpossible() {
	source := s.stream("impossible")
	for _, i := range s.choose(source, impossible, s.hasCounts) {
		r := s.sheet.rows[i]
		tested, positive, _ := s.filled(r, source.IntN(6))
		n, p := r.cells[tested].number, r.cells[positive].number
		switch kind := source.IntN(3); {
		case kind == 0 && p*10 > n:
			r.cells[positive] = number(p * 10)
		case kind == 1 && p < n:
			r.cells[tested], r.cells[positive] = number(p), number(n)
		default:
			r.cells[positive] = number(n + 1 + source.IntN(9))
		}
	}
}

// writeWords puts words into number cells. Cells of the pairs found impossible
// stay, so that the count of those rows is what was meant.
func (s *State) writeWords() {
	source := s.stream("words")
	for _, r := range s.sheet.rows {
		if s.isImpossible(r) {
			continue
		}
		for c := columnGeneral; c < columnCount; c++ {
			if r.cells[c].kind == count && source.Chance(textShare) {
				r.lose(c, words(chance.Pick(source, []string{"N/A", "-"})))
			}
		}
	}
}

// repeatRows writes some rows twice, half of them at once and half at the end
// of the file, as happens when parts are pasted together.
func (s *State) repeatRows() {
	source := s.stream("repeat")
	twice := s.choose(source, duplicateShare, func(row) bool { return true })
	var out, end []row
	for i, r := range s.sheet.rows {
		out = append(out, r)
		if k, ok := slices.BinarySearch(twice, i); ok && k%2 == 0 {
			out = append(out, r)
		} else if ok {
			end = append(end, r)
		}
	}
	s.Truth.Duplicates = len(twice)
	s.sheet.rows = append(out, end...)
}

// gapCell is a cell left empty in the environment file.
type gapCell struct{ ward, variable int }

// leaveGaps chooses the cells of the environment file that stay empty: one in
// twenty-five, and four more of one ward.
func (s *State) leaveGaps() {
	source := s.stream("gaps")
	variables := len(Variables())
	all := make([]gapCell, 0, len(s.Wards)*variables)
	for w := range s.Wards {
		for v := range variables {
			all = append(all, gapCell{w, v})
		}
	}
	chance.Shuffle(source, all)
	s.Truth.SparseWard = source.IntN(len(s.Wards))
	n := len(all) / 25
	for i, g := range all {
		ofSparse := g.ward == s.Truth.SparseWard
		if ofSparse && g.variable < 4 || !ofSparse && i < n {
			s.gaps = append(s.gaps, g)
		}
	}
	s.Truth.MissingCells = len(s.gaps)
}
