package share

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
)

// Remove puts a tombstone: a manifest that says that a bundle is gone. Its parts
// stay until a prune, and whoever may read old versions of objects can read
// them until the storage forgets those.
func (a *Account) Remove(ctx context.Context, f Found) error {
	v, err := a.read(ctx)
	if err != nil {
		return a.problem(err, "remove")
	}
	e := bundle.Entry{ID: f.ID, Rev: f.Rev + 1, Title: f.Title, Project: f.Project, Made: f.Made, Deleted: true}
	return a.problem(a.publish(ctx, shelfOf(f.Kind), v, e), "remove")
}

// Grace is how old, by the remote's own clock, a part must be before a prune
// takes it: longer than any sending can be under way.
const Grace = 14 * 24 * time.Hour

// stale is how old a lease is before it is somebody's who will not come back.
const stale = time.Hour

// settle is the time between the two readings: whoever was about to write a
// manifest when the lease was taken has written it by then.
const settle = time.Minute

// lease is what the lock holds.
type lease struct {
	Device string `json:"device"`
	Token  string `json:"token"`
}

// Pruned says what a prune did.
type Pruned struct {
	Deleted int
	Bytes   int64
	Kept    int // that no manifest lists, but too young
}

// Prune deletes the parts that no bundle needs any more and that are older than
// Grace. It works under a lease, so that one device does it at a time; reads
// the manifests and the parts twice; and deletes nothing on the strength of a
// reading that failed or of this computer's clock. The access key must be
// allowed to delete, which a device's usually is not.
func (a *Account) Prune(ctx context.Context, tell action.Progress) (*Pruned, error) {
	out, err := a.prune(ctx, tell)
	return out, a.problem(err, "prune")
}

func (a *Account) prune(ctx context.Context, tell action.Progress) (out *Pruned, err error) {
	if err := a.greet(ctx, false); err != nil {
		return nil, err
	}
	mine, now, err := a.take(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if holds, e := a.holds(ctx, mine); e == nil && holds {
			err = errors.Join(err, a.remote.Delete(ctx, remote.LockKey()))
		}
	}()
	first, _, err := a.unneeded(ctx, now)
	if err != nil {
		return nil, err
	}
	if err := a.around.Wait(ctx, settle); err != nil {
		return nil, err
	}
	second, kept, err := a.unneeded(ctx, now)
	if err != nil {
		return nil, err
	}
	out = &Pruned{Kept: kept}
	for i, o := range second {
		if _, twice := first[i]; !twice {
			out.Kept++
			continue
		}
		tell("deleting", out.Deleted, len(second))
		if holds, err := a.holds(ctx, mine); err != nil || !holds {
			return out, errors.Join(err, remote.Fail(remote.Conflict, "prune", "", errors.New("another device took the lease")))
		}
		if err := a.remote.Delete(ctx, o.Key); err != nil {
			return out, err
		}
		out.Deleted++
		out.Bytes += o.Size
	}
	return out, nil
}

// unneeded gives the parts, by name, that no manifest lists and that are old
// enough, and how many are too young. What a device made of a bundle at the
// same time as another is still needed; what a bundle was before is not.
func (a *Account) unneeded(ctx context.Context, now time.Time) (old map[string]remote.Object, young int, err error) {
	v, err := a.look(ctx)
	if err != nil {
		return nil, 0, err
	}
	needed := map[string]bool{}
	for _, f := range v.found {
		if f.Deleted {
			continue
		}
		for _, each := range append([]Found{f}, f.Others...) {
			if each.Rev != f.Rev {
				continue
			}
			for _, p := range each.Parts {
				needed[p.Name] = true
			}
		}
	}
	list, err := a.remote.List(ctx, remote.Parts)
	if err != nil {
		return nil, 0, err
	}
	old = map[string]remote.Object{}
	for _, o := range list.Objects {
		name := remote.PartName(o.Key)
		switch {
		case needed[name]:
		case o.Modified.IsZero() || now.Sub(o.Modified) < Grace:
			young++
		default:
			old[name] = o
		}
	}
	return old, young, nil
}

// take gets the lease and the time of the remote's clock, which is when it
// stored the lease. Only whether somebody's lease is old is asked of this
// computer's clock: two prunes at once would still delete the same parts only.
func (a *Account) take(ctx context.Context) (mine lease, now time.Time, err error) {
	mine = lease{Device: a.set.Device, Token: newDevice()}
	text, err := json.Marshal(mine)
	if err != nil {
		return mine, now, err
	}
	for range 2 {
		created, err := a.remote.Create(ctx, remote.LockKey(), remote.BodyOf(text))
		if err != nil {
			return mine, now, err
		}
		at, err := a.lockTime(ctx)
		if err != nil {
			return mine, now, err
		}
		if created {
			return mine, at, nil
		}
		if a.w.Now().Sub(at) < stale {
			break
		}
		if err := a.remote.Delete(ctx, remote.LockKey()); err != nil {
			return mine, now, err
		}
	}
	return mine, now, problem.New(problem.Conflict, "prune", a.row.Name, "another device is pruning", "Try again in an hour")
}

func (a *Account) lockTime(ctx context.Context) (time.Time, error) {
	list, err := a.remote.List(ctx, remote.LockShelf)
	if err != nil {
		return time.Time{}, err
	}
	for _, o := range list.Objects {
		if o.Key == remote.LockKey() {
			return o.Modified, nil
		}
	}
	return time.Time{}, remote.Fail(remote.Conflict, "list", remote.LockKey().String(), errors.New("the lease is gone"))
}

// holds reports whether the lease is still this one.
func (a *Account) holds(ctx context.Context, mine lease) (bool, error) {
	data, err := a.remote.Get(ctx, remote.LockKey())
	if remote.ClassOf(err) == remote.Absent {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var l lease
	return json.Unmarshal(data, &l) == nil && l == mine, nil
}
