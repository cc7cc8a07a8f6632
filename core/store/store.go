// Package store keeps one user's data in one encrypted SQLite file.
//
// A Store is bound to an Owner when it is opened. Every row it writes names
// that owner; every row it reads is checked; an id carries its owner and is
// refused by any other store. There is no default owner, no second file, no
// memory fallback: what can't be opened or written is an error.
//
// Tables are kept column by column, each column one value in the form of
// core/table. A facility table of 300,000 rows is then some thirty reads
// instead of nine million, and the same form is hashed for the run record.
// Everything is additive: a new version of a dataset stands beside the old.
//
// Everything that was done stands in the audit (chain.go), written in the
// transaction of the thing itself. Rows that belong to somebody else or to
// nothing are found at the start and never shown (quarantine.go).
//
// Only this room and encvfs below it speak SQL. One connection writes; reads
// have handles of their own that can't write.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"chatmrpt/core/store/encvfs"
)

// ErrNewerStore says that the file was written by a later program.
var ErrNewerStore = errors.New("this store was written by a newer version of the program")

// Store is one user's open store. It is safe for concurrent use.
type Store struct {
	db     *encvfs.DB
	owner  Owner
	now    func() time.Time
	sealed uint64 // seals made under the key in earlier sessions
	chain  chain
	path   string

	rawMu sync.Mutex
	raw   *os.File // see rawFile
}

// Options are the parts of its surroundings a store needs.
type Options struct {
	Path  string           // of the database file; made when absent
	Key   []byte           // 32 bytes; the caller clears them after Open
	Owner Owner            // must not be empty
	Now   func() time.Time // the clock for time stamps

	// By says how the vault was opened, for the audit: passphrase, recovery.
	By string
}

// Open opens or makes the store of o.Owner. A file that another owner began is
// refused with ErrForeignRow, a wrong key with encvfs.ErrWrongKey. The opening
// is entered in the audit; a store whose audit is broken opens to be read, see
// ErrAudit.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Owner == "" || o.Now == nil {
		return nil, errors.New("store: no owner or no clock given")
	}
	steps, err := migrations()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	db, err := encvfs.Open(ctx, o.Path, o.Key, encvfs.Options{})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{db: db, owner: o.Owner, now: o.Now, path: o.Path}
	if err := s.prepare(ctx, steps, o); err != nil {
		s.chain.forget()
		return nil, errors.Join(fmt.Errorf("open store: %w", encvfs.Explain(err)), db.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context, steps []string, o Options) error {
	if err := migrate(ctx, s.db.RW, steps); err != nil {
		return err
	}
	if err := s.claim(ctx); err != nil {
		return err
	}
	err := s.db.RW.QueryRowContext(ctx, "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'seals'").Scan(&s.sealed)
	if err != nil {
		return err
	}
	if err := s.openChain(ctx, o.Key); err != nil || s.chain.isBroken() {
		return err
	}
	err = s.transact(ctx, func(tx writer) error {
		return s.enter(ctx, tx, note{kind: AuditUnlock, subject: o.By, detail: struct{}{}})
	})
	if err != nil {
		return err
	}
	return s.sweepOutbox(ctx)
}

// claim writes the owner into a new store and checks it in an old one.
func (s *Store) claim(ctx context.Context) error {
	_, err := s.db.RW.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES ('owner', ?) ON CONFLICT DO NOTHING", s.owner)
	if err != nil {
		return err
	}
	var owner string
	if err := s.db.RW.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'owner'").Scan(&owner); err != nil {
		return err
	}
	if Owner(owner) != s.owner {
		return fmt.Errorf("meta: %w", ErrForeignRow)
	}
	return nil
}

// Owner returns whose store this is.
func (s *Store) Owner() Owner { return s.owner }

// lockPatience is how long Close waits for a write that nobody ended before it
// gives up entering itself in the audit.
const lockPatience = 2 * time.Second

// Close checkpoints and closes the file and forgets the key. Reads and writes
// in progress finish or fail; none survives it. The closing is entered in the
// audit where that can be done: a full disk keeps no store open.
func (s *Store) Close() error {
	if s.chain.forgotten() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	_ = s.transact(ctx, func(tx writer) error {
		return s.enter(ctx, tx, note{kind: AuditLock, detail: struct{}{}})
	})
	s.chain.forget()
	return errors.Join(s.db.Close(), s.closeRaw())
}

// write runs f in one transaction: all of it is kept, or none. The account of
// the seals made under the key is carried on with it, so that a key is worn out
// over its whole life and not afresh in each session; only the seals since the
// last write of a session that crashed are not counted.
func (s *Store) write(ctx context.Context, f func(writer) error) error {
	if s.sealed+s.db.Seals() >= encvfs.DefaultSealLimit {
		return encvfs.ErrKeyWorn
	}
	return s.transact(ctx, f)
}

// transact is write for the few pages that even a worn key must still seal:
// that the store was opened, what was found, which file was written. The limit
// is a quarter of what the cipher bears.
func (s *Store) transact(ctx context.Context, f func(writer) error) error {
	conn, err := s.db.RW.Conn(ctx) // there is one; waiting for it can be stopped
	if err != nil {
		return encvfs.Explain(err)
	}
	defer conn.Close()
	plain, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return encvfs.Explain(err)
	}
	defer plain.Rollback()
	tx := steady{plain}
	if err := f(tx); err != nil {
		return encvfs.Explain(err)
	}
	if err := setMeta(ctx, tx, "seals", strconv.FormatUint(s.sealed+s.db.Seals(), 10)); err != nil {
		return encvfs.Explain(err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return encvfs.Explain(plain.Commit())
}

// writer is what may be done within a transaction.
type writer interface {
	querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// steady is a transaction that heeds a stop between statements and not within
// one. The driver starts a goroutine for every statement whose context can be
// stopped, which costs short transactions a sixth of their time, and no
// statement of ours that writes takes longer than a column takes to write.
type steady struct{ tx *sql.Tx }

// until gives the context of a statement: one that is stopped already stays so.
func (steady) until(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// ExecContext implements writer.
func (s steady) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.tx.ExecContext(s.until(ctx), query, args...)
}

// QueryContext implements querier.
func (s steady) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(s.until(ctx), query, args...)
}

// QueryRowContext implements querier.
func (s steady) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.tx.QueryRowContext(s.until(ctx), query, args...)
}

// notFound turns the driver's "no rows" into ErrNotFound, in one place.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return encvfs.Explain(err)
}

// timestamp is the stored form of a time.
func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("stored time %s: %w", strconv.Quote(s), err)
	}
	return t, nil
}
