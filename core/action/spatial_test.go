package action

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

func spatialOf(stat, variable string) *Spatial {
	a := NewSpatial()
	a.Statistic, a.Var, a.Permutations = stat, variable, 199
	return a
}

// spatial makes one result of every kind that the act records.
func (b *bench) spatial() {
	b.t.Helper()
	joined := spatialOf(statRegions, "")
	joined.Vars, joined.Regions = []string{"positivity"}, 3
	for _, a := range []*Spatial{spatialOf(statMoran, "positivity"), spatialOf(statLISA, "positivity"), spatialOf(statEB, "positivity"), joined} {
		b.do(a)
	}
}

// columbusBench has GeoDa's sample neighbourhoods as its boundary layer.
func columbusBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	path := b.path("columbus.json")
	if err := os.WriteFile(path, beside.Read(t, "data/classic/columbus/columbus.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(&Import{Files: []string{path}, As: "boundaries", UnitColumn: "POLYID"})
	return b
}

// Through import and act: moran.test, geary.test and localmoran of spdep 1.2.7
// (reference/spdep/columbus.json and columbus_local_CRIME.csv), printed values
// of Moran's I 0.500188557182861 and Geary's C 0.540528202702068.
func TestSpatialEqualsSpdepThroughTheAct(t *testing.T) {
	b := columbusBench(t)
	for stat, want := range map[string][4]float64{
		statMoran: {0.500188557182861, -0.0208333333333333, 0.00868928920133206, 5.5893826750445},
		statGeary: {0.540528202702068, 1, 0.00938426377696502, (0.540528202702068 - 1) / math.Sqrt(0.00938426377696502)},
		statG:     {0.127807457381954, 0.100340136054422, 3.50705730380717e-05, (0.127807457381954 - 0.100340136054422) / math.Sqrt(3.50705730380717e-05)},
	} {
		r := b.do(spatialOf(stat, "CRIME"))
		for i, column := range []string{"value", "expected", "variance", "z"} {
			if got := numbers(t, r.Tables[0], column)[0]; math.Abs(got-want[i]) > 1e-9*max(1, math.Abs(want[i])) {
				t.Errorf("%s: %s is %v, want %v", stat, column, got, want[i])
			}
		}
	}
	a := spatialOf(statLISA, "CRIME")
	a.Divisor = "n"
	b.do(a)
	got := b.table(workspace.KindClusters, "lisa_CRIME")
	rows := beside.CSV(t, "reference/spdep/columbus_local_CRIME.csv")
	value, z := numbers(t, got, "statistic"), numbers(t, got, "z")
	for column, ours := range map[string][]float64{"Ii": value, "Z_cond": z, "lag": numbers(t, got, "neighbours"), "x": numbers(t, got, "value")} {
		at := slices.Index(rows[0], column)
		for i, row := range rows[1:] {
			var want float64
			if _, err := fmt.Sscan(row[at], &want); err != nil {
				t.Fatal(err)
			}
			if math.Abs(ours[i]-want) > 1e-9*max(1, math.Abs(want)) {
				t.Errorf("%s of row %d is %v, want %v", column, i, ours[i], want)
			}
		}
	}
}

// Every statistic on the made-up state: it is recorded with its method, names
// who is left out, and says the same again.
func TestEveryStatisticIsRecorded(t *testing.T) {
	b, s := rankedState(t, 13, small())
	for _, stat := range []string{statMoran, statGeary, statG, statJoin, statLISA, statLocalGeary, statGi, statGiStar} {
		a := spatialOf(stat, "positivity")
		if stat == statJoin {
			a.Above = "0.4"
		}
		r := b.do(a)
		run := b.run(r)
		if run.Seed != a.Seed || !strings.Contains(string(run.Params), `"Permutations":199`) {
			t.Errorf("%s: seed %d, parameters %s", stat, run.Seed, run.Params)
		}
		facts := r.Details.(spatialFacts)
		if facts.Wards+facts.Missing+len(facts.Islands) != len(s.Wards) || facts.Formula == "" || facts.Convention == "" || facts.Neighbours == "" {
			t.Errorf("%s: facts %+v", stat, facts)
		}
		if facts.Missing > 0 && !strings.Contains(strings.Join(r.Notices, "; "), "without a value") {
			t.Errorf("%s: %d missing, notices %v", stat, facts.Missing, r.Notices)
		}
		again := b.do(a)
		if again.Summary != r.Summary || again.Details.(spatialFacts).Corrected != facts.Corrected {
			t.Errorf("%s: first %q, then %q", stat, r.Summary, again.Summary)
		}
	}
}

// The classes of LISA follow the correction: with none more wards stand out
// than with FDR, and both counts are told each time.
func TestBothCountsAreTold(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	counts := map[string]int{}
	for _, correction := range []string{"fdr", "none", "bonferroni"} {
		a := spatialOf(statLISA, "positivity")
		a.Correction, a.Permutations = correction, 999
		r := b.do(a)
		facts := r.Details.(spatialFacts)
		got := b.table(workspace.KindClusters, "lisa_positivity")
		stands := 0
		for _, class := range texts(t, got, "class") {
			if class != classNone && class != "" {
				stands++
			}
		}
		counts[correction] = stands
		plain, corrected := 0, 0
		for i, p := range numbers(t, got, "p") {
			if p <= 0.05 {
				plain++
			}
			if texts(t, got, "significant_fdr")[i] == "yes" {
				corrected++
			}
		}
		if stands != facts.Corrected || plain != facts.Significant {
			t.Errorf("%s: %d stand out of %d, %d of %d without correction", correction, stands, facts.Corrected, plain, facts.Significant)
		}
		if want := fmt.Sprintf("%d significant at 0.05 without a correction, %d with the false discovery rate", plain, corrected); !strings.Contains(r.Summary, want) {
			t.Errorf("%s: %q lacks %q", correction, r.Summary, want)
		}
	}
	if !(counts["none"] > counts["fdr"] && counts["fdr"] >= counts["bonferroni"] && counts["fdr"] > 0) {
		t.Errorf("wards that stand out: %v", counts)
	}
}

// Every parameter changes something, or it would be a promise not kept.
func TestEveryChoiceOfSpatialCounts(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	base := func() *Spatial { return spatialOf(statLISA, "positivity") }
	b.do(base())
	before := b.latest(workspace.KindClusters, "lisa_positivity").SHA256
	for name, change := range map[string]func(*Spatial){
		"weights": func(a *Spatial) { a.Weights = "knn:4" }, "order": func(a *Spatial) { a.Weights = "queen:2" }, "style": func(a *Spatial) { a.Standardise = "none" }, "tolerance": func(a *Spatial) { a.Tolerance = 900 },
		"permutations": func(a *Spatial) { a.Permutations = 99 }, "seed": func(a *Spatial) { a.Seed = 7 }, "sides": func(a *Spatial) { a.Sides = "two" },
		"correction": func(a *Spatial) { a.Correction = "none" }, "alpha": func(a *Spatial) { a.Alpha = 0.5 }, "divisor": func(a *Spatial) { a.Divisor = "n" },
	} {
		a := base()
		change(a)
		b.do(a)
		if b.latest(workspace.KindClusters, "lisa_positivity").SHA256 == before {
			t.Errorf("%s changes nothing", name)
		}
	}
	with := base()
	with.With = "rainfall"
	b.do(with)
	rates := base()
	rates.Rates = true
	b.do(rates)
	if both, alone := b.latest(workspace.KindClusters, "lisa_positivity_with_rainfall"), b.latest(workspace.KindClusters, "lisa_positivity_rates"); both.SHA256 == alone.SHA256 {
		t.Error("a second variable and rates give the same")
	}
}

// A ward by itself is named and shown as such; one without a value is no data.
func TestIslandsAreNamed(t *testing.T) {
	b := newBench(t)
	text := squares("lga,name,a", "A,One,1", "A,Two,2", "A,Three,3", "A,Four,4", "A,Five,5", "A,Gap,", "A,Alone,9")
	b.do(&Import{Files: []string{b.write("wards.geojson", text)}})
	a := spatialOf(statLISA, "a")
	a.Permutations = 9
	r := b.do(a)
	got := b.table(workspace.KindClusters, "lisa_a")
	class, reason := texts(t, got, "class"), texts(t, got, "reason")
	// The squares stand in a row, so Alone has only Gap beside it.
	if class[6] != classIsland || reason[6] != "no neighbour with a value" || reason[5] != "no data" {
		t.Fatalf("classes %q, reasons %q", class, reason)
	}
	if all := strings.Join(r.Notices, "; "); !strings.Contains(all, "Alone") || !strings.Contains(all, "1 ward without a value of a") {
		t.Errorf("notices %q", all)
	}
	m := b.do(mapOf(statLISA))
	legend := legendOf(m.Scene)
	if !slices.Contains(legend, legendCount{classIsland, 1}) || !slices.Contains(legend, legendCount{"No data", 1}) {
		t.Errorf("legend %v", legend)
	}
}

// The map of clusters counts every ward once and says how they were found.
func TestClusterMaps(t *testing.T) {
	b, s := rankedState(t, 13, small())
	for _, stat := range []string{statLISA, statGiStar, statGi, statLocalGeary, statScan} {
		b.refuse(mapOf(stat), problem.NotFound)
		b.do(spatialOf(stat, "positivity"))
		r := b.do(mapOf(stat))
		total := 0
		for _, row := range legendOf(r.Scene) {
			total += row.wards
		}
		text := pageText(r.Scene)
		says := []string{"199", "permutations", "false", "discovery", "seed"}
		if stat == statScan {
			says = []string{"199", "repetitions", "Kulldorff", "seed"}
		}
		for _, want := range says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the map does not say %q", stat, want)
			}
		}
		if total != len(s.Wards) {
			t.Errorf("%s: the legend counts %d of %d wards", stat, total, len(s.Wards))
		}
	}
}

// The steadied rates stand beside the raw one and are offered as variables; the
// raw rate is the positivity that was computed.
func TestSmoothedRatesBecomeVariables(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	r := b.do(spatialOf(statEB, "positivity"))
	t1 := b.table(workspace.KindSmoothed, "eb_positivity")
	raw, eb, spatial := numbers(t, t1, "value"), numbers(t, t1, "eb"), numbers(t, t1, "eb_spatial")
	want := numbers(t, b.table(workspace.KindPositivity, ""), "value")
	facts := r.Details.(smoothFacts)
	moved := 0
	for i, v := range raw {
		if math.IsNaN(v) != math.IsNaN(want[i]) || !math.IsNaN(v) && math.Abs(v-want[i]) > 1e-12 {
			t.Fatalf("raw rate %d is %v, positivity %v", i, v, want[i])
		}
		if math.IsNaN(v) {
			continue
		}
		if math.Abs(eb[i]-facts.Mean) > math.Abs(v-facts.Mean)+1e-12 {
			t.Errorf("ward %d: %v is farther from the mean %v than %v", i, eb[i], facts.Mean, v)
		}
		if eb[i] != v && spatial[i] != eb[i] {
			moved++
		}
	}
	if moved == 0 {
		t.Error("nothing was steadied")
	}
	a := NewScore()
	a.Vars = []string{"positivity_eb", "positivity_eb_spatial", "rainfall"}
	scored := b.do(a)
	if strings.Contains(strings.Join(scored.Notices, " "), "measures malaria itself") {
		t.Error("a steadied positivity is not known to measure malaria")
	}
	m := mapOf("positivity_eb")
	if text := pageText(b.do(m).Scene); !strings.Contains(text, "empirical Bayes") {
		t.Errorf("the map says %q", text)
	}
}

// The scan finds the north-east's and the south's circle where they were put,
// and nothing else; the table of circles holds what the wards add up to.
func TestScanThroughTheAct(t *testing.T) {
	b := newBench(t)
	var lines []string
	for i := range 30 {
		cases := 10
		if i >= 4 && i < 8 {
			cases = 30
		}
		if i == 20 {
			cases = 45
		}
		lines = append(lines, fmt.Sprintf("A,W%d,%d,1000", i, cases))
	}
	b.do(&Import{Files: []string{b.write("wards.geojson", squares(append([]string{"lga,name,cases,people"}, lines...)...))}})
	a := spatialOf(statScan, "")
	a.Numerator, a.Denominator = "cases", "people"
	r := b.do(a)
	class := texts(t, b.table(workspace.KindClusters, "scan_cases_per_people"), "class")
	for i, c := range class {
		want := classNone
		switch {
		case i >= 4 && i < 8:
			want = classFirst
		case i == 20:
			want = classSecond
		}
		if c != want {
			t.Errorf("ward %d is %q, want %q", i, c, want)
		}
	}
	circles := r.Tables[0]
	if n, p := numbers(t, circles, "numerator"), numbers(t, circles, "p"); n[0] != 120 || n[1] != 45 || p[0] != .005 || !strings.Contains(r.Summary, "2 clusters") {
		t.Errorf("cases %v, p %v; %s", n, p, r.Summary)
	}
	a.Share = 51
	mustProblem(t, a.Check(), problem.Usage)
	a.Share, a.Radius = 50, -1
	mustProblem(t, a.Check(), problem.Usage)
}

// Regions hang together, are as many as asked for and are shown and exported.
func TestRegionsThroughTheAct(t *testing.T) {
	b, s := rankedState(t, 13, small())
	a := NewSpatial()
	a.Statistic, a.Vars, a.Regions, a.Least = statRegions, []string{"positivity", "rainfall"}, 4, 3
	b.refuse(mapOf(statRegions), problem.NotFound)
	r := b.do(a)
	facts := r.Details.(regionFacts)
	wards := 0.0
	for _, n := range numbers(t, r.Tables[0], "wards") {
		wards += n
		if n < 3 {
			t.Errorf("a region of %v wards", n)
		}
	}
	if int(wards)+facts.Missing != len(s.Wards) || facts.Made < 2 || facts.Within[len(facts.Within)-1] >= facts.Total {
		t.Errorf("%v wards, %+v", wards, facts)
	}
	total := 0
	for _, row := range legendOf(b.do(mapOf(statRegions)).Scene) {
		total += row.wards
	}
	if total != len(s.Wards) {
		t.Errorf("the legend counts %d of %d wards", total, len(s.Wards))
	}
	b.do(&Export{What: "regions", Out: b.path("regions.geojson")})
	for name, change := range map[string]func(*Spatial){
		"no variables": func(a *Spatial) { a.Vars = nil }, "no regions": func(a *Spatial) { a.Regions = 0 }, "negative": func(a *Spatial) { a.Least = -1 },
		"weights": func(a *Spatial) { a.Weights = "x" }, "more than wards": func(a *Spatial) { a.Regions = 10_000 },
	} {
		other := *a
		change(&other)
		_, err := b.try(&other)
		if p := problem.From(err, ""); err == nil || p.Code != problem.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Rates that differ less than chance would make them are all the mean, and a
// warning says so; GeoDa computes the same in silence (field.md §2.1).
func TestNegativeVarianceIsSaid(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("wards.geojson", squares("lga,name,cases,people", "A,One,30,100", "A,Two,31,100", "A,Three,29,100", "A,Four,30,100", "A,Five,0,0"))}})
	a := spatialOf(statEB, "")
	a.Numerator, a.Denominator = "cases", "people"
	r := b.do(a)
	if all := strings.Join(r.Notices, "; "); !strings.Contains(all, "less between wards than chance alone") {
		t.Errorf("notices %q", all)
	}
	got := b.table(workspace.KindSmoothed, "")
	if eb := numbers(t, got, "eb"); math.Abs(eb[0]-.3) > 1e-12 || !math.IsNaN(eb[4]) || texts(t, got, "reason")[4] != "no rate" {
		t.Errorf("rates %v", eb)
	}
}

func TestSpatialRefuses(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("wards.geojson", squares("lga,name,a,flat", "A,One,1,2", "A,Two,2,2", "A,Three,3,2", "A,Four,4,2", "A,Five,-5,2"))}})
	with := func(change func(*Spatial)) *Spatial {
		a := spatialOf(statMoran, "a")
		change(a)
		return a
	}
	for name, a := range map[string]*Spatial{
		"nothing": with(func(a *Spatial) { a.Statistic = "" }), "no variable": with(func(a *Spatial) { a.Var = "" }), "no threshold": with(func(a *Spatial) { a.Statistic = statJoin }),
		"a threshold too much": with(func(a *Spatial) { a.Above = "3" }), "half a rate": with(func(a *Spatial) { a.Numerator = "a" }),
		"cases without rates": with(func(a *Spatial) { a.Numerator, a.Denominator = "a", "a" }), "two of geary": with(func(a *Spatial) { a.Statistic, a.With = statGeary, "a" }),
		"both": with(func(a *Spatial) { a.With, a.Rates = "a", true }), "no permutations": with(func(a *Spatial) { a.Statistic, a.Permutations = statLISA, 0 }),
		"too many": with(func(a *Spatial) { a.Permutations = 1_000_000 }), "alpha": with(func(a *Spatial) { a.Alpha = 1 }), "tolerance": with(func(a *Spatial) { a.Tolerance = -1 }), "rates by formula": with(func(a *Spatial) { a.Rates, a.Permutations = true, 0 }),
		"unknown variable of rates": with(func(a *Spatial) { a.Rates = true }),
	} {
		t.Run(name, func(t *testing.T) { mustProblem(t, second(b.try(a)), problem.Usage) })
	}
	for _, w := range []string{"", "bishop", "queen:0", "queen:1.5", "queen:99", "knn", "knn:0", "knn:x", "distance", "distance:-1", "kernel:gaussian", "kernel:box:4", "kernel:gaussian:1.5", "queen:1:2"} {
		mustProblem(t, with(func(a *Spatial) { a.Weights = w }).Check(), problem.Usage)
	}
	for name, a := range map[string]*Spatial{
		"flat": with(func(a *Spatial) { a.Var = "flat" }), "too near": with(func(a *Spatial) { a.Weights = "distance:0.001" }), "too many nearest": with(func(a *Spatial) { a.Weights = "knn:9" }),
		"negative": with(func(a *Spatial) { a.Statistic = statG }),
	} {
		t.Run(name, func(t *testing.T) { mustProblem(t, second(b.try(a)), problem.BadInput) })
	}
	b.refuse(with(func(a *Spatial) { a.Var = "b" }), problem.NotFound)
}

// Each way to say who is a neighbour is understood and gives neighbours.
func TestEveryNearness(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	for _, w := range []string{"queen", "rook", "queen:2", "rook:3", "knn:5", "distance:15", "inverse:15", "kernel:uniform:5", "kernel:triangular:5", "kernel:epanechnikov:5", "kernel:quartic:5", "kernel:gaussian:5", "kernel:gaussian:15km"} {
		a := spatialOf(statMoran, "rainfall")
		a.Weights, a.Permutations = w, 0
		r := b.do(a)
		facts := r.Details.(spatialFacts)
		if facts.Links == 0 || *facts.Value < .3 {
			t.Errorf("%s: %d links, I %v", w, facts.Links, *facts.Value)
		}
	}
}
