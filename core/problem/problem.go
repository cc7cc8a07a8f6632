// Package problem is the error a person can act on.
//
// Below the faces of the program (window, terminal, sentences) errors are
// ordinary Go errors. Where a person can do something about one, it is wrapped
// in a Problem: what was being done (Op), to what (Subject: a file, a ward, a
// profile), what kind of trouble it is (Code, which also decides the exit
// status of a command), what is wrong (Message) and what to do next (Hint).
// A Problem never carries a secret: no passphrase, no key, no row of data
// beyond the place that names where to look.
package problem

import (
	"context"
	"errors"
	"strings"
)

// Code classifies a Problem for machines: scripts act on it, never on the
// words of the message.
type Code string

// The codes, each with the exit status of the terminal contract.
const (
	Usage       Code = "usage"       // 2: the call itself is wrong
	BadInput    Code = "bad_input"   // 3: a file or value can't be used as it is
	Locked      Code = "locked"      // 4: wrong passphrase, or the profile is locked
	NotFound    Code = "not_found"   // 5: no such profile, data set, run, column
	Conflict    Code = "conflict"    // 6: something already stands in the way
	Store       Code = "store"       // 7: the store is damaged or can't be written
	Remote      Code = "remote"      // 8: the remote refused or can't be reached
	Interrupted Code = "interrupted" // 130: the person stopped it
)

// Codes lists every code once, in the order of the exit statuses.
func Codes() []Code {
	return []Code{Usage, BadInput, Locked, NotFound, Conflict, Store, Remote, Interrupted}
}

// ExitStatus is the status with which a command ends on a problem of code c.
// An unknown code gives 1, so that a missing case is seen.
func (c Code) ExitStatus() int {
	switch c {
	case Usage:
		return 2
	case BadInput:
		return 3
	case Locked:
		return 4
	case NotFound:
		return 5
	case Conflict:
		return 6
	case Store:
		return 7
	case Remote:
		return 8
	case Interrupted:
		return 130
	}
	return 1
}

// Problem is an error with everything a person needs to get past it.
type Problem struct {
	Op      string // the act: "import", "unlock", "score"
	Subject string // what it was done to: a file, a column, a ward; may be empty
	Code    Code
	Message string // what is wrong, lower case, no final stop
	Hint    string // what to do, a sentence without a final stop; never empty
	Err     error  // the cause, for logs and errors.Is; may be nil
}

// New makes a Problem. message says what is wrong, hint what to do about it.
func New(code Code, op, subject, message, hint string) *Problem {
	return &Problem{Op: op, Subject: subject, Code: code, Message: message, Hint: hint}
}

// Because returns a copy of p with err as its cause.
func (p *Problem) Because(err error) *Problem {
	q := *p
	q.Err = err
	return &q
}

// Error gives act, subject and message on one line, without the hint, which
// the faces print on a line of its own. The cause is left out: it speaks to
// engineers, and errors.Unwrap has it.
func (p *Problem) Error() string {
	parts := make([]string, 0, 3)
	for _, s := range []string{p.Op, p.Subject, p.Message} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// From finds the Problem in err's chain, or makes one for op: cancellation
// becomes Interrupted, anything else a Store problem, because what no room
// below could name is a fault of the program or its disk, not of the input.
// From(nil, …) is nil.
func From(err error, op string) *Problem {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return New(Interrupted, op, "", "stopped before it was done",
			"Nothing was saved by this step; run it again when you are ready").Because(err)
	}
	return New(Store, op, "", err.Error(),
		"Check that the disk has room and is not read-only, then try again; your saved work is as it was before this step").Because(err)
}

// Is reports whether err's chain holds a Problem of code c.
func Is(err error, c Code) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && p.Code == c
}
