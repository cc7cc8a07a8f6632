package vault

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault/internal/kdf"
)

func TestWrongSecrets(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	_, foreign := makeVault(t, home, "Bola")
	before := tree(t, home)
	o := patient()
	typo := strings.Replace(code, code[:1], map[bool]string{true: "Q", false: "R"}[code[0] != 'Q'], 1)
	for name, c := range map[string]struct{ secret, says string }{
		"another":             {"correct horse", "wrong passphrase"},
		"one letter off":      {testPassphrase + " ", "wrong passphrase"},
		"empty":               {"", "no passphrase"},
		"endless":             {strings.Repeat("x", 1<<20), "wrong passphrase"},
		"not text":            {"\xff\x00\xfe secret", "wrong passphrase"},
		"mistyped code":       {typo, "mistyped"},
		"code cut short":      {code[:len(code)-3], "mistyped"},
		"code of another one": {foreign, "not the one of this profile"},
	} {
		v, err := Unlock(t.Context(), home, id, []byte(c.secret), o)
		wantProblem(t, err, problem.Locked)
		if v != nil || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v; want it to say %q", name, v, err, c.says)
		}
	}
	after := tree(t, home)
	delete(after, filepath.Join(profilePath(home, id), attemptsName))
	if !maps.Equal(after, before) {
		t.Error("a failed unlocking changed the home")
	}
	v, err := Unlock(t.Context(), home, id, []byte(testPassphrase), o) // and keeps no lock
	must(t, err)
	closeVault(t, v)
}

// Somebody may choose what looks like a recovery code for a passphrase.
func TestPassphraseThatLooksLikeACode(t *testing.T) {
	home := t.TempDir()
	_, code := makeVault(t, home, "Amina")
	v, _, err := Create(t.Context(), home, "Bola", []byte(code), cheap())
	if err != nil {
		t.Fatal(err)
	}
	closeVault(t, v)
	again := mustUnlock(t, home, v.ID(), code)
	if again.OpenedBy() != Passphrase {
		t.Errorf("opened by %s", again.OpenedBy())
	}
	closeVault(t, again)
}

func TestUnlockOfNobody(t *testing.T) {
	home := t.TempDir()
	stranger, _ := ParseID("aaaqeayeaudaocajbifqydiob4")
	_, err := unlock(t, home, stranger, testPassphrase) // no users folder at all
	wantProblem(t, err, problem.NotFound)
	makeVault(t, home, "Amina")
	before := tree(t, home)
	_, err = unlock(t, home, stranger, testPassphrase)
	wantProblem(t, err, problem.NotFound)
	_, err = unlock(t, home, ID{}, testPassphrase)
	wantProblem(t, err, problem.Usage)
	_, err = unlock(t, "", stranger, testPassphrase)
	wantProblem(t, err, problem.Usage)
	if !maps.Equal(tree(t, home), before) {
		t.Error("looking for nobody left a trace")
	}
}

func TestUnlockHonoursCancellation(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Unlock(ctx, home, id, []byte(testPassphrase), cheap())
	wantProblem(t, err, problem.Interrupted)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not a cancellation", err)
	}
	closeVault(t, mustUnlock(t, home, id, testPassphrase))
}

// The options of a program do not open what was made for a test, by neither
// way, and say so before any derivation.
func TestProductionRefusesCheapVaults(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	for _, secret := range []string{testPassphrase, code} {
		_, err := Unlock(t.Context(), home, id, []byte(secret), Options{})
		wantProblem(t, err, problem.Store)
		if !errors.Is(err, kdf.ErrBounds) {
			t.Errorf("refused for another reason: %v", err)
		}
	}
}

// One damaged way in leaves the other, and the error names it.
func TestOneDamagedSlotLeavesTheOther(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	good := readVaultJSON(t, home, id)
	replaceOnce(t, home, id, `"wrapped": "`, `"wrapped": "AA`) // the passphrase's, which comes first
	_, err := unlock(t, home, id, testPassphrase)
	wantProblem(t, err, problem.Store)
	if err == nil || !strings.Contains(err.Error(), "that the passphrase opens") {
		t.Errorf("%v", err)
	}
	closeVault(t, mustUnlock(t, home, id, code))

	at := bytes.LastIndex(good, []byte(`"salt": "`))
	writeVaultJSON(t, home, id, append(bytes.Clone(good[:at]), bytes.Replace(good[at:], []byte(`"salt": "`), []byte(`"salt": "?`), 1)...))
	_, err = unlock(t, home, id, code)
	wantProblem(t, err, problem.Store)
	if err == nil || !strings.Contains(err.Error(), "that the recovery code opens") {
		t.Errorf("%v", err)
	}
	closeVault(t, mustUnlock(t, home, id, testPassphrase))

	replaceOnce(t, home, id, `"recovery"`, `"recoverx"`)
	_, err = unlock(t, home, id, code)
	wantProblem(t, err, problem.Store)
}

// Each bit of vault.json is flipped. The vault then opens to its own keys (the
// bit said nothing: the spelling of a field's name, say) or not at all, and a
// changed name is never shown. Every bit is tried in memory, one bit of each
// byte through the file, by passphrase and code in turn.
func TestEveryBitFlipped(t *testing.T) {
	home := t.TempDir()
	id, code := makeVault(t, home, "Amina")
	v := mustUnlock(t, home, id, testPassphrase)
	key := v.key
	closeVault(t, v)
	good := readVaultJSON(t, home, id)
	opened := 0
	for i := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[i/8] ^= 1 << (i % 8)
		secret := [2]string{testPassphrase, code}[i%2]
		if i%8 == i/8%8 {
			writeVaultJSON(t, home, id, bad)
			tryFlipped(t, i, home, id, secret, key)
		}
		f, err := decodeFile(bad, id)
		if err != nil {
			continue
		}
		var got [keySize]byte
		if _, err := f.open(t.Context(), []byte(secret), kdf.Cheap(), &got); err != nil || f.checkSeal(&got) != nil {
			continue
		}
		opened++
		if got != key || f.Name != "Amina" {
			t.Errorf("bit %d opened as another vault", i)
		}
	}
	if opened == 0 || opened > len(good)*8/2 {
		t.Errorf("%d of %d flipped bits leave the vault usable", opened, len(good)*8)
	}
}

// tryFlipped unlocks a profile whose file has bit i flipped.
func tryFlipped(t *testing.T, i int, home string, id ID, secret string, key [keySize]byte) {
	t.Helper()
	v, err := Unlock(t.Context(), home, id, []byte(secret), patient())
	if err != nil {
		os.Remove(filepath.Join(profilePath(home, id), attemptsName))
		if !problem.Is(err, problem.Store) && !problem.Is(err, problem.Locked) {
			t.Errorf("bit %d: %v", i, err)
		}
		return
	}
	defer closeVault(t, v)
	if v.key != key || v.ID() != id || v.Name() != "Amina" {
		t.Errorf("bit %d opened as another vault", i)
	}
}

// One byte flipped in a slot's own fields is called damage, never a wrong
// passphrase: the person would try for ever.
func TestFlippedSlotIsNotCalledAWrongPassphrase(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	good := readVaultJSON(t, home, id)
	for _, field := range []string{`"salt": "`, `"wrapped": "`} {
		at := bytes.Index(good, []byte(field)) + len(field)
		bad := bytes.Clone(good)
		if bad[at]++; bad[at] == 'Z'+1 {
			bad[at] = 'a'
		}
		writeVaultJSON(t, home, id, bad)
		_, err := unlock(t, home, id, testPassphrase)
		wantProblem(t, err, problem.Store)
	}
}

func TestLinksInTheFolderAreRefused(t *testing.T) {
	for _, name := range []string{"data.db", lockName, "extra"} {
		home := t.TempDir()
		id, _ := makeVault(t, home, "Amina")
		outside := home + "/outside"
		must(t, os.WriteFile(outside, []byte("not ours"), 0o644))
		os.Remove(profilePath(home, id) + "/" + name)
		link(t, outside, profilePath(home, id)+"/"+name)
		_, err := unlock(t, home, id, testPassphrase)
		wantProblem(t, err, problem.Store)
		if !errors.Is(err, errLink) {
			t.Errorf("%s: refused for another reason: %v", name, err)
		}
		info, err := os.Stat(outside)
		must(t, err)
		if data, _ := os.ReadFile(outside); string(data) != "not ours" || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: a file outside was touched: %q, %v", name, data, info.Mode())
		}
	}
}

func BenchmarkUnlock(b *testing.B) {
	home := b.TempDir()
	v, _, err := Create(b.Context(), home, "Amina", []byte(testPassphrase), Options{})
	if err != nil {
		b.Fatal(err)
	}
	id := v.ID()
	closeVault(b, v)
	for b.Loop() {
		v, err := Unlock(b.Context(), home, id, []byte(testPassphrase), Options{})
		if err != nil {
			b.Fatal(err)
		}
		closeVault(b, v)
	}
}
