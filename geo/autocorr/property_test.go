package autocorr

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"chatmrpt/geo/smooth"
	"chatmrpt/geo/weights"
)

// some makes a random symmetric neighbourhood without islands and values.
func some(r *rand.Rand) (weights.Neighbours, []float64) {
	n := 6 + r.IntN(40)
	linked := map[[2]int]bool{}
	for i := range n {
		linked[[2]int{i, (i + 1) % n}], linked[[2]int{(i + 1) % n, i}] = true, true
		j := r.IntN(n)
		if j != i {
			linked[[2]int{i, j}], linked[[2]int{j, i}] = true, true
		}
	}
	near, x := make(weights.Neighbours, n), make([]float64, n)
	for i := range n {
		x[i] = math.Exp(r.NormFloat64())
		for j := range n {
			if linked[[2]int{i, j}] {
				near[i] = append(near[i], j)
			}
		}
	}
	return near, x
}

// relabelled renames area i to order[i].
func relabelled(near weights.Neighbours, x []float64, order []int) (weights.Neighbours, []float64) {
	out, values := make(weights.Neighbours, len(near)), make([]float64, len(x))
	for i, list := range near {
		values[order[i]] = x[i]
		for _, j := range list {
			out[order[i]] = append(out[order[i]], order[j])
		}
		slices.Sort(out[order[i]])
	}
	return out, values
}

// all computes every statistic that has no chance in it.
func all(t *testing.T, w *weights.Weights, x []float64) (globals []float64, locals [][]float64) {
	t.Helper()
	for _, f := range []func(*weights.Weights, []float64) (Global, error){Moran, Geary, GetisOrd} {
		g, err := f(w, x)
		if err != nil {
			t.Fatal(err)
		}
		globals = append(globals, g.Value, g.Random.Z)
	}
	for _, f := range []func() (*Local, error){
		func() (*Local, error) { return LocalMoran(w, x, ByN) },
		func() (*Local, error) { return LocalGeary(w, x) },
		func() (*Local, error) { return LocalG(w, x, false) },
		func() (*Local, error) { return LocalG(w, x, true) },
	} {
		l, err := f()
		if err != nil {
			t.Fatal(err)
		}
		locals = append(locals, l.Value)
	}
	return globals, locals
}

func close(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return near(x, y, 1e-8) })
}

// Renaming the areas renames the results and changes nothing else.
func TestRelabelling(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	for range 60 {
		neighbours, x := some(r)
		order := r.Perm(len(x))
		other, y := relabelled(neighbours, x, order)
		for _, s := range []weights.Style{weights.StyleB, weights.StyleW, weights.StyleS} {
			g1, l1 := all(t, styled(t, neighbours.Binary(), s), x)
			g2, l2 := all(t, styled(t, other.Binary(), s), y)
			if !close(g1, g2) {
				t.Fatalf("style %s: %v became %v", s, g1, g2)
			}
			for k := range l1 {
				back := make([]float64, len(x))
				for i := range back {
					back[i] = l2[k][order[i]]
				}
				if !close(l1[k], back) {
					t.Fatalf("style %s, local %d: %v became %v", s, k, l1[k], back)
				}
			}
		}
	}
}

// Moran, Geary and their local forms don't know the unit of the variable or its
// zero; turning the variable round changes neither, and Gi only in sign.
func TestUnitAndZero(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 7))
	for range 60 {
		neighbours, x := some(r)
		w := rows(t, neighbours.Binary())
		_, l1 := all(t, w, x)
		for _, change := range []func(float64) float64{
			func(v float64) float64 { return v + 1000 }, func(v float64) float64 { return 37 * v }, func(v float64) float64 { return 100 - v },
		} {
			y := make([]float64, len(x))
			for i, v := range x {
				y[i] = change(v)
			}
			turned := change(1) > change(2)
			m1, _ := Moran(w, x)
			m2, err := Moran(w, y)
			c1, _ := Geary(w, x)
			c2, _ := Geary(w, y)
			if err != nil || !close([]float64{m1.Value, c1.Value}, []float64{m2.Value, c2.Value}) {
				t.Fatalf("%v, %v became %v, %v (%v)", m1.Value, c1.Value, m2.Value, c2.Value, err)
			}
			moran, _ := LocalMoran(w, y, ByN)
			geary, _ := LocalGeary(w, y)
			star, _ := LocalG(w, y, true)
			if turned {
				for i := range star.Value {
					star.Value[i] = -star.Value[i]
				}
			}
			if !close(l1[0], moran.Value) || !close(l1[1], geary.Value) || !close(l1[3], star.Value) {
				t.Fatal("the local statistics know the unit")
			}
		}
	}
}

// The local Morans sum to S0 times the global one; the local Gearys to 2·S0
// times n/(n−1)… of the global; bivariate Moran of a variable with itself is
// Moran; the joins are all the joins.
func TestSums(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 2))
	for range 60 {
		neighbours, x := some(r)
		binary := neighbours.Binary()
		w := rows(t, binary)
		g, _ := Moran(w, x)
		l, _ := LocalMoran(w, x, ByN)
		if s0 := w.Sums().S0; !near(sum(l.Value), s0*g.Value, 1e-9) {
			t.Errorf("the local values sum to %v, not %v", sum(l.Value), s0*g.Value)
		}
		geary, _ := Geary(w, x)
		local, _ := LocalGeary(w, x)
		if !near(sum(local.Value), 2*w.Sums().S0*geary.Value, 1e-9) {
			t.Errorf("the local Gearys sum to %v, not %v", sum(local.Value), 2*w.Sums().S0*geary.Value)
		}
		both, err := BivariateMoran(w, x, x)
		if err != nil || !near(both.Value, g.Value, 1e-9) {
			t.Errorf("of x with itself %v (%v), Moran %v", both.Value, err, g.Value)
		}
		marked := make([]bool, len(x))
		for i, v := range x {
			marked[i] = v > 1
		}
		j, err := JoinCounts(binary, marked)
		if errors.Is(err, ErrConstant) {
			continue
		}
		if err != nil || j.BB.Value+j.WW.Value+j.BW.Value != float64(binary.Links())/2 {
			t.Errorf("joins %v, %v, %v of %d (%v)", j.BB.Value, j.WW.Value, j.BW.Value, binary.Links()/2, err)
		}
	}
}

// Rates that only differ by chance: the rate Moran does not depend on how the
// persons are counted in thousands.
func TestRateMoranOfAPlainTrend(t *testing.T) {
	w, _ := random(t, 120, 2)
	c := smooth.Counts{Present: slices.Repeat([]bool{true}, 120)}
	for i := range 120 {
		c.Persons = append(c.Persons, float64(100+10*(i%7)))
		c.Events = append(c.Events, math.Round(c.Persons[i]*(.3+.2*math.Sin(float64(i)/19))))
	}
	g, err := usual.RateMoran(t.Context(), w, c)
	if err != nil || g.Value < .8 || g.Sim.PGreater() != .001 {
		t.Errorf("%+v (%v)", g, err)
	}
	l, err := usual.LocalRateMoran(t.Context(), w, c, ByN)
	if err != nil || !near(sum(l.Value), w.Sums().S0*g.Value, 1e-9) {
		t.Errorf("local rates sum to %v, not %v (%v)", sum(l.Value), w.Sums().S0*g.Value, err)
	}
	c.Persons[5] = 0
	var none *NoRateError
	if _, err := usual.RateMoran(t.Context(), w, c); !errors.As(err, &none) || none.Area != 5 {
		t.Errorf("nobody at risk: %v", err)
	}
}

func TestSample(t *testing.T) {
	// 0–1–2–3–0 and 4–5; 6 alone; 5 has no value.
	near := weights.Neighbours{{1, 3}, {0, 2}, {1, 3}, {0, 2}, {5}, {4}, nil}
	s, err := NewSample(near.Binary().WithSelf(3), weights.StyleW, []bool{true, true, true, true, true, false, true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Of, []int{0, 1, 2, 3}) || !slices.Equal(s.Missing, []int{5}) || !slices.Equal(s.Islands, []int{4, 6}) {
		t.Errorf("%+v", s)
	}
	if got := s.Take([]float64{1, 2, 3, 4, 5, 6, 7}); !slices.Equal(got, []float64{1, 2, 3, 4}) || s.W.At(0, 1) != .5 || s.W.At(0, 0) != 0 {
		t.Errorf("values %v, weights %v", got, s.W)
	}
	// Area 4 names 0 as its nearest, 3 only names 4: without 4's value 3 is an
	// island although it was not one before.
	one := weights.Neighbours{{1}, {2}, {0}, {4}, {5}, nil, {0}}
	if s, err = NewSample(one.Binary(), weights.StyleW, slices.Repeat([]bool{true}, 7)); err != nil || !slices.Equal(s.Islands, []int{3, 4, 5}) {
		t.Errorf("islands %v (%v)", s.Islands, err)
	}
	if _, err := NewSample(near.Binary(), weights.StyleW, []bool{true, true, true, false, false, false, false}); !errors.Is(err, ErrFew) {
		t.Errorf("three areas: %v", err)
	}
	if _, err := NewSample(near.Binary(), weights.StyleW, []bool{true}); !errors.Is(err, ErrShape) {
		t.Errorf("one value: %v", err)
	}
}

func TestStatisticsRefuse(t *testing.T) {
	w, x := random(t, 20, 1)
	island := weights.Neighbours{{1}, {0}, {3}, {2}, nil}.Binary()
	nan := slices.Clone(x)
	nan[3] = math.NaN()
	for _, tt := range []struct {
		w    *weights.Weights
		x    []float64
		want error
	}{
		{w, slices.Repeat([]float64{7}, 20), ErrConstant}, {w, x[:19], ErrShape}, {w, nan, ErrValue}, {island, []float64{1, 2, 3, 4, 5}, ErrIsland},
	} {
		if _, err := Moran(tt.w, tt.x); !errors.Is(err, tt.want) {
			t.Errorf("Moran: %v, want %v", err, tt.want)
		}
		if _, err := LocalG(tt.w, tt.x, true); !errors.Is(err, tt.want) {
			t.Errorf("Gi*: %v, want %v", err, tt.want)
		}
		if _, err := BivariateMoran(tt.w, tt.x, tt.x); !errors.Is(err, tt.want) {
			t.Errorf("bivariate: %v, want %v", err, tt.want)
		}
	}
	x[0] = -1
	if _, err := GetisOrd(w, x); !errors.Is(err, ErrValue) {
		t.Errorf("G of a negative value: %v", err)
	}
	if _, err := JoinCounts(w, make([]bool, 20)); !errors.Is(err, ErrConstant) {
		t.Errorf("joins of nothing: %v", err)
	}
}
