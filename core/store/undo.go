package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// ActUndo is the act that takes a run back. Its record is all there is to it:
// nothing is changed or deleted, what the run brought is passed over from then
// on, and the version before is the newest again. The record is in the audit
// like every other, and a later one can put the run back.
const ActUndo = "undo"

// Undo are the parameters of a run of ActUndo.
type Undo struct {
	Run     int64 `json:"run"`               // number of the run that is taken back
	Restore bool  `json:"restore,omitempty"` // or put back
}

// ErrUndone says that a run is in the state that was asked for: taken back
// already, or not taken back.
var ErrUndone = errors.New("the run is in that state already")

// undoneRuns asks for the numbers of the runs that are taken back: the newest
// word about each counts. Runs are numbered over all projects.
func undoneRuns() string { return undoneUntil(math.MaxInt64) }

// undoneUntil is undoneRuns as it was once run number last was recorded.
func undoneUntil(last int64) string {
	const target = "json_extract(params, '$.run')"
	said := "FROM run WHERE act = '" + ActUndo + "' AND json_type(params, '$.run') = 'integer' AND " +
		fmt.Sprintf("id <= %d AND ", last) + notHeld("run", "id")
	return "SELECT " + target + " " + said + " AND coalesce(json_extract(params, '$.restore'), 0) = 0" +
		" AND id IN (SELECT max(id) " + said + " GROUP BY " + target + ")"
}

// checkUndo makes sure that what is to be taken back, or put back, is a run of
// the project, and not itself an undoing.
func (s *Store) checkUndo(ctx context.Context, tx querier, d Draft) error {
	u, ok := d.Params.(Undo)
	if !ok {
		return errors.New("store: an undo without its parameters")
	}
	var act string
	var undone bool
	err := tx.QueryRowContext(ctx, "SELECT act, id IN ("+undoneRuns()+") FROM run WHERE id = ? AND project = ? AND owner = ? AND "+notHeld("run", "id"),
		u.Run, d.Project.N, s.owner).Scan(&act, &undone)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && act == ActUndo:
		return fmt.Errorf("run %d: %w", u.Run, ErrNotFound)
	case err == nil && undone != u.Restore:
		return fmt.Errorf("run %d: %w", u.Run, ErrUndone)
	}
	return err
}

// Current lists the newest version of every dataset of the kind, oldest first,
// without what was taken back.
func (s *Store) Current(ctx context.Context, p ProjectID, kind string) ([]Dataset, error) {
	if err := s.opened(ctx, s.db.RO, p); err != nil {
		return nil, err
	}
	return collect(ctx, s, s.scanDataset, "SELECT "+datasetFields()+` FROM dataset d WHERE d.id IN (
		SELECT max(id) FROM dataset WHERE project = ? AND kind = ? AND run NOT IN (`+undoneRuns()+") AND "+notHeld("dataset", "id")+`
		GROUP BY name) ORDER BY d.id`, p.N, kind)
}

// RunsOf lists the runs of an act in every project of the profile, oldest first,
// without those that were taken back.
func (s *Store) RunsOf(ctx context.Context, act string) ([]Run, error) {
	return collect(ctx, s, s.scanRun, "SELECT "+runFields()+" FROM run WHERE act = ? AND owner = ? AND id NOT IN ("+undoneRuns()+") AND "+
		notHeld("run", "id")+" AND "+notHeld("project", "project")+" ORDER BY id", act, s.owner)
}

// DecidedIn counts the decisions about names that a run of the project brought.
func (s *Store) DecidedIn(ctx context.Context, p ProjectID, id RunID) (n int, err error) {
	if _, err := s.Run(ctx, p, id); err != nil {
		return 0, err
	}
	err = s.db.RO.QueryRowContext(ctx, "SELECT count(*) FROM place_decision WHERE run = ? AND project = ? AND owner = ? AND "+
		notHeld("place_decision", "id"), id.N, p.N, s.owner).Scan(&n)
	return n, err
}

// Undoes tells which run this one took back or put back; ok is false for every
// other act.
func (r Run) Undoes() (u Undo, ok bool) {
	if r.Act != ActUndo || json.Unmarshal(r.Params, &u) != nil {
		return Undo{}, false
	}
	return u, true
}
