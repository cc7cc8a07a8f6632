// Package gpkg reads the feature layers of a GeoPackage (OGC 12-128r19), which
// is a database of SQLite: attributes as columns, shapes as they lie in it.
//
// A GeoPackage is a stranger's file and no part of anybody's store, which is
// why this room, beside the store, may open a database. It never touches the
// disk: the bytes are put into a database in memory. That one can only be read:
// an authoriser refuses every statement but selections from plain tables (no
// functions, views, triggers or virtual tables of the file run), and what a
// value may hold, and all of them together, is bounded by the size of the file.
package gpkg

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// Info describes one layer of features.
type Info struct {
	Name       string
	Geometry   string // name of the column with the shapes
	Kind       string // what the file says its shapes are: POLYGON, GEOMETRY, …
	System     string // reference system: "EPSG:N" where the file gives a code, else its text
	Definition string // the system as well-known text, "" for none
	Shapes     int    // rows with a shape
}

// File is an opened GeoPackage. Close it. It is for one goroutine.
type File struct {
	conn *sqlite3.SQLiteConn
	size int
}

// Is tells a database of SQLite by its first bytes.
func Is(data []byte) bool { return bytes.HasPrefix(data, []byte("SQLite format 3\x00")) }

// Open puts the bytes of a GeoPackage into a database in memory.
func Open(data []byte) (*File, error) {
	if !Is(data) || len(data) < 100 {
		return nil, errors.New("it isn't a GeoPackage")
	}
	if data[18] == 2 || data[19] == 2 { // write-ahead mode needs a second file, which memory has not
		data = bytes.Clone(data)
		data[18], data[19] = 1, 1
	}
	opened, err := (&sqlite3.SQLiteDriver{}).Open(":memory:")
	if err != nil {
		return nil, err
	}
	conn := opened.(*sqlite3.SQLiteConn)
	f := &File{conn: conn, size: len(data)}
	if err := f.prepare(data); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return f, nil
}

// prepare loads the bytes and locks the database.
func (f *File) prepare(data []byte) error {
	if err := f.conn.Deserialize(data, "main"); err != nil {
		return err
	}
	f.conn.SetLimit(sqlite3.SQLITE_LIMIT_LENGTH, max(1<<20, min(len(data), 1<<30)))
	f.conn.SetLimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
	for _, p := range []string{"trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"} {
		if _, err := f.conn.Exec("PRAGMA "+p, nil); err != nil {
			return fmt.Errorf("it can't be read: %w", err)
		}
	}
	f.conn.RegisterAuthorizer(func(what int, a, b, c string) int {
		switch what {
		case sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ:
			return sqlite3.SQLITE_OK
		case sqlite3.SQLITE_FUNCTION: // the one this room calls itself
			if strings.EqualFold(b, "count") {
				return sqlite3.SQLITE_OK
			}
		case sqlite3.SQLITE_PRAGMA:
			if a == "table_xinfo" {
				return sqlite3.SQLITE_OK
			}
		}
		return sqlite3.SQLITE_DENY
	})
	return nil
}

// Close frees the memory of the database.
func (f *File) Close() error { return f.conn.Close() }

// rows calls each for every row of a query.
func (f *File) rows(ctx context.Context, query string, columns int, each func([]driver.Value) error, args ...any) (err error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	r, err := f.conn.QueryContext(ctx, query, named)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if len(r.Columns()) < columns {
		return fmt.Errorf("%d columns where %d are needed", len(r.Columns()), columns)
	}
	values := make([]driver.Value, len(r.Columns()))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch err := r.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := each(values); err != nil {
			return err
		}
	}
}

func text(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// maxLayers bounds the layers of a file.
const maxLayers = 1000

// Layers lists the feature layers in the order of the file.
func (f *File) Layers(ctx context.Context) ([]Info, error) {
	systems, err := f.systems(ctx)
	if err != nil {
		return nil, damaged(ctx, err)
	}
	tables, err := f.plainTables(ctx)
	if err != nil {
		return nil, damaged(ctx, err)
	}
	var out []Info
	err = f.rows(ctx, "SELECT table_name, column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns", 4, func(v []driver.Value) error {
		l := Info{Name: text(v[0]), Geometry: text(v[1]), Kind: strings.ToUpper(text(v[2]))}
		if id, ok := v[3].(int64); ok {
			l.System, l.Definition = systems[id].name, systems[id].text
		}
		if tables[strings.ToLower(l.Name)] && len(out) < maxLayers {
			out = append(out, l)
		}
		return nil
	})
	if err != nil {
		return nil, damaged(ctx, err)
	}
	for i := range out {
		l := &out[i]
		err := f.rows(ctx, "SELECT count("+quoted(l.Geometry)+") FROM "+quoted(l.Name), 1, func(v []driver.Value) error {
			n, _ := v[0].(int64)
			l.Shapes = int(n)
			return nil
		})
		if err != nil {
			return nil, damaged(ctx, err)
		}
	}
	return out, nil
}

// damaged wraps what SQLite says, unless the reader was stopped.
func damaged(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("it isn't a sound GeoPackage: %w", err)
}

// plainTables lists the tables that are neither views nor virtual, in lower
// case.
func (f *File) plainTables(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	err := f.rows(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0", 1, func(v []driver.Value) error {
		out[strings.ToLower(text(v[0]))] = true
		return nil
	})
	if err == nil && !out["gpkg_geometry_columns"] {
		err = errors.New("it has no table gpkg_geometry_columns")
	}
	return out, err
}

type system struct{ name, text string }

// systems reads the reference systems by their number. The numbers −1 and 0
// stand for "unknown".
func (f *File) systems(ctx context.Context) (map[int64]system, error) {
	out := map[int64]system{}
	err := f.rows(ctx, "SELECT srs_id, organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys", 4, func(v []driver.Value) error {
		id, ok := v[0].(int64)
		if !ok || id <= 0 {
			return nil
		}
		s := system{text: text(v[3])}
		if code, ok := v[2].(int64); ok && strings.EqualFold(text(v[1]), "EPSG") {
			s.name = fmt.Sprintf("EPSG:%d", code)
		}
		if strings.EqualFold(s.text, "undefined") {
			s.text = ""
		}
		out[id] = s
		return nil
	})
	return out, err
}

// quoted is a name as SQL has it.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
