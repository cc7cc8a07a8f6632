package vault

import (
	"fmt"
	"path/filepath"
	"sync"

	"chatmrpt/core/problem"
)

// Vault is an open vault: the only holder of a user's data key. It is had from
// Create or Unlock, is safe for concurrent use, and must be closed. Printing
// one, in whatever way, shows the id and nothing else.
type Vault struct {
	id   ID
	name string
	dir  string
	how  Opening

	keyring Keyring

	changing sync.Mutex // held during the whole of a Rotate; taken before mu

	mu   sync.Mutex
	file *file         // as on disk; replaced as a whole
	key  [keySize]byte // zero when closed
	lock *lock         // nil when closed
}

func newVault(dir string, f *file, key *[keySize]byte, how Opening, l *lock, o Options) *Vault {
	return &Vault{id: f.ID, name: f.Name, dir: dir, how: how, file: f, key: *key, lock: l, keyring: o.Keyring}
}

// ID is the user the vault belongs to; it still is after Close.
func (v *Vault) ID() ID { return v.id }

// Name is the user's display name.
func (v *Vault) Name() string { return v.name }

// Dir is the absolute path of the user's folder.
func (v *Vault) Dir() string { return v.dir }

// StorePath is the absolute path of the user's store, another one after each
// Rotate. The vault neither makes nor opens it.
func (v *Vault) StorePath() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return storePath(v.dir, v.file)
}

func storePath(dir string, f *file) string { return filepath.Join(dir, f.storeFile()) }

// OpenedBy tells which slot let the caller in: after Recovery it is time for a
// new passphrase.
func (v *Vault) OpenedBy() Slot { return v.how.By }

// Opening tells how the vault was opened: by what, after how many failures, and
// what could not be tidied up on the way.
func (v *Vault) Opening() Opening { return v.how }

// StoreKey is the 32-byte key of the store: the HKDF-SHA256 subkey of the data
// key with the label "chatmrpt/store/1". It is a copy, which the caller clears.
// After Close it is a Locked problem.
func (v *Vault) StoreKey() ([]byte, error) {
	return v.subkey(storeLabel)
}

// Derive gives a subkey of the data key for one purpose (HKDF-SHA256, no salt,
// label as info), the same for every opening of this vault. A label names
// purpose and version, such as "chatmrpt/sync/1". The empty label, and those
// this package uses itself, are refused with an error; after Close it is a
// Locked problem. The caller clears the key.
func (v *Vault) Derive(label string) (key [32]byte, err error) {
	switch label {
	case "", storeLabel, sealLabel:
		return key, fmt.Errorf("vault: %q is no label to derive a key with", label)
	}
	sub, err := v.subkey(label)
	if err != nil {
		return key, err
	}
	defer clear(sub)
	return [32]byte(sub), nil
}

func (v *Vault) subkey(label string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lock == nil {
		return nil, v.lockedProblem("use profile")
	}
	return subkey(v.key[:], label)
}

func (v *Vault) lockedProblem(op string) error {
	return problem.New(problem.Locked, op, v.name, "the profile is locked", "Unlock it again")
}

// Close overwrites the data key and releases the lock. Keys handed out before
// stay with their holders: close the store first. A second Close does nothing.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lock == nil {
		return nil
	}
	clear(v.key[:])
	l := v.lock
	v.lock = nil
	if err := l.release(); err != nil {
		return fmt.Errorf("vault: release the lock: %w", err)
	}
	return nil
}

// Format prints the vault as its id for every verb and flag, so that no log
// line and no failed test can print a key.
func (v *Vault) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "vault %s", v.ID())
}
