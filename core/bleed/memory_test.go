package bleed

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
)

// dumpHeap writes this process's Go memory to path, rid of what was let go as
// far as the collector does that.
func dumpHeap(t testing.TB, path string) {
	t.Helper()
	overwriteRegisters()
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

// overwriteRegisters keeps every processor busy until the runtime has
// interrupted what runs there. When it interrupts a goroutine it saves the vector
// registers in a place it keeps for each processor (runtime.p's xRegs, 2 KiB on
// amd64), and leaves them there until the next time. A goroutine that was
// interrupted in the middle of copying a text leaves 16 bytes of it in each
// register, although nobody holds the text any more: what is looked for here is
// who holds something. That such bytes stay is told in SECURITY.md.
func overwriteRegisters() {
	var busy sync.WaitGroup
	var sink atomic.Uint64
	for range 2 * runtime.GOMAXPROCS(0) {
		busy.Go(func() {
			x := uint64(1)
			for range 60_000_000 { // some times the 10 ms after which it is interrupted
				x ^= x << 7
				x ^= x >> 9
			}
			sink.Add(x)
		})
	}
	busy.Wait()
}

// T4, causes 2 and 4: after A has locked and B sits at the same window, no
// string of A's data can be reached in the memory of the process. A second
// process does a whole session as A, locks, opens B's profile and writes a dump
// of its Go heap, stacks and globals, in which every pointer is followed.
//
// Only what stays after further collections counts (see stays).
//
// What this can't promise: memory that was let go keeps its old bytes until it
// is used again, in Go's heap as in SQLite's. Such bytes are now and then seen
// in the dump, in blocks that nothing points to; only somebody who reads the
// memory of the process from outside can get at them.
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
		if len(find(c.reachable(), gone.canary)) == 0 {
			t.Fatalf("%s's canary is not in memory even while the profile is open: the search is blind", gone.name)
		}
		c.mustDo("leave")
		c.mustDo("session", here.name, filepath.Dir(here.files[0]), "")
		if found := c.stays(gone.canary); len(found) > 0 {
			l.bled("%s's canary can still be reached while %s's profile is open, in %d blocks: %s", gone.name, here.name, len(found), found[0])
		}
		c.mustDo("leave")
		if found := c.stays("kanarie"); len(found) > 0 {
			l.bled("a canary can be reached behind the lock screen, in %d blocks: %s", len(found), found[0])
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

// stays gives the blocks in which text can still be reached after up to three
// dumps, each with collections of its own before it. A pool of the standard
// library, or a dead slot of a stack, can name a block for one round longer;
// what somebody really holds is there in all three, and by whom is told.
func (c *child) stays(text string) (found []string) {
	c.t.Helper()
	for range 3 {
		if found = find(c.reachable(), text); len(found) == 0 {
			return nil
		}
		c.t.Logf("found in %d blocks, looking again: %s", len(found), found[0])
	}
	return found
}

// reachable is all that can be reached in the memory of the process.
func (c *child) reachable() []block {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "heap")
	c.mustDo("dump", path)
	defer os.Remove(path)
	h := readHeap(c.t, read(c.t, path))
	out := h.reachable()
	c.t.Logf("%d objects in the dump, %d blocks reachable; canaries in %d and %d of them", len(h.objects), len(out),
		len(find(h.objects, "kanarie")), len(find(out, "kanarie")))
	return out
}
