package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault/internal/kdf"
)

// Opening tells how a vault came to be open.
type Opening struct {
	By          Slot      // the slot that let the caller in
	Failures    int       // wrong secrets since the last right one
	LastFailure time.Time // UTC; zero without failures
	Raised      bool      // the slot's derivation was raised to today's cost
	CodeUntold  bool      // the recovery code that holds was perhaps never shown: the program was stopped; see CodeTold
	Notices     []error   // what could not be tidied up on the way; none kept the vault from opening
}

// Unlock opens the vault of id in home with its passphrase, or with its
// recovery code as people type it (any case, with or without dashes). The lock
// comes first: only its holder reads the key file, repairs modes that let
// others read, and spends time on derivation, about half a second and 64 MiB.
// A slot whose derivation costs less than today's is sealed anew at today's
// cost, once, and leftovers of a crash are removed. The caller clears secret
// and closes the vault.
//
// Problems: Locked for a wrong secret, and, with a TooSoon as its cause, before
// the delay after more than three wrong ones is over; Conflict when the vault
// is open already (in this process too), NotFound for an unknown id, Store for
// a damaged key file or a folder that can't be written, Interrupted when ctx
// ended before the derivation began, Usage for a zero id or no home.
func Unlock(ctx context.Context, home string, id ID, secret []byte, o Options) (*Vault, error) {
	return unlockBy(ctx, home, id, o, func(e *entry) (*Vault, error) { return e.unlock(ctx, (*file).open, secret) })
}

func unlockBy(ctx context.Context, home string, id ID, o Options, unlock func(*entry) (*Vault, error)) (*Vault, error) {
	e, err := enter(home, id, opUnlock, o.withDefaults())
	if err != nil {
		return nil, err
	}
	v, err := unlock(e)
	if err != nil {
		return nil, errors.Join(err, e.leave())
	}
	e.lock = nil // the vault's from now on
	e.leave()
	return v, nil
}

// unlock opens the vault and hands it the lock.
func (e *entry) unlock(ctx context.Context, way way, secret []byte) (*Vault, error) {
	f, err := e.read()
	if err != nil {
		return nil, err
	}
	key := new([keySize]byte)
	defer clear(key[:])
	by, past, err := e.open(ctx, f, way, secret, key)
	if err != nil {
		return nil, err
	}
	swept := sweepFolder(e.root, f)
	if errors.Is(swept, errStoreGone) {
		return nil, damage(e.op, f.Name, swept)
	}
	how := Opening{By: by, Failures: past.Failures, LastFailure: past.Last, CodeUntold: readCodeMark(e.root).untold(f)}
	f, how.Raised, err = e.raise(ctx, f, by, secret, key)
	for _, err := range []error{swept, err, e.clearFailures()} {
		if err != nil {
			how.Notices = append(how.Notices, err)
		}
	}
	return newVault(e.root.Name(), f, key, how, e.lock, e.o), nil
}

// raise seals the slot that was used anew when its derivation costs less than
// today's; it never lowers a cost. f is the file as it lies on the disk after.
func (e *entry) raise(ctx context.Context, f *file, by Slot, secret []byte, key *[keySize]byte) (now *file, raised bool, err error) {
	s, _ := f.slot(by)
	params := e.o.KDF.Raise(s.params())
	if params == s.params() {
		return f, false, nil
	}
	own, err := slotSecret(by, secret)
	defer clear(own)
	if err != nil {
		return f, false, err
	}
	changed, err := f.rewrap(ctx, by, own, key, params, e.o)
	if err != nil {
		return f, false, err
	}
	if raised, err = e.save(changed); !raised {
		return f, false, err
	}
	return changed, true, err
}

// slotSecret gives the bytes that the slot of that kind derives from. The
// caller clears them.
func slotSecret(kind Slot, secret []byte) ([]byte, error) {
	switch kind {
	case Recovery:
		return parseRecovery(secret)
	case InKeyring:
		return bytes.Clone(secret), nil
	}
	return preparePassphrase(secret), nil
}

// open finds the slot that secret opens and unseals the data key into key. What
// has the form of a recovery code is tried as one first, and as a passphrase
// after, as nobody is kept from choosing one; when neither opens, what the
// recovery slot said is the error.
func (f *file) open(ctx context.Context, secret []byte, limit kdf.Params, key *[keySize]byte) (Slot, error) {
	first := errNotTried
	if code, err := parseRecovery(secret); err == nil {
		clear(code)
		if _, first = f.openByCode(ctx, secret, limit, key); first == nil {
			return Recovery, nil
		}
	}
	by, err := f.openByPassphrase(ctx, secret, limit, key)
	if err != nil && first != errNotTried {
		return "", first
	}
	return by, err
}

// openByCode is open for a recovery code alone.
func (f *file) openByCode(ctx context.Context, secret []byte, limit kdf.Params, key *[keySize]byte) (Slot, error) {
	code, err := parseRecovery(secret)
	if err != nil {
		return "", errNotTried
	}
	defer clear(code)
	return Recovery, f.openSlot(ctx, Recovery, code, limit, key)
}

// openByPassphrase is open for the passphrase alone.
func (f *file) openByPassphrase(ctx context.Context, secret []byte, limit kdf.Params, key *[keySize]byte) (Slot, error) {
	if len(secret) == 0 || len(secret) > maxPassphraseBytes {
		return "", errNotTried
	}
	prepared := preparePassphrase(secret)
	defer clear(prepared)
	return Passphrase, f.openSlot(ctx, Passphrase, prepared, limit, key)
}

func (f *file) openSlot(ctx context.Context, kind Slot, secret []byte, limit kdf.Params, key *[keySize]byte) error {
	s, ok := f.slot(kind)
	if !ok {
		return fmt.Errorf("%w: %s: it is missing", errSlotDamaged, kind)
	}
	return s.open(ctx, f.owner(), secret, limit, key)
}

// closedProblem says why a vault did not open. It looks at the secret only to
// tell a mistyped recovery code from a wrong passphrase.
func closedProblem(op, name string, secret []byte, err error) error {
	switch {
	case errors.Is(err, errKeyring):
		return keyringProblem(op, name, err)
	case errors.Is(err, errSlotDamaged):
		return slotProblem(op, name, secret, err)
	case !errors.Is(err, errWrongSecret):
		return problem.From(err, op)
	case len(secret) == 0:
		return problem.New(problem.Locked, op, name, "no passphrase given", "Type the passphrase of this profile")
	}
	code, typo := parseRecovery(secret)
	clear(code)
	switch {
	case typo == nil && op != opRotate:
		return problem.New(problem.Locked, op, name, "this recovery code is not the one of this profile",
			"Look for the code that was printed when this profile was made, or last recovered").Because(err)
	case errors.Is(typo, errRecoveryTypo) && op != opRotate:
		return problem.New(problem.Locked, op, name, "the recovery code is mistyped",
			"Compare it with the print, group by group: nine groups of four letters and digits").Because(err)
	case op == opRecover:
		return problem.New(problem.Locked, op, name, "this is no recovery code",
			"Type the code that was printed when the profile was made: nine groups of four letters and digits").Because(err)
	}
	return problem.New(problem.Locked, op, name, "wrong passphrase",
		"Check the keyboard layout and Caps Lock and try again; the recovery code opens the profile too").Because(err)
}

// slotProblem says which way in is damaged and names the other.
func slotProblem(op, name string, secret []byte, err error) error {
	code, notCode := parseRecovery(secret)
	clear(code)
	what, hint := "passphrase", "Open the profile with its recovery code, then set a new passphrase; or put vault.json back from a backup"
	if notCode == nil {
		what, hint = "recovery code", "Open the profile with its passphrase, then rotate its key, which gives a new recovery code; or put vault.json back from a backup"
	}
	return problem.New(problem.Store, op, name, "the part of vault.json that the "+what+" opens is damaged", hint).Because(err)
}
