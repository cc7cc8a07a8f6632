//go:build !windows

package vault

import (
	"io/fs"
	"os"
)

// ownerOnly takes every permission of group and others from name, if they have
// one.
func ownerOnly(root *os.Root, name string, info fs.FileInfo) error {
	const others = 0o077
	if info.Mode()&others == 0 {
		return nil
	}
	return root.Chmod(name, info.Mode()&^others)
}

// exposed reports whether group or others have any permission.
func exposed(_ *os.Root, _ string, info fs.FileInfo) (bool, error) {
	return info.Mode()&0o077 != 0, nil
}

// syncFolder makes the names in a folder durable: without it a crash may lose
// a file whose content was synced.
func syncFolder(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
