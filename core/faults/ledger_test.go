package faults

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// row is a line of the table: what was done to whom how often, and what of the
// three evils came of it.
type row struct {
	fault, act string
	trials     int
	lost       int    // acknowledged commits that are gone
	torn       int    // states that are no commit's
	silent     int    // wrong cells read without an error
	limit      string // why commits may be lost, where the format promises nothing
	note       string // what else a reader must know
	absent     string // why nothing could be tried
	failed     bool
}

func (r *row) verdict() string {
	switch {
	case r.absent != "":
		return r.absent
	case r.failed || r.trials == 0 || r.bad():
		return "FAILED"
	case r.limit != "":
		return "limit: " + r.limit
	case r.note != "":
		return "ok, but " + r.note
	}
	return "ok"
}

// bad reports whether any of the three evils was seen where it may not be.
func (r *row) bad() bool {
	return r.torn+r.silent > 0 || (r.lost > 0 && r.limit == "")
}

// ledger collects the rows of a run. Its tests run one after another.
type ledger struct {
	trials int
	seed   uint64
	rows   []*row
	past   map[string]history // by home and act
}

func newLedger(t *testing.T) *ledger {
	t.Helper()
	return &ledger{trials: int(number(t, "FAULT_TRIALS", 4)), seed: uint64(number(t, "FAULT_SEED", 1)), past: map[string]history{}}
}

func number(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s: not a number from 1", name, text)
	}
	return n
}

// try runs one fault as a subtest with a row and random points of its own.
func (l *ledger) try(t *testing.T, fault, act string, f func(*testing.T, *row, *rand.Rand)) {
	t.Helper()
	r := &row{fault: fault, act: act}
	l.rows = append(l.rows, r)
	t.Run(strings.ReplaceAll(fault+"/"+act, " ", "_"), func(t *testing.T) {
		defer func() { r.failed = t.Failed() }()
		f(t, r, rand.New(rand.NewPCG(l.seed, uint64(len(l.rows)))))
		if r.absent == "" && r.trials == 0 {
			t.Error("nothing was tried")
		}
		if r.bad() {
			t.Errorf("%d lost commits, %d torn states, %d silent reads", r.lost, r.torn, r.silent)
		}
	})
}

func (l *ledger) print(w io.Writer) {
	const form = "%-34s %-24s %6s %6s %6s %6s  %s\n"
	fmt.Fprintf(w, "\nfaults: FAULT_TRIALS=%d FAULT_SEED=%d\n", l.trials, l.seed)
	fmt.Fprintf(w, form, "fault", "act", "trials", "lost", "torn", "silent", "result")
	total := 0
	for _, r := range l.rows {
		total += r.trials
		fmt.Fprintf(w, form, r.fault, r.act, strconv.Itoa(r.trials), strconv.Itoa(r.lost), strconv.Itoa(r.torn), strconv.Itoa(r.silent), r.verdict())
	}
	fmt.Fprintf(w, "%d trials in all\n", total)
}
