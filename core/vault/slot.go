package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"chatmrpt/core/vault/internal/kdf"
)

// Slot is a way into a vault.
type Slot string

// The slots of a vault, one of each.
const (
	Passphrase Slot = "passphrase" // what the person chose and knows by heart
	Recovery   Slot = "recovery"   // the code printed once when the profile was made
	InKeyring  Slot = "keyring"    // a random secret in the keyring of the system; off by default
)

// Sizes in bytes, and the name of the one derivation there is.
const (
	keySize     = 32
	saltSize    = 16
	checkSize   = 8
	wrappedSize = chacha20poly1305.NonceSizeX + keySize + chacha20poly1305.Overhead
	kdfName     = "argon2id"
)

// What opening a slot can find wrong.
var (
	// errWrongSecret: the slot is whole and the secret is not its own.
	errWrongSecret = errors.New("wrong secret")
	// errNotTried: it can't be the secret, so nothing was derived.
	errNotTried = fmt.Errorf("%w: not tried", errWrongSecret)
	// errSlotDamaged: the slot can't be opened by any secret any more.
	errSlotDamaged = errors.New("damaged key slot")
)

// slot is a key slot as vault.json holds it: the data key, sealed with
// XChaCha20-Poly1305 under the Argon2id key of a secret. Binary fields are
// base64 text and are decoded on use, so that damage in one slot leaves the
// other usable.
type slot struct {
	Kind      Slot   `json:"kind"`
	KDF       string `json:"kdf"`
	MemoryKiB uint32 `json:"memory_kib"`
	Passes    uint32 `json:"passes"`
	Lanes     uint32 `json:"lanes"`
	Salt      string `json:"salt"`    // 16 bytes
	Wrapped   string `json:"wrapped"` // nonce (24), sealed data key (32), tag (16)
	Check     string `json:"check"`   // first 8 bytes of SHA-256 over associated data and Wrapped
}

// owner is what a slot is bound to besides its own parameters.
type owner struct {
	version int
	id      ID
}

// newSlot seals key under secret for one owner.
func newSlot(ctx context.Context, of owner, kind Slot, secret []byte, key *[keySize]byte, params kdf.Params, random io.Reader) (slot, error) {
	var salt [saltSize]byte
	var nonce [chacha20poly1305.NonceSizeX]byte
	for _, b := range [][]byte{salt[:], nonce[:]} {
		if _, err := io.ReadFull(random, b); err != nil {
			return slot{}, err
		}
	}
	s := slot{Kind: kind, KDF: kdfName, MemoryKiB: params.MemoryKiB(), Passes: params.Passes(), Lanes: params.Lanes(),
		Salt: encode(salt[:])}
	kek, err := params.Key(ctx, secret, salt[:])
	if err != nil {
		return slot{}, err
	}
	defer clear(kek)
	aead, err := chacha20poly1305.NewX(kek)
	if err != nil {
		return slot{}, err
	}
	bound := s.associated(of, salt[:])
	wrapped := aead.Seal(nonce[:], nonce[:], key[:], bound)
	s.Wrapped, s.Check = encode(wrapped), encode(slotCheck(bound, wrapped))
	return s, nil
}

// params are the costs that the slot claims.
func (s slot) params() kdf.Params { return kdf.Stored(s.MemoryKiB, s.Passes, s.Lanes) }

// open unseals the data key into key, which the caller clears. limit says which
// derivation costs are accepted. The error wraps errWrongSecret or
// errSlotDamaged, or is that of a cancelled ctx.
func (s slot) open(ctx context.Context, of owner, secret []byte, limit kdf.Params, key *[keySize]byte) error {
	salt, wrapped, err := s.decode()
	if err != nil {
		return err
	}
	params := s.params()
	if err := limit.Admits(params); err != nil {
		return fmt.Errorf("%w: %w", errSlotDamaged, err)
	}
	kek, err := params.Key(ctx, secret, salt)
	if err != nil {
		return err
	}
	defer clear(kek)
	bound := s.associated(of, salt)
	plain, err := unseal(kek, wrapped, bound)
	if err != nil {
		return s.whyClosed(bound, wrapped)
	}
	copy(key[:], plain)
	clear(plain)
	return nil
}

// unseal opens nonce and ciphertext under kek.
func unseal(kek, wrapped, bound []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(kek)
	if err != nil {
		return nil, err
	}
	nonce, sealed := wrapped[:aead.NonceSize()], wrapped[aead.NonceSize():]
	return aead.Open(nil, nonce, sealed, bound)
}

// whyClosed tells a wrong secret from a damaged slot. The seal alone can't: a
// flipped bit in the salt looks like a wrong passphrase, and the person would
// try for ever. The check is over public bytes and helps nobody to guess.
func (s slot) whyClosed(bound, wrapped []byte) error {
	if want, err := decode(s.Check, checkSize); err != nil || !bytes.Equal(want, slotCheck(bound, wrapped)) {
		return fmt.Errorf("%w: the check does not match", errSlotDamaged)
	}
	return errWrongSecret
}

// decode gives the binary fields, or an error wrapping errSlotDamaged when the
// slot does not have the shape of one.
func (s slot) decode() (salt, wrapped []byte, err error) {
	if s.Kind != Passphrase && s.Kind != Recovery && s.Kind != InKeyring {
		return nil, nil, fmt.Errorf("%w: unknown kind", errSlotDamaged)
	}
	if s.KDF != kdfName {
		return nil, nil, fmt.Errorf("%w: unknown key derivation", errSlotDamaged)
	}
	if salt, err = decode(s.Salt, saltSize); err != nil {
		return nil, nil, fmt.Errorf("%w: salt: %w", errSlotDamaged, err)
	}
	if wrapped, err = decode(s.Wrapped, wrappedSize); err != nil {
		return nil, nil, fmt.Errorf("%w: wrapped key: %w", errSlotDamaged, err)
	}
	return salt, wrapped, nil
}

// verify reports damage that can be seen without a secret. The costs of the
// derivation are not judged here: which are accepted depends on the reader.
func (s slot) verify(of owner) error {
	salt, wrapped, err := s.decode()
	if err != nil {
		return err
	}
	if err := s.whyClosed(s.associated(of, salt), wrapped); errors.Is(err, errSlotDamaged) {
		return err
	}
	return nil
}

// associated is what the seal is bound to, so that a slot can't be moved to
// another profile, passed off as another kind, or have its costs changed.
func (s slot) associated(of owner, salt []byte) []byte {
	return fields("chatmrpt vault slot", fmt.Sprint(of.version), of.id.String(), string(s.Kind), s.KDF,
		fmt.Sprint(s.MemoryKiB), fmt.Sprint(s.Passes), fmt.Sprint(s.Lanes), string(salt))
}

func slotCheck(bound, wrapped []byte) []byte {
	sum := sha256.Sum256(fields(string(bound), string(wrapped)))
	return sum[:checkSize]
}

// fields joins parts, each after its length in eight bytes, big-endian, so
// that no two lists of parts give the same bytes.
func fields(parts ...string) []byte {
	var out []byte
	for _, p := range parts {
		out = binary.BigEndian.AppendUint64(out, uint64(len(p)))
		out = append(out, p...)
	}
	return out
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// decode reads base64 text of exactly size bytes.
func decode(text string, size int) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	if len(b) != size {
		return nil, fmt.Errorf("%d bytes, want %d", len(b), size)
	}
	return b, nil
}
