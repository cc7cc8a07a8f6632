// Package land makes the ground of a made-up state: an outline, local
// government areas, wards with exactly shared borders, rivers and towns, and
// what the environment and the number of people are in each ward.
//
// Everything stands on one honeycomb of small cells. A ward is a set of cells
// grown along the honeycomb from a seed, so it is in one piece; an area is a
// set of wards grown in the same way, so it is too. Borders are the cell sides
// between two wards. A honeycomb corner belongs to three cells, so a ward's
// rings never touch themselves, and as each corner is placed once for all who
// use it, neighbours share their border bit for bit: no gap and no overlap can
// arise. The plane is then pulled together around the towns by a continuous
// one-to-one map, which makes small wards in towns and large ones outside.
package land

import (
	"fmt"

	"chatmrpt/core/sample/chance"

	"github.com/paulmach/orb"
)

// Land is a made-up state without names. Wards are numbered 0, 1, …, those of
// one area together.
type Land struct {
	Outline    orb.MultiPolygon   // degrees, WGS 84: the union of all wards, the lake left out
	Areas      []orb.MultiPolygon // per ward, degrees
	LGA        []int              // per ward, the number of its area
	Neighbours [][]int            // per ward, the wards it has a border with, ascending
	Places     []Place            // per ward
	LakeWard   int                // the ward with a hole, a lake that belongs to no ward
	IslandWard int                // the ward with a second part, an island
	Capital    int                // the area that holds the largest town
}

// Place is what is true of one ward's ground and people.
type Place struct {
	Centre        orb.Point // degrees, area-weighted mean of the ward's cells
	Km2           float64   // surface
	Population    float64   // persons
	Rainfall      float64   // mm a year
	WaterDistance float64   // metres to the nearest river or lake, mean
	EVI           float64   // enhanced vegetation index, 0–1
	Housing       float64   // share of improved housing, 0–1
	Elevation     float64   // metres
	NightLights   float64   // radiance, nW/cm²/sr
	Urban         float64   // percentage of the surface that is built up
	ToHeadquarter float64   // km from the headquarters of its area
}

// cellsPerWard decides how finely borders are drawn: about sixty points a ward.
const cellsPerWard = 90

// attempts bounds the search for a state that passes check; nearly all pass
// at once.
const attempts = 20

// Make makes a land of the given numbers of areas and wards, the same for the
// same arguments. It fails when the numbers are too small to hold a lake and
// an island (fewer than 2 areas, or fewer than 4 wards an area), or in the
// unheard-of case that twenty drawn states all have a fault.
func Make(seed uint64, areas, wards int) (*Land, error) {
	if areas < 2 || wards < 4*areas {
		return nil, fmt.Errorf("land: %d wards in %d areas is too few: at least 2 areas of 4 wards", wards, areas)
	}
	var err error
	for try := range attempts {
		var l *Land
		if l, err = draw(chance.New(seed, fmt.Sprintf("land %d", try)).Uint64(), areas, wards); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("land: no sound state in %d attempts: %w", attempts, err)
}

// draw makes one state and checks it.
func draw(seed uint64, areas, wards int) (*Land, error) {
	g := newGrid(seed, wards)
	g.cutOutline()
	river := g.drawRiver()
	hq := g.growAreas(areas, river)
	towns := g.chooseTowns(hq)
	lgaOf := g.growWards(towns, wards, river)
	l := &Land{LGA: lgaOf, LakeWard: -1, IslandWard: -1, Capital: towns[0].area}
	var err error
	if l.LakeWard, err = g.digLake(towns, lgaOf); err != nil {
		return nil, err
	}
	if l.IslandWard, err = g.raiseIsland(river, l.LakeWard); err != nil {
		return nil, err
	}
	p := newProjection(towns)
	b := g.borders(wards, p)
	l.Areas, l.Outline, l.Neighbours = b.wards, b.outline, b.neighbours
	l.Places = g.survey(wards, lgaOf, p, river, towns)
	return l, l.check()
}

// check looks for what a plausible state does not have: a ward with fewer than
// two neighbours, a hole or a part that was not planned.
func (l *Land) check() error {
	for w, area := range l.Areas {
		parts, holes := 1, 0
		if w == l.IslandWard {
			parts = 2
		}
		if w == l.LakeWard {
			holes = 1
		}
		if len(area) != parts {
			return fmt.Errorf("ward %d has %d parts", w, len(area))
		}
		if got := len(area[0]) - 1; got != holes {
			return fmt.Errorf("ward %d has %d holes", w, got)
		}
		if len(l.Neighbours[w]) < 2 {
			return fmt.Errorf("ward %d has %d neighbours", w, len(l.Neighbours[w]))
		}
	}
	if len(l.Outline) != 2 {
		return fmt.Errorf("the outline has %d parts", len(l.Outline))
	}
	return nil
}
