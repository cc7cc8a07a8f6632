// Command mrpt does everything ChatMRPT does, at a terminal.
//
// The rules of this face: results go to standard output, as text for a person
// or, with --json, as one JSON document; notes and progress go to standard
// error, progress only when that is a terminal. Messages are lower case and
// say what to do on a line of their own that begins with "hint:". A passphrase
// is never an argument. The exit status tells the kind of failure (see
// problem.Code). Every command but the profile ones is an act of core/action:
// its flags are made from the act's own parameters.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
)

func main() { os.Exit(mainStatus(vault.Options{})) }

// mainStatus runs the program on the real terminal and returns its exit
// status. The options of the vault are zero in the program; tests have others.
func mainStatus(o vault.Options) int {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a reader that goes away is an error of writing, not our end
	context.AfterFunc(ctx, stop)                            // a second Ctrl-C ends the program wherever it is
	t := terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: time.Now, vault: o}
	if err := vault.Harden(); err != nil {
		fmt.Fprintln(t.err, "note: a crash could write what is in memory to the disk:", err)
	}
	return t.main(ctx, os.Args[1:])
}

// endings are the signals that ask the program to stop, by hand, by closing the
// terminal or when the system goes down. A profile is then closed as always.
func endings() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // started to outlive its terminal
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// terminal is what the program reads from and writes to.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	now      func() time.Time
	vault    vault.Options // zero in the program
}

// main runs one command line and returns the exit status.
func (t terminal) main(ctx context.Context, args []string) int {
	g := globals{home: t.getenv("MRPT_HOME"), passphraseFile: t.getenv("MRPT_PASSPHRASE_FILE"), project: "default"}
	g.json = slices.Contains(args, "--json") // so that a wrong flag is told in JSON too
	err := t.dispatch(ctx, &g, args)
	if err == nil {
		return 0
	}
	p := problem.From(err, "mrpt")
	if f, ok := errors.AsType[finding](err); !ok || !f.printed {
		t.printProblem(g.json, p)
	}
	return p.Code.ExitStatus()
}

// dispatch finds the command among the arguments and runs it.
func (t terminal) dispatch(ctx context.Context, g *globals, args []string) error {
	flags := g.flags("mrpt")
	args, err := parseFlags(flags, args, 1)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 0 || g.help:
		return t.help(args)
	case args[0] == "help":
		return t.help(args[1:])
	case args[0] == "version":
		return t.printVersion(g)
	case args[0] == "user":
		return t.user(ctx, g, args[1:])
	case args[0] == "demo":
		return t.demo(ctx, g, args[1:])
	}
	return t.act(ctx, g, args[0], args[1:])
}
