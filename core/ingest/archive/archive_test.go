package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

func pack(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		f, err := z.Create(parts[i])
		if err == nil {
			_, err = f.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Names are met as programs write them: with a slash in front, backslashes,
// other capitals; none leads out of the archive.
func TestPartsAreFoundByAnySpelling(t *testing.T) {
	a, err := Open(pack(t, `xl\Workbook.xml`, "book", "/docs/./a.xml", "a", "../../up.xml", "up"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"xl/workbook.xml": "book", "/XL/WORKBOOK.XML": "book", "docs/a.xml": "a", "../../up.xml": "up"} {
		got, err := a.Small(name)
		if err != nil || string(got) != want || !a.Has(name) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	got, err := a.Small("none.xml")
	if err != nil || len(got) != 0 || a.Has("none.xml") {
		t.Errorf("a part that is absent: %q, %v", got, err)
	}
}

func TestTextOfAnyUnicodeIsUTF8(t *testing.T) {
	a, err := Open(pack(t, "le", "\xff\xfea\x00\x65\x22", "be", "\xfe\xff\x00a\x22\x65", "bom", "\xef\xbb\xbfa≥"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"le", "be", "bom"} {
		if got, err := a.Small(name); err != nil || string(got) != "a≥" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// A part may become 200 times its packed size, and 16 MiB in any case.
func TestBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", freeSize+1<<20)
	a, err := Open(pack(t, "big", zeros, "small", zeros[:1<<20]))
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.Part("big")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, r)
	if !errors.Is(err, ErrBomb) || n > freeSize {
		t.Errorf("%d bytes came out, %v", n, err)
	}
	if p, ok := errors.AsType[*problem.Problem](Explain(err, "its content")); !ok || !strings.Contains(p.Message, "far more") {
		t.Errorf("%v", Explain(err, "its content"))
	}
	if got, err := a.Small("small"); err != nil || len(got) != 1<<20 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := a.Small("big"); !errors.Is(err, ErrBomb) {
		t.Errorf("a description of %d bytes was read: %v", len(zeros), err)
	}
	var many []string
	for i := range maxParts + 1 {
		many = append(many, fmt.Sprint(i), "")
	}
	if _, err := Open(pack(t, many...)); !problem.Is(err, problem.BadInput) {
		t.Errorf("%d parts: %v", maxParts+1, err)
	}
}

func TestDamageIsTold(t *testing.T) {
	whole := pack(t, "a", strings.Repeat("text that packs ", 500))
	if _, err := Open(whole[:len(whole)/2]); !problem.Is(err, problem.BadInput) {
		t.Errorf("cut: %v", err)
	}
	broken := bytes.Clone(whole)
	broken[40] ^= 0xff
	a, err := Open(broken)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Small("a")
	if p, ok := errors.AsType[*problem.Problem](Explain(err, "part a")); err == nil || !ok || !strings.Contains(p.Message, "damaged in part a") {
		t.Errorf("a flipped byte: %v", err)
	}
	// What is no fault of the file passes as it is.
	told := grid.Bad("x", "y")
	if Explain(nil, "") != nil || !errors.Is(Explain(grid.ErrStop, ""), grid.ErrStop) || Explain(told, "") != error(told) {
		t.Error("an explanation explains too much")
	}
}
