package ingest

import (
	"slices"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/table"
)

// fillMerged gives every row of a merged range the text that a person sees
// beside it: reports write the LGA once over its wards. Only columns that name
// a place, a facility, a level or a time are filled. A number merged over rows
// stays where it stands, because it is one number and not several.
func fillMerged(s *sheet, rep *Report) {
	filled, example := 0, ""
	for _, m := range s.merges {
		at := slices.IndexFunc(s.columns, func(c *column) bool { return c.place == m.Column && names(c.role) })
		if at < 0 {
			continue
		}
		c := s.columns[at]
		first, ok := slices.BinarySearch(s.lines, uint32(m.Row))
		if !ok || c.at(first) == tagEmpty {
			continue
		}
		for i := first + 1; i < s.rows && int(s.lines[i]) <= m.LastRow; i++ {
			if c.at(i) == tagEmpty {
				c.set(i, c.at(first))
				filled++
				example, _ = c.text(first)
			}
		}
	}
	if filled == 0 {
		return
	}
	for _, c := range s.columns {
		c.recount()
	}
	rep.repaired("merged cells, read in every row they stand beside", filled, "", example)
}

// names: the roles whose cells say of what a row tells.
func names(r table.Role) bool {
	return isText(r) || r == table.RoleLevel || r == table.RolePeriod
}

// overRows keeps the ranges that go over several rows.
func overRows(all []grid.Range) []grid.Range {
	return slices.DeleteFunc(slices.Clone(all), func(m grid.Range) bool { return m.LastRow <= m.Row })
}
