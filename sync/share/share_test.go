package share_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/remotetest"
	"chatmrpt/sync/share"
)

const passphrase = "correct horse battery"

func now() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }

// desk is one computer with one profile.
type desk struct {
	w    *workspace.Workspace
	code string
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	v, code, err := vault.Create(t.Context(), t.TempDir(), "Amina", []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.FromVault(t.Context(), v, workspace.Options{Project: "default", Version: "test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return &desk{w, code}
}

// around makes surroundings in which every remote is wrapped and nobody waits.
func around(wrap func(remote.Remote) remote.Remote) share.Surroundings {
	return share.Surroundings{
		Dial: func(s share.Settings, now func() time.Time) (remote.Remote, error) {
			r, err := share.Dial(s, now)
			if err != nil || wrap == nil {
				return r, err
			}
			return wrap(r), nil
		},
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func (d *desk) setup(t testing.TB, dir, code string, to ...bundle.Recipient) *share.Account {
	t.Helper()
	a, err := d.trySetup(t, dir, code, to...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func (d *desk) trySetup(t testing.TB, dir, code string, to ...bundle.Recipient) (*share.Account, error) {
	s := share.Settings{User: "amina", Folder: dir, Recipients: to}
	return share.Setup(t.Context(), d.w, "stick", s, []byte(code), vaulttest.Cheap(t), around(nil))
}

func (d *desk) open(t testing.TB, wrap func(remote.Remote) remote.Remote) *share.Account {
	t.Helper()
	a, err := share.Open(t.Context(), d.w, "stick", around(wrap))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// noise does not compress, so that a bundle has as many parts as it is long.
func noise(n int, seed byte) []byte {
	out := make([]byte, n)
	x := uint32(seed)*2654435761 + 1
	for i := range out {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		out[i] = byte(x)
	}
	return out
}

func files(parts int, seed byte) []bundle.File {
	return []bundle.File{
		{Path: "tables/ranking.csv", Data: []byte("ward,rank\nKanariewuri,1\n")},
		{Path: "maps/rank.png", Data: noise((parts-1)*bundle.PartSize+1000, seed)},
	}
}

func queue(t testing.TB, a *share.Account, id string, f []bundle.File) store.Shipment {
	t.Helper()
	s, err := a.Queue(t.Context(), bundle.Results, id, bundle.Entry{Title: "Kwara " + id, Project: "default", Made: now()}, f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tell(string, int, int) {}

const (
	idA = "aaaaaaaaaaaaaaaa"
	idB = "bbbbbbbbbbbbbbbb"
)

func send(t testing.TB, a *share.Account, id string, f []bundle.File) {
	t.Helper()
	if err := a.Deliver(t.Context(), queue(t, a, id, f), tell); err != nil {
		t.Fatal(err)
	}
}

// list gives what lies there as "id version".
func list(t testing.TB, a *share.Account) (out []string) {
	t.Helper()
	found, err := a.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s %d", f.ID, f.Rev))
	}
	return out
}

// wantFiles fails unless the bundle can be fetched and is what was sent.
func wantFiles(t testing.TB, a *share.Account, id string, want []bundle.File) {
	t.Helper()
	found, err := a.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f, err := share.Get(found, id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Fetch(t.Context(), f, tell)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b bundle.File) int { return strings.Compare(a.Path, b.Path) })
	want = slices.Clone(want)
	slices.SortFunc(want, func(a, b bundle.File) int { return strings.Compare(a.Path, b.Path) })
	if len(got) != len(want) {
		t.Fatalf("%d files, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Path != want[i].Path || !bytes.Equal(got[i].Data, want[i].Data) {
			t.Fatalf("%s is not what was sent", want[i].Path)
		}
	}
}

func wantVerified(t testing.TB, a *share.Account) *share.Checked {
	t.Helper()
	c, err := a.Verify(t.Context(), 1, tell)
	if err != nil || len(c.Faults) > 0 {
		t.Fatalf("%+v (%v)", c, err)
	}
	return c
}

func TestSendListFetchVerify(t *testing.T) {
	dir := t.TempDir()
	a := newDesk(t).setup(t, dir, "")
	send(t, a, idA, files(3, 1))
	send(t, a, idB, files(1, 2))
	if got := list(t, a); !slices.Equal(got, []string{idA + " 1", idB + " 1"}) {
		t.Errorf("%v", got)
	}
	wantFiles(t, a, idA[:4], files(3, 1))
	if c := wantVerified(t, a); c.Bundles != 2 || c.Read != 4 || c.Unlisted != 0 {
		t.Errorf("%+v", c)
	}
}

// Sending the same again stores nothing, sending a change replaces, and what is
// alike is not sent twice.
func TestSendingAgain(t *testing.T) {
	d := newDesk(t)
	d.setup(t, t.TempDir(), "")
	count := &remotetest.Faulty{}
	a := d.open(t, func(r remote.Remote) remote.Remote { count.Remote = r; return count })
	send(t, a, idA, files(3, 1))
	if count.Puts() != 4 {
		t.Errorf("%d objects stored, want 3 parts and a manifest", count.Puts())
	}
	before, asked := count.Puts(), count.Requests()
	send(t, a, idA, files(3, 1))
	if count.Puts() != before || count.Requests()-asked > 6 {
		t.Errorf("the same again: %d objects in %d requests", count.Puts()-before, count.Requests()-asked)
	}
	if got := list(t, a); !slices.Equal(got, []string{idA + " 1"}) {
		t.Errorf("%v", got)
	}
	changed := files(3, 1)
	changed[0].Data = []byte("ward,rank\nKanariewuri,2\n") // behind the map in the bundle, so that only the last part changes
	before = count.Puts()
	send(t, a, idA, changed)
	if got := list(t, a); !slices.Equal(got, []string{idA + " 2"}) || count.Puts()-before != 2 {
		t.Errorf("%v with %d objects", got, count.Puts()-before)
	}
	wantFiles(t, a, idA, changed)
	wantVerified(t, a)
}

// A remote that goes down at each of the requests of a sending, before or after
// it did its work: nothing is half visible, and the next sending completes it
// without sending again what got through.
func TestDownAtEveryRequest(t *testing.T) {
	total := 0
	for at := 1; ; at++ {
		done := false
		for _, after := range []bool{false, true} {
			total++
			d := newDesk(t)
			dir := t.TempDir()
			first := d.setup(t, dir, "")
			s := queue(t, first, idA, files(2, 1))
			broken := &remotetest.Faulty{At: at, After: after}
			a := d.open(t, func(r remote.Remote) remote.Remote { broken.Remote = r; return broken })
			err := a.Deliver(t.Context(), s, tell)
			if done = err == nil; done {
				break
			}
			if remote.ClassOf(err) != remote.Offline {
				t.Fatalf("request %d: %v", at, err)
			}
			if got := list(t, first); len(got) > 1 || (len(got) == 1 && !after) {
				t.Fatalf("request %d: half visible: %v", at, got)
			}
			wantVerified(t, first)
			rest := &remotetest.Faulty{}
			again := d.open(t, func(r remote.Remote) remote.Remote { rest.Remote = r; return rest })
			s, err = d.w.Shared().Shipment(t.Context(), s.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := again.Deliver(t.Context(), s, tell); err != nil {
				t.Fatalf("request %d, again: %v", at, err)
			}
			if broken.Puts()+rest.Puts() > 3 {
				t.Fatalf("request %d: %d objects stored for 3", at, broken.Puts()+rest.Puts())
			}
			wantFiles(t, again, idA, files(2, 1))
			if c := wantVerified(t, again); c.Unlisted != 0 {
				t.Fatalf("request %d: %+v", at, c)
			}
		}
		if done {
			break
		}
	}
	if total < 14 {
		t.Errorf("only %d trials", total)
	}
	t.Logf("%d trials", total)
}

// A shipment that was stopped goes on in a new session where it stopped, though
// nothing is left in memory.
func TestASendingGoesOnAfterARestart(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	v, _, err := vault.Create(t.Context(), home, "Amina", []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	o := workspace.Options{Home: home, User: "Amina", Secret: []byte(passphrase), Project: "default", Version: "test", Vault: vaulttest.Cheap(t), Now: now}
	w, err := workspace.FromVault(t.Context(), v, o)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{w: w}
	first := d.setup(t, dir, "")
	s := queue(t, first, idA, files(6, 1))
	broken := &remotetest.Faulty{At: 9}
	if err := d.open(t, func(r remote.Remote) remote.Remote { broken.Remote = r; return broken }).Deliver(t.Context(), s, tell); err == nil {
		t.Fatal("it was not stopped")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w, err = workspace.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	d = &desk{w: w}
	all, err := w.Shared().Shipments(t.Context())
	if err != nil || len(all) != 1 || all[0].Stored == 0 || all[0].Stored == 6 {
		t.Fatalf("%+v (%v)", all, err)
	}
	rest := &remotetest.Faulty{}
	a := d.open(t, func(r remote.Remote) remote.Remote { rest.Remote = r; return rest })
	if err := a.Deliver(t.Context(), all[0], tell); err != nil {
		t.Fatal(err)
	}
	if broken.Puts()+rest.Puts() != 7 {
		t.Errorf("%d and %d objects stored for 7", broken.Puts(), rest.Puts())
	}
	wantFiles(t, a, idA, files(6, 1))
}

// What was changed on the disk while it waited, or was exchanged for another
// user's, is never sent: it is given up, and the person is told to share again.
func TestNothingOfAChangedOutboxIsSent(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	v, _, err := vault.Create(t.Context(), home, "Amina", []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.FromVault(t.Context(), v, workspace.Options{Home: home, User: "Amina", Project: "default", Version: "test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	d := &desk{w: w}
	a := d.setup(t, dir, "")
	s := queue(t, a, idA, files(3, 1))
	sealed, err := filepath.Glob(filepath.Join(home, "users", "*", store.OutboxFolder, "*"))
	if err != nil || len(sealed) != 1 {
		t.Fatal(sealed, err)
	}
	if err := os.WriteFile(sealed[0], noise(4<<20, 9), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.Deliver(t.Context(), s, tell); !problem.Is(err, problem.Store) {
		t.Errorf("it was sent: %v", err)
	}
	s, err = w.Shared().Shipment(t.Context(), s.ID)
	if err != nil || s.State != store.Cancelled || s.Trouble != "lost" || s.Stored != 0 {
		t.Errorf("%+v (%v)", s, err)
	}
	if got := list(t, a); len(got) != 0 {
		t.Errorf("there lies %v", got)
	}
	send(t, a, idA, files(3, 1))
	wantFiles(t, a, idA, files(3, 1))
}

// What waits outlives a change of the profile's key.
func TestWhatWaitsIsSentAfterARotation(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	v, _, err := vault.Create(t.Context(), home, "Amina", []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.FromVault(t.Context(), v, workspace.Options{Home: home, User: "Amina", Project: "default", Version: "test", Vault: vaulttest.Cheap(t), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	s := queue(t, (&desk{w: w}).setup(t, dir, ""), idA, files(2, 1))
	w, _, err = w.Rotate(t.Context(), []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	a := (&desk{w: w}).open(t, nil)
	s, err = w.Shared().Shipment(t.Context(), s.ID)
	if err != nil || s.State != store.Waiting {
		t.Fatalf("%+v (%v)", s, err)
	}
	if err := a.Deliver(t.Context(), s, tell); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, a, idA, files(2, 1))
}

// A new computer joins with the recovery code of the first, sees what the first
// sent, and sends; the first sees it. A wrong code, or none, joins nothing.
func TestASecondComputer(t *testing.T) {
	dir := t.TempDir()
	one, two := newDesk(t), newDesk(t)
	a := one.setup(t, dir, "")
	send(t, a, idA, files(1, 1))
	if _, err := two.trySetup(t, dir, ""); !problem.Is(err, problem.Conflict) {
		t.Errorf("without a code: %v", err)
	}
	if _, err := two.trySetup(t, dir, two.code); !problem.Is(err, problem.Locked) {
		t.Errorf("with a code of another profile: %v", err)
	}
	b := two.setup(t, dir, one.code)
	wantFiles(t, b, idA, files(1, 1))
	send(t, b, idB, files(2, 2))
	wantFiles(t, a, idB, files(2, 2))
	send(t, a, idB, files(2, 3)) // a new version, by the other device
	if got := list(t, b); !slices.Equal(got, []string{idA + " 1", idB + " 2"}) {
		t.Errorf("%v", got)
	}
	wantVerified(t, a)
	wantVerified(t, b)
	// The code of the second leads there too, by now.
	three := newDesk(t).setup(t, dir, two.code)
	wantFiles(t, three, idB, files(2, 3))
}

// Two computers change the same bundle without having seen each other: both
// versions stay.
func TestTwoVersionsAtOnce(t *testing.T) {
	dir := t.TempDir()
	one, two := newDesk(t), newDesk(t)
	a := one.setup(t, dir, "")
	send(t, a, idA, files(1, 1))
	b := two.setup(t, dir, one.code)
	// a looks before b writes, and writes after.
	hold := &between{do: func() { send(t, b, idA, files(1, 2)) }, at: "m/"}
	late := one.open(t, func(r remote.Remote) remote.Remote { hold.Remote = r; return hold })
	send(t, late, idA, files(1, 3))
	found, err := a.List(t.Context())
	if err != nil || len(found) != 1 || found[0].Rev != 2 || len(found[0].Others) != 2 || found[0].Others[1].Rev != 2 && found[0].Others[0].Rev != 2 {
		t.Fatalf("%+v (%v)", found, err)
	}
	wantVerified(t, a)
}

// between does something right before the first object of a shelf is created.
type between struct {
	remote.Remote
	do func()
	at string
}

func (b *between) Create(ctx context.Context, k remote.Key, body remote.Body) (bool, error) {
	if do := b.do; do != nil && strings.HasPrefix(k.String(), b.at) {
		b.do = nil
		do()
	}
	return b.Remote.Create(ctx, k, body)
}

// A profile that was copied to another computer, device id and all: the one
// that comes second goes on under an id of its own, and nothing is lost.
func TestAClonedDevice(t *testing.T) {
	dir := t.TempDir()
	home, copied := t.TempDir(), t.TempDir()
	v, _, err := vault.Create(t.Context(), home, "Amina", []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	o := workspace.Options{Home: home, User: "Amina", Secret: []byte(passphrase), Project: "default", Version: "test", Vault: vaulttest.Cheap(t), Now: now}
	w, err := workspace.FromVault(t.Context(), v, o)
	if err != nil {
		t.Fatal(err)
	}
	one := &desk{w: w}
	a := one.setup(t, dir, "")
	send(t, a, idA, files(1, 1))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(copied, os.DirFS(home)); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(copied, func(p string, e fs.DirEntry, err error) error {
		mode := fs.FileMode(0o600)
		if e.IsDir() {
			mode = 0o700
		}
		return errors.Join(err, os.Chmod(p, mode))
	}); err != nil {
		t.Fatal(err)
	}
	var desks []*desk
	for _, h := range []string{home, copied} {
		o.Home = h
		w, err := workspace.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		desks = append(desks, &desk{w: w})
	}
	first, second := desks[0].open(t, nil), desks[1].open(t, nil)
	send(t, first, idB, files(1, 2))
	// The copy looked before that, as far as it knows: its next number is taken.
	hidden := &blind{hide: "/000000000001"}
	late := desks[1].open(t, func(r remote.Remote) remote.Remote { hidden.Remote = r; return hidden })
	send(t, late, "cccccccccccccccc", files(1, 3))
	if first.Settings().Device == late.Settings().Device {
		t.Error("both go on under one id")
	}
	for _, acc := range []*share.Account{first, second} {
		if got := list(t, acc); len(got) != 3 {
			t.Errorf("%v", got)
		}
		wantVerified(t, acc)
	}
}

// blind leaves an object out of the first listing, as if it came a moment later.
type blind struct {
	remote.Remote
	hide string
	seen bool
}

func (b *blind) List(ctx context.Context, s remote.Shelf) (remote.Listing, error) {
	l, err := b.Remote.List(ctx, s)
	if !b.seen && s == remote.Bundles {
		b.seen = true
		l.Objects = slices.DeleteFunc(l.Objects, func(o remote.Object) bool { return strings.HasSuffix(o.Key.String(), b.hide) })
	}
	return l, err
}

// An office reads what was sealed to it, with its own key and the age format
// alone; the user's backup it does not.
func TestTheOfficeReadsWhatWasSealedToIt(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := bundle.ParseKeys([]byte(id.String()))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	a := newDesk(t).setup(t, dir, "", bundle.Recipient{Name: "office", Key: id.Recipient().String()})
	send(t, a, idA, files(1, 1))
	s, err := a.Queue(t.Context(), bundle.Backup, idB, bundle.Entry{Title: "profile", Made: now()}, files(1, 9))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Deliver(t.Context(), s, tell); err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if _, e := keys.Open(data); e == nil {
			rel, _ := filepath.Rel(filepath.Join(dir, "users", "amina"), p)
			read[strings.Split(filepath.ToSlash(rel), "/")[0]] = true
		}
		return err
	})
	if err != nil || !read["b"] || !read["m"] || read["v"] || read["keys"] {
		t.Errorf("%v (%v)", read, err)
	}
}

// What lies at the remote shows none of the words in it.
func TestNothingCanBeReadAtTheRemote(t *testing.T) {
	dir := t.TempDir()
	d := newDesk(t)
	a := d.setup(t, dir, "")
	send(t, a, idA, files(2, 1))
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		for _, word := range []string{"Kanariewuri", "ranking", "Kwara", "default", "Amina", d.code} {
			if bytes.Contains(data, []byte(word)) || strings.Contains(p, word) {
				t.Errorf("%s shows %s", p, word)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// memory is an office's.
type memory map[string][]byte

func (m memory) Seen(context.Context) (map[string][]byte, error) { return m, nil }

func (m memory) Saw(_ context.Context, key string, sealed []byte) error {
	m[key] = sealed
	return nil
}

// An office finds the users, reads what they published, and refuses what
// somebody else signed.
func TestAnOfficeCollects(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := bundle.ParseKeys([]byte(id.String()))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	a := newDesk(t).setup(t, dir, "", bundle.Recipient{Name: "office", Key: id.Recipient().String()})
	send(t, a, idA, files(2, 1))
	set := share.Settings{Folder: dir}
	users, err := share.Users(t.Context(), set, now)
	if err != nil || !slices.Equal(users, []remote.UserID{"amina"}) {
		t.Fatalf("%v (%v)", users, err)
	}
	set.User = users[0]
	r, err := share.Dial(set, now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	hers := func(k ed25519.PublicKey) bool { return k.Equal(a.Identity().PublicKey()) }
	office := share.NewReader(r, users[0], keys, hers, memory{})
	found, err := office.Published(t.Context())
	if err != nil || len(found) != 1 || found[0].ID != idA {
		t.Fatalf("%+v (%v)", found, err)
	}
	got, err := office.Fetch(t.Context(), found[0], tell)
	if err != nil || len(got) != 2 {
		t.Errorf("%d files (%v)", len(got), err)
	}
	nobody := share.NewReader(r, users[0], keys, func(ed25519.PublicKey) bool { return false }, memory{})
	if _, err := nobody.Published(t.Context()); remote.ClassOf(errors.Unwrap(err)) != remote.Integrity {
		t.Errorf("signed by nobody she knows: %v", err)
	}
}
