package action

import (
	"context"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/sample"
	"chatmrpt/core/workspace"
)

// Sample loads the made-up state into the project, through the same readers as
// any file.
type Sample struct {
	Seed uint64 `param:"seed" help:"the state this number gives"`
}

// NewSample gives the state the documentation shows.
func NewSample() *Sample { return &Sample{Seed: SampleSeed} }

// SampleSeed is the seed of the state that the documentation and the window
// show.
const SampleSeed = 2026

// Check implements Action.
func (a *Sample) Check() error { return nil }

// Run implements Action.
func (a *Sample) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	if err := a.alone(ctx, w); err != nil {
		return nil, err
	}
	tell("making up a state", 0, 0)
	files, err := a.Files()
	if err != nil {
		return nil, err
	}
	var in []inputFile
	for _, f := range files {
		if isSampleInput(f.Name) {
			in = append(in, newInputFile(f.Name, f.Data))
		}
	}
	r, err := (&Import{Replace: true}).load(ctx, w, tell, in, record{act: "sample", params: a, seed: a.Seed})
	if err != nil {
		return nil, err
	}
	r.Notices = append([]string{fictionalNote}, r.Notices...)
	return r, nil
}

// alone refuses to mix the made-up state with a project's own files.
func (a *Sample) alone(ctx context.Context, w *workspace.Workspace) error {
	ds, err := w.Datasets(ctx)
	if err != nil {
		return err
	}
	for _, d := range ds {
		run, err := w.Run(ctx, d.Run)
		if err != nil {
			return err
		}
		if run.Act == "import" {
			return problem.New(problem.Conflict, "sample", w.Project(), "this project holds files of yours",
				"Load the made-up state into a project of its own, such as --project try")
		}
	}
	return nil
}

// isSampleInput leaves out the note and the text twin of the workbook.
func isSampleInput(name string) bool {
	return name != "README.txt" && !(strings.HasPrefix(name, "fictional-state_dhis2") && strings.HasSuffix(name, ".csv"))
}

// Files gives the made-up state's files as they would lie in a folder.
func (a *Sample) Files() ([]sample.File, error) {
	state, err := sample.Make(a.Seed, sample.Options{})
	if err != nil {
		return nil, err
	}
	return state.Files()
}
