package workspace

import (
	"context"
	"errors"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault"
)

// Rotate gives the profile a new data key and a new recovery code: the store is
// copied under the new key, the switch is one renaming, and the old store is
// removed (see vault.Rotate). passphrase is the present one; the caller clears
// it, and passes o as it was passed when the profile was opened.
//
// Ids and pictures of the old session must not outlive its key, so w ends in
// it as by Close, jobs and caches included, and next is the session to go on
// with. It must not be called from a job of w. When the passphrase is wrong, or
// w is closed already, nothing ends and next is w itself. After any other
// failure next is a fresh session of the profile as it was, or nil when that
// can't be opened; then the profile is closed.
//
// A code that comes with an error is to be kept beside the old one, see
// vault.Rotate.
func (w *Workspace) Rotate(ctx context.Context, passphrase []byte, o vault.Options) (next *Workspace, recoveryCode string, err error) {
	ended := false
	recoveryCode, err = vault.Rotate(ctx, w.vault, passphrase, func(ctx context.Context, path string, key []byte) error {
		if !w.stop() {
			return problem.New(problem.Locked, "rotate key", w.User(), "the profile is locked", "Unlock it first")
		}
		ended = true
		return w.moveStore(ctx, path, key)
	}, o)
	if !ended {
		return w, recoveryCode, err
	}
	next, reopened := FromVault(context.WithoutCancel(ctx), w.vault, Options{Project: w.project.Name, Version: w.version, Now: w.now})
	if reopened != nil {
		return nil, recoveryCode, errors.Join(err, reopened, w.vault.Close())
	}
	if recoveryCode != "" {
		err = errors.Join(err, next.Note(context.WithoutCancel(ctx), store.Note{Kind: store.AuditRotate, Detail: struct{}{}}))
	}
	return next, recoveryCode, err
}

// moveStore copies the store and closes it, whether or not the copy succeeds:
// the session has ended.
func (w *Workspace) moveStore(ctx context.Context, path string, key []byte) error {
	err := storeProblem(w.store.CopyTo(ctx, path, key), "rotate key", w.User())
	return errors.Join(err, storeProblem(w.store.Close(), "rotate key", w.User()))
}
