package ingest

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"chatmrpt/core/table"
)

// mergedBook is a report as an office prints it: a title, a header of two rows
// with merged cells, the LGA once over its wards.
func mergedBook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range [][]any{
		{"Malaria report of Kano State, 2024"},
		{"LGA", "Ward", "Facility", "Persons presenting with fever & tested by RDT", nil, nil, "Persons tested positive for malaria by RDT", nil, nil, "Nets"},
		{nil, nil, nil, "<5yrs", "≥5yrs (excl PW)", "Preg Women (PW)", "<5yrs", "≥5yrs (excl PW)", "Preg Women (PW)", nil},
		{"Dala", "Gobirawa", "A", 1, 2, 3, 4, 5, 6, 100},
		{nil, "Dala", "B", 7, 8, 9, 10, 11, 12, nil},
		{"Fagge", "Fagge A", "C", 1, 1, 1, 1, 1, 1, 5},
		{nil, "Fagge B", "D", 1, 1, 1, 1, 1, 1, 6},
	} {
		if err := f.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range [][2]string{{"A1", "J1"}, {"A2", "A3"}, {"B2", "B3"}, {"D2", "F2"}, {"G2", "I2"}, {"A4", "A5"}, {"J4", "J5"}} {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestMergedHeaderIsPutTogether(t *testing.T) {
	r, err := Read(t.Context(), "report.xlsx", mergedBook(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "ward", role(r, table.RoleWard), "Ward: Gobirawa|Dala|Fagge A|Fagge B")
	for age, want := range map[table.Age]string{table.Under5: "1|7|1|1", table.Over5: "2|8|1|1", table.Pregnant: "3|9|1|1"} {
		if got := role(r, table.TestedRole(table.RDT, age)); !strings.HasPrefix(got, "Persons presenting with fever & tested by RDT") || !strings.HasSuffix(got, ": "+want) {
			t.Errorf("tested, %s: %q", age, got)
		}
	}
	expect(t, "positive", role(r, table.PositiveRole(table.RDT, table.Pregnant)), "Persons tested positive for malaria by RDT Preg Women (PW): 6|12|1|1")
	if w, ok := warning(r, WarnHeaderRows); !ok || !strings.Contains(w.Message, "2 to 3") || r.Report.HeaderRow != 2 {
		t.Errorf("header in row %d, %+v", r.Report.HeaderRow, w)
	}
}

// The LGA of the second row is what the merged cell shows; below "Fagge" no
// cell is merged, so there nothing is made up, and a merged number is one.
func TestMergedNamesAreReadInEveryRow(t *testing.T) {
	r, err := Read(t.Context(), "report.xlsx", mergedBook(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "LGA", role(r, table.RoleLGA), "LGA: Dala|Dala|Fagge|·")
	expect(t, "nets", named(r, "Nets"), "100|·|5|6")
	told := false
	for _, repair := range r.Report.Repairs {
		told = told || strings.HasPrefix(repair.What, "merged cells") && repair.Count == 1 && repair.To == "Dala"
	}
	if !told {
		t.Errorf("the filled cell is not told: %+v", r.Report.Repairs)
	}
}

// In a text file nothing is known of merged cells; the names alone must show
// that two rows are one header, and a first row of data is none.
func TestHeaderOfTwoRowsInAText(t *testing.T) {
	text := "State,LGA,Ward,Tested by RDT,,Positive by RDT,\n,,,<5 yrs,>=5 yrs,<5 yrs,>=5 yrs\nKano,Dala,A,5,6,1,2\n"
	r := readText(t, text, Options{})
	expect(t, "tested", role(r, table.TestedRole(table.RDT, table.Over5)), "Tested by RDT >=5 yrs: 6")
	expect(t, "positive", role(r, table.PositiveRole(table.RDT, table.Under5)), "Positive by RDT <5 yrs: 1")
	if r.Report.Rows.Kept != 1 {
		t.Errorf("%d rows", r.Report.Rows.Kept)
	}
	// The groups above the names of places.
	r = readText(t, ",,Tested by RDT,,Positive by RDT,\nState,Ward,<5 yrs,>=5 yrs,<5 yrs,>=5 yrs\nKano,A,5,6,1,2\n", Options{})
	expect(t, "groups above", role(r, table.TestedRole(table.RDT, table.Under5)), "Tested by RDT <5 yrs: 5")
	expect(t, "state", role(r, table.RoleState), "State: Kano")
	// The lower row is the wider one.
	r = readText(t, "State,Ward,Tested by RDT\n,,<5 yrs,>=5 yrs\nKano,A,5,6\n", Options{})
	expect(t, "wider below", role(r, table.TestedRole(table.RDT, table.Over5)), "Tested by RDT >=5 yrs: 6")
	// Three rows: test, what was counted, of whom.
	r = readText(t, "State,Ward,RDT,,,\n,,Tested,,Positive,\n,,<5 yrs,>=5 yrs,<5 yrs,>=5 yrs\nKano,A,5,6,1,2\n", Options{})
	expect(t, "three rows", role(r, table.PositiveRole(table.RDT, table.Over5)), "RDT Positive >=5 yrs: 2")
	// One row of names over a row of nothing but texts.
	r = readText(t, "State,,Ward,rdt_tested_u5\nKano,North,A,\nKano,South,B,7\n", Options{})
	if r.Report.Rows.Kept != 2 {
		t.Errorf("a row of data was taken for names: %+v", r.Report)
	}
}
