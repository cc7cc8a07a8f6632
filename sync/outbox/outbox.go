// Package outbox sends what waits in a profile's outbox, on lines that break.
//
// It decides when to try again and when to stop: what may pass by itself (the
// line is down, the server is busy) is tried again after a while that grows and
// is never the same for two computers; what may not (a wrong key, a full
// bucket, a certificate nobody knows) is told at once. As long as parts get
// through, the count begins anew: a line that dies every few minutes still
// delivers. There is no limit to how long a shipment may take.
//
// It knows neither the network nor the store: both are handed in. The context
// ends with the workspace, so that nothing of one user is sent once another's
// profile is open.
package outbox

import (
	"context"
	"errors"
	"time"

	"chatmrpt/core/store"
	"chatmrpt/sync/remote"
)

// First and Longest bound the time between two tries.
const (
	First   = 5 * time.Second
	Longest = 5 * time.Minute
)

// Backoff is how long to wait before try number n (1 for the first repetition):
// First, doubled each time, at most Longest, of which a random part (random is
// from 0 to 1) between a half and the whole is waited, so that computers that
// lost the line together do not come back together. What the remote asks for is
// waited at least.
func Backoff(n int, asked time.Duration, random float64) time.Duration {
	d := First
	for i := 1; i < n && d < Longest; i++ {
		d *= 2
	}
	d = min(d, Longest)
	d = d/2 + time.Duration(random*float64(d/2))
	return max(d, min(asked, time.Hour))
}

// Queue is what the outbox needs of the store.
type Queue interface {
	Shipment(ctx context.Context, id store.ShipmentID) (store.Shipment, error)
	SetShipment(ctx context.Context, to store.Shipment) error
}

// Worker sends shipments.
type Worker struct {
	Queue   Queue
	Deliver func(ctx context.Context, s store.Shipment) error // marks it delivered
	Now     func() time.Time
	Wait    func(ctx context.Context, d time.Duration) error
	Random  func() float64 // from 0 to 1
	Tries   int            // without anything getting through, before it gives up for now
	Waiting func(s store.Shipment, d time.Duration, why error)
}

// Send delivers one shipment, trying again while that makes sense. The error is
// that of the last try. The shipment is then still waiting, with what kept it,
// and a later Send goes on where this one stopped; a full remote pauses it.
func (w *Worker) Send(ctx context.Context, id store.ShipmentID) error {
	for {
		s, err := w.Queue.Shipment(ctx, id)
		if err != nil {
			return err
		}
		if s.State != store.Waiting {
			return nil // delivered, or stopped by the person
		}
		why := w.Deliver(ctx, s)
		if why == nil {
			return nil
		}
		again, err := w.after(ctx, s, why)
		if err != nil || !again {
			return keep(why, err)
		}
	}
}

// keep prefers why it was not delivered over what could not be written down.
func keep(why, err error) error {
	if why != nil {
		return why
	}
	return err
}

// after notes what kept a shipment, waits, and says whether to try again.
func (w *Worker) after(ctx context.Context, s store.Shipment, why error) (again bool, err error) {
	class := remote.ClassOf(why)
	if class == remote.Cancelled || ctx.Err() != nil {
		return false, ctx.Err()
	}
	if _, theirs := errors.AsType[*remote.Error](why); !theirs {
		return false, nil // what went wrong here is no better the next time
	}
	now, err := w.Queue.Shipment(ctx, s.ID)
	if err != nil || now.State != store.Waiting {
		return false, err
	}
	if now.Stored > s.Stored {
		now.Attempts = 0
	}
	now.Attempts++
	now.Trouble = string(class)
	now.Next = time.Time{}
	again = class.Retry() && now.Attempts < w.Tries
	var d time.Duration
	switch {
	case class.Retry():
		d = Backoff(now.Attempts, asked(why), w.Random())
		now.Next = w.Now().Add(d)
	case class == remote.Full:
		now.State = store.Paused
	}
	if err := w.Queue.SetShipment(ctx, now); err != nil || !again {
		return false, err
	}
	if w.Waiting != nil {
		w.Waiting(now, d, why)
	}
	return true, w.Wait(ctx, d)
}

// asked is how long the remote asked to wait.
func asked(err error) time.Duration {
	if e, ok := errors.AsType[*remote.Error](err); ok {
		return e.After
	}
	return 0
}
