package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chatmrpt/core/vault/internal/kdf"
)

// Options are what a vault takes from its surroundings. The zero value is what
// programs use.
type Options struct {
	KDF  kdf.Params       // cost of new slots; zero is 64 MiB, 3 passes, 4 lanes, and the only one a program can have
	Rand io.Reader        // source of keys, salts and ids; nil is the system's
	Now  func() time.Time // nil is time.Now

	// Keyring is where the secret of the keyring slot lies; nil is the
	// system's. It is asked only about profiles that have that slot, or are
	// given it.
	Keyring Keyring

	fault fault // for tests of this package
}

func (o Options) withDefaults() Options {
	if o.KDF.IsZero() {
		o.KDF = kdf.Production()
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Keyring == nil {
		o.Keyring = SystemKeyring{}
	}
	return o
}

// Create makes a profile in home, opens it, and returns it with its recovery
// code, which is kept nowhere and can't be shown again. home and its users
// folder are made when missing. The name (1 to 64 characters, trimmed) must
// differ from every other of the home when compared without regard to case;
// the passphrase needs 8 characters and a Strength of 2. Create takes about
// twice the time of one unlocking. The caller clears passphrase, closes the
// vault, and calls CodeTold when the person has the code.
//
// Problems: BadInput for a name or passphrase that can't be, Conflict for a
// name that is taken, Store for a home that can't be written, Interrupted when
// ctx ends, Usage without home. After any of them the home holds no trace of
// the profile: it is prepared under a hidden name and appears by one renaming.
func Create(ctx context.Context, home, name string, passphrase []byte, o Options) (v *Vault, recoveryCode string, err error) {
	o = o.withDefaults()
	if name, err = cleanName(name); err != nil {
		return nil, "", err
	}
	secret, err := choosePassphrase(opCreate, name, passphrase)
	if err != nil {
		return nil, "", err
	}
	defer clear(secret)
	if err := refuseTakenEarly(home, name); err != nil {
		return nil, "", stopped(opCreate, name, err)
	}
	key := new([keySize]byte)
	defer clear(key[:])
	f, code, err := draft(ctx, name, secret, key, o)
	if err != nil {
		return nil, "", stopped(opCreate, name, err)
	}
	v, err = settle(ctx, home, f, key, o)
	if err != nil {
		return nil, "", stopped(opCreate, name, err)
	}
	return v, code, nil
}

// refuseTakenEarly spares the person the derivation when the name is taken
// already. The check that counts is made again under the home's lock.
func refuseTakenEarly(home, name string) error {
	users, err := openUsers(home, opCreate)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer users.Close()
	return refuseTaken(users, name)
}

// draft makes the content of a new vault: id, data key (into key), recovery
// code, both slots and the seal.
func draft(ctx context.Context, name string, secret []byte, key *[keySize]byte, o Options) (f *file, code string, err error) {
	id, err := newID(o.Rand)
	if err != nil {
		return nil, "", err
	}
	if _, err := io.ReadFull(o.Rand, key[:]); err != nil {
		return nil, "", err
	}
	f = &file{Format: formatName, Version: formatVersion, ID: id, Name: name,
		Created: o.Now().UTC().Truncate(time.Second), Store: storeName}
	if f, code, err = f.rewrapBoth(ctx, secret, key, o); err != nil {
		return nil, "", err
	}
	return f, code, f.seal(key)
}

// settle puts the drafted vault in its place and takes its lock. Nobody can
// have opened it in between, so it is taken back when that fails.
func settle(ctx context.Context, home string, f *file, key *[keySize]byte, o Options) (*Vault, error) {
	users, err := makeUsers(home)
	if err != nil {
		return nil, err
	}
	defer users.Close()
	if err := tightenUsers(users); err != nil {
		return nil, closedHome(opCreate, f.Name, err)
	}
	if err := place(ctx, users, f, o.Now()); err != nil {
		return nil, err
	}
	folder := f.ID.String()
	l, err := lockFolder(users, folder, o.Now())
	if err != nil {
		return nil, errors.Join(err, users.RemoveAll(folder))
	}
	return newVault(filepath.Join(users.Name(), folder), f, key, Opening{By: Passphrase}, l, o), nil
}

func lockFolder(users *os.Root, folder string, now time.Time) (*lock, error) {
	root, err := openFolder(users, folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return tryLock(root, lockName, now)
}

// place writes the folder under a hidden name, makes it durable and renames it
// to its own, all under the lock of the home, where it also makes sure of the
// name and sweeps away what a killed predecessor left.
func place(ctx context.Context, users *os.Root, f *file, now time.Time) (err error) {
	l, err := lockHome(ctx, users, now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.release()) }()
	sweep(users)
	if err := refuseTaken(users, f.Name); err != nil {
		return err
	}
	folder := f.ID.String()
	if _, err := users.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("vault: id %s drawn twice", folder)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	hidden := newPrefix + folder
	if err := writeFolder(users, hidden, f); err != nil {
		return errors.Join(err, users.RemoveAll(hidden))
	}
	if err := users.Rename(hidden, folder); err != nil {
		return errors.Join(err, users.RemoveAll(hidden))
	}
	if err := syncFolder(users); err != nil {
		return errors.Join(err, users.RemoveAll(folder))
	}
	return nil
}

// sweep removes profiles that were never finished or not erased to the end. One that can't be removed
// is in nobody's way and is tried again next time.
func sweep(users *os.Root) {
	entries, err := fs.ReadDir(users.FS(), ".")
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), newPrefix) || strings.HasPrefix(e.Name(), gonePrefix) {
			users.RemoveAll(e.Name())
		}
	}
}

// writeFolder makes a profile's folder with its key file, and syncs both.
func writeFolder(users *os.Root, name string, f *file) error {
	data, err := encodeFile(f)
	if err != nil {
		return err
	}
	if err := users.Mkdir(name, 0o700); err != nil {
		return err
	}
	root, err := users.OpenRoot(name)
	if err != nil {
		return err
	}
	defer root.Close()
	mark, err := codeMark{}.with(f).encode()
	if err != nil {
		return err
	}
	if err := writeFile(root, codeName, mark); err != nil {
		return err
	}
	if err := writeFile(root, fileName, data); err != nil {
		return err
	}
	return syncFolder(root)
}

// writeFile writes a file that must not exist yet, and syncs it.
func writeFile(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
