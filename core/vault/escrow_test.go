package vault_test

import (
	"bytes"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
)

// With the slot and the recovery code another computer has the subkeys of the
// vault; with another code, a changed slot, or the labels of this room, nothing.
func TestASlotElsewhereGivesTheSameKeys(t *testing.T) {
	v, code, err := vault.Create(t.Context(), t.TempDir(), "Amina", []byte("correct horse battery"), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	slot, err := v.RecoverySlot()
	if err != nil {
		t.Fatal(err)
	}
	const label = "chatmrpt/test/1"
	want, err := v.Derive(label)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(slot, []byte("passphrase")) || bytes.Contains(slot, []byte("Amina")) {
		t.Errorf("the slot says too much: %s", slot)
	}
	derive := func(slot []byte, code, label string) ([32]byte, error) {
		return vault.DeriveBySlot(t.Context(), slot, []byte(code), label, vaulttest.Cheap(t))
	}
	got, err := derive(slot, strings.ToLower(code), label)
	if err != nil || got != want {
		t.Fatalf("another key (%v)", err)
	}
	other, otherCode, err := vault.Create(t.Context(), t.TempDir(), "Bola", []byte("correct horse battery"), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		slot        []byte
		code, label string
		want        problem.Code
	}{
		"another code":        {slot, otherCode, label, problem.Locked},
		"the passphrase":      {slot, "correct horse battery", label, problem.Locked},
		"another kind":        {bytes.Replace(slot, []byte(`"recovery"`), []byte(`"passphrase"`), 1), code, label, problem.BadInput},
		"another version":     {bytes.Replace(slot, []byte(`"version":2`), []byte(`"version":1`), 1), code, label, problem.Locked},
		"no slot":             {[]byte("{}"), code, label, problem.BadInput},
		"far too long":        {bytes.Repeat([]byte(" "), 1<<20), code, label, problem.BadInput},
		"a cost out of reach": {bytes.Replace(slot, []byte(`"memory_kib":`), []byte(`"memory_kib":9`), 1), code, label, problem.Locked},
	} {
		if key, err := derive(c.slot, c.code, c.label); !problem.Is(err, c.want) || key != ([32]byte{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, reserved := range []string{"", "chatmrpt/store/1", "chatmrpt/vault/1"} {
		if key, err := derive(slot, code, reserved); err == nil || key != ([32]byte{}) {
			t.Errorf("the label %q was taken", reserved)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := v.RecoverySlot(); !problem.Is(err, problem.Locked) {
		t.Errorf("of a closed vault: %v", err)
	}
}
