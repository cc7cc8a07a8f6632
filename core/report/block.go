package report

import "chatmrpt/geo/scene"

// item is one thing on a page: a label, box, picture or entry. Places are in
// points from the top left corner, y down.
type item interface{ moved(dx, dy float64) item }

// label is one line of cleaned text; y is its baseline.
type label struct {
	x, y, size float64
	text       string
	ink        ink
}

// box is a filled rectangle; a rule is a low one.
type box struct {
	x, y, w, h float64
	fill       ink
}

// picture is a map, as large as its place allows.
type picture struct {
	x, y, w, h float64
	scene      *scene.Scene
}

// entry is a line of the outline that a reader shows beside the page.
type entry struct {
	y    float64
	text string
}

func (l label) moved(dx, dy float64) item   { l.x, l.y = l.x+dx, l.y+dy; return l }
func (b box) moved(dx, dy float64) item     { b.x, b.y = b.x+dx, b.y+dy; return b }
func (p picture) moved(dx, dy float64) item { p.x, p.y = p.x+dx, p.y+dy; return p }
func (e entry) moved(_, dy float64) item    { e.y += dy; return e }

// block is a piece of a page that is never broken, laid out from its own top
// left corner.
type block struct {
	items []item
	h     float64
	gap   float64 // above it, unless it stands at the top
	keep  bool    // it must not be parted from the next block
}

// put takes in another block at a place inside this one.
func (b *block) put(inner block, x, y float64) {
	for _, it := range inner.items {
		b.items = append(b.items, it.moved(x, y))
	}
	b.h = max(b.h, y+inner.h)
}

// stack makes one block of several, one under the other.
func stack(blocks []block) block {
	var out block
	for i, b := range blocks {
		if i > 0 {
			out.h += b.gap
		}
		out.put(b, 0, out.h)
	}
	if len(blocks) > 0 {
		out.gap = blocks[0].gap
	}
	return out
}

// height is that of a stack of the blocks, without the gap above.
func height(blocks []block) float64 {
	h := 0.0
	for i, b := range blocks {
		if i > 0 {
			h += b.gap
		}
		h += b.h
	}
	return h
}

// fitting returns how many of the blocks fit into a height without parting
// what is to be kept together.
func fitting(blocks []block, room float64) int {
	n, h := 0, 0.0
	for i, b := range blocks {
		if i > 0 {
			h += b.gap
		}
		if h += b.h; h > room+rounding {
			break
		}
		if !b.keep || i == len(blocks)-1 {
			n = i + 1
		}
	}
	return n
}

// rounding is a length that shows nowhere.
const rounding = 1e-6

// paragraph sets text in lines, one block a line, so that it may be broken
// between any two lines but for the first and the last two.
func (r ruler) paragraph(text string, size, width float64, c ink) []block {
	return textLines(r.wrap(text, size, width), size, c)
}

func textLines(lines []string, size float64, c ink) []block {
	out := make([]block, len(lines))
	for i, line := range lines {
		out[i] = block{
			items: []item{label{y: ascent * size, size: size, text: line, ink: c}}, h: leading * size,
			keep: i < len(lines)-1 && (i == 0 || i == len(lines)-2),
		}
	}
	return out
}

// spaced sets the gap above the first block of a part.
func spaced(part []block, gap float64) []block {
	if len(part) > 0 {
		part[0].gap = gap
	}
	return part
}

// indented moves blocks to the right.
func indented(blocks []block, dx float64) []block {
	out := make([]block, len(blocks))
	for i, b := range blocks {
		out[i] = b
		out[i].items = nil
		out[i].put(b, dx, 0)
	}
	return out
}
