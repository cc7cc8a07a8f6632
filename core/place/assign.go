package place

import (
	"cmp"
	"math"
	"slices"
)

// assign solves the assignment problem: for each row at most one column, for
// each column at most one row, so that the sum of the chosen scores is the
// greatest. score holds values ≥ 0 and its rows have equal lengths; the result
// gives each row's column, or −1 where nothing above 0 was left for it. Ties
// fall to the earlier rows and columns, so callers order both by content.
//
// It is the shortest augmenting path method with potentials (Kuhn 1955,
// Munkres 1957, in the O(n³) form of Jonker and Volgenant 1987).
func assign(score [][]float64) []int {
	rows := len(score)
	if rows == 0 {
		return nil
	}
	cols := max(len(score[0]), rows)
	s := solver{score: score, n: rows, m: cols,
		u: make([]float64, rows+1), v: make([]float64, cols+1),
		rowOf: make([]int, cols+1), from: make([]int, cols+1)}
	for i := 1; i <= rows; i++ {
		s.augment(i)
	}
	return s.result()
}

// solver numbers rows and columns from 1; 0 stands for none.
type solver struct {
	score [][]float64
	n, m  int
	u, v  []float64
	rowOf []int // the row a column is given to
	from  []int // the column before it on the path being grown
}

// cost turns the greatest sum into the least; columns beyond the matrix stand
// for "left out".
func (s *solver) cost(row, col int) float64 {
	if col-1 >= len(s.score[row-1]) {
		return 0
	}
	return -s.score[row-1][col-1]
}

// augment brings one more row into the assignment.
func (s *solver) augment(row int) {
	dist := make([]float64, s.m+1)
	used := make([]bool, s.m+1)
	for j := range dist {
		dist[j] = math.Inf(1)
	}
	s.rowOf[0] = row
	col := 0
	for s.rowOf[col] != 0 {
		used[col] = true
		col = s.grow(col, dist, used)
	}
	for col != 0 {
		s.rowOf[col] = s.rowOf[s.from[col]]
		col = s.from[col]
	}
}

// grow lengthens the cheapest path from col by one column and returns it.
func (s *solver) grow(col int, dist []float64, used []bool) int {
	row, next, delta := s.rowOf[col], 0, math.Inf(1)
	for j := 1; j <= s.m; j++ {
		if used[j] {
			continue
		}
		if d := s.cost(row, j) - s.u[row] - s.v[j]; d < dist[j] {
			dist[j], s.from[j] = d, col
		}
		if dist[j] < delta {
			delta, next = dist[j], j
		}
	}
	for j := range used {
		if used[j] {
			s.u[s.rowOf[j]] += delta
			s.v[j] -= delta
		} else {
			dist[j] -= delta
		}
	}
	return next
}

func (s *solver) result() []int {
	out := make([]int, s.n)
	for i := range out {
		out[i] = -1
	}
	for j := 1; j <= s.m; j++ {
		if i := s.rowOf[j]; i > 0 && j-1 < len(s.score[i-1]) && s.score[i-1][j-1] > 0 {
			out[i-1] = j - 1
		}
	}
	return out
}

// choice is one column a row may be given, and how well it fits.
type choice struct {
	to   int
	like likeness
}

// maxDense bounds the matrix solved exactly; a larger tangle of names, which
// no LGA has, is settled greedily, best pair first.
const maxDense = 250_000

// assignChoices solves the assignment over sparse rows of choices, taking only
// columns that free allows. The result gives for each row the index of its
// choice, or −1. Rows and choices must be ordered by content.
func assignChoices(rows [][]choice, free func(col int) bool) []int {
	picks := make([]int, len(rows))
	for i := range picks {
		picks[i] = -1
	}
	for _, tangle := range tangles(rows, free) {
		cols := columnsOf(rows, tangle, free)
		if len(tangle)*len(cols) > maxDense {
			pickGreedily(rows, tangle, free, picks)
			continue
		}
		pickBest(rows, tangle, cols, picks)
	}
	return picks
}

// tangles groups rows that compete, directly or through others, for columns.
func tangles(rows [][]choice, free func(int) bool) [][]int {
	parent := make([]int, len(rows))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[int]int{} // column: the first row that wants it
	for i, cs := range rows {
		for _, c := range cs {
			if !free(c.to) {
				continue
			}
			if j, ok := first[c.to]; ok {
				a, b := root(i), root(j)
				parent[max(a, b)] = min(a, b)
			} else {
				first[c.to] = i
			}
		}
	}
	var out [][]int
	at := map[int]int{}
	for i := range rows {
		r := root(i)
		if _, ok := at[r]; !ok {
			at[r] = len(out)
			out = append(out, nil)
		}
		out[at[r]] = append(out[at[r]], i)
	}
	return out
}

// columnsOf numbers the free columns a tangle wants, in order of first mention.
func columnsOf(rows [][]choice, tangle []int, free func(int) bool) map[int]int {
	cols := map[int]int{}
	for _, i := range tangle {
		for _, c := range rows[i] {
			if _, ok := cols[c.to]; !ok && free(c.to) {
				cols[c.to] = len(cols)
			}
		}
	}
	return cols
}

func pickBest(rows [][]choice, tangle []int, cols map[int]int, picks []int) {
	score := make([][]float64, len(tangle))
	which := make([]map[int]int, len(tangle)) // column: index of the choice
	for t, i := range tangle {
		score[t], which[t] = make([]float64, len(cols)), map[int]int{}
		for k, c := range rows[i] {
			if j, ok := cols[c.to]; ok {
				score[t][j], which[t][j] = c.like.score, k
			}
		}
	}
	for t, j := range assign(score) {
		if j >= 0 {
			picks[tangle[t]] = which[t][j]
		}
	}
}

func pickGreedily(rows [][]choice, tangle []int, free func(int) bool, picks []int) {
	type pair struct{ row, choice int }
	var pairs []pair
	for _, i := range tangle {
		for k, c := range rows[i] {
			if free(c.to) {
				pairs = append(pairs, pair{i, k})
			}
		}
	}
	at := func(p pair) choice { return rows[p.row][p.choice] }
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(at(b).like.score, at(a).like.score) })
	used := map[int]bool{}
	for _, p := range pairs {
		if picks[p.row] < 0 && !used[at(p).to] {
			picks[p.row], used[at(p).to] = p.choice, true
		}
	}
}

// lead is how far a pick lies ahead of what else could be meant; never below 0.
type lead struct {
	all  float64 // of every other column of its row, taken ones included, and every other row of its column
	free float64 // the same, taken columns left out
}

// leadsOf gives the lead of each pick.
func leadsOf(rows [][]choice, picks []int, free func(col int) bool) []lead {
	tops := topRows(rows)
	out := make([]lead, len(rows))
	for i, k := range picks {
		if k < 0 {
			continue
		}
		mine := rows[i][k]
		t := tops[mine.to]
		rival := t.first
		if t.row == i {
			rival = t.other
		}
		open := rival
		for j, c := range rows[i] {
			if j == k {
				continue
			}
			rival = max(rival, c.like.score)
			if free(c.to) {
				open = max(open, c.like.score)
			}
		}
		out[i] = lead{all: max(0, mine.like.score-rival), free: max(0, mine.like.score-open)}
	}
	return out
}

// top is the row that wants a column most, and how much the next one does.
type top struct {
	row          int
	first, other float64
}

func topRows(rows [][]choice) map[int]*top {
	tops := map[int]*top{}
	for i, cs := range rows {
		for _, c := range cs {
			t := tops[c.to]
			switch {
			case t == nil:
				tops[c.to] = &top{row: i, first: c.like.score}
			case c.like.score > t.first:
				t.row, t.first, t.other = i, c.like.score, t.first
			default:
				t.other = max(t.other, c.like.score)
			}
		}
	}
	return tops
}
