//go:build cgo

package encvfs

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func copyFile(tb testing.TB, from, to string) {
	tb.Helper()
	writeFile(tb, to, readFile(tb, from))
}

// crashImage copies main file and WAL as a power cut would leave them.
func crashImage(tb testing.TB, path string) string {
	tb.Helper()
	to := filepath.Join(tb.TempDir(), "crashed.db")
	copyFile(tb, path, to)
	copyFile(tb, path+"-wal", to+"-wal")
	return to
}

// TestTheWALMendsATornFirstPage: a crash in a checkpoint may tear page 1; what
// SQLite reads of it before it recovers the WAL must not be authenticated.
func TestTheWALMendsATornFirstPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	d := opened(t, path, key)
	seed(t, d.RW, 2000)
	exec(t, d.RW, "pragma wal_checkpoint(truncate)", "pragma wal_autocheckpoint=0")
	for i := range 50 {
		exec(t, d.RW, fmt.Sprintf("update t set x=%d where id%%50=%d", i, i))
	}
	exec(t, d.RW, "create table extra(a)", "insert into extra values(1)")

	crashed := crashImage(t, path)
	b := readFile(t, crashed)
	clear(b[1000:3000])
	writeFile(t, crashed, b)

	c := mustOpen(t, crashed, key)
	checkIntegrity(t, c.RW)
	if n := one[int](t, c.RO, "select count(*) from t where x=id%50"); n != 2000 {
		t.Errorf("%d of 2000 rows", n)
	}
	must(t, c.Close())
	checkPages(t, crashed, key)
}

// TestACommitThatRewroteFramesIsWhole: a transaction that spills a page twice
// writes its frame anew and then the headers of all frames after it; with
// synchronous NORMAL nothing more is written after the last of them.
func TestACommitThatRewroteFramesIsWhole(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "x.db"), newKey()
	d := opened(t, path, key)
	seed(t, d.RW, 500)
	exec(t, d.RW, "pragma wal_checkpoint(truncate)", "pragma wal_autocheckpoint=0", "pragma cache_size=5")
	r := mrand.New(mrand.NewPCG(5, 5))
	want := one[float64](t, d.RO, "select sum(x) from t")
	for i := range 40 {
		first := r.IntN(500)
		some := fmt.Sprintf("where id between %d and %d", first+1, first+1+r.IntN(500-first))
		n := one[int](t, d.RO, "select count(*) from t "+some)
		change := fmt.Sprintf("update t set x=x+1, name=name||'%d' %s;", i, some)
		exec(t, d.RW, "begin; "+strings.Repeat(change, 1+i%4)+" commit")
		want += float64(n * (1 + i%4))
		c := mustOpen(t, crashImage(t, path), key)
		checkIntegrity(t, c.RW)
		if got := one[float64](t, c.RO, "select sum(x) from t"); got != want {
			t.Fatalf("commit %d: sum %v, want %v", i, got, want)
		}
		must(t, c.Close())
	}
}

// TestACrashAfterTheSaltLeavesAnEmptyDatabase: the salt is on disk before any
// page, so a file of the salt alone, or of a part of it, is an empty database.
func TestACrashAfterTheSaltLeavesAnEmptyDatabase(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16} {
		path := filepath.Join(t.TempDir(), "x.db")
		salt := []byte("0123456789abcdef")[:n]
		writeFile(t, path, salt)
		key := newKey()
		d := mustOpen(t, path, key)
		seed(t, d.RW, 100)
		must(t, d.Close())
		checkPages(t, path, key)
		if kept := string(readFile(t, path)[:saltSize]) == string(salt); kept != (n == saltSize) {
			t.Errorf("%d bytes of salt: kept=%v; a whole salt must stay, a part must not", n, kept)
		}
		must(t, mustOpen(t, path, key).Close())
	}
}

// TestTheSaltOutlivesAnEmptiedDatabase: a first transaction that is rolled
// back empties the file, but other connections may know its salt.
func TestTheSaltOutlivesAnEmptiedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	key := newKey()
	a, b := single(t, path, key), single(t, path, key)
	if n := one[int](t, b, "select count(*) from sqlite_schema"); n != 0 {
		t.Fatal(n)
	}
	exec(t, a, "pragma cache_size=5", "begin", "create table u(x)",
		"insert into u select zeroblob(100000) from (select 1 union select 2 union select 3)")
	salt := string(readFile(t, path)[:saltSize])
	exec(t, a, "rollback")
	if left := string(readFile(t, path)); left != salt {
		t.Errorf("%d bytes are left after the rollback, want the salt", len(left))
	}
	exec(t, b, "create table t(x)", "insert into t values(1)")
	exec(t, a, "insert into t values(2)")
	if string(readFile(t, path)[:saltSize]) != salt {
		t.Error("the salt changed")
	}
	checkIntegrity(t, single(t, path, key))
}

const (
	childEnv = "ENCVFS_KILL_CHILD" // its value is the journal mode
	midway   = "."                 // what the child says inside a transaction
)

// TestKill9LosesNoAcknowledgedTransaction: a child writes transactions and
// speaks after each statement; it is killed after a random number of these,
// and the database must hold at least what was acknowledged, nothing torn.
func TestKill9LosesNoAcknowledgedTransaction(t *testing.T) {
	rounds := 6
	if s := os.Getenv("ENCVFS_KILL_ROUNDS"); s != "" {
		n, err := strconv.Atoi(s)
		must(t, err)
		rounds = n
	}
	for _, mode := range []string{"wal", "delete", "truncate", "persist"} {
		t.Run(mode, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "k.db")
			key := newKey()
			r := mrand.New(mrand.NewPCG(3, uint64(len(mode))))
			acked := 0
			for range rounds {
				acked = max(acked, killAfter(t, path, key, mode, 2+r.IntN(120)))
				checkTransactions(t, path, key, acked)
			}
			t.Log("transactions that outlived the kills:", acked)
		})
	}
}

// TestKill9WhileTheFileIsMadeLeavesAUsableOne: the child is killed as soon as
// it says that it begins, somewhere between an empty file, its salt, its first
// page, its first journal and its first WAL.
func TestKill9WhileTheFileIsMadeLeavesAUsableOne(t *testing.T) {
	for range 12 {
		path := filepath.Join(t.TempDir(), "k.db")
		key := newKey()
		killAfter(t, path, key, "wal", 1)
		d := mustOpen(t, path, key)
		seed(t, d.RW, 50)
		checkIntegrity(t, d.RW)
		must(t, d.Close())
		checkPages(t, path, key)
	}
}

// killAfter runs a child until it has said n things (one after each statement),
// kills it, and returns the last transaction that it acknowledged.
func killAfter(t *testing.T, path string, key []byte, mode string, n int) (acked int) {
	t.Helper()
	cmd := childProcess(t.Context(), path, key, mode)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for said := 1; lines.Scan(); said++ {
		if line := lines.Text(); line != midway {
			acked = acknowledged(t, line)
		}
		if said == n {
			must(t, cmd.Process.Kill()) // what it says in the meantime is still read
		}
	}
	_ = cmd.Wait() // "signal: killed"
	return acked
}

func childProcess(ctx context.Context, path string, key []byte, mode string) *osexec.Cmd {
	cmd := osexec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+mode, "ENCVFS_PATH="+path, "ENCVFS_KEY="+hex.EncodeToString(key))
	cmd.Stderr = io.Discard
	return cmd
}

func acknowledged(t *testing.T, line string) int {
	t.Helper()
	n, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal("child:", line)
	}
	return n
}

func checkTransactions(t *testing.T, path string, key []byte, acked int) {
	t.Helper()
	db := single(t, path, key)
	defer db.Close()
	last, count := one[int](t, db, "select max(n) from log"), one[int](t, db, "select count(*) from log")
	if last < acked || count != last {
		t.Fatalf("%d acknowledged, last %d, %d there", acked, last, count)
	}
	if sum := one[int](t, db, "select sum(v) from account"); sum != 0 {
		t.Fatalf("a torn transaction: the sum is %d", sum)
	}
	checkIntegrity(t, db)
}

// writeUntilKilled is the child: each transaction moves value between
// accounts so that the sum stays 0, and spills the small cache.
func writeUntilKilled() {
	if err := writeForever(os.Getenv("ENCVFS_PATH"), os.Getenv("ENCVFS_KEY"), os.Getenv(childEnv)); err != nil {
		fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
	}
	os.Exit(1)
}

func writeForever(path, hexKey, mode string) error {
	key, err := hex.DecodeString(hexKey)
	if err != nil {
		return err
	}
	d, err := prepare(path, key, Options{})
	if err != nil {
		return err
	}
	db := openPool(dsn(d.path, d.token, url.Values{"_synchronous": {"NORMAL"}}), 1)
	fmt.Println(0) // from here on the file may be half made
	const setUp = `pragma cache_size=10; pragma wal_autocheckpoint=50; pragma journal_mode=%s;
		create table if not exists log(n integer primary key, pad text);
		create table if not exists account(id integer primary key, v int, pad text);
		insert or ignore into account select v, 0, hex(randomblob(300))
			from (with recursive c(v) as (select 1 union all select v+1 from c where v < 300) select v from c)`
	if _, err := db.Exec(fmt.Sprintf(setUp, mode)); err != nil {
		return err
	}
	var n int
	if err := db.QueryRow("select coalesce(max(n), 0) from log").Scan(&n); err != nil {
		return err
	}
	for {
		n++
		if err := moveValue(db, n); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func moveValue(db *sql.DB, n int) error {
	for _, q := range []string{
		"begin immediate",
		"update account set v=v+1, pad=hex(randomblob(300)) where id%2=0",
		"update account set v=v-1, pad=hex(randomblob(300)) where id%2=1",
		fmt.Sprintf("insert into log values(%d, hex(randomblob(500)))", n),
	} {
		if _, err := db.Exec(q); err != nil {
			return err
		}
		fmt.Println(midway)
	}
	_, err := db.Exec("commit")
	return err
}
