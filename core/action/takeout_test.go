package action

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// unzipped is every file of a zip.
func unzipped(t *testing.T, path string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name] != nil {
			t.Errorf("%s is there twice", f.Name)
		}
		out[f.Name] = data
	}
	return out
}

// Everything is in it: each version of each table with all its rows, each run,
// each row of each table of the store; the manifest names every file with the
// hash of what is there.
func TestTakeoutHoldsEverything(t *testing.T) {
	b, s := rankedState(t, 7, small())
	path := b.path("all.zip")
	r := b.do(&Takeout{Out: path})
	if !slices.Equal(r.Files, []string{path}) {
		t.Errorf("files: %v", r.Files)
	}
	files := unzipped(t, path)
	var manifest struct {
		User  string
		Files []bundled
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	for _, f := range manifest.Files {
		sum := sha256.Sum256(files[f.Path])
		if f.SHA256 != hex.EncodeToString(sum[:]) || f.Bytes != int64(len(files[f.Path])) {
			t.Errorf("%s is not what the manifest says", f.Path)
		}
	}
	if len(manifest.Files) != len(files)-1 {
		t.Errorf("the manifest names %d of %d files", len(manifest.Files), len(files))
	}
	var about struct {
		Name     string
		Runs     []map[string]any
		Datasets []map[string]any
	}
	if err := json.Unmarshal(files["projects/1-"+plainName(b.w.Project())+"/project.json"], &about); err != nil {
		t.Fatal(err)
	}
	ds, err := b.w.Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(about.Runs) != 5 || len(about.Datasets) != len(ds) || about.Name != b.w.Project() {
		t.Errorf("%d runs and %d of %d tables of %s", len(about.Runs), len(about.Datasets), len(ds), about.Name)
	}
	for _, d := range ds {
		found := 0
		for name, data := range files {
			if !strings.HasSuffix(name, ".csv") || !strings.Contains(name, "-"+plainName(d.Kind)+"-"+plainName(d.Name)+"-v") {
				continue
			}
			found++
			rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
			if err != nil || len(rows) != d.Rows+1 {
				t.Errorf("%s has %d lines for %d rows (%v)", name, len(rows), d.Rows, err)
			}
		}
		if found != 1 {
			t.Errorf("%s %s is there %d times", d.Kind, d.Name, found)
		}
	}
	wantRows(t, b, files)
	for name, data := range files {
		if strings.HasSuffix(name, ".geojson") && strings.Contains(name, "-boundaries-") && strings.Count(string(data), `"Feature"`) != len(s.Wards) {
			t.Errorf("%s has not all wards", name)
		}
	}
}

// wantRows holds the raw rows against the store: a table that is added to it is
// in the takeout too.
func wantRows(t *testing.T, b *bench, files map[string][]byte) {
	t.Helper()
	names, err := b.w.RowTables(t.Context())
	if err != nil || len(names) < 8 {
		t.Fatalf("tables: %v (%v)", names, err)
	}
	for _, name := range names {
		if slices.Contains(readable(), name) {
			continue
		}
		want := 0
		if err := b.w.EachRow(t.Context(), name, func(map[string]any) error { want++; return nil }); err != nil {
			t.Fatal(err)
		}
		if name == "audit" {
			want-- // that the takeout was made
		}
		if got := strings.Count(string(files["rows/"+name+".ndjson"]), "\n"); got != want {
			t.Errorf("%s: %d rows of %d", name, got, want)
		}
	}
	stop := errors.New("enough")
	if err := b.w.EachRow(t.Context(), "run", func(map[string]any) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of the reader: %v", err)
	}
	if err := b.w.EachRow(t.Context(), "meta", func(map[string]any) error { return nil }); !problem.Is(err, problem.NotFound) {
		t.Errorf("a table that is nobody's: %v", err)
	}
}

// Erasing asks for the project's name, takes all of it, leaves the open
// workspace usable, and the audit whole.
func TestEraseAsksAndTakesAll(t *testing.T) {
	b, _ := rankedState(t, 8, small())
	if _, err := Do(t.Context(), b.w, "erase", &Erase{Confirm: "another"}, nil); !problem.Is(err, problem.Usage) {
		t.Errorf("another name: %v", err)
	}
	if _, err := Do(t.Context(), b.w, "erase", &Erase{}, nil); !problem.Is(err, problem.Usage) {
		t.Errorf("no name: %v", err)
	}
	if b.do(&Runs{}).Tables[0].Rows() != 5 {
		t.Fatal("a refusal erased something")
	}
	b.do(&Erase{Confirm: b.w.Project()})
	if ds, err := b.w.Datasets(t.Context()); err != nil || len(ds) != 0 {
		t.Errorf("%d tables are left (%v)", len(ds), err)
	}
	if got := b.do(&Runs{}).Tables[0].Rows(); got != 0 {
		t.Errorf("%d runs are left", got)
	}
	if r := b.do(&Audit{Verify: true}); r.Problem != nil {
		t.Errorf("the audit: %v", r.Problem)
	}
	for name, data := range unzipped(t, b.do(&Takeout{Out: b.path("left.zip")}).Files[0]) {
		if strings.HasPrefix(name, "rows/") && !slices.Contains([]string{"rows/audit.ndjson", "rows/project.ndjson"}, name) && len(data) > 0 {
			t.Errorf("%s is not empty", name)
		}
	}
	b.importState(makeState(t, 9, small()))
}

// The day is kept as a run, reminded of by every act and the doctor once it is
// past, and gone with the data.
func TestKeepRemindsWhenTheDayIsPast(t *testing.T) {
	b := newBench(t)
	last := b.w.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	for _, until := range []string{"", "soon", "2027-13-01"} {
		if _, err := Do(t.Context(), b.w, "keep", &Keep{Until: until}, nil); !problem.Is(err, problem.Usage) {
			t.Errorf("%q: %v", until, err)
		}
	}
	reminded := func() bool {
		return slices.ContainsFunc(b.do(&Data{}).Notices, func(n string) bool { return strings.Contains(n, "was to be kept until") })
	}
	doctor := func() workspace.Finding {
		findings, err := b.w.Doctor(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return findings[slices.IndexFunc(findings, func(f workspace.Finding) bool { return f.Check == "retention" })]
	}
	b.do(&Keep{Until: b.w.Now().Format(time.DateOnly)})
	if reminded() || !doctor().OK {
		t.Error("reminded on the last day")
	}
	b.do(&Keep{Until: last})
	if !reminded() || doctor().OK {
		t.Error("not reminded after the last day")
	}
	b.do(&Keep{Until: "none"})
	if reminded() || !doctor().OK {
		t.Error("reminded without an end")
	}
	b.do(&Keep{Until: last})
	b.do(&Erase{Confirm: b.w.Project()})
	if reminded() {
		t.Error("reminded of what is erased")
	}
}
