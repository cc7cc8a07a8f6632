package report

import (
	"image/color"

	"chatmrpt/geo/scene"
)

// The page: A4 with its margins, in points.
const (
	pageW, pageH = 595.28, 841.89
	marginX      = 48.0
	marginTop    = 46.0
	marginFoot   = 62.0 // holds the footer
	bodyW        = pageW - 2*marginX
	bodyBottom   = pageH - marginFoot
	gutter       = 20.0 // between two columns
	columnW      = (bodyW - gutter) / 2
)

// Sizes of type, in points. There is one weight, so rank is told by size and
// colour alone.
const (
	titleSize    = 22.0
	subtitleSize = 12.0
	headingSize  = 12.0
	leadSize     = 11.5
	textSize     = 9.0
	smallSize    = 7.5
	leading      = 1.4  // distance of lines, in sizes
	ascent       = 1.03 // of the baseline from the top of a line, in sizes
)

// Gaps between parts, in points.
const (
	partGap      = 18.0
	headingGap   = 16.0
	paragraphGap = 6.0
	rowH         = 14.0
)

// ink is a colour written as 0xRRGGBB.
type ink uint32

// The inks. Every one used for text has a contrast of at least 4.5 to 1 with
// the paper and the tints behind it.
const (
	black   ink = 0x1f2328
	quiet   ink = 0x57606a
	accent  ink = 0x0f5c73 // the one colour beside those of the maps
	tint    ink = 0xeef4f6
	rule    ink = 0xd0d7de
	faint   ink = 0xe6eaee
	warning ink = 0x5f3c00
	amber   ink = 0xfff1cc
	edge    ink = 0x6e7781 // of a mark, so that a light one shows
)

func (c ink) rgb() (r, g, b int) { return int(c >> 16 & 255), int(c >> 8 & 255), int(c & 255) }

func inkOf(c color.NRGBA) ink { return ink(c.R)<<16 | ink(c.G)<<8 | ink(c.B) }

// markInk returns the colour of a risk category, as on the maps.
func markInk(category string) (ink, bool) {
	low, medium, high := scene.RiskColors()
	switch category {
	case "High":
		return inkOf(high), true
	case "Medium":
		return inkOf(medium), true
	case "Low":
		return inkOf(low), true
	}
	return 0, false
}
