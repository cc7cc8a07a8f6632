package action

import (
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// oddReport is a facility report in words of its own: nothing tells which column is
// the ward, nor that the tests were rapid ones of children.
func oddReport(rows ...string) string {
	return lines(append([]string{"Province,Zone de santé,Aire,Formation,Mois,Dépistés,Positifs,Note"}, rows...)...)
}

func cellOf(t *testing.T, r *Result, header, column string) string {
	t.Helper()
	at := slices.Index(texts(t, r.Tables[0], "column"), header)
	if at < 0 {
		t.Fatalf("no column %s", header)
	}
	return texts(t, r.Tables[0], column)[at]
}

// The workbench shows what a file is taken for, before anything is imported.
func TestWorkbenchShowsEveryColumn(t *testing.T) {
	b := newBench(t)
	r := b.do(&Columns{File: b.write("report.csv", monthly())})
	for header, want := range map[string][3]string{
		"State": {"state", "header", "sure"}, "Ward": {"ward", "header", "sure"}, "periodname": {"period", "header", "sure"},
		"rdt_positive_u5": {"positive_rdt_u5", "header", "sure"},
	} {
		got := [3]string{cellOf(t, r, header, "role"), cellOf(t, r, header, "how"), cellOf(t, r, header, "confidence")}
		if got != want {
			t.Errorf("%s: %v, want %v", header, got, want)
		}
	}
	if got := cellOf(t, r, "Ward", "values"); got != "Afon | Budo" {
		t.Errorf("values %q", got)
	}
	if got := cellOf(t, r, "Ward", "filled"); got != "24" || !strings.Contains(r.Summary, "facilities") || r.Run != 0 {
		t.Errorf("%s, filled %s", r.Summary, got)
	}
	if _, err := b.w.Latest(t.Context(), "test", workspace.KindFacilities, "", "none"); !problem.Is(err, problem.NotFound) {
		t.Errorf("looking at a file loaded it: %v", err)
	}
}

// A file that can't be imported yet is laid out all the same, and says why.
func TestWorkbenchSaysWhatIsMissing(t *testing.T) {
	b := newBench(t)
	r := b.do(&Columns{File: b.write("odd.csv", oddReport("Nord,Z1,A1,F,2024-01,10,3,x"))})
	if len(texts(t, r.Tables[0], "column")) != 8 || len(r.Notices) == 0 || !strings.Contains(r.Notices[0], "no column of wards") {
		t.Errorf("%s: %q", r.Summary, r.Notices)
	}
	const twice = "Persons tested positive for malaria by RDT <5yrs"
	text := "State,LGA,Ward,periodname,fever rdt," + twice + "," + twice + "\nKano,Dala,A,2020,,1,2\nKano,Dala,A,2021,,4,5\n"
	r = b.do(&Columns{File: b.write("twice.csv", text)})
	if !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "--duplicate") }) || len(texts(t, r.Tables[0], "column")) != 7 {
		t.Errorf("%q", r.Notices)
	}
}

// A correction holds for the next file with the same columns, in whatever order
// they stand, in any project of the profile; and is forgotten on request.
func TestCorrectionsAreRemembered(t *testing.T) {
	home := t.TempDir()
	b := benchOf(t, home, "Amina")
	january := b.write("january.csv", oddReport("Nord,Z1,A1,F1,2024-01,10,3,x", "Nord,Z1,A2,F2,2024-01,20,4,y"))
	set := &Columns{File: january, Set: []string{"Province=state", "Zone de santé=lga", "Aire=ward", "Formation=facility", "Mois=period",
		"Dépistés=tested_rdt_u5", "Positifs=positive_rdt_u5", "Note=none"}}
	r := b.do(set)
	if r.Run == 0 || cellOf(t, r, "Aire", "role") != "ward" || cellOf(t, r, "Aire", "how") != "chosen" || cellOf(t, r, "Note", "how") != "chosen" {
		t.Errorf("%+v", r)
	}
	february := b.write("february.csv", lines("Note,Positifs,Dépistés,Mois,Formation,AIRE,Zone de santé,Province", "x,5,30,2024-02,F1,A1,Z1,Nord"))
	r = b.do(&Columns{File: february})
	if cellOf(t, r, "AIRE", "role") != "ward" || cellOf(t, r, "AIRE", "how") != "remembered" || r.Run != 0 {
		t.Errorf("%+v", r)
	}
	r = b.do(&Import{Files: []string{february}})
	if !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "AIRE as ward") && strings.Contains(n, "--forget") }) {
		t.Errorf("nothing is said of the memory: %q", r.Notices)
	}
	got := b.table(workspace.KindFacilities, "february")
	if c, ok := got.Role(table.PositiveRole(table.RDT, table.Under5)); !ok || c.Format(0) != "5" {
		t.Errorf("the positives are not where they were set")
	}
	if r = b.do(&Columns{}); r.Tables[0].Rows() != 1 || texts(t, r.Tables[0], "file")[0] != "january.csv" {
		t.Errorf("%+v", r)
	}
	// What is said now beats what was said then; the rest stays remembered.
	r = b.do(&Columns{File: february, Set: []string{"Note=facility"}})
	if cellOf(t, r, "Note", "role") != "facility" || cellOf(t, r, "Formation", "role") == "facility" || cellOf(t, r, "AIRE", "role") != "ward" {
		t.Errorf("%+v", texts(t, r.Tables[0], "role"))
	}
	r = b.do(&Columns{File: january, Forget: true})
	if cellOf(t, r, "Aire", "role") != "" || b.do(&Columns{}).Tables[0].Rows() != 0 {
		t.Errorf("still remembered: %v", texts(t, r.Tables[0], "role"))
	}
	b.refuse(&Columns{File: january, Forget: true}, problem.NotFound)
	b.refuse(&Import{Files: []string{february}}, problem.BadInput)
	// Undo of the forgetting remembers again.
	b.do(&Undo{})
	if b.do(&Columns{}).Tables[0].Rows() != 1 {
		t.Error("what was forgotten by mistake did not come back")
	}
	// Nobody else's files are read by it.
	other := benchOf(t, home, "Bola")
	other.refuse(&Import{Files: []string{february}}, problem.BadInput)
}

// The answer about columns of one header is remembered too.
func TestAnswersAboutDuplicatesAreRemembered(t *testing.T) {
	const twice = "Persons tested positive for malaria by RDT <5yrs"
	text := func(year string) string {
		return "State,LGA,Ward,periodname,fever rdt," + twice + "," + twice + "\nKano,Dala,A," + year + "-01,,1,2\nKano,Dala,A," + year + "-02,,4,5\n"
	}
	b := newBench(t)
	first, second := b.write("2020.csv", text("2020")), b.write("2021.csv", text("2021"))
	b.refuse(&Import{Files: []string{first}}, problem.Usage)
	b.do(&Columns{File: first, Duplicates: []string{twice + "=largest"}})
	b.do(&Import{Files: []string{second}})
	c, _ := b.table(workspace.KindFacilities, "2021").Column(twice)
	if c.Format(0) != "2" || c.Format(1) != "5" {
		t.Errorf("%s, %s", c.Format(0), c.Format(1))
	}
	b.do(&Import{Files: []string{second}, Name: "sum", Duplicates: []string{twice + "=sum"}})
	c, _ = b.table(workspace.KindFacilities, "sum").Column(twice)
	if c.Format(0) != "3" {
		t.Errorf("the answer given now is not taken: %s", c.Format(0))
	}
}

func TestColumnsThatCannotBe(t *testing.T) {
	b := newBench(t)
	path := b.write("report.csv", monthly())
	for name, c := range map[string]struct {
		a    Columns
		code problem.Code
	}{
		"no file to set":    {Columns{Set: []string{"A=ward"}}, problem.Usage},
		"no role":           {Columns{File: path, Set: []string{"Ward=parish"}}, problem.Usage},
		"no header":         {Columns{File: path, Set: []string{"=ward"}}, problem.Usage},
		"no such column":    {Columns{File: path, Set: []string{"Parish=ward"}}, problem.NotFound},
		"two wards":         {Columns{File: path, Set: []string{"Ward=ward", "Facility=ward"}}, problem.Usage},
		"set and forget":    {Columns{File: path, Set: []string{"Ward=ward"}, Forget: true}, problem.Usage},
		"no way to join":    {Columns{File: path, Duplicates: []string{"Ward=add"}}, problem.Usage},
		"no such file":      {Columns{File: b.path("none.csv")}, problem.NotFound},
		"something else":    {Columns{File: b.write("x.rds", "x")}, problem.BadInput},
		"nothing to forget": {Columns{File: path, Forget: true}, problem.NotFound},
	} {
		if p := b.refuse(&c.a, c.code); p.Op != columnsAct {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
