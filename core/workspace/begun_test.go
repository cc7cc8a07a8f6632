package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// A profile whose data was deleted does not open as if it were new, and says
// so; the data put back, it opens again.
func TestAProfileWhoseStoreIsGoneIsRefused(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "env")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	stores, err := filepath.Glob(filepath.Join(home, "users", "*", "data.db"))
	if err != nil || len(stores) != 1 {
		t.Fatalf("%v, %v", stores, err)
	}
	data, err := os.ReadFile(stores[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []int{-1, 0, 16} {
		if err := os.Remove(stores[0]); err != nil {
			t.Fatal(err)
		}
		if left >= 0 {
			if err := os.WriteFile(stores[0], data[:left], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := workspace.Open(t.Context(), options(t, home, "Amina")); !problem.Is(err, problem.Store) {
			t.Errorf("with %d bytes left: got %v", left, err)
		}
		if err := os.WriteFile(stores[0], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := open(t, home, "Amina")
	if ds, err := again.Datasets(t.Context()); err != nil || len(ds) != 1 {
		t.Errorf("%d datasets, %v", len(ds), err)
	}
}
