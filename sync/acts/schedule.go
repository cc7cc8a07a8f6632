package acts

import (
	"cmp"
	"context"
	"fmt"
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

// Schedule says when what waits for a remote is sent without being asked for.
// The window does it while the profile is open in it; at a terminal
// `sync send --due` does. Nothing new is made: only what the person put into
// the outbox is sent.
type Schedule struct {
	Remote string `param:"remote" help:"name of the remote, when there are several"`
	Every  int    `param:"every" help:"hours: send what waits at most so often while this profile is open"`
	Daily  string `param:"daily" help:"time of the day, as 14:30: send then, or when this profile is opened next"`
	Off    bool   `param:"off" help:"send nothing by itself any more"`
}

const scheduleOp = "sync schedule"

// Check implements action.Action.
func (a *Schedule) Check() error {
	if a.Off && (a.Every != 0 || a.Daily != "") {
		return usage(scheduleOp, "off", "it is either off or a time", "Give --off alone, or --every or --daily without it")
	}
	if _, err := outbox.NewSchedule(a.Every, a.Daily, time.Time{}); err != nil {
		return usage(scheduleOp, map[bool]string{true: "daily", false: "every"}[a.Daily != ""], err.Error(),
			"Give --every a number of hours from 1 to 168, or --daily a time such as 14:30")
	}
	return nil
}

// Run implements action.Action. Without a time it tells the present ones.
func (a *Schedule) Run(ctx context.Context, w *workspace.Workspace, _ action.Progress) (*action.Result, error) {
	r, err := share.Find(ctx, w, a.Remote)
	if err != nil {
		return nil, err
	}
	s, err := outbox.NewSchedule(a.Every, a.Daily, w.Now())
	if err != nil {
		return nil, err
	}
	if a.Off || s.On() {
		if err := share.SetSchedule(ctx, w, r.Name, s); err != nil {
			return nil, err
		}
	}
	plans, err := share.Plans(ctx, w)
	if err != nil {
		return nil, err
	}
	out := &action.Result{}
	var rows [][]any
	for _, p := range plans {
		rows = append(rows, []any{p.Name, p.Settings.Schedule.Words(), localTime(p.Settings.Schedule.Last, w), dueWords(p, w)})
		if p.ID == r.ID {
			out.Summary = fmt.Sprintf("What waits for %s is sent %s.", p.Name, p.Settings.Schedule.Words())
			if p.Settings.Schedule.On() {
				out.Notices = append(out.Notices, "only what you seal and leave waiting is sent, and only while this profile is open in the window; locking stops it, and it goes on the next time")
			}
		}
	}
	t, err := columns("schedules", []string{"remote", "schedule", "last", "next"}, rows)
	if err != nil {
		return nil, err
	}
	out.Tables = []*table.Table{t}
	return out, nil
}

// localTime writes a time of the schedule in the zone of the computer, in which
// it was chosen; "" for none.
func localTime(t time.Time, w *workspace.Workspace) string {
	if t.IsZero() {
		return ""
	}
	return t.In(w.Now().Location()).Format("2006-01-02 15:04")
}

// dueWords says when what waits for a remote is due; "" when nothing is.
func dueWords(p share.Planned, w *workspace.Workspace) string {
	if len(p.Due) > 0 {
		return "now"
	}
	return localTime(p.Next, w)
}

// NextSending is when something that waits is due by a schedule, the zero time
// when nothing is. It reads the profile alone.
func NextSending(ctx context.Context, w *workspace.Workspace) (next time.Time, err error) {
	plans, err := share.Plans(ctx, w)
	if err != nil {
		return next, err
	}
	for _, p := range plans {
		if !p.Next.IsZero() && (next.IsZero() || p.Next.Before(next)) {
			next = p.Next
		}
	}
	return next, nil
}

// sendDue sends what is due now by the schedules. A remote that fails does not
// keep the others from their turn.
func (a *Send) sendDue(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	plans, err := share.Plans(ctx, w)
	if err != nil {
		return nil, err
	}
	sent, all := 0, 0
	var first error
	for _, p := range plans {
		if len(p.Due) == 0 || (a.Remote != "" && a.Remote != p.Name) {
			continue
		}
		all += len(p.Due)
		n, err := a.sendPlanned(ctx, w, p, tell)
		sent += n
		first = cmp.Or(first, err)
	}
	switch {
	case first != nil:
		return nil, first
	case all == 0:
		return &action.Result{Summary: "Nothing is due to be sent."}, nil
	}
	return &action.Result{Summary: fmt.Sprintf("Sent %d of %d, as scheduled.", sent, all)}, nil
}

// sendPlanned sends what is due for one remote and keeps what came of it.
func (a *Send) sendPlanned(ctx context.Context, w *workspace.Workspace, p share.Planned, tell action.Progress) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, problem.From(err, sendOp)
	}
	if err := share.Begin(ctx, w, p.Name); err != nil {
		return 0, err
	}
	sent, why := send(ctx, w, a.At, p.Due, a.Tries, tell)
	return len(sent), cmp.Or(why, share.End(ctx, w, p.Name, why))
}

// upcoming says of each remote when what waits for it is due.
func upcoming(ctx context.Context, w *workspace.Workspace) (notices []string, err error) {
	plans, err := share.Plans(ctx, w)
	for _, p := range plans {
		if !p.Next.IsZero() {
			notices = append(notices, fmt.Sprintf("what waits for %s is sent %s while the profile is open in the window; next: %s", p.Name, p.Settings.Schedule.Words(), dueWords(p, w)))
		}
	}
	return notices, err
}

// NewDoctor gives the doctor that looks at the sharing too.
func NewDoctor() *action.Doctor { return &action.Doctor{Also: checkSharing} }

// checkSharing tells how sending stands: the schedules, and what waits for
// something that only a person can mend.
func checkSharing(ctx context.Context, w *workspace.Workspace) (workspace.Finding, error) {
	f := workspace.Finding{Check: "sharing", OK: true}
	plans, err := share.Plans(ctx, w)
	if err != nil {
		return f, err
	}
	shipments, err := w.Shared().Shipments(ctx)
	if err != nil {
		return f, workspace.StoreProblem(err, "doctor", "")
	}
	if len(plans) == 0 {
		f.Found = "nothing is set up; nothing leaves this computer"
		return f, nil
	}
	var words []string
	for _, p := range plans {
		line := p.Name + ": sent " + p.Settings.Schedule.Words()
		if next := dueWords(p, w); next != "" {
			line += ", next " + next
		}
		words = append(words, line)
	}
	f.Found = strings.Join(words, "; ")
	for _, s := range shipments {
		class := remote.Class(s.Trouble)
		if (s.State == store.Waiting || s.State == store.Paused) && class != "" && !class.Retry() {
			_, f.Do = remote.Advice(class)
			f.OK, f.Found = false, fmt.Sprintf("number %d of the outbox waits: %s", s.ID.N, class)
			return f, nil
		}
	}
	return f, nil
}
