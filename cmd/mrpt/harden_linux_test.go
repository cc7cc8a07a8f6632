package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The program switches core files off before it reads a passphrase: it is
// looked at while it waits for one, having been started with core files on.
func TestProgramWritesNoCoreFile(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Max == 0 {
		t.Skip("core files are switched off for good here, so what the program adds can't be seen")
	}
	cmd := &exec.Cmd{Path: os.Args[0], Args: []string{"mrpt", "--home", t.TempDir(), "--user", "Amina", "--passphrase-file", "-", "data"}}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: limit.Max, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_CORE, &limit)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// A pipe takes 64 KiB; of more than that the write ends only when the
	// program reads, which is after what is tested. An error means that it read
	// a part and ended; it is still there to be looked at until Wait.
	_, _ = in.Write(make([]byte, 64<<10+1))
	limits, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/limits")
	in.Close()
	cmd.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		if name, values, ok := strings.Cut(line, "Max core file size"); ok && name == "" {
			if f := strings.Fields(values); f[0] != "0" || f[1] != "0" {
				t.Errorf("core files may be written: %s", line)
			}
			return
		}
	}
	t.Errorf("no limit found in\n%s", limits)
}
