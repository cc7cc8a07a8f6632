// Package kdf turns a passphrase into a key with Argon2id (RFC 9106) and says
// which costs a reader may accept.
//
// The parameters can't be named outside core/vault and have no exported
// fields, so a program can't choose them: it gets Production. Cheap exists for
// tests and is handed out by core/vault/vaulttest alone; a reader that runs
// with Production refuses what Cheap wrote.
package kdf

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// KeySize is the length in bytes of every key made here.
const KeySize = 32

// Bounds within which any reader accepts the parameters of a slot. Less than
// the lower ones would be a downgrade, more than the upper ones a way to make
// opening a file exhaust the machine.
const (
	MinMemoryKiB = 19 * 1024
	MaxMemoryKiB = 512 * 1024
	MaxPasses    = 16
	MaxLanes     = 16
)

// ErrBounds says that parameters lie outside what a reader accepts.
var ErrBounds = errors.New("key derivation parameters out of bounds")

// Params is the cost of one derivation. The zero value stands for "not
// chosen"; it derives nothing.
type Params struct {
	memoryKiB uint32
	passes    uint32
	lanes     uint32
}

// Production is what the program uses for new slots: 64 MiB, 3 passes, 4
// lanes, the second recommended option of RFC 9106 section 4.
func Production() Params { return Params{memoryKiB: 64 * 1024, passes: 3, lanes: 4} }

// Cheap is for tests only: a derivation of microseconds that protects nothing.
func Cheap() Params { return Params{memoryKiB: 64, passes: 1, lanes: 1} }

// Stored is what a file claims: memory in KiB, passes, lanes. It is not yet
// checked; see Admits.
func Stored(memoryKiB, passes, lanes uint32) Params {
	return Params{memoryKiB: memoryKiB, passes: passes, lanes: lanes}
}

// IsZero reports whether no parameters were chosen.
func (p Params) IsZero() bool { return p == Params{} }

// MemoryKiB is the memory of the derivation in KiB.
func (p Params) MemoryKiB() uint32 { return p.memoryKiB }

// Passes is the number of passes over the memory.
func (p Params) Passes() uint32 { return p.passes }

// Lanes is the degree of parallelism.
func (p Params) Lanes() uint32 { return p.lanes }

// Admits reports, as nil or an error wrapping ErrBounds, whether somebody who
// writes with p may read with q: q lies within the bounds, or is exactly what
// p itself would write.
func (p Params) Admits(q Params) error {
	if q == p && !p.IsZero() {
		return nil
	}
	if q.memoryKiB < MinMemoryKiB || q.memoryKiB > MaxMemoryKiB ||
		q.passes < 1 || q.passes > MaxPasses || q.lanes < 1 || q.lanes > MaxLanes {
		return fmt.Errorf("%w: %d KiB, %d passes, %d lanes", ErrBounds, q.memoryKiB, q.passes, q.lanes)
	}
	return nil
}

// Raise gives the costs that a slot of costs q gets when p is today's: p where
// q has less memory or fewer passes, but neither below what q has. Lanes only
// divide the work and are not a reason to raise.
func (p Params) Raise(q Params) Params {
	if q.memoryKiB >= p.memoryKiB && q.passes >= p.passes {
		return q
	}
	return Params{memoryKiB: max(p.memoryKiB, q.memoryKiB), passes: max(p.passes, q.passes), lanes: p.lanes}
}

// Key derives KeySize bytes from secret and salt. It takes the memory of p for
// the time of the call. A cancelled ctx is honoured before the work starts,
// not in the middle of it: Argon2 can't be interrupted. The caller clears the
// result. Parameters above the bounds, or none, give an error wrapping
// ErrBounds.
func (p Params) Key(ctx context.Context, secret, salt []byte) ([]byte, error) {
	if p.passes < 1 || p.passes > MaxPasses || p.lanes < 1 || p.lanes > MaxLanes || p.memoryKiB > MaxMemoryKiB {
		return nil, ErrBounds
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return argon2.IDKey(secret, salt, p.passes, p.memoryKiB, uint8(p.lanes), KeySize), nil
}
