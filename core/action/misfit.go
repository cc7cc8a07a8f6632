package action

import (
	"context"
	"fmt"

	"chatmrpt/core/place"
	"chatmrpt/geo/boundary/topology"
	"chatmrpt/geo/feature"
)

// misfit is a place where wards overlap, or one that belongs to none.
type misfit struct {
	Wards []string `json:"wards,omitempty"`
	Km2   float64  `json:"km2"`
	Lon   float64  `json:"lon"`
	Lat   float64  `json:"lat"`
}

// maxMisfits is how many places of either kind the report of an import names.
const maxMisfits = 50

// misfitsOf finds where the areas of a layer overlap or leave gaps, and says
// so. Nothing is changed: which of two wards a strip belongs to isn't known.
func misfitsOf(ctx context.Context, l *feature.Layer, units []place.Unit) (overlaps, gaps []misfit, notices []string, err error) {
	over, open, err := topology.Misfits(ctx, l.Areas)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(over) > 0 {
		named := namedMisfits(over[:1], units)[0]
		notices = append(notices, fmt.Sprintf("wards overlap: %s, %s in all; most between %s, near %s; points there lie in both",
			counted(len(over), "place"), squareKm(over), listed(named.Wards, 3), position(named)))
	}
	if len(open) > 0 {
		notices = append(notices, fmt.Sprintf("between the wards is ground that belongs to none: %s, %s in all; most near %s: lakes, or gaps of the drawing",
			counted(len(open), "place"), squareKm(open), position(namedMisfits(open[:1], units)[0])))
	}
	return namedMisfits(over, units), namedMisfits(open, units), notices, nil
}

func namedMisfits(list []topology.Misfit, units []place.Unit) []misfit {
	var out []misfit
	for _, m := range list[:min(len(list), maxMisfits)] {
		one := misfit{Km2: m.Km2, Lon: m.At[0], Lat: m.At[1]}
		for _, i := range m.Areas {
			one.Wards = append(one.Wards, unitLabel(units[i]))
		}
		out = append(out, one)
	}
	return out
}

// unitLabel is a ward with its LGA.
func unitLabel(u place.Unit) string {
	if u.LGA == "" {
		return u.Ward
	}
	return u.Ward + " (" + u.LGA + ")"
}

func squareKm(list []topology.Misfit) string {
	sum := 0.0
	for _, m := range list {
		sum += m.Km2
	}
	if sum < 0.1 {
		return "under 0.1 km²"
	}
	return fmt.Sprintf("%.1f km²", sum)
}

func position(m misfit) string { return fmt.Sprintf("longitude %.3f, latitude %.3f", m.Lon, m.Lat) }
