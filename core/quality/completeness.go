package quality

import (
	"chatmrpt/core/table"
)

// By says what completeness is broken down by.
type By string

// The ways to break it down.
const (
	ByPeriod    By = "period"
	ByYear      By = "year"
	ByLGA       By = "lga"
	ByWard      By = "ward"
	ByFacility  By = "facility"
	ByIndicator By = "indicator"
)

// Group is how complete one part of the records is. Only the names that the
// breakdown is by are filled in.
type Group struct {
	Facility  // State, LGA, Ward, Name
	Period    string
	Indicator string

	Rows     int
	Cells    int // rows × indicators
	Missing  int // cells without a value
	Usable   int // rows with tested and positive of at least one test and age group
	Reports  int // facility-periods with a report
	Expected int // facility-periods from the facility's first report on (SinceFirst)
}

// MissingShare is the share of cells without a value, false when there are no
// cells.
func (g Group) MissingShare() (float64, bool) { return share(g.Missing, g.Cells) }

// UsableShare is the share of rows from which a positivity can be computed.
func (g Group) UsableShare() (float64, bool) { return share(g.Usable, g.Rows) }

// ReportingRate is the share of the expected reports that came in.
func (g Group) ReportingRate() (float64, bool) { return share(g.Reports, g.Expected) }

// Completeness counts what is missing, broken down by one thing. Groups are in
// order of time, of first appearance, or of the indicators. Rows that name no
// such thing are in no group. Every facility is expected from its first report
// on: a rule that took the silent ones for closed would call a year complete in
// which most stopped reporting. By indicator, reports and expected are nought,
// since a facility need not do every test.
func (p *Panel) Completeness(by By) []Group {
	if by == ByIndicator {
		return p.byIndicator()
	}
	groups, ofFacility, ofPeriod := p.grouping(by)
	at := func(facility, period int) int {
		if ofFacility != nil {
			return ofFacility[facility]
		}
		return ofPeriod[period]
	}
	for row := range p.Rows {
		f, i := int(p.facility[row]), int(p.period[row])
		if (ofFacility != nil && f < 0) || (ofPeriod != nil && i < 0) {
			continue
		}
		p.addRow(&groups[at(f, i)], row)
	}
	active := p.Active(SinceFirst, 0)
	for f := range p.Facilities {
		from, to := p.span(f)
		for c := from; c < to; c++ {
			g := &groups[at(f, c-from)]
			g.Reports += boolInt(p.reported[c])
			g.Expected += boolInt(active[c])
		}
	}
	return groups
}

// grouping makes the empty groups and says to which each facility, or each
// period, belongs; the other answer is nil.
func (p *Panel) grouping(by By) (groups []Group, ofFacility, ofPeriod []int) {
	switch by {
	case ByPeriod:
		ofPeriod = make([]int, len(p.Periods))
		for i, name := range p.Periods {
			ofPeriod[i] = i
			groups = append(groups, Group{Period: name})
		}
		return groups, nil, ofPeriod
	case ByYear:
		years, of := p.Years()
		for _, y := range years {
			groups = append(groups, Group{Period: y})
		}
		return groups, nil, of
	}
	seen := map[Facility]int{}
	ofFacility = make([]int, len(p.Facilities))
	for f, who := range p.Facilities {
		if by != ByFacility {
			who.Name = ""
		}
		if by == ByLGA {
			who.Ward = ""
		}
		g, ok := seen[who]
		if !ok {
			g = len(groups)
			seen[who] = g
			groups = append(groups, Group{Facility: who})
		}
		ofFacility[f] = g
	}
	return groups, ofFacility, nil
}

func (p *Panel) addRow(g *Group, row int) {
	g.Rows++
	g.Cells += len(p.Indicators)
	for _, ind := range p.Indicators {
		if ind.col.Missing(row) {
			g.Missing++
		}
	}
	if p.usable(row) {
		g.Usable++
	}
}

// usable reports whether a row has tested and positive of some test and age.
func (p *Panel) usable(row int) bool {
	for _, pair := range p.pairs {
		if !pair.tested.Missing(row) && !pair.positive.Missing(row) {
			return true
		}
	}
	return false
}

// pair is the two columns of one test and age group.
type pair struct {
	tested, positive *table.Column
	words            string
}

// findPairs finds the complete pairs of the table.
func (p *Panel) findPairs() {
	for _, t := range table.Tests() {
		for _, a := range table.Ages() {
			tested, positive := p.number(table.TestedRole(t, a)), p.number(table.PositiveRole(t, a))
			if tested != nil && positive != nil {
				p.pairs = append(p.pairs, pair{tested, positive, testWords(t) + ", " + ageWords(a)})
			}
		}
	}
}

func (p *Panel) number(r table.Role) *table.Column {
	if c := p.columns[r]; c != nil && c.Kind() == table.Number {
		return c
	}
	return nil
}

// tested lists the columns of persons tested.
func (p *Panel) tested() []Indicator {
	var out []Indicator
	for _, ind := range p.Indicators {
		for _, t := range table.Tests() {
			for _, a := range table.Ages() {
				if ind.Role == table.TestedRole(t, a) {
					out = append(out, ind)
				}
			}
		}
	}
	return out
}

func testWords(t table.Test) string {
	if t == table.RDT {
		return "RDT"
	}
	return "microscopy"
}

func ageWords(a table.Age) string {
	switch a {
	case table.Under5:
		return "under five"
	case table.Over5:
		return "five and over"
	}
	return "pregnant women"
}

func (p *Panel) byIndicator() []Group {
	groups := make([]Group, len(p.Indicators))
	for i, ind := range p.Indicators {
		groups[i] = Group{Indicator: ind.Name, Rows: p.Rows, Cells: p.Rows, Missing: ind.col.CountMissing()}
		groups[i].Usable = p.Rows - groups[i].Missing
	}
	return groups
}

// Unit counts what is missing in each of n boundary units, given the unit of
// every row, −1 for none. A facility belongs to the unit of its first row.
func (p *Panel) Unit(unit []int, n int) []Group {
	groups := make([]Group, n)
	home := make([]int, len(p.Facilities))
	for f := range home {
		home[f] = -1
	}
	for row, u := range unit {
		if u < 0 {
			continue
		}
		p.addRow(&groups[u], row)
		if f := p.facility[row]; f >= 0 && home[f] < 0 {
			home[f] = u
		}
	}
	active := p.Active(SinceFirst, 0)
	for f, u := range home {
		if u < 0 {
			continue
		}
		from, to := p.span(f)
		for c := from; c < to; c++ {
			groups[u].Reports += boolInt(p.reported[c])
			groups[u].Expected += boolInt(active[c])
		}
	}
	return groups
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Grid gives the reporting rate of every LGA in every period: the heat map.
// Rows are the LGAs in order of first appearance, Expected 0 where no facility
// of the LGA was open.
func (p *Panel) Grid() (lgas []Facility, cells [][]Group) {
	groups, of, _ := p.grouping(ByLGA)
	for _, g := range groups {
		lgas = append(lgas, g.Facility)
		cells = append(cells, make([]Group, len(p.Periods)))
	}
	for row := range p.Rows {
		if f, i := p.facility[row], p.period[row]; f >= 0 && i >= 0 {
			p.addRow(&cells[of[f]][i], row)
		}
	}
	active := p.Active(SinceFirst, 0)
	for f := range p.Facilities {
		from, to := p.span(f)
		for c := from; c < to; c++ {
			g := &cells[of[f]][c-from]
			g.Reports += boolInt(p.reported[c])
			g.Expected += boolInt(active[c])
		}
	}
	return lgas, cells
}
