// Package vaulttest lets tests make vaults in microseconds instead of the
// hundreds of milliseconds a real passphrase costs.
//
// It is the only door to the cheap key derivation. It asks for a testing.TB or
// a *testing.M, which a program does not have; a test in core/vault fails when
// any file of the module that is not a test imports this package; and a program
// refuses to open what was made with it.
package vaulttest

import (
	"testing"

	"chatmrpt/core/vault"
	"chatmrpt/core/vault/internal/kdf"
)

// Cheap gives options with the cheap key derivation, and real randomness and
// time. A vault made with them opens only with them. It panics without a tb.
func Cheap(tb testing.TB) vault.Options {
	tb.Helper()
	return vault.Options{KDF: kdf.Cheap()}
}

// CheapMain is Cheap for a TestMain that runs a whole program as a command of
// scripts. It panics without an m.
func CheapMain(m *testing.M) vault.Options {
	if m == nil {
		panic("vaulttest: no *testing.M")
	}
	return vault.Options{KDF: kdf.Cheap()}
}
