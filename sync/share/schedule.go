package share

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/outbox"
	"chatmrpt/sync/remote"
)

// Planned is a remote with what its schedule says about what waits for it.
type Planned struct {
	ID       store.RemoteID
	Name     string
	Settings Settings           // without secrets
	Next     time.Time          // when the first of what waits is to be sent; zero when nothing is
	Due      []store.ShipmentID // what is to be sent now, oldest first
}

// Plans lists the remotes of a profile, oldest first. It sends nothing.
func Plans(ctx context.Context, w *workspace.Workspace) ([]Planned, error) {
	rows, err := w.Shared().Remotes(ctx)
	if err != nil {
		return nil, workspace.StoreProblem(err, "sync", "")
	}
	shipments, err := w.Shared().Shipments(ctx)
	if err != nil {
		return nil, workspace.StoreProblem(err, "sync", "")
	}
	var out []Planned
	for _, r := range rows {
		p := Planned{ID: r.ID, Name: r.Name}
		if p.Settings, err = readSettings(r); err != nil {
			return nil, err
		}
		for _, s := range shipments {
			if s.Remote == r.ID && s.State == store.Waiting {
				p.plan(s, w.Now())
			}
		}
		p.Settings = p.Settings.open()
		out = append(out, p)
	}
	return out, nil
}

func (p *Planned) plan(s store.Shipment, now time.Time) {
	next := p.Settings.Schedule.Next(now, s.Created)
	if next.IsZero() {
		return
	}
	if p.Next.IsZero() || next.Before(p.Next) {
		p.Next = next
	}
	if !next.After(now) {
		p.Due = append(p.Due, s.ID)
	}
}

// open gives the settings without their secrets.
func (s Settings) open() Settings {
	s.SecretKey, s.ProxyPassword = "", ""
	return s
}

func readSettings(r store.Remote) (s Settings, err error) {
	if err := json.Unmarshal(r.Settings, &s); err != nil {
		return s, problem.New(problem.Store, "share", r.Name, "its settings can't be read", "Forget it and set it up again").Because(err)
	}
	return s, nil
}

// SetSchedule says when what waits for a remote is sent without being asked
// for.
func SetSchedule(ctx context.Context, w *workspace.Workspace, name string, s outbox.Schedule) error {
	return changeSchedule(ctx, w, name, "is sent "+s.Words(), func(old *outbox.Schedule) { *old = s })
}

// Begin notes that a scheduled sending begins. Until End it counts as one that
// was broken off, whatever becomes of this computer.
func Begin(ctx context.Context, w *workspace.Workspace, name string) error {
	return changeSchedule(ctx, w, name, "", func(s *outbox.Schedule) { s.Last, s.Missed = w.Now(), true })
}

// End notes what became of a scheduled sending: why is nil when all went. What
// may pass by itself is tried again before long; what a person must mend waits
// for the next time.
func End(ctx context.Context, w *workspace.Workspace, name string, why error) error {
	class := remote.ClassOf(why)
	if class == remote.Cancelled || errors.Is(why, context.Canceled) {
		return nil
	}
	return changeSchedule(ctx, w, name, "", func(s *outbox.Schedule) { s.Missed = class.Retry() })
}

func changeSchedule(ctx context.Context, w *workspace.Workspace, name, note string, change func(*outbox.Schedule)) error {
	r, err := Find(ctx, w, name)
	if err != nil {
		return err
	}
	s, err := readSettings(r)
	if err != nil {
		return err
	}
	change(&s.Schedule)
	_, err = w.Shared().PutRemote(ctx, r.Name, s, note)
	return workspace.StoreProblem(err, "sync schedule", r.Name)
}
