package autocorr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/smooth"
	"chatmrpt/geo/weights"
)

var usual = Permutations{Count: 999, Seed: 123456789}

// apart reports whether two pseudo p of m permutations each differ by more than
// chance: six standard errors, and a step for ties.
func apart(a, b float64, m1, m2 int) bool {
	p := (a + b) / 2
	return math.Abs(a-b) > 6*math.Sqrt(p*(1-p)*(1/float64(m1)+1/float64(m2)))+3/float64(min(m1, m2)+1)
}

// moran.mc of spdep, 999 permutations of its own: mean and standard deviation
// within six standard errors; reference/spdep.
func TestGlobalPermutationsLieAsSpdeps(t *testing.T) {
	for _, c := range cases {
		var file map[string]json.RawMessage
		beside.JSON(t, "reference/spdep/"+c.place+".json", &file)
		var want struct {
			MC struct {
				P        float64
				Mean, SD float64 `json:"-"`
				SimMean  float64 `json:"sim_mean"`
				SimSD    float64 `json:"sim_sd"`
			} `json:"moran_mc"`
		}
		if err := json.Unmarshal(file[c.name], &want); err != nil {
			t.Fatal(err)
		}
		g, err := usual.Moran(t.Context(), rows(t, queen(t, c.place, c.n)), table(t, localFile(c.place, c.name))["x"])
		if err != nil {
			t.Fatal(err)
		}
		if d := math.Abs(g.Sim.Mean - want.MC.SimMean); d > 6*want.MC.SimSD*math.Sqrt(2.0/999) {
			t.Errorf("%s: mean of the permutations %v, spdep's %v", c.name, g.Sim.Mean, want.MC.SimMean)
		}
		if r := g.Sim.SD / want.MC.SimSD; math.Abs(r-1) > 6/math.Sqrt(999) {
			t.Errorf("%s: spread of the permutations %v, spdep's %v", c.name, g.Sim.SD, want.MC.SimSD)
		}
		if apart(g.Sim.PGreater(), want.MC.P, 999, 999) {
			t.Errorf("%s: p %v, spdep's %v", c.name, g.Sim.PGreater(), want.MC.P)
		}
		if g.Sim.Count != 999 || g.Sim.Low+g.Sim.High != 999 {
			t.Errorf("%s: %+v", c.name, g.Sim)
		}
	}
}

// localmoran_perm of spdep and Moran_Local and G_Local of esda, 999 permutations
// each: no p of any area farther from ours than chance explains. (spdep's
// localG_perm of Gi*, also among the references, draws the area's own value anew
// with its neighbours': its E.Gi of the first national ward is that of seven
// random wards. It tests another hypothesis; esda and we hold the own value.)
// Areas where a permutation equals the observed value are left out:
// there we count the tie on both sides and they on one.
func TestLocalPermutationsLieAsSpdepsAndEsdas(t *testing.T) {
	for _, c := range cases[:6] {
		want := table(t, localFile(c.place, c.name))
		esda := table(t, fmt.Sprintf("reference/pysal/%s_local_%s.csv.gz", c.place, c.name))
		w := rows(t, queen(t, c.place, c.n))
		l, err := usual.LocalMoran(t.Context(), w, want["x"], ByN)
		if err != nil {
			t.Fatal(err)
		}
		g, err := usual.LocalG(t.Context(), w, want["x"], true)
		if err != nil {
			t.Fatal(err)
		}
		compared, wrong := 0, 0
		for i := range l.Value {
			if c.place == "national" && slices.Contains([]int{5380, 5529, 6826, 6830, 6841, 6843}, i) {
				continue // esda's weights lack a link of these (unlinked)
			}
			if l.Sim[i].Low+l.Sim[i].High != 999 {
				continue
			}
			compared++
			for what, pair := range map[string][2]float64{
				"folded p of spdep":    {l.Sim[i].P(), want["perm_P_folded"][i]},
				"two-sided p of spdep": {l.Sim[i].PTwoSided() / 2, want["perm_P_sim"][i] / 2},
				"p of esda":            {l.Sim[i].P(), esda["p_sim"][i]},
				"p of Gi* of esda":     {g.Sim[i].P(), esda["g_p_sim"][i]},
			} {
				if apart(pair[0], pair[1], 999, 999) {
					if wrong++; wrong < 5 {
						t.Errorf("%s: %s of area %d is %v, want %v", c.name, what, i, pair[0], pair[1])
					}
				}
			}
			if r := l.Sim[i].SD * l.Sim[i].SD / want["Var_cond"][i]; math.Abs(r-1) > 0.6 && c.place == "national" {
				t.Errorf("%s: variance of the permutations of area %d is %v times the expected", c.name, i, r)
			}
		}
		if wrong > 0 || compared < c.n*4/5 {
			t.Errorf("%s: %d of %d differ, %d have ties", c.name, wrong, compared, c.n-compared)
		}
	}
}

// localC_perm of spdep, 9,999 permutations: testdata/spdep.R.
func TestLocalGearyPermutationsLieAsSpdeps(t *testing.T) {
	want := own(t)
	l, err := Permutations{Count: 9999, Seed: 5}.LocalGeary(t.Context(), rows(t, queen(t, "columbus", 49)), want["crime"])
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range l.Sim {
		if apart(s.P(), want["localC_folded"][i], 9999, 9999) {
			t.Errorf("area %d: p %v, want %v", i, s.P(), want["localC_folded"][i])
		}
		if sd := math.Sqrt(want["localC_var"][i]); math.Abs(s.Mean-want["localC_mean"][i]) > 6*sd*math.Sqrt(2.0/9999) || math.Abs(s.SD/sd-1) > 0.1 {
			t.Errorf("area %d: mean %v, spread %v; want %v, %v", i, s.Mean, s.SD, want["localC_mean"][i], sd)
		}
	}
}

// With six areas every way to draw two neighbours can be written down.
func TestConditionalPermutationsAgainstAllDraws(t *testing.T) {
	x := []float64{1, 4, 2, 8, 5, 7}
	w, err := weights.FromRows([][]weights.Link{{{To: 1, Weight: .7}, {To: 2, Weight: .3}}, {{To: 0, Weight: 1}}, {{To: 0, Weight: 1}}, {{To: 4, Weight: 1}}, {{To: 3, Weight: 1}}, {{To: 4, Weight: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	m := 99_999
	l, err := Permutations{Count: m, Seed: 3}.LocalMoran(t.Context(), w, x, ByN)
	if err != nil {
		t.Fatal(err)
	}
	z, _ := deviations(w, x)
	low, high, all := 0, 0, 0
	for j := 1; j < 6; j++ {
		for k := 1; k < 6; k++ {
			if j == k {
				continue
			}
			v := z[0] / ByN.m2(z) * (.7*z[j] + .3*z[k])
			all++
			if v <= l.Value[0]+1e-12 {
				low++
			}
			if v >= l.Value[0]-1e-12 {
				high++
			}
		}
	}
	for what, pair := range map[string][2]int{"low": {l.Sim[0].Low, low}, "high": {l.Sim[0].High, high}} {
		got, want := float64(pair[0])/float64(m), float64(pair[1])/float64(all)
		if math.Abs(got-want) > 6*math.Sqrt(want*(1-want)/float64(m)) {
			t.Errorf("share %s: %v, of all draws %v", what, got, want)
		}
	}
}

// The same seed gives the same results on one core and on many.
func TestSameOnAnyNumberOfCores(t *testing.T) {
	w, x := random(t, 400, 9)
	y := slices.Clone(x)
	slices.Reverse(y)
	persons := make([]float64, len(x))
	events := make([]float64, len(x))
	for i := range x {
		persons[i], events[i] = float64(10+i%90), float64(i%9)
	}
	counts := smooth.Counts{Events: events, Persons: persons, Present: slices.Repeat([]bool{true}, len(x))}
	marked := make([]bool, len(x))
	for i, v := range x {
		marked[i] = v > 0
	}
	p := Permutations{Count: 199, Seed: 11}
	all := func() []any {
		var out []any
		keep := func(v any, err error) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
		ctx := t.Context()
		keep(p.Moran(ctx, w, x))
		keep(p.Geary(ctx, w, x))
		keep(p.GetisOrd(ctx, w, events))
		keep(p.BivariateMoran(ctx, w, x, y))
		keep(p.JoinCounts(ctx, w, marked))
		keep(p.RateMoran(ctx, w, counts))
		keep(p.LocalMoran(ctx, w, x, ByNMinus1))
		keep(p.LocalGeary(ctx, w, x))
		keep(p.LocalG(ctx, w, x, true))
		keep(p.LocalBivariate(ctx, w, x, y))
		keep(p.LocalRateMoran(ctx, w, counts, ByN))
		return out
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := all()
	runtime.GOMAXPROCS(7)
	if many := all(); !reflect.DeepEqual(one, many) {
		t.Error("the number of cores changes the result")
	}
	p.Seed++
	if other := all(); reflect.DeepEqual(one[6], other[6]) || reflect.DeepEqual(one[0], other[0]) {
		t.Error("the seed changes nothing")
	}
}

// random makes areas on a ring, each with its k next ones on either side.
func random(t testing.TB, n, k int) (*weights.Weights, []float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(8, 8))
	near := make(weights.Neighbours, n)
	x := make([]float64, n)
	for i := range near {
		x[i] = r.NormFloat64() + math.Sin(float64(i)/20)
		for d := 1; d <= k; d++ {
			near[i] = append(near[i], (i+d)%n, (i+n-d)%n)
		}
		slices.Sort(near[i])
	}
	return rows(t, near.Binary()), x
}

// Many neighbours take another way of avoiding repeats; no draw repeats an area
// or takes the own one, and each area comes as often as the others.
func TestDealing(t *testing.T) {
	for _, k := range []int{1, 5, few, few + 1, 60, 99} {
		h := hand{size: 99}
		d := Permutations{Seed: 2}.stream(k)
		count := make([]int, 100)
		deals := 20_000 / k
		for range deals {
			drawn := slices.Clone(h.deal(&d, 40, k))
			for _, j := range drawn {
				count[j]++
			}
			slices.Sort(drawn)
			if len(drawn) != k || len(slices.Compact(drawn)) != k || slices.Contains(drawn, 40) {
				t.Fatalf("%d drawn: %v", k, drawn)
			}
		}
		share := float64(k) / 99
		for j, c := range count {
			if j != 40 && math.Abs(float64(c)-share*float64(deals)) > 6*math.Sqrt(float64(deals)*share*(1-share)+1) {
				t.Errorf("of %d deals of %d, area %d came %d times", deals, k, j, c)
			}
		}
	}
}

// Equal values count on both sides: where all neighbours that can be drawn are
// alike, p is 1 and not 1/(m+1).
func TestTiesAreNoEvidence(t *testing.T) {
	x := []float64{5, 0, 0, 0, 0, 0}
	w := rows(t, weights.Neighbours{{1, 2}, {0, 2}, {0, 1}, {4}, {3}, {4}}.Binary())
	l, err := usual.LocalMoran(t.Context(), w, x, ByN)
	if err != nil || l.Sim[0].Low != 999 || l.Sim[0].High != 999 || l.Sim[0].P() != 1 {
		t.Errorf("%+v (%v)", l.Sim[0], err)
	}
}

// spec/field.md §3, vectors 10 and 11, and Benjamini and Hochberg's own example
// of 15 p values, of which four are significant (JRSS B 57, 1995, p. 295).
func TestPseudoPAndFDR(t *testing.T) {
	if p := (Permuted{Count: 999, High: 0, Low: 999}).P(); p != .001 {
		t.Errorf("r 0 of 999: %v", p)
	}
	if p := (Permuted{Count: 99, High: 49, Low: 50}).PTwoSided(); p != 1 {
		t.Errorf("two-sided p %v", p)
	}
	if !math.IsNaN((Permuted{}).P()) {
		t.Error("without permutations there is a p")
	}
	for _, tt := range []struct {
		ps          []float64
		bound       float64
		significant int
	}{
		{[]float64{.5, .001, .004, .012, .02, .03, .2}, .03, 5},
		{[]float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1}, .0095, 4},
		{[]float64{.9, .8}, 0, 0}, {nil, 0, 0}, {[]float64{math.NaN(), .01}, .01, 1},
	} {
		got := FDR(tt.ps, Alpha)
		n := 0
		for _, p := range tt.ps {
			if p <= got {
				n++
			}
		}
		if got != tt.bound || n != tt.significant {
			t.Errorf("%v: bound %v with %d, want %v with %d", tt.ps, got, n, tt.bound, tt.significant)
		}
	}
	if b := Bonferroni([]float64{.1, math.NaN(), .2}, .05); b != .025 {
		t.Errorf("Bonferroni's bound is %v", b)
	}
}

func TestPermutationsRefuse(t *testing.T) {
	w, x := random(t, 20, 2)
	for _, m := range []int{0, -1, MostPermutations + 1} {
		if _, err := (Permutations{Count: m}).Moran(t.Context(), w, x); !errors.Is(err, ErrPermutations) {
			t.Errorf("%d permutations: %v", m, err)
		}
		if _, err := (Permutations{Count: m}).LocalMoran(t.Context(), w, x, ByN); !errors.Is(err, ErrPermutations) {
			t.Errorf("%d permutations: %v", m, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := usual.Moran(ctx, w, x); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := usual.LocalG(ctx, w, x, true); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The budget of the design is 2 s for 9,400 wards and 999 permutations. The
// sizes are of a lattice with the eight neighbours of a chessboard.
func BenchmarkLISA(b *testing.B) {
	for _, n := range []int{220, 2000, 9367, 50000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			w, x := lattice(b, n)
			for b.Loop() {
				if _, err := usual.LocalMoran(b.Context(), w, x, ByNMinus1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// lattice is the first n squares of a chessboard, and numbers on them.
func lattice(t testing.TB, n int) (*weights.Weights, []float64) {
	side := int(math.Ceil(math.Sqrt(float64(n))))
	near := make(weights.Neighbours, n)
	x := make([]float64, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range near {
		x[i] = r.NormFloat64()
		for _, d := range []int{-side - 1, -side, -side + 1, -1, 1, side - 1, side, side + 1} {
			if j := i + d; j >= 0 && j < n && math.Abs(float64(j%side-i%side)) <= 1 {
				near[i] = append(near[i], j)
			}
		}
	}
	return rows(t, near.Binary()), x
}

// The national wards, as spdep and esda were timed on them.
func BenchmarkLISANational(b *testing.B) {
	w := rows(b, queen(b, "national", 9367))
	x := table(b, localFile("national", "tpr"))["x"]
	for b.Loop() {
		if _, err := usual.LocalMoran(b.Context(), w, x, ByNMinus1); err != nil {
			b.Fatal(err)
		}
	}
}
