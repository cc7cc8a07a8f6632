package workspace

import (
	"context"
	"time"

	"chatmrpt/core/store"
)

// Draft is what an act hands over to be recorded; the workspace adds project,
// version and times.
type Draft struct {
	Act       string
	Params    any
	Seed      uint64
	Started   time.Time
	Summary   string
	Notices   []string
	Inputs    []store.Dataset
	Outputs   []store.NewDataset
	Decisions []store.Decision
}

// Record writes the run and all it brought in one transaction.
func (w *Workspace) Record(ctx context.Context, d Draft) (store.Run, []store.Dataset, error) {
	if w.again != nil {
		w.again.drafts = append(w.again.drafts, d)
		return w.again.run, nil, nil
	}
	inputs := make([]store.DatasetID, len(d.Inputs))
	for i, in := range d.Inputs {
		inputs[i] = in.ID
	}
	run, outs, err := w.store.Record(ctx, store.Draft{
		Project: w.project.ID, Act: d.Act, Params: d.Params, Seed: d.Seed, Version: w.version, Started: d.Started,
		Summary: d.Summary, Notices: d.Notices, Inputs: inputs, Outputs: d.Outputs, Decisions: d.Decisions,
	})
	return run, outs, storeProblem(err, d.Act, "")
}

// Runs lists the runs of the project, oldest first.
func (w *Workspace) Runs(ctx context.Context) ([]store.Run, error) {
	runs, err := w.store.Runs(ctx, w.project.ID)
	return runs, storeProblem(err, "runs", w.project.Name)
}

// Run reads a run of this project, such as the one that brought a dataset.
func (w *Workspace) Run(ctx context.Context, id store.RunID) (store.Run, error) {
	r, err := w.store.Run(ctx, w.project.ID, id)
	return r, storeProblem(err, "run", "")
}

// RunNumber makes the id of run n of this workspace's owner, for faces that
// know runs by number.
func (w *Workspace) RunNumber(n int64) store.RunID {
	return store.RunID{Owner: w.store.Owner(), N: n}
}

// Inputs lists the datasets a run read.
func (w *Workspace) Inputs(ctx context.Context, id store.RunID) ([]store.Dataset, error) {
	ds, err := w.store.Inputs(ctx, w.project.ID, id)
	return ds, storeProblem(err, "run", "")
}

// Outputs lists the datasets a run brought.
func (w *Workspace) Outputs(ctx context.Context, id store.RunID) ([]store.Dataset, error) {
	ds, err := w.store.Outputs(ctx, w.project.ID, id)
	return ds, storeProblem(err, "run", "")
}

// RunsOf lists the runs of an act in every project of this profile, oldest
// first, without those that were taken back: what a user taught the program in
// one project holds in the next.
func (w *Workspace) RunsOf(ctx context.Context, act string) ([]store.Run, error) {
	runs, err := w.store.RunsOf(ctx, act)
	return runs, storeProblem(err, act, "")
}

// DecidedIn counts the decisions about names that a run brought.
func (w *Workspace) DecidedIn(ctx context.Context, id store.RunID) (int, error) {
	n, err := w.store.DecidedIn(ctx, w.project.ID, id)
	return n, storeProblem(err, "run", "")
}

// Undo takes a run of this project back, or puts it back, and records that.
func (w *Workspace) Undo(ctx context.Context, d Draft, u store.Undo) (store.Run, error) {
	d.Act, d.Params = store.ActUndo, u
	run, _, err := w.Record(ctx, d)
	return run, err
}

// Decisions lists what the user decided about names in this project.
func (w *Workspace) Decisions(ctx context.Context) ([]store.Decision, error) {
	if w.again != nil {
		ds, err := w.store.DecisionsUpTo(ctx, w.project.ID, w.again.run.ID)
		return ds, storeProblem(err, "match", "")
	}
	ds, err := w.store.Decisions(ctx, w.project.ID)
	return ds, storeProblem(err, "match", "")
}
