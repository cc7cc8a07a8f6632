package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
)

var update = flag.Bool("update", false, "write the golden parts of the scripts anew")

// TestMain makes this binary the program wherever it is called mrpt. Most
// scripts are about something else than what a passphrase costs, and unlock
// hundreds of times; those that are about it say "env PASSPHRASES=in-earnest".
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mrpt": func() {
		if os.Getenv("PASSPHRASES") == "in-earnest" {
			os.Exit(mainStatus(vault.Options{}))
		}
		os.Exit(mainStatus(vaulttest.CheapMain(m)))
	}})
}

// newTerminal is the program in this process, without surroundings and without
// the cost of passphrases.
func newTerminal(t *testing.T, in io.Reader, out, errs io.Writer) terminal {
	t.Helper()
	return terminal{in: in, out: out, err: errs, getenv: func(string) string { return "" }, now: time.Now, vault: vaulttest.Cheap(t)}
}

// TestScripts runs the real binary through the txtar scripts. Each has a home
// of its own and a passphrase file; $SHARED is the folder of real files beside
// the repository, and [shared] tells whether it is there; $RASTERS and $LAYERS
// are those of the small rasters and boundary files that GDAL wrote.
func TestScripts(t *testing.T) {
	shared, err := filepath.Abs("../../../shared")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(shared)
	geo, err := filepath.Abs("../../geo")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Condition: func(cond string) (bool, error) {
			return cond == "shared" && missing == nil, nil
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("SHARED", shared)
			e.Setenv("RASTERS", filepath.Join(geo, "raster", "testdata"))
			e.Setenv("LAYERS", filepath.Join(geo, "boundary", "testdata"))
			e.Setenv("MRPT_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("MRPT_PASSPHRASE_FILE", filepath.Join(e.WorkDir, "passphrase"))
			return os.WriteFile(filepath.Join(e.WorkDir, "passphrase"), []byte("correct horse battery\n"), 0o600)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"status": cmdStatus, "absent": cmdAbsent, "leave": cmdLeave, "flip": cmdFlip, "recovery": cmdRecovery, "wrongtries": cmdWrongTries, "bundleid": cmdBundleID},
	})
}

// cmdStatus runs "status N COMMAND…" and checks the exit status.
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// cmdAbsent runs "absent TEXT FOLDER" and fails when a file in the folder, or
// its name, holds the text.
func cmdAbsent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: absent TEXT FOLDER")
	}
	seen := 0
	err := filepath.WalkDir(ts.MkAbs(args[1]), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		seen++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Contains(string(data), args[0]) || strings.Contains(path, args[0]) {
			ts.Fatalf("%s holds %q", path, args[0])
		}
		return nil
	})
	ts.Check(err)
	if seen == 0 {
		ts.Fatalf("no file in %s: nothing was looked at", args[1])
	}
}
