//go:build cgo

package encvfs

import (
	"database/sql"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// TestHolesAreSealed: in rollback mode SQLite may never write a page that was
// allocated and freed in one transaction.
func TestHolesAreSealed(t *testing.T) {
	const grow = "insert into %s select zeroblob(%d) from (with recursive c(v) as (select 1 union all select v+1 from c where v<%d) select v from c)"
	for _, mode := range []string{"wal", "delete"} {
		path, key := filepath.Join(t.TempDir(), "h.db"), newKey()
		db := single(t, path, key, "pragma journal_mode="+mode, "pragma cache_size=-64000", "create table a(x)", "create table keep(x)")
		exec(t, db,
			"begin", "create table big(x)", fmt.Sprintf(grow, "big", 9000, 100), "drop table big",
			"create table y(x)", "insert into y values(zeroblob(100))", "commit",
			"begin", "create table big2(x)", fmt.Sprintf(grow, "big2", 3000, 500), "delete from big2 where rowid<400", "commit",
			"begin", fmt.Sprintf(grow, "a", 9000, 200), "insert into keep select zeroblob(50000)", "delete from a", "commit",
			"begin", fmt.Sprintf(grow, "a", 9000, 400), "drop table a", "create table z(x)", "commit")
		checkIntegrity(t, db)
		// The backup reads every page, those on the free list too.
		if err := backup(t, db, single(t, filepath.Join(t.TempDir(), "b.db"), key)); err != nil {
			t.Error(mode, err)
		}
		must(t, db.Close())
		checkPages(t, path, key)
	}
}

func TestRandomGrowthAndShrinkingLeavesNoHoles(t *testing.T) {
	r := mrand.New(mrand.NewPCG(9, 9))
	for _, mode := range []string{"wal", "delete"} {
		path, key := filepath.Join(t.TempDir(), "h.db"), newKey()
		for round := range 40 {
			db := single(t, path, key, "pragma journal_mode="+mode, "pragma cache_size=-64000", "pragma synchronous=off")
			for k := range 3 {
				growAndShrink(t, db, r, fmt.Sprintf("t%d_%d", round, k))
			}
			must(t, db.Close())
			checkPages(t, path, key)
		}
	}
}

// TestHolesAreSealedAfterAnotherConnectionShortenedTheFile: how long the file
// is known to be holds under the locks of then only.
func TestHolesAreSealedAfterAnotherConnectionShortenedTheFile(t *testing.T) {
	r := mrand.New(mrand.NewPCG(4, 4))
	for _, mode := range []string{"wal", "delete"} {
		path, key := filepath.Join(t.TempDir(), "h.db"), newKey()
		a := single(t, path, key, "pragma journal_mode="+mode, "pragma cache_size=-64000", "pragma synchronous=off")
		b := single(t, path, key)
		for round := range 15 {
			table := fmt.Sprintf("big%d", round)
			exec(t, a, "create table "+table+"(x)", "insert into "+table+" values(zeroblob(2000000))", "pragma wal_checkpoint(truncate)")
			exec(t, b, "drop table "+table, "vacuum", "pragma wal_checkpoint(truncate)")
			growAndShrink(t, a, r, fmt.Sprintf("t%d", round))
			exec(t, a, "pragma wal_checkpoint(truncate)")
			checkPages(t, path, key)
			checkIntegrity(t, b)
		}
	}
}

// TestHolesInATemporaryDatabaseReadAsZeroes: the backup API reads every page
// of it, those too that were never written.
func TestHolesInATemporaryDatabaseReadAsZeroes(t *testing.T) {
	dir := t.TempDir()
	db := single(t, filepath.Join(dir, "x.db"), newKey(), "pragma temp_store=file", "pragma temp.cache_size=-64000")
	r := mrand.New(mrand.NewPCG(6, 6))
	for i := range 30 {
		growAndShrink(t, db, r, fmt.Sprintf("temp.t%d", i))
	}
	exec(t, db, "pragma temp.cache_size=5", "create table temp.last(x)", "insert into temp.last values(zeroblob(500000))")
	to := plain(t, filepath.Join(dir, "y.db")) // a temporary database has no reserve for tags
	must(t, backupFrom(t, db, "temp", to))
	if n := one[int](t, to, "select length(x) from last"); n != 500_000 {
		t.Errorf("%d bytes", n)
	}
	checkIntegrity(t, to)
}

func growAndShrink(t *testing.T, db *sql.DB, r *mrand.Rand, table string) {
	t.Helper()
	exec(t, db, "begin", "create table "+table+"(x)")
	for range r.IntN(50) {
		exec(t, db, fmt.Sprintf("insert into %s values(zeroblob(%d))", table, r.IntN(20000)))
	}
	exec(t, db, []string{"drop table " + table, "delete from " + table, "delete from " + table + " where rowid%2=0"}[r.IntN(3)], "commit")
}

// TestOver1GiB passes the page of the lock bytes, which stays a hole.
func TestOver1GiB(t *testing.T) {
	if os.Getenv("ENCVFS_BIG") == "" {
		t.Skip("writes 2 GB and takes a minute or more; set ENCVFS_BIG=1 to run it")
	}
	const rows = "insert into b select zeroblob(1000000) from (with recursive c(v) as (select 1 union all select v+1 from c where v<100) select v from c)"
	for _, mode := range []string{"wal", "delete"} {
		path, key := filepath.Join(t.TempDir(), "big.db"), newKey()
		db := single(t, path, key, "pragma journal_mode="+mode, "pragma synchronous=off", "create table b(x)")
		for range 11 {
			exec(t, db, rows)
		}
		if n := one[int64](t, db, "select sum(length(x)) from b"); n != 1_100_000_000 {
			t.Error(mode, n)
		}
		checkIntegrity(t, db)
		must(t, db.Close())
		checkPages(t, path, key)
		must(t, os.Remove(path))
	}
}

// TestOtherPageSizesAndAutoVacuumStayOut: the format has one page size and
// no pointer-map pages; asking for others changes nothing and breaks nothing.
func TestOtherPageSizesAndAutoVacuumStayOut(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "x.db"), newKey()
	db := single(t, path, key)
	for _, q := range []string{"pragma page_size=8192", "pragma auto_vacuum=1", "create table t(a)", "insert into t values(1)",
		"pragma page_size=1024", "vacuum", "pragma auto_vacuum=2", "vacuum"} {
		_, _ = db.ExecContext(t.Context(), q) // refused or ignored, as SQLite likes
	}
	if n := one[int](t, db, "pragma page_size"); n != pageSize {
		t.Errorf("page size %d", n)
	}
	if n := one[int](t, db, "select count(*) from t"); n != 1 {
		t.Errorf("%d rows", n)
	}
	checkIntegrity(t, db)
	must(t, db.Close())
	checkPages(t, path, key)
}

// TestFramesSplitByASyncAreWhole: without powersafe overwrite SQLite writes
// parts of a WAL frame, to sync at a sector's border.
func TestFramesSplitByASyncAreWhole(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "x.db"), newKey()
	db := openPool(dsn(path, token(t, key), url.Values{"psow": {"0"}, "_journal_mode": {"WAL"}, "_synchronous": {"FULL"}}), 1)
	defer db.Close()
	exec(t, db, "create table t(a)", "pragma wal_checkpoint(truncate)")
	for i := range 30 {
		exec(t, db, fmt.Sprintf("insert into t values(%d)", i))
	}
	c := opened(t, crashImage(t, path), key)
	checkIntegrity(t, c.RW)
	if n := one[int](t, c.RO, "select count(*) from t"); n != 30 {
		t.Errorf("%d of 30 rows", n)
	}
}

func TestReadersAndAWriterAgree(t *testing.T) {
	d := opened(t, filepath.Join(t.TempDir(), "x.db"), newKey())
	seed(t, d.RW, 1000)
	var wg sync.WaitGroup
	var done atomic.Bool
	for range 4 {
		wg.Go(func() {
			for !done.Load() {
				var a, b float64
				err := d.RO.QueryRowContext(t.Context(), "select sum(x), sum(x) from t").Scan(&a, &b)
				if err != nil || a != b {
					t.Error(a, b, err)
					return
				}
			}
		})
	}
	for i := range 300 {
		exec(t, d.RW, fmt.Sprintf("update t set x=x+1 where id%%10=%d", i%10))
	}
	done.Store(true)
	wg.Wait()
	checkIntegrity(t, d.RW)
	// each of the 1,000 rows was raised by one 30 times over
	if got := one[float64](t, d.RO, "select sum(x) from t"); got != 999*1000/2+30*1000 {
		t.Errorf("sum %v", got)
	}
}

// TestTwoHandlesOfOneFileAgree: as two programs would have it that both find
// no file, make it and write to it. The one that fails while the other makes
// the file must not take it away.
func TestTwoHandlesOfOneFileAgree(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "x.db"), newKey()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			d, err := openUnlocked(t, path, key)
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			for range 50 {
				if _, err := d.RW.ExecContext(t.Context(), "create table if not exists t(a); insert into t values(1)"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	d := opened(t, path, key)
	if n := one[int](t, d.RO, "select count(*) from t"); n != 100 {
		t.Errorf("%d of 100 rows", n)
	}
	checkIntegrity(t, d.RW)
}

// openUnlocked tries again while the other handle switches the new file to
// WAL: SQLite doesn't wait there, it could be a deadlock.
func openUnlocked(t *testing.T, path string, key []byte) (*DB, error) {
	for {
		d, err := Open(t.Context(), path, key, Options{})
		if cause, ok := errors.AsType[sqlite3.Error](err); !ok || cause.Code != sqlite3.ErrBusy {
			return d, err
		}
	}
}

// TestRandomStatementsGiveWhatPlainSQLiteGives does the same 3,000 random
// statements to a sealed and to a plain database.
func TestRandomStatementsGiveWhatPlainSQLiteGives(t *testing.T) {
	dir := t.TempDir()
	key := newKey()
	sealed, unsealed := single(t, filepath.Join(dir, "e.db"), key), plain(t, filepath.Join(dir, "p.db"))
	for _, db := range []*sql.DB{sealed, unsealed} {
		exec(t, db, "pragma journal_mode=wal", "pragma synchronous=off")
	}
	r := mrand.New(mrand.NewPCG(7, 7))
	both := func(q string) {
		t.Helper()
		_, a := sealed.ExecContext(t.Context(), q)
		_, b := unsealed.ExecContext(t.Context(), q)
		if (a == nil) != (b == nil) {
			t.Fatalf("%.80s: sealed %v, plain %v", q, a, b)
		}
	}
	both("create table t(id integer primary key, a text, b real, c blob); create index i1 on t(a); create virtual table rt using rtree(id,x0,x1)")
	for i := range 3000 {
		both(randomStatement(r, i))
	}
	if dump(t, sealed) != dump(t, unsealed) {
		t.Error("the contents differ")
	}
	checkIntegrity(t, sealed)
	must(t, sealed.Close())
	checkPages(t, filepath.Join(dir, "e.db"), key)
}

func randomStatement(r *mrand.Rand, i int) string {
	number := func() string { return strconv.Itoa(r.IntN(1e6)) }
	rarely := func(n int, q string) string {
		if r.IntN(n) > 0 {
			return "select 1"
		}
		return q
	}
	switch r.IntN(12) {
	default:
		return fmt.Sprintf("insert into t(a,b,c) values('%s',%v,zeroblob(%d))", number(), r.Float64(), r.IntN(9000))
	case 4:
		return fmt.Sprintf("delete from t where id=%d", r.IntN(i+1))
	case 5:
		return fmt.Sprintf("update t set a='%s', c=zeroblob(%d) where id=%d", number(), r.IntN(20000), r.IntN(i+1))
	case 6:
		return fmt.Sprintf("insert into rt values(%d,%d,%d)", i, r.IntN(100), 100+r.IntN(100))
	case 7:
		return "begin; insert into t(a) values('x'),('y'); rollback"
	case 8:
		return "begin; update t set b=b+1 where id%3=0; commit"
	case 9:
		return rarely(40, "vacuum")
	case 10:
		return rarely(20, "pragma wal_checkpoint(truncate)")
	case 11:
		return rarely(60, "pragma journal_mode="+[]string{"delete", "wal", "truncate", "persist"}[r.IntN(4)])
	}
}

func dump(t *testing.T, db *sql.DB) string {
	t.Helper()
	var sb strings.Builder
	for _, q := range []string{"select id, a, b, hex(c) from t order by id", "select id, x0, x1, '' from rt order by id"} {
		rows, err := db.QueryContext(t.Context(), q)
		must(t, err)
		for rows.Next() {
			var v [4]sql.NullString
			must(t, rows.Scan(&v[0], &v[1], &v[2], &v[3]))
			fmt.Fprintln(&sb, v)
		}
		must(t, rows.Err())
		must(t, rows.Close())
	}
	return sb.String()
}
