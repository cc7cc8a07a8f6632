package store

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"chatmrpt/core/store/encvfs"
)

// The copy holds the same data under its own key, and that key is as good as
// new: a worn one is the reason to copy.
func TestCopyToStartsAFreshKey(t *testing.T) {
	f := newStore(t, "amina")
	record := func(s *Store, name string) error {
		_, _, err := s.Record(t.Context(), draft(f, NewDataset{Kind: "wards", Name: name, Table: wards(t, "Afon")}))
		return err
	}
	if err := record(f.Store, "env"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.RW.ExecContext(t.Context(), "UPDATE meta SET value = ? WHERE key = 'seals'", encvfs.DefaultSealLimit); err != nil {
		t.Fatal(err)
	}
	worn := reopen(t, f, "amina")
	path, key := filepath.Join(t.TempDir(), "data-2.db"), bytes.Repeat([]byte{8}, 32)
	if err := worn.CopyTo(t.Context(), path, key); err != nil {
		t.Fatal(err)
	}
	if err := worn.CopyTo(t.Context(), path, key); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto an existing file: %v", err)
	}
	g := f
	g.path, g.key = path, key
	fresh := reopen(t, g, "amina")
	if err := record(fresh, "env"); err != nil {
		t.Errorf("the copy can't be written: %v", err)
	}
	ds, err := fresh.Datasets(t.Context(), f.proj)
	if err != nil || len(ds) != 2 || ds[0].Name != "env" || ds[1].Version != 2 {
		t.Errorf("%v, %v", ds, err)
	}
	if _, err := Open(t.Context(), Options{Path: path, Key: f.key, Owner: "amina", Now: noon}); !errors.Is(err, encvfs.ErrWrongKey) {
		t.Errorf("with the old key: %v", err)
	}
}
