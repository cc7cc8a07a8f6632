package agree

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The examples of SciPy's documentation of spearmanr and kendalltau, and R's
// of cor.test (Hollander and Wolfe 1973, tuna): ρ 0.6, τ 0.4444444.
func TestAgainstPublishedExamples(t *testing.T) {
	tunaX := []float64{44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1}
	tunaY := []float64{2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"spearmanr", Spearman([]float64{1, 2, 3, 4, 5}, []float64{5, 6, 7, 8, 7}), 0.8207826816681233},
		{"kendalltau", Kendall([]float64{12, 2, 1, 12, 2}, []float64{1, 4, 7, 1, 0}), -0.47140452079103173},
		{"tuna rho", Spearman(tunaX, tunaY), 0.6},
		{"tuna tau", Kendall(tunaX, tunaY), 4.0 / 9},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: %.16g, published %.16g", c.name, c.got, c.want)
		}
	}
}

// Knight's counting against counting pair by pair, with many ties.
func TestKendallByCounting(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	for range 300 {
		n := 2 + rng.IntN(40)
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(rng.IntN(12)), float64(rng.IntN(12))
		}
		var difference, inX, inY float64
		for i := range n {
			for j := range i {
				a, b := sign(x[i]-x[j]), sign(y[i]-y[j])
				difference += a * b
				inX += a * a
				inY += b * b
			}
		}
		want := difference / math.Sqrt(inX*inY)
		if got := Kendall(x, y); math.Abs(got-want) > 1e-12 && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%v %v: %v, counted %v", x, y, got, want)
		}
	}
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func TestNothingToCompare(t *testing.T) {
	same := []float64{1, 1, 1}
	if !math.IsNaN(Spearman(same, []float64{1, 2, 3})) || !math.IsNaN(Kendall(same, []float64{1, 2, 3})) {
		t.Error("a constant agrees with something")
	}
}

func TestOverlapOfTheTop(t *testing.T) {
	a, b := []float64{1, 2, 3, 4, 5}, []float64{2, 1, 5, 3, 4}
	for k, want := range map[int]float64{1: 0, 2: 1, 3: 2.0 / 3, 5: 1} {
		if got := Overlap(a, b, k); got != want {
			t.Errorf("top %d: %v, want %v", k, got, want)
		}
	}
	if got := Overlap([]float64{1, 1, 3}, []float64{1, 2, 3}, 1); got != 0.5 {
		t.Errorf("two of one rank against one: %v", got)
	}
}
