package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// rowTexts lists the labels of a block from left to right.
func rowTexts(b block) []label {
	var out []label
	for _, it := range b.items {
		if l, ok := it.(label); ok {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b label) int { return int(math.Copysign(1, a.x-b.x)) })
	return out
}

func TestCells(t *testing.T) {
	table := &Table{Head: []string{"A", "B", "C"}, Rows: [][]string{{"x"}, {"x", "", " "}, {"x", "y", "z", "beyond the head"}}}
	g := newGrid(testRuler(), table, 300, wide(), nil)
	for i, want := range []string{"x – –", "x – –", "x y z"} {
		var got []string
		for _, l := range rowTexts(g.row(i)) {
			got = append(got, l.text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("row %d is %q, want %q", i, got, want)
		}
	}
}

func TestNumbersEndTogether(t *testing.T) {
	r := testRuler()
	g := newGrid(r, samplePlan(), bodyW, wide(), nil)
	ends := map[int]float64{}
	for i := range g.t.Rows {
		for column, l := range rowTexts(g.row(i)) {
			if !g.t.numeric(column) {
				continue
			}
			end := l.x + r.width(l.text, l.size)
			if want, ok := ends[column]; ok && math.Abs(end-want) > 0.01 {
				t.Errorf("row %d column %d ends at %v, the one above at %v", i, column, end, want)
			}
			ends[column] = end
		}
	}
	if last := ends[len(g.t.Head)-1]; math.Abs(last-bodyW) > 0.01 {
		t.Errorf("the last column ends at %v, want the edge %v", last, bodyW)
	}
	for column, l := range rowTexts(g.head()) {
		if end := l.x + r.width(l.text, l.size); g.t.numeric(column) && math.Abs(end-ends[column]) > 0.01 {
			t.Errorf("heading %q ends at %v, its numbers at %v", l.text, end, ends[column])
		}
	}
}

func TestLongNamesAreShortenedAndNumbersAreNot(t *testing.T) {
	table := samplePlan()
	long := "Unguwar Ƙofar Arewa ta Gabas da Kuma Sabon Gari na Biyu, wanda aka raba"
	table.Rows[0][1], table.Rows[0][2] = long, long
	g := newGrid(testRuler(), table, bodyW, wide(), nil)
	row := rowTexts(g.row(0))
	for _, i := range []int{1, 2} {
		if !strings.HasSuffix(row[i].text, "…") || len(row[i].text) < 10 {
			t.Errorf("the long name is set as %q", row[i].text)
		}
	}
	for _, i := range []int{0, 3, 4, 5, 6} {
		if row[i].text != table.Rows[0][i] {
			t.Errorf("the number %q is set as %q", table.Rows[0][i], row[i].text)
		}
	}
	if others := rowTexts(g.row(2)); others[1].text != "Tashar Ɗan Iya" {
		t.Errorf("a short name beside it is set as %q", others[1].text)
	}
}

func TestNumberWithoutRoomIsNotCut(t *testing.T) {
	table := &Table{Head: []string{"N", "M"}, Numeric: []bool{true, true}, Rows: [][]string{{"123456789", "987654321"}}}
	for _, l := range rowTexts(newGrid(testRuler(), table, 40, wide(), nil).row(0)) {
		if l.text != "…" {
			t.Errorf("a number without room is set as %q", l.text)
		}
	}
}

func TestMarks(t *testing.T) {
	high, _ := markInk("High")
	low, _ := markInk("Low")
	tests := []struct {
		name   string
		table  Table
		column int
		inks   []ink // of each row, 0 for none
	}{
		{"beside the word", Table{Head: []string{"Ward", "Risk"}, Rows: [][]string{{"a", "High"}, {"b", "Low"}}, Marks: []string{"High", "Low"}}, 1, []ink{high, low}},
		{"first column without the word", Table{Head: []string{"Ward"}, Rows: [][]string{{"a"}, {"b"}}, Marks: []string{"", "Low"}}, 0, []ink{0, low}},
		{"too few", Table{Head: []string{"Risk"}, Rows: [][]string{{"High"}, {"Low"}}, Marks: []string{"High"}}, 0, []ink{high, 0}},
		{"unknown", Table{Head: []string{"Risk"}, Rows: [][]string{{"Dire"}}, Marks: []string{"Dire"}}, -1, []ink{0}},
		{"none", Table{Head: []string{"Risk"}, Rows: [][]string{{"High"}}}, -1, []ink{0}},
	}
	for _, tt := range tests {
		g := newGrid(testRuler(), &tt.table, 200, wide(), nil)
		if g.marked != tt.column {
			t.Errorf("%s: marks are in column %d, want %d", tt.name, g.marked, tt.column)
		}
		for i, want := range tt.inks {
			if got := markOf(g.row(i)); got != want {
				t.Errorf("%s: row %d has the mark %06x, want %06x", tt.name, i, got, want)
			}
		}
	}
}

// markOf is the colour of the square in a row, 0 if there is none.
func markOf(b block) ink {
	var found ink
	for _, it := range b.items {
		if sq, ok := it.(box); ok && sq.w == sq.h && sq.fill != edge {
			found = sq.fill
		}
	}
	return found
}

func TestNarrow(t *testing.T) {
	numeric := func(i int) bool { return i == 0 }
	tests := []struct {
		widths []float64
		space  float64
		want   []float64
	}{
		{[]float64{20, 50, 80}, 200, []float64{20, 50, 80}},
		{[]float64{20, 50, 80}, 130, []float64{20, 50, 60}}, // the widest gives way
		{[]float64{20, 50, 80}, 100, []float64{20, 40, 40}}, // then both
		{[]float64{90, 50, 80}, 130, []float64{82, 24, 24}}, // text to its least, then numbers
		{[]float64{90, 10, 80}, 130, []float64{90, 10, 30}}, // what is narrow anyway stays
		{[]float64{90, 10, 80}, 60, []float64{26, 10, 24}},  // all give way
		{[]float64{90, 90, 90}, 9, []float64{3, 3, 3}},      // there is no room
	}
	for _, tt := range tests {
		got := narrow(tt.widths, numeric, tt.space)
		for i := range got {
			if math.Abs(got[i]-tt.want[i]) > 0.01 {
				t.Errorf("narrow(%v, %v) = %v, want %v", tt.widths, tt.space, got, tt.want)
				break
			}
		}
	}
}

func TestHeadingsTakeTwoLinesOnlyWhereTheyMust(t *testing.T) {
	table := samplePlan()
	if g := newGrid(testRuler(), table, bodyW, wide(), nil); len(g.heads[4]) != 1 {
		t.Errorf("on a wide table the heading is %q", g.heads[4])
	}
	table.Head[4] = "Nets needed by all wards of the state that were ranked at all and have people"
	if g := newGrid(testRuler(), table, bodyW, wide(), nil); len(g.heads[4]) != 2 || strings.HasSuffix(g.heads[4][1], "…") {
		t.Errorf("a long heading is %q, want two whole lines", g.heads[4])
	}
}

func TestTwoTablesSideBySide(t *testing.T) {
	d := SampleDocument()
	p := newPress(testRuler(), marginTop)
	p.ranking(d.Top, d.Bottom)
	checkPages(t, p.pages)
	rows := map[float64]int{}
	for _, it := range p.pages[0].items {
		if l, ok := it.(label); ok && l.ink == black {
			rows[math.Round(l.y*10)]++
		}
	}
	if len(rows) != 10 {
		t.Errorf("%d rows, want both tables on the same ten", len(rows))
	}
	if n := strings.Count(allText(p.pages), d.Top.Note[:40]); n != 1 {
		t.Errorf("the note both share is printed %d times", n)
	}
}

func TestTwoTablesLevelInSpiteOfTitles(t *testing.T) {
	d := SampleDocument()
	d.Bottom.Title = "Ten wards at lowest risk of all the wards that could be ranked"
	d.Bottom.Note = "Another note."
	p := newPress(testRuler(), marginTop)
	p.ranking(d.Top, d.Bottom)
	checkPages(t, p.pages)
	var first []float64
	for _, it := range p.pages[0].items {
		if l, ok := it.(label); ok && (l.text == "1" || l.text == "210") {
			first = append(first, l.y)
		}
	}
	if len(first) != 2 || math.Abs(first[0]-first[1]) > 0.01 {
		t.Errorf("the first rows stand at %v", first)
	}
}

func TestTwoTablesStackedRatherThanShortened(t *testing.T) {
	d := SampleDocument()
	d.Top.Rows[3][1] = "Unguwar Ƙofar Arewa ta Gabas"
	p := newPress(testRuler(), marginTop)
	p.ranking(d.Top, d.Bottom)
	checkPages(t, p.pages)
	all := allText(p.pages)
	if !strings.Contains(all, d.Top.Rows[3][1]) || strings.Contains(all, "…") {
		t.Error("a name was shortened")
	}
	columns := map[string][]float64{}
	for _, it := range p.pages[0].items {
		if l, ok := it.(label); ok && slices.Contains(d.Top.Head, l.text) {
			columns[l.text] = append(columns[l.text], l.x)
		}
	}
	for head, xs := range columns {
		if len(xs) != 2 || xs[0] != xs[1] {
			t.Errorf("the heading %q stands at %v, want the same place in both tables", head, xs)
		}
	}
	if strings.Count(all, d.Top.Note) != 1 {
		t.Error("the note both share is not printed once")
	}
}

func TestLongTableRepeatsItsHead(t *testing.T) {
	table := &Table{Title: "All wards", Head: []string{"Rank", "Ward"}, Numeric: []bool{true}, Note: "A note."}
	for i := range 150 {
		table.Rows = append(table.Rows, []string{fmt.Sprint(i + 1), fmt.Sprintf("Ward %d", i+1)})
	}
	p := newPress(testRuler(), marginTop)
	p.put(block{h: 100})
	p.table(table, nil, true)
	checkPages(t, p.pages)
	if len(p.pages) < 3 {
		t.Fatalf("%d pages for 150 rows", len(p.pages))
	}
	next := 1
	for n, page := range p.pages {
		got := texts(page)
		title := "All wards"
		if n > 0 {
			title += " (continued)"
		}
		if want := []string{title, "Rank", "Ward"}; !slices.Equal(got[:3], want) {
			t.Errorf("page %d begins with %q, want %q", n+1, got[:3], want)
		}
		for _, s := range got[3:] {
			if s == fmt.Sprintf("Ward %d", next) {
				next++
			}
		}
	}
	if next != 151 {
		t.Errorf("row %d is missing or out of order", next)
	}
}

func TestTableIsKeptWhole(t *testing.T) {
	p := newPress(testRuler(), marginTop)
	p.y = bodyBottom - 100
	p.table(samplePlan(), nil, true)
	if len(p.pages) != 2 || len(texts(p.pages[0])) != 0 {
		t.Errorf("a table that a page can hold was broken: first page %q", texts(p.pages[0]))
	}
}

func TestTableStandsApart(t *testing.T) {
	p := newPress(testRuler(), marginTop)
	p.put(block{h: 100})
	p.table(samplePlan(), nil, true)
	title := p.pages[0].items[0].(label)
	if top := title.y - ascent*title.size; math.Abs(top-marginTop-100-partGap) > 0.01 {
		t.Errorf("the title begins %v points under what is above it, want %v", top-marginTop-100, partGap)
	}
}

func TestNoteIsNotPartedFromItsTable(t *testing.T) {
	// A table of any length, begun anywhere: the page with the note has rows.
	for n := 40; n < 60; n++ {
		table := &Table{Head: []string{"Rank"}, Note: "A note."}
		for i := range n {
			table.Rows = append(table.Rows, []string{fmt.Sprint("row ", i)})
		}
		p := newPress(testRuler(), marginTop)
		p.table(table, nil, true)
		last := texts(p.pages[len(p.pages)-1])
		if last[len(last)-1] != table.Note || len(last) < 3 || !strings.HasPrefix(last[len(last)-2], "row") {
			t.Errorf("with %d rows the last page has only %q", n, last)
		}
	}
}

func TestChoicesKeepTheirHeading(t *testing.T) {
	p := newPress(testRuler(), marginTop)
	p.y = bodyBottom - 50 // room for the heading, but for no fact
	p.choices(p.factBlocks(factsHeading, []Fact{{"Nets", strings.Repeat("many words ", 12)}}))
	if len(p.pages) != 2 || len(texts(p.pages[0])) != 0 {
		t.Errorf("the first page keeps %q", texts(p.pages[0]))
	}
}
