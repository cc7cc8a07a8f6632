package ingest

import (
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// facilityText makes a facility table whose repeated columns are given with
// their cells.
func facilityText(headers string, rows ...string) string {
	return "orgunitlevel2,orgunitlevel3,orgunitlevel4,orgunitlevel5,periodname,malaria rdt," + headers + "\n" +
		"kw Kwara State,kw Offa Local Government Area,kw A Ward,F," + strings.Join(rows, "\nkw Kwara State,kw Offa Local Government Area,kw A Ward,F,") + "\n"
}

const u5 = "Persons tested positive for malaria by RDT <5yrs"

// only returns the one group that was resolved.
func only(t *testing.T, r *Result) Duplicate {
	t.Helper()
	if len(r.Report.Duplicates) != 1 {
		t.Fatalf("%d groups: %+v", len(r.Report.Duplicates), r.Report.Duplicates)
	}
	return r.Report.Duplicates[0]
}

// The form migration of Kwara: one column holds 2020, the other the years
// after, zeros elsewhere. spec/analytics.md 1.5, rule 4a.
func TestFormMigrationIsSummed(t *testing.T) {
	for name, header := range map[string]string{
		"literal":      u5 + "," + u5,
		"suffix":       u5 + "," + u5 + ".1",
		"after repair": u5 + ",Persons tested  positive for malaria by RDT <5yrs",
	} {
		r := readText(t, facilityText(header, "2020,,60,0", "2021,,0,100", "2022,,0,110", "2023,,,120", "2024,,,"), Options{})
		d := only(t, r)
		if d.Strategy != Sum || d.Merged != 390 || d.Totals[0] != 60 || d.Totals[1] != 330 {
			t.Errorf("%s: %+v", name, d)
		}
		expect(t, name, named(r, u5), "60|100|110|120|·")
		expect(t, name+" has the role", role(r, table.PositiveRole(table.RDT, table.Under5)), u5+": 60|100|110|120|·")
		if len(r.Table.Columns) != 7 {
			t.Errorf("%s: %d columns", name, len(r.Table.Columns))
		}
	}
}

func TestRepeatedTextKeepsTheFirst(t *testing.T) {
	r := readText(t, facilityText("owner,owner,"+u5, "2020,,a,x,1", "2021,,b,y,2"), Options{})
	if d := only(t, r); d.Strategy != KeepFirst || d.Conflicts != 2 || d.Totals != nil {
		t.Errorf("%+v", d)
	}
	expect(t, "owner", named(r, "owner"), "a|b")
}

func TestIdenticalColumnsBecomeOne(t *testing.T) {
	r := readText(t, facilityText(u5+","+u5, "2020,,1,1", "2021,,2,", "2022,,,3", "2023,,4.0,4"), Options{})
	if d := only(t, r); d.Strategy != Identical || d.Conflicts != 0 {
		t.Errorf("%+v", d)
	}
	expect(t, "gaps are filled, nothing counted twice", named(r, u5), "1|2|3|4")
}

func TestRepeatedRateTakesTheFirstValue(t *testing.T) {
	r := readText(t, facilityText("reporting rate,reporting rate,"+u5, "2020,,50,60,1", "2021,,,70,1", "2022,,80,80,1"), Options{})
	if d := only(t, r); d.Strategy != FirstValue || d.Conflicts != 1 {
		t.Errorf("%+v", d)
	}
	expect(t, "rate", named(r, "reporting rate"), "50|70|80")
}

// Without usable periods, two columns of which four fifths of the rows use
// only one: rule 4b. Zero means "form not in use".
func TestColumnsThatDoNotOverlapAreSummed(t *testing.T) {
	text := "State,Ward,fever rdt," + u5 + "," + u5 + "\nKano,A,,5,0\nKano,B,,0,7\nKano,C,,3,0\nKano,D,,0,2\nKano,E,,1,1\nKano,F,,1,2\n"
	r := readText(t, strings.Replace(text, "Kano,F,,1,2\n", "", 1), Options{})
	if d := only(t, r); d.Strategy != Sum || !strings.Contains(d.Reason, "80 %") {
		t.Errorf("%+v", d)
	}
	_, err := Read(t.Context(), "f.csv", []byte(text), Options{}) // 4 of 6 rows: not enough
	checkProblem(t, "four of six rows", err, problem.Usage, "--duplicate")
}

// Where no rule fits, the question names the columns, what they add up to and
// every answer; and each answer does what it says.
func TestAmbiguousColumnsAreAskedNotGuessed(t *testing.T) {
	text := facilityText(u5+","+u5+","+u5, "2020,,1,2,3", "2021,,4,,6", "2022,,1,1,1")
	_, err := Read(t.Context(), "f.csv", []byte(text), Options{})
	for _, says := range []string{u5 + "=sum", "=first", "=largest", "=apart", "totals 6 and 3 and 10", "different in 2 rows"} {
		checkProblem(t, "the question", err, problem.Usage, says)
	}
	for how, want := range map[string]string{Sum: "6|10|3", KeepFirst: "1|4|1", Largest: "3|6|1", KeptApart: "1|4|1"} {
		for _, name := range []string{u5, strings.ToUpper(u5), "Persons tested  positive for malaria by RDT <5yrs", AllDuplicates} {
			r := readText(t, text, Options{Duplicates: map[string]string{name: how}})
			expect(t, how+" by "+name, named(r, u5), want)
			if d := only(t, r); d.Strategy != how || d.Reason != "you said so" {
				t.Errorf("%s: %+v", how, d)
			}
			expect(t, how+", the second", named(r, u5+".1"), map[bool]string{true: "2|·|1", false: "no column"}[how == KeptApart])
		}
	}
	two := facilityText(u5+","+u5+",fever <5yrs,fever <5yrs", "2020,,1,2,3,4", "2021,,4,5,6,7")
	_, err = Read(t.Context(), "f.csv", []byte(two), Options{Duplicates: map[string]string{u5: Sum}})
	checkProblem(t, "the other question stays", err, problem.Usage, "fever <5yrs=sum")
	r := readText(t, two, Options{Duplicates: map[string]string{u5: Sum, AllDuplicates: KeepFirst}})
	expect(t, "its own answer", named(r, u5), "3|9")
	expect(t, "the answer for all others", named(r, "fever <5yrs"), "3|6")
}

// An answer also beats a rule that fits, but never adds up texts.
func TestAnswersBeatRules(t *testing.T) {
	migrated := facilityText(u5+","+u5+",owner,owner", "2020,,60,0,a,b", "2021,,0,100,a,b", "2022,,0,110,a,c")
	r := readText(t, migrated, Options{Duplicates: map[string]string{u5: KeptApart, "owner": Sum}})
	expect(t, "kept apart", named(r, u5)+" "+named(r, u5+".1"), "60|0|0 0|100|110")
	expect(t, "texts", named(r, "owner"), "a|a|a")
}

func TestAnswersThatCannotBe(t *testing.T) {
	text := facilityText(u5+","+u5, "2020,,1,2", "2021,,4,5")
	_, err := Read(t.Context(), "f.csv", []byte(text), Options{Duplicates: map[string]string{u5: "add"}})
	checkProblem(t, "no answer", err, problem.Usage, "sum, first, largest, apart")
	_, err = Read(t.Context(), "f.csv", []byte(text), Options{Duplicates: map[string]string{"fever": Sum}})
	checkProblem(t, "no such columns", err, problem.NotFound, "more than once")
}

func TestMissingEverywhereStaysMissingInASum(t *testing.T) {
	r := readText(t, facilityText(u5+","+u5, "2020,,1,0", "2021,,,", "2022,,NA,-", "2023,,0,9", "2024,,0,9"), Options{})
	expect(t, "sum", named(r, u5), "1|·|·|9|9")
}

func TestNegativeMemberDoesNotLowerASum(t *testing.T) {
	r := readText(t, facilityText(u5+","+u5, "2020,,10,-3", "2021,,0,5", "2022,,0,6"), Options{})
	expect(t, "sum", named(r, u5), "10|5|6")
	if len(r.Report.Cells) != 1 || r.Report.Cells[0].Problem != problemNegative || r.Report.Cells[0].Row != 2 {
		t.Errorf("cells %+v", r.Report.Cells)
	}
}

func TestWhatOnlyLooksRepeated(t *testing.T) {
	r := readText(t, facilityText("version_1.1,version_1.2,form.x,form,"+u5, "2020,,1,2,3,4,5"), Options{})
	if len(r.Report.Duplicates) != 0 || len(r.Table.Columns) != 11 {
		t.Errorf("%d columns, resolved %+v", len(r.Table.Columns), r.Report.Duplicates)
	}
}

func TestAChosenSuffixIsNotMerged(t *testing.T) {
	r := readText(t, facilityText(u5+","+u5+".1", "2020,,1,0", "2021,,0,5", "2022,,0,6"),
		Options{Columns: map[table.Role]string{table.PositiveRole(table.RDT, table.Under5): u5 + ".1"}})
	expect(t, "chosen", role(r, table.PositiveRole(table.RDT, table.Under5)), u5+".1: 0|5|6")
}

// Adding up is meant for counts: in a table of wards two columns of one name
// stay apart unless they are the same.
func TestRepeatedVariablesOfWards(t *testing.T) {
	r := readText(t, "WardName,rain,rain,evi,evi\nA,1,2,5,5\nB,3,4,6,\n", Options{})
	expect(t, "variables", variableNames(r), "rain [] rain.1 [] evi []")
	expect(t, "second", named(r, "rain.1"), "2|4")
	if d := r.Report.Duplicates; len(d) != 2 || d[0].Strategy != KeptApart || d[1].Strategy != Identical {
		t.Errorf("%+v", d)
	}
}

func TestVariablesAboutMalariaAreNoCounts(t *testing.T) {
	r := readText(t, "WardName,malaria tpr,fever share,rain,rain\nA,1,2,5,6\nB,3,4,6,7\n", Options{})
	if d := only(t, r); d.Strategy != KeptApart {
		t.Errorf("%+v", d)
	}
}

func TestRepeatedKeysAreNotAddedUp(t *testing.T) {
	for _, name := range []string{"facility_code", "latitude", "year"} {
		r := readText(t, facilityText(name+","+name+","+u5, "2020,,2021,2022,3", "2021,,2022,2023,4"), Options{})
		if d := only(t, r); d.Strategy != KeepFirst {
			t.Errorf("%+v", d)
		}
		expect(t, name, named(r, name), "2021|2022")
	}
}

func TestRepeatedColumnsInAWorkbook(t *testing.T) {
	data := workbookOf(t, map[string][][]any{"S": {
		{}, {"State", "Ward", "periodname", "tested rdt", u5, u5},
		{"Kano", "A", 2020, nil, 60, 0}, {"Kano", "A", 2021, nil, 0, 100}, {"Kano", "A", 2022, nil, 0, 10},
	}})
	r, err := Read(t.Context(), "f.xlsx", data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := only(t, r); d.Strategy != Sum || d.Merged != 170 {
		t.Errorf("%+v", d)
	}
	if r.Report.HeaderRow != 2 {
		t.Errorf("header in row %d", r.Report.HeaderRow)
	}
}
