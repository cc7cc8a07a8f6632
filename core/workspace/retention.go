package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
)

// Retention is until when the data of a project is to be kept, as the newest
// run of the act of that name says. The run is the record: there is no other
// place where it could disagree, and it goes when the data is erased.
type Retention struct {
	Until string `json:"until"` // the last day, as 2027-12-31; "" or "none" for no end
}

// ActKeep is the act whose runs hold a Retention as their parameters.
const ActKeep = "keep"

// Last gives the last day; ok is false when there is no end.
func (r Retention) Last() (day time.Time, ok bool) {
	day, err := time.Parse(time.DateOnly, r.Until)
	return day, err == nil
}

// Retention reads until when the open project's data is to be kept.
func (w *Workspace) Retention(ctx context.Context) (r Retention, err error) {
	run, err := w.store.LastRun(ctx, w.project.ID, ActKeep)
	if errors.Is(err, store.ErrNotFound) {
		return Retention{}, nil
	}
	if err == nil {
		err = json.Unmarshal(run.Params, &r)
	}
	return r, storeProblem(err, "keep", w.project.Name)
}

// Overdue is the reminder that the project's data was to be kept no longer than
// until a day that is past, "" when it was not.
func (w *Workspace) Overdue(ctx context.Context) (string, error) {
	r, err := w.Retention(ctx)
	if err != nil {
		return "", err
	}
	last, ok := r.Last()
	if !ok || w.now().UTC().Before(last.AddDate(0, 0, 1)) {
		return "", nil
	}
	return fmt.Sprintf("the data of project %s was to be kept until %s; erase it with `mrpt erase`, or set another day with `mrpt keep`",
		w.project.Name, last.Format("2 January 2006")), nil
}

// EraseProject removes everything in the open project, in every table, and
// gives the room back to the disk; the audit keeps that it was done. It returns
// how many rows went, by table of the store. The project itself stays, empty.
func (w *Workspace) EraseProject(ctx context.Context) (store.Erased, error) {
	gone, err := w.store.EraseProject(ctx, w.project.ID)
	if gone != nil {
		w.mu.Lock()
		clear(w.cache)
		w.mu.Unlock()
	}
	if errors.Is(err, store.ErrSpaceKept) {
		return gone, problem.New(problem.Store, "erase", w.project.Name, "the data is erased, but the file could not be made smaller",
			"Make room on the disk and rotate the key with `mrpt user rotate`, which writes a new file").Because(err)
	}
	return gone, storeProblem(err, "erase", w.project.Name)
}
