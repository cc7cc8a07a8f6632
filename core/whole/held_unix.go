//go:build unix

package whole

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// hold locks an open file or folder, so that nobody takes it for abandoned
// before it is closed, which the system does for a killed program too. It is
// false when a sweep was quicker. On a drive without locks nothing is ever
// taken for abandoned.
func hold(f *os.File) bool {
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return false
	}
	var s unix.Stat_t
	return unix.Fstat(int(f.Fd()), &s) != nil || s.Nlink > 0
}

// holdFolder is hold for a folder; nil when it can't be opened.
func holdFolder(path string) (held *os.File, ok bool) {
	f, err := os.Open(path)
	switch {
	case err != nil:
		return nil, !errors.Is(err, os.ErrNotExist)
	case !hold(f):
		f.Close()
		return nil, false
	}
	return f, true
}

// move puts a named file in its place and closes it; it is held until then.
func move(f *os.File, path string) error {
	return errors.Join(os.Rename(f.Name(), path), f.Close())
}

// abandoned removes a file or folder of this account that nobody holds and
// reports whether it did.
func abandoned(path string) bool {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var s unix.Stat_t
	if unix.Fstat(fd, &s) != nil || int(s.Uid) != os.Geteuid() || unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil {
		return false
	}
	return os.RemoveAll(path) == nil
}
