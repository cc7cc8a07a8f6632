package stability

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"

	"chatmrpt/assets/beside"
	"chatmrpt/core/problem"
	"chatmrpt/core/score"
)

func full(name string, values ...float64) Variable {
	v := Variable{Variable: score.Variable{Name: name, Values: values, Present: make([]bool, len(values))}}
	for i := range v.Present {
		v.Present[i] = true
	}
	return v
}

// rates is a proportion from its counts.
func rates(name string, positive, tested []float64) Variable {
	v := full(name, make([]float64, len(tested))...)
	for i := range tested {
		v.Values[i] = positive[i] / tested[i]
	}
	v.Positive, v.Tested = positive, tested
	return v
}

func keys(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("w%05d", i)
	}
	return out
}

func model(name string, terms ...score.Term) score.Model {
	return score.Model{Name: name, Terms: terms}
}

func mustRun(t testing.TB, keys []string, vars []Variable, models []score.Model, o Options) *Result {
	t.Helper()
	r, err := Run(t.Context(), keys, vars, models, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// within reports whether a share of n draws agrees with its expectation to
// four standard errors.
func within(got, want float64, n int) bool {
	return math.Abs(got-want) <= 4*math.Sqrt(want*(1-want)/float64(n))+1e-12
}

// Two wards ranked by a rate of tests alone: the first leads in the share of
// draws that the integral of one posterior density times the other's
// distribution function gives (densities and quadrature are gonum's).
func TestBinomialErrorAgainstTheIntegral(t *testing.T) {
	for _, c := range [][4]float64{{8, 10, 5, 10}, {80, 100, 70, 100}, {3, 3, 40, 60}, {500, 1000, 480, 1000}} {
		a := distuv.Beta{Alpha: c[0] + .5, Beta: c[1] - c[0] + .5}
		b := distuv.Beta{Alpha: c[2] + .5, Beta: c[3] - c[2] + .5}
		// By the quantiles of a, so that the end of the range has no pole.
		want := quad.Fixed(func(u float64) float64 { return b.CDF(a.Quantile(u)) }, 0, 1, 400, quad.Legendre{}, 0)
		v := rates("tpr", []float64{c[0], c[2]}, []float64{c[1], c[3]})
		r := mustRun(t, keys(2), []Variable{v}, []score.Model{model("m", score.Term{Variable: "tpr", Weight: 1})}, Options{Draws: 20_000, Seed: 5, Top: 1})
		if got := r.Wards[0].Top; !within(got, want, 20_000) {
			t.Errorf("%v: first in %v of the draws, the integral gives %v", c, got, want)
		}
	}
}

// A ward at (1, 0) beats one at (0, 1) when the first weight is above a half.
// Weights 3 and 1 with a spread of a half are Dirichlet(6, 2), and
// P(Beta(6, 2) > ½) is P(Binomial(7, ½) ≤ 5) = 120 ÷ 128.
func TestWeightsAgainstTheBinomialTable(t *testing.T) {
	vars := []Variable{full("x", 1, 0), full("y", 0, 1)}
	m := []score.Model{model("m", score.Term{Variable: "x", Weight: 3}, score.Term{Variable: "y", Weight: 1})}
	r := mustRun(t, keys(2), vars, m, Options{Draws: 20_000, Seed: 1, Top: 1})
	if got := r.Wards[0].Top; !within(got, 120.0/128, 20_000) {
		t.Errorf("first in %v of the draws, the table gives %v", got, 120.0/128)
	}
}

// With three models of one variable each, one of them against the ward, the
// median of nine models drawn is for it when five or more are: P(Binomial(9,
// ⅔) ≥ 5) = 16,832 ÷ 19,683.
func TestModelsAreDrawnWithReplacement(t *testing.T) {
	vars := []Variable{full("x", 1, 0), full("y", 1, 0), full("z", 0, 1)}
	var m []score.Model
	for _, name := range []string{"x", "y", "z"} {
		m = append(m, model(name, score.Term{Variable: name, Weight: 1}))
	}
	r := mustRun(t, keys(2), vars, m, Options{Draws: 20_000, Seed: 2, Top: 1, Models: 9})
	if got, want := r.Wards[0].Top, 16832.0/19683; !within(got, want, 20_000) {
		t.Errorf("first in %v of the draws, want %v", got, want)
	}
}

// A filled-in value is that of a donor: one of two at either end.
func TestFilledValuesComeFromDonors(t *testing.T) {
	v := full("x", 0, 1, .5, .6)
	v.Imputed = []bool{false, false, true, false}
	v.Donors = func(int) []int { return []int{0, 1} }
	m := []score.Model{model("x", score.Term{Variable: "x", Weight: 1})}
	r := mustRun(t, keys(4), []Variable{v}, m, Options{Draws: 10_000, Seed: 3, Top: 1, Scalings: []score.Scaling{score.MinMax}})
	if got := r.Wards[2].Top; !within(got, .5, 10_000) {
		t.Errorf("the filled ward is first, beside its donor, in %v of the draws, want half", got)
	}
	if w := r.Wards[3]; w.Low != 2 || w.High != 3 {
		t.Errorf("the ward between is %d to %d, want 2 to 3", w.Low, w.High)
	}
}

// generated is a case of many sorts of variables.
func generated(seed uint64, n int) ([]Variable, []score.Model) {
	rng := rand.New(rand.NewPCG(seed, 1))
	var vars []Variable
	for k := range 4 {
		v := full(fmt.Sprintf("v%d", k), make([]float64, n)...)
		for i := range v.Values {
			v.Values[i] = rng.NormFloat64()
		}
		vars = append(vars, v)
	}
	vars[1].Inverse = true
	vars[2].Present[n-1] = false
	vars[2].Imputed = make([]bool, n)
	vars[2].Imputed[3] = true
	vars[2].Donors = func(int) []int { return []int{0, 1, 2} }
	positive, tested := make([]float64, n), make([]float64, n)
	for i := range tested {
		tested[i] = float64(1 + rng.IntN(200))
		positive[i] = float64(rng.IntN(int(tested[i]) + 1))
	}
	vars = append(vars, rates("tpr", positive, tested))
	var names []string
	for _, v := range vars {
		names = append(names, v.Name)
	}
	models, err := score.AllSubsets(names)
	if err != nil {
		panic(err)
	}
	return vars, models
}

// cutsOf takes the categories from the ranking itself.
func cutsOf(t testing.TB, n int, vars []Variable, models []score.Model, o score.Options) score.Cuts {
	t.Helper()
	var scaled []score.Scaled
	for _, v := range vars {
		s, err := score.Scale(v.Variable, score.MinMax)
		if err != nil {
			t.Fatal(err)
		}
		scaled = append(scaled, s)
	}
	r, err := score.Rank(t.Context(), keys(n), scaled, models, o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Cuts
}

// Same seed, same figures, on one processor or several; another seed, others.
func TestSameSeedOnAnyNumberOfProcessors(t *testing.T) {
	vars, models := generated(7, 60)
	o := Options{Draws: 300, Seed: 11, Top: 10, Cuts: cutsOf(t, 60, vars, models, score.Options{})}
	many := mustRun(t, keys(60), vars, models, o)
	before := runtime.GOMAXPROCS(1)
	one := mustRun(t, keys(60), vars, models, o)
	runtime.GOMAXPROCS(8)
	eight := mustRun(t, keys(60), vars, models, o)
	runtime.GOMAXPROCS(before)
	if !reflect.DeepEqual(many.Wards, one.Wards) || !reflect.DeepEqual(many.Wards, eight.Wards) {
		t.Error("the number of processors changes the result")
	}
	o.Seed++
	if reflect.DeepEqual(mustRun(t, keys(60), vars, models, o).Wards, many.Wards) {
		t.Error("the seed changes nothing")
	}
}

// Neither the order of the wards nor that of the variables or models counts.
func TestOrderIsOfNoConsequence(t *testing.T) {
	const n = 50
	for seed := range uint64(10) {
		vars, models := generated(seed, n)
		o := Options{Draws: 100, Seed: seed, Top: 10}
		want := mustRun(t, keys(n), vars, models, o)
		rng := rand.New(rand.NewPCG(seed, 9))
		to := rng.Perm(n) // ward i moves to to[i]
		names := make([]string, n)
		moved := make([]Variable, len(vars))
		for i, at := range to {
			names[at] = keys(n)[i]
		}
		for k, at := range rng.Perm(len(vars)) {
			moved[at] = permuted(vars[k], to)
		}
		rng.Shuffle(len(models), func(i, j int) { models[i], models[j] = models[j], models[i] })
		got := mustRun(t, names, moved, models, o)
		for i, at := range to {
			if !reflect.DeepEqual(got.Wards[at], want.Wards[i]) {
				t.Fatalf("seed %d, ward %d: %+v, in another order %+v", seed, i, want.Wards[i], got.Wards[at])
			}
		}
	}
}

func permuted(v Variable, to []int) Variable {
	n := len(to)
	out := v
	out.Values, out.Present = make([]float64, n), make([]bool, n)
	if v.Imputed != nil {
		out.Imputed = make([]bool, n)
	}
	if v.Tested != nil {
		out.Tested, out.Positive = make([]float64, n), make([]float64, n)
	}
	for i, at := range to {
		out.Values[at], out.Present[at] = v.Values[i], v.Present[i]
		if v.Imputed != nil {
			out.Imputed[at] = v.Imputed[i]
		}
		if v.Tested != nil {
			out.Tested[at], out.Positive[at] = v.Tested[i], v.Positive[i]
		}
	}
	if v.Donors != nil {
		out.Donors = func(int) []int {
			var d []int
			for _, j := range v.Donors(0) {
				d = append(d, to[j])
			}
			slices.Sort(d)
			return d
		}
	}
	return out
}

// Whatever is asked for: the shares of a ward's categories add up to one, those
// of the top over the wards to at least the top, the interval holds the median.
func TestFiguresFitTogether(t *testing.T) {
	for _, aggregate := range score.Aggregates() {
		for _, combine := range []score.Combine{score.ByMean, score.BySum, score.ByGeometric} {
			vars, models := generated(3, 40)
			rank := score.Options{Aggregate: aggregate, Combine: combine, Categories: score.Quantiles, Classes: 5}
			o := Options{Draws: 200, Seed: 1, Top: 8, Rank: rank, Cuts: cutsOf(t, 40, vars, models, rank)}
			r := mustRun(t, keys(40), vars, models, o)
			top := 0.0
			for i, w := range r.Wards {
				if i == 39 {
					if w.Ranked {
						t.Error("a ward without a value has a rank interval")
					}
					continue
				}
				top += w.Top
				total := 0.0
				for _, share := range w.Categories {
					total += share
				}
				if math.Abs(total-1) > 1e-12 || len(w.Categories) != 5 || w.Low < 1 || w.High > 39 || w.Median < float64(w.Low) || w.Median > float64(w.High) {
					t.Errorf("%s %s: ward %d: %+v", aggregate, combine, i, w)
				}
			}
			if top < 8-1e-9 {
				t.Errorf("%s %s: %v wards are among the top 8 on average", aggregate, combine, top)
			}
		}
	}
}

// A ward that is first in every variable whatever the weights stays first.
func TestDominantWardStaysFirst(t *testing.T) {
	vars, models := generated(5, 30)
	for k := range vars[:4] {
		vars[k].Values[0] = 10
		if vars[k].Inverse {
			vars[k].Values[0] = -10
		}
	}
	vars[4].Positive[0], vars[4].Tested[0] = 1e6, 1e6
	r := mustRun(t, keys(30), vars, models, Options{Draws: 500, Seed: 8, Top: 1})
	if w := r.Wards[0]; w.Low != 1 || w.High != 1 || w.Top != 1 {
		t.Errorf("%+v", w)
	}
}

func TestRefusesWhatCannotBe(t *testing.T) {
	vars, models := generated(1, 20)
	for name, o := range map[string]Options{
		"few draws": {Draws: 10, Top: 1}, "many draws": {Draws: MostDraws + 1, Top: 1}, "no top": {Draws: 100},
		"large top": {Draws: 100, Top: 21}, "level": {Draws: 100, Top: 1, Level: 1.5}, "spread": {Draws: 100, Top: 1, Spread: 9},
	} {
		if _, err := Run(t.Context(), keys(20), vars, models, o); !problem.Is(err, problem.Usage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, keys(20), vars, models, Options{Draws: 100, Top: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	short := full("v0", 1, 2)
	if _, err := Run(t.Context(), keys(20), []Variable{short}, models, Options{Draws: 100, Top: 1}); err == nil {
		t.Error("two values for twenty wards were taken")
	}
	vars[4].Positive[2] = vars[4].Tested[2] + 1
	if _, err := Run(t.Context(), keys(20), vars, models, Options{Draws: 100, Top: 1}); err == nil {
		t.Error("more positive than tested was taken")
	}
}

// The budget of the design: 1,000 draws of 9,400 wards in 5 s on two cores;
// ten variables, all 1,013 models, one of them a proportion with 5 % filled in.
func BenchmarkStability(b *testing.B) {
	for _, n := range []int{220, 2_000, 9_367, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			vars, models := large(n)
			before := beside.CPU()
			for b.Loop() {
				mustRun(b, keys(n), vars, models, Options{Draws: 1_000, Seed: 1, Top: 20})
			}
			b.ReportMetric(float64(beside.CPU()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

func large(n int) ([]Variable, []score.Model) {
	rng := rand.New(rand.NewPCG(4, 4))
	positive, tested := make([]float64, n), make([]float64, n)
	for i := range tested {
		tested[i] = float64(10 + rng.IntN(3000))
		positive[i] = math.Floor(tested[i] * rng.Float64())
	}
	vars := []Variable{rates("tpr", positive, tested)}
	names := []string{"tpr"}
	for k := range 9 {
		v := full(fmt.Sprintf("v%d", k), make([]float64, n)...)
		v.Imputed = make([]bool, n)
		v.Donors = func(i int) []int { return []int{(i + 1) % n, (i + 2) % n, (i + 5) % n} }
		for i := range v.Values {
			v.Values[i] = rng.NormFloat64()
			v.Imputed[i] = rng.IntN(20) == 0
		}
		vars, names = append(vars, v), append(names, v.Name)
	}
	models, err := score.AllSubsets(names)
	if err != nil {
		panic(err)
	}
	return vars, models
}
