package presenter

import (
	"context"
	"testing"
	"time"

	"chatmrpt/core/action"
)

// fakeClock moves when the test says so.
type fakeClock struct {
	now   time.Time
	due   time.Time // of the one timer that is set
	timer func()
	sets  int
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time { return c.now }

func (c *fakeClock) After(d time.Duration, f func()) func() {
	c.due, c.timer = c.now.Add(d), f
	c.sets++
	set := c.sets
	return func() {
		if c.sets == set {
			c.timer = nil
		}
	}
}

// fire lets the timer go off now.
func (c *fakeClock) fire(q *queue) {
	if f := c.timer; f != nil {
		c.timer = nil
		f()
	}
	q.drain()
}

// pass lets time go by, tick by tick.
func (c *fakeClock) pass(q *queue, d time.Duration) {
	end := c.now.Add(d)
	for c.timer != nil && !c.due.After(end) {
		c.now = c.due
		c.fire(q)
	}
	c.now = end
}

// watched gives an open desk at rest that is watched.
func watched(t *testing.T, work *fakeWork) (*Session, *Desk, *queue, *fakeClock) {
	t.Helper()
	q, clock := newQueue(t), newFakeClock()
	s := NewSession(&fakeHome{work: work}, q, func() {})
	s.LockWhenIdle(clock, IdleLimit)
	s.Unlock("Amina", []byte("open sesame"))
	q.until("an open desk at rest", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
	clock.pass(q, idleTick) // opening was an input
	return s, s.Desk(), q, clock
}

func TestAnIdleDeskWarnsThenLocks(t *testing.T) {
	work := &fakeWork{}
	s, desk, q, clock := watched(t, work)
	clock.pass(q, IdleLimit-idleWarning-idleTick)
	if desk.Warning() != "" || s.Stage() != Open {
		t.Fatalf("too early: %q, stage %v", desk.Warning(), s.Stage())
	}
	clock.pass(q, idleTick)
	if desk.Warning() != idleWords {
		t.Fatalf("a minute before it says %q", desk.Warning())
	}
	clock.pass(q, idleWarning-idleTick)
	if s.Stage() != Open {
		t.Fatal("locked too early")
	}
	clock.pass(q, idleTick)
	q.until("locked", func() bool { return s.Stage() == Locked })
	if !work.isClosed() || desk.Warning() != "" || clock.timer != nil {
		t.Errorf("closed %v, warning %q, a timer is left: %v", work.isClosed(), desk.Warning(), clock.timer != nil)
	}
}

// Every kind of input begins the countdown anew, and takes the warning back.
func TestAnInputBeginsTheCountdownAnew(t *testing.T) {
	for name, input := range map[string]func(*Session, *Desk){
		"mouse":   func(s *Session, _ *Desk) { s.Touch() },
		"step":    func(_ *Session, d *Desk) { d.Select(2) },
		"field":   func(_ *Session, d *Desk) { d.Answer("table", "x") },
		"dismiss": func(_ *Session, d *Desk) { d.Dismiss() },
		"refused": func(_ *Session, d *Desk) { d.RunAll() },
	} {
		t.Run(name, func(t *testing.T) {
			s, desk, q, clock := watched(t, &fakeWork{})
			clock.pass(q, IdleLimit-idleTick)
			if desk.Warning() == "" {
				t.Fatal("no warning")
			}
			input(s, desk)
			q.until("the warning goes", func() bool { return desk.Warning() == "" })
			clock.pass(q, IdleLimit)
			if s.Stage() != Open {
				t.Error("locked although there was an input")
			}
			clock.pass(q, 2*idleTick)
			if s.Stage() == Open {
				t.Error("never locks again")
			}
		})
	}
}

func TestARunningActIsNotIdle(t *testing.T) {
	work := &fakeWork{}
	s, desk, q, clock := watched(t, work)
	release := make(chan struct{})
	work.act = func(context.Context, string, action.Action, action.Progress) (*action.Result, error) {
		<-release
		return &action.Result{}, nil
	}
	desk.Select(1)
	desk.Run()
	clock.pass(q, 3*IdleLimit)
	if s.Stage() != Open || desk.Warning() != "" {
		t.Fatalf("stage %v, warning %q while an act runs", s.Stage(), desk.Warning())
	}
	close(release)
	q.until("rest", func() bool { return desk.Busy() == nil })
	clock.pass(q, IdleLimit-idleTick)
	if s.Stage() != Open {
		t.Fatal("the countdown did not begin when the act ended")
	}
	clock.pass(q, 2*idleTick)
	if s.Stage() == Open {
		t.Error("not locked after the act")
	}
}

// After a sleep the desk locks with the first tick or the first input,
// whichever comes first, and whatever runs.
func TestWakingLocksAtOnce(t *testing.T) {
	for name, wake := range map[string]func(*Session, *queue, *fakeClock){
		"tick":  func(_ *Session, q *queue, c *fakeClock) { c.fire(q) },
		"input": func(s *Session, _ *queue, _ *fakeClock) { s.Touch() },
		"input, then tick": func(s *Session, q *queue, c *fakeClock) {
			s.Touch()
			c.fire(q)
		},
	} {
		t.Run(name, func(t *testing.T) {
			work := &fakeWork{}
			s, desk, q, clock := watched(t, work)
			work.act = func(ctx context.Context, _ string, _ action.Action, _ action.Progress) (*action.Result, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			desk.Select(1)
			desk.Run()
			clock.now = clock.now.Add(IdleLimit)
			wake(s, q, clock)
			q.until("locked", func() bool { return s.Stage() == Locked })
		})
	}
}

func TestAShortSleepIsIdleTime(t *testing.T) {
	s, desk, q, clock := watched(t, &fakeWork{})
	clock.now = clock.now.Add(IdleLimit - 30*time.Second)
	clock.fire(q)
	if s.Stage() != Open || desk.Warning() == "" {
		t.Errorf("stage %v, warning %q", s.Stage(), desk.Warning())
	}
}

// Putting the clock back must not keep a desk open.
func TestAClockPutBackDoesNotHelp(t *testing.T) {
	s, _, q, clock := watched(t, &fakeWork{})
	for range int(IdleLimit / idleTick) {
		clock.now = clock.now.Add(-time.Hour)
		clock.fire(q)
	}
	if s.Stage() == Open {
		t.Error("still open")
	}
}

// A tick that was on its way when the profile was locked must not touch the
// next one.
func TestALateTickIsDropped(t *testing.T) {
	s, _, q, clock := watched(t, &fakeWork{})
	late := clock.timer
	s.Lock()
	q.until("locked", func() bool { return s.Stage() == Locked })
	s.Unlock("Amina", []byte("open sesame"))
	q.until("open", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
	sets := clock.sets
	late()
	q.drain()
	if clock.sets != sets || s.Stage() != Open {
		t.Error("the late tick was taken for one of the new desk")
	}
}

func TestNothingLocksWhileTheCodeShows(t *testing.T) {
	q, clock := newQueue(t), newFakeClock()
	s := NewSession(&fakeHome{work: &fakeWork{}, code: "CODE-1"}, q, func() {})
	s.LockWhenIdle(clock, 0)
	s.Create("Bola", []byte("same words"), []byte("same words"))
	q.until("the code", func() bool { return s.Stage() == Noting })
	clock.pass(q, time.Hour)
	s.Touch()
	if s.Stage() != Noting || s.Code() == "" {
		t.Fatalf("stage %v", s.Stage())
	}
	s.Noted()
	q.until("rest", func() bool { return s.Desk().Busy() == nil })
	clock.pass(q, idleLeast+2*idleTick)
	if s.Stage() == Open {
		t.Error("the countdown never began")
	}
}
