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
	if slices.ContainsFunc(append(slices.Clone(o.Choices), o.remembered...), func(k Choice) bool { return c.isCalled(k.Header) }) {
		return true
	}
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

// noRole marks a column that a person said has no role, while roles are given.
const noRole table.Role = "none"

// applyChoices gives the roles that the person chose: now, or for an earlier
// file of this layout. What is said now beats what was said then.
func applyChoices(s *sheet, o Options) error {
	choices := slices.Clone(o.Choices)
	for _, r := range chosenRoles(o) {
		choices = append(choices, Choice{Header: o.Columns[r], Role: r})
	}
	for _, k := range choices {
		at := slices.IndexFunc(s.columns, func(c *column) bool { return c.isCalled(k.Header) })
		if at < 0 {
			return problem.New(problem.NotFound, "", "", "there is no column "+k.Header+" for "+string(orNone(k.Role)),
				"The columns are: "+listHeaders(s))
		}
		c := s.columns[at]
		holder := s.byRole(k.Role)
		switch {
		case c.role != "" && c.role != k.Role:
			return problem.New(problem.Usage, "", "", "the column "+c.name+" can't be both "+string(c.role)+" and "+string(k.Role),
				"Give each role a column of its own")
		case holder != nil && holder != c && !shared(k.Role):
			return problem.New(problem.Usage, "", "", "the columns "+holder.name+" and "+c.name+" can't both be "+string(k.Role),
				"Give each role a column of its own")
		}
		c.take(orNone(k.Role), Chosen, Sure)
	}
	recall(s, o)
	return nil
}

// recall applies what was said of an earlier file. A column that is not here,
// or a role that was given away now, is passed over.
func recall(s *sheet, o Options) {
	for _, k := range o.remembered {
		at := slices.IndexFunc(s.columns, func(c *column) bool { return c.isCalled(k.Header) })
		if at < 0 || s.columns[at].role != "" || s.byRole(k.Role) != nil && !shared(k.Role) {
			continue
		}
		s.columns[at].take(orNone(k.Role), Remembered, Sure)
	}
}

// shared: the roles that several columns may have.
func shared(r table.Role) bool {
	return r == table.RoleVariable || r == table.RoleMalaria || r == "" || r == noRole
}

func orNone(r table.Role) table.Role {
	if r == "" {
		return noRole
	}
	return r
}

// clearNone takes the mark off again.
func clearNone(s *sheet) {
	for _, c := range s.columns {
		if c.role == noRole {
			c.role = ""
		}
	}
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
