package action

import (
	"context"
	"fmt"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Undo takes back a run: the tables, decisions and choices it brought are passed
// over from then on, and the version before is the newest again. Nothing is
// deleted: `data --all` lists what was taken back, and Restore puts it back.
// Without a number it is the last run that read files or decided something;
// asked again, the one before that.
type Undo struct {
	Number  int  `param:"run" help:"number of the run (default: the last import, decision or choice of columns)"`
	Restore bool `param:"restore" help:"put back what was taken back"`
}

// Check implements Action.
func (a *Undo) Check() error {
	if a.Number < 0 {
		return usage("undo", "run", fmt.Sprintf("there is no run %d", a.Number), "See the numbers with `mrpt runs`")
	}
	return nil
}

// Run implements Action.
func (a *Undo) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	draft := workspace.Draft{Started: w.Now()}
	run, err := a.target(ctx, w)
	if err != nil {
		return nil, err
	}
	outs, err := w.Outputs(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	decided, err := w.DecidedIn(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	if len(outs) == 0 && decided == 0 && run.Act != columnsAct {
		return nil, problem.New(problem.Usage, "undo", fmt.Sprintf("run %d", run.ID.N), "it brought nothing that could be taken back",
			"See what each run did with `mrpt runs`")
	}
	resting, err := restingOn(ctx, w, outs)
	if err != nil {
		return nil, err
	}
	verb := "Took back"
	if a.Restore {
		verb = "Put back"
	}
	draft.Summary = fmt.Sprintf("%s run %d (%s): %s", verb, run.ID.N, run.Act, run.Summary)
	if decided > 0 {
		draft.Notices = append(draft.Notices, counted(decided, "decision")+" about names went with it")
	}
	if len(resting) > 0 {
		draft.Notices = append(draft.Notices, "these results were made with it and should be made again: "+listed(resting, 8))
	}
	done, err := w.Undo(ctx, draft, store.Undo{Run: run.ID.N, Restore: a.Restore})
	if err != nil {
		return nil, err
	}
	list, err := undoneTable(ctx, w, outs)
	if err != nil {
		return nil, err
	}
	return &Result{Run: done.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: []*table.Table{list}}, nil
}

// target finds the run to take back or put back.
func (a *Undo) target(ctx context.Context, w *workspace.Workspace) (store.Run, error) {
	if a.Number > 0 {
		run, err := w.Run(ctx, w.RunNumber(int64(a.Number)))
		if err != nil {
			return run, err
		}
		return run, a.mayTurn(run)
	}
	runs, err := w.Runs(ctx)
	if err != nil {
		return store.Run{}, err
	}
	if a.Restore {
		return lastUndone(runs)
	}
	for _, run := range slices.Backward(runs) {
		decided := 0
		if !run.Undone && run.Act == "match" {
			if decided, err = w.DecidedIn(ctx, run.ID); err != nil {
				return store.Run{}, err
			}
		}
		if !run.Undone && (run.Act == "import" || run.Act == "sample" || run.Act == columnsAct || decided > 0) {
			return run, nil
		}
	}
	return store.Run{}, problem.New(problem.NotFound, "undo", "", "there is no import or decision left to take back in this project",
		"Name any other run with --run; see them with `mrpt runs`")
}

// mayTurn refuses what is in the state that is asked for, and runs of undo.
func (a *Undo) mayTurn(run store.Run) error {
	subject := fmt.Sprintf("run %d", run.ID.N)
	if u, is := run.Undoes(); is {
		return problem.New(problem.Usage, "undo", subject, "it took back or put back another run",
			fmt.Sprintf("Turn that around: `mrpt undo --run %d`, with --restore to put it back", u.Run))
	}
	switch {
	case a.Restore && !run.Undone:
		return problem.New(problem.Conflict, "undo", subject, "it was not taken back", "See the state of every run with `mrpt runs`")
	case !a.Restore && run.Undone:
		return problem.New(problem.Conflict, "undo", subject, "it was taken back already", "Put it back with --restore")
	}
	return nil
}

// lastUndone is the run that was taken back last.
func lastUndone(runs []store.Run) (store.Run, error) {
	for _, r := range slices.Backward(runs) {
		u, is := r.Undoes()
		if !is || u.Restore {
			continue
		}
		at := slices.IndexFunc(runs, func(x store.Run) bool { return x.ID.N == u.Run && x.Undone })
		if at >= 0 {
			return runs[at], nil
		}
	}
	return store.Run{}, problem.New(problem.NotFound, "undo", "", "nothing was taken back in this project", "See what was done with `mrpt runs`")
}

// restingOn names the results that were made with any of the tables, as they
// stand now.
func restingOn(ctx context.Context, w *workspace.Workspace, outs []store.Dataset) ([]string, error) {
	all, err := w.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range newest(all) {
		if d.Source != "" || holds(outs, d.ID) {
			continue
		}
		below, err := lineage(ctx, w, []store.Dataset{d})
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(below, func(b store.Dataset) bool { return holds(outs, b.ID) }) {
			out = append(out, called(d))
		}
	}
	return out, nil
}

// undoneTable lists the tables of the run, and which version is current now.
func undoneTable(ctx context.Context, w *workspace.Workspace, outs []store.Dataset) (*table.Table, error) {
	kind, name := table.NewText("kind"), table.NewText("name")
	version, current := table.NewNumber("version"), table.NewNumber("current_version")
	for _, d := range outs {
		appendTexts([]*table.Column{kind, name}, d.Kind, d.Name)
		version.AppendNumber(float64(d.Version))
		now, err := w.Latest(ctx, "undo", d.Kind, d.Name, "Import it again")
		switch {
		case problem.Is(err, problem.NotFound):
			current.AppendMissing()
		case err != nil:
			return nil, err
		default:
			current.AppendNumber(float64(now.Version))
		}
	}
	return table.New("undone", kind, name, version, current)
}
