package share

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
)

// Found is a bundle or backup as a manifest lists it.
type Found struct {
	bundle.Entry
	Kind   string // bundle.Results or bundle.Backup
	Device string
	Seq    int64
	Others []Found // what other devices made of it, when two changed it at once, and older versions
}

// view is what the manifests of a user say, all checked.
type view struct {
	heads map[remote.Shelf]map[string]bundle.Head // by device
	found map[string]Found                        // by id, the newest of each
	parts map[string]bundle.Part                  // every part any manifest lists, by name
}

// step is one manifest with where it lies.
type step struct {
	key      remote.Key
	sealed   []byte
	manifest *bundle.Manifest
	hash     string
}

// look reads the manifests of the remote and checks every chain.
func (a *Reader) look(ctx context.Context) (*view, error) {
	return a.lookAt(ctx, remote.Bundles, remote.Backups)
}

func (a *Reader) lookAt(ctx context.Context, shelves ...remote.Shelf) (*view, error) {
	seen, err := a.memory.Seen(ctx)
	if err != nil {
		return nil, err
	}
	v := &view{heads: map[remote.Shelf]map[string]bundle.Head{}, found: map[string]Found{}, parts: map[string]bundle.Part{}}
	for _, shelf := range shelves {
		steps, err := a.chains(ctx, shelf, seen)
		if err != nil {
			return nil, err
		}
		v.add(shelf, steps)
	}
	return v, nil
}

// chains reads the manifests of a shelf. One device may write while the listing
// is under way, and another tell of it: what seems to be missing is looked for
// once more.
func (a *Reader) chains(ctx context.Context, shelf remote.Shelf, seen map[string][]byte) ([]step, error) {
	for again := false; ; again = true {
		list, err := a.remote.List(ctx, shelf)
		if err != nil {
			return nil, err
		}
		if err := nothingGone(shelf, list, seen); err != nil {
			return nil, err
		}
		steps, err := a.fetch(ctx, shelf, list, seen)
		if err != nil {
			return nil, err
		}
		err = whole(shelf, steps)
		if err != nil && !again {
			continue
		}
		return steps, err
	}
}

// alarm is the error of a remote whose manifests do not fit together.
func alarm(key, what string) error {
	return &remote.Error{Class: remote.Integrity, Op: "look", Key: key, Note: what, Err: errors.New(what)}
}

// nothingGone finds a manifest that was there before and is not any more.
func nothingGone(shelf remote.Shelf, list remote.Listing, seen map[string][]byte) error {
	there := map[string]bool{}
	for _, o := range list.Objects {
		there[o.Key.String()] = true
	}
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		if strings.HasPrefix(key, string(shelf)) && !there[key] {
			return alarm(key, "a manifest that was there is gone: the remote was put back to an earlier state, or somebody took it away")
		}
	}
	return nil
}

// fetch reads the manifests that are listed, those seen before from the
// profile, and keeps the new ones that pass. They never change.
func (a *Reader) fetch(ctx context.Context, shelf remote.Shelf, list remote.Listing, seen map[string][]byte) ([]step, error) {
	var out []step
	for _, o := range list.Objects {
		sealed, known := seen[o.Key.String()]
		if !known {
			var err error
			if sealed, err = a.remote.Get(ctx, o.Key); err != nil {
				return nil, err
			}
		}
		s, err := a.open(shelf, o.Key, sealed)
		if err != nil {
			return nil, err
		}
		if !known {
			if err := a.memory.Saw(ctx, o.Key.String(), sealed); err != nil {
				return nil, err
			}
			seen[o.Key.String()] = sealed
		}
		out = append(out, s)
	}
	return out, nil
}

// open reads a manifest and makes sure that it is the user's and lies where it
// was put.
func (a *Reader) open(shelf remote.Shelf, key remote.Key, sealed []byte) (step, error) {
	m, signer, err := a.keys.Read(sealed)
	if err != nil {
		return step{}, alarm(key.String(), err.Error())
	}
	if !a.trusts(signer) {
		return step{}, alarm(key.String(), bundle.ErrSignature.Error())
	}
	kind := map[remote.Shelf]string{remote.Bundles: bundle.Results, remote.Backups: bundle.Backup}[shelf]
	want, err := remote.ManifestKey(shelf, m.Device, m.Seq)
	if err != nil || want != key || m.User != string(a.user) || m.Kind != kind {
		return step{}, alarm(key.String(), "a manifest lies where another belongs")
	}
	return step{key: key, sealed: sealed, manifest: m, hash: bundle.Hash(sealed)}, nil
}

// whole checks that every chain is without a gap, that each manifest follows
// the one before, and that what one device saw of another is still there.
func whole(shelf remote.Shelf, steps []step) error {
	hashes := map[string][]string{} // by device, in order
	for _, s := range steps {
		chain := hashes[s.manifest.Device]
		prev := ""
		if len(chain) > 0 {
			prev = chain[len(chain)-1]
		}
		if s.manifest.Seq != int64(len(chain)) || s.manifest.Prev != prev {
			return alarm(s.key.String(), "the chain is broken: a manifest was taken away or exchanged")
		}
		hashes[s.manifest.Device] = append(chain, s.hash)
	}
	for _, s := range steps {
		for device, head := range s.manifest.Seen {
			chain := hashes[device]
			if head.Seq < 0 || head.Seq >= int64(len(chain)) || chain[head.Seq] != head.Hash {
				return alarm(fmt.Sprintf("%s%s", string(shelf), device), "another device saw a manifest that is not there any more")
			}
		}
	}
	return nil
}

// add takes the manifests of a shelf into the view.
func (v *view) add(shelf remote.Shelf, steps []step) {
	v.heads[shelf] = map[string]bundle.Head{}
	for _, s := range steps {
		v.heads[shelf][s.manifest.Device] = bundle.Head{Seq: s.manifest.Seq, Hash: s.hash}
		for _, e := range s.manifest.Entries {
			for _, p := range e.Parts {
				v.parts[p.Name] = p
			}
			v.take(Found{Entry: e, Kind: s.manifest.Kind, Device: s.manifest.Device, Seq: s.manifest.Seq})
		}
	}
}

// take keeps the newest of each id in front, and every other behind it.
func (v *view) take(f Found) {
	old, there := v.found[f.ID]
	switch {
	case !there:
	case bundle.Newer(f.Entry, f.Device, old.Entry, old.Device):
		f.Others = append(old.Others, Found{Entry: old.Entry, Kind: old.Kind, Device: old.Device, Seq: old.Seq})
	default:
		old.Others = append(old.Others, f)
		f = old
	}
	v.found[f.ID] = f
}

// list gives what is there and was not deleted, oldest first. A version of
// another device that lost against a newer one is listed too, behind it.
func (v *view) list() []Found {
	var out []Found
	for _, f := range v.found {
		if !f.Deleted {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b Found) int {
		if c := a.Made.Compare(b.Made); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}
