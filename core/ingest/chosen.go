package ingest

import (
	"slices"
	"strings"

	"chatmrpt/core/ingest/repair"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// chosenRoles lists the roles a person gave, in a stable order.
func chosenRoles(o Options) []table.Role {
	var out []table.Role
	for r := range o.Columns {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

// isChosen reports whether the person chose this column for some role.
func isChosen(o Options, c *column) bool {
	for _, header := range o.Columns {
		if c.isCalled(header) {
			return true
		}
	}
	return false
}

// isCalled compares a header a person gave with the column's, as written or
// as repaired, upper and lower case alike.
func (c *column) isCalled(given string) bool {
	if given == "" {
		return false
	}
	fixed, _ := repair.Header(given)
	return given == c.written || strings.EqualFold(fixed, c.name)
}

// applyChoices gives the roles that the person chose.
func applyChoices(s *sheet, o Options) error {
	for _, r := range chosenRoles(o) {
		at := slices.IndexFunc(s.columns, func(c *column) bool { return c.isCalled(o.Columns[r]) })
		if at < 0 {
			return problem.New(problem.NotFound, "", "", "there is no column "+o.Columns[r]+" for "+string(r),
				"The columns are: "+listHeaders(s))
		}
		c := s.columns[at]
		if c.role != "" {
			return problem.New(problem.Usage, "", "", "the column "+c.name+" can't be both "+string(c.role)+" and "+string(r),
				"Give each role a column of its own")
		}
		c.take(r, Chosen, Sure)
	}
	return nil
}

func (c *column) take(r table.Role, how, confidence string) {
	c.role, c.how, c.confidence = r, how, confidence
}

// listHeaders lists the headers found, so that a person can choose.
func listHeaders(s *sheet) string {
	names := s.headers()
	if len(names) > listed {
		names = append(names[:listed:listed], "…")
	}
	for i := range names {
		names[i] = clip(names[i])
	}
	return strings.Join(names, "; ")
}
