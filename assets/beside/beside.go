// Package beside gives tests the reference files of the folder "shared" beside
// the repository: other people's data and other people's answers, which are not
// part of it. A test that asks for one where the folder is absent is skipped
// and says so; a file that is absent from the folder is a failure. It is for
// tests only: the rules of the house refuse it anywhere else.
package beside

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Folder is the path of the folder, or skips the test.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(dir, "go.mod")) {
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	folder := filepath.Join(dir, "..", "shared")
	if !exists(folder) {
		t.Skip("needs the shared reference files, which are not part of the repository")
	}
	return folder
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Read is the content of one file, named from the folder with slashes; that of
// a name ending in .gz is given unpacked.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(Folder(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(name) != ".gz" {
		return data
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if data, err = io.ReadAll(z); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return data
}

// Glob names the files that fit a pattern of filepath.Match, from the folder
// with slashes, in order. No file is a failure: the pattern would test nothing.
func Glob(t testing.TB, pattern string) []string {
	t.Helper()
	folder := Folder(t)
	paths, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no shared file fits %s (%v)", pattern, err)
	}
	for i, p := range paths {
		rel, err := filepath.Rel(folder, p)
		if err != nil {
			t.Fatal(err)
		}
		paths[i] = filepath.ToSlash(rel)
	}
	slices.Sort(paths)
	return paths
}

// CSV reads a comma-separated file, header included.
func CSV(t testing.TB, name string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(Read(t, name))).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return rows
}

// JSON reads a file of one JSON value into v.
func JSON(t testing.TB, name string, v any) {
	t.Helper()
	if err := json.Unmarshal(Read(t, name), v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
