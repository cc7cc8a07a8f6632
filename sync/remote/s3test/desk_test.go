package s3test_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chatmrpt/core/store"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/outbox"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/s3"
	"chatmrpt/sync/remote/s3test"
	"chatmrpt/sync/share"
)

const passphrase = "correct horse battery"

// desk is a computer with one profile and a user of its own at the server.
type desk struct {
	w      *workspace.Workspace
	home   string
	user   string
	key    s3test.Key
	plain  string // address of the server
	ca     []byte
	waited []time.Duration
}

// users counts the users that were made for desks.
var users atomic.Int64

func workspaceOptions(t testing.TB, home string) workspace.Options {
	return workspace.Options{Home: home, User: "Amina", Secret: []byte(passphrase), Project: "default", Version: "test", Vault: vaulttest.Cheap(t), Now: time.Now}
}

func newDesk(t testing.TB, home string) *desk {
	t.Helper()
	w := newWorkspace(t, home)
	user := fmt.Sprintf("desk-%d", users.Add(1))
	d := &desk{w: w, home: home, user: user, key: keyOf(t, user, "device"), plain: server(t).Plain}
	t.Cleanup(func() { d.w.Close() })
	return d
}

// newWorkspace makes a profile and opens it.
func newWorkspace(t testing.TB, home string) *workspace.Workspace {
	t.Helper()
	v, _, err := vault.Create(t.Context(), home, "Amina", []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.CodeTold(); err != nil {
		t.Fatal(err)
	}
	w, err := workspace.FromVault(t.Context(), v, workspaceOptions(t, home))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// newDeskFor makes the desk of a user that is there already, at any server.
func newDeskFor(t testing.TB, user string, key s3test.Key, plain string) *desk {
	t.Helper()
	d := &desk{w: newWorkspace(t, t.TempDir()), user: user, key: key, plain: plain}
	t.Cleanup(func() { d.w.Close() })
	return d
}

func (d *desk) settings(t testing.TB) share.Settings {
	return share.Settings{User: remote.UserID(d.user), Endpoint: d.plain, Bucket: s3test.Private, AccessKey: d.key.ID, SecretKey: d.key.Secret}
}

func (d *desk) options(t testing.TB) s3.Options {
	s := d.settings(t)
	return s3.Options{Endpoint: s.Endpoint, Bucket: s.Bucket, User: s.User, AccessKey: s.AccessKey, SecretKey: s.SecretKey, CA: d.ca, Now: time.Now}
}

// through makes surroundings in which the server is reached by another address.
func (d *desk) through(t testing.TB, endpoint string) share.Surroundings {
	d.waited = nil
	return around(func(share.Settings) s3.Options {
		o := d.options(t)
		o.Endpoint = endpoint
		return o
	}, &d.waited)
}

func (d *desk) setup(t testing.TB) *share.Account {
	t.Helper()
	a, err := share.Setup(t.Context(), d.w, "office", d.settings(t), nil, vaulttest.Cheap(t), share.Surroundings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func (d *desk) open(t testing.TB, endpoint string) *share.Account {
	t.Helper()
	a, err := share.Open(t.Context(), d.w, "office", d.through(t, endpoint))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// send delivers the trial's shipment as the program does, waiting for nothing.
func (c *trial) send(t testing.TB, endpoint string, tries int) error {
	t.Helper()
	around := c.through(t, endpoint)
	a, err := share.Open(t.Context(), c.w, "office", around)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	w := outbox.Worker{
		Queue: c.w.Shared(), Deliver: func(ctx context.Context, s store.Shipment) error { return a.Deliver(ctx, s, tell) },
		Now: time.Now, Wait: around.Wait, Random: rand.Float64, Tries: tries,
	}
	return w.Send(t.Context(), c.s.ID)
}

func tell(string, int, int) {}

func queue(t testing.TB, a *share.Account, f []bundle.File) store.Shipment {
	t.Helper()
	s, err := a.Queue(t.Context(), bundle.Results, "aaaaaaaaaaaaaaaa", bundle.Entry{Title: "Kwara", Project: "default", Made: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}, f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// small is files of so many bytes that do not compress.
func small(n int, seed uint64) []bundle.File {
	data := make([]byte, n)
	chance := rand.New(rand.NewPCG(seed, 3))
	for i := range data {
		data[i] = byte(chance.Uint32())
	}
	return []bundle.File{{Path: "maps/rank.png", Data: data}, {Path: "tables/ranking.csv", Data: fmt.Appendf(nil, "ward,rank\nx,%d\n", seed)}}
}

// files is a bundle of so many parts.
func files(parts int, seed uint64) []bundle.File {
	return small((parts-1)*bundle.PartSize+1000, seed)
}

// whole fetches what is listed and reports whether all of it is as it was sent;
// nothing listed is whole.
func whole(t testing.TB, a *share.Account, parts int, seed uint64) bool {
	t.Helper()
	return wholeFiles(t, a, files(parts, seed))
}

func wholeFiles(t testing.TB, a *share.Account, want []bundle.File) bool {
	t.Helper()
	found, err := a.List(t.Context())
	if remote.ClassOf(err) == remote.Absent {
		return true
	}
	if err != nil {
		t.Errorf("list: %v", err)
		return false
	}
	for _, f := range found {
		got, err := a.Fetch(t.Context(), f, tell)
		if err != nil || !sameFiles(got, want) {
			t.Errorf("fetch: %v", err)
			return false
		}
	}
	return true
}

func sameFiles(got, want []bundle.File) bool {
	byPath := func(a, b bundle.File) int { return strings.Compare(a.Path, b.Path) }
	slices.SortFunc(got, byPath)
	return slices.EqualFunc(got, want, func(a, b bundle.File) bool { return a.Path == b.Path && bytes.Equal(a.Data, b.Data) })
}

// What the test binary, started again, is told.
const (
	childHome = "SHARE_CHILD_HOME"
	childTo   = "SHARE_CHILD_TO"
)

// TestChild is not a test of its own: it is the process that is killed.
func TestChild(t *testing.T) {
	home, to := os.Getenv(childHome), os.Getenv(childTo)
	if home == "" {
		return
	}
	w, err := workspace.Open(t.Context(), workspaceOptions(t, home))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	a, err := share.Open(t.Context(), w, "office", share.Surroundings{Dial: func(s share.Settings, now func() time.Time) (remote.Remote, error) {
		s.Endpoint = to
		return share.Dial(s, now)
	}})
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.Shared().Shipments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.State == store.Waiting {
			if err := a.Deliver(t.Context(), s, tell); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// killed kills a process that sends once a random number of bytes has left it,
// so that every stage is met: before the first part, amid one, between two,
// around the manifest.
func killed(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c := newTrial(t, 3, seed)
	if err := c.w.Close(); err != nil {
		t.Fatal(err)
	}
	l := newLine(t, server(t).Plain[len("http://"):])
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childHome+"="+c.home, childTo+"="+l.url())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at := chance.Int64N(c.s.Bytes * 11 / 10)
	ended := make(chan struct{})
	go func() {
		cmd.Wait() // how it ended is of no matter
		close(ended)
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for alive := true; alive; {
		select {
		case <-ended:
			alive = false
		case <-tick.C:
			if l.up.Load() > at {
				cmd.Process.Kill()
				<-ended
				alive = false
			}
		}
	}
	var err error
	if c.w, err = workspace.Open(t.Context(), workspaceOptions(t, c.home)); err != nil {
		t.Fatal(err)
	}
	c.heal(t, r, 3, seed)
	if err := c.w.Close(); err != nil {
		t.Error(err)
	}
}
