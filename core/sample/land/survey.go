package land

import (
	"math"

	"chatmrpt/core/sample/chance"
)

// survey finds what is true of each ward's ground and people: area-weighted
// means over its cells, as exact zonal statistics of a fine raster would give.
func (g *grid) survey(wards int, lgaOf []int, p projection, river []point, towns []town) []Place {
	f := g.newFields(p, river, towns)
	out, hq := make([]Place, wards), headquarters(towns, p)
	centre := make([]point, wards)
	for cell, w := range g.ward {
		if w < 0 {
			continue
		}
		at := p.km(g.centre(cell))
		km2 := g.surface(cell, p)
		f.observe(at).addTo(&out[w], km2)
		centre[w].x += km2 * at.x
		centre[w].y += km2 * at.y
	}
	for w := range out {
		divide(&out[w])
		at := point{centre[w].x / out[w].Km2, centre[w].y / out[w].Km2}
		out[w].Centre = degrees(at)
		out[w].ToHeadquarter = at.distance(hq[lgaOf[w]])
	}
	return out
}

func headquarters(towns []town, p projection) []point {
	out := make([]point, len(towns))
	for _, t := range towns {
		out[t.area] = p.km(t.at)
	}
	return out
}

// surface is the area of a cell in km², after projection.
func (g *grid) surface(cell int, p projection) float64 {
	var at [6]point
	for k := range at {
		at[k] = p.km(g.cornerAt(g.corner(cell, k)))
	}
	sum := 0.0
	for k, a := range at {
		b := at[(k+1)%6]
		sum += a.x*b.y - b.x*a.y
	}
	return sum / 2
}

// addTo adds an observation to the sums of a ward: densities and means weighted
// by surface.
func (o Place) addTo(sum *Place, km2 float64) {
	sum.Km2 += km2
	sum.Population += km2 * o.Population
	sum.Rainfall += km2 * o.Rainfall
	sum.WaterDistance += km2 * o.WaterDistance
	sum.EVI += km2 * o.EVI
	sum.Housing += km2 * o.Housing
	sum.Elevation += km2 * o.Elevation
	sum.NightLights += km2 * o.NightLights
	sum.Urban += km2 * o.Urban
}

// divide turns the sums of a ward into means; people stay a sum.
func divide(p *Place) {
	for _, v := range []*float64{&p.Rainfall, &p.WaterDistance, &p.EVI, &p.Housing, &p.Elevation, &p.NightLights, &p.Urban} {
		*v /= p.Km2
	}
}

// fields gives the environment at any place, in km from the middle.
type fields struct {
	water             []point
	towns             []point
	town              []town
	tilt              float64
	wet, hills, green chance.Noise
	people, walls     chance.Noise
}

func (g *grid) newFields(p projection, river []point, towns []town) fields {
	f := fields{
		town: towns, tilt: chance.New(g.seed, "tilt").Between(-1, 1),
		wet: g.noise("wet", 70, 2), hills: g.noise("hills", 45, 4), green: g.noise("green", 18, 3),
		people: g.noise("people", 14, 3), walls: g.noise("walls", 25, 2),
	}
	for i, q := range river {
		if i%2 == 0 { // a point every cell is near enough to measure from
			f.water = append(f.water, p.km(q))
		}
	}
	for cell, w := range g.ward {
		if w == lake {
			f.water = append(f.water, p.km(g.centre(cell)))
		}
	}
	for _, t := range towns {
		f.towns = append(f.towns, p.km(t.at))
	}
	return f
}

// observe gives the environment at one place; Population is persons per km².
func (f fields) observe(at point) Place {
	var o Place
	o.WaterDistance = 1000 * f.toWater(at)
	o.Population = f.density(at, o.WaterDistance)
	built := chance.Smooth((o.Population - 250) / 1700)
	valley := math.Exp(-o.WaterDistance / 9000)
	o.Urban = 100 * built
	o.Rainfall = 1130 - 1.6*at.y + 90*f.wet.At(at.x, at.y)
	o.Elevation = 330 + 0.9*f.tilt*at.x + 170*f.hills.At(at.x, at.y)*(1-0.6*valley) - 110*valley
	o.EVI = within(0.31+0.0004*(o.Rainfall-1130)+0.06*valley+0.09*f.green.At(at.x, at.y)-0.17*built, 0.05, 0.7)
	o.Housing = within(0.13+0.52*built+0.08*f.walls.At(at.x, at.y)+0.00003*o.Population, 0.01, 0.98)
	o.NightLights = within(0.12+0.0042*math.Pow(o.Population, 0.95)*(0.25+0.75*built), 0.05, 60)
	return o
}

func (f fields) toWater(at point) float64 {
	best := math.Inf(1)
	for _, w := range f.water {
		dx, dy := at.x-w.x, at.y-w.y
		best = min(best, dx*dx+dy*dy)
	}
	return math.Sqrt(best)
}

// density is people per km²: villages, more of them near water, and towns that
// thin out from their middle.
func (f fields) density(at point, water float64) float64 {
	d := 46 * math.Exp(0.7*f.people.At(at.x, at.y)) * (1 + 0.7*math.Exp(-water/5000))
	for i, t := range f.town {
		d += t.people / (2 * math.Pi * t.core * t.core) * math.Exp(-at.distance(f.towns[i])/t.core)
	}
	return d
}

func within(v, low, high float64) float64 { return min(max(v, low), high) }
