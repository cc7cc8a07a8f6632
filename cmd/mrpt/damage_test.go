package main

import (
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// profileFiles lists the files of that name in the profiles of a home.
func profileFiles(ts *testscript.TestScript, home, name string) []string {
	found, err := filepath.Glob(filepath.Join(ts.MkAbs(home), "users", "*", name))
	ts.Check(err)
	if len(found) == 0 {
		ts.Fatalf("no %s in a profile of %s", name, home)
	}
	return found
}

// cmdLeave runs "leave FILE HOME" and puts a copy of the file into every
// profile of the home.
func cmdLeave(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: leave FILE HOME")
	}
	for _, vault := range profileFiles(ts, args[1], "vault.json") {
		to := filepath.Join(filepath.Dir(vault), filepath.Base(args[0]))
		ts.Check(os.WriteFile(to, []byte(ts.ReadFile(args[0])), 0o600))
	}
}

// cmdFlip runs "flip HOME" and changes one bit in the middle of every
// profile's data, which is a page of a column's cells.
func cmdFlip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: flip HOME")
	}
	for _, path := range profileFiles(ts, args[0], "data.db") {
		data, err := os.ReadFile(path)
		ts.Check(err)
		data[len(data)/2] ^= 1
		ts.Check(os.WriteFile(path, data, 0o600))
	}
}
