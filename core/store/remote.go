package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Remote is a place to which results are sent. What its settings mean is known
// to the room that sends; among them are secrets, so that a Remote is not to be
// printed.
type Remote struct {
	ID       RemoteID
	Name     string
	Settings json.RawMessage
	Created  time.Time
}

// RemoteID is the identity of a Remote.
type RemoteID = ID[Remote]

// Format prints the name alone, whatever the verb: the settings hold secrets.
func (r Remote) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "remote %s", r.Name) }

const remoteFields = "id, owner, name, settings, created"

// Remotes lists the remotes, oldest first.
func (s *Store) Remotes(ctx context.Context) ([]Remote, error) {
	return collect(ctx, s, s.scanRemote, "SELECT "+remoteFields+" FROM remote WHERE "+notHeld("remote", "id")+" ORDER BY id")
}

func (s *Store) scanRemote(row scanner) (Remote, error) {
	var (
		r                        Remote
		n                        int64
		owner, settings, created string
	)
	err := row.Scan(&n, &owner, &r.Name, &settings, &created)
	if err != nil {
		return Remote{}, notFound(err)
	}
	if r.ID, err = own[Remote](s, owner, n); err != nil {
		return Remote{}, err
	}
	r.Settings = json.RawMessage(settings)
	r.Created, err = parseTime(created)
	return r, err
}

// PutRemote keeps the settings (marshalled to JSON) of the remote of that name,
// making it when absent. note says for the audit what was done; it holds no
// secret. With note "" nothing is entered.
func (s *Store) PutRemote(ctx context.Context, name string, settings any, note string) (Remote, error) {
	text, err := json.Marshal(settings)
	if err != nil {
		return Remote{}, err
	}
	if name == "" {
		return Remote{}, errors.New("store: a remote needs a name")
	}
	err = s.write(ctx, func(tx writer) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO remote (owner, name, settings, created) VALUES (?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET settings = excluded.settings WHERE owner = excluded.owner`, s.owner, name, string(text), timestamp(s.now()))
		if err != nil || note == "" {
			return err
		}
		return s.enterShare(ctx, tx, name, note)
	})
	if err != nil {
		return Remote{}, err
	}
	return s.scanRemote(s.db.RO.QueryRowContext(ctx, "SELECT "+remoteFields+" FROM remote WHERE name = ? AND "+notHeld("remote", "id"), name))
}

func (s *Store) enterShare(ctx context.Context, tx writer, subject, did string) error {
	return s.enter(ctx, tx, note{kind: AuditShare, subject: subject, detail: map[string]string{"did": did}})
}

// ForgetRemote drops a remote: its settings and secrets, what was seen there,
// and everything that waited to be sent there.
func (s *Store) ForgetRemote(ctx context.Context, id RemoteID) error {
	if err := mine(s, id); err != nil {
		return err
	}
	var files []string
	err := s.write(ctx, func(tx writer) error {
		var name string
		if err := tx.QueryRowContext(ctx, "SELECT name FROM remote WHERE id = ? AND owner = ? AND "+notHeld("remote", "id"), id.N, s.owner).Scan(&name); err != nil {
			return notFound(err)
		}
		var err error
		if files, err = sealedFiles(ctx, tx, "remote = ?", id.N); err != nil {
			return err
		}
		for _, q := range []string{
			"DELETE FROM shipment_part WHERE shipment IN (SELECT id FROM shipment WHERE remote = ?)",
			"DELETE FROM shipment WHERE remote = ?", "DELETE FROM remote_manifest WHERE remote = ?", "DELETE FROM remote WHERE id = ?",
		} {
			if _, err := tx.ExecContext(ctx, q, id.N); err != nil {
				return err
			}
		}
		return s.enterShare(ctx, tx, name, "forgotten")
	})
	if err == nil {
		s.removeSealed(files...)
	}
	return err
}

// ShareKey is the seed of an identity that seals and signs. It is not to be
// printed.
type ShareKey struct {
	Kid  string // fingerprint of the public key
	Seed []byte
}

// Format prints the fingerprint alone.
func (k ShareKey) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "share key %s", k.Kid) }

// ShareKeys lists the seeds, oldest first. The caller clears them.
func (s *Store) ShareKeys(ctx context.Context) ([]ShareKey, error) {
	scan := func(row scanner) (ShareKey, error) {
		var k ShareKey
		var owner string
		err := row.Scan(&owner, &k.Kid, &k.Seed)
		if err == nil && Owner(owner) != s.owner {
			err = fmt.Errorf("share key: %w", ErrForeignRow)
		}
		return k, err
	}
	return collect(ctx, s, scan, "SELECT owner, kid, seed FROM share_key WHERE "+notHeld("share_key", "id")+" ORDER BY id")
}

// AddShareKey keeps a seed; one that is there already is left as it is.
func (s *Store) AddShareKey(ctx context.Context, k ShareKey) error {
	if k.Kid == "" || len(k.Seed) == 0 {
		return errors.New("store: a share key without name or seed")
	}
	return s.write(ctx, func(tx writer) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO share_key (owner, kid, seed, created) VALUES (?, ?, ?, ?) ON CONFLICT (kid) DO NOTHING",
			s.owner, k.Kid, k.Seed, timestamp(s.now()))
		return err
	})
}

// SeenManifests gives every manifest that was seen at a remote, sealed as it
// lay there, by its key.
func (s *Store) SeenManifests(ctx context.Context, id RemoteID) (map[string][]byte, error) {
	if err := s.openRemote(ctx, id); err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	scan := func(row scanner) (struct{}, error) {
		var owner, key string
		var sealed []byte
		if err := row.Scan(&owner, &key, &sealed); err != nil {
			return struct{}{}, err
		}
		if Owner(owner) != s.owner {
			return struct{}{}, fmt.Errorf("manifest: %w", ErrForeignRow)
		}
		out[key] = sealed
		return struct{}{}, nil
	}
	_, err := collect(ctx, s, scan, "SELECT owner, key, sealed FROM remote_manifest WHERE remote = ?", id.N)
	return out, err
}

// SawManifest keeps a manifest that was seen at a remote. What was seen before
// under the same key stays.
func (s *Store) SawManifest(ctx context.Context, id RemoteID, key string, sealed []byte) error {
	if err := s.openRemote(ctx, id); err != nil {
		return err
	}
	return s.write(ctx, func(tx writer) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO remote_manifest (remote, key, owner, sealed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			id.N, key, s.owner, sealed)
		return err
	})
}

// openRemote makes sure that id is a remote of this store that may be used.
func (s *Store) openRemote(ctx context.Context, id RemoteID) error {
	if err := mine(s, id); err != nil {
		return err
	}
	return s.exists(ctx, s.db.RO, "remote", id.N)
}
