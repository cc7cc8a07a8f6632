package action

import (
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

const reportHeader = "State,LGA,Ward,Facility,periodname,rdt_tested_u5,rdt_positive_u5"

// monthly is a facility report of a year: two facilities, twelve months.
func monthly(change ...string) string {
	out := []string{reportHeader}
	for _, f := range []string{"Afon,A", "Budo,B"} {
		for _, m := range []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"} {
			out = append(out, "Kwara,Asa,"+f+",2024-"+m+",20,5")
		}
	}
	for i := 0; i+1 < len(change); i += 2 {
		at := slices.Index(out, change[i])
		switch {
		case change[i+1] == "":
			out = slices.Delete(out, at, at+1)
		case at < 0:
			out = append(out, change[i+1])
		default:
			out[at] = change[i+1]
		}
	}
	return lines(out...)
}

func (b *bench) importText(name, text string, with func(*Import)) *Result {
	b.t.Helper()
	a := &Import{Files: []string{b.write(name, text)}}
	if with != nil {
		with(a)
	}
	return b.do(a)
}

// A corrected file shows what it changes, by ward and period and cell by cell,
// before it is stored and when it is.
func TestACorrectedFileShowsWhatItChanges(t *testing.T) {
	b := newBench(t)
	b.importText("report.csv", monthly(), nil)
	before := b.snapshot()
	corrected := monthly("Kwara,Asa,Afon,A,2024-03,20,5", "Kwara,Asa,Afon,A,2024-03,21,5", "Kwara,Asa,Budo,B,2024-05,20,5", "Kwara,Asa,Budo,B,2024-05,20,",
		"new", "Kwara,Asa,Budo,B,2025-01,7,1")
	show := b.importText("report.csv", corrected, func(a *Import) { a.Preview = true })
	if b.snapshot() != before || show.Run != 0 || !strings.Contains(show.Summary, "Nothing was stored") {
		t.Errorf("a preview changed the store: %+v", show)
	}
	kept := b.importText("report.csv", corrected, nil)
	for what, r := range map[string]*Result{"preview": show, "import": kept} {
		list := r.Tables[0]
		for name, want := range map[string]float64{"version": 2, "rows": 25, "rows_added": 1, "rows_removed": 0, "cells_changed": 2} {
			if got := numbers(t, list, name); got[0] != want {
				t.Errorf("%s: %s is %v, want %v", what, name, got[0], want)
			}
		}
		places := r.Tables[1]
		if got := strings.Join(texts(t, places, "ward"), " ") + strings.Join(texts(t, places, "period"), " "); got != "Afon Budo Budo2024-03 2024-05 2025-01" {
			t.Errorf("%s: places %q", what, got)
		}
		if got := numbers(t, places, "cells_changed"); !slices.Equal(got, []float64{1, 1, 0}) {
			t.Errorf("%s: cells %v", what, got)
		}
		cells := r.Tables[2]
		if got := texts(t, cells, "before"); !slices.Equal(got, []string{"20", "5"}) {
			t.Errorf("%s: before %v", what, got)
		}
		if got := texts(t, cells, "after"); !slices.Equal(got, []string{"21", ""}) {
			t.Errorf("%s: after %v", what, got)
		}
		if !slices.ContainsFunc(r.Notices, func(n string) bool {
			return strings.Contains(n, "against version 1: 1 row added; 0 gone; 2 cells changed in 2 rows")
		}) {
			t.Errorf("%s: %q", what, r.Notices)
		}
	}
	if got := b.latest(workspace.KindFacilities, "report"); got.Version != 2 || got.Rows != 25 {
		t.Errorf("%+v", got)
	}
}

// What a version would lose is asked first: rows, or columns.
func TestALossIsAskedFirst(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"a row":        {monthly("Kwara,Asa,Afon,A,2024-03,20,5", ""), "lacks 1 of its 24 rows"},
		"another year": {strings.ReplaceAll(monthly(), ",2024-", ",2025-"), "lacks 24 of its 24 rows"},
		"a column":     {strings.ReplaceAll(strings.ReplaceAll(monthly(), ",rdt_positive_u5", ""), ",20,5", ",20"), "lacks the columns rdt_positive_u5"},
	} {
		b := newBench(t)
		b.importText("report.csv", monthly(), nil)
		again := &Import{Files: []string{b.write("report.csv", c.text)}}
		p := b.refuse(again, problem.Conflict)
		if !strings.Contains(p.Message, c.says) || !strings.Contains(p.Hint, "--replace") || !strings.Contains(p.Hint, "--preview") {
			t.Errorf("%s: %s; %s", name, p.Message, p.Hint)
		}
		again.Preview = true
		b.do(again)
		again.Preview, again.Replace = false, true
		b.do(again)
		if got := b.latest(workspace.KindFacilities, "report"); got.Version != 2 {
			t.Errorf("%s: version %d", name, got.Version)
		}
	}
	// A correction of one row in twenty-four, and one facility named anew, is none.
	b := newBench(t)
	b.importText("report.csv", monthly(), nil)
	b.importText("report.csv", monthly("Kwara,Asa,Afon,A,2024-03,20,5", "Kwara,Asa,Afon,A1,2024-03,20,5"), nil)
}

func TestTheSameFileIsNotStoredTwice(t *testing.T) {
	b := newBench(t)
	b.importText("report.csv", monthly(), nil)
	before := b.snapshot()
	r := b.importText("report.csv", monthly(), nil)
	if b.snapshot() != before || r.Run != 0 || !strings.HasPrefix(r.Summary, "Nothing has changed") || len(r.Notices) == 0 {
		t.Errorf("%+v", r)
	}
	// Under another name it is another table, and the double counting is told.
	r = b.importText("report.csv", monthly(), func(a *Import) { a.Name = "second" })
	if r.Run == 0 || !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "under the name report too") }) {
		t.Errorf("%+v", r)
	}
	// Of two files only the changed one is stored.
	ward := b.write("wards.csv", "WardName,rainfall\nAfon,1\nBudo,2\n")
	b.do(&Import{Files: []string{ward}})
	r = b.do(&Import{Files: []string{ward, b.write("report.csv", monthly("new", "Kwara,Asa,Budo,B,2025-01,7,1"))}})
	if got := len(b.run(r).Notices); r.Run == 0 || got == 0 || b.latest(workspace.KindWards, "wards").Version != 1 || b.latest(workspace.KindFacilities, "report").Version != 2 {
		t.Errorf("%+v", r)
	}
}

// Undo makes the version before current again, step by step, deletes nothing,
// is on record, and can itself be taken back.
func TestUndoOfImports(t *testing.T) {
	b := newBench(t)
	b.importText("report.csv", monthly(), nil)
	b.importText("report.csv", monthly("new", "Kwara,Asa,Budo,B,2025-01,7,1"), nil)
	b.importText("report.csv", monthly("new", "Kwara,Asa,Budo,B,2025-01,8,1"), nil)
	r := b.do(&Undo{})
	if !strings.Contains(r.Summary, "Took back run 3") || numbers(t, r.Tables[0], "current_version")[0] != 2 {
		t.Errorf("%+v", r)
	}
	if got := b.latest(workspace.KindFacilities, ""); got.Version != 2 || got.Undone {
		t.Errorf("current: %+v", got)
	}
	b.do(&Undo{})
	if got := b.latest(workspace.KindFacilities, ""); got.Version != 1 || got.Rows != 24 {
		t.Errorf("current: %+v", got)
	}
	if got := texts(t, b.do(&Data{}).Tables[0], "version"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("data lists %v", got)
	}
	all := b.do(&Data{All: true}).Tables[0]
	if got := texts(t, all, "state"); !slices.Equal(got, []string{"", "taken back", "taken back"}) {
		t.Errorf("data --all: %v", got)
	}
	if got := texts(t, b.do(&Runs{}).Tables[0], "state"); !slices.Equal(got, []string{"", "taken back", "taken back", "", ""}) {
		t.Errorf("runs: %v", got)
	}
	b.do(&Undo{})
	b.refuse(&Undo{}, problem.NotFound)
	if _, err := b.w.Latest(t.Context(), "test", workspace.KindFacilities, "", "none"); !problem.Is(err, problem.NotFound) {
		t.Errorf("everything was taken back, and yet: %v", err)
	}
	// Put back, the last that was taken back first.
	b.do(&Undo{Restore: true})
	if got := b.latest(workspace.KindFacilities, ""); got.Version != 1 {
		t.Errorf("put back: %+v", got)
	}
	b.do(&Undo{Number: 3, Restore: true})
	if got := b.latest(workspace.KindFacilities, ""); got.Version != 3 {
		t.Errorf("put back by its number: %+v", got)
	}
	// A new version never takes the number of one that was taken back.
	b.do(&Undo{Number: 3})
	r = b.importText("report.csv", monthly("new", "Kwara,Asa,Budo,B,2025-02,9,1"), nil)
	if got := b.latest(workspace.KindFacilities, ""); got.Version != 4 || numbers(t, r.Tables[0], "version")[0] != 4 {
		t.Errorf("%+v", got)
	}
	if v := b.do(NewAudit()); v.Problem != nil {
		t.Errorf("audit: %+v", v.Problem)
	}
}

func TestUndoOfDecisionsAndResults(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("w.geojson", threeWards())}})
	b.importText("report.csv", strings.ReplaceAll(monthly(), "Budo,B", "Bwdq,B"), nil)
	b.do(&Match{})
	reviewed := "given_state,given_lga,given_ward,rows,state,lga,ward,ward_code,score,margin,decision\nKwara,Asa,Bwdq,12,Kwara,Asa,Budo,,,,accepted\n"
	decided := b.do(&Match{Accept: b.write("reviewed.csv", reviewed)})
	positivity := b.do(allTests())
	if v := numbers(t, positivity.Tables[0], "denominator"); len(v) < 2 || v[1] != 240 {
		t.Errorf("with the decision: %v", v)
	}
	r := b.do(&Undo{})
	if !strings.Contains(r.Summary, "(match)") || !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "1 decision") }) ||
		!slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "should be made again") }) {
		t.Errorf("%s, %q", r.Summary, r.Notices)
	}
	if ds, err := b.w.Decisions(t.Context()); err != nil || len(ds) != 0 {
		t.Errorf("decisions: %v, %v", ds, err)
	}
	b.do(&Undo{Number: int(decided.Run), Restore: true})
	if ds, err := b.w.Decisions(t.Context()); err != nil || len(ds) != 1 {
		t.Errorf("decisions put back: %v, %v", ds, err)
	}
	// A result is taken back by its number.
	b.do(&Undo{Number: int(positivity.Run)})
	if _, err := b.w.Latest(t.Context(), "test", workspace.KindPositivity, "", "none"); !problem.Is(err, problem.NotFound) {
		t.Errorf("the result is still there: %v", err)
	}
}

func TestUndoThatCannotBe(t *testing.T) {
	b := newBench(t)
	b.refuse(&Undo{}, problem.NotFound)
	b.refuse(&Undo{Restore: true}, problem.NotFound)
	b.refuse(&Undo{Number: 7}, problem.NotFound)
	b.importText("report.csv", monthly(), nil)
	b.refuse(&Undo{Number: 1, Restore: true}, problem.Conflict)
	undone := b.do(&Undo{Number: 1})
	b.refuse(&Undo{Number: 1}, problem.Conflict)
	if p := b.refuse(&Undo{Number: int(undone.Run)}, problem.Usage); !strings.Contains(p.Hint, "--run 1") {
		t.Errorf("%+v", p)
	}
	if err := (&Undo{Number: -1}).Check(); !problem.Is(err, problem.Usage) {
		t.Errorf("%v", err)
	}
}
