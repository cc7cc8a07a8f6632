// Package presenter is the window without its widgets: what is shown, what can
// be done now, and what happens when it is done. It is plain Go and knows no
// Fyne, so all of it is tested without a display.
//
// A Session goes from Locked through Opening (and Noting, when there is a
// new recovery code) to Open and back through Locking. Everything of a user hangs on one
// Desk. Locking drops the Desk at once, cancels what runs, waits for it and
// closes the workspace; only then do the profiles show again, so that nothing
// of one user is left when the next one sits down (law L4).
//
// Sessions and desks are used from one goroutine, the window's. Work that takes
// time runs through a Loop on goroutines of its own, which touch no field of
// either: they end by posting their result. A result posted by a desk that was
// closed meanwhile is dropped.
package presenter

import (
	"context"
	"image"
	"time"

	"chatmrpt/core/action"
)

// Loop runs work beside the window and brings results back to it.
type Loop interface {
	// Go runs work on a goroutine of its own.
	Go(work func())
	// Post runs f on the window's goroutine, in order, without waiting.
	Post(f func())
}

// Profile is what the lock screen shows of a user.
type Profile struct {
	Name    string
	Created time.Time // zero when it can't be read
	Damaged *Trouble  // nil, or why it can't be opened
	Keyring bool      // the system's keyring opens it
}

// Home keeps the profiles. Its methods may take seconds and are called beside
// the window. Their errors are Problems.
type Home interface {
	// Profiles lists who has a profile, by name.
	Profiles() ([]Profile, error)
	// Unlock opens a profile with its passphrase or recovery code.
	Unlock(ctx context.Context, name string, secret []byte) (Workspace, error)
	// Create makes a profile and opens it; the code is shown once.
	Create(ctx context.Context, name string, secret []byte) (w Workspace, recoveryCode string, err error)
	// Recover gives a profile a new passphrase with its recovery code, which
	// then opens nothing any more; the new code is shown once. The profile
	// stays locked. A code that comes with an error holds, perhaps with the
	// old one.
	Recover(ctx context.Context, name string, code, secret []byte) (newCode string, err error)
	// Try makes a throw-away profile, gone when its workspace closes.
	Try(ctx context.Context) (Workspace, error)
	Keeper
}

// Workspace is one user's open session, as the window needs it. It is safe for
// concurrent use; all but User, WrongTries and Close may take seconds.
type Workspace interface {
	// User is the profile's name.
	User() string
	// WrongTries tells how many wrong secrets were given between the last two
	// openings of the profile, and when the last of them was.
	WrongTries() (n int, last time.Time)
	// CodeUntold tells whether the recovery code that holds was perhaps never
	// shown.
	CodeUntold() bool
	// CodeTold says that the person has it.
	CodeTold() error
	// Do runs an act; every error is a Problem.
	Do(ctx context.Context, act string, a action.Action, tell action.Progress) (*action.Result, error)
	// Ranking reads the newest ranking with the plan made from it, nil when
	// there is none.
	Ranking(ctx context.Context) (*Ranking, error)
	// NextSending is when something that waits to be sent is due by a schedule,
	// the zero time when nothing is.
	NextSending(ctx context.Context) (time.Time, error)
	// Draw runs the map act and draws its scene at scale pixels a point.
	Draw(ctx context.Context, m *action.Map, scale float64) (*image.RGBA, error)
	// Close cancels what runs, waits for it, and closes the store.
	Close() error
}
