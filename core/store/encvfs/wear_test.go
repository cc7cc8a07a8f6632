//go:build cgo

package encvfs

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// TestAWornKeyStopsWritingAndLosesNothing writes until the key is worn; then
// each acknowledged row is there, reading goes on, and the close checkpoints.
func TestAWornKeyStopsWritingAndLosesNothing(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "x.db"), newKey()
	d, err := Open(t.Context(), path, key, Options{SealLimit: 500})
	must(t, err)
	exec(t, d.RW, "create table t(a, pad)")
	written := 0
	for err == nil {
		if _, err = d.RW.ExecContext(t.Context(), "insert into t values(1, randomblob(3000))"); err == nil {
			written++
		}
		if written > 500 {
			t.Fatal("the limit was never reached")
		}
	}
	if !errors.Is(Explain(err), ErrKeyWorn) {
		t.Errorf("after %d rows: %v", written, err)
	}
	if n := d.Seals(); n != 500 {
		t.Errorf("%d seals", n)
	}
	if n := one[int](t, d.RO, "select count(*) from t"); n != written {
		t.Errorf("%d rows of %d", n, written)
	}
	if _, err := d.RW.ExecContext(t.Context(), "delete from t"); !errors.Is(Explain(err), ErrKeyWorn) {
		t.Errorf("a second try: %v", err)
	}
	must(t, d.Close())
	checkGone(t, path+"-wal") // the reserve was enough for the checkpoint
	checkPages(t, path, key)
	d = opened(t, path, key)
	checkIntegrity(t, d.RW)
	if n := one[int](t, d.RW, "select count(*) from t"); n != written {
		t.Errorf("%d rows of %d after reopening", n, written)
	}
}

// TestAWornKeyCanBeRotated is the way out that ErrKeyWorn names.
func TestAWornKeyCanBeRotated(t *testing.T) {
	dir := t.TempDir()
	d, err := Open(t.Context(), filepath.Join(dir, "x.db"), newKey(), Options{SealLimit: 300})
	must(t, err)
	defer d.Close()
	exec(t, d.RW, "create table t(a)")
	for err == nil {
		_, err = d.RW.ExecContext(t.Context(), "insert into t values(1)")
	}
	fresh := newKey()
	must(t, d.CopyTo(t.Context(), filepath.Join(dir, "new.db"), fresh))
	c := opened(t, filepath.Join(dir, "new.db"), fresh)
	exec(t, c.RW, "insert into t values(2)")
	if a, b := one[int](t, d.RO, "select count(*) from t"), one[int](t, c.RO, "select count(*) from t"); b != a+1 || a == 0 {
		t.Errorf("%d rows, %d in the copy", a, b)
	}
}

// TestAWornKeyRollsBack: undoing a spilled transaction in rollback mode needs
// seals too, and has the reserve for them.
func TestAWornKeyRollsBack(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "x.db"), newKey()
	must(t, registerOnce())
	w, err := newWear(2000, 0)
	must(t, err)
	tok, drop, err := ring.add(key, w)
	must(t, err)
	t.Cleanup(drop)
	db := openPool(dsn(path, tok, url.Values{}), 1)
	exec(t, db, "pragma cache_size=5", "create table t(id integer primary key, a)",
		"insert into t(a) select hex(zeroblob(1500)) from (with recursive c(v) as (select 1 union all select v+1 from c where v<60) select v from c)")
	for i := 0; err == nil; i++ {
		_, err = db.ExecContext(t.Context(), fmt.Sprintf("update t set a=hex(randomblob(1500))||%d", i))
	}
	if !errors.Is(Explain(err), ErrKeyWorn) {
		t.Error(err)
	}
	must(t, db.Close())
	checkGone(t, path+"-journal") // the reserve was enough for the roll-back
	again := single(t, path, key)
	checkIntegrity(t, again)
	if n := one[int](t, again, "select count(distinct substr(a, 3001)) from t"); n != 1 {
		t.Errorf("rows of %d transactions", n)
	}
	must(t, again.Close())
	checkPages(t, path, key)
}

func TestSealsSpentEarlierCount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := Open(t.Context(), path, newKey(), Options{SealLimit: 1000, SealsSpent: 900})
	must(t, err)
	defer d.Close()
	if n := d.Seals(); n <= 900 || n > 950 {
		t.Errorf("%d seals after opening", n)
	}
	for err == nil {
		_, err = d.RW.ExecContext(t.Context(), "create table if not exists t(a); insert into t values(1)")
	}
	if !errors.Is(Explain(err), ErrKeyWorn) || d.Seals() > 1000 {
		t.Errorf("%d seals, %v", d.Seals(), err)
	}
}

func TestWearKeepsItsReserveForLastSeals(t *testing.T) {
	w, err := newWear(100, 0)
	must(t, err)
	for i := range 100 {
		if !w.spend(i%2 == 0) {
			t.Fatal("refused below the limit:", i)
		}
	}
	if w.spend(false) {
		t.Error("a seal beyond the limit")
	}
	for i := range 100 {
		if !w.spend(true) {
			t.Fatal("no reserve:", i)
		}
	}
	if w.spend(true) || w.made.Load() != 200 {
		t.Errorf("%d seals", w.made.Load())
	}
}

func TestWearCountsOnceUnderConcurrency(t *testing.T) {
	w, err := newWear(10_000, 0)
	must(t, err)
	var granted [4]int
	var wg sync.WaitGroup
	for i := range granted {
		wg.Go(func() {
			for range 5000 {
				if w.spend(false) {
					granted[i]++
				}
			}
		})
	}
	wg.Wait()
	if sum := granted[0] + granted[1] + granted[2] + granted[3]; sum > 10_000 || uint64(sum) != w.made.Load() {
		t.Errorf("%d granted, %d counted", sum, w.made.Load())
	}
}
