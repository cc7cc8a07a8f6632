package bleed

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// ledger counts the trials of one test and the bleeds found, and hands both to
// the table when the test ends.
type ledger struct {
	testing.TB
	causes, what   string
	trials, bleeds atomic.Int64
	missing        string // why there is nothing to test yet
}

// open begins the account of a test: the causes it closes and what it does.
func open(t testing.TB, causes, what string) *ledger {
	t.Helper()
	l := &ledger{TB: t, causes: causes, what: what}
	t.Cleanup(l.close)
	return l
}

// trial counts one try.
func (l *ledger) trial() { l.trials.Add(1) }

// bled says that something of one user came to light with another.
func (l *ledger) bled(format string, args ...any) {
	l.Helper()
	l.bleeds.Add(1)
	l.Errorf("BLEED: "+format, args...)
}

// notBuilt ends a test whose subject does not exist. It fails once one of
// rooms, counted from the root of the repository, is there.
func (l *ledger) notBuilt(why string, rooms ...string) {
	l.Helper()
	for _, room := range rooms {
		if _, err := os.Stat(filepath.Join("..", "..", room)); err == nil {
			l.Fatalf("%s exists now: this test must be written", room)
		}
	}
	l.missing = why
	l.Skip("not yet built: " + why)
}

// close writes the line of the table to the file named by BLEED_TABLE.
func (l *ledger) close() {
	path := os.Getenv("BLEED_TABLE")
	if path == "" {
		return
	}
	result := "passed"
	switch {
	case l.Failed():
		result = "FAILED"
	case l.missing != "":
		result = "not yet built"
	case l.Skipped():
		result = "skipped"
	case l.trials.Load() == 0:
		result = "FAILED" // nothing was tried
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		l.Error(err)
		return
	}
	defer f.Close()
	name, _, _ := strings.Cut(strings.TrimPrefix(l.Name(), "TestBleed_"), "_")
	fmt.Fprintf(f, "%s\t%s\t%s\t%d\t%d\t%s\n", name, l.causes, l.what, l.trials.Load(), l.bleeds.Load(), result)
}

// longTest is the number of trials from which a plain go test does a quarter.
const longTest = 100

// trials is the number of trials to do: n, times BLEED_TRIALS. Where that is
// not set it is the daily run of all tests and no proof, and the longest do a
// quarter.
func trials(t testing.TB, n int) int {
	t.Helper()
	text := os.Getenv("BLEED_TRIALS")
	switch {
	case text == "" && n >= longTest:
		return n / 4
	case text == "":
		return n
	}
	times, err := strconv.Atoi(text)
	if err != nil || times < 1 {
		t.Fatalf("BLEED_TRIALS=%q is no number of times", text)
	}
	return n * times
}
