package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/store/encvfs"
)

// erasure is what the audit keeps of an erasing, or of what was in quarantine
// and was removed: which numbers are gone for ever, and how many rows of which
// table went.
type erasure struct {
	Project  int64            `json:"project,omitempty"` // 0 for what was in quarantine
	Runs     []int64          `json:"runs"`
	Datasets []int64          `json:"datasets"`
	Decided  []int64          `json:"decided,omitempty"` // runs of which decisions went, and the run perhaps not
	Rows     map[string]int64 `json:"rows"`
}

// Erased says how many rows an erasing took, by table.
type Erased map[string]int64

// EraseProject removes every row of the project's, in every table that hangs on
// it, what is in quarantine included, and what of it waits to be sent, whole
// profiles as well, and gives the room back to the disk. The row of the project itself stays, empty, and so
// does the audit, which tells what was done to the project and that it was
// erased. Numbers of what went are not given again.
//
// With an error of ErrSpaceKept the rows are gone, but the room was not given
// back; their pages lie encrypted in the file until the next erasing.
func (s *Store) EraseProject(ctx context.Context, p ProjectID) (Erased, error) {
	gone := erasure{Project: p.N, Rows: map[string]int64{}}
	if err := mine(s, p); err != nil {
		return nil, err
	}
	var waiting []string
	err := s.write(ctx, func(tx writer) (err error) {
		if err := s.opened(ctx, tx, p); err != nil {
			return err
		}
		if waiting, err = sealedFiles(ctx, tx, "(project = ? OR project IS NULL)", p.N); err != nil {
			return err
		}
		if err := s.giveUpBackups(ctx, tx); err != nil {
			return err
		}
		return s.eraseRows(ctx, tx, p, &gone)
	})
	if err != nil {
		return nil, fmt.Errorf("erase project: %w", err)
	}
	s.removeSealed(waiting...)
	return Erased(gone.Rows), s.giveBack(ctx)
}

// giveUpBackups gives up the backups of the whole profile that wait to be sent:
// they hold the project that is being erased.
func (s *Store) giveUpBackups(ctx context.Context, tx writer) error {
	const which = " FROM shipment s JOIN remote r ON r.id = s.remote WHERE s.project IS NULL AND s.state IN ('waiting', 'paused') ORDER BY s.id"
	remotes, err := textsOf(ctx, tx, "SELECT r.name"+which)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE shipment SET state = ?, trouble = 'erased', changed = ? WHERE id IN (SELECT s.id"+which+")", Cancelled, timestamp(s.now()))
	for i := 0; err == nil && i < len(remotes); i++ {
		err = s.enterShare(ctx, tx, remotes[i], "given up: a backup of the profile, for it held an erased project")
	}
	return err
}

// giveBack gives the room of rows that are gone for good back to the disk, or
// is an ErrSpaceKept. A stop must not keep their pages.
func (s *Store) giveBack(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for _, q := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := s.db.RW.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%w: %w", ErrSpaceKept, encvfs.Explain(err))
		}
	}
	return nil
}

// ErrSpaceKept says that erased rows are gone, but the file was not made
// smaller.
var ErrSpaceKept = errors.New("store: the room of what was erased was not given back")

func (s *Store) eraseRows(ctx context.Context, tx writer, p ProjectID, gone *erasure) error {
	tables, err := s.shapes(ctx, tx)
	if err != nil {
		return err
	}
	if gone.Runs, err = numbersOf(ctx, tx, "SELECT id FROM run WHERE "+ofProject("run", tables)+" ORDER BY id", p.N); err != nil {
		return err
	}
	if gone.Datasets, err = numbersOf(ctx, tx, "SELECT id FROM dataset WHERE "+ofProject("dataset", tables)+" ORDER BY id", p.N); err != nil {
		return err
	}
	for _, table := range []string{"run", "dataset"} {
		if err := keepNumbers(ctx, tx, table); err != nil {
			return err
		}
	}
	return unguarded(ctx, tx, func() error {
		if err := deleteAll(ctx, tx, p, tables, gone); err != nil {
			return err
		}
		return s.enter(ctx, tx, note{kind: AuditErase, subject: "project", detail: gone})
	})
}

// deleteAll deletes in an order in which nothing refers to what is gone: first
// what leaves the questions about the rest answerable.
func deleteAll(ctx context.Context, tx writer, p ProjectID, tables []shape, gone *erasure) error {
	for _, t := range childrenFirst(tables) {
		where := ofProject(t.name, tables)
		if where == "" || t.name == "project" {
			continue
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM quarantine WHERE tab = '%s' AND row IN (SELECT %s FROM %s WHERE %s)",
			t.name, t.number, t.name, where), p.N)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s", t.name, where), p.N)
		if err != nil {
			return err
		}
		if gone.Rows[t.name], err = res.RowsAffected(); err != nil {
			return err
		}
	}
	return nil
}

// ofProject is the condition that a row of the table hangs on project ?1 in
// whatever way, "" when it can't.
func ofProject(name string, tables []shape) string {
	if name == "project" {
		return "id = ?1"
	}
	i := slices.IndexFunc(tables, func(t shape) bool { return t.name == name })
	if i < 0 {
		return ""
	}
	var ways []string
	for _, p := range tables[i].parents {
		if p.table == name {
			continue // a row that follows another of its table hangs where that one does
		}
		if where := ofProject(p.table, tables); where != "" {
			ways = append(ways, fmt.Sprintf("%s IN (SELECT id FROM %s WHERE %s)", p.column, p.table, where))
		}
	}
	return strings.Join(ways, " OR ")
}

// childrenFirst puts every table before those it refers to.
func childrenFirst(tables []shape) (out []shape) {
	left := slices.Clone(tables)
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(t shape) bool {
			return !slices.ContainsFunc(left, func(o shape) bool {
				return o.name != t.name && slices.ContainsFunc(o.parents, func(p parent) bool { return p.table == t.name })
			})
		})
		i = max(i, 0) // tables that refer to each other go as they come, and the references are checked by SQLite
		out = append(out, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return out
}

// unguarded does f while rows may be deleted. The triggers are put back as they
// were, in the same transaction.
func unguarded(ctx context.Context, tx writer, f func() error) error {
	const guards = " FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%\\_no\\_delete' ESCAPE '\\' ORDER BY name"
	names, err := textsOf(ctx, tx, "SELECT name"+guards)
	if err != nil {
		return err
	}
	made, err := textsOf(ctx, tx, "SELECT sql"+guards)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := tx.ExecContext(ctx, "DROP TRIGGER "+name); err != nil {
			return err
		}
	}
	if err := f(); err != nil {
		return err
	}
	for _, sql := range made {
		if _, err := tx.ExecContext(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// keepNumbers makes sure that no number of the table given so far is given
// again: the audit names erased rows by theirs.
func keepNumbers(ctx context.Context, tx writer, table string) error {
	next, err := nextNumber(ctx, tx, table)
	if err != nil {
		return err
	}
	return setMeta(ctx, tx, "given_"+table, strconv.FormatInt(next-1, 10))
}

// nextNumber is the number of the table's next row.
func nextNumber(ctx context.Context, tx writer, table string) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT 1 + max(coalesce((SELECT max(id) FROM `+table+`), 0),
		coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'given_' || ?), 0))`, table).Scan(&n)
	return n, err
}
