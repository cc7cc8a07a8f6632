package store

import (
	"context"
	"errors"
	"fmt"
)

// OfficeKey gives the private key of a programme that this profile keeps, or
// ErrNotFound. The caller clears it.
func (s *Store) OfficeKey(ctx context.Context) ([]byte, error) {
	var owner string
	var secret []byte
	err := s.db.RO.QueryRowContext(ctx, "SELECT owner, secret FROM office_key WHERE "+notHeld("office_key", "id")+" ORDER BY id DESC LIMIT 1").Scan(&owner, &secret)
	if err != nil {
		return nil, notFound(err)
	}
	if Owner(owner) != s.owner {
		clear(secret)
		return nil, fmt.Errorf("office key: %w", ErrForeignRow)
	}
	return secret, nil
}

// SetOfficeKey keeps a programme's private key in place of the one there is, or
// none when secret is empty. note says for the audit what was done; it holds no
// secret.
func (s *Store) SetOfficeKey(ctx context.Context, secret []byte, note string) error {
	if note == "" {
		return errors.New("store: an office key without a note")
	}
	return s.write(ctx, func(tx writer) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM office_key WHERE owner = ?", s.owner); err != nil {
			return err
		}
		if len(secret) > 0 {
			if _, err := tx.ExecContext(ctx, "INSERT INTO office_key (owner, secret, created) VALUES (?, ?, ?)", s.owner, secret, timestamp(s.now())); err != nil {
				return err
			}
		}
		return s.enterShare(ctx, tx, "office", note)
	})
}
