package ingest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"chatmrpt/core/ingest/header"
	"chatmrpt/core/ingest/value"
	"chatmrpt/core/table"
)

// What is wrong with a refused cell.
const (
	problemText     = "not a number"
	problemNegative = "a negative count"
	problemPeriod   = "not a period"
	problemError    = "an error of the spreadsheet"
)

// build makes the typed table and lists what every column became.
func build(ctx context.Context, s *sheet, kind Kind, o Options, rep *Report) (*table.Table, error) {
	t := &table.Table{Name: rep.File}
	for i, c := range s.columns {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		out := buildColumn(s, c, rep)
		out.Role = c.role
		out.Unit = unitOf(c)
		if isShare(c.role) {
			out.Unit = rateUnit(out, rep)
		}
		if c.role == table.RoleMalaria && out.Unit == "" && header.IsRate(c.name) {
			out.Unit = rateUnit(out, rep)
		}
		out.Origin = fmt.Sprintf("%s, column %q", s.origin, clip(c.written))
		if err := t.Add(out); err != nil {
			return nil, err
		}
		list(c, rep)
		s.columns[i] = &column{name: c.name, role: c.role} // its cells can go
	}
	if kind != Facilities {
		if err := ageShares(t, rep); err != nil {
			return nil, err
		}
	}
	return t, addPeriod(t, o, kind, rep)
}

// list notes the column in the report.
func list(c *column, rep *Report) {
	if c.role == "" {
		rep.Unrecognised = append(rep.Unrecognised, c.name)
		return
	}
	rep.Columns = append(rep.Columns, Recognised{Role: c.role, Header: c.name, How: c.how, Confidence: c.confidence})
	if c.confidence == Assumed {
		rep.warn(WarnAssumedTest, fmt.Sprintf("the column %s does not say by which test; it was taken as RDT", c.name), 0)
	}
}

// addPeriod gives a file without periods the one the person named.
func addPeriod(t *table.Table, o Options, kind Kind, rep *Report) error {
	_, has := t.Role(table.RolePeriod)
	switch {
	case has && o.Period != "":
		rep.warn(WarnPeriodIgnore, "the file has periods of its own, so the period "+o.Period+" was not used", 0)
	case has:
	case o.Period != "":
		c := wholeFile(o.Period, t.Rows(), func(n string) bool { _, ok := t.Column(n); return ok })
		rep.Columns = append(rep.Columns, Recognised{table.RolePeriod, c.Name, ByOption, Sure})
		return t.Add(c)
	case kind == Facilities:
		rep.warn(WarnNoPeriod, "the file has no column of periods; give the period of the whole file with --period", 0)
	}
	return nil
}

// buildColumn makes the typed column that a role or the values ask for.
func buildColumn(s *sheet, c *column, rep *Report) *table.Column {
	switch {
	case c.role == table.RolePeriod:
		return buildPeriod(s, c, rep)
	case c.role == table.RoleLevel:
		return buildLevel(s, c, rep)
	case isText(c.role):
		return buildText(s, c, rep)
	case c.role == "" && (!c.profile().onlyNumbers() || c.profile().present() == 0):
		return buildText(s, c, rep)
	}
	return buildNumber(s, c, rep)
}

// isText: roles whose cells are names and codes, even when they look like
// numbers.
func isText(r table.Role) bool {
	switch r {
	case table.RoleState, table.RoleLGA, table.RoleWard, table.RoleStateCode, table.RoleLGACode, table.RoleWardCode, table.RoleFacility:
		return true
	}
	return false
}

func buildText(s *sheet, c *column, rep *Report) *table.Column {
	out := table.NewText(c.name)
	issue := CellIssue{Column: c.name, Problem: problemError}
	for i := range s.rows {
		if c.at(i).tag() == tagError {
			issue.count(s.lines[i], "")
		}
		if text, ok := c.text(i); ok {
			out.AppendText(text)
		} else {
			out.AppendMissing()
		}
	}
	rep.issue(issue)
	return out
}

// buildLevel puts known levels in their canonical form and keeps the others
// as given, with a warning.
func buildLevel(s *sheet, c *column, rep *Report) *table.Column {
	out := table.NewText(c.name)
	unknown, example := 0, ""
	for i := range s.rows {
		text, ok := c.text(i)
		if !ok {
			out.AppendMissing()
			continue
		}
		level, known := value.Level(text)
		if !known {
			unknown++
			level, example = text, text
		}
		out.AppendText(level)
	}
	if unknown > 0 {
		rep.warn(WarnLevels, fmt.Sprintf("levels of care that are not primary, secondary or tertiary, such as %s", clip(example)), unknown)
	}
	return out
}

func buildPeriod(s *sheet, c *column, rep *Report) *table.Column {
	out := table.NewText(c.name)
	p := newPeriods(s, c, rep)
	issue := CellIssue{Column: c.name, Problem: problemPeriod}
	spans := map[string]bool{}
	for i := range s.rows {
		period, ok := p.at(i)
		if ok {
			out.AppendText(period)
			spans[value.Span(period)] = true
			continue
		}
		out.AppendMissing()
		if text, has := c.text(i); has || c.at(i).tag() == tagError {
			issue.count(s.lines[i], text)
		}
	}
	rep.issue(issue)
	if len(spans) > 1 {
		rep.warn(WarnPeriods, "periods of different length (years, quarters, months, weeks, days) stand mixed in column "+c.name, 0)
	}
	return out
}

// buildNumber makes a column of numbers. What is no number, and a count below
// zero, becomes missing and is reported.
func buildNumber(s *sheet, c *column, rep *Report) *table.Column {
	out := table.NewNumber(c.name)
	texts := CellIssue{Column: c.name, Problem: problemText}
	negatives := CellIssue{Column: c.name, Problem: problemNegative}
	errors := CellIssue{Column: c.name, Problem: problemError}
	counts := c.role != "" && c.role != table.RoleVariable && c.role != table.RoleMalaria && !isCoordinate(c.role)
	for i := range s.rows {
		v, ok := c.number(i)
		switch {
		case ok && v < 0 && counts:
			negatives.count(s.lines[i], formatNumber(v))
			out.AppendMissing()
		case ok:
			out.AppendNumber(v)
		default:
			out.AppendMissing()
			if text, has := c.text(i); has {
				texts.count(s.lines[i], text)
			} else if c.at(i).tag() == tagError {
				errors.count(s.lines[i], "")
			}
		}
	}
	rep.issue(texts)
	rep.issue(negatives)
	rep.issue(errors)
	if c.role == table.RoleUrban {
		return urbanPercent(out, rep)
	}
	return out
}

// urbanPercent turns shares from 0 to 1 into per cent. A column that nowhere
// exceeds 1 is one of shares, unless it is nothing but zeros.
func urbanPercent(c *table.Column, rep *Report) *table.Column {
	highest := 0.0
	for i := range c.Len() {
		v, _ := c.Number(i)
		highest = max(highest, v)
	}
	if highest == 0 || highest > 1 {
		return c
	}
	out := table.NewNumber(c.Name)
	for i := range c.Len() {
		if v, ok := c.Number(i); ok {
			out.AppendNumber(v * 100)
		} else {
			out.AppendMissing()
		}
	}
	rep.warn(WarnUrbanShare, "column "+c.Name+" holds shares from 0 to 1; they were read as 0 to 100 %", c.Len()-c.CountMissing())
	return out
}

func isShare(r table.Role) bool {
	return slices.ContainsFunc(table.Ages(), func(a table.Age) bool { return r == table.ShareRole(a) })
}

// rateUnit tells shares from per cent: in a column of shares most values are at
// most 1, even where some are impossible. It warns of those that are above all.
func rateUnit(c *table.Column, rep *Report) string {
	shares, above, known := 0, 0, 0
	for i := range c.Len() {
		if v, ok := c.Number(i); ok && v != 0 {
			known++
			if v <= 1 {
				shares++
			}
		}
	}
	unit, all := "%", 100.0
	if known == 0 {
		return ""
	}
	if shares*2 > known {
		unit, all = "share", 1
	}
	for i := range c.Len() {
		if v, _ := c.Number(i); v > all {
			above++
		}
	}
	if above > 0 {
		rep.warn(WarnRate, fmt.Sprintf("column %s is named like a share, and some of its values are above %v (%s)", c.Name, all, unit), above)
	}
	return unit
}

// count adds one cell to an issue.
func (c *CellIssue) count(row uint32, example string) {
	if c.Count == 0 {
		c.Row, c.Example = int(row), clip(example)
	}
	c.Count++
}

// issue lists refused cells, if any.
func (r *Report) issue(c CellIssue) {
	if c.Count > 0 {
		r.Cells = append(r.Cells, c)
	}
}

var unitAtEnd = regexp.MustCompile(`[(\[]\s*([^()\[\]]{1,20})\s*[)\]]$`)

// unitOf takes a variable's unit from its header: "rainfall (mm)", "poor %".
func unitOf(c *column) string {
	switch c.role {
	case table.RoleUrban:
		return "%"
	case table.RolePopulation, table.RoleRegistered, table.PopulationRole(table.Under5), table.PopulationRole(table.Over5), table.PopulationRole(table.Pregnant):
		return "persons"
	case table.RoleVariable, table.RoleMalaria:
	default:
		return ""
	}
	if m := unitAtEnd.FindStringSubmatch(c.name); m != nil {
		return strings.TrimSpace(m[1])
	}
	if strings.HasSuffix(c.name, "%") || strings.HasPrefix(c.name, "%") {
		return "%"
	}
	return ""
}
