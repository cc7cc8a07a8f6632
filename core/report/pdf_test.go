package report_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/report"
	"chatmrpt/geo/scene"
)

var update = flag.Bool("update", false, "write the golden file anew")

func created() time.Time { return time.Date(2025, 3, 3, 9, 30, 0, 0, time.UTC) }

// brief is the sample document with maps that show one word each.
func brief() report.Document {
	d := report.SampleDocument()
	d.Maps = []*scene.Scene{report.PlainScene(416, 300, "Risk"), report.PlainScene(416, 232, "Nets")}
	return d
}

func write(t *testing.T, d report.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.PDF(t.Context(), &b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGoldenText(t *testing.T) {
	var got strings.Builder
	for i, page := range extract(t, write(t, brief())) {
		fmt.Fprintf(&got, "=== page %d\n%s\n", i+1, strings.Join(page, "\n"))
	}
	name := filepath.Join("testdata", "brief.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, got.String(), string(want))
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			t.Fatalf("line %d is missing: %q", i+1, w[i])
		case i >= len(w):
			t.Fatalf("line %d is too much: %q", i+1, g[i])
		case g[i] != w[i]:
			t.Fatalf("line %d is %q, want %q", i+1, g[i], w[i])
		}
	}
}

func TestEqualDocumentsGiveEqualBytes(t *testing.T) {
	first := write(t, brief())
	for range 3 {
		if !bytes.Equal(first, write(t, brief())) {
			t.Fatal("the same document was written in two ways")
		}
	}
	other := brief()
	other.Limits[0] = "Another limit."
	if bytes.Equal(first, write(t, other)) {
		t.Error("another document was written with the same bytes")
	}
}

// metadata reads an entry of the information dictionary, in UTF-16 or plain.
func metadata(t *testing.T, file []byte, key string) string {
	t.Helper()
	all := regexp.MustCompile(`(?s)/`+key+` \((.*?[^\\])\)\n`).FindAllSubmatch(file, -1)
	if all == nil {
		t.Fatalf("no /%s", key)
	}
	m := all[len(all)-1] // the entries of the outline, which have titles too, come before
	if mark := []byte{0xFE, 0xFF}; bytes.HasPrefix(m[1], mark) {
		return decode(m[1][2:])
	}
	return string(m[1])
}

func TestMetadata(t *testing.T) {
	file := write(t, brief())
	for key, want := range map[string]string{
		"Title": "Malaria risk by ward and bed net plan", "Author": "Ọlájùmọ̀kẹ́ Ṣadé", "Creator": "ChatMRPT 0.1.0",
		"Subject":      "MADE-UP DATA: no real place, person or facility. Zubuma – 220 wards",
		"CreationDate": "D:20250303093000", "ModDate": "D:20250303093000",
	} {
		if got := metadata(t, file, key); got != want {
			t.Errorf("/%s is %q, want %q", key, got, want)
		}
	}
	if !bytes.Contains(file, []byte("/Lang (en-GB)")) {
		t.Error("the document does not say its language")
	}
	real := brief()
	real.Fictional = false
	if got := metadata(t, write(t, real), "Subject"); got != "Zubuma – 220 wards" {
		t.Errorf("the subject of real data is %q", got)
	}
}

func TestTextIsSelectable(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext, of the Poppler tools, is not installed; TestGoldenText reads the text without it")
	}
	name := filepath.Join(t.TempDir(), "brief.pdf")
	if err := os.WriteFile(name, write(t, brief()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-enc", "UTF-8", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(out, []byte("\f")); n != 3 {
		t.Errorf("%d pages, want 3", n)
	}
	all := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range []string{
		"highest risk: Gidan Ɓaure (Ƙaramar Kurmi), Ẹgbẹ́ Ọṣun (Lokota), Tashar Ɗan Iya (Wuroma).", "Zubuma – 220 wards",
		"(≥ 1 person is needed, ≤ 5,000,000 allowed)", "What the figures can’t say", "SHA-256 9f86d081884c7d65…", "page 3 of 3", "Risk", "Nets",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("can't select %q", want)
		}
	}
}

// brokenWriter fails after so many bytes.
type brokenWriter struct{ left int }

var errBroken = errors.New("the disk is full")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestFailures(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	undated, empty := brief(), brief()
	undated.Created = time.Time{}
	empty.Maps = []*scene.Scene{{}}
	one := report.PlainScene(200, 200, "Risk")
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"no time", report.PDF(t.Context(), &bytes.Buffer{}, undated), report.ErrCreated},
		{"ended", report.PDF(ended, &bytes.Buffer{}, brief()), context.Canceled},
		{"full disk", report.PDF(t.Context(), &brokenWriter{100}, brief()), errBroken},
		{"map without time", report.MapPDF(t.Context(), &bytes.Buffer{}, one, time.Time{}), report.ErrCreated},
		{"no map", report.MapPDF(t.Context(), &bytes.Buffer{}, nil, created()), report.ErrScene},
		{"map ended", report.MapPDF(ended, &bytes.Buffer{}, one, created()), context.Canceled},
		{"map on a full disk", report.MapPDF(t.Context(), &brokenWriter{100}, one, created()), errBroken},
	}
	for _, tt := range tests {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, tt.err, tt.want)
		}
	}
	if err := report.PDF(t.Context(), &bytes.Buffer{}, empty); err == nil {
		t.Error("a map without a size was drawn")
	}
}

func TestMapPDF(t *testing.T) {
	for _, size := range [][2]float64{{842, 595}, {400, 600}, {3000, 3000}} {
		s := report.PlainScene(size[0], size[1], "Ẹ̀kọ́ ≥ 5")
		var a, b bytes.Buffer
		for _, w := range []*bytes.Buffer{&a, &b} {
			if err := report.MapPDF(t.Context(), w, s, created()); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Error("the same map was written in two ways")
		}
		if pages := extract(t, a.Bytes()); len(pages) != 1 || len(pages[0]) != 1 || pages[0][0] != s.Title {
			t.Errorf("a map of %v has the pages %q", size, pages)
		}
		if box := fmt.Sprintf("/MediaBox [0 0 %.2f %.2f]", size[0], size[1]); !bytes.Contains(a.Bytes(), []byte(box)) {
			t.Errorf("a map of %v is not on a page of its size", size)
		}
		if got := metadata(t, a.Bytes(), "Title"); got != s.Title {
			t.Errorf("the title is %q", got)
		}
		if got := metadata(t, a.Bytes(), "Creator"); got != "ChatMRPT" {
			t.Errorf("the creator is %q", got)
		}
	}
}
