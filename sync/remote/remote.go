// Package remote is a place to keep sealed objects: a bucket, or a folder on a
// stick.
//
// A Remote is bound to one user's prefix when it is opened. It takes a Key,
// never a path: a key has one of six shapes, made of lower-case hexadecimal
// digits, digits and slashes, so that whatever an id may contain, nothing
// outside the prefix can be named. Objects are created whole or not at all and
// are never replaced, but for the one lock. What a remote answers is not
// trusted: names that are no keys are counted and left alone, sizes are bounded
// before anything is read, and every error has a Class that says whether to try
// again.
//
// The rooms below hold the kinds of remote: s3 and folder. remotetest is the
// suite that each must pass.
package remote

import (
	"context"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// MaxObject is the largest object, in bytes, that is written or read: a part
// that takes 40 s at 230 kbit/s, small enough to get through a line that keeps
// breaking.
const MaxObject = 1 << 20

// MaxListed bounds how many objects a listing may name before it is taken for
// a lie: 500,000 parts are half a terabyte.
const MaxListed = 500_000

// Remote keeps the objects of one user. It is safe for concurrent use. Every
// error is an *Error.
type Remote interface {
	// Create stores body under key and reports true, or reports false when
	// something is there already, which it leaves as it is. It returns nil only
	// when the remote has confirmed the whole.
	Create(ctx context.Context, key Key, body Body) (created bool, err error)
	// Overwrite stores body under key whatever is there. It is for parts whose
	// object proved to be damaged or gone, and for nothing else.
	Overwrite(ctx context.Context, key Key, body Body) error
	// Get reads an object of at most MaxObject bytes. What is not there is an
	// error of class Absent.
	Get(ctx context.Context, key Key) ([]byte, error)
	// List names what lies under a shelf, sorted by key.
	List(ctx context.Context, shelf Shelf) (Listing, error)
	// Delete removes an object; one that is not there is no error.
	Delete(ctx context.Context, key Key) error
	// Name says where it is, for a person, without any secret.
	Name() string
	// Close lets go of connections.
	Close() error
}

// Body is what an object shall hold, with its SHA-256: whoever has checked or
// made the bytes knows it, and remotes send it along.
type Body struct {
	Data   []byte
	SHA256 [sha256.Size]byte
}

// BodyOf makes the Body of data.
func BodyOf(data []byte) Body { return Body{data, sha256.Sum256(data)} }

// Listing is what lies under a shelf.
type Listing struct {
	Objects []Object
	Strange int // how many names were no keys of ours and were left out
}

// Object is an object of a remote, as the remote describes it.
type Object struct {
	Key      Key
	Size     int64
	Modified time.Time // by the remote's clock
}

// Key is the name of an object within a user's prefix. The zero Key names
// nothing; every remote refuses it.
type Key struct{ path string }

// String gives the key as it stands below the user's prefix.
func (k Key) String() string { return k.path }

// Shelf is a group of keys that is listed together.
type Shelf string

// The shelves.
const (
	Parts     Shelf = "b/"     // sealed parts of bundles and backups
	Bundles   Shelf = "m/"     // manifests of bundles, a chain for each device
	Backups   Shelf = "v/"     // manifests of vault backups, the same
	KeyRings  Shelf = "keys/"  // sealed key rings, one for each recovery code
	LockShelf Shelf = "locks/" // the lease of a prune
)

// check refuses what is no shelf.
func (s Shelf) check() error {
	switch s {
	case Parts, Bundles, Backups, KeyRings, LockShelf:
		return nil
	}
	return fmt.Errorf("remote: %q is no shelf", string(s))
}

var keyShape = regexp.MustCompile(`^(format|keys/[0-9a-f]{16}|b/[0-9a-f]{2}/[0-9a-f]{64}|[mv]/[0-9a-f]{16}/[0-9]{12}|locks/prune)$`)

// ParseKey reads a key as it stands below a user's prefix. It takes the shapes
// of this layout and nothing else.
func ParseKey(path string) (Key, error) {
	if !keyShape.MatchString(path) {
		return Key{}, fmt.Errorf("remote: %q is no key", path)
	}
	if rest, ok := strings.CutPrefix(path, "b/"); ok && rest[:2] != rest[3:5] {
		return Key{}, fmt.Errorf("remote: %q lies in the wrong place", path)
	}
	return Key{path}, nil
}

// FormatKey is the object that says that this is a store of ours, read before
// anything else: a portal that answers everything with a page of its own is
// found out by it.
func FormatKey() Key { return Key{"format"} }

// LockKey is the lease of a prune.
func LockKey() Key { return Key{"locks/prune"} }

// PartKey is the key of a part; name is 64 lower-case hexadecimal digits.
func PartKey(name string) (Key, error) {
	if len(name) < 2 {
		return Key{}, fmt.Errorf("remote: %q is no name of a part", name)
	}
	return ParseKey("b/" + name[:2] + "/" + name)
}

// PartName is the inverse of PartKey; "" for a key that is no part's.
func PartName(k Key) string {
	if !strings.HasPrefix(k.path, string(Parts)) {
		return ""
	}
	return k.path[len("b/00/"):]
}

// maxSequence is the last number a chain can have, twelve digits.
const maxSequence = 999_999_999_999

// ManifestKey is the key of number seq in the chain of a device; chain is
// Bundles or Backups, device 16 lower-case hexadecimal digits.
func ManifestKey(chain Shelf, device string, seq int64) (Key, error) {
	if (chain != Bundles && chain != Backups) || seq < 0 || seq > maxSequence {
		return Key{}, fmt.Errorf("remote: %q has no manifest %d", string(chain), seq)
	}
	return ParseKey(fmt.Sprintf("%s%s/%012d", string(chain), device, seq))
}

// RingKey is the key of a sealed key ring; id is 16 lower-case hexadecimal
// digits.
func RingKey(id string) (Key, error) { return ParseKey("keys/" + id) }

var userShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{2,19}$`)

// UserID is the name of a user at the remote, which decides what he may reach.
type UserID string

// ParseUserID takes 3 to 20 lower-case letters, digits and hyphens, not begun
// by a hyphen. Anything else is refused before it reaches a policy: some
// servers put the name into their rules as a pattern, where a star would open
// the prefixes of others.
func ParseUserID(s string) (UserID, error) {
	if !userShape.MatchString(s) {
		return "", fmt.Errorf("remote: %q can't be a user id", s)
	}
	return UserID(s), nil
}

// Prefix is what every path of the user begins with.
func (u UserID) Prefix() string { return "users/" + string(u) + "/" }

// Path is the full path of a key of this user below the bucket or folder. It
// refuses a zero key and a user that was not parsed.
func (u UserID) Path(k Key) (string, error) {
	if _, err := ParseUserID(string(u)); err != nil {
		return "", err
	}
	if _, err := ParseKey(k.path); err != nil {
		return "", err
	}
	return u.Prefix() + k.path, nil
}

// Shelf is the full path of a shelf of this user.
func (u UserID) Shelf(s Shelf) (string, error) {
	if _, err := ParseUserID(string(u)); err != nil {
		return "", err
	}
	if err := s.check(); err != nil {
		return "", err
	}
	return u.Prefix() + string(s), nil
}

// Admit takes a path from a remote's listing of a shelf, and gives the key it
// is, if it is one of this user's on that shelf and of a size that can be.
func (u UserID) Admit(s Shelf, path string, size int64) (Key, bool) {
	rest, ours := strings.CutPrefix(path, u.Prefix())
	if !ours || !strings.HasPrefix(rest, string(s)) || size < 0 || size > MaxObject {
		return Key{}, false
	}
	k, err := ParseKey(rest)
	return k, err == nil
}
