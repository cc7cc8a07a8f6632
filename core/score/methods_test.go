package score

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"chatmrpt/assets/beside"
	"chatmrpt/core/problem"
)

// The election of a capital for Tennessee, the usual example of the Borda
// count: of every hundred voters 42, 26, 15 and 17 put the cities in four
// orders; the counts are 126, 194, 173 and 107.
func TestBordaOfTennessee(t *testing.T) {
	cities := []string{"Memphis", "Nashville", "Chattanooga", "Knoxville"}
	groups := []struct {
		voters int
		values []float64 // the best liked highest
	}{{42, []float64{3, 2, 1, 0}}, {26, []float64{0, 3, 2, 1}}, {15, []float64{0, 1, 3, 2}}, {17, []float64{0, 1, 2, 3}}}
	var vars []Variable
	var models []Model
	for g, group := range groups {
		name := fmt.Sprintf("group %d", g)
		vars = append(vars, full(name, group.values...))
		for v := range group.voters {
			models = append(models, Model{Name: fmt.Sprintf("%s voter %d", name, v), Terms: []Term{{name, 1}}})
		}
	}
	r := mustRank(t, cities, mustScale(t, MinMax, vars...), models, Options{Aggregate: Borda})
	for i, want := range []float64{126, 194, 173, 107} {
		if got := r.Wards[i].Score; got != want {
			t.Errorf("%s has %v points, want %v", cities[i], got, want)
		}
	}
	if first := r.Wards[r.Order[0]].Key; first != "Nashville" {
		t.Errorf("%s wins, want Nashville", first)
	}
}

// Weighted means against gonum's; the geometric one of values moved to 0.01 to
// 1; the sum as the paper has it.
func TestCombinationsAgainstGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 50 {
		n, p := 3+rng.IntN(20), 2+rng.IntN(5)
		var vars []Variable
		m := Model{Name: "m"}
		var weights []float64
		for k := range p {
			values := make([]float64, n)
			for i := range values {
				values[i] = rng.Float64() * 100
			}
			vars = append(vars, full(fmt.Sprint("v", k), values...))
			weights = append(weights, 0.1+rng.Float64())
			m.Terms = append(m.Terms, Term{vars[k].Name, weights[k]})
		}
		scaled := mustScale(t, MinMax, vars...)
		for _, how := range []Combine{ByMean, BySum, ByGeometric} {
			c, err := NewComposite(n, scaled, []Model{m}, how)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := c.Values(0)
			for i := range n {
				row, moved, total := make([]float64, p), make([]float64, p), 0.0
				for k := range p {
					row[k], moved[k] = scaled[k].Values[i], (1+99*scaled[k].Values[i])/100
					total += weights[k]
				}
				want := map[Combine]float64{ByMean: stat.Mean(row, weights), BySum: stat.Mean(row, weights) * total, ByGeometric: stat.GeometricMean(moved, weights)}[how]
				if math.Abs(got[i]-want) > 1e-12 {
					t.Fatalf("%s: %v, gonum gives %v", how, got[i], want)
				}
			}
		}
	}
}

// classInt's Fisher breaks on the medians of the textbook run. For Ilorin the
// categories must hold the same wards. Above 3,000 values classInt takes the
// breaks of a tenth of them drawn at random, so for the nation ours, of all
// values, must fit better than its own.
func TestNaturalCategoriesAgainstClassInt(t *testing.T) {
	for _, name := range []string{"ilorin", "national"} {
		var doc struct {
			Breaks struct{ Fisher []float64 } `json:"classInt_breaks_on_median"`
		}
		if err := json.Unmarshal(beside.Read(t, "reference/textbook/"+name+".json"), &doc); err != nil {
			t.Fatal(err)
		}
		ref := shared(t, "reference/textbook/"+name+"_composite.csv.gz")
		medians := ref.numbers("median_of_all_models")
		r := &Ranking{Wards: make([]Ward, len(medians)), Ranked: len(medians), Aggregate: MedianScore}
		for i, m := range medians {
			r.Wards[i].Score = m
			r.Order = append(r.Order, i)
		}
		if err := r.categorise(Options{Aggregate: MedianScore, Categories: Natural, Classes: 5}); err != nil {
			t.Fatal(err)
		}
		theirs := make(map[string][]float64)
		ours := make(map[string][]float64)
		for i, m := range medians {
			above := 0
			for _, b := range doc.Breaks.Fisher[1:5] {
				if m >= b {
					above++
				}
			}
			want := categoryNames[5][4-above]
			theirs[want] = append(theirs[want], m)
			ours[r.Wards[i].Category] = append(ours[r.Wards[i].Category], m)
			if name == "ilorin" && r.Wards[i].Category != want {
				t.Errorf("%v is %s, classInt says %s", m, r.Wards[i].Category, want)
			}
		}
		if a, b := squaresWithin(ours), squaresWithin(theirs); a > b*(1+1e-12) || (name == "national" && a > 0.999*b) {
			t.Errorf("%s: %v within our categories, %v within classInt's", name, a, b)
		}
	}
}

func squaresWithin(groups map[string][]float64) (sum float64) {
	for _, g := range groups {
		sum += stat.Variance(g, nil) * float64(len(g)-1)
	}
	return sum
}

// A ward at a cut-off belongs to the higher risk, on scores and on ranks.
func TestCutOffBelongsToHigherRisk(t *testing.T) {
	x := mustScale(t, MinMax, full("x", 0, .25, .5, .75, 1))
	r := mustRank(t, letters(5), x, single("x"), Options{Aggregate: MeanScore, Categories: Fixed, Cuts: []float64{.25, .75}})
	if got := categoriesOf(r); !slices.Equal(got, []string{Low, Medium, Medium, High, High}) {
		t.Errorf("scores: %v", got)
	}
	r = mustRank(t, letters(5), x, single("x"), Options{Categories: Fixed, Cuts: []float64{2, 4}})
	if got := categoriesOf(r); !slices.Equal(got, []string{Low, Medium, Medium, High, High}) {
		t.Errorf("median ranks: %v", got)
	}
	if got := r.Cuts.Bounds(); !slices.Equal(got, []float64{2, 4}) {
		t.Errorf("bounds %v", got)
	}
}

func categoriesOf(r *Ranking) (out []string) {
	for _, w := range r.Wards {
		out = append(out, w.Category)
	}
	return out
}

// Groups of equal numbers, those of one rank together, two to five names.
func TestQuantileCategories(t *testing.T) {
	x := mustScale(t, MinMax, full("x", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
	for k, want := range map[int][]string{
		2: {Low, Low, Low, Low, Low, High, High, High, High, High},
		4: {VeryLow, VeryLow, Low, Low, Low, High, High, VeryHigh, VeryHigh, VeryHigh},
		5: {VeryLow, VeryLow, Low, Low, Medium, Medium, High, High, VeryHigh, VeryHigh},
	} {
		if got := categoriesOf(mustRank(t, letters(10), x, single("x"), Options{Categories: Quantiles, Classes: k})); !slices.Equal(got, want) {
			t.Errorf("%d groups: %v", k, got)
		}
	}
	for name, o := range map[string]Options{
		"six": {Categories: Quantiles, Classes: 6}, "one": {Categories: Natural, Classes: 1}, "no cuts": {Categories: Fixed},
		"falling": {Categories: Fixed, Cuts: []float64{2, 1}}, "nan": {Categories: Fixed, Cuts: []float64{nan}}, "word": {Categories: "deciles"},
	} {
		if _, err := Rank(t.Context(), letters(10), x, single("x"), o); !problem.Is(err, problem.Usage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// R: x <- c(1:99, 1000); quantile(x, c(.01, .99)) is 1.99 and 108.01 (type 7).
func TestWinsorAgainstQuantiles(t *testing.T) {
	values := make([]float64, 100)
	for i := range values {
		values[i] = float64(i + 1)
	}
	values[99] = 1000
	s := mustScale(t, Winsor, full("x", values...))[0]
	for i, want := range map[int]float64{0: 0, 1: (2 - 1.99) / (108.01 - 1.99), 49: (50 - 1.99) / (108.01 - 1.99), 99: 1} {
		if math.Abs(s.Values[i]-want) > 1e-12 {
			t.Errorf("value %v is scaled to %v, want %v", values[i], s.Values[i], want)
		}
	}
	spike := make([]float64, 1000)
	spike[0] = 5
	if _, err := Scale(full("x", spike...), Winsor); err == nil {
		t.Error("a variable that is constant but for one ward was drawn in and taken")
	}
}

// What the variables add is the mean score, whatever the models and weights.
func TestContributionsAddUpToTheScore(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var vars []Variable
		for k := range 4 {
			values := make([]float64, 15)
			for i := range values {
				values[i] = rng.NormFloat64()
			}
			vars = append(vars, full(fmt.Sprint("v", k), values...))
		}
		vars[1].Present[3] = false
		scaled := mustScale(t, MinMax, vars...)
		models := mustSubsets(t, scaled)
		for m := range models {
			for k := range models[m].Terms {
				models[m].Terms[k].Weight = 0.2 + rng.Float64()
			}
		}
		r := mustRank(t, letters(15), scaled, models, Options{})
		cs := Contributions(r, scaled, models)
		for i, w := range r.Wards {
			sum := 0.0
			for _, c := range cs {
				sum += c.Values[i]
			}
			if w.Ranked && math.Abs(sum-w.MeanScore) > 1e-12 {
				t.Fatalf("seed %d ward %d: parts add up to %v, mean score %v", seed, i, sum, w.MeanScore)
			}
		}
	}
}

func TestDriversOfAWard(t *testing.T) {
	cs := []Contribution{
		{"a", []float64{.5, .1}, .3}, {"b", []float64{.35, .3}, .3}, {"c", []float64{.42, .05}, .2}, {"d", []float64{.1, .4}, .2},
	}
	if got := Drivers(cs, 0, true, 2); !slices.Equal(got, []string{"c", "a"}) {
		t.Errorf("lifted by %v", got)
	}
	if got := Drivers(cs, 1, false, 3); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("pressed by %v", got)
	}
}

// Without a variable, all combinations of the others are left, each once.
func TestModelsWithoutAVariable(t *testing.T) {
	all, _ := AllSubsets([]string{"a", "b", "c", "d"})
	left := Without(all, "b")
	want, _ := AllSubsets([]string{"a", "c", "d"})
	var sets, wanted []string
	for _, m := range left {
		sets = append(sets, fmt.Sprint(m.Terms))
	}
	for _, m := range want {
		wanted = append(wanted, fmt.Sprint(m.Terms))
	}
	slices.Sort(sets)
	slices.Sort(wanted)
	if !slices.Equal(sets, wanted) {
		t.Errorf("%v, want %v", sets, wanted)
	}
	own := []Model{{"m", []Term{{"a", 2}, {"b", 1}}}, {"n", []Term{{"b", 1}}}, {"o", []Term{{"a", 4}, {"c", 2}}}, {"p", []Term{{"a", 2}, {"c", 1}, {"b", 7}}}}
	if got := Without(own, "b"); len(got) != 1 || got[0].Name != "o" {
		t.Errorf("%v", got)
	}
	if got := Without(own[:2], "b"); len(got) != 1 || got[0].Name != "m" || got[0].Terms[0].Variable != "a" {
		t.Errorf("%v", got)
	}
}

func TestFillFromTheState(t *testing.T) {
	im, err := Impute(t.Context(), gappy("x", 1, nan, 3, 8), Filling{Method: FromState, Group: []int{0, 0, 0, 1}})
	if err != nil || im.Variable.Values[1] != 2 || !im.Variable.Imputed[1] {
		t.Errorf("%+v %v", im, err)
	}
}

// The mean of the donors is the value that is filled in, by every method.
func TestDonorsAreWhereTheMeanComesFrom(t *testing.T) {
	v := gappy("x", 1, nan, 3, 8, nan)
	for _, f := range []Filling{
		{Method: FromNeighbours, Neighbours: [][]int{{1}, {3, 0, 2, 3, 4}, {1}, {1}, {3}}}, {Method: FromLGA, Group: []int{0, 0, 0, 1, 1}},
		{Method: FromNone},
	} {
		im, err := Impute(t.Context(), v, f)
		if err != nil {
			t.Fatal(err)
		}
		donors, err := f.Donors(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{1, 4} {
			var values []float64
			for _, j := range donors(i) {
				values = append(values, v.Values[j])
			}
			mean, ok := meanOf(values)
			if ok != im.Variable.Present[i] || (ok && mean != im.Variable.Values[i]) {
				t.Errorf("%s ward %d: donors %v, filled %v", f.Method, i, donors(i), im.Variable.Values[i])
			}
		}
	}
}

// A direction reversed twice is the direction; a constant variable changes no
// rank: it is refused, never scored.
func TestDirectionTwiceIsIdentity(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 8))
		values := make([]float64, 20)
		for i := range values {
			values[i] = rng.NormFloat64()
		}
		v := full("x", values...)
		once := v
		once.Values = slices.Clone(values)
		for i := range once.Values {
			once.Values[i] = -once.Values[i]
		}
		once.Inverse = true
		for _, how := range Scalings() {
			a, b := mustScale(t, how, v)[0], mustScale(t, how, once)[0]
			for i := range values {
				if math.Abs(a.Values[i]-b.Values[i]) > 1e-12 {
					t.Fatalf("%s: %v turned and marked is %v", how, a.Values[i], b.Values[i])
				}
			}
		}
	}
}

// How the ranking grows, all combinations of ten variables.
func BenchmarkRank(b *testing.B) {
	for _, n := range []int{220, 2_000, 9_367, 50_000} {
		rng := rand.New(rand.NewPCG(1, 9))
		var vars []Variable
		for k := range 10 {
			values := make([]float64, n)
			for i := range values {
				values[i] = rng.NormFloat64()
			}
			vars = append(vars, full(fmt.Sprint("v", k), values...))
		}
		scaled := mustScale(b, MinMax, vars...)
		models, keys := mustSubsets(b, scaled), wardKeys(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			before := beside.CPU()
			for b.Loop() {
				mustRank(b, keys, scaled, models, Options{})
			}
			b.ReportMetric(float64(beside.CPU()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
