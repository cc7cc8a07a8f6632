package share

import (
	"context"
	"crypto/ed25519"
	"errors"

	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
)

// Reader reads what a user has at a remote: her own part of an Account, or what
// an office may open. It checks everything and believes nothing; what it can't
// open or what does not fit together is an error, never left out. It is used by
// one goroutine at a time. Errors of its calls are Problems.
type Reader struct {
	remote remote.Remote
	user   remote.UserID
	name   string // for a person
	keys   bundle.Keys
	trusts func(signer ed25519.PublicKey) bool
	memory Memory
}

// Memory keeps the manifests that were seen of a user, by key, sealed as they
// lay there. Without it the newest of a chain could be taken away unnoticed.
type Memory interface {
	Seen(ctx context.Context) (map[string][]byte, error)
	Saw(ctx context.Context, key string, sealed []byte) error
}

// NewReader reads the part of user at r, which must be open for that user, with
// keys to which it was sealed. trusts decides whether a signing key is the
// user's: an office compares it with the one it was told. Backups are not read;
// they are sealed to their owner alone.
func NewReader(r remote.Remote, user remote.UserID, keys bundle.Keys, trusts func(signer ed25519.PublicKey) bool, m Memory) *Reader {
	return &Reader{remote: r, user: user, name: string(user), keys: keys, trusts: trusts, memory: m}
}

// Published gives the bundles of results, oldest first.
func (a *Reader) Published(ctx context.Context) ([]Found, error) {
	v, err := a.published(ctx)
	if err != nil {
		return nil, a.problem(err, "list")
	}
	return v.list(), nil
}

func (a *Reader) published(ctx context.Context) (*view, error) {
	if err := a.greet(ctx, false); err != nil {
		return nil, err
	}
	return a.lookAt(ctx, remote.Bundles)
}

// formatText is the object by which a store of ours is known.
const formatText = `{"what":"chatmrpt share","format":1}` + "\n"

// greet makes sure that the remote is one of ours, which it makes of an empty
// one when may is true. Nothing is believed before: a login page answers a
// listing with "nothing there".
func (a *Reader) greet(ctx context.Context, may bool) error {
	data, err := a.remote.Get(ctx, remote.FormatKey())
	if remote.ClassOf(err) == remote.Absent {
		if !may {
			return remote.Fail(remote.Absent, "get", "format", errors.New("nothing of this user lies there"))
		}
		if _, err := a.remote.Create(ctx, remote.FormatKey(), remote.BodyOf([]byte(formatText))); err != nil {
			return err
		}
		data, err = a.remote.Get(ctx, remote.FormatKey())
	}
	if err != nil {
		return err
	}
	if string(data) != formatText {
		return remote.Fail(remote.Portal, "get", "format", errors.New("what lies there is not ours, or of a newer program"))
	}
	return nil
}
