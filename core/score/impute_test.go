package score

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"chatmrpt/core/problem"
)

var nan = math.NaN()

func mustImpute(t *testing.T, v Variable, f Filling) *Imputation {
	t.Helper()
	im, err := Impute(t.Context(), v, f)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// chain is wards in a row, each the neighbour of the next.
func chain(n int) [][]int {
	out := make([][]int, n)
	for i := range out {
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < n {
				out[i] = append(out[i], j)
			}
		}
	}
	return out
}

// Defect D18 of MRPT: values filled in earlier in the loop were used for later
// wards, so the order of the rows decided.
func TestD18OnlyObservedNeighboursAreUsed(t *testing.T) {
	v := gappy("x", 10, nan, nan, 40, 60)
	im := mustImpute(t, v, Filling{Method: FromNeighbours, Neighbours: chain(5)})
	if got := im.Variable.Values; got[1] != 10 || got[2] != 40 {
		t.Errorf("filled %v; want 10 and 40: a filled neighbour must not be used", got)
	}
	if !slices.Equal(im.Variable.Imputed, []bool{false, true, true, false, false}) || !slices.Equal(im.Filled, []int{1, 2}) {
		t.Errorf("marks %v, filled %v", im.Variable.Imputed, im.Filled)
	}
	if v.Present[1] || !math.IsNaN(v.Values[1]) || v.Imputed != nil {
		t.Error("the variable given was changed")
	}
}

func TestWardsWithoutObservedNeighboursStayMissing(t *testing.T) {
	v := gappy("x", nan, nan, 30, 50, 70, nan)
	neighbours := [][]int{{1}, {0, 2}, {1}, {4}, {3}, {}}
	im := mustImpute(t, v, Filling{Method: FromNeighbours, Neighbours: neighbours, Insist: true})
	if !slices.Equal(im.Left, []int{0, 5}) || im.Variable.Present[0] || im.Variable.Present[5] {
		t.Errorf("left %v, present %v", im.Left, im.Variable.Present)
	}
	// A second step fills them from the observed wards of their LGA only: the
	// value filled into ward 1 is no source.
	im = mustImpute(t, im.Variable, Filling{Method: FromLGA, Group: []int{0, 0, 1, 0, 0, -1}, Insist: true})
	if im.Variable.Values[0] != 60 || !slices.Equal(im.Left, []int{5}) {
		t.Errorf("second step: %v, left %v", im.Variable.Values, im.Left)
	}
	if !im.Variable.Imputed[0] || !im.Variable.Imputed[1] {
		t.Error("the marks of the first step are gone")
	}
}

func TestANeighbourNamedTwiceCountsOnce(t *testing.T) {
	im := mustImpute(t, gappy("x", nan, 10, 40, 1), Filling{Method: FromNeighbours, Neighbours: [][]int{{1, 1, 2, 0, 1}, {}, {}, {}}})
	if got := im.Variable.Values[0]; got != 25 {
		t.Errorf("got %v, want 25", got)
	}
}

func TestNoFillingLeavesGaps(t *testing.T) {
	im := mustImpute(t, gappy("x", 1, nan, 3), Filling{Method: FromNone})
	if len(im.Filled) != 0 || !slices.Equal(im.Left, []int{1}) || im.Variable.Missing() != 1 {
		t.Errorf("%+v", im)
	}
}

func TestVariableMostlyMissingNeedsInsisting(t *testing.T) {
	forty, more := gappy("x", 1, 2, 3, nan, nan), gappy("x", 1, nan, nan, 4, nan, 6, 7)
	mustImpute(t, forty, Filling{Method: FromNone})
	for _, m := range []Method{FromNone, FromNeighbours, FromLGA} {
		f := Filling{Method: m, Neighbours: chain(7), Group: make([]int, 7)}
		_, err := Impute(t.Context(), more, f)
		if !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: got %v, want a bad-input problem", m, err)
		}
		f.Insist = true
		mustImpute(t, more, f)
	}
}

func TestImputeRefusesWhatDoesNotFit(t *testing.T) {
	v := gappy("x", 1, nan, 3)
	for name, c := range map[string]struct {
		v Variable
		f Filling
	}{
		"no method":        {v, Filling{}},
		"few neighbours":   {v, Filling{Method: FromNeighbours, Neighbours: chain(2)}},
		"far neighbour":    {v, Filling{Method: FromNeighbours, Neighbours: [][]int{{}, {3}, {}}}},
		"before neighbour": {v, Filling{Method: FromNeighbours, Neighbours: [][]int{{}, {-1}, {}}}},
		"few groups":       {v, Filling{Method: FromLGA, Group: []int{0}}},
		"no name":          {full("", 1, 2), Filling{Method: FromNone}},
		"infinite":         {full("x", 1, math.Inf(1)), Filling{Method: FromNone}},
		"ragged":           {Variable{Name: "x", Values: []float64{1}, Present: []bool{true, true}}, Filling{Method: FromNone}},
		"ragged marks":     {Variable{Name: "x", Values: []float64{1}, Present: []bool{true}, Imputed: []bool{}}, Filling{Method: FromNone}},
	} {
		if _, err := Impute(t.Context(), c.v, c.f); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCancelledImputationStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Impute(ctx, gappy("x", 1, nan, 3), Filling{Method: FromNone}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMeanOfHugeValuesIsFinite(t *testing.T) {
	if m, ok := meanOf([]float64{math.MaxFloat64, math.MaxFloat64}); !ok || m != math.MaxFloat64 {
		t.Errorf("got %v %v", m, ok)
	}
	if _, ok := meanOf(nil); ok {
		t.Error("the mean of nothing exists")
	}
}

// Permuting the wards permutes the imputed values, to the last bit, and every
// one lies between the smallest and the largest observed value.
func TestImputationKnowsNoOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 1))
	for range 100 {
		n := 3 + rng.IntN(40)
		v, neighbours := full("x", make([]float64, n)...), make([][]int, n)
		for i := range n {
			v.Values[i], v.Present[i] = rng.NormFloat64()*1e3, rng.IntN(4) > 0
			for range rng.IntN(6) {
				neighbours[i] = append(neighbours[i], rng.IntN(n))
			}
		}
		a := mustImpute(t, v, Filling{Method: FromNeighbours, Neighbours: neighbours, Insist: true})
		order := rng.Perm(n) // place i of the shuffled holds ward order[i]
		place := make([]int, n)
		for i, o := range order {
			place[o] = i
		}
		w, moved := full("x", make([]float64, n)...), make([][]int, n)
		for i, o := range order {
			w.Values[i], w.Present[i] = v.Values[o], v.Present[o]
			for _, j := range neighbours[o] {
				moved[i] = append(moved[i], place[j])
			}
		}
		b := mustImpute(t, w, Filling{Method: FromNeighbours, Neighbours: moved, Insist: true})
		for i, o := range order {
			got := []any{b.Variable.Values[i], b.Variable.Present[i], b.Variable.Imputed[i]}
			want := []any{a.Variable.Values[o], a.Variable.Present[o], a.Variable.Imputed[o]}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("ward %d: %v, shuffled %v", o, want, got)
			}
		}
	}
}
