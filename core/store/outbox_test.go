package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
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
			if !yield(SealedPart{Name: fmt.Sprint("part", i), SHA256: digestOf("sealed"), Sealed: []byte("sealed")}, nil) {
				return
			}
		}
	}
	s, err := f.Store.Enqueue(t.Context(), NewShipment{Remote: r.ID, Project: p, Kind: "results", Title: "Kwara", Entry: func() any { return struct{}{} }, Parts: parts})
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
	if data, _, err := f.Store.PartBytes(ctx, s.ID, 1); string(data) != "sealed" {
		t.Errorf("part 1 is %q (%v)", data, err)
	}
	s.State = Delivered
	if err := f.Store.SetShipment(ctx, s); err != nil {
		t.Fatal(err)
	}
	if files := sealedIn(t, f); len(files) != 0 {
		t.Errorf("there still lie %v", files)
	}
	if data, _, err := f.Store.PartBytes(ctx, s.ID, 0); !errors.Is(err, ErrNotFound) {
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
	_, err := f.Store.Enqueue(t.Context(), NewShipment{Remote: r.ID, Kind: "results", Entry: func() any { return nil }, Parts: func(yield func(SealedPart, error) bool) {
		_ = yield(SealedPart{Name: "a", Sealed: []byte("x")}, nil) && yield(SealedPart{}, broken)
	}})
	if all, _ := f.Store.Shipments(t.Context()); !errors.Is(err, broken) || len(all) != 1 {
		t.Errorf("%d shipments (%v)", len(all), err)
	}
	if files := sealedIn(t, f); len(files) != 1 {
		t.Errorf("in the outbox lie %v", files)
	}
}

// A backup of the whole profile that waits holds the project that is erased: it
// goes too, and not a byte of it stays. What was sent before stays on record,
// and so does what waits of another project.
func TestErasingAProjectGivesUpWaitingBackups(t *testing.T) {
	f := newStore(t, "amina")
	ctx := t.Context()
	kwara, err := f.Store.EnsureProject(ctx, "Kwara")
	if err != nil {
		t.Fatal(err)
	}
	kano, err := f.Store.EnsureProject(ctx, "Kano")
	if err != nil {
		t.Fatal(err)
	}
	_, sent := shipped(t, f, ProjectID{}, 2)
	sent.State = Delivered
	if err := f.Store.SetShipment(ctx, sent); err != nil {
		t.Fatal(err)
	}
	_, waiting := shipped(t, f, ProjectID{}, 2)
	_, paused := shipped(t, f, ProjectID{}, 2)
	paused.State = Paused
	if err := f.Store.SetShipment(ctx, paused); err != nil {
		t.Fatal(err)
	}
	_, other := shipped(t, f, kano.ID, 2)
	if _, err := f.Store.EraseProject(ctx, kwara.ID); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[ShipmentID]ShipmentState{sent.ID: Delivered, waiting.ID: Cancelled, paused.ID: Cancelled, other.ID: Waiting} {
		if s, err := f.Store.Shipment(ctx, id); err != nil || s.State != want {
			t.Errorf("number %d is %s, want %s (%v)", id.N, s.State, want, err)
		}
	}
	if files := sealedIn(t, f); len(files) != 1 {
		t.Errorf("there lie %v", files)
	}
	if _, _, err := f.Store.PartBytes(ctx, waiting.ID, 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("a part of the backup can be read (%v)", err)
	}
	entries, err := f.Store.Audit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, e := range entries {
		if strings.Contains(string(e.Detail), "held an erased project") {
			told++
		}
	}
	if told != 2 {
		t.Errorf("the audit tells of %d backups", told)
	}
	verified(t, f.Store)
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
	if files := sealedIn(t, f); len(files) != 0 {
		t.Errorf("after erasing there lie %v", files)
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
	if files := sealedIn(t, f); len(files) != 0 {
		t.Errorf("after forgetting there lie %v", files)
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

func digestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// sealedIn names the files of a store's outbox.
func sealedIn(t *testing.T, f fixture) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(f.path), OutboxFolder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Whatever is done to the file of sealed parts, its bytes are those that were
// put there or none.
func TestSealedPartsAreWhatWasPutThere(t *testing.T) {
	f := newStore(t, "amina")
	ctx := t.Context()
	_, s := shipped(t, f, ProjectID{}, 2)
	file := sealedIn(t, f)[0]
	if waiting, broken, err := f.Store.VerifyOutbox(ctx); err != nil || waiting != 1 || len(broken) != 0 {
		t.Errorf("as it was put there: %d wait, %v broken (%v)", waiting, broken, err)
	}
	whole, err := os.ReadFile(file)
	if err != nil || len(whole) != 12 {
		t.Fatalf("%d bytes (%v)", len(whole), err)
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v (%v)", info.Mode(), err)
	}
	for i := range whole {
		bent := bytes.Clone(whole)
		bent[i] ^= 1
		if err := os.WriteFile(file, bent, 0o600); err != nil {
			t.Fatal(err)
		}
		if data, _, err := f.Store.PartBytes(ctx, s.ID, i/6); !errors.Is(err, ErrPartsGone) {
			t.Errorf("byte %d changed: %q (%v)", i, data, err)
		}
		if waiting, broken, err := f.Store.VerifyOutbox(ctx); err != nil || waiting != 1 || len(broken) != 1 {
			t.Errorf("byte %d changed: %d wait, %v broken (%v)", i, waiting, broken, err)
		}
	}
	for n := range 12 {
		if err := os.WriteFile(file, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if data, _, err := f.Store.PartBytes(ctx, s.ID, 1); !errors.Is(err, ErrPartsGone) {
			t.Errorf("cut at %d: %q (%v)", n, data, err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if data, _, err := f.Store.PartBytes(ctx, s.ID, 0); !errors.Is(err, ErrPartsGone) {
		t.Errorf("removed: %q (%v)", data, err)
	}
}

// The next opening removes what a crash left, touches nothing else, and gives
// up what can't be sent any more.
func TestTheNextOpeningTidiesTheOutbox(t *testing.T) {
	f := newStore(t, "amina")
	ctx := t.Context()
	_, kept := shipped(t, f, ProjectID{}, 2)
	folder := filepath.Dir(sealedIn(t, f)[0])
	orphan, strange := filepath.Join(folder, strings.Repeat("ab", 16)+".sealed"), filepath.Join(folder, "notes.txt")
	for _, name := range []string{orphan, strange} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Store.Close(); err != nil {
		t.Fatal(err)
	}
	f.Store = reopen(t, f, "amina")
	if files := sealedIn(t, f); len(files) != 2 || slices.Contains(files, orphan) {
		t.Errorf("after opening there lie %v", files)
	}
	if data, _, err := f.Store.PartBytes(ctx, kept.ID, 0); string(data) != "sealed" {
		t.Errorf("what waits is %q (%v)", data, err)
	}
	if err := f.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	f.Store = reopen(t, f, "amina")
	if s, err := f.Store.Shipment(ctx, kept.ID); err != nil || s.State != Cancelled || s.Trouble != "lost" {
		t.Errorf("without its file a shipment is %s, %q (%v)", s.State, s.Trouble, err)
	}
}
