package boundary

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/ring"
	"chatmrpt/geo/feature"
)

// maxRepairs bounds the list of what was mended; the counts go on.
const maxRepairs = 500

// tally counts what had to be done to make areas of what a file holds, and
// lists it by shape.
type tally struct {
	current    int // the shape being read, from 0
	closed     int // rings that weren't closed
	dropped    int // rings that enclose nothing
	lost       int // shapes of which nothing remained
	overlaps   int // shapes with an outer ring inside another
	empty      int // shapes without geometry in the file
	turned     int // outer rings that ran the wrong way
	duplicates int // points that repeated the one before
	spikes     int // places where a border went out and straight back
	crossed    int // rings that crossed themselves
	unchecked  int // rings too tangled to look for crossings
	repairs    []feature.Repair
	mender     *ring.Mender
	grouper    *ring.Grouper
}

// tidy closes and mends a ring. What encloses nothing is dropped; a ring that
// crosses itself comes back as several.
func (t *tally) tidy(r orb.Ring) []orb.Ring {
	if t.mender == nil {
		t.mender = ring.NewMender()
	}
	r, added := ring.Close(r)
	if !ring.IsArea(r) && !isBowTie(r) {
		t.dropped++
		return nil
	}
	if added {
		t.closed++
		t.repaired("a ring that wasn't closed was closed", orb.Point{})
	}
	rings, found := t.mender.Mend(r)
	if found.Any() {
		t.count(found, len(rings))
	}
	if len(rings) == 0 {
		t.dropped++
	}
	return rings
}

// isBowTie tells a ring that may enclose something though its signed area is
// zero: the halves of an even bow-tie cancel out.
func isBowTie(r orb.Ring) bool { return len(r) >= 5 }

// count adds what was wrong with one ring.
func (t *tally) count(found ring.Mended, rings int) {
	t.duplicates += found.Duplicates
	t.spikes += found.Spikes
	if found.Spikes > 0 {
		t.repaired(times(found.Spikes, "spike")+" taken off", found.At)
	}
	if found.Unchecked {
		t.unchecked++
		t.repaired("too tangled to be checked for crossings", orb.Point{})
	}
	if found.Crossings > 0 {
		t.crossed++
		t.repaired("crossed itself at "+times(found.Crossings, "place")+" and was cut there into "+times(rings, "ring"), found.At)
	}
}

// times is "1 place" or "2 places".
func times(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (t *tally) repaired(what string, at orb.Point) {
	if len(t.repairs) < maxRepairs {
		t.repairs = append(t.repairs, feature.Repair{Feature: t.current, What: what, At: at})
	}
}

// assemble places the points of polygons and makes an area of them; the first
// ring of each is its outer one, whatever its direction. It counts an area of
// which nothing remains.
func (t *tally) assemble(place *placer, polygons [][][]orb.Point) (orb.MultiPolygon, error) {
	var out orb.MultiPolygon
	dropped := t.dropped
	for _, rings := range polygons {
		p, err := t.polygon(place, rings)
		if err != nil {
			return nil, err
		}
		out = append(out, p...)
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

// polygon makes the area of one polygon: none where its outer ring encloses
// nothing, several where a ring crossed itself.
func (t *tally) polygon(place *placer, rings [][]orb.Point) (orb.MultiPolygon, error) {
	var p orb.Polygon
	isSplit := false
	for i, points := range rings {
		if err := place.place(points); err != nil {
			return nil, err
		}
		tidied := t.tidy(points)
		if len(tidied) == 0 && i == 0 {
			return nil, nil
		}
		if len(tidied) > 1 && i == 0 {
			isSplit = true
		}
		for k, r := range tidied {
			turnTo(r, i == 0 && (k == 0 || !ring.Inside(r, tidied[0])))
			p = append(p, r)
		}
	}
	if !isSplit {
		if len(p) == 0 {
			return nil, nil
		}
		return orb.MultiPolygon{p}, nil
	}
	if t.grouper == nil {
		t.grouper = ring.NewGrouper()
	}
	return t.grouper.Group(context.Background(), p) // a handful of rings: nothing to stop
}

// turnTo makes a ring run counter-clockwise, as outer rings do, or clockwise,
// as holes do.
func turnTo(r orb.Ring, outer bool) {
	if (r.Orientation() == orb.CCW) != outer {
		r.Reverse()
	}
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
	say(t.turned, "outer rings that ran the wrong way: %d; they were turned")
	say(t.duplicates, "points that repeated the one before: %d; they were taken out")
	say(t.spikes, "spikes, where a border went out and straight back: %d; they were taken off")
	say(t.crossed, "rings that crossed themselves: %d; they were cut at the crossings")
	say(t.unchecked, "rings too tangled to be checked for crossings: %d; they were left as they are")
	say(t.overlaps, "shapes with an outer ring inside another outer ring: %d; both count as area")
	return out
}
