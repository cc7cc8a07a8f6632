package action

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// variable is one number known per ward, whatever table it came from.
type variable struct {
	name    string
	table   string // name of the dataset, to tell two of one name apart
	role    table.Role
	unit    string
	origin  string
	values  []float64
	present []bool
	imputed []bool          // stand-ins and values filled in before; nil for none
	inputs  []store.Dataset // what it was read from
	notice  string          // what a user of it must know; may be empty
}

// count returns how many wards have a value.
func (v *variable) count() (n int) {
	for _, p := range v.present {
		if p {
			n++
		}
	}
	return n
}

// catalogue is every variable of the project, by ward of the frame.
type catalogue struct {
	frame     *frame
	variables []*variable
}

// positivityVariable is the name under which the newest positivity result is
// offered.
const positivityVariable = "positivity"

// loadCatalogue collects the numbers of the boundary layer, of every matched
// ward and population table, of every raster, and the newest positivity
// result.
func (f *frame) loadCatalogue(ctx context.Context, w *workspace.Workspace, op string) (*catalogue, error) {
	c := &catalogue{frame: f}
	c.addColumns(f.table, f.dataset.Name, []store.Dataset{f.dataset}, nil)
	for _, kind := range []string{workspace.KindWards, workspace.KindPopulation} {
		ds, err := w.Current(ctx, kind)
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			l, err := f.link(ctx, w, op, d)
			if err != nil {
				return nil, err
			}
			c.addColumns(l.table, c.label(d), []store.Dataset{d, l.match}, l.unit)
		}
	}
	if err := c.addRasters(ctx, w); err != nil {
		return nil, err
	}
	if err := c.addMeasures(ctx, w); err != nil {
		return nil, err
	}
	return c, c.addSmoothed(ctx, w)
}

// label names a table so that its variables can be told from those of a table
// of another kind with the same name.
func (c *catalogue) label(d store.Dataset) string {
	if slices.ContainsFunc(c.variables, func(v *variable) bool { return v.table == d.Name }) || d.Name == c.frame.dataset.Name {
		return d.Name + " " + d.Kind
	}
	return d.Name
}

// addColumns adds every number column of t. unit gives the ward of each row;
// nil means that row i is ward i.
func (c *catalogue) addColumns(t *table.Table, name string, inputs []store.Dataset, unit []int) {
	for _, col := range t.Columns {
		if col.Kind() != table.Number || !isVariable(col.Role) {
			continue
		}
		v := &variable{name: col.Name, table: name, role: roleOf(col), unit: col.Unit, origin: col.Origin, inputs: inputs}
		v.values, v.present = make([]float64, len(c.frame.units)), make([]bool, len(c.frame.units))
		clashes := v.fill(col, unit)
		if len(clashes) > 0 {
			v.notice = fmt.Sprintf("%s: %s with rows that disagree and so without a value: %s",
				name+":"+col.Name, counted(len(clashes), "ward"), listed(c.frame.labels(clashes), 5))
		}
		c.variables = append(c.variables, v)
	}
}

// isVariable: the roles of numbers known per ward.
func isVariable(r table.Role) bool {
	if slices.ContainsFunc(table.Ages(), func(a table.Age) bool { return r == table.PopulationRole(a) || r == table.ShareRole(a) }) {
		return true
	}
	return r == table.RoleVariable || r == table.RoleMalaria || r == table.RolePopulation || r == table.RoleUrban
}

// fill puts the column's values at their wards. Where two rows of one ward
// disagree neither is believed; those wards are returned.
func (v *variable) fill(col *table.Column, unit []int) (clashes []int) {
	for row := range col.Len() {
		at := row
		if unit != nil {
			at = unit[row]
		}
		x, ok := col.Number(row)
		if !ok || at < 0 || slices.Contains(clashes, at) {
			continue
		}
		if v.present[at] && v.values[at] != x {
			v.present[at] = false
			clashes = append(clashes, at)
			continue
		}
		v.values[at], v.present[at] = x, true
		if col.Imputed(row) {
			if v.imputed == nil {
				v.imputed = make([]bool, len(v.present))
			}
			v.imputed[at] = true
		}
	}
	return clashes
}

// addMeasures offers the results of positivity: each under its own name, and
// the newest of every measure under the plain name of the measure, such as
// positivity or burden. What counts malaria has that role, whatever its name.
// One computed on other boundaries is left out, because its rows are other wards.
func (c *catalogue) addMeasures(ctx context.Context, w *workspace.Workspace) error {
	ds, err := w.Current(ctx, workspace.KindPositivity)
	if err != nil {
		return err
	}
	newest, order := map[string]*variable{}, []string{}
	for _, d := range ds {
		inputs, err := w.Inputs(ctx, d.Run)
		if err != nil {
			return err
		}
		if !holds(inputs, c.frame.dataset.ID) {
			continue
		}
		t, err := w.Table(ctx, d)
		if err != nil {
			return err
		}
		value, ok := t.Column("value")
		if !ok {
			continue
		}
		v := &variable{name: d.Name, table: d.Name, role: cmp.Or(value.Role, table.RoleMalaria), unit: cmp.Or(value.Unit, "share"), origin: value.Origin, inputs: []store.Dataset{d}}
		v.values, v.present = make([]float64, len(c.frame.units)), make([]bool, len(c.frame.units))
		v.fill(value, nil)
		if n := value.CountImputed(); n > 0 {
			v.notice = fmt.Sprintf("%s: %s with a stand-in, not a figure of their own", d.Name, counted(n, "ward"))
		}
		c.variables = append(c.variables, v)
		plain := *v
		plain.name = measureOf(d)
		if newest[plain.name] == nil {
			order = append(order, plain.name)
		}
		newest[plain.name] = &plain
	}
	for _, name := range order {
		c.variables = append(c.variables, newest[name])
	}
	return nil
}

// measureOf is the measure that a result of positivity holds; results from
// before there were several hold positivity.
func measureOf(d store.Dataset) string {
	var facts positivityFacts
	if err := json.Unmarshal(d.Report, &facts); err != nil || facts.Measure == "" {
		return positivityVariable
	}
	return facts.Measure
}

// find returns the variable a user names: by its name, or as table:name when
// two tables have one of that name. Capitals matter only between names that
// differ in nothing else.
func (c *catalogue) find(op, name string) (*variable, error) {
	hits := c.named(func(s string) bool { return s == name })
	if len(hits) == 0 {
		hits = c.named(func(s string) bool { return strings.EqualFold(s, name) })
	}
	switch len(hits) {
	case 1:
		return hits[0], nil
	case 0:
		return nil, problem.New(problem.NotFound, op, name, "there is no such variable", "Variables are: "+strings.Join(c.names(), ", "))
	}
	var full []string
	for _, h := range hits {
		full = append(full, h.table+":"+h.name)
	}
	return nil, problem.New(problem.Usage, op, name, "more than one table has it", "Say which: "+strings.Join(full, " or "))
}

func (c *catalogue) named(is func(string) bool) (hits []*variable) {
	for _, v := range c.variables {
		if is(v.name) || is(v.table+":"+v.name) {
			hits = append(hits, v)
		}
	}
	return hits
}

// withRole returns the variable of a role that knows the most wards, the
// newest of equals.
func (c *catalogue) withRole(r table.Role) (best *variable) {
	for _, v := range c.variables {
		if v.role == r && (best == nil || v.count() >= best.count()) {
			best = v
		}
	}
	return best
}

func (c *catalogue) names() []string {
	var out []string
	for _, v := range c.variables {
		out = append(out, v.name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// noticesOf collects what must be known of some variables; nil ones are none.
func noticesOf(vs ...*variable) []string {
	var out []string
	for _, v := range vs {
		if v != nil && v.notice != "" {
			out = append(out, v.notice)
		}
	}
	return out
}

// inputsOf lists the datasets behind some variables, each once.
func inputsOf(f *frame, vs ...*variable) []store.Dataset {
	out := []store.Dataset{f.dataset}
	for _, v := range vs {
		for _, d := range v.inputs {
			if !holds(out, d.ID) {
				out = append(out, d)
			}
		}
	}
	return out
}
