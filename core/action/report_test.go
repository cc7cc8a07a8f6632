package action

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/report"
	"chatmrpt/core/store"
	"chatmrpt/core/workspace"
)

// document is the report as it would be printed now.
func (b *bench) document() report.Document {
	b.t.Helper()
	f, err := loadFrame(b.t.Context(), b.w, "report")
	if err != nil {
		b.t.Fatal(err)
	}
	have, err := collectBrief(b.t.Context(), b.w, f)
	if err != nil {
		b.t.Fatal(err)
	}
	doc, err := (&Report{}).document(b.t.Context(), b.w, have)
	if err != nil {
		b.t.Fatal(err)
	}
	return doc
}

// words is everything of a document that is said in words.
func words(d report.Document) string {
	out := slices.Concat(d.Summary, d.Method, d.Quality, d.Limits)
	for _, f := range slices.Concat(d.Facts, d.Sources) {
		out = append(out, f.Label+": "+f.Value)
	}
	return strings.Join(out, "\n")
}

// The report says what was chosen: another choice prints another text, and
// what was not chosen is not told.
func TestReportSaysWhatWasChosen(t *testing.T) {
	b, _ := rankedState(t, 31, small())
	models := b.write("our models.csv", lines("model,variable,weight", "m1,rainfall,1", "m1,evi,2", "m2,evi,1", "m2,housing_quality,1"))
	score := func(change func(*Score)) *Score { a := scoreWith("neighbours"); change(a); return a }
	planned := func(change func(*Plan)) *Plan { a := planOf(20_000, "priority"); change(a); return a }
	for _, c := range []struct {
		name      string
		acts      []Action
		say, omit []string
	}{
		{"usual", []Action{scoreWith("neighbours"), planOf(20_000, "proportional")},
			[]string{"test positivity rate, facilities of all levels", "neighbouring wards", "26 combinations", "lowest and highest ward", "median of their ranks",
				"thirds of the ranking", "same share of its need", "20,000 in stock", "count alike", "who comes to be tested", "added up over"},
			[]string{"our models", "left open", "of the LGA", "order of the boundary file", "at most", "urban", "order of their rank"}},
		{"mean of the LGA, by rank", []Action{score(func(a *Score) { a.Impute, a.Scale, a.Aggregate = "lga", "rank", "mean-score" })},
			[]string{"of the LGA", "rank of its value", "mean of the models' values"},
			[]string{"neighbouring wards", "lowest and highest ward", "in stock", "median of"}},
		{"gaps left open", []Action{scoreWith("none")}, []string{"left open", "not ranked; that says nothing"}, []string{"neighbouring wards", "of the LGA"}},
		{"own models", []Action{score(func(a *Score) { a.Models, a.Vars, a.Invert = models, nil, []string{"housing_quality"} })},
			[]string{"our models.csv", "2 models", "No variable of this ranking comes from facility records", "less is riskier"},
			[]string{"combinations", "count alike", "Malaria measure", "positivity: run"}},
		{"ties by file", []Action{score(func(a *Score) { a.Ties = "file-order" })}, []string{"order of the boundary file"}, nil},
		{"no categories", []Action{score(func(a *Score) { a.Category = "none" })}, []string{"Composite"}, []string{"thirds"}},
		{"priority", []Action{scoreWith("neighbours"), planned(func(*Plan) {})}, []string{"order of their rank"}, []string{"same share"}},
		{"cap and threshold", []Action{planned(func(p *Plan) { p.Cap, p.UrbanThreshold = 0.1, 30 })},
			[]string{"at most 10.0 % of the stock", "30 % urban or more"}, nil},
	} {
		for _, a := range c.acts {
			b.do(a)
		}
		doc := b.document()
		text := words(doc) + "\n" + doc.Title
		for _, m := range doc.Maps {
			text += "\n" + m.Title
		}
		for _, want := range c.say {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the report does not say %q:\n%s", c.name, want, text)
			}
		}
		for _, not := range c.omit {
			if strings.Contains(text, not) {
				t.Errorf("%s: the report says %q:\n%s", c.name, not, text)
			}
		}
		if doc.Author != "Amina" || doc.Version != "test" || !doc.Created.Equal(b.w.Now()) || !doc.Fictional {
			t.Errorf("%s: %s, %s, %v, made up %v", c.name, doc.Author, doc.Version, doc.Created, doc.Fictional)
		}
	}
}

// The sources are the files that the figures rest on, by name and hash, and no
// other file of the project.
func TestReportNamesItsSources(t *testing.T) {
	b, _ := rankedState(t, 31, small())
	sources := func() []string {
		var out []string
		for _, f := range b.document().Sources {
			out = append(out, f.Label)
			if d := slices.IndexFunc(mustDatasets(t, b), func(d store.Dataset) bool { return d.Source == f.Label }); d >= 0 {
				if hash := mustDatasets(t, b)[d].SourceHash; !strings.Contains(f.Value, hash[:16]) {
					t.Errorf("%s without its hash: %s", f.Label, f.Value)
				}
			}
		}
		slices.Sort(out)
		return out
	}
	all := []string{"Runs in this profile", "fictional-state_dhis2_malaria_2023-2023.xlsx", "fictional-state_wards.geojson", "population_2024.csv", "wards_environment.csv"}
	if got := sources(); !slices.Equal(got, all) {
		t.Errorf("sources %q", got)
	}
	a := scoreWith("neighbours")
	a.Vars, a.Invert = []string{"rainfall", "evi"}, nil
	b.do(a)
	if got := sources(); !slices.Equal(got, []string{"Runs in this profile", "fictional-state_wards.geojson", "wards_environment.csv"}) {
		t.Errorf("of a score by rain and plants the sources are %q", got)
	}
}

// The two ends of the ranking stand in the report as in the ranking, with a
// star where a value was filled in.
func TestReportTables(t *testing.T) {
	b, s := rankedState(t, 31, small())
	doc := b.document()
	ranking, plan := b.table(workspace.KindRanking, ""), b.table(workspace.KindPlan, "")
	order := RankOrder(ranking)
	wards, marks := texts(t, ranking, "ward"), texts(t, ranking, "imputed")
	n := len(order)
	for i := range 10 {
		for _, end := range []struct {
			table *report.Table
			ward  int
		}{{doc.Top, order[i]}, {doc.Bottom, order[n-1-i]}} {
			want := wards[end.ward]
			if marks[end.ward] != "" {
				want += " *"
			}
			row := end.table.Rows[i]
			if row[1] != want || row[0] != texts(t, ranking, "rank")[end.ward] || end.table.Marks[i] != texts(t, ranking, "category")[end.ward] {
				t.Errorf("%s, row %d: %q, want %s", end.table.Title, i, row, want)
			}
		}
		row := doc.Plan.Rows[i]
		if got := []string{row[1], row[5]}; got[0] != wards[order[i]] || strings.ReplaceAll(got[1], ",", "") != texts(t, plan, "nets_allocated")[order[i]] {
			t.Errorf("plan, row %d: %q", i, row)
		}
	}
	if starred := slices.ContainsFunc(doc.Top.Rows, func(r []string) bool { return strings.HasSuffix(r[1], " *") }); starred != strings.Contains(doc.Top.Note, "filled in") {
		t.Errorf("stars %v, note %q", starred, doc.Top.Note)
	}
	if len(doc.Top.Rows) != 10 || len(doc.Bottom.Rows) != 10 || len(s.Wards) < 20 {
		t.Errorf("%d and %d rows", len(doc.Top.Rows), len(doc.Bottom.Rows))
	}
}

// A project of three wards, one without people known, has a short report with
// a dash for what isn't known.
func TestReportOfAFewWards(t *testing.T) {
	b := withTables(t, map[string][]string{
		"env": {"State,LGA,Ward,evi,rainfall", "Kwara,Asa,Afon,1,1", "Kwara,Asa,Budo,2,2", "Kwara,Asa,Owode,3,3"},
		"pop": {"State,LGA,Ward,Population", "Kwara,Asa,Afon,1800", "Kwara,Asa,Budo,180"},
	})
	a := NewScore()
	a.Vars = []string{"evi", "rainfall"}
	b.do(a)
	b.do(planOf(600, "priority"))
	doc := b.document()
	want := []string{
		"[1 Owode Asa – – 0 –]", "[2 Budo Asa 180 100 100 100.0 %]", "[3 Afon Asa 1,800 1,000 500 50.0 %]",
	}
	for i, row := range doc.Plan.Rows {
		if got := fmt.Sprint(row); got != want[i] {
			t.Errorf("row %d: %s, want %s", i, got, want[i])
		}
	}
	if doc.Fictional {
		t.Error("real data are called made up")
	}
	r := b.do(&Report{Out: b.path("brief.PDF"), Title: "Nets for Asa"})
	if !strings.HasPrefix(b.read("brief.PDF"), "%PDF-") || !slices.Equal(r.Files, []string{b.path("brief.PDF")}) {
		t.Errorf("files %v", r.Files)
	}
}
