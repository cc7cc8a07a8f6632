package draw

import (
	"image"
	"image/color"
)

// coverage holds, for every pixel, how much of it tiles cover (0 to 255) and
// the sum of their colours weighted by that.
type coverage struct {
	rect image.Rectangle
	sums []weighted
}

// weighted fits 16 bits: the weights of a pixel add up to 255 at most.
type weighted struct{ r, g, b, weight uint16 }

func newCoverage(rect image.Rectangle) *coverage {
	return &coverage{rect: rect, sums: make([]weighted, rect.Dx()*rect.Dy())}
}

// add counts a tile whose mask lies at the box. Where tiles overlap after all,
// the first keeps the pixel.
func (c *coverage) add(box image.Rectangle, mask *image.Alpha, fill color.NRGBA) {
	r, g, b := uint16(fill.R), uint16(fill.G), uint16(fill.B)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := c.sums[(y-c.rect.Min.Y)*c.rect.Dx()+box.Min.X-c.rect.Min.X:]
		for i, alpha := range mask.Pix[(y-box.Min.Y)*mask.Stride:][:box.Dx()] {
			if alpha == 0 {
				continue
			}
			s := &row[i]
			a := min(uint16(alpha), 255-s.weight)
			s.r += r * a
			s.g += g * a
			s.b += b * a
			s.weight += a
		}
	}
}

// paintOn mixes the sums with what the picture holds.
func (c *coverage) paintOn(img *image.RGBA) {
	for y := c.rect.Min.Y; y < c.rect.Max.Y; y++ {
		row := c.sums[(y-c.rect.Min.Y)*c.rect.Dx():][:c.rect.Dx()]
		pixels := img.Pix[img.PixOffset(c.rect.Min.X, y):]
		for i, s := range row {
			if s.weight == 0 {
				continue
			}
			rest := uint32(255 - s.weight)
			px := pixels[4*i : 4*i+4 : 4*i+4]
			px[0] = uint8((uint32(s.r) + rest*uint32(px[0]) + 127) / 255)
			px[1] = uint8((uint32(s.g) + rest*uint32(px[1]) + 127) / 255)
			px[2] = uint8((uint32(s.b) + rest*uint32(px[2]) + 127) / 255)
			px[3] = uint8((255*uint32(s.weight) + rest*uint32(px[3]) + 127) / 255)
		}
	}
}
