package vault

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"chatmrpt/core/problem"
)

// gonePrefix names the folder of a profile that is being erased; it is never
// listed, and removed by the next Create when this one was stopped.
const gonePrefix = ".gone-"

// Erase removes the profile id for ever once secret, its passphrase or its
// recovery code, has opened it. The key slots go first: vault.json is
// overwritten with random bytes, synced and removed, after which nothing of
// the profile can be read by anybody, whatever is interrupted then. Then go all
// files of the folder, and the folder. Other profiles, and what links in the
// folder point to, are not touched. The caller clears secret.
//
// A copy of vault.json elsewhere (a backup, a snapshot, the spare blocks of a
// flash disk, which keeps what it was told to overwrite) still opens a copy of
// the store. Nothing here can reach it.
//
// Problems: those of Unlock: nothing was changed then, Conflict being the one
// of a profile that is open. A Store problem that says that the keys are
// destroyed means that files are left which nobody can read.
func Erase(ctx context.Context, home string, id ID, secret []byte, o Options) error {
	return erase(ctx, home, id, o, func(e *entry) error { return e.proveOwner(ctx, secret) })
}

// EraseForced is Erase for a profile whose secrets are lost or whose key file
// is damaged. It asks for nothing: whoever could call it could as well remove
// the folder by hand.
func EraseForced(ctx context.Context, home string, id ID, o Options) error {
	return erase(ctx, home, id, o, func(*entry) error { return nil })
}

func erase(ctx context.Context, home string, id ID, o Options, allowed func(*entry) error) error {
	o = o.withDefaults()
	e, err := enter(home, id, opErase, o)
	if err != nil {
		return err
	}
	defer e.leave() // does nothing more when it was left below
	if err := errors.Join(allowed(e), ctx.Err()); err != nil {
		return stopped(opErase, id.String(), err)
	}
	if f, err := readVaultFile(e.root, id); err == nil {
		// What lies in the keyring opens nothing without the slot: no reason to
		// stop.
		_ = e.forgetInKeyring(context.WithoutCancel(ctx), f)
	}
	if err := e.destroyKeys(); err != nil {
		return unwritable(opErase, id.String(), err)
	}
	if err := errors.Join(e.empty(), e.leave(), removeFolder(home, id)); err != nil {
		return problem.New(problem.Store, opErase, id.String(), "the keys are destroyed, but not all files could be removed",
			"Nobody can read them any more; remove the profile's folder by hand, or erase it again by force").Because(err)
	}
	return nil
}

// proveOwner opens the vault to see that secret is right, and keeps nothing.
func (e *entry) proveOwner(ctx context.Context, secret []byte) error {
	f, err := e.read()
	if err != nil {
		return err
	}
	key := new([keySize]byte)
	defer clear(key[:])
	_, _, err = e.open(ctx, f, (*file).open, secret, key)
	return err
}

// destroyKeys makes the key slots unreadable: those of vault.json, and of one
// that was to replace it.
func (e *entry) destroyKeys() error {
	for _, name := range []string{fileName + tempSuffix, fileName} {
		if err := e.shred(name); err != nil {
			return err
		}
	}
	return e.o.fault.at("sync folder", func() error { return syncFolder(e.root) })
}

// shred overwrites a file with random bytes, syncs and removes it. What is no
// plain file is removed and not followed.
func (e *entry) shred(name string) error {
	info, err := e.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() {
		if err := e.o.fault.at("overwrite", func() error { return e.overwrite(name, info.Size()) }); err != nil {
			return err
		}
	}
	return e.o.fault.at("remove", func() error { return e.root.RemoveAll(name) })
}

func (e *entry) overwrite(name string, size int64) error {
	f, err := e.root.OpenFile(name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrPermission) && e.root.Chmod(name, 0o600) == nil {
		f, err = e.root.OpenFile(name, os.O_WRONLY, 0)
	}
	if err != nil {
		return err
	}
	err = sameFile(e.root, name, f)
	if err == nil {
		_, err = io.CopyN(f, e.o.Rand, size)
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// empty removes all files of the folder but the lock, which is still held.
func (e *entry) empty() error {
	entries, err := fs.ReadDir(e.root.FS(), ".")
	failed := []error{err}
	for _, d := range entries {
		if d.Name() != lockName {
			failed = append(failed, e.o.fault.at("remove", func() error { return e.root.RemoveAll(d.Name()) }))
		}
	}
	return errors.Join(failed...)
}

// removeFolder takes the emptied folder out of the list by one renaming and
// removes it.
func removeFolder(home string, id ID) error {
	users, err := openUsers(home, opErase)
	if err != nil {
		return err
	}
	defer users.Close()
	gone := gonePrefix + id.String()
	if err := users.Rename(id.String(), gone); err != nil {
		gone = id.String() // some systems rename no folder that is looked at
	}
	return errors.Join(users.RemoveAll(gone), syncFolder(users))
}
