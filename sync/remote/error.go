package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chatmrpt/core/problem"
)

// Class is what sort of failure an error of a remote is, which decides what to
// do: try again, ask the person, or raise the alarm.
type Class string

// The classes. An error that fits none is Server, never success.
const (
	Absent      Class = "absent"      // there is no such object
	Offline     Class = "offline"     // it can't be reached, or the line went dead
	TLS         Class = "tls"         // its certificate can't be trusted
	Clock       Class = "clock"       // this computer's clock and the server's differ
	Credentials Class = "credentials" // the key is unknown or its secret wrong
	Denied      Class = "denied"      // the key may not do this
	Full        Class = "full"        // there is no room
	Throttled   Class = "throttled"   // it asks to wait
	Server      Class = "server"      // it failed, for whatever reason
	Conflict    Class = "conflict"    // somebody else got there first
	Integrity   Class = "integrity"   // what it holds is not what was stored
	Portal      Class = "portal"      // something between here and there answered for it
	Proxy       Class = "proxy"       // the proxy on the way does not let us through
	Cancelled   Class = "cancelled"   // the person stopped it
)

// Classes lists every class once.
func Classes() []Class {
	return []Class{Absent, Offline, TLS, Clock, Credentials, Denied, Full, Throttled, Server, Conflict, Integrity, Portal, Proxy, Cancelled}
}

// Retry reports whether the same call may succeed later without anybody doing
// anything.
func (c Class) Retry() bool { return c == Offline || c == Throttled || c == Server }

// Error is a failure of a remote. Its text holds no secret.
type Error struct {
	Class Class
	Op    string        // put, get, list, delete
	Key   string        // or shelf; may be empty
	After time.Duration // how long the remote asks to wait; 0 when it does not say
	Note  string        // what only this failure can tell, as both clocks' times; may be empty
	Err   error         // the cause; may be nil
}

// Error implements error.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s %s: %s", e.Op, e.Key, e.Class)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf is the class of err: that of the Error in its chain, Cancelled for an
// ended context, else Server. It is "" for nil.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Cancelled
	}
	return Server
}

// Fail makes an Error of a class.
func Fail(class Class, op, key string, err error) *Error {
	return &Error{Class: class, Op: op, Key: key, Err: err}
}

// Problem turns an error of a remote into what a person can act on. An error
// that is a Problem already is left as it is, and so is nil.
func Problem(err error, op, subject string) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	class := ClassOf(err)
	if class == Cancelled {
		return problem.New(problem.Interrupted, op, subject, "stopped before it was done",
			"What was sent so far is kept; `mrpt sync send` goes on from there").Because(err)
	}
	e, _ := errors.AsType[*Error](err)
	message, hint := Advice(class)
	if e != nil && e.Note != "" {
		message += " (" + e.Note + ")"
	}
	code := problem.Remote
	if class == Absent {
		code = problem.NotFound
	}
	return problem.New(code, op, subject, message, hint).Because(err)
}

// Advice is what a class means, for a person, and what to do about it.
func Advice(c Class) (message, hint string) {
	switch c {
	case Absent:
		return "it is not there", "See what is there with `mrpt sync list`"
	case Offline:
		return "it can't be reached, or the line went dead", "Check the connection and try again; what was sent so far is kept"
	case TLS:
		return "its certificate can't be trusted", "If it is your office's server, ask the office for its certificate and give it with --ca; never go on without"
	case Clock:
		return "this computer's clock and the server's differ too much", "Set the date, time and time zone of this computer"
	case Credentials:
		return "the access key is unknown or its secret is wrong", "Ask the office for the access key and set it up again: `mrpt sync setup`"
	case Denied:
		return "the access key may not do this", "Ask the office whether your user id and its policy are right"
	case Full:
		return "there is no room left", "Ask the office for room, or free some on the stick; what waits is kept"
	case Throttled:
		return "it asks to wait", "Try again later; what waits is kept"
	case Conflict:
		return "somebody else changed it at the same time", "Try again"
	case Integrity:
		return "what it holds is not what was stored", "Somebody or something changed it. Tell the office; `mrpt sync verify` lists what is wrong"
	case Proxy:
		return "the proxy on the way there does not let it through", "Ask who runs your network for the proxy's address, name and password, and set it up again: `mrpt sync setup`"
	case Portal:
		return "something between here and there answered in its place", "Log in to the network in a browser first, then try again"
	}
	return "it failed", "Try again later; if it stays so, tell the office"
}
