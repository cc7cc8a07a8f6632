package report

import (
	"fmt"
	"slices"
	"strings"

	"chatmrpt/geo/scene"
)

// fictional is the banner of made-up data.
const fictional = "MADE-UP DATA: no real place, person or facility"

// Headings of the parts that the document does not name itself.
const (
	factsHeading   = "Choices behind the figures"
	methodHeading  = "How the figures were made"
	qualityHeading = "Data quality"
	limitsHeading  = "What the figures can’t say"
	sourcesHeading = "Sources"
)

// Measures of the parts, in points.
const (
	bannerH   = 18.0
	panelPad  = 12.0
	leastMap  = 0.72 // of the largest a map can be on the page, before it takes another page
	bulletDx  = 10.0
	footerTop = bodyBottom + 20
)

// compose lays the whole document out: on the first page the answer, the risk
// map and the choices; then who is where in the ranking and who gets nets; at
// last how the figures were made and what they can't say.
func compose(r ruler, d Document) []page {
	top := marginTop
	if d.Fictional {
		top += bannerH + 12
	}
	p := newPress(r, top)
	p.masthead(d)
	p.summary(d.Summary)
	maps := slices.DeleteFunc(slices.Clone(d.Maps), func(s *scene.Scene) bool { return s == nil })
	facts := p.factBlocks(factsHeading, d.Facts)
	if len(maps) > 0 {
		p.figure(maps[0], p.choicesHeight(facts))
		maps = maps[1:]
	}
	p.choices(facts)
	p.ranking(d.Top, d.Bottom)
	p.plan(d.Plan, maps)
	p.table(d.Directions, nil, true)
	p.columns(p.account(d))
	p.margins(d)
	return p.pages
}

// masthead sets title, subtitle, and who made this when.
func (p *press) masthead(d Document) {
	if title := p.lines(d.Title, titleSize, bodyW, 3); len(title) > 0 {
		p.put(block{items: []item{box{w: 36, h: 3, fill: accent}}, h: 11})
		for _, b := range textLines(title, titleSize, black) {
			b.h = 1.2 * titleSize
			p.put(b)
		}
	}
	for _, b := range spaced(textLines(p.lines(d.Subtitle, subtitleSize, bodyW, 2), subtitleSize, quiet), 4) {
		p.put(b)
	}
	for _, b := range spaced(textLines(p.lines(byline(d), smallSize+0.5, bodyW, 2), smallSize+0.5, quiet), 3) {
		p.put(b)
	}
}

func byline(d Document) string {
	parts := []string{date(d)}
	if author := clean(d.Author); author != "" {
		parts = append(parts, "prepared by "+author)
	}
	return strings.Join(parts, " · ")
}

// date is the day of creation.
func date(d Document) string { return d.Created.Format("2 January 2006") }

// summary sets the answer in a panel, its first sentence larger.
func (p *press) summary(sentences []string) {
	var text []block
	for _, s := range sentences {
		size, c := textSize+0.5, black
		if len(text) == 0 {
			size, c = leadSize, accent
		}
		text = append(text, spaced(p.paragraph(s, size, bodyW-2*panelPad-3, c), 4)...)
	}
	if len(text) == 0 {
		return
	}
	inner := stack(text)
	h := inner.h + 2*panelPad - 3
	if h > p.body()/2 { // far more than a summary: plain text, which may be broken
		p.flow(spaced(text, partGap), nil)
		return
	}
	panel := block{gap: 14, h: h, items: []item{box{w: bodyW, h: h, fill: tint}, box{w: 3, h: h, fill: accent}}}
	panel.put(inner, panelPad+3, panelPad-1.5)
	p.put(panel)
}

// figure sets a map over the whole width, lower where it must leave room for
// what belongs under it on this page.
func (p *press) figure(s *scene.Scene, below float64) {
	const gap = 14
	most := min(bodyW*s.Height/s.Width, p.body())
	if !(most > 0) {
		most = 1 // an impossible scene: printing says so
	}
	room := p.room() - gap
	if room < leastMap*most {
		p.turn()
		room = p.room()
	}
	h := min(most, room)
	if free := room - below; free >= leastMap*most {
		h = min(h, free)
	}
	p.put(framed(s, h, gap))
}

func framed(s *scene.Scene, h, gap float64) block {
	const line = 0.6
	return block{h: h, gap: gap, items: []item{
		picture{x: line, y: line, w: bodyW - 2*line, h: h - 2*line, scene: s},
		box{w: bodyW, h: line, fill: rule}, box{y: h - line, w: bodyW, h: line, fill: rule},
		box{w: line, h: h, fill: rule}, box{x: bodyW - line, w: line, h: h, fill: rule},
	}}
}

// choices sets the facts under their heading, which spans both columns.
func (p *press) choices(facts []block) {
	if len(facts) == 0 {
		return
	}
	heading, rest := facts[0], facts[1:]
	heading.gap = partGap
	if n, _ := split(rest, p.room()-p.need(heading)-rest[0].gap); n == 0 && !p.fresh() {
		p.turn()
	}
	p.put(heading)
	p.columns(rest)
}

// choicesHeight is what choices takes on a page with room enough.
func (p *press) choicesHeight(facts []block) float64 {
	if len(facts) == 0 {
		return 0
	}
	return partGap + facts[0].h + facts[1].gap + p.columnsHeight(facts[1:])
}

// ranking sets the two ends of the ranking, side by side where no name has to
// be shortened for that, else one under the other.
func (p *press) ranking(top, bottom *Table) {
	if !top.printable() || !bottom.printable() {
		p.table(top, nil, true)
		p.table(bottom, nil, true)
		return
	}
	a, b := naturalWidth(p.ruler, top, tight()), naturalWidth(p.ruler, bottom, tight())
	if a+b+gutter <= bodyW {
		p.pair(top, bottom, columnWidth(a, b))
		return
	}
	same := clean(top.Note) == clean(bottom.Note)
	p.table(top, bottom, !same)
	p.table(bottom, top, true)
}

// columnWidth is the width of the left of two tables that fit side by side:
// half the page, unless one of them needs more.
func columnWidth(a, b float64) float64 {
	return min(max(columnW, a), bodyW-gutter-b)
}

// pair sets two tables side by side, a note they share once under both.
func (p *press) pair(a, b *Table, width float64) {
	left, right := newGrid(p.ruler, a, width, tight(), nil), newGrid(p.ruler, b, bodyW-gutter-width, tight(), nil)
	left.drop, right.drop = right.crownHeight()-left.crownHeight(), left.crownHeight()-right.crownHeight()
	l, _ := left.blocks()
	r, _ := right.blocks()
	var notes []block
	if clean(a.Note) == clean(b.Note) {
		notes = grid{ruler: p.ruler, t: a, total: bodyW}.note()
	} else {
		l, r = append(l, left.note()...), append(r, right.note()...)
	}
	both := stack(l)
	both.gap = partGap
	both.put(stack(r), width+gutter, 0)
	if both.h > p.body() {
		p.table(a, b, true)
		p.table(b, a, true)
		return
	}
	p.put(both)
	p.flow(notes, nil)
}

// table sets a table over the whole width, whole if a page can hold it, with
// the columns of a like one.
func (p *press) table(t, like *Table, withNote bool) {
	if !t.printable() {
		return
	}
	g := newGrid(p.ruler, t, bodyW, wide(), like)
	all, again := g.blocks()
	if note := g.note(); withNote && len(note) > 0 {
		all[len(all)-1].keep = true
		all = append(all, note...)
	}
	if h := height(all); h <= p.body() && h+all[0].gap > p.room() && !p.fresh() {
		p.turn()
	}
	p.flow(all, again)
}

// plan sets the table of the plan and the maps that go with it. Where the page
// has no room for both, the map goes first if it fills what is left.
func (p *press) plan(t *Table, maps []*scene.Scene) {
	if len(maps) > 0 && t.printable() {
		g := newGrid(p.ruler, t, bodyW, wide(), nil)
		all, _ := g.blocks()
		table := height(append(all, g.note()...)) + partGap
		m := leastMap*min(bodyW*maps[0].Height/maps[0].Width, p.body()) + partGap
		if p.room() < table+m && p.room() >= m {
			p.figure(maps[0], 0)
			maps = maps[1:]
		}
	}
	p.table(t, nil, true)
	for _, m := range maps {
		p.figure(m, 0)
	}
}

// account is the small print: method, quality, limits and sources.
func (p *press) account(d Document) []block {
	var out []block
	out = append(out, p.part(methodHeading, d.Method, false)...)
	out = append(out, p.part(qualityHeading, d.Quality, true)...)
	out = append(out, p.part(limitsHeading, d.Limits, true)...)
	return append(out, p.factBlocks(sourcesHeading, d.Sources)...)
}

// part is a heading with paragraphs or, as a list, with a bullet each.
func (p *press) part(heading string, texts []string, list bool) []block {
	var out []block
	for _, t := range texts {
		width, dx := columnW, 0.0
		if list {
			width, dx = columnW-bulletDx, bulletDx
		}
		para := indented(p.paragraph(t, textSize, width, black), dx)
		if list && len(para) > 0 {
			para[0].items = append(para[0].items, box{x: 1, y: 0.68*textSize - 1.2, w: 2.4, h: 2.4, fill: accent})
		}
		out = append(out, spaced(para, paragraphGap)...)
	}
	return p.headed(heading, out)
}

// headed puts a heading over blocks, if there are any.
func (p *press) headed(heading string, blocks []block) []block {
	if len(blocks) == 0 {
		return nil
	}
	h := textLines([]string{heading}, headingSize, accent)[0]
	h.items = append(h.items, entry{text: heading})
	h.gap, h.keep = headingGap, true
	blocks[0].gap = 3
	return append([]block{h}, blocks...)
}

// factBlocks is a heading with facts, each label over its value.
func (p *press) factBlocks(heading string, facts []Fact) []block {
	var out []block
	for _, f := range facts {
		labels := p.paragraph(f.Label, smallSize, columnW, quiet)
		for i := range labels {
			labels[i].keep = true
		}
		value := clean(f.Value)
		if value == "" {
			value = empty
		}
		fact := append(labels, p.paragraph(value, textSize, columnW, black)...)
		out = append(out, spaced(fact, paragraphGap-1)...)
	}
	return p.headed(heading, out)
}

// margins sets banner and footer, which need the number of pages. They stand
// first and last in the order in which a page is read aloud.
func (p *press) margins(d Document) {
	for i := range p.pages {
		var head, foot block
		if d.Fictional {
			head.put(p.banner(), marginX, marginTop-14)
		}
		foot.put(p.footer(d, i+1), marginX, footerTop)
		p.pages[i].items = slices.Concat(head.items, p.pages[i].items, foot.items)
	}
}

func (p *press) banner() block {
	const size = 8.5
	x := (bodyW - p.width(fictional, size)) / 2
	return block{h: bannerH, items: []item{
		box{w: bodyW, h: bannerH, fill: amber}, label{x: x, y: bannerH/2 + 0.36*size, size: size, text: fictional, ink: warning},
	}}
}

func (p *press) footer(d Document, page int) block {
	right := fmt.Sprintf("page %d of %d", page, len(p.pages))
	if version := p.fit(d.Version, smallSize, bodyW/4); version != "" {
		right = program + " " + version + " · " + right
	}
	right = "Created " + date(d) + " · " + right
	x := bodyW - p.width(right, smallSize)
	y := 6 + ascent*smallSize
	b := block{items: []item{box{w: bodyW, h: 0.6, fill: rule}}}
	if title := p.fit(d.Title, smallSize, x-gutter); title != "" {
		b.items = append(b.items, label{y: y, size: smallSize, text: title, ink: quiet})
	}
	b.items = append(b.items, label{x: x, y: y, size: smallSize, text: right, ink: quiet})
	return b
}
