package vault

import (
	"context"
	"errors"
	"slices"

	"chatmrpt/core/vault/internal/kdf"
)

// ChangePassphrase gives the profile id a new passphrase. secret is the present
// one or the recovery code, which stays as it is. Only the passphrase's slot is
// sealed anew: the data key, the store and everything in it are not touched.
// Who has a copy of the folder from before opens that with the old passphrase;
// Rotate is the answer when the old one got known. The caller clears both
// secrets.
//
// Problems: those of Unlock, and BadInput for a new passphrase that is too
// short or too easy to guess. After any of them, and after a crash at any
// moment, the profile opens with the old passphrase or with the new one: with
// the old one unless the problem says that it may be either.
func ChangePassphrase(ctx context.Context, home string, id ID, secret, newPassphrase []byte, o Options) (err error) {
	e, err := enter(home, id, opChange, o.withDefaults())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.leave()) }()
	key := new([keySize]byte)
	defer clear(key[:])
	f, chosen, err := e.openToChange(ctx, (*file).open, secret, newPassphrase, key)
	defer clear(chosen)
	if err != nil {
		return err
	}
	changed, err := f.rewrap(ctx, Passphrase, chosen, key, e.o.KDF, e.o)
	if err != nil {
		return stopped(opChange, f.Name, err)
	}
	_, err = e.save(changed)
	return err
}

// Recover opens the profile id by its recovery code, gives it a new passphrase
// and a new recovery code, and returns that code, which is shown once and kept
// nowhere. The old passphrase and the old code open it no longer, nor does the
// system's keyring. The caller clears the secrets, and calls CodeTold when the
// person has the code.
//
// Problems: as of ChangePassphrase. When a code comes with a problem, it
// already is the one that holds, but a power cut may bring the old one back:
// both must be kept until the profile has been opened again.
func Recover(ctx context.Context, home string, id ID, code, newPassphrase []byte, o Options) (newCode string, err error) {
	e, err := enter(home, id, opRecover, o.withDefaults())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, e.leave()) }()
	key := new([keySize]byte)
	defer clear(key[:])
	f, chosen, err := e.openToChange(ctx, (*file).openByCode, code, newPassphrase, key)
	defer clear(chosen)
	if err != nil {
		return "", err
	}
	changed, newCode, err := f.rewrapBoth(ctx, chosen, key, e.o)
	if err != nil {
		return "", stopped(opRecover, f.Name, err)
	}
	changed = changed.without(InKeyring)
	replaced, err := e.saveCode(changed)
	if !replaced {
		return "", err
	}
	return newCode, errors.Join(err, e.forgetInKeyring(ctx, f))
}

// openToChange reads the key file, judges the new passphrase, which costs
// little and may be refused, and only then opens the file with secret. chosen
// is the new passphrase as it is derived from; the caller clears it.
func (e *entry) openToChange(ctx context.Context, by way, secret, newPassphrase []byte, key *[keySize]byte) (f *file, chosen []byte, err error) {
	if f, err = e.read(); err != nil {
		return nil, nil, err
	}
	if chosen, err = choosePassphrase(e.op, f.Name, newPassphrase); err != nil {
		return nil, nil, err
	}
	if _, _, err = e.open(ctx, f, by, secret, key); err != nil {
		return nil, chosen, err
	}
	if err = sweepFolder(e.root, f); errors.Is(err, errStoreGone) {
		return nil, chosen, damage(e.op, f.Name, err)
	}
	return f, chosen, e.clearFailures()
}

// clearFailures forgets the wrong secrets before a right one.
func (e *entry) clearFailures() error {
	if err := removeIfThere(e.root, attemptsName); err != nil {
		return unwritable(e.op, e.id.String(), err)
	}
	return nil
}

// rewrap gives a copy of f whose slot of that kind seals key under secret.
func (f *file) rewrap(ctx context.Context, kind Slot, secret []byte, key *[keySize]byte, params kdf.Params, o Options) (*file, error) {
	s, err := newSlot(ctx, f.owner(), kind, secret, key, params, o.Rand)
	if err != nil {
		return nil, err
	}
	changed := *f
	changed.Slots = slices.Clone(f.Slots)
	i := slices.IndexFunc(changed.Slots, func(s slot) bool { return s.Kind == kind })
	if i < 0 {
		changed.Slots = append(changed.Slots, s)
	} else {
		changed.Slots[i] = s
	}
	return &changed, nil
}

// rewrapBoth gives a copy of f with a new passphrase and a new recovery code.
func (f *file) rewrapBoth(ctx context.Context, secret []byte, key *[keySize]byte, o Options) (changed *file, code string, err error) {
	recovery, err := newRecovery(o.Rand)
	defer clear(recovery)
	if err != nil {
		return nil, "", err
	}
	if changed, err = f.rewrap(ctx, Passphrase, secret, key, o.KDF, o); err != nil {
		return nil, "", err
	}
	if changed, err = changed.rewrap(ctx, Recovery, recovery, key, o.KDF, o); err != nil {
		return nil, "", err
	}
	return changed, formatRecovery(recovery), nil
}
