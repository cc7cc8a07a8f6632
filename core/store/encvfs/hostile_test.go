//go:build cgo

package encvfs

import (
	"bytes"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// use does with a database what a program would; errors are fine, a crash or
// a hang is not.
func use(t *testing.T, path string, key []byte) {
	t.Helper()
	d, err := Open(t.Context(), path, key, Options{ReadOnlyConns: 1})
	if err != nil {
		return
	}
	defer d.Close()
	var s string
	_ = d.RO.QueryRowContext(t.Context(), "pragma integrity_check").Scan(&s)
	_, _ = d.RW.ExecContext(t.Context(), "create table if not exists t2(a); insert into t2 values(zeroblob(9000))")
	_ = d.RO.QueryRowContext(t.Context(), "select sum(x) from t").Scan(&s)
}

// TestRandomBytesNeitherCrashNorHang gives Open random bytes as main file,
// WAL and journal, alone and beside genuine ones.
func TestRandomBytesNeitherCrashNorHang(t *testing.T) {
	key := newKey()
	files := genuineFiles(t, key)
	r := mrand.New(mrand.NewPCG(11, 12))
	path := filepath.Join(t.TempDir(), "x.db")
	for range 100 {
		for _, f := range files {
			must(t, removeFiles(path))
			if r.IntN(4) > 0 {
				writeFile(t, path, files[0].content)
			}
			writeFile(t, path+f.suffix, spoil(r, f.content))
			use(t, path, key)
		}
	}
}

type file struct {
	suffix  string
	content []byte
}

// genuineFiles are a main file, its WAL, and a journal of an earlier state.
func genuineFiles(t *testing.T, key []byte) []file {
	t.Helper()
	path := filepath.Join(t.TempDir(), "g.db")
	closedDatabase(t, path, key, 200)
	journal := JournalForTest(t, path, key, "update t set x=x+1")
	d := opened(t, path, key)
	exec(t, d.RW, "update t set x=7")
	return []file{{"", readFile(t, path)}, {"-wal", readFile(t, path+"-wal")}, {"-journal", journal}}
}

// spoil makes bytes that are random, or cut, or genuine with some changed.
func spoil(r *mrand.Rand, sound []byte) []byte {
	b := bytes.Clone(sound)
	switch r.IntN(5) {
	case 0:
		return randomBytes(r, r.IntN(3*pageSize))
	case 1:
		return b[:r.IntN(len(b)+1)]
	case 2:
		return append(b, randomBytes(r, r.IntN(2*pageSize))...)
	case 3:
		at := r.IntN(len(b))
		copy(b[at:], randomBytes(r, r.IntN(600)))
		return b
	}
	for range 1 + r.IntN(8) {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	}
	return b
}

func randomBytes(r *mrand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestFilesThatClaimToBeHugeAreNotReadThrough: sparse files of 4 TiB cost
// nothing to make, and must cost nothing to refuse.
func TestFilesThatClaimToBeHugeAreNotReadThrough(t *testing.T) {
	key := newKey()
	files := genuineFiles(t, key)
	for _, f := range files {
		path := filepath.Join(t.TempDir(), "x.db")
		writeFile(t, path, files[0].content)
		writeFile(t, path+f.suffix, f.content)
		if err := os.Truncate(path+f.suffix, 1<<42+5); err != nil {
			t.Skipf("this file system has no sparse files of 4 TiB: %v", err)
		}
		d, err := Open(t.Context(), path, key, Options{})
		if err != nil {
			continue
		}
		one[int](t, d.RO, "select count(*) from sqlite_schema")
		must(t, d.Close())
	}
}
