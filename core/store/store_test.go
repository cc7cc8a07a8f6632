package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"chatmrpt/core/store/encvfs"
	"chatmrpt/core/table"
)

// noon is the clock of the tests.
func noon() time.Time { return time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC) }

type fixture struct {
	*Store
	path string
	key  []byte
	proj ProjectID
}

func newStore(t *testing.T, owner Owner) fixture {
	t.Helper()
	f := fixture{path: filepath.Join(t.TempDir(), "data.db"), key: bytes.Repeat([]byte{7}, 32)}
	f.Store = reopen(t, f, owner)
	p, err := f.EnsureProject(t.Context(), "Kwara 2026")
	if err != nil {
		t.Fatal(err)
	}
	f.proj = p.ID
	return f
}

func reopen(t *testing.T, f fixture, owner Owner) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Path: f.path, Key: f.key, Owner: owner, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func wards(t *testing.T, names ...string) *table.Table {
	t.Helper()
	x := table.NewNumber("rainfall")
	x.Role, x.Unit, x.Origin = table.RoleVariable, "mm", "env.csv, column 3"
	for i := range names {
		if i == 0 {
			x.AppendMissing()
		} else {
			x.AppendImputed(float64(i) / 3)
		}
	}
	tb, err := table.New("wards", table.TextOf("ward", names...), x)
	if err != nil {
		t.Fatal(err)
	}
	return tb
}

func draft(f fixture, outputs ...NewDataset) Draft {
	return Draft{
		Project: f.proj, Act: "import", Params: map[string]string{"as": "wards"}, Version: "test", Started: noon(),
		Summary: "Read two rows.", Notices: []string{"one cell was empty"}, Outputs: outputs,
	}
}

func TestWhatIsRecordedComesBack(t *testing.T) {
	f := newStore(t, "amina")
	areas := []orb.MultiPolygon{{{{{5, 8}, {6, 8}, {6, 9}, {5, 8}}}}, nil}
	in := NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Afon", "Are 2"), Areas: areas, Source: "env.csv", SourceHash: "ab", Report: map[string]int{"rows": 2}}
	run, outs, err := f.Record(t.Context(), draft(f, in))
	if err != nil {
		t.Fatal(err)
	}
	second := reopen(t, f, "amina")
	got, err := second.Latest(t.Context(), f.proj, "wards", "")
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != outs[0].ID || got.Version != 1 || got.Rows != 2 || got.Source != "env.csv" || string(got.Report) != `{"rows":2}` {
		t.Errorf("dataset came back as %+v", got)
	}
	tb, err := second.Table(t.Context(), f.proj, got)
	if err != nil {
		t.Fatal(err)
	}
	if tb.Hash() != in.Table.Hash() || tb.Columns[1].Origin != "env.csv, column 3" || !tb.Columns[1].Imputed(1) {
		t.Error("the cells, marks or origin came back changed")
	}
	back, err := second.Areas(t.Context(), f.proj, got)
	if err != nil || len(back) != 2 || back[1] != nil || !back[0].Equal(areas[0]) {
		t.Errorf("areas came back as %v (%v)", back, err)
	}
	r, err := second.Run(t.Context(), f.proj, run.ID)
	if err != nil || r.Summary != "Read two rows." || r.Notices[0] != "one cell was empty" || !r.Started.Equal(noon()) {
		t.Errorf("run came back as %+v (%v)", r, err)
	}
}

func TestVersionsAreAddedNotReplaced(t *testing.T) {
	f := newStore(t, "amina")
	for _, name := range []string{"Afon", "Oloje"} {
		if _, _, err := f.Record(t.Context(), draft(f, NewDataset{Kind: "wards", Name: "env", Table: wards(t, name)})); err != nil {
			t.Fatal(err)
		}
	}
	all, err := f.Datasets(t.Context(), f.proj)
	if err != nil || len(all) != 2 || all[1].Version != 2 || all[0].SHA256 == all[1].SHA256 {
		t.Fatalf("%+v (%v)", all, err)
	}
	first, err := f.Table(t.Context(), f.proj, all[0])
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := first.Columns[0].Text(0); s != "Afon" {
		t.Errorf("the first version now holds %q", s)
	}
}

// A result and its run are one transaction: when any part can't be written,
// none of it is there.
func TestRecordIsAllOrNothing(t *testing.T) {
	f := newStore(t, "amina")
	good := NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Afon")}
	for name, d := range map[string]Draft{
		"incomplete output":     draft(f, good, NewDataset{Kind: "wards", Name: ""}),
		"areas of other length": draft(f, good, NewDataset{Kind: "wards", Name: "x", Table: wards(t, "A"), Areas: make([]orb.MultiPolygon, 3)}),
		"report without a form": draft(f, good, NewDataset{Kind: "wards", Name: "x", Table: wards(t, "A"), Report: func() {}}),
		"unknown input":         func() Draft { d := draft(f, good); d.Inputs = []DatasetID{{Owner: "amina", N: 99}}; return d }(),
	} {
		if _, _, err := f.Record(t.Context(), d); err == nil {
			t.Errorf("%s: recorded", name)
		}
	}
	if runs, err := f.Runs(t.Context(), f.proj); err != nil || len(runs) != 0 {
		t.Errorf("%d runs are left behind (%v)", len(runs), err)
	}
	if ds, err := f.Datasets(t.Context(), f.proj); err != nil || len(ds) != 0 {
		t.Errorf("%d datasets are left behind (%v)", len(ds), err)
	}
}

func TestRecordStopsWhenCancelled(t *testing.T) {
	f := newStore(t, "amina")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := f.Record(ctx, draft(f)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Ids carry their owner: another's, or none, is as unknown as a random one.
func TestForeignAndZeroIDsAreNotFound(t *testing.T) {
	a, b := newStore(t, "amina"), newStore(t, "bola")
	runA, outsA, err := a.Record(t.Context(), draft(a, NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Afon")}))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Record(t.Context(), draft(b, NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Tudun")})); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, id := range map[string]struct {
		run  RunID
		ds   Dataset
		proj ProjectID
	}{
		"another's": {runA.ID, outsA[0], a.proj},
		"zero":      {RunID{}, Dataset{}, ProjectID{}},
		"no number": {RunID{Owner: "bola"}, Dataset{ID: DatasetID{Owner: "bola"}}, ProjectID{Owner: "bola"}},
	} {
		_, e1 := b.Run(ctx, b.proj, id.run)
		_, e2 := b.Inputs(ctx, b.proj, id.run)
		_, e3 := b.Outputs(ctx, b.proj, id.run)
		_, e4 := b.Table(ctx, b.proj, id.ds)
		_, e5 := b.Areas(ctx, b.proj, id.ds)
		_, e6 := b.Datasets(ctx, id.proj)
		_, e7 := b.Latest(ctx, id.proj, "wards", "")
		_, e8 := b.Runs(ctx, id.proj)
		_, e9 := b.Decisions(ctx, id.proj)
		_, _, e10 := b.Record(ctx, Draft{Project: id.proj, Act: "x", Version: "x"})
		for i, err := range []error{e1, e2, e3, e4, e5, e6, e7, e8, e9, e10} {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%s id, call %d: got %v, want not found", name, i+1, err)
			}
		}
	}
}

// A row whose owner column names somebody else is never shown.
func TestRowsOfAnotherOwnerAreRefused(t *testing.T) {
	for _, tab := range []string{"project", "run", "dataset", "dataset_column", "area", "place_decision"} {
		f := newStore(t, "amina")
		d := draft(f, NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Afon"), Areas: make([]orb.MultiPolygon, 1)})
		d.Decisions = []Decision{{GivenWard: "Afonn", Ward: "Afon", Decision: "accepted"}}
		run, outs, err := f.Record(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.db.RW.ExecContext(t.Context(), "DROP TRIGGER IF EXISTS "+tab+"_no_update; UPDATE "+tab+" SET owner = 'bola'"); err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		reads := map[string]func() error{
			"project":        func() error { _, err := f.EnsureProject(ctx, "Kwara 2026"); return err },
			"run":            func() error { _, err := f.Run(ctx, f.proj, run.ID); return err },
			"dataset":        func() error { _, err := f.Datasets(ctx, f.proj); return err },
			"dataset_column": func() error { _, err := f.Table(ctx, f.proj, outs[0]); return err },
			"area":           func() error { _, err := f.Areas(ctx, f.proj, outs[0]); return err },
			"place_decision": func() error { _, err := f.Decisions(ctx, f.proj); return err },
		}
		if err := reads[tab](); !errors.Is(err, ErrForeignRow) {
			t.Errorf("%s: a row of another owner gave %v", tab, err)
		}
	}
}

func TestOpenRefusesAnotherOwnersFileAndAWrongKey(t *testing.T) {
	f := newStore(t, "amina")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	before := readAll(t, f.path)
	_, err := Open(t.Context(), Options{Path: f.path, Key: f.key, Owner: "bola", Now: noon})
	if !errors.Is(err, ErrForeignRow) {
		t.Errorf("another owner: got %v", err)
	}
	_, err = Open(t.Context(), Options{Path: f.path, Key: bytes.Repeat([]byte{8}, 32), Owner: "amina", Now: noon})
	if !errors.Is(err, encvfs.ErrWrongKey) {
		t.Errorf("wrong key: got %v", err)
	}
	for _, o := range []Options{{Path: f.path, Key: f.key, Now: noon}, {Path: f.path, Key: f.key, Owner: "amina"}} {
		if _, err := Open(t.Context(), o); err == nil {
			t.Errorf("opened with %+v", o)
		}
	}
	if !bytes.Equal(before, readAll(t, f.path)) {
		t.Error("a refused opening changed the file")
	}
	if n := encvfs.OpenKeys(); n != 0 {
		t.Errorf("%d keys are left in memory", n)
	}
}

// The wear of the key is counted over all sessions, and ends in a refusal that
// leaves everything readable.
func TestSealsAreCountedOverSessionsAndWearTheKeyOut(t *testing.T) {
	f := newStore(t, "amina")
	record := func(s *Store) error {
		_, _, err := s.Record(t.Context(), draft(f, NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Afon")}))
		return err
	}
	if err := record(f.Store); err != nil {
		t.Fatal(err)
	}
	second := reopen(t, f, "amina")
	if second.sealed == 0 {
		t.Error("the seals of the first session are forgotten")
	}
	if _, err := second.db.RW.ExecContext(t.Context(), "UPDATE meta SET value = ? WHERE key = 'seals'", encvfs.DefaultSealLimit); err != nil {
		t.Fatal(err)
	}
	third := reopen(t, f, "amina")
	if err := record(third); !errors.Is(err, encvfs.ErrKeyWorn) {
		t.Errorf("a worn key wrote on: %v", err)
	}
	if ds, err := third.Datasets(t.Context(), f.proj); err != nil || len(ds) != 1 {
		t.Errorf("with a worn key %d datasets are read (%v)", len(ds), err)
	}
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNewestDecisionCounts(t *testing.T) {
	f := newStore(t, "amina")
	for _, ward := range []string{"Girei", "Girei 1"} {
		d := draft(f)
		d.Decisions = []Decision{{GivenLGA: "Girei", GivenWard: "Girei I", LGA: "Girei", Ward: ward, Decision: "accepted"}}
		if _, _, err := f.Record(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	ds, err := f.Decisions(t.Context(), f.proj)
	if err != nil || len(ds) != 1 || ds[0].Ward != "Girei 1" {
		t.Errorf("got %+v (%v)", ds, err)
	}
}

func TestMigrateRefusesANewerStoreAndKeepsWholeSteps(t *testing.T) {
	f := newStore(t, "amina")
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	broken := append(steps, "CREATE TABLE later (x) STRICT") // STRICT wants a type: the step fails
	if err := migrate(t.Context(), f.db.RW, broken); err == nil {
		t.Error("a broken step was taken")
	}
	good := append(steps, "CREATE TABLE later (x TEXT) STRICT", "ALTER TABLE later ADD COLUMN y TEXT")
	if err := migrate(t.Context(), f.db.RW, good); err != nil {
		t.Errorf("after the broken step: %v", err)
	}
	if err := migrate(t.Context(), f.db.RW, steps); !errors.Is(err, ErrNewerStore) {
		t.Errorf("a newer store gave %v", err)
	}
}

// Nothing of what a user typed or loaded lies on the disk in clear.
func TestCanaryIsNowhereOnDisk(t *testing.T) {
	const canary = "CANARY-7f3a-Àjàó"
	f := newStore(t, "amina")
	if _, err := f.EnsureProject(t.Context(), canary); err != nil {
		t.Fatal(err)
	}
	tb, err := table.New(canary, table.TextOf(canary, strings.Repeat(canary, 100)))
	if err != nil {
		t.Fatal(err)
	}
	d := draft(f, NewDataset{Kind: "wards", Name: canary, Table: tb, Source: canary + ".csv", Report: canary})
	d.Summary, d.Notices = canary, []string{canary}
	if _, _, err := f.Record(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	looked := 0
	err = filepath.WalkDir(filepath.Dir(f.path), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		looked++
		if data := readAll(t, path); bytes.Contains(data, []byte("CANARY")) || bytes.Contains(data, []byte("CREATE TABLE")) {
			t.Errorf("%s holds it in clear", filepath.Base(path))
		}
		if strings.Contains(path, "CANARY") {
			t.Errorf("file name %s", path)
		}
		return nil
	})
	if err != nil || looked < 2 {
		t.Errorf("looked at %d files (%v)", looked, err)
	}
}
