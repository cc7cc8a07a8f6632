package scene

// block is a piece of the page laid out from its own top left corner, to be
// put in its place when its size is known.
type block struct {
	items []Item
	w, h  float64
}

// put adds another block at a place inside this one.
func (b *block) put(inner block, x, y float64) {
	for _, item := range inner.items {
		b.items = append(b.items, moved(item, x, y))
	}
	b.w, b.h = max(b.w, x+inner.w), max(b.h, y+inner.h)
}

// below adds another block under what is there, after a gap.
func (b *block) below(inner block, gap float64) {
	if inner.h == 0 {
		return
	}
	if b.h > 0 {
		b.h += gap
	}
	b.put(inner, 0, b.h)
}

// moved returns the item shifted. Blocks hold no tilings.
func moved(item Item, x, y float64) Item {
	switch it := item.(type) {
	case Rect:
		it.X, it.Y = it.X+x, it.Y+y
		return it
	case Text:
		it.X, it.Y = it.X+x, it.Y+y
		return it
	case Strokes:
		lines := make([][]Point, len(it.Lines))
		for i, line := range it.Lines {
			lines[i] = make([]Point, len(line))
			for j, p := range line {
				lines[i][j] = Point{p.X + x, p.Y + y}
			}
		}
		it.Lines = lines
		return it
	}
	return item
}

// leading is the distance of lines, and ascent that of the first baseline from
// the top, in units of the type size.
const (
	leading = 1.3
	ascent  = 0.95
)

// paragraph sets text in lines of a width, at most so many.
func (t *typesetter) paragraph(text string, size, width float64, lines int, c uint32) block {
	var b block
	for i, line := range t.wrap(text, size, width, lines) {
		item := Text{
			Y: (float64(i)*leading + ascent) * size, Width: t.width(line, size),
			Size: size, Text: line, Color: rgba(c),
		}
		b.items = append(b.items, item)
		b.w = max(b.w, item.Width)
		b.h += leading * size
	}
	return b
}
