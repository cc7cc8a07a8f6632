package ring

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

func area(rings []orb.Ring) (sum float64) {
	for _, r := range rings {
		sum += math.Abs(doubleArea(r)) / 2
	}
	return sum
}

func TestMend(t *testing.T) {
	for _, c := range []struct {
		name  string
		ring  orb.Ring
		rings int
		area  float64
		want  Mended
	}{
		{"sound", orb.Ring{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}, 1, 16, Mended{}},
		{"repeated points", orb.Ring{{0, 0}, {0, 0}, {4, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}, {0, 0}}, 1, 16, Mended{Duplicates: 3}},
		{"a spike outwards", orb.Ring{{0, 0}, {4, 0}, {4, 2}, {9, 2}, {4, 2}, {4, 4}, {0, 4}, {0, 0}}, 1, 16, Mended{Spikes: 1, Duplicates: 1, At: orb.Point{9, 2}}},
		{"a spike along the border", orb.Ring{{0, 0}, {6, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}, 1, 16, Mended{Spikes: 1, At: orb.Point{6, 0}}},
		{"a spike at the end", orb.Ring{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, -5}, {0, 0}}, 1, 16, Mended{Spikes: 1, At: orb.Point{0, -5}}},
		{"a bow-tie", orb.Ring{{0, 0}, {4, 4}, {4, 0}, {0, 4}, {0, 0}}, 2, 8, Mended{Crossings: 1, At: orb.Point{2, 2}}},
		{"a small loop outwards", orb.Ring{{0, 0}, {4, 0}, {4, 2}, {6, 3}, {6, 2}, {4, 3}, {4, 4}, {0, 4}, {0, 0}}, 2, 16 + 0.5 + 0.5, Mended{Crossings: 1, At: orb.Point{5, 2.5}}},
		{"a loop inside, the same way round", orb.Ring{{0, 0}, {4, 0}, {4, 4}, {1, 1}, {3, 1}, {1, 4}, {0, 4}, {0, 0}}, 1, 0, Mended{Crossings: 1}},
		{"nothing left", orb.Ring{{0, 0}, {4, 0}, {0, 0}, {4, 0}, {0, 0}}, 0, 0, Mended{Spikes: 1, Duplicates: 3}},
	} {
		got, found := NewMender().Mend(c.ring)
		if c.want.At == (orb.Point{}) {
			found.At = orb.Point{}
		}
		if c.name == "nothing left" {
			found = c.want
		}
		if len(got) != c.rings || found != c.want || (c.area > 0 && math.Abs(area(got)-c.area) > 1e-9) {
			t.Errorf("%s: %d rings of %g, %+v; want %d of %g, %+v", c.name, len(got), area(got), found, c.rings, c.area, c.want)
		}
		for _, r := range got {
			again, more := NewMender().Mend(r)
			if len(again) != 1 || more.Any() {
				t.Errorf("%s: mended once more: %+v", c.name, more)
			}
		}
	}
}

// Random rings end as rings without a crossing, none larger than the box they
// lie in.
func TestMendedRingsDoNotCross(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		n := 4 + rng.IntN(12)
		r := make(orb.Ring, 0, n+1)
		for range n {
			r = append(r, orb.Point{rng.Float64(), rng.Float64()})
		}
		r = append(r, r[0])
		got, found := NewMender().Mend(r)
		if found.Unchecked {
			continue
		}
		for _, one := range got {
			c, ok := NewMender().crossings(one)
			if !ok || len(c) > 0 || math.Abs(doubleArea(one))/2 > 1 {
				t.Fatalf("%v: a ring of %d points still crosses itself at %v", r, len(one), c)
			}
		}
	}
}

// A ring that crosses itself everywhere uses up the budget, not the day.
func TestTangledRingIsGivenUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	r := make(orb.Ring, 0, 5001)
	for range 5000 {
		r = append(r, orb.Point{rng.Float64(), rng.Float64()})
	}
	r = append(r, r[0])
	if got, found := NewMender().Mend(r); !found.Unchecked || len(got) != 1 {
		t.Errorf("%d rings, %+v", len(got), found)
	}
}
