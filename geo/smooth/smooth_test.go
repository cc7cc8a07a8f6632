package smooth

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/weights"
)

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

func counts(events, persons []float64) Counts {
	return Counts{events, persons, slices.Repeat([]bool{true}, len(events))}
}

// spec/field.md §3, vector 9.
func TestGlobalVector(t *testing.T) {
	r, err := Global(counts([]float64{5, 40, 60, 30, 200}, []float64{20, 400, 200, 300, 400}), Poisson)
	if err != nil {
		t.Fatal(err)
	}
	if !near(r.Mean, .253788, 5e-7) || !near(r.Variance, .030274, 5e-7) {
		t.Errorf("θ₁ %v, θ₂ %v", r.Mean, r.Variance)
	}
	for i, want := range []float64{.251119, .103157, .298141, .104180, .494946} {
		if !near(r.Smoothed[i], want, 5e-7) {
			t.Errorf("area %d: %v, want %v", i, r.Smoothed[i], want)
		}
	}
}

// column reads one column of a table as numbers.
func column(t testing.TB, rows [][]string, name string) []float64 {
	t.Helper()
	at := slices.Index(rows[0], name)
	if at < 0 {
		t.Fatalf("no column %s in %v", name, rows[0])
	}
	var out []float64
	for _, row := range rows[1:] {
		if row[at] == "" {
			out = append(out, math.NaN())
			continue
		}
		v, err := strconv.ParseFloat(row[at], 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func links(t testing.TB, name string, n int) weights.Neighbours {
	t.Helper()
	rows := beside.CSV(t, name)
	out := make(weights.Neighbours, n)
	from, to := column(t, rows, "from"), column(t, rows, "to")
	for k := range from {
		out[int(from[k])-1] = append(out[int(from[k])-1], int(to[k])-1)
	}
	return out
}

// apart unlinks the three national pairs whose borders miss each other by
// 1e-14°, which libpysal doesn't link (reference/README.md).
func apart(n weights.Neighbours) {
	for _, pair := range [][2]int{{5380, 5529}, {6826, 6841}, {6830, 6843}} {
		for k, i := range pair {
			n[i] = slices.DeleteFunc(n[i], func(j int) bool { return j == pair[1-k] })
		}
	}
}

// spdep 1.2.7 EBest and esda's Empirical_Bayes and Spatial_Empirical_Bayes,
// reference/{spdep,pysal}/*_EB.csv.gz.
func TestEqualsSpdepAndEsda(t *testing.T) {
	for _, place := range []string{"natregimes", "national"} {
		theirs := beside.CSV(t, "reference/pysal/"+place+"_EB.csv.gz")
		r := beside.CSV(t, "reference/spdep/"+place+"_EB.csv.gz")
		c := counts(column(t, theirs, "e"), column(t, theirs, "b"))
		global, err := Global(c, Poisson)
		if err != nil {
			t.Fatal(err)
		}
		adjacent := links(t, "reference/spdep/"+place+"_queen_links.csv.gz", len(c.Events))
		if place == "national" {
			apart(adjacent)
		}
		local, err := Local(c, adjacent, Poisson)
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range []struct {
			what string
			got  []float64
			want []float64
		}{
			{"raw", global.Raw, column(t, theirs, "raw")},
			{"EB of esda", global.Smoothed, column(t, theirs, "EB")},
			{"EB of spdep", global.Smoothed, column(t, r, "EB")},
			{"spatial EB of esda", local.Smoothed, column(t, theirs, "spatialEB")},
		} {
			differ := 0
			for i, v := range check.want {
				if math.IsNaN(v) && check.got[i] == 0 {
					continue // no event in the whole neighbourhood: esda divides 0 by 0
				}
				if !near(check.got[i], v, 1e-9) {
					if differ++; differ <= 5 {
						t.Errorf("%s: %s of area %d is %v, want %v", place, check.what, i, check.got[i], v)
					}
				}
			}
			if differ > 5 {
				t.Errorf("%s: %s differs in %d areas", place, check.what, differ)
			}
		}
	}
}

// EBest(c(5,40,60,30,200), c(20,400,200,300,400), family = "binomial") of spdep
// 1.2.7.
func TestBinomialEqualsSpdep(t *testing.T) {
	r, err := Global(counts([]float64{5, 40, 60, 30, 200}, []float64{20, 400, 200, 300, 400}), Binomial)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.250779469418, 0.101966817997, 0.298832897709, 0.102611291918, 0.496851153453} {
		if !near(r.Smoothed[i], want, 1e-12) {
			t.Errorf("area %d: %v, want %v", i, r.Smoothed[i], want)
		}
	}
}

// Rates that vary less than chance would make them: all become the mean, and
// it is said of whom.
func TestNegativeVariance(t *testing.T) {
	for _, f := range []Family{Poisson, Binomial} {
		r, err := Global(counts([]float64{30, 31, 29}, []float64{100, 100, 100}), f)
		if err != nil || !(r.Variance < 0) || !slices.Equal(r.Negative, []int{0, 1, 2}) {
			t.Fatalf("%s: variance %v, areas %v (%v)", f, r.Variance, r.Negative, err)
		}
		for i, v := range r.Smoothed {
			if !near(v, .3, 1e-12) || r.Raw[i] == v && i > 0 {
				t.Errorf("%s: area %d is %v, raw %v", f, i, v, r.Raw[i])
			}
		}
	}
}

func TestAreasWithoutARate(t *testing.T) {
	c := counts([]float64{5, 0, 7, 8}, []float64{10, 0, 20, 30})
	c.Present[2] = false
	g, err := Global(c, Poisson)
	if err != nil || !slices.Equal(g.Known, []bool{true, false, false, true}) || !near(g.Mean, 13.0/40, 1e-15) {
		t.Errorf("%+v (%v)", g, err)
	}
	// The neighbours of 0 have no rate; 3 is an island.
	l, err := Local(c, weights.Neighbours{{1, 2}, {0}, {0}, nil}, Poisson)
	if err != nil || !slices.Equal(l.Alone, []int{0, 3}) || l.Smoothed[0] != .5 || !slices.Equal(l.Known, g.Known) {
		t.Errorf("%+v (%v)", l, err)
	}
}

// A smoothed rate lies between the raw one and the mean, nearer to the mean
// the fewer the persons; reordering the areas only reorders the rates.
func TestShrinkage(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 6))
	for _, f := range []Family{Poisson, Binomial} {
		for range 50 {
			n := 5 + random.IntN(30)
			e, p := make([]float64, n), make([]float64, n)
			for i := range e {
				p[i] = float64(1 + random.IntN(500))
				e[i] = float64(random.IntN(int(p[i]) + 1))
			}
			r, err := Global(counts(e, p), f)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range r.Smoothed {
				low, high := min(r.Raw[i], r.Mean), max(r.Raw[i], r.Mean)
				if v < low-1e-12 || v > high+1e-12 {
					t.Errorf("%s: %v is not between %v and %v", f, v, low, high)
				}
				for j := range r.Weight {
					if p[j] > p[i] && r.Weight[j] < r.Weight[i]-1e-12 {
						t.Errorf("%s: %v persons count %v, %v count %v", f, p[j], r.Weight[j], p[i], r.Weight[i])
					}
				}
			}
			slices.Reverse(e)
			slices.Reverse(p)
			back, err := Global(counts(e, p), f)
			if err != nil {
				t.Fatal(err)
			}
			slices.Reverse(back.Smoothed)
			for i, v := range back.Smoothed {
				if !near(v, r.Smoothed[i], 1e-12) {
					t.Errorf("%s: the order of the areas matters: %v and %v", f, v, r.Smoothed[i])
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	nan := math.NaN()
	ok := counts([]float64{1, 2}, []float64{10, 10})
	for _, tt := range []struct {
		c    Counts
		f    Family
		want error
	}{
		{ok, "normal", ErrFamily}, {counts([]float64{-1}, []float64{1}), Poisson, ErrEvents}, {counts([]float64{1}, []float64{nan}), Poisson, ErrEvents},
		{counts([]float64{2}, []float64{1}), Binomial, ErrEvents}, {counts([]float64{0}, []float64{0}), Poisson, ErrNoRates},
		{Counts{[]float64{1}, []float64{1, 2}, []bool{true}}, Poisson, ErrShape},
	} {
		if _, err := Global(tt.c, tt.f); !errors.Is(err, tt.want) {
			t.Errorf("%v %s: %v, want %v", tt.c, tt.f, err, tt.want)
		}
	}
	if _, err := Local(ok, weights.Neighbours{nil}, Poisson); !errors.Is(err, ErrShape) {
		t.Errorf("neighbours of other areas: %v", err)
	}
	if _, err := Local(counts([]float64{0}, []float64{0}), weights.Neighbours{nil}, Poisson); !errors.Is(err, ErrNoRates) {
		t.Errorf("no rates: %v", err)
	}
}
