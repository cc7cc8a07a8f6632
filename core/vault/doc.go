// Package vault keeps a user's keys: the key slots, the folder they lie in, and
// the lock that keeps a second window out.
//
// One user is one folder <home>/users/<id>/, readable by its owner alone. It
// holds vault.json (this package), data.db and its companions (the store), and
// the file lock. A random 32-byte data key is sealed once per slot with
// XChaCha20-Poly1305 under an Argon2id key, bound to the format version, the
// user's id, the kind of slot, the derivation's parameters and the salt: a slot
// can't be moved to another profile or kind, nor its cost be lowered. Every
// other key is an HKDF-SHA256 subkey of the data key with a label of its own.
// Nothing that unlocks is ever on disk in clear, in an error or in a printed
// Vault.
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
// holds again. The lock is advisory: it stops this program, not others.
package vault
