package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// bench is a terminal in a home of its own, for tests that read numbers.
type bench struct {
	t      *testing.T
	home   string
	secret string
	shared string
}

// sharedFolder finds the shared files and skips when they are absent.
func sharedFolder(t *testing.T) string {
	t.Helper()
	shared, err := filepath.Abs("../../../shared")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(shared); err != nil {
		t.Skip("needs the shared reference files, which are not part of the repository")
	}
	return shared
}

// newBench makes a profile. It skips when the shared files are absent.
func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, home: t.TempDir(), secret: filepath.Join(t.TempDir(), "passphrase"), shared: sharedFolder(t)}
	if err := os.WriteFile(b.secret, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run("user", "add", "Amina")
	return b
}

// run runs a command and returns its JSON document.
func (b *bench) run(args ...string) map[string]any {
	b.t.Helper()
	doc, status := b.try(args...)
	if status != 0 {
		b.t.Fatalf("mrpt %s: status %d, %v", strings.Join(args, " "), status, doc["error"])
	}
	return doc
}

func (b *bench) try(args ...string) (map[string]any, int) {
	b.t.Helper()
	var out, errs bytes.Buffer
	term := newTerminal(b.t, strings.NewReader(""), &out, &errs)
	global := []string{"--json", "--home", b.home, "--passphrase-file", b.secret, "--user", "Amina"}
	status := term.main(b.t.Context(), append(global, args...))
	var doc map[string]any
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		b.t.Fatalf("mrpt %s: %v in %q (%s)", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return doc, status
}

func (b *bench) file(name string) string { return filepath.Join(b.shared, name) }

// byWard reads a number column of a result's table by ward name.
func byWard(t *testing.T, doc map[string]any, name, column string) map[string]float64 {
	t.Helper()
	rows, ok := doc["tables"].(map[string]any)[name].([]any)
	if !ok || len(rows) == 0 {
		t.Fatalf("no table %s in %v", name, doc["summary"])
	}
	out := map[string]float64{}
	for _, r := range rows {
		row := r.(map[string]any)
		if v, ok := row[column].(float64); ok {
			out[row["ward"].(string)] = v
		}
	}
	return out
}

// csvByKey reads a number column of a reference file by its key column.
func csvByKey(t *testing.T, path, key, column string) map[string]float64 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	k, c := -1, -1
	for i, h := range rows[0] {
		if h == key {
			k = i
		}
		if h == column {
			c = i
		}
	}
	out := map[string]float64{}
	for _, r := range rows[1:] {
		if v, err := strconv.ParseFloat(r[c], 64); err == nil {
			out[r[k]] = v
		}
	}
	return out
}

// The published example, end to end: the paper's ten models give its median
// rank for all 35 wards. The paper counts rank 1 as the lowest risk, this
// program as the highest, so theirs is 36 − ours.
func TestGoldenIlorinMediansOfTenModels(t *testing.T) {
	b := newBench(t)
	b.run("import", b.file("data/ilorin/Ilorin_3LGA.zip"), b.file("reference/ilorin/scoring_joined.csv"))
	b.run("match")
	doc := b.run("score", "--models", b.file("reference/ilorin/ten_models.csv"), "--invert", "distance", "--ties", "file-order")
	got := byWard(t, doc, "ranking", "median_rank")
	want := csvByKey(t, b.file("reference/ilorin/medians_10_models.csv"), "WardName", "median_value")
	if len(got) != 35 || len(want) != 35 {
		t.Fatalf("%d wards ranked, %d in the reference", len(got), len(want))
	}
	for ward, median := range want {
		if 36-got[ward] != median {
			t.Errorf("%s: median rank %v from the lowest, published %v", ward, 36-got[ward], median)
		}
	}
}

// The published test positivity of every ward: sums of the facility rows
// before dividing. The labels of the published file are swapped (its "conf" is
// the number of tests), which the user says with --column.
func TestGoldenIlorinPositivityRatios(t *testing.T) {
	b := newBench(t)
	b.run("import", b.file("data/ilorin/Ilorin_3LGA.zip"))
	b.run("import", b.file("data/ilorin/ward_level_unsmoothed_tpr_u5.csv"), "--as", "facilities", "--unit-column", "Wardname",
		"--column", "facility=hfname", "--column", "tested_rdt_u5=conf_u5_new", "--column", "positive_rdt_u5=tested_u5_new")
	b.run("match")
	doc := b.run("positivity", "--level", "all", "--age", "u5", "--test", "rdt", "--period", "all")
	got := byWard(t, doc, "positivity_all_u5_rdt_all", "value")
	want := csvByKey(t, b.file("data/ilorin/ward_levelsmoothed_tpr_u5.csv"), "WardName", "tpr_u5")
	if len(want) != 34 {
		t.Fatalf("%d wards with a rate in the reference", len(want))
	}
	for ward, rate := range want {
		// The published file has 15 significant digits.
		if math.Abs(got[ward]-rate) > 1e-14*rate {
			t.Errorf("%s: positivity %v, published %v", ward, got[ward], rate)
		}
	}
	if _, ok := got["Akanbi 2"]; ok {
		t.Error("Akanbi 2 has no tests and yet a rate")
	}
}

// Akanbi 2 has no tests. Its observed queen neighbours in the boundary file
// are Maya/Ileapa and Akanbi 1, and their mean is the published value.
func TestGoldenIlorinNeighbourImputation(t *testing.T) {
	b := newBench(t)
	b.run("import", b.file("data/ilorin/Ilorin_3LGA.zip"), b.file("data/ilorin/scoring_data02.csv"), b.file("data/ilorin/ward_levelsmoothed_tpr_u5.csv"))
	b.run("match")
	doc := b.run("score", "--vars", "tpr_u5,distance", "--invert", "distance")
	got := byWard(t, doc, "ranking", "input_tpr_u5")["Akanbi 2"]
	if want := 0.201475464613639; math.Abs(got-want) > 1e-15 {
		t.Errorf("Akanbi 2: %v, published %v", got, want)
	}
	rows := doc["tables"].(map[string]any)["ranking"].([]any)
	for _, r := range rows {
		row := r.(map[string]any)
		if marked := row["imputed"] == "tpr_u5"; marked != (row["ward"] == "Akanbi 2") {
			t.Errorf("%v: imputed mark %v", row["ward"], row["imputed"])
		}
	}
}
