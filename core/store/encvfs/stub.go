//go:build !cgo

package encvfs

import (
	"context"
	"errors"
)

// errNoCgo is what every way in answers in a build without cgo: SQLite and
// the VFS are C. Nothing falls back to an unencrypted store.
var errNoCgo = errors.New("encvfs: this program was built without cgo (CGO_ENABLED=0 or no C compiler), " +
	"so it has no encrypted store; build it with CGO_ENABLED=1 and a C compiler")

func registerVFS() error { return errNoCgo }

// Open fails: see errNoCgo.
func Open(context.Context, string, []byte, Options) (*DB, error) { return nil, registerOnce() }

// CopyTo fails like Open.
func (d *DB) CopyTo(context.Context, string, []byte) error { return registerOnce() }

// Explain returns err as it is: without SQLite there is nothing to explain.
func Explain(err error) error { return err }
