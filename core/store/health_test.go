package store

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestAHealthyStoreHasNothingToReport(t *testing.T) {
	f := busyStore(t)
	bad, err := f.CheckSeals(t.Context(), f.key)
	if err != nil || len(bad) != 0 {
		t.Errorf("seals: %v (%v)", bad, err)
	}
	if faults, err := f.Integrity(t.Context()); err != nil || len(faults) != 0 {
		t.Errorf("structure: %v (%v)", faults, err)
	}
	if n, bad, err := f.Contents(t.Context()); err != nil || n != 2 || len(bad) != 0 {
		t.Errorf("contents: %d, %v (%v)", n, bad, err)
	}
}

// The look at the pages goes beside SQLite: its locks and the next writes must
// not suffer.
func TestWritingGoesOnAfterTheSealsWereChecked(t *testing.T) {
	f := busyStore(t)
	for range 3 {
		if _, err := f.CheckSeals(t.Context(), f.key); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.Record(t.Context(), draft(f, NewDataset{Kind: "wards", Name: "env", Table: wards(t, "Oloje")})); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verified(t, reopen(t, f, "amina")); !r.Whole() {
		t.Errorf("%+v", r)
	}
}

// A bit that is changed in any page while the store is open is found, whether
// or not SQLite would ever read that page.
func TestAChangedBitInAnyPageIsFound(t *testing.T) {
	f := busyStore(t)
	if _, err := f.CheckSeals(t.Context(), f.key); err != nil {
		t.Fatal(err) // this also empties the log
	}
	whole := readAll(t, f.path)
	const page = 4096
	// Written in place and by a handle that is kept, as a second close would
	// take SQLite's locks away.
	w, err := os.OpenFile(f.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	put := func(at int, b byte) {
		t.Helper()
		if _, err := w.WriteAt([]byte{b}, int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	for at := page / 2; at < len(whole); at += page {
		put(at, whole[at]^0x10)
		bad, err := f.CheckSeals(t.Context(), f.key)
		if err != nil || len(bad) != 1 || bad[0] != int64(at/page)+1 {
			t.Errorf("page %d: found %v (%v)", at/page+1, bad, err)
		}
		put(at, whole[at])
	}
}

func TestAWrongKeyFailsEveryPage(t *testing.T) {
	f := busyStore(t)
	bad, err := f.CheckSeals(t.Context(), make([]byte, 32))
	if err != nil || len(bad) < 10 {
		t.Errorf("%d pages (%v)", len(bad), err)
	}
}

func TestDoctorsLooksStopWhenCancelled(t *testing.T) {
	f := busyStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, e1 := f.CheckSeals(ctx, f.key)
	_, e2 := f.Integrity(ctx)
	_, _, e3 := f.Contents(ctx)
	_, e4 := f.Verify(ctx)
	_, e5 := f.CheckOwnership(ctx)
	for i, err := range []error{e1, e2, e3, e4, e5} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d: %v", i+1, err)
		}
	}
}

// Cells that were changed through the open store carry good seals; the hash of
// the content tells.
func TestChangedCellsAreFoundByTheirHash(t *testing.T) {
	for name, damage := range map[string]string{
		"was changed":   "UPDATE dataset_column SET unit = 'cm' WHERE dataset = 1 AND ordinal = 1; UPDATE dataset_column SET cells = (SELECT cells FROM dataset_column WHERE dataset = 2 AND ordinal = 0), name = 'LGA' WHERE dataset = 2 AND ordinal = 0",
		"can't be read": "UPDATE dataset_column SET cells = x'00' WHERE dataset = 2 AND ordinal = 0",
	} {
		f := busyStore(t)
		disarm(t, f.Store)
		raw(t, f.Store, damage)
		_, bad, err := f.Contents(t.Context())
		if err != nil || len(bad) == 0 || !strings.Contains(bad[len(bad)-1], "match env, version 1, "+name) {
			t.Errorf("%s: %v (%v)", name, bad, err)
		}
	}
}

func TestLooseRowsAreFoundByTheStructureCheck(t *testing.T) {
	f := busyStore(t)
	disarm(t, f.Store)
	raw(t, f.Store, "DELETE FROM run WHERE id = 1")
	faults, err := f.Integrity(t.Context())
	if err != nil || len(faults) == 0 || !strings.Contains(faults[0], "a row of run that is not there") {
		t.Errorf("%v (%v)", faults, err)
	}
}

// FuzzHead: no text is taken for a head that was not sealed.
func FuzzHead(f *testing.F) {
	var c chain
	c.use(make([]byte, auditKeySize))
	good, err := c.encodeHead(head{count: 7, hash: "ab"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("7 ab " + strings.Repeat("0", 64))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := c.decodeHead(text)
		if err != nil && !errors.Is(err, ErrAudit) {
			t.Fatal(err)
		}
		if err == nil {
			if again, _ := c.encodeHead(h); again != text {
				t.Fatalf("%q was taken for %q", text, again)
			}
		}
	})
}

// FuzzEntrySeal: two entries that differ have different seals.
func FuzzEntrySeal(f *testing.F) {
	var c chain
	c.use(make([]byte, auditKeySize))
	f.Add("a", "b", []byte{1})
	f.Fuzz(func(t *testing.T, a, b string, cut []byte) {
		var at [8]byte
		copy(at[:], cut)
		whole := a + b
		i := int(binary.LittleEndian.Uint64(at[:]) % uint64(len(whole)+1))
		one, err1 := c.seal(a, b)
		two, err2 := c.seal(whole[:i], whole[i:])
		if err1 != nil || err2 != nil || (one == two) != (i == len(a)) {
			t.Fatalf("%q, %q and %q, %q", a, b, whole[:i], whole[i:])
		}
	})
}
