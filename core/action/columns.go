package action

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"chatmrpt/core/ingest"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// columnsAct is the act under which corrections of columns are recorded. The
// records are the memory: the newest about a layout counts, in every project of
// the profile, and `undo` takes one back.
const columnsAct = "columns"

// Columns lays a file on the workbench: what each column is taken for, how that
// was recognised and how surely, and what it holds. A correction is remembered
// for every later file with the same columns, and forgotten on request. Without
// a file it lists what is remembered. Nothing is imported.
type Columns struct {
	File       string   `param:"file" arg:"true" help:"the table to look at; without one, the layouts that are remembered" json:"-"`
	Sheet      string   `param:"sheet" help:"sheet of a workbook"`
	As         string   `param:"as" choices:"facilities|wards|population|nets" help:"what the rows are, when it is not found out"`
	Set        []string `param:"set" help:"what a column is, HEADER=ROLE, or HEADER=none for nothing; remembered"`
	Duplicates []string `param:"duplicate" help:"what several columns of one header are: HEADER=sum, first, largest or apart; remembered"`
	Forget     bool     `param:"forget" help:"forget what was set for files with these columns"`
}

// remembered is what a run of columns records.
type remembered struct {
	Layout  string        `json:"layout"`
	Headers int           `json:"headers"` // how many columns
	Example string        `json:"example"` // name of the file it was set on
	Memory  ingest.Memory `json:"memory"`
	Forget  bool          `json:"forget,omitempty"`
}

// Check implements Action.
func (a *Columns) Check() error {
	if _, err := a.choices(); err != nil {
		return err
	}
	if _, err := duplicateAnswers(columnsAct, a.Duplicates); err != nil {
		return err
	}
	changes := len(a.Set)+len(a.Duplicates) > 0
	switch {
	case a.File == "" && (changes || a.Forget):
		return usage(columnsAct, "file", "no file was named", "Name a file of the layout that is meant")
	case a.Forget && changes:
		return usage(columnsAct, "forget", "set and forget at once", "Forget first, then set anew")
	}
	return nil
}

// choices reads HEADER=ROLE.
func (a *Columns) choices() ([]ingest.Choice, error) {
	var out []ingest.Choice
	for _, s := range a.Set {
		at := strings.LastIndexByte(s, '=') // a header may hold one too: ≥ is written >=
		role := table.Role(s[at+1:])
		if at < 1 || role != "none" && !slices.Contains(table.Roles(), role) {
			return nil, usage(columnsAct, "set", fmt.Sprintf("%q is not HEADER=ROLE", s), "Roles are: none, "+roleList())
		}
		if role == "none" {
			role = ""
		}
		out = append(out, ingest.Choice{Header: s[:at], Role: role})
	}
	return out, nil
}

// Run implements Action.
func (a *Columns) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	memory, err := recallLayouts(ctx, w)
	if err != nil {
		return nil, err
	}
	if a.File == "" {
		return memory.list()
	}
	draft := workspace.Draft{Act: columnsAct, Started: w.Now()}
	f, err := readFile(columnsAct, a.File)
	if err != nil {
		return nil, err
	}
	if p := foreign(f); p != nil {
		p.Op = columnsAct
		return nil, p
	}
	choices, err := a.choices()
	if err != nil {
		return nil, err
	}
	answers, err := duplicateAnswers(columnsAct, a.Duplicates)
	if err != nil {
		return nil, err
	}
	recall := memory.of
	if a.Forget {
		recall = nil
	}
	bench, err := ingest.Examine(ctx, f.name, f.data, ingest.Options{
		Kind: ingest.Kind(a.As), Sheet: a.Sheet, Choices: choices, Duplicates: answers, Recall: recall,
	})
	if err != nil {
		return nil, err
	}
	result, err := benchResult(f.name, bench)
	if err != nil {
		return nil, err
	}
	before, known := memory[bench.Report.Layout]
	known = known && !before.Forget
	now := remembered{
		Layout: bench.Report.Layout, Headers: len(bench.Columns), Example: f.name, Forget: a.Forget,
		Memory: merged(before.Memory, choices, answers),
	}
	switch {
	case a.Forget && !known:
		return nil, problem.New(problem.NotFound, columnsAct, f.name, "nothing is remembered of files with these columns", "See what is remembered with `mrpt columns`")
	case a.Forget:
		now.Memory = ingest.Memory{}
		draft.Summary = "Forgot what was set for files with the columns of " + f.name + "."
	case len(choices)+len(answers) == 0:
		return result, nil
	default:
		draft.Summary = fmt.Sprintf("Remembered for files with the columns of %s: %s.", f.name, memoryWords(now.Memory))
	}
	draft.Params = now
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	result.Run, result.Summary = run.ID.N, draft.Summary+" "+result.Summary
	return result, nil
}

// merged adds what is said now to what was said before.
func merged(before ingest.Memory, choices []ingest.Choice, answers map[string]string) ingest.Memory {
	out := ingest.Memory{Duplicates: maps.Clone(before.Duplicates)}
	for _, c := range before.Choices {
		if !slices.ContainsFunc(choices, func(n ingest.Choice) bool {
			return strings.EqualFold(n.Header, c.Header) || n.Role == c.Role && c.Role != "" && c.Role != table.RoleVariable && c.Role != table.RoleMalaria
		}) {
			out.Choices = append(out.Choices, c)
		}
	}
	out.Choices = append(out.Choices, choices...)
	if out.Duplicates == nil && len(answers) > 0 {
		out.Duplicates = map[string]string{}
	}
	maps.Copy(out.Duplicates, answers)
	return out
}

// layouts is what is remembered, by layout.
type layouts map[string]remembered

// recallLayouts reads what was set in any project of the profile.
func recallLayouts(ctx context.Context, w *workspace.Workspace) (layouts, error) {
	runs, err := w.RunsOf(ctx, columnsAct)
	if err != nil {
		return nil, err
	}
	out := layouts{}
	for _, r := range runs {
		var m remembered
		if json.Unmarshal(r.Params, &m) == nil && m.Layout != "" {
			out[m.Layout] = m
		}
	}
	return out, nil
}

// of gives what is remembered of a layout.
func (l layouts) of(layout string) ingest.Memory { return l[layout].Memory }

// list shows what is remembered.
func (l layouts) list() (*Result, error) {
	example, set := table.NewText("file"), table.NewText("set")
	headers := table.NewNumber("columns")
	for _, key := range slices.Sorted(maps.Keys(l)) {
		if m := l[key]; !m.Forget {
			appendTexts([]*table.Column{example, set}, m.Example, memoryWords(m.Memory))
			headers.AppendNumber(float64(m.Headers))
		}
	}
	t, err := table.New("layouts", example, headers, set)
	if err != nil {
		return nil, err
	}
	return &Result{Summary: counted(t.Rows(), "layout") + " remembered.", Tables: []*table.Table{t}}, nil
}

// memoryWords says what is set.
func memoryWords(m ingest.Memory) string {
	var parts []string
	for _, c := range m.Choices {
		role := string(c.Role)
		if role == "" {
			role = "no role"
		}
		parts = append(parts, c.Header+" is "+role)
	}
	for _, h := range slices.Sorted(maps.Keys(m.Duplicates)) {
		parts = append(parts, "the columns "+h+": "+m.Duplicates[h])
	}
	return strings.Join(parts, "; ")
}

// benchResult is the workbench as a table.
func benchResult(name string, b *ingest.Bench) (*Result, error) {
	header, role, how := table.NewText("column"), table.NewText("role"), table.NewText("how")
	sure, values := table.NewText("confidence"), table.NewText("values")
	filled, missing := table.NewNumber("filled"), table.NewNumber("missing")
	recognised := 0
	for _, c := range b.Columns {
		by, confidence := c.How, c.Confidence
		if c.Role != "" {
			recognised++
		} else if by != ingest.Chosen && by != ingest.Remembered {
			by, confidence = "", ""
		}
		appendTexts([]*table.Column{header, role, how, sure, values}, c.Header, string(c.Role), by, confidence, strings.Join(c.Values, " | "))
		filled.AppendNumber(float64(c.Filled))
		missing.AppendNumber(float64(b.Rows - c.Filled))
	}
	t, err := table.New("columns", header, role, how, sure, filled, missing, values)
	if err != nil {
		return nil, err
	}
	r := &Result{
		Summary: fmt.Sprintf("%s: %s in %s, taken for a table of %s; %d of the columns have a role.", name, counted(b.Rows, "row"), counted(len(b.Columns), "column"), b.Kind, recognised),
		Tables:  []*table.Table{t}, Details: b.Report,
	}
	if b.Open != nil {
		r.Notices = append(r.Notices, "it can't be imported yet: "+b.Open.Message+". "+b.Open.Hint)
	}
	for _, d := range b.Report.Dropped {
		r.Notices = append(r.Notices, "left out: "+d)
	}
	for _, warning := range b.Report.Warnings {
		r.Notices = append(r.Notices, warningWords(warning))
	}
	return r, nil
}

// memoryNotice says which columns were read as the user had set them before.
func memoryNotice(r *ingest.Report) string {
	var parts []string
	for _, c := range r.Columns {
		if c.How == ingest.Remembered {
			parts = append(parts, c.Header+" as "+string(c.Role))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "taken as you set it for an earlier file with these columns: " + listed(parts, 6) + " (`mrpt columns FILE --forget` forgets it)"
}
