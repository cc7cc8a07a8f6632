package ingest

import (
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/ingest/header"
	"chatmrpt/core/table"
)

// gather sums a list of registrations, a row per household or distribution
// point, to a row per ward: persons, households, and every column of nets. This
// is the population the programme's own net plans start from (spec/analytics.md,
// appendix B). A row whose number of persons is missing adds none, and is told;
// a ward of which no row has one stays without population, not with none.
func gather(t *table.Table, rep *Report) (*table.Table, error) {
	persons, _ := t.Role(table.RoleRegistered)
	places := placeColumns(t)
	groups, first := groupRows(t.Rows(), places)
	out := &table.Table{Name: t.Name}
	for _, c := range places {
		if err := out.Add(c.Pick(first)); err != nil {
			return nil, err
		}
	}
	population := sumBy(persons, groups, len(first))
	population.Name, population.Role, population.Unit, population.Origin = "population", table.RolePopulation, "persons", persons.Origin+", summed by ward"
	households := table.NewNumber("registrations")
	households.Role, households.Unit, households.Origin = table.RoleVariable, "rows", "rows of "+rep.File
	counts := make([]float64, len(first))
	for _, g := range groups {
		counts[g]++
	}
	for _, n := range counts {
		households.AppendNumber(n)
	}
	columns := []*table.Column{population, households}
	for _, c := range t.Columns {
		if c.Kind() == table.Number && c.Role != table.RoleRegistered && header.CountsNets(c.Name) {
			nets := sumBy(c, groups, len(first))
			nets.Name, nets.Role, nets.Unit, nets.Origin = c.Name, table.RoleVariable, "nets", c.Origin+", summed by ward"
			columns = append(columns, nets)
		}
	}
	for _, c := range columns {
		if _, taken := out.Column(c.Name); taken {
			c.Name += " (summed)"
		}
		if err := out.Add(c); err != nil {
			return nil, err
		}
	}
	if n := persons.CountMissing(); n > 0 {
		rep.warn(WarnRegistered, "registrations give no number of persons; they add none to their ward", n)
	}
	rep.warn(WarnGathered, fmt.Sprintf("registrations were summed to %d wards", len(first)), t.Rows())
	rep.Rows.Gathered = t.Rows()
	relist(out, rep)
	return out, nil
}

// placeColumns are the columns that name the ward.
func placeColumns(t *table.Table) (out []*table.Column) {
	for _, r := range []table.Role{table.RoleState, table.RoleLGA, table.RoleWard, table.RoleStateCode, table.RoleLGACode, table.RoleWardCode} {
		if c, ok := t.Role(r); ok {
			out = append(out, c)
		}
	}
	return out
}

// groupRows gives each row the number of its place, in order of appearance, and
// the first row of each.
func groupRows(rows int, places []*table.Column) (groups, first []int) {
	numbers := map[string]int{}
	var key strings.Builder
	for i := range rows {
		key.Reset()
		for _, c := range places {
			text, ok := c.Text(i)
			fmt.Fprintf(&key, "%t%s\x00", ok, text)
		}
		g, ok := numbers[key.String()]
		if !ok {
			g = len(first)
			numbers[key.String()] = g
			first = append(first, i)
		}
		groups = append(groups, g)
	}
	return groups, first
}

// sumBy sums a column by group; a group without any value is missing.
func sumBy(c *table.Column, groups []int, n int) *table.Column {
	sums, known := make([]float64, n), make([]bool, n)
	for i, g := range groups {
		if v, ok := c.Number(i); ok {
			sums[g], known[g] = sums[g]+v, true
		}
	}
	out := table.NewNumber("")
	for g, v := range sums {
		if known[g] {
			out.AppendNumber(v)
		} else {
			out.AppendMissing()
		}
	}
	return out
}

// relist makes the report's columns those of the table that came out.
func relist(t *table.Table, rep *Report) {
	kept := func(name string) bool { _, ok := t.Column(name); return ok }
	for _, c := range rep.Columns {
		if !kept(c.Header) && c.Role != table.RoleRegistered {
			rep.Dropped = append(rep.Dropped, c.Header+": not a count of persons or nets, so it has no sum by ward")
		}
	}
	for _, name := range rep.Unrecognised {
		if !kept(name) {
			rep.Dropped = append(rep.Dropped, name+": not a count of persons or nets, so it has no sum by ward")
		}
	}
	by := map[string]Recognised{}
	var persons Recognised
	for _, c := range rep.Columns {
		by[c.Header] = c
		if c.Role == table.RoleRegistered {
			persons = c
		}
	}
	rep.Columns, rep.Unrecognised = nil, nil
	for _, c := range t.Columns {
		r, ok := by[c.Name]
		if !ok || r.Role != c.Role {
			r = Recognised{Role: c.Role, Header: c.Name, How: persons.How, Confidence: persons.Confidence}
		}
		rep.Columns = append(rep.Columns, r)
	}
}

// ageShares turns shares of the population by age into persons, where the table
// has the population they are shares of. The shares stay beside them.
func ageShares(t *table.Table, rep *Report) error {
	population, ok := t.Role(table.RolePopulation)
	if !ok {
		return nil
	}
	for _, age := range table.Ages() {
		share, has := t.Role(table.ShareRole(age))
		if _, there := t.Role(table.PopulationRole(age)); !has || there {
			continue
		}
		whole := 1.0
		if slices.Contains([]string{"%"}, share.Unit) {
			whole = 100
		}
		c := table.NewNumber("population_" + string(age))
		for i := range t.Rows() {
			all, known := population.Number(i)
			part, given := share.Number(i)
			if known && given {
				c.AppendNumber(all * part / whole)
			} else {
				c.AppendMissing()
			}
		}
		c.Role, c.Unit, c.Origin = table.PopulationRole(age), "persons", fmt.Sprintf("%s × %s", population.Name, share.Name)
		if _, taken := t.Column(c.Name); taken {
			continue
		}
		if err := t.Add(c); err != nil {
			return err
		}
		rep.Columns = append(rep.Columns, Recognised{Role: c.Role, Header: c.Name, How: ByValues, Confidence: Likely})
		rep.warn(WarnAgeShare, fmt.Sprintf("the persons of column %s were worked out as %s", c.Name, c.Origin), t.Rows()-c.CountMissing())
	}
	return nil
}
