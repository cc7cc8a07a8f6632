//go:build cgo

package encvfs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// CopyTo writes the database as it is now to a new file at path under another
// 32-byte key (and a salt of its own), and verifies the copy: every page's
// seal, and SQLite's quick check. It serves key rotation and backup. Readers
// and the writer of d go on meanwhile; what they commit after the start is not
// in the copy. An existing file is an error ([fs.ErrExist]) and untouched. On
// any error nothing is left at path.
func (d *DB) CopyTo(ctx context.Context, path string, newKey []byte) (err error) {
	target, err := prepare(path, newKey, Options{})
	if err != nil {
		return err
	}
	defer target.drop()
	made, err := ring.privateFile(target.path)
	if err == nil && !made {
		err = fs.ErrExist
	}
	if err != nil {
		return fmt.Errorf("encvfs: copy to %s: %w", path, err)
	}
	if err := d.fill(ctx, target, newKey); err != nil {
		return errors.Join(fmt.Errorf("encvfs: copy to %s: %w", path, err), removeFiles(target.path))
	}
	return nil
}

func (d *DB) fill(ctx context.Context, target *DB, newKey []byte) error {
	if err := d.vacuumInto(ctx, target); err != nil {
		return err
	}
	if err := syncFile(target.path); err != nil {
		return err
	}
	bad, err := VerifyFile(ctx, target.path, newKey)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return fmt.Errorf("%w: %d pages of the copy", ErrTampered, len(bad))
	}
	copied := openPool(dsn(target.path, target.token, forReading()), 1)
	defer copied.Close()
	return quickCheck(ctx, copied)
}

// vacuumInto copies over a read-only connection of its own: the writer is not
// held up, and the readers' query_only would forbid it. VACUUM keeps only the
// first byte of an error's code, so whether the original is damaged is asked
// again.
func (d *DB) vacuumInto(ctx context.Context, target *DB) error {
	from := openPool(dsn(d.path, d.token, url.Values{"mode": {"ro"}, "_busy_timeout": {"5000"}}), 1)
	defer from.Close()
	_, err := from.ExecContext(ctx, "VACUUM INTO ?", dsn(target.path, target.token, url.Values{}))
	if err == nil || ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	if damage := quickCheck(ctx, from); errors.Is(damage, ErrTampered) {
		return damage
	}
	return Explain(err)
}

// syncFile makes the copy and its directory entry durable before anyone
// relies on it. A system that can't sync a directory (Windows) needn't.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	_ = dir.Sync()
	return dir.Close()
}

// quickCheck has SQLite walk all of its structures.
func quickCheck(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return Explain(err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrTampered, verdict)
	}
	return nil
}

// removeFiles takes away a copy that was not finished.
func removeFiles(path string) error {
	for _, p := range []string{path + "-journal", path + "-wal", path + "-shm", path} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
