package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/core/store/encvfs"
)

// twoProjects holds, beside the data of the fixture's project (datasets 1 and
// 2, run 2 made from 1), a second project with a run and dataset 3 of its own.
func twoProjects(t *testing.T) (fixture, Project) {
	t.Helper()
	f := busyStore(t)
	kano, err := f.EnsureProject(t.Context(), "Kano 2026")
	if err != nil {
		t.Fatal(err)
	}
	d := draft(f, NewDataset{Kind: "wards", Name: "kano", Table: wards(t, "Dala"), Areas: make([]orb.MultiPolygon, 1)})
	d.Project = kano.ID
	if _, _, err := f.Record(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	disarm(t, f.Store)
	return f, kano
}

// shown lists the datasets that can be seen in the projects, by number.
func shown(t *testing.T, s *Store, projects ...ProjectID) (out []int64) {
	t.Helper()
	for _, p := range projects {
		ds, err := s.Datasets(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			out = append(out, d.ID.N)
		}
	}
	return out
}

// T10: a row whose owner is not the store's, whose parent is missing, or that
// lies across two projects is found, put away with all that rests on it, and
// the rest goes on.
func TestBleed_T10_ForeignAndOrphanedRowsAreQuarantined(t *testing.T) {
	const run4 = "INSERT INTO run SELECT 4, %s, project, act, params, seed, version, started, finished, summary, notices FROM run WHERE id = 3;"
	const dataset4 = "INSERT INTO dataset SELECT 4, %s, %s, %s, kind, 'more', version, rows, sha256, source, source_hash, report FROM dataset WHERE id = 3;"
	for name, c := range map[string]struct {
		damage string
		held   string // what must be named, besides what follows from it
		shown  []int64
	}{
		"foreign run":                {fmt.Sprintf(run4, "'bola'"), "run 4", []int64{1, 2, 3}},
		"orphaned run":               {strings.Replace(fmt.Sprintf(run4, "owner"), "project,", "77,", 1), "run 4", []int64{1, 2, 3}},
		"foreign dataset":            {fmt.Sprintf(dataset4, "'bola'", "project", "run"), "dataset 4", []int64{1, 2, 3}},
		"empty owner":                {fmt.Sprintf(dataset4, "''", "project", "run"), "dataset 4", []int64{1, 2, 3}},
		"another spelling":           {fmt.Sprintf(dataset4, "'Amina'", "project", "run"), "dataset 4", []int64{1, 2, 3}},
		"dataset without run":        {fmt.Sprintf(dataset4, "owner", "project", "77"), "dataset 4", []int64{1, 2, 3}},
		"dataset without project":    {fmt.Sprintf(dataset4, "owner", "77", "run"), "dataset 4", []int64{1, 2, 3}},
		"dataset of two projects":    {fmt.Sprintf(dataset4, "owner", "1", "run"), "dataset 4", []int64{1, 2, 3}},
		"one foreign column":         {"UPDATE dataset_column SET owner = 'bola' WHERE dataset = 3 AND ordinal = 1", "dataset_column of dataset 3", []int64{1, 2}},
		"column without dataset":     {"INSERT INTO dataset_column SELECT 77, ordinal, owner, name, role, unit, origin, cells FROM dataset_column WHERE dataset = 3", "dataset_column of dataset 77", []int64{1, 2, 3}},
		"foreign area":               {"UPDATE area SET owner = 'zainab'", "area of dataset 3", []int64{1, 2}},
		"area without dataset":       {"INSERT INTO area VALUES (77, 0, 'amina', NULL)", "area of dataset 77", []int64{1, 2, 3}},
		"foreign input":              {"UPDATE run_input SET owner = 'bola'", "input of run 2", []int64{1, 3}},
		"input of no run":            {"INSERT INTO run_input VALUES (77, 0, 'amina', 1)", "input of run 77", []int64{1, 2, 3}},
		"input without dataset":      {"INSERT INTO run_input VALUES (3, 0, 'amina', 77)", "input of run 3", []int64{1, 2}},
		"input of another project":   {"INSERT INTO run_input VALUES (3, 0, 'amina', 1)", "input of run 3", []int64{1, 2}},
		"result of foreign data":     {"UPDATE dataset SET owner = 'bola' WHERE id = 1", "dataset 1", []int64{3}},
		"foreign decision":           {"UPDATE place_decision SET owner = 'bola'", "decision 1", []int64{1, 2, 3}},
		"decision without run":       {"UPDATE place_decision SET run = 77", "decision 1", []int64{1, 2, 3}},
		"decision of two projects":   {"UPDATE place_decision SET project = 2", "decision 1", []int64{1, 2, 3}},
		"foreign entry of the audit": {"UPDATE audit SET owner = 'bola' WHERE id = 2", "audit 2", []int64{1, 2, 3}},
	} {
		f, kano := twoProjects(t)
		raw(t, f.Store, c.damage)
		held, err := f.CheckOwnership(t.Context())
		if err != nil {
			t.Fatal(name, err)
		}
		if !slices.ContainsFunc(held, func(q Quarantined) bool { return q.String() == c.held && q.Reason != "" && q.Found.Equal(noon()) }) {
			t.Errorf("%s: quarantine holds %v", name, held)
		}
		if got := shown(t, f.Store, f.proj, kano.ID); !slices.Equal(got, c.shown) {
			t.Errorf("%s: datasets %v are shown, want %v", name, got, c.shown)
		}
		if _, err := f.Decisions(t.Context(), f.proj); err != nil {
			t.Errorf("%s: decisions: %v", name, err)
		}
		if _, err := f.Runs(t.Context(), kano.ID); err != nil {
			t.Errorf("%s: runs: %v", name, err)
		}
		again, err := f.CheckOwnership(t.Context())
		if err != nil || !slices.Equal(again, held) {
			t.Errorf("%s: a second look gave %v (%v)", name, again, err)
		}
		entries, err := f.Audit(t.Context())
		if err != nil || !slices.ContainsFunc(entries, func(e Entry) bool { return e.Kind == AuditQuarantine && e.Subject == c.held }) {
			t.Errorf("%s: no entry in the audit (%v)", name, err)
		}
		discarded(t, name, f, held, kano.ID, c.shown)
	}
}

// discarded removes what is in quarantine: after that the store is sound, its
// audit whole, and what was shown is what is shown. Entries of the audit stay.
func discarded(t *testing.T, name string, f fixture, held []Quarantined, kano ProjectID, want []int64) {
	t.Helper()
	staying := slices.DeleteFunc(slices.Clone(held), func(q Quarantined) bool { return q.Table != "audit" })
	n := len(held) - len(staying)
	if _, err := f.Discard(t.Context(), n+1); !errors.Is(err, ErrOtherCount) {
		t.Errorf("%s: another number was taken: %v", name, err)
	}
	gone, err := f.Discard(t.Context(), n)
	if len(staying) > 0 { // the chain itself is broken
		if n == 0 && !errors.Is(err, ErrAudit) && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	if err != nil || len(gone) == 0 {
		t.Errorf("%s: removed %v (%v)", name, gone, err)
	}
	left, err := f.CheckOwnership(t.Context())
	if err != nil || len(left) != 0 {
		t.Errorf("%s: left %v (%v)", name, left, err)
	}
	if faults, err := f.Integrity(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%s: %v (%v)", name, faults, err)
	}
	if got := shown(t, f.Store, f.proj, kano); !slices.Equal(got, want) {
		t.Errorf("%s: datasets %v are shown after it, want %v", name, got, want)
	}
	// What says of another run than it was made in can't excuse that one.
	faults := map[string]int{"decision without run": 1}[name]
	if r := verified(t, f.Store); len(r.Faults) != faults {
		t.Errorf("%s: %+v", name, r.Faults)
	}
	if err := f.Close(); err != nil {
		t.Error(name, err)
	}
	if r := verified(t, reopen(t, f, "amina")); len(r.Faults) != faults {
		t.Errorf("%s: opened again: %+v", name, r.Faults)
	}
}

// What is in quarantine is as unknown as what never was, by every call.
func TestQuarantinedIDsAreNotFound(t *testing.T) {
	f, _ := twoProjects(t)
	ds, err := f.Datasets(t.Context(), f.proj)
	if err != nil {
		t.Fatal(err)
	}
	raw(t, f.Store, "UPDATE dataset_column SET owner = 'bola' WHERE dataset = 1")
	if _, err := f.CheckOwnership(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, read := range map[string]func() error{
		"table":   func() error { _, err := f.Table(ctx, f.proj, ds[0]); return err },
		"areas":   func() error { _, err := f.Areas(ctx, f.proj, ds[0]); return err },
		"latest":  func() error { _, err := f.Latest(ctx, f.proj, "wards", "env"); return err },
		"run":     func() error { _, err := f.Run(ctx, f.proj, ds[1].Run); return err },
		"inputs":  func() error { _, err := f.Inputs(ctx, f.proj, ds[1].Run); return err },
		"outputs": func() error { _, err := f.Outputs(ctx, f.proj, ds[1].Run); return err },
		"as input": func() error {
			d := draft(f)
			d.Inputs = []DatasetID{ds[0].ID}
			_, _, err := f.Record(ctx, d)
			return err
		},
	} {
		if err := read(); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A whole project of somebody else does not open, and the others do.
func TestAForeignProjectDoesNotOpen(t *testing.T) {
	f, kano := twoProjects(t)
	raw(t, f.Store, "UPDATE project SET owner = 'bola' WHERE id = 1")
	if _, err := f.CheckOwnership(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.EnsureProject(t.Context(), "Kwara 2026"); !errors.Is(err, ErrForeignRow) {
		t.Errorf("the foreign project: %v", err)
	}
	ps, err := f.Projects(t.Context())
	if err != nil || len(ps) != 1 || ps[0].ID != kano.ID {
		t.Errorf("projects: %v (%v)", ps, err)
	}
	if got := shown(t, f.Store, kano.ID); !slices.Equal(got, []int64{3}) {
		t.Errorf("datasets of the other: %v", got)
	}
	if ds, err := f.Datasets(t.Context(), f.proj); !errors.Is(err, ErrNotFound) {
		t.Errorf("datasets of the foreign one: %v (%v)", ds, err)
	}
}

// A healthy store is looked through without a write.
func TestCheckOwnershipWritesNothingWhenAllIsWell(t *testing.T) {
	f := busyStore(t)
	before := verified(t, f.Store)
	sealed := f.db.Seals()
	held, err := f.CheckOwnership(t.Context())
	if err != nil || len(held) != 0 {
		t.Fatalf("%v (%v)", held, err)
	}
	if after := verified(t, f.Store); after.Entries != before.Entries || f.db.Seals() != sealed {
		t.Errorf("%d entries, before %d; %d seals, before %d", after.Entries, before.Entries, f.db.Seals(), sealed)
	}
}

// The start must not grow with the store: no question walks through the rows of
// the two tables that hold the data.
func TestOwnershipIsAskedOfIndexes(t *testing.T) {
	f := newStore(t, "amina")
	tables, err := f.shapes(t.Context(), f.db.RO)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range append(suspicions(tables), consequences(tables)...) {
		plan, err := collect(t.Context(), f.Store, func(row scanner) (line string, err error) {
			var id, parent, unused int
			return line, row.Scan(&id, &parent, &unused, &line)
		}, "EXPLAIN QUERY PLAN "+q.query, "amina")
		if err != nil {
			t.Fatalf("%s, %s: %v", q.table, q.reason, err)
		}
		for _, line := range plan {
			for _, tab := range []string{"area", "dataset_column"} {
				if strings.HasPrefix(line, "SCAN "+tab) && !strings.Contains(line, "COVERING INDEX") {
					t.Errorf("%s, %s: %s", q.table, q.reason, line)
				}
			}
		}
	}
}

// A dataset or run of another project of the same user, reached by its number,
// is not found.
func TestIDsOfAnotherProjectAreNotFound(t *testing.T) {
	f, kano := twoProjects(t)
	ds, err := f.Datasets(t.Context(), kano.ID)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, read := range map[string]func(ProjectID) error{
		"table":   func(p ProjectID) error { _, err := f.Table(ctx, p, ds[0]); return err },
		"areas":   func(p ProjectID) error { _, err := f.Areas(ctx, p, ds[0]); return err },
		"run":     func(p ProjectID) error { _, err := f.Run(ctx, p, ds[0].Run); return err },
		"inputs":  func(p ProjectID) error { _, err := f.Inputs(ctx, p, ds[0].Run); return err },
		"outputs": func(p ProjectID) error { _, err := f.Outputs(ctx, p, ds[0].Run); return err },
		"as input": func(p ProjectID) error {
			d := draft(f)
			d.Project, d.Inputs = p, []DatasetID{ds[0].ID}
			_, _, err := f.Record(ctx, d)
			return err
		},
	} {
		if err := read(f.proj); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s through the other project: %v", name, err)
		}
		if err := read(kano.ID); err != nil {
			t.Errorf("%s through its own: %v", name, err)
		}
	}
}

// A store of schema 1 opens, keeps its data, and its audit begins.
func TestAStoreOfTheFirstSchemaIsTakenOver(t *testing.T) {
	f := fixture{path: filepath.Join(t.TempDir(), "data.db"), key: make([]byte, 32)}
	firstSchema(t, f)
	f.Store = reopen(t, f, "amina")
	if held, err := f.CheckOwnership(t.Context()); err != nil || len(held) != 0 {
		t.Fatalf("%v (%v)", held, err)
	}
	p, err := f.EnsureProject(t.Context(), "Kwara 2026")
	if err != nil {
		t.Fatal(err)
	}
	f.proj = p.ID
	d, err := f.Latest(t.Context(), f.proj, "wards", "env")
	if err != nil {
		t.Fatal(err)
	}
	tb, err := f.Table(t.Context(), f.proj, d)
	if err != nil || tb.Hash() != wards(t, "Afon").Hash() {
		t.Errorf("the table came over as %v (%v)", tb, err)
	}
	if _, _, err := f.Record(t.Context(), draft(f, NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Are")})); err != nil {
		t.Fatal(err)
	}
	entries, err := f.Audit(t.Context())
	if err != nil || len(entries) != 3 || string(entries[0].Detail) != `{"runs_before":7,"datasets_before":1}` {
		t.Errorf("%v (%v)", entries, err)
	}
	if r := verified(t, f.Store); !r.Whole() {
		t.Errorf("%+v", r)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verified(t, reopen(t, f, "amina")); !r.Whole() || r.Entries != 5 {
		t.Errorf("opened once more: %+v", r)
	}
}

// firstSchema makes a store as the first version of the program did.
func firstSchema(t *testing.T, f fixture) {
	t.Helper()
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	db, err := encvfs.Open(t.Context(), f.path, f.key, encvfs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := migrate(t.Context(), db.RW, steps[:1]); err != nil {
		t.Fatal(err)
	}
	run := func(q string, args ...any) {
		t.Helper()
		if _, err := db.RW.ExecContext(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	tb := wards(t, "Afon")
	run("INSERT INTO meta VALUES ('owner', 'amina'), ('seals', '12')")
	run("INSERT INTO project VALUES (1, 'amina', 'Kwara 2026', ?)", timestamp(noon()))
	run("INSERT INTO run VALUES (7, 'amina', 1, 'import', '{}', 0, '0.1.0', ?, ?, 'Read.', 'null')", timestamp(noon()), timestamp(noon()))
	run("INSERT INTO dataset VALUES (1, 'amina', 1, 7, 'wards', 'env', 1, 1, ?, 'env.csv', '', 'null')", contentHash(tb, nil))
	for i, c := range tb.Columns {
		run("INSERT INTO dataset_column VALUES (1, ?, 'amina', ?, ?, ?, ?, ?)", i, c.Name, string(c.Role), c.Unit, c.Origin, c.Encode())
	}
}

// An input that became somebody else's after the start is refused when read.
func TestAForeignInputIsRefused(t *testing.T) {
	f := busyStore(t)
	disarm(t, f.Store)
	raw(t, f.Store, "UPDATE run_input SET owner = 'bola'")
	if ds, err := f.Inputs(t.Context(), f.proj, RunID{Owner: "amina", N: 2}); !errors.Is(err, ErrForeignRow) {
		t.Errorf("%v (%v)", ds, err)
	}
}
