package encvfs

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// The format's constants; unit.h has the same for the C side.
const (
	keySize   = 32
	saltSize  = 16 // at the start of the main file
	pageSize  = 4096
	tagSize   = 16
	nonceSize = 12
	overhead  = tagSize + nonceSize // behind each sealed unit
	lockPage  = 1 << 30 / pageSize  // 0-based; SQLite never reads or writes it
)

// role is the kind of a file, which picks its sub-key. The numbers are those
// of the enum in unit.h.
type role int

const (
	roleMain    role = 1
	roleWAL     role = 2
	roleJournal role = 3
)

// String is the role's name in the derivation of its sub-key.
func (r role) String() string {
	switch r {
	case roleMain:
		return "main"
	case roleWAL:
		return "wal"
	case roleJournal:
		return "journal"
	}
	return fmt.Sprintf("role %d", int(r))
}

// errKeySize is what a key of another length gets.
var errKeySize = errors.New("encvfs: a key has 32 bytes")

// subKey derives the AEAD of one role of the database with the given salt:
// HKDF-SHA256 with the data key as secret and "encvfs/1/<role>" as info.
func subKey(key, salt []byte, r role) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, errKeySize
	}
	k, err := hkdf.Key(sha256.New, key, salt, "encvfs/1/"+r.String(), keySize)
	if err != nil {
		return nil, err
	}
	defer clear(k)
	return newAEAD(k)
}

// newAEAD is AES-256-GCM with its usual 12-byte nonce and 16-byte tag.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealer seals and opens the units of one open file. It is not safe for
// concurrent use: SQLite uses a file handle from one thread at a time.
type sealer struct {
	aead cipher.AEAD
	wear *wear
	// last says that the key's reserve may be used: for the main file, whose
	// writes finish (checkpoint) or undo (rollback) what was begun.
	last bool

	aad   [8]byte
	nonce [nonceSize]byte
	pool  [64 * nonceSize]byte // one call to the system's random source for 64 nonces
	left  int
}

// seal writes the unit's ciphertext, tag and nonce to dst, which has room for
// len(plain)+overhead bytes. It reports false when the key is worn.
func (s *sealer) seal(dst []byte, unit uint64, plain []byte) bool {
	if !s.wear.spend(s.last) {
		return false
	}
	binary.BigEndian.PutUint64(s.aad[:], unit)
	nonce := s.nextNonce()
	n := len(plain) + tagSize
	s.aead.Seal(dst[:0:n], nonce, plain, s.aad[:])
	copy(dst[n:], nonce)
	return true
}

// open is the way back: sealed is ciphertext, tag and nonce, dst has room for
// len(sealed)-overhead bytes. It reports false when the unit is not genuine.
func (s *sealer) open(dst []byte, unit uint64, sealed []byte) bool {
	n := len(sealed) - nonceSize
	if n < tagSize {
		return false
	}
	binary.BigEndian.PutUint64(s.aad[:], unit)
	copy(s.nonce[:], sealed[n:])
	_, err := s.aead.Open(dst[:0:n-tagSize], s.nonce[:], sealed[:n], s.aad[:])
	if err != nil && s.last {
		s.wear.forged.Store(true)
	}
	return err == nil
}

func (s *sealer) nextNonce() []byte {
	if s.left == 0 {
		rand.Read(s.pool[:]) // never fails, by its contract
		s.left = len(s.pool)
	}
	copy(s.nonce[:], s.pool[len(s.pool)-s.left:])
	s.left -= nonceSize
	return s.nonce[:]
}
