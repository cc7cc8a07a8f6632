//go:build cgo

package encvfs

import (
	"bytes"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"path/filepath"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// closedDatabase makes a database of some rows and returns its bytes.
func closedDatabase(tb testing.TB, path string, key []byte, rows int) []byte {
	tb.Helper()
	d := mustOpen(tb, path, key)
	seed(tb, d.RW, rows)
	must(tb, d.Close())
	return readFile(tb, path)
}

// readAll opens the database and reads every page of it; the error is the
// first that a user of the package would see.
func readAll(tb testing.TB, path string, key []byte) error {
	tb.Helper()
	d, err := Open(tb.Context(), path, key, Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	var verdict string
	if err := d.RO.QueryRowContext(tb.Context(), "pragma integrity_check").Scan(&verdict); err != nil {
		return Explain(err)
	}
	if verdict != "ok" {
		return errors.New("integrity_check: " + verdict)
	}
	return nil
}

func TestABitFlippedInAnyPageIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	orig := closedDatabase(t, path, key, 3000)
	checkPages(t, path, key)
	r := mrand.New(mrand.NewPCG(1, 1))
	for page := range len(orig) / pageSize {
		b := bytes.Clone(orig)
		b[page*pageSize+r.IntN(pageSize)] ^= 1 << r.IntN(8)
		writeFile(t, path, b)
		if page > 0 { // a flip in page 1 may be in the salt, and then all pages fail
			checkPages(t, path, key, int64(page+1))
		}
		if err := readAll(t, path, key); err == nil {
			t.Errorf("page %d: not noticed", page+1)
		}
	}
}

func TestABitFlippedAnywhereInTheFirstPageIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	orig := closedDatabase(t, path, key, 10)
	for at := 0; at < pageSize; at += 7 {
		b := bytes.Clone(orig)
		b[at] ^= 1 << (at % 8)
		bad, err := VerifyPages(t.Context(), bytes.NewReader(b), key)
		must(t, err)
		if len(bad) == 0 || bad[0] != 1 {
			t.Fatalf("byte %d: bad pages %v", at, bad)
		}
		if all := len(b) / pageSize; at < saltSize && len(bad) != all {
			t.Errorf("salt byte %d: %d of %d pages fail", at, len(bad), all)
		}
	}
}

// A large schema has pages of its own, which are read while the file is opened:
// damage to them is called damage there too, not a fault of the disk.
func TestADamagedSchemaIsCalledDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	d := mustOpen(t, path, key)
	for i := range 200 {
		exec(t, d.RW, fmt.Sprintf("create table a_table_with_quite_a_long_name_%d(one_column text, another_column text)", i))
	}
	must(t, d.Close())
	orig, refused := readFile(t, path), 0
	for no := 1; no < len(orig)/pageSize; no++ {
		b := bytes.Clone(orig)
		b[no*pageSize+9] ^= 1
		writeFile(t, path, b)
		d, err := Open(t.Context(), path, key, Options{})
		if err == nil {
			must(t, d.Close())
			continue
		}
		refused++
		if !errors.Is(err, ErrTampered) {
			t.Errorf("page %d: %v", no+1, err)
		}
	}
	if refused < 5 {
		t.Errorf("only %d pages of the schema were met", refused)
	}
}

func TestPagesCannotBeSwappedOrMovedBetweenFiles(t *testing.T) {
	dir := t.TempDir()
	key := newKey()
	path, other := filepath.Join(dir, "x.db"), filepath.Join(dir, "y.db")
	orig := closedDatabase(t, path, key, 3000)
	foreign := closedDatabase(t, other, key, 3000) // the same key, the same rows
	page := func(b []byte, no int) []byte { return b[(no-1)*pageSize : no*pageSize] }

	b := bytes.Clone(orig)
	copy(page(b, 11), page(orig, 12))
	copy(page(b, 12), page(orig, 11))
	writeFile(t, path, b)
	checkPages(t, path, key, 11, 12)
	if err := readAll(t, path, key); err == nil {
		t.Error("two swapped pages were not noticed")
	}

	b = bytes.Clone(orig)
	copy(page(b, 11), page(foreign, 11))
	writeFile(t, path, b)
	checkPages(t, path, key, 11)
	if err := readAll(t, path, key); err == nil {
		t.Error("another file's page was not noticed")
	}
}

func TestAForgedPageStopsTheReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	b := closedDatabase(t, path, key, 3000)
	for no := 5; no < len(b)/pageSize; no++ {
		b[no*pageSize+9] ^= 1
	}
	writeFile(t, path, b)
	d := opened(t, path, key)
	var n float64
	err := d.RO.QueryRowContext(t.Context(), "select sum(x) from t").Scan(&n)
	if got := Explain(err); !errors.Is(got, ErrTampered) {
		t.Errorf("read %v, error %v", n, err)
	}
}

func TestACutFileIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	orig := closedDatabase(t, path, key, 3000)
	pages := len(orig) / pageSize
	for _, cut := range []int{1, 28, 100, pageSize - 1, pageSize, 5*pageSize + 3, len(orig) - 17} {
		writeFile(t, path, orig[:len(orig)-cut])
		err := readAll(t, path, key)
		if err == nil {
			t.Errorf("%d bytes cut: not noticed", cut)
		}
		if cut == pageSize && !errors.Is(err, ErrTampered) {
			t.Errorf("a page cut off: %v", err)
		}
		bad, verr := VerifyFile(t.Context(), path, key)
		must(t, verr)
		if cut%pageSize != 0 && (len(bad) != 1 || bad[0] != int64(pages-cut/pageSize)) {
			t.Errorf("%d bytes cut: bad pages %v", cut, bad)
		}
	}
}

// TestAPageCutInTwoNeverReadsAsZeroes: for an overflow page, zeroes would be
// content, so the cut must be an error, not a short read.
func TestAPageCutInTwoNeverReadsAsZeroes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	d := mustOpen(t, path, key)
	exec(t, d.RW, "create table t(b)", "insert into t values(replace(hex(zeroblob(20000)), '0', 'Z'))")
	must(t, d.Close())
	b := readFile(t, path)
	writeFile(t, path, b[:len(b)-1])
	d = opened(t, path, key)
	var content string
	err := d.RO.QueryRowContext(t.Context(), "select b from t").Scan(&content)
	if !errors.Is(Explain(err), ErrTampered) {
		t.Errorf("error %v, %d bytes of content, %d of them zero", err, len(content), bytes.Count([]byte(content), []byte{0}))
	}
}

// TestAFlippedWALEndsThere: what can't be authenticated in recovery is a torn
// tail; the transactions before it stand, the sum is that of some commit.
func TestAFlippedWALEndsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	d := opened(t, path, key)
	seed(t, d.RW, 1000)
	exec(t, d.RW, "pragma wal_checkpoint(truncate)", "update t set x=0", "update t set x=1", "update t set x=2")
	wal := readFile(t, path+"-wal")
	for _, at := range []int{5, 35, 70, 200, len(wal) / 3, len(wal) / 2, len(wal) - 5} {
		crashed := crashImage(t, path)
		b := bytes.Clone(wal)
		b[at] ^= 4
		writeFile(t, crashed+"-wal", b)
		c := mustOpen(t, crashed, key)
		checkIntegrity(t, c.RW)
		low, high := one[float64](t, c.RO, "select min(x) from t"), one[float64](t, c.RO, "select max(x) from t")
		if committed := low == high && low < 2 || low == 0 && high == 999; !committed {
			t.Errorf("byte %d of %d: x is in [%v, %v]", at, len(wal), low, high)
		}
		must(t, c.Close())
		checkPages(t, crashed, key)
	}
}

// TestAForgedWALPageStopsALiveReader: a page that the index of a running
// database points to must be genuine; the zeroes that recovery gets for it
// would be content here.
func TestAForgedWALPageStopsALiveReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := opened(t, path, newKey())
	exec(t, d.RW, "create table t(id integer primary key, b)", "insert into t values(1, 'first')",
		"insert into t values(2, replace(hex(zeroblob(40000)), '0', 'Z'))")
	one[string](t, d.RO, "select b from t where id=1") // schema and root are known, the long row is not
	flipFrames(t, path+"-wal")
	var content string
	err := d.RO.QueryRowContext(t.Context(), "select b from t where id=2").Scan(&content)
	if cause, ok := errors.AsType[sqlite3.Error](err); !ok || cause.ExtendedCode != ioErrData {
		t.Errorf("%d bytes read, error %v", len(content), err)
	}
	flipFrames(t, path+"-wal") // sound again, so that the close can check it in
}

// flipFrames flips a bit in the page of each frame, in place.
func flipFrames(t *testing.T, wal string) {
	t.Helper()
	b := readFile(t, wal)
	for at := 400; at < len(b); at += 4148 {
		b[at] ^= 1
	}
	overwrite(t, wal, b)
}

// TestTheWALOfAnotherDatabaseIsRubbish: even under the same key, for the salt
// differs.
func TestTheWALOfAnotherDatabaseIsRubbish(t *testing.T) {
	dir := t.TempDir()
	key := newKey()
	var images []string
	for i := range 2 {
		path := filepath.Join(dir, fmt.Sprintf("%d.db", i))
		d := opened(t, path, key)
		seed(t, d.RW, 100)
		exec(t, d.RW, "pragma wal_checkpoint(truncate)", fmt.Sprintf("update t set x=%d", 1000+i))
		images = append(images, crashImage(t, path))
	}
	copyFile(t, images[1]+"-wal", images[0]+"-wal")
	d := opened(t, images[0], key)
	if n := one[int](t, d.RO, "select count(*) from t where x >= 1000"); n != 0 {
		t.Errorf("%d rows came from another database's WAL", n)
	}
	checkIntegrity(t, d.RW)
}
