package presenter

import (
	"context"
	"errors"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
)

// Change implements Keeper.
func (l Local) Change(ctx context.Context, name string, secret, fresh []byte) error {
	p, err := vault.Find(l.Folder, name)
	if err != nil {
		return err
	}
	if err := vault.ChangePassphrase(ctx, l.Folder, p.ID, secret, fresh, l.Vault); err != nil {
		return err
	}
	return l.putOnRecord(ctx, name, fresh, store.Note{Kind: store.AuditPassphrase})
}

// Rotate implements Keeper.
func (l Local) Rotate(ctx context.Context, name string, secret []byte) (newCode string, err error) {
	w, err := l.unlock(ctx, name, secret)
	if err != nil {
		return "", err
	}
	next, newCode, err := w.Rotate(ctx, secret, l.Vault)
	if next != nil {
		err = errors.Join(err, next.Close())
	}
	return newCode, err
}

// Erase implements Keeper.
func (l Local) Erase(ctx context.Context, name string, secret []byte) error {
	p, err := vault.Find(l.Folder, name)
	if err != nil {
		return err
	}
	return vault.Erase(ctx, l.Folder, p.ID, secret, l.Vault)
}

// SetKeyring implements Keeper.
func (l Local) SetKeyring(ctx context.Context, name string, secret []byte, on bool) error {
	p, err := vault.Find(l.Folder, name)
	if err != nil {
		return err
	}
	change, state := vault.KeyringOff, "off"
	if on {
		change, state = vault.KeyringOn, "on"
	}
	changed := change(ctx, l.Folder, p.ID, secret, l.Vault)
	if now, err := vault.Find(l.Folder, name); err != nil || now.Keyring != on || (changed != nil && p.Keyring == on) {
		return changed
	}
	return errors.Join(changed, l.putOnRecord(ctx, name, secret, store.Note{Kind: store.AuditKeyring, Subject: state}))
}

// UnlockByKeyring implements Keeper.
func (l Local) UnlockByKeyring(ctx context.Context, name string) (Workspace, error) {
	o := l.options()
	o.Home, o.User, o.Keyring, o.Vault = l.Folder, name, true, l.Vault
	w, err := workspace.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return &localWorkspace{Workspace: w}, nil
}

// CodeTold implements Keeper.
func (l Local) CodeTold(ctx context.Context, name string) error {
	p, err := vault.Find(l.Folder, name)
	if err != nil {
		return err
	}
	return vault.CodeTold(ctx, l.Folder, p.ID, l.Vault)
}

// SavePage implements Keeper.
func (l Local) SavePage(path, name, code string) error {
	return action.SaveRecoveryPage(path, name, code, l.Version, l.Now())
}

// putOnRecord opens a profile that was just changed, which shows that it does,
// and enters the change in its audit. The change is made already, so a problem
// here says that too.
func (l Local) putOnRecord(ctx context.Context, name string, secret []byte, n store.Note) error {
	n.Detail = struct{}{}
	ctx = context.WithoutCancel(ctx)
	w, err := l.unlock(ctx, name, secret)
	if err == nil {
		err = errors.Join(w.Note(ctx, n), w.Close())
	}
	if err == nil {
		return nil
	}
	return problem.New(problem.Store, "audit", name, "the change was made, but could not be entered in the audit",
		"Open the profile with the new passphrase and look at what the audit says").Because(err)
}
