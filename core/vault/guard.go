package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// What a look at a profile's folder can find wrong.
var (
	errLink      = errors.New("a link or special file among the profile's files")
	errNoProfile = errors.New("not the folder of a profile")
	errForeign   = errors.New("a file that belongs to another account of the computer")
	errWide      = errors.New("a file that others may read on a drive that does not let that be changed")
)

// openFolder opens the folder name of users itself, not what a link of that
// name may point to. All that follows goes through the handle, so nothing
// outside the folder can be reached by it. A folder that is not there gives an
// error that is fs.ErrNotExist.
func openFolder(users *os.Root, name string) (*os.Root, error) {
	seen, err := users.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !seen.IsDir() {
		return nil, fmt.Errorf("%w: %s", errLink, name)
	}
	root, err := users.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	opened, err := root.Stat(".")
	if err == nil && !os.SameFile(seen, opened) {
		err = fmt.Errorf("%w: %s", errLink, name)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

// readFile reads the plain file name of root, at most limit bytes and one more
// (so that the reader sees that there are too many).
func readFile(root *os.Root, name string, limit int64) ([]byte, error) {
	seen, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !seen.Mode().IsRegular() { // a pipe would be waited for without end
		return nil, fmt.Errorf("%w: %s", errLink, name)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := sameFile(root, name, f); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// tighten makes folder and files of a profile readable by their owner alone
// where they are not, and refuses links, special files and what another account
// of the computer owns. Content, times and
// narrower modes are left as they are. Files are not opened: closing another
// handle to a database would drop the locks SQLite holds on it.
func tighten(root *os.Root) error {
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %s", errLink, name)
		}
		return ownerOnly(root, name, info)
	})
}

// Exposed names what others may read or change in the profile's folder, the
// folder itself as "."; unlocking has just taken that from them, so what is
// named was given since. files is how many were looked at.
func (v *Vault) Exposed() (files int, names []string, err error) {
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return 0, nil, err
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // SQLite makes and removes files while we look
		}
		if err != nil {
			return err
		}
		if !d.IsDir() {
			files++
		}
		open, err := exposed(root, name, info)
		if open {
			names = append(names, name)
		}
		return err
	})
	return files, names, err
}

// HomeOpen reports whether others may put another folder in the place of the
// one with the profiles. The home that holds it is the person's affair, and
// nothing is changed about it.
func (v *Vault) HomeOpen() (bool, error) {
	info, err := os.Stat(filepath.Dir(filepath.Dir(v.dir)))
	if err != nil {
		return false, err
	}
	return othersMayExchange(info), nil
}
