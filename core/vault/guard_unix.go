//go:build !windows

package vault

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

const others = 0o077 // permissions of group and others

// ownerOnly takes every permission of group and others from name, if they have
// one, and refuses what is another account's: its owner could give that right
// back. A drive may take the change of a mode and not make it; that is refused
// too.
func ownerOnly(root *os.Root, name string, info fs.FileInfo) error {
	if !isMine(info) {
		return fmt.Errorf("%w: %s", errForeign, name)
	}
	if info.Mode()&others == 0 {
		return nil
	}
	if err := root.Chmod(name, info.Mode()&^others); err != nil {
		return err
	}
	now, err := root.Lstat(name)
	if err == nil && now.Mode()&others != 0 {
		err = fmt.Errorf("%w: %s", errWide, name)
	}
	return err
}

// isMine reports whether a file belongs to the account this process works for.
func isMine(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}

// othersMayExchange reports whether others may rename what lies in a folder.
func othersMayExchange(folder fs.FileInfo) bool {
	return folder.Mode()&0o022 != 0 && folder.Mode()&fs.ModeSticky == 0
}

// exposed reports whether group or others have any permission, or another
// account owns it.
func exposed(_ *os.Root, _ string, info fs.FileInfo) (bool, error) {
	return info.Mode()&others != 0 || !isMine(info), nil
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
