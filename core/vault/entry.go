package vault

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"chatmrpt/core/vault/internal/kdf"
)

// entry is one profile's folder during one act. Its holder has the lock of the
// profile, so nobody else changes what lies in it.
type entry struct {
	root *os.Root
	lock *lock // nil when an open Vault holds it
	id   ID
	op   string
	o    Options
}

// enter opens the folder of id and takes its lock, before anything in it is
// read. A users folder that others can enter is closed to them on the way.
func enter(home string, id ID, op string, o Options) (*entry, error) {
	if id.IsZero() {
		return nil, noID(op)
	}
	users, err := openUsers(home, op)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound(op, id.String())
	}
	if err != nil {
		return nil, stopped(op, id.String(), err)
	}
	defer users.Close()
	if err := tightenUsers(users); err != nil {
		return nil, closedHome(op, id.String(), err)
	}
	root, err := openFolder(users, id.String())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound(op, id.String())
	}
	if err != nil {
		return nil, damage(op, id.String(), err)
	}
	l, err := lockVault(root, id, op, o.Now())
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &entry{root: root, lock: l, id: id, op: op, o: o}, nil
}

// tightenUsers takes the users folder itself, not what it holds, from others.
func tightenUsers(users *os.Root) error {
	info, err := users.Stat(".")
	if err != nil {
		return err
	}
	return ownerOnly(users, ".", info)
}

// leave closes the folder and gives up the lock, if it is the entry's.
func (e *entry) leave() error {
	var released error
	if e.lock != nil {
		released = e.lock.release()
		e.lock = nil
	}
	return errors.Join(released, e.root.Close())
}

// lockVault takes the lock of a profile's folder or says who has it.
func lockVault(root *os.Root, id ID, op string, now time.Time) (*lock, error) {
	l, err := tryLock(root, lockName, now)
	switch {
	case errors.Is(err, errHeld):
		return nil, heldProblem(op, displayName(root, id), root, now)
	case errors.Is(err, errLink):
		return nil, damage(op, id.String(), err)
	case err != nil:
		return nil, unwritable(op, id.String(), err)
	}
	return l, nil
}

// displayName is the name to call a profile by in a problem: its id when its
// file can't be read.
func displayName(root *os.Root, id ID) string {
	f, err := readVaultFile(root, id)
	if err != nil {
		return id.String()
	}
	return f.Name
}

// read repairs modes that let others read, and reads the key file.
func (e *entry) read() (*file, error) {
	if err := tighten(e.root); err != nil {
		return nil, damage(e.op, e.id.String(), err)
	}
	f, err := readVaultFile(e.root, e.id)
	if err != nil {
		return nil, damage(e.op, e.id.String(), err)
	}
	return f, nil
}

// way is a manner of opening a file: by whichever slot fits, or by one.
type way func(f *file, ctx context.Context, secret []byte, limit kdf.Params, key *[keySize]byte) (Slot, error)

// open opens f with secret into key, unless it is too soon after earlier
// failures. It counts a wrong secret and gives the failures that lie before a
// right one. What it returns as an error is a problem.
func (e *entry) open(ctx context.Context, f *file, by way, secret []byte, key *[keySize]byte) (Slot, attempts, error) {
	past, err := e.mayTry(f.Name)
	if err != nil {
		return "", past, err
	}
	slot, err := by(f, ctx, secret, e.o.KDF, key)
	if errors.Is(err, errWrongSecret) && !errors.Is(err, errNotTried) {
		err = errors.Join(err, e.countFailure(past))
	}
	if err != nil {
		return "", past, closedProblem(e.op, f.Name, secret, err)
	}
	if err := f.checkSeal(key); err != nil {
		return "", past, damage(e.op, f.Name, err)
	}
	return slot, past, nil
}

// save puts f in the place of vault.json; see replaceFile for what replaced
// means beside an error, which is a problem.
func (e *entry) save(f *file) (replaced bool, err error) {
	data, err := encodeFile(f)
	if err != nil {
		return false, err
	}
	replaced, err = replaceFile(e.root, fileName, data, e.o.fault)
	if err != nil && replaced {
		return true, notDurable(e.op, f.Name, err)
	}
	if err != nil {
		return false, unwritable(e.op, f.Name, err)
	}
	return true, nil
}
