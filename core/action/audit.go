package action

import (
	"context"
	"fmt"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Audit lists what was done in the profile, in every project, or checks that
// nobody changed that list.
type Audit struct {
	Verify bool `param:"verify" help:"check every entry instead of listing them"`
	Last   int  `param:"last" help:"how many of the newest entries, 0 for all"`
}

// NewAudit gives the newest entries, as many as a screen shows.
func NewAudit() *Audit { return &Audit{Last: 20} }

// Check implements Action.
func (a *Audit) Check() error {
	if a.Last < 0 {
		return usage("audit", "last", "fewer than no entries", "Give --last a number of entries, or 0 for all")
	}
	return nil
}

// Run implements Action.
func (a *Audit) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	if a.Verify {
		return verifyAudit(ctx, w)
	}
	entries, err := w.Audit(ctx)
	if err != nil {
		return nil, err
	}
	total := len(entries)
	if a.Last > 0 && total > a.Last {
		entries = entries[total-a.Last:]
	}
	t, err := auditTable(entries)
	if err != nil {
		return nil, err
	}
	summary := fmt.Sprintf("%s in the audit of this profile.", countedEntries(total))
	if len(entries) < total {
		summary = fmt.Sprintf("The newest %d of %s in the audit of this profile.", len(entries), countedEntries(total))
	}
	return &Result{Summary: summary, Tables: []*table.Table{t}}, nil
}

func countedEntries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return grouped(n) + " entries"
}

func auditTable(entries []store.Entry) (*table.Table, error) {
	number, run := table.NewNumber("entry"), table.NewNumber("run")
	when, kind, subject := table.NewText("when"), table.NewText("kind"), table.NewText("subject")
	detail, hash := table.NewText("detail"), table.NewText("hash")
	for _, e := range entries {
		number.AppendNumber(float64(e.N))
		if e.Run.N == 0 {
			run.AppendMissing()
		} else {
			run.AppendNumber(float64(e.Run.N))
		}
		appendTexts([]*table.Column{when, kind, subject, detail, hash},
			e.At.Format("2006-01-02 15:04:05"), string(e.Kind), e.Subject, string(e.Detail), e.Hash)
	}
	return table.New("audit", number, when, kind, subject, run, detail, hash)
}

// verifyAudit says that the chain is whole, or names every entry that does not
// fit and fails.
func verifyAudit(ctx context.Context, w *workspace.Workspace) (*Result, error) {
	report, err := w.VerifyAudit(ctx)
	if err != nil {
		return nil, err
	}
	entry, fault := table.NewNumber("entry"), table.NewText("fault")
	for _, f := range report.Faults {
		if f.Entry == 0 {
			entry.AppendMissing()
		} else {
			entry.AppendNumber(float64(f.Entry))
		}
		fault.AppendText(f.What)
	}
	t, err := table.New("faults", entry, fault)
	if err != nil {
		return nil, err
	}
	if report.Whole() {
		return &Result{Summary: fmt.Sprintf("The chain of %s is whole.", countedEntries(report.Entries))}, nil
	}
	first := report.Faults[0]
	subject := "the account of the chain"
	if first.Entry != 0 {
		subject = fmt.Sprintf("entry %d", first.Entry)
	}
	return &Result{
		Summary: fmt.Sprintf("The chain of %s is broken: %s, the first at %s.", countedEntries(report.Entries), counted(len(report.Faults), "fault"), subject),
		Tables:  []*table.Table{t},
		Problem: problem.New(problem.Store, "audit", subject, first.What,
			"Somebody or something changed the record. Do not trust this profile; put back a copy of its folder from before"),
	}, nil
}
