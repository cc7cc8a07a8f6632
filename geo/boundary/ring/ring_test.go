package ring

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// box is a closed square, counter-clockwise.
func box(x, y, size float64) orb.Ring {
	return orb.Ring{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}, {x, y}}
}

// cw turns a ring clockwise: outer, in a shapefile.
func cw(r orb.Ring) orb.Ring {
	r = slices.Clone(r)
	r.Reverse()
	return r
}

func group(t *testing.T, rings ...orb.Ring) (orb.MultiPolygon, *Grouper) {
	t.Helper()
	var own []orb.Ring // Group turns rings in place
	for _, r := range rings {
		own = append(own, slices.Clone(r))
	}
	g := NewGrouper()
	out, err := g.Group(t.Context(), own)
	if err != nil {
		t.Fatal(err)
	}
	return out, g
}

// shape says how many holes each polygon has.
func shape(m orb.MultiPolygon) []int {
	out := []int{}
	for _, p := range m {
		out = append(out, len(p)-1)
	}
	return out
}

func TestGroup(t *testing.T) {
	//  A ┌────────────┐   D ┌──┐
	//    │ B ┌─────┐  │     └──┘
	//    │   │C ┌┐ │  │
	//    │   │  └┘ │  │
	//    │   └─────┘  │
	//    └────────────┘
	a, b, c, d := box(0, 0, 10), box(2, 2, 5), box(3, 3, 1), box(20, 0, 2)
	touching := orb.Ring{{0, 0}, {10, 0}, {5, 5}, {0, 0}}    // shares an edge with a
	onCorners := orb.Ring{{0, 0}, {10, 0}, {10, 10}, {0, 0}} // all its points are a's
	cases := []struct {
		name  string
		rings []orb.Ring
		holes []int
		area  float64
	}{
		{"nothing", nil, []int{}, 0},
		{"one, right way", []orb.Ring{cw(a)}, []int{0}, 100},
		{"one, wrong way", []orb.Ring{a}, []int{0}, 100},
		{"two outers", []orb.Ring{cw(a), cw(d)}, []int{0, 0}, 104},
		{"a hole", []orb.Ring{cw(a), b}, []int{1}, 75},
		{"the hole first", []orb.Ring{b, cw(a)}, []int{1}, 75},
		{"all directions swapped", []orb.Ring{a, cw(b)}, []int{1}, 75},
		{"an island in the hole", []orb.Ring{cw(a), b, cw(c)}, []int{1, 0}, 76},
		{"an island, swapped", []orb.Ring{c, cw(b), a}, []int{0, 1}, 76},
		{"the hole belongs to the second", []orb.Ring{cw(d), cw(a), b}, []int{0, 1}, 79},
		{"a hole in nothing", []orb.Ring{cw(a), d}, []int{0, 0}, 104},
		{"a hole inside a hole", []orb.Ring{cw(a), b, c}, []int{2}, 74},
		{"a hole that touches an edge", []orb.Ring{cw(a), touching}, []int{1}, 75},
		{"a hole on the corners", []orb.Ring{cw(a), onCorners}, []int{1}, 50},
		{"neighbours that touch", []orb.Ring{cw(a), cw(box(10, 0, 4))}, []int{0, 0}, 116},
		{"the same twice", []orb.Ring{cw(a), cw(a)}, []int{0, 0}, 200},
	}
	for _, c := range cases {
		out, _ := group(t, c.rings...)
		if !slices.Equal(shape(out), c.holes) || math.Abs(planar.Area(out)-c.area) > 1e-9 {
			t.Errorf("%s: holes %v area %v, want %v %v", c.name, shape(out), planar.Area(out), c.holes, c.area)
		}
		checkWinding(t, out)
	}
}

func checkWinding(t *testing.T, m orb.MultiPolygon) {
	t.Helper()
	for _, p := range m {
		for i, r := range p {
			if (r.Orientation() == orb.CCW) != (i == 0) {
				t.Errorf("ring %d of %v turns the wrong way", i, p)
			}
		}
	}
}

func TestOuterInsideOuterIsCounted(t *testing.T) {
	out, g := group(t, cw(box(0, 0, 10)), cw(box(1, 1, 2)), cw(box(5, 5, 2)))
	if g.Overlaps != 1 || len(out) != 3 {
		t.Errorf("%d overlaps, %d polygons", g.Overlaps, len(out))
	}
}

// Whatever the order and the directions (all kept or all swapped), the same
// areas come out.
func TestGroupIgnoresOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var rings []orb.Ring
	want := 0.0
	for i := range 40 {
		x := float64(30 * i)
		rings = append(rings, cw(box(x, 0, 20)), box(x+1, 1, 8), box(x+11, 11, 8), cw(box(x+2, 2, 3)))
		want += 400 - 64 - 64 + 9
	}
	for round := range 20 {
		trial := make([]orb.Ring, len(rings))
		for i, j := range rng.Perm(len(rings)) {
			if trial[i] = slices.Clone(rings[j]); round%2 == 1 {
				trial[i].Reverse()
			}
		}
		out, _ := group(t, trial...)
		if len(out) != 80 || math.Abs(planar.Area(out)-want) > 1e-6 {
			t.Fatalf("round %d: %d polygons, area %v, want 80, %v", round, len(out), planar.Area(out), want)
		}
	}
}

func TestCloseLeavesTheNeighbourAlone(t *testing.T) {
	points := []orb.Point{{0, 0}, {1, 0}, {1, 1}, {7, 7}}
	r, added := Close(points[:3])
	if !added || len(r) != 4 || r[3] != r[0] || points[3] != (orb.Point{7, 7}) {
		t.Errorf("%v %v, the point behind is %v", r, added, points[3])
	}
	if again, added := Close(r); added || len(again) != 4 {
		t.Error("a closed ring is closed again")
	}
	if r, added := Close(nil); added || r != nil {
		t.Error("no ring is closed")
	}
}

func TestIsArea(t *testing.T) {
	for _, r := range []orb.Ring{nil, {{0, 0}}, {{0, 0}, {1, 1}, {0, 0}}, {{0, 0}, {1, 1}, {2, 2}, {0, 0}}, {{5, 5}, {5, 5}, {5, 5}, {5, 5}}} {
		if IsArea(r) {
			t.Errorf("%v counts as an area", r)
		}
	}
	if !IsArea(box(1e7, 1e7, 1e-6)) { // far from the origin: precision
		t.Error("a small box is no area")
	}
}

func TestSideOf(t *testing.T) {
	r := orb.Ring{{0, 0}, {4, 0}, {4, 4}, {2, 2}, {0, 4}, {0, 0}}
	cases := map[orb.Point]int{
		{1, 1}: 1, {3, 2}: 1, {2, 3}: -1, {5, 2}: -1, {-1, 0}: -1, {5, 0}: -1, {-1, 4}: -1, {2, -1}: -1,
		{0, 0}: 0, {2, 0}: 0, {4, 2}: 0, {3, 3}: 0, {2, 2}: 0, {0, 4}: 0, {4, 4}: 0,
		{1, 2}: 1, {-1, 2}: -1,
	}
	for p, want := range cases {
		for range 2 {
			if got := sideOf(r, p); got != want {
				t.Errorf("%v: %d, want %d", p, got, want)
			}
			r.Reverse()
		}
	}
}

func TestGroupStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewGrouper().Group(ctx, []orb.Ring{box(0, 0, 1), box(2, 2, 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestGroupGivesUpOnATangle(t *testing.T) {
	var rings []orb.Ring
	for i := range 300 { // like an onion
		rings = append(rings, box(float64(i), float64(i), float64(1000-2*i)))
	}
	g := &Grouper{left: 10_000}
	if _, err := g.Group(t.Context(), rings); !errors.Is(err, ErrTooTangled) {
		t.Errorf("got %v", err)
	}
}

// A coast with 100,000 islands must not cost the square of that.
func TestManyIslandsFitTheBudget(t *testing.T) {
	const side = 316
	rings := []orb.Ring{cw(box(-10, -10, 10*side))}
	for i := range side * side {
		rings = append(rings, box(float64(i%side)*2, float64(i/side)*2, 1))
	}
	out, _ := group(t, rings...)
	if len(out) != 1 || len(out[0]) != 1+side*side {
		t.Errorf("%d polygons", len(out))
	}
}

// What the whole budget costs in time: an onion of 70,000 rings.
func BenchmarkTangle(b *testing.B) {
	var rings []orb.Ring
	for i := range 70_000 {
		rings = append(rings, box(float64(i), float64(i), float64(1_000_000-2*i)))
	}
	for b.Loop() {
		if _, err := NewGrouper().Group(b.Context(), rings); !errors.Is(err, ErrTooTangled) {
			b.Fatal(err)
		}
	}
}
