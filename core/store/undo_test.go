package store

import (
	"errors"
	"fmt"
	"testing"
)

// record stores a version of env and returns its run.
func (f fixture) version(t *testing.T, name string) Run {
	t.Helper()
	d := draft(f, NewDataset{Kind: "env", Name: name, Table: wards(t, "Afon")})
	d.Decisions = []Decision{{GivenWard: "Afn", Ward: "Afon", Decision: "accepted"}}
	run, _, err := f.Record(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func (f fixture) undo(t *testing.T, u Undo) error {
	t.Helper()
	_, _, err := f.Record(t.Context(), Draft{Project: f.proj, Act: ActUndo, Params: u, Version: "test", Started: noon()})
	return err
}

// state lists the versions of every env that are current, and how many
// decisions count.
func (f fixture) state(t *testing.T) string {
	t.Helper()
	ds, err := f.Current(t.Context(), f.proj, "env")
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, d := range ds {
		out += fmt.Sprintf("%s %d; ", d.Name, d.Version)
		latest, err := f.Latest(t.Context(), f.proj, "env", d.Name)
		if err != nil || latest.ID != d.ID {
			t.Errorf("%s: Current and Latest differ: %v, %v", d.Name, latest.Version, err)
		}
	}
	decisions, err := f.Decisions(t.Context(), f.proj)
	if err != nil {
		t.Fatal(err)
	}
	return out + fmt.Sprint(len(decisions))
}

// What is taken back is passed over by every reading, and nothing is deleted;
// the newest word about a run counts, whatever came in between.
func TestUndoIsARecord(t *testing.T) {
	f := newStore(t, "amina")
	first, second, other := f.version(t, "rain"), f.version(t, "rain"), f.version(t, "heat")
	want := func(when, state string) {
		t.Helper()
		if got := f.state(t); got != state {
			t.Errorf("%s: %q, want %q", when, got, state)
		}
	}
	want("at first", "rain 2; heat 1; 1")
	for _, step := range []struct {
		u     Undo
		state string
	}{
		{Undo{Run: second.ID.N}, "rain 1; heat 1; 1"},
		{Undo{Run: first.ID.N}, "heat 1; 1"},
		{Undo{Run: second.ID.N, Restore: true}, "rain 2; heat 1; 1"},
		{Undo{Run: second.ID.N}, "heat 1; 1"},
		{Undo{Run: other.ID.N}, "0"},
		{Undo{Run: first.ID.N, Restore: true}, "rain 1; 1"},
	} {
		if err := f.undo(t, step.u); err != nil {
			t.Fatal(err)
		}
		want(fmt.Sprintf("after %+v", step.u), step.state)
	}
	all, err := f.Datasets(t.Context(), f.proj)
	if err != nil || len(all) != 3 || all[0].Undone || !all[1].Undone || !all[2].Undone {
		t.Errorf("versions: %+v, %v", all, err)
	}
	if cells, err := f.Table(t.Context(), f.proj, all[1]); err != nil || cells.Rows() != 1 {
		t.Errorf("a version that was taken back can't be read: %v", err)
	}
	if r, err := f.Run(t.Context(), f.proj, second.ID); err != nil || !r.Undone {
		t.Errorf("%+v, %v", r, err)
	}
	// The next version takes a number of its own.
	f.version(t, "rain")
	want("a new version", "rain 3; 1")
	if v := verified(t, f.Store); !v.Whole() {
		t.Errorf("audit: %+v", v.Faults)
	}
	runs, err := f.RunsOf(t.Context(), ActUndo)
	if err != nil || len(runs) != 6 {
		t.Errorf("%d runs of undo, %v", len(runs), err)
	}
	if u, ok := runs[2].Undoes(); !ok || u != (Undo{Run: second.ID.N, Restore: true}) {
		t.Errorf("%+v", u)
	}
	if _, ok := first.Undoes(); ok {
		t.Error("an import undoes something")
	}
}

func TestUndoThatCannotBe(t *testing.T) {
	f := newStore(t, "amina")
	run := f.version(t, "rain")
	elsewhere, err := f.EnsureProject(t.Context(), "Kano")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.undo(t, Undo{Run: run.ID.N, Restore: true}); !errors.Is(err, ErrUndone) {
		t.Errorf("put back what is there: %v", err)
	}
	if err := f.undo(t, Undo{Run: 99}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a run that never was: %v", err)
	}
	_, _, err = f.Record(t.Context(), Draft{Project: elsewhere.ID, Act: ActUndo, Params: Undo{Run: run.ID.N}, Version: "test", Started: noon()})
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("of another project: %v", err)
	}
	_, _, err = f.Record(t.Context(), Draft{Project: f.proj, Act: ActUndo, Params: map[string]any{"run": run.ID.N}, Version: "test", Started: noon()})
	if err == nil {
		t.Error("parameters of another type were taken")
	}
	if err := f.undo(t, Undo{Run: run.ID.N}); err != nil {
		t.Fatal(err)
	}
	if err := f.undo(t, Undo{Run: run.ID.N}); !errors.Is(err, ErrUndone) {
		t.Errorf("twice: %v", err)
	}
	if err := f.undo(t, Undo{Run: run.ID.N + 1}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an undo undone: %v", err)
	}
}
