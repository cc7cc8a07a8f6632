package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"chatmrpt/core/vault"
)

// cmdRecovery runs "recovery ANSWER FILE": it takes the recovery code out of a
// JSON answer and puts it into a file, as a person would type it.
func cmdRecovery(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: recovery ANSWER FILE")
	}
	var answer struct {
		Code string `json:"recovery_code"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &answer))
	if len(answer.Code) != 44 {
		ts.Fatalf("%q is no recovery code", answer.Code)
	}
	typed := strings.ToLower(strings.ReplaceAll(answer.Code, "-", " "))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(typed+"\n"), 0o600))
}

// cmdWrongTries runs "wrongtries N": every profile then looks as if N wrong
// passphrases were given by a clock that was far ahead, which begins the delay
// at the next try, however slow this machine is. "wrongtries 0" forgets them.
func cmdWrongTries(ts *testscript.TestScript, neg bool, args []string) {
	folders, err := filepath.Glob(ts.MkAbs("home/users/[a-z2-7]*"))
	ts.Check(err)
	if neg || len(args) != 1 || len(folders) == 0 {
		ts.Fatalf("usage: wrongtries N, where there are profiles")
	}
	for _, folder := range folders {
		path := filepath.Join(folder, "attempts.json")
		if args[0] == "0" {
			ts.Check(os.Remove(path))
			continue
		}
		ts.Check(os.WriteFile(path, fmt.Appendf(nil, `{"failures":%s,"last":"2999-01-01T00:00:00Z"}`, args[0]), 0o600))
	}
}

func TestTwoLines(t *testing.T) {
	for text, want := range map[string][2]string{
		"old\nnew\n": {"old", "new"}, "old\r\nnew": {"old", "new"}, "old": {"old", ""}, "": {"", ""}, "a\nb\nc": {"a", "b"},
	} {
		first, second, err := twoLines(bytes.NewReader([]byte(text)))
		if err != nil || string(first) != want[0] || string(second) != want[1] {
			t.Errorf("%q: %q, %q, %v", text, first, second, err)
		}
	}
}

// A code that was issued is shown whatever went wrong after.
func TestCodeIsPrintedBesideAnError(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out, errs bytes.Buffer
		term := terminal{out: &out, err: &errs}
		if err := term.printCode(&globals{json: asJSON}, life{}, vault.Profile{Name: "Amina"}, "is done.", "ABCD-1234", os.ErrPermission); err == nil {
			t.Error("the error is lost")
		}
		if shown := map[bool]string{false: out.String(), true: errs.String()}[asJSON]; !strings.Contains(shown, "ABCD-1234") {
			t.Errorf("JSON %v: the code is lost: %q, %q", asJSON, out.String(), errs.String())
		}
	}
}

// A profile whose key file is gone has no name any more; it can be erased by
// what the list shows.
func TestDamagedProfileIsErasedByItsID(t *testing.T) {
	const id = "aaaqeayeaudaocajbifqydiob4"
	home := t.TempDir()
	folder := filepath.Join(home, "users", id)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	term := newTerminal(t, nil, &out, &errs)
	if status := term.main(t.Context(), []string{"--home", home, "user", "erase", "baaqeayeaudaocajbifqydiob4", "--force"}); status != 5 {
		t.Errorf("an unknown id: status %d", status)
	}
	if status := term.main(t.Context(), []string{"--home", home, "user", "erase", id, "--force"}); status != 0 || !strings.Contains(out.String(), id+" is erased") {
		t.Errorf("status %d: %s%s", status, out.String(), errs.String())
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("the folder is still there")
	}
}
