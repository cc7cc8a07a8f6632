package presenter

import (
	"context"

	"chatmrpt/core/report"
)

// Keeper is the part of a Home that changes a profile while it is locked. Each
// call is given what the person knows, and may take seconds.
type Keeper interface {
	// Change gives a profile a new passphrase.
	Change(ctx context.Context, name string, secret, fresh []byte) error
	// Rotate encrypts a profile under a new key; the new code is shown once. A
	// code that comes with an error holds, perhaps with the old one.
	Rotate(ctx context.Context, name string, secret []byte) (newCode string, err error)
	// Erase removes a profile for ever.
	Erase(ctx context.Context, name string, secret []byte) error
	// SetKeyring lets the system's keyring open a profile, or no longer.
	SetKeyring(ctx context.Context, name string, secret []byte, on bool) error
	// UnlockByKeyring opens a profile by the system's keyring.
	UnlockByKeyring(ctx context.Context, name string) (Workspace, error)
	// CodeTold says that the person has the recovery code of a profile.
	CodeTold(ctx context.Context, name string) error
	// SavePage writes a recovery code to a file, to be printed.
	SavePage(path, name, code string) error
}

// UnlockByKeyring opens a profile by the system's keyring.
func (s *Session) UnlockByKeyring(name string) {
	s.open(false, func(ctx context.Context) (Workspace, string, error) {
		w, err := s.home.UnlockByKeyring(ctx, name)
		return w, "", err
	})
}

// ChangePassphrase gives a profile a new passphrase. It takes the secrets over
// and clears them.
func (s *Session) ChangePassphrase(name string, old, fresh, again []byte) {
	if !s.agree(fresh, again) {
		clear(old)
		return
	}
	s.keep("The passphrase of "+name+" is changed. The recovery code is the same.", func(ctx context.Context) error {
		defer clear(old)
		defer clear(fresh)
		return s.home.Change(ctx, name, old, fresh)
	})
}

// Rotate encrypts a profile under a new key and shows its new recovery code. It
// takes the secret over and clears it.
func (s *Session) Rotate(name string, secret []byte) {
	s.renew(name)
	s.open(false, func(ctx context.Context) (Workspace, string, error) {
		defer clear(secret)
		code, err := s.home.Rotate(ctx, name, secret)
		return nil, code, err
	})
}

// renew notes whose code is to be shown, unless one is shown now.
func (s *Session) renew(name string) {
	if s.stage == Locked {
		s.renewing = name
	}
}

// Erase removes a profile for ever. It takes the secret over and clears it.
func (s *Session) Erase(name string, secret []byte) {
	s.keep("The profile of "+name+" is erased. Copies of it elsewhere are not.", func(ctx context.Context) error {
		defer clear(secret)
		return s.home.Erase(ctx, name, secret)
	})
}

// SetKeyring lets the system's keyring open a profile, or no longer. It takes
// the secret over and clears it.
func (s *Session) SetKeyring(name string, secret []byte, on bool) {
	words := "Only the passphrase and the recovery code open the profile of " + name + "."
	if on {
		words = "The profile of " + name + " now opens without its passphrase to whoever uses this account of the computer."
	}
	s.keep(words, func(ctx context.Context) error {
		defer clear(secret)
		return s.home.SetKeyring(ctx, name, secret, on)
	})
}

// keep does something to a locked profile, says so when it is done, and reads
// the profiles anew.
func (s *Session) keep(done string, act func(ctx context.Context) error) {
	s.open(false, func(ctx context.Context) (Workspace, string, error) {
		err := act(ctx)
		profiles, unread := s.home.Profiles()
		s.loop.Post(func() {
			s.listed(profiles, unread)
			if err == nil {
				s.said = done
			}
		})
		return nil, "", err
	})
}

// Said tells what was done to a profile last, "" when that was put away.
func (s *Session) Said() string { return s.said }

// Profile finds a listed profile by its name.
func (s *Session) Profile(name string) Profile {
	for _, p := range s.profiles {
		if p.Name == name {
			return p
		}
	}
	return Profile{}
}

// CodeLines is the code in lines to be copied by hand.
func (s *Session) CodeLines() []string { return report.CodeLines(s.code) }

// SaveCode writes the recovery code that is shown to a file, to be printed.
func (s *Session) SaveCode(path string) {
	if s.stage != Noting {
		return
	}
	name, code := s.coded(), s.code
	s.loop.Go(func() {
		err := s.home.SavePage(path, name, code)
		s.loop.Post(func() { s.codeSaved(err) })
	})
}

// coded is whose recovery code is shown.
func (s *Session) coded() string {
	if s.desk != nil {
		return s.desk.User()
	}
	return s.renewing
}

func (s *Session) codeSaved(err error) {
	if s.stage != Noting {
		return
	}
	s.trouble = troubleOf(err, "recovery page")
	s.said = ""
	if err == nil {
		s.said = "The page is written. Print it, then delete the file: whoever has it opens the profile."
	}
	s.tell()
}

// tellCode notes that the person has the code of a locked profile, then shows
// the profiles. The profile may not be opened before that is done.
func (s *Session) tellCode() {
	name := s.renewing
	s.code, s.stage = "", Locking
	s.loop.Go(func() {
		err := s.home.CodeTold(context.Background(), name)
		s.loop.Post(func() {
			s.forgetCode()
			if err != nil {
				s.trouble = troubleOf(err, "recovery code")
				s.tell()
			}
		})
	})
	s.tell()
}

// untoldCode tells of a recovery code that was perhaps never shown.
func untoldCode() *Trouble {
	return &Trouble{
		Heading:  "Recovery code",
		Sentence: "The program was stopped before it could show the recovery code that now holds; an older one opens nothing.",
		Hint:     "Lock the profile, choose “Passphrase, key, erase…” and make a new key, which gives a new code; until then only the passphrase opens it.",
	}
}
