package action

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/sample"
	"chatmrpt/core/score"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// The whole way on made-up states, whose truth is known.
func TestChainRecordsOneRunAnAct(t *testing.T) {
	b, s := rankedState(t, 1, small())
	runs := b.do(&Runs{})
	if got := strings.Join(texts(t, runs.Tables[0], "act"), " "); got != "import match positivity score plan" {
		t.Errorf("runs: %s", got)
	}
	for i, n := range numbers(t, runs.Tables[0], "run") {
		if n != float64(i+1) {
			t.Errorf("run %d is numbered %v", i+1, n)
		}
	}
	for _, d := range []struct {
		kind string
		rows int
	}{
		{workspace.KindBoundaries, len(s.Wards)}, {workspace.KindFacilities, s.Truth.Rows}, {workspace.KindWards, len(s.Wards)},
		{workspace.KindPopulation, len(s.Wards)}, {workspace.KindPositivity, len(s.Wards)}, {workspace.KindRanking, len(s.Wards)},
		{workspace.KindPlan, len(s.Wards)},
	} {
		if got := b.latest(d.kind, "").Rows; got != d.rows {
			t.Errorf("%s has %d rows, want %d", d.kind, got, d.rows)
		}
	}
}

// written is a facility's ward as the facility file writes it, blanks mended.
func written(s *sample.State, f sample.Facility) [2]string {
	ward := "zb " + f.GivenWard + " Ward"
	if f.GivenWard == sample.Unknown {
		ward = sample.Unknown
	}
	return [2]string{"zb " + f.GivenLGA + " Local Government Area", oneBlank(ward)}
}

func oneBlank(s string) string { return strings.Join(strings.Fields(s), " ") }

// Every name of the facility file is linked to the ward that was meant or left
// for a person, never to another; of the misspelt ones most are linked.
func TestMatchLinksNoNameToAnotherWard(t *testing.T) {
	for seed, o := range map[uint64]sample.Options{
		0: {LGAs: 6, Wards: 66, Months: 12}, 1: {LGAs: 6, Wards: 66, Months: 12}, 2: {LGAs: 12, Wards: 130, Months: 12}, SampleSeed: {},
	} {
		s := makeState(t, seed, o)
		b := newBench(t)
		b.importState(s)
		b.do(&Match{})
		meant := map[[2]string]int{}
		for _, f := range s.Facilities {
			at := written(s, f)
			if w, ok := meant[at]; ok && w != f.Ward && f.GivenWard != sample.Unknown {
				t.Fatalf("%v is two wards of the state", at)
			}
			meant[at] = f.Ward
		}
		links := b.table(workspace.KindMatch, matchName(b.latest(workspace.KindFacilities, "")))
		misspelt, linked := 0, 0
		unit, rows := numbers(t, links, "unit"), numbers(t, links, "rows")
		unknown := 0.0
		for i, decision := range texts(t, links, "decision") {
			at := [2]string{texts(t, links, "given_lga")[i], texts(t, links, "given_ward")[i]}
			ward, ok := meant[at]
			if !ok {
				t.Fatalf("seed %d: no facility is at %v", seed, at)
			}
			isUnknown := at[1] == sample.Unknown
			isMisspelt := slices.ContainsFunc(s.Truth.Spellings, func(sp sample.Spelling) bool {
				return sp.Ward == ward && at[1] == oneBlank("zb "+sp.Given+" Ward")
			})
			if isMisspelt {
				misspelt++
			}
			switch {
			case isUnknown:
				unknown += rows[i]
				if decision != "not_a_ward" || !math.IsNaN(unit[i]) {
					t.Errorf("seed %d: Unknown is %s, ward %v", seed, decision, unit[i])
				}
			case decision == "accepted" && unit[i] == float64(ward):
				if isMisspelt {
					linked++
				}
			case decision == "accepted":
				t.Errorf("seed %d: %v is linked to %s, it is %s", seed, at, s.Wards[int(unit[i])].Name, s.Wards[ward].Name)
			case decision != "review" || !isMisspelt:
				t.Errorf("seed %d: %v, which is %s, is %s", seed, at, s.Wards[ward].Name, decision)
			case !math.IsNaN(unit[i]):
				t.Errorf("seed %d: %v waits for review and yet has a ward", seed, at)
			}
		}
		if int(unknown) != s.Truth.UnknownRows {
			t.Errorf("seed %d: %v rows of no ward, planted %d", seed, unknown, s.Truth.UnknownRows)
		}
		if misspelt < 8 || linked*4 < misspelt*3 {
			t.Errorf("seed %d: of %d misspelt names %d were linked", seed, misspelt, linked)
		}
	}
}

// In a state without faults every figure of every ward is the sum of what its
// facilities truly reported, for every level, age group and test.
func TestPositivityOfACleanStateIsTheTruth(t *testing.T) {
	o := small()
	o.Clean = true
	s, b := makeState(t, 2, o), newBench(t)
	b.importState(s)
	b.do(&Match{})
	code := func(word string, all string, order ...string) int {
		if word == all {
			return -1
		}
		return slices.Index(order, word)
	}
	for _, level := range []string{"primary", "secondary", "tertiary", "all"} {
		for _, age := range []string{"u5", "o5", "pw", "all"} {
			for _, test := range []string{"rdt", "micro", "both"} {
				for _, period := range []string{"all", s.Period(3), s.Period(6) + ".." + s.Period(11)} {
					first, last := 0, s.Options.Months-1
					if from, to, found := strings.Cut(period, ".."); from != "all" {
						first = slices.IndexFunc(months(s), func(m string) bool { return m == from })
						last = first
						if found {
							last = slices.Index(months(s), to)
						}
					}
					r := b.do(&Positivity{Selection: Selection{Level: level, Age: age, Test: test, Period: period}})
					got := b.table(workspace.KindPositivity, r.Tables[0].Name)
					checkTruth(t, r.Summary, got, len(s.Wards), func(w int) (int, int) {
						return s.Positivity(w, code(test, "both", "rdt", "micro"), code(age, "all", "u5", "o5", "pw"), func(f sample.Facility, r sample.Report) bool {
							return (level == "all" || string(f.Level) == level) && r.Month >= first && r.Month <= last
						})
					})
				}
			}
		}
	}
}

func months(s *sample.State) []string {
	var out []string
	for m := range s.Options.Months {
		out = append(out, s.Period(m))
	}
	return out
}

// checkTruth compares numerator, denominator and value of every ward.
func checkTruth(t *testing.T, what string, got *table.Table, wards int, truth func(ward int) (positive, tested int)) {
	t.Helper()
	num, den, value := numbers(t, got, "numerator"), numbers(t, got, "denominator"), numbers(t, got, "value")
	source := texts(t, got, "source")
	for w := range wards {
		positive, tested := truth(w)
		if tested == 0 {
			if !math.IsNaN(num[w]) || !math.IsNaN(den[w]) || !math.IsNaN(value[w]) || source[w] != "no data" {
				t.Errorf("%s: ward %d without tests has %v/%v = %v, %s", what, w, num[w], den[w], value[w], source[w])
			}
			continue
		}
		if num[w] != float64(positive) || den[w] != float64(tested) || value[w] != float64(positive)/float64(tested) || source[w] != "facility" {
			t.Errorf("%s: ward %d has %v/%v = %v, true is %d/%d", what, w, num[w], den[w], value[w], positive, tested)
		}
	}
}

// With faults, what is missing from the wards is said: sums of the wards and
// of the rows without one are never above the truth but for impossible rows.
func TestPositivityTellsWhatItLeavesOut(t *testing.T) {
	b, _ := rankedState(t, 3, small())
	r := b.do(allTests())
	facts := r.Details.(positivityFacts)
	if facts.Unplaced.Denominator <= 0 || facts.Skipped.HalfPairs == 0 {
		t.Errorf("nothing is said of rows without a ward or of half pairs: %+v", facts)
	}
	if len(r.Notices) < 3 {
		t.Errorf("notices: %q", r.Notices)
	}
	value := numbers(t, r.Tables[0], "value")
	for i := 1; i < len(value); i++ {
		if value[i] > value[i-1] || math.IsNaN(value[i-1]) {
			t.Errorf("the list shown is not by value: %v", value)
			break
		}
	}
}

// The side by side of all levels and age groups agrees with each by itself and
// records nothing.
func TestCompareAgreesWithEachAnswer(t *testing.T) {
	b, _ := rankedState(t, 3, small())
	before := b.snapshot()
	c := b.do(&Positivity{Compare: true, Selection: Selection{Test: "rdt", Period: "all"}})
	if c.Run != 0 || b.snapshot() != before {
		t.Error("comparing was recorded")
	}
	levels, ages := texts(t, c.Tables[0], "level"), texts(t, c.Tables[0], "age")
	num, den, value := numbers(t, c.Tables[0], "numerator"), numbers(t, c.Tables[0], "denominator"), numbers(t, c.Tables[0], "value")
	if len(levels) != 16 {
		t.Fatalf("%d combinations", len(levels))
	}
	for i := range levels {
		r := b.do(&Positivity{Selection: Selection{Level: levels[i], Age: ages[i], Test: "rdt", Period: "all"}})
		positive, tested := sum(numbers(t, r.Tables[0], "numerator")), sum(numbers(t, r.Tables[0], "denominator"))
		if num[i] != positive || den[i] != tested || value[i] != positive/tested && tested > 0 {
			t.Errorf("%s %s: %v/%v, alone %v/%v", levels[i], ages[i], num[i], den[i], positive, tested)
		}
	}
}

// sum adds up what is known.
func sum(values []float64) (total float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			total += v
		}
	}
	return total
}

// The ward from which nothing is heard has no data; it is unranked when gaps
// stay open, and marked when its neighbours stand in for it.
func TestTheSilentWard(t *testing.T) {
	b, s := rankedState(t, 4, sample.Options{LGAs: 5, Wards: 50, Months: 12})
	silent := s.Truth.NoReports
	rates := numbers(t, b.table(workspace.KindPositivity, ""), "value")
	if !math.IsNaN(rates[silent]) {
		t.Fatalf("the silent ward has a rate of %v", rates[silent])
	}
	filled := b.table(workspace.KindRanking, "")
	mean, n := 0.0, 0
	for _, k := range s.Wards[silent].Neighbours {
		if !math.IsNaN(rates[k]) {
			mean, n = mean+rates[k], n+1
		}
	}
	mean /= float64(n)
	if got := numbers(t, filled, "input_positivity")[silent]; math.Abs(got-mean) > 1e-15 {
		t.Errorf("filled in with %v, the mean of its %d neighbours is %v", got, n, mean)
	}
	if marks := texts(t, filled, "imputed")[silent]; !strings.Contains(marks, "positivity") {
		t.Errorf("its mark is %q", marks)
	}
	c, _ := filled.Column("input_positivity")
	for w := range s.Wards {
		if c.Imputed(w) != math.IsNaN(rates[w]) || !c.Imputed(w) && numbers(t, filled, "input_positivity")[w] != rates[w] {
			t.Errorf("ward %d: observed %v, went in as %v, imputed %v", w, rates[w], numbers(t, filled, "input_positivity")[w], c.Imputed(w))
		}
	}
	b.do(scoreWith("none"))
	open := b.table(workspace.KindRanking, "")
	if !math.IsNaN(numbers(t, open, "rank")[silent]) || !strings.Contains(texts(t, open, "reason")[silent], "positivity") {
		t.Errorf("left open its rank is %v because %q", numbers(t, open, "rank")[silent], texts(t, open, "reason")[silent])
	}
	for _, c := range open.Columns {
		if c.CountImputed() > 0 || c.Name == "imputed" && c.CountMissing() < c.Len() {
			t.Errorf("%s has filled-in values although gaps stay open", c.Name)
		}
	}
}

// spearman is the rank correlation of two lists.
func spearman(a, b []float64) float64 {
	x, y := ranksOf(a), ranksOf(b)
	mean := float64(len(a)-1) / 2
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - mean) * (y[i] - mean)
		xx += (x[i] - mean) * (x[i] - mean)
		yy += (y[i] - mean) * (y[i] - mean)
	}
	return xy / math.Sqrt(xx*yy)
}

func ranksOf(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, k int) int { return cmp.Compare(values[i], values[k]) })
	out := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			out[i] = float64(from+to-1) / 2
		}
		from = to
	}
	return out
}

// The made-up risk is, on log odds, what the environment explains (variance of
// its parts about 0.36), a hidden field (0.45² and less) and 0.08² of the
// ward's own. Positivity sees all of it through some thousand tests a ward,
// so its ranking must be nearly the true one; the composite dilutes it with
// four variables of which each explains a part. Chance correlations of 66
// wards lie below 0.3 in 99 of 100 cases.
func TestRankingFindsTheRisk(t *testing.T) {
	for seed := range uint64(4) {
		s, b := makeState(t, seed, sample.Options{LGAs: 6, Wards: 66, Months: 24}), newBench(t)
		b.importState(s)
		b.do(&Match{})
		r := b.do(allTests())
		truth, rates := make([]float64, len(s.Wards)), numbers(t, b.table(workspace.KindPositivity, ""), "value")
		var known, theirs []float64
		for w, risk := range s.Truth.Risks {
			truth[w] = float64(risk.Rank)
			if !math.IsNaN(rates[w]) {
				known, theirs = append(known, -rates[w]), append(theirs, truth[w])
			}
		}
		if c := spearman(known, theirs); c < 0.9 {
			t.Errorf("seed %d: positivity follows the true risk by %.2f (%s)", seed, c, r.Summary)
		}
		b.do(scoreWith("neighbours"))
		with := spearman(numbers(t, b.table(workspace.KindRanking, ""), "rank"), truth)
		without := scoreWith("neighbours")
		without.Vars = without.Vars[1:]
		b.do(without)
		alone := spearman(numbers(t, b.table(workspace.KindRanking, ""), "rank"), truth)
		if with < 0.8 || with <= alone {
			t.Errorf("seed %d: the composite follows the true risk by %.2f, without positivity by %.2f", seed, with, alone)
		}
		turned := scoreWith("neighbours")
		turned.Invert = []string{"positivity", "rainfall", "evi"}
		b.do(turned)
		if c := spearman(numbers(t, b.table(workspace.KindRanking, ""), "rank"), truth); c > -0.6 {
			t.Errorf("seed %d: with every direction turned round it follows by %.2f", seed, c)
		}
	}
}

// fit gives what a choice needs beside it.
func (a *Score) fit() {
	if a.List != "" {
		a.Vars, a.Invert = nil, nil
	}
	if a.Category == "fixed" {
		a.Cuts = "10,20"
	}
}

// Every value the faces offer for a choice really runs.
func TestEveryChoiceRuns(t *testing.T) {
	b, _ := rankedState(t, 6, small())
	b.do(&Variables{Keep: []string{"positivity", "rainfall", "elevation"}, Invert: []string{"usual"}})
	for _, make := range []func() Action{
		func() Action { return scoreWith("neighbours") },
		func() Action { return planOf(1000, "priority") },
		func() Action {
			a := NewPositivity()
			a.Selection = Selection{Level: "all", Age: "u5", Test: "both", Period: "all"}
			a.Adjust, a.Untested, a.Public, a.Private, a.NoCare = "n2", "suspected", "0.6", "0.25", "0.15"
			return a
		},
	} {
		for i, p := range Params(make()) {
			for _, choice := range p.Choices {
				a := make()
				if err := Params(a)[i].Set(choice); err != nil {
					t.Fatal(err)
				}
				if s, ok := a.(*Score); ok {
					s.fit()
				}
				_, err := b.try(a)
				if choice == "zone" || (choice == "presumed" && p.Name == "measure") { // the made-up state lies in none, and counts none
					mustProblem(t, err, problem.NotFound)
				} else if err != nil {
					t.Errorf("%s --%s %s: %v", actName(a), p.Name, choice, err)
				}
			}
		}
	}
	// Words that came by another way than Set are refused, not taken for the
	// usual.
	for name, change := range map[string]func(*Score){
		"impute": func(a *Score) { a.Impute = "mean" }, "scale": func(a *Score) { a.Scale = "z" }, "aggregate": func(a *Score) { a.Aggregate = "max" },
		"ties": func(a *Score) { a.Ties = "random" }, "category": func(a *Score) { a.Category = "fifths" },
	} {
		a := scoreWith("neighbours")
		change(a)
		if _, err := b.try(a); err == nil {
			t.Errorf("score takes any word for --%s", name)
		}
	}
	if _, err := b.try(planOf(1000, "lottery")); err == nil {
		t.Error("plan takes any word for --strategy")
	}
}

// The act that loads the sample state gives what its files give, marked as
// made up.
func TestSampleAct(t *testing.T) {
	b := newBench(t)
	a := NewSample()
	r := b.do(a)
	if len(r.Notices) == 0 || r.Notices[0] != fictionalNote {
		t.Errorf("notices %q", r.Notices)
	}
	run := b.run(r)
	if run.Act != "sample" || run.Seed != SampleSeed {
		t.Errorf("recorded as %s with seed %d", run.Act, run.Seed)
	}
	s := makeState(t, SampleSeed, sample.Options{})
	if got := b.latest(workspace.KindFacilities, "").Rows; got != s.Truth.Rows {
		t.Errorf("%d facility rows, want %d", got, s.Truth.Rows)
	}
	for _, kind := range []string{workspace.KindBoundaries, workspace.KindWards, workspace.KindPopulation} {
		if got := b.latest(kind, "").Rows; got != len(s.Wards) {
			t.Errorf("%s: %d rows", kind, got)
		}
	}
	files, err := a.Files()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 6 {
		t.Errorf("%d files", len(files))
	}
}

// The measure of malaria is asked for in a notice where a score has none.
func TestScoreSaysWhenNothingMeasuresMalaria(t *testing.T) {
	b, _ := rankedState(t, 6, small())
	mentions := func(r *Result) bool {
		return slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "measures malaria") })
	}
	a := scoreWith("neighbours")
	if mentions(b.do(a)) {
		t.Error("positivity is not taken for a measure of malaria")
	}
	a = scoreWith("neighbours")
	a.Vars = []string{"rainfall", "evi"}
	a.Invert = nil
	if !mentions(b.do(a)) {
		t.Error("nothing is said of a score of rain and plants")
	}
}

// A file of models gives its variables, is recorded by name and content, and
// the models that were used are stored as such.
func TestScoreByAFileOfModels(t *testing.T) {
	b, _ := rankedState(t, 6, small())
	a := NewScore()
	a.Models = b.write("models.csv", lines("model,variable,weight", "m1,rainfall,1", "m1,evi,2", "m2,evi,1", "m2,housing_quality,1"))
	a.Invert = []string{"housing_quality"}
	r := b.do(a)
	models := b.table(workspace.KindModels, "")
	if got := strings.Join(texts(t, models, "variable"), " "); got != "rainfall evi evi housing_quality" || models.Rows() != 4 {
		t.Errorf("models of %s", got)
	}
	want := NewScore()
	want.Models, want.Vars, want.Invert = "models.csv", []string{"rainfall", "evi", "housing_quality"}, a.Invert
	want.File = []score.Model{
		{Name: "m1", Terms: []score.Term{{Variable: "rainfall", Weight: 1}, {Variable: "evi", Weight: 2}}},
		{Name: "m2", Terms: []score.Term{{Variable: "evi", Weight: 1}, {Variable: "housing_quality", Weight: 1}}},
	}
	recorded := &Score{}
	if err := json.Unmarshal(b.run(r).Params, recorded); err != nil || !reflect.DeepEqual(recorded, want) {
		t.Errorf("recorded as %+v, %v", recorded, err)
	}
	// The record is all it takes to do it again, without the file; and the act
	// itself is free for another file.
	if again := b.do(recorded); b.latest(workspace.KindRanking, "").Version != numbersOfRuns(t, b, "score") || again.Summary != r.Summary {
		t.Errorf("again: %s", again.Summary)
	}
	a.Models = b.write("other.csv", lines("model,variable,weight", "m,elevation,1", "m,evi,1"))
	a.Invert = nil
	if facts := b.do(a).Details.(scoreFacts); facts.ModelsBy != "other.csv" || facts.Models != 1 || facts.Variables[0].Name != "elevation" {
		t.Errorf("with another file: %+v", facts)
	}
}

// numbersOfRuns counts the runs of an act.
func numbersOfRuns(t *testing.T, b *bench, act string) (n int) {
	t.Helper()
	for _, name := range texts(t, b.do(&Runs{}).Tables[0], "act") {
		if name == act {
			n++
		}
	}
	return n
}
