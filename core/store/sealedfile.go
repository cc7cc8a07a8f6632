package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"chatmrpt/core/whole"
)

// OutboxFolder stands beside the store, in the profile's folder, and holds what
// is to be sent: a file for each shipment that has not ended, with its sealed
// parts one after the other. Which part lies where, and its hash, is known to
// the store alone, so that a file that was changed, cut or exchanged is found
// out before anything of it is sent. A file no shipment names is what a crash
// left, and goes at the next opening.
const OutboxFolder = "outbox"

var sealedName = regexp.MustCompile(`^[0-9a-f]{32}\.sealed$`)

// ErrPartsGone says that the sealed parts of a shipment are not there any more,
// or are not what was put there.
var ErrPartsGone = errors.New("store: the sealed parts are gone or were changed")

// sealedPath is where a file of sealed parts lies, below the folder of the store.
func sealedPath(name string) string { return OutboxFolder + "/" + name }

// beside is the folder of the store's file, from which no name leads out.
func (s *Store) beside() (*os.Root, error) { return os.OpenRoot(filepath.Dir(s.path)) }

// placed is a sealed part and where it lies.
type placed struct {
	SealedPart
	place int64
}

// writeParts writes parts to a new file, which is on the disk for good when it
// returns, and gives its name. With an error nothing is left of it.
func (s *Store) writeParts(ctx context.Context, parts iter.Seq2[SealedPart, error]) (name string, out []placed, err error) {
	root, err := s.beside()
	if err != nil {
		return "", nil, err
	}
	defer root.Close()
	if err := root.Mkdir(OutboxFolder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", nil, err
	}
	var id [16]byte
	rand.Read(id[:]) // never fails
	name = hex.EncodeToString(id[:]) + ".sealed"
	f, err := root.OpenFile(sealedPath(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", nil, err
	}
	if out, err = copyParts(ctx, f, parts); err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = whole.SyncFolder(root, OutboxFolder)
	}
	if err != nil {
		return "", nil, errors.Join(err, root.Remove(sealedPath(name)))
	}
	return name, out, nil
}

func copyParts(ctx context.Context, w io.Writer, parts iter.Seq2[SealedPart, error]) (out []placed, err error) {
	place := int64(0)
	for p, err := range parts {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		if _, err := w.Write(p.Sealed); err != nil {
			return nil, err
		}
		p.Size, p.Sealed = int64(len(p.Sealed)), nil
		out = append(out, placed{p, place})
		place += p.Size
	}
	return out, nil
}

// readPart reads length bytes at place of a file and checks them by their
// SHA-256, which it gives too.
func (s *Store) readPart(name string, place, length int64, digest string) (sealed []byte, sum [sha256.Size]byte, err error) {
	root, err := s.beside()
	if err != nil {
		return nil, sum, err
	}
	defer root.Close()
	if !sealedName.MatchString(name) || length < 0 {
		return nil, sum, ErrPartsGone
	}
	f, err := root.Open(sealedPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, sum, ErrPartsGone
	}
	if err != nil {
		return nil, sum, err
	}
	defer f.Close()
	sealed = make([]byte, length)
	if _, err := f.ReadAt(sealed, place); errors.Is(err, io.EOF) {
		return nil, sum, ErrPartsGone
	} else if err != nil {
		return nil, sum, err
	}
	if sum = sha256.Sum256(sealed); hex.EncodeToString(sum[:]) != digest {
		return nil, sum, ErrPartsGone
	}
	return sealed, sum, nil
}

// sealedFiles are the names of the files on which shipments rest that have not
// ended and fulfil a condition.
func sealedFiles(ctx context.Context, q querier, where string, args ...any) ([]string, error) {
	return textsOf(ctx, q, "SELECT file FROM shipment WHERE state IN ('waiting', 'paused') AND file <> '' AND "+where, args...)
}

// SealedFiles are the paths, below the profile's folder and with slashes, of the
// files in which something waits to be sent.
func (s *Store) SealedFiles(ctx context.Context) ([]string, error) {
	names, err := sealedFiles(ctx, s.db.RO, "TRUE")
	for i, name := range names {
		names[i] = sealedPath(name)
	}
	return names, err
}

// VerifyOutbox reads everything that waits to be sent. It counts the shipments
// and names those whose sealed parts are gone or were changed.
func (s *Store) VerifyOutbox(ctx context.Context) (waiting int, broken []string, err error) {
	all, err := s.Shipments(ctx)
	if err != nil {
		return 0, nil, err
	}
	for _, sh := range all {
		if sh.State != Waiting && sh.State != Paused {
			continue
		}
		waiting++
		for i := range sh.Parts {
			_, _, err := s.PartBytes(ctx, sh.ID, i)
			if errors.Is(err, ErrPartsGone) {
				broken = append(broken, fmt.Sprintf("%d (%s)", sh.ID.N, sh.Title))
				break
			}
			if err = errors.Join(err, ctx.Err()); err != nil {
				return waiting, broken, err
			}
		}
	}
	return waiting, broken, nil
}

// sweepOutbox removes the files that no shipment rests on, and ends the
// shipments whose file is missing, as in a profile that was put back from a
// backup. It is for the opening, when nothing is being written.
func (s *Store) sweepOutbox(ctx context.Context) error {
	needed, err := sealedFiles(ctx, s.db.RO, "TRUE")
	if err != nil {
		return err
	}
	root, err := s.beside()
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), OutboxFolder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
		if sealedName.MatchString(e.Name()) && !slices.Contains(needed, e.Name()) {
			if err := root.Remove(sealedPath(e.Name())); err != nil {
				return err
			}
		}
	}
	gone := slices.DeleteFunc(needed, func(name string) bool { return there[name] })
	if len(gone) == 0 {
		return nil
	}
	return s.endShipments(ctx, gone)
}

// endShipments gives up shipments whose files are gone.
func (s *Store) endShipments(ctx context.Context, files []string) error {
	return s.transact(ctx, func(tx writer) error {
		for _, name := range files {
			_, err := tx.ExecContext(ctx, "UPDATE shipment SET state = ?, trouble = ?, changed = ? WHERE file = ?", Cancelled, Lost, timestamp(s.now()), name)
			if err != nil {
				return err
			}
		}
		return s.enterShare(ctx, tx, "outbox", fmt.Sprintf("given up: the sealed parts of %d are gone", len(files)))
	})
}

// removeSealed removes files of the outbox. One that can't be removed now goes
// at the next opening, when no shipment names it any more.
func (s *Store) removeSealed(names ...string) {
	root, err := s.beside()
	if err != nil {
		return
	}
	defer root.Close()
	for _, name := range names {
		if sealedName.MatchString(name) {
			_ = root.Remove(sealedPath(name))
		}
	}
}
