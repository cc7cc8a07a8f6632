package encvfs

import (
	"database/sql"
	"errors"
	"fmt"
)

// Options of [Open]. The zero value is the usual choice.
type Options struct {
	// ReadOnlyConns is how many connections the read-only handle may have;
	// 0 means 4.
	ReadOnlyConns int

	// SealLimit is the number of seals under the key after which writing is
	// refused with [ErrKeyWorn]; 0 means [DefaultSealLimit], more is an error.
	SealLimit uint64

	// SealsSpent is the number of seals made under the key in earlier
	// sessions, if the caller keeps account ([DB.Seals] tells it); it counts
	// towards the limit.
	SealsSpent uint64
}

// DB is an open encrypted database.
type DB struct {
	// RW is the handle to write with: exactly one connection, so writers
	// queue in Go and never meet SQLITE_BUSY from one another. Its
	// transactions begin as writers (BEGIN IMMEDIATE).
	RW *sql.DB

	// RO is the handle to read with: a pool of connections opened read-only,
	// each seeing the last commit when its transaction began.
	RO *sql.DB

	path  string
	token string
	wear  *wear
	drop  func()
}

// Seals is the number of seals made under the key: since Open, plus what
// Options.SealsSpent said. A caller that keeps account stores it now and then.
func (d *DB) Seals() uint64 { return d.wear.made.Load() }

// Close closes both handles, the reading one first, so that the last
// connection can write: it brings the WAL into the main file and removes it.
// Then it takes the key off the ring and clears it. A result or transaction
// that is still open keeps its connection, and is an error here, for it may
// outlive the key.
func (d *DB) Close() error {
	inUse := d.RO.Stats().InUse + d.RW.Stats().InUse
	err := errors.Join(d.RO.Close(), d.RW.Close())
	d.drop()
	if inUse > 0 {
		err = errors.Join(err, fmt.Errorf("encvfs: closed while %d connections were in use", inUse))
	}
	return err
}
