package autocorr

import (
	"fmt"
	"math"

	"chatmrpt/geo/weights"
)

// Global is a statistic of the whole map.
type Global struct {
	Value  float64
	Random Moments // if the values were dealt out at random (randomisation)
	Normal Moments // if they were drawn from a normal distribution; zero for G and join counts
	Sim    Permuted
}

// Moran returns Moran's I: n/S0 · Σᵢⱼ wᵢⱼ zᵢ zⱼ ÷ Σ zᵢ². It is near −1/(n−1)
// without autocorrelation and up to about 1 where neighbours are alike. The
// moments are those of Cliff and Ord (Spatial Processes, 1981, p. 42–46), as in
// spdep and esda.
func Moran(w *weights.Weights, x []float64) (Global, error) {
	z, err := deviations(w, x)
	if err != nil {
		return Global{}, err
	}
	n, s := float64(len(z)), w.Sums()
	g := Global{Value: n / s.S0 * dot(z, w.Lag(z)) / dot(z, z)}
	e := -1 / (n - 1)
	normal := (n*n*s.S1-n*s.S2+3*s.S0*s.S0)/(s.S0*s.S0*(n*n-1)) - e*e
	random := (n*((n*n-3*n+3)*s.S1-n*s.S2+3*s.S0*s.S0)-kurtosis(z)*((n*n-n)*s.S1-2*n*s.S2+6*s.S0*s.S0))/
		((n-1)*(n-2)*(n-3)*s.S0*s.S0) - e*e
	g.Normal, g.Random = momentsOf(g.Value, e, normal), momentsOf(g.Value, e, random)
	return g, nil
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// kurtosis is n Σ z⁴ ÷ (Σ z²)².
func kurtosis(z []float64) float64 {
	s := dot(z, z)
	return float64(len(z)) * powers(z, 4) / (s * s)
}

// Geary returns Geary's C: (n−1) Σᵢⱼ wᵢⱼ (xᵢ−xⱼ)² ÷ (2 S0 Σ zᵢ²). It is near 1
// without autocorrelation and smaller where neighbours are alike. Moments:
// Cliff and Ord, 1981, p. 21.
func Geary(w *weights.Weights, x []float64) (Global, error) {
	z, err := deviations(w, x)
	if err != nil {
		return Global{}, err
	}
	n, s, k := float64(len(z)), w.Sums(), kurtosis(z)
	g := Global{Value: gearyScale(w, z) * sum(localDifferences(w, z))}
	normal := ((2*s.S1+s.S2)*(n-1) - 4*s.S0*s.S0) / (2 * (n + 1) * s.S0 * s.S0)
	random := ((n-1)*s.S1*(n*n-3*n+3-k*(n-1)) - (n-1)*s.S2/4*(n*n+3*n-6-k*(n*n-n+2)) + s.S0*s.S0*(n*n-3-k*(n-1)*(n-1))) /
		(n * (n - 2) * (n - 3) * s.S0 * s.S0)
	g.Normal, g.Random = momentsOf(g.Value, 1, normal), momentsOf(g.Value, 1, random)
	return g, nil
}

func gearyScale(w *weights.Weights, z []float64) float64 {
	return float64(len(z)-1) / (2 * w.Sums().S0 * dot(z, z))
}

// localDifferences returns Σⱼ wᵢⱼ (zᵢ−zⱼ)² of each area.
func localDifferences(w *weights.Weights, z []float64) []float64 {
	out := make([]float64, len(z))
	for i := range out {
		to, weight := w.Row(i)
		for k, j := range to {
			d := z[i] - z[j]
			out[i] += weight[k] * d * d
		}
	}
	return out
}

// GetisOrd returns the general G: Σᵢⱼ wᵢⱼ xᵢ xⱼ ÷ Σᵢ≠ⱼ xᵢ xⱼ of values that are
// not negative. Larger than expected, high values lie together; smaller, low
// ones do. It is meant for binary weights (Getis and Ord, Geographical Analysis
// 24, 1992).
func GetisOrd(w *weights.Weights, x []float64) (Global, error) {
	if _, err := deviations(w, x); err != nil {
		return Global{}, err
	}
	for _, v := range x {
		if v < 0 {
			return Global{}, fmt.Errorf("%w: G takes no negative value such as %v", ErrValue, v)
		}
	}
	n, s := float64(len(x)), w.Sums()
	// The moments do not depend on the unit; the mean as unit keeps the fourth
	// powers in range.
	unit := sum(x) / n
	scaled := make([]float64, len(x))
	for i, v := range x {
		scaled[i] = v / unit
	}
	m1, m2, m3, m4 := sum(scaled), powers(scaled, 2), powers(scaled, 3), powers(scaled, 4)
	g := Global{Value: dot(scaled, w.Lag(scaled)) / (m1*m1 - m2)}
	e := s.S0 / (n * (n - 1))
	square := ((n*n-3*n+3)*s.S1-n*s.S2+3*s.S0*s.S0)*m2*m2 -
		((n*n-n)*s.S1-2*n*s.S2+6*s.S0*s.S0)*m4 -
		(2*n*s.S1-(n+3)*s.S2+6*s.S0*s.S0)*m1*m1*m2 +
		(4*(n-1)*s.S1-2*(n+1)*s.S2+8*s.S0*s.S0)*m1*m3 +
		(s.S1-s.S2+s.S0*s.S0)*m1*m1*m1*m1
	square /= (m1*m1 - m2) * (m1*m1 - m2) * n * (n - 1) * (n - 2) * (n - 3)
	g.Random = momentsOf(g.Value, e, square-e*e)
	return g, nil
}

// BivariateMoran returns how the values of x go with the neighbours' values of
// y: n/S0 · Σᵢⱼ wᵢⱼ zxᵢ zyⱼ ÷ √(Σ zx² Σ zy²), as in GeoDa. It mixes spatial and
// plain correlation, so it comes without moments: compare it with permutations
// of y. esda's Moran_BV is n/(n−1) times this.
func BivariateMoran(w *weights.Weights, x, y []float64) (Global, error) {
	zx, err := deviations(w, x)
	if err != nil {
		return Global{}, err
	}
	zy, err := deviations(w, y)
	if err != nil {
		return Global{}, err
	}
	return Global{Value: bivariateScale(w, zx, zy) * dot(zx, w.Lag(zy))}, nil
}

func bivariateScale(w *weights.Weights, zx, zy []float64) float64 {
	return float64(len(zx)) / w.Sums().S0 / math.Sqrt(dot(zx, zx)*dot(zy, zy))
}

// Joins are the counts of neighbours by whether an area is marked: both (BB),
// neither (WW), one of the two (BW). With weights other than 0 and 1 they are
// sums of weights. Moments are for marks dealt out at random, their number kept
// (Cliff and Ord, 1981, p. 19–20), as in spdep's joincount.test.
type Joins struct {
	Marked     int
	BB, WW, BW Global
}

// JoinCounts returns the counts for the marked areas.
func JoinCounts(w *weights.Weights, marked []bool) (Joins, error) {
	x := indicator(marked)
	if _, err := deviations(w, x); err != nil {
		return Joins{}, err
	}
	n, b, s := float64(len(x)), sum(x), w.Sums()
	j := joinCounts(w, x)
	j.BB.Random = sameJoins(n, b, s, j.BB.Value)
	j.WW.Random = sameJoins(n, n-b, s, j.WW.Value)
	c := n - b
	two, three, four := n*(n-1), n*(n-1)*(n-2), n*(n-1)*(n-2)*(n-3)
	e := s.S0 * b * c / two
	variance := (2*s.S1*b*c/two+(s.S2-2*s.S1)*b*c*(b+c-2)/three+4*(s.S0*s.S0+s.S1-s.S2)*b*(b-1)*c*(c-1)/four)/4 - e*e
	j.BW.Random = momentsOf(j.BW.Value, e, variance)
	return j, nil
}

func indicator(marked []bool) []float64 {
	x := make([]float64, len(marked))
	for i, m := range marked {
		if m {
			x[i] = 1
		}
	}
	return x
}

// joinCounts counts without moments.
func joinCounts(w *weights.Weights, x []float64) Joins {
	j := Joins{Marked: int(sum(x))}
	for i := range x {
		to, weight := w.Row(i)
		for k, t := range to {
			both, half := x[i]+x[t], weight[k]/2
			switch both {
			case 2:
				j.BB.Value += half
			case 1:
				j.BW.Value += half
			default:
				j.WW.Value += half
			}
		}
	}
	return j
}

// sameJoins are the moments of the joins within b areas of n.
func sameJoins(n, b float64, s weights.Sums, observed float64) Moments {
	two := b * (b - 1) / (n * (n - 1))
	three := two * (b - 2) / (n - 2)
	four := three * (b - 3) / (n - 3)
	e := s.S0 * two / 2
	variance := (s.S1*two+(s.S2-2*s.S1)*three+(s.S0*s.S0+s.S1-s.S2)*four)/4 - e*e
	return momentsOf(observed, e, variance)
}
