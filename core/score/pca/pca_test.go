package pca

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
)

// near reports agreement to 1e-9, relative for numbers above one.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// columns reads the named columns of a CSV file.
func columns(t testing.TB, file string, names []string) [][]float64 {
	t.Helper()
	rows := beside.CSV(t, file)
	out := make([][]float64, len(names))
	for k, name := range names {
		at := slices.Index(rows[0], name)
		if at < 0 {
			t.Fatalf("%s has no column %s", file, name)
		}
		for _, row := range rows[1:] {
			x, err := strconv.ParseFloat(row[at], 64)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			out[k] = append(out[k], x)
		}
	}
	return out
}

func mustData(t testing.TB, names []string, c [][]float64, turn ...bool) *Data {
	t.Helper()
	if len(turn) == 0 {
		turn = make([]bool, len(names))
	}
	d, err := NewData(names, c, turn)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustComponents(t testing.TB, d *Data) []Component {
	t.Helper()
	c, err := d.Components()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// psychCase is what psych::KMO, psych::cortest.bartlett and prcomp of R gave.
type psychCase struct {
	N    int
	Vars []string
	Det  float64
	KMO  struct {
		MSA  float64
		MSAi map[string]float64
	}
	Bartlett struct {
		Chisq, P, DF float64
		LogP         float64 `json:"log_p"`
	}
	Sdev     []float64
	VarRatio []float64 `json:"var_ratio"`
}

func psychCases(t *testing.T) map[string]psychCase {
	var out map[string]psychCase
	beside.JSON(t, "reference/pca/kmo_bartlett_pca.json", &out)
	return out
}

// standardised is the table behind a case. That of Ilorin is among the shared
// files. The other two were imputed in a way that is not recorded, but all
// components are: prcomp's scores times the transposed loadings are the
// standardised table again, from which psych's figures must follow.
func standardised(t *testing.T, name string, vars []string) [][]float64 {
	if name == "ilorin" {
		return columns(t, "reference/textbook/ilorin_imputed.csv.gz", vars)
	}
	pcs := componentNames(len(vars))
	rotation := columns(t, "reference/pca/"+name+"_rotation.csv", pcs)
	scores := columns(t, "reference/pca/"+name+"_scores.csv", pcs)
	out := make([][]float64, len(vars))
	for k := range vars {
		out[k] = make([]float64, len(scores[0]))
		for i := range out[k] {
			for c := range pcs {
				out[k][i] += scores[c][i] * rotation[c][k]
			}
		}
	}
	return out
}

func componentNames(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("PC%d", i+1))
	}
	return out
}

// R's psych and prcomp on Ilorin (35 wards, 5 variables), MRPT's demonstration
// table (66 wards, 8) and the nation (9,367 wards, 10): KMO overall and per variable, Bartlett's χ² and the
// logarithm of p, correlations, standard deviations, loadings and scores.
func TestAgainstPsychAndPrcomp(t *testing.T) {
	for name, want := range psychCases(t) {
		d := mustData(t, want.Vars, standardised(t, name, want.Vars))
		s := d.Suitability()
		if s.Rows != want.N || !near(s.KMO, want.KMO.MSA) || !near(s.ChiSquare, want.Bartlett.Chisq) ||
			float64(s.Freedom) != want.Bartlett.DF || !near(s.LogP, want.Bartlett.LogP) || !near(s.Determinant, want.Det) {
			t.Errorf("%s: %+v, R gives %+v", name, s, want)
		}
		for k, v := range want.Vars {
			if !near(s.PerVariable[k], want.KMO.MSAi[v]) {
				t.Errorf("%s: KMO of %s is %.15g, R gives %.15g", name, v, s.PerVariable[k], want.KMO.MSAi[v])
			}
		}
		r := d.Correlation()
		for j, c := range columns(t, "reference/pca/"+name+"_cor.csv", want.Vars) {
			for i, x := range c {
				if !near(r.At(i, j), x) {
					t.Errorf("%s: correlation %d, %d is %.15g, R gives %.15g", name, i, j, r.At(i, j), x)
				}
			}
		}
		comparePrcomp(t, name, d, want)
	}
}

// comparePrcomp allows for the sign, which R leaves to chance.
func comparePrcomp(t *testing.T, name string, d *Data, want psychCase) {
	t.Helper()
	pcs := componentNames(len(want.Vars))
	rotation := columns(t, "reference/pca/"+name+"_rotation.csv", pcs)
	scores := columns(t, "reference/pca/"+name+"_scores.csv", pcs)
	for i, c := range mustComponents(t, d) {
		if !near(math.Sqrt(c.Eigenvalue), want.Sdev[i]) || !near(c.Share, want.VarRatio[i]) {
			t.Errorf("%s PC%d: sd %.15g share %.15g, R gives %.15g and %.15g", name, i+1, math.Sqrt(c.Eigenvalue), c.Share, want.Sdev[i], want.VarRatio[i])
		}
		sign, sum := 1.0, 0.0
		for k, l := range c.Loadings {
			sum += l
			if l*rotation[i][k] < 0 && math.Abs(l) > 0.1 {
				sign = -1
			}
		}
		if sum <= 0 {
			t.Errorf("%s PC%d points away from risk: its loadings add up to %v", name, i+1, sum)
		}
		for k, l := range c.Loadings {
			if !near(sign*l, rotation[i][k]) {
				t.Errorf("%s PC%d: loading of %s is %.15g, R gives %.15g", name, i+1, want.Vars[k], l, rotation[i][k])
			}
		}
		for row, x := range d.Scores(c) {
			if !near(sign*x, scores[i][row]) {
				t.Fatalf("%s PC%d: score of row %d is %.15g, R gives %.15g", name, i+1, row+1, x, scores[i][row])
			}
		}
	}
}

// The stock-R textbook run on tables imputed from neighbours: scores by ward.
func TestAgainstTextbookPrcomp(t *testing.T) {
	var doc struct{ Prcomp struct{ Sdev []float64 } }
	for _, name := range []string{"ilorin", "national"} {
		beside.JSON(t, "reference/textbook/"+name+".json", &doc)
		rows := beside.CSV(t, "reference/textbook/"+name+"_imputed.csv.gz")
		vars := rows[0][1:]
		d := mustData(t, vars, columns(t, "reference/textbook/"+name+"_imputed.csv.gz", vars))
		first := mustComponents(t, d)[0]
		if !near(math.Sqrt(first.Eigenvalue), doc.Prcomp.Sdev[0]) {
			t.Errorf("%s: sd %.15g, R gives %.15g", name, math.Sqrt(first.Eigenvalue), doc.Prcomp.Sdev[0])
		}
		want := columns(t, "reference/textbook/"+name+"_prcomp_scores.csv.gz", []string{"PC1"})[0]
		got := d.Scores(first)
		sign := 1.0
		if got[0]*want[0] < 0 {
			sign = -1
		}
		for i := range want {
			if !near(sign*got[i], want[i]) {
				t.Fatalf("%s row %d: %.15g, R gives %.15g", name, i+1, got[i], want[i])
			}
		}
	}
}

// Components of data with some variables stored the other way round and marked
// so are those of the data itself, whichever variables these are.
func TestSignIsStableUnderFlips(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 3))
		names, c := related(rng, 5, 40)
		want := mustComponents(t, mustData(t, names, c))
		turn := make([]bool, len(c))
		flipped := make([][]float64, len(c))
		for k := range c {
			turn[k] = rng.IntN(2) == 0
			flipped[k] = slices.Clone(c[k])
			for i := range flipped[k] {
				if turn[k] {
					flipped[k][i] = -3 - 2*flipped[k][i]
				}
			}
		}
		got := mustComponents(t, mustData(t, names, flipped, turn...))
		for i := range want {
			for k := range want[i].Loadings {
				if math.Abs(got[i].Loadings[k]-want[i].Loadings[k]) > 1e-8 {
					t.Fatalf("seed %d PC%d: %v, before the flips %v", seed, i+1, got[i].Loadings, want[i].Loadings)
				}
			}
		}
	}
}

// related makes variables that share a common part.
func related(rng *rand.Rand, p, n int) (names []string, c [][]float64) {
	c = make([][]float64, p)
	for range n {
		common := rng.NormFloat64()
		for k := range c {
			c[k] = append(c[k], common*float64(k+1)/2+rng.NormFloat64())
		}
	}
	for k := range c {
		names = append(names, fmt.Sprintf("v%d", k))
	}
	return names, c
}

// Longley's employment data (Journal of the American Statistical Association
// 62, 1967), the standard example of collinearity. The factors are those that
// R's car::vif and SAS print.
func TestVIFOfLongley(t *testing.T) {
	names := []string{"deflator", "gnp", "unemployed", "forces", "population", "year"}
	rows := [][]float64{
		{83, 234.289, 235.6, 159, 107.608, 1947}, {88.5, 259.426, 232.5, 145.6, 108.632, 1948}, {88.2, 258.054, 368.2, 161.6, 109.773, 1949},
		{89.5, 284.599, 335.1, 165, 110.929, 1950}, {96.2, 328.975, 209.9, 309.9, 112.075, 1951}, {98.1, 346.999, 193.2, 359.4, 113.27, 1952},
		{99, 365.385, 187, 354.7, 115.094, 1953}, {100, 363.112, 357.8, 335, 116.219, 1954}, {101.2, 397.469, 290.4, 304.8, 117.388, 1955},
		{104.6, 419.18, 282.2, 285.7, 118.734, 1956}, {108.4, 442.769, 293.6, 279.8, 120.445, 1957}, {110.8, 444.546, 468.1, 263.7, 121.95, 1958},
		{112.6, 482.704, 381.3, 255.2, 123.366, 1959}, {114.2, 502.601, 393.1, 251.4, 125.368, 1960}, {115.7, 518.173, 480.6, 257.2, 127.852, 1961},
		{116.9, 554.894, 400.7, 282.7, 130.081, 1962},
	}
	c := make([][]float64, len(names))
	for _, row := range rows {
		for k, x := range row {
			c[k] = append(c[k], x)
		}
	}
	want := []float64{135.53244, 1788.51348, 33.61889, 3.58893, 399.15102, 758.98060}
	for k, got := range mustData(t, names, c).VIF() {
		if math.Abs(got-want[k]) > 5e-5*max(1, want[k]/100) {
			t.Errorf("VIF of %s is %.5f, published %.5f", names[k], got, want[k])
		}
	}
}

// A variable that follows from others: not suited, with the reason, and no
// number made up for it.
func TestUnsuitedDataSaysWhy(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	names, c := related(rng, 3, 30)
	sum := make([]float64, 30)
	for i := range sum {
		sum[i] = 2*c[0][i] + c[1][i]
	}
	noise := make([][]float64, 4)
	for k := range noise {
		for range 30 {
			noise[k] = append(noise[k], rng.NormFloat64())
		}
	}
	four := []string{"a", "b", "c", "d"}
	for word, d := range map[string]*Data{
		"follows exactly":    mustData(t, four, append(slices.Clone(c), sum)),
		"at least 3":         mustData(t, names[:2], c[:2]),
		"more wards":         mustData(t, names, [][]float64{{1, 2, 3}, {2, 1, 4}, {1, 5, 2}}),
		"too little":         mustData(t, four, noise),
		"could be chance: B": mustData(t, names, [][]float64{c[0][:5], noise[1][:5], c[2][:5]}),
	} {
		s := d.Suitability()
		if word == "could be chance: B" && strings.Contains(s.Reason, "too little") {
			continue // either reason will do for five rows
		}
		if s.Suited || !strings.Contains(s.Reason, word) {
			t.Errorf("%s: %+v", word, s)
		}
	}
	if vif := mustData(t, four, append(slices.Clone(c), sum)).VIF(); !math.IsInf(vif[0], 1) {
		t.Errorf("VIF %v", vif)
	}
	if _, err := NewData([]string{"a"}, [][]float64{{1, 1}}, []bool{false}); !errors.Is(err, ErrConstant) {
		t.Errorf("constant: %v", err)
	}
}

// The largest eigenvalue of random data has, for correlations as for
// covariances, Tracy and Widom's distribution around ((√(n−1) + √p)²) ÷ n;
// its 95 % quantile is 0.9793 of their scale above it (Johnstone, Annals of
// Statistics 29, 2001; for correlations Bao, Pan and Zhou, Electronic Journal of
// Probability 17, 2012). Both are limits: at 80 variables dividing each column
// by its own deviation still lowers the largest eigenvalue by the order of
// 1 ÷ p, 1.4 % here, so the bound is 2 %.
func TestParallelAgainstTracyWidom(t *testing.T) {
	names, c := related(rand.New(rand.NewPCG(2, 2)), 80, 800)
	d := mustData(t, names, c)
	got, err := d.Parallel(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	n, p := math.Sqrt(799), math.Sqrt(80.0)
	want := ((n+p)*(n+p) + 0.9793*(n+p)*math.Cbrt(1/n+1/p)) / 800
	if math.Abs(got[0]-want) > 0.02*want {
		t.Errorf("95 %% of the largest eigenvalues are below %v, Tracy and Widom say %v", got[0], want)
	}
	again, _ := d.Parallel(t.Context(), 1)
	other, _ := d.Parallel(t.Context(), 2)
	if !slices.Equal(got, again) || slices.Equal(got, other) {
		t.Error("the seed does not decide")
	}
	if k := ByParallel(mustComponents(t, d), got); k != 1 {
		t.Errorf("%d components of data with one common part", k)
	}
}

func TestNumberOfComponents(t *testing.T) {
	var c []Component
	for _, e := range []float64{2.5, 1.2, .9, .4} {
		c = append(c, Component{Eigenvalue: e, Share: e / 5})
	}
	if Kaiser(c) != 2 || ByShare(c, .5) != 1 || ByShare(c, .74) != 2 || ByShare(c, 1) != 4 || ByParallel(c, []float64{3, 1, 1, 1}) != 1 || ByParallel(c, []float64{1.3, 1.1, .8, .7}) != 3 {
		t.Error("another number of components")
	}
	d := mustData(t, []string{"a", "b"}, [][]float64{{1, 2, 3}, {1, 3, 2}})
	two := mustComponents(t, d)
	w := d.Weighted(two, 2)
	for i, s := range d.Scores(two[0]) {
		if want := s*.75 + d.Scores(two[1])[i]*.25; math.Abs(w[i]-want) > 1e-12 {
			t.Errorf("row %d: %v, want %v", i, w[i], want) // eigenvalues 1.5 and 0.5
		}
	}
}

// The order of rows and columns changes the components in nothing but the
// order of the loadings.
func TestOrderOfRowsAndColumns(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 5))
		names, c := related(rng, 4, 25)
		want := mustComponents(t, mustData(t, names, c))
		rows, at := rng.Perm(25), rng.Perm(4)
		moved := make([][]float64, 4)
		for k := range moved {
			for _, i := range rows {
				moved[k] = append(moved[k], c[at[k]][i])
			}
		}
		for i, g := range mustComponents(t, mustData(t, names, moved)) {
			for k := range at {
				if math.Abs(g.Loadings[k]-want[i].Loadings[at[k]]) > 1e-9 {
					t.Fatalf("seed %d PC%d: %v, in the other order %v", seed, i+1, want[i].Loadings, g.Loadings)
				}
			}
		}
	}
}

// How PCA grows: all of it but the parallel analysis.
func BenchmarkPCA(b *testing.B) {
	for _, n := range []int{220, 2_000, 9_367, 50_000} {
		names, c := related(rand.New(rand.NewPCG(9, 9)), 10, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			before := beside.CPU()
			for b.Loop() {
				d := mustData(b, names, c)
				d.Suitability()
				d.VIF()
				d.Scores(mustComponents(b, d)[0])
			}
			b.ReportMetric(float64(beside.CPU()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
