package presenter

import (
	"context"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/sync/acts"
	"chatmrpt/sync/remote"
)

// scheduled gives a watched desk with something due in ten seconds, and what
// its sendings do.
func scheduled(t *testing.T, work *fakeWork, send func(ctx context.Context) (*action.Result, error)) (*Session, *Desk, *queue, *fakeClock) {
	t.Helper()
	work.due = newFakeClock().now.Add(2 * idleTick)
	work.act = func(ctx context.Context, name string, a action.Action, _ action.Progress) (*action.Result, error) {
		if s, ok := a.(*acts.Send); !ok || !s.Due {
			return &action.Result{Summary: "Did " + name}, nil
		}
		return send(ctx)
	}
	return watched(t, work)
}

// untilStopped sends until it is stopped.
func untilStopped(ctx context.Context) (*action.Result, error) {
	<-ctx.Done()
	return nil, problem.From(ctx.Err(), "sync send")
}

func TestTheWindowSendsWhatIsDue(t *testing.T) {
	work, line := &fakeWork{}, make(chan struct{})
	_, desk, q, clock := scheduled(t, work, func(context.Context) (*action.Result, error) {
		<-line // or it could be sent before the test looks
		return &action.Result{Summary: "Sent 1 of 1, as scheduled."}, nil
	})
	if work.done() != "" || desk.Errand() != nil {
		t.Fatalf("before its time: %q", work.done())
	}
	work.mu.Lock()
	work.due = time.Time{} // what the store says afterwards
	work.mu.Unlock()
	clock.pass(q, idleTick)
	if desk.Errand() == nil || desk.Busy() != nil {
		t.Fatal("nothing is sent, or the person is kept from working")
	}
	close(line)
	q.until("it is sent", func() bool { return desk.Errand() == nil })
	clock.pass(q, time.Minute)
	if work.done() != "sync send" || desk.Summary() != "Sent 1 of 1, as scheduled." || desk.Trouble() != nil {
		t.Errorf("%q, %q, %+v", work.done(), desk.Summary(), desk.Trouble())
	}
}

// A sending by the schedule neither keeps the desk open nor outlives it, and
// nothing of it is done while another profile is open.
func TestLockingStopsWhatTheScheduleSends(t *testing.T) {
	work, begun := &fakeWork{}, make(chan struct{})
	s, desk, q, clock := scheduled(t, work, func(ctx context.Context) (*action.Result, error) {
		close(begun)
		return untilStopped(ctx)
	})
	clock.pass(q, idleTick)
	if desk.Errand() == nil {
		t.Fatal("nothing is sent")
	}
	<-begun
	clock.pass(q, IdleLimit)
	q.until("the lock", func() bool { return s.Stage() == Locked })
	if !work.isClosed() || desk.Errand() != nil {
		t.Error("the sending kept the workspace open")
	}

	other := &fakeWork{}
	s.home.(*fakeHome).work = other
	s.Unlock("Bisi", []byte("open sesame"))
	q.until("the other desk", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
	for range 100 {
		s.Touch()
		clock.pass(q, time.Minute)
	}
	if s.Desk() == nil || other.done() != "" || work.done() != "sync send" {
		t.Errorf("the other did %q, the first %q", other.done(), work.done())
	}
}

// What a person sends herself comes first; looking at things does not disturb.
func TestAPersonsSendingStopsTheSchedules(t *testing.T) {
	work := &fakeWork{}
	_, desk, q, clock := scheduled(t, work, untilStopped)
	clock.pass(q, idleTick)
	turnToTask(t, desk, 5, "What waits, what was sent")
	desk.Run()
	rest(q, desk)
	if desk.Errand() == nil || desk.Summary() != "Did sync status" {
		t.Fatalf("looking stopped it: %q", desk.Summary())
	}
	turnToTask(t, desk, 5, "Go on sending")
	desk.Run()
	rest(q, desk)
	q.until("the schedule's has ended", func() bool { return desk.Errand() == nil })
	if desk.Trouble() != nil || len(desk.notices) != 0 {
		t.Errorf("%+v %+v", desk.Trouble(), desk.notices)
	}
}

// What fails is not begun again with every tick, and only what a person must
// mend is put before her.
func TestAFailedErrandIsToldOnce(t *testing.T) {
	for class, told := range map[remote.Class]bool{remote.Offline: false, remote.Credentials: true} {
		work := &fakeWork{}
		s, desk, q, clock := scheduled(t, work, func(context.Context) (*action.Result, error) {
			return nil, remote.Problem(remote.Fail(class, "put", "x", nil), "sync send", "office")
		})
		clock.pass(q, idleTick)
		q.until("it failed", func() bool { return desk.Errand() == nil })
		for range 20 {
			s.Touch()
			clock.pass(q, time.Minute)
		}
		if n := len(strings.Fields(work.done())) / 2; n != 1 {
			t.Errorf("%s: tried %d times in 20 minutes", class, n)
		}
		if (desk.Notice() != nil) != told || desk.Trouble() != nil {
			t.Errorf("%s: notice %+v", class, desk.Notice())
		}
		if told && !strings.Contains(desk.Notice().Hint, "access key") {
			t.Errorf("the notice says %+v", desk.Notice())
		}
	}
}

func TestCancellingWhatTheScheduleSends(t *testing.T) {
	work := &fakeWork{}
	_, desk, q, clock := scheduled(t, work, untilStopped)
	clock.pass(q, idleTick)
	desk.Cancel()
	if b := desk.Errand(); b == nil || !b.Stopping {
		t.Fatalf("%+v", b)
	}
	q.until("it has ended", func() bool { return desk.Errand() == nil })
	clock.pass(q, time.Minute)
	if desk.Errand() != nil || desk.Notice() != nil {
		t.Error("it was begun again at once, or complained of")
	}
}
