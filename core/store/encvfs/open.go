//go:build cgo

package encvfs

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// Open opens the database at path under a 32-byte key, or makes it (readable
// by its owner only) if there is none. The key is copied; the caller may clear
// its own. The settings of every connection: WAL, synchronous NORMAL (a power
// cut may lose the last commits, never the file's soundness), foreign keys
// enforced, 5 s of patience with another process, temporary data in memory.
//
// A key that doesn't fit gives [ErrWrongKey], a damaged page [ErrTampered];
// on any error nothing stays open and no key stays in memory. Two programs that
// make one file at the same moment may meet SQLITE_BUSY; the second try works.
func Open(ctx context.Context, path string, key []byte, o Options) (*DB, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d, err := prepare(path, key, o)
	if err != nil {
		return nil, err
	}
	if _, err := ring.privateFile(d.path); err != nil {
		d.drop()
		return nil, fmt.Errorf("encvfs: open: %w", err)
	}
	if err := d.connect(ctx, o); err != nil {
		// A file that was made here stays: another program may have it by now.
		return nil, errors.Join(fmt.Errorf("encvfs: open %s: %w", path, explainOpen(err, d.wear)), d.Close())
	}
	return d, nil
}

// prepare checks what needs no file and puts the key on the ring.
func prepare(path string, key []byte, o Options) (*DB, error) {
	if err := registerOnce(); err != nil {
		return nil, err
	}
	if strings.ContainsRune(path, 0) {
		return nil, errors.New("encvfs: a path with a zero byte")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("encvfs: %w", err)
	}
	w, err := newWear(o.SealLimit, o.SealsSpent)
	if err != nil {
		return nil, err
	}
	token, drop, err := ring.add(key, w)
	if err != nil {
		return nil, err
	}
	return &DB{path: abs, token: token, wear: w, drop: drop}, nil
}

// connect sets up both handles and reads through each, which authenticates
// the first page. The writing one comes first: it switches a new database to
// WAL and recovers what a crash left, which a read-only one can't.
func (d *DB) connect(ctx context.Context, o Options) error {
	readers := o.ReadOnlyConns
	if readers <= 0 {
		readers = 4
	}
	d.RW = openPool(dsn(d.path, d.token, forWriting()), 1)
	d.RO = openPool(dsn(d.path, d.token, forReading()), readers)
	if err := probe(ctx, d.RW); err != nil {
		return err
	}
	return probe(ctx, d.RO)
}

func probe(ctx context.Context, db *sql.DB) error {
	var n int
	return db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n)
}

func forWriting() url.Values {
	return url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_busy_timeout": {"5000"},
		"_foreign_keys": {"on"}, "_txlock": {"immediate"},
	}
}

// forReading refuses writes twice: by how the file is opened, which no SQL
// can undo, and by a setting that also keeps temporary tables out.
func forReading() url.Values {
	return url.Values{
		"mode": {"ro"}, "_query_only": {"on"}, "_busy_timeout": {"5000"}, "_foreign_keys": {"on"},
	}
}

// dsn names a database whose key is on the ring under token.
func dsn(path, token string, params url.Values) string {
	params.Set("vfs", vfsName)
	params.Set("kid", token)
	return fileURI(path, params)
}

// fileURI is what SQLite and the driver take for an absolute path.
func fileURI(path string, params url.Values) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // file:///C:/…
	}
	return "file://" + (&url.URL{Path: p}).EscapedPath() + "?" + params.Encode()
}

// openPool makes a handle of at most conns connections, kept open once made.
func openPool(dsn string, conns int) *sql.DB {
	db := sql.OpenDB(connector{drv: &sqlite3.SQLiteDriver{ConnectHook: keepTempInMemory}, dsn: dsn})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}

// keepTempInMemory is a second lock on the door: temporary files would be
// sealed too.
func keepTempInMemory(c *sqlite3.SQLiteConn) error {
	_, err := c.Exec("PRAGMA temp_store=MEMORY", nil)
	return err
}

// connector hands the driver its DSN without registering a driver name.
type connector struct {
	drv *sqlite3.SQLiteDriver
	dsn string
}

// Connect opens one connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.drv.Open(c.dsn)
}

// Driver is SQLite's.
func (c connector) Driver() driver.Driver { return c.drv }
