// Package acts lists every act of the program, wherever it lives: those of
// core/action, which know no network, and those that share results, which stand
// here because they need the rooms of sync. A face (window, terminal, sentence)
// takes its acts from All and Find and cannot tell the one sort from the other;
// adding an act to either list is enough.
//
// The acts here read no table and make none: they send, fetch and check what is
// there already. They record no runs, but every sending, fetching and change of
// a remote is entered in the audit.
package acts

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/outbox"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/share"
)

// All lists every act in the order of the work. A name may have two words, as
// "sync push"; acts that share the first belong together.
func All() []action.Spec {
	all := action.All()
	if i := slices.IndexFunc(all, func(s action.Spec) bool { return s.Name == "doctor" }); i >= 0 {
		all[i].New = func() action.Action { return NewDoctor() }
	}
	return append(all, []action.Spec{
		{Name: "sync setup", Summary: "say where results are sent: a server or a folder", New: func() action.Action { return NewSetup() }},
		{Name: "sync push", Summary: "seal the results and send them", New: func() action.Action { return NewPush() }},
		{Name: "sync backup", Summary: "seal this whole profile and send it, for yourself alone", New: func() action.Action { return NewBackup() }},
		{Name: sendOp, Summary: "go on with what waits to be sent", New: func() action.Action { return NewSend() }},
		{Name: scheduleOp, Summary: "say when what waits is sent by itself", New: func() action.Action { return &Schedule{} }},
		{Name: "sync queue", Summary: "pause, resume or cancel what waits to be sent", New: func() action.Action { return &Queue{} }},
		{Name: "sync status", Summary: "where results are sent, and what waits", New: func() action.Action { return &Status{} }},
		{Name: "sync list", Summary: "what lies at the remote", New: func() action.Action { return &List{} }},
		{Name: "sync pull", Summary: "fetch a bundle, check it and unpack it", New: func() action.Action { return &Pull{} }},
		{Name: "sync restore", Summary: "fetch a backup of a profile into a new home", New: func() action.Action { return &Restore{} }},
		{Name: "sync verify", Summary: "check what lies at the remote", New: func() action.Action { return &Verify{Read: "sample"} }},
		{Name: "sync remove", Summary: "mark a bundle at the remote as deleted", New: func() action.Action { return &Remove{} }},
		{Name: "sync prune", Summary: "delete the parts that nothing needs any more", New: func() action.Action { return &Prune{} }},
		{Name: "sync key", Summary: "write your sharing key for the age tool", New: func() action.Action { return &Key{} }},
		{Name: "sync forget", Summary: "drop a remote with its access key from this profile", New: func() action.Action { return &Forget{} }},
		{Name: officeOp, Summary: "keep the programme's private key for collect (central office)", New: func() action.Action { return &Office{} }},
		{Name: collectOp, Summary: "lay out what many users published as one data set (central office)", New: func() action.Action { return &Collect{} }},
	}...)
}

// Find returns the act of that name.
func Find(name string) (action.Spec, bool) {
	all := All()
	i := slices.IndexFunc(all, func(s action.Spec) bool { return s.Name == name })
	if i < 0 {
		return action.Spec{}, false
	}
	return all[i], true
}

// Group lists the acts whose names begin with this word and have a second.
func Group(word string) []action.Spec {
	var out []action.Spec
	for _, s := range All() {
		if strings.HasPrefix(s.Name, word+" ") {
			out = append(out, s)
		}
	}
	return out
}

// At is the part that the acts about one remote share.
type At struct {
	Remote string             `param:"remote" help:"name of the remote, when there are several"`
	Around share.Surroundings `json:"-"` // zero in the program
}

// open opens the remote for one act.
func (a At) open(ctx context.Context, w *workspace.Workspace) (*share.Account, error) {
	return share.Open(ctx, w, a.Remote, a.Around)
}

// usage is the problem of a parameter that can't be.
func usage(op, param, message, hint string) error {
	return problem.New(problem.Usage, op, "--"+param, message, hint)
}

// defaultTries is how often a sending is tried without anything getting
// through: some five minutes.
const defaultTries = 7

// send delivers shipments one after the other and reports what came of them.
// The first that can't be delivered now ends it, for the next goes the same way;
// what waits for another remote is tried all the same.
func send(ctx context.Context, w *workspace.Workspace, at At, ids []store.ShipmentID, tries int, tell action.Progress) (sent []store.Shipment, err error) {
	accounts := map[store.RemoteID]*share.Account{}
	defer func() {
		for _, a := range accounts {
			a.Close()
		}
	}()
	names, err := remoteNames(ctx, w)
	if err != nil {
		return nil, err
	}
	failed := map[store.RemoteID]bool{}
	var first error
	for _, id := range ids {
		s, err := w.Shared().Shipment(ctx, id)
		if err != nil {
			return sent, workspace.StoreProblem(err, sendOp, "")
		}
		if failed[s.Remote] {
			continue
		}
		a := accounts[s.Remote]
		if a == nil {
			if a, err = share.Open(ctx, w, names[s.Remote], at.Around); err != nil {
				return sent, err
			}
			accounts[s.Remote] = a
		}
		if err := deliver(ctx, w, a, at, s, tries, tell); err != nil {
			failed[s.Remote] = true
			if first == nil {
				first = err
			}
			continue
		}
		s, err = w.Shared().Shipment(ctx, id)
		if err != nil {
			return sent, workspace.StoreProblem(err, sendOp, "")
		}
		if s.State == store.Delivered {
			sent = append(sent, s)
		}
	}
	return sent, first
}

func deliver(ctx context.Context, w *workspace.Workspace, a *share.Account, at At, s store.Shipment, tries int, tell action.Progress) error {
	worker := outbox.Worker{
		Queue: w.Shared(), Deliver: func(ctx context.Context, s store.Shipment) error { return a.Deliver(ctx, s, tell) },
		Now: w.Now, Wait: at.Around.Waiter(), Random: rand.Float64, Tries: tries,
		Waiting: func(_ store.Shipment, d time.Duration, why error) {
			tell(fmt.Sprintf("%s; trying again in %s", remote.ClassOf(why), d.Round(time.Second)), 0, 0)
		},
	}
	return a.Explain(worker.Send(ctx, s.ID), sendOp)
}

func remoteNames(ctx context.Context, w *workspace.Workspace) (map[store.RemoteID]string, error) {
	all, err := w.Shared().Remotes(ctx)
	if err != nil {
		return nil, workspace.StoreProblem(err, "sync", "")
	}
	out := map[store.RemoteID]string{}
	for _, r := range all {
		out[r.ID] = r.Name
	}
	return out, nil
}

// columns makes a table of texts and numbers; a cell that is "" is missing.
func columns(name string, names []string, rows [][]any) (*table.Table, error) {
	cols := make([]*table.Column, len(names))
	for i, n := range names {
		cols[i] = table.NewText(n)
		for _, row := range rows {
			if _, ok := row[i].(float64); ok {
				cols[i] = table.NewNumber(n)
				break
			}
		}
		for _, row := range rows {
			switch v := row[i].(type) {
			case float64:
				cols[i].AppendNumber(v)
			case string:
				if v == "" {
					cols[i].AppendMissing()
				} else {
					cols[i].AppendText(v)
				}
			}
		}
	}
	return table.New(name, cols...)
}

// size says a number of bytes for a person.
func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// when writes a time for a table.
func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
