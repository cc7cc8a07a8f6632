package draw

import (
	"math"

	"chatmrpt/geo/scene"
)

// strokes draws all lines of one pen as one shape, so that a see-through pen
// does not darken where its lines meet.
func (p *rasterPainter) strokes(s scene.Strokes) {
	minX, minY, maxX, maxY := bounds(s.Lines)
	half := s.Width * p.scale / 2
	box, ok := p.begin(minX*p.scale-half, minY*p.scale-half, maxX*p.scale+half, maxY*p.scale+half)
	if !ok {
		return
	}
	pen := pen{raster: &p.raster, half: half}
	for i, line := range s.Lines {
		if i%checkEvery == 0 && p.ctx.Err() != nil {
			return
		}
		pen.start()
		for _, q := range line {
			pen.to(q.X*p.scale-float64(box.Min.X), q.Y*p.scale-float64(box.Min.Y))
		}
	}
	p.over(box, s.Color)
}

// path is what a pen needs of a rasteriser.
type path interface {
	MoveTo(x, y float32)
	LineTo(x, y float32)
	ClosePath()
}

// pen turns a line into an outline: a rectangle a segment, and a triangle at
// each bend on its outer side. All pieces run the same way round, so they add
// up where they overlap and never cancel.
type pen struct {
	raster path
	half   float64 // half the width, in pixels

	x, y   float64 // where it stands
	nx, ny float64 // half the width, across the last segment, to its left
	state  penState
}

// penState says how much of a line the pen has seen.
type penState int

const (
	lifted penState = iota
	onPoint
	onSegment
)

// fineLine is half the width below which bends need no filling: the notch is
// a small part of a pixel.
const fineLine = 0.45

func (p *pen) start() { p.state = lifted }

func (p *pen) to(x, y float64) {
	if p.state == lifted {
		p.x, p.y, p.state = x, y, onPoint
		return
	}
	dx, dy := x-p.x, y-p.y
	length := math.Hypot(dx, dy)
	if length == 0 {
		return
	}
	nx, ny := -dy/length*p.half, dx/length*p.half
	if p.state == onSegment && p.half > fineLine {
		p.bend(nx, ny)
	}
	p.quad(p.x+nx, p.y+ny, x+nx, y+ny, x-nx, y-ny, p.x-nx, p.y-ny)
	p.x, p.y, p.nx, p.ny, p.state = x, y, nx, ny, onSegment
}

// bend fills the notch between the last segment and the next.
func (p *pen) bend(nx, ny float64) {
	cross := p.nx*ny - p.ny*nx
	if cross > 0 { // it turns towards its normals: the notch is on the other side
		p.triangle(p.x, p.y, p.x-nx, p.y-ny, p.x-p.nx, p.y-p.ny)
	} else if cross < 0 {
		p.triangle(p.x, p.y, p.x+p.nx, p.y+p.ny, p.x+nx, p.y+ny)
	}
}

func (p *pen) quad(x0, y0, x1, y1, x2, y2, x3, y3 float64) {
	p.raster.MoveTo(float32(x0), float32(y0))
	p.raster.LineTo(float32(x1), float32(y1))
	p.raster.LineTo(float32(x2), float32(y2))
	p.raster.LineTo(float32(x3), float32(y3))
	p.raster.ClosePath()
}

func (p *pen) triangle(x0, y0, x1, y1, x2, y2 float64) {
	p.raster.MoveTo(float32(x0), float32(y0))
	p.raster.LineTo(float32(x1), float32(y1))
	p.raster.LineTo(float32(x2), float32(y2))
	p.raster.ClosePath()
}
