package sample

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func mustMake(t testing.TB, seed uint64, o Options) *State {
	t.Helper()
	s, err := Make(seed, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustFiles(t testing.TB, s *State) []File {
	t.Helper()
	list, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// small is a state that is quick to make and still has room for every fault.
func small() Options { return Options{LGAs: 5, Wards: 50} }

// unzipped gives the parts of a workbook one after the other: compressed bytes
// may change with the compressor, these may not.
func unzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, f.Name...), part...)
	}
	return out
}

// golden is the hash of all files of seed 1. When the sample is changed on
// purpose, the new one is in the failure's message.
const golden = "ecafe92295578d0c1efdc3d9af2627bde911b63a3a7b0eb2295e4b19ec5e56d1"

func TestGolden(t *testing.T) {
	h := sha256.New()
	for _, f := range mustFiles(t, mustMake(t, 1, Options{})) {
		data := f.Data
		if strings.HasSuffix(f.Name, ".xlsx") {
			data = unzipped(t, data)
		}
		io.WriteString(h, f.Name)
		h.Write(data)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != golden {
		t.Errorf("files of seed 1 hash to\n%s, want\n%s", got, golden)
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	a, b := mustFiles(t, mustMake(t, 3, small())), mustFiles(t, mustMake(t, 3, small()))
	if !reflect.DeepEqual(a, b) {
		t.Error("two runs of one seed differ")
	}
	other := mustFiles(t, mustMake(t, 4, small()))
	for i := range a {
		if bytes.Equal(a[i].Data, other[i].Data) {
			t.Errorf("%s is the same for two seeds", a[i].Name)
		}
	}
}

func TestEveryFileIsLabelled(t *testing.T) {
	for _, f := range mustFiles(t, mustMake(t, 1, small())) {
		data := f.Data
		if strings.HasSuffix(f.Name, ".xlsx") {
			data = unzipped(t, data)
		}
		if !bytes.Contains(data, []byte(Label)) {
			t.Errorf("%s does not say %s", f.Name, Label)
		}
		if f.What == "" {
			t.Errorf("%s is not described", f.Name)
		}
	}
}

func TestDefaults(t *testing.T) {
	s := mustMake(t, 1, Options{})
	if len(s.LGAs) != 20 || len(s.Wards) != 220 || len(s.Facilities) != 450 || s.Options.Months != 24 {
		t.Errorf("%d LGAs, %d wards, %d facilities, %d months", len(s.LGAs), len(s.Wards), len(s.Facilities), s.Options.Months)
	}
	if s.Period(0) != "2023-01" || s.Period(23) != "2024-12" || s.period(20) != "September 2024" {
		t.Errorf("periods %s, %s, %s", s.Period(0), s.Period(23), s.period(20))
	}
	levels := map[Level]int{}
	for _, f := range s.Facilities {
		levels[f.Level]++
	}
	if levels[Primary] != 360 || levels[Tertiary] != 5 {
		t.Errorf("levels %v", levels)
	}
}

func TestOptionsOutOfBounds(t *testing.T) {
	for _, o := range []Options{
		{LGAs: 3}, {LGAs: 31}, {LGAs: -1}, {Wards: 100}, {Wards: 301}, {Facilities: 100}, {Facilities: 1000},
		{FirstYear: 1990}, {Months: 11}, {Months: 61},
	} {
		_, err := Make(1, o)
		if !problem.Is(err, problem.Usage) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestSizesAndSeeds(t *testing.T) {
	for _, o := range []Options{{LGAs: 4, Wards: 32}, {LGAs: 4, Wards: 32, Facilities: 48}, {LGAs: 6, Months: 12}, {LGAs: 8, Wards: 120, Months: 36}} {
		for seed := range uint64(4) {
			s := mustMake(t, seed, o)
			checkNames(t, s)
			checkTruth(t, s)
		}
	}
}

func TestNames(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		s := mustMake(t, seed, Options{})
		checkNames(t, s)
		all := ""
		for _, w := range s.Wards {
			all += w.Name + "\n"
		}
		for _, shape := range []string{`/`, `'`, ` I\n`, ` II\n`, `\(Central\)`, `[a-z]-[A-Z]`, `na\n`, `Sabon Gari\n`, `Tudun Wada\n`, `Unguwar `, ` East\n`} {
			if !regexp.MustCompile(shape).MatchString(all) {
				t.Errorf("seed %d: no ward name with %q", seed, shape)
			}
		}
	}
}

func checkNames(t *testing.T, s *State) {
	t.Helper()
	if len(s.Truth.SameName) < 3 {
		t.Errorf("seed %d: %d names stand in several LGAs", s.Seed, len(s.Truth.SameName))
	}
	for _, wards := range s.Truth.SameName {
		if s.Wards[wards[0]].LGA == s.Wards[wards[1]].LGA || s.Wards[wards[0]].Name != s.Wards[wards[1]].Name {
			t.Errorf("seed %d: wards %v are no namesakes", s.Seed, wards)
		}
	}
	perLGA := map[int]map[string]bool{}
	for i, w := range s.Wards {
		if perLGA[w.LGA] == nil {
			perLGA[w.LGA] = map[string]bool{}
		}
		if perLGA[w.LGA][squash(w.Name)] {
			t.Errorf("seed %d: %s twice in %s", s.Seed, w.Name, s.LGAs[w.LGA].Name)
		}
		perLGA[w.LGA][squash(w.Name)] = true
		if !regexp.MustCompile(`^ZB\d{5}$`).MatchString(w.Code) || !strings.HasPrefix(w.Code, s.LGAs[w.LGA].Code) {
			t.Errorf("seed %d: code %s in LGA %s", s.Seed, w.Code, s.LGAs[w.LGA].Code)
		}
		if i > 0 && s.Wards[i-1].Code >= w.Code {
			t.Errorf("seed %d: codes %s, %s out of order", s.Seed, s.Wards[i-1].Code, w.Code)
		}
	}
	names := map[[2]string]bool{}
	for _, f := range s.Facilities {
		key := [2]string{s.LGAs[s.Wards[f.Ward].LGA].Name, f.Name}
		if names[key] {
			t.Errorf("seed %d: facility %v twice", s.Seed, key)
		}
		names[key] = true
	}
}

// checkTruth asks whether what is promised of the planted faults holds.
func checkTruth(t *testing.T, s *State) {
	t.Helper()
	tr := s.Truth
	share := func(n int) float64 { return float64(n) / float64(tr.Rows) }
	if u := share(tr.UnknownRows); u < 0.14 || u > 0.171 {
		t.Errorf("seed %d: %.3f of the rows have an unknown ward", s.Seed, u)
	}
	if i := share(tr.Impossible); i < 0.008 || i > 0.011 {
		t.Errorf("seed %d: %.4f of the rows are impossible", s.Seed, i)
	}
	if tr.PositiveOnly == 0 || tr.Duplicates == 0 || tr.TextCells == 0 || len(tr.Silent) < 2 || len(tr.MicroscopyOnly) < 2 || tr.TwoWayLGA.Rows == 0 {
		t.Errorf("seed %d: a fault is missing: %+v", s.Seed, []int{tr.PositiveOnly, tr.Duplicates, tr.TextCells, len(tr.Silent), len(tr.MicroscopyOnly), tr.TwoWayLGA.Rows})
	}
	for _, sp := range tr.Spellings {
		if sp.Rows == 0 || sp.Given == s.Wards[sp.Ward].Name {
			t.Errorf("seed %d: spelling %+v of %q stands nowhere", s.Seed, sp, s.Wards[sp.Ward].Name)
		}
	}
	known := map[int]bool{}
	for _, r := range s.sheet.rows {
		if f := s.Facilities[r.facility]; f.GivenWard != Unknown && f.Level == Primary && f.RDT && f.SilentSince < 0 {
			known[f.Ward] = true
		}
	}
	for w := range s.Wards {
		if known[w] == (w == tr.NoReports) {
			t.Errorf("seed %d: ward %d heard of: %v; the silent one is %d", s.Seed, w, known[w], tr.NoReports)
		}
	}
}

func TestTruth(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		s := mustMake(t, seed, Options{})
		checkTruth(t, s)
		kinds := map[string]int{}
		for _, sp := range s.Truth.Spellings {
			kinds[sp.Kind]++
		}
		for _, slip := range slips() {
			if kinds[slip.kind] == 0 {
				t.Errorf("seed %d: no ward with %s", seed, slip.kind)
			}
		}
	}
}

func TestCleanStateHasNoFault(t *testing.T) {
	o := small()
	o.Clean = true
	clean, faulty := mustMake(t, 2, o), mustMake(t, 2, small())
	tr := clean.Truth
	if n := tr.UnknownRows + tr.Impossible + tr.PositiveOnly + tr.Duplicates + tr.TextCells + tr.Unsent + tr.MissingCells +
		len(tr.Silent) + len(tr.Spellings) + tr.TwoWayLGA.Rows; n != 0 {
		t.Errorf("%d faults: %+v", n, tr)
	}
	if tr.Rows != len(clean.Facilities)*24 || tr.SparseWard != -1 || tr.TwoWayLGA.LGA != -1 {
		t.Errorf("%d rows, sparse ward %d, LGA in two spellings %d", tr.Rows, tr.SparseWard, tr.TwoWayLGA.LGA)
	}
	if !reflect.DeepEqual(clean.Wards, faulty.Wards) || !reflect.DeepEqual(clean.Truth.Risks, faulty.Truth.Risks) {
		t.Error("faults changed the wards or their risk")
	}
	for i, r := range clean.Truth.Reports {
		if r.Tested != faulty.Truth.Reports[i].Tested || r.Positive != faulty.Truth.Reports[i].Positive {
			t.Fatalf("faults changed what truly happened in report %d", i)
		}
	}
}

// correlation is Pearson's.
func correlation(x, y []float64) float64 {
	mean := func(v []float64) (m float64) {
		for _, a := range v {
			m += a / float64(len(v))
		}
		return m
	}
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
	}
	return xy / math.Sqrt(xx*yy)
}

func TestReportsFollowTheRisk(t *testing.T) {
	s := mustMake(t, 1, Options{})
	var seen, latent []float64
	for w := range s.Wards {
		positive, tested := s.Positivity(w, ByRDT, Under5, func(f Facility, _ Report) bool { return f.Level == Primary })
		if w == s.Truth.NoReports {
			if tested != 0 {
				t.Errorf("the ward without reports tested %d", tested)
			}
			continue
		}
		if tested < 60 || positive > tested {
			t.Errorf("ward %d: %d of %d", w, positive, tested)
		}
		seen = append(seen, float64(positive)/float64(tested))
		latent = append(latent, s.Truth.Risks[w].Positivity)
	}
	if c := correlation(seen, latent); c < 0.95 {
		t.Errorf("positivity follows the risk with correlation %.3f", c)
	}
	low, high := slices.Min(latent), slices.Max(latent)
	if low < 0.03 || low > 0.25 || high < 0.5 || high > 0.9 {
		t.Errorf("risk from %.2f to %.2f", low, high)
	}
	all, _ := s.Positivity(0, -1, -1, func(Facility, Report) bool { return true })
	sum := 0
	for test := range 2 {
		for age := range 3 {
			p, _ := s.Positivity(0, test, age, func(Facility, Report) bool { return true })
			sum += p
		}
	}
	if all != sum {
		t.Errorf("all positives %d, by test and age %d", all, sum)
	}
}

func TestRanksAreAPermutation(t *testing.T) {
	s := mustMake(t, 1, small())
	byRank := make([]float64, len(s.Wards))
	for _, r := range s.Truth.Risks {
		if byRank[r.Rank-1] != 0 {
			t.Fatalf("rank %d twice", r.Rank)
		}
		byRank[r.Rank-1] = r.Positivity
	}
	if !slices.IsSortedFunc(byRank, func(a, b float64) int { return int(math.Copysign(1, b-a)) }) {
		t.Errorf("rank 1 is not the highest: %v", byRank)
	}
}

func TestRiskFollowsTheEnvironment(t *testing.T) {
	s := mustMake(t, 1, Options{})
	column := func(v int) (out []float64) {
		for _, w := range s.Wards {
			out = append(out, w.Values[v])
		}
		return out
	}
	var risk []float64
	for _, r := range s.Truth.Risks {
		risk = append(risk, r.Positivity)
	}
	for v, sign := range map[int]float64{0: 1, 1: -1, 2: 1, 3: -1} {
		if c := correlation(column(v), risk); c*sign < 0.1 {
			t.Errorf("%s: correlation %.2f with the risk, want sign %g", Variables()[v], c, sign)
		}
	}
}

func TestSlips(t *testing.T) {
	byKind := map[string]func(string) (string, bool){}
	for _, s := range slips() {
		byKind[s.kind] = s.make
	}
	for _, c := range []struct{ kind, name, want string }{
		{"roman numeral as a digit", "Garumba II", "Garumba 2"},
		{"roman numeral as a digit", "Garumba III", "Garumba 3"},
		{"roman numeral as a digit", "Garumba", ""},
		{"hyphen as a blank", "Uki-Tuki", "Uki Tuki"},
		{"slash as a blank", "Garta/Ghumchi", "Garta Ghumchi"},
		{"blanks around the slash", "Garta/Ghumchi", "Garta / Ghumchi"},
		{"apostrophe dropped", "Ga'anda", "Gaanda"},
		{"na as 0", "Adena", "Ade0"}, // the example of spec/analytics.md §1.4
		{"na as 0", "Nana", "Na0"},
		{"na as 0", "naba", ""},
		{"double letter written once", "Mayo Inne", "Mayo Ine"},
		{"double letter written once", "Garumba II", ""},
		{"brackets dropped", "Garumba (Central)", "Garumba Central"},
		{"capitals", "Yelwa", "YELWA"},
		{"capitals", "Gidan Yelwa", ""},
		{"two blanks", "Tudun Wada", "Tudun  Wada"},
		{"blank dropped", "Gora Dansaka", "Goradansaka"},
		{"blank dropped", "Kudi II", ""},
	} {
		got, ok := byKind[c.kind](c.name)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s of %q: %q %v, want %q", c.kind, c.name, got, ok, c.want)
		}
	}
}

func TestSquash(t *testing.T) {
	for _, pair := range [][2]string{{"Garumba II", "GARUMBA 2"}, {"Uki-Tuki", "Uki Tuki"}, {"Mayo Inne", "Mayo Ine"}} {
		if squash(pair[0]) != squash(pair[1]) {
			t.Errorf("%q and %q squash to %q and %q", pair[0], pair[1], squash(pair[0]), squash(pair[1]))
		}
	}
	if squash("Garumba I") == squash("Garumba II") {
		t.Error("I and II squash alike")
	}
}

func BenchmarkMakeAndFiles(b *testing.B) {
	for b.Loop() {
		mustFiles(b, mustMake(b, 1, Options{}))
	}
}
