package action

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

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
					r := b.do(&Positivity{Level: level, Age: age, Test: test, Period: period})
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
	if facts.Unplaced.Tested <= 0 || facts.Skipped.HalfPairs == 0 {
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
	c := b.do(&Positivity{Compare: true, Test: "rdt", Period: "all"})
	if c.Run != 0 || b.snapshot() != before {
		t.Error("comparing was recorded")
	}
	levels, ages := texts(t, c.Tables[0], "level"), texts(t, c.Tables[0], "age")
	num, den, value := numbers(t, c.Tables[0], "numerator"), numbers(t, c.Tables[0], "denominator"), numbers(t, c.Tables[0], "value")
	if len(levels) != 16 {
		t.Fatalf("%d combinations", len(levels))
	}
	for i := range levels {
		r := b.do(&Positivity{Level: levels[i], Age: ages[i], Test: "rdt", Period: "all"})
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

// Whatever the stock and the strategy: the nets handed out are the smaller of
// stock and need, every ward is listed, and none gets more than it needs.
func TestPlanTotals(t *testing.T) {
	b, s := rankedState(t, 5, small())
	need := 0
	for _, w := range s.Wards {
		need += (w.Population*5 + 8) / 9 // ⌈population ÷ 1.8⌉
	}
	for _, strategy := range []string{"proportional", "priority"} {
		for _, nets := range []int{1, 5_000, need - 1, need, need + 1000} {
			r := b.do(planOf(nets, strategy))
			what := fmt.Sprintf("%d nets, %s", nets, strategy)
			plan := b.table(workspace.KindPlan, "")
			if got := sum(numbers(t, plan, "nets_allocated")); int(got) != min(nets, need) {
				t.Errorf("%s: %v allocated, the need is %d", what, got, need)
			}
			if got := sum(numbers(t, plan, "nets_needed")); int(got) != need {
				t.Errorf("%s: need %v, want %d", what, got, need)
			}
			checkPlan(t, what, plan, s)
			if facts := r.Details.(planFacts); facts.Totals.Allocated != min(nets, need) || facts.Totals.Needed != need {
				t.Errorf("%s: totals %+v", what, facts.Totals)
			}
		}
	}
}

func checkPlan(t *testing.T, what string, plan *table.Table, s *sample.State) {
	t.Helper()
	codes, people := texts(t, plan, "ward_code"), numbers(t, plan, "population")
	needed, got, coverage := numbers(t, plan, "nets_needed"), numbers(t, plan, "nets_allocated"), numbers(t, plan, "coverage")
	if len(codes) != len(s.Wards) {
		t.Fatalf("%s: %d wards of %d", what, len(codes), len(s.Wards))
	}
	for i, w := range s.Wards {
		switch {
		case codes[i] != w.Code || people[i] != float64(w.Population):
			t.Errorf("%s: row %d is %s with %v people, want %s with %d", what, i, codes[i], people[i], w.Code, w.Population)
		case got[i] > needed[i] || got[i] < 0 || coverage[i] != got[i]/needed[i]:
			t.Errorf("%s: %s gets %v of %v, coverage %v", what, w.Name, got[i], needed[i], coverage[i])
		case texts(t, plan, "reason")[i] == "":
			t.Errorf("%s: no reason for %s", what, w.Name)
		}
	}
}

// By priority, a ward gets nets only when every ward of higher risk has all it
// needs.
func TestPlanByPriorityFollowsTheRanking(t *testing.T) {
	b, _ := rankedState(t, 5, small())
	r := b.do(planOf(60_000, "priority"))
	shown := r.Tables[0]
	rank, needed, got := numbers(t, shown, "rank"), numbers(t, shown, "nets_needed"), numbers(t, shown, "nets_allocated")
	short := math.Inf(1) // the first rank that was not served in full
	for i := range rank {
		if i > 0 && rank[i] < rank[i-1] {
			t.Errorf("the list shown is not by rank: %v", rank)
		}
		if rank[i] > short && got[i] > 0 {
			t.Errorf("rank %v gets %v nets while rank %v lacks some", rank[i], got[i], short)
		}
		if got[i] < needed[i] {
			short = min(short, rank[i])
		}
	}
	if math.IsInf(short, 1) || got[0] != needed[0] {
		t.Errorf("the stock should serve some wards in full and others not: %v of %v", got, needed)
	}
}

// A ward without a rank gets nothing, and is listed with the reason.
func TestPlanGivesNothingWithoutARank(t *testing.T) {
	b, s := rankedState(t, 4, small())
	b.do(scoreWith("none"))
	b.do(planOf(1_000_000, "proportional"))
	plan := b.table(workspace.KindPlan, "")
	silent := s.Truth.NoReports
	if got := numbers(t, plan, "nets_allocated")[silent]; got != 0 || texts(t, plan, "reason")[silent] == "" {
		t.Errorf("the unranked ward gets %v nets because %q", got, texts(t, plan, "reason")[silent])
	}
	if got := numbers(t, plan, "nets_needed")[silent]; got != float64((s.Wards[silent].Population*5+8)/9) {
		t.Errorf("its need is %v", got)
	}
}

// Every value the faces offer for a choice really runs.
func TestEveryChoiceRuns(t *testing.T) {
	b, _ := rankedState(t, 6, small())
	for _, make := range []func() Action{
		func() Action { return scoreWith("neighbours") },
		func() Action { return planOf(1000, "priority") },
		func() Action { return allTests() },
	} {
		for i, p := range Params(make()) {
			for _, choice := range p.Choices {
				a := make()
				if err := Params(a)[i].Set(choice); err != nil {
					t.Fatal(err)
				}
				if _, err := b.try(a); err != nil {
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
	b.do(a)
	if got := strings.Join(a.Vars, " "); got != "rainfall evi housing_quality" {
		t.Errorf("variables %s", got)
	}
	models := b.table(workspace.KindModels, "")
	if got := strings.Join(texts(t, models, "variable"), " "); got != "rainfall evi evi housing_quality" || models.Rows() != 4 {
		t.Errorf("models of %s", got)
	}
	want := []score.Model{
		{Name: "m1", Terms: []score.Term{{Variable: "rainfall", Weight: 1}, {Variable: "evi", Weight: 2}}},
		{Name: "m2", Terms: []score.Term{{Variable: "evi", Weight: 1}, {Variable: "housing_quality", Weight: 1}}},
	}
	if fmt.Sprint(a.File) != fmt.Sprint(want) || a.Models != "models.csv" {
		t.Errorf("recorded as %s: %v", a.Models, a.File)
	}
}
