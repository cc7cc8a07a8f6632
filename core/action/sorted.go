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
	return t.Pick(ordered(t.Rows(), func(a, b int) int { return compareCells(c, a, b, descending) }))
}

// RankOrder gives the rows of a ranking in the order in which every face shows
// them, highest risk first: by rank, wards of one rank by their mean score,
// wards without a rank last.
func RankOrder(ranking *table.Table) []int {
	rank, _ := ranking.Column("rank")
	mean, _ := ranking.Column("mean_score")
	return ordered(ranking.Rows(), func(a, b int) int {
		return cmp.Or(compareCells(rank, a, b, false), compareCells(mean, a, b, true))
	})
}

func ordered(n int, compare func(a, b int) int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, compare)
	return rows
}

// compareCells orders two rows by a column; a column that is not there (nil)
// tells no rows apart.
func compareCells(c *table.Column, a, b int, descending bool) int {
	if c == nil {
		return 0
	}
	x, hasX := c.Number(a)
	y, hasY := c.Number(b)
	switch {
	case !hasX || !hasY:
		return cmp.Compare(boolRank(hasX), boolRank(hasY))
	case descending:
		return cmp.Compare(y, x)
	}
	return cmp.Compare(x, y)
}

// boolRank orders rows with a value before rows without.
func boolRank(has bool) int {
	if has {
		return 0
	}
	return 1
}
