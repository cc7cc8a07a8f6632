package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// ShipmentState is how far a shipment is.
type ShipmentState string

// The states. While one of the first two holds, the sealed parts are kept.
const (
	Waiting   ShipmentState = "waiting"   // to be sent, or gone on with
	Paused    ShipmentState = "paused"    // until the person lets it go on
	Delivered ShipmentState = "delivered" // the manifest that lists it lies at the remote
	Cancelled ShipmentState = "cancelled" // the person gave it up
)

// Lost is the trouble of a shipment that was given up because its sealed parts
// are gone or were changed (ErrPartsGone).
const Lost = "lost"

// Shipment is something to be sent to a remote, sealed already.
type Shipment struct {
	ID               ShipmentID
	Remote           RemoteID
	Kind, Title      string
	Entry            json.RawMessage // what its manifest shall say, without the parts
	State            ShipmentState
	Created, Changed time.Time
	Attempts         int       // since something got through
	Next             time.Time // when to try again; zero for at once
	Trouble          string    // what kept it last
	Parts, Stored    int       // how many there are, and lie at the remote
	Bytes, Sent      int64     // the same in sealed bytes
}

// ShipmentID is the identity of a Shipment.
type ShipmentID = ID[Shipment]

// SealedPart is a part of a shipment.
type SealedPart struct {
	Name   string
	SHA256 string // of what lies, or shall lie, at the remote
	Size   int64
	Stored bool
	Sealed []byte // nil when listed
}

// NewShipment is a shipment to be kept.
type NewShipment struct {
	Remote      RemoteID
	Project     ProjectID // whose results it holds; zero for a whole profile
	Kind, Title string
	Parts       iter.Seq2[SealedPart, error] // taken one at a time
	Entry       func() any                   // asked once the parts are taken; marshalled to JSON
}

// Enqueue puts a shipment into the outbox, all of it or none: its parts into a
// file of their own, then what names them into the store.
func (s *Store) Enqueue(ctx context.Context, n NewShipment) (Shipment, error) {
	if err := s.openRemote(ctx, n.Remote); err != nil {
		return Shipment{}, err
	}
	if n.Project != (ProjectID{}) {
		if err := s.opened(ctx, s.db.RO, n.Project); err != nil {
			return Shipment{}, err
		}
	}
	if n.Kind == "" || n.Parts == nil || n.Entry == nil {
		return Shipment{}, errors.New("store: a shipment without kind, parts or entry")
	}
	file, parts, err := s.writeParts(ctx, n.Parts)
	if err != nil {
		return Shipment{}, fmt.Errorf("outbox: %w", err)
	}
	id, err := s.enterShipment(ctx, n, file, parts)
	if err != nil {
		s.removeSealed(file)
		return Shipment{}, err
	}
	return s.Shipment(ctx, id)
}

func (s *Store) enterShipment(ctx context.Context, n NewShipment, file string, parts []placed) (ShipmentID, error) {
	id := ShipmentID{Owner: s.owner}
	entry, err := json.Marshal(n.Entry())
	if err != nil {
		return id, err
	}
	return id, s.write(ctx, func(tx writer) error {
		now := timestamp(s.now())
		project := sql.NullInt64{Int64: n.Project.N, Valid: n.Project != (ProjectID{})}
		res, err := tx.ExecContext(ctx, `INSERT INTO shipment (owner, remote, project, kind, title, entry, state, created, changed, attempts, next, trouble, file)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', ?)`, s.owner, n.Remote.N, project, n.Kind, n.Title, string(entry), Waiting, now, now, file)
		if err != nil {
			return err
		}
		if id.N, err = res.LastInsertId(); err != nil {
			return err
		}
		for i, p := range parts {
			_, err := tx.ExecContext(ctx, `INSERT INTO shipment_part (shipment, ordinal, owner, name, size, sha256, stored, place, length, digest)
				VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`, id.N, i, s.owner, p.Name, p.Size, p.SHA256, p.place, p.Size, p.SHA256)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

const shipmentQuery = `SELECT s.id, s.owner, s.remote, s.kind, s.title, s.entry, s.state, s.created, s.changed, s.attempts, s.next, s.trouble,
	(SELECT count(*) FROM shipment_part p WHERE p.shipment = s.id), (SELECT count(*) FROM shipment_part p WHERE p.shipment = s.id AND p.stored = 1),
	(SELECT coalesce(sum(size), 0) FROM shipment_part p WHERE p.shipment = s.id),
	(SELECT coalesce(sum(size), 0) FROM shipment_part p WHERE p.shipment = s.id AND p.stored = 1) FROM shipment s WHERE `

// Shipments lists the outbox with what became of it, oldest first.
func (s *Store) Shipments(ctx context.Context) ([]Shipment, error) {
	return collect(ctx, s, s.scanShipment, shipmentQuery+notHeld("shipment", "s.id")+" ORDER BY s.id")
}

// Shipment reads one shipment.
func (s *Store) Shipment(ctx context.Context, id ShipmentID) (Shipment, error) {
	if err := mine(s, id); err != nil {
		return Shipment{}, err
	}
	return s.scanShipment(s.db.RO.QueryRowContext(ctx, shipmentQuery+"s.id = ? AND "+notHeld("shipment", "s.id"), id.N))
}

func (s *Store) scanShipment(row scanner) (Shipment, error) {
	var (
		out                                    Shipment
		n, remote                              int64
		owner, entry, created, changed, nextAt string
	)
	err := row.Scan(&n, &owner, &remote, &out.Kind, &out.Title, &entry, &out.State, &created, &changed, &out.Attempts, &nextAt, &out.Trouble,
		&out.Parts, &out.Stored, &out.Bytes, &out.Sent)
	if err != nil {
		return Shipment{}, notFound(err)
	}
	if out.ID, err = own[Shipment](s, owner, n); err != nil {
		return Shipment{}, err
	}
	out.Remote, out.Entry = RemoteID{Owner: s.owner, N: remote}, json.RawMessage(entry)
	if out.Created, err = parseTime(created); err != nil {
		return Shipment{}, err
	}
	if out.Changed, err = parseTime(changed); err != nil {
		return Shipment{}, err
	}
	if nextAt != "" {
		out.Next, err = parseTime(nextAt)
	}
	return out, err
}

// SetShipment moves a shipment that is not at its end: to another state, or to
// a later attempt. A shipment that ends loses its sealed parts and is entered
// in the audit.
func (s *Store) SetShipment(ctx context.Context, to Shipment) error {
	if !slices.Contains([]ShipmentState{Waiting, Paused, Delivered, Cancelled}, to.State) {
		return fmt.Errorf("store: %q is no state of a shipment", to.State)
	}
	if err := mine(s, to.ID); err != nil {
		return err
	}
	next := ""
	if !to.Next.IsZero() {
		next = timestamp(to.Next)
	}
	ended := ""
	err := s.write(ctx, func(tx writer) error {
		var remote, file string
		err := tx.QueryRowContext(ctx, `SELECT r.name, s.file FROM shipment s JOIN remote r ON r.id = s.remote
			WHERE s.id = ? AND s.owner = ? AND s.state IN (?, ?) AND `+notHeld("shipment", "s.id"), to.ID.N, s.owner, Waiting, Paused).Scan(&remote, &file)
		if err != nil {
			return notFound(err)
		}
		_, err = tx.ExecContext(ctx, "UPDATE shipment SET state = ?, changed = ?, attempts = ?, next = ?, trouble = ? WHERE id = ?",
			to.State, timestamp(s.now()), to.Attempts, next, to.Trouble, to.ID.N)
		if err != nil || to.State == Waiting || to.State == Paused {
			return err
		}
		ended = file
		return s.enterShare(ctx, tx, remote, string(to.State)+" "+to.Kind+" "+to.Title)
	})
	if err == nil && ended != "" {
		s.removeSealed(ended)
	}
	return err
}

// ShipmentParts lists the parts of a shipment in order, without their bytes.
func (s *Store) ShipmentParts(ctx context.Context, id ShipmentID) ([]SealedPart, error) {
	if _, err := s.Shipment(ctx, id); err != nil {
		return nil, err
	}
	scan := func(row scanner) (SealedPart, error) {
		var p SealedPart
		var owner string
		err := row.Scan(&owner, &p.Name, &p.SHA256, &p.Size, &p.Stored)
		if err == nil && Owner(owner) != s.owner {
			err = fmt.Errorf("part: %w", ErrForeignRow)
		}
		return p, err
	}
	return collect(ctx, s, scan, "SELECT owner, name, sha256, size, stored FROM shipment_part WHERE shipment = ? ORDER BY ordinal", id.N)
}

// PartBytes reads the sealed bytes of one part (from 0) of a shipment that has
// not ended, and their SHA-256. They are what was put there, or ErrPartsGone.
func (s *Store) PartBytes(ctx context.Context, id ShipmentID, part int) (sealed []byte, sum [sha256.Size]byte, err error) {
	if err := mine(s, id); err != nil {
		return nil, sum, err
	}
	var file, digest string
	var place, length int64
	err = s.db.RO.QueryRowContext(ctx, `SELECT s.file, p.place, p.length, p.digest FROM shipment_part p JOIN shipment s ON s.id = p.shipment
		WHERE p.shipment = ? AND p.ordinal = ? AND p.owner = ? AND s.state IN (?, ?) AND `+notHeld("shipment", "s.id"),
		id.N, part, s.owner, Waiting, Paused).Scan(&file, &place, &length, &digest)
	if err != nil {
		return nil, sum, notFound(err)
	}
	return s.readPart(file, place, length, digest)
}

// StoredPart says that a part (from 0) lies at the remote, as bytes of that
// hash and size: another device may have sealed the same before.
type StoredPart struct {
	Part   int
	SHA256 string
	Size   int64
}

// PartsStored notes what lies at the remote of a shipment's parts.
func (s *Store) PartsStored(ctx context.Context, id ShipmentID, parts []StoredPart) error {
	if err := mine(s, id); err != nil {
		return err
	}
	return s.write(ctx, func(tx writer) error {
		if err := s.exists(ctx, tx, "shipment", id.N); err != nil {
			return err
		}
		for _, p := range parts {
			res, err := tx.ExecContext(ctx, "UPDATE shipment_part SET stored = 1, sha256 = ?, size = ? WHERE shipment = ? AND ordinal = ? AND owner = ?",
				p.SHA256, p.Size, id.N, p.Part, s.owner)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n != 1 {
				return cmp.Or(err, ErrNotFound)
			}
		}
		return nil
	})
}
