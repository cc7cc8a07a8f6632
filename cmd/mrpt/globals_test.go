package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"chatmrpt/core/vault"
)

// Whoever stops the program while it waits for a passphrase gets his terminal
// back.
func TestStoppedWhileWaitingForThePassphrase(t *testing.T) {
	in, never := io.Pipe()
	defer never.Close()
	var out, errs bytes.Buffer
	term := newTerminal(t, in, &out, &errs)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status := term.main(ctx, []string{"--home", t.TempDir(), "--user", "Amina", "--passphrase-file", "-", "data"}); status != 130 {
		t.Errorf("status %d, want 130", status)
	}
	if !strings.Contains(errs.String(), "stopped before the passphrase was given\nhint: ") {
		t.Errorf("it says %q", errs.String())
	}
}

// A profile whose store can't be made is taken away again: nobody has seen its
// recovery code.
func TestFailedUserAddLeavesNoProfile(t *testing.T) {
	home := t.TempDir()
	var out, errs bytes.Buffer
	term := newTerminal(t, strings.NewReader("correct horse battery\n"), &out, &errs)
	if status := term.main(t.Context(), []string{"--home", home, "--project", "", "--passphrase-file", "-", "user", "add", "Amina"}); status != 2 {
		t.Errorf("status %d, %s", status, errs.String())
	}
	left, err := filepath.Glob(filepath.Join(home, "users", "[a-z0-9]*"))
	if err != nil || len(left) > 0 || out.Len() > 0 {
		t.Errorf("left %v, said %q, %v", left, out.String(), err)
	}
}

func TestShownIsOneHarmlessLine(t *testing.T) {
	for in, want := range map[string]string{
		"Afon":                    "Afon",
		"Ọ̀ṣun, 5 ≥ 3":            "Ọ̀ṣun, 5 ≥ 3",
		"two\nlines\tand tabs":    "two lines and tabs",
		"\x1b]0;title\x07\x1b[2J": "�]0;title��[2J",
		"a\u202egnp.exe":          "agnp.exe",
		"\u009b31m":               "�31m",
	} {
		if got := shown(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func TestFlagsBehindTwoDashesAreNames(t *testing.T) {
	g := &globals{}
	others, err := parseFlags(g.flags("import"), []string{"a.csv", "--quiet", "--", "-b.csv", "--user", "-c.csv"}, 0)
	if got := strings.Join(others, " "); err != nil || got != "a.csv -b.csv --user -c.csv" || !g.quiet {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFlagWords(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--nope"}, "there is no flag --nope"},
		{[]string{"--user"}, "--user needs a value"},
		{[]string{"--json=maybe"}, `--json can't be "maybe"`},
	} {
		_, err := parseFlags((&globals{}).flags("mrpt"), c.args, 0)
		if err == nil || err.Error() != "mrpt: "+c.want {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
}

// Who chooses a passphrase at the terminal is told how good it is, and the
// passphrase is not among the words.
func TestStrengthIsToldAndNotThePassphrase(t *testing.T) {
	for _, c := range []struct{ passphrase, says, advises string }{
		{"amina2024", "strength 0 of 4; time to guess it for whoever has a copy of the files: a second.", "Choose four or five words"},
		{"copper lantern river mango", "strength 4 of 4", ""},
	} {
		var errs bytes.Buffer
		terminal{err: &errs}.tellStrength(vault.Strength([]byte(c.passphrase), []string{"Amina"}))
		got := errs.String()
		if !strings.Contains(got, c.says) || !strings.Contains(got, c.advises) || strings.Contains(got, c.passphrase) {
			t.Errorf("%s: %q", c.passphrase, got)
		}
	}
}
