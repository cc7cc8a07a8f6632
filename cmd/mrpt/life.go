package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"chatmrpt/cmd/internal/build"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
)

// life holds the flags of the commands that change a profile.
type life struct {
	newFile string
	force   bool
}

// userLife runs the commands that change a profile, or end it.
func (t terminal) userLife(ctx context.Context, g *globals, l life, what, name string) error {
	changes := what == "passphrase" || what == "recover"
	if (l.newFile != "" && !changes) || (l.force && what != "erase") {
		return problem.New(problem.Usage, "user", what, "this command does not take this flag", "See `mrpt help user`")
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
		return t.userRotate(ctx, g, home, p)
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
	old, fresh, err := t.oldAndNew(ctx, g, l, "present passphrase")
	defer clear(old)
	defer clear(fresh)
	if err != nil {
		return err
	}
	if err := vault.ChangePassphrase(ctx, home, p.ID, old, fresh, vault.Options{}); err != nil {
		return err
	}
	t.putOnRecord(ctx, g, home, p, fresh, store.AuditPassphrase)
	if g.json {
		return t.printJSON(map[string]any{"user": p.Name, "id": p.ID.String(), "changed": "passphrase"})
	}
	_, err = fmt.Fprintf(t.out, "profile %s has a new passphrase; its recovery code is the same.\n", p.Name)
	return err
}

func (t terminal) userRecover(ctx context.Context, g *globals, l life, home string, p vault.Profile) error {
	code, fresh, err := t.oldAndNew(ctx, g, l, "recovery code")
	defer clear(code)
	defer clear(fresh)
	if err != nil {
		return err
	}
	newCode, err := vault.Recover(ctx, home, p.ID, code, fresh, vault.Options{})
	if err == nil {
		t.putOnRecord(ctx, g, home, p, fresh, store.AuditRecover)
	}
	return t.printCode(g, p, "has a new passphrase and a new recovery code.", newCode, err)
}

func (t terminal) userRotate(ctx context.Context, g *globals, home string, p vault.Profile) error {
	secret, err := t.passphrase(ctx, g, false)
	if err != nil {
		return err
	}
	defer clear(secret)
	w, err := t.openWith(ctx, g, home, p, secret)
	if err != nil {
		return err
	}
	next, code, err := w.Rotate(ctx, secret, vault.Options{})
	if next != nil {
		err = errors.Join(err, next.Close())
	}
	return t.printCode(g, p, "is encrypted under a new key.", code, err)
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
		return vault.EraseForced(ctx, home, p.ID, vault.Options{})
	}
	secret, err := t.passphrase(ctx, g, false)
	if err != nil {
		return err
	}
	defer clear(secret)
	return vault.Erase(ctx, home, p.ID, secret, vault.Options{})
}

// oldAndNew reads what opens the profile and the passphrase to come.
func (t terminal) oldAndNew(ctx context.Context, g *globals, l life, what string) (old, fresh []byte, err error) {
	if g.passphraseFile == "-" && l.newFile == "-" {
		return twoLines(t.in)
	}
	old, err = t.secret(ctx, source{flag: "--passphrase-file", file: g.passphraseFile, what: what}, false)
	if err != nil {
		return nil, nil, err
	}
	fresh, err = t.secret(ctx, source{flag: "--new-passphrase-file", file: l.newFile, what: "new passphrase"}, true)
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
	if first, err = readPassphrase(bytes.NewReader(data), "standard input"); err == nil {
		second, err = readPassphrase(bytes.NewReader(rest), "standard input")
	}
	return first, second, err
}

// openWith opens the workspace of a profile with a secret that was read already.
func (t terminal) openWith(ctx context.Context, g *globals, home string, p vault.Profile, secret []byte) (*workspace.Workspace, error) {
	return workspace.Open(ctx, workspace.Options{
		Home: home, User: p.Name, Secret: secret, Project: g.project, Version: build.Version(), Now: t.now,
	})
}

// putOnRecord opens the profile with its new passphrase, which shows that it
// does, and enters the change in the audit. The change is made already: what
// goes wrong here is told and does not undo it.
func (t terminal) putOnRecord(ctx context.Context, g *globals, home string, p vault.Profile, secret []byte, kind store.AuditKind) {
	w, err := t.openWith(ctx, g, home, p, secret)
	if err == nil {
		err = errors.Join(w.Note(ctx, store.Note{Kind: kind, Detail: struct{}{}}), w.Close())
	}
	if err != nil {
		fmt.Fprintln(t.err, "note: the change was made, but could not be entered in the audit:", problem.From(err, "audit").Error())
	}
}

// printCode prints a new recovery code, the only time it is ever shown. A code
// that comes with an error holds all the same and is printed before it.
func (t terminal) printCode(g *globals, p vault.Profile, done, code string, err error) error {
	if code == "" {
		return err
	}
	if g.json && err == nil {
		return t.printJSON(map[string]any{"user": p.Name, "id": p.ID.String(), "recovery_code": code})
	}
	out := t.out
	if g.json {
		out = t.err // standard output holds one document, the problem's
	}
	_, printed := fmt.Fprintf(out, "profile %s %s\n\nrecovery code, shown only now; the old one opens nothing any more:\n\n    %s\n\n"+
		"write it down and keep it apart from this computer.\n", p.Name, done, code)
	return errors.Join(err, printed)
}
