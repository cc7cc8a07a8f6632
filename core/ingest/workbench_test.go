package ingest

import (
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

func examine1(t *testing.T, text string, o Options) *Bench {
	t.Helper()
	b, err := Examine(t.Context(), "f.csv", []byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func factsOf(t *testing.T, b *Bench, name string) Facts {
	t.Helper()
	for _, f := range b.Columns {
		if f.Header == name {
			return f
		}
	}
	t.Fatalf("no column %s", name)
	return Facts{}
}

// What the workbench says of a file is what reading it does.
func TestWorkbenchAgreesWithReading(t *testing.T) {
	for _, text := range []string{
		registrations, "State,LGA,WardName,rainfall,tpr\nKano,Dala,A,1,0.2\nKano,Dala,B,2,0.3\n",
		"State,LGA,Ward,Facility,periodname,rdt_tested_u5,rdt_positive_u5\nKano,Dala,A,F,2024-01,5,1\n",
		"WardName,Population,share of under 5\nA,1000,0.2\n",
	} {
		b, r := examine1(t, text, Options{}), readText(t, text, Options{})
		if b.Open != nil || b.Report.Layout != r.Report.Layout || b.Report.Layout == "" {
			t.Errorf("%+v, layouts %s and %s", b.Open, b.Report.Layout, r.Report.Layout)
		}
		for _, f := range b.Columns {
			c, ok := r.Table.Column(f.Header)
			if ok && r.Report.Rows.Gathered == 0 && c.Role != f.Role {
				t.Errorf("%s: %s on the bench, %s when read", f.Header, f.Role, c.Role)
			}
		}
	}
}

func TestFactsOfAColumn(t *testing.T) {
	b := examine1(t, "Ward,rdt_tested_u5\nA,1\nA,NA\nB,1\n,3\n", Options{})
	if f := factsOf(t, b, "Ward"); f.Filled != 3 || f.Distinct != 2 || strings.Join(f.Values, " ") != "A B" || f.How != ByHeader || f.Confidence != Sure {
		t.Errorf("%+v", f)
	}
	if f := factsOf(t, b, "rdt_tested_u5"); f.Filled != 3 || f.Distinct != 2 || b.Rows != 4 {
		t.Errorf("%+v of %d rows", f, b.Rows)
	}
}

// A layout is the same whatever the order, case and blanks of the headers, and
// another as soon as a column comes, goes or stands there twice.
func TestLayouts(t *testing.T) {
	base := LayoutOf([]string{"State", "Ward Name", "rdt_tested_u5"})
	for _, same := range [][]string{{"rdt_tested_u5", "State", "Ward Name"}, {"STATE", "ward.name", "RDT  tested-u5"}} {
		if LayoutOf(same) != base {
			t.Errorf("%q is another layout", same)
		}
	}
	for _, other := range [][]string{{"State", "Ward Name"}, {"State", "Ward Name", "rdt_tested_u5", "note"}, {"State", "Ward Name", "rdt_tested_u5", "State"},
		{"State", "Ward Name", "rdt_tested_o5"}} {
		if LayoutOf(other) == base {
			t.Errorf("%q is the same layout", other)
		}
	}
}

// What is recalled comes before names and values, after what is said now, and
// is passed over where it no longer fits.
func TestRecall(t *testing.T) {
	text := "A,B,C\nx,y,1\nz,w,2\n"
	asked := ""
	recall := func(layout string) Memory {
		asked = layout
		return Memory{Choices: []Choice{{Header: "A", Role: table.RoleWard}, {Header: "B", Role: table.RoleLGA}, {Header: "Gone", Role: table.RoleState}, {Header: "C"}}}
	}
	b := examine1(t, text, Options{Recall: recall})
	if asked != LayoutOf([]string{"A", "B", "C"}) {
		t.Errorf("asked for %s", asked)
	}
	for name, want := range map[string]Facts{"A": {Role: table.RoleWard, How: Remembered}, "B": {Role: table.RoleLGA, How: Remembered}, "C": {How: Remembered}} {
		if f := factsOf(t, b, name); f.Role != want.Role || f.How != want.How {
			t.Errorf("%s: %+v", name, f)
		}
	}
	b = examine1(t, text, Options{Recall: recall, Choices: []Choice{{Header: "B", Role: table.RoleWard}}})
	if f := factsOf(t, b, "B"); f.Role != table.RoleWard || f.How != Chosen {
		t.Errorf("said now: %+v", f)
	}
	if f := factsOf(t, b, "A"); f.Role == table.RoleWard {
		t.Errorf("two wards: %+v", f)
	}
}

func TestWorkbenchThatCannotBe(t *testing.T) {
	_, err := Examine(t.Context(), "f.csv", nil, Options{})
	if p := problem.From(err, ""); p.Op != "columns" || p.Subject != "f.csv" || p.Code != problem.BadInput {
		t.Errorf("%+v", p)
	}
	_, err = Examine(t.Context(), "f.csv", []byte("Ward,x\nA,1\n"), Options{Choices: []Choice{{Header: "y", Role: table.RoleWard}}})
	if !problem.Is(err, problem.NotFound) {
		t.Errorf("%v", err)
	}
	_, err = Examine(t.Context(), "f.csv", []byte("Ward,x\nA,1\n"), Options{Choices: []Choice{{Header: "x", Role: "parish"}}})
	if !problem.Is(err, problem.Usage) {
		t.Errorf("%v", err)
	}
}
