package action

import (
	"context"
	"fmt"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Doctor examines the profile and says what to do about what it finds.
type Doctor struct{}

// Check implements Action.
func (a *Doctor) Check() error { return nil }

// Run implements Action.
func (a *Doctor) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	findings, err := w.Doctor(ctx, tell)
	if err != nil {
		return nil, err
	}
	check, state, found, do := table.NewText("check"), table.NewText("state"), table.NewText("found"), table.NewText("do")
	var bad []workspace.Finding
	for _, f := range findings {
		word := "ok"
		if !f.OK {
			word = "not ok"
			bad = append(bad, f)
		}
		appendTexts([]*table.Column{check, state, found, do}, f.Check, word, f.Found, f.Do)
	}
	t, err := table.New("doctor", check, state, found, do)
	if err != nil {
		return nil, err
	}
	r := &Result{Summary: fmt.Sprintf("All is well: %s.", counted(len(findings), "check")), Tables: []*table.Table{t}}
	for _, f := range bad {
		r.Notices = append(r.Notices, f.Check+": "+f.Found+". "+f.Do)
	}
	if len(bad) > 0 {
		r.Summary = fmt.Sprintf("%s of %d did not go well.", counted(len(bad), "check"), len(findings))
		r.Problem = problem.New(problem.Store, "doctor", bad[0].Check, bad[0].Found, bad[0].Do)
	}
	return r, nil
}
