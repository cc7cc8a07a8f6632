package tiff

import (
	"container/list"
	"context"
	"encoding/binary"
	"fmt"
	"math"
)

// Reader reads windows of a page and keeps the chunks it unpacked last. It is
// for one goroutine.
type Reader struct {
	page   *Page
	budget int
	held   int
	recent *list.List // of *held, newest first
	index  map[int]*list.Element
}

type held struct {
	number int
	bytes  []byte
}

// NewReader makes a Reader that keeps up to about budget bytes unpacked.
func (p *Page) NewReader(budget int) *Reader {
	return &Reader{page: p, budget: budget, recent: list.New(), index: map[int]*list.Element{}}
}

// Window reads the samples of a band (from 0) in the rectangle of w × h cells
// with its upper left cell at column x and row y into out, row by row. Whole
// numbers beyond 2^53 lose their last digits. Cells that a sparse file leaves
// out are NaN.
func (r *Reader) Window(ctx context.Context, band, x, y, w, h int, out []float64) error {
	p := r.page
	if band < 0 || band >= p.Bands || x < 0 || y < 0 || w < 0 || h < 0 || w > p.Width-x || h > p.Height-y || len(out) < w*h {
		return fmt.Errorf("window %d,%d %d×%d of band %d isn't in the image", x, y, w, h, band+1)
	}
	for row := y; row < y+h; {
		rows := min(p.chunkHeight-row%p.chunkHeight, y+h-row)
		if err := ctx.Err(); err != nil {
			return err
		}
		for col := x; col < x+w; {
			cols := min(p.chunkWidth-col%p.chunkWidth, x+w-col)
			if err := r.copyPart(band, col, row, cols, rows, out[(row-y)*w+col-x:], w); err != nil {
				return err
			}
			col += cols
		}
		row += rows
	}
	return nil
}

// copyPart copies what of a window lies in one chunk. out begins at the
// part's first cell and has width cells in a row.
func (r *Reader) copyPart(band, x, y, w, h int, out []float64, width int) error {
	p := r.page
	number := y/p.chunkHeight*p.across + x/p.chunkWidth
	n, at := p.inChunk(), band
	if p.planar {
		number += band * p.across * p.down
		at = 0
	}
	chunk, err := r.chunk(number)
	if err != nil {
		return err
	}
	for i := range h {
		row := out[i*width : i*width+w]
		if chunk == nil {
			for j := range row {
				row[j] = math.NaN()
			}
			continue
		}
		from := (y%p.chunkHeight + i) * p.rowBytes()
		p.samples(chunk[from:from+p.rowBytes()], (x%p.chunkWidth)*n+at, n, row)
	}
	return nil
}

// chunk gives an unpacked chunk, from memory where it is still there.
func (r *Reader) chunk(number int) ([]byte, error) {
	if e, ok := r.index[number]; ok {
		r.recent.MoveToFront(e)
		return e.Value.(*held).bytes, nil
	}
	b, err := r.page.chunk(number)
	if err != nil {
		return nil, err
	}
	r.index[number] = r.recent.PushFront(&held{number, b})
	r.held += len(b)
	for r.held > r.budget && r.recent.Len() > 1 {
		last := r.recent.Back()
		h := r.recent.Remove(last).(*held)
		delete(r.index, h.number)
		r.held -= len(h.bytes)
	}
	return b, nil
}

// samples turns every step-th sample of a row, from the first on, into
// numbers.
func (p *Page) samples(row []byte, first, step int, out []float64) {
	read := p.sample()
	if p.Bits >= 8 {
		size := p.Bits / 8
		for j := range out {
			out[j] = read(row[(first+j*step)*size:])
		}
		return
	}
	mask := byte(1<<p.Bits - 1)
	for j := range out {
		bit := (first + j*step) * p.Bits
		out[j] = float64(row[bit/8] >> (8 - p.Bits - bit%8) & mask)
	}
}

// sample reads one number of whole bytes.
func (p *Page) sample() func([]byte) float64 {
	order := p.file.order
	if p.Format == Float {
		if p.Bits == 32 {
			if order == binary.LittleEndian { // the common case without an indirect call per cell
				return func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }
			}
			return func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) }
		}
		return func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) }
	}
	signed := p.Format == Signed
	switch {
	case p.Bits == 8 && signed:
		return func(b []byte) float64 { return float64(int8(b[0])) }
	case p.Bits == 8:
		return func(b []byte) float64 { return float64(b[0]) }
	case p.Bits == 16 && signed:
		return func(b []byte) float64 { return float64(int16(order.Uint16(b))) }
	case p.Bits == 16:
		return func(b []byte) float64 { return float64(order.Uint16(b)) }
	case p.Bits == 32 && signed:
		return func(b []byte) float64 { return float64(int32(order.Uint32(b))) }
	case p.Bits == 32:
		return func(b []byte) float64 { return float64(order.Uint32(b)) }
	case signed:
		return func(b []byte) float64 { return float64(int64(order.Uint64(b))) }
	}
	return func(b []byte) float64 { return float64(order.Uint64(b)) }
}
