//go:build cgo

package encvfs

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
)

func TestACopyOpensUnderItsOwnKeyOnly(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "x.db"), filepath.Join(dir, "copy.db")
	key, newer := newKey(), newKey()
	d := opened(t, path, key)
	seed(t, d.RW, 3000)
	exec(t, d.RW, "delete from t where id%3=0", "pragma user_version=42")
	must(t, d.CopyTo(t.Context(), target, newer))

	checkSealed(t, target)
	checkPages(t, target, newer)
	if _, err := Open(t.Context(), target, key, Options{}); !errors.Is(err, ErrWrongKey) {
		t.Error("the old key opens the copy:", err)
	}
	c := opened(t, target, newer)
	checkIntegrity(t, c.RW)
	for _, q := range []string{"select count(*)||sum(x) from t", "pragma user_version"} {
		if want, got := one[string](t, d.RO, q), one[string](t, c.RO, q); got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
	if bytes.Equal(readFile(t, path)[:saltSize], readFile(t, target)[:saltSize]) {
		t.Error("the copy has the original's salt")
	}
}

func TestACopyUnderTheSameKeyHasItsOwnSalt(t *testing.T) {
	dir := t.TempDir()
	key := newKey()
	d := opened(t, filepath.Join(dir, "x.db"), key)
	seed(t, d.RW, 10)
	must(t, d.CopyTo(t.Context(), filepath.Join(dir, "copy.db"), key))
	if bytes.Equal(readFile(t, d.path)[:saltSize], readFile(t, filepath.Join(dir, "copy.db"))[:saltSize]) {
		t.Error("one salt for two files")
	}
}

// TestACopyIsOneMoment: a transaction that is open, or begins, while the copy
// is made neither waits for it nor gets into it.
func TestACopyIsOneMoment(t *testing.T) {
	dir := t.TempDir()
	key := newKey()
	d := opened(t, filepath.Join(dir, "x.db"), key)
	seed(t, d.RW, 100)
	tx, err := d.RW.BeginTx(t.Context(), nil)
	must(t, err)
	_, err = tx.ExecContext(t.Context(), "delete from t")
	must(t, err)
	must(t, d.CopyTo(t.Context(), filepath.Join(dir, "copy.db"), key))
	must(t, tx.Commit())
	c := opened(t, filepath.Join(dir, "copy.db"), key)
	if n := one[int](t, c.RO, "select count(*) from t"); n != 100 {
		t.Errorf("%d rows in the copy", n)
	}
}

func TestAFailedCopyLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "x.db"), filepath.Join(dir, "copy.db")
	key := newKey()
	d := mustOpen(t, path, key)
	seed(t, d.RW, 3000)
	before := OpenKeys()

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.CopyTo(cancelled, target, newKey()); !errors.Is(err, context.Canceled) {
		t.Error("cancelled:", err)
	}
	if err := d.CopyTo(t.Context(), filepath.Join(dir, "no", "copy.db"), newKey()); err == nil {
		t.Error("a missing folder was no error")
	}
	if err := d.CopyTo(t.Context(), target, []byte("short")); err == nil {
		t.Error("a short key was no error")
	}
	must(t, d.Close())
	damage(t, path)
	d = opened(t, path, key)
	if err := d.CopyTo(t.Context(), target, newKey()); !errors.Is(err, ErrTampered) {
		t.Error("a damaged original:", err)
	}
	if entries, _ := filepath.Glob(filepath.Join(dir, "copy*")); len(entries) > 0 {
		t.Error("left behind:", entries)
	}
	if OpenKeys() != before {
		t.Errorf("%d keys on the ring, before %d", OpenKeys(), before)
	}
}

// damage flips a bit in each page of the second half of a closed database.
func damage(tb testing.TB, path string) {
	tb.Helper()
	b := readFile(tb, path)
	for at := len(b) / 2 / pageSize * pageSize; at < len(b); at += pageSize {
		b[at+100] ^= 1
	}
	writeFile(tb, path, b)
}

func TestACopyNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "copy.db")
	writeFile(t, target, []byte("dear to somebody"))
	d := opened(t, filepath.Join(dir, "x.db"), newKey())
	if err := d.CopyTo(t.Context(), target, newKey()); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if got := string(readFile(t, target)); got != "dear to somebody" {
		t.Errorf("the file now holds %d bytes", len(got))
	}
}

func TestVacuumKeepsThePagesSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	d := mustOpen(t, path, key)
	seed(t, d.RW, 5000)
	exec(t, d.RW, "delete from t where id%3=0", "vacuum")
	checkIntegrity(t, d.RW)
	must(t, d.Close())
	checkSealed(t, path)
	checkPages(t, path, key)
}

// backup copies a whole database with SQLite's backup API.
func backup(tb testing.TB, from, to *sql.DB) error {
	tb.Helper()
	return backupFrom(tb, from, "main", to)
}

func backupFrom(tb testing.TB, from *sql.DB, schema string, to *sql.DB) error {
	tb.Helper()
	return withDriver(tb, from, func(src *sqlite3.SQLiteConn) error {
		return withDriver(tb, to, func(dst *sqlite3.SQLiteConn) error {
			b, err := dst.Backup("main", src, schema)
			if err != nil {
				return err
			}
			_, err = b.Step(-1)
			return errors.Join(err, b.Finish())
		})
	})
}

func withDriver(tb testing.TB, db *sql.DB, f func(*sqlite3.SQLiteConn) error) error {
	tb.Helper()
	c, err := db.Conn(tb.Context())
	must(tb, err)
	defer c.Close()
	return c.Raw(func(a any) error { return f(a.(*sqlite3.SQLiteConn)) })
}

func TestTheBackupAPICopiesBetweenSealedDatabases(t *testing.T) {
	dir := t.TempDir()
	a, b := opened(t, filepath.Join(dir, "a.db"), newKey()), opened(t, filepath.Join(dir, "b.db"), newKey())
	seed(t, a.RW, 3000)
	must(t, backup(t, a.RW, b.RW))
	checkIntegrity(t, b.RW)
	if n := one[int](t, b.RO, "select count(*) from t"); n != 3000 {
		t.Errorf("%d rows", n)
	}
	exec(t, b.RW, "pragma wal_checkpoint(truncate)")
	checkSealed(t, b.path)
}

// TestABackupFromPlainIsRefused: its pages have no room for the tag, and a
// first page without it in the WAL would wedge the database.
func TestABackupFromPlainIsRefused(t *testing.T) {
	dir := t.TempDir()
	p := plain(t, filepath.Join(dir, "p.db"))
	exec(t, p, "create table foreign_table(a)", "insert into foreign_table values('"+marker+"')")
	path, key := filepath.Join(dir, "x.db"), newKey()
	d := mustOpen(t, path, key)
	seed(t, d.RW, 50)
	if err := backup(t, p, d.RW); err == nil {
		t.Error("it went through")
	}
	must(t, d.Close())
	d = opened(t, path, key)
	checkIntegrity(t, d.RW)
	if n := one[int](t, d.RO, "select count(*) from t"); n != 50 {
		t.Errorf("%d of the old rows are left", n)
	}
	checkSealed(t, path)
}

func TestPlainDataComesInByAttachAndGoesOutByVacuumInto(t *testing.T) {
	dir := t.TempDir()
	d := opened(t, filepath.Join(dir, "x.db"), newKey())
	seed(t, d.RW, 100)
	unsealed := fileURI(filepath.Join(dir, "plain.db"), url.Values{"vfs": {rootVFS()}})
	_, err := d.RW.ExecContext(t.Context(), "vacuum into ?", unsealed)
	must(t, err)
	if !bytes.Contains(readFile(t, filepath.Join(dir, "plain.db")), []byte(marker)) {
		t.Error("the plain export is not plain")
	}
	_, err = d.RW.ExecContext(t.Context(), "attach ? as p", unsealed)
	must(t, err)
	exec(t, d.RW, "create table imported as select * from p.t", "detach p")
	if n := one[int](t, d.RO, "select count(*) from imported"); n != 100 {
		t.Errorf("%d rows imported", n)
	}
}

// rootVFS is the name of the operating system's VFS.
func rootVFS() string {
	if filepath.Separator == '\\' {
		return "win32"
	}
	return "unix"
}

// TestAttachAndVacuumIntoNeedATokenOrAnExplicitVFS: a file name alone means
// the VFS of the connection, and that has no key for it; so no plain file can
// come about by an oversight.
func TestAttachAndVacuumIntoNeedATokenOrAnExplicitVFS(t *testing.T) {
	dir := t.TempDir()
	d := opened(t, filepath.Join(dir, "x.db"), newKey())
	fresh := filepath.Join(dir, "new.db")
	for _, q := range []string{
		"attach '" + fresh + "' as z", "vacuum into '" + fresh + "'",
		"attach 'file:" + filepath.ToSlash(fresh) + "?vfs=encvfs' as z",
		"attach 'file:" + filepath.ToSlash(fresh) + "?vfs=encvfs&kid=GUESSED' as z",
	} {
		if _, err := d.RW.ExecContext(t.Context(), q); err == nil {
			t.Errorf("%q went through", q)
		}
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("a file came about")
	}
}

func TestAnAttachedDatabaseHasItsOwnKeyAndSalt(t *testing.T) {
	dir := t.TempDir()
	second := newKey()
	d := opened(t, filepath.Join(dir, "x.db"), newKey())
	path := filepath.Join(dir, "second.db")
	_, err := d.RW.ExecContext(t.Context(), "attach ? as s", dsn(path, token(t, second), url.Values{}))
	must(t, err)
	exec(t, d.RW, "create table s.u(a)", "insert into s.u values('"+marker+"')", "detach s")
	checkSealed(t, path)
	checkPages(t, path, second)
}

// TestACommitOverTwoRollbackFilesIsRefusedAsAWhole: see kindOf in vfs.c.
func TestACommitOverTwoRollbackFilesIsRefusedAsAWhole(t *testing.T) {
	dir := t.TempDir()
	key := newKey()
	db := single(t, filepath.Join(dir, "a.db"), key, "pragma journal_mode=delete", "create table a(x)")
	_, err := db.ExecContext(t.Context(), "attach ? as s", dsn(filepath.Join(dir, "b.db"), token(t, key), url.Values{}))
	must(t, err)
	exec(t, db, "create table s.b(x)")
	if _, err := db.ExecContext(t.Context(), "begin; insert into a values(1); insert into s.b values(1); commit"); err == nil {
		t.Error("it went through")
	}
	_, _ = db.ExecContext(t.Context(), "rollback") // whether it is still open is SQLite's affair
	if n := one[int](t, db, "select (select count(*) from a) + (select count(*) from s.b)"); n != 0 {
		t.Errorf("%d rows of the refused commit", n)
	}
	exec(t, db, "insert into a values(2)", "insert into s.b values(2)")
}

func TestSerializeYieldsWhatSQLiteSees(t *testing.T) {
	d := opened(t, filepath.Join(t.TempDir(), "x.db"), newKey())
	seed(t, d.RW, 100)
	must(t, withDriver(t, d.RW, func(c *sqlite3.SQLiteConn) error {
		b, err := c.Serialize("main")
		if !bytes.HasPrefix(b, []byte("SQLite format 3\x00")) || len(b)%pageSize != 0 || !bytes.Contains(b, []byte(marker)) {
			t.Errorf("%d bytes that are no database", len(b))
		}
		return err
	}))
}
