package action

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

func (b *bench) compose(c Choice) *Publication {
	b.t.Helper()
	p, err := Compose(b.t.Context(), b.w, c, func(string, int, int) {})
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func paths(p *Publication) (out []string) {
	for _, f := range p.Files {
		out = append(out, f.Path)
	}
	slices.Sort(out)
	return out
}

func file(t *testing.T, p *Publication, path string) []byte {
	t.Helper()
	i := slices.IndexFunc(p.Files, func(f Published) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("no %s in %v", path, paths(p))
	}
	return p.Files[i].Data
}

// about.json describes every table: its columns are those of the file, its rows
// those of the layer.
func TestAPublicationDescribesItself(t *testing.T) {
	b, _ := rankedState(t, 3, small())
	p := b.compose(Choice{})
	var about About
	if err := json.Unmarshal(file(t, p, "about.json"), &about); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, d := range about.Tables {
		kinds[d.Kind] = true
		rows, err := csv.NewReader(bytes.NewReader(file(t, p, d.Path))).ReadAll()
		if err != nil || len(rows) != d.Rows+1 {
			t.Fatalf("%s: %d lines for %d rows (%v)", d.Path, len(rows), d.Rows, err)
		}
		var names []string
		for _, c := range d.Columns {
			names = append(names, c.Name)
		}
		if !slices.Equal(rows[0], names) {
			t.Errorf("%s has %v, described as %v", d.Path, rows[0], names)
		}
		if d.Layer == "" {
			continue
		}
		var layer struct{ Features []any }
		if err := json.Unmarshal(file(t, p, d.Layer), &layer); err != nil || len(layer.Features) != d.Rows {
			t.Errorf("%s: %d features for %d rows (%v)", d.Path, len(layer.Features), d.Rows, err)
		}
	}
	for _, kind := range []string{workspace.KindPositivity, workspace.KindRanking, workspace.KindPlan} {
		if !kinds[kind] {
			t.Errorf("there is no %s", kind)
		}
	}
	if kinds[workspace.KindMatch] || kinds[workspace.KindWards] || kinds[workspace.KindPopulation] {
		t.Errorf("more leaves than results: %v", kinds)
	}
	if len(about.States) != 1 || len(about.Runs) != 3 || !strings.Contains(p.Title, about.States[0]) {
		t.Errorf("%v, %d runs, %q", about.States, len(about.Runs), p.Title)
	}
	for _, want := range []string{"report.pdf", "maps/category.png", "maps/nets.png", "layers/wards.geojson"} {
		file(t, p, want)
	}
	// The names of the files that were read are nobody's business.
	for _, f := range p.Files {
		if bytes.Contains(f.Data, []byte("fictional-state_")) && f.Path == "about.json" {
			t.Errorf("%s names a file that was read", f.Path)
		}
	}
}

// No row of a facility leaves unless it was ticked, whatever its run: neither
// what was imported nor what an act made of it.
func TestFacilityRowsStayUnlessTicked(t *testing.T) {
	b, _ := rankedState(t, 3, small())
	name := table.TextOf("facility", "Kanariewuri Clinic", "Other Clinic")
	name.Role = table.RoleFacility
	made, err := table.New("silent", name)
	if err != nil {
		t.Fatal(err)
	}
	run, _, err := b.w.Record(t.Context(), workspace.Draft{Act: "quality", Params: struct{}{}, Started: b.w.Now(), Summary: "x",
		Outputs: []store.NewDataset{{Kind: "quality", Name: "silent", Table: made}}})
	if err != nil {
		t.Fatal(err)
	}
	importRun := b.latest(workspace.KindFacilities, "").Run.N
	for _, c := range []Choice{{}, {Runs: []int64{4, run.ID.N, importRun}}} {
		p := b.compose(c)
		for _, f := range p.Files {
			if bytes.Contains(f.Data, []byte("Kanariewuri Clinic")) || strings.Contains(f.Path, "facilities") {
				t.Errorf("%v: %s leaves", c, f.Path)
			}
		}
		if len(p.LeftOut) == 0 {
			t.Errorf("%v: it does not say what stays", c)
		}
	}
	ticked := b.compose(Choice{Facilities: true})
	if !bytes.Contains(file(t, ticked, "tables/quality-silent.csv"), []byte("Kanariewuri Clinic")) || !slices.ContainsFunc(paths(ticked), func(p string) bool { return strings.HasPrefix(p, "tables/facilities-") }) {
		t.Errorf("ticked: %v", paths(ticked))
	}
	if _, err := Compose(t.Context(), b.w, Choice{Runs: []int64{run.ID.N}}, func(string, int, int) {}); !problem.Is(err, problem.NotFound) {
		t.Errorf("nothing but facility rows: %v", err)
	}
}

// The same results give the same bytes, whenever they are sent: the report does
// not carry the hour of the sending.
func TestTheSameResultsGiveTheSameFiles(t *testing.T) {
	b, _ := rankedState(t, 3, small())
	one, two := b.compose(Choice{}), b.compose(Choice{})
	if !slices.Equal(paths(one), paths(two)) || !one.Made.Equal(two.Made) {
		t.Fatalf("%v and %v", paths(one), paths(two))
	}
	for _, path := range paths(one) {
		if !bytes.Equal(file(t, one, path), file(t, two, path)) {
			t.Errorf("%s is another the second time", path)
		}
	}
}

// A run alone takes along what it made and nothing of others.
func TestChosenRuns(t *testing.T) {
	b, _ := rankedState(t, 3, small())
	plan := b.latest(workspace.KindPlan, "").Run.N
	p := b.compose(Choice{Runs: []int64{plan}})
	if !slices.Equal(p.Runs, []int64{plan}) || slices.Contains(paths(p), "report.pdf") {
		t.Errorf("%v of runs %v", paths(p), p.Runs)
	}
	for _, path := range paths(p) {
		if strings.Contains(path, "ranking") {
			t.Errorf("%s was not chosen", path)
		}
	}
}

func TestSlugs(t *testing.T) {
	for in, want := range map[string]string{
		"ranking-Kwara 2024": "ranking-kwara-2024", "Ọ̀ṣun/ẹ̀dẹ̀": "osun-ede", "../../x": "x", "..": "table", "": "table", "a__b": "a__b", "çé": "ce", "COM1": "com1",
	} {
		if got := slug(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if n := len(slug(strings.Repeat("x", 500))); n > 90 {
		t.Errorf("a name of %d letters", n)
	}
}
