package ingest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/ingest/header"
	"chatmrpt/core/ingest/repair"
	"chatmrpt/core/ingest/value"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// searched is the number of rows in which a header is looked for.
const searched = 40

// found is a sheet with a header.
type found struct {
	src  source
	head heading
}

// locate opens the file and finds the sheet and the header row.
func locate(ctx context.Context, data []byte, sheet string, rep *Report) (source, heading, error) {
	sources, err := open(data, sheet, rep)
	if err != nil {
		return source{}, heading{}, err
	}
	var tables []found
	var firstErr error
	for _, src := range sources {
		head, err := findHeader(ctx, src)
		switch {
		case err != nil && ctx.Err() != nil:
			return source{}, heading{}, err
		case err != nil && firstErr == nil:
			firstErr = err
		case err == nil:
			tables = append(tables, found{src, head})
		}
	}
	if len(tables) == 0 {
		return source{}, heading{}, firstErr
	}
	best, err := theSheet(tables)
	if err != nil {
		return source{}, heading{}, err
	}
	best.note(tables, rep)
	return best.src, best.head, nil
}

// theSheet takes the one visible sheet with a table of wards. Of several it
// takes none: a workbook with a sheet a year would lose all years but one.
// Without any it takes the first table.
func theSheet(tables []found) (found, error) {
	var wards []found
	for _, t := range tables {
		if namesWard(t.head.names) {
			wards = append(wards, t)
		}
	}
	visible := slices.DeleteFunc(slices.Clone(wards), func(t found) bool { return t.src.hidden })
	switch {
	case len(visible) > 1:
		var list []string
		for _, t := range visible {
			list = append(list, fmt.Sprintf("“%s” (%d columns below row %d)", t.src.sheet, len(t.head.names), t.head.last))
		}
		return found{}, problem.New(problem.Usage, "", "", fmt.Sprintf("%d sheets of the workbook hold a table of wards", len(visible)),
			"Say which to read with --sheet, and import the others one by one, each with a --name of its own: "+strings.Join(list, ", "))
	case len(visible) == 1:
		return visible[0], nil
	case len(wards) > 0:
		return wards[0], nil
	}
	return tables[0], nil
}

// note puts into the report what was chosen and what was left.
func (f found) note(tables []found, rep *Report) {
	rep.Sheet, rep.HeaderRow = f.src.sheet, f.head.row
	if f.head.shifted {
		rep.warn(WarnHeaderMove, "the header has one name less than the rows have fields, as R writes row names; the names were moved by one", 0)
	}
	if f.head.last > f.head.row {
		rep.warn(WarnHeaderRows, fmt.Sprintf("the header stands in rows %d to %d; its names were put together", f.head.row, f.head.last), 0)
	}
	var others []string
	for _, t := range tables {
		if t.src.sheet != f.src.sheet {
			others = append(others, t.src.sheet)
		}
	}
	if len(others) > 0 {
		rep.warn(WarnSheets, "only the sheet "+f.src.sheet+" was read; other sheets with tables are: "+clip(strings.Join(others, ", ")), 0)
	}
}

func namesWard(names []string) bool {
	for _, n := range names {
		if g, ok := header.Of(n); ok && g.Role == table.RoleWard {
			return true
		}
		if level, ok := header.OrgUnitLevel(n); ok && level == 4 {
			return true
		}
	}
	return false
}

// findHeader looks for the header among the first rows.
func findHeader(ctx context.Context, src source) (heading, error) {
	var rows []grid.Row
	err := src.rows(ctx, func(r grid.Row) error {
		if r.Width() > 0 && !blankRow(r) {
			rows = append(rows, r.Clone())
		}
		if len(rows) >= searched {
			return grid.ErrStop
		}
		return nil
	})
	if err != nil {
		return heading{}, err
	}
	at := headerAt(rows)
	switch {
	case at < 0:
		return heading{}, noTable(src, rows)
	case at == len(rows)-1:
		return heading{}, noRows(src, rows[at])
	}
	head := headingOf(rows, at)
	if src.csv != nil {
		// A text file's fields count even where the header leaves them blank.
		head.names = append(head.names, make([]string, max(0, len(rows[at].Cells)-len(head.names)))...)
		if head.shifted = shifted(rows[at:]); head.shifted {
			head.names = append([]string{""}, head.names...)
		}
	}
	return head, nil
}

func blankRow(r grid.Row) bool {
	for _, c := range r.Cells {
		if c.Kind != grid.Empty && !(c.Kind == grid.Text && isBlank(c.Text)) {
			return false
		}
	}
	return true
}

// headerAt scores the rows and returns the first that comes near the best, or
// -1. A header is a row of texts, among them names that mean something; rows
// of titles are narrow, rows of data have numbers.
func headerAt(rows []grid.Row) int {
	width := 0
	for _, r := range rows {
		width = max(width, filled(r))
	}
	best := 0
	scores := make([]int, len(rows))
	for i, r := range rows {
		if filled(r)*2 >= width {
			scores[i] = headerScore(r)
		}
		best = max(best, scores[i])
	}
	for i, s := range scores {
		if s > 0 && s*5 >= best*3 {
			return i
		}
	}
	return -1
}

func filled(r grid.Row) (n int) {
	for _, c := range r.Cells {
		if c.Kind != grid.Empty {
			n++
		}
	}
	return n
}

// headerScore: 1 for a text, 4 more for the name of a role, −2 for what only
// data has. Partial matches don't count: "kn Ajingi Ward" contains "ward".
func headerScore(r grid.Row) int {
	score := 0
	for i, s := range cellTexts(r) {
		if s == "" {
			continue
		}
		_, isNumber := value.Number(s, value.Point)
		_, isPeriod := value.Period(s, value.DayFirst)
		if r.Cells[i].Kind != grid.Text || isNumber || isPeriod || value.IsMissing(s) {
			score -= 2
			continue
		}
		score++
		g, ok := header.Of(s)
		_, unit := header.OrgUnitLevel(s)
		if unit || ok && (g.Rank < header.Partial || g.Assumed) {
			score += 4
		}
	}
	return score
}

// cellTexts returns the repaired texts of a row, for looking at names.
func cellTexts(r grid.Row) []string {
	out := make([]string, r.Width())
	for i := range out {
		out[i] = cellText(r.Cells[i])
	}
	return out
}

// cellText is what a person sees in a cell, unrepaired.
func cellText(c grid.Cell) string {
	switch c.Kind {
	case grid.Text, grid.Error:
		s, _ := repair.Header(string(c.Text))
		return s
	case grid.Number:
		return formatNumber(c.Num)
	case grid.Date:
		s, _ := value.Date(c.Num)
		return s
	}
	return ""
}

// shifted: every row has exactly one field more than the header, the first
// being its number, which is how R writes a table with row names.
func shifted(rows []grid.Row) bool {
	for i, r := range rows[1:] {
		if len(r.Cells) != len(rows[0].Cells)+1 || cellText(r.Cells[0]) != strconv.Itoa(i+1) {
			return false
		}
	}
	return len(rows) > 2
}

func where(src source) string {
	if src.sheet != "" {
		return "sheet " + src.sheet
	}
	return "the file"
}

func noTable(src source, rows []grid.Row) error {
	if len(rows) == 0 {
		return grid.Bad(where(src)+" holds no rows", "Check that the right file or sheet was chosen; its table may be in another sheet")
	}
	return grid.Bad("no row of column names was found in "+where(src),
		fmt.Sprintf("Put the names of the columns (state, LGA, ward, …) in one row above the data; the first %d rows were searched", searched))
}

func noRows(src source, head grid.Row) error {
	return grid.Bad(fmt.Sprintf("there are no rows below the header in row %d of %s", head.Number, where(src)),
		"Check that the export was finished and not filtered down to nothing")
}
