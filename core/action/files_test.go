package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func text(s string) func(io.Writer) error {
	return func(out io.Writer) error { _, err := io.WriteString(out, s); return err }
}

func TestSaveWritesTheWholeFile(t *testing.T) {
	b := newBench(t)
	b.write("old.csv", "old, and longer than the new")
	for _, name := range []string{"new.csv", "old.csv"} {
		if err := (output{b.path(name), text("whole")}).save("export"); err != nil {
			t.Fatal(err)
		}
		if got := b.read(name); got != "whole" {
			t.Errorf("%s holds %q", name, got)
		}
	}
	if got := b.files(); !slices.Equal(got, []string{"new.csv", "old.csv"}) {
		t.Errorf("left: %v", got)
	}
}

// A file that can't be written leaves the old one, or none, and no rest.
func TestSaveLeavesTheOldFileOrNone(t *testing.T) {
	b := newBench(t)
	b.write("old.csv", "old")
	half := func(err error) func(io.Writer) error {
		return func(out io.Writer) error {
			if _, err := io.WriteString(out, strings.Repeat("half of it ", 10_000)); err != nil {
				return err
			}
			return err
		}
	}
	broken := errors.New("the picture went wrong")
	own := problem.New(problem.NotFound, "map", "evi", "no ward has a value", "Show something else")
	for _, name := range []string{"old.csv", "new.csv"} {
		p := mustProblem(t, output{b.path(name), half(broken)}.save("export"), problem.BadInput)
		if p.Subject != name || p.Op != "export" || !errors.Is(p, broken) {
			t.Errorf("%+v", p)
		}
		// A problem of the writer is told as it is.
		if err := (output{b.path(name), half(own)}).save("map"); !errors.Is(err, own) {
			t.Errorf("got %v", err)
		}
		// Being stopped is no fault of the disk.
		err := output{b.path(name), half(fmt.Errorf("drawing: %w", context.Canceled))}.save("map")
		mustProblem(t, problem.From(err, "map"), problem.Interrupted)
	}
	if got := b.files(); !slices.Equal(got, []string{"old.csv"}) || b.read("old.csv") != "old" {
		t.Errorf("left: %v, %q", got, b.read("old.csv"))
	}
}

func TestSaveToWhereNothingCanBe(t *testing.T) {
	b := newBench(t)
	b.write("folder/file.csv", "x")
	b.write("plain", "x")
	for _, name := range []string{"none/new.csv", "folder", "plain/new.csv"} {
		p := mustProblem(t, output{b.path(name), text("new")}.save("export"), problem.BadInput)
		if strings.Contains(p.Error()+p.Hint, b.dir) {
			t.Errorf("%v tells the folder", p)
		}
	}
	if got := b.files(); !slices.Equal(got, []string{"folder", "plain"}) {
		t.Errorf("left: %v", got)
	}
}

func TestReadFile(t *testing.T) {
	b := newBench(t)
	f, err := readFile("import", b.write("in/wards.csv", "abc"))
	// The hash is that of the standard's example, FIPS 180-2, B.1.
	if err != nil || f.name != "wards.csv" || string(f.data) != "abc" || f.hash != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("%+v, %v", f, err)
	}
	mustProblem(t, second(readFile("import", b.path("none.csv"))), problem.NotFound)
	mustProblem(t, second(readFile("import", "")), problem.NotFound)
	p := mustProblem(t, second(readFile("import", b.path("in"))), problem.BadInput)
	if p.Subject != "in" || !strings.Contains(p.Message, "folder") {
		t.Errorf("of a folder: %+v", p)
	}
	// A path through a file that is no folder names no file.
	if _, err := readFile("import", b.path("in/wards.csv/x")); err == nil {
		t.Error("a file inside a file was read")
	}
}

func second[T any](_ T, err error) error { return err }

// A file with a hole takes no room on the disk and is refused by its size,
// unread.
func TestReadFileRefusesWhatIsTooLarge(t *testing.T) {
	b := newBench(t)
	path := b.write("large.csv", "")
	if err := os.Truncate(path, maxFile+1); err != nil {
		t.Skipf("this file system has no files with holes: %v", err)
	}
	p := mustProblem(t, second(readFile("import", path)), problem.BadInput)
	if !strings.Contains(p.Message, "512 MB") {
		t.Errorf("%+v", p)
	}
}

func TestOpenProblems(t *testing.T) {
	for cause, code := range map[error]problem.Code{
		fs.ErrNotExist: problem.NotFound, fs.ErrPermission: problem.BadInput, errors.New("device is gone"): problem.BadInput,
	} {
		err := openProblem("import", "wards.csv", &fs.PathError{Op: "open", Path: "/home/amina/wards.csv", Err: cause})
		p := mustProblem(t, err, code)
		if !errors.Is(err, cause) || strings.Contains(p.Error()+p.Hint, "amina") {
			t.Errorf("%v: %+v", cause, p)
		}
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		counted(0, "row"): "0 rows", counted(1, "row"): "1 row", counted(2, "row"): "2 rows", counted(12345, "row"): "12,345 rows",
		grouped(999): "999", grouped(1000): "1,000", grouped(-1234567): "-1,234,567", percent(0.12345): "12.3 %",
		listed(nil, 3): "", listed([]string{"a"}, 3): "a", listed([]string{"a", "b", "c"}, 3): "a, b and c",
		listed([]string{"a", "b", "c", "d", "e"}, 3): "a, b, c and 2 more",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
