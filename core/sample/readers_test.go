package sample_test

import (
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/ingest"
	"chatmrpt/core/sample"
	"chatmrpt/core/table"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/weights"
)

// The tests here read the made-up files with the program's own readers: what
// was planted must be found, and nothing else.

func files(t *testing.T) (*sample.State, map[string]sample.File) {
	t.Helper()
	s, err := sample.Make(1, sample.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]sample.File{}
	for _, f := range list {
		byName[f.Name] = f
	}
	return s, byName
}

func read(t *testing.T, f sample.File) *ingest.Result {
	t.Helper()
	r, err := ingest.Read(t.Context(), f.Name, f.Data, ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func column(t *testing.T, r *ingest.Result, role table.Role) *table.Column {
	t.Helper()
	c, ok := r.Table.Role(role)
	if !ok {
		t.Fatalf("%s: no column is the %s", r.Report.File, role)
	}
	return c
}

func TestFacilityFilesAreRead(t *testing.T) {
	s, byName := files(t)
	const records = "fictional-state_dhis2_malaria_2023-2024"
	book, text := read(t, byName[records+".xlsx"]), read(t, byName[records+".csv"])
	if book.Table.Hash() != text.Table.Hash() {
		t.Error("the workbook and the text give different tables")
	}
	for _, r := range []*ingest.Result{book, text} {
		t.Run(r.Report.Format, func(t *testing.T) { checkFacilities(t, s, r) })
	}
}

func checkFacilities(t *testing.T, s *sample.State, r *ingest.Result) {
	if r.Kind != ingest.Facilities || r.Report.HeaderRow != 3 || r.Table.Rows() != s.Truth.Rows {
		t.Fatalf("kind %s, header in row %d, %d rows; want facilities, 3, %d", r.Kind, r.Report.HeaderRow, r.Table.Rows(), s.Truth.Rows)
	}
	if len(r.Report.Duplicates) != 4 {
		t.Errorf("%d headers stand twice, want 4", len(r.Report.Duplicates))
	}
	for _, d := range r.Report.Duplicates {
		if d.Strategy != ingest.Sum {
			t.Errorf("%s: %s because %s", d.Header, d.Strategy, d.Reason)
		}
	}
	warned := map[string]int{}
	for _, w := range r.Report.Warnings {
		warned[w.Code] += w.Count // positives above tested are counted per test and age; a row has one of them
	}
	if warned[ingest.WarnUnknownWard] != s.Truth.UnknownRows || warned[ingest.WarnCascade] != s.Truth.Impossible {
		t.Errorf("warned of %d unknown wards and %d impossible rows; %d and %d are planted\nwarnings: %+v",
			warned[ingest.WarnUnknownWard], warned[ingest.WarnCascade], s.Truth.UnknownRows, s.Truth.Impossible, r.Report.Warnings)
	}
	checkPlaces(t, s, r)
	checkSums(t, s, r)
}

// checkPlaces compares the names of wards and periods with those planted.
func checkPlaces(t *testing.T, s *sample.State, r *ingest.Result) {
	lga, ward, period := column(t, r, table.RoleLGA), column(t, r, table.RoleWard), column(t, r, table.RolePeriod)
	planted := map[[2]string]bool{}
	for _, f := range s.Facilities {
		planted[[2]string{f.GivenLGA, fold(f.GivenWard)}] = true
	}
	periods := map[string]bool{}
	for i := range r.Table.Rows() {
		l, _ := lga.Text(i)
		w, _ := ward.Text(i)
		if key := [2]string{bare(l), fold(bare(w))}; !planted[key] {
			t.Fatalf("row %d: place %q, %q was not planted", i, l, w)
		}
		p, _ := period.Text(i)
		periods[p] = true
	}
	for m := range s.Options.Months {
		if !periods[s.Period(m)] {
			t.Errorf("no row for %s", s.Period(m))
		}
	}
	if len(periods) != s.Options.Months {
		t.Errorf("%d periods, want %d", len(periods), s.Options.Months)
	}
}

// bare takes prefix and suffix from a place name, should the reader have left
// them.
func bare(name string) string {
	name = strings.TrimPrefix(name, "zb ")
	return strings.TrimSuffix(strings.TrimSuffix(name, " Local Government Area"), " Ward")
}

// fold collapses blanks, which a reader may do.
func fold(name string) string { return strings.Join(strings.Fields(name), " ") }

// checkSums compares the children tested and positive by RDT with what was
// sent. Faults change some cells, so the sums agree within the share of cells
// that can be lost (stock-outs, empty cells, words, impossible rows: < 8 %).
func checkSums(t *testing.T, s *sample.State, r *ingest.Result) {
	tested := column(t, r, table.TestedRole(table.RDT, table.Under5))
	got, want := 0.0, 0.0
	for i := range r.Table.Rows() {
		v, _ := tested.Number(i)
		got += v
	}
	for _, report := range s.Truth.Reports {
		if report.Sent {
			want += float64(report.Tested[sample.ByRDT][sample.Under5])
		}
	}
	if got < 0.92*want || got > 1.01*want {
		t.Errorf("%.0f children tested by RDT, %.0f truly were", got, want)
	}
}

func TestWardTablesAreRead(t *testing.T) {
	s, byName := files(t)
	r := read(t, byName["wards_environment.csv"])
	if r.Kind != ingest.Wards || r.Table.Rows() != len(s.Wards) {
		t.Errorf("kind %s, %d rows", r.Kind, r.Table.Rows())
	}
	missing := 0
	for v, name := range sample.Variables() {
		c, ok := r.Table.Column(name)
		if !ok || c.Kind() != table.Number {
			t.Fatalf("%s is not a column of numbers", name)
		}
		missing += c.CountMissing()
		for i, w := range s.Wards {
			if got, ok := c.Number(i); ok && got != w.Values[v] {
				t.Errorf("%s of %s is %g, want %g", name, w.Code, got, w.Values[v])
			}
		}
	}
	if missing != s.Truth.MissingCells {
		t.Errorf("%d cells are missing, %d were left empty", missing, s.Truth.MissingCells)
	}
	r = read(t, byName["population_2024.csv"])
	if r.Kind != ingest.Population {
		t.Errorf("kind %s", r.Kind)
	}
	people, code := column(t, r, table.RolePopulation), column(t, r, table.RoleWardCode)
	for i, w := range s.Wards {
		n, _ := people.Number(i)
		if c, _ := code.Text(i); c != w.Code || int(n) != w.Population {
			t.Errorf("row %d: %s has %g people, want %s with %d", i, c, n, w.Code, w.Population)
		}
	}
}

func TestBoundariesAreRead(t *testing.T) {
	s, byName := files(t)
	f := byName["fictional-state_wards.geojson"]
	layer, err := boundary.Read(t.Context(), []boundary.File{{Name: f.Name, Data: f.Data}}, boundary.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if layer.Len() != len(s.Wards) {
		t.Fatalf("%d areas, want %d", layer.Len(), len(s.Wards))
	}
	code, ok := layer.Column("WardCode")
	if !ok {
		t.Fatal("no WardCode")
	}
	for i, w := range s.Wards {
		if code.Texts[i] != w.Code || !layer.Areas[i].Equal(w.Area) {
			t.Errorf("area %d is not that of %s", i, w.Code)
		}
	}
	near, err := weights.Queen(t.Context(), layer.Areas, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range s.Wards {
		if !slices.Equal(near[i], w.Neighbours) {
			t.Errorf("%s has queen neighbours %v, want %v", w.Code, near[i], w.Neighbours)
		}
	}
	for _, n := range layer.Notices {
		t.Errorf("a clean file drew the notice %q", n)
	}
}
