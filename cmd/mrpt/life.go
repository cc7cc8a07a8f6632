package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"chatmrpt/cmd/internal/build"
	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
)

// life holds the flags of the commands that change a profile.
type life struct {
	newFile string
	force   bool
	page    string
	on, off bool
}

// allowed refuses flags that the command does not take.
func (l life) allowed(what string) error {
	only := func(set bool, commands ...string) bool { return set && !slices.Contains(commands, what) }
	if only(l.newFile != "", "passphrase", "recover") || only(l.force, "erase") || only(l.page != "", "add", "recover", "rotate") ||
		only(l.on || l.off, "keyring") {
		return problem.New(problem.Usage, "user", what, "this command does not take this flag", "See `mrpt help user`")
	}
	if what == "keyring" && l.on == l.off {
		return problem.New(problem.Usage, "user", what, "it was not said whether to switch it on or off", "Give --on or --off")
	}
	return nil
}

// userLife runs the commands that change a profile, or end it.
func (t terminal) userLife(ctx context.Context, g *globals, l life, what, name string) error {
	if err := l.allowed(what); err != nil {
		return err
	}
	home, err := g.folder()
	if err != nil {
		return err
	}
	p, err := findProfile(home, name)
	if err != nil {
		return err
	}
	switch what {
	case "passphrase":
		return t.userPassphrase(ctx, g, l, home, p)
	case "recover":
		return t.userRecover(ctx, g, l, home, p)
	case "rotate":
		return t.userRotate(ctx, g, l, home, p)
	case "keyring":
		return t.userKeyring(ctx, g, l, home, p)
	case "erase":
		return t.userErase(ctx, g, l, home, p)
	}
	return problem.New(problem.Usage, "user", what, "this is no profile command", "See `mrpt help user`")
}

// findProfile finds a profile by its name, or by its id, which is what
// `mrpt user list` shows of one whose name can't be read.
func findProfile(home, name string) (vault.Profile, error) {
	p, unknown := vault.Find(home, name)
	id, err := vault.ParseID(name)
	if unknown == nil || err != nil {
		return p, unknown
	}
	all, err := vault.List(home)
	if i := slices.IndexFunc(all, func(p vault.Profile) bool { return p.ID == id }); i >= 0 {
		return all[i], nil
	}
	return p, cmp.Or(err, unknown)
}

func (t terminal) userPassphrase(ctx context.Context, g *globals, l life, home string, p vault.Profile) error {
	old, fresh, err := t.oldAndNew(ctx, g, l, p.Name, "present passphrase")
	defer clear(old)
	defer clear(fresh)
	if err != nil {
		return err
	}
	if err := vault.ChangePassphrase(ctx, home, p.ID, old, fresh, t.vault); err != nil {
		return err
	}
	t.putOnRecord(ctx, g, home, p, fresh, store.Note{Kind: store.AuditPassphrase})
	if g.json {
		return t.printJSON(map[string]any{"user": p.Name, "id": p.ID.String(), "changed": "passphrase"})
	}
	_, err = fmt.Fprintf(t.out, "profile %s has a new passphrase; its recovery code is the same.\n", p.Name)
	return err
}

func (t terminal) userRecover(ctx context.Context, g *globals, l life, home string, p vault.Profile) error {
	code, fresh, err := t.oldAndNew(ctx, g, l, p.Name, "recovery code")
	defer clear(code)
	defer clear(fresh)
	if err != nil {
		return err
	}
	newCode, err := vault.Recover(ctx, home, p.ID, code, fresh, t.vault)
	told := t.printCode(g, l, p, "has a new passphrase and a new recovery code.", newCode, err)
	if newCode == "" {
		return told
	}
	told = errors.Join(told, vault.CodeTold(context.WithoutCancel(ctx), home, p.ID, t.vault))
	if err == nil {
		t.putOnRecord(ctx, g, home, p, fresh, store.Note{Kind: store.AuditRecover})
	}
	return told
}

func (t terminal) userRotate(ctx context.Context, g *globals, l life, home string, p vault.Profile) error {
	secret, err := t.passphrase(ctx, g)
	if err != nil {
		return err
	}
	defer clear(secret)
	w, err := t.openWith(ctx, g, home, p, secret)
	if err != nil {
		return err
	}
	next, code, err := w.Rotate(ctx, secret, t.vault)
	if err = t.printCode(g, l, p, "is encrypted under a new key.", code, err); next == nil {
		return err
	}
	if code != "" {
		err = errors.Join(err, next.CodeTold())
	}
	return errors.Join(err, next.Close())
}

// userKeyring lets the system's keyring open a profile, or no longer.
func (t terminal) userKeyring(ctx context.Context, g *globals, l life, home string, p vault.Profile) error {
	secret, err := t.passphrase(ctx, g)
	if err != nil {
		return err
	}
	defer clear(secret)
	change, state, words := vault.KeyringOff, "off", "opens with its passphrase and its recovery code alone."
	if l.on {
		change, state = vault.KeyringOn, "on"
		words = "now opens with --keyring too, without a passphrase, to whoever uses this account\nof the system. switch it off with mrpt user keyring NAME --off."
	}
	changed := change(ctx, home, p.ID, secret, t.vault)
	if now, err := vault.Find(home, p.Name); err != nil || now.Keyring != l.on || (changed != nil && p.Keyring == l.on) {
		return changed
	}
	t.putOnRecord(ctx, g, home, p, secret, store.Note{Kind: store.AuditKeyring, Subject: state})
	if changed != nil {
		return changed // it is off, but its entry could not be removed
	}
	if g.json {
		return t.printJSON(map[string]any{"user": p.Name, "id": p.ID.String(), "keyring": state})
	}
	_, err = fmt.Fprintf(t.out, "profile %s %s\n", p.Name, words)
	return err
}

// userErase asks for the passphrase, which stands for "are you sure?".
func (t terminal) userErase(ctx context.Context, g *globals, l life, home string, p vault.Profile) error {
	if err := t.erase(ctx, g, l, home, p); err != nil {
		return err
	}
	if g.json {
		return t.printJSON(map[string]any{"user": p.Name, "id": p.ID.String(), "erased": true})
	}
	_, err := fmt.Fprintf(t.out, "profile %s is erased. copies of its folder elsewhere are not.\n", cmp.Or(p.Name, p.Folder))
	return err
}

func (t terminal) erase(ctx context.Context, g *globals, l life, home string, p vault.Profile) error {
	if l.force {
		return vault.EraseForced(ctx, home, p.ID, t.vault)
	}
	secret, err := t.passphrase(ctx, g)
	if err != nil {
		return err
	}
	defer clear(secret)
	return vault.Erase(ctx, home, p.ID, secret, t.vault)
}

// oldAndNew reads what opens the profile and the passphrase to come.
func (t terminal) oldAndNew(ctx context.Context, g *globals, l life, user, what string) (old, fresh []byte, err error) {
	if g.passphraseFile == "-" && l.newFile == "-" {
		return twoLines(t.in)
	}
	old, err = t.secret(ctx, source{op: "unlock", flag: "--passphrase-file", file: g.passphraseFile, what: what}, false)
	if err != nil {
		return nil, nil, err
	}
	fresh, err = t.secret(ctx, source{op: "unlock", flag: "--new-passphrase-file", file: l.newFile, what: "new passphrase", user: user}, true)
	return old, fresh, err
}

// twoLines reads two secrets from one reader, a line each.
func twoLines(r io.Reader) (first, second []byte, err error) {
	data, err := io.ReadAll(io.LimitReader(r, 8192))
	defer clear(data)
	if err != nil {
		return nil, nil, problem.New(problem.Usage, "unlock", "standard input", "the passphrases can't be read",
			"Put the present one on the first line and the new one on the second").Because(err)
	}
	_, rest, _ := bytes.Cut(data, []byte("\n"))
	from := source{op: "unlock", what: "passphrase"}
	if first, err = from.read(bytes.NewReader(data), "standard input"); err == nil {
		second, err = from.read(bytes.NewReader(rest), "standard input")
	}
	return first, second, err
}

// openWith opens the workspace of a profile with a secret that was read already.
func (t terminal) openWith(ctx context.Context, g *globals, home string, p vault.Profile, secret []byte) (*workspace.Workspace, error) {
	return workspace.Open(ctx, workspace.Options{
		Home: home, User: p.Name, Secret: secret, Project: g.project, Version: build.Version(), Vault: t.vault, Now: t.now,
	})
}

// putOnRecord opens the profile with its new passphrase, which shows that it
// does, and enters the change in the audit. The change is made already: what
// goes wrong here is told and does not undo it.
func (t terminal) putOnRecord(ctx context.Context, g *globals, home string, p vault.Profile, secret []byte, n store.Note) {
	n.Detail = struct{}{}
	w, err := t.openWith(ctx, g, home, p, secret)
	if err == nil {
		err = errors.Join(w.Note(ctx, n), w.Close())
	}
	if err != nil {
		fmt.Fprintln(t.err, "note: the change was made, but could not be entered in the audit:", problem.From(err, "audit").Error())
	}
}

// printCode prints a new recovery code, the only time it is ever shown. A code
// that comes with an error holds all the same and is printed before it.
func (t terminal) printCode(g *globals, l life, p vault.Profile, done, code string, err error) error {
	if code == "" {
		return err
	}
	if g.json && err == nil {
		printed := t.printJSON(map[string]any{"user": p.Name, "id": p.ID.String(), "recovery_code": code})
		return errors.Join(printed, t.writePage(l, p.Name, code))
	}
	out := t.out
	if g.json {
		out = t.err // standard output holds one document, the problem's
	}
	_, printed := fmt.Fprintf(out, "profile %s %s\n\nrecovery code, shown only now; the old one opens nothing any more:\n\n    %s\n\n"+
		"write it down and keep it apart from this computer.\n", p.Name, done, code)
	return errors.Join(err, printed, t.writePage(l, p.Name, code))
}

// writePage writes the code to the file named with --page, if one is. The code
// was printed already: a page that can't be written loses nothing.
func (t terminal) writePage(l life, name, code string) error {
	if l.page == "" {
		return nil
	}
	if err := action.SaveRecoveryPage(l.page, name, code, build.Version(), t.now()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.err, "note: %s holds the code in clear; print it, then delete it.\n", filepath.Base(l.page))
	return err
}
