package report

import "math"

// page is what is printed on one sheet.
type page struct{ items []item }

// press sets blocks one under another and begins a page when one is full.
type press struct {
	ruler
	pages []page
	top   float64 // of the body; lower where every page has a banner
	y     float64 // where the next block goes
}

func newPress(r ruler, top float64) *press {
	p := &press{ruler: r, top: top}
	p.turn()
	return p
}

// turn begins a page.
func (p *press) turn() {
	p.pages = append(p.pages, page{})
	p.y = p.top
}

func (p *press) fresh() bool   { return p.y == p.top }
func (p *press) room() float64 { return bodyBottom - p.y }
func (p *press) body() float64 { return bodyBottom - p.top }

// add sets items at a place of the page without moving on.
func (p *press) add(b block, x, y float64) {
	current := &p.pages[len(p.pages)-1]
	for _, it := range b.items {
		current.items = append(current.items, it.moved(x, y))
	}
}

// need is the height a block takes here, with the gap above it.
func (p *press) need(b block) float64 {
	if p.fresh() {
		return b.h
	}
	return b.gap + b.h
}

// put sets a block over the whole width, on the next page if there is no room.
func (p *press) put(b block) {
	if p.need(b) > p.room()+rounding && !p.fresh() {
		p.turn()
	}
	if !p.fresh() {
		p.y += b.gap
	}
	p.add(b, marginX, p.y)
	p.y += b.h
}

// flow sets blocks one under another, and again whatever must stand on top of
// each further page.
func (p *press) flow(blocks, again []block) {
	for len(blocks) > 0 {
		room := p.room()
		if !p.fresh() {
			room -= blocks[0].gap
		}
		n := fitting(blocks, room)
		if n == 0 && p.fresh() {
			n = 1 // what is kept together is higher than a page
		}
		for _, b := range blocks[:n] {
			p.put(b)
		}
		if blocks = blocks[n:]; len(blocks) > 0 {
			p.turn()
			if n > 0 {
				for _, b := range again {
					p.put(b)
				}
			}
		}
	}
}

// columns sets blocks in two columns, as even as they get, on as many pages
// as they need.
func (p *press) columns(blocks []block) {
	for len(blocks) > 0 {
		gap := 0.0
		if !p.fresh() {
			gap = blocks[0].gap
		}
		n, left := split(blocks, p.room()-gap)
		if n == 0 {
			if !p.fresh() {
				p.turn()
				continue
			}
			n, left = 1, 1
		}
		p.y += gap
		a, b := stack(blocks[:left]), stack(blocks[left:n])
		p.add(a, marginX, p.y)
		p.add(b, marginX+columnW+gutter, p.y)
		p.y += max(a.h, b.h)
		if blocks = blocks[n:]; len(blocks) > 0 {
			p.turn()
		}
	}
}

// split returns how many blocks go into two columns of a height, and how many
// of them into the left one: as many as fit or, if all do, so that the columns
// are as low as they can be.
func split(blocks []block, room float64) (n, left int) {
	const step = 2 // points
	for h := math.Floor(height(blocks) / 2); h < room; h += step {
		if n, left = twoColumns(blocks, h); n == len(blocks) {
			return n, left
		}
	}
	return twoColumns(blocks, room)
}

func twoColumns(blocks []block, room float64) (n, left int) {
	left = fitting(blocks, room)
	return left + fitting(blocks[left:], room), left
}

// columnsHeight is what columns would take on a page of its own, or less than
// that when the blocks need several.
func (p *press) columnsHeight(blocks []block) float64 {
	n, left := split(blocks, p.body())
	return max(height(blocks[:left]), height(blocks[left:n]))
}
