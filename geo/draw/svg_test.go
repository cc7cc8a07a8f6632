package draw

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatmrpt/geo/scene"
)

var update = flag.Bool("update", false, "write the golden files anew")

func svg(t testing.TB, s *scene.Scene) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := SVG(t.Context(), &b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The whole map as text: a change of layout, projection, simplification or
// format shows here. Look at the picture before updating.
func TestSVGGolden(t *testing.T) {
	got := svg(t, build(t, sixAreas()))
	name := filepath.Join("testdata", "six_areas.svg")
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
		for i := range min(len(gotLines), len(wantLines)) {
			if gotLines[i] != wantLines[i] {
				t.Fatalf("line %d:\n%s\nwant:\n%s", i+1, gotLines[i], wantLines[i])
			}
		}
		t.Fatalf("%d lines, want %d", len(gotLines), len(wantLines))
	}
}

// element counts the elements of a document and gathers its text; it fails on
// anything that is not well formed.
func elements(t *testing.T, data []byte) (count map[string]int, texts []string) {
	t.Helper()
	count = map[string]int{}
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := token.(type) {
		case xml.StartElement:
			count[tok.Name.Local]++
		case xml.CharData:
			if text := strings.TrimSpace(string(tok)); text != "" {
				texts = append(texts, text)
			}
		}
	}
}

func TestSVGIsWellFormedWhateverTheText(t *testing.T) {
	hostile := `</text><script>alert("x")</script><!-- ]]> & ` + "\x00\x0b\xff" + ` 'Ẹ' 🦟`
	m := sixAreas()
	m.Title, m.Subtitle, m.LegendTitle, m.Unit, m.NoData = hostile, hostile, hostile, hostile, hostile
	m.Notes = []string{hostile}
	m.Classes[0].Label = hostile
	m.Width, m.Height = 800, 500
	count, texts := elements(t, svg(t, build(t, m)))
	if count["script"] > 0 || count["svg"] != 1 || count["text"] < 10 {
		t.Errorf("elements %v", count)
	}
	if !strings.Contains(strings.Join(texts, " "), `</text><script>alert("x")</script>`) {
		t.Errorf("the text was lost: %q", texts)
	}
}

func TestSVGHoldsTheMap(t *testing.T) {
	s := build(t, sixAreas())
	data := string(svg(t, s))
	count, texts := elements(t, []byte(data))
	if count["g"] != 4 { // three classes and no data
		t.Errorf("%d groups of colours, want 4", count["g"])
	}
	if got, want := texts[0], sixAreas().Title; got != want {
		t.Errorf("titled %q, want %q", got, want)
	}
	if !strings.Contains(data, `width="400pt" height="250pt" viewBox="0 0 8000 5000"`) {
		t.Error("the size is not 400 by 250 points")
	}
	for _, class := range sixAreas().Classes {
		hex := strings.ToLower(hexOf(class.Fill))
		// A hair line of its own colour closes the seams.
		if !strings.Contains(data, `<g fill="`+hex+`" stroke="`+hex+`"`) {
			t.Errorf("no areas of %s (%s)", class.Label, hex)
		}
	}
}

func hexOf(c color.NRGBA) string {
	const digits = "0123456789abcdef"
	out := []byte{'#'}
	for _, v := range []uint8{c.R, c.G, c.B} {
		out = append(out, digits[v>>4], digits[v&15])
	}
	return string(out)
}

// Path data in its shortest form: steps, and a space only where no minus sign
// parts the numbers.
func TestSVGPath(t *testing.T) {
	s := page(scene.Strokes{
		Lines: [][]scene.Point{{{X: 1, Y: 2}, {X: 0.5, Y: 3}, {X: 1, Y: 2.5}}, {{X: 0, Y: -1}, {X: 0, Y: 0}}},
		Width: 0.5, Color: color.NRGBA{1, 2, 3, 51},
	})
	want := `<path fill="none" stroke="#010203" stroke-opacity="0.2" stroke-width="10" stroke-linejoin="bevel" d="M20 40l-10 20 10-10M0-20l0 20"/>`
	if got := string(svg(t, s)); !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestSVGFails(t *testing.T) {
	s := build(t, sixAreas())
	if err := SVG(t.Context(), &brokenWriter{left: 10}, s); !errors.Is(err, errBroken) {
		t.Errorf("a broken writer gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := SVG(ctx, io.Discard, s); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}
