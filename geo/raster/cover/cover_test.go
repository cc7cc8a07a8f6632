package cover

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// star is a ring around a point that doesn't cross itself, with some corners
// exactly on the lines of the grid and some level and upright edges.
func star(rng *rand.Rand, x, y float64) orb.Ring {
	n := 4 + rng.IntN(20)
	var r orb.Ring
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + 0.8*rng.Float64()) / float64(n))
		away := 1 + 5*rng.Float64()
		p := orb.Point{x + away*cos, y + away*sin}
		if rng.IntN(4) == 0 {
			k := rng.IntN(2)
			p[k] = math.Round(p[k])
		}
		r = append(r, p)
	}
	return append(r, r[0])
}

// The fractions of all cells add up to the area, wherever the grid is cut, and
// a cell's fraction doesn't depend on the grid around it.
func TestFractionsAddUpToTheArea(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 500 {
		r := star(rng, 10+rng.Float64(), 10+rng.Float64())
		want := math.Abs(planar.Area(r))
		var whole, part Grid
		whole.Reset(0, 0, 24, 24)
		whole.AddRing(r)
		sum := 0.0
		fractions := map[int]float64{}
		whole.Each(func(cell int, f float64, _ bool) {
			sum += f
			fractions[cell] = f
			if f < 0 || f > 1 {
				t.Fatalf("a fraction of %g", f)
			}
		})
		if planarIsSimple(r) && math.Abs(sum-want) > 1e-9 {
			t.Fatalf("%v: fractions add up to %.12g, the area is %.12g", r, sum, want)
		}
		part.Reset(9, 8, 3, 5)
		part.AddRing(r)
		part.Each(func(cell int, f float64, _ bool) {
			if in := fractions[(8+cell/3)*24+9+cell%3]; math.Abs(in-f) > 1e-9 {
				t.Fatalf("cell %d is covered by %g in a part and %g in the whole", cell, f, in)
			}
		})
	}
}

// planarIsSimple reports whether no two edges of a ring cross: rounding a
// corner to the grid may have made some.
func planarIsSimple(r orb.Ring) bool {
	side := func(a, b, c orb.Point) float64 { return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]) }
	for i := 1; i < len(r); i++ {
		for j := i + 2; j < len(r); j++ {
			a, b, c, d := r[i-1], r[i], r[j-1], r[j]
			if side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0 {
				return false
			}
		}
	}
	return true
}

// Reusing a grid leaves nothing behind.
func TestResetEmpties(t *testing.T) {
	var g Grid
	g.Reset(0, 0, 8, 8)
	g.AddRing(orb.Ring{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}})
	g.Reset(2, 2, 3, 3)
	g.Each(func(cell int, f float64, _ bool) { t.Errorf("cell %d has %g", cell, f) })
}
