package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chatmrpt/core/store/encvfs"
)

// Project is a named piece of work, such as one state's campaign. Data and
// runs belong to exactly one.
type Project struct {
	ID      ProjectID
	Name    string
	Created time.Time
}

// EnsureProject returns the project of that name, making it when absent. An
// empty name is refused: there is no default project below the faces. A
// project in quarantine is ErrForeignRow: its name is taken.
func (s *Store) EnsureProject(ctx context.Context, name string) (Project, error) {
	if name == "" {
		return Project{}, errors.New("store: a project needs a name")
	}
	p, err := s.projectNamed(ctx, name)
	if !errors.Is(err, ErrNotFound) {
		return p, err
	}
	err = s.write(ctx, func(tx writer) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO project (owner, name, created) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
			s.owner, name, timestamp(s.now()))
		return err
	})
	if err != nil {
		return Project{}, err
	}
	return s.projectNamed(ctx, name)
}

func (s *Store) projectNamed(ctx context.Context, name string) (Project, error) {
	p, err := s.scanProject(s.db.RO.QueryRowContext(ctx, "SELECT id, owner, name, created FROM project WHERE name = ?", name))
	if err != nil {
		return Project{}, err
	}
	var held int
	err = s.db.RO.QueryRowContext(ctx, "SELECT count(*) FROM quarantine WHERE tab = 'project' AND row = ?", p.ID.N).Scan(&held)
	if err == nil && held > 0 {
		err = fmt.Errorf("project %d: %w", p.ID.N, ErrForeignRow)
	}
	if err != nil {
		return Project{}, encvfs.Explain(err)
	}
	return p, nil
}

// opened makes sure that p is a project of this store that may be shown.
func (s *Store) opened(ctx context.Context, from querier, p ProjectID) error {
	if err := mine(s, p); err != nil {
		return err
	}
	return s.exists(ctx, from, "project", p.N)
}

// exists makes sure that a row of the owner's has this number and may be shown.
func (s *Store) exists(ctx context.Context, from querier, table string, n int64) error {
	var there int
	err := from.QueryRowContext(ctx, "SELECT count(*) FROM "+table+" WHERE id = ? AND owner = ? AND "+notHeld(table, "id"), n, s.owner).Scan(&there)
	if err == nil && there == 0 {
		return ErrNotFound
	}
	return encvfs.Explain(err)
}

// notHeld is the condition that a row is not in quarantine.
func notHeld(table, column string) string {
	return column + " NOT IN (SELECT row FROM quarantine WHERE tab = '" + table + "')"
}

// Projects lists the projects by name, those in quarantine excepted.
func (s *Store) Projects(ctx context.Context) ([]Project, error) {
	return collect(ctx, s, s.scanProject, "SELECT id, owner, name, created FROM project WHERE "+notHeld("project", "id")+" ORDER BY name")
}

func (s *Store) scanProject(row scanner) (Project, error) {
	var (
		p              Project
		n              int64
		owner, created string
	)
	err := row.Scan(&n, &owner, &p.Name, &created)
	if err != nil {
		return Project{}, notFound(err)
	}
	if p.ID, err = own[Project](s, owner, n); err != nil {
		return Project{}, err
	}
	p.Created, err = parseTime(created)
	return p, err
}

// scanner is a row to scan: *sql.Row or *sql.Rows.
type scanner interface{ Scan(...any) error }

// collect reads every row of a query with scan.
func collect[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.db.RO.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, notFound(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, notFound(rows.Err())
}
