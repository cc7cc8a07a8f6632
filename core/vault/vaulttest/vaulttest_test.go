package vaulttest

import (
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
)

// A vault made cheaply opens cheaply, and for nobody else.
func TestCheapVaultsAreForTestsOnly(t *testing.T) {
	home := t.TempDir()
	v, code, err := vault.Create(t.Context(), home, "Amina", []byte("correct horse battery"), Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := vault.Unlock(t.Context(), home, v.ID(), []byte(code), Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Unlock(t.Context(), home, v.ID(), []byte(code), vault.Options{}); !problem.Is(err, problem.Store) {
		t.Errorf("a program opened it: %v", err)
	}
}

func TestCheapNeedsATest(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Cheap works without a testing.TB")
		}
	}()
	Cheap(nil)
}

func TestCheapMainNeedsATest(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("CheapMain works without a *testing.M")
		}
	}()
	CheapMain(nil)
}
