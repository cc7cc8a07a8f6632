package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatmrpt/core/store/encvfs"
)

// firstSchema is the schema that every store ever made began with.
const firstSchema = "../store/schema/0001_first.sql"

// first is a home like ranked, as the program wrote it when it knew only its
// first schema.
func (w *world) first(t *testing.T) string {
	t.Helper()
	if later, err := filepath.Glob("../store/schema/*.sql"); err != nil || len(later) < 2 {
		t.Fatalf("there is nothing to migrate to: %v %v", later, err)
	}
	home := copied(t, w.ranked)
	path, key := storeFile(t, home), storeKey(t, home)
	must(t, rewrite(t.Context(), path, path+".first", key))
	must(t, os.Rename(path+".first", path))
	return home
}

// rewrite copies what the first schema has room for to a store of that schema.
func rewrite(ctx context.Context, from, to string, key []byte) (err error) {
	schema, err := os.ReadFile(firstSchema)
	if err != nil {
		return err
	}
	src, err := encvfs.Open(ctx, from, key, encvfs.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	dst, err := encvfs.Open(ctx, to, key, encvfs.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	if _, err := dst.RW.ExecContext(ctx, string(schema)+"PRAGMA user_version = 1"); err != nil {
		return err
	}
	tables, err := texts(ctx, dst.RO, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
	if err != nil {
		return err
	}
	for _, name := range tables {
		if err := copyRows(ctx, src.RO, dst, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// copyRows copies a table; of meta only whose store it is.
func copyRows(ctx context.Context, src *sql.DB, dst *encvfs.DB, name string) error {
	columns, err := texts(ctx, dst.RO, "SELECT name FROM pragma_table_info('"+name+"')")
	if err != nil {
		return err
	}
	list := strings.Join(columns, ", ")
	query := "SELECT " + list + " FROM " + name
	if name == "meta" {
		query += " WHERE key = 'owner'"
	}
	rows, err := src.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	insert := "INSERT INTO " + name + " (" + list + ") VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if _, err := dst.RW.ExecContext(ctx, insert, cells...); err != nil {
			return err
		}
	}
	return rows.Err()
}

func texts(ctx context.Context, db *sql.DB, query string) (out []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
