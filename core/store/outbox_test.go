package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// shipped puts a remote and a shipment of n parts into a store.
func shipped(t *testing.T, f fixture, p ProjectID, n int) (Remote, Shipment) {
	t.Helper()
	r, err := f.Store.PutRemote(t.Context(), "office", map[string]string{"secret_key": "sesame"}, "set up")
	if err != nil {
		t.Fatal(err)
	}
	parts := func(yield func(SealedPart, error) bool) {
		for i := range n {
			if !yield(SealedPart{Name: fmt.Sprint("part", i), SHA256: fmt.Sprint(i), Sealed: []byte("sealed")}, nil) {
				return
			}
		}
	}
	s, err := f.Store.Enqueue(t.Context(), NewShipment{Remote: r.ID, Project: p, Kind: "results", Title: "Kwara", Entry: struct{}{}, Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

// A shipment keeps its parts until it ends, and then no byte of them; its end
// stands in the audit.
func TestAShipmentEnds(t *testing.T) {
	f := newStore(t, "amina")
	ctx := t.Context()
	_, s := shipped(t, f, ProjectID{}, 3)
	if s.Parts != 3 || s.Bytes != 18 || s.Stored != 0 || s.State != Waiting {
		t.Errorf("%+v", s)
	}
	if err := f.Store.PartsStored(ctx, s.ID, []StoredPart{{Part: 1, SHA256: "other", Size: 7}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Store.PartsStored(ctx, s.ID, []StoredPart{{Part: 9}}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a part that is not there: %v", err)
	}
	parts, err := f.Store.ShipmentParts(ctx, s.ID)
	if err != nil || len(parts) != 3 || !parts[1].Stored || parts[1].SHA256 != "other" || parts[0].Stored {
		t.Errorf("%+v (%v)", parts, err)
	}
	s.State = Delivered
	if err := f.Store.SetShipment(ctx, s); err != nil {
		t.Fatal(err)
	}
	if data, err := f.Store.PartBytes(ctx, s.ID, 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("%q is kept (%v)", data, err)
	}
	s.State = Waiting
	if err := f.Store.SetShipment(ctx, s); !errors.Is(err, ErrNotFound) {
		t.Errorf("a shipment that ended waits again: %v", err)
	}
	entries, err := f.Store.Audit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	last := entries[len(entries)-1]
	if last.Kind != AuditShare || last.Subject != "office" || !strings.Contains(string(last.Detail), "delivered results Kwara") {
		t.Errorf("%+v", last)
	}
	for _, e := range entries {
		if strings.Contains(string(e.Detail), "sesame") {
			t.Errorf("the audit holds a secret: %s", e.Detail)
		}
	}
}

// A part that can't be sealed leaves nothing of its shipment.
func TestHalfAShipmentIsNone(t *testing.T) {
	f := newStore(t, "amina")
	r, _ := shipped(t, f, ProjectID{}, 1)
	broken := errors.New("broken")
	_, err := f.Store.Enqueue(t.Context(), NewShipment{Remote: r.ID, Kind: "results", Parts: func(yield func(SealedPart, error) bool) {
		_ = yield(SealedPart{Name: "a", Sealed: []byte("x")}, nil) && yield(SealedPart{}, broken)
	}})
	if all, _ := f.Store.Shipments(t.Context()); !errors.Is(err, broken) || len(all) != 1 {
		t.Errorf("%d shipments (%v)", len(all), err)
	}
}

// Forgetting a remote and erasing a project take along what waits.
func TestWhatWaitsGoesWithItsRemoteAndProject(t *testing.T) {
	f := newStore(t, "amina")
	ctx := t.Context()
	p, err := f.Store.EnsureProject(ctx, "Kwara")
	if err != nil {
		t.Fatal(err)
	}
	r, s := shipped(t, f, p.ID, 2)
	if err := f.Store.SawManifest(ctx, r.ID, "m/x", []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	if gone, err := f.Store.EraseProject(ctx, p.ID); err != nil || gone["shipment"] != 1 || gone["shipment_part"] != 2 {
		t.Errorf("%v (%v)", gone, err)
	}
	if _, err := f.Store.Shipment(ctx, s.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("after erasing: %v", err)
	}
	_, s = shipped(t, f, ProjectID{}, 2)
	if err := f.Store.ForgetRemote(ctx, r.ID); err != nil {
		t.Fatal(err)
	}
	if all, err := f.Store.Remotes(ctx); err != nil || len(all) != 0 {
		t.Errorf("%v (%v)", all, err)
	}
	if _, err := f.Store.Shipment(ctx, s.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("after forgetting: %v", err)
	}
	if err := f.Store.ForgetRemote(ctx, r.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("forgotten twice: %v", err)
	}
}

// Neither a remote nor a key prints what it holds.
func TestRemotesPrintNoSecret(t *testing.T) {
	f := newStore(t, "amina")
	r, _ := shipped(t, f, ProjectID{}, 1)
	k := ShareKey{Kid: "1234", Seed: []byte("sesame")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		if got := fmt.Sprintf(verb+verb, r, k); got != "remote officeshare key 1234" {
			t.Errorf("%s: %s", verb, got)
		}
	}
}
