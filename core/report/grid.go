package report

import (
	"slices"
	"strings"
)

// Measures of tables, in points.
const (
	markSide = 6.5
	markRoom = markSide + 4
	headLine = 1.2 * smallSize
	least    = 24.0 // to which a column of text is narrowed before numbers give way
)

// empty is printed for a cell without text.
const empty = "–"

// setting is how close a table is set: the size of its cells and the least
// space between two columns, in points.
type setting struct{ size, gap float64 }

// The settings of a table over the whole width, and of two side by side.
func wide() setting  { return setting{8.5, 10} }
func tight() setting { return setting{8, 6.5} }

// grid is a table with the places of its columns.
type grid struct {
	ruler
	setting
	t      *Table
	heads  [][]string // lines
	widths []float64
	more   float64 // space between columns beyond the least, but after the first
	total  float64
	marked int     // the column whose cells carry the marks
	drop   float64 // the first row stands so much lower, level with that of a neighbour
}

// newGrid lays the columns of a table out over a width, with room for the
// cells of another one of the same head, so that both have the same columns.
func newGrid(r ruler, t *Table, width float64, s setting, like *Table) grid {
	g := grid{ruler: r, setting: s, t: t, total: width, marked: markedColumn(t)}
	// Where there are very many columns the space between them gives way too.
	g.gap = min(s.gap, width/float64(3*len(t.Head)))
	natural := g.shared(like, 1)
	if sum(natural) > g.space() {
		natural = g.shared(like, 2)
	}
	g.widths = narrow(natural, t.numeric, g.space())
	if spaces := len(natural) - 2; spaces > 0 {
		g.more = max(0, (g.space()-sum(g.widths))/float64(spaces))
	}
	g.heads = make([][]string, len(t.Head))
	for i, h := range t.Head {
		g.heads[i] = r.lines(h, smallSize, g.widths[i]+rounding, 2)
	}
	return g
}

// printable reports whether there is anything to print.
func (t *Table) printable() bool { return t != nil && len(t.Head) > 0 && len(t.Rows) > 0 }

func (t *Table) numeric(column int) bool { return column < len(t.Numeric) && t.Numeric[column] }

// cell returns the text of a cell.
func (t *Table) cell(row, column int) string {
	if column < len(t.Rows[row]) {
		if s := clean(t.Rows[row][column]); s != "" {
			return s
		}
	}
	return empty
}

func (t *Table) mark(row int) (ink, bool) {
	if row >= len(t.Marks) {
		return 0, false
	}
	return markInk(t.Marks[row])
}

// markedColumn is the one that holds the words of the marks: there the colour
// stands beside what it means. Without such a column it is the first, and
// without marks none.
func markedColumn(t *Table) int {
	column := -1
	for row := range t.Rows {
		if _, ok := t.mark(row); !ok {
			continue
		}
		if i := slices.Index(t.Rows[row], t.Marks[row]); i >= 0 && i < len(t.Head) {
			return i
		}
		column = 0
	}
	return column
}

// space is the width without what lies between the columns.
func (g grid) space() float64 { return g.total - g.gap*float64(len(g.t.Head)-1) }

func sum(widths []float64) float64 {
	total := 0.0
	for _, w := range widths {
		total += w
	}
	return total
}

// shared returns the natural widths of the table and a like one together.
func (g grid) shared(like *Table, lines int) []float64 {
	out := g.natural(lines)
	if like == nil || !slices.Equal(like.Head, g.t.Head) {
		return out
	}
	other := grid{ruler: g.ruler, setting: g.setting, t: like, marked: markedColumn(like)}
	for i, w := range other.natural(lines) {
		out[i] = max(out[i], w)
	}
	return out
}

// natural returns the widths at which nothing is shortened and no heading
// takes more than so many lines, one or two.
func (g grid) natural(lines int) []float64 {
	out := make([]float64, len(g.t.Head))
	for i, h := range g.t.Head {
		cells := 0.0
		for row := range g.t.Rows {
			cells = max(cells, g.width(g.t.cell(row, i), g.size))
		}
		if i == g.marked {
			cells += markRoom
		}
		out[i] = max(cells, g.headWidth(h, lines))
	}
	return out
}

// naturalWidth is the width at which a table shows everything.
func naturalWidth(r ruler, t *Table, s setting) float64 {
	g := grid{ruler: r, setting: s, t: t, marked: markedColumn(t)}
	return sum(g.natural(2)) + s.gap*float64(len(t.Head)-1)
}

// headWidth returns the least width at which a heading takes one line or, if
// it may, two.
func (g grid) headWidth(head string, lines int) float64 {
	words := strings.Fields(clean(head))
	best := g.width(strings.Join(words, " "), smallSize)
	for i := 1; i < len(words) && lines > 1; i++ {
		above, below := strings.Join(words[:i], " "), strings.Join(words[i:], " ")
		best = min(best, max(g.width(above, smallSize), g.width(below, smallSize)))
	}
	return best
}

// narrow takes width from the columns until they fit, always from the widest:
// first from those of text, then, when that is not enough, from all.
func narrow(widths []float64, numeric func(int) bool, space float64) []float64 {
	out := slices.Clone(widths)
	text := func(i int) bool { return !numeric(i) }
	level(out, text, least, space)
	level(out, func(int) bool { return true }, 0, space)
	return out
}

// level cuts the chosen columns to one largest width, not below a floor, so
// that all columns together fit into space as nearly as that allows.
func level(widths []float64, chosen func(int) bool, floor, space float64) {
	fixed := 0.0
	var free []float64
	for i, w := range widths {
		if chosen(i) && w > floor {
			free = append(free, w)
		} else {
			fixed += w
		}
	}
	slices.Sort(free)
	left := space - fixed
	for i, w := range free {
		share := left / float64(len(free)-i)
		if w > share {
			for j := range widths {
				if chosen(j) && widths[j] > max(share, floor) {
					widths[j] = max(share, floor)
				}
			}
			return
		}
		left -= w
	}
}

// left returns where a column begins.
func (g grid) left(column int) float64 {
	x := sum(g.widths[:column]) + g.gap*float64(column)
	return x + g.more*float64(max(0, column-1))
}

// set returns where a text of a column begins.
func (g grid) set(column int, text string, size float64) float64 {
	if g.t.numeric(column) {
		return g.left(column) + g.widths[column] - g.width(text, size)
	}
	return g.left(column)
}

// title is the heading above the table.
func (g grid) title(more string) []block {
	if clean(g.t.Title) == "" {
		return nil
	}
	out := textLines(g.lines(g.t.Title+more, headingSize, g.total, 2), headingSize, accent)
	for i := range out {
		out[i].keep = true
	}
	if more == "" {
		out[0].items = append(out[0].items, entry{text: clean(g.t.Title)})
	}
	return out
}

// head is the row of headings, which stand on the rule under them.
func (g grid) head() block {
	most := 1
	for _, lines := range g.heads {
		most = max(most, len(lines))
	}
	b := block{h: float64(most)*headLine + 4, gap: 4, keep: true}
	for i, lines := range g.heads {
		for j, line := range lines {
			y := float64(most-len(lines)+j)*headLine + smallSize
			b.items = append(b.items, label{x: g.set(i, line, smallSize), y: y, size: smallSize, text: line, ink: quiet})
		}
	}
	b.items = append(b.items, box{y: b.h - 0.8, w: g.total, h: 0.8, fill: accent})
	return b
}

// row is one row of cells over a faint rule.
func (g grid) row(row int) block {
	b := block{h: rowH}
	for i := range g.t.Head {
		b.items = append(b.items, g.cellItems(row, i)...)
	}
	b.items = append(b.items, box{y: b.h - 0.4, w: g.total, h: 0.4, fill: faint})
	return b
}

func (g grid) cellItems(row, column int) []item {
	const baseline = 9.9
	shift := 0.0
	var out []item
	if column == g.marked {
		shift = markRoom
		if c, ok := g.t.mark(row); ok && g.widths[column] >= markSide {
			x := g.left(column)
			y := baseline - 0.36*g.size - markSide/2
			out = append(out, box{x: x, y: y, w: markSide, h: markSide, fill: edge}, box{x: x + 0.4, y: y + 0.4, w: markSide - 0.8, h: markSide - 0.8, fill: c})
		}
	}
	text := g.shown(row, column, g.widths[column]-shift)
	if text == "" {
		return out
	}
	x := g.set(column, text, g.size)
	if !g.t.numeric(column) {
		x += shift
	}
	return append(out, label{x: x, y: baseline, size: g.size, text: text, ink: black})
}

// shown is the text of a cell as it fits. A number is never cut, for it would
// read as another one.
func (g grid) shown(row, column int, width float64) string {
	text := g.t.cell(row, column)
	short := g.fit(text, g.size, width+rounding)
	if g.t.numeric(column) && short != text {
		return g.fit("…", g.size, width+rounding)
	}
	return short
}

// note is the small print.
func (g grid) note() []block {
	return spaced(g.paragraph(g.t.Note, smallSize, g.total, quiet), 5)
}

// crownHeight is that of everything above the first row.
func (g grid) crownHeight() float64 { return height(append(g.title(""), g.head())) }

// blocks is the whole table but for its note, and what is repeated where it
// goes on.
func (g grid) blocks() (all, again []block) {
	head := g.head()
	if g.drop > 0 {
		head.gap += g.drop
	}
	all = append(g.title(""), head)
	again = append(g.title(" (continued)"), g.head())
	for row := range g.t.Rows {
		b := g.row(row)
		b.keep = row == 0 || row == len(g.t.Rows)-2
		all = append(all, b)
	}
	all[0].gap = partGap
	return all, again
}
