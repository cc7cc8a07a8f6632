package bleed

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// block is a piece of memory of a heap dump: an object, a stack frame, or the
// globals.
type block struct {
	addr     uint64
	data     []byte
	pointers []uint64 // offsets in data
	name     string   // of a root
	at       uint64   // address of the pointer by which it was reached
	from     int      // where it was reached from, as an index among the reachable; -1 for a root
}

// heap is what a heap dump (format "go1.7 heap dump", as runtime/debug writes
// it) tells of memory and of what points where.
type heap struct {
	in      *bufio.Reader
	objects []block // by address
	roots   []block
	more    []uint64 // further roots: pointers by themselves
	err     error
}

// readHeap reads a dump. Only what bears on reachability is kept.
func readHeap(t testing.TB, dump []byte) *heap {
	t.Helper()
	const header = "go1.7 heap dump\n"
	if !bytes.HasPrefix(dump, []byte(header)) {
		t.Fatalf("the dump has another format: %.20q", dump)
	}
	h := &heap{in: bufio.NewReader(bytes.NewReader(dump[len(header):]))}
	for tag := h.number(); tag != 0 && h.err == nil; tag = h.number() {
		h.record(tag)
	}
	if h.err != nil || len(h.objects) == 0 || len(h.roots) == 0 {
		t.Fatalf("the dump can't be read: %v, %d objects, %d roots", h.err, len(h.objects), len(h.roots))
	}
	slices.SortFunc(h.objects, func(a, b block) int {
		if a.addr < b.addr {
			return -1
		}
		return 1
	})
	return h
}

// record reads one record. The numbers are the format's own.
func (h *heap) record(tag uint64) {
	switch tag {
	case 1: // object
		h.objects = append(h.objects, h.block())
	case 2: // another root
		h.text()
		h.more = append(h.more, h.number())
	case 3: // type
		h.skip(2)
		h.text()
		h.skip(1)
	case 4: // goroutine: its context, defers and panics are roots
		h.skip(8)
		h.text()
		h.more = append(h.more, h.number(), h.number(), h.number(), h.number())
	case 5: // stack frame
		addr := h.number()
		h.skip(2)
		b := block{addr: addr, data: h.text()}
		h.skip(3)
		b.name = string(h.text())
		b.pointers = h.fields()
		h.roots = append(h.roots, b)
	case 6: // the machine
		h.skip(4)
		h.text()
		h.text()
		h.skip(1)
	case 7, 11: // finalizer, waiting or due
		h.more = append(h.more, h.number(), h.number(), h.number(), h.number(), h.number())
	case 8, 17: // interface table; sample
		h.skip(2)
	case 9: // thread
		h.skip(3)
	case 10: // statistics
		h.skip(24 + 256 + 1)
	case 12, 13: // globals
		b := h.block()
		b.name = "globals"
		h.roots = append(h.roots, b)
	case 14: // defer
		h.more = append(h.more, h.number(), h.number(), h.number(), h.number(), h.number(), h.number(), h.number())
	case 15: // panic
		h.more = append(h.more, h.number(), h.number(), h.number(), h.number(), h.number(), h.number())
	case 16: // profile
		h.skip(2)
		for range h.number() {
			h.text()
			h.text()
			h.skip(1)
		}
		h.skip(2)
	default:
		h.err = fmt.Errorf("record of kind %d", tag)
	}
}

func (h *heap) number() uint64 {
	n, err := binary.ReadUvarint(h.in)
	if err != nil && h.err == nil {
		h.err = err
	}
	return n
}

func (h *heap) skip(n int) {
	for range n {
		h.number()
	}
}

func (h *heap) text() []byte {
	n := h.number()
	if h.err != nil || n > 1<<30 {
		h.err = fmt.Errorf("text of %d bytes (%v)", n, h.err)
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(h.in, b); err != nil && h.err == nil {
		h.err = err
	}
	return b
}

func (h *heap) block() block { return block{addr: h.number(), data: h.text(), pointers: h.fields()} }

// fields reads where the pointers of a block are.
func (h *heap) fields() (at []uint64) {
	for h.number() != 0 && h.err == nil {
		at = append(at, h.number())
	}
	return at
}

// reachable is every block that can be reached from the stacks and globals,
// those included. What is not among them was let go, and its bytes are of
// nobody; the collector just has not given them to anybody new yet.
func (h *heap) reachable() []block {
	out := slices.Clone(h.roots)
	for i := range out {
		out[i].from = -1
	}
	seen := make([]bool, len(h.objects))
	visit := func(p uint64, from int, at uint64) {
		i, exact := slices.BinarySearchFunc(h.objects, p, func(b block, p uint64) int {
			switch {
			case b.addr < p:
				return -1
			case b.addr > p:
				return 1
			}
			return 0
		})
		if !exact {
			i-- // the one that begins before p, if p lies in it
		}
		if i >= 0 && !seen[i] && p-h.objects[i].addr < uint64(len(h.objects[i].data)) {
			seen[i] = true
			b := h.objects[i]
			b.from, b.at = from, at
			out = append(out, b)
		}
	}
	for _, p := range h.more {
		visit(p, -1, 0)
	}
	for i := 0; i < len(out); i++ {
		for _, at := range out[i].pointers {
			if at+8 <= uint64(len(out[i].data)) {
				visit(binary.LittleEndian.Uint64(out[i].data[at:]), i, out[i].addr+at)
			}
		}
	}
	return out
}

// find gives what stands about the first place of the canary in each block, in
// small letters as it was given or in capitals as names are compared.
func find(blocks []block, canary string) (out []string) {
	for _, b := range blocks {
		i := bytes.Index(b.data, []byte(canary))
		if i < 0 {
			i = bytes.Index(b.data, bytes.ToUpper([]byte(canary)))
		}
		if i >= 0 {
			out = append(out, fmt.Sprintf("%d bytes at %x: %q, held by %s", len(b.data), b.addr, b.data[max(0, i-60):min(len(b.data), i+120)], holders(blocks, b)))
		}
	}
	return out
}

// holders tells by way of which blocks a reachable one was reached, down to the
// function on whose stack, or the address of the global (see go tool nm), it
// hangs.
func holders(blocks []block, b block) string {
	var way []string
	for len(way) < 12 && b.from >= 0 && b.from < len(blocks) {
		at := b.at
		b = blocks[b.from]
		way = append(way, fmt.Sprintf("%d bytes %s, at %x", len(b.data), b.name, at))
	}
	return strings.Join(way, " < ")
}

// The search finds a string that a chain of pointers leads to, and only while
// it does.
func TestReachableIsFoundAndUnreachableIsNot(t *testing.T) {
	type link struct {
		next *link
		text []byte
	}
	held := make(chan *link, 1)
	held <- &link{next: &link{next: &link{text: []byte(strings.Repeat(canaryOf(99), 9))}}}
	chain := <-held // through a channel, so that it lies on the heap
	look := func() []string {
		path := t.TempDir() + "/heap"
		dumpHeap(t, path)
		return find(readHeap(t, read(t, path)).reachable(), strings.Repeat(canaryOf(99), 2))
	}
	if len(look()) == 0 {
		t.Error("what is held is not found")
	}
	runtime.KeepAlive(chain.next)
	chain.next = nil
	if got := look(); len(got) > 0 {
		t.Errorf("what was let go is found: %v", got)
	}
	runtime.KeepAlive(chain)
}
