package chance

import "math"

// Noise is a smooth random field over the plane: value noise on a square
// lattice of side Scale, with Octaves layers of half the side and half the
// height each.
type Noise struct {
	Seed    uint64
	Scale   float64 // side of the coarsest lattice, in the unit of the coordinates
	Octaves int     // at least 1
}

// NewNoise draws the seed of a field from s.
func NewNoise(s *Source, scale float64, octaves int) Noise {
	return Noise{Seed: s.Uint64(), Scale: scale, Octaves: octaves}
}

// At gives the field's value at (x, y), between -1 and 1.
func (n Noise) At(x, y float64) float64 {
	sum, height, total := 0.0, 1.0, 0.0
	step := 1 / n.Scale
	for o := range n.Octaves {
		sum += height * layer(n.Seed+uint64(o), x*step, y*step)
		total += height
		height /= 2
		step *= 2
	}
	return sum / total
}

// layer is one octave: lattice values joined by the cubic 3t²−2t³.
func layer(seed uint64, x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int64(fx), int64(fy)
	tx, ty := Smooth(x-fx), Smooth(y-fy)
	low := mix(lattice(seed, ix, iy), lattice(seed, ix+1, iy), tx)
	high := mix(lattice(seed, ix, iy+1), lattice(seed, ix+1, iy+1), tx)
	return mix(low, high, ty)
}

// Smooth rises from 0 at t ≤ 0 to 1 at t ≥ 1 along 3t²−2t³, without a corner
// at either end.
func Smooth(t float64) float64 {
	t = min(max(t, 0), 1)
	return t * t * (3 - 2*t)
}

// Hash gives 64 bits that depend on all of its arguments (the finaliser of
// splitmix64 over each in turn).
func Hash(seed uint64, x, y int64) uint64 {
	h := seed
	for _, v := range [2]int64{x, y} {
		h += 0x9e3779b97f4a7c15 + uint64(v)
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// lattice is the field's value at a lattice point, between -1 and 1.
func lattice(seed uint64, x, y int64) float64 {
	return float64(Hash(seed, x, y)>>11)/(1<<52) - 1
}

func mix(a, b, t float64) float64 { return a + (b-a)*t }
