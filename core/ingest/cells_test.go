package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"

	"github.com/xuri/excelize/v2"
)

func TestMissingIsNotZero(t *testing.T) {
	r := readText(t, "Ward,rdt_tested_u5\nA,0\nB,\nC,NA\nD,N/A\nE,-\nF,null\nG,5\n", Options{})
	expect(t, "tested", role(r, table.TestedRole(table.RDT, table.Under5)), "rdt_tested_u5: 0|·|·|·|·|·|5")
	if len(r.Report.Cells) != 0 {
		t.Errorf("markers of missing data are reported as bad cells: %+v", r.Report.Cells)
	}
}

func TestRefusedCellsAreCounted(t *testing.T) {
	r := readText(t, "Ward,rdt_tested_u5\nA,12\nB,-4\nC,many\nD,many\nE,3.5\nF,1e2\nG,\"1,200\"\nH, 7 \nI,8\nJ,9\n", Options{})
	expect(t, "tested", role(r, table.TestedRole(table.RDT, table.Under5)), "rdt_tested_u5: 12|·|·|·|3.5|100|1200|7|8|9")
	want := []CellIssue{
		{Column: "rdt_tested_u5", Problem: problemText, Count: 2, Row: 4, Example: "many"},
		{Column: "rdt_tested_u5", Problem: problemNegative, Count: 1, Row: 3, Example: "-4"},
	}
	if !slices.Equal(r.Report.Cells, want) {
		t.Errorf("%+v", r.Report.Cells)
	}
	if w, ok := warning(r, WarnText); !ok || w.Count != 2 {
		t.Errorf("warning %+v", w)
	}
}

func TestNegativeVariablesStay(t *testing.T) {
	r := readText(t, "WardName,ndwi\nA,-0.5\nB,0.1\n", Options{})
	expect(t, "ndwi", named(r, "ndwi"), "-0.5|0.1")
}

func TestDecimalCommas(t *testing.T) {
	r := readText(t, "WardName;rain;people\nA;3,5;1.234\nB;12;2.345.678\nC;0,25;900\n", Options{})
	expect(t, "rain", named(r, "rain"), "3.5|12|0.25")
	expect(t, "people", named(r, "people"), "1234|2345678|900")
	if _, ok := warning(r, WarnNumbers); !ok {
		t.Error("the way of writing numbers is not told")
	}
	r = readText(t, "WardName;rain;people\nA;3.5;1,234\nB;12;900\n", Options{})
	expect(t, "points in a semicolon file", named(r, "rain")+" "+named(r, "people"), "3.5|12 1234|900")
	r = readText(t, "WardName;people\nA;1,234\nB;900\n", Options{})
	expect(t, "undecided is thousands", named(r, "people"), "1234|900")
}

func TestKeysKeepTheirZeros(t *testing.T) {
	r := readText(t, "WardCode,WardName,rdt_tested_u5,register,weight\n007,A,1,0012,1.50\n010,2,1,0013,2.5\n", Options{})
	expect(t, "codes", role(r, table.RoleWardCode), "WardCode: 007|010")
	expect(t, "numbers as names", role(r, table.RoleWard), "WardName: A|2")
	expect(t, "keys without a role", named(r, "register"), "0012|0013")
	expect(t, "decimals", named(r, "weight"), "1.5|2.5")
}

func TestNamesAreRepairedNotChanged(t *testing.T) {
	r := readText(t, "Ward,rdt_tested_u5\n  kn  Gobirawa   Ward ,1\nDala (Dala),1\nÃ³kÃ³,1\nade0,1\nUnknown,1\n", Options{})
	expect(t, "wards", role(r, table.RoleWard), "Ward: kn Gobirawa Ward|Dala (Dala)|ókó|ade0|Unknown")
	var moji Repair
	for _, p := range r.Report.Repairs {
		if strings.Contains(p.What, "decoded twice") {
			moji = p
		}
	}
	if moji.Count != 1 || moji.To != "ókó" {
		t.Errorf("repairs %+v", r.Report.Repairs)
	}
}

func TestMojibakeIsCountedByCell(t *testing.T) {
	r := readText(t, "Ward,group,rdt_tested_u5\nA,â‰¥5,1\nB,â‰¥5,1\nC,≥5,1\nD,â‰¤5,1\n", Options{})
	if len(r.Report.Repairs) != 1 || r.Report.Repairs[0].Count != 3 {
		t.Errorf("%+v", r.Report.Repairs)
	}
	expect(t, "group", named(r, "group"), "≥5|≥5|≥5|≤5")
}

func TestPeriods(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"years":          {"periodname\n2020\n2021\n", "2020|2021"},
		"yyyymm":         {"periodcode\n202001\n202112\n", "2020-01|2021-12"},
		"names":          {"period\nJanuary 2024\nDec-24\n", "2024-01|2024-12"},
		"ISO months":     {"period\n2024-01\n2024-02\n", "2024-01|2024-02"},
		"firsts":         {"periodname\n2024-01-01\n2024-02-01\n", "2024-01|2024-02"},
		"days":           {"periodname\n2024-01-01\n2024-02-15\n", "2024-01-01|2024-02-15"},
		"day first":      {"date\n05/02/2024\n31/12/2024\n", "2024-02-05|2024-12-31"},
		"month first":    {"date\n05/02/2024\n12/31/2024\n", "2024-05-02|2024-12-31"},
		"some are none":  {"period\n2024-01\n2024-02\nsoon\n", "2024-01|2024-02|·"},
		"some missing":   {"period\n2024\n\n2023\n", "2024|·|2023"},
		"year and month": {"year,month\n2024,1\n2024,Feb\n2023,12\n", "2024-01|2024-02|2023-12"},
	} {
		lines := strings.Split(strings.TrimSuffix(c.in, "\n"), "\n")
		text := lines[0] + ",Ward,rdt_tested_u5\n"
		for _, l := range lines[1:] {
			text += l + ",A,1\n"
		}
		r := readText(t, text, Options{})
		got, _, _ := strings.Cut(strings.Replace(role(r, table.RolePeriod), ": ", "\x00", 1), "\x00")
		expect(t, name, strings.TrimPrefix(role(r, table.RolePeriod), got+": "), c.want)
	}
}

func TestDoubtfulPeriodsAreTold(t *testing.T) {
	r := readText(t, "date,Ward,rdt_tested_u5\n05/02/2024,A,1\n06/02/2024,A,1\n", Options{})
	expect(t, "day first", role(r, table.RolePeriod), "date: 2024-02-05|2024-02-06")
	if w, ok := warning(r, WarnDateOrder); !ok || w.Count != 2 {
		t.Errorf("order: %+v", w)
	}
	r = readText(t, "period,Ward,rdt_tested_u5\n2024,A,1\n2024-01,A,1\nsoon,A,1\n", Options{})
	if _, ok := warning(r, WarnPeriods); !ok {
		t.Error("mixed periods are not told")
	}
	if len(r.Report.Cells) != 1 || r.Report.Cells[0].Problem != problemPeriod || r.Report.Cells[0].Example != "soon" {
		t.Errorf("%+v", r.Report.Cells)
	}
}

func TestPeriodColumnWithoutPeriodsGivesWay(t *testing.T) {
	r := readText(t, "periodname,periodcode,Ward,rdt_tested_u5\nfirst,202401,A,1\nsecond,202402,A,1\n", Options{})
	expect(t, "period", role(r, table.RolePeriod), "periodcode: 2024-01|2024-02")
}

func TestRowsOfTextFiles(t *testing.T) {
	r := readText(t, "State,Ward,rdt_tested_u5\nKano,A,1\n\nKano,B\nKano,C,3,,\nKano,D,4,5\n , ,\nState,Ward,rdt_tested_u5\nKano,Unknown,6\n", Options{})
	want := RowCounts{Read: 6, Kept: 4, Refused: 2, Empty: 2, Padded: 1, Trimmed: 1}
	if r.Report.Rows != want {
		t.Errorf("%+v, want %+v", r.Report.Rows, want)
	}
	refused := []RefusedRow{{6, "4 fields under 3 column names"}, {8, "repeats the header"}}
	if !slices.Equal(r.Report.Refused, refused) {
		t.Errorf("%+v", r.Report.Refused)
	}
	expect(t, "tested", role(r, table.TestedRole(table.RDT, table.Under5)), "rdt_tested_u5: 1|·|3|6")
}

func TestRefusedRowsAreListedUpToALimit(t *testing.T) {
	r := readText(t, "Ward,rdt_tested_u5\nA,1\n"+strings.Repeat("A,1,2\n", 200), Options{})
	if len(r.Report.Refused) != listed || r.Report.Rows.Refused != 200 {
		t.Errorf("%d listed of %d", len(r.Report.Refused), r.Report.Rows.Refused)
	}
}

func TestQualityWarnings(t *testing.T) {
	r := readText(t, "State,Ward,rdt_tested_u5,rdt_positive_u5\nKano,A,5,6\nKano,Unknown,5,5\nKano,,,3\nKanu,Total,9,1\n", Options{})
	for code, count := range map[string]int{WarnCascade: 1, WarnUnknownWard: 2, WarnTotals: 1, WarnNoLGA: 0} {
		if w, ok := warning(r, code); !ok || w.Count != count {
			t.Errorf("%s: %+v", code, w)
		}
	}
	if r.Table.Rows() != 4 {
		t.Errorf("%d rows: a row was dropped for its ward", r.Table.Rows())
	}
}

func TestHeaderIsFoundBelowOtherRows(t *testing.T) {
	for name, c := range map[string]struct {
		in  string
		row int
	}{
		"first":       {"Ward,rdt_tested_u5\nA,1\n", 1},
		"blank first": {",\nWard,rdt_tested_u5\nA,1\n", 2},
		"titles":      {"Malaria report,,,\nKano State 2024,,,\n,,,\nState,LGA,Ward,rdt_tested_u5\nKano,Dala,A,1\nKano,Dala,B,2\n", 4},
		"groups":      {",,RDT,,,\nState,Ward,rdt_tested_u5,rdt_tested_o5,rdt_tested_pw,rdt_positive_u5\nKano,A,1,2,3,4\n", 2},
		"text below":  {"State,Ward,rdt_tested_u5\nkn Kano State,kn Gobirawa Ward,\nkn Kano State,kn Dala Ward,\n", 1},
		"meaningless": {"a,b,Ward\nx,1,A\ny,2,B\n", 1},
	} {
		r := readText(t, c.in, Options{Kind: Wards})
		if r.Report.HeaderRow != c.row {
			t.Errorf("%s: header in row %d, want %d", name, r.Report.HeaderRow, c.row)
		}
	}
}

func TestSheets(t *testing.T) {
	data := workbookOf(t, map[string][][]any{
		"Data":  {{"State", "Ward", "rdt_tested_u5"}, {"Kano", "A", 1}},
		"Other": {{"State", "Ward", "rdt_tested_u5"}, {"Kwara", "B", 2}},
		"Notes": {{"This file was made by hand"}, {"Ask the LGA office"}},
	})
	r, err := Read(t.Context(), "f.xlsx", data, Options{Sheet: "Other"})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "chosen sheet", role(r, table.RoleWard), "Ward: B")
	if w, ok := warning(r, WarnSheets); ok {
		t.Errorf("the person chose, and yet is told of other sheets: %+v", w)
	}
	_, err = Read(t.Context(), "f.xlsx", data, Options{})
	checkProblem(t, "two sheets of wards", err, problem.Usage, "--sheet")
	checkProblem(t, "and which they are", err, problem.Usage, "“Data” (3 columns below row 1)")
	data = workbookOf(t, map[string][][]any{
		"Data":  {{"State", "Ward", "rdt_tested_u5"}, {"Kano", "A", 1}},
		"Notes": {{"Author", "Office"}, {"Ask", "the LGA office"}},
	})
	if r, err = Read(t.Context(), "f.xlsx", data, Options{}); err != nil || r.Report.Sheet != "Data" {
		t.Fatalf("%v, %+v", err, r)
	}
	if w, ok := warning(r, WarnSheets); !ok || !strings.Contains(w.Message, "Notes") {
		t.Errorf("nothing is said of the sheet that was left: %+v", w)
	}
	data = workbookOf(t, map[string][][]any{
		"Data":  {{"State", "Ward", "rdt_tested_u5"}, {"Kano", "A", 1}},
		"Other": {{"State", "Ward", "rdt_tested_u5"}, {"Kwara", "B", 2}},
	})
	_, err = Read(t.Context(), "f.xlsx", data, Options{Sheet: "Dta"})
	checkProblem(t, "unknown sheet", err, "not_found", "Data")
}

func TestWorkbookCells(t *testing.T) {
	f := excelize.NewFile()
	day := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	rows := [][]any{
		{"State", "Ward", "date", "rdt_tested_u5", "note"},
		{"Kano", "A", day, 5, "x"}, {"Kano", "B", day.AddDate(0, 1, 0), 7.5, true}, {"Kano", 12, day.AddDate(0, 2, 0), "many", nil},
		{"Kano", "C", nil, nil, nil, "stray"},
	}
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellFormula("Sheet1", "E5", "1/0"); err != nil {
		t.Fatal(err)
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(t.Context(), "f.xlsx", buf.Bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "period", role(r, table.RolePeriod), "date: 2024-03|2024-04|2024-05|·")
	expect(t, "ward", role(r, table.RoleWard), "Ward: A|B|12|C")
	expect(t, "tested", role(r, table.TestedRole(table.RDT, table.Under5)), "rdt_tested_u5: 5|7.5|·|·")
	expect(t, "a cell beside the table", named(r, "column 6"), "·|·|·|stray")
}

func TestColumnOrderDoesNotMatter(t *testing.T) {
	a := readText(t, "State,LGA,Ward,periodname,rdt_tested_u5,rdt_positive_u5\nKano,Dala,A,2024,5,2\n", Options{})
	b := readText(t, "rdt_positive_u5,periodname,Ward,rdt_tested_u5,LGA,State\n2,2024,A,5,Dala,Kano\n", Options{})
	for _, want := range table.Roles() {
		expect(t, string(want), role(b, want), role(a, want))
	}
}
