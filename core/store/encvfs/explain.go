//go:build cgo

package encvfs

import (
	"errors"
	"fmt"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// The codes with which the VFS answers SQLite (sqliteabi.h).
const (
	ioErrAuth sqlite3.ErrNoExtended = 10 | 28<<8 // 7178: the key is worn
	ioErrData sqlite3.ErrNoExtended = 10 | 32<<8 // 8202: a page is not what was sealed
)

// Explain gives an error of a statement its meaning: it wraps [ErrTampered]
// or [ErrKeyWorn] around the driver's error where one of them is the cause,
// and returns every other error, and nil, as it is. In an authenticated
// database "malformed" and "not a database" mean that pages are missing or
// altered.
func Explain(err error) error {
	cause, ok := errors.AsType[sqlite3.Error](err)
	switch {
	case !ok:
		return err
	case cause.ExtendedCode == ioErrAuth:
		return fmt.Errorf("%w: %w", ErrKeyWorn, err)
	case cause.ExtendedCode == ioErrData, cause.Code == sqlite3.ErrCorrupt, cause.Code == sqlite3.ErrNotADB:
		return fmt.Errorf("%w: %w", ErrTampered, err)
	}
	return err
}

// explainOpen is Explain before anything was read: a first page that doesn't
// open most likely met the wrong key. While SQLite loads the schema it cuts the
// VFS's code short to "I/O error"; whether that was a forged page, w knows.
func explainOpen(err error, w *wear) error {
	cause, ok := errors.AsType[sqlite3.Error](err)
	switch {
	case ok && cause.Code == sqlite3.ErrNotADB:
		return fmt.Errorf("%w: %w", ErrWrongKey, err)
	case ok && cause.ExtendedCode == sqlite3.ErrNoExtended(sqlite3.ErrIoErr) && w.forged.Load():
		return fmt.Errorf("%w: %w", ErrTampered, err)
	}
	return Explain(err)
}
