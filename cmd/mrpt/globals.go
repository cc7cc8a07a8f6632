package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"chatmrpt/cmd/internal/build"
	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
)

// globals are the flags every command takes.
type globals struct {
	home           string
	user           string
	passphraseFile string
	keyring        bool
	project        string
	json           bool
	quiet          bool
	help           bool
}

// flags makes the flag set of one command with the global flags in it.
func (g *globals) flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&g.home, "home", g.home, "`folder` of the profiles (or MRPT_HOME)")
	f.StringVar(&g.user, "user", g.user, "`name` of the profile")
	f.StringVar(&g.passphraseFile, "passphrase-file", g.passphraseFile, "`file` with the passphrase, - for standard input (or MRPT_PASSPHRASE_FILE)")
	f.BoolVar(&g.keyring, "keyring", g.keyring, "open by the system's keyring, where that was switched on")
	f.StringVar(&g.project, "project", g.project, "`name` of the project")
	f.BoolVar(&g.json, "json", g.json, "print one JSON document")
	f.BoolVar(&g.quiet, "quiet", g.quiet, "no notes and no progress")
	f.BoolVar(&g.help, "help", g.help, "say what the command does")
	f.BoolVar(&g.help, "h", g.help, "the same")
	return f
}

// parseFlags parses flags wherever they stand among the arguments and returns
// the others. With stop > 0 it stops at that many others and returns them with
// everything after them untouched. Behind -- no argument is a flag.
func parseFlags(f *flag.FlagSet, args []string, stop int) ([]string, error) {
	var others []string
	for len(args) > 0 {
		if err := f.Parse(args); err != nil {
			return nil, flagProblem(f, err)
		}
		rest := f.Args()
		if at := len(args) - len(rest); at > 0 && args[at-1] == "--" && stop == 0 {
			return append(others, rest...), nil
		}
		if args = rest; len(args) == 0 {
			break
		}
		others = append(others, args[0])
		args = args[1:]
		if stop > 0 && len(others) == stop {
			return append(others, args...), nil
		}
	}
	return others, nil
}

func flagProblem(f *flag.FlagSet, err error) error {
	help := strings.TrimSpace("mrpt help " + strings.TrimPrefix(f.Name(), "mrpt"))
	return problem.New(problem.Usage, f.Name(), "", flagWords(err.Error()), "See `"+help+"`").Because(err)
}

// flagWords says in plain words what package flag said.
func flagWords(s string) string {
	if name, ok := strings.CutPrefix(s, "flag provided but not defined: -"); ok {
		return "there is no flag --" + name
	}
	if name, ok := strings.CutPrefix(s, "flag needs an argument: -"); ok {
		return "--" + name + " needs a value"
	}
	if value, rest, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s, "invalid boolean value "), "invalid value "), " for "); ok {
		name, _, _ := strings.Cut(strings.TrimPrefix(rest, "flag "), ":")
		return "-" + name + " can't be " + value
	}
	return s
}

// folder is where the profiles lie: as told, or the system's place for a
// user's data.
func (g *globals) folder() (string, error) {
	if g.home != "" {
		return filepath.Abs(g.home)
	}
	base, err := os.UserConfigDir()
	if err != nil {
		return "", problem.New(problem.Usage, "mrpt", "", "the system names no folder for your data", "Give one with --home").Because(err)
	}
	return filepath.Join(base, "chatmrpt"), nil
}

// passphrase reads the passphrase from the named file, from standard input, or
// from the person at the terminal. The caller clears it.
func (t terminal) passphrase(ctx context.Context, g *globals) ([]byte, error) {
	return t.secret(ctx, source{op: "unlock", flag: "--passphrase-file", file: g.passphraseFile, what: "passphrase"}, false)
}

// source is where a secret comes from, for which command: the file named with
// flag, standard input for "-", and for "" the person, who is asked for it as
// what. user is whose profile it will open, for one that is being chosen.
type source struct{ op, flag, file, what, user string }

// secret reads a secret, or stops waiting for it when ctx ends: reading itself
// can't be stopped. What is typed after that, the program no longer sees.
func (t terminal) secret(ctx context.Context, from source, again bool) ([]byte, error) {
	type answer struct {
		secret []byte
		err    error
	}
	got, echo := make(chan answer, 1), t.keepEcho()
	go func() {
		secret, err := t.readSecret(from, again)
		got <- answer{secret, err}
	}()
	select {
	case a := <-got:
		return a.secret, a.err
	case <-ctx.Done():
		return nil, errors.Join(problem.New(problem.Interrupted, from.op, "", "stopped before the "+from.what+" was given", "Run the command again when you are ready"), echo())
	}
}

// keepEcho returns what puts the terminal back as it is now.
func (t terminal) keepEcho() (restore func() error) {
	in, ok := t.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return func() error { return nil }
	}
	state, err := term.GetState(int(in.Fd()))
	if err != nil {
		return func() error { return err }
	}
	return func() error {
		fmt.Fprintln(t.err)
		return term.Restore(int(in.Fd()), state)
	}
}

func (t terminal) readSecret(from source, again bool) ([]byte, error) {
	switch from.file {
	case "":
		return t.askPassphrase(from, again)
	case "-":
		return from.read(t.in, "standard input")
	}
	f, err := os.Open(from.file)
	if err != nil {
		return nil, problem.New(problem.Usage, from.op, filepath.Base(from.file), "the "+from.what+" file can't be read",
			"Check the name given with "+from.flag).Because(err)
	}
	defer f.Close()
	return from.read(f, filepath.Base(from.file))
}

// read takes the first line of what name names.
func (s source) read(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, 4096))
	if err != nil {
		return nil, problem.New(problem.Usage, s.op, name, "the "+s.what+" can't be read from it", "Name a file with the "+s.what+" on its first line, not a folder").Because(err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	out := bytes.Clone(bytes.TrimSuffix(line, []byte("\r")))
	clear(data)
	return out, nil
}

// askPassphrase asks at the terminal without showing what is typed; a new
// passphrase is asked for twice.
func (t terminal) askPassphrase(from source, again bool) ([]byte, error) {
	in, ok := t.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil, problem.New(problem.Usage, from.op, "", "there is nobody to ask for the "+from.what,
			"Put it on the first line of a file only you can read and name that with "+from.flag)
	}
	first, err := t.ask(in, from, from.what+": ")
	if err != nil || !again {
		return first, err
	}
	t.tellStrength(vault.Strength(first, []string{from.user}))
	second, err := t.ask(in, from, "once more: ")
	defer clear(second)
	if err == nil && !bytes.Equal(first, second) {
		clear(first)
		return nil, problem.New(problem.Usage, "user", "", "the two passphrases are not the same", "Try again")
	}
	return first, err
}

// tellStrength says how good a passphrase is before it is typed once more.
func (t terminal) tellStrength(q vault.Quality) {
	words := fmt.Sprintf("strength %d of 4; time to guess it for whoever has a copy of the files: %s.", q.Score, q.CrackTime)
	if q.Advice != "" {
		words += "\n" + q.Advice + "."
	}
	fmt.Fprintln(t.err, words)
}

func (t terminal) ask(in *os.File, from source, prompt string) ([]byte, error) {
	fmt.Fprint(t.err, prompt)
	line, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(t.err)
	if err != nil {
		return nil, problem.New(problem.Interrupted, from.op, "", "no "+from.what+" was typed", "Run the command again").Because(err)
	}
	return line, nil
}

// open unlocks the profile named by --user.
func (t terminal) open(ctx context.Context, g *globals) (*workspace.Workspace, error) {
	if g.user == "" {
		return nil, problem.New(problem.Usage, "unlock", "", "no profile was named", "Say whose with --user NAME; `mrpt user list` shows the profiles")
	}
	if g.project == "" {
		return nil, problem.New(problem.Usage, "unlock", "", "the project has no name", "Leave --project out, or give it a name")
	}
	home, err := g.folder()
	if err != nil {
		return nil, err
	}
	o := workspace.Options{Home: home, User: g.user, Keyring: g.keyring, Project: g.project, Version: build.Version(), Vault: t.vault, Now: t.now}
	if !g.keyring {
		if o.Secret, err = t.passphrase(ctx, g); err != nil {
			return nil, err
		}
		defer clear(o.Secret)
	}
	w, err := workspace.Open(ctx, o)
	if err == nil && w.Untold() != "" && !g.quiet {
		fmt.Fprintln(t.err, "note:", w.Untold())
	}
	return w, err
}
