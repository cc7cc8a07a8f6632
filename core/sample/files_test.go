package sample

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/xuri/excelize/v2"
)

func fileNamed(t testing.TB, list []File, ending string) File {
	t.Helper()
	for _, f := range list {
		if strings.HasSuffix(f.Name, ending) {
			return f
		}
	}
	t.Fatalf("no file ends in %s", ending)
	return File{}
}

func readCSV(t testing.TB, data []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestWorkbookHoldsWhatTheTextHolds(t *testing.T) {
	list := mustFiles(t, mustMake(t, 1, small()))
	book, err := excelize.OpenReader(bytes.NewReader(fileNamed(t, list, ".xlsx").Data))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if names := book.GetSheetList(); !reflect.DeepEqual(names, []string{"Sheet 1"}) {
		t.Errorf("sheets %q", names)
	}
	got, err := book.GetRows("Sheet 1")
	if err != nil {
		t.Fatal(err)
	}
	want := readCSV(t, fileNamed(t, list, "2024.csv").Data)
	if len(want) < 1000 || len(got) != len(want) {
		t.Fatalf("%d rows in the workbook, %d in the text", len(got), len(want))
	}
	for i := range want {
		if row := append(got[i], make([]string, len(want[i])-len(got[i]))...); !slices.Equal(row, want[i]) {
			t.Fatalf("row %d: %q, want %q", i+1, row, want[i])
		}
	}
	if kind, err := book.GetCellType("Sheet 1", "H4"); err != nil || kind != excelize.CellTypeUnset {
		t.Errorf("a count is of type %v: %v", kind, err)
	}
}

func TestLayoutAboveTheRows(t *testing.T) {
	s := mustMake(t, 1, small())
	rows := readCSV(t, fileNamed(t, mustFiles(t, s), "2024.csv").Data)
	if strings.Join(rows[0], "") != "" || !strings.HasPrefix(rows[1][0], Label) || rows[1][1] != "" {
		t.Errorf("above the headers: %q, %q", rows[0], rows[1])
	}
	head := rows[2]
	if len(head) != columnCount || head[columnName] != "organisationunit0me" || head[columnPeriod] != "period0me" {
		t.Fatalf("headers %q", head)
	}
	// Real headers, spec/analytics.md §1.2: a double blank, "&" for RDT, "and" for microscopy.
	for _, h := range []string{
		"Persons presenting with fever & tested by RDT  â‰¥5yrs (excl PW)",
		"Persons presenting with fever and tested by Microscopy  ≥5yrs (excl PW)",
		"Persons tested positive for malaria by RDT  â‰¥5yrs (excl PW)",
		"Persons tested positive for malaria by Microscopy Preg Women (PW)",
	} {
		if !slices.Contains(head, h) {
			t.Errorf("no header %q", h)
		}
	}
	for c, h := range head {
		if k := twin(c); k >= 0 && (head[k] != h || twin(k) != c) {
			t.Errorf("column %d %q and %d %q are no twins", c, h, k, head[k])
		}
	}
	if got := rows[3][:3]; got[0] != "zb Zubuma State" || !strings.HasSuffix(got[1], " Local Government Area") {
		t.Errorf("place %q", got)
	}
}

// tally counts faults in the text as a stranger would, from cells alone.
type tally struct{ unknown, impossible, positiveOnly, duplicates, words, rows int }

// value reads a count; -1 is nothing.
func value(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// sum adds the columns of one header; -1 when all are empty.
func sum(row []string, columns []int) int {
	total := -1
	for _, c := range columns {
		if v := value(row[c]); v >= 0 {
			total = max(total, 0) + v
		}
	}
	return total
}

func tallyOf(rows [][]string) (t tally) {
	byHeader := map[string][]int{}
	for c, h := range rows[2] {
		byHeader[h] = append(byHeader[h], c)
	}
	seen := map[string]bool{}
	for _, row := range rows[3:] {
		t.rows++
		t.unknown += one(row[columnWard] == Unknown)
		line := strings.Join(row, "|")
		t.duplicates += one(seen[line])
		seen[line] = true
		impossible, only := false, false
		for k := columnTested; k < columnTested+6; k++ {
			tested := sum(row, byHeader[rows[2][k]])
			positive := sum(row, byHeader[rows[2][k+6]])
			impossible = impossible || tested >= 0 && positive > tested
			only = only || tested < 0 && positive >= 0
		}
		t.impossible += one(impossible)
		t.positiveOnly += one(only)
		for _, text := range row[columnGeneral:] {
			t.words += one(text != "" && value(text) < 0)
		}
	}
	return t
}

func TestTruthAgreesWithTheFile(t *testing.T) {
	for _, o := range []Options{{}, small()} {
		s := mustMake(t, 1, o)
		tr := s.Truth
		want := tally{tr.UnknownRows, tr.Impossible, tr.PositiveOnly, tr.Duplicates, tr.TextCells, tr.Rows}
		if got := tallyOf(readCSV(t, fileNamed(t, mustFiles(t, s), "2024.csv").Data)); got != want {
			t.Errorf("the file holds %+v, the truth says %+v", got, want)
		}
	}
}

func TestSilentFacilities(t *testing.T) {
	s := mustMake(t, 1, Options{})
	last := map[int]int{}
	for _, r := range s.sheet.rows {
		last[r.facility] = max(last[r.facility], r.month+1)
	}
	var silent []int
	for i := range s.Facilities {
		if last[i] <= s.Options.Months-3 {
			silent = append(silent, i)
		}
	}
	if !slices.Equal(silent, s.Truth.Silent) {
		t.Errorf("silent in the file: %v, in the truth: %v", silent, s.Truth.Silent)
	}
}

func TestFormMigration(t *testing.T) {
	s := mustMake(t, 1, small())
	for _, r := range s.sheet.rows {
		for _, c := range []int{columnTested, columnPositive} {
			unused := twin(c)
			if r.month >= s.Truth.Migration {
				unused = c
			}
			if r.cells[unused].number != 0 {
				t.Fatalf("month %d: the column not in use holds %d", r.month, r.cells[unused].number)
			}
		}
	}
	// The predecessor's rule 4a (spec/analytics.md §1.5) wants one form in use
	// at least twice as long as the other.
	if m := s.Truth.Migration; s.Options.Months-m < 2*m {
		t.Errorf("forms of %d and %d months", m, s.Options.Months-m)
	}
}

func TestBoundaries(t *testing.T) {
	s := mustMake(t, 1, small())
	var doc struct{ Name string }
	data := fileNamed(t, mustFiles(t, s), ".geojson").Data
	if err := json.Unmarshal(data, &doc); err != nil || doc.Name != "fictional-state_wards" {
		t.Fatalf("name %q: %v", doc.Name, err)
	}
	layer, err := geojson.UnmarshalFeatureCollection(data)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range layer.Features {
		w := s.Wards[i]
		want := geojson.Properties{"StateName": StateName, "LGAName": s.LGAs[w.LGA].Name, "WardName": w.Name,
			"WardCode": w.Code, "UrbanPercent": w.Urban, "Note": Label}
		if !reflect.DeepEqual(f.Properties, want) {
			t.Errorf("properties %v, want %v", f.Properties, want)
		}
		area := orb.MultiPolygon{}
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			area = append(area, g)
		case orb.MultiPolygon:
			area = g
		}
		if !reflect.DeepEqual(area, w.Area) {
			t.Errorf("%s: the area is not the ward's", w.Code)
		}
	}
	if got := layer.Features[s.Truth.IslandWard].Geometry.GeoJSONType(); got != "MultiPolygon" {
		t.Errorf("the island ward is a %s", got)
	}
}

func TestWardTables(t *testing.T) {
	s := mustMake(t, 1, Options{})
	list := mustFiles(t, s)
	rows := readCSV(t, fileNamed(t, list, "wards_environment.csv").Data)
	if want := strings.Split("State,LGA,WardName,rainfall,distance_to_waterbodies,evi,housing_quality,elevation,nighttime_lights,urban_percentage,Note", ","); !slices.Equal(rows[0], want) {
		t.Errorf("headers %q", rows[0])
	}
	empty, sparse := 0, 0
	for i, row := range rows[1:] {
		for v, text := range row[3 : 3+len(Variables())] {
			if text == "" {
				empty++
				sparse += one(i == s.Truth.SparseWard)
			} else if got, err := strconv.ParseFloat(text, 64); err != nil || got != s.Wards[i].Values[v] {
				t.Errorf("row %d: %s = %q, want %g", i+2, Variables()[v], text, s.Wards[i].Values[v])
			}
		}
	}
	if share := float64(empty) / float64(220*7); empty != s.Truth.MissingCells || sparse != 4 || share < 0.03 || share > 0.05 {
		t.Errorf("%d empty cells, %d of the sparse ward, truth %d", empty, sparse, s.Truth.MissingCells)
	}
	rows = readCSV(t, fileNamed(t, list, "population_2024.csv").Data)
	for i, row := range rows[1:] {
		w := s.Wards[i]
		if !slices.Equal(row, []string{StateName, s.LGAs[w.LGA].Name, w.Name, w.Code, strconv.Itoa(w.Population), Label}) {
			t.Errorf("population row %q", row)
		}
	}
	if len(rows) != 221 {
		t.Errorf("%d population rows", len(rows))
	}
}

func TestColumnLetters(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA"} {
		if got := column(i); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
}

func TestQuoted(t *testing.T) {
	for in, want := range map[string]string{"a b": "a b", "a,b": `"a,b"`, `a"b`: `"a""b"`, "": ""} {
		if got := quoted(in); got != want {
			t.Errorf("%q quoted is %s, want %s", in, got, want)
		}
	}
}

// sharedFile finds a reference file from the root of the repository.
func sharedFile(t *testing.T, path string) []byte {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "..", "shared", path))
	if err != nil {
		t.Skip("needs the shared reference files, which are not part of the repository")
	}
	return data
}

// TestNoRealPlace compares the invented names with the real states and LGAs in
// data/nigeria/ward_points.json.
func TestNoRealPlace(t *testing.T) {
	var real []struct{ State, LGA string }
	if err := json.Unmarshal(sharedFile(t, "data/nigeria/ward_points.json"), &real); err != nil {
		t.Fatal(err)
	}
	names := append(lgaPool(), StateName, capitalName, twoWayName)
	for _, r := range real {
		for _, n := range names {
			if squash(n) == squash(r.State) || squash(n) == squash(r.LGA) {
				t.Fatalf("%s is real: %s, %s", n, r.LGA, r.State)
			}
		}
	}
	if len(real) < 8000 {
		t.Errorf("only %d real wards to compare with", len(real))
	}
}
