package workspace_test

import (
	"testing"
	"time"

	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
)

// The budget of the design is 1.5 s from the passphrase to the last project on
// screen, with the real key derivation.
func BenchmarkUnlock(b *testing.B) {
	home := b.TempDir()
	v, _, err := vault.Create(b.Context(), home, "Amina", []byte(passphrase), vault.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := v.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w, err := workspace.Open(b.Context(), workspace.Options{
			Home: home, User: "Amina", Secret: []byte(passphrase), Project: "default", Version: "test", Now: time.Now,
		})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Datasets(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
