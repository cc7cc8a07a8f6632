package kdf

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
)

// The vectors are those of the reference implementation of Argon2,
// P-H-C/phc-winner-argon2, src/test.c, "Test Argon2id version number: 13"
// (the worked example of RFC 9106 section 5.3 needs a secret and associated
// data, which neither we nor x/crypto use).
func TestArgon2idKnownAnswers(t *testing.T) {
	for _, v := range []struct {
		params         Params
		password, salt string
		want           string
	}{
		{Stored(1<<16, 2, 1), "password", "somesalt", "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"},
		{Stored(1<<8, 2, 1), "password", "somesalt", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
		{Stored(1<<8, 2, 2), "password", "somesalt", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"},
		{Stored(1<<16, 1, 1), "password", "somesalt", "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98"},
		{Stored(1<<16, 4, 1), "password", "somesalt", "9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c"},
		{Stored(1<<16, 2, 1), "differentpassword", "somesalt", "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde"},
		{Stored(1<<16, 2, 1), "password", "diffsalt", "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c"},
	} {
		got, err := v.params.Key(t.Context(), []byte(v.password), []byte(v.salt))
		if err != nil || hex.EncodeToString(got) != v.want {
			t.Errorf("%+v %s %s: %x, %v; want %s", v.params, v.password, v.salt, got, err, v.want)
		}
	}
}

func TestAdmitsOnlyWhatIsWithinBounds(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Params
		ok   bool
	}{
		{"production", Production(), true},
		{"lowest", Stored(MinMemoryKiB, 1, 1), true},
		{"highest", Stored(MaxMemoryKiB, MaxPasses, MaxLanes), true},
		{"too little memory", Stored(MinMemoryKiB-1, 3, 4), false},
		{"too much memory", Stored(MaxMemoryKiB+1, 3, 4), false},
		{"no pass", Stored(65536, 0, 4), false},
		{"too many passes", Stored(65536, MaxPasses+1, 4), false},
		{"no lane", Stored(65536, 3, 0), false},
		{"too many lanes", Stored(65536, 3, MaxLanes+1), false},
		{"lanes that would wrap to 4 as a byte", Stored(65536, 3, 256+4), false},
		{"cheap", Cheap(), false},
		{"none", Params{}, false},
	} {
		err := Production().Admits(c.q)
		if (err == nil) != c.ok || (err != nil && !errors.Is(err, ErrBounds)) {
			t.Errorf("%s: %v, want admitted %v", c.name, err, c.ok)
		}
	}
}

// Cheap admits itself and production, and not what lies between.
func TestCheapAdmitsItself(t *testing.T) {
	if err := Cheap().Admits(Cheap()); err != nil {
		t.Error(err)
	}
	if err := Cheap().Admits(Production()); err != nil {
		t.Error(err)
	}
	if err := Cheap().Admits(Stored(128, 1, 1)); err == nil {
		t.Error("128 KiB admitted")
	}
	if err := (Params{}).Admits(Params{}); err == nil {
		t.Error("no parameters admitted by no parameters")
	}
}

func TestKeyHonoursCancellationAndBounds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Production().Key(ctx, []byte("x"), []byte("saltsalt")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, p := range []Params{{}, Stored(64, 0, 1), Stored(64, 1, 0), Stored(MaxMemoryKiB+1, 1, 1), Stored(64, 1, 300)} {
		if _, err := p.Key(t.Context(), []byte("x"), []byte("saltsalt")); !errors.Is(err, ErrBounds) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestProductionIsTheDesigns(t *testing.T) {
	p := Production()
	if p.MemoryKiB() != 65536 || p.Passes() != 3 || p.Lanes() != 4 || p.IsZero() {
		t.Errorf("production parameters are %+v", p)
	}
}

func BenchmarkProduction(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Production().Key(b.Context(), []byte("correct horse"), []byte("sixteen byte salt")); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRaiseNeverLowers(t *testing.T) {
	today := Production()
	for _, c := range []struct{ slot, want Params }{
		{today, today},
		{Stored(MinMemoryKiB, 1, 1), today},
		{Stored(today.memoryKiB-1, 3, 4), today},
		{Stored(today.memoryKiB, 2, 4), today},
		{Stored(today.memoryKiB, 3, 1), Stored(today.memoryKiB, 3, 1)},
		{Stored(MinMemoryKiB, 9, 2), Stored(today.memoryKiB, 9, 4)},
		{Stored(MaxMemoryKiB, 1, 2), Stored(MaxMemoryKiB, 3, 4)},
		{Stored(MaxMemoryKiB, 4, 2), Stored(MaxMemoryKiB, 4, 2)},
	} {
		if got := today.Raise(c.slot); got != c.want {
			t.Errorf("%+v is raised to %+v, want %+v", c.slot, got, c.want)
		}
	}
	if got := Cheap().Raise(today); got != today {
		t.Errorf("lowered to %+v", got)
	}
}
