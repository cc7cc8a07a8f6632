// Package vault keeps a user's keys: the key slots, the folder they lie in, and
// the lock that keeps a second window out.
//
// One user is one folder <home>/users/<id>/, readable by its owner alone. It
// holds vault.json (this package), data.db and its companions (the store,
// data-2.db after the first rotation of the key), the store's folder outbox, the
// file lock, attempts.json while there are wrong secrets to count, and code.json
// until the person has the recovery code that holds. A random 32-byte data key is
// sealed once per slot with XChaCha20-Poly1305 under an Argon2id key, bound to the
// format version, the user's id, the kind of slot, the
// derivation's parameters and the salt: a slot can't be moved to another
// profile or kind, nor its cost be lowered. Every other key is an HKDF-SHA256
// subkey of the data key with a label of its own.
// There are a slot for the passphrase and one for the recovery code; a third,
// whose secret the keyring of the system keeps, is there only where the owner
// has switched it on (KeyringOn).
// Nothing that unlocks is ever on disk in clear, in an error or in a printed
// Vault.
//
// Every change of vault.json is one renaming of a file that was written and
// synced beside it, made by the holder of the lock: ChangePassphrase and Recover
// seal slots anew, Rotate puts a new data key in force and names the store that
// was copied under it. A process that is killed at any moment leaves the profile
// before the change or the one after it; the next Unlock removes the rest. Erase
// overwrites the key slots before it removes anything.
//
// A Vault is had from Create or Unlock alone, holds the lock until Close, and
// after Close gives only errors, never a key of zeros. There is no current
// user and no default id: the zero ID is refused everywhere.
//
// # What is not promised
//
// Close overwrites the data key, and every copy of a secret that this package
// itself makes is overwritten after use. Go can't promise more: the collector
// may have copied a stack, the cipher and hash implementations keep expanded
// keys in memory that can't be reached from outside, Argon2's 64 MiB are freed
// without being overwritten, and the system may have swapped any of it to disk
// or put it into a hibernation file. The recovery code is returned as a string
// and can't be overwritten at all. Who can read the memory of the running
// program, or of the machine after it, can read the keys; the vault protects a
// laptop that is off or a profile that is closed. Nor does it notice when the
// whole folder is put back as it was at an earlier time, whose passphrase then
// holds again: a changed passphrase, a rotated key or an erasing do not reach
// copies made before, nor the spare blocks in which a flash disk keeps what it
// was told to overwrite. The delay after wrong secrets slows whoever sits at the
// keyboard; a thief with the files removes it and meets the cost of Argon2id and
// the passphrase alone. The estimator of passphrases works on strings, which
// can't be overwritten. Harden keeps the memory out of core files on Linux. The lock is advisory: it stops this program, not others.
package vault
