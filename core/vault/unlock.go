package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault/internal/kdf"
)

// Unlock opens the vault of id in home with its passphrase, or with its
// recovery code as people type it (any case, with or without dashes). The lock
// comes first: only its holder reads the key file, repairs modes that let
// others read, and spends time on derivation, about half a second and 64 MiB.
// The caller clears secret and closes the vault.
//
// Problems: Locked for a wrong secret, Conflict when the vault is open already
// (in this process too), NotFound for an unknown id, Store for a damaged key
// file or a folder that can't be written, Interrupted when ctx ended before
// the derivation began, Usage for a zero id or no home.
func Unlock(ctx context.Context, home string, id ID, secret []byte, o Options) (*Vault, error) {
	o = o.withDefaults()
	if id.IsZero() {
		return nil, noID(opUnlock)
	}
	users, err := openUsers(home, opUnlock)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound(opUnlock, id.String())
	}
	if err != nil {
		return nil, stopped(opUnlock, id.String(), err)
	}
	defer users.Close()
	root, err := openFolder(users, id.String())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound(opUnlock, id.String())
	}
	if err != nil {
		return nil, damage(opUnlock, id.String(), err)
	}
	defer root.Close()
	l, err := lockVault(root, id, o.Now())
	if err != nil {
		return nil, err
	}
	v, err := unlockFolder(ctx, root, id, secret, o, l)
	if err != nil {
		return nil, errors.Join(err, l.release())
	}
	return v, nil
}

// lockVault takes the lock of a profile's folder or says who has it.
func lockVault(root *os.Root, id ID, now time.Time) (*lock, error) {
	l, err := tryLock(root, lockName, now)
	switch {
	case errors.Is(err, errHeld):
		return nil, heldProblem(opUnlock, displayName(root, id), root, now)
	case errors.Is(err, errLink):
		return nil, damage(opUnlock, id.String(), err)
	case err != nil:
		return nil, unwritable(opUnlock, id.String(), err)
	}
	return l, nil
}

// displayName is the name to call a profile by in a problem: its id when its
// file can't be read.
func displayName(root *os.Root, id ID) string {
	f, err := readVaultFile(root, id)
	if err != nil {
		return id.String()
	}
	return f.Name
}

// unlockFolder opens the vault of a folder whose lock l is held.
func unlockFolder(ctx context.Context, root *os.Root, id ID, secret []byte, o Options, l *lock) (*Vault, error) {
	if err := tighten(root); err != nil {
		return nil, damage(opUnlock, id.String(), err)
	}
	f, err := readVaultFile(root, id)
	if err != nil {
		return nil, damage(opUnlock, id.String(), err)
	}
	key := new([keySize]byte)
	defer clear(key[:])
	by, err := f.open(ctx, secret, o.KDF, key)
	if err != nil {
		return nil, closedProblem(f.Name, secret, err)
	}
	if err := f.checkSeal(key); err != nil {
		return nil, damage(opUnlock, f.Name, err)
	}
	return newVault(root.Name(), f, key, by, l), nil
}

// open finds the slot that secret opens and unseals the data key into key. What
// has the form of a recovery code is tried as one first, and as a passphrase
// after, as nobody is kept from choosing one; when neither opens, what the
// recovery slot said is the error.
func (f *file) open(ctx context.Context, secret []byte, limit kdf.Params, key *[keySize]byte) (Slot, error) {
	if len(secret) == 0 || len(secret) > maxPassphraseBytes {
		return "", errWrongSecret
	}
	code, notCode := parseRecovery(secret)
	defer clear(code)
	var first error
	if notCode == nil {
		if first = f.openSlot(ctx, Recovery, code, limit, key); first == nil {
			return Recovery, nil
		}
	}
	prepared := preparePassphrase(secret)
	defer clear(prepared)
	err := f.openSlot(ctx, Passphrase, prepared, limit, key)
	if err != nil && first != nil {
		return "", first
	}
	return Passphrase, err
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
func closedProblem(name string, secret []byte, err error) error {
	switch {
	case errors.Is(err, errSlotDamaged):
		return slotProblem(name, secret, err)
	case !errors.Is(err, errWrongSecret):
		return problem.From(err, opUnlock)
	case len(secret) == 0:
		return problem.New(problem.Locked, opUnlock, name, "no passphrase given", "Type the passphrase of this profile")
	}
	code, typo := parseRecovery(secret)
	clear(code)
	switch {
	case typo == nil:
		return problem.New(problem.Locked, opUnlock, name, "this recovery code is not the one of this profile",
			"Look for the code that was printed when this profile was made").Because(err)
	case errors.Is(typo, errRecoveryTypo):
		return problem.New(problem.Locked, opUnlock, name, "the recovery code is mistyped",
			"Compare it with the print, group by group: nine groups of four letters and digits").Because(err)
	}
	return problem.New(problem.Locked, opUnlock, name, "wrong passphrase",
		"Check the keyboard layout and Caps Lock and try again; the recovery code opens the profile too").Because(err)
}

// slotProblem says which way in is damaged and names the other.
func slotProblem(name string, secret []byte, err error) error {
	code, notCode := parseRecovery(secret)
	clear(code)
	what, hint := "passphrase", "Open the profile with its recovery code, then set a new passphrase; or put vault.json back from a backup"
	if notCode == nil {
		what, hint = "recovery code", "Open the profile with its passphrase, then make a new recovery code; or put vault.json back from a backup"
	}
	return problem.New(problem.Store, opUnlock, name, "the part of vault.json that the "+what+" opens is damaged", hint).Because(err)
}
