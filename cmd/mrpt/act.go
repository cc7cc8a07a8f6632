package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/term"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/sync/acts"
)

// act runs an act of the registry: flags from its parameters, one workspace,
// one result.
func (t terminal) act(ctx context.Context, g *globals, name string, args []string) (err error) {
	spec, args, err := findAct("mrpt", name, args)
	if err != nil {
		return err
	}
	if spec.New == nil { // mrpt sync --help
		return t.help([]string{name})
	}
	name = spec.Name
	a := spec.New()
	files, err := fill(g, spec, a, args)
	if err != nil {
		return err
	}
	if g.help {
		return t.help(strings.Fields(name))
	}
	if err := t.secrets(ctx, g, spec, a, files); err != nil {
		return err
	}
	if err := a.Check(); err != nil {
		return err
	}
	if setup, ok := a.(*acts.Setup); ok {
		setup.KDF = t.vault
	}
	w, err := t.open(ctx, g)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	progress, done := t.progress(g)
	result, err := action.Do(ctx, w, name, a, progress)
	done()
	if err != nil {
		return err
	}
	err = t.printResult(g, result)
	switch {
	case errors.Is(err, syscall.EPIPE): // as after `| head`: the act was done, and nobody reads on
		return finding{problem.New(problem.Interrupted, name, "", "what it printed was not read to its end", "").Because(err), true}
	case err != nil || result.Problem == nil:
		return err
	}
	return finding{result.Problem, g.json}
}

// findAct finds the act named by one word, or by it and the next of the
// arguments, and gives the arguments behind the name. A first word alone that
// many acts share, with nothing but flags behind it, gives an empty Spec when
// it asks for help.
func findAct(op, word string, args []string) (action.Spec, []string, error) {
	if spec, ok := acts.Find(word); ok {
		return spec, args, nil
	}
	group := acts.Group(word)
	if len(group) == 0 {
		return action.Spec{}, nil, problem.New(problem.Usage, op, word, "there is no such command", "See `mrpt help`")
	}
	if len(args) > 0 {
		if spec, ok := acts.Find(word + " " + args[0]); ok {
			return spec, args[1:], nil
		}
		if slices.Contains([]string{"--help", "-help", "-h"}, args[0]) {
			return action.Spec{}, nil, nil
		}
	}
	var names []string
	for _, s := range group {
		names = append(names, strings.TrimPrefix(s.Name, word+" "))
	}
	return action.Spec{}, nil, problem.New(problem.Usage, op, word, "it does not say what to do", "Say one of: "+strings.Join(names, ", "))
}

// finding is the problem that an act found rather than met: its result is
// printed, in JSON with the problem in the same document.
type finding struct {
	*problem.Problem
	printed bool
}

// Unwrap makes the problem part of the error's chain.
func (f finding) Unwrap() error { return f.Problem }

// fill sets the parameters of a from the arguments, but for the secrets: of
// those it gives the files that were named, by parameter.
func fill(g *globals, spec action.Spec, a action.Action, args []string) (files map[string]*string, err error) {
	flags := g.flags(spec.Name)
	params := action.Params(a)
	files = map[string]*string{}
	var refused error // package flag keeps the words of an error only
	for _, p := range params {
		switch {
		case p.Secret:
			files[p.Name] = flags.String(secretFlag(p), "", p.Help)
		case !p.Arg:
			flags.Var(paramFlag{p, &refused}, p.Name, p.Help)
		}
	}
	others, err := parseFlags(flags, args, 0)
	if err = cmp.Or(refused, err); err != nil {
		return nil, of(spec, err)
	}
	if others, err = fillArgs(params, others); err != nil {
		return nil, of(spec, err)
	}
	if len(others) > 0 {
		return nil, problem.New(problem.Usage, spec.Name, others[0], "this is not expected here", "See `mrpt help "+spec.Name+"`")
	}
	return files, nil
}

// fillArgs sets the parameters that are given without a name and returns what
// is left.
func fillArgs(params []action.Param, others []string) ([]string, error) {
	for _, p := range params {
		if !p.Arg {
			continue
		}
		for len(others) > 0 {
			if err := p.Set(others[0]); err != nil {
				return nil, err
			}
			others = others[1:]
			if !p.List {
				break
			}
		}
	}
	return others, nil
}

// secretFlag names the file of a secret: the secret itself is never an argument,
// which everybody on the computer could read.
func secretFlag(p action.Param) string { return p.Name + "-file" }

// secrets sets the secrets of a from the files that were named, - for standard
// input, and from the person where the act can't do without.
func (t terminal) secrets(ctx context.Context, g *globals, spec action.Spec, a action.Action, files map[string]*string) error {
	stdin := g.passphraseFile == "-"
	for _, p := range action.Params(a) {
		if !p.Secret || *files[p.Name] == "" {
			continue
		}
		if *files[p.Name] == "-" && stdin {
			return problem.New(problem.Usage, spec.Name, "--"+secretFlag(p), "standard input can give one secret only", "Name a file for the others")
		}
		stdin = stdin || *files[p.Name] == "-"
		if err := t.takeSecret(ctx, spec, p, *files[p.Name]); err != nil {
			return err
		}
	}
	asker, ok := a.(action.Asker)
	if !ok {
		return nil
	}
	for _, p := range action.Params(a) {
		if slices.Contains(asker.Asks(), p.Name) {
			if err := t.takeSecret(ctx, spec, p, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t terminal) takeSecret(ctx context.Context, spec action.Spec, p action.Param, file string) error {
	what := strings.ReplaceAll(p.Name, "-", " ")
	secret, err := t.secret(ctx, source{op: spec.Name, flag: "--" + secretFlag(p), file: file, what: what}, false)
	if err != nil {
		return err
	}
	defer clear(secret)
	if len(secret) == 0 {
		return problem.New(problem.Usage, spec.Name, "--"+secretFlag(p), "the "+what+" is empty", "Put it on the first line of the file")
	}
	return p.Set(string(secret))
}

// of names the command in the problem of a parameter, which doesn't know it.
func of(spec action.Spec, err error) error {
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok || p.Op != "" {
		return err
	}
	named := *p
	named.Op = spec.Name
	return &named
}

// paramFlag lets package flag set a parameter.
type paramFlag struct {
	p       action.Param
	refused *error
}

var _ flag.Value = paramFlag{}

// String implements flag.Value. Package flag calls it on the zero value too.
func (f paramFlag) String() string {
	if f.p.Name == "" {
		return ""
	}
	return f.p.Value()
}

// Set implements flag.Value.
func (f paramFlag) Set(s string) error {
	err := f.p.Set(s)
	if *f.refused == nil {
		*f.refused = err
	}
	return err
}

// IsBoolFlag tells package flag that the value may be left out.
func (f paramFlag) IsBoolFlag() bool { return f.p.Switch }

// progress shows how far an act is, on one line that is wiped at the end, and
// only where a person looks.
func (t terminal) progress(g *globals) (action.Progress, func()) {
	screen, ok := t.err.(*os.File)
	if g.quiet || !ok || !term.IsTerminal(int(screen.Fd())) {
		return nil, func() {}
	}
	last := 0
	show := func(line string) {
		fmt.Fprintf(screen, "\r%s%s", line, strings.Repeat(" ", max(0, last-len(line))))
		last = len(line)
	}
	tell := func(step string, done, total int) {
		if total > 0 {
			step = fmt.Sprintf("%s (%d of %d)", step, done, total)
		}
		show(step)
	}
	return tell, func() { show(""); fmt.Fprint(screen, "\r") }
}
