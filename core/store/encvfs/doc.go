// Package encvfs opens encrypted SQLite databases with the unmodified driver
// github.com/mattn/go-sqlite3.
//
// SQLite reads and writes files through a VFS. This package registers one
// that sits on the operating system's own and seals every page, WAL frame,
// journal block and temporary block with AES-256-GCM before it reaches the
// disk; what does not carry a valid tag is not read. The shim itself (vfs.c,
// file.c, unit.c) is C, for SQLite calls it from C; all cryptography is Go's
// standard library (format.go). FORMAT.md describes every byte on disk.
//
// Keys never are in a DSN, SQL text, log or error. Open puts the key on a
// ring that lives in this process, under a random token, and the DSN holds
// the token; [DB.Close] takes it off and clears it. Each file has a random
// salt in its first 16 bytes, from which, with the key, its sub-keys derive.
//
// What it does not do: it does not notice that a whole file, or one page at
// its own place, was put back as it once was, nor that the WAL was cut (so
// close cleanly: the last close empties the WAL). File sizes, and which pages
// change, can be seen. And nobody should store what the driver's Serialize
// yields, for that is plaintext.
package encvfs
