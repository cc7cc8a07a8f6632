package scene

import "image/color"

// legendRow is one class as the legend shows it.
type legendRow struct {
	label string
	fill  color.NRGBA
	count int
	hatch bool
}

// legend returns the legend, at most of the given width: heading, classes from
// the last to the first, so that high stands on top as on a colour bar, and
// no data at the foot if there is any.
func (s *sheet) legend(width float64) block {
	u := s.unit
	var b block
	b.below(s.text.paragraph(s.m.LegendTitle, headSize*u, width, 3, ink), 0)
	rows := s.rows()
	labels := s.labelWidth(rows, width)
	total := swatchW*u + 7*u + labels + s.countWidth(rows)
	if s.m.Unit != "" {
		b.below(s.rightAligned(clean(s.m.Unit), noteSize*u, total), 3*u)
	}
	for _, row := range rows {
		b.below(s.row(row, labels, total), rowGap*u)
	}
	b.w = max(b.w, total)
	return b
}

// rows lists the classes as shown, with their counts.
func (s *sheet) rows() []legendRow {
	counts := make([]int, len(s.m.Classes))
	missing := 0
	for _, c := range s.m.Class {
		if c < 0 {
			missing++
		} else {
			counts[c]++
		}
	}
	var rows []legendRow
	for i := len(s.m.Classes) - 1; i >= 0; i-- {
		c := s.m.Classes[i]
		rows = append(rows, legendRow{label: c.Label, fill: c.Fill, count: counts[i]})
	}
	if missing > 0 {
		label := s.m.NoData
		if label == "" {
			label = "No data"
		}
		rows = append(rows, legendRow{label: label, fill: rgba(noDataFill), count: missing, hatch: true})
	}
	return rows
}

// labelWidth returns the room for labels: what the longest needs, or what is
// left beside swatch and count.
func (s *sheet) labelWidth(rows []legendRow, width float64) float64 {
	longest := 0.0
	for _, row := range rows {
		longest = max(longest, s.text.width(clean(row.label), labelSize*s.unit))
	}
	left := width - (swatchW+7)*s.unit - s.countWidth(rows)
	// A hair more than measured, or rounding could break the longest label.
	return max(20*s.unit, min(longest+0.01, left))
}

// countWidth returns the room for the counts, with the gap before them.
func (s *sheet) countWidth(rows []legendRow) float64 {
	widest := s.text.width(clean(s.m.Unit), noteSize*s.unit)
	for _, row := range rows {
		widest = max(widest, s.text.width(grouped(row.count), labelSize*s.unit))
	}
	return widest + 12*s.unit
}

// row sets a swatch, its label, and its count at the right end.
func (s *sheet) row(r legendRow, labels, total float64) block {
	u := s.unit
	size := labelSize * u
	b := s.swatch(r)
	b.put(s.text.paragraph(r.label, size, labels, 3, ink), (swatchW+7)*u, 0)
	b.put(s.rightAligned(grouped(r.count), size, total), 0, 0)
	return b
}

func (s *sheet) rightAligned(text string, size, right float64) block {
	b := s.text.paragraph(text, size, right, 1, quietInk)
	var out block
	out.put(b, right-b.w, 0)
	return out
}

// swatch is a sample of a class, framed so that a light one shows on paper.
func (s *sheet) swatch(r legendRow) block {
	u := s.unit
	top := (leading*labelSize - swatchH) / 2 * u
	box := []Point{{0, top}, {swatchW * u, top}, {swatchW * u, top + swatchH*u}, {0, top + swatchH*u}}
	b := block{w: swatchW * u, h: top + swatchH*u}
	b.items = append(b.items, Rect{Y: top, W: swatchW * u, H: swatchH * u, Fill: r.fill})
	if r.hatch {
		b.items = append(b.items, Strokes{hatch([][]Point{box}, hatchSpacing), hatchWidth, rgba(noDataHatch)})
	}
	b.items = append(b.items, Strokes{[][]Point{append(box, box[0])}, 0.4 * u, rgba(outerBorder)})
	return b
}
