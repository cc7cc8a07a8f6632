package action

import (
	"cmp"
	"slices"

	"chatmrpt/core/table"
)

// sortedBy returns the rows of t ordered by a number column, rows without a
// value last, equal values in the order of the layer.
func sortedBy(t *table.Table, column string, descending bool) *table.Table {
	c, ok := t.Column(column)
	if !ok {
		return t
	}
	rows := make([]int, t.Rows())
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		x, hasX := c.Number(a)
		y, hasY := c.Number(b)
		switch {
		case !hasX || !hasY:
			return cmp.Compare(boolRank(hasX), boolRank(hasY))
		case descending:
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	})
	return t.Pick(rows)
}

// boolRank orders rows with a value before rows without.
func boolRank(has bool) int {
	if has {
		return 0
	}
	return 1
}
