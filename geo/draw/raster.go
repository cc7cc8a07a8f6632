package draw

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"chatmrpt/assets"
	"chatmrpt/geo/scene"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// MaxPixels bounds the picture, and with it the memory: 12 bytes a pixel.
const MaxPixels = 64 << 20

// PNG writes the scene as a PNG picture of scale pixels a point. It fails as
// Image does, and when w does.
func PNG(ctx context.Context, w io.Writer, s *scene.Scene, scale float64) error {
	img, err := Image(ctx, s, scale)
	if err != nil {
		return err
	}
	if err := png.Encode(w, img); err != nil {
		return fmt.Errorf("draw: writing the picture: %w", err)
	}
	return nil
}

// Image draws the scene, antialiased, at scale pixels a point. It fails with
// ErrSize when the picture would be empty or too large, and when ctx ends.
func Image(ctx context.Context, s *scene.Scene, scale float64) (*image.RGBA, error) {
	w, h := math.Round(s.Width*scale), math.Round(s.Height*scale)
	if !(scale > 0 && w >= 1 && h >= 1 && w*h <= MaxPixels) {
		return nil, fmt.Errorf("%w: %v×%v pixels", ErrSize, w, h)
	}
	f, err := opentype.Parse(assets.FontRegular())
	if err != nil {
		return nil, fmt.Errorf("draw: the font of the maps: %w", err)
	}
	p := &rasterPainter{
		ctx: ctx, scale: scale, font: f, faces: map[float64]font.Face{},
		img: image.NewRGBA(image.Rect(0, 0, int(w), int(h))),
	}
	if err := paint(ctx, s, p); err != nil {
		return nil, err
	}
	return p.img, p.err
}

// rasterPainter draws on one picture.
type rasterPainter struct {
	ctx    context.Context
	img    *image.RGBA
	scale  float64 // pixels a point
	raster vector.Rasterizer
	mask   image.Alpha
	font   *sfnt.Font
	faces  map[float64]font.Face // by size in points
	err    error                 // the first thing that went wrong
}

// begin readies the rasteriser for a shape within the box, in pixels, and
// returns the box cut to the picture, false when nothing of it is left.
func (p *rasterPainter) begin(minX, minY, maxX, maxY float64) (image.Rectangle, bool) {
	// Clamped first: the conversion of a vast number is undefined.
	clamp := func(v float64) int { return int(max(-1, min(MaxPixels, v))) }
	box := image.Rect(
		clamp(math.Floor(minX)), clamp(math.Floor(minY)),
		clamp(math.Ceil(maxX)), clamp(math.Ceil(maxY)),
	).Intersect(p.img.Bounds())
	if box.Empty() {
		return box, false
	}
	p.raster.Reset(box.Dx(), box.Dy())
	return box, true
}

// tiles adds up, for every pixel, the colours of the tiles in proportion to
// how much of it each covers, and lets the background in only where they leave
// some of it free. Painting one tile over the other would let the background
// shine through along every border: half of a half is left of it.
func (p *rasterPainter) tiles(tiles []scene.Tile) {
	sum := newCoverage(p.img.Bounds())
	for i, t := range tiles {
		if i%checkEvery == 0 && p.ctx.Err() != nil {
			return
		}
		if box, ok := p.tileMask(t); ok {
			sum.add(box, &p.mask, t.Fill)
		}
	}
	sum.paintOn(p.img)
}

// tileMask rasterises one tile into the mask.
func (p *rasterPainter) tileMask(t scene.Tile) (image.Rectangle, bool) {
	minX, minY, maxX, maxY := bounds(t.Rings)
	box, ok := p.begin(minX*p.scale, minY*p.scale, maxX*p.scale, maxY*p.scale)
	if !ok {
		return box, false
	}
	for _, ring := range t.Rings {
		for i, q := range ring {
			x, y := p.pixel(q, box)
			if i == 0 {
				p.raster.MoveTo(x, y)
			} else {
				p.raster.LineTo(x, y)
			}
		}
		p.raster.ClosePath()
	}
	p.drawMask(box)
	return box, true
}

func (p *rasterPainter) pixel(q scene.Point, box image.Rectangle) (x, y float32) {
	return float32(q.X*p.scale - float64(box.Min.X)), float32(q.Y*p.scale - float64(box.Min.Y))
}

// drawMask writes the rasterised shape into the mask, whose memory is used
// again and again.
func (p *rasterPainter) drawMask(box image.Rectangle) {
	w, h := box.Dx(), box.Dy()
	if cap(p.mask.Pix) < w*h {
		p.mask.Pix = make([]uint8, w*h)
	}
	p.mask.Pix, p.mask.Stride, p.mask.Rect = p.mask.Pix[:w*h], w, image.Rect(0, 0, w, h)
	p.raster.DrawOp = draw.Src
	p.raster.Draw(&p.mask, p.mask.Rect, image.Opaque, image.Point{})
}

func (p *rasterPainter) rect(r scene.Rect) {
	box, ok := p.begin(r.X*p.scale, r.Y*p.scale, (r.X+r.W)*p.scale, (r.Y+r.H)*p.scale)
	if !ok {
		return
	}
	for i, q := range []scene.Point{{X: r.X, Y: r.Y}, {X: r.X + r.W, Y: r.Y}, {X: r.X + r.W, Y: r.Y + r.H}, {X: r.X, Y: r.Y + r.H}} {
		x, y := p.pixel(q, box)
		if i == 0 {
			p.raster.MoveTo(x, y)
		} else {
			p.raster.LineTo(x, y)
		}
	}
	p.raster.ClosePath()
	p.over(box, r.Fill)
}

// over paints the rasterised shape.
func (p *rasterPainter) over(box image.Rectangle, c color.NRGBA) {
	p.raster.DrawOp = draw.Over
	p.raster.Draw(p.img, box, image.NewUniform(c), image.Point{})
}

// text sets a line glyph by glyph, by the same widths that the scene was laid
// out with.
func (p *rasterPainter) text(t scene.Text) {
	face, err := p.face(t.Size)
	if err != nil {
		p.err = err
		return
	}
	dot := fixed.Point26_6{X: toFixed(t.X * p.scale), Y: toFixed(t.Y * p.scale)}
	ink := image.NewUniform(t.Color)
	for _, r := range t.Text {
		// A letter that the font lacks comes as the font's box.
		dr, mask, at, advance, _ := face.Glyph(dot, r)
		if mask != nil {
			draw.DrawMask(p.img, dr, ink, image.Point{}, mask, at, draw.Over)
		}
		dot.X += advance
	}
}

func toFixed(v float64) fixed.Int26_6 { return fixed.Int26_6(math.Round(v * 64)) }

func (p *rasterPainter) face(size float64) (font.Face, error) {
	if f, ok := p.faces[size]; ok {
		return f, nil
	}
	f, err := opentype.NewFace(p.font, &opentype.FaceOptions{
		Size: size * p.scale, DPI: 72, Hinting: font.HintingNone,
	})
	if err != nil {
		return nil, fmt.Errorf("draw: type of %v points: %w", size, err)
	}
	p.faces[size] = f
	return f, nil
}

func bounds(lines [][]scene.Point) (minX, minY, maxX, maxY float64) {
	minX, minY, maxX, maxY = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, line := range lines {
		for _, q := range line {
			minX, minY = min(minX, q.X), min(minY, q.Y)
			maxX, maxY = max(maxX, q.X), max(maxY, q.Y)
		}
	}
	return minX, minY, maxX, maxY
}
