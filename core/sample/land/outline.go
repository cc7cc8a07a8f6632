package land

import (
	"fmt"
	"math"

	"chatmrpt/core/sample/chance"
)

// cutOutline marks the cells of the state's one area (area 0): a round shape
// with a few waves, cut straight on one side as colonial surveyors did, with
// its rim pushed about by noise.
func (g *grid) cutOutline() {
	rim := g.newRim()
	for cell := range g.area {
		if rim.holds(g.centre(cell)) {
			g.area[cell] = 0
		}
	}
	g.keepLargest()
	g.fillHoles()
}

// rim is the outline as a function of direction.
type rim struct {
	radius     float64
	height     [4]float64
	phase      [4]float64
	cut        point // unit vector towards the straight side
	cutAt      float64
	pushX      chance.Noise
	pushY      chance.Noise
	pushFactor float64
}

func (g *grid) newRim() rim {
	s := chance.New(g.seed, "rim")
	r := rim{radius: g.radius, pushFactor: 0.3 * g.radius}
	for k, h := range [4]float64{0.18, 0.12, 0.08, 0.05} {
		r.height[k] = h * s.Between(0.5, 1)
		r.phase[k] = s.Between(0, 2*math.Pi)
	}
	angle := s.Between(0, 2*math.Pi)
	r.cut = point{math.Cos(angle), math.Sin(angle)}
	r.cutAt = s.Between(0.78, 0.9) * g.radius
	r.pushX = chance.NewNoise(s, 0.55*g.radius, 5)
	r.pushY = chance.NewNoise(s, 0.55*g.radius, 5)
	return r
}

func (r rim) holds(p point) bool {
	if p.x*r.cut.x+p.y*r.cut.y > r.cutAt {
		return false
	}
	x := p.x + r.pushFactor*r.pushX.At(p.x, p.y)
	y := p.y + r.pushFactor*r.pushY.At(p.x, p.y)
	angle, reach := math.Atan2(y, x), 1.0
	for k := range r.height {
		reach += r.height[k] * math.Cos(float64(k+2)*angle+r.phase[k])
	}
	return math.Hypot(x, y) < r.radius*reach
}

// flood gives every cell reachable from start through cells that pass.
func (g *grid) flood(start int, pass func(cell int) bool) []int {
	seen := map[int]bool{start: true}
	list := []int{start}
	for i := 0; i < len(list); i++ {
		for _, n := range g.neighbours(list[i]) {
			if n >= 0 && !seen[n] && pass(n) {
				seen[n] = true
				list = append(list, n)
			}
		}
	}
	return list
}

// keepLargest drops islets that the noise cut off.
func (g *grid) keepLargest() {
	seen := make([]bool, len(g.area))
	var best []int
	for cell := range g.area {
		if seen[cell] || g.area[cell] == outside {
			continue
		}
		piece := g.flood(cell, func(c int) bool { return g.area[c] != outside })
		for _, c := range piece {
			seen[c] = true
		}
		if len(piece) > len(best) {
			best = piece
		}
	}
	g.area = filled(len(g.area), outside)
	for _, c := range best {
		g.area[c] = 0
	}
}

// fillHoles gives the state the ponds that the noise left inside it.
func (g *grid) fillHoles() {
	sea := make([]bool, len(g.area))
	for _, c := range g.flood(0, func(c int) bool { return g.area[c] == outside }) {
		sea[c] = true
	}
	for c := range g.area {
		if !sea[c] {
			g.area[c] = 0
		}
	}
}

// drawRiver gives the points of a river that winds through the state from one
// side to the other, half a cell apart, both ends outside the outline. Its last
// point lies beyond the mouth.
func (g *grid) drawRiver() []point {
	s := chance.New(g.seed, "river")
	from := s.Between(0, 2*math.Pi)
	to := from + math.Pi + s.Between(-0.6, 0.6)
	reach := 1.5 * g.radius
	a := point{reach * math.Cos(from), reach * math.Sin(from)}
	b := point{reach * math.Cos(to), reach * math.Sin(to)}
	bend := chance.NewNoise(s, 0.9*g.radius, 4)
	length := a.distance(b)
	n := int(2 * length)
	out := make([]point, 0, n+1)
	for i := range n + 1 {
		t := float64(i) / float64(n)
		d := 0.45 * g.radius * bend.At(t*length, 0)
		out = append(out, point{
			a.x + t*(b.x-a.x) - d*(b.y-a.y)/length,
			a.y + t*(b.y-a.y) + d*(b.x-a.x)/length,
		})
	}
	return out
}

// digLake takes a round lake out of the ward, away from the towns, that has
// the most room around it, and gives that ward.
func (g *grid) digLake(towns []town, lgaOf []int) (int, error) {
	busy := map[int]bool{}
	for _, t := range towns[:min(3, 1+len(towns)/4)] {
		busy[t.area] = true
	}
	room := g.roomInside()
	best := -1
	for cell, r := range room {
		if w := g.ward[cell]; w >= 0 && !busy[lgaOf[w]] && (best < 0 || r > room[best]) {
			best = cell
		}
	}
	if best < 0 || room[best] < 3 {
		return -1, fmt.Errorf("no ward has room for a lake")
	}
	ward := g.ward[best]
	bays, middle := g.noise("bays", 3.5, 2), g.centre(best)
	for _, cell := range g.cellsOf(g.ward, ward) {
		p := g.centre(cell)
		shore := (1 + 0.5*bays.At(p.x, p.y)) * min(4, 0.6*float64(room[best]))
		if room[cell] > 1 && p.distance(middle) < shore {
			g.ward[cell] = lake
		}
	}
	return int(ward), nil
}

// roomInside counts for each cell the steps to the nearest cell of another
// ward.
func (g *grid) roomInside() []int {
	room := make([]int, len(g.ward))
	var queue []int
	for cell := range g.ward {
		for _, n := range g.neighbours(cell) {
			if n < 0 || g.ward[n] != g.ward[cell] {
				room[cell] = 1
			}
		}
		if room[cell] == 1 {
			queue = append(queue, cell)
		}
	}
	for i := 0; i < len(queue); i++ {
		for _, n := range g.neighbours(queue[i]) {
			if n >= 0 && room[n] == 0 {
				room[n] = room[queue[i]] + 1
				queue = append(queue, n)
			}
		}
	}
	return room
}

// raiseIsland puts a small island off the coast near the mouth of the river
// and gives it to the nearest ward, which it names.
func (g *grid) raiseIsland(river []point, lakeWard int) (int, error) {
	mouth := river[len(river)-1]
	coast, ok := g.nearest(mouth, lakeWard)
	if !ok {
		return -1, fmt.Errorf("no coast for an island")
	}
	shore := g.centre(coast)
	away := shore.distance(mouth)
	middle := point{shore.x + 5.5*(mouth.x-shore.x)/away, shore.y + 5.5*(mouth.y-shore.y)/away}
	var island []int
	for cell := range g.ward {
		if c := g.centre(cell); math.Hypot(c.x-middle.x, (c.y-middle.y)*1.3) < 2.3 {
			island = append(island, cell)
		}
	}
	if !g.clear(island) {
		return -1, fmt.Errorf("the island touches the land")
	}
	for _, cell := range island {
		g.ward[cell] = g.ward[coast]
	}
	return int(g.ward[coast]), nil
}

// nearest gives the ward cell nearest to p that is not of ward but.
func (g *grid) nearest(p point, but int) (cell int, ok bool) {
	best := math.Inf(1)
	for c, w := range g.ward {
		if w < 0 || int(w) == but {
			continue
		}
		if d := g.centre(c).distance(p); d < best {
			best, cell, ok = d, c, true
		}
	}
	return cell, ok
}

// clear reports whether neither the cells nor those around them are land.
func (g *grid) clear(cells []int) bool {
	for _, c := range cells {
		if g.ward[c] != outside {
			return false
		}
		for _, n := range g.neighbours(c) {
			if n < 0 || g.ward[n] != outside {
				return false
			}
		}
	}
	return len(cells) > 0
}
