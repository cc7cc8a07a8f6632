package autocorr

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/smooth"
	"chatmrpt/geo/weights"
)

// same is the tolerance of the reference answers: 1e-9, relative where the
// figure is larger than 1.
func same(a, b float64) bool { return near(a, b, 1e-9) }

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

// queen reads spdep's queen links as binary weights.
func queen(t testing.TB, place string, n int) *weights.Weights {
	t.Helper()
	rows := beside.CSV(t, "reference/spdep/"+place+"_queen_links.csv.gz")
	out := make(weights.Neighbours, n)
	for _, row := range rows[1:] {
		from, err1 := strconv.Atoi(row[0])
		to, err2 := strconv.Atoi(row[1])
		if err1 != nil || err2 != nil {
			t.Fatal(row)
		}
		out[from-1] = append(out[from-1], to-1)
	}
	return out.Binary()
}

// unlinked drops the three national links that libpysal doesn't find, 1e-14°
// apart (reference/README.md).
func unlinked(t testing.TB, w *weights.Weights) *weights.Weights {
	t.Helper()
	n := w.Neighbours()
	for _, pair := range [][2]int{{5380, 5529}, {6826, 6841}, {6830, 6843}} {
		for k, i := range pair {
			n[i] = slices.DeleteFunc(n[i], func(j int) bool { return j == pair[1-k] })
		}
	}
	return n.Binary()
}

func rows(t testing.TB, w *weights.Weights) *weights.Weights {
	t.Helper()
	return styled(t, w, weights.StyleW)
}

func styled(t testing.TB, w *weights.Weights, s weights.Style) *weights.Weights {
	t.Helper()
	out, err := w.Standardise(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// table reads the columns of a reference table; what is no number is NaN.
func table(t testing.TB, name string) map[string][]float64 {
	t.Helper()
	rows := beside.CSV(t, name)
	out := map[string][]float64{}
	for k, column := range rows[0] {
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[k], 64)
			if err != nil {
				v = math.NaN()
			}
			out[column] = append(out[column], v)
		}
	}
	return out
}

func texts(t testing.TB, name, column string) []string {
	t.Helper()
	rows := beside.CSV(t, name)
	at := slices.Index(rows[0], column)
	var out []string
	for _, row := range rows[1:] {
		out = append(out, row[at])
	}
	return out
}

// global is how reference/spdep/*.json writes a statistic.
type global struct {
	I, C, E, Var, Z float64
	PGreater        float64 `json:"p_greater"`
	P               any
	G               float64
	Mean            float64 `json:"sim_mean"`
	SD              float64 `json:"sim_sd"`
}

// cases are the variables of reference/spdep.
var cases = []struct {
	place, name string
	n           int
}{
	{"columbus", "CRIME", 49}, {"columbus", "HOVAL", 49}, {"columbus", "INC", 49},
	{"natregimes", "HR60", 3085}, {"natregimes", "HR90", 3085}, {"national", "tpr", 9367}, {"national", "rainfall", 9367},
}

func localFile(place, name string) string {
	if place == "columbus" {
		return fmt.Sprintf("reference/spdep/columbus_local_%s.csv", name)
	}
	return fmt.Sprintf("reference/spdep/%s_local_%s.csv.gz", place, name)
}

// spdep 1.2.7: moran.test by both assumptions and with binary weights,
// geary.test, globalG.test; reference/spdep/{columbus,natregimes,national}.json.
func TestGlobalEqualsSpdep(t *testing.T) {
	for _, c := range cases {
		t.Run(c.place+" "+c.name, func(t *testing.T) {
			var file map[string]json.RawMessage
			beside.JSON(t, "reference/spdep/"+c.place+".json", &file)
			var want map[string]global
			if err := json.Unmarshal(file[c.name], &want); err != nil {
				t.Fatal(err)
			}
			x := table(t, localFile(c.place, c.name))["x"]
			binary := queen(t, c.place, c.n)
			row := rows(t, binary)
			moran, err := Moran(row, x)
			if err != nil {
				t.Fatal(err)
			}
			check(t, "Moran by randomisation", moran.Value, want["moran_randomisation"].I, moran.Random, want["moran_randomisation"])
			check(t, "Moran by normality", moran.Value, want["moran_normality"].I, moran.Normal, want["moran_normality"])
			if moran, err = Moran(binary, x); err != nil {
				t.Fatal(err)
			}
			check(t, "Moran, binary", moran.Value, want["moran_B_randomisation"].I, moran.Random, want["moran_B_randomisation"])
			geary, err := Geary(row, x)
			if err != nil {
				t.Fatal(err)
			}
			check(t, "Geary", geary.Value, want["geary"].C, geary.Random, want["geary"])
			if p, isNumber := want["geary"].P.(float64); isNumber && !same(geary.Random.PLess(), p) {
				t.Errorf("Geary: p %v, want %v", geary.Random.PLess(), p)
			}
			g, err := GetisOrd(binary, x)
			if err != nil {
				t.Fatal(err)
			}
			check(t, "G", g.Value, want["globalG_B"].G, g.Random, want["globalG_B"])
		})
	}
}

func check(t *testing.T, what string, got, want float64, m Moments, ref global) {
	t.Helper()
	if !same(got, want) || !same(m.E, ref.E) || !near(m.Var/ref.Var, 1, 1e-9) {
		t.Errorf("%s: %v (E %v, Var %v), want %v (E %v, Var %v)", what, got, m.E, m.Var, want, ref.E, ref.Var)
	}
	if ref.Z != 0 && (!same(m.Z, ref.Z) || math.Abs(m.PGreater()-ref.PGreater) > 1e-9*ref.PGreater) {
		t.Errorf("%s: z %v, p %v; want %v, %v", what, m.Z, m.PGreater(), ref.Z, ref.PGreater)
	}
}

// esda 2.4.3: the same I and moments of Moran, two-sided p, and Moran of rates;
// reference/pysal. Its national weights lack three links.
func TestGlobalEqualsEsda(t *testing.T) {
	for _, c := range []struct {
		place, name string
		n           int
	}{{"columbus", "CRIME", 49}, {"columbus", "INC", 49}, {"natregimes", "HR90", 3085}, {"national", "tpr", 9367}} {
		var file map[string]json.RawMessage
		beside.JSON(t, "reference/pysal/"+c.place+".json", &file)
		var want struct {
			I           float64
			VNorm       float64 `json:"VI_norm"`
			VRand       float64 `json:"VI_rand"`
			ZNorm       float64 `json:"z_norm"`
			ZRand       float64 `json:"z_rand"`
			PNorm       float64 `json:"p_norm"`
			PRand       float64 `json:"p_rand"`
			Significant int     `json:"sig05"`
		}
		if err := json.Unmarshal(file[c.name], &want); err != nil {
			t.Fatal(err)
		}
		w := queen(t, c.place, c.n)
		if c.place == "national" {
			w = unlinked(t, w)
		}
		m, err := Moran(rows(t, w), table(t, fmt.Sprintf("reference/pysal/%s_local_%s.csv.gz", c.place, c.name))["x"])
		if err != nil {
			t.Fatal(err)
		}
		for what, pair := range map[string][2]float64{
			"I": {m.Value, want.I}, "z by normality": {m.Normal.Z, want.ZNorm}, "z by randomisation": {m.Random.Z, want.ZRand},
			"p by normality": {m.Normal.PTwoSided(), want.PNorm}, "p by randomisation": {m.Random.PTwoSided(), want.PRand},
			"variance by normality": {m.Normal.Var / want.VNorm, 1}, "variance by randomisation": {m.Random.Var / want.VRand, 1},
		} {
			if !same(pair[0], pair[1]) {
				t.Errorf("%s %s: %s is %v, want %v", c.place, c.name, what, pair[0], pair[1])
			}
		}
	}
}

// spdep's localmoran (conditional and total moments) and localG; our divisor
// n−1 is esda's.
func TestLocalEqualsSpdepAndEsda(t *testing.T) {
	for _, c := range cases {
		t.Run(c.place+" "+c.name, func(t *testing.T) {
			want := table(t, localFile(c.place, c.name))
			binary := queen(t, c.place, c.n)
			row := rows(t, binary)
			l, err := LocalMoran(row, want["x"], ByN)
			if err != nil {
				t.Fatal(err)
			}
			total, err := TotalMoments(row, want["x"], ByN)
			if err != nil {
				t.Fatal(err)
			}
			star, err := LocalG(binary, want["x"], true)
			if err != nil {
				t.Fatal(err)
			}
			starRow, err := LocalG(row, want["x"], true)
			if err != nil {
				t.Fatal(err)
			}
			g, err := LocalG(binary, want["x"], false)
			if err != nil {
				t.Fatal(err)
			}
			z := func(m []Moments, get func(Moments) float64) (out []float64) {
				for _, one := range m {
					out = append(out, get(one))
				}
				return out
			}
			value := func(m Moments) float64 { return m.Z }
			each(t, "lag", row.Lag(want["x"]), want["lag"])
			each(t, "I", l.Value, want["Ii"])
			each(t, "conditional E", z(l.Moments, func(m Moments) float64 { return m.E }), want["E_cond"])
			each(t, "conditional variance", z(l.Moments, func(m Moments) float64 { return m.Var }), want["Var_cond"])
			each(t, "conditional z", z(l.Moments, value), want["Z_cond"])
			each(t, "two-sided p", z(l.Moments, Moments.PTwoSided), want["P_two_cond"])
			each(t, "total E", z(total, func(m Moments) float64 { return m.E }), want["E_tot"])
			each(t, "total variance", z(total, func(m Moments) float64 { return m.Var }), want["Var_tot"])
			each(t, "total z", z(total, value), want["Z_tot"])
			each(t, "Gi*, binary", star.Value, want["Gi_star_B"])
			each(t, "Gi*, by rows", starRow.Value, want["Gi_star_W"])
			each(t, "Gi", g.Value, want["Gi_B"])
			// spdep cuts the lags at the mean of the lags, esda, GeoDa and we
			// at the mean of the values; the own value's side is the same.
			mean, lags := sum(want["lag"])/float64(c.n), want["lag"]
			for i, q := range texts(t, localFile(c.place, c.name), "quad_mean") {
				own := 1.0
				if l.Quadrant[i] == LowLow || l.Quadrant[i] == LowHigh {
					own = -1
				}
				if theirs := quadrant(own, lags[i]-mean).String(); theirs != q {
					t.Errorf("area %d is %s by the mean of the lags, want %s", i, theirs, q)
				}
			}
		})
	}
	for _, c := range cases[:6] {
		want := table(t, fmt.Sprintf("reference/pysal/%s_local_%s.csv.gz", c.place, c.name))
		w := queen(t, c.place, c.n)
		if c.place == "national" {
			w = unlinked(t, w)
		}
		l, err := LocalMoran(rows(t, w), want["x"], ByNMinus1)
		if err != nil {
			t.Fatal(err)
		}
		star, err := LocalG(rows(t, w), want["x"], true)
		if err != nil {
			t.Fatal(err)
		}
		each(t, c.name+": I of esda", l.Value, want["Is"])
		each(t, c.name+": Gi* of esda", star.Value, want["Zs"])
		for i, q := range want["q"] {
			// esda numbers the quadrants HH 1, LH 2, LL 3, HL 4.
			if ours := map[Quadrant]float64{HighHigh: 1, LowHigh: 2, LowLow: 3, HighLow: 4}[l.Quadrant[i]]; ours != q {
				t.Errorf("%s: area %d is in quadrant %v, want %v", c.name, i, ours, q)
			}
		}
	}
}

// each compares two columns and says of how many areas they differ.
func each(t *testing.T, what string, got, want []float64) {
	t.Helper()
	differ, first := 0, ""
	for i, v := range want {
		if !same(got[i], v) {
			if differ++; differ == 1 {
				first = fmt.Sprintf("area %d is %v, want %v", i, got[i], v)
			}
		}
	}
	if differ > 0 {
		t.Errorf("%s: %d differ; %s", what, differ, first)
	}
}

//go:embed testdata/spdep.json
var spdepAnswers []byte

// own reads testdata/spdep.json.
func own(t testing.TB) map[string][]float64 {
	t.Helper()
	var out map[string][]float64
	if err := json.Unmarshal(spdepAnswers, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// joincount.test and joincount.multi, geary.test(randomisation = FALSE), the
// styles, localC and a bivariate Moran of spdep 1.2.7: testdata/spdep.R.
func TestOtherStatisticsEqualSpdep(t *testing.T) {
	want := own(t)
	binary := queen(t, "columbus", 49)
	row := rows(t, binary)
	crime, inc := want["crime"], want["inc"]
	high := make([]bool, len(crime))
	for i, v := range crime {
		high[i] = v > 35
	}
	j, err := JoinCounts(binary, high)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]Global{"join_high": j.BB, "join_low": j.WW, "join_mixed": j.BW} {
		each(t, name, []float64{got.Value, got.Random.E, got.Random.Var}, want[name])
	}
	geary, err := Geary(row, crime)
	if err != nil {
		t.Fatal(err)
	}
	each(t, "geary_normal", []float64{geary.Value, geary.Normal.E, geary.Normal.Var}, want["geary_normal"])
	for name, s := range map[string]struct {
		f func(*weights.Weights, []float64) (Global, error)
		w *weights.Weights
	}{"geary_B": {Geary, binary}, "moran_S": {Moran, styled(t, binary, weights.StyleS)}, "globalG_W": {GetisOrd, row}} {
		g, err := s.f(s.w, crime)
		if err != nil {
			t.Fatal(err)
		}
		each(t, name, []float64{g.Value, g.Random.E, g.Random.Var}, want[name])
	}
	local, err := LocalGeary(row, crime)
	if err != nil {
		t.Fatal(err)
	}
	each(t, "localC", local.Value, want["localC"])
	gi, err := LocalG(row, crime, false)
	if err != nil {
		t.Fatal(err)
	}
	each(t, "gi_W", gi.Value, want["gi_W"])
	both, err := BivariateMoran(row, crime, inc)
	if err != nil {
		t.Fatal(err)
	}
	each(t, "bivariate", []float64{both.Value}, want["bivariate"])
	pairs, err := LocalBivariate(row, crime, inc)
	if err != nil {
		t.Fatal(err)
	}
	each(t, "bivariate_local", pairs.Value, want["bivariate_local"])
}

// EBImoran.mc of spdep and Moran_Rate of esda; its national weights lack three
// links.
func TestRateMoranEqualsSpdepAndEsda(t *testing.T) {
	few := Permutations{Count: 9, Seed: 1}
	for _, place := range []struct {
		name string
		n    int
	}{{"natregimes", 3085}, {"national", 9367}} {
		var r struct {
			EB struct {
				I float64 `json:"EBImoran"`
			}
		}
		var esda struct {
			Rate struct{ I float64 } `json:"Moran_Rate"`
		}
		beside.JSON(t, "reference/spdep/"+place.name+".json", &r)
		beside.JSON(t, "reference/pysal/"+place.name+".json", &esda)
		columns := table(t, "reference/pysal/"+place.name+"_EB.csv.gz")
		c := smooth.Counts{Events: columns["e"], Persons: columns["b"], Present: slices.Repeat([]bool{true}, place.n)}
		w := queen(t, place.name, place.n)
		g, err := few.RateMoran(t.Context(), rows(t, w), c)
		if err != nil || !same(g.Value, r.EB.I) {
			t.Errorf("%s: %v (%v), spdep has %v", place.name, g.Value, err, r.EB.I)
		}
		if place.name == "national" {
			w = unlinked(t, w)
		}
		if g, err = few.RateMoran(t.Context(), rows(t, w), c); err != nil || !same(g.Value, esda.Rate.I) {
			t.Errorf("%s: %v (%v), esda has %v", place.name, g.Value, err, esda.Rate.I)
		}
	}
}
