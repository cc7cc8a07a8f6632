package store

import (
	"errors"
	"strings"
	"testing"
)

// The office's key is kept, exchanged and dropped; neither the audit nor a row
// that is given out holds it.
func TestTheOfficesKey(t *testing.T) {
	f := newStore(t, "amina")
	ctx := t.Context()
	if _, err := f.Store.OfficeKey(ctx); !errors.Is(err, ErrNotFound) {
		t.Errorf("before there is one: %v", err)
	}
	for _, key := range []string{"CANARY-one", "CANARY-two"} {
		if err := f.Store.SetOfficeKey(ctx, []byte(key), "kept"); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Store.OfficeKey(ctx); string(got) != key {
			t.Errorf("got %q, want %q (%v)", got, key, err)
		}
	}
	rows := 0
	err := f.EachRow(ctx, "office_key", func(row map[string]any) error {
		rows++
		if _, there := row["secret"]; there {
			t.Error("the key is given out")
		}
		return nil
	})
	if err != nil || rows != 1 {
		t.Errorf("%d rows (%v)", rows, err)
	}
	if err := f.Store.SetOfficeKey(ctx, nil, "dropped"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Store.OfficeKey(ctx); !errors.Is(err, ErrNotFound) {
		t.Errorf("after it was dropped: %v", err)
	}
	entries, err := f.Store.Audit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, e := range entries {
		if e.Subject == "office" {
			told++
		}
		if strings.Contains(string(e.Detail), "CANARY") {
			t.Errorf("the audit holds %s", e.Detail)
		}
	}
	if told != 3 {
		t.Errorf("the audit tells of %d changes", told)
	}
}

// A key that names another owner is not used.
func TestAForeignOfficesKey(t *testing.T) {
	f := newStore(t, "amina")
	raw(t, f.Store, "INSERT INTO office_key (owner, secret, created) VALUES ('bola', x'0102', '')")
	if key, err := f.Store.OfficeKey(t.Context()); !errors.Is(err, ErrForeignRow) || key != nil {
		t.Errorf("%x, %v", key, err)
	}
}
