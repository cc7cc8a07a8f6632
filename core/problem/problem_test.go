package problem

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// The statuses are the terminal contract; scripts depend on each number.
func TestExitStatusOfEveryCode(t *testing.T) {
	want := map[Code]int{Usage: 2, BadInput: 3, Locked: 4, NotFound: 5, Conflict: 6, Store: 7, Remote: 8, Interrupted: 130}
	if len(want) != len(Codes()) {
		t.Fatalf("%d codes listed, %d in the contract", len(Codes()), len(want))
	}
	for _, c := range Codes() {
		if got := c.ExitStatus(); got != want[c] {
			t.Errorf("%s: exit status %d, want %d", c, got, want[c])
		}
	}
	if got := Code("other").ExitStatus(); got != 1 {
		t.Errorf("unknown code: exit status %d, want 1", got)
	}
}

func TestFromFindsNamesAndWraps(t *testing.T) {
	p := New(BadInput, "import", "a.csv", "no ward column", "Name it")
	if got := From(fmt.Errorf("outer: %w", p), "x"); got != p {
		t.Errorf("From did not find the wrapped problem: %v", got)
	}
	if got := From(fmt.Errorf("x: %w", context.Canceled), "score"); got.Code != Interrupted || got.Op != "score" {
		t.Errorf("cancellation became %v", got)
	}
	cause := errors.New("disk")
	if got := From(cause, "save"); got.Code != Store || !errors.Is(got, cause) || got.Hint == "" {
		t.Errorf("unnamed error became %+v", got)
	}
	if From(nil, "x") != nil {
		t.Error("From(nil) is not nil")
	}
	if !Is(fmt.Errorf("y: %w", p), BadInput) || Is(p, Store) {
		t.Error("Is does not tell codes apart")
	}
}

func TestErrorLeavesOutEmptyPartsAndHint(t *testing.T) {
	p := New(Locked, "unlock", "", "wrong passphrase", "Try again")
	if got := p.Error(); got != "unlock: wrong passphrase" {
		t.Errorf("got %q", got)
	}
}
