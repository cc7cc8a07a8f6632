package draw

import (
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"math"
	"strconv"

	"chatmrpt/geo/scene"
)

// svgUnit is the number of units of the drawing in a point. Coordinates are
// whole numbers of them, which keeps the file small and common borders common.
const svgUnit = 20

// svgFonts are tried in order by a viewer that lacks the typeface.
const svgFonts = FontFamily + ", 'Noto Sans', 'DejaVu Sans', Arial, sans-serif"

// SVG writes the scene as an SVG 1.1 document of its size in points. Each line
// of text carries its measured length, so that it keeps its room in whatever
// typeface the viewer has. It fails when w does and when ctx ends.
func SVG(ctx context.Context, w io.Writer, s *scene.Scene) error {
	p := &svgPainter{w: bufio.NewWriterSize(w, 1<<16)}
	p.open(s)
	if err := paint(ctx, s, p); err != nil {
		return err
	}
	p.put("</svg>\n")
	// The buffered writer keeps the first error and ignores what follows.
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("draw: writing the SVG: %w", err)
	}
	return nil
}

type svgPainter struct {
	w   *bufio.Writer
	num []byte // for writing numbers without garbage
}

func (p *svgPainter) put(text string) { p.w.WriteString(text) }

func (p *svgPainter) int(v int) {
	p.num = strconv.AppendInt(p.num[:0], int64(v), 10)
	p.w.Write(p.num)
}

// attribute writes name="value" with the value in units of the drawing.
func (p *svgPainter) attribute(name string, points float64) {
	p.put(" " + name + `="`)
	p.int(units(points))
	p.put(`"`)
}

func units(points float64) int { return int(math.Round(points * svgUnit)) }

func (p *svgPainter) open(s *scene.Scene) {
	p.put(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	p.put(`<svg xmlns="http://www.w3.org/2000/svg" version="1.1" role="img"`)
	fmt.Fprintf(p.w, ` width="%gpt" height="%gpt" viewBox="0 0 %d %d">`+"\n",
		s.Width, s.Height, units(s.Width), units(s.Height))
	if s.Title != "" {
		p.put("<title>")
		p.escape(s.Title)
		p.put("</title>\n")
	}
}

// escape writes text so that it can't end or begin markup; what XML can't hold
// becomes U+FFFD.
func (p *svgPainter) escape(text string) {
	// Only a failing writer gives an error, and Flush reports that.
	_ = xml.EscapeText(p.w, []byte(text))
}

// paintOf writes a colour as the attribute and, where it is see-through, its
// opacity.
func (p *svgPainter) paintOf(attribute string, c color.NRGBA) {
	fmt.Fprintf(p.w, ` %s="#%02x%02x%02x"`, attribute, c.R, c.G, c.B)
	if c.A != 255 {
		fmt.Fprintf(p.w, ` %s-opacity="%.3g"`, attribute, float64(c.A)/255)
	}
}

func (p *svgPainter) tiles(tiles []scene.Tile) {
	for _, group := range byColor(tiles) {
		p.put("<g")
		p.paintOf("fill", group.fill)
		p.paintOf("stroke", group.fill)
		p.attribute("stroke-width", hair)
		p.put(` stroke-linejoin="round" fill-rule="evenodd">` + "\n")
		for _, t := range group.tiles {
			p.put(`<path d="`)
			for _, ring := range t.Rings {
				p.line(ring)
				p.put("z")
			}
			p.put("\"/>\n")
		}
		p.put("</g>\n")
	}
}

func (p *svgPainter) strokes(s scene.Strokes) {
	p.put(`<path fill="none"`)
	p.paintOf("stroke", s.Color)
	fmt.Fprintf(p.w, ` stroke-width="%.3g" stroke-linejoin="bevel" d="`, s.Width*svgUnit)
	for _, line := range s.Lines {
		p.line(line)
	}
	p.put("\"/>\n")
}

// line writes one line as path data: the first point, then steps.
func (p *svgPainter) line(line []scene.Point) {
	x, y := 0, 0
	for i, q := range line {
		nx, ny := units(q.X), units(q.Y)
		switch i {
		case 0:
			p.put("M")
			p.pair(nx, ny)
		case 1:
			p.put("l")
			p.pair(nx-x, ny-y)
		default:
			if nx >= x { // a minus sign parts numbers as well as a space
				p.put(" ")
			}
			p.pair(nx-x, ny-y)
		}
		x, y = nx, ny
	}
}

func (p *svgPainter) pair(x, y int) {
	p.int(x)
	if y >= 0 {
		p.put(" ")
	}
	p.int(y)
}

func (p *svgPainter) rect(r scene.Rect) {
	p.put("<rect")
	p.attribute("x", r.X)
	p.attribute("y", r.Y)
	p.attribute("width", r.W)
	p.attribute("height", r.H)
	p.paintOf("fill", r.Fill)
	p.put("/>\n")
}

func (p *svgPainter) text(t scene.Text) {
	p.put("<text")
	p.attribute("x", t.X)
	p.attribute("y", t.Y)
	p.attribute("font-size", t.Size)
	p.attribute("textLength", t.Width)
	p.put(` lengthAdjust="spacingAndGlyphs" font-family="` + svgFonts + `"`)
	p.paintOf("fill", t.Color)
	p.put(">")
	p.escape(t.Text)
	p.put("</text>\n")
}
