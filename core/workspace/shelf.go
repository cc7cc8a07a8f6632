package workspace

import (
	"context"
	"time"

	"github.com/paulmach/orb"

	"chatmrpt/core/store"
	"chatmrpt/core/table"
)

// Shelf is one project of the profile, to be read. Unlike the open project it
// keeps nothing in memory: it is for going through everything once.
type Shelf struct {
	w       *Workspace
	project store.Project
}

// EachProject shows every project of the profile, by name.
func (w *Workspace) EachProject(ctx context.Context, see func(Shelf) error) error {
	projects, err := w.store.Projects(ctx)
	if err != nil {
		return storeProblem(err, "projects", "")
	}
	for _, p := range projects {
		if err := see(Shelf{w, p}); err != nil {
			return err
		}
	}
	return nil
}

// Number is the project's own within the profile.
func (s Shelf) Number() int64 { return s.project.ID.N }

// Name is what the user calls the project.
func (s Shelf) Name() string { return s.project.Name }

// Created is when the project was begun.
func (s Shelf) Created() time.Time { return s.project.Created }

// Datasets lists every version of every table, oldest first.
func (s Shelf) Datasets(ctx context.Context) ([]store.Dataset, error) {
	ds, err := s.w.store.Datasets(ctx, s.project.ID)
	return ds, storeProblem(err, "data", s.project.Name)
}

// Runs lists what was done, oldest first.
func (s Shelf) Runs(ctx context.Context) ([]store.Run, error) {
	runs, err := s.w.store.Runs(ctx, s.project.ID)
	return runs, storeProblem(err, "runs", s.project.Name)
}

// Decisions lists the newest decision about each name.
func (s Shelf) Decisions(ctx context.Context) ([]store.Decision, error) {
	ds, err := s.w.store.Decisions(ctx, s.project.ID)
	return ds, storeProblem(err, "match", s.project.Name)
}

// Table reads the cells of a dataset of the project.
func (s Shelf) Table(ctx context.Context, d store.Dataset) (*table.Table, error) {
	t, err := s.w.store.Table(ctx, s.project.ID, d)
	return t, storeProblem(err, "read", d.Name)
}

// Areas reads the geometry of a dataset of the project, nil when it has none.
func (s Shelf) Areas(ctx context.Context, d store.Dataset) ([]orb.MultiPolygon, error) {
	a, err := s.w.store.Areas(ctx, s.project.ID, d)
	return a, storeProblem(err, "read", d.Name)
}

// RowTables lists the tables of the store whose rows EachRow gives.
func (w *Workspace) RowTables(ctx context.Context) ([]string, error) {
	names, err := w.store.Tables(ctx)
	return names, storeProblem(err, "read", "")
}

// EachRow gives every row of a table of the store; see store.EachRow.
func (w *Workspace) EachRow(ctx context.Context, table string, see func(row map[string]any) error) error {
	return storeProblem(w.store.EachRow(ctx, table, see), "read", table)
}
