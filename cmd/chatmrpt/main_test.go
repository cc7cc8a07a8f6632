package main

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestStatusWithoutAWindow(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want int
		out  string
		errs string
	}{
		"version":    {[]string{"--version"}, 0, "chatmrpt 0.1.0", ""},
		"help":       {[]string{"--help"}, 0, "", "-home"},
		"flag":       {[]string{"--nonsense"}, 2, "", "nonsense"},
		"argument":   {[]string{"file.csv"}, 2, "", "files are added in the window"},
		"no display": {[]string{"--home", t.TempDir()}, 2, "", "no display"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "no display" && !noDisplay("linux", env(nil)) {
				t.Fatal("it does not know")
			}
			if name == "no display" && runtime.GOOS != "linux" {
				t.Skip("only on Linux can it be known before that no window opens")
			}
			var out, errs bytes.Buffer
			if got := status(tc.args, env(nil), &out, &errs); got != tc.want {
				t.Errorf("status %d, not %d", got, tc.want)
			}
			if !strings.Contains(out.String(), tc.out) || !strings.Contains(errs.String(), tc.errs) {
				t.Errorf("out %q, errors %q", out.String(), errs.String())
			}
		})
	}
}

func TestHomeIsThatOfTheTerminal(t *testing.T) {
	told := t.TempDir()
	for name, tc := range map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"flag":        {[]string{"--home", told}, map[string]string{"MRPT_HOME": "/elsewhere"}, told},
		"environment": {nil, map[string]string{"MRPT_HOME": told}, told},
	} {
		o, err := options(tc.args, env(tc.env), new(bytes.Buffer))
		if err != nil || o.home != tc.want {
			t.Errorf("%s: %q %v", name, o.home, err)
		}
	}
	o, err := options(nil, env(nil), new(bytes.Buffer))
	if err != nil || filepath.Base(o.home) != "chatmrpt" {
		t.Errorf("%q %v", o.home, err)
	}
}

func TestADisplayIsKnown(t *testing.T) {
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY"} {
		if noDisplay("linux", env(map[string]string{name: ":0"})) {
			t.Errorf("%s is not seen", name)
		}
	}
	if noDisplay("windows", env(nil)) {
		t.Error("Windows has no DISPLAY and needs none")
	}
}
