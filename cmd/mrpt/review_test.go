package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// review is a match report on disk, as a spreadsheet program sees it.
type review struct {
	t       *testing.T
	path    string
	records [][]string
}

func readReview(t *testing.T, path string) *review {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return &review{t, path, records}
}

// line finds the line of a given ward.
func (r *review) line(ward string) map[string]*string {
	r.t.Helper()
	for _, record := range r.records[1:] {
		out := map[string]*string{}
		for i, h := range r.records[0] {
			out[h] = &record[i]
		}
		if *out["given_ward"] == ward {
			return out
		}
	}
	r.t.Fatalf("%s: no line of %q", r.path, ward)
	return nil
}

func (r *review) save(name string) string {
	r.t.Helper()
	path := filepath.Join(filepath.Dir(r.path), name)
	f, err := os.Create(path)
	if err != nil {
		r.t.Fatal(err)
	}
	w := csv.NewWriter(f)
	if err := w.WriteAll(r.records); err != nil {
		r.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// decisions gives decision, ward code and reason by given ward.
func decisions(t *testing.T, doc map[string]any) map[string][3]any {
	t.Helper()
	out := map[string][3]any{}
	for _, rows := range doc["tables"].(map[string]any) {
		for _, r := range rows.([]any) {
			row := r.(map[string]any)
			out[row["given_ward"].(string)] = [3]any{row["decision"], row["ward_code"], row["unit"] != nil}
		}
	}
	return out
}

// A reviewed report changes the links, and the decisions hold for the next
// version of the file. In Adamawa two wards of Fufore are named Ribadu
// (ADS01923 and ADS01924) and two of Mubi North Uba (ADS03107 and ADS03108),
// so that a person has to choose.
func TestReviewRoundTrip(t *testing.T) {
	b := newBench(t)
	b.run("import", b.file("data/facility/nmep_tpr_adamawa.xlsx"), b.file("data/nigeria/adamawa_wards.zip"))
	file := filepath.Join(t.TempDir(), "review.csv")
	before := decisions(t, b.run("match", "--export", file))
	for ward, want := range map[string][3]any{
		"ad Ribadu Ward": {"review", "ADS01923", false}, "ad Uba Ward": {"review", "ADS03107", false},
		"ad Bare Ward": {"accepted", "ADS01801", true}, "ad Bille Ward": {"accepted", "ADS01802", true},
	} {
		if before[ward] != want {
			t.Errorf("%s: %v, want %v", ward, before[ward], want)
		}
	}
	r := readReview(t, file)
	*r.line("ad Ribadu Ward")["decision"] = "accepted" // the candidate that was offered first
	*r.line("ad Uba Ward")["decision"], *r.line("ad Uba Ward")["ward_code"] = "accepted", "ADS03108"
	*r.line("ad Bare Ward")["decision"] = "not_a_ward"
	*r.line("ad Bille Ward")["decision"] = "rejected"
	want := map[string][3]any{
		"ad Ribadu Ward": {"accepted", "ADS01923", true}, "ad Uba Ward": {"accepted", "ADS03108", true},
		"ad Bare Ward": {"not_a_ward", nil, false}, "ad Bille Ward": {"rejected", nil, false},
		"ad Dilli Ward": before["ad Dilli Ward"],
	}
	check := func(when string, got map[string][3]any) {
		t.Helper()
		for ward, w := range want {
			if got[ward] != w {
				t.Errorf("%s: %s: %v, want %v", when, ward, got[ward], w)
			}
		}
		if len(got) != len(before) {
			t.Errorf("%s: %d names, want %d", when, len(got), len(before))
		}
	}
	check("accepted", decisions(t, b.run("match", "--accept", r.save("edited.csv"))))
	check("matched again", decisions(t, b.run("match")))
	b.run("import", b.file("data/facility/nmep_tpr_adamawa.xlsx"))
	doc := b.run("match")
	check("second version", decisions(t, doc))
	if s := doc["summary"].(string); !strings.HasPrefix(s, "8,556 of 8,592 rows") { // all but the 12 of Bare and the 24 of Bille
		t.Errorf("%s", s)
	}
}

// What a person could do to the report is refused by line, and no decision of
// such a file is kept.
func TestReviewThatCannotBeReadChangesNothing(t *testing.T) {
	b := newBench(t)
	b.run("import", b.file("data/facility/nmep_tpr_adamawa.xlsx"), b.file("data/nigeria/adamawa_wards.zip"))
	file := filepath.Join(t.TempDir(), "review.csv")
	before := decisions(t, b.run("match", "--export", file))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"word.csv":     strings.Replace(string(text), ",accepted", ",yes", 1),
		"rejected.csv": strings.Replace(strings.Replace(string(text), ",accepted", ",rejected", 1), ",accepted", ",perhaps", 1),
		"cut.csv":      string(text[:1000]),
		"column.csv":   strings.Replace(string(text), "given_lga", "lga_given", 1),
		"empty.csv":    "",
		"utf16.csv":    "\xff\xfeg\x00",
		"book.xlsx":    "PK\x03\x04",
	} {
		path := filepath.Join(filepath.Dir(file), name)
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		doc, status := b.try("match", "--accept", path)
		e, _ := doc["error"].(map[string]any)
		if status != 3 || e == nil || e["hint"] == "" || !strings.HasPrefix(e["subject"].(string), name) {
			t.Errorf("%s: status %d, %v", name, status, doc["error"])
		}
	}
	for ward, d := range decisions(t, b.run("match")) {
		if before[ward] != d {
			t.Errorf("%s: %v became %v", ward, before[ward], d)
		}
	}
}
