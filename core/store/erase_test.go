package store

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Every table names its owner, is numbered so that quarantine can name its
// rows, and refers by a reference to every row it rests on. A table that is
// added without one of these fails here; one that has them is checked at every
// start, erased with its project and taken out with the rest.
func TestEveryTableHasAnOwnerAndItsReferences(t *testing.T) {
	f := newStore(t, "amina")
	tables, err := f.shapes(t.Context(), f.db.RO)
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) < 8 {
		t.Fatalf("only %d tables were found", len(tables))
	}
	var names []string
	for _, x := range tables {
		names = append(names, x.name)
	}
	outlives := []string{"audit.run", "quarantine.row"} // they tell of rows that may be gone
	for _, x := range tables {
		for _, c := range x.columns {
			refers := slices.ContainsFunc(x.parents, func(p parent) bool { return p.column == c })
			if slices.Contains(names, c) && !refers && !slices.Contains(outlives, x.name+"."+c) {
				t.Errorf("%s.%s refers to no table", x.name, c)
			}
		}
		hangs := ofProject(x.name, tables) != ""
		if !hangs && !slices.Contains([]string{"audit", "quarantine"}, x.name) {
			t.Logf("%s belongs to the profile and to no project: it is erased with the profile alone", x.name)
		}
		asked := 0
		for _, q := range suspicions(tables) {
			if q.table == x.name {
				asked++
			}
		}
		if asked < 1+len(x.parents) {
			t.Errorf("%s: %d questions for %d references", x.name, asked, len(x.parents))
		}
	}
}

// A table of tomorrow: rows of others, of no project and of a project in
// quarantine are found, and its rows go with their project.
func TestATableOfTomorrowIsCovered(t *testing.T) {
	f, kano := twoProjects(t)
	raw(t, f.Store,
		`CREATE TABLE outbox (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, project INTEGER NOT NULL REFERENCES project(id), run INTEGER REFERENCES run(id), body TEXT) STRICT`,
		`CREATE TABLE outbox_part (entry INTEGER NOT NULL REFERENCES outbox(id), ordinal INTEGER NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (entry, ordinal)) STRICT`,
		`INSERT INTO outbox VALUES (1, 'amina', 1, 1, 'good'), (2, 'bola', 1, NULL, 'foreign'), (3, 'amina', 77, NULL, 'orphan'),
			(4, 'amina', 1, 3, 'astray'), (5, 'amina', 1, NULL, 'a part is foreign'), (6, 'amina', 2, NULL, 'of the other project')`,
		`INSERT INTO outbox_part VALUES (1, 0, 'amina'), (5, 0, 'bola'), (99, 0, 'amina')`)
	held, err := f.CheckOwnership(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, q := range held {
		got = append(got, q.String())
	}
	slices.Sort(got)
	want := []string{"outbox 2", "outbox 3", "outbox 4", "outbox 5", "part of outbox 5", "part of outbox 99"}
	if !slices.Equal(got, want) {
		t.Errorf("quarantine holds %q, want %q", got, want)
	}
	if _, err := f.EraseProject(t.Context(), kano.ID); err != nil {
		t.Fatal(err)
	}
	left, err := numbersOf(t.Context(), f.db.RO, "SELECT id FROM outbox ORDER BY id")
	if err != nil || !slices.Equal(left, []int64{1, 2, 3, 5}) { // 4 rests on a run of the other project
		t.Errorf("left %v (%v)", left, err)
	}
}

// A table without an owner column bars the store: nobody can say whose it is.
func TestATableWithoutOwnerIsRefused(t *testing.T) {
	f := newStore(t, "amina")
	raw(t, f.Store, "CREATE TABLE loose (id INTEGER PRIMARY KEY, body TEXT)")
	if _, err := f.CheckOwnership(t.Context()); !errors.Is(err, ErrForeignRow) {
		t.Errorf("%v", err)
	}
}

// Erasing takes every row of one project, tells so in the audit, which stays
// whole, and gives the room back; the other project is as it was, and numbers
// are not given twice.
func TestEraseProjectTakesAllOfItAndNothingElse(t *testing.T) {
	f := busyStore(t)
	kano, err := f.EnsureProject(t.Context(), "Kano 2026")
	if err != nil {
		t.Fatal(err)
	}
	many := make([]string, 20_000)
	for i := range many {
		many[i] = fmt.Sprint("canary ward ", i*7919)
	}
	d := draft(f, NewDataset{Kind: "wards", Name: "kano", Table: wards(t, many...)})
	d.Project, d.Decisions = kano.ID, []Decision{{GivenWard: "Dalla", Ward: "Dala", Decision: "accepted"}}
	lost, outs, err := f.Record(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.RW.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	before := fileSize(t, f.path)
	gone, err := f.EraseProject(t.Context(), kano.ID)
	if err != nil {
		t.Fatal(err)
	}
	if gone["run"] != 1 || gone["dataset"] != 1 || gone["dataset_column"] != 2 || gone["place_decision"] != 1 {
		t.Errorf("gone: %v", gone)
	}
	if after := fileSize(t, f.path); after > before/2 {
		t.Errorf("%d bytes before, %d after", before, after)
	}
	if _, err := f.Run(t.Context(), kano.ID, lost.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the run: %v", err)
	}
	if _, err := f.Table(t.Context(), kano.ID, outs[0]); !errors.Is(err, ErrNotFound) {
		t.Errorf("the table: %v", err)
	}
	if got := shown(t, f.Store, f.proj, kano.ID); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("shown: %v", got)
	}
	if r := verified(t, f.Store); !r.Whole() {
		t.Errorf("the audit: %+v", r)
	}
	if faults, err := f.Integrity(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v (%v)", faults, err)
	}
	again, newer, err := f.Record(t.Context(), d)
	if err != nil || again.ID.N != lost.ID.N+1 || newer[0].ID.N != outs[0].ID.N+1 {
		t.Errorf("the next run is %v with %v (%v)", again.ID, newer, err)
	}
	for _, q := range []string{"DELETE FROM run", "DELETE FROM audit", "DELETE FROM dataset_column"} {
		if _, err := f.db.RW.ExecContext(t.Context(), q); err == nil || !strings.Contains(err.Error(), "only added") {
			t.Errorf("%s after an erasing: %v", q, err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verified(t, reopen(t, f, "amina")); !r.Whole() {
		t.Errorf("opened again: %+v", r)
	}
}

// An erased run that comes back is found, and no note excuses a missing one.
func TestAnErasedRunThatIsBackIsFound(t *testing.T) {
	f, kano := twoProjects(t)
	const keep = "CREATE TEMP TABLE kept AS SELECT * FROM run WHERE id = 3"
	raw(t, f.Store, keep)
	if _, err := f.EraseProject(t.Context(), kano.ID); err != nil {
		t.Fatal(err)
	}
	if r := verified(t, f.Store); !r.Whole() {
		t.Fatalf("%+v", r)
	}
	raw(t, f.Store, "INSERT INTO run SELECT * FROM kept")
	if r := verified(t, f.Store); !slices.ContainsFunc(r.Faults, func(x Fault) bool { return strings.Contains(x.What, "erased and is there again") }) {
		t.Errorf("%+v", r)
	}
	if err := f.Note(t.Context(), Note{Kind: AuditErase, Subject: "project", Detail: erasure{Runs: []int64{1}}}); err == nil {
		t.Error("anybody may say that a run was erased")
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
