package boundary

import (
	"fmt"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/ring"
)

// tally counts what had to be done to make areas of what a file holds.
type tally struct {
	closed   int // rings that weren't closed
	dropped  int // rings that enclose nothing
	lost     int // shapes of which nothing remained
	overlaps int // shapes with an outer ring inside another
	empty    int // shapes without geometry in the file
}

// tidy closes a ring; it reports false for one that encloses nothing.
func (t *tally) tidy(r orb.Ring) (orb.Ring, bool) {
	r, added := ring.Close(r)
	if !ring.IsArea(r) {
		t.dropped++
		return nil, false
	}
	if added {
		t.closed++
	}
	return r, true
}

// assemble places the points of polygons and makes an area of them; the first
// ring of each is its outer one, whatever its direction. It counts an area of
// which nothing remains.
func (t *tally) assemble(place *placer, polygons [][][]orb.Point) (orb.MultiPolygon, error) {
	var out orb.MultiPolygon
	dropped := t.dropped
	for _, rings := range polygons {
		var p orb.Polygon
		for i, points := range rings {
			if err := place.place(points); err != nil {
				return nil, err
			}
			r, ok := t.tidy(points)
			if !ok && i == 0 {
				break
			}
			if ok {
				p = append(p, r)
			}
		}
		if len(p) > 0 {
			ring.Wind(p)
			out = append(out, p)
		}
	}
	switch {
	case len(out) > 0:
	case t.dropped > dropped:
		t.lost++
	default:
		t.empty++
	}
	return out, nil
}

// notices says the counts that aren't zero.
func (t *tally) notices() []string {
	var out []string
	say := func(n int, text string) {
		if n > 0 {
			out = append(out, fmt.Sprintf(text, n))
		}
	}
	say(t.empty, "shapes without geometry: %d; they keep their attributes and have no area")
	say(t.closed, "rings that weren't closed: %d; they were closed")
	say(t.dropped, "rings that enclose nothing: %d; they were left out")
	say(t.lost, "shapes of which nothing was left after that: %d; they have no area")
	say(t.overlaps, "shapes with an outer ring inside another outer ring: %d; both count as area")
	return out
}
