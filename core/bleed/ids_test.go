package bleed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// ids are what a caller may name things by.
type ids struct {
	project store.ProjectID
	run     store.RunID
	dataset store.Dataset
}

func idsOf(owner store.Owner, project, run, dataset int64) ids {
	return ids{
		project: store.ProjectID{Owner: owner, N: project},
		run:     store.RunID{Owner: owner, N: run},
		dataset: store.Dataset{ID: store.DatasetID{Owner: owner, N: dataset}, Run: store.RunID{Owner: owner, N: run}, Kind: "wards", Name: "any", Rows: 1},
	}
}

// argument makes the argument of a call; names is whether the type names
// something stored.
func (i ids) argument(ctx context.Context, typ reflect.Type) (v reflect.Value, names bool) {
	switch typ {
	case reflect.TypeFor[context.Context]():
		return reflect.ValueOf(ctx), false
	case reflect.TypeFor[store.ProjectID]():
		return reflect.ValueOf(i.project), true
	case reflect.TypeFor[store.RunID]():
		return reflect.ValueOf(i.run), true
	case reflect.TypeFor[store.DatasetID]():
		return reflect.ValueOf(i.dataset.ID), true
	case reflect.TypeFor[store.Dataset]():
		return reflect.ValueOf(i.dataset), true
	case reflect.TypeFor[store.Draft]():
		return reflect.ValueOf(store.Draft{Project: i.project, Act: "import", Version: "test", Inputs: []store.DatasetID{i.dataset.ID},
			Outputs: []store.NewDataset{output()}}), true
	case reflect.TypeFor[workspace.Draft]():
		return reflect.ValueOf(workspace.Draft{Act: "import", Inputs: []store.Dataset{i.dataset}, Outputs: []store.NewDataset{output()}}), true
	case reflect.TypeFor[store.RemoteID]():
		return reflect.ValueOf(i.remote()), true
	case reflect.TypeFor[store.ShipmentID]():
		return reflect.ValueOf(store.ShipmentID{Owner: i.run.Owner, N: i.run.N}), true
	case reflect.TypeFor[store.Shipment]():
		return reflect.ValueOf(store.Shipment{ID: store.ShipmentID{Owner: i.run.Owner, N: i.run.N}, State: store.Cancelled}), true
	case reflect.TypeFor[store.NewShipment]():
		return reflect.ValueOf(store.NewShipment{Remote: i.remote(), Project: i.project, Kind: "results", Parts: func(func(store.SealedPart, error) bool) {}}), true
	case reflect.TypeFor[string]():
		return reflect.ValueOf("wards"), false
	}
	return reflect.Zero(typ), false
}

func (i ids) remote() store.RemoteID { return store.RemoteID{Owner: i.run.Owner, N: i.run.N} }

func output() store.NewDataset {
	t, err := table.New("forged", table.TextOf("ward", "forged"))
	if err != nil {
		panic(err)
	}
	return store.NewDataset{Kind: "wards", Name: "forged", Table: t}
}

// calls makes every exported call of target that takes an id, in whatever
// form, and gives what each answered. A call added to the store or the
// workspace is in the test without anybody thinking of it. With only, it makes
// these calls alone: some erase what they are given.
func (i ids) calls(ctx context.Context, target any, only ...string) map[string]answer {
	out := map[string]answer{}
	v := reflect.ValueOf(target)
	for m := range v.NumMethod() {
		method := v.Method(m)
		var args []reflect.Value
		named := false
		for a := range method.Type().NumIn() {
			arg, names := i.argument(ctx, method.Type().In(a))
			args, named = append(args, arg), named || names
		}
		name := v.Type().Method(m).Name
		if named && (len(only) == 0 || slices.Contains(only, name)) {
			out[fmt.Sprintf("%s.%s", v.Type().Elem().Name(), name)] = answerOf(method.Call(args))
		}
	}
	return out
}

// answer is what a call gave back.
type answer struct {
	said string
	err  error
}

func answerOf(results []reflect.Value) (a answer) {
	for _, r := range results {
		if err, ok := r.Interface().(error); ok && r.Type() == reflect.TypeFor[error]() {
			a.err = err
			continue
		}
		a.said += fmt.Sprintf("%+v ", r.Interface())
	}
	return a
}

// refused reports whether the answer is that there is no such thing.
func (a answer) refused() bool {
	return errors.Is(a.err, store.ErrNotFound) || problem.Is(a.err, problem.NotFound)
}

// two is Bola's store and workspace, taken in turn, and Amina's ids.
type two struct {
	a, b     *person
	home     string
	stranger ids // Amina's, real ones
	owner    store.Owner
	last     ids // Bola's own newest
}

func newTwo(t testing.TB) *two {
	t.Helper()
	c := &two{a: amina(t), b: bola(t), home: t.TempDir()}
	for _, p := range []*person{c.a, c.b} {
		w := p.create(t, c.home, p.project())
		p.mustWork(t, w)
		ds, err := w.Datasets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d := ds[len(ds)-1]
		c.stranger, c.last = c.last, ids{project: store.ProjectID{Owner: d.ID.Owner, N: 1}, run: d.Run, dataset: d}
		c.owner = d.ID.Owner
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// bolas opens Bola's store, without a workspace about it.
func (c *two) bolas(t testing.TB) *store.Store {
	t.Helper()
	s, done := c.b.rawStore(t, c.home)
	t.Cleanup(done)
	return s
}

// rawStore opens the person's store as the workspace does.
func (p *person) rawStore(t testing.TB, home string) (s *store.Store, done func()) {
	t.Helper()
	v := p.unlock(t, home)
	key, err := v.StoreKey()
	if err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(t.Context(), store.Options{Path: v.StorePath(), Key: key, Owner: store.Owner(v.ID().String()), Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return s, func() {
		if err := errors.Join(s.Close(), v.Close()); err != nil {
			t.Error(err)
		}
	}
}

func (p *person) unlock(t testing.TB, home string) *vault.Vault {
	t.Helper()
	found, err := vault.Find(home, p.name)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Unlock(t.Context(), home, found.ID, []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// noneSucceeds makes every call with each of the ids on the target and demands
// that all answer alike: not found, in the same words, nothing written.
func (c *two) noneSucceeds(l *ledger, target any, list []ids) {
	l.Helper()
	before := tree(l, c.home)
	want := map[string]string{}
	for n, i := range list {
		i.dataset.Name = "any" // an answer may repeat the name it was given
		got := i.calls(l.Context(), target)
		if len(got) < 5 {
			l.Fatalf("only %d calls take an id: %v", len(got), slices.Sorted(maps.Keys(got)))
		}
		for _, name := range slices.Sorted(maps.Keys(got)) {
			l.trial()
			a := got[name]
			if !a.refused() || c.a.holds(a.said+a.err.Error()) {
				l.bled("%s with ids %d answered %.300s (%v)", name, n, a.said, a.err)
				continue
			}
			if n == 0 {
				want[name] = a.err.Error()
			}
			if a.err.Error() != want[name] {
				l.bled("%s tells ids apart: %q and %q", name, a.err, want[name])
			}
		}
	}
	after := tree(l, c.home)
	for path := range after {
		if !slices.Equal(before[path], after[path]) && !strings.HasSuffix(path, "-shm") {
			l.bled("%s was written", filepath.Base(path))
		}
	}
}

// T7, cause 6: Bola's program is given Amina's ids, ids of nobody and empty ids
// in every call there is. All are answered with the same words: not found.
// Nothing is written.
func TestBleed_T07_ForeignIDsInEveryCall(t *testing.T) {
	l := open(t, "6", "another's, random and empty ids in every call of store, workspace")
	c := newTwo(t)
	list := []ids{c.stranger}
	chance := rand.New(rand.NewPCG(7, 2026))
	for range trials(t, 20) {
		nobody := store.Owner(canaryOf(chance.Uint64()))
		list = append(list, idsOf(nobody, 1+chance.Int64N(9), 1+chance.Int64N(9), 1+chance.Int64N(9)),
			idsOf(c.stranger.project.Owner, 1+chance.Int64N(9), 1+chance.Int64N(9), 1+chance.Int64N(9)))
	}
	list = append(list, ids{}, idsOf("", 1, 1, 1), idsOf(c.owner, 0, 0, 0), idsOf(c.owner, -1, -1, -1))
	t.Run("store", func(t *testing.T) {
		s := c.bolas(t)
		if a := c.last.calls(t.Context(), s, "Table")["Store.Table"]; a.err != nil {
			t.Fatalf("Bola's own id is refused: %v", a.err)
		}
		c.noneSucceeds(l, s, list)
	})
	t.Run("workspace", func(t *testing.T) {
		w := c.b.reopen(t, c.home, c.b.project())
		if a := c.last.calls(t.Context(), w, "Table")["Workspace.Table"]; a.err != nil {
			t.Fatalf("Bola's own id is refused: %v", a.err)
		}
		c.noneSucceeds(l, w, list)
	})
	t.Run("own but unknown", func(t *testing.T) {
		for name, a := range idsOf(c.owner, 999, 999, 999).calls(t.Context(), c.b.reopen(t, c.home, c.b.project())) {
			l.trial()
			if c.a.holds(a.said) || c.b.holds(a.said) {
				l.bled("%s shows data for an id that names nothing", name)
			}
		}
	})
}

// T19, causes 1 and 6: an empty id or name is an error wherever one is asked
// for, and never stands for a common or last used one.
func TestBleed_T19_EmptyIDsAreErrors(t *testing.T) {
	l := open(t, "1 6", "empty ids, names, owners and homes at every door")
	c := newTwo(t)
	ctx, o := t.Context(), vaulttest.Cheap(t)
	secret := []byte(passphrase)
	v := c.b.unlock(t, c.home)
	defer v.Close()
	key, err := v.StoreKey()
	if err != nil {
		t.Fatal(err)
	}
	opened := func(change func(*workspace.Options)) error {
		w := c.a.options(t, c.home, "default")
		change(&w)
		_, err := workspace.Open(ctx, w)
		return err
	}
	elsewhere := filepath.Join(t.TempDir(), "data.db")
	before := tree(t, c.home)
	for name, err := range map[string]error{
		"vault.Unlock, no id":              second(vault.Unlock(ctx, c.home, vault.ID{}, secret, o)),
		"vault.Unlock, no home":            second(vault.Unlock(ctx, "", v.ID(), secret, o)),
		"vault.Unlock, no secret":          second(vault.Unlock(ctx, c.home, c.idOf(t, c.a), nil, o)),
		"vault.ParseID":                    second(vault.ParseID("")),
		"vault.Find, no name":              second(vault.Find(c.home, "")),
		"vault.Find, blank name":           second(vault.Find(c.home, " \t")),
		"vault.List, no home":              second(vault.List("")),
		"vault.ID.MarshalText":             second(vault.ID{}.MarshalText()),
		"vault.Erase, no id":               vault.Erase(ctx, c.home, vault.ID{}, secret, o),
		"vault.EraseForced, no id":         vault.EraseForced(ctx, c.home, vault.ID{}, o),
		"vault.ChangePassphrase, no id":    vault.ChangePassphrase(ctx, c.home, vault.ID{}, secret, secret, o),
		"vault.Recover, no id":             second(vault.Recover(ctx, c.home, vault.ID{}, secret, secret, o)),
		"vault.UnlockByKeyring, no id":     second(vault.UnlockByKeyring(ctx, c.home, vault.ID{}, o)),
		"vault.KeyringOn, no id":           vault.KeyringOn(ctx, c.home, vault.ID{}, secret, o),
		"vault.KeyringOff, no id":          vault.KeyringOff(ctx, c.home, vault.ID{}, secret, o),
		"vault.CodeTold, no id":            vault.CodeTold(ctx, c.home, vault.ID{}, o),
		"vault.Derive, no label":           second(v.Derive("")),
		"store.Open, no owner":             second(store.Open(ctx, store.Options{Path: elsewhere, Key: key, Now: noon})),
		"store.Open, no key":               second(store.Open(ctx, store.Options{Path: elsewhere, Owner: "x", Now: noon})),
		"store.Open, key of zeros missing": second(store.Open(ctx, store.Options{Path: elsewhere, Key: key[:16], Owner: "x", Now: noon})),
		"workspace.Open, no user":          opened(func(o *workspace.Options) { o.User = "" }),
		"workspace.Open, no project":       opened(func(o *workspace.Options) { o.Project = "" }),
		"workspace.Open, no home":          opened(func(o *workspace.Options) { o.Home = "" }),
		"workspace.Open, no secret":        opened(func(o *workspace.Options) { o.Secret = nil }),
		"workspace.Open, no keyring slot":  opened(func(o *workspace.Options) { o.Keyring = true }),
	} {
		l.trial()
		if err == nil {
			l.bled("%s opened something", name)
		}
	}
	for path, data := range tree(t, c.home, "lock") {
		if was, ok := before[path]; !ok || !slices.Equal(was, data) {
			t.Errorf("%s was written", path)
		}
	}
	l.emptyInsideStore(t, c)
}

// emptyInsideStore tries empty names on an open store and looks whether
// anything was kept.
func (l *ledger) emptyInsideStore(t *testing.T, c *two) {
	w := c.a.reopen(t, c.home, c.a.project())
	was, err := everything(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	good := output()
	for name, d := range map[string]workspace.Draft{
		"no act":            {Outputs: []store.NewDataset{good}},
		"output of no kind": {Act: "import", Outputs: []store.NewDataset{{Name: "x", Table: good.Table}}},
		"output of no name": {Act: "import", Outputs: []store.NewDataset{{Kind: "wards", Table: good.Table}}},
		"input of no id":    {Act: "import", Inputs: []store.Dataset{{}}, Outputs: []store.NewDataset{good}},
	} {
		l.trial()
		if _, _, err := w.Record(t.Context(), d); err == nil {
			l.bled("a run with %s was recorded", name)
		}
	}
	if is, err := everything(t.Context(), w); err != nil || is != was {
		t.Errorf("something was kept (%v)", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	s, done := c.a.rawStore(t, c.home)
	defer done()
	l.trial()
	if _, err := s.EnsureProject(t.Context(), ""); err == nil {
		l.bled("a project without a name was made")
	}
}

func (c *two) idOf(t testing.TB, p *person) vault.ID {
	t.Helper()
	found, err := vault.Find(c.home, p.name)
	if err != nil {
		t.Fatal(err)
	}
	return found.ID
}

// second is the error of a call that also gives a value.
func second[T any](_ T, err error) error { return err }
