package acts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/outbox"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/share"
)

const passphrase = "correct horse battery"

// desk is a profile whose clock and remotes are the test's.
type desk struct {
	w     *workspace.Workspace
	home  string
	clock time.Time
	fail  remote.Class                    // of every sending; "" for none
	stall func(ctx context.Context) error // before every part, when not nil
}

func newDesk(t *testing.T, stick string) *desk {
	t.Helper()
	d := &desk{home: t.TempDir(), clock: time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("WAT", 3600))}
	v, _, err := vault.Create(t.Context(), d.home, "Amina", []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	if d.w, err = workspace.FromVault(t.Context(), v, d.options(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.w.Close() })
	d.do(t, setupOp, &Setup{Remote: "stick", To: stick, ID: "amina", Around: d.around()})
	return d
}

func (d *desk) options(t *testing.T) workspace.Options {
	return workspace.Options{Home: d.home, User: "Amina", Secret: []byte(passphrase), Project: "default", Version: "test", Vault: vaulttest.Cheap(t), Now: func() time.Time { return d.clock }}
}

// around gives the stick, which fails or stalls as the test says.
func (d *desk) around() share.Surroundings {
	return share.Surroundings{
		Dial: func(s share.Settings, now func() time.Time) (remote.Remote, error) {
			r, err := share.Dial(s, now)
			return &moody{r, d}, err
		},
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// moody is a remote that does what its desk says.
type moody struct {
	remote.Remote
	d *desk
}

// Create implements remote.Remote.
func (m *moody) Create(ctx context.Context, k remote.Key, body remote.Body) (bool, error) {
	if m.d.stall != nil {
		return false, m.d.stall(ctx)
	}
	if m.d.fail != "" {
		return false, remote.Fail(m.d.fail, "put", k.String(), errors.New("the test says so"))
	}
	return m.Remote.Create(ctx, k, body)
}

func (d *desk) try(t *testing.T, name string, a action.Action) (*action.Result, error) {
	return action.Do(t.Context(), d.w, name, a, nil)
}

func (d *desk) do(t *testing.T, name string, a action.Action) *action.Result {
	t.Helper()
	r, err := d.try(t, name, a)
	if err != nil {
		t.Fatalf("%s: %v (%v)", name, err, errors.Unwrap(err))
	}
	return r
}

// queue seals something and leaves it waiting.
func (d *desk) queue(t *testing.T, id string) {
	t.Helper()
	a, err := share.Open(t.Context(), d.w, "", d.around())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	files := []bundle.File{{Path: "tables/ranking.csv", Data: []byte("ward,rank\n" + id + ",1\n")}}
	if _, err := a.Queue(t.Context(), bundle.Results, id, bundle.Entry{Title: id, Made: d.clock}, files); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) sendDue(t *testing.T) (*action.Result, error) {
	t.Helper()
	return d.try(t, sendOp, &Send{At: At{Around: d.around()}, Due: true, Tries: 2})
}

// wantDue fails unless the next sending is due at that time of the test's day.
func (d *desk) wantDue(t *testing.T, want string) {
	t.Helper()
	next, err := NextSending(t.Context(), d.w)
	got := ""
	if !next.IsZero() {
		got = next.In(d.clock.Location()).Format("2 15:04")
	}
	if err != nil || got != want {
		t.Fatalf("due %q, want %q (%v)", got, want, err)
	}
}

func bundleID(n int) string { return fmt.Sprintf("%016d", n) }

func TestScheduleSendsWhatWaitsAndNothingElse(t *testing.T) {
	d := newDesk(t, t.TempDir())
	d.queue(t, bundleID(1))
	d.wantDue(t, "") // off, until she says so
	if r, err := d.sendDue(t); err != nil || r.Summary != "Nothing is due to be sent." {
		t.Fatalf("off: %+v, %v", r, err)
	}
	if r := d.do(t, scheduleOp, &Schedule{Every: 6}); r.Summary != "What waits for stick is sent at most every 6 hours." {
		t.Error(r.Summary)
	}
	d.wantDue(t, "2 08:00")
	if r, err := d.sendDue(t); err != nil || r.Summary != "Sent 1 of 1, as scheduled." {
		t.Fatalf("%+v, %v", r, err)
	}
	d.wantDue(t, "") // nothing waits, and nothing is made by itself
	d.clock = d.clock.Add(time.Hour)
	d.queue(t, bundleID(2))
	d.wantDue(t, "2 14:00")
	if r, _ := d.sendDue(t); r.Summary != "Nothing is due to be sent." || len(r.Notices) != 1 || !strings.Contains(r.Notices[0], "2026-03-02 14:00") {
		t.Errorf("before its time: %+v", r)
	}
	status := d.do(t, "sync status", &Status{}).Tables[0]
	if plan, _ := status.Column("schedule"); plan.Format(0) != "at most every 6 hours" {
		t.Errorf("status says %q", plan.Format(0))
	}
	if next, _ := status.Column("next"); next.Format(0) != "2026-03-02 14:00" {
		t.Errorf("status says %q", next.Format(0))
	}
	d.clock = d.clock.Add(5 * time.Hour)
	if r, err := d.sendDue(t); err != nil || r.Summary != "Sent 1 of 1, as scheduled." {
		t.Fatalf("%+v, %v", r, err)
	}

	// Setting the remote up again keeps the schedule; off is off.
	d.do(t, setupOp, &Setup{Remote: "stick", To: d.stick(t), ID: "amina", Around: d.around()})
	d.clock = d.clock.Add(7 * time.Hour)
	d.queue(t, bundleID(3))
	d.wantDue(t, "2 21:00")
	d.do(t, scheduleOp, &Schedule{Off: true})
	d.wantDue(t, "")
}

func (d *desk) stick(t *testing.T) string {
	t.Helper()
	plans, err := share.Plans(t.Context(), d.w)
	if err != nil {
		t.Fatal(err)
	}
	return plans[0].Settings.Folder
}

// A line that breaks is tried before long; what a person must mend waits for
// the next time, and the doctor tells of it.
func TestScheduleAfterAFailure(t *testing.T) {
	for class, want := range map[remote.Class]string{remote.Offline: "2 08:30", remote.Denied: "2 14:00"} {
		d := newDesk(t, t.TempDir())
		d.do(t, scheduleOp, &Schedule{Every: 6})
		d.queue(t, bundleID(1))
		d.fail = class
		if _, err := d.sendDue(t); !problem.Is(err, problem.Remote) {
			t.Errorf("%s: %v", class, err)
		}
		d.wantDue(t, want)
		f, err := checkSharing(t.Context(), d.w)
		if err != nil || f.OK != class.Retry() || (f.Do == "") != f.OK {
			t.Errorf("%s: the doctor says %+v, %v", class, f, err)
		}
		d.fail = ""
		d.clock = d.clock.Add(6 * time.Hour)
		if r, err := d.sendDue(t); err != nil || !strings.HasPrefix(r.Summary, "Sent 1 of 1") {
			t.Errorf("%s: afterwards %+v, %v", class, r, err)
		}
	}
}

// Locking in the middle of a scheduled sending stops it and waits for it; the
// next opening goes on before long.
func TestLockInTheMiddleOfAScheduledSending(t *testing.T) {
	d := newDesk(t, t.TempDir())
	d.do(t, scheduleOp, &Schedule{Daily: "08:30"})
	d.queue(t, bundleID(1))
	d.clock = d.clock.Add(time.Hour)
	sending, stopped := make(chan struct{}), false
	d.stall = func(ctx context.Context) error {
		close(sending)
		<-ctx.Done()
		stopped = true
		return ctx.Err()
	}
	came := make(chan error)
	go func() {
		_, err := d.sendDue(t)
		came <- err
	}()
	<-sending
	if err := d.w.Close(); err != nil {
		t.Fatal(err)
	}
	if !stopped {
		t.Error("locking did not wait for the sending")
	}
	if err := <-came; !problem.Is(err, problem.Interrupted) {
		t.Errorf("%v", err)
	}
	if _, err := d.sendDue(t); !problem.Is(err, problem.Locked) {
		t.Errorf("after the lock: %v", err)
	}

	var err error
	if d.w, err = workspace.Open(t.Context(), d.options(t)); err != nil {
		t.Fatal(err)
	}
	d.stall = nil
	d.wantDue(t, "2 09:30")
	d.clock = d.clock.Add(time.Hour)
	if r, err := d.sendDue(t); err != nil || r.Summary != "Sent 1 of 1, as scheduled." {
		t.Fatalf("%+v, %v", r, err)
	}
	all, err := d.w.Shared().Shipments(t.Context())
	if err != nil || len(all) != 1 || all[0].State != store.Delivered {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestScheduleChecks(t *testing.T) {
	for _, bad := range []Schedule{{Every: -1}, {Every: outbox.MostHours + 1}, {Daily: "noon"}, {Every: 6, Daily: "14:30"}, {Off: true, Every: 6}} {
		if err := bad.Check(); !problem.Is(err, problem.Usage) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for _, good := range []Schedule{{}, {Off: true}, {Every: 6}, {Daily: "14:30"}} {
		if err := good.Check(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
}
