package whole

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// ways are the two ways to write a file: as the system does it best, and by a
// name beside the place, as on drives that have no nameless files.
var ways = map[string]func(path string, write func(io.Writer) error) error{
	"best": File,
	"named": func(path string, write func(io.Writer) error) error {
		Sweep(filepath.Dir(path))
		return named(filepath.Dir(path), path, write)
	},
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func want(t *testing.T, path, content string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != content {
		t.Errorf("%s holds %.40q, %v", filepath.Base(path), got, err)
	}
}

func TestFileIsNewOrReplacesOne(t *testing.T) {
	for way, file := range ways {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.csv")
			for _, content := range []string{"first, and longer", "second"} {
				if err := file(path, text(content)); err != nil {
					t.Fatal(err)
				}
				want(t, path, content)
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			if got := names(t, dir); !slices.Equal(got, []string{"a.csv"}) {
				t.Errorf("left: %v", got)
			}
		})
	}
}

// What is at the place stays when the content can't be made or put there.
func TestAfterAnErrorAllIsAsBefore(t *testing.T) {
	broken := errors.New("broken")
	for way, file := range ways {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.csv")
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			half := func(w io.Writer) error { return errors.Join(text(strings.Repeat("half", 1e5))(w), broken) }
			if err := file(path, half); !errors.Is(err, broken) {
				t.Error(err)
			}
			want(t, path, "old")
			full := filepath.Join(dir, "full")
			if err := os.MkdirAll(filepath.Join(full, "x"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := file(full, text("new")); err == nil {
				t.Error("a folder was replaced")
			}
			if err := file(filepath.Join(dir, "none", "a"), text("new")); err == nil {
				t.Error("written into a folder that is not there")
			}
			if got := names(t, dir); !slices.Equal(got, []string{"a.csv", "full"}) {
				t.Errorf("left: %v", got)
			}
		})
	}
}

const writerDir, writerWay = "WHOLE_TEST_DIR", "WHOLE_TEST_WAY"

// TestWriterProcess is not a test of its own: it is the process that is killed
// while it writes, by TestKilledWriterLeavesNothingForLong.
func TestWriterProcess(t *testing.T) {
	dir := os.Getenv(writerDir)
	if dir == "" {
		return
	}
	half := func(w io.Writer) error {
		if err := text(strings.Repeat("secret", 1e5))(w); err != nil {
			return err
		}
		fmt.Println("writing")
		_, err := io.Copy(io.Discard, os.Stdin) // until it is killed
		return err
	}
	if os.Getenv(writerWay) == "folder" {
		f, err := NewFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(f.Path, "half"), []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := half(io.Discard); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := ways[os.Getenv(writerWay)](filepath.Join(dir, "a.csv"), half); err != nil {
		t.Fatal(err)
	}
}

// writing starts a process that has written half of something into dir.
func writing(t *testing.T, dir, way string) (kill func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriterProcess$")
	cmd.Env = append(os.Environ(), writerDir+"="+dir, writerWay+"="+way)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("writing"))); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // killed
		in.Close()
	}
}

// A writer that still writes is left in peace; once it is killed, whoever
// writes there next removes what it left, and nothing else.
func TestKilledWriterLeavesNothingForLong(t *testing.T) {
	others := []string{".mrpt-", ".mrpt-12a", ".mrpt-notes", "x.mrpt-1"}
	for _, way := range []string{"best", "named", "folder"} {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range others {
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			kill := writing(t, dir, way)
			before := names(t, dir)
			if err := File(filepath.Join(dir, "b"), text("b")); err != nil {
				t.Fatal(err)
			}
			if got := names(t, dir); !slices.Equal(got, append(slices.Clone(before), "b")) && len(got) != len(before)+1 {
				t.Errorf("what another still writes to was touched: %v, then %v", before, got)
			}
			kill()
			if err := File(filepath.Join(dir, "b"), text("b")); err != nil {
				t.Fatal(err)
			}
			if got, all := names(t, dir), append(slices.Clone(others), "b"); len(got) != len(all) {
				t.Errorf("left: %v", got)
			}
			for _, name := range others {
				if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A link of such a name, or what another account put there, is not followed or
// removed.
func TestSweepTouchesOnlyItsOwn(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(elsewhere, "kept"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, ".mrpt-1")); err != nil {
		t.Skip("this drive has no links:", err)
	}
	wanted := []string{".mrpt-1"}
	if os.Geteuid() == 0 { // only root can give a file away
		path := filepath.Join(dir, ".mrpt-2")
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chown(path, 65534, 65534)); err != nil {
			t.Fatal(err)
		}
		wanted = append(wanted, ".mrpt-2")
	}
	if n := Sweep(dir); n != 0 || !slices.Equal(names(t, dir), wanted) || len(names(t, elsewhere)) != 1 {
		t.Errorf("%d removed, left %v and %v", n, names(t, dir), names(t, elsewhere))
	}
}

// Many at once into one folder, some to one name: nobody sweeps what another
// writes.
func TestManyAtOnce(t *testing.T) {
	for way, file := range ways {
		dir := t.TempDir()
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				if err := file(filepath.Join(dir, fmt.Sprint("f", i%20)), text(strings.Repeat("x", 1e4))); err != nil {
					t.Errorf("%s: %v", way, err)
				}
			})
		}
		wg.Wait()
		if got := names(t, dir); len(got) != 20 {
			t.Errorf("%s: left %v", way, got)
		}
	}
}

func TestSyncFolder(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := root.Mkdir("in", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := SyncFolder(root, "in"); err != nil {
		t.Error(err)
	}
	if err := SyncFolder(root, "gone"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
