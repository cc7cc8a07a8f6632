//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// command is the real program on b's profile, not yet started. TestMain puts
// the program on the path.
func (b *bench) command(args ...string) *exec.Cmd {
	global := []string{"--home", b.home, "--passphrase-file", b.secret, "--user", "Amina"}
	return exec.CommandContext(b.t.Context(), "mrpt", append(global, args...)...)
}

// bigFile unpacks the table of 300,000 rows, whose import lasts long enough to
// be hit in every phase.
func (b *bench) bigFile() string {
	b.t.Helper()
	packed, err := os.Open(b.file("data/facility/nmep_tpr_300k.csv.gz"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		b.t.Fatal(err)
	}
	name := filepath.Join(b.t.TempDir(), "big.csv")
	out, err := os.Create(name)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := io.Copy(out, r); err != nil {
		b.t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.t.Fatal(err)
	}
	return name
}

// storeFile names a file of the only profile.
func (b *bench) storeFile(name string) string {
	b.t.Helper()
	found, err := filepath.Glob(filepath.Join(b.home, "users", "*", "vault.json"))
	if err != nil || len(found) != 1 {
		b.t.Fatal(found, err)
	}
	return filepath.Join(filepath.Dir(found[0]), name)
}

// grown tells when a file has a size or more.
func grown(file string, size int64) func() bool {
	return func() bool {
		info, err := os.Stat(file)
		return err == nil && info.Size() >= size
	}
}

// hitWhen starts an import and sends it sig as soon as now says so. It returns
// what the program wrote to standard error and whether it was hit in time.
func (b *bench) hitWhen(file, name string, sig os.Signal, now func() bool) (stderr string, status int, hit bool) {
	b.t.Helper()
	cmd := b.command("import", file, "--name", name)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	look := time.NewTicker(100 * time.Microsecond) // leaves the processor to the program
	defer look.Stop()
	for {
		select {
		case <-done:
			return errs.String(), cmd.ProcessState.ExitCode(), hit
		case <-look.C:
			if !hit && now() {
				hit = cmd.Process.Signal(sig) == nil
			}
		}
	}
}

// rowsOf lists the tables by name with their rows, through a fresh unlock.
func (b *bench) rowsOf() map[string]float64 {
	b.t.Helper()
	out := map[string]float64{}
	rows, _ := b.run("data", "--all")["tables"].(map[string]any)["data"].([]any)
	for _, r := range rows {
		row := r.(map[string]any)
		out[row["name"].(string)] = row["rows"].(float64)
	}
	return out
}

// An import killed at any moment is there as a whole or not at all, and what
// was there before stays.
func TestKilledImportIsWholeOrNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("imports 300,000 rows several times")
	}
	b := newBench(t)
	big := b.bigFile()
	b.run("import", b.file("data/nigeria/kwara_wards.zip"))
	wal, db := b.storeFile("data.db-wal"), b.storeFile("data.db")
	hits := 0
	for _, m := range []struct {
		name, file string
		more       int64 // bytes by which the file has grown
	}{{"first pages", wal, 100 << 10}, {"pages", wal, 3 << 20}, {"near the end", wal, 7 << 20}, {"folding", db, 1}} {
		name, now := m.name, grown(m.file, size(m.file)+m.more)
		before := b.rowsOf()
		_, status, hit := b.hitWhen(big, name, syscall.SIGKILL, now)
		if hit && status != 0 {
			hits++
		}
		after := b.rowsOf()
		rows, there := after[name]
		if there && rows != 300_000 {
			t.Errorf("killed %s: %v rows of 300,000", name, rows)
		}
		if status == 0 && !there {
			t.Errorf("%s: ended well and nothing is there", name)
		}
		delete(after, name)
		if len(after) != len(before) || after["kwara_wards"] != 211 {
			t.Errorf("killed %s: there was %v, now there is %v", name, before, after)
		}
	}
	if hits < 2 {
		t.Errorf("only %d imports were killed before they ended: nothing is proved", hits)
	}
}

// An import that is stopped, by hand, by closing the terminal or by the system
// going down, ends with status 130, one line and a hint, and leaves nothing: the
// profile is closed as always.
func TestInterruptedImportSaysSo(t *testing.T) {
	b := newBench(t)
	big := b.bigFile()
	before := b.rowsOf()
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		stderr, status, hit := b.hitWhen(big, "stopped", sig, grown(b.storeFile("data.db-wal"), 1))
		if !hit || status != 130 {
			t.Errorf("%v: hit %v, status %d, want 130", sig, hit, status)
		}
		lines := strings.Split(strings.TrimSpace(stderr), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "stopped before it was done") || !strings.HasPrefix(lines[1], "hint: Nothing was saved") {
			t.Errorf("%v: it says %q", sig, lines)
		}
		b.closed(sig.String())
		if after := b.rowsOf(); len(after) != len(before) {
			t.Errorf("%v: there was %v, now there is %v", sig, before, after)
		}
	}
}

// closed checks that the profile was closed and not left: SQLite removes its
// WAL with the last connection.
func (b *bench) closed(when string) {
	b.t.Helper()
	if _, err := os.Lstat(b.storeFile("data.db-wal")); err == nil {
		b.t.Errorf("%s: the profile was left open: there is a WAL", when)
	}
}

// A reader that goes away, as `| head` does, ends the program quietly, and the
// profile is closed as always.
func TestReaderThatGoesAway(t *testing.T) {
	b := newBench(t)
	for _, args := range [][]string{{"--json", "audit"}, {"runs"}} {
		cmd := b.command(args...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout = w
		r.Close()
		err = cmd.Run()
		w.Close()
		if code := exitCode(err); code != 130 || errs.Len() > 0 {
			t.Errorf("%v: status %d, %q", args, code, errs.String())
		}
		b.closed(args[0])
	}
}

// One profile is open once at a time, and the second is told who has it;
// another profile is not in the way.
func TestSecondProcessIsRefused(t *testing.T) {
	b := newBench(t)
	if _, status := b.try("user", "add", "Bola"); status != 0 {
		t.Fatalf("status %d", status)
	}
	w, err := workspace.Open(t.Context(), workspace.Options{
		Home: b.home, User: "Amina", Secret: []byte("correct horse battery"), Project: "default", Version: "test", Vault: vaulttest.Cheap(t), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := b.command("data").CombinedOutput()
	if code := exitCode(err); code != 6 || !strings.Contains(string(out), "(process ") || !strings.Contains(string(out), "Amina") {
		t.Errorf("status %d, %s", code, out)
	}
	if out, err := b.command("--user", "Bola", "data").CombinedOutput(); err != nil {
		t.Errorf("another profile: %v, %s", err, out)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := b.command("data").CombinedOutput(); err != nil {
		t.Errorf("after the first is closed: %v, %s", err, out)
	}
}

// size is the size of a file, 0 when it is not there.
func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

func exitCode(err error) int {
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	return 0
}
