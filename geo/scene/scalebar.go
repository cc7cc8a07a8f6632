package scene

import (
	"math"
	"strconv"
)

// scaleBar returns a bar of a round length, at most of the given width, with
// its middle and end named. It is true along the middle parallel of the map.
func (s *sheet) scaleBar(width, scale float64) block {
	if s.m.noScale {
		return block{}
	}
	u := s.unit
	size := noteSize * u
	// Half of the last label stands beyond the end of the bar.
	room := max(20*u, min(width-24*u, 160*u))
	metres := roundLength(room / scale)
	length := metres * scale
	middle, end := lengthLabels(metres)
	var b block
	b.items = append(b.items,
		Rect{W: length / 2, H: 4 * u, Fill: rgba(ink)},
		Rect{X: length / 2, W: length / 2, H: 4 * u, Fill: rgba(paper)},
		Strokes{[][]Point{{{0, 0}, {length, 0}, {length, 4 * u}, {0, 4 * u}, {0, 0}}}, 0.5 * u, rgba(ink)},
	)
	b.h = 4 * u
	for _, label := range []struct {
		text string
		at   float64
	}{{"0", 0}, {middle, length / 2}, {end, length}} {
		text := s.text.paragraph(label.text, size, width, 1, quietInk)
		b.put(text, max(0, label.at-text.w/2), 6*u)
	}
	return b
}

// roundLength returns the largest 1, 2 or 5 times a power of ten that is not
// longer than the room.
func roundLength(room float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(room)))
	for _, digit := range []float64{5, 2} {
		if digit*power <= room {
			return digit * power
		}
	}
	return power
}

// lengthLabels names half a length and the whole, in kilometres or metres.
func lengthLabels(metres float64) (half, whole string) {
	unit := " m"
	if metres >= 1000 {
		metres, unit = metres/1000, " km"
	}
	text := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	return text(metres / 2), text(metres) + unit
}
