// Package quality examines facility records before anybody computes from
// them: what is missing, who did not report, which counts contradict each
// other, which stand out, and whether a year can be relied on.
//
// It changes nothing: no value is mended, dropped or filled in. It reads the
// records as a Panel, facilities by periods on an unbroken calendar, so that a
// month in which nobody reported is a month and not a gap that closes up. A
// facility is known by its name and place together, never by its name alone
// (see New); records without facility names are taken ward by ward.
//
// Every rule is one that the field publishes, named where it stands: facility
// activity and outliers after sntutils (ahadi-analytics, v2.0.0), the cascade
// after the SNT code library, thresholds of reporting after the programme's
// note on test positivity. Where the program sets a limit of its own it says
// so. Results are in an order that depends on the records' content and rows.
package quality

import (
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/place"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// op is the act named in this package's problems.
const op = "quality"

// Facility is one reporting unit, named as in the table. Name is "" where the
// records name no facilities.
type Facility struct{ State, LGA, Ward, Name string }

// Indicator is one column of counts.
type Indicator struct {
	Name string // as the table names the column
	Role table.Role
	col  *table.Column
}

// Panel is a table of facility records arranged by facility and period.
type Panel struct {
	Facilities []Facility // in order of first appearance
	Periods    []string   // every period from the first to the last, in order
	Grain      Grain      // what a period is
	Indicators []Indicator

	Rows            int
	WithoutFacility int // rows that name no facility, and so are in no facility's series
	WithoutPeriod   int // rows whose period is missing, can't be read, or is of another grain

	table    *table.Table
	facility []int32 // per row, −1 for none
	period   []int32 // per row, −1 for none
	key      []Indicator
	pairs    []pair
	reported []bool // facility × period: some key indicator has a value, nought included
	columns  map[table.Role]*table.Column
}

// New arranges records. Columns are found by role; columns of counts in which
// no row has a value are left out. unit gives the boundary unit of every row,
// −1 for none, and units their names; both may be nil. A facility is its name in
// its unit, or, unlinked, in its state, LGA and ward as normalised; see
// renamePlaces for what it is called. It fails, as NotFound, when the table has
// no counts or no period that can be read.
func New(t *table.Table, unit []int, units []Facility) (*Panel, error) {
	p := &Panel{Rows: t.Rows(), table: t, columns: map[table.Role]*table.Column{}}
	for _, c := range t.Columns {
		if c.Role != "" && p.columns[c.Role] == nil {
			p.columns[c.Role] = c
		}
	}
	p.findIndicators()
	p.findPairs()
	if len(p.Indicators) == 0 {
		return nil, problem.New(problem.NotFound, op, t.Name, "it has no column of tests, positives, fever or attendance with a value in it",
			"Import a facility table, and say what its columns are if they were not recognised")
	}
	if err := p.arrangePeriods(); err != nil {
		return nil, err
	}
	p.arrangeFacilities(unit, units)
	p.markReports()
	return p, nil
}

// counts lists the roles of counts in the order of every output.
func counts() []table.Role {
	var out []table.Role
	for _, t := range table.Tests() {
		for _, a := range table.Ages() {
			out = append(out, table.TestedRole(t, a), table.PositiveRole(t, a))
		}
	}
	for _, a := range table.Ages() {
		out = append(out, table.FeverRole(a), table.PresumedRole(a))
	}
	return append(out, table.RoleAttendance, table.RoleGeneralAttendance)
}

// findIndicators finds the columns of counts. The key ones, by which a
// facility shows that it reported, are those of tests and positives, or, where
// there are none, all.
func (p *Panel) findIndicators() {
	tests := 2 * len(table.Tests()) * len(table.Ages())
	for i, role := range counts() {
		c := p.columns[role]
		if c == nil || c.Kind() != table.Number || c.CountMissing() == c.Len() {
			continue
		}
		ind := Indicator{Name: c.Name, Role: role, col: c}
		p.Indicators = append(p.Indicators, ind)
		if i < tests {
			p.key = append(p.key, ind)
		}
	}
	if len(p.key) == 0 {
		p.key = p.Indicators
	}
}

// arrangeFacilities numbers the reporting units: by the unit of the boundary
// layer and the name where a row is linked, else by state, LGA, ward and name,
// each normalised, so that a new spelling of its place does not make a facility
// two.
func (p *Panel) arrangeFacilities(unit []int, units []Facility) {
	roles := []table.Role{table.RoleState, table.RoleLGA, table.RoleWard, table.RoleFacility}
	normalise := []func(string) string{place.NormaliseState, place.NormaliseLGA, place.NormaliseWard, place.NormaliseWard}
	var cols [4]*table.Column
	var keys [4][]uint32 // by code: the number of the normalised text, from 1
	for i, r := range roles {
		if c := p.columns[r]; c != nil && c.Kind() == table.Text {
			cols[i], keys[i] = c, numbered(c.Dict(), normalise[i])
		}
	}
	last := 3 // the column without which a row is nobody's
	if cols[last] == nil {
		last = 2
	}
	seen := map[[4]uint32]int32{}
	var home []int // the unit of each facility, −1 for none
	p.facility = make([]int32, p.Rows)
	for row := range p.facility {
		var key [4]uint32
		for i, c := range cols {
			if c == nil {
				continue
			}
			if code, ok := c.Code(row); ok {
				key[i] = keys[i][code]
			}
		}
		if key[last] == 0 {
			p.facility[row] = -1
			p.WithoutFacility++
			continue
		}
		at := -1
		if unit != nil && unit[row] >= 0 {
			at = unit[row]
			key[0], key[1], key[2] = linkedPlace, uint32(at), key[2]*uint32(boolInt(last == 2))
		}
		f, ok := seen[key]
		if !ok {
			f = int32(len(p.Facilities))
			seen[key] = f
			p.Facilities = append(p.Facilities, facilityAt(cols, row))
			home = append(home, at)
		}
		p.facility[row] = f
	}
	p.renamePlaces(home, units)
}

// renamePlaces calls the place of a linked facility as the boundary layer does,
// and the LGA of any other as that of most linked ones whose LGA is written
// likewise, so that an LGA is one whatever its spellings.
func (p *Panel) renamePlaces(home []int, units []Facility) {
	type region struct{ state, lga string }
	votes := map[region]map[region]int{}
	for f, u := range home {
		if u < 0 || units == nil {
			continue
		}
		written := region{p.Facilities[f].State, p.Facilities[f].LGA}
		if votes[written] == nil {
			votes[written] = map[region]int{}
		}
		votes[written][region{units[u].State, units[u].LGA}]++
	}
	called := map[region]region{}
	for written, of := range votes {
		best := written
		for r, n := range of {
			if n > of[best] || n == of[best] && (r.state < best.state || r.state == best.state && r.lga < best.lga) {
				best = r
			}
		}
		called[written] = best
	}
	for f, u := range home {
		who := &p.Facilities[f]
		if r, ok := called[region{who.State, who.LGA}]; ok {
			who.State, who.LGA = r.state, r.lga
		}
		if u >= 0 && units != nil {
			who.State, who.LGA, who.Ward = units[u].State, units[u].LGA, units[u].Ward
		}
	}
}

// linkedPlace stands for the state in the key of a facility known by its unit.
const linkedPlace = math.MaxUint32

// numbered gives each text of a dictionary the number of its normalised form.
func numbered(dict []string, normalise func(string) string) []uint32 {
	seen := map[string]uint32{}
	out := make([]uint32, len(dict))
	for i, text := range dict {
		key := normalise(text)
		if seen[key] == 0 {
			seen[key] = uint32(len(seen) + 1)
		}
		out[i] = seen[key]
	}
	return out
}

func facilityAt(cols [4]*table.Column, row int) Facility {
	cell := func(i int) string {
		if cols[i] == nil {
			return ""
		}
		return cols[i].Format(row)
	}
	return Facility{State: cell(0), LGA: cell(1), Ward: cell(2), Name: cell(3)}
}

// markReports notes in which periods each facility reported a key indicator.
func (p *Panel) markReports() {
	p.reported = make([]bool, len(p.Facilities)*len(p.Periods))
	for row := range p.Rows {
		if at := p.cell(row); at >= 0 && slices.ContainsFunc(p.key, func(i Indicator) bool { return !i.col.Missing(row) }) {
			p.reported[at] = true
		}
	}
}

// cell is where a row lies in the grid of facilities and periods, −1 for
// nowhere.
func (p *Panel) cell(row int) int {
	if p.facility[row] < 0 || p.period[row] < 0 {
		return -1
	}
	return int(p.facility[row])*len(p.Periods) + int(p.period[row])
}

// span is the part of the grid that belongs to one facility.
func (p *Panel) span(facility int) (from, to int) {
	return facility * len(p.Periods), (facility + 1) * len(p.Periods)
}

// Notices says what of the records is in no period or in no facility's series.
func (p *Panel) Notices() []string {
	var out []string
	if p.WithoutPeriod > 0 {
		out = append(out, fmt.Sprintf("%d rows have no period of a %s; they are counted in no period", p.WithoutPeriod, p.Grain))
	}
	if p.WithoutFacility > 0 {
		out = append(out, fmt.Sprintf("%d rows name no facility; they are in no reporting rate", p.WithoutFacility))
	}
	return out
}
