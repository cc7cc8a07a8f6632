package bleed

import (
	"context"
	"fmt"
	"image"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/vault"
	"chatmrpt/ui/presenter"
)

// seat is the window without its widgets: a session and the loop that drives
// it. It is used from the test's goroutine.
type seat struct {
	t       testing.TB
	s       *presenter.Session
	queue   chan func()
	busy    *watch
	patient <-chan time.Time // never waits longer than this
}

var _ presenter.Loop = (*seat)(nil)

// Go implements presenter.Loop.
func (s *seat) Go(work func()) { go work() }

// Post implements presenter.Loop.
func (s *seat) Post(f func()) { s.queue <- f }

// newSeat sits down before the profiles of home.
func newSeat(t testing.TB, home string, o vault.Options) *seat {
	t.Helper()
	s := &seat{t: t, queue: make(chan func(), 1<<16), busy: &watch{at: map[string]int{}}, patient: time.After(4 * time.Minute)}
	local := presenter.Local{Folder: home, Temp: t.TempDir(), Version: "test", Now: noon, Vault: o}
	s.s = presenter.NewSession(watchedHome{local, s.busy}, s, func() {})
	s.s.Start()
	s.until(func() bool { _, ready := s.s.Profiles(); return ready })
	return s
}

// turn does one thing the loop was given.
func (s *seat) turn() {
	s.t.Helper()
	select {
	case f := <-s.queue:
		f()
	case <-s.patient:
		s.t.Fatalf("the session hangs in stage %d", s.s.Stage())
	}
}

func (s *seat) until(done func() bool) {
	s.t.Helper()
	for !done() {
		s.turn()
	}
}

// idle waits until nothing runs at the desk.
func (s *seat) idle() {
	s.t.Helper()
	s.until(func() bool {
		d := s.s.Desk()
		return d != nil && d.Busy() == nil && s.busy.total() == 0 && len(s.queue) == 0
	})
}

// unlock opens a profile.
func (s *seat) unlock(name string) {
	s.t.Helper()
	s.s.Unlock(name, []byte(passphrase))
	s.until(func() bool { return s.s.Stage() == presenter.Open || s.s.Trouble() != nil })
	if tr := s.s.Trouble(); tr != nil {
		s.t.Fatalf("%s can't be opened: %+v", name, *tr)
	}
}

// lock locks and waits until the profiles show.
func (s *seat) lock() {
	s.t.Helper()
	s.s.Lock()
	s.until(func() bool { return s.s.Stage() == presenter.Locked })
}

// visible is every word the session shows now.
func (s *seat) visible() string {
	var b strings.Builder
	profiles, _ := s.s.Profiles()
	fmt.Fprintln(&b, profiles, deref(s.s.Trouble()), s.s.Code())
	d := s.s.Desk()
	if d == nil {
		return b.String()
	}
	fmt.Fprintln(&b, d.User(), d.Steps(), d.Selected(), d.Fields(), d.Loaded(), deref(d.Ranking()), d.Summary(), deref(d.Trouble()),
		d.Notes(), d.Folder(), d.Views(), d.Shown(), deref(d.Busy()), d.MadeUp())
	_, instead := d.Picture()
	return b.String() + instead
}

func deref[T any](p *T) string {
	if p == nil {
		return "none"
	}
	return fmt.Sprintf("%+v", *p)
}

// held is every text the session holds anywhere, shown or not, found by
// walking its fields. Nothing may run while it walks.
func (s *seat) held() string {
	var b strings.Builder
	walk(reflect.ValueOf(s.s), map[uintptr]bool{}, &b)
	return b.String()
}

// walk writes every text reachable from v through the presenter's own types
// and those without a package. Workspaces, loops and contexts are not entered.
func walk(v reflect.Value, seen map[uintptr]bool, out *strings.Builder) {
	switch v.Kind() {
	case reflect.String:
		out.WriteString(v.String() + "\n")
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		walk(v.Elem(), seen, out)
	case reflect.Interface:
		walk(v.Elem(), seen, out)
	case reflect.Struct:
		if at := v.Type().PkgPath(); at != "" && !strings.HasSuffix(at, "/presenter") && !strings.HasSuffix(at, "/action") {
			return
		}
		for i := range v.NumField() {
			walk(v.Field(i), seen, out)
		}
	case reflect.Slice, reflect.Array:
		if k := v.Type().Elem().Kind(); k >= reflect.Bool && k <= reflect.Complex128 && k != reflect.Uint8 {
			return
		}
		if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
			out.Write(v.Bytes())
			return
		}
		for i := range v.Len() {
			walk(v.Index(i), seen, out)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			walk(it.Key(), seen, out)
			walk(it.Value(), seen, out)
		}
	}
}

// watch knows what runs in whose workspace.
type watch struct {
	mu   sync.Mutex
	at   map[string]int
	open []string
	bad  []string // what must not be
}

func (w *watch) enter(user string) (leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[user]++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.at[user]--
	}
}

func (w *watch) total() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.at {
		n += k
	}
	return n
}

// opened notes an opening; all others must be closed and at rest.
func (w *watch) opened(user string) {
	n := w.total()
	w.mu.Lock()
	defer w.mu.Unlock()
	if n > 0 || len(w.open) > 0 {
		w.bad = append(w.bad, fmt.Sprintf("%s was opened while %v was open and %d acts ran", user, w.open, n))
	}
	w.open = append(w.open, user)
}

func (w *watch) closed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = nil
}

// found takes what was found wrong so far.
func (w *watch) found() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	bad := w.bad
	w.bad = nil
	return bad
}

// watchedHome is the home of this computer under watch.
type watchedHome struct {
	presenter.Local
	w *watch
}

// Unlock implements presenter.Home.
func (h watchedHome) Unlock(ctx context.Context, name string, secret []byte) (presenter.Workspace, error) {
	w, err := h.Local.Unlock(ctx, name, secret)
	if err != nil {
		return nil, err
	}
	h.w.opened(name)
	return watched{w, h.w, name}, nil
}

// watched is a workspace under watch.
type watched struct {
	presenter.Workspace
	w    *watch
	user string
}

// Do implements presenter.Workspace.
func (w watched) Do(ctx context.Context, act string, a action.Action, tell action.Progress) (*action.Result, error) {
	defer w.w.enter(w.user)()
	return w.Workspace.Do(ctx, act, a, tell)
}

// Ranking implements presenter.Workspace.
func (w watched) Ranking(ctx context.Context) (*presenter.Ranking, error) {
	defer w.w.enter(w.user)()
	return w.Workspace.Ranking(ctx)
}

// Draw implements presenter.Workspace.
func (w watched) Draw(ctx context.Context, m *action.Map, scale float64) (*image.RGBA, error) {
	defer w.w.enter(w.user)()
	return w.Workspace.Draw(ctx, m, scale)
}

// Close implements presenter.Workspace.
func (w watched) Close() error {
	err := w.Workspace.Close()
	w.w.closed()
	return err
}
