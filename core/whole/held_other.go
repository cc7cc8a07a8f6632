//go:build !unix

package whole

import "os"

// hold does nothing here: Windows removes no file that is open.
func hold(*os.File) bool { return true }

// holdFolder does nothing either: an open folder could not be moved.
func holdFolder(string) (*os.File, bool) { return nil, true }

// move closes a named file and puts it in its place: one that is open can't be
// moved.
func move(f *os.File, path string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// abandoned removes a file that nobody has open and reports whether it did. A
// folder is left: nothing tells whether it is still being filled.
func abandoned(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && os.Remove(path) == nil
}
