package action

import (
	"chatmrpt/core/surveillance"
	"chatmrpt/core/table"
)

// The units by which figures are given.
const (
	byWard  = "ward"
	byLGA   = "lga"
	byState = "state"
)

// grouping is the wards as they are reported: one by one, or added up by LGA
// or state.
type grouping struct {
	by     string
	of     []int           // per ward: its group, −1 for none
	ids    []*table.Column // the names, one row a group
	labels []string
}

// grouping makes the groups; by is byWard when empty. A ward without an LGA is
// in no LGA, one without a state in no state.
func (f *frame) grouping(by string) grouping {
	if by == "" || by == byWard {
		g := grouping{by: byWard, of: make([]int, len(f.units)), ids: f.identity(), labels: make([]string, len(f.units))}
		for i := range g.of {
			g.of[i], g.labels[i] = i, f.label(i)
		}
		return g
	}
	g := grouping{by: by, of: make([]int, len(f.units))}
	state, lga := table.NewText("state"), table.NewText("lga")
	state.Role, lga.Role = table.RoleState, table.RoleLGA
	seen := map[[2]string]int{}
	for i, u := range f.units {
		key, label := [2]string{u.State, ""}, u.State
		if by == byLGA {
			key[1], label = u.LGA, u.LGA
		}
		if label == "" {
			g.of[i] = -1
			continue
		}
		n, ok := seen[key]
		if !ok {
			n = len(seen)
			seen[key] = n
			appendText(state, u.State)
			appendText(lga, key[1])
			g.labels = append(g.labels, label)
		}
		g.of[i] = n
	}
	g.ids = []*table.Column{state, lga}
	if by == byState {
		g.ids = g.ids[:1]
	}
	return g
}

// len returns the number of groups.
func (g grouping) len() int { return len(g.labels) }

// alone reports that each ward is its own group.
func (g grouping) alone() bool { return g.by == byWard }

// cells adds up a tabulation by group.
func (g grouping) cells(c *surveillance.Cells) *surveillance.Cells {
	if g.alone() {
		return c
	}
	return c.Group(g.of, g.len())
}

// sum adds up a number of the wards by group. A group with a ward whose number
// is unknown has none: a part of its people is not its people.
func (g grouping) sum(v *variable) (sums []float64, known []bool) {
	sums, known = make([]float64, g.len()), make([]bool, g.len())
	for i := range known {
		known[i] = true
	}
	for i, n := range g.of {
		if n < 0 {
			continue
		}
		sums[n] += v.values[i]
		known[n] = known[n] && v.present[i]
	}
	return sums, known
}

// identities repeats the names, once for each period.
func (g grouping) identities(periods int) []*table.Column {
	if periods == 1 {
		return g.ids
	}
	rows := make([]int, 0, periods*g.len())
	for range periods {
		for i := range g.len() {
			rows = append(rows, i)
		}
	}
	out := make([]*table.Column, len(g.ids))
	for i, c := range g.ids {
		out[i] = c.Pick(rows)
	}
	return out
}

// words names what the groups are, for a summary.
func (g grouping) words(n int) string {
	switch g.by {
	case byLGA:
		return counted(n, "LGA")
	case byState:
		return counted(n, "state")
	}
	return counted(n, "ward")
}

// appendText adds a text, or a missing cell for none.
func appendText(c *table.Column, s string) {
	if s == "" {
		c.AppendMissing()
		return
	}
	c.AppendText(s)
}
