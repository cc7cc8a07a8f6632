package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
)

// begunName is an empty file that says that the profile's store was begun.
// Without it a store that somebody deleted could not be told from one that was
// never made, and the profile would open empty without a word.
const begunName = "begun"

// emptyStore is the size of a store that holds its salt and no page yet (see
// FORMAT.md of encvfs); anything larger that is not whole is found to be
// damaged when it is read.
const emptyStore = 16

// requireStore refuses a profile whose store was begun and is gone. Pages may
// still be in the WAL alone, after a crash in the first session.
func requireStore(v *vault.Vault) error {
	if _, err := os.Stat(filepath.Join(v.Dir(), begunName)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if sizeOf(v.StorePath()) > emptyStore || sizeOf(v.StorePath()+"-wal") > 0 {
		return nil
	}
	return problem.New(problem.Store, "open", v.Name(), "the encrypted data of this profile is gone",
		"Put back a copy of the profile's folder; if there is none, erase the profile and begin anew")
}

// sizeOf is 0 where there is no file.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// markBegun leaves the mark. A store that is already there may be older than
// the mark.
func markBegun(v *vault.Vault) error {
	f, err := os.OpenFile(filepath.Join(v.Dir(), begunName), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return problem.New(problem.Store, "open", v.Name(), "the profile's folder can't be written",
			"Check that the disk has room and is not read-only, then try again").Because(err)
	}
	return f.Close()
}
