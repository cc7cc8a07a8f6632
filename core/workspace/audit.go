package workspace

import (
	"context"
	"errors"
	"path/filepath"

	"chatmrpt/core/store"
)

// Audit lists the entries of the profile's audit, of every project, oldest
// first.
func (w *Workspace) Audit(ctx context.Context) ([]store.Entry, error) {
	entries, err := w.store.Audit(ctx)
	return entries, storeProblem(err, "audit", "")
}

// VerifyAudit walks the audit and names everything that does not fit.
func (w *Workspace) VerifyAudit(ctx context.Context) (store.ChainReport, error) {
	r, err := w.store.Verify(ctx)
	return r, storeProblem(err, "audit", "")
}

// Note puts what the store can't see on record: a file written, a passphrase
// changed, a key rotated.
func (w *Workspace) Note(ctx context.Context, n store.Note) error {
	return storeProblem(w.store.Note(ctx, n), "audit", n.Subject)
}

// Exported puts the files that an act wrote on record, by their base names: in
// which folder they lie is nobody's business. run is the act's recorded run, 0
// when it has none.
func (w *Workspace) Exported(ctx context.Context, act string, run int64, files []string) error {
	for _, f := range files {
		n := store.Note{Kind: store.AuditExport, Subject: filepath.Base(f), Detail: map[string]string{"act": act, "project": w.project.Name}}
		if run != 0 {
			n.Run = w.RunNumber(run)
		}
		if err := w.Note(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// noteFailures puts on record that somebody gave wrong passphrases before this
// unlocking: while the profile was locked nobody could write it down. A broken
// audit keeps nobody from reading his own data.
func (w *Workspace) noteFailures(ctx context.Context) error {
	how := w.vault.Opening()
	if how.Failures == 0 {
		return nil
	}
	err := w.store.Note(ctx, store.Note{Kind: store.AuditUnlockFailed, Detail: map[string]any{"failures": how.Failures, "last": how.LastFailure}})
	if errors.Is(err, store.ErrAudit) {
		return nil
	}
	return storeProblem(err, "open", w.User())
}

// Untold is the warning that the recovery code that holds was perhaps never
// shown, and what to do; "" when there is nothing to warn of.
func (w *Workspace) Untold() string {
	if !w.vault.Opening().CodeUntold {
		return ""
	}
	return "The program was stopped before it could show the recovery code that now holds; an older one opens nothing. " + codeHint
}

// Quarantined lists the rows that are never shown because they belong to
// somebody else or to nothing, as the check at the start left them.
func (w *Workspace) Quarantined() []store.Quarantined {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.held
}
