package ingest

import (
	"cmp"
	"slices"
	"strings"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/ingest/header"
	"chatmrpt/core/ingest/value"
	"chatmrpt/core/table"
)

// enough is the share of a column's distinct values that must be what its
// role says before values alone prove it.
const enough = 0.8

// assign resolves repeated headers, gives columns their roles and finds the
// kind of the table.
func assign(s *sheet, o Options, rep *Report) (Kind, error) {
	if err := resolve(s, o, o.counts(s), rep); err != nil {
		return "", err
	}
	kind, err := recognise(s, o)
	if err != nil {
		return "", err
	}
	return kind, required(s, kind)
}

// counts: the table is one of counts, of which two columns may be two parts.
func (o Options) counts(s *sheet) bool {
	return o.Kind == Facilities || o.Kind == "" && holdsCounts(s.headers())
}

// recognise gives columns their roles: those the person chose, then by DHIS2's
// hierarchy, by name and by value.
func recognise(s *sheet, o Options) (Kind, error) {
	if err := applyChoices(s, o); err != nil {
		return "", err
	}
	byHierarchy(s)
	byName(s)
	byValues(s)
	kind := o.Kind
	if kind == "" {
		kind = kindOf(s)
	}
	trimRoles(s, kind)
	clearNone(s)
	return kind, nil
}

// holdsCounts: the headers speak of malaria, and one of them is a count. A
// table of wards may well have a column of malaria and one of positivity.
func holdsCounts(headers []string) bool {
	return speaksOfMalaria(headers) && slices.ContainsFunc(headers, func(h string) bool {
		g, ok := header.Of(h)
		return ok && (isCount(g.Role) || isFever(g.Role))
	})
}

// speaksOfMalaria: two of the words that name malaria indicators.
func speaksOfMalaria(headers []string) bool {
	joined, found := strings.ToLower(strings.Join(headers, " ")), 0
	for _, w := range []string{"rdt", "microscopy", "tpr", "malaria", "tested", "positive", "fever", "artesunate", "artemether", "chloroquine", "llin"} {
		if strings.Contains(joined, w) {
			found++
		}
	}
	return found >= 2
}

// byHierarchy reads DHIS2's orgunitlevelN: the level whose values are states
// is the state, the next ones LGA, ward and facility. Without states in it
// (another country) the levels are Nigeria's: 2, 3, 4, 5.
func byHierarchy(s *sheet) {
	levels := map[int]*column{}
	for _, c := range s.columns {
		if n, ok := header.OrgUnitLevel(c.name); ok && c.role == "" && levels[n] == nil {
			levels[n] = c
		}
	}
	top, proven := 2, false
	for n := 9; n >= 1; n-- {
		if c := levels[n]; c != nil && c.share(value.IsState) >= enough {
			top, proven = n, true
		}
	}
	for i, r := range []table.Role{table.RoleState, table.RoleLGA, table.RoleWard, table.RoleFacility} {
		if c := levels[top+i]; c != nil && s.byRole(r) == nil {
			confidence := Likely
			if proven {
				confidence = Sure
			}
			c.take(r, ByHeader, confidence)
		}
	}
}

// candidate is a column that a role could have by its name.
type candidate struct {
	c *column
	g header.Guess
}

// byName gives each role to the column with the best name whose values allow
// it. Columns of the DHIS2 hierarchy are taken by then, but for the facility:
// organisationunitname is the unit that reported, on whatever level.
func byName(s *sheet) {
	var all []candidate
	for _, c := range s.columns {
		if _, unit := header.OrgUnitLevel(c.name); unit {
			continue
		}
		if g, ok := header.Of(c.name); ok && c.role == "" && allows(c, g) {
			all = append(all, candidate{c, g})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.g.Rank, b.g.Rank) })
	for _, k := range all {
		holder := s.byRole(k.g.Role)
		switch {
		case k.c.role != "":
		case holder == nil:
			k.c.take(k.g.Role, ByHeader, confidenceOf(k))
		case k.g.Role == table.RoleFacility && k.g.Rank == header.Exact && holder.how == ByHeader && isUnit(holder):
			holder.take("", "", "")
			k.c.take(k.g.Role, ByHeader, Sure)
		}
	}
}

func isUnit(c *column) bool {
	_, ok := header.OrgUnitLevel(c.name)
	return ok
}

func confidenceOf(k candidate) string {
	switch {
	case k.g.Assumed:
		return Assumed
	case k.g.Rank >= header.Partial:
		return Likely
	case k.g.Role == table.RoleState && k.c.share(value.IsState) < enough:
		return Likely
	case k.g.Role == table.RoleLevel && k.c.levelShare() < enough:
		return Likely
	}
	return Sure
}

// allows checks a name's promise against the values.
func allows(c *column, g header.Guess) bool {
	p := c.profile()
	switch g.Role {
	case table.RoleState, table.RoleFacility:
		return !p.onlyNumbers() || p.present() == 0
	case table.RoleLGA, table.RoleWard:
		return p.text*2 >= p.present() || g.Rank <= header.Alias && p.present() > 0 && p.dates == 0
	case table.RoleLevel:
		return p.text > 0 && p.numeric == 0
	case table.RolePeriod:
		return c.periodShare() >= 0.5
	case table.RoleStateCode, table.RoleLGACode, table.RoleWardCode:
		return true
	}
	// Every other role counts or measures. A clear name outweighs many slips.
	return p.numeric*2 >= p.present() && !g.Assumed || p.mostlyNumbers()
}

// byValues lets values prove what names did not say, and correct a name that
// values disprove.
func byValues(s *sheet) {
	stateByValues(s)
	lgaByValues(s)
	levelByValues(s)
	if s.byRole(table.RolePeriod) == nil && s.byRole(table.RoleFacility) != nil {
		for _, c := range s.columns {
			if c.role == "" && (c.allPeriods() || c.allYears()) {
				c.take(table.RolePeriod, ByValues, Likely)
				return
			}
		}
	}
}

// stateByValues: the column whose values are states is the state. It takes
// the role from a column that merely has the name, and a column from another
// role of place only when it shows more than one state: there is an LGA
// Nasarawa in a state Nasarawa.
func stateByValues(s *sheet) {
	holder := s.byRole(table.RoleState)
	if holder != nil && (holder.settled() || holder.share(value.IsState) >= enough) {
		return
	}
	for _, c := range s.columns {
		placed := c.role == table.RoleLGA || c.role == table.RoleWard
		free := c.role == "" || placed && !c.settled() && c.distinct() > 1
		if !free || isUnit(c) && !placed || c.share(value.IsState) < enough {
			continue
		}
		if holder != nil {
			holder.take("", "", "")
		}
		c.take(table.RoleState, ByValues, Likely)
		return
	}
}

// lgaByValues: the column whose values are LGAs is the LGA, whatever it is
// called; a column merely named so, of whose values few are, gives way to it.
// The values alone can't tell an LGA from a ward, which often has its name, so
// a column that is a ward by its name stays one.
func lgaByValues(s *sheet) {
	holder := s.byRole(table.RoleLGA)
	if holder != nil && (holder.settled() || holder.share(value.IsLGA) >= 0.3) {
		return
	}
	for _, c := range s.columns {
		if c.role != "" || isUnit(c) || c.share(value.IsLGA) < enough || header.IsIdentifier(c.name) {
			continue
		}
		if holder != nil {
			holder.take("", "", "")
		}
		c.take(table.RoleLGA, ByValues, Likely)
		return
	}
}

// levelByValues: a column of nothing but levels of care is the level, but
// never one of the DHIS2 hierarchy.
func levelByValues(s *sheet) {
	holder := s.byRole(table.RoleLevel)
	if holder != nil && (holder.settled() || holder.levelShare() > 0) {
		return
	}
	for _, c := range s.columns {
		if c.role != "" || isUnit(c) || c.levelShare() < enough {
			continue
		}
		if holder != nil {
			holder.take("", "", "")
		}
		c.take(table.RoleLevel, ByValues, Likely)
		return
	}
}

// distinct counts the different texts of a column.
func (c *column) distinct() (n int) {
	for i := range c.dict {
		if c.dict[i].count > 0 && !c.dict[i].missing {
			n++
		}
	}
	return n
}

// kindOf finds what the rows are.
func kindOf(s *sheet) Kind {
	named, assumed, numeric := 0, 0, 0
	for _, c := range s.columns {
		p := c.profile()
		switch {
		case c.confidence == Assumed:
			assumed++
		case isCount(c.role):
			named++
		case c.role == "" && p.mostlyNumbers() && !header.IsIdentifier(c.name):
			numeric++
		}
	}
	reports := s.byRole(table.RoleFacility) != nil || s.byRole(table.RoleLevel) != nil
	switch {
	case named > 0, assumed > 0 && (reports || s.byRole(table.RolePeriod) != nil):
		return Facilities
	case reports && s.byRole(table.RoleAttendance) != nil:
		return Facilities
	case s.byRole(table.RoleRegistered) != nil && s.byRole(table.RolePopulation) == nil:
		return Nets
	case s.byRole(table.RolePopulation) != nil && numeric == 0 && s.byRole(table.RoleUrban) == nil:
		return Population
	}
	return Wards
}

// isCount: the roles of tested and positive persons.
func isCount(r table.Role) bool {
	return strings.HasPrefix(string(r), "tested_") || strings.HasPrefix(string(r), "positive_")
}

// isCoordinate: the roles of where a facility stands.
func isCoordinate(r table.Role) bool { return r == table.RoleLongitude || r == table.RoleLatitude }

// trimRoles takes back the roles that mean nothing in a table of this kind
// and makes variables of the numbers of wards.
func trimRoles(s *sheet, kind Kind) {
	for _, c := range s.columns {
		if kind == Facilities && !c.settled() && (isShare(c.role) || c.role == table.RoleRegistered) {
			c.take("", "", "")
		}
	}
	if kind == Facilities {
		return
	}
	for _, c := range s.columns {
		if !c.settled() && (c.confidence == Assumed || c.role == table.RoleLevel || c.role == table.RoleFacility || isCoordinate(c.role)) {
			c.take("", "", "")
		}
	}
	if kind == Wards {
		variables(s)
	}
}

// variables are the numeric columns behind the ward's name, as the
// predecessor has it, or all of them when none stands there; never keys.
func variables(s *sheet) {
	ward := slices.IndexFunc(s.columns, func(c *column) bool { return c.role == table.RoleWard })
	var behind, before []*column
	for i, c := range s.columns {
		switch {
		case c.role != "" || header.IsIdentifier(c.name) || !c.profile().mostlyNumbers():
		case i > ward:
			behind = append(behind, c)
		default:
			before = append(before, c)
		}
	}
	if len(behind) == 0 {
		behind = before
	}
	for _, c := range behind {
		if header.MeasuresMalaria(c.name) {
			c.take(table.RoleMalaria, ByHeader, Likely)
		} else {
			c.take(table.RoleVariable, ByValues, Sure)
		}
	}
}

// required refuses a table that lacks what its kind needs.
func required(s *sheet, kind Kind) error {
	found := "Columns found: " + listHeaders(s)
	if s.byRole(table.RoleWard) == nil {
		return grid.Bad("no column of wards was found",
			"Name the column that holds the ward (or other unit) with --unit-column. "+found)
	}
	switch {
	case kind == Facilities && !slices.ContainsFunc(s.columns, func(c *column) bool { return isCount(c.role) || c.role == table.RoleAttendance }):
		return grid.Bad("no column of malaria tests, positives or attendance was found",
			"Import it with --as wards if its rows are wards, or name the columns after the DHIS2 indicators. "+found)
	case kind == Nets && s.byRole(table.RoleRegistered) == nil:
		return grid.Bad("no column with the number of persons registered was found",
			"Say which it is with --column registered=HEADER. "+found)
	case kind == Population && s.byRole(table.RolePopulation) == nil:
		return grid.Bad("no column of population was found",
			"Name the column that holds the number of persons “Population”. "+found)
	}
	return nil
}
