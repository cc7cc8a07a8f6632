package faults

import (
	"errors"
	"os"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/store/encvfs"
)

// TestTheCountersCount: cells that were exchanged by somebody with the key, and
// a run that was taken out, must be seen, or the table proves nothing.
func TestTheCountersCount(t *testing.T) {
	w := newWorld(t)
	for what, change := range map[string]string{
		"cells exchanged": `DROP TRIGGER dataset_column_no_update; UPDATE dataset_column SET cells =
			(SELECT cells FROM dataset_column WHERE dataset = 2 AND ordinal = 1) WHERE dataset = 2 AND ordinal = 0`,
		"a run less": `PRAGMA foreign_keys = off; DROP TRIGGER run_no_delete; DELETE FROM run WHERE id = 2`,
	} {
		home := copied(t, w.ranked)
		key := storeKey(t, home)
		db, err := encvfs.Open(t.Context(), storeFile(t, home), key, encvfs.Options{})
		must(t, err)
		_, err = db.RW.ExecContext(t.Context(), change)
		must(t, err)
		must(t, db.Close())
		if _, err := peek(t, options(t, home, amina)); !errors.Is(err, errSilent) {
			t.Errorf("%s: %v", what, err)
		}
	}
	first, err := peek(t, options(t, w.ranked, amina))
	must(t, err)
	for _, c := range []struct {
		states     []string
		acked      int
		lost, torn int
	}{
		{[]string{first, "1"}, 0, 0, 0}, {[]string{first, "1"}, 1, 1, 0}, {[]string{"0", first}, 0, 0, 0},
		{[]string{"0", "1", first}, 0, 0, 1}, {[]string{"0", "1"}, 0, 0, 1},
	} {
		h, r := history{states: c.states}, &row{}
		h.count(t, r, w.ranked, c.acked)
		if r.lost != c.lost || r.torn != c.torn {
			t.Errorf("%d acknowledged, states %.8v: %d lost, %d torn", c.acked, c.states, r.lost, r.torn)
		}
	}
}

// TestFaults does all of it and prints the table.
func TestFaults(t *testing.T) {
	l, w := newLedger(t), newWorld(t)
	const kill9, full, limited = "kill -9", "disk full (tmpfs)", "file limit (EFBIG, stand-in)"
	l.try(t, kill9, opening, l.kills(w.empty, opening, nil, nil))
	l.try(t, kill9, "import", l.kills(w.empty, "import", w.files, nil))
	l.try(t, kill9, "score", l.kills(w.ranked, "score", nil, nil))
	old := w.first(t)
	l.try(t, kill9, "migration", l.kills(old, opening, nil, nil))
	l.try(t, kill9, rotation, w.rotations(l))
	l.try(t, kill9, "erase", l.kills(w.ranked, "erase", nil, nil))
	l.try(t, kill9, "takeout", l.exports(w.ranked))
	l.try(t, kill9, sending, l.sendKilled(w.ranked))
	l.try(t, full, "import", l.diskFull(w.empty, "import", w.files))
	l.try(t, full, "score", l.diskFull(w.ranked, "score", nil))
	l.try(t, full, "migration", l.diskFull(old, opening, nil))
	l.try(t, full, "erase", l.diskFull(w.ranked, "erase", nil))
	l.try(t, full, rotation, l.diskFull(w.ranked, rotation, nil))
	l.try(t, "stick full (tmpfs)", sending, l.stickFull(w.ranked))
	l.try(t, limited, "import", l.filesLimited(w.empty, "import", w.files))
	l.try(t, "read-only folder", "score", l.readOnly(w.ranked, "score", nil))

	store := []problem.Code{problem.Store}
	l.try(t, "data.db is another user's", "open, read", l.exchanged(w.ranked, "data.db exchanged", store, "data.db"))
	l.try(t, "vault.json is another user's", "open", l.exchanged(w.ranked, "vault.json exchanged",
		[]problem.Code{problem.Store, problem.NotFound}, "vault.json"))
	l.try(t, "both are another user's", "open", l.exchanged(w.ranked, "both exchanged",
		[]problem.Code{problem.Store, problem.NotFound}, "vault.json", "data.db"))
	l.try(t, "-wal is another user's", "open, read", l.foreignWAL(w.ranked, "import", w.files))
	l.try(t, "-wal removed after a crash", "score", l.walLost(w.ranked, "score", nil, removed))
	l.try(t, "-wal removed after a crash", "import", l.walLost(w.empty, "import", w.files, removed))
	l.try(t, "-wal cut after a crash", "import", l.walLost(w.empty, "import", w.files, shortened))
	l.try(t, "-wal bit flipped after a crash", "import", l.walLost(w.empty, "import", w.files, flipped))

	l.try(t, "bit flipped in every page", "open, read, verify", l.flippedPages(w.ranked))
	l.try(t, "bit flipped in vault.json", "open, read", l.flippedKeyFile(w.ranked))
	l.try(t, "data.db cut", "open, read", l.cut(w.ranked))
	l.try(t, "data.db removed or emptied", "open", l.emptied(w.ranked))
	l.try(t, "clock jumps", "score", l.clockBack(w.ranked, "score"))
	l.try(t, "two processes open at once", "open", l.race(w.ranked))
	l.print(os.Stdout)
	if n := encvfs.OpenKeys(); n != 0 {
		t.Errorf("%d keys are left in memory", n)
	}
}
