package workspace_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/store/encvfs"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// subjects lists the audit as "kind subject".
func subjects(t *testing.T, w *workspace.Workspace) (out []string) {
	t.Helper()
	entries, err := w.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, strings.TrimSpace(string(e.Kind)+" "+e.Subject))
	}
	return out
}

func TestASessionIsOnRecord(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "env")
	if err := w.Exported(t.Context(), "map", 1, []string{filepath.Join(home, "secret folder", "risk.png"), "plan.csv"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := options(t, home, "Amina")
	o.Secret = []byte("a wrong one")
	for range 2 {
		if _, err := workspace.Open(t.Context(), o); !problem.Is(err, problem.Locked) {
			t.Fatal(err)
		}
	}
	again := open(t, home, "Amina")
	want := []string{"start", "unlock passphrase", "import import", "export risk.png", "export plan.csv", "lock", "unlock passphrase", "unlock_failed"}
	if got := subjects(t, again); !slices.Equal(got, want) {
		t.Errorf("audit: %q", got)
	}
	entries, err := again.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var failed struct{ Failures int }
	if err := json.Unmarshal(entries[7].Detail, &failed); err != nil || failed.Failures != 2 {
		t.Errorf("%s (%v)", entries[7].Detail, err)
	}
	for _, e := range entries {
		if strings.Contains(string(e.Detail)+e.Subject, "secret folder") {
			t.Errorf("entry %d names the folder: %s", e.N, e.Detail)
		}
	}
	if r, err := again.VerifyAudit(t.Context()); err != nil || !r.Whole() {
		t.Errorf("%+v (%v)", r, err)
	}
}

// damage changes a closed profile's data as somebody would who has the key.
func damage(t *testing.T, home, user string, statements ...string) {
	t.Helper()
	p, err := vault.Find(home, user)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Unlock(t.Context(), home, p.ID, []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	key, err := v.StoreKey()
	if err != nil {
		t.Fatal(err)
	}
	db, err := encvfs.Open(t.Context(), v.StorePath(), key, encvfs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	statements = append([]string{"PRAGMA foreign_keys = OFF", "DROP TRIGGER dataset_no_update", "DROP TRIGGER audit_no_update", "DROP TRIGGER dataset_column_no_update"}, statements...)
	for _, q := range statements {
		if _, err := db.RW.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// One foreign row is put away at the opening and told; the rest goes on.
func TestBleed_T10_AForeignRowDoesNotBarTheRest(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "mine")
	foreign := record(t, w, "foreign")
	if len(w.Quarantined()) != 0 {
		t.Errorf("quarantine: %v", w.Quarantined())
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, home, "Amina", fmt.Sprintf("UPDATE dataset SET owner = 'bola' WHERE id = %d", foreign.ID.N))
	w = open(t, home, "Amina")
	if q := w.Quarantined(); len(q) != 1 || q[0].String() != "dataset 2" {
		t.Errorf("quarantine: %v", q)
	}
	ds, err := w.Datasets(t.Context())
	if err != nil || len(ds) != 1 || ds[0].Name != "mine" {
		t.Errorf("shown: %v (%v)", ds, err)
	}
	if _, err := w.Table(t.Context(), foreign); !problem.Is(err, problem.NotFound) {
		t.Errorf("the foreign table: %v", err)
	}
	record(t, w, "new")
}

// T7 within one user: what lies in another project is not found by its number.
func TestBleed_T07_AnotherProjectsNumbersAreNotFound(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	d := record(t, w, "Kwara")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := options(t, home, "Amina")
	o.Project = "Kano"
	kano, err := workspace.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer kano.Close()
	tb, err := table.New("x", table.TextOf("ward", "x"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, read := range map[string]func() error{
		"table":   func() error { _, err := kano.Table(ctx, d); return err },
		"areas":   func() error { _, err := kano.Areas(ctx, d); return err },
		"run":     func() error { _, err := kano.Run(ctx, kano.RunNumber(d.Run.N)); return err },
		"inputs":  func() error { _, err := kano.Inputs(ctx, kano.RunNumber(d.Run.N)); return err },
		"outputs": func() error { _, err := kano.Outputs(ctx, kano.RunNumber(d.Run.N)); return err },
		"as input": func() error {
			_, _, err := kano.Record(ctx, workspace.Draft{Act: "x", Inputs: []store.Dataset{d}, Outputs: []store.NewDataset{{Kind: "x", Name: "x", Table: tb}}})
			return err
		},
	} {
		if err := read(); !problem.Is(err, problem.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if runs, err := kano.Runs(ctx); err != nil || len(runs) != 0 {
		t.Errorf("runs: %v (%v)", runs, err)
	}
}

// T19: zero and made-up ids through every call of a workspace.
func TestBleed_T19_AWorkspaceRefusesZeroIDs(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	owner := record(t, w, "env").ID.Owner
	before := len(subjects(t, w))
	ctx := t.Context()
	for _, at := range []struct {
		owner store.Owner
		n     int64
	}{{"", 0}, {"", 1}, {owner, 0}, {owner, -1}, {owner, 1 << 40}, {"default", 1}} {
		run, d := store.RunID{Owner: at.owner, N: at.n}, store.Dataset{ID: store.DatasetID{Owner: at.owner, N: at.n}}
		for name, call := range map[string]func() error{
			"Table":   func() error { _, err := w.Table(ctx, d); return err },
			"Areas":   func() error { _, err := w.Areas(ctx, d); return err },
			"Run":     func() error { _, err := w.Run(ctx, run); return err },
			"Inputs":  func() error { _, err := w.Inputs(ctx, run); return err },
			"Outputs": func() error { _, err := w.Outputs(ctx, run); return err },
			"Record": func() error {
				_, _, err := w.Record(ctx, workspace.Draft{Act: "x", Inputs: []store.Dataset{d}})
				return err
			},
			"Derived": func() error {
				_, err := workspace.Derived(w, "x", d, func() (int, error) { return 0, nil })
				if at.n > 0 && at.owner == owner {
					return problem.New(problem.NotFound, "", "", "", "") // a value of its own making, of nobody's data
				}
				return err
			},
			"Latest": func() error { _, err := w.Latest(ctx, "x", "", "", "hint"); return err },
		} {
			if err := call(); !problem.Is(err, problem.NotFound) {
				t.Errorf("%s of %v: %v", name, at, err)
			}
		}
	}
	if _, _, err := w.Record(ctx, workspace.Draft{}); err == nil {
		t.Error("a run without an act was recorded")
	}
	if err := w.Note(ctx, store.Note{}); err == nil {
		t.Error("an empty note was taken")
	}
	if after := len(subjects(t, w)); after != before {
		t.Errorf("%d entries, before %d", after, before)
	}
	for _, o := range []workspace.Options{{}, {Project: "x"}, {Version: "x", Now: w.Now}} {
		if _, err := workspace.FromVault(ctx, nil, o); !problem.Is(err, problem.Usage) {
			t.Errorf("FromVault with %+v: %v", o, err)
		}
	}
}

// examine gives the doctor's findings by check.
func examine(t *testing.T, w *workspace.Workspace) map[string]workspace.Finding {
	t.Helper()
	var heard []string
	findings, err := w.Doctor(t.Context(), func(check string, _, total int) {
		if heard = append(heard, check); total != 13 {
			t.Errorf("%d checks were announced", total)
		}
	})
	if err != nil || len(findings) != len(heard) {
		t.Fatalf("%d findings of %v (%v)", len(findings), heard, err)
	}
	out := map[string]workspace.Finding{}
	for _, f := range findings {
		out[f.Check] = f
		if f.Found == "" || f.OK != (f.Do == "") {
			t.Errorf("a finding says too little or too much: %+v", f)
		}
	}
	return out
}

func TestDoctorOfAHealthyProfile(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "env")
	for name, f := range examine(t, w) {
		if !f.OK && name != "free space" { // which is the machine's
			t.Errorf("%s: %+v", name, f)
		}
	}
	record(t, w, "after") // the look must not have cost the store its locks
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := open(t, home, "Amina").VerifyAudit(t.Context()); err != nil || !r.Whole() {
		t.Errorf("the audit afterwards: %+v (%v)", r, err)
	}
}

// Each sort of damage is found by its own check, which says what to do.
func TestDoctorFindsEachSortOfDamage(t *testing.T) {
	folder := func(w *workspace.Workspace, home string) string {
		found, err := filepath.Glob(filepath.Join(home, "users", "*", "vault.json"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%v (%v)", found, err)
		}
		return filepath.Dir(found[0])
	}
	for check, c := range map[string]struct {
		sql  string                 // done while the profile is closed
		file func(dir string) error // done while it is open
		skip bool
	}{
		"folder":      {file: func(dir string) error { return os.Chmod(filepath.Join(dir, "vault.json"), 0o644) }, skip: runtime.GOOS == "windows"},
		"other files": {file: func(dir string) error { return os.WriteFile(filepath.Join(dir, "data.db.tmp"), nil, 0o600) }},
		"key slots":   {file: func(dir string) error { return os.WriteFile(filepath.Join(dir, "vault.json"), []byte("{}"), 0o600) }},
		"page seals": {file: func(dir string) error {
			f, err := os.OpenFile(filepath.Join(dir, "data.db"), os.O_RDWR, 0)
			if err != nil {
				return err
			}
			t.Cleanup(func() { f.Close() }) // not sooner: it would take SQLite's locks away
			const page5 = 4 * 4096          // one that the log does not hold, which would put it right
			_, err = f.WriteAt([]byte("flip"), page5+100)
			return err
		}},
		"structure": {sql: "INSERT INTO run_input SELECT 1, 0, owner, 77 FROM run WHERE id = 1"},
		"contents":  {sql: "UPDATE dataset_column SET cells = x'00'"},
		"audit":     {sql: "UPDATE audit SET detail = '{}' WHERE kind = 'import'"},
		"ownership": {sql: "UPDATE dataset SET owner = ''"},
	} {
		if c.skip {
			continue
		}
		home := t.TempDir()
		addUser(t, home, "Amina")
		w := open(t, home, "Amina")
		record(t, w, "env")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if c.sql != "" {
			damage(t, home, "Amina", c.sql)
		}
		w = open(t, home, "Amina")
		if c.file != nil {
			if err := c.file(folder(w, home)); err != nil {
				t.Fatal(err)
			}
		}
		if f := examine(t, w)[check]; f.OK {
			t.Errorf("%s: nothing was found: %+v", check, f)
		}
		w.Close()
	}
}
