package score

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/score/order"
)

// single makes one model of one variable, so that the figures are the values.
func single(name string) []Model {
	return []Model{{Name: "m", Terms: []Term{{name, 1}}}}
}

func TestRankOneIsTheHighestRiskAndTiesShare(t *testing.T) {
	vars := mustScale(t, MinMax, full("x", 1, 9, 5, 9, 3, 3, 3))
	r := mustRank(t, letters(7), vars, single("x"), Options{})
	var ranks []int
	var medians []float64
	for _, w := range r.Wards {
		ranks, medians = append(ranks, w.Rank), append(medians, w.MedianRank)
	}
	if !slices.Equal(ranks, []int{7, 1, 3, 1, 4, 4, 4}) {
		t.Errorf("competition ranks %v", ranks)
	}
	if !slices.Equal(medians, []float64{7, 1.5, 3, 1.5, 5, 5, 5}) {
		t.Errorf("average ranks %v", medians)
	}
	if !slices.Equal(r.Order, []int{1, 3, 2, 4, 5, 6, 0}) {
		t.Errorf("order %v: equal wards go by key", r.Order)
	}
}

func TestFileOrderCountsTiesThrough(t *testing.T) {
	vars := mustScale(t, MinMax, full("x", 3, 9, 3, 1))
	r := mustRank(t, letters(4), vars, single("x"), Options{Ties: FileOrder})
	var ranks []float64
	for _, w := range r.Wards {
		ranks = append(ranks, w.MedianRank)
	}
	if !slices.Equal(ranks, []float64{3, 1, 2, 4}) {
		t.Errorf("got %v: the first of two equal wards is the lower risk", ranks)
	}
}

// Median ranks tie easily; the mean score then sets the order shown, not the
// rank.
func TestOrderWithinATieIsByMeanScore(t *testing.T) {
	vars := mustScale(t, MinMax, full("x", 0, .5, 1, .2), full("y", .9, 1, 0, .1))
	models := []Model{{"x", []Term{{"x", 1}}}, {"y", []Term{{"y", 1}}}}
	r := mustRank(t, []string{"a", "b", "c", "d"}, vars, models, Options{})
	// Median ranks: a (4+2)/2 = 3, b (2+1)/2 = 1.5, c (1+4)/2 = 2.5, d (3+3)/2 = 3.
	if a, d := r.Wards[0], r.Wards[3]; a.Rank != 3 || d.Rank != 3 || a.MeanScore <= d.MeanScore {
		t.Errorf("a %+v, d %+v", a, d)
	}
	if !slices.Equal(r.Order, []int{1, 2, 0, 3}) {
		t.Errorf("order %v", r.Order)
	}
}

// A ward's five figures are those of its ranks in five models.
func TestQuartilesOverTheModels(t *testing.T) {
	var vars []Variable
	var models []Model
	for m := range 5 {
		x := full(letters(5)[m], .2, .2, .2, .2, .5, 0, 1)
		for above := range m {
			x.Values[above] = .9
		}
		x.Values[6] = []float64{.1, 1, 1, 1, 1}[m]
		vars = append(vars, x)
		models = append(models, Model{x.Name, []Term{{x.Name, 1}}})
	}
	w := mustRank(t, letters(7), mustScale(t, MinMax, vars...), models, Options{}).Wards[4]
	got := []float64{w.RankMin, w.RankLow, w.MedianRank, w.RankHigh, w.RankMax}
	// Its ranks are 1, 3, 4, 5, 6.
	if want := []float64{1, 3, 4, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("five figures %v, want %v", got, want)
	}
}

func TestWardWithoutDataHasNoRank(t *testing.T) {
	vars := mustScale(t, MinMax, gappy("x", 1, nan, 3, 2), gappy("y", 1, 2, 3, nan), gappy("unused", 1, 2, nan, 4))
	models, err := AllSubsets([]string{"x", "y"})
	if err != nil {
		t.Fatal(err)
	}
	r := mustRank(t, letters(4), vars, models, Options{})
	if w := r.Wards[1]; w.Ranked || w.Rank != 0 || w.Category != "" || w.Reason != "no value for x" {
		t.Errorf("ward b: %+v", w)
	}
	if !r.Wards[2].Ranked || r.Ranked != 2 || !slices.Equal(r.Order, []int{2, 0, 1, 3}) {
		t.Errorf("a gap in a variable no model uses must not matter: %+v", r)
	}
	notices := strings.Join(r.Notices, "\n")
	for _, part := range []string{"2 of 4 wards have no rank", "No model uses unused"} {
		if !strings.Contains(notices, part) {
			t.Errorf("no notice says %q: %q", part, notices)
		}
	}
}

func TestThirdsAreByRank(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{1, 2}, "MM"},
		{[]float64{1, 2, 3}, "LMH"},
		{[]float64{1, 2, 3, 4}, "LMMH"},
		{[]float64{1, 2, 3, 4, 5}, "LMMMH"},
		{[]float64{1, 2, 3, 4, 5, 6}, "LLMMHH"},
		{[]float64{1, 2, 3, 6, 6, 6}, "LLMHHH"},
		{[]float64{1, 1, 3, 4, 5, 6}, "LLMMHH"},
		{[]float64{1, 1, 1, 4, 5, 6}, "MMMMHH"}, // the tie begins in the middle
	} {
		vars := mustScale(t, MinMax, full("x", c.values...))
		r := mustRank(t, letters(len(c.values)), vars, single("x"), Options{})
		got := ""
		for _, w := range r.Wards {
			got += w.Category[:1]
		}
		if got != c.want {
			t.Errorf("%v: %s, want %s", c.values, got, c.want)
		}
		none := mustRank(t, letters(len(c.values)), vars, single("x"), Options{Categories: NoCategories})
		if none.Wards[0].Category != "" {
			t.Error("categories, though none are wanted")
		}
	}
}

func TestScoreIsTheAggregateAskedFor(t *testing.T) {
	vars := mustScale(t, MinMax, full("x", 0, .5, 1), full("y", 1, .5, 0), full("z", 1, 0, .5))
	models := mustSubsets(t, vars)
	for a, want := range map[Aggregate]func(Ward) float64{
		MedianRank:  func(w Ward) float64 { return w.MedianRank },
		MedianScore: func(w Ward) float64 { return w.MedianScore },
		MeanScore:   func(w Ward) float64 { return w.MeanScore },
	} {
		r := mustRank(t, letters(3), vars, models, Options{Aggregate: a})
		for _, w := range r.Wards {
			if w.Score != want(w) {
				t.Errorf("%s: score %v, want %v", a, w.Score, want(w))
			}
		}
		if best := r.Wards[r.Order[0]]; best.Rank != 1 || best.Key != "a" {
			t.Errorf("%s: first is %+v, want a", a, best)
		}
	}
}

func TestRankRefuses(t *testing.T) {
	x := mustScale(t, MinMax, full("x", 1, 2))
	two := []string{"a", "b"}
	for name, c := range map[string]struct {
		keys   []string
		vars   []Scaled
		models []Model
		o      Options
	}{
		"aggregate":      {two, x, single("x"), Options{Aggregate: "plurality"}},
		"categories":     {two, x, single("x"), Options{Categories: "fifths"}},
		"ties":           {two, x, single("x"), Options{Ties: "max"}},
		"same keys":      {[]string{"a", "a"}, x, single("x"), Options{}},
		"no models":      {two, x, nil, Options{}},
		"no terms":       {two, x, []Model{{Name: "m"}}, Options{}},
		"unknown":        {two, x, single("y"), Options{}},
		"twice in one":   {two, x, []Model{{"m", []Term{{"x", 1}, {"x", 1}}}}, Options{}},
		"weight":         {two, x, []Model{{"m", []Term{{"x", math.Inf(1)}}}}, Options{}},
		"model twice":    {two, x, append(single("x"), single("x")...), Options{}},
		"variable twice": {two, append(x, x...), single("x"), Options{}},
		"nobody whole":   {two, mustScale(t, MinMax, gappy("x", 1, 2, nan, nan), gappy("y", nan, nan, 1, 2)), single("x"), Options{}},
		"not scaled":     {two, []Scaled{{Name: "x", Values: []float64{0, 7}, Present: []bool{true, true}}}, single("x"), Options{}},
		"no wards":       {nil, []Scaled{{Name: "x"}}, single("x"), Options{}},
	} {
		if _, err := Rank(t.Context(), c.keys, c.vars, c.models, c.o); err == nil {
			t.Errorf("%s: no error", name)
		} else if p, ok := errors.AsType[*problem.Problem](err); ok && p.Hint == "" {
			t.Errorf("%s: no hint", name)
		}
	}
	whole := mustScale(t, MinMax, gappy("x", 1, 2, nan, nan), gappy("y", nan, nan, 1, 2))
	if _, err := Rank(t.Context(), letters(4), whole, mustSubsets(t, whole), Options{}); !problem.Is(err, problem.BadInput) {
		t.Errorf("no ward with all variables: %v", err)
	}
}

func TestTooMuchWorkIsRefusedBeforeItIsAllocated(t *testing.T) {
	c := &Composite{ranked: make([]int, 100_000), recipes: make([]recipe, mostCells/100_000+1)}
	if _, err := c.halfRanks(t.Context(), order.Average); !problem.Is(err, problem.Usage) {
		t.Errorf("got %v", err)
	}
}

func TestCancelledRankingStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x := mustScale(t, MinMax, full("x", 1, 2))
	if _, err := Rank(ctx, letters(2), x, single("x"), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestValuesOfOneModel(t *testing.T) {
	vars := mustScale(t, MinMax, gappy("x", 0, 1, nan, .5), full("y", 1, 0, 0, .5))
	c, err := NewComposite(4, vars, []Model{{"m", []Term{{"x", 3}, {"y", 1}}}}, ByMean)
	if err != nil {
		t.Fatal(err)
	}
	values, present := c.Values(0)
	if !slices.Equal(values, []float64{.25, .75, 0, .5}) || !slices.Equal(present, []bool{true, true, false, true}) {
		t.Errorf("got %v %v", values, present)
	}
}

// randomVariables makes variables with ties and gaps for the properties below.
func randomVariables(rng *rand.Rand, wards, count int) []Variable {
	var vars []Variable
	for k := range count {
		v := full(string(rune('a'+k)), make([]float64, wards)...)
		for i := range wards {
			v.Values[i] = float64(rng.IntN(40)) * rng.Float64()
			if rng.IntN(3) == 0 {
				v.Values[i] = float64(rng.IntN(4))
			}
			v.Present[i] = rng.IntN(40) > 0
		}
		v.Values[0], v.Present[0], v.Values[1], v.Present[1] = 0, true, 50, true
		v.Inverse = rng.IntN(2) == 0
		vars = append(vars, v)
	}
	return vars
}

// Shuffling the wards and the variables changes no figure of any ward, to the
// last bit, nor does the number of processors.
func TestOrderChangesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 30 {
		wards, count := 5+rng.IntN(600), 2+rng.IntN(5)
		vars, keys := randomVariables(rng, wards, count), wardKeys(wards)
		scaled := mustScale(t, MinMax, vars...)
		a := mustRank(t, keys, scaled, mustSubsets(t, scaled), Options{})

		order := rng.Perm(wards)
		movedKeys := make([]string, wards)
		for i, o := range order {
			movedKeys[i] = keys[o]
		}
		moved := shuffled(vars, order)
		rng.Shuffle(len(moved), func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
		rescaled := mustScale(t, MinMax, moved...)
		before := runtime.GOMAXPROCS(1)
		b := mustRank(t, movedKeys, rescaled, mustSubsets(t, rescaled), Options{})
		runtime.GOMAXPROCS(before)
		for i, o := range order {
			if !reflect.DeepEqual(a.Wards[o], b.Wards[i]) {
				t.Fatalf("order changes ward %s:\n%+v\n%+v", keys[o], a.Wards[o], b.Wards[i])
			}
			if a.Wards[a.Order[i]].Key != b.Wards[b.Order[i]].Key {
				t.Fatalf("order shown differs at %d", i)
			}
		}
	}
}

func shuffled(vars []Variable, order []int) []Variable {
	var out []Variable
	for _, v := range vars {
		w := Variable{Name: v.Name, Inverse: v.Inverse, Values: make([]float64, len(order)), Present: make([]bool, len(order))}
		for i, o := range order {
			w.Values[i], w.Present[i] = v.Values[o], v.Present[o]
		}
		out = append(out, w)
	}
	return out
}

// The mean over all subsets is the mean of the variables, by symmetry; the
// ranks of each model sum to n(n+1)/2, so the mean of all medians lies near
// the middle and every rank between 1 and n.
func TestMeanOfAllSubsetsIsTheMeanOfTheVariables(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 4))
	for range 20 {
		wards, count := 3+rng.IntN(50), 2+rng.IntN(7)
		scaled := mustScale(t, MinMax, randomVariables(rng, wards, count)...)
		r := mustRank(t, wardKeys(wards), scaled, mustSubsets(t, scaled), Options{})
		for i, w := range r.Wards {
			if !w.Ranked {
				continue
			}
			sum := 0.0
			for _, v := range scaled {
				sum += v.Values[i]
			}
			if !near(w.MeanScore, sum/float64(count)) {
				t.Fatalf("mean score %v, mean of the variables %v", w.MeanScore, sum/float64(count))
			}
			if !slices.IsSorted([]float64{1, w.RankMin, w.RankLow, w.MedianRank, w.RankHigh, w.RankMax, float64(r.Ranked)}) {
				t.Fatalf("figures out of order: %+v", w)
			}
		}
	}
}

// A variable in other units, or with another zero, changes no rank.
func TestUnitsChangeNoRank(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	vars := randomVariables(rng, 300, 4)
	scaled := mustScale(t, MinMax, vars...)
	a := mustRank(t, wardKeys(300), scaled, mustSubsets(t, scaled), Options{})
	for i := range vars[2].Values {
		vars[2].Values[i] *= 1024
	}
	scaled = mustScale(t, MinMax, vars...)
	b := mustRank(t, wardKeys(300), scaled, mustSubsets(t, scaled), Options{})
	if !reflect.DeepEqual(a, b) {
		t.Error("metres for kilometres change the ranking")
	}
}
