package classify

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"chatmrpt/assets/beside"
)

// column reads a number column of a reference table by its name.
func column(t testing.TB, file, name string) []float64 {
	t.Helper()
	rows := beside.CSV(t, file)
	at := slices.Index(rows[0], name)
	var out []float64
	for _, row := range rows[1:] {
		v, err := strconv.ParseFloat(row[at], 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// upperBounds are the bounds as mapclassify gives them.
func upperBounds(b Breaks) []float64 { return b.Bounds[1:] }

// spec/field.md §3, vector 12.
func TestJenksVector(t *testing.T) {
	values := []float64{52, 1, 2, 4, 22, 5, 7, 9, 10, 20, 23, 50}
	b, err := Jenks(values, 4)
	if want := []float64{1, 5, 10, 23, 52}; err != nil || !slices.Equal(b.Bounds, want) {
		t.Fatalf("bounds %v (%v), want %v", b.Bounds, err, want)
	}
	if ss := b.WithinSS(values); math.Abs(ss-64.0/3) > 1e-12 {
		t.Errorf("sum of squares within the classes %v, want 21.333", ss)
	}
	if gvf := b.GVF(values); math.Abs(gvf-.99371) > 5e-6 {
		t.Errorf("goodness of variance fit %v, want .99371", gvf)
	}
}

// mapclassify 2.4.3 FisherJenks(k=5), reference/pysal/{columbus,natregimes}.json.
func TestJenksEqualsMapclassify(t *testing.T) {
	for place, names := range map[string][]string{"columbus": {"CRIME", "HOVAL", "INC"}, "natregimes": {"HR60", "HR90"}} {
		for _, name := range names {
			want := mapclassify(t, place, name)["FisherJenks"]
			values := column(t, fmt.Sprintf("reference/pysal/%s_local_%s.csv.gz", place, name), "x")
			b, err := Jenks(values, 5)
			if err != nil || !near(upperBounds(b), want, 1e-9) {
				t.Errorf("%s %s: upper bounds %v (%v), want %v", place, name, upperBounds(b), err, want)
			}
		}
	}
}

// mapclassify reads the upper bounds of reference/pysal.
func mapclassify(t testing.TB, place, name string) map[string][]float64 {
	t.Helper()
	var file map[string]any
	beside.JSON(t, "reference/pysal/"+place+".json", &file)
	out := map[string][]float64{}
	for method, list := range file[name].(map[string]any)["breaks"].(map[string]any) {
		for _, v := range list.([]any) {
			out[method] = append(out[method], v.(float64))
		}
	}
	return out
}

// mapclassify 2.4.3 StdMean, Quantiles and EqualInterval, reference/pysal;
// its last bound is the largest value, where ours is open.
func TestSpreadEqualsMapclassify(t *testing.T) {
	for place, names := range map[string][]string{"columbus": {"CRIME", "HOVAL", "INC"}, "natregimes": {"HR60", "HR90"}, "national": {"tpr"}} {
		for _, name := range names {
			want := mapclassify(t, place, name)
			values := column(t, fmt.Sprintf("reference/pysal/%s_local_%s.csv.gz", place, name), "x")
			sd, err := StandardDeviation(values)
			if err != nil || !near(sd.Bounds[1:5], want["StdMean"][:4], 1e-9) {
				t.Errorf("%s %s: sd %v (%v), want %v", place, name, sd.Bounds, err, want["StdMean"])
			}
			quantile, err := Quantile(values, 5)
			// Of tied values we merge the bounds, mapclassify keeps them.
			if distinct := slices.Compact(append([]float64{slices.Min(values)}, want["Quantiles"]...)); err != nil || !near(quantile.Bounds, distinct, 1e-9) {
				t.Errorf("%s %s: quantiles %v (%v), want %v", place, name, quantile.Bounds, err, distinct)
			}
			equal, err := Equal(values, 5)
			if err != nil || !near(upperBounds(equal), want["EqualInterval"], 1e-9) {
				t.Errorf("%s %s: equal %v (%v), want %v", place, name, equal.Bounds, err, want["EqualInterval"])
			}
		}
	}
}

// R's classInt 0.4.9, "fisher" and "pretty", reference/textbook. Its fisher
// bounds lie half way between the classes that ours close. The national ones
// were computed by classInt from a sample of the values where there are more
// than 3,000 (its argument largeN), so they are no optimum: ours must only be
// better.
func TestJenksAndPrettyEqualClassInt(t *testing.T) {
	for _, place := range []string{"ilorin", "national"} {
		var reference struct {
			Breaks struct{ Fisher, Pretty []float64 } `json:"classInt_breaks_on_median"`
		}
		beside.JSON(t, "reference/textbook/"+place+".json", &reference)
		values := medians(t, "reference/textbook/"+place+"_composite.csv.gz")
		b, err := Jenks(values, 5)
		if err != nil {
			t.Fatal(err)
		}
		theirs := Breaks{Bounds: slices.Clone(reference.Breaks.Fisher)}
		theirs.Bounds[0], theirs.Bounds[5] = slices.Min(values), slices.Max(values) // printed to 15 digits
		switch place {
		case "ilorin":
			if got := midpoints(values, b); !near(got, reference.Breaks.Fisher, 1e-14) {
				t.Errorf("fisher %v, want %v", got, reference.Breaks.Fisher)
			}
		case "national":
			if ours, other := b.WithinSS(values), theirs.WithinSS(values); !(ours <= other) {
				t.Errorf("sum of squares %v is worse than classInt's %v", ours, other)
			}
		}
		pretty, err := Pretty(values, 5)
		if err != nil || !near(pretty.Bounds, reference.Breaks.Pretty, 1e-14) {
			t.Errorf("%s: pretty %v (%v), want %v", place, pretty.Bounds, err, reference.Breaks.Pretty)
		}
	}
}

// midpoints moves each inner bound half way to the next value.
func midpoints(values []float64, b Breaks) []float64 {
	sorted := slices.Sorted(slices.Values(values))
	out := slices.Clone(b.Bounds)
	for i := 1; i < b.Len(); i++ {
		next := slices.IndexFunc(sorted, func(v float64) bool { return v > b.Bounds[i] })
		out[i] = (b.Bounds[i] + sorted[next]) / 2
	}
	return out
}

// A slow second opinion: every way of cutting a few values.
func TestJenksIsTheOptimum(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		values := make([]float64, 3+random.IntN(9))
		for i := range values {
			values[i] = float64(random.IntN(25)) // with repeats
		}
		distinct := slices.Compact(slices.Sorted(slices.Values(values)))
		k := 1 + random.IntN(4)
		b, err := Jenks(values, k)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(k, len(distinct)); b.Len() != want {
			t.Fatalf("%v in %d classes: %v", values, k, b.Bounds)
		}
		if got, best := b.WithinSS(values), leastSS(values, distinct, nil, b.Len()); got > best+1e-9 {
			t.Errorf("%v in %d classes: %v costs %v, the best %v", values, k, b.Bounds, got, best)
		}
	}
}

func leastSS(values, distinct, uppers []float64, k int) float64 {
	if len(uppers) == k-1 {
		bounds := append(append([]float64{distinct[0]}, uppers...), distinct[len(distinct)-1])
		return Breaks{Bounds: bounds}.WithinSS(values)
	}
	best := math.Inf(1)
	for _, v := range distinct[:len(distinct)-1] {
		if len(uppers) == 0 || v > uppers[len(uppers)-1] {
			best = min(best, leastSS(values, distinct, append(slices.Clone(uppers), v), k))
		}
	}
	return best
}

// Moving and stretching the values moves and stretches the bounds.
func TestJenksFollowsTheUnit(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 1))
	values, moved := make([]float64, 2000), make([]float64, 2000)
	for i := range values {
		values[i] = math.Exp(random.NormFloat64())
		moved[i] = values[i]*4096 + (1 << 24)
	}
	a, err1 := Jenks(values, 6)
	b, err2 := Jenks(moved, 6)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if !slices.Equal(a.Classes(values, all(values)), b.Classes(moved, all(moved))) {
		t.Errorf("%v became %v", a.Bounds, b.Bounds)
	}
}

func all(values []float64) []bool {
	out := make([]bool, len(values))
	for i := range out {
		out[i] = true
	}
	return out
}

func TestJenksOfFewValues(t *testing.T) {
	for _, tt := range []struct{ values, want []float64 }{
		{[]float64{7}, []float64{7, 7}},
		{[]float64{7, 7, 7}, []float64{7, 7}},
		{[]float64{0, 0, 0, 5}, []float64{0, 0, 5}},
		{[]float64{3, 1, 2}, []float64{1, 1, 2, 3}},
		{[]float64{-math.MaxFloat64, math.MaxFloat64}, []float64{-math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64}},
	} {
		b, err := Jenks(tt.values, 5)
		if err != nil || !slices.Equal(b.Bounds, tt.want) {
			t.Errorf("%v: bounds %v (%v), want %v", tt.values, b.Bounds, err, tt.want)
		}
		for _, v := range tt.values {
			if b.Class(v) == NoClass {
				t.Errorf("%v has no class among %v", v, b.Bounds)
			}
		}
	}
	b, _ := Jenks([]float64{0, 0, 5, 9}, 3)
	if got := b.Labels(-1); b.Class(0) != 0 || b.Class(5) != 1 || !slices.Equal(got, []string{"0", "0 – 5", "5 – 9"}) {
		t.Errorf("labels %q of %v", got, b.Bounds)
	}
}

// pretty() of R 4.2.2, as documented in ?pretty and computed by hand from its
// rule: steps of 1, 2, 5 or 10.
func TestPrettyAsInR(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		k      int
		want   []float64
	}{
		{[]float64{1, 10}, 5, []float64{0, 2, 4, 6, 8, 10}},
		{[]float64{0, 1}, 5, []float64{0, .2, .4, .6, .8, 1}},
		{[]float64{-3, 97}, 5, []float64{-20, 0, 20, 40, 60, 80, 100}},
		{[]float64{0}, 5, []float64{-1, 0}},
		{[]float64{0, 47}, 4, []float64{0, 10, 20, 30, 40, 50}},
		{[]float64{1e-9, 3e-9}, 2, []float64{1e-9, 2e-9, 3e-9}},
	} {
		b, err := Pretty(tt.values, tt.k)
		if err != nil || !near(b.Bounds, tt.want, 1e-15*max(1, slices.Max(tt.want))*10) {
			t.Errorf("pretty(%v, %d) = %v (%v), want %v", tt.values, tt.k, b.Bounds, err, tt.want)
		}
	}
}

// quantile(type = 7) by hand: of 0..100 the percentile p is p; the quartiles
// of 1..9 are 3, 5 and 7, so the fences of hinge 1.5 are −3 and 13.
func TestPercentileAndBox(t *testing.T) {
	var hundred []float64
	for i := range 101 {
		hundred = append(hundred, float64(i))
	}
	p, err := Percentile(hundred)
	if want := []float64{0, 1, 10, 50, 90, 99, 100}; err != nil || !slices.Equal(p.Bounds, want) {
		t.Errorf("percentiles %v (%v), want %v", p.Bounds, err, want)
	}
	nine := []float64{9, 1, 2, 3, 4, 5, 6, 7, 8}
	inf := math.Inf(1)
	for hinge, fence := range map[float64]float64{1.5: 6, 3: 12} {
		b, err := Box(nine, hinge)
		if want := []float64{-inf, 3 - fence, 3, 5, 7, 7 + fence, inf}; err != nil || !slices.Equal(b.Bounds, want) {
			t.Errorf("box %v: %v (%v), want %v", hinge, b.Bounds, err, want)
		}
	}
	if b, _ := Box(append(nine, 100), 1.5); b.Class(100) != 5 || b.Class(1) != 1 {
		t.Errorf("of %v the outlier has class %d", b.Bounds, b.Class(100))
	}
}

// The mean of 1, 2, 3, 4, 90 is 20; one value in five lies above, and alone it
// is not cut again. Of 1..10 half lies above the mean: no long tail, one class.
func TestHeadTail(t *testing.T) {
	b, err := HeadTail([]float64{90, 1, 2, 3, 4})
	if want := []float64{1, 20, 90}; err != nil || !slices.Equal(b.Bounds, want) {
		t.Errorf("bounds %v (%v), want %v", b.Bounds, err, want)
	}
	b, err = HeadTail([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
	if want := []float64{1, 10}; err != nil || !slices.Equal(b.Bounds, want) {
		t.Errorf("bounds %v (%v), want %v", b.Bounds, err, want)
	}
	// 16 ones, 4 twos-of-ten …: the mean 4.8 leaves 4 of 20 above, whose mean
	// 20 leaves 1 of 4.
	values := []float64{10, 10, 10, 50}
	for range 16 {
		values = append(values, 1)
	}
	b, err = HeadTail(values)
	if want := []float64{1, 4.8, 20, 50}; err != nil || !near(b.Bounds, want, 1e-12) {
		t.Errorf("bounds %v (%v), want %v", b.Bounds, err, want)
	}
}

// Whatever the values, every method gives each of them a class and ascending
// bounds, and the order of the values changes nothing.
func TestEveryMethodTakesEveryValue(t *testing.T) {
	methods := map[string]func([]float64) (Breaks, error){
		"jenks":      func(v []float64) (Breaks, error) { return Jenks(v, 5) },
		"quantile":   func(v []float64) (Breaks, error) { return Quantile(v, 5) },
		"equal":      func(v []float64) (Breaks, error) { return Equal(v, 5) },
		"pretty":     func(v []float64) (Breaks, error) { return Pretty(v, 5) },
		"sd":         func(v []float64) (Breaks, error) { return StandardDeviation(v) },
		"percentile": Percentile,
		"box":        func(v []float64) (Breaks, error) { return Box(v, 1.5) },
		"headtail":   HeadTail,
	}
	random := rand.New(rand.NewPCG(3, 8))
	for range 200 {
		values := make([]float64, 1+random.IntN(40))
		power := math.Pow(10, float64(random.IntN(30)-15))
		for i := range values {
			values[i] = float64(random.IntN(20)-5) * power
		}
		for name, cut := range methods {
			b, err := cut(values)
			if err != nil {
				t.Fatalf("%s of %v: %v", name, values, err)
			}
			if !slices.IsSorted(b.Bounds) || b.Len() < 1 {
				t.Fatalf("%s of %v: bounds %v", name, values, b.Bounds)
			}
			for _, v := range values {
				if b.Class(v) == NoClass {
					t.Errorf("%s: %v has no class among %v", name, v, b.Bounds)
				}
			}
			if name == "sd" || name == "headtail" {
				continue // means depend on the order by a rounding error
			}
			mixed := slices.Clone(values)
			random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			if c, _ := cut(mixed); !slices.Equal(b.Bounds, c.Bounds) {
				t.Errorf("%s: order changes %v to %v", name, b.Bounds, c.Bounds)
			}
		}
	}
}

func TestMethodsRefuse(t *testing.T) {
	for _, cut := range []func([]float64) (Breaks, error){
		func(v []float64) (Breaks, error) { return Jenks(v, 5) }, func(v []float64) (Breaks, error) { return Pretty(v, 5) },
		func(v []float64) (Breaks, error) { return StandardDeviation(v) }, Percentile, HeadTail,
		func(v []float64) (Breaks, error) { return Box(v, 1.5) },
	} {
		if _, err := cut(nil); !errors.Is(err, ErrNoValues) {
			t.Errorf("no values: %v", err)
		}
		if _, err := cut([]float64{1, math.NaN()}); !errors.Is(err, ErrValue) {
			t.Errorf("NaN: %v", err)
		}
	}
	for _, hinge := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := Box([]float64{1, 2}, hinge); !errors.Is(err, ErrHinge) {
			t.Errorf("hinge %v: %v", hinge, err)
		}
	}
	if _, err := Jenks([]float64{1}, 0); !errors.Is(err, ErrCount) {
		t.Errorf("no classes: %v", err)
	}
}

// At 220, 2,000, 9,367 and 50,000 wards, 5 classes.
func BenchmarkJenks(b *testing.B) {
	for _, n := range []int{220, 2000, 9367, 50000} {
		random := rand.New(rand.NewPCG(1, 1))
		values := make([]float64, n)
		for i := range values {
			values[i] = random.Float64()
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := Jenks(values, 5); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
