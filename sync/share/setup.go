package share

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
)

// The labels of what is derived from a profile's data key (see
// vault.Vault.Derive).
const (
	seedLabel = "chatmrpt/share/1"      // the seed of the profile's own identity
	ringLabel = "chatmrpt/share/ring/1" // the key that seals a key ring
)

// ring is an object of the shelf of key rings: with the recovery code of the
// profile that wrote it, another computer gets the user's identities from it.
type ring struct {
	Format int             `json:"format"` // 1
	Slot   json.RawMessage `json:"slot"`   // of the recovery code; see vault.Vault.RecoverySlot
	Sealed []byte          `json:"sealed"` // nonce and XChaCha20-Poly1305 of the seeds, bound to the user id
}

// maxRings bounds how many rings are tried with a code: each costs a derivation.
const maxRings = 16

// Setup reaches the remote, joins what lies there or begins it, and keeps the
// settings under name. code is the recovery code of the profile that first used
// this user id, when this is another one; the caller clears it. Device and Kid
// of the settings are filled in here.
func Setup(ctx context.Context, w *workspace.Workspace, name string, s Settings, code []byte, kdf vault.Options, around Surroundings) (*Account, error) {
	const op = "sync setup"
	a := &Account{Reader: &Reader{name: name}, w: w, shared: w.Shared(), set: s, around: around.withDefaults(), row: store.Remote{Name: name}}
	if err := a.keepDevice(ctx, name); err != nil {
		return nil, err
	}
	var err error
	if a.remote, err = a.around.Dial(a.set, w.Now); err != nil {
		return nil, remote.Problem(err, op, name)
	}
	if err := a.settle(ctx, code, kdf); err != nil {
		return nil, errors.Join(a.problem(err, op), a.remote.Close())
	}
	return a, nil
}

// keepDevice goes on as the device that was set up under this name before, if
// it led to the same user.
func (a *Account) keepDevice(ctx context.Context, name string) error {
	all, err := a.shared.Remotes(ctx)
	if err != nil {
		return workspace.StoreProblem(err, "sync setup", name)
	}
	a.set.Device = newDevice()
	for _, r := range all {
		var old Settings
		if r.Name != name || json.Unmarshal(r.Settings, &old) != nil {
			continue
		}
		if old.User != a.set.User || old.Where() != a.set.Where() {
			return problem.New(problem.Conflict, "sync setup", name, "a remote of this name leads elsewhere", "Choose another --remote, or forget the old one first: `mrpt sync forget`")
		}
		a.set.Device, a.set.Kid, a.set.Schedule = old.Device, old.Kid, old.Schedule
	}
	return nil
}

func (a *Account) settle(ctx context.Context, code []byte, kdf vault.Options) error {
	if err := a.greet(ctx, true); err != nil {
		return err
	}
	list, err := a.remote.List(ctx, remote.KeyRings)
	if err != nil {
		return err
	}
	own, kid, err := a.ownSeed()
	if err != nil {
		return err
	}
	defer clear(own)
	switch {
	case a.set.Kid != "": // set up before
	case len(list.Objects) == 0:
		a.set.Kid = kid
		err = a.shared.AddShareKey(ctx, store.ShareKey{Kid: kid, Seed: own})
	case len(code) > 0:
		err = a.join(ctx, list, code, kdf)
	default:
		err = a.recognise(ctx)
	}
	if err != nil {
		return err
	}
	if err := a.identify(ctx); err != nil {
		return err
	}
	if err := a.leaveRing(ctx); err != nil {
		return err
	}
	return a.save(ctx, "set up: "+a.set.Where())
}

// ownSeed derives the seed of this profile's own identity.
func (a *Account) ownSeed() (seed []byte, kid string, err error) {
	key, err := a.w.Derive(seedLabel)
	if err != nil {
		return nil, "", err
	}
	id, err := bundle.NewIdentity(key[:])
	if err != nil {
		return nil, "", err
	}
	return key[:], id.Fingerprint(), nil
}

// recognise finds, without a code, that this profile has the identity of the
// manifests that lie there already: it set the place up itself, and its
// settings were forgotten.
func (a *Account) recognise(ctx context.Context) error {
	rows, err := a.shared.ShareKeys(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		id, err := bundle.NewIdentity(r.Seed)
		clear(r.Seed)
		if err != nil {
			return err
		}
		if a.signedBy(ctx, id) {
			a.set.Kid = r.Kid
			return nil
		}
	}
	return problem.New(problem.Conflict, "sync setup", string(a.set.User), "results of this user id lie there already, of another profile",
		"If they are yours, give the recovery code of the profile that sent them, with --recovery-file; if not, ask the office for a user id of your own")
}

// signedBy reports whether the first manifest there, or the first ring, is of
// this identity.
func (a *Account) signedBy(ctx context.Context, id *bundle.Identity) bool {
	for _, shelf := range []remote.Shelf{remote.Bundles, remote.Backups} {
		list, err := a.remote.List(ctx, shelf)
		if err != nil || len(list.Objects) == 0 {
			continue
		}
		sealed, err := a.remote.Get(ctx, list.Objects[0].Key)
		if err != nil {
			return false
		}
		_, signer, err := bundle.KeysOf(id).Read(sealed)
		return err == nil && signer.Equal(id.PublicKey())
	}
	// Nothing was sent yet: the ring of this profile says that it is its own.
	key, err := a.ringKey()
	if err != nil {
		return false
	}
	_, err = a.remote.Get(ctx, key)
	return err == nil
}

// join takes the identities of the user from a ring.
func (a *Account) join(ctx context.Context, list remote.Listing, code []byte, kdf vault.Options) error {
	var last error = problem.New(problem.Locked, "sync setup", "recovery code", "it opens nothing that lies there", "Use the code of the profile that first sent something")
	for _, o := range list.Objects[:min(len(list.Objects), maxRings)] {
		data, err := a.remote.Get(ctx, o.Key)
		if err != nil {
			return err
		}
		seeds, err := openRing(ctx, data, code, a.set.User, kdf)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			last = err
			continue
		}
		return a.adopt(ctx, seeds)
	}
	return last
}

// adopt keeps the seeds of a ring; the first is that with which the user signs.
func (a *Account) adopt(ctx context.Context, seeds [][]byte) error {
	for i, seed := range seeds {
		id, err := bundle.NewIdentity(seed)
		if err != nil {
			return err
		}
		if i == 0 {
			a.set.Kid = id.Fingerprint()
		}
		err = a.shared.AddShareKey(ctx, store.ShareKey{Kid: id.Fingerprint(), Seed: seed})
		clear(seed)
		if err != nil {
			return err
		}
	}
	return nil
}

// openRing gives the seeds of a ring.
func openRing(ctx context.Context, data, code []byte, user remote.UserID, kdf vault.Options) ([][]byte, error) {
	var r ring
	if err := json.Unmarshal(data, &r); err != nil || r.Format != 1 || len(r.Sealed) < chacha20poly1305.NonceSizeX {
		return nil, problem.New(problem.Remote, "sync setup", "key ring", "it is damaged", "Tell the office")
	}
	key, err := vault.DeriveBySlot(ctx, r.Slot, code, ringLabel, kdf)
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	text, err := aead.Open(nil, r.Sealed[:aead.NonceSize()], r.Sealed[aead.NonceSize():], []byte(user))
	if err != nil {
		return nil, problem.New(problem.Remote, "sync setup", "key ring", "it is damaged or another user's", "Tell the office").Because(err)
	}
	defer clear(text)
	var seeds [][]byte
	if err := json.Unmarshal(text, &seeds); err != nil || len(seeds) == 0 || len(seeds) > maxRings {
		return nil, problem.New(problem.Remote, "sync setup", "key ring", "it is damaged", "Tell the office")
	}
	return seeds, nil
}

// ringKey is where the ring of this profile's recovery code lies: named after
// the code's slot and the identity, so that a new code has a new ring.
func (a *Account) ringKey() (remote.Key, error) {
	slot, err := a.w.RecoverySlot()
	if err != nil {
		return remote.Key{}, err
	}
	sum := sha256.Sum256(append([]byte(a.set.Kid+"\n"), slot...))
	return remote.RingKey(hex.EncodeToString(sum[:8]))
}

// leaveRing makes sure that the recovery code which this profile has today
// leads to what lies there.
func (a *Account) leaveRing(ctx context.Context) error {
	key, err := a.ringKey()
	if err != nil || a.set.Ring == key.String() {
		return err
	}
	slot, err := a.w.RecoverySlot()
	if err != nil {
		return err
	}
	text, err := a.seeds(ctx)
	if err != nil {
		return err
	}
	defer clear(text)
	wrap, err := a.w.Derive(ringLabel)
	if err != nil {
		return err
	}
	defer clear(wrap[:])
	aead, err := chacha20poly1305.NewX(wrap[:])
	if err != nil {
		return err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	data, err := json.Marshal(ring{Format: 1, Slot: slot, Sealed: aead.Seal(nonce, nonce, text, []byte(a.set.User))})
	if err != nil {
		return err
	}
	if _, err = a.remote.Create(ctx, key, remote.BodyOf(data)); err == nil {
		a.set.Ring = key.String()
	}
	return err
}

// seeds are the identities' seeds as JSON, the signing one first. The caller
// clears them.
func (a *Account) seeds(ctx context.Context) ([]byte, error) {
	rows, err := a.shared.ShareKeys(ctx)
	if err != nil {
		return nil, err
	}
	var seeds [][]byte
	for _, first := range []bool{true, false} {
		for _, r := range rows {
			if (r.Kid == a.set.Kid) == first {
				seeds = append(seeds, r.Seed)
			}
		}
	}
	defer func() {
		for _, s := range seeds {
			clear(s)
		}
	}()
	if len(seeds) == 0 {
		return nil, errors.New("share: there is no key")
	}
	return json.Marshal(seeds)
}
