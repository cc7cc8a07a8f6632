package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/table/change"
	"chatmrpt/core/workspace"
)

// revision is what a table does to the version of it that is current.
type revision struct {
	before store.Dataset // the current version; zero for a table that is new
	next   int           // number that the new version gets; those that were taken back keep theirs
	same   bool          // it holds the same, to the last cell
	change *change.Change
	shapes int    // wards whose outline differs
	twin   string // another table of the kind that holds the same, "" for none
}

// revises reports whether there is a version before.
func (r *revision) revises() bool { return r.before.Version > 0 }

// revise compares a table that was read with the current version of its name,
// among all datasets of the project.
func revise(ctx context.Context, w *workspace.Workspace, all []store.Dataset, it imported) (*revision, error) {
	d := it.dataset
	sum, err := d.ContentHash()
	if err != nil {
		return nil, err
	}
	r := &revision{next: 1}
	for _, c := range all {
		if c.Kind == d.Kind && c.Name == d.Name {
			r.next = max(r.next, c.Version+1)
		}
	}
	for _, c := range newest(all) {
		switch {
		case c.Kind != d.Kind:
		case c.Name == d.Name:
			r.before, r.same = c, c.SHA256 == sum
		case c.SHA256 == sum:
			r.twin = c.Name
		}
	}
	if r.same && len(it.inputs) > 0 {
		rested, err := w.Inputs(ctx, r.before.Run)
		if err != nil {
			return nil, err
		}
		// The same numbers for other wards are another table.
		r.same = !slices.ContainsFunc(it.inputs, func(in store.Dataset) bool { return !holds(rested, in.ID) })
	}
	if !r.revises() || r.same {
		return r, nil
	}
	old, err := w.Table(ctx, r.before)
	if err != nil {
		return nil, err
	}
	r.change = change.Between(old, d.Table)
	if d.Areas == nil {
		return r, nil
	}
	areas, err := w.Areas(ctx, r.before)
	if err != nil {
		return nil, err
	}
	for _, p := range r.change.Pairs {
		if p[0] < len(areas) && !orb.Equal(areas[p[0]], d.Areas[p[1]]) {
			r.shapes++
		}
	}
	return r, nil
}

// loss says what the version before has and this one lacks, where that is more
// than a correction takes away; "" where nothing is to be asked.
func (r *revision) loss(rows int) string {
	if r.change == nil {
		return ""
	}
	var parts []string
	if gone := len(r.change.Removed); gone > 0 && (rows < r.before.Rows || gone*10 > r.before.Rows) {
		parts = append(parts, fmt.Sprintf("%s of its %s", grouped(gone), counted(r.before.Rows, "row")))
	}
	if n := len(r.change.LostColumns); n > 0 {
		parts = append(parts, fmt.Sprintf("the columns %s", listed(r.change.LostColumns, 5)))
	}
	return strings.Join(parts, " and ")
}

// askLoss refuses to replace a version by one that lacks much of it, unless the
// person has seen and accepted that.
func (a *Import) askLoss(items []imported) error {
	if a.Preview || a.Replace {
		return nil
	}
	for _, it := range items {
		lost := it.revision.loss(it.dataset.Table.Rows())
		if lost == "" {
			continue
		}
		return problem.New(problem.Conflict, "import", it.dataset.Name,
			fmt.Sprintf("there is a version %d of it, and this file lacks %s", it.revision.before.Version, lost),
			"See what would change with --preview. If it is a correction, accept it with --replace (the version before is kept, `mrpt undo` brings it back); if it is another table, give it a --name of its own")
	}
	return nil
}

// words tells what the new version changes.
func (r *revision) words() string {
	c := r.change
	if c == nil {
		return ""
	}
	parts := []string{
		fmt.Sprintf("%s added", counted(len(c.Added), "row")), fmt.Sprintf("%s gone", grouped(len(c.Removed))),
		fmt.Sprintf("%s changed in %s", counted(c.Cells, "cell"), counted(c.Rows, "row")),
	}
	if len(c.Columns) > 0 {
		var names []string
		for _, k := range c.Columns {
			names = append(names, fmt.Sprintf("%s (%s)", k.Name, grouped(k.Cells)))
		}
		parts = append(parts, "most in "+listed(names, 3))
	}
	if r.shapes > 0 {
		parts = append(parts, counted(r.shapes, "outline")+" changed")
	}
	if len(c.NewColumns) > 0 {
		parts = append(parts, "new columns: "+listed(c.NewColumns, 5))
	}
	if len(c.LostColumns) > 0 {
		parts = append(parts, "columns gone: "+listed(c.LostColumns, 5))
	}
	return fmt.Sprintf("against version %d: ", r.before.Version) + strings.Join(parts, "; ")
}

// notices of a revision, before it is stored or shown.
func (r *revision) notices(preview bool) []string {
	var out []string
	switch {
	case r.same && preview:
		out = append(out, fmt.Sprintf("it holds the same as version %d, to the last cell", r.before.Version))
	case r.same:
		out = append(out, fmt.Sprintf("it holds the same as version %d, to the last cell, so it was not stored again", r.before.Version))
	case r.change != nil:
		out = append(out, r.words())
	}
	if r.twin != "" {
		out = append(out, "the same table is loaded under the name "+r.twin+" too; an act that reads both would count it twice")
	}
	return out
}

// changeTables are the changes by ward and period, and the first cells.
func changeTables(items []imported) ([]*table.Table, error) {
	of, state, lga := table.NewText("name"), table.NewText("state"), table.NewText("lga")
	ward, period := table.NewText("ward"), table.NewText("period")
	added, removed, cells := table.NewNumber("rows_added"), table.NewNumber("rows_removed"), table.NewNumber("cells_changed")
	examples, err := newExamples()
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if it.revision == nil || it.revision.change == nil {
			continue
		}
		for _, p := range it.revision.change.Places {
			appendTexts([]*table.Column{of, state, lga, ward, period}, it.dataset.Name, p.State, p.LGA, p.Ward, p.Period)
			added.AppendNumber(float64(p.Added))
			removed.AppendNumber(float64(p.Removed))
			cells.AppendNumber(float64(p.Cells))
		}
		for _, c := range it.revision.change.Examples {
			appendTexts(examples.Columns, it.dataset.Name, c.Place.State, c.Place.LGA, c.Place.Ward, c.Facility, c.Place.Period, c.Column, c.Before, c.After)
		}
	}
	if of.Len() == 0 {
		return nil, nil
	}
	places, err := table.New("changes", of, state, lga, ward, period, added, removed, cells)
	if err != nil || examples.Rows() == 0 {
		return []*table.Table{places}, err
	}
	return []*table.Table{places, examples}, nil
}

func newExamples() (*table.Table, error) {
	var columns []*table.Column
	for _, n := range []string{"name", "state", "lga", "ward", "facility", "period", "column", "before", "after"} {
		columns = append(columns, table.NewText(n))
	}
	return table.New("changed_cells", columns...)
}
