package main

import (
	"fmt"
	"strings"

	"chatmrpt/cmd/internal/build"
	"chatmrpt/core/action"
	"chatmrpt/sync/acts"
)

const usageTop = `mrpt ranks wards by malaria risk and plans bed nets from your own files,
on this computer alone.

usage: mrpt [global flags] COMMAND [flags]

`

const usageBottom = `
global flags, anywhere on the line:
  --user NAME               whose profile
  --passphrase-file FILE    file with the passphrase, - for standard input
                            (or MRPT_PASSPHRASE_FILE); without it you are asked
  --keyring                 open by the system's keyring instead, where
                            mrpt user keyring switched that on
  --home DIR                folder of the profiles (or MRPT_HOME)
  --project NAME            project in the profile (default: default)
  --json                    print one JSON document
  --quiet                   no notes and no progress

exit status: 0 done, 2 wrong usage, 3 bad input, 4 locked or wrong
passphrase, 5 not found, 6 conflict, 7 store damaged or unwritable,
8 remote refused or unreachable, 130 interrupted.

begin with: mrpt demo, or
  mrpt user add Amina
  mrpt --user Amina import facilities.xlsx wards.zip population.csv
  mrpt --user Amina match
  mrpt --user Amina positivity --level primary --age u5 --test rdt --period 2024
  mrpt --user Amina score --vars positivity,rainfall,distance_to_water --invert distance_to_water
  mrpt --user Amina plan --nets 10000
  mrpt --user Amina report --out report.pdf
`

const usageUser = `usage: mrpt user add NAME         make a profile; prints its recovery code, once
       mrpt user list             list the profiles of this computer
       mrpt user passphrase NAME  change the passphrase
       mrpt user recover NAME     set a new passphrase with the recovery code;
                                  prints a new code, once
       mrpt user rotate NAME      encrypt everything anew under a new key; prints
                                  a new recovery code, once
       mrpt user keyring NAME --on|--off
                                  let the keyring of this system open a profile
                                  without its passphrase, or no longer
       mrpt user erase NAME       destroy the keys of a profile, then its files

  --new-passphrase-file FILE  the new passphrase of passphrase and recover, - for
                              standard input; without it you are asked
  --page FILE                 write the recovery code of add, recover or rotate as
                              a PDF to print, too; delete it when it is printed
  --force                     erase without the passphrase, when it is lost; a
                              damaged profile is named by the id in user list

the passphrase, or the recovery code where recover wants it, comes from
--passphrase-file or is asked for; when both are -, the new one is the second
line. a new passphrase needs 8 characters and must not be easy to guess. after
the fourth wrong try one has to wait before the next, longer each time.

the keyring is off unless you switch it on. then whoever uses your account of
the system, and every program in it, opens the profile: switch it on only where
that account is yours alone. rotate and recover switch it off again.
`

const usageDemo = `usage: mrpt demo [--out DIR] [--seed N]

does the whole job on a made-up state in a throw-away profile and leaves the
files, the ranking, the net plan, maps and the report in DIR (default: out).
`

const usageHelp = `usage: mrpt help [COMMAND]

how to use the program, or one command.
`

const usageVersion = `usage: mrpt version

prints the version of the program.
`

// help prints how to use the program, or one command.
func (t terminal) help(args []string) error {
	text, err := helpText(args)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(t.out, text)
	return err
}

func helpText(args []string) (string, error) {
	if len(args) == 0 {
		return usageTop + commandList() + usageBottom, nil
	}
	switch args[0] {
	case "help":
		return usageHelp, nil
	case "version":
		return usageVersion, nil
	case "user":
		return usageUser, nil
	case "demo":
		return usageDemo, nil
	}
	if group := acts.Group(args[0]); len(group) > 0 && len(args) == 1 {
		return groupHelp(args[0], group), nil
	}
	spec, _, err := findAct("help", args[0], args[1:])
	if err != nil {
		return "", err
	}
	return actHelp(spec), nil
}

func commandList() string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "  %-12s %s\n", "demo", "the whole job on a made-up state")
	fmt.Fprintf(&sb, "  %-12s %s\n", "user", "make, list, change, recover and erase profiles")
	for _, s := range acts.All() {
		fmt.Fprintf(&sb, "  %-12s %s\n", s.Name, s.Summary)
	}
	fmt.Fprintf(&sb, "  %-12s %s\n  %-12s %s\n", "help", "how to use a command", "version", "the version of the program")
	return sb.String()
}

// groupHelp lists the acts whose names begin with the same word.
func groupHelp(word string, group []action.Spec) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "usage: mrpt %s WHAT [flags]\n\n", word)
	for _, s := range group {
		fmt.Fprintf(&sb, "  %-12s %s\n", s.Name, s.Summary)
	}
	fmt.Fprintf(&sb, "\nhow to use one: mrpt help %s WHAT\n", word)
	return sb.String()
}

// actHelp is made from the parameters of the act.
func actHelp(spec action.Spec) string {
	var args, flags strings.Builder
	for _, p := range action.Params(spec.New()) {
		if p.Arg {
			fmt.Fprintf(&args, " %s…", strings.ToUpper(p.Name))
			continue
		}
		line, name := p.Help, p.Name
		if p.Secret {
			line, name = "file whose first line is the "+p.Help+", - for standard input", secretFlag(p)
		}
		if len(p.Choices) > 0 {
			line += ": " + strings.Join(p.Choices, ", ")
		}
		if v := p.Value(); v != "" {
			line += " (default: " + v + ")"
		}
		fmt.Fprintf(&flags, "  --%-20s %s\n", name, line)
	}
	return fmt.Sprintf("usage: mrpt %s%s [flags]\n\n%s.\n\n%s\nthe flags of every command, as --user and --project: see `mrpt help`.\n", spec.Name, args.String(), spec.Summary, flags.String())
}

// printVersion prints the version of the program.
func (t terminal) printVersion(g *globals) error {
	if g.json {
		return t.printJSON(map[string]any{"version": build.Version()})
	}
	_, err := fmt.Fprintln(t.out, "mrpt", build.Version())
	return err
}
