package workspace_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/store/encvfs"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// wantData fails unless the session shows the dataset, cells and all, and the
// folder holds one store.
func wantData(t *testing.T, w *workspace.Workspace, home, name string) {
	t.Helper()
	d, err := w.Latest(t.Context(), "test", workspace.KindWards, name, "none")
	if err != nil {
		t.Fatal(err)
	}
	tb, err := w.Table(t.Context(), d)
	if err != nil || tb.Rows() != 1 || tb.Columns[0].Format(0) != name {
		t.Fatalf("%v, %v", tb, err)
	}
	stores, err := filepath.Glob(filepath.Join(home, "users", "*", "data*.db"))
	if err != nil || len(stores) != 1 {
		t.Fatalf("stores: %v, %v", stores, err)
	}
}

// wantAudit fails unless the chain is whole and the newest entry of that kind.
func wantAudit(t *testing.T, w *workspace.Workspace, kind store.AuditKind) {
	t.Helper()
	entries, err := w.Audit(t.Context())
	if err != nil || entries[len(entries)-1].Kind != kind {
		t.Errorf("%v, %v", entries, err)
	}
	if r, err := w.VerifyAudit(t.Context()); err != nil || len(r.Faults) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRotateKeepsTheDataUnderANewKey(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "Kanariewuri")
	next, code, err := w.Rotate(t.Context(), []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	wantData(t, next, home, "Kanariewuri")
	wantAudit(t, next, store.AuditRotate)
	if err := w.Do(t.Context(), func(context.Context) error { return nil }); !problem.Is(err, problem.Locked) {
		t.Errorf("the old session takes a job: %v", err)
	}
	if _, err := w.Datasets(t.Context()); err == nil {
		t.Error("the old session reads on")
	}
	record(t, next, "Tudun Wada")
	if err := errors.Join(w.Close(), next.Close()); err != nil {
		t.Fatal(err)
	}
	if n := encvfs.OpenKeys(); n != 0 {
		t.Errorf("%d keys are left in memory", n)
	}
	o := options(t, home, "Amina")
	for _, secret := range []string{passphrase, code} {
		o.Secret = []byte(secret)
		again, err := workspace.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		wantData(t, again, home, "Tudun Wada")
		again.Close()
	}
}

// The rotation waits for the jobs of the session, which are told to stop.
func TestRotateEndsTheJobs(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "Kanariewuri")
	started, ended := make(chan struct{}), make(chan struct{})
	go w.Do(context.WithoutCancel(t.Context()), func(ctx context.Context) error {
		close(started)
		<-ctx.Done()
		close(ended)
		return nil
	})
	<-started
	next, _, err := w.Rotate(t.Context(), []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	select {
	case <-ended:
	default:
		t.Error("a job outlived the session")
	}
}

func TestRotateRefusedEndsNothing(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "Kanariewuri")
	next, code, err := w.Rotate(t.Context(), []byte("wrong donkey"), vaulttest.Cheap(t))
	if !problem.Is(err, problem.Locked) || next != w || code != "" {
		t.Errorf("%v, code %q", err, code)
	}
	wantData(t, w, home, "Kanariewuri")
	w.Close()
	if next, _, err := w.Rotate(t.Context(), []byte(passphrase), vaulttest.Cheap(t)); !problem.Is(err, problem.Locked) || next != w {
		t.Errorf("closed: %v", err)
	}
}

// A copy that is stopped, or finds no room, leaves a session of the old key.
func TestRotateStoppedGoesOnWithTheOldKey(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "Kanariewuri")
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	go w.Do(context.WithoutCancel(t.Context()), func(job context.Context) error {
		close(started)
		<-job.Done() // the session is ending: now the person changes their mind
		cancel()
		return nil
	})
	<-started
	next, code, err := w.Rotate(ctx, []byte(passphrase), vaulttest.Cheap(t))
	if !problem.Is(err, problem.Interrupted) || code != "" || next == nil || next == w {
		t.Fatalf("%v, code %q, %v", err, code, next)
	}
	wantData(t, next, home, "Kanariewuri")
	next.Close()
}

// rotatorHome tells the test binary, started again, to rotate until it is
// killed.
const rotatorHome = "WORKSPACE_TEST_ROTATOR_HOME"

// TestRotatorProcess is not a test of its own: it is the process that
// TestRotatorKilledAtAnyMoment kills.
func TestRotatorProcess(t *testing.T) {
	home := os.Getenv(rotatorHome)
	if home == "" {
		return
	}
	w := open(t, home, "Amina")
	fmt.Println("rotating")
	for {
		next, _, err := w.Rotate(t.Context(), []byte(passphrase), vaulttest.Cheap(t))
		if err != nil {
			t.Fatal(err)
		}
		w = next
		fmt.Println("rotated")
	}
}

// Killed at any moment of a rotation, the profile opens with all its data, and
// with one store.
func TestRotatorKilledAtAnyMoment(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "Kanariewuri")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(11, 11))
	switched, swept := map[string]bool{}, 0
	for range 40 {
		killRotator(t, home, random.IntN(3), time.Duration(random.IntN(30_000))*time.Microsecond)
		left, err := filepath.Glob(filepath.Join(home, "users", "*", "data*.db"))
		if err != nil {
			t.Fatal(err)
		}
		if len(left) > 1 {
			swept++
		}
		w := open(t, home, "Amina")
		wantData(t, w, home, "Kanariewuri")
		switched[storeName(t, home)] = true
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(switched) < 2 || swept == 0 {
		t.Errorf("%d stores seen, %d kills in the middle: this did not test what it means to", len(switched), swept)
	}
	t.Logf("40 kills, %d with two stores on the disk, %d different stores", swept, len(switched))
}

func storeName(t *testing.T, home string) string {
	t.Helper()
	stores, err := filepath.Glob(filepath.Join(home, "users", "*", "data*.db"))
	if err != nil || len(stores) != 1 {
		t.Fatalf("%v, %v", stores, err)
	}
	return filepath.Base(stores[0])
}

// killRotator runs a rotating process and kills it some time after it has made
// that many rotations, however long these take.
func killRotator(t *testing.T, home string, rotations int, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestRotatorProcess$")
	cmd.Env = append(os.Environ(), rotatorHome+"="+home)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	line, err := in.ReadString('\n')
	for range rotations {
		if done, err := in.ReadString('\n'); done != "rotated\n" {
			t.Errorf("the other process said %q, %v", done, err)
		}
	}
	<-time.After(after) // the moment of the kill is what is tried, not what is waited for
	cmd.Process.Kill()
	rest, _ := io.ReadAll(in)
	cmd.Wait()
	if line != "rotating\n" || strings.ReplaceAll(string(rest), "rotated\n", "") != "" {
		t.Fatalf("the other process said %q %q, %v", line, rest, err)
	}
}
