package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Format is the version of manifests that this program writes and reads.
const Format = 1

// The kinds of what a manifest lists.
const (
	Results = "results" // a bundle of results
	Backup  = "backup"  // a whole profile, for its owner alone
)

// Manifest lists what a device of a user has put at a remote, one step of its
// chain. It is signed, then sealed.
type Manifest struct {
	Format  int             `json:"format"`
	Kind    string          `json:"kind"` // Results or Backup; each has a chain of its own
	User    string          `json:"user"`
	Device  string          `json:"device"`
	Seq     int64           `json:"seq"`            // 0, 1, 2, … without a gap
	Prev    string          `json:"prev"`           // SHA-256 of the sealed manifest before, "" for the first
	Seen    map[string]Head `json:"seen,omitempty"` // newest known of the user's other devices
	Written time.Time       `json:"written"`
	Program string          `json:"program"`
	Entries []Entry         `json:"entries"`
}

// Head is the newest manifest of a chain.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"` // SHA-256 of the sealed manifest
}

// Entry is a bundle, a new version of one, or that one is gone.
type Entry struct {
	ID         string      `json:"id"` // 16 hexadecimal digits
	Rev        int         `json:"rev"`
	Deleted    bool        `json:"deleted,omitempty"`
	Title      string      `json:"title"`
	Project    string      `json:"project"`
	Made       time.Time   `json:"made"`
	Size       int64       `json:"size"`   // of the packed bytes
	SHA256     string      `json:"sha256"` // of the packed bytes, by their parts; see Whole
	Files      []Listed    `json:"files"`
	Parts      []Part      `json:"parts"`
	Recipients []Recipient `json:"recipients,omitempty"` // besides the owner
}

// Part is one sealed part of a bundle.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // sealed
	SHA256 string `json:"sha256"` // of the sealed bytes
}

// envelope is a manifest with its signature.
type envelope struct {
	Body      []byte `json:"body"`
	Key       []byte `json:"key"`
	Signature []byte `json:"signature"`
}

// signed is what is signed: the label keeps it from passing for anything else.
func signed(body []byte) []byte { return append([]byte("chatmrpt manifest 1\n"), body...) }

// manifestStep is the size to whose multiples a manifest is filled up.
const manifestStep = 2 << 10

// Write signs m as the circle's owner and seals it to the circle.
func (c *Circle) Write(m *Manifest) ([]byte, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(envelope{Body: body, Key: c.own.PublicKey(), Signature: ed25519.Sign(c.own.sign, signed(body))})
	if err != nil {
		return nil, err
	}
	if rest := len(text) % manifestStep; rest > 0 {
		text = append(text, bytes.Repeat([]byte(" "), manifestStep-rest)...)
	}
	return c.Seal(text)
}

// errManifest says that a manifest is not whole or breaks the rules.
var errManifest = errors.New("this is no manifest")

// ErrSignature says that a manifest was not signed by its user.
var ErrSignature = errors.New("the manifest is signed by somebody else")

// Read opens a sealed manifest, checks its signature and gives the key it was
// signed with. Whether that is the user's is for the caller to know. Everything
// in it is held against the rules of the format.
func (k Keys) Read(sealed []byte) (*Manifest, ed25519.PublicKey, error) {
	text, err := k.Open(sealed)
	if err != nil {
		return nil, nil, err
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errManifest, err)
	}
	if len(e.Key) != ed25519.PublicKeySize || !ed25519.Verify(e.Key, signed(e.Body), e.Signature) {
		return nil, nil, ErrSignature
	}
	m := new(Manifest)
	if err := json.Unmarshal(e.Body, m); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errManifest, err)
	}
	if err := m.check(); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errManifest, err)
	}
	return m, e.Key, nil
}

var (
	shortHex = regexp.MustCompile(`^[0-9a-f]{16}$`)
	longHex  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (m *Manifest) check() error {
	switch {
	case m.Format != Format:
		return fmt.Errorf("format %d; a newer version of the program wrote it", m.Format)
	case m.Kind != Results && m.Kind != Backup, !shortHex.MatchString(m.Device), m.Seq < 0, m.Seq > 0 != (m.Prev != ""):
		return errors.New("it does not say what it is")
	}
	for _, e := range m.Entries {
		if err := e.check(); err != nil {
			return fmt.Errorf("entry %.16q: %w", e.ID, err)
		}
	}
	return nil
}

func (e *Entry) check() error {
	if !shortHex.MatchString(e.ID) || e.Rev < 1 {
		return errors.New("no id or revision")
	}
	if e.Deleted {
		return nil
	}
	if e.Size < 0 || e.Size > MaxPayload || int64(len(e.Parts)) != (e.Size+PartSize-1)/PartSize || !longHex.MatchString(e.SHA256) || len(e.Files) > maxFiles {
		return errors.New("sizes that do not fit together")
	}
	for _, p := range e.Parts {
		if !longHex.MatchString(p.Name) || !longHex.MatchString(p.SHA256) || p.Size <= 0 || p.Size > 1<<20 {
			return errors.New("a part that can't be")
		}
	}
	for _, f := range e.Files {
		if err := checkPath(f.Path); err != nil {
			return err
		}
	}
	return nil
}

// Newer reports whether e is to be shown rather than f, of the same id: the
// higher revision, and of two alike the one from the greater device.
func Newer(e Entry, device string, f Entry, other string) bool {
	if e.Rev != f.Rev {
		return e.Rev > f.Rev
	}
	return device > other
}

// Join puts a bundle together from its opened parts and checks it against its
// entry.
func Join(e Entry, parts [][]byte) ([]File, error) {
	sums := make([]Sum, len(parts))
	for i, p := range parts {
		sums[i] = sha256.Sum256(p)
	}
	payload := bytes.Join(parts, nil)
	if int64(len(payload)) != e.Size || Whole(sums) != e.SHA256 {
		return nil, fmt.Errorf("%w: the parts do not make it whole", errPack)
	}
	return Unpack(payload, e.Files)
}

// Hash is the SHA-256 of sealed bytes, as manifests name them.
func Hash(sealed []byte) string { return hash(sealed) }
