package action

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Card prints the method card of a run: what was done, with which parameters,
// seed and version of the program, on which data by their hashes, how the
// figures came about and who described the method, and how to repeat it. It is
// a reading of the record; nothing on it is computed anew.
type Card struct {
	Number int `param:"run" arg:"true" help:"number of the run, as listed by runs; the newest when left out"`
}

// Check implements Action.
func (a *Card) Check() error {
	if a.Number < 0 {
		return usage("card", "run", "there is no run below 1", "Give the number of a run, as `mrpt runs` lists them")
	}
	return nil
}

// Run implements Action.
func (a *Card) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	n := int64(a.Number)
	if n == 0 {
		runs, err := w.Runs(ctx)
		if err != nil {
			return nil, err
		}
		if len(runs) == 0 {
			return nil, problem.New(problem.NotFound, "card", "", "nothing was done yet in this project", "Import files first")
		}
		n = runs[len(runs)-1].ID.N
	}
	lines, err := cardOf(ctx, w, w.RunNumber(n))
	if err != nil {
		return nil, err
	}
	item, text := table.NewText("item"), table.NewText("text")
	for _, l := range lines {
		appendTexts([]*table.Column{item, text}, l.label, l.text)
	}
	t, err := table.New("card", item, text)
	if err != nil {
		return nil, err
	}
	return &Result{Summary: fmt.Sprintf("Method card of run %d.", n), Tables: []*table.Table{t}}, nil
}

// cardLine is one line of a method card.
type cardLine struct{ label, text string }

// cardOf reads the card of a run from the record.
func cardOf(ctx context.Context, w *workspace.Workspace, id store.RunID) ([]cardLine, error) {
	run, err := w.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	inputs, err := w.Inputs(ctx, id)
	if err != nil {
		return nil, err
	}
	outputs, err := w.Outputs(ctx, id)
	if err != nil {
		return nil, err
	}
	card := []cardLine{
		{"run", fmt.Sprintf("%d, %s, %s", run.ID.N, run.Act, run.Finished.Format("2006-01-02 15:04:05 MST"))},
		{"summary", run.Summary},
	}
	method, err := methodLines(run, outputs)
	if err != nil {
		return nil, err
	}
	card = append(card, method...)
	card = append(card, parameterLines(run)...)
	if run.Seed != 0 {
		card = append(card, cardLine{"seed", fmt.Sprint(run.Seed)})
	}
	for _, d := range inputs {
		card = append(card, cardLine{"data", described(d)})
	}
	for _, d := range outputs {
		card = append(card, cardLine{"result", described(d)})
	}
	for _, n := range run.Notices {
		card = append(card, cardLine{"note", n})
	}
	card = append(card, cardLine{"version", run.Version})
	if len(outputs) > 0 {
		card = append(card, cardLine{"repeat", fmt.Sprintf("mrpt replay %d --verify", run.ID.N)})
	}
	return card, nil
}

// described names a dataset so that it can be told from every other.
func described(d store.Dataset) string {
	s := fmt.Sprintf("%s, version %d, %s, SHA-256 %s", called(d), d.Version, counted(d.Rows, "row"), d.SHA256)
	if d.Source != "" {
		s += fmt.Sprintf(", from %s, SHA-256 %s", d.Source, d.SourceHash)
	}
	return s
}

// methodLines asks the act how its figures come about. An act that gives no
// account is described by what the registry says of it.
func methodLines(run store.Run, outputs []store.Dataset) ([]cardLine, error) {
	act, ok := recordedAct(run)
	teller, tells := act.(Accountable)
	if !ok || !tells {
		if spec, known := Find(run.Act); known {
			return []cardLine{{"method", spec.Summary}}, nil
		}
		return nil, nil
	}
	facts := json.RawMessage("null")
	if len(outputs) > 0 {
		facts = outputs[0].Report
	}
	sentences, citations, err := teller.Account(facts)
	if err != nil {
		return nil, fmt.Errorf("facts of run %d: %w", run.ID.N, err)
	}
	var out []cardLine
	for _, s := range sentences {
		out = append(out, cardLine{"method", s})
	}
	for _, c := range citations {
		out = append(out, cardLine{"citation", c})
	}
	return out, nil
}

// parameterLines lists the recorded parameters in the order and under the names
// of the act's flags.
func parameterLines(run store.Run) []cardLine {
	act, ok := recordedAct(run)
	if !ok {
		return []cardLine{{"parameters", string(run.Params)}}
	}
	var out []cardLine
	for _, p := range Params(act) {
		if v := p.Value(); v != "" {
			out = append(out, cardLine{"parameter", "--" + p.Name + " " + v})
		}
	}
	return out
}

// cardText is the card of a run as plain text, for a file beside a result.
func cardText(ctx context.Context, w *workspace.Workspace, id store.RunID) (string, error) {
	lines, err := cardOf(ctx, w, id)
	if err != nil {
		return "", err
	}
	var sb strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&sb, "%-10s %s\n", l.label, strings.ReplaceAll(l.text, "\n", " "))
	}
	return sb.String(), nil
}
