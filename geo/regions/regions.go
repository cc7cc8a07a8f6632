// Package regions joins neighbouring areas that resemble one another into
// regions, such as supervision areas: each region hangs together, and its areas
// are as alike as that allows.
//
// The method is SKATER (Assunção, Neves, Câmara and Da Costa Freitas,
// International Journal of Geographical Information Science 20, 2006): of the
// neighbourhood only the minimum spanning tree by the distance of the
// variables is kept, and the tree is cut, edge by edge, where the sum of
// squares within the regions falls most, as in spdep's skater with the sum of
// squares and in GeoDa. Each cut is the best one; all cuts together need not
// be. No chance is in it: the same areas give the same regions.
//
// The variables are taken as given: standardise them first (Standardise), or
// the one with the largest numbers decides alone.
package regions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"chatmrpt/geo/weights"
)

// Options say how many regions are wanted.
type Options struct {
	Count int // of regions; at least as many as the neighbourhood has parts
	Least int // areas in a region that is cut off; a part that is smaller from the start stays whole
}

// Result is the regions found.
type Result struct {
	Region []int     // of each area, counted from 0 in the order of their first areas
	Count  int       // of regions; fewer than asked for when Least allows no further cut
	Within []float64 // sum of squares within the regions after each cut, the first before any
	Total  float64   // sum of squares around the mean of all
}

// Errors of Skater.
var (
	ErrShape = errors.New("regions: areas and values are not as many, or not all of one length")
	ErrValue = errors.New("regions: a value is not a finite number")
	ErrCount = errors.New("regions: the number of regions must be at least 1 and at most that of the areas, and the smallest size not negative")
	ErrParts = errors.New("regions: the neighbourhood falls into more parts than regions are wanted")
)

// Standardise turns columns of values into rows of an area each, with mean 0
// and standard deviation 1 (divisor n−1) in every column. A column of one value
// becomes 0.
func Standardise(columns [][]float64) [][]float64 {
	if len(columns) == 0 {
		return nil
	}
	rows := make([][]float64, len(columns[0]))
	for i := range rows {
		rows[i] = make([]float64, len(columns))
	}
	for c, column := range columns {
		n, mean, ss := float64(len(column)), 0.0, 0.0
		for _, v := range column {
			mean += v / n
		}
		for _, v := range column {
			ss += (v - mean) * (v - mean)
		}
		sd := math.Sqrt(ss / (n - 1))
		for i, v := range column {
			if sd > 0 {
				rows[i][c] = (v - mean) / sd
			}
		}
	}
	return rows
}

// Skater makes regions of areas by their neighbours and their values, one row
// an area. An area without neighbours is a region of its own.
func Skater(ctx context.Context, n weights.Neighbours, x [][]float64, o Options) (*Result, error) {
	if err := check(n, x, o); err != nil {
		return nil, err
	}
	_, parts := n.Parts()
	if o.Count < parts {
		return nil, fmt.Errorf("%w: %d parts, %d regions", ErrParts, parts, o.Count)
	}
	f := newForest(n, x)
	r := &Result{Total: f.sumOfSquares(allOf(len(x)))}
	var cuts []cut
	for _, root := range f.roots() {
		cuts = append(cuts, f.bestCut(root, o.Least))
	}
	r.Within = append(r.Within, within(cuts))
	for len(cuts) < o.Count {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at := best(cuts)
		if cuts[at].gain <= 0 {
			break // no edge may be cut, or nothing would be won
		}
		a, b := f.sever(cuts[at])
		cuts[at] = f.bestCut(a, o.Least)
		cuts = append(cuts, f.bestCut(b, o.Least))
		r.Within = append(r.Within, within(cuts))
	}
	r.Count = len(cuts)
	r.Region = f.number()
	return r, nil
}

func check(n weights.Neighbours, x [][]float64, o Options) error {
	if len(n) != len(x) || len(x) == 0 {
		return ErrShape
	}
	if o.Count < 1 || o.Count > len(x) || o.Least < 0 {
		return ErrCount
	}
	for _, row := range x {
		if len(row) != len(x[0]) {
			return ErrShape
		}
		for _, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%w: %v", ErrValue, v)
			}
		}
	}
	return nil
}

func allOf(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// forest is the minimum spanning tree of each part, cut further and further.
type forest struct {
	x    [][]float64
	tree [][]int // neighbours in the tree
}

// edge joins two areas that differ by a distance.
type edge struct {
	a, b int
	cost float64
}

// newForest keeps the edges of the minimum spanning trees (Kruskal).
func newForest(n weights.Neighbours, x [][]float64) *forest {
	var edges []edge
	for a, list := range n {
		for _, b := range list {
			if a != b && (a < b || !slices.Contains(n[b], a)) { // each pair once, whichever way it is listed
				edges = append(edges, edge{min(a, b), max(a, b), distance(x[a], x[b])})
			}
		}
	}
	slices.SortFunc(edges, func(p, q edge) int {
		return cmp.Or(cmp.Compare(p.cost, q.cost), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	f := &forest{x: x, tree: make([][]int, len(x))}
	leader := allOf(len(x))
	find := func(i int) int {
		for leader[i] != i {
			leader[i] = leader[leader[i]]
			i = leader[i]
		}
		return i
	}
	for _, e := range edges {
		if a, b := find(e.a), find(e.b); a != b {
			leader[a] = b
			f.tree[e.a], f.tree[e.b] = append(f.tree[e.a], e.b), append(f.tree[e.b], e.a)
		}
	}
	return f
}

func distance(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return math.Sqrt(s)
}

// sumOfSquares of some areas around their mean.
func (f *forest) sumOfSquares(areas []int) float64 {
	t := f.empty()
	for _, i := range areas {
		t.add(f.leaf(i))
	}
	return t.ss()
}

// total is what is known of a set of areas: their number, the sums of their
// values and of the squares.
type total struct {
	n       float64
	sums    []float64
	squares float64
}

func (f *forest) empty() total { return total{sums: make([]float64, len(f.x[0]))} }

func (f *forest) leaf(i int) total {
	t := total{n: 1, sums: f.x[i]}
	for _, v := range f.x[i] {
		t.squares += v * v
	}
	return t
}

func (t *total) add(o total) {
	t.n += o.n
	t.squares += o.squares
	for i, v := range o.sums {
		t.sums[i] += v
	}
}

// ss is the sum of squares around the mean.
func (t total) ss() float64 {
	out := t.squares
	for _, v := range t.sums {
		out -= v * v / t.n
	}
	return max(0, out)
}

// without is the sum of squares of t when part of it is taken out.
func (t total) without(part total) float64 {
	out := t.squares - part.squares
	for i, v := range t.sums {
		out -= (v - part.sums[i]) * (v - part.sums[i]) / (t.n - part.n)
	}
	return max(0, out)
}

// cut is the best edge of a tree to cut: between above and below, seen from the
// tree's root.
type cut struct {
	root, above, below int
	gain               float64 // by which the sum of squares falls; 0 where no edge may be cut
	ss                 float64 // of the tree as it is
}

func within(cuts []cut) (ss float64) {
	for _, c := range cuts {
		ss += c.ss
	}
	return ss
}

func best(cuts []cut) (at int) {
	for i, c := range cuts {
		if c.gain > cuts[at].gain {
			at = i
		}
	}
	return at
}

// walk lists the areas of the tree of a root, parents before their children,
// and the parent of each.
func (f *forest) walk(root int) (order, parent []int) {
	order, parent = []int{root}, []int{-1}
	for k := 0; k < len(order); k++ {
		for _, j := range f.tree[order[k]] {
			if j != parent[k] {
				order, parent = append(order, j), append(parent, order[k])
			}
		}
	}
	return order, parent
}

// roots returns the first area of every tree.
func (f *forest) roots() []int {
	seen := make([]bool, len(f.x))
	var out []int
	for i := range seen {
		if seen[i] {
			continue
		}
		out = append(out, i)
		order, _ := f.walk(i)
		for _, j := range order {
			seen[j] = true
		}
	}
	return out
}

// bestCut tries every edge of a tree, the sums of what hangs below it gathered
// from the leaves up.
func (f *forest) bestCut(root, least int) cut {
	order, parent := f.walk(root)
	below := make(map[int]*total, len(order))
	for _, i := range order {
		t := f.empty()
		t.add(f.leaf(i))
		below[i] = &t
	}
	for k := len(order) - 1; k > 0; k-- {
		below[parent[k]].add(*below[order[k]])
	}
	whole := *below[root]
	c := cut{root: root, ss: whole.ss()}
	for k := 1; k < len(order); k++ {
		part := *below[order[k]]
		if part.n < float64(least) || whole.n-part.n < float64(least) {
			continue
		}
		if gain := c.ss - part.ss() - whole.without(part); gain > c.gain {
			c.gain, c.above, c.below = gain, parent[k], order[k]
		}
	}
	return c
}

// sever cuts an edge and returns a root of each half.
func (f *forest) sever(c cut) (a, b int) {
	drop := func(from, to int) {
		f.tree[from] = slices.DeleteFunc(f.tree[from], func(j int) bool { return j == to })
	}
	drop(c.above, c.below)
	drop(c.below, c.above)
	return c.root, c.below
}

// number counts the trees in the order of their first areas.
func (f *forest) number() []int {
	out := make([]int, len(f.x))
	for k, root := range f.roots() {
		order, _ := f.walk(root)
		for _, i := range order {
			out[i] = k
		}
	}
	return out
}
