package presenter

import (
	"bytes"
	"context"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
)

// Stage is which screen shows.
type Stage int

// The stages of a session.
const (
	Locked  Stage = iota // the profiles, and a form to make one
	Opening              // a profile is being unlocked or made
	Noting               // a new recovery code is shown, once
	Open                 // the desk
	Locking              // waiting for what ran to end
)

// Session is the window's life from profile to profile. It is used from the
// window's goroutine alone.
type Session struct {
	home Home
	loop Loop
	tell func()

	stage    Stage
	profiles []Profile
	loaded   bool // whether the profiles were read
	trouble  *Trouble
	stop     context.CancelFunc // of an Opening
	code     string             // of a Noting
	renewing string             // whose code a Noting without a desk shows
	said     string             // what was done to a profile
	desk     *Desk
	watch    idleWatch
	gauge    gauge
	leave    func() // what to do once locked; nil to show the profiles
}

// NewSession makes a locked session. tell is called on the window's goroutine
// after every change of what is shown.
func NewSession(home Home, loop Loop, tell func()) *Session {
	return &Session{home: home, loop: loop, tell: tell, gauge: gauge{judge: vault.Strength}}
}

// Start reads the profiles.
func (s *Session) Start() {
	s.loop.Go(func() {
		profiles, err := s.home.Profiles()
		s.loop.Post(func() {
			s.listed(profiles, err)
			s.tell()
		})
	})
}

func (s *Session) listed(profiles []Profile, err error) {
	s.profiles, s.loaded = profiles, true
	if err != nil {
		s.trouble = troubleOf(err, "profiles")
	}
}

// Stage tells which screen shows.
func (s *Session) Stage() Stage { return s.stage }

// Profiles lists who can sit down; ready is false until they are read.
func (s *Session) Profiles() (list []Profile, ready bool) { return s.profiles, s.loaded }

// Trouble is what went wrong on the way in or out, nil when nothing did.
func (s *Session) Trouble() *Trouble { return s.trouble }

// Dismiss puts the trouble away.
func (s *Session) Dismiss() {
	s.trouble, s.said = nil, ""
	s.tell()
}

// Code is the recovery code while it is to be noted, else "".
func (s *Session) Code() string { return s.code }

// Desk is the open workspace, nil in every stage but Open.
func (s *Session) Desk() *Desk {
	if s.stage != Open {
		return nil
	}
	return s.desk
}

// Unlock opens a profile. It takes secret over and clears it.
func (s *Session) Unlock(name string, secret []byte) {
	s.open(false, func(ctx context.Context) (Workspace, string, error) {
		defer clear(secret)
		w, err := s.home.Unlock(ctx, name, secret)
		return w, "", err
	})
}

// Create makes a profile and shows its recovery code. It takes the passphrase
// and its repetition over and clears both.
func (s *Session) Create(name string, secret, again []byte) {
	if !s.agree(secret, again) {
		return
	}
	s.open(false, func(ctx context.Context) (Workspace, string, error) {
		defer clear(secret)
		return s.home.Create(ctx, name, secret)
	})
}

// agree reports whether a new passphrase was typed twice alike; otherwise it
// clears it and says so. The repetition is cleared in any case.
func (s *Session) agree(secret, again []byte) bool {
	s.gauge.forget()
	same := bytes.Equal(secret, again)
	clear(again)
	if !same {
		clear(secret)
		s.trouble = troubleOf(problem.New(problem.Usage, "create", "", "the two passphrases are not the same", "Type the same passphrase twice"), "create")
		s.tell()
	}
	return same
}

// Recover gives a profile a new passphrase by its recovery code and shows the
// new code; then the profile is to be unlocked. It takes the secrets over and
// clears them.
func (s *Session) Recover(name string, code, secret, again []byte) {
	if !s.agree(secret, again) {
		clear(code)
		return
	}
	s.renew(name)
	s.open(false, func(ctx context.Context) (Workspace, string, error) {
		defer clear(code)
		defer clear(secret)
		newCode, err := s.home.Recover(ctx, name, code, secret)
		return nil, newCode, err
	})
}

// recovered shows the new code, also when the window was to be closed
// meanwhile: it is shown only now, and the old one opens nothing any more.
func (s *Session) recovered(code string, err error) {
	s.stage, s.code, s.leave = Noting, code, nil
	if err != nil {
		s.trouble = openTrouble(err)
	}
	s.tell()
}

// forgetCode ends the showing of a renewed code. Nothing is open then.
func (s *Session) forgetCode() {
	s.code, s.said, s.trouble, s.stage = "", "", nil, Locked
	s.locked()
}

// Renewed reports whether the code to be noted takes the place of an older
// one.
func (s *Session) Renewed() bool { return s.stage == Noting && s.desk == nil }

// Try opens a throw-away profile with the made-up state.
func (s *Session) Try() {
	s.open(true, func(ctx context.Context) (Workspace, string, error) {
		w, err := s.home.Try(ctx)
		return w, "", err
	})
}

// open runs enter beside the window. Only a locked session opens anything.
func (s *Session) open(madeUp bool, enter func(context.Context) (Workspace, string, error)) {
	if s.stage != Locked || s.leave != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.gauge.forget()
	s.stage, s.trouble, s.said, s.stop = Opening, nil, "", stop
	s.loop.Go(func() {
		defer stop()
		w, code, err := enter(ctx)
		s.loop.Post(func() { s.opened(w, code, madeUp, err) })
	})
	s.tell()
}

func (s *Session) opened(w Workspace, code string, madeUp bool, err error) {
	s.stop = nil
	if w == nil && code != "" {
		s.recovered(code, err)
		return
	}
	if err != nil || w == nil {
		s.stage = Locked
		if err != nil {
			s.trouble = openTrouble(err)
		}
		s.locked()
		return
	}
	s.desk = newDesk(s.loop, s.tell, w, madeUp)
	switch {
	case s.leave != nil: // the window was closed meanwhile
		s.stage = Open
		s.Lock()
		return
	case code != "":
		s.stage, s.code = Noting, code
	default:
		s.begin()
	}
	s.tell()
}

// Noted says that the recovery code was written down. It is not shown again.
func (s *Session) Noted() {
	if s.stage != Noting {
		return
	}
	if s.Renewed() {
		s.tellCode()
		return
	}
	s.code, s.said, s.trouble = "", "", nil
	s.desk.codeTold()
	s.begin()
	s.tell()
}

// begin shows the desk.
func (s *Session) begin() {
	s.stage = Open
	s.watchDesk()
	s.desk.begin()
}

// Lock drops everything of the user, stops what runs, waits for it and closes
// the workspace; only then do the profiles show.
func (s *Session) Lock() {
	if s.desk == nil || (s.stage != Open && s.stage != Noting) {
		return
	}
	s.unwatch()
	s.gauge.forget()
	wait := s.desk.close()
	s.desk, s.code, s.said, s.trouble, s.stage = nil, "", "", nil, Locking
	s.loop.Go(func() {
		failure := wait()
		profiles, err := s.home.Profiles()
		s.loop.Post(func() {
			s.stage = Locked
			s.listed(profiles, err)
			if failure != nil {
				s.trouble = troubleOf(failure, "lock")
			}
			s.locked()
		})
	})
	s.tell()
}

// locked shows the profiles, or leaves.
func (s *Session) locked() {
	if leave := s.leave; leave != nil {
		leave()
		return
	}
	s.tell()
}

// Quit locks the session, whatever it is at, then calls leave on the window's
// goroutine, once.
func (s *Session) Quit(leave func()) {
	if s.leave != nil {
		return
	}
	s.leave = leave
	if s.Renewed() {
		s.forgetCode()
		return
	}
	switch s.stage {
	case Locked:
		leave()
	case Opening:
		s.stop()
	case Open, Noting:
		s.Lock()
	}
}

// CanOpen reports whether p can be opened at all.
func (p Profile) CanOpen() bool { return p.Damaged == nil }

// Has reports whether somebody has a profile of that name.
func (s *Session) Has(name string) bool {
	return slices.ContainsFunc(s.profiles, func(p Profile) bool { return p.Name == name })
}
