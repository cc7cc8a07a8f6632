package vault

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"chatmrpt/core/vault/internal/kdf"
)

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
func TestXChaCha20Poly1305KnownAnswer(t *testing.T) {
	key := unhex(t, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")
	nonce := unhex(t, "404142434445464748494a4b4c4d4e4f5051525354555657")
	aad := unhex(t, "50515253c0c1c2c3c4c5c6c7")
	const plain = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
	sealed := unhex(t, "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"+
		"731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"+
		"2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"+
		"21f9664c97637da9768812f615c68b13b52e"+
		"c0875924c1c7987947deafd8780acf49")
	got, err := unseal(key, append(nonce, sealed...), aad)
	if err != nil || string(got) != plain {
		t.Errorf("%q, %v", got, err)
	}
	if chacha20poly1305.NonceSizeX != len(nonce) || wrappedSize != 24+32+16 {
		t.Error("sizes differ from the format")
	}
}

// RFC 5869, appendix A.3: SHA-256, neither salt nor info; the first 32 of the
// 42 bytes, as HKDF's output of one length begins that of any longer one.
func TestHKDFKnownAnswer(t *testing.T) {
	ikm := unhex(t, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")
	got, err := subkey(ikm, "")
	if want := "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"; err != nil || hex.EncodeToString(got) != want {
		t.Errorf("%x, %v; want %s", got, err, want)
	}
}

func sampleSlot(t *testing.T) (slot, owner, *[keySize]byte) {
	t.Helper()
	random := rand.NewChaCha8([32]byte{1})
	id, err := newID(random)
	if err != nil {
		t.Fatal(err)
	}
	of, key := owner{version: formatVersion, id: id}, &[keySize]byte{1, 2, 3}
	s, err := newSlot(t.Context(), of, Passphrase, []byte("secret"), key, kdf.Cheap(), random)
	if err != nil {
		t.Fatal(err)
	}
	return s, of, key
}

func TestSlotOpensForItsSecretAlone(t *testing.T) {
	s, of, key := sampleSlot(t)
	var got [keySize]byte
	if err := s.open(t.Context(), of, []byte("secret"), kdf.Cheap(), &got); err != nil || got != *key {
		t.Fatalf("%x, %v", got, err)
	}
	if err := s.verify(of); err != nil {
		t.Error(err)
	}
	got = [keySize]byte{}
	if err := s.open(t.Context(), of, []byte("Secret"), kdf.Cheap(), &got); !errors.Is(err, errWrongSecret) || got != [keySize]byte{} {
		t.Errorf("wrong secret: %x, %v", got, err)
	}
}

// Each thing the seal is bound to is changed alone, with the public check made
// to fit again, as somebody would who wants to pass a slot off.
func TestSlotIsBoundToOwnerKindAndCost(t *testing.T) {
	s, of, _ := sampleSlot(t)
	stranger, err := newID(rand.NewChaCha8([32]byte{2}))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*slot, *owner){
		"version": func(_ *slot, of *owner) { of.version++ },
		"user":    func(_ *slot, of *owner) { of.id = stranger },
		"kind":    func(s *slot, _ *owner) { s.Kind = Recovery },
		"memory":  func(s *slot, _ *owner) { s.MemoryKiB = kdf.MinMemoryKiB },
		"passes":  func(s *slot, _ *owner) { s.MemoryKiB, s.Passes = kdf.MinMemoryKiB, 2 },
		"lanes":   func(s *slot, _ *owner) { s.MemoryKiB, s.Lanes = kdf.MinMemoryKiB, 2 },
		"salt":    func(s *slot, _ *owner) { s.Salt = encode(make([]byte, saltSize)) },
		"wrapped": func(s *slot, _ *owner) { s.Wrapped = encode(make([]byte, wrappedSize)) },
	} {
		forged, to := s, of
		change(&forged, &to)
		salt, wrapped, err := forged.decode()
		if err != nil {
			t.Fatal(err)
		}
		forged.Check = encode(slotCheck(forged.associated(to, salt), wrapped))
		var got [keySize]byte
		if err := forged.open(t.Context(), to, []byte("secret"), kdf.Cheap(), &got); !errors.Is(err, errWrongSecret) || got != [keySize]byte{} {
			t.Errorf("%s changed: %x, %v", name, got, err)
		}
	}
}

// The derivation's own binding hides a slot whose associated data were not
// bound (another salt gives another key anyway), so the seal is tried alone.
func TestSealIsBoundToEveryParameter(t *testing.T) {
	s, of, _ := sampleSlot(t)
	salt, wrapped, _ := s.decode()
	kek, err := kdf.Cheap().Key(t.Context(), []byte("secret"), salt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unseal(kek, wrapped, s.associated(of, salt)); err != nil {
		t.Fatal(err)
	}
	other := of
	other.version++
	variants := map[string][]byte{"version": s.associated(other, salt), "salt": s.associated(of, make([]byte, saltSize))}
	for name, change := range map[string]func(*slot){
		"kind": func(s *slot) { s.Kind = Recovery }, "derivation": func(s *slot) { s.KDF = "argon2i" },
		"memory": func(s *slot) { s.MemoryKiB++ }, "passes": func(s *slot) { s.Passes++ }, "lanes": func(s *slot) { s.Lanes++ },
	} {
		v := s
		change(&v)
		variants[name] = v.associated(of, salt)
	}
	for name, bound := range variants {
		if _, err := unseal(kek, wrapped, bound); err == nil {
			t.Errorf("the seal does not bind the %s", name)
		}
	}
}

func TestDamagedSlotIsToldFromAWrongSecret(t *testing.T) {
	s, of, _ := sampleSlot(t)
	for name, change := range map[string]func(*slot){
		"salt":               func(s *slot) { s.Salt = encode(make([]byte, saltSize)) },
		"salt not base64":    func(s *slot) { s.Salt = "*" + s.Salt[1:] },
		"salt short":         func(s *slot) { s.Salt = encode(make([]byte, saltSize-1)) },
		"wrapped":            func(s *slot) { s.Wrapped = encode(make([]byte, wrappedSize)) },
		"wrapped empty":      func(s *slot) { s.Wrapped = "" },
		"wrapped too long":   func(s *slot) { s.Wrapped = encode(make([]byte, wrappedSize+1)) },
		"kind unknown":       func(s *slot) { s.Kind = "pin" },
		"derivation unknown": func(s *slot) { s.KDF = "argon2i" },
	} {
		hurt := s
		change(&hurt)
		var key [keySize]byte
		if err := hurt.open(t.Context(), of, []byte("secret"), kdf.Cheap(), &key); !errors.Is(err, errSlotDamaged) {
			t.Errorf("%s: open: %v", name, err)
		}
		if err := hurt.verify(of); !errors.Is(err, errSlotDamaged) {
			t.Errorf("%s: verify: %v", name, err)
		}
	}
}

func TestSlotCostsOutsideTheBoundsAreRefused(t *testing.T) {
	s, of, _ := sampleSlot(t)
	var key [keySize]byte
	for _, p := range [][3]uint32{{1 << 31, 1, 1}, {1<<20 + 1, 1, 1}, {65536, 1 << 30, 1}, {65536, 3, 1 << 20}, {0, 0, 0}, {8, 1, 1}} {
		bomb := s
		bomb.MemoryKiB, bomb.Passes, bomb.Lanes = p[0], p[1], p[2]
		if err := bomb.open(t.Context(), of, []byte("secret"), kdf.Production(), &key); !errors.Is(err, kdf.ErrBounds) {
			t.Errorf("%v: %v", p, err)
		}
	}
	if err := s.open(t.Context(), of, []byte("secret"), kdf.Production(), &key); !errors.Is(err, kdf.ErrBounds) {
		t.Errorf("production opened a cheap slot: %v", err)
	}
}

func TestFieldsAreUnambiguous(t *testing.T) {
	if string(fields("a", "bc")) == string(fields("ab", "c")) || string(fields("a")) == string(fields("a", "")) {
		t.Error("two lists give one encoding")
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
