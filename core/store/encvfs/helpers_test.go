//go:build cgo

package encvfs

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// marker is in every row the tests write, and in no file on disk.
const marker = "PLAINTEXTMARKER"

func newKey() []byte {
	k := make([]byte, keySize)
	rand.Read(k)
	return k
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func mustOpen(tb testing.TB, path string, key []byte) *DB {
	tb.Helper()
	d, err := Open(tb.Context(), path, key, Options{})
	must(tb, err)
	return d
}

// opened is mustOpen with its Close at the end of the test.
func opened(tb testing.TB, path string, key []byte) *DB {
	tb.Helper()
	d := mustOpen(tb, path, key)
	tb.Cleanup(func() { must(tb, d.Close()) })
	return d
}

// token puts key on the ring until the end of the test.
func token(tb testing.TB, key []byte) string {
	tb.Helper()
	must(tb, registerOnce())
	w, err := newWear(0, 0)
	must(tb, err)
	tok, drop, err := ring.add(key, w)
	must(tb, err)
	tb.Cleanup(drop)
	return tok
}

// single opens one connection without the package's WAL, as a test of the
// other journal modes must.
func single(tb testing.TB, path string, key []byte, statements ...string) *sql.DB {
	tb.Helper()
	db := openPool(dsn(path, token(tb, key), url.Values{"_synchronous": {"NORMAL"}}), 1)
	tb.Cleanup(func() { db.Close() })
	exec(tb, db, statements...)
	return db
}

// plain opens an unencrypted database, to compare with.
func plain(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db := sql.OpenDB(connector{drv: &sqlite3.SQLiteDriver{}, dsn: path})
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { db.Close() })
	return db
}

func exec(tb testing.TB, db *sql.DB, statements ...string) {
	tb.Helper()
	for _, q := range statements {
		if _, err := db.ExecContext(tb.Context(), q); err != nil {
			tb.Fatalf("%.80s: %v", q, err)
		}
	}
}

func one[T any](tb testing.TB, db *sql.DB, query string) (v T) {
	tb.Helper()
	must(tb, db.QueryRowContext(tb.Context(), query).Scan(&v))
	return v
}

// seed writes n rows that carry the marker.
func seed(tb testing.TB, db *sql.DB, n int) {
	tb.Helper()
	exec(tb, db,
		"create table if not exists t(id integer primary key, name text, x real, blob blob)",
		"create index if not exists ti on t(name)",
		fmt.Sprintf(`insert into t(name, x, blob) select '%s-' || v, v, replace(hex(zeroblob(25)), '0', 'Z')
			from (with recursive c(v) as (select 0 union all select v+1 from c where v < %d) select v from c)`, marker, n-1))
}

func checkIntegrity(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if got := one[string](tb, db, "pragma integrity_check"); got != "ok" {
		tb.Fatal("integrity_check:", got)
	}
}

func checkPages(tb testing.TB, path string, key []byte, want ...int64) {
	tb.Helper()
	bad, err := VerifyFile(tb.Context(), path, key)
	must(tb, err)
	if fmt.Sprint(bad) != fmt.Sprint(want) {
		tb.Fatalf("%s: pages that do not verify: %v, want %v", filepath.Base(path), bad, want)
	}
}

func readFile(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := os.ReadFile(path)
	must(tb, err)
	return b
}

func writeFile(tb testing.TB, path string, b []byte) {
	tb.Helper()
	must(tb, os.WriteFile(path, b, 0o600))
}

// checkSealed fails if anything of the database's content or schema can be
// read in the file, and returns the file's size.
func checkSealed(tb testing.TB, path string) int {
	tb.Helper()
	b := readFile(tb, path)
	for _, s := range []string{marker, "SQLite format", "CREATE TABLE", "create table", "ZZZZZZ"} {
		if bytes.Contains(b, []byte(s)) {
			tb.Errorf("%s contains %q in clear", filepath.Base(path), s)
		}
	}
	return len(b)
}

// TestMain fails the package when a key is left in memory after all tests.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		writeUntilKilled()
	}
	code := m.Run()
	if n := OpenKeys(); n != 0 {
		fmt.Fprintf(os.Stderr, "%d keys left on the ring\n", n)
		code = 1
	}
	os.Exit(code)
}

// overwrite changes a file in place, as someone with access to a running
// system could.
func overwrite(tb testing.TB, path string, b []byte) {
	tb.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(tb, err)
	defer f.Close()
	_, err = f.WriteAt(b, 0)
	must(tb, err)
}

func checkGone(tb testing.TB, path string) {
	tb.Helper()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		tb.Errorf("%s is still there (%v)", filepath.Base(path), err)
	}
}
