package ingest

import (
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/ingest/header"
	"chatmrpt/core/ingest/value"
)

// numberStyle finds out whether the file writes decimal commas: only files
// not cut by commas can, and only when some number proves it and none
// disproves it.
func numberStyle(s *sheet, rep *Report) value.Style {
	if s.delimiter == "" || s.delimiter == "," {
		return value.Point
	}
	comma, example := 0, ""
	for _, c := range s.columns {
		for i := range c.dict {
			switch value.StyleOf(c.dict[i].text) {
			case value.ForPoint:
				return value.Point
			case value.ForComma:
				comma += c.dict[i].count
				example = c.dict[i].text
			}
		}
		if c.hasFractions() {
			return value.Point
		}
	}
	if comma == 0 {
		return value.Point
	}
	rep.warn(WarnNumbers, fmt.Sprintf("numbers are written with a decimal comma, such as %s", clip(example)), comma)
	return value.Comma
}

// hasFractions: a decimal with a point was read as a number already, one that
// can't be thousands.
func (c *column) hasFractions() bool {
	if c.numbers == 0 {
		return false
	}
	return slices.ContainsFunc(c.cells, func(p packed) bool {
		text, ok := p.fraction()
		return ok && value.StyleOf(text) == value.ForPoint
	})
}

// parse reads each distinct text as a number or as "no data". In a file of
// decimal commas "1.234" was taken for a decimal while loading; it is
// thousands.
func parse(s *sheet, style value.Style) {
	for _, c := range s.columns {
		for i := range c.dict {
			e := &c.dict[i]
			e.missing = value.IsMissing(e.text)
			if !e.missing {
				e.number, e.numeric = value.Number(e.text, style)
			}
		}
		if style == value.Comma {
			c.regroup()
		}
	}
}

// regroup turns decimals such as 1.234 back into the thousands they are.
func (c *column) regroup() {
	for i, p := range c.cells {
		if text, ok := p.fraction(); ok {
			if v, ok := value.Number(text, value.Comma); ok {
				c.cells[i] = packNumber(v)
			}
		}
	}
}

// fraction returns the text of a number that is no integer.
func (p packed) fraction() (string, bool) {
	v := math.Float64frombits(uint64(p))
	if p.tag() != 0 || v == math.Trunc(v) {
		return "", false
	}
	return formatNumber(v), true
}

// dropIndexes leaves out columns of row numbers: those without a name, or
// named as programs name them, whose cells count up by one; and columns
// without name and content. Columns a person chose stay.
func dropIndexes(s *sheet, o Options, rep *Report) {
	s.columns = slices.DeleteFunc(s.columns, func(c *column) bool {
		switch {
		case isChosen(o, c):
			return false
		case c.name == "" && len(c.cells) == 0:
			return true
		case header.IsIndex(c.name) && c.countsUp():
			rep.Dropped = append(rep.Dropped, fmt.Sprintf("%s: row numbers", shownName(c)))
			return true
		}
		return false
	})
	nameBlanks(s)
}

func shownName(c *column) string {
	if c.name == "" {
		return "a column without a name"
	}
	return c.name
}

// countsUp: every cell is one more than the cell before, read as a number
// whatever its quotes.
func (c *column) countsUp() bool {
	first, ok := c.number(0)
	if !ok {
		return false
	}
	for i := range c.cells {
		if v, ok := c.number(i); !ok || v != first+float64(i) {
			return false
		}
	}
	return true
}

// nameBlanks names columns without a name by their place.
func nameBlanks(s *sheet) {
	taken := map[string]bool{}
	for _, c := range s.columns {
		taken[c.name] = true
	}
	for i, c := range s.columns {
		for n := i + 1; c.name == ""; n++ {
			if name := fmt.Sprintf("column %d", n); !taken[name] {
				c.name, taken[name] = name, true
			}
		}
	}
}
