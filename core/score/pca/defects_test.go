package pca

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// theirScore adds up the first three components of variables that were not
// turned, each times its share; signs as the decomposition's convention leaves
// them, the largest loading positive.
func theirScore(t *testing.T, names []string, c [][]float64) []float64 {
	d := mustData(t, names, c)
	out := make([]float64, d.Rows())
	for _, one := range mustComponents(t, d)[:3] {
		largest := 0.0
		for _, l := range one.Loadings {
			if math.Abs(l) > math.Abs(largest) {
				largest = l
			}
		}
		for i, s := range d.Scores(one) {
			out[i] += math.Copysign(1, largest) * s * one.Share
		}
	}
	return out
}

// D2: components took no notice of direction and sign, so that the ranking
// could stand on its head: with more inverse variables than direct ones their
// score ran against the true risk (correlation −0.99 on record, B6).
func TestDefect_D2_ComponentsPointToRisk(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 2))
	names := []string{"distance", "elevation", "housing", "rainfall"}
	turn := []bool{true, true, true, false}
	c := make([][]float64, 4)
	var risk []float64
	for range 200 {
		r := rng.NormFloat64()
		risk = append(risk, r)
		for k := range c {
			x := r + 0.3*rng.NormFloat64()
			if turn[k] {
				x = -x
			} else {
				x += 0.2 * rng.NormFloat64() // the direct one is not the clearest
			}
			c[k] = append(c[k], x)
		}
	}
	if theirs := stat.Correlation(theirScore(t, names, c), risk, nil); theirs > 0 {
		t.Errorf("their score follows the risk by %.2f: the test proves nothing", theirs)
	}
	d := mustData(t, names, c, turn...)
	all := mustComponents(t, d)
	for name, ours := range map[string][]float64{"first": d.Scores(all[0]), "weighted": d.Weighted(all, 3)} {
		if r := stat.Correlation(ours, risk, nil); r < 0.95 {
			t.Errorf("%s: our score follows the risk by %.2f", name, r)
		}
	}
}
