package action

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/boundary"
)

// readCSV gives the columns of a CSV file by header.
func readCSV(t *testing.T, data string) (header []string, columns map[string][]string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns = map[string][]string{}
	for i, name := range rows[0] {
		for _, r := range rows[1:] {
			columns[name] = append(columns[name], r[i])
		}
	}
	return rows[0], columns
}

// A cell that a spreadsheet would run as a formula is made harmless; a number
// stays a number, also below nought.
func TestCSVGuardsFormulas(t *testing.T) {
	tb, err := table.New("t",
		table.TextOf("=name", `=HYPERLINK("http://x","y")`, "+1", "-1", "@sum", "\tx", "\rx", "Afon", "'quoted"),
		table.NumberOf("change", -1, 2, -3.5, 0, 1e21, 1e-9, 7, 8))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := writeCSV(&out, tb); err != nil {
		t.Fatal(err)
	}
	_, columns := readCSV(t, out.String())
	want := []string{`'=HYPERLINK("http://x","y")`, "'+1", "'-1", "'@sum", "'\tx", "'\rx", "Afon", "'quoted"}
	if got := columns["'=name"]; !slices.Equal(got, want) {
		t.Errorf("texts %q", got)
	}
	if got := columns["change"]; !slices.Equal(got, []string{"-1", "2", "-3.5", "0", "1000000000000000000000", "0.000000001", "7", "8"}) {
		t.Errorf("numbers %q", got)
	}
}

// An exported ranking says of every value whether it was filled in, and leaves
// a gap a gap: in a CSV an empty cell, in JSON null.
func TestExportMarksWhatWasFilledIn(t *testing.T) {
	b, _ := rankedState(t, 10, small())
	ranking := b.table(workspace.KindRanking, "")
	imputed, _ := ranking.Column("input_positivity")
	b.do(&Export{What: "ranking", Out: b.path("ranking.csv")})
	header, columns := readCSV(t, b.read("ranking.csv"))
	if at := slices.Index(header, "input_positivity"); at < 0 || header[at+1] != "input_positivity_imputed" {
		t.Fatalf("headers %v", header)
	}
	for i := range imputed.Len() {
		want := map[bool]string{true: "yes", false: "no"}[imputed.Imputed(i)]
		if got := columns["input_positivity_imputed"][i]; got != want || columns["input_positivity"][i] != imputed.Format(i) {
			t.Errorf("row %d: %s, imputed %s; want %s, %s", i, columns["input_positivity"][i], got, imputed.Format(i), want)
		}
	}
	if imputed.CountImputed() == 0 {
		t.Error("nothing was filled in")
	}

	b.do(scoreWith("none"))
	open := b.table(workspace.KindRanking, "")
	b.do(&Export{What: "ranking", Out: b.path("open.csv")})
	b.do(&Export{What: "ranking", Out: b.path("open.json")})
	header, columns = readCSV(t, b.read("open.csv"))
	if slices.Contains(header, "input_positivity_imputed") {
		t.Error("a column of marks although nothing was filled in")
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(b.read("open.json")), &rows); err != nil {
		t.Fatal(err)
	}
	gaps := 0
	for _, c := range open.Columns {
		for i := range c.Len() {
			v, known := rows[i][c.Name]
			number, isNumber := c.Number(i)
			word, _ := c.Text(i)
			switch {
			case !known:
				t.Fatalf("row %d has no %s", i, c.Name)
			case c.Missing(i):
				gaps++
				if v != nil || columns[c.Name][i] != "" {
					t.Errorf("row %d: a missing %s is %v and %q", i, c.Name, v, columns[c.Name][i])
				}
			case isNumber && v != number, !isNumber && v != word:
				t.Errorf("row %d: %s is %v, want %s", i, c.Name, v, c.Format(i))
			}
		}
	}
	if gaps == 0 {
		t.Error("nothing is missing")
	}
}

// An exported layer reads back with the same values at the same wards.
func TestExportedLayerReadsBack(t *testing.T) {
	b, s := rankedState(t, 10, small())
	b.do(scoreWith("none"))
	b.surveilled()
	b.spatial()
	for _, what := range []string{"ranking", "plan", "positivity", "trend", "strata", "seasonality", "funnel", "boundaries", "clusters", "smoothed", "regions"} {
		b.do(&Export{What: what, Out: b.path(what + ".geojson")})
		layer, err := boundary.Read(t.Context(), []boundary.File{{Name: what + ".geojson", Data: []byte(b.read(what + ".geojson"))}}, boundary.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(layer.Notices) > 0 {
			t.Errorf("%s: %q", what, layer.Notices)
		}
		for i, area := range layer.Areas {
			if len(area) != len(s.Wards[i].Area) || area.Bound() != s.Wards[i].Area.Bound() {
				t.Errorf("%s: row %d lies elsewhere", what, i)
			}
		}
		for _, c := range b.table(what, "").Columns {
			back, ok := layer.Column(c.Name)
			if !ok {
				t.Errorf("%s: %s is gone", what, c.Name)
				continue
			}
			for i := range c.Len() {
				number, _ := c.Number(i)
				word, _ := c.Text(i)
				switch {
				case back.Present[i] == c.Missing(i):
					t.Errorf("%s: %s of row %d is there: %v", what, c.Name, i, back.Present[i])
				case c.Missing(i):
				case back.IsNumber != (c.Kind() == table.Number), back.IsNumber && back.Numbers[i] != number, !back.IsNumber && back.Texts[i] != word:
					t.Errorf("%s: %s of row %d is not %s", what, c.Name, i, c.Format(i))
				}
			}
		}
	}
}

// Every table can be written as CSV and JSON, and its rows come back.
func TestEveryTableIsExported(t *testing.T) {
	b, _ := rankedState(t, 10, small())
	b.surveilled()
	firm := scoreWith("neighbours")
	firm.Stability = 100
	parts := scoreWith("neighbours")
	parts.Method = "pca"
	globe := &Import{Files: []string{"../../geo/raster/testdata/globe.tif"}}
	for _, a := range []Action{firm, parts, &Variables{Keep: []string{"positivity", "evi"}}, globe, NewQuality()} {
		b.do(a)
	}
	b.spatial()
	for _, statistic := range []string{"moran", "lisa", "eb", "regions"} {
		a := NewSpatial()
		a.Statistic, a.Var = statistic, "positivity"
		if statistic == "regions" {
			a.Var, a.Vars, a.Regions = "", []string{"rainfall", "evi"}, 2
		}
		b.do(a)
	}
	before := b.snapshot()
	for _, what := range paramOf(t, &Export{}, "what").Choices {
		rows := b.table(what, "").Rows()
		name := b.latest(what, "").Name
		b.do(&Export{What: what, Name: name, Out: b.path("out.csv")})
		header, columns := readCSV(t, b.read("out.csv"))
		if got := len(columns[header[0]]); got != rows {
			t.Errorf("%s: %d rows of %d", what, got, rows)
		}
		b.do(&Export{What: what, Name: name, Out: b.path("out.JSON")})
		var list []map[string]any
		if err := json.Unmarshal([]byte(b.read("out.JSON")), &list); err != nil || len(list) != rows {
			t.Errorf("%s: %d rows of %d, %v", what, len(list), rows, err)
		}
	}
	if b.snapshot() != before {
		t.Error("an export changed the store")
	}
}

// Only tables whose row i is ward i become a layer. The links of a table with
// as many rows as the layer has wards, in another order, do not.
func TestExportJoinsNoOtherRowsToTheWards(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("wards.geojson", threeWards()),
		b.write("people.csv", lines("State,LGA,Ward,Population", "Kwara,Asa,Owode,300", "Kwara,Asa,Budo,200", "Kwara,Asa,Afon,100")),
		b.write("rain.csv", lines("State,LGA,Ward,rain,evi", "Kwara,Asa,Owode,3,1", "Kwara,Asa,Budo,2,2", "Kwara,Asa,Afon,1,2"))}})
	b.do(&Match{})
	a := NewScore()
	a.Models = b.write("models.csv", lines("model,variable,weight", "m1,rain,1", "m1,evi,1", "m2,rain,1"))
	b.do(a)
	for _, what := range []string{"match", "population", "wards", "models"} {
		if got := b.latest(what, "").Rows; got != 3 {
			t.Fatalf("%s has %d rows", what, got)
		}
		p := b.refuse(&Export{What: what, Name: b.latest(what, "").Name, Out: b.path(what + ".geojson")}, problem.BadInput)
		if !strings.Contains(p.Hint, ".csv") {
			t.Errorf("%s: %+v", what, p)
		}
	}
	if slices.ContainsFunc(b.files(), func(f string) bool { return strings.HasSuffix(f, "match.geojson") }) {
		t.Error("a refused export left a file")
	}
}

// A plan made on boundaries that were replaced since is exported with its own.
func TestExportUsesTheBoundariesOfTheResult(t *testing.T) {
	b, s := rankedState(t, 10, small())
	b.do(&Import{Files: []string{b.write("other.geojson", threeWards())}})
	b.do(&Export{What: "plan", Out: b.path("plan.geojson")})
	if got := strings.Count(b.read("plan.geojson"), `"Feature"`); got != len(s.Wards) {
		t.Errorf("%d features", got)
	}
}

func TestExportRefusesWhatIsNotThere(t *testing.T) {
	b, _ := rankedState(t, 10, small())
	b.refuse(&Export{What: "population", Name: "census", Out: b.path("x.csv")}, problem.NotFound)
	b.refuse(&Export{What: "ranking", Out: b.path("no/folder/x.csv")}, problem.BadInput)
	if got := b.files(); !slices.Equal(got, []string{"state"}) {
		t.Errorf("left: %v", got)
	}
}

// Numbers of a CSV read back to the last bit.
func TestNumbersReadBackExactly(t *testing.T) {
	b, _ := rankedState(t, 10, small())
	b.do(&Export{What: "positivity", Out: b.path("p.csv")})
	b.do(&Import{Files: []string{b.path("p.csv")}, As: "wards", Name: "again"})
	want, got := numbers(t, b.table(workspace.KindPositivity, ""), "value"), numbers(t, b.table(workspace.KindWards, "again"), "value")
	for i := range want {
		if want[i] != got[i] && !(math.IsNaN(want[i]) && math.IsNaN(got[i])) {
			t.Errorf("row %d: %v became %v", i, want[i], got[i])
		}
	}
}
