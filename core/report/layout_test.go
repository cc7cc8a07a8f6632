package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/geo/scene"
)

func layout(t testing.TB, d Document) []page {
	t.Helper()
	pages := compose(testRuler(), d)
	checkPages(t, pages)
	return pages
}

// checkPages proves what must hold of every page: nothing leaves its margins,
// and no line of text lies on another or on a map.
func checkPages(t testing.TB, pages []page) {
	t.Helper()
	r := testRuler()
	for n, p := range pages {
		var taken []box
		for _, it := range p.items {
			b, ok := extent(r, it)
			if !ok {
				continue
			}
			if b.x < marginX-0.1 || b.x+b.w > pageW-marginX+0.1 || b.y < marginTop-14.1 || b.y+b.h > pageH-20 {
				t.Errorf("page %d: %#v leaves the page's margins", n+1, it)
			}
			if _, isBox := it.(box); isBox {
				continue
			}
			for _, other := range taken {
				if overlap(b, other) {
					t.Errorf("page %d: %#v lies on %v", n+1, it, other)
				}
			}
			taken = append(taken, b)
		}
	}
}

// extent is the room an item takes, for text from the tops of capitals to the
// feet of descenders.
func extent(r ruler, it item) (box, bool) {
	switch it := it.(type) {
	case label:
		return box{x: it.x, y: it.y - 0.73*it.size, w: r.width(it.text, it.size), h: 0.93 * it.size}, it.text != ""
	case box:
		return it, true
	case picture:
		return box{x: it.x, y: it.y, w: it.w, h: it.h}, true
	}
	return box{}, false
}

func overlap(a, b box) bool {
	const touch = 0.05
	return a.x+touch < b.x+b.w && b.x+touch < a.x+a.w && a.y+touch < b.y+b.h && b.y+touch < a.y+a.h
}

// texts lists the lines of text of a page in the order in which they are set.
func texts(p page) []string {
	var out []string
	for _, it := range p.items {
		if l, ok := it.(label); ok {
			out = append(out, l.text)
		}
	}
	return out
}

func allText(pages []page) string {
	var out []string
	for _, p := range pages {
		out = append(out, texts(p)...)
	}
	return strings.Join(out, " ")
}

func pictures(p page) []picture {
	var out []picture
	for _, it := range p.items {
		if pic, ok := it.(picture); ok {
			out = append(out, pic)
		}
	}
	return out
}

func withMaps(d Document, scenes ...*scene.Scene) Document {
	d.Maps = scenes
	return d
}

func TestBriefHasThreePages(t *testing.T) {
	d := SampleDocument()
	for _, size := range [][2]float64{{520, 400}, {416, 300}, {416, 232}} {
		first, second := PlainScene(size[0], size[1], "Risk"), PlainScene(size[0], size[1], "Nets")
		pages := layout(t, withMaps(d, first, second))
		if len(pages) != 3 {
			t.Errorf("with maps of %v: %d pages, want 3", size, len(pages))
		}
		if got := pictures(pages[0]); len(got) != 1 || got[0].scene != first {
			t.Errorf("with maps of %v: the first page has the pictures %v, want the risk map", size, got)
		}
		if got := pictures(pages[1]); len(got) != 1 || got[0].scene != second {
			t.Errorf("with maps of %v: the second page has the pictures %v, want the map of nets", size, got)
		}
	}
}

func TestBriefWithoutPlanHasTwoPages(t *testing.T) {
	d := withMaps(SampleDocument(), PlainScene(520, 400, "Risk"))
	d.Plan = nil
	if n := len(layout(t, d)); n != 2 {
		t.Errorf("%d pages, want 2", n)
	}
}

func TestEveryWordIsPrinted(t *testing.T) {
	d := SampleDocument()
	all := allText(layout(t, withMaps(d, PlainScene(520, 400, "Risk"), PlainScene(520, 400, "Nets"))))
	for _, part := range [][]string{d.Summary, d.Method, d.Limits, {d.Title, d.Subtitle, d.Author}} {
		for _, s := range part {
			if !strings.Contains(all, clean(s)) {
				t.Errorf("not printed as one run: %q", s)
			}
		}
	}
	for _, f := range slices.Concat(d.Facts, d.Sources) {
		if !strings.Contains(all, clean(f.Label)+" "+clean(f.Value)) {
			t.Errorf("not printed as label and value: %v", f)
		}
	}
	for _, q := range d.Quality { // a column may end within a sentence
		for word := range strings.FieldsSeq(q) {
			if !strings.Contains(all, word) {
				t.Errorf("the word %q of %q is not printed", word, q)
			}
		}
	}
}

func TestEmptyPartsAreLeftOut(t *testing.T) {
	pages := layout(t, Document{Created: created()})
	if len(pages) != 1 {
		t.Fatalf("%d pages, want 1", len(pages))
	}
	want := []string{"3 March 2025", "Created 3 March 2025 · page 1 of 1"}
	if got := texts(pages[0]); !slices.Equal(got, want) {
		t.Errorf("an empty document prints %q, want %q", got, want)
	}
	nearly := Document{
		Created: created(), Summary: []string{" "}, Maps: []*scene.Scene{nil}, Method: []string{""}, Quality: []string{"\n"},
		Top: &Table{Title: "Top", Head: []string{"Rank"}}, Bottom: &Table{Title: "Bottom"}, Plan: &Table{},
	}
	if got := texts(layout(t, nearly)[0]); !slices.Equal(got, want) {
		t.Errorf("a document of blanks prints %q, want %q", got, want)
	}
}

func TestEachPartMayBeMissing(t *testing.T) {
	drops := map[string]func(*Document){
		factsHeading:           func(d *Document) { d.Facts = nil },
		methodHeading:          func(d *Document) { d.Method = nil },
		qualityHeading:         func(d *Document) { d.Quality = nil },
		limitsHeading:          func(d *Document) { d.Limits = nil },
		sourcesHeading:         func(d *Document) { d.Sources = nil },
		"Ten wards at highest": func(d *Document) { d.Top = nil },
		"Ten wards at lowest":  func(d *Document) { d.Bottom = nil },
		"Bed nets for":         func(d *Document) { d.Plan = nil },
	}
	whole := allText(layout(t, SampleDocument()))
	for heading, drop := range drops {
		d := SampleDocument()
		drop(&d)
		if !strings.Contains(whole, heading) {
			t.Errorf("the whole document has no %q", heading)
		}
		if strings.Contains(allText(layout(t, d)), heading) {
			t.Errorf("%q is printed without its part", heading)
		}
	}
}

func TestMarginsOfEveryPage(t *testing.T) {
	d := SampleDocument()
	for _, made := range []bool{true, false} {
		d.Fictional = made
		pages := layout(t, d)
		for i, p := range pages {
			all := texts(p)
			if made {
				checkBanner(t, p)
			}
			if (all[0] == fictional) != made {
				t.Errorf("fictional %v: page %d begins with %q", made, i+1, all[0])
			}
			want := fmt.Sprintf("Created 3 March 2025 · ChatMRPT 0.1.0 · page %d of %d", i+1, len(pages))
			if got := all[len(all)-2:]; got[0] != d.Title || got[1] != want {
				t.Errorf("page %d ends with %q", i+1, got)
			}
		}
	}
}

// checkBanner proves that the banner is first on its page and stands apart.
func checkBanner(t *testing.T, p page) {
	t.Helper()
	banner, ok := p.items[0].(box)
	if !ok || banner.fill != amber {
		t.Fatalf("the page begins with %#v", p.items[0])
	}
	for _, it := range p.items[2:] {
		if b, ok := extent(testRuler(), it); ok && b.y < banner.y+banner.h+8 {
			t.Errorf("%#v is too near to the banner", it)
		}
	}
}

func TestOutline(t *testing.T) {
	var got []string
	for _, p := range layout(t, SampleDocument()) {
		for _, it := range p.items {
			if e, ok := it.(entry); ok {
				got = append(got, e.text)
			}
		}
	}
	want := []string{
		factsHeading, "Ten wards at highest risk", "Ten wards at lowest risk", "Bed nets for the ten wards at highest risk",
		methodHeading, qualityHeading, limitsHeading, sourcesHeading,
	}
	if !slices.Equal(got, want) {
		t.Errorf("outline %q, want %q", got, want)
	}
}

func TestMapMakesRoomForTheChoices(t *testing.T) {
	d := withMaps(SampleDocument(), PlainScene(520, 480, "Risk"))
	first := layout(t, d)[0]
	pic := pictures(first)
	if len(pic) != 1 || pic[0].h >= bodyW*480/520-2 {
		t.Fatalf("pictures %v: want one, lower than it could be", pic)
	}
	if !slices.Contains(texts(first), factsHeading) {
		t.Error("the choices are not on the first page")
	}
}

func TestTallMapKeepsItsSize(t *testing.T) {
	d := withMaps(SampleDocument(), PlainScene(400, 560, "Risk"))
	for _, p := range layout(t, d) {
		for _, pic := range pictures(p) {
			if most := bodyBottom - marginTop; pic.h < leastMap*most*0.9 {
				t.Errorf("the map is only %v points high", pic.h)
			}
		}
	}
}

func TestMapBeforePlanWhereTableDoesNotFit(t *testing.T) {
	p := newPress(testRuler(), marginTop)
	p.y = bodyBottom - 420 // room for the map alone
	nets := PlainScene(520, 400, "Nets")
	p.plan(samplePlan(), []*scene.Scene{nets})
	if len(pictures(p.pages[0])) != 1 || len(p.pages) != 2 || !strings.Contains(strings.Join(texts(p.pages[1]), " "), "Bed nets for") {
		t.Errorf("want the map on the first of two pages and the table on the second, got %d pages", len(p.pages))
	}
}

func TestLongSummaryIsBroken(t *testing.T) {
	d := Document{Created: created(), Title: "Long"}
	for i := range 120 {
		d.Summary = append(d.Summary, fmt.Sprintf("Sentence %d. %s", i, strings.Repeat("word ", 30)))
	}
	pages := layout(t, d)
	if len(pages) < 3 {
		t.Errorf("%d pages for 120 paragraphs", len(pages))
	}
	if all := allText(pages); !strings.Contains(all, "Sentence 119.") {
		t.Error("the last sentence is lost")
	}
}

// hostile is a document in which everything is too long, too many or odd.
func hostile(seed string, n int) Document {
	long := strings.Repeat(seed, 1+200/max(1, len(seed)))
	t := &Table{Title: long, Note: long, Numeric: []bool{true, false}}
	for i := range 1 + n%40 {
		t.Head = append(t.Head, seed+fmt.Sprint(i))
	}
	for i := range n {
		t.Rows = append(t.Rows, []string{fmt.Sprint(i), long, "", seed}[:i%5%4+1])
		t.Marks = append(t.Marks, []string{"High", "", "Low", seed}[i%4])
	}
	facts := slices.Repeat([]Fact{{seed, long}, {long, ""}}, n)
	lines := slices.Repeat([]string{long, seed}, n)
	return Document{
		Title: long, Subtitle: long, Fictional: n%2 == 1, Created: created(), Author: long, Version: long, Summary: lines,
		Facts: facts, Maps: []*scene.Scene{PlainScene(300, 500, "a"), nil, PlainScene(900, 120, "b"), PlainScene(520, 400, "c")},
		Top: t, Bottom: t, Plan: t, Method: lines, Quality: lines, Sources: facts, Limits: lines,
	}
}

func TestHostileDocuments(t *testing.T) {
	for _, seed := range []string{"", "a", "Ƙ", "long words of many letters ", "x\u0301\u0301\u0301", "\u202e\u200b", "😀", "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", "\xff\x00"} {
		for _, n := range []int{0, 1, 2, 7, 39, 80} {
			layout(t, hostile(seed, n))
			if t.Failed() {
				t.Fatalf("with %q, %d", seed, n)
			}
		}
	}
}

func FuzzLayout(f *testing.F) {
	f.Add("Gidan Ɓaure ", 3)
	f.Add("", 0)
	f.Add("a\u0323 \U0001F600", 41)
	f.Fuzz(func(t *testing.T, seed string, n int) {
		if n < 0 || n > 60 || len(seed) > 200 {
			t.Skip("more of the same")
		}
		layout(t, hostile(seed, n))
	})
}

func TestInksAreLegible(t *testing.T) {
	const paper ink = 0xffffff
	for _, pair := range [][2]ink{{black, paper}, {quiet, paper}, {accent, paper}, {black, tint}, {accent, tint}, {warning, amber}} {
		// WCAG 2.1, success criterion 1.4.3: 4.5 to 1.
		if c := contrast(pair[0], pair[1]); c < 4.5 {
			t.Errorf("contrast of %06x on %06x is %.2f", pair[0], pair[1], c)
		}
	}
	if c := contrast(edge, paper); c < 3 { // 1.4.11, for graphics
		t.Errorf("contrast of the edge of a mark is %.2f", c)
	}
}

// contrast is the contrast ratio of WCAG 2.1.
func contrast(a, b ink) float64 {
	light := func(c ink) float64 {
		sum := 0.0
		r, g, b := c.rgb()
		for i, v := range []int{r, g, b} {
			x := float64(v) / 255
			if x <= 0.04045 {
				x /= 12.92
			} else {
				x = math.Pow((x+0.055)/1.055, 2.4)
			}
			sum += x * []float64{0.2126, 0.7152, 0.0722}[i]
		}
		return sum
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
