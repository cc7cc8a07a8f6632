package action

import (
	"context"
	"fmt"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/workspace"
)

// Keep says until when the data of the project is to be kept. After that day
// every act and the doctor remind of it; nothing is erased by itself.
type Keep struct {
	Until string `param:"until" help:"the last day, as 2027-12-31, or none for no end" json:"until"`
}

// Check implements Action.
func (a *Keep) Check() error {
	if _, ok := (workspace.Retention{Until: a.Until}).Last(); ok || a.Until == "none" {
		return nil
	}
	return usage("keep", "until", "it names no day", "Give --until a day as 2027-12-31, or none")
}

// Run implements Action.
func (a *Keep) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	summary := fmt.Sprintf("The data of project %s is kept without an end.", w.Project())
	if last, ok := (workspace.Retention{Until: a.Until}).Last(); ok {
		summary = fmt.Sprintf("The data of project %s is to be kept until %s; after that you are reminded to erase it.", w.Project(), last.Format("2 January 2006"))
	}
	run, _, err := w.Record(ctx, workspace.Draft{Act: workspace.ActKeep, Params: a, Started: w.Now(), Summary: summary})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: summary}, nil
}

// Erase removes everything in the open project: tables, results, runs and
// decisions. The project's name is asked for, so that nobody erases by mistake.
type Erase struct {
	Confirm string `param:"confirm" help:"the name of the project, to show that it is meant"`
}

// Check implements Action.
func (a *Erase) Check() error {
	if a.Confirm == "" {
		return usage("erase", "confirm", "the project was not named", "Give --confirm the name of the project whose data is to go")
	}
	return nil
}

// Run implements Action.
func (a *Erase) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	if a.Confirm != w.Project() {
		return nil, problem.New(problem.Usage, "erase", a.Confirm, "this is not the project that is open",
			"Name the project with --project and again with --confirm; nothing was erased")
	}
	tell("erasing", 0, 0)
	gone, err := w.EraseProject(ctx)
	if err != nil {
		return nil, err
	}
	return &Result{Summary: erasedWords(w.Project(), gone), Details: gone, Notices: []string{
		"the audit keeps that these runs were and that they were erased; files you imported from or exported, and backups that were made or sent, are as they were; a backup that still waited to be sent is given up",
	}}, nil
}

func erasedWords(project string, gone store.Erased) string {
	return fmt.Sprintf("Everything in project %s is erased: %s, %s and %s.", project, counted(int(gone["dataset"]), "table"),
		counted(int(gone["run"]), "run"), counted(int(gone["place_decision"]), "decision"))
}
