package store

import (
	"context"
	"errors"
	"fmt"

	"chatmrpt/core/store/encvfs"
)

// CopyTo writes the store as it is now to a new file at path under another
// 32-byte key, verified page by page; see encvfs.DB.CopyTo. The account of the
// seals made under the key begins anew in the copy, and the audit's key is
// wrapped for it: every entry stays as it was sealed. The caller removes what
// an error may leave at path; an existing file is fs.ErrExist and not touched.
func (s *Store) CopyTo(ctx context.Context, path string, key []byte) error {
	wrapped, err := s.chain.rewrap(key, s.owner)
	if err != nil {
		return fmt.Errorf("copy store: %w", err)
	}
	if err := s.db.CopyTo(ctx, path, key); err != nil {
		return fmt.Errorf("copy store: %w", err)
	}
	if err := settleCopy(ctx, path, key, wrapped); err != nil {
		return fmt.Errorf("copy store: %w", encvfs.Explain(err))
	}
	return nil
}

// settleCopy writes into a copy what belongs to its new key.
func settleCopy(ctx context.Context, path string, key []byte, wrapped string) (err error) {
	db, err := encvfs.Open(ctx, path, key, encvfs.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.RW.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := setMeta(ctx, tx, "audit_key", wrapped); err != nil {
		return err
	}
	if err := setMeta(ctx, tx, "seals", "0"); err != nil {
		return err
	}
	return tx.Commit()
}
