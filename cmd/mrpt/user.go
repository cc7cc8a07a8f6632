package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"chatmrpt/cmd/internal/build"
	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
)

// user runs the profile commands.
func (t terminal) user(ctx context.Context, g *globals, args []string) error {
	var l life
	flags := g.flags("user")
	flags.StringVar(&l.newFile, "new-passphrase-file", "", "`file` with the new passphrase, - for standard input")
	flags.BoolVar(&l.force, "force", false, "erase without the passphrase")
	flags.StringVar(&l.page, "page", "", "`file` to write the recovery code to as a PDF to print")
	flags.BoolVar(&l.on, "on", false, "let the system's keyring open the profile")
	flags.BoolVar(&l.off, "off", false, "no longer let it")
	args, err := parseFlags(flags, args, 0)
	if err != nil {
		return err
	}
	switch {
	case g.help || len(args) == 0:
		return t.help([]string{"user"})
	case args[0] == "add" && len(args) == 2:
		if err := l.allowed("add"); err != nil {
			return err
		}
		return t.userAdd(ctx, g, l, args[1])
	case args[0] == "add" && len(args) == 1:
		return problem.New(problem.Usage, "user add", "", "the new profile has no name", "Give it one: mrpt user add NAME")
	case args[0] == "list" && len(args) == 1:
		return t.userList(g)
	case len(args) == 2:
		return t.userLife(ctx, g, l, args[0], args[1])
	}
	return problem.New(problem.Usage, "user", strings.Join(args, " "), "this is no profile command", "See `mrpt help user`")
}

// userAdd makes a profile and prints its recovery code, the only time it is
// ever shown.
func (t terminal) userAdd(ctx context.Context, g *globals, l life, name string) (err error) {
	home, err := g.folder()
	if err != nil {
		return err
	}
	secret, err := t.secret(ctx, source{op: "unlock", flag: "--passphrase-file", file: g.passphraseFile, what: "passphrase", user: name}, true)
	if err != nil {
		return err
	}
	defer clear(secret)
	v, code, err := vault.Create(ctx, home, name, secret, t.vault)
	if err != nil {
		return err
	}
	// The store is made now, so that a full disk shows here and not when the
	// first file is imported.
	w, err := workspace.FromVault(ctx, v, workspace.Options{Project: g.project, Version: build.Version(), Vault: t.vault, Now: t.now})
	if err != nil {
		// A profile whose recovery code nobody saw must not stay.
		id := v.ID()
		return errors.Join(err, v.Close(), vault.EraseForced(context.WithoutCancel(ctx), home, id, t.vault))
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := t.printNewCode(g, v, code); err != nil {
		return err
	}
	return errors.Join(w.CodeTold(), t.writePage(l, v.Name(), code))
}

func (t terminal) printNewCode(g *globals, v *vault.Vault, code string) error {
	if g.json {
		return t.printJSON(map[string]any{"user": v.Name(), "id": v.ID().String(), "recovery_code": code})
	}
	_, err := fmt.Fprintf(t.out, "profile %s is made.\n\nrecovery code, shown only now:\n\n    %s\n\n"+
		"write it down and keep it apart from this computer. without it, a\nforgotten passphrase means that the data is lost.\n", v.Name(), code)
	return err
}

// userList prints the profiles of this computer; it needs no passphrase and
// tells nothing but their names.
func (t terminal) userList(g *globals) error {
	home, err := g.folder()
	if err != nil {
		return err
	}
	profiles, err := vault.List(home)
	if err != nil {
		return err
	}
	if g.json {
		list := make([]map[string]any, len(profiles))
		for i, p := range profiles {
			list[i] = map[string]any{"user": p.Name, "id": p.ID.String(), "created": p.Created, "damaged": p.Damaged != nil, "keyring": p.Keyring}
		}
		return t.printJSON(map[string]any{"users": list})
	}
	if len(profiles) == 0 {
		_, err := fmt.Fprintln(t.out, "there is no profile yet; `mrpt user add NAME` makes one.")
		return err
	}
	for _, p := range profiles {
		line := fmt.Sprintf("%s\t%s", p.Name, p.Created.Local().Format("2 January 2006"))
		if p.Damaged != nil {
			line = p.Folder + "\t" + p.Damaged.Error()
		}
		if _, err := fmt.Fprintln(t.out, line); err != nil {
			return err
		}
	}
	return nil
}
