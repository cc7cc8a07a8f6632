package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"chatmrpt/sync/bundle"
)

func identity(t testing.TB, b byte) *bundle.Identity {
	t.Helper()
	id, err := bundle.NewIdentity(bytes.Repeat([]byte{b}, bundle.SeedSize))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func office(t testing.TB) (bundle.Recipient, bundle.Keys, string) {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := bundle.ParseKeys([]byte("# created: now\n" + id.String() + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return bundle.Recipient{Name: "office", Key: id.Recipient().String()}, keys, id.String()
}

func circle(t testing.TB, own *bundle.Identity, others ...bundle.Recipient) *bundle.Circle {
	t.Helper()
	c, err := bundle.NewCircle(own, others)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func at() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC) }

// The standard age tool, built from its own module, opens parts sealed here with
// the key that Identity.Secret hands out and with an office's, and what comes
// out is a zip that another reader opens.
func TestTheStandardToolOpensABundle(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the tool is built and run as on Linux")
	}
	dir := t.TempDir()
	tool := filepath.Join(dir, "age")
	if out, err := exec.Command("go", "build", "-o", tool, "filippo.io/age/cmd/age").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	own := identity(t, 1)
	to, _, officeSecret := office(t)
	c := circle(t, own, to)
	noise := make([]byte, bundle.PartSize) // does not compress, so that there are two parts
	for i, x := 0, uint32(7); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	parts, err := pack([]bundle.File{{Path: "tables/ranking.csv", Data: []byte("ward,rank\nSokoto,1\n")}, {Path: "maps/rank.png", Data: noise}})
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != 2 {
		t.Fatalf("%d parts", len(parts))
	}
	for who, secret := range map[string]string{"owner": own.Secret(), "office": officeSecret} {
		key := filepath.Join(dir, who)
		if err := os.WriteFile(key, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var all bytes.Buffer
		for _, p := range parts {
			sealed, err := c.Seal(p)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(tool, "-d", "-i", key)
			cmd.Stdin = bytes.NewReader(sealed)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: age: %v", who, err)
			}
			all.Write(out)
		}
		z, err := zip.NewReader(bytes.NewReader(all.Bytes()), int64(all.Len()))
		if err != nil {
			t.Fatal(err)
		}
		f, err := z.Open("tables/ranking.csv")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil || string(text) != "ward,rank\nSokoto,1\n" {
			t.Errorf("%s read %q (%v)", who, text, err)
		}
	}
}

func TestOnlyTheCircleOpens(t *testing.T) {
	own, other := identity(t, 1), identity(t, 2)
	to, keys, _ := office(t)
	sealed, err := circle(t, own, to).Seal([]byte("secret ward"))
	if err != nil {
		t.Fatal(err)
	}
	for who, k := range map[string]bundle.Keys{"owner": bundle.KeysOf(own), "office": keys, "one of two": bundle.KeysOf(other, own)} {
		if plain, err := k.Open(sealed); err != nil || string(plain) != "secret ward" {
			t.Errorf("%s: %q (%v)", who, plain, err)
		}
	}
	for who, k := range map[string]bundle.Keys{"a stranger": bundle.KeysOf(other), "nobody": nil} {
		if _, err := k.Open(sealed); !errors.Is(err, bundle.ErrSeal) {
			t.Errorf("%s: %v", who, err)
		}
	}
	for at := 0; at < len(sealed); at += 23 {
		bad := slices.Clone(sealed)
		bad[at] ^= 4
		if plain, err := bundle.KeysOf(own).Open(bad); err == nil {
			t.Fatalf("byte %d changed: opened to %q", at, plain)
		}
	}
	for cut := 0; cut < len(sealed); cut += 17 {
		if _, err := bundle.KeysOf(own).Open(sealed[:cut]); err == nil {
			t.Fatalf("cut at %d: opened", cut)
		}
	}
}

func TestNamesOfParts(t *testing.T) {
	own := identity(t, 1)
	to, _, _ := office(t)
	a, b := circle(t, own), circle(t, own, to)
	if a.PartName(sha256.Sum256([]byte("x"))) != circle(t, identity(t, 1)).PartName(sha256.Sum256([]byte("x"))) {
		t.Error("another device gives another name")
	}
	for name, other := range map[string]string{
		"other bytes": a.PartName(sha256.Sum256([]byte("y"))), "another circle": b.PartName(sha256.Sum256([]byte("x"))), "another user": circle(t, identity(t, 2)).PartName(sha256.Sum256([]byte("x"))),
	} {
		if other == a.PartName(sha256.Sum256([]byte("x"))) {
			t.Errorf("%s: the same name", name)
		}
	}
}

func TestAnIdentityPrintsNoKey(t *testing.T) {
	id := identity(t, 1)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if got := fmt.Sprintf(verb, id); got != "identity "+id.Fingerprint() {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if _, err := age.ParseHybridIdentity(id.Secret()); err != nil || !strings.HasPrefix(id.Recipient(), "age1pq1") {
		t.Errorf("age does not read the key: %v", err)
	}
	if _, err := bundle.NewIdentity([]byte("short")); err == nil {
		t.Error("a short seed was taken")
	}
}

func TestRecipientFiles(t *testing.T) {
	to, _, secret := office(t)
	got, err := bundle.ParseRecipients([]byte("# created: 2026\n# NMEP office\n" + to.Key + "\n\n"))
	if err != nil || len(got) != 1 || got[0].Name != "NMEP office" || got[0].Key != to.Key {
		t.Errorf("%+v (%v)", got, err)
	}
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"nothing": "# only words\n", "a private key": secret, "the old sort": classic.Recipient().String(), "words": "hello"} {
		_, err := bundle.ParseRecipients([]byte(text))
		if err == nil || strings.Contains(err.Error(), secret[30:]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := bundle.ParseKeys([]byte("AGE-SECRET-KEY-PQ-1BROKEN")); err == nil || strings.Contains(err.Error(), "BROKEN") {
		t.Errorf("a broken private key: %v", err)
	}
}

// pack gives the parts of files.
func pack(files []bundle.File) (parts [][]byte, err error) {
	return parts, bundle.Pack(files, at(), func(part []byte) error {
		parts = append(parts, part)
		return nil
	})
}

func zipped(files []bundle.File) ([]byte, error) {
	parts, err := pack(files)
	return bytes.Join(parts, nil), err
}

// However the bytes come, all parts but the last are of one size; an error of
// the receiver ends the packing at once.
func TestPartsAreOfOneSize(t *testing.T) {
	noise := make([]byte, 3*bundle.PartSize+77)
	for i, x := 0, uint32(7); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	files := []bundle.File{{Path: "a.bin", Data: noise[:bundle.PartSize-50]}, {Path: "b.bin", Data: noise}, {Path: "c.txt", Data: []byte("c")}}
	parts, err := pack(files)
	if err != nil || len(parts) < 4 {
		t.Fatalf("%d parts (%v)", len(parts), err)
	}
	for i, p := range parts[:len(parts)-1] {
		if len(p) != bundle.PartSize {
			t.Errorf("part %d has %d bytes", i, len(p))
		}
	}
	if last := len(parts[len(parts)-1]); last == 0 || last > bundle.PartSize {
		t.Errorf("the last part has %d bytes", last)
	}
	stop, given := errors.New("stop"), 0
	if err := bundle.Pack(files, at(), func([]byte) error { given++; return stop }); !errors.Is(err, stop) || given != 1 {
		t.Errorf("%v after %d parts", err, given)
	}
}

func TestPackIsTheSameEachTimeAndHidesTheSize(t *testing.T) {
	sizes := map[int]bool{}
	for n := 1; n < 400; n += 2 {
		files := []bundle.File{{Path: "b.csv", Data: bytes.Repeat([]byte("ab,"), n)}, {Path: "a/café.png", Data: bytes.Repeat([]byte{1, 2, 3}, 7*n)}}
		one, err := zipped(files)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(files)
		two, err := zipped(files)
		if err != nil || !bytes.Equal(one, two) {
			t.Fatalf("the order of the files shows (%v)", err)
		}
		sizes[len(one)] = true
		got, err := bundle.Unpack(one, bundle.List(files))
		if err != nil || len(got) != 2 || !bytes.Equal(got[0].Data, files[0].Data) || got[1].Path != files[1].Path {
			t.Fatalf("%v", err)
		}
	}
	// Padmé leaves few sizes between 4 and 9 KiB: 128 apart below 8 KiB, 256 above.
	if len(sizes) > 45 {
		t.Errorf("%d sizes of 200 bundles", len(sizes))
	}
	for size := range sizes {
		if size%128 != 0 {
			t.Errorf("a bundle of %d bytes", size)
		}
	}
}

func TestPackRefusesPathsThatLeadElsewhere(t *testing.T) {
	for _, p := range []string{"", "../x", "a/../../x", "/etc/x", "a//b", `a\b`, "c:x", ".hidden", "a/.b", "x.", "NUL", "com1.csv", "a\x00b", "a\nb", strings.Repeat("x", 300), "./a"} {
		if _, err := pack([]bundle.File{{Path: p, Data: []byte("x")}}); err == nil {
			t.Errorf("%q was packed", p)
		}
		good, err := zipped([]bundle.File{{Path: "a", Data: []byte("x")}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bundle.Unpack(good, []bundle.Listed{{Path: p, Size: 1}}); err == nil {
			t.Errorf("%q was unpacked", p)
		}
	}
	if _, err := pack([]bundle.File{{Path: "a", Data: nil}, {Path: "a", Data: nil}}); err == nil {
		t.Error("two files of one name were packed")
	}
}

// A zip that inflates to far more than is listed costs no more than is listed.
func TestUnpackBelievesNothing(t *testing.T) {
	files := []bundle.File{{Path: "a.csv", Data: make([]byte, 1<<20)}}
	payload, err := zipped(files)
	if err != nil {
		t.Fatal(err)
	}
	listed := bundle.List(files)
	for name, change := range map[string]func(l []bundle.Listed){
		"shorter": func(l []bundle.Listed) { l[0].Size = 10 }, "longer": func(l []bundle.Listed) { l[0].Size++ },
		"negative": func(l []bundle.Listed) { l[0].Size = -1 }, "other hash": func(l []bundle.Listed) { l[0].SHA256 = strings.Repeat("0", 64) },
		"other name": func(l []bundle.Listed) { l[0].Path = "b.csv" },
	} {
		l := slices.Clone(listed)
		change(l)
		if _, err := bundle.Unpack(payload, l); err == nil {
			t.Errorf("%s: unpacked", name)
		}
	}
	for cut := 0; cut < len(payload); cut += 13 {
		if _, err := bundle.Unpack(payload[:cut], listed); err == nil {
			t.Fatalf("cut at %d: unpacked", cut)
		}
	}
}

func manifest() *bundle.Manifest {
	part := bundle.Part{Name: strings.Repeat("a", 64), Size: 100, SHA256: strings.Repeat("b", 64)}
	return &bundle.Manifest{
		Format: bundle.Format, Kind: bundle.Results, User: "amina", Device: "0123456789abcdef", Seq: 1, Prev: strings.Repeat("c", 64), Written: at(),
		Entries: []bundle.Entry{{ID: "00000000000000aa", Rev: 1, Title: "Kwara", Size: 10, SHA256: strings.Repeat("d", 64),
			Files: []bundle.Listed{{Path: "a.csv", Size: 3}}, Parts: []bundle.Part{part}}},
	}
}

func TestManifestsAreSignedAndChecked(t *testing.T) {
	own := identity(t, 1)
	to, keys, _ := office(t)
	c := circle(t, own, to)
	sealed, err := c.Write(manifest())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []bundle.Keys{bundle.KeysOf(own), keys} {
		m, signer, err := k.Read(sealed)
		if err != nil || !signer.Equal(own.PublicKey()) || m.Entries[0].Title != "Kwara" {
			t.Errorf("%+v (%v)", m, err)
		}
	}
	// The office can seal to the user, but not sign for her.
	forged, err := circle(t, identity(t, 2), bundle.Recipient{Key: own.Recipient()}).Write(manifest())
	if err != nil {
		t.Fatal(err)
	}
	if _, signer, err := bundle.KeysOf(own).Read(forged); err != nil || signer.Equal(own.PublicKey()) {
		t.Errorf("a forged manifest passes for hers (%v)", err)
	}
	for name, change := range map[string]func(m *bundle.Manifest){
		"a newer format": func(m *bundle.Manifest) { m.Format++ }, "no kind": func(m *bundle.Manifest) { m.Kind = "x" },
		"a path as device": func(m *bundle.Manifest) { m.Device = "../../bob" }, "no one before": func(m *bundle.Manifest) { m.Prev = "" },
		"a part too many": func(m *bundle.Manifest) { m.Entries[0].Parts = append(m.Entries[0].Parts, m.Entries[0].Parts...) },
		"a path out":      func(m *bundle.Manifest) { m.Entries[0].Files[0].Path = "../x" }, "a part elsewhere": func(m *bundle.Manifest) { m.Entries[0].Parts[0].Name = "../x" },
		"too large": func(m *bundle.Manifest) { m.Entries[0].Size = 1 << 40 }, "an id": func(m *bundle.Manifest) { m.Entries[0].ID = "../../../x" },
	} {
		m := manifest()
		change(m)
		bad, err := c.Write(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := bundle.KeysOf(own).Read(bad); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
}

// What leaves shows no name: neither in a part nor in a manifest.
func TestSealedBytesShowNothing(t *testing.T) {
	c := circle(t, identity(t, 1))
	sealed, err := c.Write(manifest())
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"amina", "Kwara", "a.csv", "0123456789abcdef"} {
		if bytes.Contains(sealed, []byte(word)) {
			t.Errorf("%s can be read", word)
		}
	}
}

func FuzzReadManifest(f *testing.F) {
	own := identity(f, 1)
	c := circle(f, own)
	f.Add([]byte(`{"body":"e30=","key":"","signature":""}`))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		sealed, err := c.Seal(text)
		if err != nil {
			t.Fatal(err)
		}
		if m, _, err := bundle.KeysOf(own).Read(sealed); err == nil {
			t.Fatalf("unsigned text was read: %+v", m)
		}
	})
}
