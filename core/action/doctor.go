package action

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Doctor examines the profile and says what to do about what it finds. With
// Discard it first removes for good what is kept from sight.
type Doctor struct {
	Out     string `param:"out" help:"file to write the findings and every row in quarantine to: .json" json:"-"`
	Discard int    `param:"discard" help:"remove the rows kept from sight for good: how many they are, as the doctor tells, to show that it is meant"`

	// Also is one more thing to look at, of a room above this one; may be nil.
	Also func(context.Context, *workspace.Workspace) (workspace.Finding, error) `json:"-"`
}

// Check implements Action.
func (a *Doctor) Check() error {
	if a.Discard < 0 {
		return usage("doctor", "discard", "it is no number of rows", "Give --discard the number that the doctor tells, or leave it out")
	}
	if a.Out == "" || strings.ToLower(filepath.Ext(a.Out)) == ".json" {
		return nil
	}
	return usage("doctor", "out", "the file is no .json", "Give --out a name that ends in .json, or leave it out")
}

// Run implements Action.
func (a *Doctor) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	discarded := ""
	if a.Discard > 0 {
		gone, err := w.Discard(ctx, a.Discard)
		if err != nil {
			return nil, err
		}
		discarded = fmt.Sprintf(" What was kept from sight is removed for good: %s of the store.", counted(rowsOf(gone), "row"))
	}
	findings, err := w.Doctor(ctx, tell)
	if err != nil {
		return nil, err
	}
	if a.Also != nil {
		f, err := a.Also(ctx, w)
		if err != nil {
			return nil, err
		}
		findings = append(findings, f)
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
	r.Summary += discarded
	if a.Out != "" {
		if err := saveFindings(a.Out, w, findings); err != nil {
			return nil, err
		}
		r.Files = []string{a.Out}
	}
	return r, nil
}

// rowsOf is how many rows went.
func rowsOf(gone store.Erased) (n int) {
	for _, rows := range gone {
		n += int(rows)
	}
	return n
}

// heldRow is a row in quarantine as the report names it: where it lies and why,
// never what is in it.
type heldRow struct {
	Table  string    `json:"table"`
	Row    int64     `json:"row"`
	Reason string    `json:"reason"`
	Found  time.Time `json:"found"`
}

func saveFindings(path string, w *workspace.Workspace, findings []workspace.Finding) error {
	held := []heldRow{}
	for _, q := range w.Quarantined() {
		held = append(held, heldRow{q.Table, q.Row, q.Reason, q.Found})
	}
	report := map[string]any{"user": w.User(), "made": w.Now(), "program": w.Version(), "findings": findings, "quarantine": held}
	return output{path, func(out io.Writer) error {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(report)
	}}.save("doctor")
}
