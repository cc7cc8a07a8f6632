package presenter

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"image"
	"os"
	"slices"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/whole"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/draw"
	"chatmrpt/sync/acts"
)

// project is the project the window opens; several are a later matter.
const project = "default"

// Local is the Home on this computer.
type Local struct {
	Folder  string           // of the profiles
	Temp    string           // where throw-away profiles are made; "" is the system's place
	Version string           // of the program, for run records
	Now     func() time.Time // the clock
	Vault   vault.Options    // zero for production
}

var _ Home = Local{}

// Profiles implements Home. A home that does not exist yet has none.
func (l Local) Profiles() ([]Profile, error) {
	list, err := vault.List(l.Folder)
	if err != nil {
		return nil, err
	}
	out := make([]Profile, len(list))
	for i, p := range list {
		out[i] = Profile{Name: p.Name, Created: p.Created, Damaged: troubleOf(p.Damaged, "profile"), Keyring: p.Keyring}
		if p.Name == "" {
			out[i].Name = p.Folder
		}
	}
	return out, nil
}

// Unlock implements Home.
func (l Local) Unlock(ctx context.Context, name string, secret []byte) (Workspace, error) {
	w, err := l.unlock(ctx, name, secret)
	if err != nil {
		return nil, err
	}
	return &localWorkspace{Workspace: w}, nil
}

func (l Local) unlock(ctx context.Context, name string, secret []byte) (*workspace.Workspace, error) {
	o := l.options()
	o.Home, o.User, o.Secret, o.Vault = l.Folder, name, secret, l.Vault
	return workspace.Open(ctx, o)
}

// Create implements Home. The store is made now, so that a full disk shows
// here and not when the first file is imported.
func (l Local) Create(ctx context.Context, name string, secret []byte) (Workspace, string, error) {
	w, code, err := l.create(ctx, l.Folder, name, secret)
	if err != nil {
		return nil, "", err
	}
	return &localWorkspace{Workspace: w}, code, nil
}

// Recover implements Home.
func (l Local) Recover(ctx context.Context, name string, code, secret []byte) (newCode string, err error) {
	p, err := vault.Find(l.Folder, name)
	if err != nil {
		return "", err
	}
	newCode, err = vault.Recover(ctx, l.Folder, p.ID, code, secret, l.Vault)
	if err == nil {
		err = l.putOnRecord(ctx, name, secret, store.Note{Kind: store.AuditRecover})
	}
	return newCode, err
}

// Try implements Home: a profile whose passphrase nobody knows, in a folder
// that is removed when it closes or, should the program be killed, when the next
// is made.
func (l Local) Try(ctx context.Context) (Workspace, error) {
	folder, err := whole.NewFolder(cmp.Or(l.Temp, os.TempDir()))
	if err != nil {
		return nil, problem.New(problem.Store, "try", "", "no folder can be made for the throw-away profile",
			"Make room in the system's temporary folder").Because(err)
	}
	secret := []byte(rand.Text())
	defer clear(secret)
	w, _, err := l.create(ctx, folder.Path, "Made-up data", secret)
	if err != nil {
		return nil, errors.Join(err, folder.Done())
	}
	return &localWorkspace{Workspace: w, throwAway: folder}, nil
}

func (l Local) create(ctx context.Context, folder, name string, secret []byte) (*workspace.Workspace, string, error) {
	v, code, err := vault.Create(ctx, folder, name, secret, l.Vault)
	if err != nil {
		return nil, "", err
	}
	w, err := workspace.FromVault(ctx, v, l.options())
	if err != nil {
		return nil, "", errors.Join(err, v.Close())
	}
	return w, code, nil
}

func (l Local) options() workspace.Options {
	return workspace.Options{Project: project, Version: l.Version, Now: l.Now}
}

// localWorkspace is an open workspace as the window needs it.
type localWorkspace struct {
	*workspace.Workspace
	throwAway *whole.Folder // to remove after closing, nil for none
}

// CodeUntold implements Workspace.
func (s *localWorkspace) CodeUntold() bool { return s.Opening().CodeUntold }

// WrongTries implements Workspace. The time is in the zone of the clock.
func (s *localWorkspace) WrongTries() (n int, last time.Time) {
	how := s.Opening()
	return how.Failures, how.LastFailure.In(s.Now().Location())
}

// Do implements Workspace. It hides the one of the workspace that acts use.
func (s *localWorkspace) Do(ctx context.Context, act string, a action.Action, tell action.Progress) (*action.Result, error) {
	return action.Do(ctx, s.Workspace, act, a, tell)
}

// NextSending implements Workspace.
func (s *localWorkspace) NextSending(ctx context.Context) (next time.Time, err error) {
	err = s.Workspace.Do(ctx, func(ctx context.Context) (err error) {
		next, err = acts.NextSending(ctx, s.Workspace)
		return err
	})
	return next, err
}

// Close implements Workspace.
func (s *localWorkspace) Close() error {
	err := s.Workspace.Close()
	if s.throwAway != nil {
		err = errors.Join(err, s.throwAway.Done())
	}
	return err
}

// Draw implements Workspace.
func (s *localWorkspace) Draw(ctx context.Context, m *action.Map, scale float64) (*image.RGBA, error) {
	r, err := s.Do(ctx, "map", m, nil)
	if err != nil {
		return nil, err
	}
	img, err := draw.Image(ctx, r.Scene, scale)
	if err != nil {
		return nil, problem.New(problem.BadInput, "map", "", "the map can't be drawn in this room", "Make the window larger").Because(err)
	}
	return img, nil
}

// Ranking implements Workspace.
func (s *localWorkspace) Ranking(ctx context.Context) (r *Ranking, err error) {
	err = s.Workspace.Do(ctx, func(ctx context.Context) error {
		rankings, err := s.Current(ctx, workspace.KindRanking)
		if err != nil || len(rankings) == 0 {
			return err
		}
		newest := rankings[len(rankings)-1]
		t, err := s.Table(ctx, newest)
		if err != nil {
			return err
		}
		plan, err := s.planFrom(ctx, newest.ID)
		if err != nil {
			return err
		}
		r = rankingOf(t, plan)
		return nil
	})
	return r, err
}

// planFrom reads the newest plan if it was made from that ranking, else nil:
// nets of an older ranking would stand beside ranks they do not follow.
func (s *localWorkspace) planFrom(ctx context.Context, ranking store.DatasetID) (*table.Table, error) {
	plans, err := s.Current(ctx, workspace.KindPlan)
	if err != nil || len(plans) == 0 {
		return nil, err
	}
	newest := plans[len(plans)-1]
	inputs, err := s.Inputs(ctx, newest.Run)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(inputs, func(d store.Dataset) bool { return d.ID == ranking }) {
		return nil, nil
	}
	return s.Table(ctx, newest)
}
