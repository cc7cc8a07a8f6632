// Package workspace is one user's open session, and the only way to that
// user's data.
//
// A Workspace is obtained by unlocking a vault and holds everything that
// belongs to the session: the store, the project, the clock, the caches and
// the running jobs. It is passed explicitly; there is no current user. Closing
// it cancels its jobs, waits for the last of them, then closes the store and
// wipes the key, in that order, so that nothing of one user can come to light
// once another's workspace opens.
package workspace

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/store/encvfs"
	"chatmrpt/core/vault"
)

// Options say whose workspace to open and in which surroundings.
type Options struct {
	Home    string        // folder of all profiles
	User    string        // the profile's name
	Secret  []byte        // passphrase or recovery code; the caller clears it
	Keyring bool          // open by the system's keyring instead; Secret is not used
	Project string        // name of the project; made when absent
	Version string        // of the program, for run records
	Vault   vault.Options // zero for production
	Now     func() time.Time
}

// Workspace is one user's open session. It is safe for concurrent use.
type Workspace struct {
	vault   *vault.Vault
	store   *store.Store
	project store.Project
	version string
	now     func() time.Time

	ctx    context.Context // ends when the workspace closes
	cancel context.CancelFunc

	mu     sync.Mutex
	closed bool
	jobs   sync.WaitGroup
	cache  map[cacheKey]any
	held   []store.Quarantined // what is in quarantine since the check at the start

	again *again // in a workspace that Again gave; nil in every other
}

// Open unlocks the vault of o.User and opens its store. Every failure is a
// Problem; none leaves anything open.
func Open(ctx context.Context, o Options) (*Workspace, error) {
	if o.User == "" || o.Project == "" || o.Version == "" || o.Now == nil {
		return nil, problem.New(problem.Usage, "open", "", "no profile, project, version or clock was named",
			"Say whose profile to open")
	}
	profile, err := vault.Find(o.Home, o.User)
	if err != nil {
		return nil, err
	}
	v, err := unlock(ctx, o, profile.ID)
	if err != nil {
		return nil, err
	}
	w, err := FromVault(ctx, v, o)
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	if err := w.noteFailures(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func unlock(ctx context.Context, o Options, id vault.ID) (*vault.Vault, error) {
	if o.Keyring {
		return vault.UnlockByKeyring(ctx, o.Home, id, o.Vault)
	}
	return vault.Unlock(ctx, o.Home, id, o.Secret, o.Vault)
}

// FromVault opens the store of an unlocked vault, as one has after making a
// profile. The workspace takes the vault over and closes it, but not when
// FromVault fails. Home, User, Secret and Vault of o are not used.
func FromVault(ctx context.Context, v *vault.Vault, o Options) (*Workspace, error) {
	if v == nil || o.Project == "" || o.Version == "" || o.Now == nil {
		return nil, problem.New(problem.Usage, "open", "", "no vault, project, version or clock was given",
			"Say which project to open")
	}
	if err := errors.Join(checkProject(o.Project), requireStore(v)); err != nil {
		return nil, err
	}
	key, err := v.StoreKey()
	if err != nil {
		return nil, problem.From(err, "open")
	}
	defer clear(key)
	s, err := store.Open(ctx, store.Options{Path: v.StorePath(), Key: key, Owner: store.Owner(v.ID().String()), Now: o.Now, By: string(v.OpenedBy())})
	if err != nil {
		return nil, storeProblem(err, "open", v.Name())
	}
	w := &Workspace{vault: v, store: s, version: o.Version, now: o.Now, cache: map[cacheKey]any{}}
	if err := errors.Join(w.enter(ctx, o.Project), markBegun(v)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	w.ctx, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return w, nil
}

// longestProject is the length of a project's name, in letters, that still fits
// a title.
const longestProject = 64

// checkProject refuses a name that can't be shown on one line.
func checkProject(name string) error {
	if utf8.RuneCountInString(name) <= longestProject && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return nil
	}
	return problem.New(problem.Usage, "open", "project", "its name is too long or holds signs that can't be shown",
		fmt.Sprintf("Choose a name of at most %d letters, digits and blanks", longestProject))
}

// enter looks for rows that may not be shown, before anything is read, and
// opens the project.
func (w *Workspace) enter(ctx context.Context, project string) (err error) {
	if w.held, err = w.store.CheckOwnership(ctx); err != nil {
		return storeProblem(err, "open", w.User())
	}
	w.project, err = w.store.EnsureProject(ctx, project)
	return storeProblem(err, "open", project)
}

// User returns the display name of the profile.
func (w *Workspace) User() string { return w.vault.Name() }

// Opening tells how the profile was unlocked, and after how many wrong secrets.
func (w *Workspace) Opening() vault.Opening { return w.vault.Opening() }

// CodeTold says that the person has the profile's recovery code; see
// vault.CodeTold.
func (w *Workspace) CodeTold() error { return w.vault.CodeTold() }

// Project returns the name of the open project.
func (w *Workspace) Project() string { return w.project.Name }

// Version returns that of the program, as it stands in run records.
func (w *Workspace) Version() string { return w.version }

// Now returns the time of the workspace's clock.
func (w *Workspace) Now() time.Time { return w.now() }

// Close cancels the running jobs, waits for them, drops the caches, closes the
// store and wipes the key. It may be called more than once.
func (w *Workspace) Close() error {
	if !w.stop() {
		return nil
	}
	return errors.Join(w.store.Close(), w.vault.Close())
}

// stop ends the session's work for good: no job runs and nothing is cached when
// it returns. Only the first call gives true; that caller closes the rest.
func (w *Workspace) stop() bool {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return false
	}
	w.closed = true
	w.mu.Unlock()
	w.cancel()
	w.jobs.Wait()
	w.mu.Lock()
	clear(w.cache)
	w.mu.Unlock()
	return true
}

// Do runs f as a job of the workspace: Close cancels its context and waits for
// it. After Close it fails without running f. Every act runs inside a Do. A panic
// of f becomes a problem that names the place and keeps its text back: that may
// be a cell, and what a crash prints ends in the logs of the system.
func (w *Workspace) Do(ctx context.Context, f func(context.Context) error) (err error) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return problem.New(problem.Locked, "run", "", "the profile is locked", "Unlock it first")
	}
	w.jobs.Add(1)
	w.mu.Unlock()
	defer w.jobs.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.ctx, cancel)()
	defer func() {
		if recover() != nil {
			err = faultProblem()
		}
	}()
	return f(ctx)
}

// faultProblem is the problem of a panic that is being recovered from.
func faultProblem() error {
	place := "an unknown place"
	var at [64]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(3, at[:])]) // from the deferred function's caller on
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if strings.HasPrefix(frame.Function, "chatmrpt/") {
			place = fmt.Sprintf("%s:%d", path.Base(frame.File), frame.Line)
			break
		}
	}
	return problem.New(problem.BadInput, "run", "", "a fault of the program stopped it, at "+place,
		"What it had not finished was not saved. Tell the maintainers the place and what you did, without the data")
}

// storeProblem turns an error of the store into what a person can act on.
func storeProblem(err error, op, subject string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return problem.From(err, op)
	case errors.Is(err, store.ErrNotFound):
		return problem.New(problem.NotFound, op, subject, "it is not in this profile", "See what there is with `mrpt data`").Because(err)
	case errors.Is(err, store.ErrUndone):
		return problem.New(problem.Conflict, op, subject, "the run is in that state already", "See the state of every run with `mrpt runs`").Because(err)
	case errors.Is(err, store.ErrNewerStore):
		return problem.New(problem.Store, op, subject, "the data was written by a newer version of the program",
			"Install the newer version and open it there; nothing was changed").Because(err)
	case errors.Is(err, encvfs.ErrWrongKey), errors.Is(err, encvfs.ErrTampered), errors.Is(err, store.ErrForeignRow):
		return problem.New(problem.Store, op, subject, "the encrypted data is damaged or was exchanged",
			"Do not go on working with it; put back a copy of the profile folder from before").Because(err)
	case errors.Is(err, store.ErrAudit):
		return problem.New(problem.Store, op, subject, "the audit of this profile was tampered with, so nothing more is written to it",
			"See what is wrong with `mrpt audit --verify`; then put back a copy of the profile folder from before").Because(err)
	case errors.Is(err, encvfs.ErrKeyWorn):
		return problem.New(problem.Store, op, subject, "this key has sealed as many pages as is safe",
			"Rotate the key of the profile, which starts afresh: `mrpt user rotate`").Because(err)
	}
	return problem.New(problem.Store, op, subject, "the encrypted data could not be read or written",
		"Check that the disk has room and the folder can be written, then try again; saved work is as it was").Because(err)
}
