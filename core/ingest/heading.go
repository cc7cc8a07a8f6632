package ingest

import (
	"strings"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/ingest/header"
	"chatmrpt/core/ingest/value"
)

// heading is where the header of a table was found.
type heading struct {
	row     int      // of the names, 1-based; the first of several
	last    int      // the last row of the header
	names   []string // by column
	shifted bool     // the header had one name less than the rows: R's row names
}

// deepest is the number of rows a header may have.
const deepest = 3

// headingOf takes the header at row at, or the block of rows around it that
// tells more: reports print "Tested by RDT" once, over the age groups below it.
func headingOf(rows []grid.Row, at int) heading {
	best := heading{row: rows[at].Number, last: rows[at].Number, names: cellTexts(rows[at])}
	told := rolesNamed(best.names)
	for first := max(0, at-deepest+1); first <= at; first++ {
		for last := at; last < min(first+deepest, len(rows)-1); last++ {
			names, ok := flatten(rows[first : last+1])
			if n := rolesNamed(names); ok && n > told {
				told = n
				best = heading{row: rows[first].Number, last: rows[last].Number, names: names}
			}
		}
	}
	return best
}

// rolesNamed counts the columns that names alone give a role.
func rolesNamed(names []string) (n int) {
	for _, name := range names {
		g, ok := header.Of(name)
		_, unit := header.OrgUnitLevel(name)
		if unit || ok && !g.Assumed && g.Rank < header.Partial {
			n++
		}
	}
	return n
}

// flatten joins the names of a header of several rows, from the lowest up. It
// is none when the rows hold anything but names, do not follow each other, or
// when no name of an upper row stands over several of the lower.
func flatten(rows []grid.Row) ([]string, bool) {
	if len(rows) < 2 {
		return nil, false
	}
	width := 0
	for i, r := range rows {
		if i > 0 && r.Number != rows[i-1].Number+1 || !onlyNames(r) {
			return nil, false
		}
		width = max(width, r.Width())
	}
	names := padded(cellTexts(rows[len(rows)-1]), width)
	for i := len(rows) - 2; i >= 0; i-- {
		group := false
		if names, group = under(padded(cellTexts(rows[i]), width), names); !group {
			return nil, false
		}
	}
	return names, true
}

func padded(names []string, width int) []string {
	return append(names, make([]string, width-len(names))...)
}

// under puts the names of one row before those below it. A blank takes the name
// to its left when that stands over a name too: a cell merged over several
// columns. One merged over both rows has nothing below it and spreads no
// further.
func under(upper, lower []string) (names []string, group bool) {
	names = make([]string, len(upper))
	spread := ""
	for i := range upper {
		switch {
		case upper[i] != "" && lower[i] != "":
			spread = upper[i]
			names[i] = upper[i] + " " + lower[i]
		case upper[i] != "":
			spread = ""
			names[i] = upper[i]
		case lower[i] != "" && spread != "":
			group = true
			names[i] = spread + " " + lower[i]
		default:
			names[i] = lower[i]
		}
	}
	return names, group
}

// onlyNames: texts and blanks, none of them a number, a period or a sign for
// "no data".
func onlyNames(r grid.Row) bool {
	for i, s := range cellTexts(r) {
		if s == "" {
			continue
		}
		_, isNumber := value.Number(s, value.Point)
		_, isPeriod := value.Period(s, value.DayFirst)
		if r.Cells[i].Kind != grid.Text || isNumber || isPeriod || value.IsMissing(s) || strings.HasPrefix(s, "=") {
			return false
		}
	}
	return true
}
