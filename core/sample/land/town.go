package land

import (
	"math"

	"chatmrpt/core/sample/chance"

	"github.com/paulmach/orb"
)

// town is the headquarters of an area, and how it gathers people and draws the
// honeycomb together. The three largest come first.
type town struct {
	area   int
	at     point   // in the honeycomb
	reach  float64 // cells: how far the pull reaches
	shrink float64 // scale at the centre, below 1
	dense  float64 // cells: within this distance wards are small
	people float64 // persons in and around it
	core   float64 // km: the distance at which the density has fallen to 1/e
}

// chooseTowns makes each area's headquarters a town: the one nearest to the
// middle the capital, then two more far from it and from each other.
func (g *grid) chooseTowns(hq []int) []town {
	s := chance.New(g.seed, "towns")
	order := g.townOrder(hq)
	out := make([]town, 0, len(hq))
	for rank, area := range order {
		t := town{area: area, at: g.centre(hq[area])}
		switch rank {
		case 0:
			t.reach, t.shrink, t.dense, t.people, t.core = 20, 0.4, 4.5, s.Between(560e3, 680e3), 4.0
		case 1, 2:
			t.reach, t.shrink, t.dense, t.people, t.core = 14, 0.45, 5, s.Between(150e3, 220e3), 2.4
		default:
			t.reach, t.shrink, t.dense, t.people, t.core = 8, 0.7, 16, s.Between(9e3, 32e3), 1.2
		}
		out = append(out, t)
	}
	return out
}

// townOrder lists the areas with the three that get the large towns in front.
func (g *grid) townOrder(hq []int) []int {
	taken := make([]bool, len(hq))
	var order []int
	take := func(value func(area int) float64) {
		best := -1
		for a := range hq {
			if !taken[a] && (best < 0 || value(a) > value(best)) {
				best = a
			}
		}
		taken[best] = true
		order = append(order, best)
	}
	take(func(a int) float64 { return -g.centre(hq[a]).distance(point{}) })
	for len(order) < min(3, len(hq)) {
		take(func(a int) float64 {
			apart := math.Inf(1)
			for _, o := range order {
				apart = min(apart, g.centre(hq[a]).distance(g.centre(hq[o])))
			}
			return apart
		})
	}
	for a := range hq {
		if !taken[a] {
			order = append(order, a)
		}
	}
	return order
}

// The middle of the state and the size of a honeycomb cell outside the towns.
const (
	middleLon, middleLat = 6.0, 9.0
	kmPerCell            = 1.1
	kmPerDegree          = 111.19 // of latitude, on the mean sphere
)

// projection takes the plane of the honeycomb to kilometres and to degrees.
// Every pull is a continuous one-to-one map of the plane, so their succession
// is one too and keeps the topology of the honeycomb.
type projection struct{ pulls []pull }

// pull scales distances from a centre, by shrink there and not at all from
// reach outwards.
type pull struct {
	centre point
	reach  float64
	shrink float64
}

func newProjection(towns []town) projection {
	var p projection
	for _, t := range towns {
		p.pulls = append(p.pulls, pull{p.warp(t.at), t.reach, t.shrink})
	}
	return p
}

func (p projection) warp(a point) point {
	for _, l := range p.pulls {
		r := a.distance(l.centre)
		if r >= l.reach {
			continue
		}
		f := l.shrink + (1-l.shrink)*chance.Smooth(r/l.reach)
		a = point{l.centre.x + f*(a.x-l.centre.x), l.centre.y + f*(a.y-l.centre.y)}
	}
	return a
}

// km gives the place in kilometres from the middle of the state.
func (p projection) km(a point) point {
	a = p.warp(a)
	return point{a.x * kmPerCell, a.y * kmPerCell}
}

// degrees gives longitude and latitude of a place in kilometres, to six
// decimals (a tenth of a metre), the precision in which files carry it.
func degrees(km point) orb.Point {
	lon := middleLon + km.x/(kmPerDegree*math.Cos(middleLat*math.Pi/180))
	lat := middleLat + km.y/kmPerDegree
	return orb.Point{math.Round(lon*1e6) / 1e6, math.Round(lat*1e6) / 1e6}
}
