package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"chatmrpt/core/problem"
)

// Rotate gives the open vault v a new data key, the passphrase staying as it
// is, and a new recovery code, which it returns and keeps nowhere. It is for
// the day when a copy of the profile and a secret of it may be in wrong hands:
// what is written from then on can't be read with what they have. The keyring of
// the system no longer opens the profile. The caller calls CodeTold when the
// person has the code.
//
// copyStore writes the store to a new file at path under a new 32-byte key, of
// which it keeps no copy, and leaves the old store closed, since its file is
// removed when all went well. It is not called when the passphrase is wrong.
// The switch is one renaming of vault.json, which names the store: before it
// the profile is the old one, after it the new one, and what a crash leaves of
// the other is removed when the profile is next unlocked. v then has the new
// keys; those handed out by it before, StoreKey and Derive alike, open nothing
// any more.
//
// Problems: Locked for a wrong passphrase (or one given too soon, see Unlock)
// and a closed vault, Store for a store that is missing or can't be written,
// Interrupted, and what copyStore returns. When a code comes with an error the
// switch was made, but the disk could not promise to keep it: both codes must
// be kept until the profile was opened again.
func Rotate(ctx context.Context, v *Vault, passphrase []byte,
	copyStore func(ctx context.Context, path string, key []byte) error, o Options) (newRecoveryCode string, err error) {
	v.changing.Lock()
	defer v.changing.Unlock()
	e, old, err := v.reenter(opRotate, o.withDefaults())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, e.leave()) }()
	key := new([keySize]byte)
	defer clear(key[:])
	next, code, err := e.draftNext(ctx, old, passphrase, key)
	if err != nil {
		return "", err
	}
	if err := e.copyStore(ctx, old, next, key, copyStore); err != nil {
		return "", errors.Join(err, removeStore(e.root, next.Store))
	}
	replaced, err := v.switchTo(e, next, key)
	if !replaced {
		return "", errors.Join(err, removeStore(e.root, next.Store))
	}
	if err == nil {
		err = sweepFolder(e.root, next)
	}
	return code, errors.Join(err, e.forgetInKeyring(ctx, old))
}

// reenter opens the folder of an open vault, whose lock v holds, and gives the
// file as it lies there.
func (v *Vault) reenter(op string, o Options) (*entry, *file, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lock == nil {
		return nil, nil, v.lockedProblem(op)
	}
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return nil, nil, unwritable(op, v.name, err)
	}
	return &entry{root: root, id: v.id, op: op, o: o}, v.file, nil
}

// draftNext checks the passphrase and makes the content of the vault that
// follows old: a new data key (into key), both slots, the next store's name.
func (e *entry) draftNext(ctx context.Context, old *file, passphrase []byte, key *[keySize]byte) (next *file, code string, err error) {
	present := new([keySize]byte)
	defer clear(present[:])
	if _, _, err := e.open(ctx, old, (*file).openByPassphrase, passphrase, present); err != nil {
		return nil, "", err
	}
	if err := e.clearFailures(); err != nil {
		return nil, "", err
	}
	if _, err := io.ReadFull(e.o.Rand, key[:]); err != nil {
		return nil, "", stopped(e.op, old.Name, err)
	}
	secret := preparePassphrase(passphrase)
	defer clear(secret)
	next = &file{Format: formatName, Version: formatVersion, ID: old.ID, Name: old.Name, Created: old.Created,
		Store: nextStore(old.storeFile())}
	next, code, err = next.rewrapBoth(ctx, secret, key, e.o)
	if err != nil {
		return nil, "", stopped(e.op, old.Name, err)
	}
	return next, code, next.seal(key)
}

// copyStore has the store copied and makes sure that the copy is there to
// stay.
func (e *entry) copyStore(ctx context.Context, old, next *file, key *[keySize]byte,
	copyStore func(ctx context.Context, path string, key []byte) error) error {
	if info, err := e.root.Lstat(old.storeFile()); err != nil || !info.Mode().IsRegular() {
		return problem.New(problem.Store, e.op, old.Name, "the profile has no store to copy",
			"Open the profile once, which makes its store, and try again").Because(err)
	}
	if err := removeStore(e.root, next.Store); err != nil {
		return unwritable(e.op, old.Name, err)
	}
	sub, err := subkey(key[:], storeLabel)
	if err != nil {
		return err
	}
	defer clear(sub)
	if err := copyStore(ctx, storePath(e.root.Name(), next), sub); err != nil {
		return err
	}
	if err := e.o.fault.at("sync store", func() error { return syncCopy(e.root, next.Store) }); err != nil {
		return unwritable(e.op, old.Name, err)
	}
	return nil
}

// syncCopy makes the copied store and its name durable.
func syncCopy(root *os.Root, name string) error {
	f, err := root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("the copied store: %w", err)
	}
	return errors.Join(f.Sync(), f.Close(), syncFolder(root))
}

// switchTo puts next on the disk and its key into v, unless v was closed
// meanwhile: the profile may be somebody else's by now.
func (v *Vault) switchTo(e *entry, next *file, key *[keySize]byte) (replaced bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lock == nil {
		return false, v.lockedProblem(e.op)
	}
	replaced, err = e.saveCode(next)
	if replaced {
		v.file, v.key = next, *key
	}
	return replaced, err
}

// removeStore removes a store and what SQLite keeps beside it.
func removeStore(root *os.Root, name string) error {
	var failed []error
	for _, suffix := range []string{"-journal", "-wal", "-shm", ""} {
		failed = append(failed, removeIfThere(root, name+suffix))
	}
	return errors.Join(failed...)
}
