package vault

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/zalando/go-keyring"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault/internal/kdf"
)

// Keyring keeps secrets for a person who is signed in to the system. Its calls
// may wait for that person, who is asked to open the keyring.
type Keyring interface {
	// Get gives the secret under a name, or ErrNoEntry.
	Get(name string) ([]byte, error)
	// Set puts a secret under a name, in the place of an older one.
	Set(name string, secret []byte) error
	// Delete removes what is under a name, or gives ErrNoEntry.
	Delete(name string) error
}

// ErrNoEntry says that a keyring holds nothing under a name.
var ErrNoEntry = errors.New("nothing of this profile in the keyring")

// SystemKeyring is the keyring of the system: the Secret Service on Linux, the
// Keychain on macOS (through its command-line tool), the Credential Manager on
// Windows. Its secrets pass through strings, which can't be overwritten.
type SystemKeyring struct{}

// keyringService is under what all secrets of this program stand.
const keyringService = "ChatMRPT"

// Get implements Keyring.
func (SystemKeyring) Get(name string) ([]byte, error) {
	text, err := keyring.Get(keyringService, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, ErrNoEntry
	}
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}

// Set implements Keyring.
func (SystemKeyring) Set(name string, secret []byte) error {
	return keyring.Set(keyringService, name, base64.StdEncoding.EncodeToString(secret))
}

// Delete implements Keyring.
func (SystemKeyring) Delete(name string) error {
	err := keyring.Delete(keyringService, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNoEntry
	}
	return err
}

// keyringPatience is how long the person has to open her keyring.
const keyringPatience = time.Minute

// errKeyring wraps what the keyring said.
var errKeyring = errors.New("keyring")

// ask does one call of the keyring and waits for it no longer than a person
// may. A call that hangs is left to itself: it can't be stopped.
func ask[T any](ctx context.Context, call func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, keyringPatience)
	defer cancel()
	got := make(chan answer, 1)
	go func() {
		value, err := call()
		got <- answer{value, err}
	}()
	select {
	case a := <-got:
		if a.err != nil {
			a.err = fmt.Errorf("%w: %w", errKeyring, a.err)
		}
		return a.value, a.err
	case <-ctx.Done():
		var none T
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return none, fmt.Errorf("%w: no answer within %v", errKeyring, keyringPatience)
		}
		return none, ctx.Err()
	}
}

// KeyringOn lets the keyring of the system open the profile id: a random secret
// is put there and the data key sealed under it in a slot of its own. secret,
// the passphrase or the recovery code, shows that the caller may. From then on
// whoever is signed in to the same account of the system, and whatever program
// runs in it, opens the profile without a passphrase: it is for people whose
// account is theirs alone. The caller clears secret.
//
// Problems: those of Unlock; Locked when the keyring can't be used. After any
// of them the profile opens by its secrets as before; by the keyring it may no
// longer, if it did.
func KeyringOn(ctx context.Context, home string, id ID, secret []byte, o Options) (err error) {
	e, err := enter(home, id, opKeyring, o.withDefaults())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.leave()) }()
	key := new([keySize]byte)
	defer clear(key[:])
	f, err := e.openWithSecret(ctx, secret, key)
	if err != nil {
		return err
	}
	own := make([]byte, keySize)
	defer clear(own)
	if _, err := io.ReadFull(e.o.Rand, own); err != nil {
		return stopped(e.op, f.Name, err)
	}
	changed, err := f.rewrap(ctx, InKeyring, own, key, e.o.KDF, e.o)
	if err != nil {
		return stopped(e.op, f.Name, err)
	}
	if _, err := ask(ctx, func() (struct{}, error) { return struct{}{}, e.o.Keyring.Set(id.String(), slices.Clone(own)) }); err != nil {
		return keyringProblem(e.op, f.Name, err)
	}
	replaced, err := e.save(changed)
	if !replaced {
		err = errors.Join(err, e.forgetInKeyring(context.WithoutCancel(ctx), changed))
	}
	return err
}

// KeyringOff closes that way again: the slot goes, and then the secret. When
// the keyring can't be asked, the slot is gone all the same, and what is left
// in the keyring opens nothing but a copy of the folder from before; a Locked
// problem says so. The caller clears
// secret.
func KeyringOff(ctx context.Context, home string, id ID, secret []byte, o Options) (err error) {
	e, err := enter(home, id, opKeyring, o.withDefaults())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.leave()) }()
	key := new([keySize]byte)
	defer clear(key[:])
	f, err := e.openWithSecret(ctx, secret, key)
	if err != nil {
		return err
	}
	if _, err := e.save(f.without(InKeyring)); err != nil {
		return err
	}
	return e.forgetInKeyring(ctx, f)
}

// openWithSecret reads the key file and opens it by what a person knows.
func (e *entry) openWithSecret(ctx context.Context, secret []byte, key *[keySize]byte) (*file, error) {
	f, err := e.read()
	if err != nil {
		return nil, err
	}
	if _, _, err := e.open(ctx, f, (*file).open, secret, key); err != nil {
		return nil, err
	}
	if err := sweepFolder(e.root, f); errors.Is(err, errStoreGone) {
		return nil, damage(e.op, f.Name, err)
	}
	return f, e.clearFailures()
}

// UnlockByKeyring is Unlock by what the keyring of the system holds, for a
// profile for which that was switched on. The delay after wrong secrets holds
// for it too, and a secret that does not fit counts as a wrong one.
//
// Problems: those of Unlock; Usage when the profile has no such slot; Locked
// when the keyring can't be asked or holds nothing. Nothing else is tried.
func UnlockByKeyring(ctx context.Context, home string, id ID, o Options) (*Vault, error) {
	return unlockBy(ctx, home, id, o, func(e *entry) (*Vault, error) { return e.unlockByKeyring(ctx) })
}

func (e *entry) unlockByKeyring(ctx context.Context) (*Vault, error) {
	f, err := e.read()
	if err != nil {
		return nil, err
	}
	if _, ok := f.slot(InKeyring); !ok {
		return nil, problem.New(problem.Usage, e.op, f.Name, "the keyring of this system does not open this profile",
			"Open it with its passphrase")
	}
	if _, err := e.mayTry(f.Name); err != nil {
		return nil, err // before the person is asked to open her keyring
	}
	secret, err := ask(ctx, func() ([]byte, error) { return e.o.Keyring.Get(e.id.String()) })
	defer clear(secret)
	if err != nil {
		return nil, keyringProblem(e.op, f.Name, err)
	}
	return e.unlock(ctx, (*file).openByKeyring, secret)
}

// openByKeyring is open for what the keyring gave.
func (f *file) openByKeyring(ctx context.Context, secret []byte, limit kdf.Params, key *[keySize]byte) (Slot, error) {
	err := f.openSlot(ctx, InKeyring, secret, limit, key)
	if errors.Is(err, errWrongSecret) {
		err = fmt.Errorf("%w: what it holds does not fit: %w", errKeyring, err)
	}
	return InKeyring, err
}

// without gives a copy of f that lacks the slot of that kind.
func (f *file) without(kind Slot) *file {
	changed := *f
	changed.Slots = slices.DeleteFunc(slices.Clone(f.Slots), func(s slot) bool { return s.Kind == kind })
	return &changed
}

// forgetInKeyring removes the secret of f's keyring slot, if f has one.
func (e *entry) forgetInKeyring(ctx context.Context, f *file) error {
	if _, ok := f.slot(InKeyring); !ok {
		return nil
	}
	_, err := ask(ctx, func() (struct{}, error) { return struct{}{}, e.o.Keyring.Delete(e.id.String()) })
	if err == nil || errors.Is(err, ErrNoEntry) {
		return nil
	}
	return problem.New(problem.Locked, e.op, f.Name, "the keyring no longer opens this profile, but its entry could not be removed",
		"It opens nothing but older copies of the profile; remove “ChatMRPT” in the system's own program for passwords").Because(err)
}

// keyringProblem says why the keyring did not do.
func keyringProblem(op, name string, err error) error {
	hint := "Open the profile with its passphrase"
	switch {
	case !errors.Is(err, errKeyring):
		return stopped(op, name, err)
	case errors.Is(err, ErrNoEntry):
		return problem.New(problem.Locked, op, name, "the keyring holds nothing of this profile",
			hint+"; then switch the keyring off, or on again").Because(err)
	case errors.Is(err, errWrongSecret):
		return problem.New(problem.Locked, op, name, "what the keyring holds does not open this profile",
			hint+"; then switch the keyring off, or on again").Because(err)
	case op == opKeyring:
		hint = "Sign in to a desktop that has one, and open it; the profile opens with its passphrase as before"
	}
	return problem.New(problem.Locked, op, name, "the keyring of this system can't be used", hint).Because(err)
}

// CheckKeyring tells whether the keyring of the system may open the profile,
// and asks whether it would: on without an error means that it holds a secret.
func (v *Vault) CheckKeyring(ctx context.Context) (on bool, err error) {
	v.mu.Lock()
	_, on = v.file.slot(InKeyring)
	v.mu.Unlock()
	if !on {
		return false, nil
	}
	secret, err := ask(ctx, func() ([]byte, error) { return v.keyring.Get(v.id.String()) })
	clear(secret)
	if err != nil {
		return true, keyringProblem(opKeyring, v.name, err)
	}
	return true, nil
}
