package sample

// count reads the finished facility file and counts what stands in it.
func (s *State) count() {
	t := &s.Truth
	t.Rows = len(s.sheet.rows)
	for _, r := range t.Reports {
		if !r.Sent {
			t.Unsent++
		}
	}
	spelt, right := map[[2]string]int{}, map[int]bool{}
	for _, r := range s.sheet.rows {
		f := s.Facilities[r.facility]
		spelt[[2]string{s.Wards[f.Ward].Code, f.GivenWard}]++
		right[f.Ward] = right[f.Ward] || f.GivenWard == s.Wards[f.Ward].Name
		s.countRow(f, r)
	}
	for i := range t.Spellings {
		sp := &t.Spellings[i]
		sp.Rows = spelt[[2]string{s.Wards[sp.Ward].Code, sp.Given}]
		sp.Whole = !right[sp.Ward]
	}
}

func (s *State) countRow(f Facility, r row) {
	t := &s.Truth
	t.UnknownRows += one(f.GivenWard == Unknown)
	t.TwoWayLGA.Rows += one(f.GivenLGA != s.LGAs[s.Wards[f.Ward].LGA].Name)
	t.Impossible += one(s.isImpossible(r))
	t.PositiveOnly += one(s.isPositiveOnly(r))
	for _, c := range r.cells[columnGeneral:] {
		t.TextCells += one(c.kind == text)
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// isImpossible reports whether some positives are above their persons tested.
func (s *State) isImpossible(r row) bool {
	return s.anyPair(r, func(tested, positive cell) bool {
		return tested.kind == count && positive.kind == count && positive.number > tested.number
	})
}

// isPositiveOnly reports whether some positives stand beside no persons tested.
func (s *State) isPositiveOnly(r row) bool {
	return s.anyPair(r, func(tested, positive cell) bool { return tested.kind != count && positive.kind == count })
}

// anyPair asks of each test and age group, in the form of the row's month.
func (s *State) anyPair(r row, is func(tested, positive cell) bool) bool {
	for k := range 6 {
		tested, positive := s.pair(k/3, k%3, r.month)
		if is(r.cells[tested], r.cells[positive]) {
			return true
		}
	}
	return false
}
