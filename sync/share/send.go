package share

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
)

// parallel is how many parts are under way at once: on a line with a long round
// trip four keep it full, on a thin one they share it.
const parallel = 4

// Deliver sends a waiting shipment, or what is left of it, and marks it
// delivered. Its errors are those of the remote (remote.Error) or the store; the
// caller decides whether to try again. What got through stays.
func (a *Account) Deliver(ctx context.Context, s store.Shipment, tell action.Progress) error {
	if s.State != store.Waiting || s.Remote != a.row.ID {
		return store.ErrNotFound
	}
	var e bundle.Entry
	if err := json.Unmarshal(s.Entry, &e); err != nil {
		return fmt.Errorf("shipment %d: %w", s.ID.N, err)
	}
	err := a.deliver(ctx, s, e, tell)
	if errors.Is(err, store.ErrPartsGone) {
		s.State, s.Trouble = store.Cancelled, store.Lost
		return errors.Join(problem.New(problem.Store, "sync send", s.Title, "what was to be sent is gone from this computer, or was changed",
			"Nothing of it was sent as if it were whole; share these results again").Because(err), a.shared.SetShipment(ctx, s))
	}
	return err
}

func (a *Account) deliver(ctx context.Context, s store.Shipment, e bundle.Entry, tell action.Progress) error {
	tell("looking at what is there", 0, 0)
	if err := a.greet(ctx, true); err != nil {
		return err
	}
	if err := a.renewRing(ctx); err != nil {
		return err
	}
	v, err := a.look(ctx)
	if err != nil {
		return err
	}
	reused, err := a.upload(ctx, s, v, tell)
	if err != nil {
		return err
	}
	if reused > 0 {
		if err := a.nobodyPrunes(ctx); err != nil {
			return err
		}
	}
	if e.Parts, err = a.partsOf(ctx, s); err != nil {
		return err
	}
	tell("finishing", 0, 0)
	if err := a.publish(ctx, shelfOf(s.Kind), v, e); err != nil {
		return err
	}
	s.State, s.Trouble = store.Delivered, ""
	return a.shared.SetShipment(ctx, s) // in the audit too
}

func shelfOf(kind string) remote.Shelf {
	if kind == bundle.Backup {
		return remote.Backups
	}
	return remote.Bundles
}

// renewRing leaves a ring for a recovery code that is new since the last time.
func (a *Account) renewRing(ctx context.Context) error {
	before := a.set.Ring
	if err := a.leaveRing(ctx); err != nil || a.set.Ring == before {
		return err
	}
	return a.save(ctx, "")
}

// nobodyPrunes makes sure, before a manifest lists parts that lay there before,
// that no prune is under way: it might have found them unneeded a moment ago.
func (a *Account) nobodyPrunes(ctx context.Context) error {
	list, err := a.remote.List(ctx, remote.LockShelf)
	if err == nil && len(list.Objects) > 0 {
		err = remote.Fail(remote.Throttled, "look", remote.LockKey().String(), errors.New("a prune is under way"))
	}
	return err
}

// upload sends the parts that are not there, and says how many were.
func (a *Account) upload(ctx context.Context, s store.Shipment, v *view, tell action.Progress) (reused int, err error) {
	parts, err := a.shared.ShipmentParts(ctx, s.ID)
	if err != nil {
		return 0, err
	}
	list, err := a.remote.List(ctx, remote.Parts)
	if err != nil {
		return 0, err
	}
	there := map[string]int64{}
	for _, o := range list.Objects {
		there[remote.PartName(o.Key)] = o.Size
	}
	u := &uploading{a: a, s: s, total: len(parts), tell: tell, saved: a.w.Now()}
	var known []store.StoredPart
	for i, p := range parts {
		listed, isListed := v.parts[p.Name]
		size, lies := there[p.Name]
		switch {
		case lies && p.Stored && size == p.Size:
			u.done++
		case lies && isListed && size == listed.Size: // sent before, in this bundle's earlier version or another
			known = append(known, store.StoredPart{Part: i, SHA256: listed.SHA256, Size: listed.Size})
			u.done++
		default:
			u.todo = append(u.todo, task{i, p, lies})
		}
	}
	if len(known) > 0 {
		if err := a.shared.PartsStored(ctx, s.ID, known); err != nil {
			return 0, err
		}
	}
	return len(known), u.all(ctx)
}

// task is a part to be sent; lies is whether something has its name already.
type task struct {
	i    int
	part store.SealedPart
	lies bool
}

// uploading sends parts, some at a time.
type uploading struct {
	a     *Account
	s     store.Shipment
	todo  []task
	total int
	tell  action.Progress

	mu     sync.Mutex
	done   int
	stored []store.StoredPart // not yet noted in the profile
	saved  time.Time          // when that was last begun
	err    error
}

func (u *uploading) all(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	u.tell("sending", u.done, u.total)
	next := make(chan task)
	var wg sync.WaitGroup
	for range min(parallel, len(u.todo)) {
		wg.Go(func() {
			for t := range next {
				if err := u.one(ctx, t); err != nil {
					u.fail(err)
					cancel()
				}
			}
		})
	}
	for _, t := range u.todo {
		select {
		case next <- t:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
	if u.err == nil {
		u.err = ctx.Err()
	}
	if err := u.save(ctx); u.err == nil {
		u.err = err
	}
	return u.err
}

func (u *uploading) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil { // what follows is the stopping of the others
		u.err = err
	}
}

// between is the least time between two notes in the profile. On a line on
// which parts are slow each is noted at once; on a fast one the notes would take
// longer than the sending. What is not noted when the computer fails is read
// back by the next sending, and not sent again.
const between = time.Second

// one sends a part.
func (u *uploading) one(ctx context.Context, t task) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sealed, sum, err := u.a.shared.PartBytes(ctx, u.s.ID, t.i)
	if err != nil {
		return err
	}
	p, err := u.a.put(ctx, t.part, remote.Body{Data: sealed, SHA256: sum}, t.lies)
	if err != nil {
		return err
	}
	if !u.sent(t, p) {
		return nil
	}
	return u.save(ctx)
}

// sent tells that a part got through, and reports whether it is time for a note.
func (u *uploading) sent(t task, p store.SealedPart) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.done++
	u.tell("sending", u.done, u.total)
	u.stored = append(u.stored, store.StoredPart{Part: t.i, SHA256: p.SHA256, Size: p.Size})
	now := u.a.w.Now()
	if now.Sub(u.saved) < between {
		return false
	}
	u.saved = now
	return true
}

// save notes in the profile what lies at the remote. Meanwhile the others go on
// sending: the note may be what moves the whole shipment from the store's log
// into its file.
func (u *uploading) save(ctx context.Context) error {
	u.mu.Lock()
	stored := u.stored
	u.stored = nil
	u.mu.Unlock()
	if len(stored) == 0 {
		return nil
	}
	return u.a.shared.PartsStored(context.WithoutCancel(ctx), u.s.ID, stored)
}

// put stores a part. When something has its name already, as there may say
// beforehand, that is read back: it may be this very part, of an attempt whose
// answer was lost, or the same bytes sealed by another device. Anything else is
// replaced, since the name says what it must be.
func (a *Account) put(ctx context.Context, p store.SealedPart, sealed remote.Body, there bool) (store.SealedPart, error) {
	key, err := remote.PartKey(p.Name)
	if err != nil {
		return p, err
	}
	if !there {
		created, err := a.remote.Create(ctx, key, sealed)
		if err != nil || created {
			return p, err
		}
	}
	lies, err := a.remote.Get(ctx, key)
	switch {
	case remote.ClassOf(err) == remote.Absent: // it was deleted, and the server remembers the name
		return p, a.remote.Overwrite(ctx, key, sealed)
	case err != nil:
		return p, err
	case bytes.Equal(lies, sealed.Data):
		return p, nil
	}
	ours, err := a.keys.Open(sealed.Data)
	if err != nil {
		return p, err
	}
	theirs, err := a.keys.Open(lies)
	if err != nil || !bytes.Equal(ours, theirs) {
		return p, a.remote.Overwrite(ctx, key, sealed)
	}
	p.SHA256, p.Size = bundle.Hash(lies), int64(len(lies))
	return p, nil
}

// partsOf are the parts of a shipment as its manifest shall list them.
func (a *Account) partsOf(ctx context.Context, s store.Shipment) ([]bundle.Part, error) {
	parts, err := a.shared.ShipmentParts(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	out := make([]bundle.Part, len(parts))
	for i, p := range parts {
		if !p.Stored {
			return nil, fmt.Errorf("part %d of shipment %d is not there", i, s.ID.N)
		}
		out[i] = bundle.Part{Name: p.Name, Size: p.Size, SHA256: p.SHA256}
	}
	return out, nil
}

// clones is how often a device takes a new id because another has its own.
const clones = 3

// publish writes the next manifest of this device with the entry in it, unless
// the newest of that id says the same already. The number may be taken: by this
// device itself, when the answer was lost, or by a copy of it, as a profile put
// back from a backup is. A copy goes on under an id of its own.
func (a *Account) publish(ctx context.Context, shelf remote.Shelf, v *view, e bundle.Entry) error {
	for range clones {
		if old, there := v.found[e.ID]; there {
			if same(old.Entry, e) {
				return nil
			}
			e.Rev = old.Rev + 1
		}
		taken, err := a.write(ctx, shelf, v, e)
		if err != nil || !taken {
			return err
		}
		a.set.Device = newDevice()
		if err := a.save(ctx, "another device went on under this one's id; it has a new one"); err != nil {
			return err
		}
		if v, err = a.look(ctx); err != nil {
			return err
		}
	}
	return remote.Fail(remote.Conflict, "put", "manifest", errors.New("every number is taken"))
}

// same reports whether an entry says what another does.
func same(a, b bundle.Entry) bool {
	if a.Deleted || b.Deleted {
		return a.Deleted && b.Deleted
	}
	if a.SHA256 != b.SHA256 || len(a.Parts) != len(b.Parts) {
		return false
	}
	for i := range a.Parts {
		if a.Parts[i] != b.Parts[i] {
			return false
		}
	}
	return true
}

func (a *Account) write(ctx context.Context, shelf remote.Shelf, v *view, e bundle.Entry) (taken bool, err error) {
	m := &bundle.Manifest{
		Format: bundle.Format, Kind: bundle.Results, User: string(a.set.User), Device: a.set.Device, Seen: maps.Clone(v.heads[shelf]),
		Written: a.w.Now().UTC(), Program: a.w.Version(), Entries: []bundle.Entry{e},
	}
	circle := a.circle
	if shelf == remote.Backups {
		m.Kind, circle = bundle.Backup, a.self
	}
	if head, ok := m.Seen[a.set.Device]; ok {
		m.Seq, m.Prev = head.Seq+1, head.Hash
		delete(m.Seen, a.set.Device)
	}
	key, err := remote.ManifestKey(shelf, m.Device, m.Seq)
	if err != nil {
		return false, err
	}
	sealed, err := circle.Write(m)
	if err != nil {
		return false, err
	}
	created, err := a.remote.Create(ctx, key, remote.BodyOf(sealed))
	if err != nil {
		return false, err
	}
	if !created {
		lies, err := a.remote.Get(ctx, key)
		if err != nil {
			return false, err
		}
		if !bytes.Equal(lies, sealed) {
			return true, nil
		}
	}
	return false, a.memory.Saw(ctx, key.String(), sealed)
}
