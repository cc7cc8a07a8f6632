package vault

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"chatmrpt/core/vault/internal/kdf"
)

// testdata/vault-v1.json and -v2.json were written by testdata/write.py with
// libargon2 and libsodium. They prove that the format is what it is said to be, and that
// vaults made today open for ever. The passphrase is typed in NFD, the code in
// small letters.
func TestVaultWrittenByOthersOpens(t *testing.T) {
	for name, store := range map[string]string{"vault-v1.json": "data.db", "vault-v2.json": "data-3.db"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		must(t, err)
		t.Run(name, func(t *testing.T) { opensAsWritten(t, data, store) })
	}
}

func opensAsWritten(t *testing.T, data []byte, store string) {
	t.Helper()
	var want struct{ Passphrase, Recovery, Store, Sync string }
	text, err := os.ReadFile(filepath.Join("testdata", "vault-keys.json"))
	if err != nil || json.Unmarshal(text, &want) != nil {
		t.Fatal(err)
	}
	id, err := ParseID("aaaqeayeaudaocajbifqydiob4")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if err := os.MkdirAll(profilePath(home, id), 0o700); err != nil {
		t.Fatal(err)
	}
	writeVaultJSON(t, home, id, data)
	for secret, by := range map[string]Slot{norm.NFD.String(want.Passphrase): Passphrase, strings.ToLower(want.Recovery): Recovery} {
		v, err := Unlock(t.Context(), home, id, []byte(secret), Options{}) // as a program would
		if err != nil {
			t.Fatal(err)
		}
		sync, err := v.Derive("chatmrpt/sync/1")
		if got := hex.EncodeToString(storeKey(t, v)); got != want.Store || err != nil || hex.EncodeToString(sync[:]) != want.Sync {
			t.Errorf("by %s: store key %s, want %s; sync key %x, want %s", by, got, want.Store, sync, want.Sync)
		}
		if v.OpenedBy() != by || v.Name() != "Kàyọ̀dé" || filepath.Base(v.StorePath()) != store {
			t.Errorf("opened by %s as %q, store %s", v.OpenedBy(), v.Name(), v.StorePath())
		}
		closeVault(t, v)
	}
}

// What we write is, byte for byte, what the other writer writes.
func TestFileIsWrittenAsDescribed(t *testing.T) {
	for _, name := range []string{"vault-v1.json", "vault-v2.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		must(t, err)
		id, _ := ParseID("aaaqeayeaudaocajbifqydiob4")
		f, err := decodeFile(data, id)
		must(t, err)
		if err := f.verifySlots(); err != nil {
			t.Error(err)
		}
		if got, err := encodeFile(f); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%v, written again as\n%s", err, got)
		}
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	good := string(readVaultJSON(t, home, id))
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in the file", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":             {"", errDamaged},
		"cut short":         {good[:len(good)/2], errDamaged},
		"not JSON":          {"users: []", errDamaged},
		"null":              {"null", errDamaged},
		"a list":            {"[" + good + "]", errDamaged},
		"followed by more":  {good + good, errDamaged},
		"huge":              {good + strings.Repeat(" ", maxFileBytes), errDamaged},
		"deep":              {strings.Repeat("[", 50000), errDamaged},
		"not UTF-8":         {change("Amina", "Am\xffna"), errDamaged},
		"unknown field":     {change(`"seal"`, `"sealed"`), errDamaged},
		"other format":      {change("chatmrpt vault", "chatmrpt chest"), errDamaged},
		"newer version":     {change(`"version": 2`, `"version": 3`), errNewer},
		"no version":        {change(`"version": 2`, `"version": 0`), errNewer},
		"older, with store": {change(`"version": 2`, `"version": 1`), errDamaged},
		"no store":          {change(`"store": "data.db"`, `"store": ""`), errDamaged},
		"store elsewhere":   {change(`"store": "data.db"`, `"store": "../data.db"`), errDamaged},
		"store's WAL":       {change(`"store": "data.db"`, `"store": "data.db-wal"`), errDamaged},
		"version as text":   {change(`"version": 2`, `"version": "2"`), errDamaged},
		"no id":             {change(`"id": "`+id.String()+`"`, `"id": null`), errOwner},
		"id of another":     {change(id.String(), "aaaqeayeaudaocajbifqydiob4"), errOwner},
		"a path for an id":  {change(id.String(), "../../../../../../../etc/p"), errDamaged},
		"empty name":        {change(`"Amina"`, `""`), errDamaged},
		"untrimmed name":    {change(`"Amina"`, `" Amina"`), errDamaged},
		"no creation":       {change(`"created": "20`, `"created": null, "seal": "20`), errDamaged},
		"slots gone":        {change(`"slots"`, `"slots": [], "slots"`)[:strings.Index(good, `"slots"`)] + `"slots": []}`, errDamaged},
		"one kind twice":    {change(`"recovery"`, `"passphrase"`), errDamaged},
		"negative memory":   {change(`"memory_kib": 64`, `"memory_kib": -64`), errDamaged},
		"memory off limits": {change(`"memory_kib": 64`, `"memory_kib": 99999999999`), errDamaged},
	} {
		if f, err := decodeFile([]byte(c.text), id); !errors.Is(err, c.want) || f != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestSealNoticesChangedFields(t *testing.T) {
	key := &[keySize]byte{9}
	id, _ := ParseID("aaaqeayeaudaocajbifqydiob4")
	f := file{Format: formatName, Version: formatVersion, Store: storeName, ID: id, Name: "Amina", Created: at("2026-03-01T09:30:00Z")()}
	if err := f.seal(key); err != nil {
		t.Fatal(err)
	}
	if err := f.checkSeal(key); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*file){
		"name":    func(f *file) { f.Name = "Bola" },
		"created": func(f *file) { f.Created = f.Created.AddDate(0, 0, 1) },
		"id":      func(f *file) { f.ID = ID{text: "baaqeayeaudaocajbifqydiob4"} },
		"version": func(f *file) { f.Version = 1 },
		"store":   func(f *file) { f.Store = "data-2.db" },
		"no seal": func(f *file) { f.Seal = "" },
	} {
		forged := f
		change(&forged)
		if err := forged.checkSeal(key); !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.checkSeal(&[keySize]byte{8}); !errors.Is(err, errDamaged) {
		t.Errorf("another key: %v", err)
	}
}

// Whatever the file holds, reading it and trying to open it ends in an error
// or in a file that is read the same again; and it never opens to any key but
// its own.
func FuzzDecodeFile(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "vault-v1.json"))
	if err != nil {
		f.Fatal(err)
	}
	id, _ := ParseID("aaaqeayeaudaocajbifqydiob4")
	f.Add(data)
	second, err := os.ReadFile(filepath.Join("testdata", "vault-v2.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(second)
	f.Add([]byte(`{"format":"chatmrpt vault","version":1,"id":"aaaqeayeaudaocajbifqydiob4","name":"x","created":"2026-03-01T09:30:00Z","slots":[null]}`))
	f.Add([]byte(`{"format":"chatmrpt vault","version":1e0}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decodeFile(data, id)
		if err != nil {
			return
		}
		again, err := encodeFile(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeFile(again, id); err != nil && len(again) <= maxFileBytes {
			t.Fatalf("written again it is refused: %v\n%s", err, again)
		}
		v.verifySlots()
		// Cheap costs only: a fuzzed file may ask for a gigabyte within bounds.
		for _, s := range v.Slots {
			if kdf.Stored(s.MemoryKiB, s.Passes, s.Lanes) != kdf.Cheap() {
				continue
			}
			if err := s.open(t.Context(), v.owner(), []byte("guess"), kdf.Cheap(), new([keySize]byte)); err == nil {
				t.Fatal("a forged slot opened")
			}
		}
	})
}
