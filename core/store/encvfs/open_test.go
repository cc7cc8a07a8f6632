//go:build cgo

package encvfs

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
)

func TestWhatWasWrittenIsThereAfterReopening(t *testing.T) {
	for _, name := range []string{"a.db", "a b%41?#&=ü.db", "'quoted'.db"} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, "?") {
			continue // not a file name there
		}
		path := filepath.Join(t.TempDir(), name)
		key := newKey()
		d := mustOpen(t, path, key)
		exec(t, d.RW, "create table t(a, b)", "insert into t values('hello', 1)")
		must(t, d.Close())
		d = opened(t, path, key)
		if got := one[string](t, d.RO, "select a from t"); got != "hello" {
			t.Errorf("%s: got %q", name, got)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error("the file is not where it was asked for:", err)
		}
	}
}

func TestEveryConnectionHasTheHousesSettings(t *testing.T) {
	d := opened(t, filepath.Join(t.TempDir(), "x.db"), newKey())
	settings := map[string]string{"journal_mode": "wal", "foreign_keys": "1", "temp_store": "2", "busy_timeout": "5000"}
	for name, want := range settings {
		if got := one[string](t, d.RW, "pragma "+name); got != want {
			t.Errorf("RW %s: %s, want %s", name, got, want)
		}
		if got := one[string](t, d.RO, "pragma "+name); got != want {
			t.Errorf("RO %s: %s, want %s", name, got, want)
		}
	}
	if got := one[int](t, d.RW, "pragma synchronous"); got != 1 {
		t.Errorf("synchronous: %d, want 1 (NORMAL)", got)
	}
	if n := d.RW.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("RW may have %d connections", n)
	}
	if n := d.RO.Stats().MaxOpenConnections; n != 4 {
		t.Errorf("RO may have %d connections", n)
	}
}

func TestTheReadOnlyHandleRefusesWrites(t *testing.T) {
	d := opened(t, filepath.Join(t.TempDir(), "x.db"), newKey())
	seed(t, d.RW, 10)
	for _, q := range []string{
		"insert into t(name) values('n')", "update t set x=1", "delete from t", "drop table t",
		"create table u(a)", "create temp table u(a)", "pragma user_version=7", "vacuum",
		"pragma query_only=off; delete from t",
	} {
		if _, err := d.RO.ExecContext(t.Context(), q); err == nil {
			t.Errorf("%q went through", q)
		}
	}
	if got := one[int](t, d.RO, "select count(*) from t"); got != 10 {
		t.Errorf("%d rows", got)
	}
}

func TestTheReadOnlyHandleSeesEachCommit(t *testing.T) {
	d := opened(t, filepath.Join(t.TempDir(), "x.db"), newKey())
	exec(t, d.RW, "create table t(a)")
	for i := range 20 {
		exec(t, d.RW, "insert into t values(1)")
		if got := one[int](t, d.RO, "select count(*) from t"); got != i+1 {
			t.Fatalf("after %d commits: %d rows", i+1, got)
		}
	}
}

func TestAnotherKeyDoesNotOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	d := mustOpen(t, path, key)
	seed(t, d.RW, 100)
	must(t, d.Close())
	before := readFile(t, path)

	if _, err := Open(t.Context(), path, newKey(), Options{}); !errors.Is(err, ErrWrongKey) {
		t.Error("another key:", err)
	}
	one := bytes.Clone(key)
	one[3] ^= 1
	if _, err := Open(t.Context(), path, one, Options{}); !errors.Is(err, ErrWrongKey) {
		t.Error("one bit of the key:", err)
	}
	if _, err := plain(t, path).ExecContext(t.Context(), "select * from sqlite_schema"); err == nil {
		t.Error("plain SQLite reads it")
	}
	if !bytes.Equal(before, readFile(t, path)) {
		t.Error("the attempts changed the file")
	}
}

func TestForeignFilesAreRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	unsealed := filepath.Join(dir, "plain.db")
	p := plain(t, unsealed)
	exec(t, p, "create table a(b)")
	must(t, p.Close())
	files := map[string][]byte{
		"plain.db":  readFile(t, unsealed),
		"note.txt":  []byte("seventeen bytes.."),
		"cut.db":    make([]byte, pageSize-1),
		"zeroes.db": make([]byte, 3*pageSize),
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		writeFile(t, path, content)
		if _, err := Open(t.Context(), path, newKey(), Options{}); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(content, readFile(t, path)) {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestBadCallsAreRefused(t *testing.T) {
	dir := t.TempDir()
	ok := filepath.Join(dir, "x.db")
	calls := map[string]func() error{
		"short key": func() error { _, err := Open(t.Context(), ok, make([]byte, 31), Options{}); return err },
		"no key":    func() error { _, err := Open(t.Context(), ok, nil, Options{}); return err },
		"zero byte": func() error { _, err := Open(t.Context(), "a\x00b", newKey(), Options{}); return err },
		"missing folder": func() error {
			_, err := Open(t.Context(), filepath.Join(dir, "no", "x.db"), newKey(), Options{})
			return err
		},
		"a folder":       func() error { _, err := Open(t.Context(), dir, newKey(), Options{}); return err },
		"limit too high": func() error { _, err := Open(t.Context(), ok, newKey(), Options{SealLimit: 1 << 33}); return err },
		"cancelled": func() error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := Open(ctx, ok, newKey(), Options{})
			return err
		},
	}
	for name, call := range calls {
		if call() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := os.Stat(ok); !errors.Is(err, os.ErrNotExist) {
		t.Error("a refused call left a file")
	}
}

func TestTheRingIsEmptyAndClearedAfterTheLastClose(t *testing.T) {
	before := OpenKeys()
	key := newKey()
	d := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), key)
	if OpenKeys() != before+1 {
		t.Errorf("%d keys while open", OpenKeys())
	}
	held := ring.keys[d.token]
	if !bytes.Equal(held.key[:], key) {
		t.Fatal("the ring holds another key")
	}
	must(t, d.Close())
	must(t, d.Close()) // a second time does no harm
	if OpenKeys() != before {
		t.Errorf("%d keys after closing", OpenKeys())
	}
	if held.key != [keySize]byte{} {
		t.Error("the key's memory was not cleared")
	}
	if _, err := ring.sealer(d.token, make([]byte, saltSize), roleMain); !errors.Is(err, errNoKey) {
		t.Error("a closed database's token still works:", err)
	}
}

func TestAFailedOpenLeavesNoKeyAndNoFile(t *testing.T) {
	before := OpenKeys()
	path := filepath.Join(t.TempDir(), "x.db")
	writeFile(t, path, bytes.Repeat([]byte("x"), 2*pageSize))
	if _, err := Open(t.Context(), path, newKey(), Options{}); err == nil {
		t.Fatal("opened")
	}
	if OpenKeys() != before {
		t.Error("a key stayed on the ring")
	}
}

func TestCloseEmptiesTheWAL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	d := mustOpen(t, path, key)
	seed(t, d.RW, 100)
	one[int](t, d.RO, "select count(*) from t")
	must(t, d.Close())
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		checkGone(t, path+suffix)
	}
	checkPages(t, path, key)
}

func TestClosingWithAnOpenResultIsAnError(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), newKey())
	seed(t, d.RW, 10)
	rows, err := d.RO.QueryContext(t.Context(), "select * from t")
	must(t, err)
	if err := d.Close(); err == nil {
		t.Error("no error")
	}
	must(t, rows.Close())
}

func TestNeitherKeyNorContentIsInErrorsOrDSN(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	d := opened(t, path, key)
	seed(t, d.RW, 10)
	_, wrong := Open(t.Context(), path, newKey(), Options{})
	_, syntax := d.RW.ExecContext(t.Context(), "no such statement")
	copied := d.CopyTo(t.Context(), path, key)
	said := dsn(d.path, d.token, forWriting())
	for _, err := range []error{wrong, syntax, copied} {
		said += "\n" + err.Error()
	}
	for _, secret := range []string{string(key), hex.EncodeToString(key), marker} {
		if strings.Contains(strings.ToLower(said), strings.ToLower(secret)) {
			t.Errorf("a secret is in:\n%s", said)
		}
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits; the profile folder's ACL guards the files there")
	}
	path := filepath.Join(t.TempDir(), "x.db")
	d := opened(t, path, newKey())
	seed(t, d.RW, 10)
	for _, p := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(p)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(p), info.Mode())
		}
	}
}

func TestExplainNamesOnlyWhatItKnows(t *testing.T) {
	other := errors.New("other")
	busy := sqlite3.Error{Code: sqlite3.ErrBusy}
	for _, err := range []error{nil, other, busy} {
		if got := Explain(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
	for want, codes := range map[error][]sqlite3.Error{
		ErrTampered: {{Code: sqlite3.ErrIoErr, ExtendedCode: 8202}, {Code: sqlite3.ErrCorrupt}, {Code: sqlite3.ErrNotADB}},
		ErrKeyWorn:  {{Code: sqlite3.ErrIoErr, ExtendedCode: 7178}},
	} {
		for _, e := range codes {
			if got := Explain(e); !errors.Is(got, want) || !errors.Is(got, e) {
				t.Errorf("%d/%d: %v", e.Code, e.ExtendedCode, got)
			}
		}
	}
}
