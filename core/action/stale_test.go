package action

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// mustMatchAgain refuses the act until names are matched again, and says so.
func (b *bench) mustMatchAgain(a Action) {
	b.t.Helper()
	if p := b.refuse(a, problem.Conflict); !strings.Contains(p.Hint, "mrpt match") {
		b.t.Errorf("%s: the hint is %q", actName(a), p.Hint)
	}
}

// A table that was read again is not used by the links of its old version.
func TestANewTableMustBeMatchedAgain(t *testing.T) {
	for kind, uses := range map[string][]Action{
		workspace.KindFacilities: {allTests()},
		workspace.KindWards:      {scoreWith("none"), mapOf("rainfall")},
		workspace.KindPopulation: {planOf(100, "priority"), mapOf("population")},
	} {
		b, _ := rankedState(t, 11, small())
		d := b.latest(kind, "")
		b.corrected(d)
		if got := b.latest(kind, ""); got.Version != 2 || got.SHA256 == d.SHA256 {
			t.Fatalf("%s: version %d, the same content: %v", kind, got.Version, got.SHA256 == d.SHA256)
		}
		for _, a := range uses {
			b.mustMatchAgain(a)
		}
		if r := b.do(&Data{}); len(r.Notices) == 0 && kind != workspace.KindFacilities {
			t.Errorf("%s: data lists variables by old links", kind)
		}
		b.do(&Match{})
		for _, a := range uses {
			b.do(a)
		}
	}
}

// mapOf is a map of one variable.
func mapOf(show string) *Map {
	a := NewMap()
	a.Show = show
	return a
}

// corrected stores a dataset again as a new version that differs a little.
func (b *bench) corrected(d store.Dataset) {
	b.t.Helper()
	ctx := b.t.Context()
	old, err := b.w.Table(ctx, d)
	if err != nil {
		b.t.Fatal(err)
	}
	areas, err := b.w.Areas(ctx, d)
	if err != nil {
		b.t.Fatal(err)
	}
	again := &table.Table{Name: old.Name, Columns: slices.Clone(old.Columns)}
	note := table.NewText("remark")
	for range old.Rows() {
		note.AppendText("seen again")
	}
	if err := again.Add(note); err != nil {
		b.t.Fatal(err)
	}
	_, _, err = b.w.Record(ctx, workspace.Draft{Act: "import", Params: &Import{}, Started: b.w.Now(), Outputs: []store.NewDataset{{
		Kind: d.Kind, Name: d.Name, Table: again, Areas: areas, Source: d.Source, SourceHash: d.SourceHash, Report: d.Report,
	}}})
	if err != nil {
		b.t.Fatal(err)
	}
}

// New boundaries stop everything that rests on the
// old ones: tables until they are matched, results until they are computed.
func TestNewBoundariesMakeResultsStale(t *testing.T) {
	b, _ := rankedState(t, 11, small())
	d := b.latest(workspace.KindBoundaries, "")
	b.corrected(d)
	b.mustMatchAgain(allTests())
	b.mustMatchAgain(scoreWith("none"))
	results := func() []Action {
		return []Action{mapOf("rank"), mapOf("category"), mapOf("missing"), mapOf("nets"), mapOf("coverage"),
			planOf(100, "priority"), &Report{Out: b.path("report.pdf")}}
	}
	for _, a := range results() {
		b.refuse(a, problem.Conflict)
	}
	b.do(&Match{})
	for _, a := range results() {
		b.refuse(a, problem.Conflict)
	}
	// The positivity of the old wards is no variable of the new ones.
	if p := b.refuse(scoreWith("none"), problem.NotFound); p.Subject != "positivity" {
		t.Errorf("%+v", p)
	}
	b.do(allTests())
	b.do(scoreWith("none"))
	// A ranking on the new wards does not revive the plan on the old.
	b.refuse(mapOf("nets"), problem.Conflict)
	b.do(&Report{Out: b.path("report.pdf")})
	b.do(planOf(100, "priority"))
	for _, a := range results() {
		b.do(a)
	}
}

// A report tells of the plan only if it was made from the ranking told of.
func TestReportLeavesOutThePlanOfAnotherRanking(t *testing.T) {
	b, _ := rankedState(t, 11, small())
	ctx := t.Context()
	f, err := loadFrame(ctx, b.w, "report")
	if err != nil {
		t.Fatal(err)
	}
	with, err := collectBrief(ctx, b.w, f)
	if err != nil || with.plan == nil {
		t.Fatalf("the plan is left out: %v", err)
	}
	b.do(scoreWith("lga"))
	without, err := collectBrief(ctx, b.w, f)
	if err != nil || without.plan != nil {
		t.Errorf("the plan of another ranking is told: %v", err)
	}
	for _, have := range []*brief{with, without} {
		doc, err := (&Report{}).document(ctx, b.w, have)
		if err != nil {
			t.Fatal(err)
		}
		planned := have.plan != nil
		if (doc.Plan != nil) != planned || (len(doc.Maps) == 2) != planned || (len(doc.Summary) == 2) != planned || strings.Contains(doc.Title, "net") != planned {
			t.Errorf("with a plan %v: %q, %d maps, %d sentences", planned, doc.Title, len(doc.Maps), len(doc.Summary))
		}
	}
}

// Of several boundary layers the last one read is the frame; names matched to
// another one don't count for it.
func TestMatchToAnotherLayer(t *testing.T) {
	b, _ := rankedState(t, 11, small())
	b.do(&Import{Files: []string{b.write("other.geojson", threeWards())}})
	b.mustMatchAgain(allTests())
	b.do(&Match{})
	b.do(allTests())
	if got := b.latest(workspace.KindPositivity, "").Rows; got != 3 {
		t.Errorf("positivity of %d wards", got)
	}
}

// Several tables of a kind give several answers: the user is asked which.
func TestOneOfSeveralTablesIsAskedFor(t *testing.T) {
	b, _ := rankedState(t, 12, small())
	first := b.latest(workspace.KindFacilities, "").Name
	source := b.table(workspace.KindFacilities, first)
	var csv bytes.Buffer
	if err := writeCSV(&csv, source); err != nil {
		t.Fatal(err)
	}
	b.do(&Import{Files: []string{b.write("again.csv", csv.String())}, As: workspace.KindFacilities})
	b.do(&Match{})
	p := b.refuse(allTests(), problem.Usage)
	if !strings.Contains(p.Hint, "--table") || !strings.Contains(p.Hint, first) || !strings.Contains(p.Hint, "again") {
		t.Errorf("hint %q", p.Hint)
	}
	a := allTests()
	a.Table = "again"
	b.do(a)
	if p := b.refuse(&Export{What: workspace.KindFacilities, Out: b.path("f.csv")}, problem.Usage); !strings.Contains(p.Hint, "--name") {
		t.Errorf("hint %q", p.Hint)
	}
}

// What rests on an earlier version of a file says so until it is done again.
func TestResultsOnEarlierVersionsSaySo(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	mentions := func(r *Result) bool {
		return slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "there is a version 2") })
	}
	nets := NewPlan()
	nets.Nets = 1000
	if mentions(b.do(nets)) || mentions(b.do(b.mapTo("rank", "m.png"))) {
		t.Error("a fresh result is called old")
	}
	env := b.latest(workspace.KindWards, "")
	var csv bytes.Buffer
	if err := writeCSV(&csv, b.table(workspace.KindWards, env.Name)); err != nil {
		t.Fatal(err)
	}
	b.do(&Import{Files: []string{b.write("env.csv", csv.String())}, As: workspace.KindWards, Name: env.Name})
	b.do(&Match{})
	if !mentions(b.do(nets)) || !mentions(b.do(b.mapTo("rank", "m.png"))) || !mentions(b.do(&Report{Out: b.path("r.pdf")})) {
		t.Error("a result on an earlier version does not say so")
	}
}

// A struct filled without Set is held to the choices of its parameters too.
func TestDoRefusesAWordThatIsNoChoice(t *testing.T) {
	b, _ := rankedState(t, 14, small())
	a := NewScore()
	a.Vars, a.Scale = []string{"rainfall", "evi"}, "sideways"
	if p := b.refuse(a, problem.Usage); !strings.Contains(p.Hint, "minmax") {
		t.Errorf("hint %q", p.Hint)
	}
}

// Made-up data is never mixed with a project's own.
func TestTheSampleKeepsOutOfAProjectWithFiles(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("wards.geojson", threeWards())}})
	before := b.snapshot()
	b.refuse(NewSample(), problem.Conflict)
	if b.snapshot() != before {
		t.Error("a refused sample changed the store")
	}
}

// Another selection of a measure, chosen after the ranking that took the newest
// one, marks the ranking and what follows from it; one that was named in full
// stays what it is.
func TestAnotherChoiceMarksTheRanking(t *testing.T) {
	b, _ := rankedState(t, 11, small())
	named := scoreWith("none")
	named.Vars[0] = b.latest(workspace.KindPositivity, "").Name
	other := allTests()
	other.Age = "all"
	says := func() bool {
		r := b.do(planOf(100, "priority"))
		return slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "was chosen since") })
	}
	if says() {
		t.Error("nothing else was chosen yet")
	}
	b.do(other)
	if !says() {
		t.Error("a plan on the old choice says nothing")
	}
	b.do(named)
	if says() {
		t.Error("a result named in full is marked")
	}
	b.do(scoreWith("none"))
	if says() {
		t.Error("the score was repeated")
	}
}
