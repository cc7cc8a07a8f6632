// Package whole writes files and folders that are there whole or not at all.
//
// What a person exports is in clear, so half a file that nobody knows of is
// worse than none: a program that is killed while it writes must leave nothing.
// On Linux the file has no name until it is complete (O_TMPFILE, then linkat),
// and the system itself removes what was not. Elsewhere, and on drives that
// have no nameless files (most USB sticks), it is written under a name like
// .mrpt-123 beside its place and moved there; so is a folder. What a killed
// program leaves under such a name is removed by whoever writes into that
// folder next, unless it is another account's or somebody still writes to it,
// which a lock on it tells.
package whole

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

// pattern is what os.CreateTemp makes names of, and unfinished recognises them.
const pattern = ".mrpt-*"

var unfinished = regexp.MustCompile(`^\.mrpt-[0-9]+$`)

// File puts a file that its owner alone may read (0600) at path, with what
// write writes, in the place of one that may be there. After an error the old
// file is there, or none; the error is write's own or the disk's.
func File(path string, write func(io.Writer) error) error {
	dir := filepath.Dir(path)
	Sweep(dir)
	f, err := nameless(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		return named(dir, path, write)
	}
	if err != nil {
		return err
	}
	hold(f) // for the moment in which settle may have to name it
	if err = fill(f, write); err == nil {
		err = settle(f, path)
	}
	return errors.Join(err, f.Close())
}

// fill writes the content and makes it durable.
func fill(f *os.File, write func(io.Writer) error) error {
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	return errors.Join(w.Flush(), f.Sync())
}

// settle gives a nameless file its name. Where that is taken it takes another
// for a moment, from which it is moved: no call names a file in the place of
// another at once.
func settle(f *os.File, path string) error {
	err := name(f, path)
	for errors.Is(err, fs.ErrExist) {
		beside := filepath.Join(filepath.Dir(path), fmt.Sprintf(".mrpt-%d", rand.Uint64()))
		if err = name(f, beside); err != nil {
			continue // taken too, or past help
		}
		if err = os.Rename(beside, path); err != nil {
			return errors.Join(err, os.Remove(beside))
		}
	}
	return err
}

// named is File by a named file beside path.
func named(dir, path string, write func(io.Writer) error) error {
	f, err := besides(dir)
	if err != nil {
		return err
	}
	if err := fill(f, write); err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err := move(f, path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// besides makes a named file that is held.
func besides(dir string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(dir, pattern)
		if err != nil || hold(f) {
			return f, err
		}
		f.Close() // it was swept before it was held
	}
}

// Folder is a folder that is being filled, under a name of its own beside its
// place.
type Folder struct {
	Path string   // where to write
	held *os.File // nil where a folder can't be held
}

// NewFolder makes an empty folder in parent, for its owner alone. The caller
// fills it, moves it to its place, and in every case ends with Done.
func NewFolder(parent string) (*Folder, error) {
	Sweep(parent)
	for {
		path, err := os.MkdirTemp(parent, pattern)
		if err != nil {
			return nil, err
		}
		if held, ok := holdFolder(path); ok {
			return &Folder{path, held}, nil
		}
	}
}

// Done removes the folder, if it was not moved away, with all that is in it.
func (f *Folder) Done() error {
	err := os.RemoveAll(f.Path)
	if f.held != nil {
		err = errors.Join(err, f.held.Close())
	}
	return err
}

// SyncFolder makes the names in a folder of root durable, where the system can
// say so: some file systems, and Windows, sync no folder.
func SyncFolder(root *os.Root, name string) error {
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// Sweep removes what killed programs left in dir and says how many files and
// folders that were. What can't be removed stays: it is in nobody's way.
func Sweep(dir string) (removed int) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		ours := unfinished.MatchString(e.Name()) && (e.IsDir() || e.Type().IsRegular())
		if ours && abandoned(filepath.Join(dir, e.Name())) {
			removed++
		}
	}
	return removed
}
