package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// shape is what a table looks like to ownership and erasing, read off the
// schema itself: a table that is added to the schema is checked, erased with
// its project and taken out with everything else without a line of code here.
// What the schema must give for that, a test demands of every table: an owner
// column, and a reference for every column that names a row of another table.
type shape struct {
	name    string
	number  string   // the column by which quarantine names a row: id, or that of the row it is a part of
	columns []string // in order
	parents []parent // what a row refers to
	indexed bool     // (owner, number) has an index named <table>_owner
}

// parent is a reference to the id of another table.
type parent struct{ column, table string }

// part reports whether a row is a part of another table's row, which it is
// numbered by, such as a column of a dataset.
func (t shape) part() bool { return t.number != "id" }

// whole is what a part is a part of.
func (t shape) whole() parent {
	i := slices.IndexFunc(t.parents, func(p parent) bool { return p.column == t.number })
	if i < 0 {
		return parent{}
	}
	return t.parents[i]
}

func (t shape) has(column string) bool { return slices.Contains(t.columns, column) }

// unowned are the tables that hold nothing of the user's own.
func unowned() []string { return []string{"meta"} }

// shapes reads the tables with owners, by name. A table that has none is an
// ErrForeignRow: nobody could say whose its rows are.
func (s *Store) shapes(ctx context.Context, from querier) ([]shape, error) {
	names, err := textsOf(ctx, from, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	if err != nil {
		return nil, err
	}
	var out []shape
	for _, name := range names {
		if slices.Contains(unowned(), name) {
			continue
		}
		t, err := readShape(ctx, from, name)
		if err != nil {
			return nil, err
		}
		if !t.has("owner") {
			return nil, fmt.Errorf("table %s has no owner: %w", name, ErrForeignRow)
		}
		if t.part() && t.whole() == (parent{}) {
			return nil, fmt.Errorf("store: the rows of table %s have neither an id nor one they are a part of", name)
		}
		out = append(out, t)
	}
	return out, nil
}

func readShape(ctx context.Context, from querier, name string) (shape, error) {
	t := shape{name: name}
	var err error
	if t.columns, err = textsOf(ctx, from, "SELECT name FROM pragma_table_info(?) ORDER BY cid", name); err != nil {
		return t, err
	}
	keys, err := textsOf(ctx, from, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", name)
	if err != nil {
		return t, err
	}
	if len(keys) > 0 {
		t.number = keys[0]
	}
	refs, err := textsOf(ctx, from, `SELECT "from" || ' ' || "table" FROM pragma_foreign_key_list(?) ORDER BY id DESC`, name)
	if err != nil {
		return t, err
	}
	for _, r := range refs {
		column, table, _ := strings.Cut(r, " ")
		t.parents = append(t.parents, parent{column, table})
	}
	indexes, err := textsOf(ctx, from, "SELECT name FROM pragma_index_list(?)", name)
	t.indexed = slices.Contains(indexes, name+"_owner")
	return t, err
}

// textsOf reads the one text of each row.
func textsOf(ctx context.Context, from querier, query string, args ...any) ([]string, error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
