package action

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/sample"
	"chatmrpt/core/store"
	"chatmrpt/core/workspace"
)

// mapTo is a small map, for speed.
func (b *bench) mapTo(show, out string) *Map {
	a := NewMap()
	a.Show, a.Width, a.Height = show, 400, 300
	if out != "" {
		a.Out = b.path(out)
	}
	return a
}

// products takes a loaded state to files of every sort and returns them by
// name.
func (b *bench) products() map[string]string {
	b.t.Helper()
	for _, a := range []Action{
		&Match{Export: b.path("match.csv")}, allTests(), scoreWith("neighbours"), planOf(9_000, "priority"),
		b.mapTo("rank", "rank.png"), b.mapTo("positivity", "positivity.svg"), b.mapTo("nets", "nets.pdf"),
		&Export{What: "ranking", Out: b.path("ranking.csv")}, &Export{What: "ranking", Out: b.path("ranking.geojson")},
		&Export{What: "plan", Out: b.path("plan.json")}, &Export{What: "boundaries", Out: b.path("boundaries.geojson")},
		&Report{Out: b.path("report.pdf")},
	} {
		b.do(a)
	}
	out := map[string]string{}
	for _, name := range b.files() {
		if strings.Contains(name, ".") {
			out[name] = b.read(name)
		}
	}
	return out
}

// hashes are the contents of every dataset, in order.
func (b *bench) hashes() []string {
	b.t.Helper()
	ds, err := b.w.Datasets(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, d := range ds {
		out = append(out, fmt.Sprintf("%s %s %d %s %s", d.Kind, d.Name, d.Version, d.SHA256, d.SourceHash))
	}
	return out
}

func compareProducts(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: %s differs (%d and %d bytes)", what, name, len(got[name]), len(want[name]))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d files, want %d", what, len(got), len(want))
	}
}

// Law L8: same inputs, parameters and clock, same bytes, in whatever profile.
func TestSameInputsGiveSameBytes(t *testing.T) {
	s := makeState(t, 7, small())
	a, b := newBench(t), newBench(t)
	a.importState(s)
	b.importState(s)
	first, second := a.products(), b.products()
	if len(first) != 9 {
		t.Errorf("%d files: %v", len(first), a.files())
	}
	compareProducts(t, "another profile", second, first)
	if x, y := a.hashes(), b.hashes(); !slices.Equal(x, y) {
		t.Errorf("datasets differ:\n%s\n%s", strings.Join(x, "\n"), strings.Join(y, "\n"))
	}
	if runs, others := a.do(&Runs{}), b.do(&Runs{}); !reflect.DeepEqual(texts(t, runs.Tables[0], "parameters"), texts(t, others.Tables[0], "parameters")) {
		t.Error("parameters recorded differ")
	}
	// Again in the same profile, with everything cached: only the numbers of
	// the runs, which maps and report name, are others.
	b.products()
	again := map[string]string{"ranking.csv": b.read("ranking.csv"), "plan.json": b.read("plan.json"), "ranking.geojson": b.read("ranking.geojson")}
	for name, text := range again {
		if text != first[name] {
			t.Errorf("the second time in one profile %s differs", name)
		}
	}
}

// Another state or another parameter gives other results, or the test above
// proves nothing.
func TestOtherInputsGiveOtherBytes(t *testing.T) {
	a, _ := rankedState(t, 7, small())
	b, _ := rankedState(t, 8, small())
	if a.latest(workspace.KindRanking, "").SHA256 == b.latest(workspace.KindRanking, "").SHA256 {
		t.Error("two states, one ranking")
	}
	before := a.latest(workspace.KindRanking, "").SHA256
	other := scoreWith("lga")
	a.do(other)
	if a.latest(workspace.KindRanking, "").SHA256 == before {
		t.Error("two ways to fill gaps, one ranking")
	}
}

// Every run names what it read, by dataset; every dataset has the hash of its
// content and, when read from a file, of the file.
func TestRunsNameTheirInputs(t *testing.T) {
	b, _ := rankedState(t, 9, small())
	b.do(b.mapTo("rank", "rank.svg"))
	b.do(&Report{Out: b.path("report.pdf")})
	runs, err := b.w.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"import: ",
		"match: boundaries facilities wards population",
		"positivity: boundaries facilities match",
		"score: boundaries positivity wards match",
		"plan: boundaries population match ranking",
		"map: boundaries ranking",
		"report: ranking plan",
	}
	for i, run := range runs {
		inputs, err := b.w.Inputs(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, d := range inputs {
			kinds = append(kinds, d.Kind)
		}
		if got := run.Act + ": " + strings.Join(kinds, " "); got != want[i] {
			t.Errorf("run %d is %q, want %q", i+1, got, want[i])
		}
		if run.Version != "test" || run.Summary == "" || !run.Started.Equal(b.w.Now()) || !run.Finished.Equal(b.w.Now()) {
			t.Errorf("run %+v", run)
		}
	}
	hash := regexp.MustCompile(`^[0-9a-f]{64}$`)
	ds, err := b.w.Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ds {
		if !hash.MatchString(d.SHA256) {
			t.Errorf("%s has the hash %q", d.Name, d.SHA256)
		}
		if d.Source == "" {
			continue
		}
		data, err := os.ReadFile(b.path(filepath.Join("state", d.Source)))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(data); d.SourceHash != hex.EncodeToString(sum[:]) {
			t.Errorf("%s has not the hash of its file", d.Name)
		}
	}
}

// Where a user's files lie is nobody's business: of /a/secret-name/file.csv
// the record keeps file.csv.
func TestNothingRecordedHoldsAPath(t *testing.T) {
	const secret = "secret-name"
	b, s := newBench(t), makeState(t, 9, small())
	in := &Import{}
	for _, f := range filesOf(t, s) {
		if isSampleInput(f.Name) {
			in.Files = append(in.Files, b.write(filepath.Join(secret, f.Name), string(f.Data)))
		}
	}
	at := func(name string) string { return b.path(filepath.Join(secret, name)) }
	byFile := NewScore()
	byFile.Models = b.write(filepath.Join(secret, "models.csv"), lines("model,variable,weight", "m,rainfall,1", "m,evi,1"))
	drawn := b.mapTo("rank", filepath.Join(secret, "rank.svg"))
	results := []*Result{
		b.do(in), b.do(&Match{Export: at("review.csv")}), b.do(&Match{Accept: at("review.csv")}), b.do(allTests()), b.do(byFile),
		b.do(planOf(100, "priority")), b.do(drawn), b.do(&Report{Out: at("report.pdf")}),
	}
	if text := b.snapshot(); strings.Contains(text, secret) {
		t.Errorf("the folder's name is in the records: …%s…", around(text, secret))
	}
	for _, r := range results {
		details, err := json.Marshal(r.Details)
		if err != nil {
			t.Fatal(err)
		}
		if text := r.Summary + strings.Join(r.Notices, " ") + string(details); strings.Contains(text, secret) {
			t.Errorf("%s speaks of the folder: …%s…", r.Act, around(text, secret))
		}
	}
	for _, name := range []string{"report.pdf", "rank.svg", "review.csv"} {
		if strings.Contains(b.read(filepath.Join(secret, name)), secret) {
			t.Errorf("%s holds the folder's name", name)
		}
	}
	sources := map[string]bool{}
	for _, d := range mustDatasets(t, b) {
		sources[d.Source] = true
	}
	if !sources["wards_environment.csv"] || !strings.Contains(b.snapshot(), `"Models":"models.csv"`) {
		t.Error("the names of the files are not recorded")
	}
}

func mustDatasets(t *testing.T, b *bench) []store.Dataset {
	t.Helper()
	ds, err := b.w.Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// around is the text on both sides of the first what.
func around(text, what string) string {
	i := strings.Index(text, what)
	return text[max(0, i-60):min(len(text), i+60)]
}

// A failing act records nothing, and of several files keeps none. (refuse
// compares what the store holds.)
func TestAFailingActRecordsNothing(t *testing.T) {
	b := newBench(t)
	good := b.write("wards.geojson", threeWards())
	b.refuse(&Match{}, problem.NotFound)
	b.refuse(allTests(), problem.NotFound)
	b.refuse(scoreWith("none"), problem.NotFound)
	b.refuse(planOf(10, "priority"), problem.NotFound)
	b.refuse(NewMap(), problem.NotFound)
	b.refuse(&Report{Out: b.path("report.pdf")}, problem.NotFound)
	b.refuse(&Export{What: "ranking", Out: b.path("ranking.csv")}, problem.NotFound)
	b.refuse(&Import{Files: []string{good, b.path("none.csv")}}, problem.NotFound)
	b.refuse(&Import{Files: []string{good, b.write("empty.csv", "")}}, problem.BadInput)
	b.refuse(&Import{Files: []string{good, b.write("broken.geojson", "{")}}, problem.BadInput)
	b.refuse(&Import{Files: []string{good, b.write("two.geojson", threeWards())}, Name: "both"}, problem.Usage)
	if got := b.files(); !slices.Equal(got, []string{"broken.geojson", "empty.csv", "two.geojson", "wards.geojson"}) {
		t.Errorf("failing acts left files: %v", got)
	}
	b.do(&Import{Files: []string{good}})
	b.refuse(&Match{}, problem.NotFound)
	b.do(&Import{Files: []string{b.write("people.csv", lines("State,LGA,Ward,Population", "Kwara,Asa,Afon,900"))}})
	b.refuse(planOf(10, "priority"), problem.NotFound)
	b.refuse(&Match{Accept: b.write("review.csv", "not,a,review\n")}, problem.BadInput)
	b.refuse(&Match{Accept: b.path("none.csv")}, problem.NotFound)
	b.refuse(&Match{Export: b.path("no/folder/review.csv")}, problem.BadInput)
	b.do(&Match{})
	a := NewScore()
	b.refuse(a, problem.Usage)
	a.Vars = []string{"population", "rainfall"}
	b.refuse(a, problem.NotFound)
}

// Two tables of one call that would be kept under one name are refused: the
// second would hide the first.
func TestImportOfTwoTablesOfOneNameIsRefused(t *testing.T) {
	b := newBench(t)
	text := lines("State,LGA,Ward,Population", "Kwara,Asa,Afon,900")
	files := []string{b.write("2023/people.csv", text), b.write("2024/people.csv", text)}
	p := b.refuse(&Import{Files: files}, problem.Usage)
	if !strings.Contains(p.Error(), "people") {
		t.Errorf("it does not say which: %v", p)
	}
}

// The same file again is a new version beside the old one.
func TestImportedAgainIsANewVersion(t *testing.T) {
	b := newBench(t)
	path := b.write("people.csv", lines("State,LGA,Ward,Population", "Kwara,Asa,Afon,900"))
	b.do(&Import{Files: []string{path}})
	b.write("people.csv", lines("State,LGA,Ward,Population", "Kwara,Asa,Afon,950"))
	r := b.do(&Import{Files: []string{path}})
	if got := numbers(t, r.Tables[0], "version"); got[0] != 2 {
		t.Errorf("version %v", got)
	}
	if got := numbers(t, b.table(workspace.KindPopulation, "people"), "Population"); got[0] != 950 {
		t.Errorf("the newest has %v people", got)
	}
	if got := len(texts(t, b.do(&Data{}).Tables[0], "name")); got != 1 {
		t.Errorf("%d tables are listed", got)
	}
	if got := numbers(t, b.do(&Data{All: true}).Tables[0], "version"); !slices.Equal(got, []float64{1, 2}) {
		t.Errorf("all versions: %v", got)
	}
	b.do(&Import{Files: []string{path}, Name: "census"})
	if got := texts(t, b.do(&Data{}).Tables[0], "name"); !slices.Equal(got, []string{"people", "census"}) {
		t.Errorf("tables %v", got)
	}
}

// The parts of one shapefile are one layer, wherever they stand in the call.
func TestPartsOfAShapefileStandTogether(t *testing.T) {
	var in []inputFile
	for _, name := range []string{"a.SHP", "x.csv", "b.shp", "A.dbf", "y.csv", "b.prj", "a.shx"} {
		in = append(in, inputFile{name: name})
	}
	var got []string
	for _, g := range groupFiles(in, false) {
		var names []string
		for _, f := range g {
			names = append(names, f.name)
		}
		got = append(got, strings.Join(names, "+"))
	}
	if want := "a.SHP+A.dbf+a.shx x.csv b.shp+b.prj y.csv"; strings.Join(got, " ") != want {
		t.Errorf("got %s", strings.Join(got, " "))
	}
}

// What a person decided about a name is remembered for later files and
// versions, and comes from the reviewed file alone.
func TestDecisionsAreRemembered(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("wards.geojson", threeWards()),
		b.write("people.csv", lines("State,LGA,Ward,Population", "Kwara,Asa,Afon,900", "Kwara,Asa,The market,50", "Kwara,Asa,Old town,70"))}})
	r := b.do(&Match{Export: b.path("review.csv")})
	if got := texts(t, r.Tables[0], "decision"); got[0] == "accepted" || got[2] != "accepted" {
		t.Errorf("what needs a person is not shown first: %v", got)
	}
	review := strings.Split(strings.TrimSpace(b.read("review.csv")), "\n")
	header := strings.Split(review[0], ",")
	at := func(name string) int { return slices.Index(header, name) }
	for i, line := range review {
		cells := strings.Split(line, ",")
		switch cells[at("given_ward")] {
		case "The market":
			cells[at("state")], cells[at("lga")], cells[at("ward")], cells[at("decision")] = "Kwara", "Asa", "Budo", "accepted"
		case "Old town":
			cells[at("decision")] = "rejected"
		}
		review[i] = strings.Join(cells, ",")
	}
	b.do(&Match{Accept: b.write("reviewed.csv", lines(review...))})
	b.do(&Import{Files: []string{b.write("more.csv", lines("State,LGA,Ward,Population", "Kwara,Asa,The market,55", "Kwara,Asa,Old town,75"))}})
	b.do(&Match{})
	links := b.table(workspace.KindMatch, "population: more")
	if got := texts(t, links, "decision"); !slices.Equal(got, []string{"accepted", "rejected"}) || texts(t, links, "ward")[0] != "Budo" || texts(t, links, "unit")[0] != "1" {
		t.Errorf("later file: %v to %v", got, texts(t, links, "ward"))
	}
}

// An act of a closed profile fails as locked, and one that was never let in
// has not run.
func TestActsOfAClosedProfileAreLocked(t *testing.T) {
	b := newBench(t)
	if err := b.w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, a := range []Action{&Data{}, &Runs{}, NewSample(), &Import{Files: []string{b.write("wards.geojson", threeWards())}}} {
		_, err := b.try(a)
		mustProblem(t, err, problem.Locked)
	}
}

// What the state's files are called and hold is what the sample says it is.
func TestSampleInputsLeaveOutTheTwin(t *testing.T) {
	files := filesOf(t, makeState(t, 1, sample.Options{LGAs: 4, Wards: 32, Months: 12}))
	var kept []string
	for _, f := range files {
		if isSampleInput(f.Name) {
			kept = append(kept, filepath.Ext(f.Name))
		}
	}
	if got := strings.Join(kept, " "); got != ".geojson .xlsx .csv .csv" {
		t.Errorf("read are %s", got)
	}
}
