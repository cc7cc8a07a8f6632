package share

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
)

// List gives the bundles and backups of the user at the remote, oldest first,
// those of all her devices.
func (a *Reader) List(ctx context.Context) ([]Found, error) {
	v, err := a.read(ctx)
	if err != nil {
		return nil, a.problem(err, "list")
	}
	return v.list(), nil
}

// read greets and looks.
func (a *Reader) read(ctx context.Context) (*view, error) {
	if err := a.greet(ctx, false); err != nil {
		return nil, err
	}
	return a.look(ctx)
}

// problem turns an error into what a person can act on; nil stays nil.
func (a *Reader) problem(err error, op string) error {
	if _, ok := errors.AsType[*remote.Error](err); ok || remote.ClassOf(err) == remote.Cancelled {
		return remote.Problem(err, op, a.name)
	}
	return workspace.StoreProblem(err, op, a.name)
}

// Get finds what has this id, or begins with it.
func Get(all []Found, id string) (Found, error) {
	var match []Found
	for _, f := range all {
		if id != "" && strings.HasPrefix(f.ID, id) {
			match = append(match, f)
		}
	}
	switch len(match) {
	case 1:
		return match[0], nil
	case 0:
		return Found{}, problem.New(problem.NotFound, "share", id, "there is nothing of this id", "See what is there with `mrpt sync list`")
	}
	return Found{}, problem.New(problem.Usage, "share", id, "several ids begin like this", "Give more of it")
}

// Fetch reads a bundle and checks all of it: every part against the hash in the
// signed manifest, its seal, the whole, and every file.
func (a *Reader) Fetch(ctx context.Context, f Found, tell action.Progress) ([]bundle.File, error) {
	plain, err := a.parts(ctx, f, tell)
	if err != nil {
		return nil, a.problem(err, "fetch")
	}
	files, err := bundle.Join(f.Entry, plain)
	if err != nil {
		return nil, a.problem(alarm(f.ID, err.Error()), "fetch")
	}
	return files, nil
}

// parts reads and opens the parts of a bundle, some at a time.
func (a *Reader) parts(ctx context.Context, f Found, tell action.Progress) ([][]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	plain := make([][]byte, len(f.Parts))
	var mu sync.Mutex
	done := 0
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for i, p := range f.Parts {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			data, err := a.part(ctx, p)
			if err != nil {
				cancel(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			plain[i] = data
			done++
			tell("fetching", done, len(f.Parts))
		})
	}
	wg.Wait()
	return plain, context.Cause(ctx)
}

// part reads one part and opens it.
func (a *Reader) part(ctx context.Context, p bundle.Part) ([]byte, error) {
	key, err := remote.PartKey(p.Name)
	if err != nil {
		return nil, alarm(p.Name, err.Error())
	}
	sealed, err := a.remote.Get(ctx, key)
	if remote.ClassOf(err) == remote.Absent {
		return nil, alarm(key.String(), "a part is gone")
	}
	if err != nil {
		return nil, err
	}
	if bundle.Hash(sealed) != p.SHA256 {
		return nil, alarm(key.String(), "a part is not what was stored")
	}
	plain, err := a.keys.Open(sealed)
	if err != nil {
		return nil, alarm(key.String(), err.Error())
	}
	return plain, nil
}

// Fault is something that verification found.
type Fault struct {
	ID    string // of the bundle, "" for none
	Title string
	Key   string // what is wrong
	What  string
}

// Checked says what a verification looked at.
type Checked struct {
	Bundles, Parts int
	Read           int // parts whose bytes were read
	Strange        int // objects that are not ours
	Unlisted       int // parts that no manifest lists: of a sending that broke off, or deleted
	Faults         []Fault
}

// Verify checks the manifests, their chains and signatures, that every part is
// there and of the right size, and, of every nth bundle (1 for all, 0 for
// none), every byte.
func (a *Reader) Verify(ctx context.Context, nth int, tell action.Progress) (*Checked, error) {
	if err := a.greet(ctx, false); err != nil {
		return nil, a.problem(err, "verify")
	}
	out := &Checked{}
	if err := a.compareSeen(ctx, out); err != nil {
		return nil, a.problem(err, "verify")
	}
	v, err := a.look(ctx)
	if e, ok := errors.AsType[*remote.Error](err); ok && e.Class == remote.Integrity {
		out.Faults = append(out.Faults, Fault{Key: e.Key, What: e.Note})
		return out, nil
	}
	if err != nil {
		return nil, a.problem(err, "verify")
	}
	list, err := a.remote.List(ctx, remote.Parts)
	if err != nil {
		return nil, a.problem(err, "verify")
	}
	out.Strange = list.Strange
	sizes := map[string]int64{}
	for _, o := range list.Objects {
		sizes[remote.PartName(o.Key)] = o.Size
	}
	listed := map[string]bool{}
	for i, f := range v.list() {
		tell("verifying", i, len(v.found))
		out.Bundles++
		if err := a.check(ctx, f, sizes, nth > 0 && i%nth == 0, out); err != nil {
			return nil, a.problem(err, "verify")
		}
		for _, p := range f.Parts {
			listed[p.Name] = true
		}
	}
	for name := range sizes {
		if !listed[name] {
			out.Unlisted++
		}
	}
	return out, nil
}

// check looks at one bundle.
func (a *Reader) check(ctx context.Context, f Found, sizes map[string]int64, read bool, out *Checked) error {
	fault := func(key, what string) {
		out.Faults = append(out.Faults, Fault{ID: f.ID, Title: f.Title, Key: key, What: what})
	}
	bad := false
	for _, p := range f.Parts {
		out.Parts++
		switch size, there := sizes[p.Name]; {
		case !there:
			fault(p.Name, "a part is gone")
			bad = true
		case size != p.Size:
			fault(p.Name, fmt.Sprintf("a part has %d bytes, not %d", size, p.Size))
			bad = true
		}
	}
	if bad || !read {
		return nil
	}
	_, err := a.Fetch(ctx, f, func(string, int, int) {})
	out.Read += len(f.Parts)
	if e, ok := errors.AsType[*remote.Error](err); ok && e.Class == remote.Integrity {
		fault(e.Key, e.Note)
		return nil
	}
	return err
}

// compareSeen reads the manifests again that were seen before: one that was
// replaced since is not noticed otherwise, since they are kept.
func (a *Reader) compareSeen(ctx context.Context, out *Checked) error {
	seen, err := a.memory.Seen(ctx)
	if err != nil {
		return err
	}
	for path, sealed := range seen {
		key, err := remote.ParseKey(path)
		if err != nil {
			return err
		}
		lies, err := a.remote.Get(ctx, key)
		switch {
		case remote.ClassOf(err) == remote.Absent: // look tells
		case err != nil:
			return err
		case bundle.Hash(lies) != bundle.Hash(sealed):
			out.Faults = append(out.Faults, Fault{Key: path, What: "a manifest was exchanged since it was first seen"})
		}
	}
	return nil
}
