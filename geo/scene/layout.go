package scene

import (
	"fmt"
	"math"
	"strconv"
)

// sheet is the page around the map: where its parts lie, and how large type is.
//
// On a wide page legend, scale bar and notes stand in a column to the right of
// the map; on a tall one in a band under it. Either way the map has its frame
// to itself.
type sheet struct {
	m       Map
	text    *typesetter
	unit    float64 // all sizes are multiples of it; 1 on a page of 800×500
	margin  float64
	drawn   int // areas with a boundary
	heading block
	frame   Rect // for the map
	side    Rect // for legend, scale bar and notes
	tall    bool
}

// Sizes, in units of the sheet.
const (
	titleSize    = 17
	subtitleSize = 10.5
	headSize     = 10
	labelSize    = 9.5
	noteSize     = 7.5
	swatchW      = 18
	swatchH      = 11
	rowGap       = 4.5
	partGap      = 16
	columnMin    = 125
	columnMax    = 0.32 // of the page
	frameMin     = 0.3  // least share of the page's side that the map needs
)

func newSheet(m Map, drawn int) (*sheet, error) {
	t, err := newTypesetter()
	if err != nil {
		return nil, err
	}
	s := &sheet{m: m, text: t, drawn: drawn, tall: m.Width < 1.1*m.Height}
	s.unit = max(0.7, min(3, math.Sqrt(m.Width*m.Height/(800*500))))
	s.margin = 22 * s.unit
	inner := m.Width - 2*s.margin
	s.heading.below(t.paragraph(m.Title, titleSize*s.unit, inner, 2, ink), 0)
	s.heading.below(t.paragraph(m.Subtitle, subtitleSize*s.unit, inner, 3, quietInk), 2*s.unit)
	top := s.margin
	if s.heading.h > 0 {
		top += s.heading.h + 10*s.unit
	}
	body := Rect{X: s.margin, Y: top, W: inner, H: m.Height - s.margin - top}
	if s.tall {
		s.splitDown(body)
	} else {
		s.splitAcross(body)
	}
	if s.frame.W < frameMin*m.Width || s.frame.H < frameMin*m.Height {
		return nil, fmt.Errorf("%w: %v×%v points", ErrTooSmall, m.Width, m.Height)
	}
	return s, nil
}

// splitAcross gives the right of the body to the column, as wide as its legend
// needs within bounds.
func (s *sheet) splitAcross(body Rect) {
	limit := columnMax * s.m.Width
	w := max(min(s.legend(limit).w, limit), min(columnMin*s.unit, limit))
	gap := 18 * s.unit
	s.frame = Rect{X: body.X, Y: body.Y, W: body.W - w - gap, H: body.H}
	s.side = Rect{X: body.X + body.W - w, Y: body.Y, W: w, H: body.H}
	if s.column(1).h > body.H+0.01 { // rounding
		s.frame = Rect{} // no room: newSheet says so
	}
}

// splitDown gives the foot of the body to the band, as high as it needs.
func (s *sheet) splitDown(body Rect) {
	s.side = Rect{X: body.X, W: body.W}
	h := s.band(1).h
	gap := 14 * s.unit
	s.frame = Rect{X: body.X, Y: body.Y, W: body.W, H: body.H - h - gap}
	s.side.Y, s.side.H = body.Y+body.H-h, h
}

// items returns everything around the map, given its scale in points per metre.
func (s *sheet) items(scale float64) []Item {
	var page block
	page.put(s.heading, s.margin, s.margin)
	if s.tall {
		page.put(s.band(scale), s.side.X, s.side.Y)
	} else {
		page.put(s.column(scale), s.side.X, s.side.Y)
	}
	return page.items
}

// column stacks legend and scale bar from the top and lets the notes end at
// the bottom. Its height does not depend on the scale.
func (s *sheet) column(scale float64) block {
	b := s.legend(s.side.W)
	b.below(s.scaleBar(s.side.W, scale), partGap*s.unit)
	notes := s.notes(s.side.W)
	free := s.side.H - b.h - notes.h
	b.below(notes, max(partGap*s.unit, free))
	return b
}

// band sets the legend on the left and scale bar over notes on the right.
func (s *sheet) band(scale float64) block {
	gap := 24 * s.unit
	legend := s.legend((s.side.W - gap) / 2)
	x := max(legend.w+gap, 0.38*s.side.W)
	right := s.scaleBar(min(s.side.W-x, 200*s.unit), scale)
	right.below(s.notes(s.side.W-x), partGap*s.unit)
	var b block
	b.put(legend, 0, 0)
	b.put(right, x, 0)
	return b
}

// notes sets the small print, with a word about areas that can't be shown.
func (s *sheet) notes(width float64) block {
	size := noteSize * s.unit
	texts := s.m.Notes
	if missing := len(s.m.Areas) - s.drawn; missing > 0 {
		texts = append([]string{s.missingNote(missing)}, texts...)
	}
	var b block
	for _, note := range texts {
		b.below(s.text.paragraph(note, size, width, 12, quietInk), 2.5*s.unit)
	}
	return b
}

func (s *sheet) missingNote(missing int) string {
	unit := clean(s.m.Unit)
	if unit == "" {
		unit = "areas"
	}
	return fmt.Sprintf("Without a boundary, so not drawn: %s of %s %s.",
		grouped(missing), grouped(len(s.m.Areas)), unit)
}

// grouped writes a count with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
