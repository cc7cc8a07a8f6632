package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"chatmrpt/core/problem"
)

// Names of the lock files: one in each profile's folder, held while the vault
// is open, and one for the home, held while the set of profiles changes.
const (
	lockName     = "lock"
	homeLockName = ".lock"
)

// How long, and how often, a change to the home waits for another one. Such a
// change writes one small file.
const (
	homeLockWait = 5 * time.Second
	homeLockPoll = 10 * time.Millisecond
)

// errHeld: somebody else, or this process by another handle, holds the lock.
var errHeld = errors.New("lock held elsewhere")

// lock is an advisory lock on a whole file. The system releases it when the
// process ends, however it ends; the file itself stays.
type lock struct{ f *os.File }

// holder is what a lock file says about who holds it. It may be out of date
// after a crash and is read only while the lock is known to be held.
type holder struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// tryLock takes the lock name in root without waiting. It gives errHeld, or
// what the disk said.
func tryLock(root *os.Root, name string, now time.Time) (*lock, error) {
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s", errLink, name)
	}
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	l := &lock{f: f}
	if err := sameFile(root, name, f); err != nil {
		return nil, errors.Join(err, l.release())
	}
	// A full disk may keep the note from being written; the lock holds without it.
	if note, err := json.Marshal(holder{PID: os.Getpid(), Since: now}); err == nil && f.Truncate(0) == nil {
		f.WriteAt(note, 0)
	}
	return l, nil
}

// sameFile makes sure that name still is the file f and no link to it: a lock
// on a file that was deleted or replaced meanwhile would exclude nobody.
func sameFile(root *os.Root, name string, f *os.File) error {
	opened, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if !there.Mode().IsRegular() || !os.SameFile(opened, there) {
		return fmt.Errorf("%w: %s", errLink, name)
	}
	return nil
}

// release gives the lock up. It unlocks before closing, so that a child being
// started at this moment, which shares the open file for an instant, does not
// keep the lock alive.
func (l *lock) release() error {
	l.f.Truncate(0) // the note is a courtesy, and no longer true
	return errors.Join(unlockFile(l.f), l.f.Close())
}

// readHolder reads the note in a lock file, bounded; ok is false when there is
// none.
func readHolder(root *os.Root, name string) (h holder, ok bool) {
	f, err := root.Open(name)
	if err != nil {
		return h, false
	}
	defer f.Close()
	note, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil || json.Unmarshal(note, &h) != nil {
		return h, false
	}
	return h, h.PID > 0 && !h.Since.IsZero()
}

// heldProblem says who has the vault open and since when, in the zone of now.
func heldProblem(op, subject string, root *os.Root, now time.Time) error {
	message := "open in another window"
	if h, ok := readHolder(root, lockName); ok {
		message = fmt.Sprintf("open in another window since %s (process %d)", clock(h.Since, now), h.PID)
	}
	return problem.New(problem.Conflict, op, subject, message,
		"Go on there, or close that window and try again").Because(errHeld)
}

// clock prints when something began: the time of day, with the date unless it
// is today.
func clock(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("15:04 on 2 January 2006")
}

// lockHome takes the lock on the set of profiles, waiting for its turn.
func lockHome(ctx context.Context, users *os.Root, now time.Time) (*lock, error) {
	wait, cancel := context.WithTimeoutCause(ctx, homeLockWait, errHeld)
	defer cancel()
	tick := time.NewTicker(homeLockPoll)
	defer tick.Stop()
	for {
		l, err := tryLock(users, homeLockName, now)
		if !errors.Is(err, errHeld) {
			return l, err
		}
		select {
		case <-tick.C:
		case <-wait.Done():
			return nil, homeBusy(ctx)
		}
	}
}

func homeBusy(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return problem.New(problem.Conflict, opCreate, "", "another window is changing the profiles of this home",
		"Wait until it is done and try again").Because(errHeld)
}
