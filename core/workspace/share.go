package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
)

// Shared is what a profile keeps for sharing its results: the remotes, the keys
// and the outbox. All of it lies in the encrypted store of the profile, so that
// nobody sends anything for a workspace that is closed.
type Shared interface {
	Remotes(ctx context.Context) ([]store.Remote, error)
	PutRemote(ctx context.Context, name string, settings any, note string) (store.Remote, error)
	ForgetRemote(ctx context.Context, id store.RemoteID) error
	ShareKeys(ctx context.Context) ([]store.ShareKey, error)
	AddShareKey(ctx context.Context, k store.ShareKey) error
	OfficeKey(ctx context.Context) ([]byte, error)
	SetOfficeKey(ctx context.Context, secret []byte, note string) error
	SeenManifests(ctx context.Context, id store.RemoteID) (map[string][]byte, error)
	SawManifest(ctx context.Context, id store.RemoteID, key string, sealed []byte) error
	Enqueue(ctx context.Context, n store.NewShipment) (store.Shipment, error)
	Shipments(ctx context.Context) ([]store.Shipment, error)
	Shipment(ctx context.Context, id store.ShipmentID) (store.Shipment, error)
	SetShipment(ctx context.Context, to store.Shipment) error
	ShipmentParts(ctx context.Context, id store.ShipmentID) ([]store.SealedPart, error)
	PartBytes(ctx context.Context, id store.ShipmentID, part int) (sealed []byte, sum [32]byte, err error)
	PartsStored(ctx context.Context, id store.ShipmentID, parts []store.StoredPart) error
}

// Shared gives what the profile keeps for sharing. Its errors are those of the
// store; StoreProblem turns them into Problems.
func (w *Workspace) Shared() Shared { return w.store }

// StoreProblem turns an error of the store into what a person can act on. A
// Problem is left as it is.
func StoreProblem(err error, op, subject string) error {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	return storeProblem(err, op, subject)
}

// ProjectID is the identity of the open project.
func (w *Workspace) ProjectID() store.ProjectID { return w.project.ID }

// Derive gives a subkey of the profile's data key for one purpose; see
// vault.Vault.Derive. The caller clears it.
func (w *Workspace) Derive(label string) ([32]byte, error) { return w.vault.Derive(label) }

// RecoverySlot gives the key slot of the recovery code; see
// vault.Vault.RecoverySlot.
func (w *Workspace) RecoverySlot() ([]byte, error) { return w.vault.RecoverySlot() }

// Snapshot gives the two files that make up the profile, as they are now: the
// key file and the store, encrypted under the key it has. What waits in the
// outbox is not in them; a profile put back from them gives it up. Put into a
// folder users/<id> of any home they are the profile again, opened by its
// passphrase or recovery code. folder is that path, below a home. At most limit
// bytes are read; a larger profile is a BadInput problem.
func (w *Workspace) Snapshot(ctx context.Context, limit int64) (folder string, files map[string][]byte, err error) {
	const op = "backup"
	key, err := w.vault.StoreKey()
	if err != nil {
		return "", nil, err
	}
	defer clear(key)
	name := filepath.Base(w.vault.StorePath())
	tmp := filepath.Join(w.vault.Dir(), name+".copy")
	defer func() {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			if e := os.Remove(tmp + suffix); e != nil && !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, storeProblem(e, op, w.User()))
			}
		}
	}()
	if err := w.store.CopyTo(ctx, tmp, key); err != nil {
		return "", nil, storeProblem(err, op, w.User())
	}
	if size := sizeOf(tmp); size > limit {
		return "", nil, problem.New(problem.BadInput, op, w.User(), "the profile is too large to be sent",
			"Copy its folder to a stick while the program is closed; it is encrypted as it lies")
	}
	data, err := os.ReadFile(tmp)
	if err != nil {
		return "", nil, storeProblem(err, op, w.User())
	}
	vaultFile, err := os.ReadFile(filepath.Join(w.vault.Dir(), "vault.json"))
	if err != nil {
		return "", nil, storeProblem(err, op, w.User())
	}
	return "users/" + w.vault.ID().String(), map[string][]byte{"vault.json": vaultFile, name: data}, nil
}
