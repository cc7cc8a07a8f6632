package vault

import (
	"context"
	"encoding/json"
	"fmt"

	"chatmrpt/core/problem"
)

// recoverySlot is the slot of the recovery code outside vault.json, with what
// it is bound to.
type recoverySlot struct {
	Version int  `json:"version"`
	ID      ID   `json:"id"`
	Slot    slot `json:"slot"`
}

// maxSlotBytes is far above what a slot needs.
const maxSlotBytes = 4 << 10

// RecoverySlot gives the key slot of the recovery code as JSON text, to be kept
// where another computer can get it: with it and the code, DeriveBySlot has the
// same subkeys as this vault. It tells nobody else anything: the code has 160
// random bits. The slot of the passphrase is never handed out, since a
// passphrase can be guessed by who has the time.
func (v *Vault) RecoverySlot() ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lock == nil {
		return nil, v.lockedProblem("use profile")
	}
	s, ok := v.file.slot(Recovery)
	if !ok {
		return nil, problem.New(problem.NotFound, "use profile", v.name, "the profile has no recovery code", "Make one with `mrpt user rotate`")
	}
	return json.Marshal(recoverySlot{Version: v.file.Version, ID: v.id, Slot: s})
}

// DeriveBySlot gives the subkey that Derive gives for label in the vault from
// which the slot was taken. The text may come from anywhere: its derivation
// costs are held to the same limits as those of a vault. The caller clears code
// and key.
//
// Problems: Locked for a code that does not open it or is none, BadInput for a
// text that is no slot, Interrupted.
func DeriveBySlot(ctx context.Context, text, code []byte, label string, o Options) (key [32]byte, err error) {
	const op = "recover"
	o = o.withDefaults()
	var s recoverySlot
	if len(text) > maxSlotBytes || json.Unmarshal(text, &s) != nil || s.Slot.Kind != Recovery {
		return key, problem.New(problem.BadInput, op, "key slot", "it is damaged", "Use another copy")
	}
	switch label {
	case "", storeLabel, sealLabel:
		return key, fmt.Errorf("vault: %q is no label to derive a key with", label)
	}
	own, err := parseRecovery(code)
	if err != nil {
		return key, problem.New(problem.Locked, op, "recovery code", "this is not a recovery code, or it was mistyped",
			"Type it as it was printed when the profile was made").Because(err)
	}
	defer clear(own)
	data := new([keySize]byte)
	defer clear(data[:])
	if err := s.Slot.open(ctx, owner{version: s.Version, id: s.ID}, own, o.KDF, data); err != nil {
		if ctx.Err() != nil {
			return key, problem.From(ctx.Err(), op)
		}
		return key, problem.New(problem.Locked, op, "recovery code", "the recovery code does not fit",
			"Use the code of the profile that was set up first; every profile has its own").Because(err)
	}
	sub, err := subkey(data[:], label)
	if err != nil {
		return key, err
	}
	defer clear(sub)
	return [32]byte(sub), nil
}
