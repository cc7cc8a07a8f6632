package scene

import (
	"context"
	"fmt"
)

// Grid is a table of classes to be shown as a heat map: one row a place, one
// column a period.
type Grid struct {
	Title, Subtitle string
	LegendTitle     string
	Unit            string // plural noun of the cells, heading the counts of the legend

	Rows, Columns []string // their labels
	Class         []int    // of each cell, row by row; −1 = no data
	Classes       []Class  // ascending, as those of a Map
	NoData        string   // label of cells without data; empty: "No data"
	Notes         []string // small print
	Width, Height float64  // of the page, in points
}

// Sizes of a grid, in points but for the share.
const (
	leastCell   = 1.0  // side of a cell that can still be told from the next
	gapFrom     = 4.0  // side from which cells are parted by a hair of paper
	cellGap     = 0.6  // that hair
	labelShare  = 0.3  // of the frame's width, at most, for the labels of rows
	labelLetter = 8.5  // size of labels, in units of the sheet
	labelRoom   = 1.25 // distance of labels, in units of their size
)

// BuildGrid describes the heat map on a page like that of a Map. Where rows or
// columns are too many for all their labels, every second, third, … is named.
// It fails with ErrMap when the grid contradicts itself, with ErrTooSmall when
// the page has no room for cells that can be told apart, and when ctx ends.
func BuildGrid(ctx context.Context, g Grid) (*Scene, error) {
	if len(g.Rows) == 0 || len(g.Columns) == 0 || len(g.Class) != len(g.Rows)*len(g.Columns) {
		return nil, fmt.Errorf("%w: %d cells for %d rows and %d columns", ErrMap, len(g.Class), len(g.Rows), len(g.Columns))
	}
	m := Map{Title: g.Title, Subtitle: g.Subtitle, LegendTitle: g.LegendTitle, Unit: g.Unit, Class: g.Class, Classes: g.Classes,
		NoData: g.NoData, Notes: g.Notes, Width: g.Width, Height: g.Height, noScale: true}
	if err := m.checkPage(); err != nil {
		return nil, err
	}
	sheet, err := newSheet(m, 0)
	if err != nil {
		return nil, err
	}
	cells, err := sheet.gridItems(ctx, g)
	if err != nil {
		return nil, err
	}
	s := &Scene{Width: g.Width, Height: g.Height, Title: g.Title, Frame: sheet.frame}
	s.Items = append(s.Items, Rect{W: g.Width, H: g.Height, Fill: rgba(paper)})
	s.Items = append(s.Items, cells...)
	s.Items = append(s.Items, sheet.items(1)...)
	return s, nil
}

// gridItems returns cells and labels inside the frame.
func (s *sheet) gridItems(ctx context.Context, g Grid) ([]Item, error) {
	size := labelLetter * s.unit
	room := 0.0
	for _, r := range g.Rows {
		room = max(room, s.text.width(clean(r), size))
	}
	room = min(room, labelShare*s.frame.W) + 0.5*size
	field := Rect{X: s.frame.X + room, Y: s.frame.Y, W: s.frame.W - room, H: s.frame.H - 1.6*size}
	w, h := field.W/float64(len(g.Columns)), field.H/float64(len(g.Rows))
	if w < leastCell || h < leastCell {
		return nil, fmt.Errorf("%w: %d × %d cells", ErrTooSmall, len(g.Rows), len(g.Columns))
	}
	w, h = min(w, 5*size), min(h, 2.2*size) // few cells need not fill the page
	items, err := g.cells(ctx, field, w, h)
	if err != nil {
		return nil, err
	}
	items = append(items, s.rowLabels(g.Rows, field, h, room, size)...)
	foot := Rect{X: field.X, Y: field.Y + h*float64(len(g.Rows))}
	return append(items, s.columnLabels(g.Columns, foot, w, size)...), nil
}

// cells returns the cells, those without data hatched a run at a time.
func (g Grid) cells(ctx context.Context, field Rect, w, h float64) ([]Item, error) {
	gapX, gapY := 0.0, 0.0
	if w >= gapFrom {
		gapX = cellGap
	}
	if h >= gapFrom {
		gapY = cellGap
	}
	var items []Item
	var lines [][]Point
	for r := range g.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		y := field.Y + float64(r)*h
		for c := 0; c < len(g.Columns); {
			class := g.Class[r*len(g.Columns)+c]
			end := c + 1
			for class < 0 && end < len(g.Columns) && g.Class[r*len(g.Columns)+end] < 0 {
				end++
			}
			box := Rect{X: field.X + float64(c)*w, Y: y, W: float64(end-c)*w - gapX, H: h - gapY, Fill: rgba(noDataFill)}
			if class >= 0 {
				box.Fill = g.Classes[class].Fill
			} else {
				lines = append(lines, hatch([][]Point{corners(box)}, hatchSpacing)...)
			}
			items = append(items, box)
			c = end
		}
	}
	if len(lines) > 0 {
		items = append(items, Strokes{lines, hatchWidth, rgba(noDataHatch)})
	}
	return items, nil
}

func corners(r Rect) []Point {
	return []Point{{r.X, r.Y}, {r.X + r.W, r.Y}, {r.X + r.W, r.Y + r.H}, {r.X, r.Y + r.H}}
}

// rowLabels names rows to the left of the field, as many as have room.
func (s *sheet) rowLabels(labels []string, field Rect, h, room, size float64) []Item {
	var b block
	step := everyNth(labelRoom*size, h)
	for i := 0; i < len(labels); i += step {
		text := s.text.paragraph(labels[i], size, room-0.5*size, 1, ink)
		b.put(text, field.X-0.5*size-text.w, field.Y+(float64(i)+0.5)*h-0.5*leading*size)
	}
	return b.items
}

// columnLabels names columns under the field, as many as have room.
func (s *sheet) columnLabels(labels []string, foot Rect, w, size float64) []Item {
	widest := 0.0
	for _, l := range labels {
		widest = max(widest, s.text.width(clean(l), size))
	}
	var b block
	step := everyNth(widest+0.8*size, w)
	for i := 0; i < len(labels); i += step {
		text := s.text.paragraph(labels[i], size, widest+1, 1, ink)
		x := foot.X + (float64(i)+0.5)*w - text.w/2
		b.put(text, min(x, s.frame.X+s.frame.W-text.w), foot.Y+0.3*size)
	}
	return b.items
}

// everyNth is how many steps of a length lie in a room, at least one.
func everyNth(room, length float64) int {
	n := 1
	for float64(n)*length < room {
		n++
	}
	return n
}
