package report

import (
	"slices"
	"testing"
)

// slabs makes blocks of the given heights, with a gap of 2 between them;
// negative ones are kept with the next.
func slabs(heights ...float64) []block {
	var out []block
	for _, h := range heights {
		out = append(out, block{h: max(h, -h), gap: 2, keep: h < 0})
	}
	return out
}

func TestFitting(t *testing.T) {
	tests := []struct {
		blocks []block
		room   float64
		want   int
	}{
		{nil, 10, 0},
		{slabs(10), 10, 1},
		{slabs(10), 9.9, 0},
		{slabs(10, 10), 22, 2},
		{slabs(10, 10), 21, 1},
		{slabs(10, -10, 10), 30, 1},      // a heading is not left behind
		{slabs(-10, -10, 10), 30, 0},     // nor two
		{slabs(-10, -10, 10), 34, 3},     //
		{slabs(10, -10), 22, 2},          // the last has no next
		{slabs(-10, 10, -10, 10), 36, 2}, //
		{slabs(0.1, 0.2, 0.3), 4.6, 3},   // sums are not exact
	}
	for i, tt := range tests {
		if got := fitting(tt.blocks, tt.room); got != tt.want {
			t.Errorf("case %d: %d blocks fit, want %d", i, got, tt.want)
		}
	}
}

func TestStackAndHeight(t *testing.T) {
	blocks := slabs(10, 20, 5)
	blocks[2].items = []item{label{y: 1}}
	b := stack(blocks)
	if b.h != 39 || height(blocks) != 39 || b.gap != 2 {
		t.Errorf("a stack of 10, 20 and 5 with gaps of 2 is %v high (%v), gap %v", b.h, height(blocks), b.gap)
	}
	if y := b.items[0].(label).y; y != 35 {
		t.Errorf("the label of the third block is at %v, want 35", y)
	}
	if b := stack(nil); b.h != 0 {
		t.Errorf("an empty stack is %v high", b.h)
	}
}

func TestMoved(t *testing.T) {
	items := []item{label{x: 1, y: 2}, box{x: 1, y: 2}, picture{x: 1, y: 2}, entry{y: 2}}
	want := []item{label{x: 4, y: 6}, box{x: 4, y: 6}, picture{x: 4, y: 6}, entry{y: 6}}
	for i, it := range items {
		if got := it.moved(3, 4); got != want[i] {
			t.Errorf("%#v moved by 3, 4 is %#v", it, got)
		}
	}
}

func TestParagraphLinesKeepTogether(t *testing.T) {
	for n, want := range map[int][]bool{
		1: {false}, 2: {true, false}, 3: {true, true, false}, 5: {true, false, false, true, false},
	} {
		var got []bool
		for _, b := range textLines(make([]string, n), 10, black) {
			got = append(got, b.keep)
		}
		if !slices.Equal(got, want) {
			t.Errorf("of %d lines kept with the next: %v, want %v", n, got, want)
		}
	}
}

func TestSplitIsEven(t *testing.T) {
	blocks := slabs(slices.Repeat([]float64{10}, 9)...)
	n, left := split(blocks, 500)
	if n != 9 || left != 5 {
		t.Errorf("nine blocks are split as %d of %d, want 5 of 9", left, n)
	}
	if n, left := split(blocks, 34); n != 6 || left != 3 {
		t.Errorf("in little room %d of %d go left, want 3 of 6", left, n)
	}
	if n, _ := split(blocks, 5); n != 0 {
		t.Errorf("%d blocks fit where none has room", n)
	}
}

func TestColumnsGoOn(t *testing.T) {
	p := newPress(testRuler(), marginTop)
	var blocks []block
	for range 400 {
		blocks = append(blocks, textLines([]string{"line"}, textSize, black)...)
	}
	p.columns(blocks)
	checkPages(t, p.pages)
	total := 0
	for _, page := range p.pages {
		total += len(texts(page))
	}
	if total != 400 || len(p.pages) != 4 {
		t.Errorf("%d lines on %d pages, want 400 on 4", total, len(p.pages))
	}
	if p.fresh() || p.room() < 0 {
		t.Errorf("the next block would go to %v", p.y)
	}
}

func TestFlowEndsThoughNothingFits(t *testing.T) {
	p := newPress(testRuler(), marginTop)
	p.flow(slabs(-3000, -3000, 10), nil)
	if len(p.pages) != 3 {
		t.Errorf("%d pages, want one for each block that is higher than a page and one more", len(p.pages))
	}
	p = newPress(testRuler(), marginTop)
	p.columns(slabs(3000, 3000))
	if len(p.pages) != 2 {
		t.Errorf("%d pages, want 2", len(p.pages))
	}
}
