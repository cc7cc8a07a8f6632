package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrOtherCount says that there are not as many rows in quarantine as was said.
var ErrOtherCount = errors.New("store: another number of rows is in quarantine")

// Discard removes for good what is in quarantine, all that hangs on it and the
// notes of it, and gives the room back to the disk: it is nobody's to read, so
// its owner can only keep it or be rid of it. expected is how many rows she was
// told of; with any other number nothing is touched (ErrOtherCount). The audit
// keeps that they were put away, and that they were removed. Its own entries
// are never removed, foreign ones neither, so these stay in quarantine.
//
// ErrSpaceKept is as of EraseProject.
func (s *Store) Discard(ctx context.Context, expected int) (Erased, error) {
	gone := erasure{Rows: map[string]int64{}}
	var waiting []string // sealed parts of what would have been sent
	err := s.write(ctx, func(tx writer) error {
		held, err := numbersOf(ctx, tx, "SELECT id FROM quarantine WHERE tab <> 'audit'")
		if err != nil {
			return err
		}
		if len(held) != expected {
			return ErrOtherCount
		}
		tables, err := s.shapes(ctx, tx)
		if err != nil {
			return err
		}
		if waiting, err = sealedFiles(ctx, tx, "("+heldRows("shipment", tables)+")"); err != nil {
			return err
		}
		return s.discardRows(ctx, tx, tables, &gone)
	})
	if err != nil {
		return nil, fmt.Errorf("discard: %w", err)
	}
	s.removeSealed(waiting...)
	return Erased(gone.Rows), s.giveBack(ctx)
}

func (s *Store) discardRows(ctx context.Context, tx writer, tables []shape, gone *erasure) (err error) {
	if gone.Runs, err = numbersOf(ctx, tx, "SELECT id FROM run WHERE "+heldRows("run", tables)+" ORDER BY id"); err != nil {
		return err
	}
	if gone.Datasets, err = numbersOf(ctx, tx, "SELECT id FROM dataset WHERE "+heldRows("dataset", tables)+" ORDER BY id"); err != nil {
		return err
	}
	if gone.Decided, err = numbersOf(ctx, tx, "SELECT DISTINCT run FROM place_decision WHERE "+heldRows("place_decision", tables)+" ORDER BY run"); err != nil {
		return err
	}
	for _, table := range []string{"run", "dataset"} {
		if err := keepNumbers(ctx, tx, table); err != nil {
			return err
		}
	}
	return unguarded(ctx, tx, func() error {
		for _, t := range childrenFirst(tables) {
			if t.name == "audit" || t.name == "quarantine" {
				continue
			}
			res, err := tx.ExecContext(ctx, "DELETE FROM "+t.name+" WHERE "+heldRows(t.name, tables))
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil {
				return err
			} else if n > 0 {
				gone.Rows[t.name] = n
			}
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM quarantine WHERE tab <> 'audit'"); err != nil {
			return err
		}
		return s.enter(ctx, tx, note{kind: AuditDiscard, subject: "quarantine", detail: gone})
	})
}

// heldRows is the condition that a row of the table is in quarantine, or a part
// of one that is.
func heldRows(name string, tables []shape) string {
	var t shape
	for _, o := range tables {
		if o.name == name {
			t = o
		}
	}
	ways := []string{name}
	if t.part() {
		ways = append(ways, t.whole().table)
	}
	for i, table := range ways {
		ways[i] = fmt.Sprintf("%s IN (SELECT row FROM quarantine WHERE tab = '%s')", t.number, table)
	}
	return strings.Join(ways, " OR ")
}
