package action

import (
	"context"
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"chatmrpt/core/place"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/weights"
)

// frame is the boundary layer in use: the wards every result is about, in the
// order of the file. Row i of each result table is ward i until it is sorted.
type frame struct {
	dataset store.Dataset
	table   *table.Table
	areas   []orb.MultiPolygon
	units   []place.Unit
}

// loadFrame opens the boundary layer of the project: the one imported last.
func loadFrame(ctx context.Context, w *workspace.Workspace, op string) (*frame, error) {
	d, err := w.Latest(ctx, op, workspace.KindBoundaries, "", "Import a boundary file first: a zipped shapefile or GeoJSON of the wards")
	if err != nil {
		return nil, err
	}
	f := &frame{dataset: d}
	if f.table, err = w.Table(ctx, d); err != nil {
		return nil, err
	}
	if f.areas, err = w.Areas(ctx, d); err != nil {
		return nil, err
	}
	f.units = unitsOf(f.table)
	return f, nil
}

// unitsOf reads the names of the wards. A layer that knows its LGAs by code
// only is grouped by that code.
func unitsOf(t *table.Table) []place.Unit {
	text := func(row int, roles ...table.Role) string {
		for _, r := range roles {
			if c, ok := t.Role(r); ok {
				if s := c.Format(row); s != "" {
					return s
				}
			}
		}
		return ""
	}
	units := make([]place.Unit, t.Rows())
	for i := range units {
		units[i] = place.Unit{
			State: text(i, table.RoleState, table.RoleStateCode), LGA: text(i, table.RoleLGA, table.RoleLGACode),
			Ward: text(i, table.RoleWard), Code: text(i, table.RoleWardCode),
		}
	}
	return units
}

// identity makes the four columns with which every table by ward begins.
func (f *frame) identity() []*table.Column {
	state, lga, ward, code := table.NewText("state"), table.NewText("lga"), table.NewText("ward"), table.NewText("ward_code")
	state.Role, lga.Role, ward.Role, code.Role = table.RoleState, table.RoleLGA, table.RoleWard, table.RoleWardCode
	for _, u := range f.units {
		for _, cell := range []struct {
			c *table.Column
			s string
		}{{state, u.State}, {lga, u.LGA}, {ward, u.Ward}, {code, u.Code}} {
			if cell.s == "" {
				cell.c.AppendMissing()
			} else {
				cell.c.AppendText(cell.s)
			}
		}
	}
	return []*table.Column{state, lga, ward, code}
}

// label names ward i so that two wards of one name are told apart.
func (f *frame) label(i int) string {
	return unitLabel(f.units[i])
}

// keys gives every ward a text of its own that a person can read: its label,
// with the code where two wards share that, with a count where even that fails.
func (f *frame) keys() []string {
	out := make([]string, len(f.units))
	count := map[string]int{}
	for i := range f.units {
		out[i] = f.label(i)
		count[out[i]]++
	}
	seen, next := map[string]bool{}, map[string]int{}
	for i, u := range f.units {
		if count[out[i]] > 1 {
			out[i] = strings.TrimSpace(out[i] + " " + u.Code)
		}
		for key := out[i]; seen[out[i]]; next[key]++ {
			out[i] = fmt.Sprintf("%s #%d", key, next[key]+2)
		}
		seen[out[i]] = true
	}
	return out
}

// neighbours gives the queen neighbours of every ward.
func (f *frame) neighbours(ctx context.Context, w *workspace.Workspace) (weights.Neighbours, error) {
	return workspace.Derived(w, "queen", f.dataset, func() (weights.Neighbours, error) {
		return weights.Queen(ctx, f.areas, weights.Tolerance)
	})
}

// groups numbers the LGAs, for borders; wards without an LGA are in a group of
// their own kind.
func (f *frame) groups() []int {
	seen := map[[2]string]int{}
	out := make([]int, len(f.units))
	for i, u := range f.units {
		key := [2]string{u.State, u.LGA}
		g, ok := seen[key]
		if !ok {
			g = len(seen)
			seen[key] = g
		}
		out[i] = g
	}
	return out
}

// lgas numbers the LGAs, for LGA means; a ward without an LGA has −1, because
// such wards are no LGA together.
func (f *frame) lgas() []int {
	out := f.groups()
	for i, u := range f.units {
		if u.LGA == "" {
			out[i] = -1
		}
	}
	return out
}

// givens collects the distinct places a table names and, for each row, which
// of them it is. The order is that of first appearance.
func givens(t *table.Table) (given []place.Given, of []int) {
	columns := [4]*table.Column{}
	for i, r := range []table.Role{table.RoleState, table.RoleLGA, table.RoleWard, table.RoleWardCode} {
		columns[i], _ = t.Role(r)
	}
	type key [4]uint32
	seen := map[key]int{}
	of = make([]int, t.Rows())
	for row := range of {
		var k key
		for i, c := range columns {
			if c == nil {
				continue
			}
			if code, ok := c.Code(row); ok {
				k[i] = code + 1
			}
		}
		g, ok := seen[k]
		if !ok {
			g = len(given)
			seen[k] = g
			given = append(given, givenAt(columns, row))
		}
		given[g].Rows++
		of[row] = g
	}
	return given, of
}

func givenAt(columns [4]*table.Column, row int) place.Given {
	cell := func(i int) string {
		if columns[i] == nil {
			return ""
		}
		return columns[i].Format(row)
	}
	return place.Given{State: cell(0), LGA: cell(1), Ward: cell(2), Code: cell(3)}
}

// linked is a table whose rows are linked to the wards of the frame.
type linked struct {
	dataset store.Dataset
	match   store.Dataset
	table   *table.Table
	unit    []int // per row, −1 where the row is in no ward
}

// matchName is the name of the match of dataset d.
func matchName(d store.Dataset) string { return d.Kind + ": " + d.Name }

// link reads the match of dataset d. A match of other versions is refused: a
// new file or layer must be matched before it is used.
func (f *frame) link(ctx context.Context, w *workspace.Workspace, op string, d store.Dataset) (*linked, error) {
	m, err := w.Latest(ctx, op, workspace.KindMatch, matchName(d), "Link its names to the wards first: `mrpt match`")
	if err != nil {
		return nil, err
	}
	inputs, err := w.Inputs(ctx, m.Run)
	if err != nil {
		return nil, err
	}
	if !holds(inputs, d.ID) || !holds(inputs, f.dataset.ID) {
		return nil, problem.New(problem.Conflict, op, d.Name, "the file or the boundaries have changed since their names were matched",
			"Run `mrpt match` again, then repeat this step")
	}
	t, err := w.Table(ctx, d)
	if err != nil {
		return nil, err
	}
	decisions, err := w.Table(ctx, m)
	if err != nil {
		return nil, err
	}
	unitOf, _ := decisions.Column("unit")
	_, of := givens(t)
	out := &linked{dataset: d, match: m, table: t, unit: make([]int, len(of))}
	for row, g := range of {
		out.unit[row] = -1
		if u, ok := unitOf.Number(g); ok {
			out.unit[row] = int(u)
		}
	}
	return out, placeByPoints(ctx, w, m, t, of, out.unit)
}

func holds(ds []store.Dataset, id store.DatasetID) bool {
	for _, d := range ds {
		if d.ID == id {
			return true
		}
	}
	return false
}
