package chance

import (
	"math"
	"testing"
)

// moments gives mean and variance of n draws.
func moments(n int, draw func() float64) (mean, variance float64) {
	sum, square := 0.0, 0.0
	for range n {
		v := draw()
		sum += v
		square += v * v
	}
	mean = sum / float64(n)
	return mean, square/float64(n) - mean*mean
}

// TestMoments compares draws with the textbook mean and variance of each
// distribution; the bounds are five standard errors of the mean.
func TestMoments(t *testing.T) {
	const n = 40000
	s := New(1, "moments")
	for _, c := range []struct {
		name           string
		draw           func() float64
		mean, variance float64
	}{
		{"uniform", s.Float, 0.5, 1.0 / 12},
		{"between", func() float64 { return s.Between(-1, 3) }, 1, 16.0 / 12},
		{"normal", s.Normal, 0, 1},
		{"binomial", func() float64 { return float64(s.Binomial(40, 0.3)) }, 12, 8.4},
		{"poisson 4", func() float64 { return float64(s.Poisson(4)) }, 4, 4},
		{"poisson 95", func() float64 { return float64(s.Poisson(95)) }, 95, 95},
		{"die", func() float64 { return float64(s.IntN(6)) }, 2.5, 35.0 / 12},
	} {
		mean, variance := moments(n, c.draw)
		if math.Abs(mean-c.mean) > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: mean %g, want %g", c.name, mean, c.mean)
		}
		if math.Abs(variance-c.variance) > 0.05*c.variance {
			t.Errorf("%s: variance %g, want %g", c.name, variance, c.variance)
		}
	}
}

func TestStreamsAreNamed(t *testing.T) {
	a, b, other := New(1, "a"), New(1, "a"), New(1, "b")
	same := 0
	for range 100 {
		v := a.Uint64()
		if v != b.Uint64() {
			t.Fatal("one name, two streams")
		}
		if v == other.Uint64() {
			same++
		}
	}
	if same > 0 || New(2, "a").Uint64() == New(1, "a").Uint64() {
		t.Error("two names or two seeds share numbers")
	}
}

func TestEdges(t *testing.T) {
	s := New(1, "edges")
	if s.Poisson(0) != 0 || s.Poisson(-1) != 0 || s.Binomial(0, 1) != 0 || s.IntN(0) != 0 || s.IntN(1) != 0 {
		t.Error("empty draws are not 0")
	}
	if s.Binomial(9, 1) != 9 || s.Binomial(9, 0) != 0 || s.Chance(0) || !s.Chance(1) {
		t.Error("certain draws are not certain")
	}
	if s.Weighted(nil) != -1 || s.Weighted([]float64{0, -1}) != -1 || s.Weighted([]float64{0, 2, 0}) != 1 {
		t.Error("weights of 0 are drawn")
	}
}

func TestWeightedFollowsTheWeights(t *testing.T) {
	s, count := New(1, "weights"), [3]int{}
	for range 30000 {
		count[s.Weighted([]float64{1, 0, 2})]++
	}
	if count[1] != 0 || math.Abs(float64(count[0])-10000) > 500 {
		t.Errorf("counts %v", count)
	}
}

func TestShuffleKeepsEverything(t *testing.T) {
	s, first := New(1, "shuffle"), [4]int{}
	for range 4000 {
		list := []int{0, 1, 2, 3}
		Shuffle(s, list)
		sum := 0
		for _, v := range list {
			sum += 1 << v
		}
		if sum != 15 {
			t.Fatalf("lost something: %v", list)
		}
		first[list[0]]++
	}
	for v, n := range first {
		if n < 850 || n > 1150 {
			t.Errorf("%d came first %d times in 4000", v, n)
		}
	}
	if Pick(s, []string{"x"}) != "x" {
		t.Error("Pick of one")
	}
}

func TestNoiseIsSmoothAndBounded(t *testing.T) {
	n := NewNoise(New(1, "noise"), 10, 3)
	const step = 0.01
	low, high := 1.0, -1.0
	for i := range 20000 {
		x := float64(i)*step - 100
		v := n.At(x, 3.3)
		low, high = min(low, v), max(high, v)
		// The steepest octave rises at most 1.5·2 per lattice side.
		if d := math.Abs(v - n.At(x+step, 3.3)); d > 3*(1+1+1)/1.75/10*step {
			t.Fatalf("jumps by %g at %g", d, x)
		}
	}
	if low < -1 || high > 1 || high-low < 0.8 {
		t.Errorf("range %g to %g", low, high)
	}
	if Smooth(-1) != 0 || Smooth(2) != 1 || Smooth(0.5) != 0.5 {
		t.Error("Smooth misses its fixed points")
	}
}
