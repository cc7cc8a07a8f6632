package store

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// ids is one id of each sort, to call everything with.
type ids struct {
	project ProjectID
	run     RunID
	dataset DatasetID
}

// idCalls calls every method of Store that takes an id, with one bad id at a
// time: the others are the store's own.
func idCalls(t *testing.T, s *Store, good, bad ids) map[string]error {
	t.Helper()
	ctx := t.Context()
	out := map[string]error{}
	call := func(name string, err error) { out[name] = err }
	at := func(id DatasetID) Dataset { return Dataset{ID: id, Kind: "wards", Name: "env"} }
	_, err := s.Datasets(ctx, bad.project)
	call("Datasets/project", err)
	_, err = s.Latest(ctx, bad.project, "wards", "")
	call("Latest/project", err)
	_, err = s.Table(ctx, bad.project, at(good.dataset))
	call("Table/project", err)
	_, err = s.Table(ctx, good.project, at(bad.dataset))
	call("Table/dataset", err)
	_, err = s.Areas(ctx, bad.project, at(good.dataset))
	call("Areas/project", err)
	_, err = s.Areas(ctx, good.project, at(bad.dataset))
	call("Areas/dataset", err)
	_, err = s.Runs(ctx, bad.project)
	call("Runs/project", err)
	_, err = s.Run(ctx, bad.project, good.run)
	call("Run/project", err)
	_, err = s.Run(ctx, good.project, bad.run)
	call("Run/run", err)
	_, err = s.Inputs(ctx, bad.project, good.run)
	call("Inputs/project", err)
	_, err = s.Inputs(ctx, good.project, bad.run)
	call("Inputs/run", err)
	_, err = s.Outputs(ctx, bad.project, good.run)
	call("Outputs/project", err)
	_, err = s.Outputs(ctx, good.project, bad.run)
	call("Outputs/run", err)
	_, err = s.Decisions(ctx, bad.project)
	call("Decisions/project", err)
	_, _, err = s.Record(ctx, Draft{Project: bad.project, Act: "x", Version: "test"})
	call("Record/project", err)
	_, _, err = s.Record(ctx, Draft{Project: good.project, Act: "x", Version: "test", Inputs: []DatasetID{bad.dataset}})
	call("Record/dataset", err)
	_, err = s.LastRun(ctx, bad.project, "import")
	call("LastRun/project", err)
	_, err = s.DecisionsUpTo(ctx, bad.project, good.run)
	call("DecisionsUpTo/project", err)
	_, err = s.DecisionsUpTo(ctx, good.project, bad.run)
	call("DecisionsUpTo/run", err)
	_, err = s.DatasetsBefore(ctx, bad.project, good.run)
	call("DatasetsBefore/project", err)
	_, err = s.DatasetsBefore(ctx, good.project, bad.run)
	call("DatasetsBefore/run", err)
	_, err = s.Current(ctx, bad.project, "env")
	call("Current/project", err)
	_, err = s.DecidedIn(ctx, bad.project, good.run)
	call("DecidedIn/project", err)
	_, err = s.DecidedIn(ctx, good.project, bad.run)
	call("DecidedIn/run", err)
	_, err = s.EraseProject(ctx, bad.project)
	call("EraseProject/project", err)
	if bad.run != (RunID{}) { // a note without a run is allowed
		call("Note/run", s.Note(ctx, Note{Kind: AuditExport, Subject: "x", Run: bad.run}))
	}
	return out
}

// unchanged runs f and fails when it wrote to the store.
func unchanged(t *testing.T, s *Store, f func()) {
	t.Helper()
	seals, entries := s.db.Seals(), verified(t, s).Entries
	var before, after int64
	count := "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM project) + (SELECT count(*) FROM dataset)"
	if err := s.db.RW.QueryRowContext(t.Context(), count).Scan(&before); err != nil {
		t.Fatal(err)
	}
	f()
	if err := s.db.RW.QueryRowContext(t.Context(), count).Scan(&after); err != nil {
		t.Fatal(err)
	}
	if s.db.Seals() != seals || verified(t, s).Entries != entries || before != after {
		t.Errorf("something was written: %d seals, before %d; %d rows, before %d", s.db.Seals(), seals, after, before)
	}
}

// T19: a zero, empty or made-up id is refused by every call, and nothing is
// written.
func TestBleed_T19_ZeroAndMadeUpIDsAreRefused(t *testing.T) {
	f := busyStore(t)
	good := ids{f.proj, RunID{Owner: "amina", N: 1}, DatasetID{Owner: "amina", N: 1}}
	bad := map[string]ids{"zero": {}}
	for name, owner := range map[string]Owner{"no owner": "", "another owner": "bola", "other case": "Amina", "blank": "amina "} {
		bad[name] = ids{ProjectID{owner, 1}, RunID{owner, 1}, DatasetID{owner, 1}}
	}
	for _, n := range []int64{0, -1, 99, 1 << 62, -1 << 63} {
		bad[fmt.Sprint(n)] = ids{ProjectID{"amina", n}, RunID{"amina", n}, DatasetID{"amina", n}}
	}
	random := rand.New(rand.NewPCG(19, 19))
	for i := range 200 {
		owner, n := Owner([]string{"amina", "", "bola", fmt.Sprint(random.Int64())}[random.IntN(4)]), random.Int64()-random.Int64()
		bad[fmt.Sprint("random ", i)] = ids{ProjectID{owner, n}, RunID{owner, n}, DatasetID{owner, n}}
	}
	unchanged(t, f.Store, func() {
		for name, b := range bad {
			for call, err := range idCalls(t, f.Store, good, b) {
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("%s id in %s: %v", name, call, err)
				}
			}
		}
	})
}

// Names and owners that are empty are refused too: there is no default.
func TestBleed_T19_EmptyNamesAreRefused(t *testing.T) {
	f := busyStore(t)
	ctx := t.Context()
	unchanged(t, f.Store, func() {
		for name, call := range map[string]func() error{
			"project": func() error { _, err := f.EnsureProject(ctx, ""); return err },
			"act":     func() error { _, _, err := f.Record(ctx, Draft{Project: f.proj, Version: "test"}); return err },
			"version": func() error { _, _, err := f.Record(ctx, Draft{Project: f.proj, Act: "x"}); return err },
			"kind of set": func() error {
				_, _, err := f.Record(ctx, draft(f, NewDataset{Name: "x", Table: wards(t, "A")}))
				return err
			},
			"name of set": func() error {
				_, _, err := f.Record(ctx, draft(f, NewDataset{Kind: "x", Table: wards(t, "A")}))
				return err
			},
			"table":      func() error { _, _, err := f.Record(ctx, draft(f, NewDataset{Kind: "x", Name: "x"})); return err },
			"kind asked": func() error { _, err := f.Latest(ctx, f.proj, "", ""); return err },
			"kind noted": func() error { return f.Note(ctx, Note{Subject: "x"}) },
			"owner":      func() error { _, err := Open(ctx, Options{Path: f.path, Key: f.key, Now: noon}); return err },
			"key":        func() error { _, err := Open(ctx, Options{Path: f.path, Owner: "amina", Now: noon}); return err },
			"clock":      func() error { _, err := Open(ctx, Options{Path: f.path, Key: f.key, Owner: "amina"}); return err },
			"path":       func() error { _, err := Open(ctx, Options{Key: f.key, Owner: "amina", Now: noon}); return err },
		} {
			if err := call(); err == nil {
				t.Errorf("no %s was taken", name)
			}
		}
	})
}

// Every method that takes an id is in the table above: a new one that is not
// fails here.
func TestBleed_T19_NoCallIsForgotten(t *testing.T) {
	called := idCalls(t, busyStore(t).Store, ids{}, ids{run: RunID{N: 1}})
	taking := 0
	for _, d := range declarations(t) {
		if d.Recv == nil || !d.Name.IsExported() || !takesID(d) {
			continue
		}
		taking++
		found := false
		for name := range called {
			found = found || strings.HasPrefix(name, d.Name.Name+"/")
		}
		if !found {
			t.Errorf("%s takes an id and is not called by the tests", d.Name.Name)
		}
	}
	if taking < 8 {
		t.Errorf("only %d calls were found: the reader is wrong", taking)
	}
}

func declarations(t *testing.T) (out []*ast.FuncDecl) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				out = append(out, fn)
			}
		}
	}
	return out
}

func takesID(d *ast.FuncDecl) bool {
	return slices.ContainsFunc(d.Type.Params.List, func(p *ast.Field) bool {
		id, ok := p.Type.(*ast.Ident)
		return ok && slices.Contains([]string{"ProjectID", "RunID", "DatasetID", "Dataset", "Draft", "Note"}, id.Name)
	})
}
