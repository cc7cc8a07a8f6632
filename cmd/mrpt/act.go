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
	if err := fill(g, spec, a, args); err != nil {
		return err
	}
	if g.help {
		return t.help(strings.Fields(name))
	}
	if err := a.Check(); err != nil {
		return err
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

// fill sets the parameters of a from the arguments.
func fill(g *globals, spec action.Spec, a action.Action, args []string) error {
	flags := g.flags(spec.Name)
	params := action.Params(a)
	var refused error // package flag keeps the words of an error only
	for _, p := range params {
		if !p.Arg {
			flags.Var(paramFlag{p, &refused}, p.Name, p.Help)
		}
	}
	others, err := parseFlags(flags, args, 0)
	if err = cmp.Or(refused, err); err != nil {
		return of(spec, err)
	}
	for _, p := range params {
		if !p.Arg {
			continue
		}
		for len(others) > 0 {
			if err := p.Set(others[0]); err != nil {
				return of(spec, err)
			}
			others = others[1:]
			if !p.List {
				break
			}
		}
	}
	if len(others) > 0 {
		return problem.New(problem.Usage, spec.Name, others[0], "this is not expected here", "See `mrpt help "+spec.Name+"`")
	}
	return nil
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
