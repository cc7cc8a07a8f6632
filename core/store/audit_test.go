package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tables are those whose rows are only ever added.
func addedOnly() []string {
	return []string{"audit", "quarantine", "run", "dataset", "dataset_column", "area", "run_input", "place_decision"}
}

// raw runs statements on the open file as somebody would who has the handle,
// without the store.
func raw(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := s.db.RW.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// disarm takes away what keeps rows from being changed.
func disarm(t *testing.T, s *Store) {
	t.Helper()
	raw(t, s, "PRAGMA foreign_keys = OFF")
	for _, tab := range addedOnly() {
		raw(t, s, "DROP TRIGGER "+tab+"_no_update", "DROP TRIGGER "+tab+"_no_delete", "DROP TRIGGER "+tab+"_no_replace")
	}
}

// busyStore holds one entry of every kind a store and its caller write.
func busyStore(t *testing.T) fixture {
	t.Helper()
	f := newStore(t, "amina")
	in := NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Afon", "Are"), Source: "env.csv", SourceHash: "ab"}
	_, outs, err := f.Record(t.Context(), draft(f, in))
	if err != nil {
		t.Fatal(err)
	}
	d := draft(f, NewDataset{Kind: "match", Name: "env", Table: wards(t, "Afon")})
	d.Act, d.Inputs = "match", []DatasetID{outs[0].ID}
	d.Decisions = []Decision{{GivenWard: "Afonn", Ward: "Afon", Decision: "accepted"}}
	run, _, err := f.Record(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Note(t.Context(), Note{Kind: AuditExport, Subject: "match.csv", Detail: map[string]string{"act": "match"}, Run: run.ID}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f.Store = reopen(t, f, "amina")
	return f
}

func verified(t *testing.T, s *Store) ChainReport {
	t.Helper()
	r, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// named reports whether a fault names the entry.
func (r ChainReport) named(entry int64) bool {
	return slices.ContainsFunc(r.Faults, func(f Fault) bool { return f.Entry == entry })
}

func TestAuditTellsWhatWasDone(t *testing.T) {
	f := busyStore(t)
	entries, err := f.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for i, e := range entries {
		if e.N != int64(i+1) || !e.At.Equal(noon()) || len(e.Hash) != 64 {
			t.Errorf("entry %d came back as %+v", i+1, e)
		}
		kinds = append(kinds, string(e.Kind))
	}
	if got := strings.Join(kinds, " "); got != "start unlock import run decision export lock unlock" {
		t.Errorf("kinds: %s", got)
	}
	var d runDetail
	if err := json.Unmarshal(entries[3].Detail, &d); err != nil {
		t.Fatal(err)
	}
	ds, err := f.Datasets(t.Context(), f.proj)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Inputs) != 1 || d.Inputs[0].SHA256 != ds[0].SHA256 || len(d.Outputs) != 1 || d.Outputs[0].SHA256 != ds[1].SHA256 || d.Decisions != 1 {
		t.Errorf("the run's entry says %+v", d)
	}
	if e := entries[5]; e.Subject != "match.csv" || e.Run.N != 2 {
		t.Errorf("the export's entry is %+v", e)
	}
	if r := verified(t, f.Store); !r.Whole() || r.Entries != 8 {
		t.Errorf("an untouched chain: %+v", r)
	}
}

// A run that fails leaves no entry: it is in the same transaction.
func TestAFailedRunIsNotOnRecord(t *testing.T) {
	f := busyStore(t)
	before := verified(t, f.Store).Entries
	if _, _, err := f.Record(t.Context(), draft(f, NewDataset{Kind: "wards"})); err == nil {
		t.Fatal("recorded")
	}
	if r := verified(t, f.Store); !r.Whole() || r.Entries != before {
		t.Errorf("%+v, before %d entries", r, before)
	}
}

// Every column of every row: changed, it is found, and the row is the first
// that is named.
func TestEveryChangedCellOfTheAuditIsFoundAndNamed(t *testing.T) {
	f := busyStore(t)
	disarm(t, f.Store)
	raw(t, f.Store, "CREATE TABLE spare AS SELECT * FROM audit")
	changes := map[string]string{
		"id": "id + 1000", "owner": "owner || 'x'", "at": "at || ' '", "kind": "'lock '", "subject": "subject || char(0)", "detail": "detail || ' '",
		"run": "coalesce(run + 1, 0)", "prev": "'0' || substr(prev, 2) || 'x'", "hash": "substr(hash, 2) || 'g'",
	}
	if want := strings.Split(entryFields, ", "); len(changes) != len(want) {
		t.Fatalf("the table has the columns %v", want)
	}
	for n := int64(1); n <= 8; n++ {
		for column, to := range changes {
			raw(t, f.Store, fmt.Sprintf("UPDATE audit SET %s = %s WHERE id = %d", column, to, n))
			if r := verified(t, f.Store); r.Whole() || r.Faults[0].Entry != n {
				t.Errorf("entry %d, %s changed: %+v", n, column, r)
			}
			raw(t, f.Store, "DELETE FROM audit", "INSERT INTO audit SELECT * FROM spare")
		}
	}
	if r := verified(t, f.Store); !r.Whole() {
		t.Errorf("put back as it was: %+v", r)
	}
}

func TestRemovedMovedAndForgedEntriesAreFoundAndNamed(t *testing.T) {
	f := busyStore(t)
	disarm(t, f.Store)
	raw(t, f.Store, "CREATE TABLE spare AS SELECT * FROM audit")
	const copied = "SELECT id + 1, owner, at, kind, subject, detail, run, prev, hash FROM spare WHERE id = "
	for _, c := range []struct {
		name  string
		do    []string
		first int64
		also  []int64
	}{
		{"first removed", []string{"DELETE FROM audit WHERE id = 1"}, 1, []int64{2}},
		{"middle removed", []string{"DELETE FROM audit WHERE id = 4"}, 4, []int64{5}},
		{"two removed", []string{"DELETE FROM audit WHERE id IN (3, 6)"}, 3, []int64{4, 6, 7}},
		{"removed and closed up", []string{"DELETE FROM audit WHERE id = 4", "UPDATE audit SET id = id - 1 WHERE id > 4"}, 4, []int64{5, 6, 7, 8}},
		{"last removed", []string{"DELETE FROM audit WHERE id = 8"}, 8, nil},
		{"tail removed", []string{"DELETE FROM audit WHERE id > 2"}, 3, nil},
		{"all removed", []string{"DELETE FROM audit"}, 1, nil},
		{"two swapped", []string{"UPDATE audit SET id = -3 WHERE id = 3", "UPDATE audit SET id = 3 WHERE id = 6", "UPDATE audit SET id = 6 WHERE id = -3"}, 3, []int64{6}},
		{"added at the end", []string{"INSERT INTO audit " + copied + "8"}, 9, nil},
		{"added in between", []string{"UPDATE audit SET id = -id WHERE id > 3", "UPDATE audit SET id = 1 - id WHERE id < 0", "INSERT INTO audit " + copied + "3"}, 4, []int64{5, 9}},
		{"added before", []string{"INSERT INTO audit SELECT 0, owner, at, kind, subject, detail, run, prev, hash FROM spare WHERE id = 1"}, 0, nil},
	} {
		raw(t, f.Store, c.do...)
		r := verified(t, f.Store)
		if r.Whole() || r.Faults[0].Entry != c.first {
			t.Errorf("%s: %+v", c.name, r)
		}
		for _, n := range c.also {
			if !r.named(n) {
				t.Errorf("%s: entry %d is not named: %+v", c.name, n, r)
			}
		}
		raw(t, f.Store, "DELETE FROM audit", "INSERT INTO audit SELECT * FROM spare")
	}
}

// Who makes the account fit a cut chain can't seal it.
func TestAForgedAccountIsFound(t *testing.T) {
	f := busyStore(t)
	disarm(t, f.Store)
	raw(t, f.Store, "DELETE FROM audit WHERE id > 4",
		`UPDATE meta SET value = (SELECT id || ' ' || hash || ' ' || substr(value, -64) FROM audit WHERE id = 4) WHERE key = 'audit_head'`)
	if r := verified(t, f.Store); r.Whole() || !strings.Contains(r.Faults[0].What, "account") {
		t.Errorf("%+v", r)
	}
}

// A store whose audit can't be carried on is read and not written.
func TestABrokenAuditStopsWritingOnly(t *testing.T) {
	for name, damage := range map[string]string{
		"no head":         "DELETE FROM meta WHERE key = 'audit_head'",
		"another head":    "UPDATE meta SET value = replace(value, '8 ', '7 ') WHERE key = 'audit_head'",
		"nonsense":        "UPDATE meta SET value = 'x' WHERE key = 'audit_head'",
		"no key":          "DELETE FROM meta WHERE key = 'audit_key'",
		"another key":     "UPDATE meta SET value = replace(value, substr(value, 20, 1), '!') WHERE key = 'audit_key'",
		"begun afresh":    "UPDATE meta SET value = 'unstarted' WHERE key = 'audit_head'",
		"a key too short": "UPDATE meta SET value = 'AAAA' WHERE key = 'audit_key'",
	} {
		f := busyStore(t)
		raw(t, f.Store, damage)
		s := reopen(t, f, "amina")
		if _, _, err := s.Record(t.Context(), draft(f)); !errors.Is(err, ErrAudit) {
			t.Errorf("%s: a run was recorded: %v", name, err)
		}
		if err := s.Note(t.Context(), Note{Kind: AuditExport, Subject: "x.csv"}); !errors.Is(err, ErrAudit) {
			t.Errorf("%s: noted: %v", name, err)
		}
		if ds, err := s.Datasets(t.Context(), f.proj); err != nil || len(ds) != 2 {
			t.Errorf("%s: reading gave %v (%v)", name, ds, err)
		}
		if r := verified(t, s); r.Whole() {
			t.Errorf("%s: the chain is said to be whole", name)
		}
	}
}

// The audit knows the runs, datasets and decisions as they were.
func TestChangedRecordsAreFound(t *testing.T) {
	for name, damage := range map[string]string{
		"run 2":                  "UPDATE run SET summary = 'another' WHERE id = 2",
		"run 2 is not":           "UPDATE run SET params = params || ' ' WHERE id = 2",
		"dataset 1":              "UPDATE dataset SET sha256 = 'x' WHERE id = 1",
		"it is gone":             "DELETE FROM dataset WHERE id = 2",
		"decisions of run 2":     "UPDATE place_decision SET ward = 'Oloje'",
		"the decisions of run 2": "DELETE FROM place_decision",
		"other inputs":           "DELETE FROM run_input",
		"run 3: no entry":        "INSERT INTO run SELECT 3, owner, project, act, params, seed, version, started, finished, summary, notices FROM run WHERE id = 1",
		"dataset 3: no entry":    "INSERT INTO dataset SELECT 3, owner, project, run, kind, 'more', version, rows, sha256, source, source_hash, report FROM dataset WHERE id = 1",
	} {
		f := busyStore(t)
		disarm(t, f.Store)
		raw(t, f.Store, damage)
		r := verified(t, f.Store)
		if !slices.ContainsFunc(r.Faults, func(x Fault) bool { return strings.Contains(x.What, name) }) {
			t.Errorf("%s: %+v", damage, r)
		}
	}
}

func TestRowsAreOnlyAdded(t *testing.T) {
	f := busyStore(t)
	raw(t, f.Store, "INSERT INTO quarantine (owner, at, tab, row, reason) VALUES ('amina', '', 'run', 99, '')",
		"INSERT INTO area (dataset, ordinal, owner) VALUES (1, 0, 'amina')")
	for _, tab := range addedOnly() {
		for _, q := range []string{"UPDATE " + tab + " SET owner = owner", "DELETE FROM " + tab, "REPLACE INTO " + tab + " SELECT * FROM " + tab} {
			if _, err := f.db.RW.ExecContext(t.Context(), q); err == nil || !strings.Contains(err.Error(), "only added") {
				t.Errorf("%s: %v", q, err)
			}
		}
	}
}

// Nobody but the store can say that a run was made.
func TestNoteRefusesKindsOfTheStore(t *testing.T) {
	f := newStore(t, "amina")
	for _, k := range []AuditKind{"", "start", AuditRun, AuditImport, AuditDecision, AuditUnlock, AuditLock, AuditQuarantine, "anything"} {
		if err := f.Note(t.Context(), Note{Kind: k, Subject: "x"}); err == nil {
			t.Errorf("%q was noted", k)
		}
	}
	for _, id := range []RunID{{Owner: "bola", N: 1}, {Owner: "amina"}, {N: 1}, {Owner: "amina", N: -1}} {
		if err := f.Note(t.Context(), Note{Kind: AuditExport, Subject: "x", Run: id}); !errors.Is(err, ErrNotFound) {
			t.Errorf("a note on run %v: %v", id, err)
		}
	}
	if r := verified(t, f.Store); !r.Whole() || r.Entries != 2 {
		t.Errorf("%+v", r)
	}
}

// Two lists of fields that read alike are sealed apart.
func TestSealsTellFieldsApart(t *testing.T) {
	var c chain
	c.use(make([]byte, auditKeySize))
	a, err := c.seal("ab", "c")
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range [][]string{{"a", "bc"}, {"abc"}, {"ab", "c", ""}, {"", "ab", "c"}} {
		if b, err := c.seal(other...); err != nil || a == b {
			t.Errorf("%q is sealed as [ab c] is (%v)", other, err)
		}
	}
	c.forget()
	if _, err := c.seal("ab", "c"); err == nil || c.key != [auditKeySize]byte{} {
		t.Error("the key outlives the store")
	}
}

// An account of an earlier end, put back while the chain went on, does not fit
// it, though its own seal is good.
func TestAnEarlierAccountIsFound(t *testing.T) {
	f := busyStore(t)
	disarm(t, f.Store)
	note := func(subject string) {
		t.Helper()
		if err := f.Note(t.Context(), Note{Kind: AuditExport, Subject: subject}); err != nil {
			t.Fatal(err)
		}
	}
	keep := func(as string) {
		t.Helper()
		raw(t, f.Store, "INSERT INTO meta SELECT '"+as+"', value FROM meta WHERE key = 'audit_head'")
	}
	back := func(from string) {
		t.Helper()
		raw(t, f.Store, "UPDATE meta SET value = (SELECT value FROM meta WHERE key = '"+from+"') WHERE key = 'audit_head'")
	}
	keep("eight")
	note("a.csv")
	keep("nine")
	note("c.csv")
	back("eight")
	if r := verified(t, f.Store); len(r.Faults) != 1 || r.Faults[0].Entry != 9 {
		t.Errorf("an account of eight entries: %+v", r)
	}
	raw(t, f.Store, "DELETE FROM audit WHERE id > 8")
	note("b.csv") // the ninth entry, told otherwise
	if r := verified(t, f.Store); !r.Whole() {
		t.Fatalf("the other ninth: %+v", r)
	}
	back("nine")
	if r := verified(t, f.Store); len(r.Faults) != 1 || r.Faults[0].Entry != 9 {
		t.Errorf("an account of another ninth entry: %+v", r)
	}
}
