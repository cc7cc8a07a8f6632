// Package share sends results to a remote, finds and fetches what lies there,
// and checks it.
//
// What a user has at a remote is the sum of the manifests of all her devices:
// each device writes a chain of its own (0, 1, 2, …), each manifest naming the
// one before by its hash and what was last seen of the other devices. So two
// devices never write the same object and need no lock, and a manifest that is
// taken away, put back from before, or forged breaks a chain. The newest of a
// chain has nobody behind it to miss it; therefore every manifest ever seen is
// kept in the profile.
//
// Sending is: say what is ours (the object format), read the manifests, send
// the parts that are missing, and last the manifest that lists them. Whatever
// breaks in between, nothing is half visible: parts that no manifest lists are
// found again by their names the next time. Sending the same again sends
// nothing.
package share

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/outbox"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/folder"
	"chatmrpt/sync/remote/s3"
)

// Settings are how a remote is reached and who may read what is sent there.
// They hold secrets and lie in the profile's store; printing them shows where
// they lead and nothing else.
type Settings struct {
	User       remote.UserID      `json:"user"`
	Device     string             `json:"device"` // 16 hexadecimal digits, at random
	Kid        string             `json:"kid"`    // fingerprint of the identity that signs here
	Ring       string             `json:"ring"`   // key ring that was left there for the present recovery code
	Recipients []bundle.Recipient `json:"recipients,omitempty"`

	Folder string `json:"folder,omitempty"` // either this

	Endpoint  string `json:"endpoint,omitempty"` // or these
	Bucket    string `json:"bucket,omitempty"`
	Region    string `json:"region,omitempty"`
	AccessKey string `json:"access_key,omitempty"`
	SecretKey string `json:"secret_key,omitempty"`
	CA        string `json:"ca,omitempty"`
	Pin       string `json:"pin,omitempty"`
	Proxy     string `json:"proxy,omitempty"` // host:port
	ProxyUser string `json:"proxy_user,omitempty"`
	// ProxyPassword goes to the proxy alone.
	ProxyPassword string `json:"proxy_password,omitempty"`

	Rate int `json:"rate,omitempty"` // bytes a second; 0 for no limit

	Schedule outbox.Schedule `json:"schedule,omitzero"` // when what waits is sent without being asked for
}

// Format prints where the settings lead, for every verb.
func (s Settings) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.Where()) }

// Where says where the settings lead, for a person.
func (s Settings) Where() string {
	if s.Folder != "" {
		return s.Folder
	}
	return s.Endpoint + " bucket " + s.Bucket
}

// Surroundings are what a program hands in and a test replaces. The zero value
// is for production.
type Surroundings struct {
	Dial func(s Settings, now func() time.Time) (remote.Remote, error) // nil for Dial
	Wait func(ctx context.Context, d time.Duration) error              // nil for a timer
}

func (s Surroundings) withDefaults() Surroundings {
	if s.Dial == nil {
		s.Dial = Dial
	}
	if s.Wait == nil {
		s.Wait = wait
	}
	return s
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Dial opens the remote that the settings name. It sends nothing.
func Dial(s Settings, now func() time.Time) (remote.Remote, error) {
	if s.Folder != "" {
		return folder.Open(s.Folder, s.User)
	}
	return s3.Open(s.options(now))
}

func (s Settings) options(now func() time.Time) s3.Options {
	return s3.Options{
		Endpoint: s.Endpoint, Bucket: s.Bucket, Region: s.Region, User: s.User, AccessKey: s.AccessKey, SecretKey: s.SecretKey,
		CA: []byte(s.CA), Pin: s.Pin, Rate: s.Rate, Now: now, Proxy: s.Proxy, ProxyUser: s.ProxyUser, ProxyPassword: s.ProxyPassword,
	}
}

// Users lists the users that have something where the settings lead, whoever
// they are; those of an office have the right. User of the settings is not used.
func Users(ctx context.Context, s Settings, now func() time.Time) ([]remote.UserID, error) {
	if s.Folder != "" {
		return folder.Users(s.Folder)
	}
	o := s.options(now)
	o.User = "office" // a client is bound to one; the listing is above all
	return s3.Users(ctx, o)
}

// Account is an open remote of a workspace. It is used by one goroutine at a
// time and must be closed. Errors of its calls are Problems.
type Account struct {
	*Reader
	w      *workspace.Workspace
	shared workspace.Shared
	row    store.Remote
	set    Settings
	around Surroundings

	own    *bundle.Identity
	circle *bundle.Circle // the user and the recipients
	self   *bundle.Circle // the user alone
}

// Open opens the remote of that name. It sends nothing.
func Open(ctx context.Context, w *workspace.Workspace, name string, around Surroundings) (*Account, error) {
	const op = "share"
	row, err := Find(ctx, w, name)
	if err != nil {
		return nil, err
	}
	a := &Account{Reader: &Reader{name: row.Name}, w: w, shared: w.Shared(), row: row, around: around.withDefaults()}
	if a.set, err = readSettings(row); err != nil {
		return nil, err
	}
	if err := a.identify(ctx); err != nil {
		return nil, err
	}
	if a.remote, err = a.around.Dial(a.set, w.Now); err != nil {
		return nil, remote.Problem(err, op, name)
	}
	return a, nil
}

// Find finds the remote of that name, or the only one when name is empty.
func Find(ctx context.Context, w *workspace.Workspace, name string) (store.Remote, error) {
	all, err := w.Shared().Remotes(ctx)
	if err != nil {
		return store.Remote{}, workspace.StoreProblem(err, "share", name)
	}
	if name == "" && len(all) == 1 {
		return all[0], nil
	}
	i := slices.IndexFunc(all, func(r store.Remote) bool { return r.Name == name })
	switch {
	case i >= 0:
		return all[i], nil
	case len(all) == 0:
		return store.Remote{}, problem.New(problem.NotFound, "share", name, "no remote is set up", "Set one up with `mrpt sync setup`")
	case name == "":
		return store.Remote{}, problem.New(problem.Usage, "share", "", "there are several remotes", "Say which with --remote; `mrpt sync status` lists them")
	}
	return store.Remote{}, problem.New(problem.NotFound, "share", name, "there is no remote of this name", "See `mrpt sync status`")
}

// identify loads the identities of the profile and makes the circles.
func (a *Account) identify(ctx context.Context) error {
	rows, err := a.shared.ShareKeys(ctx)
	if err != nil {
		return workspace.StoreProblem(err, "share", a.row.Name)
	}
	var ids []*bundle.Identity
	var signs []string
	for _, r := range rows {
		id, err := bundle.NewIdentity(r.Seed)
		clear(r.Seed)
		if err != nil {
			return problem.New(problem.Store, "share", r.Kid, "a key for sharing is damaged", "Put back a copy of the profile's folder").Because(err)
		}
		ids = append(ids, id)
		signs = append(signs, string(id.PublicKey()))
		if id.Fingerprint() == a.set.Kid {
			a.own = id
		}
	}
	if a.own == nil {
		return problem.New(problem.Store, "share", a.row.Name, "the key for this remote is gone", "Set it up again with the recovery code: --recovery-file")
	}
	a.user, a.keys, a.memory = a.set.User, bundle.KeysOf(ids...), kept{a.shared, a.row.ID}
	a.trusts = func(signer ed25519.PublicKey) bool { return slices.Contains(signs, string(signer)) }
	if a.circle, err = bundle.NewCircle(a.own, a.set.Recipients); err == nil {
		a.self, err = bundle.NewCircle(a.own, nil)
	}
	if err != nil {
		return problem.New(problem.Store, "share", a.row.Name, "a recipient's key is damaged", "Set the remote up again").Because(err)
	}
	return nil
}

// kept is what the profile remembers of a remote.
type kept struct {
	shared workspace.Shared
	id     store.RemoteID
}

// Seen implements Memory.
func (k kept) Seen(ctx context.Context) (map[string][]byte, error) {
	return k.shared.SeenManifests(ctx, k.id)
}

// Saw implements Memory.
func (k kept) Saw(ctx context.Context, key string, sealed []byte) error {
	return k.shared.SawManifest(ctx, k.id, key, sealed)
}

// Name is the name of the remote in the profile.
func (a *Account) Name() string { return a.row.Name }

// Settings are those of the remote, without its secrets.
func (a *Account) Settings() Settings { return a.set.open() }

// Identity is the user's own.
func (a *Account) Identity() *bundle.Identity { return a.own }

// Close lets go of the connections.
func (a *Account) Close() error { return a.remote.Close() }

// save keeps changed settings.
func (a *Account) save(ctx context.Context, note string) error {
	row, err := a.shared.PutRemote(ctx, a.row.Name, a.set, note)
	if err != nil {
		return workspace.StoreProblem(err, "share", a.row.Name)
	}
	a.row, a.memory = row, kept{a.shared, row.ID}
	return nil
}

// newDevice draws the id of a device.
func newDevice() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Explain turns an error of a call that gave one of the remote's or the
// store's, as Deliver does, into a Problem.
func (a *Account) Explain(err error, op string) error { return a.problem(err, op) }

// Dialer is how to open a remote.
func (s Surroundings) Dialer() func(s Settings, now func() time.Time) (remote.Remote, error) {
	return s.withDefaults().Dial
}

// Waiter is how to wait.
func (s Surroundings) Waiter() func(ctx context.Context, d time.Duration) error {
	return s.withDefaults().Wait
}
