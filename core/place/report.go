package place

import (
	"fmt"
	"maps"
	"slices"
)

// worthAWarning is the share of rows that may fail to match unremarked.
const worthAWarning = 0.05

// report draws up the outcome once every row is closed.
func (m *matcher) report() Report {
	r := Report{Links: m.links}
	used := make([]bool, len(m.layer.units))
	blank := 0
	for _, l := range m.links {
		rows := max(l.Given.Rows, 0)
		r.TotalRows += rows
		switch l.Decision {
		case Accepted:
			r.MatchedRows += rows
			used[l.Unit] = true
		case NotAWard:
			blank += rows
		}
	}
	for u, ok := range used {
		if !ok {
			r.UnusedUnits = append(r.UnusedUnits, u)
		}
	}
	m.warnOfShares(r, blank)
	r.Warnings = slices.Sorted(maps.Keys(m.warnings))
	return r
}

// warnOfShares remarks on rows that no map or rate will show.
func (m *matcher) warnOfShares(r Report, blank int) {
	if len(m.layer.units) == 0 {
		m.warn("the boundary layer has no units, so nothing can be matched")
	}
	named := r.TotalRows - blank
	if open := named - r.MatchedRows; float64(open) > worthAWarning*float64(named) {
		m.warn("%s of the rows that name a ward are not linked to one", percent(open, named))
	}
	if float64(blank) > worthAWarning*float64(r.TotalRows) {
		m.warn("%s of the rows name no ward", percent(blank, r.TotalRows))
	}
}

func percent(n, of int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of)) }
