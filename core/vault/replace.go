package vault

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
)

// tempSuffix marks a file that was to replace another. One that is found was
// left by a process that was stopped, and means nothing.
const tempSuffix = ".new"

// fault is a seam for tests: it is asked before each step of a change to the
// disk, and an error of its is taken for one of that step. Programs have none.
type fault func(step string) error

func (f fault) at(step string, do func() error) error {
	if f != nil {
		if err := f(step); err != nil {
			return err
		}
	}
	return do()
}

// replaceFile puts data in the place of the file name of root, whole or not at
// all, whatever happens in between: it is written beside it, made durable, and
// renamed. The caller holds the lock of the folder.
//
// replaced tells whether name holds data now. With an error it does so only
// when the folder could not be synced after the renaming: a power cut may then
// bring the old content back, and nothing that it needs may be removed yet.
func replaceFile(root *os.Root, name string, data []byte, f fault) (replaced bool, err error) {
	temp := name + tempSuffix
	if err := removeIfThere(root, temp); err != nil {
		return false, err
	}
	if err := writeTemp(root, temp, data, f); err != nil {
		return false, errors.Join(err, removeIfThere(root, temp))
	}
	if err := f.at("rename", func() error { return root.Rename(temp, name) }); err != nil {
		return holds(root, name, data), errors.Join(err, removeIfThere(root, temp))
	}
	return true, f.at("sync folder", func() error { return syncFolder(root) })
}

// writeTemp makes name with data and syncs it.
func writeTemp(root *os.Root, name string, data []byte, f fault) error {
	var file *os.File
	err := f.at("make", func() (err error) {
		file, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		return err
	})
	if err != nil {
		return err
	}
	err = f.at("write", func() error { _, err := file.Write(data); return err })
	if err == nil {
		err = f.at("sync", file.Sync)
	}
	return errors.Join(err, file.Close())
}

// holds asks the disk itself: some file systems report an error for a renaming
// that they did.
func holds(root *os.Root, name string, data []byte) bool {
	there, err := readFile(root, name, int64(len(data)))
	return err == nil && bytes.Equal(there, data)
}

func removeIfThere(root *os.Root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
