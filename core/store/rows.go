package store

import (
	"context"
	"fmt"
	"slices"

	"chatmrpt/core/store/encvfs"
)

// Tables lists the tables that hold something of the user's, by name.
func (s *Store) Tables(ctx context.Context) ([]string, error) {
	shapes, err := s.shapes(ctx, s.db.RO)
	if err != nil {
		return nil, encvfs.Explain(err)
	}
	names := make([]string, len(shapes))
	for i, t := range shapes {
		names[i] = t.name
	}
	return names, nil
}

// concealed are the columns of text that hold a secret, such as the key of an
// account. Secrets that are bytes, such as a seed, need not be named: no bytes
// are given out.
func concealed() []string { return []string{"remote.settings"} }

// EachRow gives every row of a table as it stands, by column: whole numbers,
// numbers, texts or nil. Columns of bytes, which are keys, sealed or read by
// Table and Areas, and those that hold a secret are left out. Rows that name another owner or are in
// quarantine are left out; of a part, such as a column, those whose whole is.
// It is for taking everything out: what a row means, the other calls know. see
// must not keep the map. A table that Tables does not list is ErrNotFound.
func (s *Store) EachRow(ctx context.Context, table string, see func(row map[string]any) error) error {
	shapes, err := s.shapes(ctx, s.db.RO)
	if err != nil {
		return encvfs.Explain(err)
	}
	for _, t := range shapes {
		if t.name == table {
			return encvfs.Explain(s.eachRow(ctx, t, see))
		}
	}
	return ErrNotFound
}

func (s *Store) eachRow(ctx context.Context, t shape, see func(map[string]any) error) error {
	shown := notHeld(t.name, t.number)
	if t.part() {
		shown += " AND " + notHeld(t.whole().table, t.number)
	}
	rows, err := s.db.RO.QueryContext(ctx, fmt.Sprintf("SELECT * FROM %s WHERE owner = ? AND %s ORDER BY %s, rowid", t.name, shown, t.number), s.owner)
	if err != nil {
		return err
	}
	defer rows.Close()
	cells, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		row := map[string]any{}
		for i, name := range t.columns {
			if _, bytes := cells[i].([]byte); !bytes && !slices.Contains(concealed(), t.name+"."+name) {
				row[name] = cells[i]
			}
		}
		if err := see(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
