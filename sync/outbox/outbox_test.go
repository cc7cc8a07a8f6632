package outbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"chatmrpt/core/store"
	"chatmrpt/sync/outbox"
	"chatmrpt/sync/remote"
)

// queue holds one shipment.
type queue struct{ s store.Shipment }

func (q *queue) Shipment(context.Context, store.ShipmentID) (store.Shipment, error) { return q.s, nil }

func (q *queue) SetShipment(_ context.Context, to store.Shipment) error {
	q.s = to
	return nil
}

func now() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }

// bench is a worker whose waiting takes no time.
type bench struct {
	outbox.Worker
	q      *queue
	waited []time.Duration
	tried  int
}

func newBench(deliver func(b *bench) error) *bench {
	b := &bench{q: &queue{store.Shipment{State: store.Waiting, Parts: 10}}}
	b.Worker = outbox.Worker{
		Queue: b.q, Now: now, Random: func() float64 { return 1 }, Tries: 5,
		Deliver: func(context.Context, store.Shipment) error { b.tried++; return deliver(b) },
		Wait:    func(_ context.Context, d time.Duration) error { b.waited = append(b.waited, d); return nil },
	}
	return b
}

func fail(c remote.Class) error { return remote.Fail(c, "put", "x", errors.New("cause")) }

// What may pass is tried again, what may not is not, and the shipment keeps
// waiting either way with what kept it.
func TestWhichFailuresAreTriedAgain(t *testing.T) {
	for _, c := range remote.Classes() {
		b := newBench(func(*bench) error { return fail(c) })
		err := b.Send(t.Context(), store.ShipmentID{})
		want, state, trouble := 1, store.Waiting, string(c)
		switch c {
		case remote.Offline, remote.Throttled, remote.Server:
			want = 5
		case remote.Full:
			state = store.Paused
		case remote.Cancelled:
			trouble = ""
		}
		if remote.ClassOf(err) != c || b.tried != want || b.q.s.State != state || b.q.s.Trouble != trouble {
			t.Errorf("%s: %d tries, %s, %q (%v)", c, b.tried, b.q.s.State, b.q.s.Trouble, err)
		}
		if c.Retry() != !b.q.s.Next.IsZero() {
			t.Errorf("%s: next at %v", c, b.q.s.Next)
		}
	}
}

func TestTheTimeBetweenTriesGrows(t *testing.T) {
	b := newBench(func(*bench) error { return fail(remote.Offline) })
	b.Tries = 9
	b.Send(t.Context(), store.ShipmentID{})
	want := []time.Duration{5, 10, 20, 40, 80, 160, 300, 300}
	if len(b.waited) != len(want) {
		t.Fatalf("waited %v", b.waited)
	}
	for i, w := range want {
		if b.waited[i] != w*time.Second {
			t.Errorf("wait %d: %v", i+1, b.waited[i])
		}
	}
	for n := 1; n < 30; n++ {
		if lo, hi := outbox.Backoff(n, 0, 0), outbox.Backoff(n, 0, 1); lo != hi/2 || hi > outbox.Longest || lo < outbox.First/2 {
			t.Errorf("try %d: %v to %v", n, lo, hi)
		}
	}
	if got := outbox.Backoff(1, 90*time.Second, 0); got != 90*time.Second {
		t.Errorf("asked for 90 s, waits %v", got)
	}
	if got := outbox.Backoff(1, 1000*time.Hour, 0); got != time.Hour {
		t.Errorf("asked for ever, waits %v", got)
	}
}

// A line that dies again and again, but lets a part through each time, delivers.
func TestProgressStartsTheCountAnew(t *testing.T) {
	b := newBench(func(b *bench) error {
		if b.q.s.Stored++; b.q.s.Stored == b.q.s.Parts {
			return nil
		}
		return fail(remote.Offline)
	})
	b.Tries = 2
	if err := b.Send(t.Context(), store.ShipmentID{}); err != nil || b.tried != 10 {
		t.Errorf("%d tries (%v)", b.tried, err)
	}
	for _, d := range b.waited {
		if d != outbox.First {
			t.Errorf("waited %v", d)
		}
	}
}

// The person pauses or cancels while it waits for the line; closing the
// workspace ends it.
func TestAPausedShipmentIsLeftAlone(t *testing.T) {
	b := newBench(func(b *bench) error {
		if b.tried == 2 {
			b.q.s.State = store.Paused
		}
		return fail(remote.Offline)
	})
	if err := b.Send(t.Context(), store.ShipmentID{}); err == nil || b.tried != 2 || b.q.s.State != store.Paused {
		t.Errorf("%d tries, %s (%v)", b.tried, b.q.s.State, err)
	}
	b = newBench(func(*bench) error { return fail(remote.Offline) })
	b.q.s.State = store.Cancelled
	if err := b.Send(t.Context(), store.ShipmentID{}); err != nil || b.tried != 0 {
		t.Errorf("%d tries of a cancelled one (%v)", b.tried, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	b = newBench(func(*bench) error { cancel(); return fail(remote.Offline) })
	if err := b.Send(ctx, store.ShipmentID{}); err == nil || b.tried != 1 || b.q.s.Attempts != 0 {
		t.Errorf("%d tries after closing (%v)", b.tried, err)
	}
}
