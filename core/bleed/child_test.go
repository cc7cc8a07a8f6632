package bleed

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// childHome is where the test binary, started again as another process of the
// program, finds the profiles.
const childHome = "BLEED_CHILD_HOME"

// child is a second process of the program that does what it is told.
type child struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	err *strings.Builder
}

// startChild starts the process; more are further settings of its environment.
func startChild(t testing.TB, home string, more ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: exec.Command(self, "-test.run=^TestChild$", "-test.timeout=60m"), err: &strings.Builder{}}
	c.cmd.Env = append(os.Environ(), append([]string{childHome + "=" + home, "BLEED_TABLE="}, more...)...)
	c.cmd.Stderr = c.err
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	c.out.Buffer(nil, 64<<20)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	return c
}

// tell gives the process an order and waits for its answer.
func (c *child) tell(order ...string) string {
	c.t.Helper()
	c.order(order...)
	return c.answer()
}

func (c *child) order(order ...string) {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.in, strings.Join(order, "\t")); err != nil {
		c.t.Fatalf("%v: %s", err, c.err)
	}
}

func (c *child) answer() string {
	c.t.Helper()
	for c.out.Scan() {
		if text, ok := strings.CutPrefix(c.out.Text(), "> "); ok {
			return text
		}
	}
	c.t.Fatalf("the process ended: %v: %s", c.out.Err(), c.err)
	return ""
}

// kill ends the process as a power cut would.
func (c *child) kill() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
}

// TestChild is the other process. By itself it is no test and does nothing.
func TestChild(t *testing.T) {
	home := os.Getenv(childHome)
	if home == "" {
		return
	}
	orders := bufio.NewScanner(os.Stdin)
	p := &process{t: t, home: home}
	for orders.Scan() {
		order := strings.Split(orders.Text(), "\t")
		fmt.Println("> " + strings.ReplaceAll(p.do(order[0], order[1:]), "\n", " "))
	}
}

// process is what a second process has: one open workspace, or a session.
type process struct {
	t    *testing.T
	home string
	w    *workspace.Workspace
	seat *seat
}

// do carries out an order. An answer that is a problem is its code.
func (p *process) do(what string, args []string) string {
	var err error
	switch what {
	case "open":
		o := (&person{name: args[0]}).options(p.t, p.home, "default")
		var w *workspace.Workspace
		if w, err = workspace.Open(p.t.Context(), o); err == nil {
			p.w = w
		}
	case "close":
		err = p.w.Close()
	case "import":
		err = p.importOne(args[0], "")
	case "import-for-ever":
		for n := 0; err == nil; n++ {
			if err = p.importOne(args[0], fmt.Sprintf("of %d, number %d", os.Getpid(), n)); err == nil {
				fmt.Println("> kept")
			}
		}
	case "everything":
		var said string
		if said, err = everything(p.t.Context(), p.w); err == nil {
			return said
		}
	case "session":
		p.seat = newSeat(p.t, p.home, vaulttest.Cheap(p.t))
		p.session(args)
	case "leave":
		p.seat.lock()
	case "dump":
		dumpHeap(p.t, args[0])
	case "crash":
		go func() { panic("made to crash") }()
		select {}
	default:
		err = errors.New("unknown order")
	}
	return code(err)
}

func (p *process) importOne(path, name string) error {
	_, err := action.Do(p.t.Context(), p.w, "import", &action.Import{Files: []string{path}, As: "wards", Name: name}, nil)
	return err
}

// code is the kind of an error in a word.
func code(err error) string {
	if err == nil {
		return "ok"
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return string(p.Code)
	}
	return err.Error()
}
