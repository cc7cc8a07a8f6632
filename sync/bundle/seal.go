package bundle

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
)

// The labels of what is derived from an identity's seed (HKDF-SHA256, no salt).
const (
	openLabel = "chatmrpt/share/open/1"
	signLabel = "chatmrpt/share/sign/1"
	nameLabel = "chatmrpt/share/name/1"
)

// SeedSize is the size of an identity's seed in bytes.
const SeedSize = 32

// Identity is who a user is to the world outside: a key that opens what was
// sealed to him, one that signs, and one that names parts. All come from one
// seed. Printing an Identity shows its fingerprint and nothing else.
type Identity struct {
	open *age.HybridIdentity
	sign ed25519.PrivateKey
	name []byte
}

// NewIdentity derives the identity of a seed of SeedSize bytes, which the
// caller clears.
func NewIdentity(seed []byte) (*Identity, error) {
	if len(seed) != SeedSize {
		return nil, fmt.Errorf("bundle: a seed has %d bytes, not %d", SeedSize, len(seed))
	}
	var keys [3][]byte
	for i, label := range []string{openLabel, signLabel, nameLabel} {
		key, err := hkdf.Key(sha256.New, seed, nil, label, 32)
		if err != nil {
			return nil, err
		}
		keys[i] = key
	}
	opener, err := age.ParseHybridIdentity(encodeBech32("AGE-SECRET-KEY-PQ-", keys[0]))
	clear(keys[0])
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	return &Identity{open: opener, sign: ed25519.NewKeyFromSeed(keys[1]), name: keys[2]}, nil
}

// Recipient is the public key to which others seal what this identity shall
// open, as the age tool writes it.
func (i *Identity) Recipient() string { return i.open.Recipient().String() }

// Secret is the private key that opens what was sealed to this identity, as the
// age tool reads it: for the day when this program is not at hand.
func (i *Identity) Secret() string { return i.open.String() }

// PublicKey is the key with which signatures of this identity are checked.
func (i *Identity) PublicKey() ed25519.PublicKey { return i.sign.Public().(ed25519.PublicKey) }

// Fingerprint is a short name of the signing key, for two people to compare.
func (i *Identity) Fingerprint() string { return Fingerprint(i.PublicKey()) }

// Format prints the fingerprint for every verb, so that no log line can print
// a key.
func (i *Identity) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "identity %s", i.Fingerprint()) }

// Fingerprint is the first 80 bits of the SHA-256 of a public key, in groups.
func Fingerprint(public []byte) string {
	sum := sha256.Sum256(public)
	digits := hex.EncodeToString(sum[:10])
	var groups []string
	for part := range slices.Chunk([]byte(digits), 4) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, "-")
}

// Recipient is somebody to whom results are sealed besides their owner.
type Recipient struct {
	Name string `json:"name"` // for people; from the comment above the key
	Key  string `json:"key"`  // age1pq1…
}

// Fingerprint is a short name of the recipient's key.
func (r Recipient) Fingerprint() string { return Fingerprint([]byte(r.Key)) }

const maxRecipients = 8

// ParseRecipients reads public keys, one a line, as `age-keygen -pq -y` writes
// them. A comment line (#) names the key after it. Keys of the older sort
// (age1… without pq) are refused: they do not keep what is stored today from
// tomorrow's computers, and age mixes them with no others.
func ParseRecipients(text []byte) ([]Recipient, error) {
	var out []Recipient
	name := ""
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			comment = strings.TrimSpace(comment)
			if !strings.HasPrefix(comment, "created:") && !strings.HasPrefix(comment, "public key:") {
				name = comment
			}
			continue
		}
		if line == "" {
			continue
		}
		if strings.HasPrefix(strings.ToUpper(line), "AGE-SECRET-KEY") {
			return nil, errors.New("this is a private key, which only the office may hold; give the public one, which begins with age1pq1")
		}
		if _, err := age.ParseHybridRecipient(line); err != nil {
			return nil, fmt.Errorf("%.20q is no public key that begins with age1pq1", line)
		}
		out = append(out, Recipient{Name: name, Key: line})
		name = ""
	}
	switch {
	case lines.Err() != nil:
		return nil, lines.Err()
	case len(out) == 0:
		return nil, errors.New("there is no public key in it")
	case len(out) > maxRecipients:
		return nil, fmt.Errorf("there are %d public keys, more than %d", len(out), maxRecipients)
	}
	return out, nil
}

// Circle is who can open what is sealed: an identity and the recipients it
// chose. Another circle gives other names to the same parts, so that a part
// sealed to fewer people never stands in for one that more shall open.
type Circle struct {
	own *Identity
	to  []age.Recipient
	id  [sha256.Size]byte
}

// NewCircle makes the circle of own and others.
func NewCircle(own *Identity, others []Recipient) (*Circle, error) {
	c := &Circle{own: own, to: []age.Recipient{own.open.Recipient()}}
	keys := []string{own.Recipient()}
	for _, r := range others {
		to, err := age.ParseHybridRecipient(r.Key)
		if err != nil {
			return nil, fmt.Errorf("bundle: recipient %s: %w", r.Name, err)
		}
		c.to, keys = append(c.to, to), append(keys, r.Key)
	}
	slices.Sort(keys)
	c.id = sha256.Sum256([]byte(strings.Join(slices.Compact(keys), "\n")))
	return c, nil
}

// Sum is a SHA-256.
type Sum = [sha256.Size]byte

// Whole is the hash of a payload by those of its parts, in order: the SHA-256
// of their SHA-256s one after the other, in hexadecimal.
func Whole(parts []Sum) string {
	all := sha256.New()
	for _, p := range parts {
		all.Write(p[:])
	}
	return hex.EncodeToString(all.Sum(nil))
}

// Sealed is a part as it leaves the computer.
type Sealed struct {
	Name   string // see PartName
	Plain  Sum    // of what is sealed in it
	Bytes  []byte
	SHA256 string // of Bytes, in hexadecimal
}

// SealPart seals one part of a payload to the circle, into room where that is
// large enough.
func (c *Circle) SealPart(plain, room []byte) (Sealed, error) {
	sealed, err := c.seal(plain, room)
	if err != nil {
		return Sealed{}, err
	}
	sum := sha256.Sum256(plain)
	return Sealed{Name: c.PartName(sum), Plain: sum, Bytes: sealed, SHA256: hash(sealed)}, nil
}

// PartName is the name of the part whose plain bytes have that SHA-256:
// HMAC-SHA256 of the circle and the sum under the owner's naming key, in
// hexadecimal. The same bytes have the same name on every device of the user, and
// nobody else can tell what they are by it.
func (c *Circle) PartName(sum Sum) string {
	m := hmac.New(sha256.New, c.own.name)
	m.Write(c.id[:])
	m.Write(sum[:])
	return hex.EncodeToString(m.Sum(nil))
}

// Mark is an identifier of what, which only the owner can work out: the first
// 64 bits of an HMAC-SHA256, in hexadecimal.
func (c *Circle) Mark(what ...string) string {
	m := hmac.New(sha256.New, c.own.name)
	for _, w := range what {
		fmt.Fprintf(m, "%d:%s", len(w), w)
	}
	return hex.EncodeToString(m.Sum(nil)[:8])
}

// headRoom is about what age writes for a recipient: a hybrid stanza has 1,500
// characters.
const headRoom = 2048

// Seal encrypts plain to the circle, in the format of age (age-encryption.org/v1).
func (c *Circle) Seal(plain []byte) ([]byte, error) { return c.seal(plain, nil) }

func (c *Circle) seal(plain, room []byte) ([]byte, error) {
	out := bytes.NewBuffer(room[:0])
	out.Grow(len(plain) + len(plain)/1024 + headRoom*len(c.to))
	w, err := age.Encrypt(out, c.to...)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

// ErrSeal says that something is not sealed to any of the keys at hand, or was
// changed since.
var ErrSeal = errors.New("it is not sealed to this key, or was changed")

// Keys are what opens seals: those of a user's identities, or of an office.
type Keys []age.Identity

// KeysOf are the keys of a user's identities.
func KeysOf(ids ...*Identity) Keys {
	var out Keys
	for _, id := range ids {
		out = append(out, id.open)
	}
	return out
}

// ParseKeys reads private keys as `age-keygen -pq` writes them.
func ParseKeys(text []byte) (Keys, error) {
	ids, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, errors.New("it holds no private key of age") // the cause would quote the key
	}
	return ids, nil
}

// Fingerprints are those of the keys' public parts, as Recipient.Fingerprint
// gives them. Keys of the older sort have none.
func (k Keys) Fingerprints() (out []string) {
	for _, id := range k {
		if h, ok := id.(*age.HybridIdentity); ok {
			out = append(out, Recipient{Key: h.Recipient().String()}.Fingerprint())
		}
	}
	return out
}

// Open opens what was sealed to one of the keys.
func (k Keys) Open(sealed []byte) ([]byte, error) {
	if len(k) == 0 {
		return nil, ErrSeal
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), k...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	plain, err := io.ReadAll(r) // never longer than sealed
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	return plain, nil
}
