package proportion

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Newcombe, Two-sided confidence intervals for the single proportion, Statistics
// in Medicine 17 (1998), table I, method 3 (score, no continuity correction),
// four decimals.
func TestWilsonIsNewcombesTable(t *testing.T) {
	for _, c := range []struct{ k, n, low, high float64 }{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
	} {
		low, high, ok := Wilson(c.k, c.n, Z95)
		if !ok || math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("%v of %v: %.4f to %.4f, Newcombe has %.4f to %.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

// prop.test(k, n, correct = FALSE)$conf.int of R 4.2.2.
func TestWilsonAsInR(t *testing.T) {
	for _, c := range []struct{ k, n, low, high float64 }{
		{81, 263, 0.25528851987827428, 0.36620957698280016}, {0, 20, 0, 0.1611251580528193}, {1, 29, 0.006113214292762661, 0.171755218793202824},
	} {
		low, high, _ := Wilson(c.k, c.n, Z95)
		if math.Abs(low-c.low) > 1e-14 || math.Abs(high-c.high) > 1e-14 {
			t.Errorf("%v of %v: %.17g to %.17g, R has %.17g to %.17g", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

func TestWilsonHasNoIntervalForWhatIsNoShare(t *testing.T) {
	for _, c := range [][2]float64{{0, 0}, {5, 4}, {-1, 4}, {1, -1}, {math.NaN(), 3}, {1, math.NaN()}, {1, math.Inf(1)}} {
		if low, high, ok := Wilson(c[0], c[1], Z95); ok {
			t.Errorf("%v of %v has the interval %v to %v", c[0], c[1], low, high)
		}
	}
}

// The ends solve (p̂ − p)² = z²·p(1 − p)/n, the definition of the score
// interval, hold the share, and shrink with n.
func TestWilsonEndsSolveTheScoreEquation(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for range 500 {
		n := float64(1 + rng.IntN(5000))
		k := float64(rng.IntN(int(n) + 1))
		low, high, _ := Wilson(k, n, Z95)
		if p := k / n; low > p || high < p || low < 0 || high > 1 {
			t.Fatalf("%v of %v: %v to %v", k, n, low, high)
		}
		for _, end := range []float64{low, high} {
			if d := math.Abs((k/n-end)*(k/n-end) - Z95*Z95*end*(1-end)/n); d > 1e-12 {
				t.Fatalf("%v of %v: end %v misses the equation by %g", k, n, end, d)
			}
		}
		if l, h, _ := Wilson(10*k, 10*n, Z95); h-l >= high-low {
			t.Fatalf("%v of %v: ten times the persons make the interval no narrower", k, n)
		}
		l, h, _ := Wilson(n-k, n, Z95)
		if math.Abs(l-(1-high)) > 1e-12 || math.Abs(h-(1-low)) > 1e-12 {
			t.Fatalf("%v of %v: the interval of the rest is not its mirror", k, n)
		}
	}
}

// By hand: 30 of 100 and 50 of 100 have the target 0.4; its standard error at
// 100 is √0.0024 = 0.0489898.
func TestFunnelByHand(t *testing.T) {
	p := Funnel([]float64{30, 50, 3, 0, 9}, []float64{100, 100, 5, 0, 4})
	if p.Target != 83.0/205 {
		t.Fatalf("target %v", p.Target)
	}
	q := Funnel([]float64{30, 50}, []float64{100, 100})
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	near("z", q.Points[1].Z, 0.1/math.Sqrt(0.0024))
	near("high 95", q.Points[1].High95, 0.4+Z95*math.Sqrt(0.0024))
	near("low 99.8", q.Points[0].Low998, 0.4-Z998*math.Sqrt(0.0024))
	near("dispersion", q.Dispersion, 0.01/0.0024)
	if q.Points[0].Place != Low95 || q.Points[1].Place != High95 {
		t.Errorf("places %q and %q", q.Points[0].Place, q.Points[1].Place)
	}
	if p.Points[3].OK || p.Points[4].OK || p.Points[4].Place != NotPlaced || !p.Points[2].FewerThanThreshold {
		t.Errorf("no tests, more positives than tests, few tests: %+v", p.Points[2:])
	}
}

// Shares drawn around one rate: about one in twenty lies beyond 95 %, and the
// dispersion is the mean square of a normal drawn in at c = 1.2816, its upper
// tenth: 0.8 − 2·c·φ(c) + 0.2·c² = 0.679.
func TestFunnelOfChanceAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	const units = 4000
	k, n := make([]float64, units), make([]float64, units)
	for i := range units {
		n[i] = float64(200 + rng.IntN(800))
		for range int(n[i]) {
			if rng.Float64() < 0.35 {
				k[i]++
			}
		}
	}
	p := Funnel(k, n)
	beyond := 0
	for _, pt := range p.Points {
		if pt.Place != Within {
			beyond++
		}
	}
	if share := float64(beyond) / units; share < 0.035 || share > 0.065 {
		t.Errorf("%.1f %% lie beyond the 95 %% limits", 100*share)
	}
	if math.Abs(p.Dispersion-0.679) > 0.05 {
		t.Errorf("dispersion %v", p.Dispersion)
	}
	if d := Funnel(nil, nil); d.Dispersion != 0 || d.Target != 0 {
		t.Errorf("no units: %+v", d)
	}
}
