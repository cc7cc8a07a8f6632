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

// Reminder is something about the whole project that must be known: what, and
// what to do about it. Both are in lower case, without a final stop.
type Reminder struct{ What, Do string }

// Reminders lists what is to be said whatever is done in the open project: that
// rows are kept from sight, and that its data was to be kept no longer than
// until a day that is past.
func (w *Workspace) Reminders(ctx context.Context) (all []Reminder, err error) {
	switch n := len(w.Quarantined()); n {
	case 0:
	case 1:
		all = append(all, Reminder{"1 row kept from sight, as it belongs to somebody else or to nothing", "see `mrpt doctor`"})
	default:
		all = append(all, Reminder{fmt.Sprintf("%d rows kept from sight, as they belong to somebody else or to nothing", n), "see `mrpt doctor`"})
	}
	due, err := w.overdue(ctx)
	if due != nil {
		all = append(all, *due)
	}
	return all, err
}

// overdue is the reminder of a day that is past, nil when there is none.
func (w *Workspace) overdue(ctx context.Context) (*Reminder, error) {
	r, err := w.Retention(ctx)
	if err != nil {
		return nil, err
	}
	last, ok := r.Last()
	if !ok || w.now().UTC().Before(last.AddDate(0, 0, 1)) {
		return nil, nil
	}
	return &Reminder{
		What: fmt.Sprintf("the data of project %s was to be kept until %s", w.project.Name, last.Format("2 January 2006")),
		Do:   "erase it with `mrpt erase`, or set another day with `mrpt keep`",
	}, nil
}

// EraseProject removes everything in the open project, in every table, and
// gives the room back to the disk; the audit keeps that it was done. It returns
// how many rows went, by table of the store. The project itself stays, empty.
func (w *Workspace) EraseProject(ctx context.Context) (store.Erased, error) {
	gone, err := w.store.EraseProject(ctx, w.project.ID)
	if gone != nil {
		err = errors.Join(err, w.forget(ctx))
	}
	return gone, goneProblem(err, "erase", w.project.Name)
}

// Discard removes for good what is kept from sight, in every project, and
// returns how many rows went, by table of the store. rows is how many there
// are: who says another number has not seen the report, and nothing is touched.
func (w *Workspace) Discard(ctx context.Context, rows int) (store.Erased, error) {
	gone, err := w.store.Discard(ctx, rows)
	if errors.Is(err, store.ErrOtherCount) {
		return nil, problem.New(problem.Conflict, "doctor", "--discard", "another number of rows is kept from sight",
			"See them with `mrpt doctor --out report.json`, then say how many there are; nothing was removed").Because(err)
	}
	if gone != nil {
		err = errors.Join(err, w.forget(ctx))
	}
	return gone, goneProblem(err, "doctor", w.User())
}

// forget drops what the session knows of rows that are gone.
func (w *Workspace) forget(ctx context.Context) error {
	held, err := w.store.Quarantine(context.WithoutCancel(ctx))
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.cache)
	if err == nil {
		w.held = held
	}
	return err
}

// goneProblem is storeProblem for rows that are gone, even if their room on the
// disk is not.
func goneProblem(err error, op, subject string) error {
	if errors.Is(err, store.ErrSpaceKept) {
		return problem.New(problem.Store, op, subject, "the data is erased, but the file could not be made smaller",
			"Make room on the disk and rotate the key with `mrpt user rotate`, which writes a new file").Because(err)
	}
	return storeProblem(err, op, subject)
}
