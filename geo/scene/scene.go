// Package scene describes a map of areas as a list of plain drawing items,
// without a device: geo/draw turns the list into pixels, SVG or PDF, and all
// three show the same thing.
//
// A scene is measured in points (1/72 inch) from the top left corner, y down.
// Build does everything that needs thought: it projects (equal-area, true to
// scale at the middle latitude, see projection), fits the areas into the page,
// simplifies their common borders once for both sides so that no gap opens
// between neighbours (see mesh), hatches what has no data, and sets title,
// legend, scale bar and small print where they can't cover the map.
// Its output depends on its input alone, byte for byte.
package scene

import (
	"context"
	"errors"
	"fmt"
	"image/color"

	"chatmrpt/geo/scene/outline"
	"github.com/paulmach/orb"
)

// Limits of a page, in points: from a thumbnail to a large poster.
const (
	MinSide = 100
	MaxSide = 10000
)

// Errors of Build. They are wrapped with what exactly is wrong.
var (
	// ErrMap marks a Map that contradicts itself.
	ErrMap = errors.New("scene: the map can't be drawn")
	// ErrTooSmall marks a page without room for its legend, notes and a map.
	ErrTooSmall = errors.New("scene: the page is too small for the map with its legend and notes")
)

// Map is what is to be shown.
type Map struct {
	Title, Subtitle string
	LegendTitle     string // what the classes measure, with its unit: "Positivity, %"
	Unit            string // plural noun of the areas, heading the counts of the legend: "wards"

	Areas   []orb.MultiPolygon // degrees, WGS 84; nil where there is no boundary
	Class   []int              // the class of each area, −1 = no data
	Classes []Class            // ascending: the legend shows the last one on top
	NoData  string             // label of areas without data; empty: "No data"

	// Outlines are sets of lines drawn over the areas, each set heavier than
	// the one before: LGAs, then states. See GroupBorders.
	Outlines [][]orb.LineString

	Notes []string // small print: source, method, run, "Made-up data"

	Width, Height float64 // of the page, in points
	Resolution    float64 // points; detail finer than this is dropped; 0: DefaultResolution

	noScale bool // a page without a map has no scale
}

// DefaultResolution is a quarter point: half a pixel where a point is two, and
// finer than a printer's line.
const DefaultResolution = 0.25

// Class is one row of the legend.
type Class struct {
	Label string
	Fill  color.NRGBA
}

// Point is a place on the page, in points.
type Point struct{ X, Y float64 }

// Scene is a finished description: items in the order in which they are drawn.
type Scene struct {
	Width, Height  float64 // points
	Title          string  // for the metadata of a file
	Items          []Item
	MetresPerPoint float64 // of the map, along its middle parallel
	Frame          Rect    // the part of the page kept for the map
}

// Item is one of Tiling, Strokes, Rect and Text.
type Item interface{ item() }

// Tiling is a set of tiles that do not overlap. A backend draws it so that no
// background shines through along common borders.
type Tiling struct{ Tiles []Tile }

// Tile is one filled polygon. Its rings need no closing point; the outer ring
// runs clockwise on the page, holes the other way, so the even-odd and the
// non-zero rule agree.
type Tile struct {
	Area  int // index in Map.Areas; several tiles may share it
	Rings [][]Point
	Fill  color.NRGBA
}

// Strokes are open lines of one pen, with round or beveled joins and flat ends.
type Strokes struct {
	Lines [][]Point
	Width float64
	Color color.NRGBA
}

// Rect is a filled rectangle.
type Rect struct {
	X, Y, W, H float64
	Fill       color.NRGBA
}

// Text is one line of text in the font of assets.FontRegular, without kerning.
// X is its left end, Y its baseline, Width what it measures at this size.
type Text struct {
	X, Y, Width, Size float64
	Text              string
	Color             color.NRGBA
}

func (Tiling) item()  {}
func (Strokes) item() {}
func (Rect) item()    {}
func (Text) item()    {}

// Build describes the map. It fails with ErrMap when the map contradicts
// itself or has no geometry, with ErrTooSmall when the page has no room, and
// when ctx ends.
func Build(ctx context.Context, m Map) (*Scene, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if m.Resolution == 0 {
		m.Resolution = DefaultResolution
	}
	bound, drawn := extent(m.Areas)
	if drawn == 0 {
		return nil, fmt.Errorf("%w: none of its %d areas has a boundary", ErrMap, len(m.Areas))
	}
	sheet, err := newSheet(m, drawn)
	if err != nil {
		return nil, err
	}
	view := newProjection(bound).fit(bound, sheet.frame)
	net, err := newMesh(ctx, m.Areas, view, m.Resolution)
	if err != nil {
		return nil, err
	}
	s := &Scene{
		Width: m.Width, Height: m.Height, Title: m.Title,
		MetresPerPoint: 1 / view.scale, Frame: sheet.frame,
	}
	s.Items = append(s.Items, Rect{W: m.Width, H: m.Height, Fill: rgba(paper)})
	s.Items = append(s.Items, mapItems(m, net, view)...)
	s.Items = append(s.Items, sheet.items(view.scale)...)
	return s, nil
}

// GroupBorders returns the lines where areas of different groups meet, or where
// an area meets none: a set of Outlines. It is outline.Between, named here for
// those who make a Map.
func GroupBorders(ctx context.Context, areas []orb.MultiPolygon, group []int) ([]orb.LineString, error) {
	return outline.Between(ctx, areas, group)
}

func (m Map) check() error {
	if m.Resolution != 0 && !(m.Resolution >= 0.01 && m.Resolution <= 100) {
		return fmt.Errorf("%w: the resolution is %v points, not 0.01 to 100", ErrMap, m.Resolution)
	}
	if len(m.Class) != len(m.Areas) {
		return fmt.Errorf("%w: %d areas have %d classes", ErrMap, len(m.Areas), len(m.Class))
	}
	if err := m.checkPage(); err != nil {
		return err
	}
	return m.checkPlaces()
}

// checkPage checks the sides of the page and the classes.
func (m Map) checkPage() error {
	for _, side := range []float64{m.Width, m.Height} {
		if !(side >= MinSide && side <= MaxSide) {
			return fmt.Errorf("%w: a side of the page is %v points, not %d to %d", ErrMap, side, MinSide, MaxSide)
		}
	}
	for i, c := range m.Class {
		if c < -1 || c >= len(m.Classes) {
			return fmt.Errorf("%w: area %d is of class %d of %d", ErrMap, i, c, len(m.Classes))
		}
	}
	return nil
}

func (m Map) checkPlaces() error {
	for i, area := range m.Areas {
		for _, polygon := range area {
			if p, ok := offEarthIn(polygon); ok {
				return fmt.Errorf("%w: area %d has the coordinate %v, which is no longitude and latitude", ErrMap, i, p)
			}
		}
	}
	for _, set := range m.Outlines {
		for _, line := range set {
			if p, ok := firstOffEarth(line); ok {
				return fmt.Errorf("%w: an outline has the coordinate %v, which is no longitude and latitude", ErrMap, p)
			}
		}
	}
	return nil
}

func offEarthIn(polygon orb.Polygon) (orb.Point, bool) {
	for _, ring := range polygon {
		if p, ok := firstOffEarth(ring); ok {
			return p, true
		}
	}
	return orb.Point{}, false
}

func firstOffEarth(line []orb.Point) (orb.Point, bool) {
	for _, p := range line {
		if !(p[0] >= -360 && p[0] <= 360 && p[1] >= -90 && p[1] <= 90) {
			return p, true
		}
	}
	return orb.Point{}, false
}

// extent returns the box of all areas and how many of them have a vertex.
func extent(areas []orb.MultiPolygon) (orb.Bound, int) {
	var box orb.Bound
	drawn := 0
	for _, area := range areas {
		empty := true
		for _, polygon := range area {
			if len(polygon) == 0 || len(polygon[0]) == 0 {
				continue
			}
			if b := polygon[0].Bound(); drawn == 0 && empty {
				box = b
			} else {
				box = box.Union(b)
			}
			empty = false
		}
		if !empty {
			drawn++
		}
	}
	return box, drawn
}
