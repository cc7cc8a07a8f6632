package bleed

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chatmrpt/core/store"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/s3"
	"chatmrpt/sync/share"
)

// hostileNames are what an id may hold that somebody else made.
func hostileNames() []string {
	return []string{
		"", ".", "..", "../bola", "bola/../amina", "/", "//", "al*", "am?na", "amina/", "amina/../bola", "amina\x00", "amina\n", "AMINA", "${aws:username}",
		"%2e%2e%2fbola", "..\\bola", "amina bola", "amínа", strings.Repeat("a", 21), "-amina", "*", "am",
	}
}

// seen is a server that notes what it is asked for and does it for nobody.
type seen struct {
	mu    sync.Mutex
	paths []string
}

// ServeHTTP implements http.Handler.
func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if p := r.URL.Query().Get("prefix"); p != "" {
		path += "/" + p
	}
	s.mu.Lock()
	s.paths = append(s.paths, path)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
}

// T14, cause 6: the store that users share. Here the client: whatever an id
// holds, nothing outside the user's own prefix is ever asked for. That the
// server denies it all the same is tried on a real one, by the test of the same
// name in sync/remote/s3test.
func TestBleed_T14_SharedStore(t *testing.T) {
	l := open(t, "6", "every call of the client with hostile ids; nothing sent once A is closed")
	t.Run("ids", func(*testing.T) { hostileIDs(l) })
	t.Run("requests", func(t *testing.T) { onlyOwnRequests(t, l) })
	t.Run("two in one folder", func(t *testing.T) { twoInOneFolder(t, l) })
	t.Run("closed", func(t *testing.T) { nothingAfterClosing(t, l) })
}

func hostileIDs(l *ledger) {
	for _, name := range hostileNames() {
		l.trial()
		if u, err := remote.ParseUserID(name); err == nil {
			l.bled("%q is taken for the user %q", name, u)
		}
		dir := l.TempDir()
		for _, s := range []share.Settings{{User: remote.UserID(name), Folder: dir}, {User: remote.UserID(name), Endpoint: "https://127.0.0.1:1", Bucket: "runs"}} {
			if r, err := share.Dial(s, noon); err == nil {
				l.bled("a remote was opened for the user %q: %s", name, r.Name())
			}
		}
		_, part := remote.PartKey(name)
		_, ring := remote.RingKey(name)
		_, manifest := remote.ManifestKey(remote.Bundles, name, 0)
		_, parsed := remote.ParseKey("b/" + name)
		_, users := remote.ParseKey("../bola/" + name)
		for i, err := range []error{part, ring, manifest, parsed, users} {
			l.trial()
			if err == nil {
				l.bled("%q was taken as key %d", name, i)
			}
		}
	}
}

func onlyOwnRequests(t *testing.T, l *ledger) {
	log := &seen{}
	srv := httptest.NewServer(log)
	defer srv.Close()
	b, err := s3.Open(s3.Options{Endpoint: srv.URL, Bucket: "runs", User: "amina", AccessKey: "k", SecretKey: "s"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	hex := strings.Repeat("0123456789abcdef", 4)
	part, e1 := remote.PartKey(hex)
	ring, e2 := remote.RingKey(hex[:16])
	manifest, e3 := remote.ManifestKey(remote.Backups, hex[:16], 7)
	if err := errors.Join(e1, e2, e3); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for _, k := range []remote.Key{part, ring, manifest, remote.FormatKey(), remote.LockKey(), {}} {
		b.Create(ctx, k, remote.BodyOf([]byte("x")))
		b.Overwrite(ctx, k, remote.BodyOf([]byte("x")))
		b.Get(ctx, k)
		b.Delete(ctx, k)
	}
	for _, s := range append(hostileNames(), "b/", "m/", "v/", "keys/", "locks/", "users/bola/") {
		b.List(ctx, remote.Shelf(s))
	}
	if len(log.paths) < 20 {
		t.Fatalf("only %d requests were made", len(log.paths))
	}
	for _, p := range log.paths {
		l.trial()
		own := strings.HasPrefix(p, "/runs/users/amina/") || strings.HasPrefix(p, "/runs//users/amina/")
		if !own || strings.Contains(p, "..") || strings.Contains(p, "%") {
			l.bled("asked for %s", p)
		}
	}
}

// sharer opens the profile and sets a folder up as its remote.
func sharer(t *testing.T, p *person, home, dir, user string, wrap func(remote.Remote) remote.Remote) (*workspace.Workspace, *share.Account) {
	t.Helper()
	w := p.create(t, home, p.project())
	around := share.Surroundings{Dial: func(s share.Settings, now func() time.Time) (remote.Remote, error) {
		r, err := share.Dial(s, now)
		if err == nil && wrap != nil {
			r = wrap(r)
		}
		return r, err
	}}
	a, err := share.Setup(t.Context(), w, "stick", share.Settings{User: remote.UserID(user), Folder: dir}, nil, vaulttest.Cheap(t), around)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); w.Close() })
	return w, a
}

func queued(t *testing.T, a *share.Account, p *person) store.Shipment {
	t.Helper()
	s, err := a.Queue(t.Context(), bundle.Results, "aaaaaaaaaaaaaaaa", bundle.Entry{Title: p.canary, Made: noon()},
		[]bundle.File{{Path: "ranking.csv", Data: []byte(p.canary)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func quiet(string, int, int) {}

// twoInOneFolder: Amina and Bola send to one stick, from one computer. Neither
// finds, reads or opens anything of the other's.
func twoInOneFolder(t *testing.T, l *ledger) {
	home, dir := t.TempDir(), t.TempDir()
	a, b := amina(t), bola(t)
	wa, mine := sharer(t, a, home, dir, "amina", nil)
	if err := mine.Deliver(t.Context(), queued(t, mine, a), quiet); err != nil {
		t.Fatal(err)
	}
	if err := wa.Close(); err != nil {
		t.Fatal(err)
	}
	wb, others := sharer(t, b, home, dir, "bola", nil)
	l.trial()
	if found, err := others.List(t.Context()); err != nil || len(found) != 0 {
		l.bled("Bola finds %v (%v)", found, err)
	}
	l.trial()
	rows, err := wb.Shared().Remotes(t.Context())
	if err != nil || len(rows) != 1 {
		l.bled("Bola has %d remotes (%v)", len(rows), err)
	}
	sent, err := wb.Shared().Shipments(t.Context())
	if err != nil || len(sent) != 0 {
		l.bled("Bola has %d shipments (%v)", len(sent), err)
	}
	keys := bundle.KeysOf(others.Identity())
	for path, data := range tree(t, dir) {
		l.trial()
		if _, err := keys.Open(data); strings.Contains(path, "users/amina/") && err == nil {
			l.bled("Bola's key opens %s", path)
		}
		if a.holds(string(data)) || a.holds(path) {
			l.bled("%s shows Amina's canary", path)
		}
	}
	// Setting up with Amina's id tells Bola that it is taken, and no more.
	l.trial()
	_, err = share.Setup(t.Context(), wb, "other", share.Settings{User: "amina", Folder: dir}, nil, vaulttest.Cheap(t), share.Surroundings{})
	if err == nil || a.holds(err.Error()) {
		l.bled("Bola joined Amina's place (%v)", err)
	}
}

// gate lets nothing through until it is opened, and counts what comes after.
type gate struct {
	remote.Remote
	arrived chan struct{}
	once    sync.Once
	mu      sync.Mutex
	closed  bool
	late    []string
}

// Create implements remote.Remote.
func (g *gate) Create(ctx context.Context, k remote.Key, body remote.Body) (bool, error) {
	if strings.HasPrefix(k.String(), "b/") {
		g.once.Do(func() { close(g.arrived) })
		<-ctx.Done()
		return false, remote.Fail(remote.Cancelled, "put", k.String(), ctx.Err())
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		g.late = append(g.late, k.String())
	}
	return g.Remote.Create(ctx, k, body)
}

// nothingAfterClosing: Amina's profile is closed while she sends. The sending
// ends before Close returns, what waited still waits, and nothing of hers is
// sent once Bola's profile is open.
func nothingAfterClosing(t *testing.T, l *ledger) {
	home, dir := t.TempDir(), t.TempDir()
	a, b := amina(t), bola(t)
	g := &gate{arrived: make(chan struct{})}
	wa, mine := sharer(t, a, home, dir, "amina", func(r remote.Remote) remote.Remote { g.Remote = r; return g })
	s := queued(t, mine, a)
	ended := make(chan error, 1)
	go func() {
		ended <- wa.Do(context.Background(), func(ctx context.Context) error { return mine.Deliver(ctx, s, quiet) })
	}()
	<-g.arrived
	l.trial()
	if err := wa.Close(); err != nil {
		t.Fatal(err)
	}
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	select {
	case err := <-ended:
		if err == nil {
			l.bled("Amina's results were sent")
		}
	default:
		l.bled("Amina's sending goes on after her profile was closed")
	}
	b.create(t, home, b.project()).Close()
	l.trial()
	if err := mine.Deliver(context.Background(), s, quiet); err == nil {
		l.bled("Amina's results were sent while Bola works")
	}
	if len(g.late) > 0 {
		l.bled("sent after closing: %v", g.late)
	}
	again := a.reopen(t, home, a.project())
	all, err := again.Shared().Shipments(t.Context())
	if err != nil || !slices.ContainsFunc(all, func(s store.Shipment) bool { return s.State == store.Waiting }) {
		t.Errorf("what waited is lost: %v (%v)", all, err)
	}
}
