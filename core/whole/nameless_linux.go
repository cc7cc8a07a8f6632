package whole

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// nameless opens a file in dir that has no name. It is errors.ErrUnsupported
// where the drive has no such files, or /proc, by which one is named, is not
// there.
func nameless(dir string) (*os.File, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
	switch {
	case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EISDIR), errors.Is(err, unix.EINVAL):
		return nil, errors.ErrUnsupported // EISDIR is what a kernel or drive says that never heard of it
	case err != nil:
		return nil, &os.PathError{Op: "create", Path: dir, Err: err}
	}
	f := os.NewFile(uintptr(fd), dir)
	if _, err := os.Stat(link(f)); err != nil {
		return nil, errors.Join(errors.ErrUnsupported, f.Close())
	}
	return f, nil
}

func link(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

// name gives a nameless file the name path, unless it is taken (fs.ErrExist).
func name(f *os.File, path string) error {
	err := unix.Linkat(unix.AT_FDCWD, link(f), unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
	if err != nil {
		return &os.LinkError{Op: "link", Old: f.Name(), New: path, Err: err}
	}
	return nil
}
