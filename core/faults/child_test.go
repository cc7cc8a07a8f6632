package faults

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// What the test binary, started again, is told to do, and where.
const (
	childEnv = "FAULT_CHILD" // an act
	homeEnv  = "FAULT_HOME"
	filesEnv = "FAULT_FILES"
	limitEnv = "FAULT_LIMIT" // bytes no file may grow above
)

// childRaces is what a child may be told besides acts: open when told, hold
// until told.
const childRaces = "race"

// rounds is how often a child does its act, with the profile opened and closed
// around each; a profile is opened for the first time once.
func rounds(what string) int {
	if what == opening || what == "erase" || what == sending { // there is nothing left to erase or send
		return 1
	}
	return 2
}

// What a child says; anything else on its output is the test runner's.
const (
	mark      = "@ "
	sayBegin  = "opening"
	sayDone   = "committed"
	sayClosed = "closed"
	sayCode   = "code: "
	sayReady  = "ready"
	sayWon    = "won"
)

func say(words string) { fmt.Println(mark + words) }

// TestChild is not a test of its own: it is the process that the faults happen
// to. Without being told what to do it does nothing.
func TestChild(t *testing.T) {
	home, files := os.Getenv(homeEnv), strings.Split(os.Getenv(filesEnv), string(os.PathListSeparator))
	switch what := os.Getenv(childEnv); what {
	case "":
	case childRaces:
		raceToOpen(t, home)
	default:
		must(t, limitFiles(os.Getenv(limitEnv)))
		for range rounds(what) {
			if err := childRound(t, options(t, home, amina), what, files); err != nil {
				tell(err)
				return
			}
		}
	}
}

// childRound opens the profile, does the act, says when it is committed, and
// closes the profile.
func childRound(t *testing.T, o workspace.Options, what string, files []string) error {
	say(sayBegin)
	w, err := workspace.Open(t.Context(), o)
	if err != nil {
		return err
	}
	say("opened")
	w, code, err := perform(t, w, what, files, func(step string, _, _ int) { say(step) })
	if code != "" {
		say(sayCode + code)
		if w != nil {
			err = errors.Join(err, w.CodeTold())
		}
	}
	if err == nil {
		say(sayDone)
	}
	if w != nil {
		err = errors.Join(err, w.Close())
	}
	if err == nil {
		say(sayClosed)
	}
	return err
}

// tell says what a person would be told.
func tell(err error) {
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok {
		p = &problem.Problem{Message: err.Error()}
	}
	say(fmt.Sprintf("problem|%s|%s|%s|%v", p.Code, oneLine(p.Message), oneLine(p.Hint), oneLine(fmt.Sprint(p.Err))))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// told is the problem a child spoke of, if any.
func told(lines []string) error {
	for _, l := range lines {
		if rest, ok := strings.CutPrefix(l, "problem|"); ok {
			part := strings.SplitN(rest, "|", 4)
			return problem.New(problem.Code(part[0]), "child", "", part[1], part[2]).Because(errors.New(part[3]))
		}
	}
	return nil
}

// child is a started test binary.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func start(t *testing.T, what, home string, files []string, env ...string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childEnv+"="+what, homeEnv+"="+home, filesEnv+"="+strings.Join(files, string(os.PathListSeparator)))
	cmd.Env = append(cmd.Env, env...)
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	return &child{cmd: cmd, in: in, out: bufio.NewScanner(out)}
}

// hear is the next thing the child says; not ok when it will say no more.
func (c *child) hear() (line string, ok bool) {
	for c.out.Scan() {
		if line, ok := strings.CutPrefix(c.out.Text(), mark); ok {
			return line, true
		}
	}
	return "", false
}

// end hears the child out and waits for it; killed tells how it ended.
func (c *child) end() (lines []string, killed bool) {
	for line, ok := c.hear(); ok; line, ok = c.hear() {
		lines = append(lines, line)
	}
	_ = c.cmd.Wait() // how it ended is in its state
	return lines, !c.cmd.ProcessState.Exited()
}
