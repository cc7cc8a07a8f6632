package weights

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Weights is a sparse square matrix: w(i, j) says how much area j counts for
// area i. It is not changed after it was made, so it may be shared.
type Weights struct {
	start  []int // row i is to[start[i]:start[i+1]]
	to     []int32
	weight []float64
}

// ErrWeight is returned for a weight that is not a finite number, an area that
// is not there, or one listed twice.
var ErrWeight = errors.New("weights: not a matrix of weights")

// Binary gives every neighbour the weight 1.
func (n Neighbours) Binary() *Weights {
	w := &Weights{start: make([]int, 1, len(n)+1), to: make([]int32, 0, n.Links())}
	for _, list := range n {
		for _, j := range list {
			w.to = append(w.to, int32(j))
		}
		w.start = append(w.start, len(w.to))
	}
	w.weight = make([]float64, len(w.to))
	for k := range w.weight {
		w.weight[k] = 1
	}
	return w
}

// Link is one weight of a row.
type Link struct {
	To     int     // the area that counts
	Weight float64 // how much, or how far, by the function that made it
}

// FromRows makes a matrix of rows in any order, one row an area.
func FromRows(rows [][]Link) (*Weights, error) {
	w := &Weights{start: make([]int, 1, len(rows)+1)}
	for i, row := range rows {
		row = slices.Clone(row)
		sort.Slice(row, func(a, b int) bool { return row[a].To < row[b].To })
		for k, l := range row {
			if l.To < 0 || l.To >= len(rows) || math.IsNaN(l.Weight) || math.IsInf(l.Weight, 0) || k > 0 && row[k-1].To == l.To {
				return nil, fmt.Errorf("%w: row %d, area %d, weight %v", ErrWeight, i, l.To, l.Weight)
			}
			w.to, w.weight = append(w.to, int32(l.To)), append(w.weight, l.Weight)
		}
		w.start = append(w.start, len(w.to))
	}
	return w, nil
}

// Len returns the number of areas.
func (w *Weights) Len() int { return len(w.start) - 1 }

// Links returns the number of weights.
func (w *Weights) Links() int { return len(w.to) }

// Row returns the areas that count for area i, ascending, and their weights.
// The slices must not be changed.
func (w *Weights) Row(i int) (to []int32, weight []float64) {
	from, end := w.start[i], w.start[i+1]
	return w.to[from:end], w.weight[from:end]
}

// Islands returns, ascending, the areas for which no other area counts.
func (w *Weights) Islands() []int {
	var out []int
	for i := range w.Len() {
		if to, _ := w.Row(i); len(to) == 0 || len(to) == 1 && int(to[0]) == i {
			out = append(out, i)
		}
	}
	return out
}

// Neighbours returns who counts for whom, whatever the weight.
func (w *Weights) Neighbours() Neighbours {
	out := make(Neighbours, w.Len())
	for i := range out {
		to, _ := w.Row(i)
		for _, j := range to {
			out[i] = append(out[i], int(j))
		}
	}
	return out
}

// each returns the matrix with its weights replaced.
func (w *Weights) each(f func(i, j int, weight float64) float64) *Weights {
	out := &Weights{start: w.start, to: w.to, weight: make([]float64, len(w.weight))}
	for i := range w.Len() {
		for k := w.start[i]; k < w.start[i+1]; k++ {
			out.weight[k] = f(i, int(w.to[k]), w.weight[k])
		}
	}
	return out
}

// keep returns the matrix without the links that f refuses.
func (w *Weights) keep(f func(i, j int, weight float64) bool) *Weights {
	out := &Weights{start: make([]int, 1, w.Len()+1)}
	for i := range w.Len() {
		to, weight := w.Row(i)
		for k, j := range to {
			if f(i, int(j), weight[k]) {
				out.to, out.weight = append(out.to, j), append(out.weight, weight[k])
			}
		}
		out.start = append(out.start, len(out.to))
	}
	return out
}

// Style names a way of standardising weights, by the letters of Tiefelsdorf,
// Griffith and Boots (Environment and Planning A 31, 1999), as in spdep.
type Style string

// The styles.
const (
	StyleB Style = "B" // as they are
	StyleW Style = "W" // rows sum to 1
	StyleC Style = "C" // all sum to the number of areas that have neighbours
	StyleU Style = "U" // all sum to 1
	StyleS Style = "S" // variance stabilising: rows by the root of their sum of squares, all then as C
)

// Standardise returns the weights in a style. The row of an island stays
// empty; it is not counted among the areas of C and S.
func (w *Weights) Standardise(s Style) (*Weights, error) {
	sum := make([]float64, w.Len())
	total := 0.0
	for i := range sum {
		_, weight := w.Row(i)
		for _, v := range weight {
			sum[i] += v
		}
		total += sum[i]
	}
	n := float64(w.Len() - len(w.empty()))
	switch s {
	case StyleB:
		return w, nil
	case StyleW:
		return w.each(func(i, _ int, v float64) float64 { return v / sum[i] }), nil
	case StyleC:
		return w.each(func(_, _ int, v float64) float64 { return v * n / total }), nil
	case StyleU:
		return w.each(func(_, _ int, v float64) float64 { return v / total }), nil
	case StyleS:
		return w.stabilised(n), nil
	}
	return nil, fmt.Errorf("%w: no style %q", ErrWeight, s)
}

// empty returns the rows without a weight.
func (w *Weights) empty() []int {
	var out []int
	for i := range w.Len() {
		if w.start[i] == w.start[i+1] {
			out = append(out, i)
		}
	}
	return out
}

func (w *Weights) stabilised(n float64) *Weights {
	q := make([]float64, w.Len())
	total := 0.0
	for i := range q {
		_, weight := w.Row(i)
		for _, v := range weight {
			q[i] += v * v
		}
		q[i] = math.Sqrt(q[i])
		for _, v := range weight {
			total += v / q[i]
		}
	}
	return w.each(func(i, _ int, v float64) float64 { return v / q[i] * n / total })
}

// WithSelf returns the weights with each area counting for itself as much as
// given; WithoutSelf is its opposite.
func (w *Weights) WithSelf(weight float64) *Weights {
	out := &Weights{start: make([]int, 1, w.Len()+1)}
	for i := range w.Len() {
		to, own := w.Row(i)
		at, found := slices.BinarySearch(to, int32(i))
		out.to = append(append(append(out.to, to[:at]...), int32(i)), to[at+btoi(found):]...)
		out.weight = append(append(append(out.weight, own[:at]...), weight), own[at+btoi(found):]...)
		out.start = append(out.start, len(out.to))
	}
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// WithoutSelf returns the weights without those of an area for itself.
func (w *Weights) WithoutSelf() *Weights {
	return w.keep(func(i, j int, _ float64) bool { return i != j })
}

// Subset returns the matrix of the areas that are kept, in their order, and
// which area each of its rows was. Areas that lose all neighbours become
// islands. Standardise afterwards, not before.
func (w *Weights) Subset(kept []bool) (*Weights, []int) {
	var of []int
	to := make([]int32, w.Len())
	for i := range to {
		to[i] = -1
		if kept[i] {
			to[i] = int32(len(of))
			of = append(of, i)
		}
	}
	out := &Weights{start: make([]int, 1, len(of)+1)}
	for _, i := range of {
		row, weight := w.Row(i)
		for k, j := range row {
			if to[j] >= 0 {
				out.to, out.weight = append(out.to, to[j]), append(out.weight, weight[k])
			}
		}
		out.start = append(out.start, len(out.to))
	}
	return out, of
}

// Lag returns the weighted sum of the neighbours' values, area by area: with
// row-standardised weights their mean, and 0 for an island.
func (w *Weights) Lag(x []float64) []float64 {
	out := make([]float64, w.Len())
	for i := range out {
		out[i] = w.LagAt(i, x)
	}
	return out
}

// LagAt returns the weighted sum of the neighbours' values of area i.
func (w *Weights) LagAt(i int, x []float64) float64 {
	s := 0.0
	for k := w.start[i]; k < w.start[i+1]; k++ {
		s += w.weight[k] * x[w.to[k]]
	}
	return s
}

// Sums are the constants of the moments of Moran's I and Geary's C (Cliff and
// Ord, Spatial Processes, 1981, p. 19).
type Sums struct {
	S0 float64 // Σᵢⱼ wᵢⱼ
	S1 float64 // ½ Σᵢⱼ (wᵢⱼ + wⱼᵢ)²
	S2 float64 // Σᵢ (Σⱼ wᵢⱼ + Σⱼ wⱼᵢ)²
}

// Sums returns the constants.
func (w *Weights) Sums() Sums {
	var s Sums
	both := make([]float64, w.Len()) // row plus column sum
	for i := range both {
		to, weight := w.Row(i)
		for k, j := range to {
			v := weight[k]
			s.S0 += v
			both[i] += v
			both[j] += v
			// ½ Σ (wᵢⱼ+wⱼᵢ)² = Σ wᵢⱼ² + Σ wᵢⱼ·wⱼᵢ, each link once.
			s.S1 += v*v + v*w.At(int(j), i)
		}
	}
	for _, b := range both {
		s.S2 += b * b
	}
	return s
}

// At returns w(i, j), 0 where there is none.
func (w *Weights) At(i, j int) float64 {
	to, weight := w.Row(i)
	if k, found := slices.BinarySearch(to, int32(j)); found {
		return weight[k]
	}
	return 0
}

// Parts numbers the connected parts of the neighbourhood: areas with the same
// number can be reached from one another, whichever way the links point. It
// returns the number of each area's part, counted from 0 in the order of the
// areas, and how many there are.
func (n Neighbours) Parts() (part []int, count int) {
	both := make(Neighbours, len(n))
	for i, list := range n {
		for _, j := range list {
			both[i], both[j] = append(both[i], j), append(both[j], i)
		}
	}
	part = make([]int, len(n))
	for i := range part {
		part[i] = -1
	}
	for i := range part {
		if part[i] >= 0 {
			continue
		}
		part[i] = count
		for queue := []int{i}; len(queue) > 0; {
			at := queue[0]
			queue = queue[1:]
			for _, j := range both[at] {
				if part[j] < 0 {
					part[j] = count
					queue = append(queue, j)
				}
			}
		}
		count++
	}
	return part, count
}

// Order returns the neighbours of higher order: those that can be reached in k
// steps and in no fewer or, with lower, in k steps or fewer.
func (n Neighbours) Order(k int, lower bool) Neighbours {
	out := make(Neighbours, len(n))
	seen := make([]int, len(n)) // by area: 1 + the area whose walk saw it last
	for i := range n {
		seen[i] = i + 1
		front := []int{i}
		for step := 1; step <= k && len(front) > 0; step++ {
			var next []int
			for _, at := range front {
				for _, j := range n[at] {
					if seen[j] != i+1 {
						seen[j] = i + 1
						next = append(next, j)
					}
				}
			}
			if lower || step == k {
				out[i] = append(out[i], next...)
			}
			front = next
		}
		slices.Sort(out[i])
	}
	return out
}
