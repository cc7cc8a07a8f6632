package bleed

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
)

// dumpHeap writes all that is reachable in this process's Go memory to path.
func dumpHeap(t testing.TB, path string) {
	t.Helper()
	runtime.GC()
	runtime.GC() // what finalizers and pools kept goes the second time
	debug.FreeOSMemory()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	debug.WriteHeapDump(f.Fd())
}

// T4, causes 2 and 4: after A has locked and B sits at the same window, no
// string of A's data can be reached in the memory of the process. A second
// process does a whole session as A, locks, opens B's profile and writes a dump
// of everything reachable on the Go heap, the stacks and in the globals.
//
// What this can't promise: memory that was let go keeps its old bytes until it
// is used again, in Go's heap as in SQLite's, and the dump leaves it out.
func TestBleed_T04_NothingReachableAfterLock(t *testing.T) {
	l := open(t, "2 4", "heap dump of a process after A locked, with B open")
	a, b := amina(t), bola(t)
	home := settled(t, a, b)
	c := startChild(t, home)
	people := []*person{a, b}
	for i := range trials(t, 6) {
		gone, here := people[i%2], people[1-i%2]
		l.trial()
		c.mustDo("session", gone.name, filepath.Dir(gone.files[0]), "")
		if dump := c.dump(); !gone.in(dump) {
			t.Fatalf("%s's canary is not in memory even while the profile is open: the search is blind", gone.name)
		}
		c.mustDo("leave")
		c.mustDo("session", here.name, filepath.Dir(here.files[0]), "")
		if dump := c.dump(); gone.in(dump) {
			l.bled("%s's canary can still be reached while %s's profile is open: %q", gone.name, here.name, around(dump, gone.canary))
		}
		c.mustDo("leave")
		if dump := c.dump(); gone.in(dump) || here.in(dump) {
			l.bled("a canary can be reached behind the lock screen: %q %q", around(dump, gone.canary), around(dump, here.canary))
		}
	}
}

// mustDo is tell for an order that has to succeed.
func (c *child) mustDo(order ...string) {
	c.t.Helper()
	if got := c.tell(order...); got != "ok" {
		c.t.Fatalf("%v: %s: %s", order, got, c.err)
	}
}

// dump is a heap dump of the process.
func (c *child) dump() []byte {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "heap")
	c.mustDo("dump", path)
	return read(c.t, path)
}

// around is what stands about the first few places of the canary.
func around(dump []byte, canary string) (out []string) {
	for range 3 {
		i := bytes.Index(dump, []byte(canary))
		if i < 0 {
			break
		}
		out = append(out, string(dump[max(0, i-60):min(len(dump), i+100)]))
		dump = dump[i+len(canary):]
	}
	return out
}
