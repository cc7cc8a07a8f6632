package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"chatmrpt/core/store/encvfs"
)

// CheckSeals authenticates every page of the database file, free ones too, and
// returns the numbers (from 1) of those that fail. key is the store's; the
// caller clears it. The write-ahead log is brought into the file first, and
// nothing is written to the store meanwhile. An error means that the check
// could not be made.
func (s *Store) CheckSeals(ctx context.Context, key []byte) ([]int64, error) {
	// The one writing connection: while it is held here nobody can commit, and
	// nobody else brings pages of the log into the file.
	conn, err := s.db.RW.Conn(ctx)
	if err != nil {
		return nil, encvfs.Explain(err)
	}
	defer conn.Close()
	var busy, frames, moved int
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return nil, encvfs.Explain(err)
	}
	if busy != 0 {
		return nil, errors.New("store: a read in progress keeps the log from being emptied")
	}
	f, err := s.rawFile()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return encvfs.VerifyPages(ctx, f, key)
}

// rawFile opens the database file beside SQLite, once. On Unix, closing any
// handle of a file takes away every lock this process has on it, SQLite's too;
// so it is kept until SQLite has closed the file.
func (s *Store) rawFile() (*os.File, error) {
	s.rawMu.Lock()
	defer s.rawMu.Unlock()
	if s.raw != nil {
		return s.raw, nil
	}
	f, err := os.Open(s.path)
	s.raw = f
	return f, err
}

func (s *Store) closeRaw() error {
	s.rawMu.Lock()
	defer s.rawMu.Unlock()
	if s.raw == nil {
		return nil
	}
	f := s.raw
	s.raw = nil
	return f.Close()
}

// Integrity has SQLite walk its structures and the references between rows,
// and returns what does not hold, at most some hundred sentences.
func (s *Store) Integrity(ctx context.Context) ([]string, error) {
	verdicts, err := collect(ctx, s, func(row scanner) (v string, err error) { return v, row.Scan(&v) }, "PRAGMA integrity_check")
	if err != nil {
		return nil, err
	}
	if len(verdicts) == 1 && verdicts[0] == "ok" {
		verdicts = nil
	}
	loose, err := collect(ctx, s, func(row scanner) (string, error) {
		var table, parent string
		var id, key any
		err := row.Scan(&table, &id, &parent, &key)
		return fmt.Sprintf("a row of %s names a row of %s that is not there", table, parent), err
	}, "SELECT * FROM pragma_foreign_key_check LIMIT 100")
	return append(verdicts, loose...), err
}

// Contents reads the cells and areas of every dataset of every project, what is
// in quarantine excepted, and names those that no longer have the hash under
// which they were recorded, or can't be read.
func (s *Store) Contents(ctx context.Context) (checked int, bad []string, err error) {
	all, err := collect(ctx, s, s.scanDataset, "SELECT "+datasetFields()+" FROM dataset d WHERE "+notHeld("dataset", "d.id")+" ORDER BY d.id")
	if err != nil {
		return 0, nil, err
	}
	for _, d := range all {
		if err := ctx.Err(); err != nil {
			return checked, bad, err
		}
		same, err := s.sameContent(ctx, d)
		switch {
		case ctx.Err() != nil:
			return checked, bad, ctx.Err()
		case err != nil:
			bad = append(bad, fmt.Sprintf("%s %s, version %d, can't be read", d.Kind, d.Name, d.Version))
		case !same:
			bad = append(bad, fmt.Sprintf("%s %s, version %d, was changed", d.Kind, d.Name, d.Version))
		}
		checked++
	}
	return checked, bad, nil
}

func (s *Store) sameContent(ctx context.Context, d Dataset) (bool, error) {
	t, err := s.cells(ctx, d)
	if err != nil {
		return false, err
	}
	areas, err := s.areas(ctx, d)
	if err != nil {
		return false, err
	}
	geometries, err := encodeAreas(areas)
	if err != nil {
		return false, err
	}
	return contentHash(t, geometries) == d.SHA256, nil
}
