package workspace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/store/encvfs"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

const passphrase = "correct horse battery"

func options(t *testing.T, home, user string) workspace.Options {
	t.Helper()
	return workspace.Options{
		Home: home, User: user, Secret: []byte(passphrase), Project: "default", Version: "test",
		Vault: vaulttest.Cheap(t), Now: func() time.Time { return time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC) },
	}
}

func addUser(t *testing.T, home, user string) {
	t.Helper()
	v, _, err := vault.Create(t.Context(), home, user, []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(v.CodeTold(), v.Close()); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, home, user string) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(t.Context(), options(t, home, user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func record(t *testing.T, w *workspace.Workspace, name string) store.Dataset {
	t.Helper()
	tb, err := table.New(name, table.TextOf("ward", name))
	if err != nil {
		t.Fatal(err)
	}
	_, outs, err := w.Record(t.Context(), workspace.Draft{
		Act: "import", Params: struct{}{}, Started: w.Now(), Summary: "Read " + name,
		Outputs: []store.NewDataset{{Kind: workspace.KindWards, Name: name, Table: tb, Source: name + ".csv"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return outs[0]
}

func TestOpenRefusesWhatIsNotNamed(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	for name, change := range map[string]func(*workspace.Options){
		"no user":    func(o *workspace.Options) { o.User = "" },
		"no project": func(o *workspace.Options) { o.Project = "" },
		"no version": func(o *workspace.Options) { o.Version = "" },
		"no clock":   func(o *workspace.Options) { o.Now = nil },
		"long name":  func(o *workspace.Options) { o.Project = strings.Repeat("x", 65) },
		"escape":     func(o *workspace.Options) { o.Project = "Kano\x1b[31m" },
	} {
		o := options(t, home, "Amina")
		change(&o)
		if _, err := workspace.Open(t.Context(), o); !problem.Is(err, problem.Usage) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	o := options(t, home, "Bola")
	if _, err := workspace.Open(t.Context(), o); !problem.Is(err, problem.NotFound) {
		t.Errorf("unknown user: got %v", err)
	}
	o = options(t, home, "Amina")
	o.Secret = []byte("wrong passphrase")
	if _, err := workspace.Open(t.Context(), o); !problem.Is(err, problem.Locked) {
		t.Errorf("wrong passphrase: got %v", err)
	}
	if n := encvfs.OpenKeys(); n != 0 {
		t.Errorf("%d keys are left in memory", n)
	}
}

func TestASecondOpeningOfOneProfileIsRefused(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	first := open(t, home, "Amina")
	if _, err := workspace.Open(t.Context(), options(t, home, "Amina")); !problem.Is(err, problem.Conflict) {
		t.Fatalf("second opening: got %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, home, "Amina")
}

// Closing stops a running job and returns only when it has ended.
func TestCloseCancelsJobsAndWaits(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	began, ended := make(chan struct{}), false
	result := make(chan error, 1)
	go func() {
		result <- w.Do(context.Background(), func(ctx context.Context) error {
			close(began)
			<-ctx.Done()
			ended = true
			return ctx.Err()
		})
	}()
	<-began
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !ended {
		t.Error("Close returned while the job was still at work")
	}
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("the job ended with %v", err)
	}
	if err := w.Do(t.Context(), func(context.Context) error { t.Error("a job ran in a closed workspace"); return nil }); !problem.Is(err, problem.Locked) {
		t.Errorf("after Close: got %v", err)
	}
	if n := encvfs.OpenKeys(); n != 0 {
		t.Errorf("%d keys are left in memory", n)
	}
}

// Two users in one process: neither sees, by any call, what the other has.
func TestTwoWorkspacesShareNothing(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	addUser(t, home, "Bola")
	a, b := open(t, home, "Amina"), open(t, home, "Bola")
	da := record(t, a, "AminasWard")
	if ds, err := b.Datasets(t.Context()); err != nil || len(ds) != 0 {
		t.Errorf("Bola sees %v (%v)", ds, err)
	}
	if _, err := b.Table(t.Context(), da); !problem.Is(err, problem.NotFound) {
		t.Errorf("Amina's table through Bola's workspace: %v", err)
	}
	if _, err := a.Table(t.Context(), da); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Table(t.Context(), da); !problem.Is(err, problem.NotFound) {
		t.Errorf("after Amina's copy was cached: %v", err)
	}
	if runs, err := b.Runs(t.Context()); err != nil || len(runs) != 0 {
		t.Errorf("Bola sees the runs %v (%v)", runs, err)
	}
	if _, err := b.Inputs(t.Context(), da.Run); !problem.Is(err, problem.NotFound) {
		t.Errorf("inputs of Amina's run: %v", err)
	}
}

func TestProjectsOfOneUserAreApart(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "Kwara")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := options(t, home, "Amina")
	o.Project = "Kano"
	kano, err := workspace.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer kano.Close()
	if ds, err := kano.Datasets(t.Context()); err != nil || len(ds) != 0 {
		t.Errorf("the other project's data shows: %v (%v)", ds, err)
	}
}

func TestCurrentAndLatestGiveTheNewestVersion(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, "env")
	second := record(t, w, "env")
	other := record(t, w, "more")
	ds, err := w.Current(t.Context(), workspace.KindWards)
	if err != nil || len(ds) != 2 || ds[0].ID != second.ID || ds[1].ID != other.ID {
		t.Errorf("current: %+v (%v)", ds, err)
	}
	d, err := w.Latest(t.Context(), "score", workspace.KindWards, "env", "hint")
	if err != nil || d.ID != second.ID {
		t.Errorf("latest env: %+v (%v)", d, err)
	}
	if d, err = w.Latest(t.Context(), "score", workspace.KindWards, "", "hint"); err != nil || d.ID != other.ID {
		t.Errorf("latest of all: %+v (%v)", d, err)
	}
	_, err = w.Latest(t.Context(), "score", workspace.KindPlan, "", "Plan first")
	if p := problem.From(err, ""); p == nil || p.Code != problem.NotFound || p.Hint != "Plan first" {
		t.Errorf("missing kind: %v", err)
	}
}

// No file of the profile and no file name holds anything a user loaded.
func TestCanaryIsNotInTheProfileFolder(t *testing.T) {
	const canary = "KANARIE-Wúrà"
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	record(t, w, canary)
	seen := 0
	look := func() {
		t.Helper()
		err := filepath.WalkDir(home, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			seen++
			if bytes.Contains(data, []byte("KANARIE")) || bytes.Contains([]byte(path), []byte("KANARIE")) {
				t.Errorf("%s holds it in clear", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	look()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	look()
	if seen < 4 {
		t.Errorf("only %d files were looked at", seen)
	}
}

// A panic in a job is a problem with its place and without its text, and the
// session goes on and closes as always.
func TestAPanicIsAProblemWithoutItsText(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, "Amina")
	w := open(t, home, "Amina")
	for _, f := range []func(context.Context) error{
		func(context.Context) error { panic(errors.New("cell holds CANARY")) },
		func(context.Context) error { return fmt.Errorf("%d", []int{}[len(home)]) },
	} {
		err := w.Do(t.Context(), f)
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok || !strings.Contains(p.Message, "at workspace_test.go:") || strings.Contains(fmt.Sprintf("%v %+v %s", err, p, p.Hint), "CANARY") {
			t.Errorf("%v", err)
		}
	}
	record(t, w, "after")
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
