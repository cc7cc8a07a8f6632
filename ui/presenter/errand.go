package presenter

import (
	"context"
	"errors"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/sync/acts"
	"chatmrpt/sync/outbox"
	"chatmrpt/sync/remote"
)

// errand is a sending by the schedule: it is done beside whatever the person
// does, and hangs on the desk like everything else, so that locking stops it
// and waits for it.
//
// It is no input and keeps no desk open: whoever leaves the computer is locked
// out while it runs as well, and it goes on at the next opening. An act of the
// person's that sends or changes what waits stops it first, because one device
// sends one thing at a time.
type errand struct {
	Busy
	stop context.CancelFunc
	done chan struct{} // closed when its act has ended
}

// errandWords is the title of an errand.
const errandWords = "Sending what waits, as scheduled"

// Errand is what runs by the schedule, nil when nothing does.
func (d *Desk) Errand() *Busy {
	if d.errand == nil {
		return nil
	}
	return &d.errand.Busy
}

// runErrand sends what the schedule says is due by now, unless something runs.
func (d *Desk) runErrand(now time.Time) {
	if d.closed || d.due.IsZero() || now.Before(d.due) || d.busy != nil || d.errand != nil {
		return
	}
	ctx, stop := context.WithCancel(d.ctx)
	e := &errand{Busy: Busy{Title: errandWords}, stop: stop, done: make(chan struct{})}
	d.errand = e
	work, a := d.work, acts.NewSend()
	a.Due = true
	tell := d.meter(errandWords, func() *Busy { return d.Errand() })
	d.run(func() {
		r, err := work.Do(ctx, "sync send", a, tell)
		stop()
		close(e.done)
		due, e := work.NextSending(d.ctx)
		d.post(func() {
			d.errand = nil
			if err == nil {
				d.summary = summaryOf(r)
			}
			d.errandFailed(err)
			d.plan(due, errors.Join(err, e), now)
		})
	})
	d.tell()
}

// plan keeps when the schedule says to send next. What failed is not begun
// again at once, whatever the reason.
func (d *Desk) plan(due time.Time, err error, now time.Time) {
	d.due = due
	if again := now.Add(outbox.Again); err != nil && !due.IsZero() && due.Before(again) {
		d.due = again
	}
}

// errandFailed tells of a sending by the schedule that did not go. That the line
// is down is said in the status line alone: it will be tried again.
func (d *Desk) errandFailed(err error) {
	switch {
	case err == nil || wasStopped(err):
	case problem.Is(err, problem.Remote) && remote.ClassOf(err).Retry():
		d.summary = "What waits could not all be sent, as scheduled: the other side was not reached. It is tried again by itself."
	default:
		t := troubleOf(err, "sync send")
		t.Heading = errandWords
		d.notices = append(d.notices, t)
	}
}

// stopErrand ends what runs by the schedule, if one of the calls would get in
// its way, and returns what waits for its end.
func (d *Desk) stopErrand(calls []call) (wait func()) {
	if d.errand == nil {
		return func() {}
	}
	for _, c := range calls {
		if sends(c) {
			d.errand.stop()
			done := d.errand.done
			return func() { <-done }
		}
	}
	return func() {}
}

// sends reports whether a call sends something, or changes what is sent.
func sends(c call) bool {
	switch a := c.a.(type) {
	case *acts.Push:
		return !a.Preview
	case *acts.Setup, *acts.Schedule, *acts.Send, *acts.Backup, *acts.Queue, *acts.Forget:
		return true
	}
	return false
}
