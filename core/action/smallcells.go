package action

import (
	"slices"
	"strings"

	"chatmrpt/core/table"
)

// SmallCell is the number of persons from which on a count is commonly taken to
// point to nobody. Statistics offices differ, between 3 and 10; five is what
// most begin with.
const SmallCell = 5

// SmallCells counts the cells of the file's table that say how many persons were
// tested, found positive, seen and so on in one row (a ward or facility, a
// period, an age group) and say fewer than least, but not none: whoever knows
// the place may know who they were. counts is how many such cells there are at
// all; 0 for a file that is no table or counts no persons. Shares, ranks and
// scores are not looked at, nor what could be had by taking one figure from
// another.
func (f Published) SmallCells(least int) (small, counts int) {
	if f.table == nil {
		return 0, 0
	}
	for _, c := range f.table.Columns {
		if !countsPersons(c) {
			continue
		}
		for i := range c.Len() {
			v, ok := c.Number(i)
			if !ok {
				continue
			}
			counts++
			if v > 0 && v < float64(least) {
				small++
			}
		}
	}
	return small, counts
}

// countsPersons reports whether a column holds counts of persons at the services:
// the parts of a rate in a result, or what a facility reports. The inhabitants of
// a ward are no secret.
func countsPersons(c *table.Column) bool {
	if c.Kind() != table.Number {
		return false
	}
	if c.Name == "numerator" || c.Name == "denominator" {
		return c.Unit != "inhabitants"
	}
	if c.Role == table.RoleAttendance || c.Role == table.RoleGeneralAttendance {
		return true
	}
	return slices.ContainsFunc([]string{"tested_", "positive_", "fever_", "presumed_"}, func(of string) bool { return strings.HasPrefix(string(c.Role), of) })
}
