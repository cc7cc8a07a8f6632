package land

import (
	"cmp"
	"container/heap"
	"math"
	"slices"

	"chatmrpt/core/sample/chance"
)

// growAreas divides the state's cells among the areas and gives the seed cell
// of each, which later is its headquarters.
func (g *grid) growAreas(areas int, river []point) []int {
	s := chance.New(g.seed, "areas")
	cells := g.cellsOf(g.area, 0)
	seeds := g.spread(s, cells, areas, 4, func(int) float64 { return 1 })
	cost := g.travel(river)
	owner := g.grow(seeds, cost, func(from, to int) bool { return g.area[to] != outside })
	for _, c := range cells {
		g.area[c] = owner[c]
	}
	return seeds
}

// growWards divides each area into wards, in numbers that follow its size and
// sum to wards, and gives the area of each ward.
func (g *grid) growWards(towns []town, wards int, river []point) []int {
	s := chance.New(g.seed, "wards")
	at := slices.Clone(towns)
	slices.SortFunc(at, func(a, b town) int { return cmp.Compare(a.area, b.area) })
	var seeds, lgaOf []int
	for a, n := range g.shares(s, at, wards) {
		weight := func(cell int) float64 {
			r := g.centre(cell).distance(at[a].at) / at[a].dense
			return 1 / ((1 + r*r) * (1 + r*r))
		}
		seeds = append(seeds, g.spread(s, g.cellsOf(g.area, int32(a)), n, 3, weight)...)
		for range n {
			lgaOf = append(lgaOf, a)
		}
	}
	cost := g.travel(river)
	g.ward = g.grow(seeds, cost, func(from, to int) bool { return g.area[to] == g.area[from] })
	return lgaOf
}

// cellsOf lists the cells with that owner.
func (g *grid) cellsOf(owner []int32, who int32) []int {
	var out []int
	for c, o := range owner {
		if o == who {
			out = append(out, c)
		}
	}
	return out
}

// shares divides the wards among the areas by size, somewhat evened out and
// shaken, by largest remainders; each gets at least six where they suffice.
func (g *grid) shares(s *chance.Source, towns []town, wards int) []int {
	areas := len(towns)
	weight, total := make([]float64, areas), 0.0
	for a, t := range towns {
		size := float64(len(g.cellsOf(g.area, int32(a))))
		weight[a] = math.Sqrt(size) * s.Between(0.85, 1.15) * (0.8 + t.people/400e3)
		total += weight[a]
	}
	least := min(6, wards/areas)
	out, rest, left := make([]int, areas), make([]float64, areas), wards
	for a := range out {
		exact := float64(wards-least*areas) * weight[a] / total
		out[a] = least + int(exact)
		rest[a] = exact - math.Floor(exact)
		left -= out[a]
	}
	order := make([]int, areas)
	for a := range order {
		order[a] = a
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, a := range order[:left] {
		out[a]++
	}
	return out
}

// spread places n seeds among the cells: at random, but each the farthest of a
// few candidates from those before, then moved to the middle of what is
// nearest to it for some rounds (Lloyd), so that no piece is tiny. They crowd
// where the weight of the cells is high.
func (g *grid) spread(s *chance.Source, cells []int, n, rounds int, weight func(cell int) float64) []int {
	seeds := []int{chance.Pick(s, cells)}
	for len(seeds) < n {
		best, far := -1, -1.0
		for range 8 {
			c := chance.Pick(s, cells)
			_, d := g.nearestSeed(seeds, c)
			if d *= math.Sqrt(weight(c)); d > far {
				best, far = c, d
			}
		}
		seeds = append(seeds, best)
	}
	for range rounds {
		g.relax(seeds, cells, weight)
	}
	return seeds
}

func (g *grid) nearestSeed(seeds []int, cell int) (which int, distance float64) {
	p, distance := g.centre(cell), math.Inf(1)
	for i, s := range seeds {
		if d := g.centre(s).distance(p); d < distance {
			which, distance = i, d
		}
	}
	return which, distance
}

// relax moves each seed to the cell nearest to the weighted mean of the cells that are
// nearest to it. Two seeds never land on one cell: a seed that would stays.
func (g *grid) relax(seeds, cells []int, weight func(cell int) float64) {
	sum, heavy := make([]point, len(seeds)), make([]float64, len(seeds))
	owner := make([]int, len(cells))
	for i, c := range cells {
		k, _ := g.nearestSeed(seeds, c)
		p := g.centre(c)
		w := weight(c)
		sum[k].x += w * p.x
		sum[k].y += w * p.y
		heavy[k] += w
		owner[i] = k
	}
	best, move := make([]float64, len(seeds)), slices.Clone(seeds)
	for i, c := range cells {
		k := owner[i]
		mean := point{sum[k].x / heavy[k], sum[k].y / heavy[k]}
		if d := g.centre(c).distance(mean); best[k] == 0 || d < best[k] {
			best[k], move[k] = d+1e-12, c
		}
	}
	for k, c := range move {
		if !slices.Contains(seeds, c) {
			seeds[k] = c
		}
	}
}

// travel gives the cost of entering each cell: rough ground costs more, and
// crossing the river most, so that borders wind and tend to follow the river.
func (g *grid) travel(river []point) []float64 {
	rough := g.noise("rough", 11, 4)
	cost := make([]float64, len(g.area))
	for c := range cost {
		p := g.centre(c)
		cost[c] = math.Exp(2.6 * rough.At(p.x, p.y))
	}
	for _, p := range river {
		if c := g.under(p); c >= 0 {
			cost[c] += 6
		}
	}
	return cost
}

// under gives the cell whose row and column are nearest to p, or -1.
func (g *grid) under(p point) int {
	row := int(math.Round((p.y/stepY + 1.5*float64(g.height)) / 3))
	col := int(math.Round((p.x/stepX + float64(g.width) - float64(row&1)) / 2))
	return g.cell(row, col)
}

// front is one step of the growth still to be taken.
type front struct {
	cost  float64
	cell  int
	owner int32
}

// fronts is a heap of steps, cheapest first, ties by cell so that the outcome
// does not depend on the order of insertion.
type fronts []front

func (f fronts) Len() int { return len(f) }
func (f fronts) Less(i, j int) bool {
	if f[i].cost != f[j].cost {
		return f[i].cost < f[j].cost
	}
	if f[i].cell != f[j].cell {
		return f[i].cell < f[j].cell
	}
	return f[i].owner < f[j].owner
}
func (f fronts) Swap(i, j int) { f[i], f[j] = f[j], f[i] }

// Push is for container/heap.
func (f *fronts) Push(x any) { *f = append(*f, x.(front)) }

// Pop is for container/heap.
func (f *fronts) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// grow gives each cell the seed from which it is cheapest to reach (Dijkstra
// from all seeds at once). The cells of a seed form a tree of steps, so they
// are in one piece whatever the costs.
func (g *grid) grow(seeds []int, cost []float64, pass func(from, to int) bool) []int32 {
	owner := filled(len(cost), outside)
	queue := &fronts{}
	for i, s := range seeds {
		heap.Push(queue, front{0, s, int32(i)})
	}
	for queue.Len() > 0 {
		f := heap.Pop(queue).(front)
		if owner[f.cell] != outside {
			continue
		}
		owner[f.cell] = f.owner
		for _, n := range g.neighbours(f.cell) {
			if n >= 0 && owner[n] == outside && pass(f.cell, n) {
				heap.Push(queue, front{f.cost + cost[n], n, f.owner})
			}
		}
	}
	return owner
}
