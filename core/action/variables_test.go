package action

import (
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// withTables is a profile with three wards, Afon, Budo and Owode, and the
// tables given by name and lines, matched.
func withTables(t *testing.T, tables map[string][]string) *bench {
	t.Helper()
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("wards.geojson", threeWards())}})
	var names []string
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.do(&Import{Files: []string{b.write(name+".csv", lines(tables[name]...))}})
	}
	b.do(&Match{})
	return b
}

func (b *bench) catalogue() *catalogue {
	b.t.Helper()
	f, err := loadFrame(b.t.Context(), b.w, "test")
	if err != nil {
		b.t.Fatal(err)
	}
	c, err := f.loadCatalogue(b.t.Context(), b.w, "test")
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// known are a variable's values by ward, NaN where there is none.
func (v *variable) known() []float64 {
	out := slices.Clone(v.values)
	for i := range out {
		if !v.present[i] {
			out[i] = math.NaN()
		}
	}
	return out
}

func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) })
}

// Rows are put at their wards by name, whatever their order; a ward without a
// row has no value, nor has one with rows that disagree, and that is told.
func TestRowsOfOneWardThatDisagree(t *testing.T) {
	b := withTables(t, map[string][]string{"env": {
		"State,LGA,Ward,evi,rainfall,slope",
		"Kwara,Asa,Budo,0.2,900,",
		"Kwara,Asa,Afon,0.1,1000,5",
		"Kwara,Asa,Budo,0.3,900,7",
		"Kwara,Asa,Budo,0.2,900,7",
		"Kwara,Asa,Elsewhere,0.9,1,1",
	}})
	c := b.catalogue()
	nan := math.NaN()
	for name, want := range map[string][]float64{"evi": {0.1, nan, nan}, "rainfall": {1000, 900, nan}, "slope": {5, 7, nan}} {
		v, err := c.find("test", name)
		if err != nil {
			t.Fatal(err)
		}
		if !same(v.known(), want) {
			t.Errorf("%s: %v, want %v", name, v.known(), want)
		}
	}
	notices := noticesOf(c.variables...)
	if len(notices) != 1 || !strings.Contains(notices[0], "env:evi") || !strings.Contains(notices[0], "Budo (Asa)") {
		t.Errorf("notices %q", notices)
	}
	// What the user sees of it.
	data := b.do(&Data{})
	if !slices.Equal(data.Notices, notices) {
		t.Errorf("data says %q", data.Notices)
	}
	vars := data.Tables[1]
	if at := slices.Index(texts(t, vars, "variable"), "evi"); numbers(t, vars, "wards")[at] != 1 || numbers(t, vars, "missing")[at] != 2 {
		t.Errorf("data lists %v wards with evi", numbers(t, vars, "wards")[at])
	}
	a := NewScore()
	a.Vars, a.Insist = []string{"evi", "rainfall", "slope"}, true
	a.Impute = "neighbours"
	r := b.do(a)
	if !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "disagree") }) {
		t.Errorf("the score says nothing of rows that disagree: %q", r.Notices)
	}
	if got := pageText(b.do(mapOf("evi")).Scene); !strings.Contains(got, "disagree") {
		t.Errorf("the map says nothing of rows that disagree: %s", got)
	}
}

// A name that two tables have is asked for with the table's name.
func TestOneNameInTwoTables(t *testing.T) {
	b := withTables(t, map[string][]string{
		"dry": {"State,LGA,Ward,evi,rainfall", "Kwara,Asa,Afon,0.1,1", "Kwara,Asa,Budo,0.2,2", "Kwara,Asa,Owode,0.3,3"},
		"wet": {"State,LGA,Ward,evi,rain days", "Kwara,Asa,Afon,0.6,4", "Kwara,Asa,Budo,0.5,5", "Kwara,Asa,Owode,0.4,6"},
	})
	p := b.refuse(mapOf("evi"), problem.Usage)
	if !strings.Contains(p.Hint, "dry:evi") || !strings.Contains(p.Hint, "wet:evi") {
		t.Errorf("hint %q", p.Hint)
	}
	c := b.catalogue()
	for name, want := range map[string][]float64{
		"dry:evi": {0.1, 0.2, 0.3}, "wet:evi": {0.6, 0.5, 0.4}, "WET:EVI": {0.6, 0.5, 0.4}, "Rainfall": {1, 2, 3}, "wet:rain days": {4, 5, 6},
	} {
		if v, err := c.find("test", name); err != nil || !same(v.known(), want) {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
	a := NewScore()
	a.Vars, a.Invert = []string{"dry:evi", "wet:evi", "rainfall"}, []string{"wet:evi"}
	r := b.do(a)
	// dry and turned wet both rise from Afon to Owode, as rainfall does.
	if got := numbers(t, b.table(workspace.KindRanking, ""), "rank"); !slices.Equal(got, []float64{3, 2, 1}) {
		t.Errorf("ranks %v (%s)", got, r.Summary)
	}
	a = NewScore()
	a.Vars = []string{"rainfall", "dry:rainfall"}
	b.refuse(a, problem.Usage)
	a.Vars = []string{"rainfall", "dry:evi"}
	a.Invert = []string{"wet:evi"}
	b.refuse(a, problem.Usage)
}

// Two headers that differ in capitals only are two variables, each reached by
// its exact name.
func TestNamesThatDifferInCapitals(t *testing.T) {
	b := withTables(t, map[string][]string{"env": {"State,LGA,Ward,EVI,evi", "Kwara,Asa,Afon,1,4", "Kwara,Asa,Budo,2,5", "Kwara,Asa,Owode,3,6"}})
	c := b.catalogue()
	if got := c.names(); !slices.Contains(got, "EVI") || !slices.Contains(got, "evi") {
		t.Skipf("the reader made one column of both: %v", got)
	}
	for name, first := range map[string]float64{"EVI": 1, "evi": 4, "env:EVI": 1, "env:evi": 4} {
		if v, err := c.find("test", name); err != nil || v.values[0] != first {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
	if _, err := c.find("test", "Evi"); !problem.Is(err, problem.Usage) {
		t.Errorf("Evi: %v", err)
	}
}

// The newest positivity is offered under its full and the plain name, earlier
// ones under their full names only.
func TestPositivityIsAVariable(t *testing.T) {
	b, _ := rankedState(t, 12, small())
	b.do(&Positivity{Selection: Selection{Level: "primary", Age: "all", Test: "both", Period: "2023-01..2023-06"}})
	c := b.catalogue()
	older, newer := "positivity_all_u5_rdt_all", "positivity_primary_all_both_2023-01_to_2023-06"
	for name, of := range map[string]string{"positivity": newer, newer: newer, older: older} {
		v, err := c.find("test", name)
		if err != nil {
			t.Fatal(err)
		}
		if want := numbers(t, b.table(workspace.KindPositivity, of), "value"); !same(v.known(), want) || v.table != of {
			t.Errorf("%s is from %s: %v", name, v.table, v.known())
		}
		if len(v.inputs) != 1 || v.inputs[0].Name != of {
			t.Errorf("%s rests on %v", name, v.inputs)
		}
	}
	// The older one computed again is the newest.
	b.do(allTests())
	if v, err := b.catalogue().find("test", "positivity"); err != nil || v.table != older {
		t.Errorf("plain positivity is %v, %v", v, err)
	}
}

// The population is the variable of that role that knows most wards; of two
// that know as many, the newer one.
func TestPopulationOfMostWards(t *testing.T) {
	b := withTables(t, map[string][]string{
		"a_few":  {"State,LGA,Ward,Population", "Kwara,Asa,Afon,10"},
		"b_all":  {"State,LGA,Ward,Population", "Kwara,Asa,Afon,1800", "Kwara,Asa,Budo,2700", "Kwara,Asa,Owode,3600"},
		"c_some": {"State,LGA,Ward,Population", "Kwara,Asa,Afon,10", "Kwara,Asa,Budo,10"},
		"env":    {"State,LGA,Ward,evi,rainfall,households", "Kwara,Asa,Afon,1,1,90", "Kwara,Asa,Budo,2,2,180", "Kwara,Asa,Owode,3,3,18"},
	})
	if v := b.catalogue().withRole(table.RolePopulation); v == nil || v.table != "b_all" {
		t.Fatalf("taken is %v", v)
	}
	a := NewScore()
	a.Vars = []string{"evi", "rainfall"}
	b.do(a)
	r := b.do(planOf(100_000, "proportional"))
	if facts := r.Details.(planFacts); !strings.HasPrefix(facts.Population, "b_all") || facts.Totals.Needed != 4500 {
		t.Errorf("planned with %s: %+v", facts.Population, facts.Totals)
	}
	p := planOf(100_000, "proportional")
	p.Population = "households" // any variable, when the user says so
	if facts := b.do(p).Details.(planFacts); facts.Totals.Needed != 160 {
		t.Errorf("need by households: %+v", facts.Totals)
	}
	p.Population = "c_some:population"
	facts := b.do(p).Details.(planFacts)
	if facts.Totals.Unknown != 1 || facts.Totals.Needed != 12 {
		t.Errorf("a ward without people known: %+v", facts.Totals)
	}
	p.Population = "people"
	b.refuse(p, problem.NotFound)
	p.Population = "population"
	b.refuse(p, problem.Usage)
	p = planOf(10, "priority")
	p.UrbanThreshold = 30
	if got := b.refuse(p, problem.NotFound); got.Subject != "urban percentage" {
		t.Errorf("%+v", got)
	}
}

// With a threshold, urban wards are served from what the others leave.
func TestUrbanWardsAreServedLast(t *testing.T) {
	b := withTables(t, map[string][]string{"env": {
		"State,LGA,Ward,evi,rainfall,Population,urban_percentage",
		"Kwara,Asa,Afon,3,3,180,80", "Kwara,Asa,Budo,2,2,180,10", "Kwara,Asa,Owode,1,1,180,5",
	}})
	a := NewScore()
	a.Vars = []string{"evi", "rainfall"}
	b.do(a)
	p := planOf(250, "priority")
	p.UrbanThreshold = 50
	r := b.do(p)
	plan := b.table(workspace.KindPlan, "")
	if got := numbers(t, plan, "nets_allocated"); !slices.Equal(got, []float64{50, 100, 100}) {
		t.Errorf("nets %v (%s)", got, r.Summary)
	}
	if got := numbers(t, plan, "tier"); !slices.Equal(got, []float64{2, 1, 1}) {
		t.Errorf("tiers %v", got)
	}
}

// A layer that names no LGAs has no LGA to take a mean from: its gaps stay.
func TestNoLGAMeanWithoutLGAs(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("units.geojson", squares("name,evi,rain", "Afon,1,1", "Budo,2,", "Owode,3,4"))}})
	a := NewScore()
	a.Vars, a.Impute = []string{"evi", "rain"}, "lga"
	b.do(a)
	ranking := b.table(workspace.KindRanking, "")
	if got := numbers(t, ranking, "input_rain"); !same(got, []float64{1, math.NaN(), 4}) {
		t.Errorf("rain went in as %v", got)
	}
	b.do(&Import{Files: []string{b.write("units.geojson", squares("lga,name,evi,rain", "Asa,Afon,1,1", "Asa,Budo,2,", "Moro,Owode,3,4"))}})
	b.do(a)
	if got := numbers(t, b.table(workspace.KindRanking, ""), "input_rain"); !same(got, []float64{1, 1, 4}) {
		t.Errorf("with LGAs rain went in as %v", got)
	}
}

// A variable with one value everywhere can't order wards and is left out with
// a notice; what is left must still be two.
func TestAConstantVariableIsLeftOut(t *testing.T) {
	b := withTables(t, map[string][]string{"env": {"State,LGA,Ward,evi,rainfall,slope", "Kwara,Asa,Afon,1,1,7", "Kwara,Asa,Budo,2,2,7", "Kwara,Asa,Owode,3,3,7"}})
	if got := b.catalogue().names(); !slices.Contains(got, "slope") {
		t.Fatalf("variables %v", got)
	}
	a := NewScore()
	a.Vars = []string{"slope", "evi", "rainfall"}
	r := b.do(a)
	if !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.HasPrefix(n, "slope has one and the same value") }) {
		t.Errorf("notices %q", r.Notices)
	}
	if facts := r.Details.(scoreFacts); len(facts.Variables) != 2 || facts.Models != 1 || facts.Ranked != 3 {
		t.Errorf("%+v", facts)
	}
	a = NewScore()
	a.Vars = []string{"slope", "evi"}
	b.refuse(a, problem.Usage)
}

// A layer and a table may have one name: each variable can still be named.
func TestALayerAndATableOfOneName(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("kwara.geojson", squares("StateName,LGAName,WardName,evi", "Kwara,Asa,Afon,7", "Kwara,Asa,Budo,8", "Kwara,Asa,Owode,9"))}})
	b.do(&Import{Files: []string{b.write("kwara.csv", lines("State,LGA,Ward,evi,rain", "Kwara,Asa,Afon,1,4", "Kwara,Asa,Budo,2,5", "Kwara,Asa,Owode,3,9"))}, As: workspace.KindWards})
	b.do(&Match{})
	v, err := b.catalogue().find("score", "kwara wards:evi")
	if err != nil || !slices.Equal(v.values, []float64{1, 2, 3}) {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := b.catalogue().find("score", "kwara:evi"); err != nil && !strings.Contains(err.Error(), "more than one") {
		t.Error(err)
	}
}
