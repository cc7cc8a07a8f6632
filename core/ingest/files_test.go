package ingest

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/core/ingest/repair"
	"chatmrpt/core/table"
)

// readShared reads a reference file that must be readable.
func readShared(t testing.TB, name string) *Result {
	t.Helper()
	r, err := Read(t.Context(), filepath.Base(name), beside.Read(t, name), Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

// checkFacilities: a table in the DHIS2 layout with every role of it.
func checkFacilities(t *testing.T, r *Result, rows int) {
	t.Helper()
	if r.Kind != Facilities || r.Table.Rows() != rows || r.Report.Rows.Refused != 0 || len(r.Report.Cells) != 0 {
		t.Errorf("%s, %d rows (want %d), refused %d, cells %+v", r.Kind, r.Table.Rows(), rows, r.Report.Rows.Refused, r.Report.Cells)
	}
	roles := []table.Role{table.RoleState, table.RoleLGA, table.RoleWard, table.RoleFacility, table.RoleLevel, table.RolePeriod}
	for _, test := range table.Tests() {
		for _, age := range table.Ages() {
			roles = append(roles, table.TestedRole(test, age), table.PositiveRole(test, age))
		}
	}
	for _, want := range roles {
		if _, ok := r.Table.Role(want); !ok {
			t.Errorf("no column for %s", want)
		}
	}
}

func TestKano(t *testing.T) {
	clean := readShared(t, "data/facility/nmep_tpr_kano.csv")
	checkFacilities(t, clean, 15264)
	if p, _ := clean.Table.Role(table.RolePeriod); len(p.Dict()) != 12 || p.Dict()[0] != "2024-01" {
		t.Errorf("periods %v", p.Dict())
	}
	broken := readShared(t, "data/facility/nmep_tpr_kano_mojibake.csv")
	if clean.Table.Hash() != broken.Table.Hash() {
		t.Error("the file with broken headers gives another table")
	}
}

func TestAdamawa(t *testing.T) {
	checkFacilities(t, readShared(t, "data/facility/nmep_tpr_adamawa.xlsx"), 8592)
}

func TestWardFilesOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		rows      int
		variables string
		dropped   int
	}{
		"data/mrpt/dummy_data.csv": {66, "total [] nets_per_capita [] settlement_type_poor [] distance_to_water_bodies [] test_positivity_rate [share] " +
			"enhanced_vegetation_index [] housing_quality [] dumpsites [] rainfall []", 2},
		"data/ilorin/mrpt_scoring_data.csv":                  {35, "distance [] meanEVI [] val_housing_15 [] settlement_type [] tpr_u5_new [share]", 2},
		"data/ilorin/scoring_data02.csv":                     {35, "distance [] meanEVI [] val_housing_15 [] settlement_type []", 1},
		"data/ilorin/ward_levelsmoothed_tpr_u5.csv":          {35, "tpr_u5 [share] tpr_u5_new [share]", 1},
		"data/covariates/kano_wards_10vars_5pct_missing.csv": {479, tenVariables, 0},
		"data/covariates/nga_wards_10vars_5pct_missing.csv":  {9367, tenVariables, 0},
		"data/covariates/nga_wards_10vars_complete.csv":      {9367, tenVariables, 0},
	} {
		r := readShared(t, name)
		if r.Kind != Wards || r.Table.Rows() != c.rows || len(r.Report.Dropped) != c.dropped {
			t.Errorf("%s: %s, %d rows, dropped %q", name, r.Kind, r.Table.Rows(), r.Report.Dropped)
		}
		expect(t, name, variableNames(r), c.variables)
	}
}

const tenVariables = "rainfall [] temperature [] soil_wetness [] pfpr [share] housing_quality [] distance_to_water [] flood [] evi [] tpr [%] nets_per_capita []"

// data/README.md: the demo table of MRPT has 22 missing cells.
func TestMissingCellsOfTheDemoTable(t *testing.T) {
	r, missing := readShared(t, "data/mrpt/dummy_data.csv"), 0
	for _, c := range r.Table.Columns {
		missing += c.CountMissing()
	}
	if missing != 22 {
		t.Errorf("%d missing cells, want 22", missing)
	}
}

// The paper's facility file: 151 of 236 rows have more positives than tests
// (data/README.md), because its labels are swapped.
func TestFacilitiesOfThePaper(t *testing.T) {
	r := readShared(t, "data/ilorin/ward_level_unsmoothed_tpr_u5.csv")
	if w, _ := warning(r, WarnCascade); r.Kind != Facilities || r.Table.Rows() != 236 || w.Count != 151 {
		t.Errorf("%s, %d rows, %+v", r.Kind, r.Table.Rows(), w)
	}
	expect(t, "ward", strings.SplitN(role(r, table.RoleWard), ":", 2)[0], "Wardname")
}

func TestFileWithoutWardsSaysSo(t *testing.T) {
	name := "data/ilorin/ilorin_cluster_classification.csv"
	_, err := Read(t.Context(), filepath.Base(name), beside.Read(t, name), Options{})
	checkProblem(t, name, err, "bad_input", "group; classification; description of settlements types; Codes")
}

// TestNational reads the 300,000 rows in both formats and compares with each
// other and with the sums of pandas, per state, LGA and ward:
// reference/tpr/pandas_ward_tpr_300k.csv.gz.
func TestNational(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 300,000 rows twice")
	}
	fromCSV := readShared(t, "data/facility/nmep_tpr_300k.csv.gz")
	checkFacilities(t, fromCSV, 300_000)
	fromXLSX := readShared(t, "data/facility/nmep_tpr_300k.xlsx")
	if fromCSV.Table.Hash() != fromXLSX.Table.Hash() {
		t.Error("the two formats give different tables")
	}
	compareSums(t, fromCSV.Table, beside.Read(t, "reference/tpr/pandas_ward_tpr_300k.csv.gz"))
}

func compareSums(t *testing.T, tb *table.Table, reference []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(reference)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sums := sumByWard(t, tb)
	for _, row := range rows[1:] {
		key := placeKey(row[0], row[1], row[2])
		got, ok := sums[key]
		if !ok {
			t.Errorf("no sums for %s", key)
			continue
		}
		for i, cell := range row[3:15] {
			want, err := strconv.ParseFloat(cell, 64)
			if err != nil || math.Abs(got[i]-want) > 0 {
				t.Errorf("%s, %s: %v, want %s", key, rows[0][3+i], got[i], cell)
			}
		}
		delete(sums, key)
	}
	if len(sums) != 0 {
		t.Errorf("%d places that the reference has not", len(sums))
	}
}

// placeKey repairs names as the reader does: the reference holds them raw.
func placeKey(names ...string) string {
	for i := range names {
		names[i], _ = repair.Text(names[i])
	}
	return strings.Join(names, " / ")
}

// sumByWard sums the twelve counts in the order of the reference: test, age,
// tested before positive.
func sumByWard(t *testing.T, tb *table.Table) map[string]*[12]float64 {
	t.Helper()
	var places, counts []*table.Column
	pick := func(list *[]*table.Column, r table.Role) {
		c, ok := tb.Role(r)
		if !ok {
			t.Fatalf("no column for %s", r)
		}
		*list = append(*list, c)
	}
	for _, r := range []table.Role{table.RoleState, table.RoleLGA, table.RoleWard} {
		pick(&places, r)
	}
	for _, test := range table.Tests() {
		for _, age := range table.Ages() {
			pick(&counts, table.TestedRole(test, age))
			pick(&counts, table.PositiveRole(test, age))
		}
	}
	out := map[string]*[12]float64{}
	for i := range tb.Rows() {
		key := placeKey(places[0].Format(i), places[1].Format(i), places[2].Format(i))
		if out[key] == nil {
			out[key] = &[12]float64{}
		}
		for k, c := range counts {
			v, _ := c.Number(i)
			out[key][k] += v
		}
	}
	return out
}

// A packed file says to unpack it, rather than failing as text.
func TestPackedFile(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte("Ward,x\nA,1\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Read(t.Context(), "f.csv.gz", b.Bytes(), Options{})
	checkProblem(t, "gzip", err, "bad_input", "Unpack")
}
