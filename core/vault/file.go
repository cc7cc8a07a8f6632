package vault

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// The format of vault.json. Version 2 names the store, whose name changes when
// the key is rotated; in version 1 it is data.db. Both are read, 2 is written
// for new profiles and rotated ones. A profile of version 1 stays one when its
// passphrase changes: the slots are bound to the version, and the other one
// can't be sealed anew without its secret. Any other version is refused.
const (
	formatName    = "chatmrpt vault"
	formatVersion = 2
	oldestVersion = 1
	maxFileBytes  = 64 << 10
	maxSlots      = 8
)

// Labels of the subkeys this room uses itself.
const (
	sealLabel  = "chatmrpt/vault/1"
	storeLabel = "chatmrpt/store/1"
)

// What reading vault.json can find wrong.
var (
	errDamaged = errors.New("damaged vault.json")
	errNewer   = errors.New("vault.json of another version of the program")
	errOwner   = errors.New("vault.json of another profile")
)

// file is vault.json. Whoever can read it learns the display name and when the
// profile was made, nothing else.
type file struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	ID      ID        `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Store   string    `json:"store,omitempty"` // name of the store's file; none in version 1
	Seal    string    `json:"seal"`            // HMAC-SHA256 of the fields above under a subkey of the data key
	Slots   []slot    `json:"slots"`
}

func (f *file) owner() owner { return owner{version: f.Version, id: f.ID} }

// storeFile is the name of the store's file.
func (f *file) storeFile() string {
	if f.Version == oldestVersion {
		return storeName
	}
	return f.Store
}

// encodeFile writes f as UTF-8 JSON, indented, ending in a line feed.
func encodeFile(f *file) ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// decodeFile reads vault.json from the folder of the user id. It refuses
// unknown fields, and anything but one document (checkVersion sees to that). The error wraps errDamaged,
// errNewer or errOwner. The slots are not looked into, so that one damaged
// slot does not bar the other; see slot.verify.
func decodeFile(data []byte, id ID) (*file, error) {
	if len(data) > maxFileBytes || !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: not a text file of the expected size", errDamaged)
	}
	if err := checkVersion(data); err != nil {
		return nil, err
	}
	f := new(file)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if err := f.check(id); err != nil {
		return nil, err
	}
	return f, nil
}

// checkVersion looks at format and version alone: a newer version may hold
// fields this one does not know.
func checkVersion(data []byte) error {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	if head.Format != formatName {
		return fmt.Errorf("%w: format not named", errDamaged)
	}
	if head.Version < oldestVersion || head.Version > formatVersion {
		return fmt.Errorf("%w: version %d", errNewer, head.Version)
	}
	return nil
}

// check holds f against the rules of the format and the folder it lies in.
func (f *file) check(id ID) error {
	if f.ID != id || f.ID.IsZero() {
		return errOwner
	}
	if clean, err := cleanName(f.Name); err != nil || clean != f.Name {
		return fmt.Errorf("%w: display name", errDamaged)
	}
	if f.Created.IsZero() {
		return fmt.Errorf("%w: no time of creation", errDamaged)
	}
	if (f.Version == oldestVersion && f.Store != "") || !isStoreName(f.storeFile()) {
		return fmt.Errorf("%w: name of the store", errDamaged)
	}
	if len(f.Slots) == 0 || len(f.Slots) > maxSlots {
		return fmt.Errorf("%w: %d key slots", errDamaged, len(f.Slots))
	}
	for i, s := range f.Slots {
		if slices.ContainsFunc(f.Slots[:i], func(o slot) bool { return o.Kind == s.Kind }) {
			return fmt.Errorf("%w: two key slots of one kind", errDamaged)
		}
	}
	return nil
}

// verifySlots reports the first slot whose damage can be seen without a secret.
func (f *file) verifySlots() error {
	for _, s := range f.Slots {
		if err := s.verify(f.owner()); err != nil {
			return fmt.Errorf("%s: %w", s.Kind, err)
		}
	}
	return nil
}

// slot finds the slot of a kind.
func (f *file) slot(kind Slot) (slot, bool) {
	i := slices.IndexFunc(f.Slots, func(s slot) bool { return s.Kind == kind })
	if i < 0 {
		return slot{}, false
	}
	return f.Slots[i], true
}

// seal sets the seal of f's own fields under the data key.
func (f *file) seal(key *[keySize]byte) error {
	sum, err := f.sealOf(key)
	f.Seal = encode(sum)
	return err
}

// checkSeal tells whether the fields of f are those that the holder of key
// wrote. It also ties a slot to its one data key, which XChaCha20-Poly1305
// does not: a slot made to open to different keys under different secrets
// fails here.
func (f *file) checkSeal(key *[keySize]byte) error {
	want, err := f.sealOf(key)
	if err != nil {
		return err
	}
	got, err := decode(f.Seal, sha256.Size)
	if err != nil || !hmac.Equal(got, want) {
		return fmt.Errorf("%w: it was changed outside the program", errDamaged)
	}
	return nil
}

func (f *file) sealOf(key *[keySize]byte) ([]byte, error) {
	sub, err := subkey(key[:], sealLabel)
	if err != nil {
		return nil, err
	}
	defer clear(sub)
	mac := hmac.New(sha256.New, sub)
	sealed := []string{f.Format, fmt.Sprint(f.Version), f.ID.String(), f.Name, f.Created.UTC().Format(time.RFC3339Nano)}
	if f.Version > oldestVersion {
		sealed = append(sealed, f.Store)
	}
	mac.Write(fields(sealed...))
	return mac.Sum(nil), nil
}

// subkey is HKDF-SHA256 (RFC 5869) of key, without salt, with label as info,
// 32 bytes long. The caller clears it.
func subkey(key []byte, label string) ([]byte, error) {
	return hkdf.Key(sha256.New, key, nil, label, keySize)
}
