package score

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"chatmrpt/core/problem"
)

func rounded(values []float64) []float64 {
	out := slices.Clone(values)
	for i, x := range out {
		out[i] = math.Round(x*1000) / 1000
	}
	return out
}

// Defect D4 of the predecessor: 1/(x + 1e-10) made 1, 3e-11, 4e-12, 1e-12, 0 of
// these values; the linear flip keeps the distances.
func TestD4InverseIsALinearFlip(t *testing.T) {
	v := full("distance", 0, 3, 20, 60, 95)
	v.Inverse = true
	s := mustScale(t, MinMax, v)[0]
	if got := rounded(s.Values); !slices.Equal(got, []float64{1, .968, .789, .368, 0}) {
		t.Errorf("got %v", got)
	}
	if s.Min != 0 || s.Max != 95 || !s.Inverse {
		t.Errorf("the card says %v to %v, inverse %v", s.Min, s.Max, s.Inverse)
	}
}

func TestNegativeValuesKeepTheirOrder(t *testing.T) {
	v := full("elevation", -10, 0, 10)
	v.Inverse = true
	if got := mustScale(t, MinMax, v)[0].Values; !slices.Equal(got, []float64{1, .5, 0}) {
		t.Errorf("got %v", got)
	}
}

func TestRankScalingSharesTiesAndSpansNoughtToOne(t *testing.T) {
	s := mustScale(t, ByRank, full("lights", 5, 1, 1e6, 5))[0]
	// Ranks 2.5, 1, 4, 2.5.
	if !slices.Equal(s.Values, []float64{.5, 0, 1, .5}) {
		t.Errorf("got %v", s.Values)
	}
	s = mustScale(t, ByRank, full("lights", 1, 1, 1, 9))[0]
	if !slices.Equal(s.Values, []float64{0, 0, 0, 1}) {
		t.Errorf("tied at the end: got %v", s.Values)
	}
}

func TestMissingStaysMissing(t *testing.T) {
	s := mustScale(t, MinMax, gappy("x", 4, nan, 2))[0]
	if s.Present[1] || s.Values[0] != 1 || s.Values[2] != 0 {
		t.Errorf("got %v %v", s.Values, s.Present)
	}
}

func TestConstantVariableIsRefused(t *testing.T) {
	for _, v := range []Variable{full("flood", 3, 3, 3), gappy("flood", nan, 3), gappy("flood", nan, nan), full("flood")} {
		_, err := Scale(v, MinMax)
		if !problem.Is(err, problem.BadInput) || !errors.Is(err, ErrConstant) {
			t.Errorf("%v: got %v, want a bad-input problem because of ErrConstant", v.Values, err)
		}
	}
}

func TestScaleRefusesUnknownWaysAndNumbers(t *testing.T) {
	if _, err := Scale(full("x", 1, 2), "zscore"); !problem.Is(err, problem.Usage) {
		t.Errorf("unknown scaling: %v", err)
	}
	if _, err := Scale(full("x", 1, nan), MinMax); !problem.Is(err, problem.BadInput) {
		t.Errorf("not a number: %v", err)
	}
}

// Whatever the values: on 0 to 1 with both ends taken, the order kept or
// reversed, the same for x and a·x + b.
func TestScalingProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 15))
	for range 300 {
		n := 2 + rng.IntN(30)
		v := full("x", make([]float64, n)...)
		w := full("x", make([]float64, n)...)
		for i := range n {
			v.Values[i] = float64(rng.IntN(1000)) - 500
			w.Values[i] = 8*v.Values[i] + 64 // exact in binary
		}
		if slices.Min(v.Values) == slices.Max(v.Values) {
			continue
		}
		v.Inverse, w.Inverse = rng.IntN(2) == 0, v.Inverse
		w.Inverse = v.Inverse
		for _, how := range []Scaling{MinMax, ByRank} {
			a, b := mustScale(t, how, v)[0], mustScale(t, how, w)[0]
			if !slices.Equal(a.Values, b.Values) {
				t.Fatalf("%s: rescaling changes %v to %v", how, a.Values, b.Values)
			}
			checkScaled(t, v, a)
		}
	}
}

func checkScaled(t *testing.T, v Variable, s Scaled) {
	t.Helper()
	if slices.Min(s.Values) != 0 || slices.Max(s.Values) != 1 {
		t.Fatalf("ends %v and %v", slices.Min(s.Values), slices.Max(s.Values))
	}
	for i := range s.Values {
		for j := range s.Values {
			if (v.Values[i] < v.Values[j]) != v.Inverse && v.Values[i] != v.Values[j] && s.Values[i] >= s.Values[j] {
				t.Fatalf("order of %v and %v lost: %v, %v", v.Values[i], v.Values[j], s.Values[i], s.Values[j])
			}
		}
	}
}

func TestScalingOfTheWidestRange(t *testing.T) {
	s := mustScale(t, MinMax, full("x", -math.MaxFloat64, 0, math.MaxFloat64))[0]
	if !slices.Equal(s.Values, []float64{0, .5, 1}) {
		t.Errorf("got %v", s.Values)
	}
}
