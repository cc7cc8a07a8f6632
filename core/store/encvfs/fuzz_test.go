package encvfs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func testSealer(tb testing.TB) *sealer {
	tb.Helper()
	aead, err := subKey(make([]byte, keySize), make([]byte, saltSize), roleMain)
	if err != nil {
		tb.Fatal(err)
	}
	w, err := newWear(0, 0)
	if err != nil {
		tb.Fatal(err)
	}
	return &sealer{aead: aead, wear: w}
}

// FuzzUnseal: no bytes but those that seal made come out, and a sealed unit
// opens under its own number only.
func FuzzUnseal(f *testing.F) {
	nonce := make([]byte, nonceSize) // fixed, for the fuzzer's other processes must make the same unit
	one := []byte{0, 0, 0, 0, 0, 0, 0, 1}
	unit := append(testSealer(f).aead.Seal(nil, nonce, make([]byte, 24), one), nonce...)
	f.Add(unit, uint64(1))
	f.Add(unit[:27], uint64(1))
	f.Add([]byte{}, uint64(0))
	f.Fuzz(func(t *testing.T, sealed []byte, no uint64) {
		s := testSealer(t)
		plain := make([]byte, max(0, len(sealed)-overhead))
		if s.open(plain, no, sealed) && !(no == 1 && bytes.Equal(sealed, unit)) {
			t.Fatal("bytes nobody sealed came out")
		}
		again := make([]byte, len(plain)+overhead)
		if !s.seal(again, no, plain) || !s.open(plain, no, again) || s.open(plain, no+1, again) {
			t.Fatal("a sealed unit doesn't open as it should")
		}
	})
}

// FuzzVerifyPages: whatever the bytes, each page of them is judged, without
// a panic and with no more memory than they justify.
func FuzzVerifyPages(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, saltSize))
	f.Add(make([]byte, saltSize+1))
	f.Add(sealedPages(f, 2))
	f.Fuzz(func(t *testing.T, file []byte) {
		bad, err := VerifyPages(t.Context(), bytes.NewReader(file), make([]byte, keySize))
		if err != nil {
			t.Fatal(err)
		}
		pages := (len(file) + pageSize - 1) / pageSize
		if len(file) <= saltSize && (len(file) == 0 || len(file) == saltSize) {
			pages = 0
		}
		if len(bad) > pages {
			t.Fatalf("%d bad pages of %d", len(bad), pages)
		}
		if len(bad) < pages && !bytes.Equal(file[:saltSize], make([]byte, saltSize)) {
			t.Fatal("a page passes that nobody sealed under this salt")
		}
	})
}

// sealedPages is a file of n pages of zeroes, under a key and salt of zeroes.
func sealedPages(tb testing.TB, n int) []byte {
	s := testSealer(tb)
	file := make([]byte, n*pageSize)
	for no := range n {
		head := 0
		if no == 0 {
			head = saltSize
		}
		page := file[no*pageSize+head : (no+1)*pageSize]
		s.seal(page, uint64(no), make([]byte, len(page)-overhead))
	}
	return file
}

func TestVerifyPagesJudgesEveryPage(t *testing.T) {
	key := make([]byte, keySize)
	file := sealedPages(t, 5)
	verify := func(b []byte) []int64 {
		t.Helper()
		bad, err := VerifyPages(t.Context(), iotest.OneByteReader(bytes.NewReader(b)), key)
		if err != nil {
			t.Fatal(err)
		}
		return bad
	}
	if bad := verify(file); len(bad) > 0 {
		t.Error("sound pages fail:", bad)
	}
	file[3*pageSize] ^= 1
	if bad := verify(file); len(bad) != 1 || bad[0] != 4 {
		t.Error("page 4 is flipped; bad:", bad)
	}
	if bad := verify(file[:4*pageSize+1]); len(bad) != 2 || bad[1] != 5 {
		t.Error("page 5 is cut too; bad:", bad)
	}
	for _, n := range []int{1, 15, 17, 4095} {
		if bad := verify(file[:n]); len(bad) != 1 {
			t.Errorf("%d bytes: bad %v", n, bad)
		}
	}
}

func TestVerifyPagesPassesOnWhatStopsIt(t *testing.T) {
	key := make([]byte, keySize)
	file := sealedPages(t, 5)
	broken := errors.New("broken")
	r := io.MultiReader(bytes.NewReader(file[:2*pageSize]), iotest.ErrReader(broken))
	if _, err := VerifyPages(t.Context(), r, key); !errors.Is(err, broken) {
		t.Error("a reader's error:", err)
	}
	if _, err := VerifyPages(t.Context(), iotest.ErrReader(broken), key); !errors.Is(err, broken) {
		t.Error("a reader's first error:", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := VerifyPages(ctx, bytes.NewReader(file), key); !errors.Is(err, context.Canceled) {
		t.Error("cancelled:", err)
	}
	if _, err := VerifyPages(t.Context(), bytes.NewReader(file), key[:31]); err == nil {
		t.Error("a short key was no error")
	}
	if _, err := VerifyFile(t.Context(), t.TempDir()+"/none.db", key); err == nil {
		t.Error("a missing file was no error")
	}
}
