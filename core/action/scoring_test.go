package action

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// firmScore is a score with draws.
func firmScore(draws int) *Score {
	a := scoreWith("neighbours")
	a.Stability = draws
	return a
}

// The draws reach the ranking: interval, shares and a sentence for every ranked
// ward, nothing for the others; the interval says what it is.
func TestStabilityOfARanking(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	r := b.do(firmScore(200))
	ranking := b.table(workspace.KindRanking, "")
	rank, low, high := numbers(t, ranking, "rank"), numbers(t, ranking, "rank_low"), numbers(t, ranking, "rank_high")
	top, words := numbers(t, ranking, "p_top"), texts(t, ranking, "stability")
	pHigh, pMedium, pLow := numbers(t, ranking, "p_high"), numbers(t, ranking, "p_medium"), numbers(t, ranking, "p_low")
	facts := r.Details.(scoreFacts)
	if facts.Stability == nil || facts.Stability.Top != facts.Ranked/5 || facts.Interval != "90 of 100 of 200 draws" || !slices.Equal(facts.Stability.Binomial, []string{"positivity"}) {
		t.Errorf("%+v, interval %q", facts.Stability, facts.Interval)
	}
	sum := 0.0
	for i := range rank {
		if math.IsNaN(rank[i]) {
			if !math.IsNaN(top[i]) || words[i] != "" {
				t.Errorf("ward %d has no rank, yet %v %q", i, top[i], words[i])
			}
			continue
		}
		sum += top[i]
		if low[i] > high[i] || math.Abs(pHigh[i]+pMedium[i]+pLow[i]-1) > 1e-9 || !strings.HasPrefix(words[i], fmt.Sprintf("In the top %d in ", facts.Stability.Top)) {
			t.Errorf("ward %d: %v to %v, %v %v %v, %q", i, low[i], high[i], pHigh[i], pMedium[i], pLow[i], words[i])
		}
	}
	if math.Abs(sum-float64(facts.Stability.Top)) > 0.5 {
		t.Errorf("on average %v wards are among the top %d", sum, facts.Stability.Top)
	}
	if b.run(r).Seed != 1 {
		t.Errorf("seed %d is on record", b.run(r).Seed)
	}
	out := tableOf(t, r, "leave_out")
	if got := texts(t, out, "variable"); len(got) != 5 || numbers(t, out, "models")[0] != 11 {
		t.Errorf("left out %v in turn, %v models", got, numbers(t, out, "models"))
	}
}

func tableOf(t testing.TB, r *Result, name string) *table.Table {
	t.Helper()
	for _, tb := range r.Tables {
		if tb.Name == name {
			return tb
		}
	}
	t.Fatalf("there is no table %s", name)
	return nil
}

// Law L8 for what is drawn: the same seed gives the same bytes on any number of
// processors; another seed gives others.
func TestSameSeedSameBytes(t *testing.T) {
	b, _ := rankedState(t, 5, small())
	hash := func(seed uint64, processors int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		a := firmScore(150)
		a.Seed = seed
		b.do(a)
		return b.latest(workspace.KindRanking, "").SHA256
	}
	one, four, other := hash(3, 1), hash(3, 4), hash(4, 4)
	if one != four {
		t.Error("the number of processors changes the bytes")
	}
	if one == other {
		t.Error("the seed changes nothing")
	}
}

// Contributions of a ward add up to its mean score.
func TestContributionsOfARanking(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	mean := numbers(t, b.table(workspace.KindRanking, ""), "mean_score")
	c := b.table(workspace.KindContributions, "")
	for i, want := range mean {
		sum := 0.0
		for _, col := range c.Columns {
			if strings.HasPrefix(col.Name, "contribution_") {
				v, _ := col.Number(i)
				sum += v
			}
		}
		if !math.IsNaN(want) && math.Abs(sum-want) > 1e-12 {
			t.Errorf("ward %d: %v, mean score %v", i, sum, want)
		}
	}
}

// Components and composite stand side by side, with their agreement; the rank
// is that of the method asked for.
func TestComponentsBesideTheComposite(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	composite := numbers(t, b.table(workspace.KindRanking, ""), "rank")
	for _, by := range []string{"kaiser", "parallel", "share"} {
		a := scoreWith("neighbours")
		a.Method, a.Components, a.PCAScore = "pca", by, "weighted"
		r := b.do(a)
		facts := r.Details.(scoreFacts)
		if facts.PCA == nil || !facts.PCA.Suited || facts.Method != "pca" || len(facts.PCA.Agreements) != 1 || facts.PCA.Agreements[0].Spearman < 0.5 {
			t.Fatalf("%s: %+v", by, facts.PCA)
		}
		ranking := b.table(workspace.KindRanking, "")
		if !equalNumbers(numbers(t, ranking, "composite_rank"), composite) || !equalNumbers(numbers(t, ranking, "rank"), numbers(t, ranking, "pca_rank")) {
			t.Errorf("%s: the ranks are not those of the two methods", by)
		}
		loadings := tableOf(t, r, "components")
		if loadings.Rows() != 5 || (by == "parallel") != slices.ContainsFunc(loadings.Columns, func(c *table.Column) bool { return c.Name == "random_eigenvalue" }) {
			t.Errorf("%s: %d components", by, loadings.Rows())
		}
	}
}

func equalNumbers(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || (math.IsNaN(x) && math.IsNaN(y)) })
}

// Two variables have no components worth the name: composite only, with the
// reason.
func TestUnsuitedDataLeaveTheComposite(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	plain := scoreWith("neighbours")
	plain.Vars, plain.Invert = []string{"positivity", "rainfall"}, nil
	b.do(plain)
	want := b.table(workspace.KindRanking, "")
	plain.Method = "pca"
	r := b.do(plain)
	if !slices.ContainsFunc(r.Notices, func(n string) bool {
		return strings.Contains(n, "at least 3 variables") && strings.Contains(n, "composite")
	}) {
		t.Errorf("notices %v", r.Notices)
	}
	if facts := r.Details.(scoreFacts); facts.Method != "composite" || facts.PCA.Suited {
		t.Errorf("%+v", facts)
	}
	if !equalNumbers(numbers(t, b.table(workspace.KindRanking, ""), "rank"), numbers(t, want, "rank")) {
		t.Error("the ranking is not the composite's")
	}
}

// Experts' comparisons give one model its weights; contradictions are told.
func TestExpertWeights(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	a := NewScore()
	a.Experts = b.write("experts.csv", ",positivity,rainfall,evi\npositivity,1,2,6\nrainfall,,1,3\nevi,,,1\n")
	r := b.do(a)
	models := tableOf(t, r, "models")
	for i, want := range []float64{.6, .3, .1} {
		if got := numbers(t, models, "weight")[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("weight %d is %v, want %v", i, got, want)
		}
	}
	if facts := r.Details.(scoreFacts); facts.Experts == nil || facts.ModelsBy != "experts.csv" || facts.Experts.Ratio > 1e-9 {
		t.Errorf("%+v", facts)
	}
	a = NewScore()
	a.Experts = b.write("circle.csv", ",positivity,rainfall,evi\npositivity,1,9,1/9\nrainfall,,1,9\nevi,,,1\n")
	if r := b.do(a); !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "contradict") }) {
		t.Errorf("notices %v", r.Notices)
	}
	a.Models = "own.csv"
	b.refuse(a, problem.Usage)
}

// realState is a layer of squares in Kwara with a table of variables.
func realState(t testing.TB) *bench {
	t.Helper()
	b := newBench(t)
	layer := []string{"StateName,LGAName,WardName,WardCode"}
	vars := "State,LGA,WardName,rainfall,nighttime_lights,housing_quality,distance_to_water,tpr\n"
	for i := range 12 {
		layer = append(layer, fmt.Sprintf("Kwara,L%d,W%d,'%d", i/4, i, i))
		vars += fmt.Sprintf("Kwara,L%d,W%d,%d,%g,%g,%d,%g\n", i/4, i, 900+7*i*i%50, float64(i*5%11)/3, float64(i*7%12)/20, 40*(i*3%10), float64(i*i%13)/20)
	}
	b.do(&Import{Files: []string{b.write("wards.geojson", squares(layer...))}})
	b.do(&Import{Files: []string{b.write("vars.csv", vars)}, As: "wards"})
	b.do(&Match{})
	return b
}

// The list of the zone: malaria first, then what is loaded of the list, in its
// usual directions, with the reason beside each; the user's own list after it
// was remembered.
func TestListsOfVariables(t *testing.T) {
	b := realState(t)
	a := NewScore()
	a.List = "zone"
	r := b.do(a)
	facts := r.Details.(scoreFacts)
	got := map[string]string{}
	var order []string
	for _, v := range facts.Variables {
		got[v.Name] = v.Direction
		order = append(order, v.Name)
		if v.Why == "" || v.Source == "" {
			t.Errorf("%s has no reason or source", v.Name)
		}
	}
	if !slices.Equal(order, []string{"tpr", "nighttime_lights", "housing_quality", "distance_to_water"}) || got["tpr"] != "more is riskier" || got["distance_to_water"] != "less is riskier" {
		t.Errorf("%v %v", order, got)
	}
	if why := texts(t, tableOf(t, r, "directions"), "why"); why[0] == "" || why[3] == "" {
		t.Errorf("reasons %v", why)
	}
	mine := NewScore()
	mine.List = "mine"
	b.refuse(mine, problem.NotFound)
	b.do(&Variables{Keep: []string{"rainfall", "housing_quality"}, Invert: []string{"housing_quality"}})
	if facts := b.do(mine).Details.(scoreFacts); len(facts.Variables) != 2 || facts.Variables[1].Direction != "less is riskier" {
		t.Errorf("%+v", facts.Variables)
	}
	listed := b.do(&Variables{})
	at := slices.Index(texts(t, listed.Tables[0], "variable"), "housing_quality")
	if texts(t, listed.Tables[0], "own_list")[at] != "yes" || texts(t, listed.Tables[0], "zone_list")[at] != "yes" {
		t.Error("the lists don't show")
	}
	if texts(t, listed.Tables[0], "malaria")[slices.Index(texts(t, listed.Tables[0], "variable"), "tpr")] != "yes" {
		t.Error("tpr is not told to measure malaria")
	}
	for _, bad := range []*Variables{{Keep: []string{"rainfall"}}, {Invert: []string{"rainfall"}}, {Keep: []string{"rainfall", "evi"}}, {Keep: []string{"rainfall", "tpr"}, Invert: []string{"evi"}}} {
		if _, err := b.try(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// A direction against the usual one is pointed out; variables that tell the
// same are named with their correlation and their inflation.
func TestNoticesOfDirectionAndCollinearity(t *testing.T) {
	b := newBench(t)
	layer := []string{"StateName,LGAName,WardName,WardCode"}
	vars := "State,LGA,WardName,rainfall,elevation,rain_twice\n"
	for i := range 10 {
		layer = append(layer, fmt.Sprintf("Kwara,L,W%d,'%d", i, i))
		vars += fmt.Sprintf("Kwara,L,W%d,%d,%d,%g\n", i, i*i%7, i*3%8, float64(2*(i*i%7))+float64(i%2)/10)
	}
	b.do(&Import{Files: []string{b.write("wards.geojson", squares(layer...))}})
	b.do(&Import{Files: []string{b.write("vars.csv", vars)}, As: "wards"})
	b.do(&Match{})
	a := NewScore()
	a.Vars = []string{"rainfall", "elevation", "rain_twice"}
	r := b.do(a)
	all := strings.Join(r.Notices, "\n")
	for _, want := range []string{"elevation is scored as more is riskier; usually less", "rainfall and rain_twice go together (correlation 1.00)", "variance inflation", "measures malaria"} {
		if !strings.Contains(all, want) {
			t.Errorf("no notice says %q:\n%s", want, all)
		}
	}
	a.Invert = []string{"usual"}
	if all := strings.Join(b.do(a).Notices, "\n"); strings.Contains(all, "is scored as") {
		t.Errorf("usual directions are pointed out: %s", all)
	}
	vif := numbers(t, tableOf(t, r, "directions"), "vif")
	if vif[0] < 100 || vif[1] > 2 {
		t.Errorf("variance inflation %v", vif)
	}
}

// A variable over 40 % missing is refused, and taken with the marks when
// insisted upon.
func TestInsistOnAVariableWithManyGaps(t *testing.T) {
	b := newBench(t)
	layer := []string{"StateName,LGAName,WardName,WardCode"}
	vars := "State,LGA,WardName,a,b\n"
	for i := range 10 {
		layer = append(layer, fmt.Sprintf("Kwara,L,W%d,'%d", i, i))
		cell := fmt.Sprint(i)
		if i%2 == 0 || i == 1 {
			cell = ""
		}
		vars += fmt.Sprintf("Kwara,L,W%d,%d,%s\n", i, i*7%10, cell)
	}
	b.do(&Import{Files: []string{b.write("wards.geojson", squares(layer...))}})
	b.do(&Import{Files: []string{b.write("vars.csv", vars)}, As: "wards"})
	b.do(&Match{})
	for _, impute := range []string{"neighbours", "lga", "state"} {
		a := NewScore()
		a.Vars, a.Impute = []string{"a", "b"}, impute
		if p := b.refuse(a, problem.BadInput); !strings.Contains(p.Message, "60 %") {
			t.Errorf("%s", p.Message)
		}
		a.Insist = true
		b.do(a)
		c, _ := b.table(workspace.KindRanking, "").Column("input_b")
		if impute != "neighbours" && c.CountImputed() != 6 {
			t.Errorf("%s: %d marks", impute, c.CountImputed())
		}
	}
}

// What can't be is refused before anything is read.
func TestScoreRefuses(t *testing.T) {
	for name, change := range map[string]func(*Score){
		"few draws":      func(a *Score) { a.Stability = 5 },
		"pca and draws":  func(a *Score) { a.Stability, a.Method = 1000, "pca" },
		"negative top":   func(a *Score) { a.Top = -1 },
		"share":          func(a *Score) { a.Components, a.Share = "share", 1.5 },
		"list and names": func(a *Score) { a.List = "zone" },
		"no cuts":        func(a *Score) { a.Category = "fixed" },
		"cuts of thirds": func(a *Score) { a.Cuts = "3" },
		"nine":           func(a *Score) { a.Category, a.Cuts = "natural", "9" },
		"words":          func(a *Score) { a.Category, a.Cuts = "fixed", "low,high" },
	} {
		a := scoreWith("neighbours")
		change(a)
		t.Run(name, func(t *testing.T) { mustProblem(t, a.Check(), problem.Usage) })
	}
}

// The facts of a run survive the store.
func TestFactsOfAScoreComeBack(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	a := firmScore(100)
	a.Category, a.Cuts, a.Aggregate = "natural", "4", "borda"
	want := b.do(a).Details.(scoreFacts)
	var got scoreFacts
	if err := json.Unmarshal(b.latest(workspace.KindRanking, "").Report, &got); err != nil {
		t.Fatal(err)
	}
	if len(want.Cuts) != 3 || !slices.Equal(got.Cuts, want.Cuts) || *got.Stability.clean() != *want.Stability.clean() {
		t.Errorf("%+v came back as %+v", want, got)
	}
}

// clean leaves the list out, so that facts can be compared.
func (f *stabilityFacts) clean() *struct {
	Draws, Top, Models int
	Seed               uint64
} {
	return &struct {
		Draws, Top, Models int
		Seed               uint64
	}{f.Draws, f.Top, f.ModelsPerDraw, f.Seed}
}
