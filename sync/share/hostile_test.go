package share_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/share"
)

// objects lists the files of a shelf, sorted.
func objects(t testing.TB, dir, shelf string) []string {
	t.Helper()
	out, err := filepath.Glob(filepath.Join(dir, "users", "amina", shelf, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// class is that of a problem's cause.
func class(err error) remote.Class { return remote.ClassOf(err) }

// chain makes a place where three bundles were sent by one device, and two
// readers: one that saw everything, and one that never looked.
func chain(t *testing.T) (dir string, saw, fresh *share.Account) {
	t.Helper()
	dir = t.TempDir()
	one, two := newDesk(t), newDesk(t)
	saw = one.setup(t, dir, "")
	for i, id := range []string{idA, idB, "cccccccccccccccc"} {
		send(t, saw, id, files(1, byte(i)))
	}
	fresh = two.setup(t, dir, one.code)
	return dir, saw, fresh
}

// The remote lies about manifests. Whoever saw the truth before notices
// everything; whoever looks for the first time notices all but that the newest
// are missing, which nothing there can tell.
func TestALyingRemoteIsFoundOut(t *testing.T) {
	for name, c := range map[string]struct {
		lie         func(t *testing.T, m []string)
		freshFooled bool // a first look can't know
		verifyOnly  bool // who saw it keeps the truth; only a verification reads again
	}{
		"the newest is taken away":  {lie: func(t *testing.T, m []string) { os.Remove(m[2]) }, freshFooled: true},
		"all but one is taken away": {lie: func(t *testing.T, m []string) { os.Remove(m[1]); os.Remove(m[2]) }, freshFooled: true},
		"the first is taken away":   {lie: func(t *testing.T, m []string) { os.Remove(m[0]) }},
		"one amid is taken away":    {lie: func(t *testing.T, m []string) { os.Remove(m[1]) }},
		"two are exchanged": {verifyOnly: true, lie: func(t *testing.T, m []string) {
			a, b := read(t, m[1]), read(t, m[2])
			write(t, m[1], b)
			write(t, m[2], a)
		}},
		"an old one is put at the end": {lie: func(t *testing.T, m []string) {
			write(t, strings.TrimSuffix(m[2], "2")+"3", read(t, m[1]))
		}},
		"the newest is cut short": {verifyOnly: true, lie: func(t *testing.T, m []string) {
			data := read(t, m[2])
			write(t, m[2], data[:len(data)/2])
		}},
		"a byte is changed": {verifyOnly: true, lie: func(t *testing.T, m []string) {
			data := read(t, m[0])
			data[len(data)-5] ^= 1
			write(t, m[0], data)
		}},
		"one is forged by somebody with the public key": {lie: func(t *testing.T, m []string) {
			forger, err := bundle.NewIdentity(bytes.Repeat([]byte{9}, bundle.SeedSize))
			if err != nil {
				t.Fatal(err)
			}
			c, err := bundle.NewCircle(forger, nil)
			if err != nil {
				t.Fatal(err)
			}
			data, err := c.Write(&bundle.Manifest{Format: 1, Kind: bundle.Results, User: "amina", Device: filepath.Base(filepath.Dir(m[2])), Seq: 3, Prev: bundle.Hash(read(t, m[2]))})
			if err != nil {
				t.Fatal(err)
			}
			write(t, strings.TrimSuffix(m[2], "2")+"3", data)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, saw, fresh := chain(t)
			c.lie(t, objects(t, dir, "m"))
			_, err := saw.List(t.Context())
			if c.verifyOnly {
				checked, verr := saw.Verify(t.Context(), 0, tell)
				if err != nil || verr != nil || len(checked.Faults) == 0 {
					t.Errorf("who saw it: %v; verified: %+v (%v)", err, checked, verr)
				}
			} else if class(err) != remote.Integrity || !problem.Is(err, problem.Remote) {
				t.Errorf("who saw it: %v", err)
			}
			_, err = fresh.List(t.Context())
			if c.freshFooled != (err == nil) || (err != nil && class(err) != remote.Integrity) {
				t.Errorf("who looks first: %v", err)
			}
			// Nothing is sent on top of a lie.
			if !c.verifyOnly {
				if err := saw.Deliver(t.Context(), queue(t, saw, idA, files(1, 7)), tell); class(err) != remote.Integrity {
					t.Errorf("sending: %v", err)
				}
			}
		})
	}
}

// What one device saw of another is known to a third that looks for the first
// time: the newest of the other can't be taken away unnoticed any more.
func TestDevicesVouchForEachOther(t *testing.T) {
	dir := t.TempDir()
	one, two, three := newDesk(t), newDesk(t), newDesk(t)
	a := one.setup(t, dir, "")
	send(t, a, idA, files(1, 1))
	b := two.setup(t, dir, one.code)
	send(t, b, idB, files(1, 2))
	for _, m := range objects(t, dir, "m") {
		if strings.Contains(m, a.Settings().Device) {
			if err := os.Remove(m); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := three.setup(t, dir, one.code).List(t.Context()); class(err) != remote.Integrity {
		t.Errorf("%v", err)
	}
}

// The remote lies about parts: fetching refuses, and a verification names them.
func TestLiesAboutParts(t *testing.T) {
	for name, lie := range map[string]func(t *testing.T, parts []string){
		"gone":      func(t *testing.T, p []string) { os.Remove(p[0]) },
		"cut":       func(t *testing.T, p []string) { write(t, p[0], read(t, p[0])[:100]) },
		"longer":    func(t *testing.T, p []string) { write(t, p[0], append(read(t, p[0]), 0)) },
		"a byte":    func(t *testing.T, p []string) { d := read(t, p[0]); d[len(d)/2] ^= 1; write(t, p[0], d) },
		"exchanged": func(t *testing.T, p []string) { write(t, p[0], read(t, p[1])) },
	} {
		dir := t.TempDir()
		a := newDesk(t).setup(t, dir, "")
		send(t, a, idA, files(2, 1))
		lie(t, objects(t, dir, "b"))
		found, err := a.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Fetch(t.Context(), found[0], tell); class(err) != remote.Integrity {
			t.Errorf("%s: fetched: %v", name, err)
		}
		c, err := a.Verify(t.Context(), 1, tell)
		if err != nil || len(c.Faults) == 0 || c.Faults[0].ID != idA {
			t.Errorf("%s: %+v (%v)", name, c, err)
		}
		// The computer still has it: sending it again mends the place.
		if name == "gone" || name == "cut" {
			send(t, a, idA, files(2, 1))
			wantFiles(t, a, idA, files(2, 1))
			wantVerified(t, a)
		}
	}
}

// Something else answers: nothing is made of it.
func TestAPlaceThatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	a := newDesk(t).setup(t, dir, "")
	send(t, a, idA, files(1, 1))
	write(t, filepath.Join(dir, "users", "amina", "format"), []byte("<html>please log in</html>"))
	_, listed := a.List(t.Context())
	_, pruned := a.Prune(t.Context(), tell)
	for what, err := range map[string]error{
		"list": listed, "prune": pruned, "send": a.Deliver(t.Context(), queue(t, a, idB, files(1, 1)), tell),
	} {
		if class(err) != remote.Portal {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// grow sets back the time at which parts were stored.
func grow(t *testing.T, paths []string, by time.Duration) {
	t.Helper()
	for _, p := range paths {
		old := time.Now().Add(-by)
		if err := os.Chtimes(p, old, old); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	d := newDesk(t)
	a := d.setup(t, dir, "")
	send(t, a, idA, files(2, 1))
	send(t, a, idB, files(3, 2))
	prune := func(want int) {
		t.Helper()
		p, err := a.Prune(t.Context(), tell)
		if err != nil || p.Deleted != want {
			t.Fatalf("%+v (%v), want %d", p, err, want)
		}
	}
	grow(t, objects(t, dir, "b"), share.Grace+time.Hour)
	prune(0) // all are needed
	found, err := a.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f, err := share.Get(found, idB)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Remove(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if got := list(t, a); !slices.Equal(got, []string{idA + " 1"}) {
		t.Errorf("after removing: %v", got)
	}
	grow(t, objects(t, dir, "b"), share.Grace-time.Hour)
	prune(0) // too young
	grow(t, objects(t, dir, "b"), share.Grace+time.Hour)
	prune(3)
	wantFiles(t, a, idA, files(2, 1))
	if c := wantVerified(t, a); c.Unlisted != 0 {
		t.Errorf("%+v", c)
	}
	if _, err := os.Stat(filepath.Join(dir, "users", "amina", "locks", "prune")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the lease is left: %v", err)
	}
	// What was removed can be sent again.
	send(t, a, idB, files(3, 2))
	wantFiles(t, a, idB, files(3, 2))
}

// While another prunes nobody does, and nobody lists parts that lay there
// before: they might be gone a moment later.
func TestALeaseIsRespected(t *testing.T) {
	dir := t.TempDir()
	a := newDesk(t).setup(t, dir, "")
	send(t, a, idA, files(2, 1))
	write(t, filepath.Join(dir, "users", "amina", "locks", "prune"), []byte(`{"device":"x","token":"y"}`))
	lock := []string{filepath.Join(dir, "users", "amina", "locks", "prune")}
	if err := os.Chtimes(lock[0], now(), now()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Prune(t.Context(), tell); !problem.Is(err, problem.Conflict) {
		t.Errorf("prune: %v", err)
	}
	changed := files(2, 1)
	changed[0].Data = []byte("ward,rank\nKanariewuri,9\n")
	if err := a.Deliver(t.Context(), queue(t, a, idA, changed), tell); class(err) != remote.Throttled {
		t.Errorf("send: %v", err)
	}
	// Somebody who has not come back for two hours does not come back.
	if err := os.Chtimes(lock[0], now().Add(-2*time.Hour), now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Prune(t.Context(), tell); err != nil {
		t.Errorf("prune after two hours: %v", err)
	}
}
