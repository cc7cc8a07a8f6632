package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"chatmrpt/core/problem"
)

func TestClosedVaultGivesNoKey(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	v := mustUnlock(t, home, id, testPassphrase)
	key := storeKey(t, v)
	closeVault(t, v)
	closeVault(t, v)
	if v.key != [keySize]byte{} {
		t.Error("the data key is still there")
	}
	got, err := v.StoreKey()
	wantProblem(t, err, problem.Locked)
	derived, err := v.Derive("chatmrpt/sync/1")
	wantProblem(t, err, problem.Locked)
	if got != nil || derived != [32]byte{} {
		t.Error("a closed vault gave a key")
	}
	if bytes.Equal(key, make([]byte, 32)) {
		t.Error("closing changed a key handed out before")
	}
	if v.ID() != id || v.Name() != "Amina" {
		t.Error("a closed vault does not know whose it was")
	}
}

func TestStoreKeyIsACopy(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	v := mustUnlock(t, home, id, testPassphrase)
	defer closeVault(t, v)
	key := storeKey(t, v)
	want := bytes.Clone(key)
	clear(key)
	if !bytes.Equal(storeKey(t, v), want) {
		t.Error("clearing the copy changed the key")
	}
}

func TestDeriveSeparatesByLabel(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	v := mustUnlock(t, home, id, testPassphrase)
	defer closeVault(t, v)
	seen := map[string]bool{string(storeKey(t, v)): true, string(v.key[:]): true}
	for _, label := range []string{"chatmrpt/sync/1", "chatmrpt/sync/2", "chatmrpt/export/1", " "} {
		a, err := v.Derive(label)
		b, again := v.Derive(label)
		if err != nil || again != nil || a != b || seen[string(a[:])] {
			t.Errorf("%q: %v, %v, repeats another or not itself", label, err, again)
		}
		seen[string(a[:])] = true
	}
	for _, label := range []string{"", storeLabel, sealLabel} {
		if key, err := v.Derive(label); err == nil || key != [32]byte{} {
			t.Errorf("%q was derived with", label)
		}
	}
}

// Keys are asked for while the vault is being closed: each call gives the key
// or an error, and never a key of a wiped vault.
func TestCloseWhileKeysAreAskedFor(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	v := mustUnlock(t, home, id, testPassphrase)
	want := storeKey(t, v)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				key, err := v.StoreKey()
				if err != nil {
					return
				}
				if !bytes.Equal(key, want) {
					t.Errorf("key %x", key)
					return
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() { closeVault(t, v) })
	}
	wg.Wait()
}

// secretForms are the ways in which a secret could show in a file or a text.
func secretForms(secrets map[string][]byte) map[string][]byte {
	forms := map[string][]byte{}
	for name, s := range secrets {
		forms[name] = s
		forms[name+" in hex"] = []byte(hex.EncodeToString(s))
		forms[name+" in HEX"] = []byte(strings.ToUpper(hex.EncodeToString(s)))
		forms[name+" in base64"] = []byte(base64.RawStdEncoding.EncodeToString(s))
		forms[name+" as a list of numbers"] = []byte(strings.Trim(fmt.Sprint(s), "[]"))
	}
	return forms
}

func TestNoSecretIsOnDiskOrPrinted(t *testing.T) {
	home := t.TempDir()
	v, code, err := Create(t.Context(), home, "Amina", []byte(testPassphrase), cheap())
	must(t, err)
	raw, err := parseRecovery([]byte(code))
	must(t, err)
	forms := secretForms(map[string][]byte{"passphrase": []byte(testPassphrase), "recovery code": []byte(code),
		"recovery code undivided": []byte(strings.ReplaceAll(code, "-", "")), "recovery bytes": raw,
		"data key": bytes.Clone(v.key[:]), "store key": storeKey(t, v)})
	absent := func(where, text string) {
		t.Helper()
		for name, form := range forms {
			if strings.Contains(text, string(form)) {
				t.Errorf("%s shows the %s", where, name)
			}
		}
	}
	for path, text := range tree(t, home) {
		absent(path, path+text)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%T"} {
		absent(verb, fmt.Sprintf(verb, v))
		absent(verb+" inside another", fmt.Sprintf(verb, []any{v, struct{ V *Vault }{v}}))
	}
	//lint:ignore SA9005 that nothing comes out is what is tested
	asJSON, err := json.Marshal(v)
	must(t, err)
	absent("JSON", string(asJSON))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("open", "vault", v)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("open", "vault", v)
	absent("log", log.String())
	closeVault(t, v)

	for _, secret := range []string{testPassphrase + "x", code + "0", code[:20]} {
		_, err := unlock(t, home, v.ID(), secret)
		for ; err != nil; err = errors.Unwrap(err) {
			absent("error", fmt.Sprintf("%v %+v %#v", err, err, err))
		}
	}
	for path, text := range tree(t, home) {
		absent(path+" after use", path+text)
	}
}

// The caller's secret is read, not kept and not changed: clearing it is the
// caller's right.
func TestCallersSecretIsLeftAlone(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	for _, secret := range []string{testPassphrase, code} {
		given := []byte(secret)
		v, err := Unlock(t.Context(), home, id, given, cheap())
		must(t, err)
		if string(given) != secret {
			t.Error("the caller's secret was changed")
		}
		clear(given)
		storeKey(t, v)
		closeVault(t, v)
	}
}
