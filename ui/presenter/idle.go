package presenter

import "time"

// Clock is the time as the idle lock sees it.
type Clock interface {
	// Now is the wall clock.
	Now() time.Time
	// After calls f once, on whatever goroutine, when d has passed, unless
	// stop was called before.
	After(d time.Duration, f func()) (stop func())
}

// SystemClock is the Clock of this computer.
type SystemClock struct{}

// Now implements Clock. It leaves out the monotonic reading, which on some
// systems stands still while the computer sleeps.
func (SystemClock) Now() time.Time { return time.Now().Round(0) }

// After implements Clock.
func (SystemClock) After(d time.Duration, f func()) (stop func()) {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}

// IdleLimit is how long a desk stays open without an input.
const IdleLimit = 5 * time.Minute

const (
	idleTick    = 5 * time.Second // how often the idle time is looked at
	idleWarning = time.Minute     // how long before the lock it is said
	idleLeast   = 2 * time.Minute // the shortest limit, so that there is time to be warned
)

// idleWords is the warning. It names the mouse because that is always heard;
// a key is, when it changes or starts something.
const idleWords = "Locks in 1 minute. Move the mouse to keep it open."

// idleWatch locks a session that nobody uses. Its rule:
//
//   - An open desk is locked when limit has passed without an input, at most
//     two ticks late. One minute before, the status line says so.
//   - While an act runs (its Busy is set) nobody is idle: the countdown begins
//     when the act ends. Drawing the map is not an act, and a sending by the
//     schedule is nobody's.
//   - When the wall clock moves by limit or more between two looks, the
//     computer slept, or somebody set the clock: the desk is locked at once,
//     even while an act runs, because whoever opens the lid need not be the
//     one who closed it. The system is not asked about sleep, so the desk may
//     be seen after waking until the next look: the first input, or the next
//     tick within five seconds. A sleep shorter than limit counts as idle
//     time.
//   - A clock that is put back does not lengthen the countdown: a tick counts
//     as its own length at least.
//   - While a recovery code is shown nothing is locked, because the code would
//     be lost for good.
type idleWatch struct {
	clock   Clock
	limit   time.Duration
	idle    time.Duration // without an input, up to the last tick
	last    time.Time     // of the last tick
	touched bool          // since the last tick
	stop    func()        // of the next tick
}

// LockWhenIdle has desks locked that get no input for limit, which is at least
// two minutes. It holds from the next profile that is opened on.
func (s *Session) LockWhenIdle(clock Clock, limit time.Duration) {
	s.unwatch()
	s.watch = idleWatch{clock: clock, limit: max(limit, idleLeast)}
}

// watchDesk begins the countdown of a desk that was just opened.
func (s *Session) watchDesk() {
	w := &s.watch
	if w.clock == nil {
		return
	}
	w.idle, w.touched, w.last = 0, false, w.clock.Now()
	s.desk.touch = s.Touch
	s.nextTick(s.desk)
}

func (s *Session) nextTick(desk *Desk) {
	s.watch.stop = s.watch.clock.After(idleTick, func() {
		s.loop.Post(func() { s.tick(desk) })
	})
}

// unwatch ends the countdown.
func (s *Session) unwatch() {
	if s.watch.stop != nil {
		s.watch.stop()
		s.watch.stop = nil
	}
}

// tick looks at the idle time of a desk, unless it was locked meanwhile.
func (s *Session) tick(desk *Desk) {
	if s.Desk() != desk {
		return
	}
	w := &s.watch
	slept := w.slept()
	passed := max(w.clock.Now().Sub(w.last), idleTick)
	w.last = w.clock.Now()
	if w.touched || desk.busy != nil {
		w.idle = 0
	} else {
		w.idle += passed
	}
	w.touched = false
	if slept || w.idle >= w.limit {
		s.Lock()
		return
	}
	s.nextTick(desk)
	s.warn(w.idle >= w.limit-idleWarning)
	desk.runErrand(w.last)
}

// slept reports whether the wall clock moved so far since the last tick that
// nobody can have been there.
func (w *idleWatch) slept() bool { return w.clock.Now().Sub(w.last) >= w.limit }

// warn says that the desk will be locked, or takes that back.
func (s *Session) warn(on bool) {
	desk := s.Desk()
	if desk == nil || on == (desk.warning != "") {
		return
	}
	desk.warning = ""
	if on {
		desk.warning = idleWords
	}
	s.tell()
}

// Touch says that there was an input: a key, the mouse, a dropped file. It may
// be called for every event, and from the middle of one: what it changes is
// shown afterwards.
func (s *Session) Touch() {
	desk := s.Desk()
	if desk == nil || s.watch.clock == nil {
		return
	}
	s.watch.touched = true
	switch {
	case s.watch.slept():
		s.afterwards(desk, s.Lock)
	case desk.warning != "":
		s.watch.idle = 0
		s.afterwards(desk, func() { s.warn(false) })
	}
}

// afterwards does f when the present event is over, if the desk is still the
// one.
func (s *Session) afterwards(desk *Desk, f func()) {
	s.loop.Go(func() {
		s.loop.Post(func() {
			if s.Desk() == desk {
				f()
			}
		})
	})
}

// Warning says that the desk will be locked soon, "" when it will not.
func (d *Desk) Warning() string { return d.warning }

// touched tells the idle watch of an input.
func (d *Desk) touched() {
	if !d.closed && d.touch != nil {
		d.touch()
	}
}
