package action

import (
	"context"
	"encoding/json"
	"fmt"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Replay runs a recorded act again, on the data as they were then, with the
// recorded parameters and seed, and compares the results byte by byte. It
// records nothing.
type Replay struct {
	Number int  `param:"run" arg:"true" help:"number of the run, as listed by runs"`
	Verify bool `param:"verify" help:"fail when anything differs"`
}

// Check implements Action.
func (a *Replay) Check() error {
	if a.Number < 1 {
		return usage("replay", "run", "no run was named", "Give the number of a run, as `mrpt runs` lists them")
	}
	return nil
}

// Run implements Action.
func (a *Replay) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	run, err := w.Run(ctx, w.RunNumber(int64(a.Number)))
	if err != nil {
		return nil, err
	}
	outputs, err := w.Outputs(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	act, err := repeatable(run, outputs)
	if err != nil {
		return nil, err
	}
	then := w.Again(run)
	result, err := act.Run(ctx, then, tell)
	if err != nil {
		return nil, err
	}
	comparison, different, err := compareOutputs(outputs, then.Repeated())
	if err != nil {
		return nil, err
	}
	out := &Result{Tables: append([]*table.Table{comparison}, result.Tables...), Notices: result.Notices}
	if run.Version != w.Version() {
		out.Notices = append(out.Notices, fmt.Sprintf("run %d was done by version %s, this is %s", a.Number, run.Version, w.Version()))
	}
	out.Summary = fmt.Sprintf("Run %d (%s) again: all %s the same, byte by byte. %s", a.Number, run.Act, counted(len(outputs), "result"), result.Summary)
	if different > 0 {
		out.Summary = fmt.Sprintf("Run %d (%s) again: %d of %s differ.", a.Number, run.Act, different, counted(len(outputs), "result"))
		if a.Verify {
			out.Problem = problem.New(problem.Conflict, "replay", fmt.Sprintf("run %d", a.Number), fmt.Sprintf("%d of %s differ", different, counted(len(outputs), "result")),
				"Another version of the program or a change to the stored data does that; `mrpt doctor` tells about the data. Repeat the step to have the result of this version")
		}
	}
	return out, nil
}

// repeatable gives the act of a run with its recorded parameters, or says why it
// can't be run again.
func repeatable(run store.Run, outputs []store.Dataset) (Action, error) {
	subject := fmt.Sprintf("run %d (%s)", run.ID.N, run.Act)
	if len(outputs) == 0 {
		return nil, problem.New(problem.BadInput, "replay", subject, "it stored no result to compare with", "Replay a run that made a table; `mrpt runs` lists them")
	}
	a, ok := recordedAct(run)
	if !ok {
		return nil, problem.New(problem.BadInput, "replay", subject, "this version has no such act", "Use the version that did it: "+run.Version)
	}
	if a.Check() != nil {
		return nil, problem.New(problem.BadInput, "replay", subject, "it read a file, and where that lies is not kept on record",
			"`mrpt doctor` checks what was stored of it against its hash")
	}
	return a, nil
}

// recordedAct fills an act with what its run recorded.
func recordedAct(run store.Run) (Action, bool) {
	spec, ok := Find(run.Act)
	if !ok {
		return nil, false
	}
	a := spec.New()
	return a, json.Unmarshal(run.Params, a) == nil
}

// compareOutputs lays the hashes of stored and repeated results side by side.
func compareOutputs(stored []store.Dataset, drafts []workspace.Draft) (*table.Table, int, error) {
	var repeated []store.NewDataset
	for _, d := range drafts {
		repeated = append(repeated, d.Outputs...)
	}
	kind, name, before, now, same := table.NewText("kind"), table.NewText("name"), table.NewText("recorded_sha256"), table.NewText("repeated_sha256"), table.NewText("same")
	different := max(0, len(repeated)-len(stored))
	for i, d := range stored {
		hash, facts := "", ""
		if i < len(repeated) && repeated[i].Kind == d.Kind && repeated[i].Name == d.Name {
			var err error
			if hash, err = repeated[i].ContentHash(); err != nil {
				return nil, 0, err
			}
			report, err := json.Marshal(repeated[i].Report)
			if err != nil {
				return nil, 0, err
			}
			facts = string(report)
		}
		equal := hash == d.SHA256 && facts == string(d.Report)
		if !equal {
			different++
		}
		appendTexts([]*table.Column{kind, name, before, now, same}, d.Kind, d.Name, d.SHA256, hash, map[bool]string{true: "yes", false: "no"}[equal])
	}
	t, err := table.New("comparison", kind, name, before, now, same)
	return t, different, err
}
