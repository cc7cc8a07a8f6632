package store

import (
	"errors"
	"fmt"
)

// Owner names the user whose store this is: the vault's id. It stands in every
// row and inside every ID.
type Owner string

// ID is the identity of one row of kind T, carrying its owner: an id of one
// user's store used on another's is found out before anything is read. The
// zero ID names nothing and every call refuses it.
type ID[T any] struct {
	Owner Owner
	N     int64
}

// The ids of the store's aggregates.
type (
	ProjectID = ID[Project]
	RunID     = ID[Run]
	DatasetID = ID[Dataset]
)

// ErrNotFound says that no such row exists for this owner. It is also the
// answer to another owner's id, which must not be told from an unknown one.
var ErrNotFound = errors.New("not found in this store")

// ErrForeignRow says that a row in this store names another owner: the file
// was mixed up or tampered with. The row is not shown.
var ErrForeignRow = errors.New("a row of this store belongs to somebody else")

// mine refuses an id that is zero or another owner's.
func mine[T any](s *Store, id ID[T]) error {
	if id.N <= 0 || id.Owner != s.owner {
		return ErrNotFound
	}
	return nil
}

// own makes the ID of row n, whose owner column reads owner, or refuses it.
func own[T any](s *Store, owner string, n int64) (ID[T], error) {
	if Owner(owner) != s.owner {
		var kind T
		return ID[T]{}, fmt.Errorf("%T %d: %w", kind, n, ErrForeignRow)
	}
	return ID[T]{Owner: s.owner, N: n}, nil
}
