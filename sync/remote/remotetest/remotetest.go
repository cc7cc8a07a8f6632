// Package remotetest is the suite that every kind of remote must pass, and a
// remote that fails on purpose.
package remotetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"chatmrpt/sync/remote"
)

// Place is a kind of remote under test.
type Place struct {
	// Open gives the remote of a user at the same place each time.
	Open func(t *testing.T, user remote.UserID) remote.Remote
	// Plant puts something at a path below the place, past every rule.
	Plant func(t *testing.T, path string, data []byte)
	// Many is how many objects the paging test stores.
	Many int
	// MayDelete is whether the users may delete objects; a device usually may
	// not, and is then expected to be denied it.
	MayDelete bool
}

// Key makes the key of a part from a number.
func Key(t testing.TB, n int) remote.Key {
	t.Helper()
	k, err := remote.PartKey(fmt.Sprintf("%064x", n*2654435761))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func manifestKey(t testing.TB, seq int64) remote.Key {
	t.Helper()
	k, err := remote.ManifestKey(remote.Bundles, "0123456789abcdef", seq)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Run runs the suite.
func Run(t *testing.T, p Place) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Place)
	}{
		{"what is stored comes back", comesBack}, {"nothing is replaced", notReplaced}, {"one of many wins", oneWins},
		{"what is not there", absent}, {"a listing", listing}, {"many objects", many}, {"users apart", usersApart},
		{"what is not ours", strange}, {"what can't be", refused}, {"stopped", stopped},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, p) })
	}
}

func fill(n int, seed byte) []byte {
	out := make([]byte, n)
	x := uint32(seed) + 1
	for i := range out {
		x = x*1664525 + 1013904223
		out[i] = byte(x >> 24)
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, r remote.Remote, k remote.Key, data []byte) {
	t.Helper()
	if created, err := r.Create(t.Context(), k, remote.BodyOf(data)); err != nil || !created {
		t.Fatalf("create %s: %v, %v", k, created, err)
	}
}

func comesBack(t *testing.T, p Place) {
	r := p.Open(t, "one-a")
	for i, n := range []int{1, 100, 64 << 10, remote.MaxObject} {
		data := fill(n, byte(i))
		create(t, r, Key(t, i), data)
		got, err := r.Get(t.Context(), Key(t, i))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %d came back (%v)", n, len(got), err)
		}
	}
	err := r.Delete(t.Context(), Key(t, 1))
	_, gone := r.Get(t.Context(), Key(t, 1))
	switch {
	case p.MayDelete && (err != nil || remote.ClassOf(gone) != remote.Absent):
		t.Errorf("after deleting: %v, %v", err, gone)
	case !p.MayDelete && (remote.ClassOf(err) != remote.Denied || gone != nil):
		t.Errorf("deleted what may not be: %v, %v", err, gone)
	}
	for _, special := range []remote.Key{remote.FormatKey(), remote.LockKey()} {
		create(t, r, special, []byte("x"))
	}
	must(t, r.Delete(t.Context(), remote.LockKey()))
	if r.Name() == "" {
		t.Error("it has no name")
	}
}

func notReplaced(t *testing.T, p Place) {
	r := p.Open(t, "one-b")
	k := manifestKey(t, 0)
	create(t, r, k, []byte("first"))
	if created, err := r.Create(t.Context(), k, remote.BodyOf([]byte("second"))); err != nil || created {
		t.Errorf("created again: %v, %v", created, err)
	}
	if got, err := r.Get(t.Context(), k); err != nil || string(got) != "first" {
		t.Errorf("%q (%v)", got, err)
	}
	must(t, r.Overwrite(t.Context(), k, remote.BodyOf([]byte("third"))))
	if got, err := r.Get(t.Context(), k); err != nil || string(got) != "third" {
		t.Errorf("%q (%v)", got, err)
	}
}

// oneWins has 16 writers at one key: exactly one creates it, and its bytes are
// what lies there.
func oneWins(t *testing.T, p Place) {
	r := p.Open(t, "one-c")
	won := make([]bool, 16)
	var wg sync.WaitGroup
	for i := range won {
		wg.Go(func() {
			created, err := r.Create(t.Context(), manifestKey(t, 7), remote.BodyOf(fmt.Appendf(nil, "writer %d", i)))
			if err != nil && remote.ClassOf(err) != remote.Conflict {
				t.Errorf("writer %d: %v", i, err)
			}
			won[i] = created
		})
	}
	wg.Wait()
	got, err := r.Get(t.Context(), manifestKey(t, 7))
	must(t, err)
	winners := 0
	for i, w := range won {
		if w {
			winners++
			if string(got) != fmt.Sprintf("writer %d", i) {
				t.Errorf("writer %d won, and %q lies there", i, got)
			}
		}
	}
	if winners != 1 {
		t.Errorf("%d writers won", winners)
	}
}

func absent(t *testing.T, p Place) {
	r := p.Open(t, "one-d")
	if _, err := r.Get(t.Context(), Key(t, 1)); remote.ClassOf(err) != remote.Absent {
		t.Errorf("get: %v", err)
	}
	if err := r.Delete(t.Context(), remote.LockKey()); err != nil {
		t.Errorf("delete: %v", err)
	}
	for _, s := range []remote.Shelf{remote.Parts, remote.Bundles, remote.Backups, remote.KeyRings, remote.LockShelf} {
		if l, err := r.List(t.Context(), s); err != nil || len(l.Objects) != 0 || l.Strange != 0 {
			t.Errorf("list %s: %+v (%v)", s, l, err)
		}
	}
}

func listing(t *testing.T, p Place) {
	r := p.Open(t, "one-e")
	var want []string
	for i := range 5 {
		create(t, r, Key(t, i), fill(i+1, 0))
		create(t, r, manifestKey(t, int64(i)), fill(10, 0))
		want = append(want, Key(t, i).String())
	}
	slices.Sort(want)
	l, err := r.List(t.Context(), remote.Parts)
	must(t, err)
	var got []string
	total := int64(0)
	for _, o := range l.Objects {
		got = append(got, o.Key.String())
		total += o.Size
		if o.Modified.IsZero() {
			t.Errorf("%s has no time", o.Key)
		}
	}
	if !slices.Equal(got, want) || total != 15 {
		t.Errorf("%v of %d bytes", got, total)
	}
	if l, err := r.List(t.Context(), remote.Bundles); err != nil || len(l.Objects) != 5 || l.Objects[4].Key != manifestKey(t, 4) {
		t.Errorf("%+v (%v)", l, err)
	}
}

func many(t *testing.T, p Place) {
	r := p.Open(t, "one-f")
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range p.Many {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if created, err := r.Create(t.Context(), Key(t, i), remote.BodyOf([]byte("x"))); err != nil || !created {
				t.Errorf("%d: %v, %v", i, created, err)
			}
		})
	}
	wg.Wait()
	if l, err := r.List(t.Context(), remote.Parts); err != nil || len(l.Objects) != p.Many {
		t.Errorf("%d of %d are listed (%v)", len(l.Objects), p.Many, err)
	}
}

// usersApart: the same keys of two users are two objects, and a user whose id
// begins like another's sees nothing of hers.
func usersApart(t *testing.T, p Place) {
	users := []remote.UserID{"ann", "anna", "ann-a"}
	for i, u := range users {
		create(t, p.Open(t, u), Key(t, 1), fmt.Appendf(nil, "of %s", u))
		create(t, p.Open(t, u), Key(t, 10+i), []byte("own"))
	}
	for i, u := range users {
		r := p.Open(t, u)
		if got, err := r.Get(t.Context(), Key(t, 1)); err != nil || string(got) != "of "+string(u) {
			t.Errorf("%s reads %q (%v)", u, got, err)
		}
		l, err := r.List(t.Context(), remote.Parts)
		if err != nil || len(l.Objects) != 2 || l.Strange != 0 {
			t.Errorf("%s sees %+v (%v)", u, l, err)
		}
		if err := r.Delete(t.Context(), Key(t, 10+(i+1)%3)); err != nil && p.MayDelete {
			t.Errorf("%s deletes what is not there: %v", u, err)
		}
	}
	for i, u := range users {
		if _, err := p.Open(t, u).Get(t.Context(), Key(t, 10+i)); err != nil {
			t.Errorf("somebody deleted what %s had: %v", u, err)
		}
	}
}

// strange plants what no program of ours wrote.
func strange(t *testing.T, p Place) {
	r := p.Open(t, "one-g")
	create(t, r, Key(t, 1), []byte("ours"))
	base := "users/one-g/b/"
	p.Plant(t, base+"notes.txt", []byte("x"))
	p.Plant(t, base+"aa/"+strings.Repeat("a", 63), []byte("x"))
	p.Plant(t, base+"00/"+strings.Repeat("ab", 32), []byte("in the wrong place"))
	large, err := remote.PartKey(strings.Repeat("cd", 32))
	must(t, err)
	p.Plant(t, "users/one-g/"+large.String(), make([]byte, remote.MaxObject+1))
	l, err := r.List(t.Context(), remote.Parts)
	if err != nil || len(l.Objects) != 1 || l.Objects[0].Key != Key(t, 1) || l.Strange != 4 {
		t.Errorf("%+v (%v)", l, err)
	}
	if _, err := r.Get(t.Context(), large); remote.ClassOf(err) != remote.Integrity {
		t.Errorf("an object that is too large: %v", err)
	}
}

func refused(t *testing.T, p Place) {
	r := p.Open(t, "one-h")
	ctx := t.Context()
	var none remote.Key
	_, created := r.Create(ctx, none, remote.BodyOf(nil))
	_, got := r.Get(ctx, none)
	_, listed := r.List(ctx, "../")
	_, root := r.List(ctx, "")
	_, big := r.Create(ctx, Key(t, 1), remote.BodyOf(make([]byte, remote.MaxObject+1)))
	for what, err := range map[string]error{
		"create nothing": created, "get nothing": got, "list what is no shelf": listed, "list everything": root, "too large": big,
		"overwrite nothing": r.Overwrite(ctx, none, remote.BodyOf(nil)), "delete nothing": r.Delete(ctx, none),
	} {
		if remote.ClassOf(err) != remote.Denied {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func stopped(t *testing.T, p Place) {
	r := p.Open(t, "one-i")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, created := r.Create(ctx, Key(t, 1), remote.BodyOf([]byte("x")))
	_, got := r.Get(ctx, Key(t, 1))
	for what, err := range map[string]error{"create": created, "get": got, "delete": r.Delete(ctx, Key(t, 1))} {
		if remote.ClassOf(err) != remote.Cancelled {
			t.Errorf("%s: %v", what, err)
		}
	}
	if l, err := r.List(t.Context(), remote.Parts); err != nil || len(l.Objects) != 0 {
		t.Errorf("%+v (%v)", l, err)
	}
}
