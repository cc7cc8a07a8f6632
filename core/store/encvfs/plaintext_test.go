//go:build cgo

package encvfs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestPlaintextNeverReachesDatabaseOrWAL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := opened(t, path, newKey())
	seed(t, d.RW, 5000)
	if n := checkSealed(t, path+"-wal"); n < 100*pageSize {
		t.Errorf("the WAL has only %d bytes: nothing was looked at", n)
	}
	exec(t, d.RW, "pragma wal_checkpoint(truncate)")
	if n := checkSealed(t, path); n < 100*pageSize {
		t.Errorf("the database has only %d bytes: nothing was looked at", n)
	}
	if shm := readFile(t, path+"-shm"); bytes.Contains(shm, []byte(marker)) {
		t.Error("the shared memory file, which is not sealed, holds content")
	}
}

func TestPlaintextNeverReachesTheRollbackJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db := single(t, path, newKey(), "pragma journal_mode=delete")
	seed(t, db, 5000)
	exec(t, db, "pragma cache_size=5", "begin immediate",
		"update t set name='"+marker+"-new'||id, x=x+1")
	if n := checkSealed(t, path+"-journal"); n < 100*pageSize {
		t.Errorf("the journal has only %d bytes: nothing was looked at", n)
	}
	checkSealed(t, path)
	exec(t, db, "rollback")
	checkIntegrity(t, db)
	if n := one[int](t, db, "select count(*) from t where name like '"+marker+"-new%'"); n != 0 {
		t.Errorf("%d rows of a transaction that was rolled back", n)
	}
}

// TestTemporaryFilesAreSealed looks at the files this process holds open,
// which is where SQLite's temporary files are: it unlinks them at once.
func TestTemporaryFilesAreSealed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows a process's unlinked files, under /proc")
	}
	db := single(t, filepath.Join(t.TempDir(), "x.db"), newKey(), "pragma temp_store=file", "pragma cache_size=20")
	seed(t, db, 3000)
	exec(t, db, "create temp table tt as select a.name||b.id n, zeroblob(100) z from t a, t b where b.id < 40")
	looked := 0
	for _, file := range unlinkedFiles(t) {
		looked += len(file)
		if bytes.Contains(file, []byte(marker)) {
			t.Error("a temporary file holds content in clear")
		}
	}
	if looked < 1<<20 {
		t.Errorf("only %d bytes of temporary files were found", looked)
	}
	if n := one[int](t, db, "select count(*) from tt where n like '"+marker+"%'"); n != 39*3000 {
		t.Errorf("%d rows came back from the temporary file", n)
	}
}

func unlinkedFiles(t *testing.T) (contents [][]byte) {
	t.Helper()
	const dir = "/proc/self/fd/"
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		target, err := os.Readlink(dir + e.Name())
		if err != nil || !strings.HasSuffix(target, " (deleted)") {
			continue
		}
		contents = append(contents, readFile(t, dir+e.Name()))
	}
	return contents
}

// TestEveryJournalModeWorks runs the same work, with savepoints, rollbacks,
// spills and big sorts, in each journal mode and with temporary data in files.
func TestEveryJournalModeWorks(t *testing.T) {
	for _, mode := range []string{"delete", "truncate", "persist", "memory", "off", "wal"} {
		for _, temp := range []string{"memory", "file"} {
			t.Run(mode+"/"+temp, func(t *testing.T) { workIn(t, mode, temp) })
		}
	}
}

func workIn(t *testing.T, mode, temp string) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	db := single(t, path, key, "pragma journal_mode="+mode, "pragma temp_store="+temp, "pragma cache_size=20", "pragma synchronous="+map[string]string{"memory": "normal", "file": "full"}[temp])
	seed(t, db, 3000)
	for i := range 20 {
		end := "commit"
		if i%2 == 0 && mode != "off" { // without a journal there is no rolling back
			end = "rollback"
		}
		exec(t, db, "begin", fmt.Sprintf("update t set x=x+1, name=name||'!' where id%%7=%d", i%7))
		if mode != "off" {
			exec(t, db, "savepoint s", "delete from t where id%11=0",
				"insert into t(name) select '"+marker+"'||hex(randomblob(20)) from t limit 500", "rollback to s", "release s")
		}
		exec(t, db, end)
	}
	exec(t, db, "create temp table tt as select a.name||b.id n from t a, t b where b.id<30 order by n desc",
		"create index temp.tti on tt(n)", "drop table temp.tt")
	if n := one[int](t, db, "select count(*) from t"); n != 3000 {
		t.Errorf("%d rows", n)
	}
	checkIntegrity(t, db)
	must(t, db.Close())
	checkSealed(t, path)
	checkPages(t, path, key)
}

// TestATemporaryTableSurvivesSpillsInAnyOrder makes a temporary database write
// its pages out of order, beyond its end and anew.
func TestATemporaryTableSurvivesSpillsInAnyOrder(t *testing.T) {
	db := single(t, filepath.Join(t.TempDir(), "x.db"), newKey(), "pragma temp_store=file", "pragma temp.cache_size=5")
	exec(t, db, "create temp table u(id integer primary key, b blob)")
	for i := range 40 {
		exec(t, db, fmt.Sprintf("insert into u(b) select zeroblob(%d) from (with recursive c(v) as (select 1 union all select v+1 from c where v<20) select v from c)", 100+i*331),
			fmt.Sprintf("delete from u where id%%%d=0", 2+i%5),
			fmt.Sprintf("update u set b=randomblob(%d) where id%%3=%d", 50+i*517%9000, i%3))
	}
	rows := one[int](t, db, "select count(*) from u")
	if n := one[int](t, db, "select count(length(b)) from u"); n != rows || rows == 0 {
		t.Errorf("%d of %d rows", n, rows)
	}
	checkIntegrity(t, db)
}
