// Package change compares two versions of a table: which rows came, which went,
// which cells differ, and in which ward and period.
//
// Rows are the same report when they agree in what names them: state, LGA, ward,
// code, facility and period. Where several rows have one name, equal ones are
// paired first and the others in the order of the file, so that exchanging two
// lines of a file is no change. Columns are compared by name. A value that is
// missing in one version and there in the other is a change; missing in both is
// none.
package change

import (
	"cmp"
	"slices"
	"strings"

	"chatmrpt/core/table"
)

// Listed is how many single cells a Change names; the counts count all.
const Listed = 50

// Change is what differs from one version to the next.
type Change struct {
	Added   []int // rows of the new version that the old has not
	Removed []int // rows of the old version that the new has not
	Rows    int   // rows of both with a cell that differs
	Cells   int   // those cells

	Columns     []Column // with cells that differ, most first
	NewColumns  []string // that only the new version has
	LostColumns []string // that only the old version has
	Places      []Place  // by state, LGA, ward and period, in that order
	Examples    []Cell   // the first Listed cells that differ

	// Pairs are the rows of both, old and new, in the order of the new.
	Pairs [][2]int
}

// Column counts the cells of one column that differ.
type Column struct {
	Name  string
	Cells int
}

// Place counts what changed in one ward and period.
type Place struct {
	State, LGA, Ward, Period string // "" where it is missing or the table has no such column
	Added, Removed, Cells    int
}

// Cell is a cell that differs, with its place; "" is missing.
type Cell struct {
	Place         Place // without counts
	Facility      string
	Column        string
	Before, After string
}

// None reports whether the two versions hold the same rows and columns.
func (c *Change) None() bool {
	return len(c.Added)+len(c.Removed)+c.Cells+len(c.NewColumns)+len(c.LostColumns) == 0
}

// keyRoles name a row.
func keyRoles() []table.Role {
	return []table.Role{table.RoleState, table.RoleLGA, table.RoleWard, table.RoleWardCode, table.RoleFacility, table.RolePeriod}
}

// Between compares an old version with a new one.
func Between(before, after *table.Table) *Change {
	b := &builder{old: before, new: after, places: map[Place]*Place{}, change: &Change{}}
	b.columns()
	b.pair()
	b.cells()
	b.sum()
	return b.change
}

type builder struct {
	old, new *table.Table
	common   [][2]*table.Column // old and new, without those that name the rows
	counts   []int              // cells that differ, by common
	places   map[Place]*Place
	change   *Change
}

// columns finds the columns of both.
func (b *builder) columns() {
	isKey := map[*table.Column]bool{}
	for _, r := range keyRoles() {
		o, has := b.old.Role(r)
		n, had := b.new.Role(r)
		if has && had {
			isKey[o], isKey[n] = true, true
		}
	}
	for _, n := range b.new.Columns {
		o, ok := b.old.Column(n.Name)
		switch {
		case isKey[n]:
		case !ok:
			b.change.NewColumns = append(b.change.NewColumns, n.Name)
		default:
			b.common = append(b.common, [2]*table.Column{o, n})
		}
	}
	for _, o := range b.old.Columns {
		if _, ok := b.new.Column(o.Name); !ok && !isKey[o] {
			b.change.LostColumns = append(b.change.LostColumns, o.Name)
		}
	}
	b.counts = make([]int, len(b.common))
}

// group is the rows of one name that wait for their partner.
type group struct{ rows []int }

// pair finds the partner of every row.
func (b *builder) pair() {
	waiting := make(map[string]*group, b.old.Rows())
	oldKey, newKey := keyer(b.old, b.new), keyer(b.new, b.old)
	for i := range b.old.Rows() {
		k := string(oldKey(i))
		if g := waiting[k]; g != nil {
			g.rows = append(g.rows, i)
		} else {
			waiting[k] = &group{rows: []int{i}}
		}
	}
	partner := make([]int, b.new.Rows())
	var late []int // rows that have changed
	for i := range partner {
		partner[i] = -1
		g := waiting[string(newKey(i))]
		switch {
		case g == nil || len(g.rows) == 0:
		default:
			if at := slices.IndexFunc(g.rows, func(o int) bool { return b.equal(o, i) }); at >= 0 {
				partner[i] = g.rows[at]
				g.rows = slices.Delete(g.rows, at, at+1)
			} else {
				late = append(late, i)
			}
		}
	}
	for _, i := range late {
		if g := waiting[string(newKey(i))]; len(g.rows) > 0 {
			partner[i], g.rows = g.rows[0], g.rows[1:]
		}
	}
	b.settle(partner)
}

// settle lists pairs, and rows without a partner.
func (b *builder) settle(partner []int) {
	gone := make([]bool, b.old.Rows())
	for i, o := range partner {
		if o < 0 {
			b.change.Added = append(b.change.Added, i)
			continue
		}
		gone[o] = true
		b.change.Pairs = append(b.change.Pairs, [2]int{o, i})
	}
	for o, paired := range gone {
		if !paired {
			b.change.Removed = append(b.change.Removed, o)
		}
	}
}

// keyer gives the name of a row of t, of the roles that both tables have.
func keyer(t, other *table.Table) func(int) []byte {
	var columns []*table.Column
	for _, r := range keyRoles() {
		c, ok := t.Role(r)
		if _, both := other.Role(r); ok && both {
			columns = append(columns, c)
		}
	}
	var key []byte
	return func(i int) []byte {
		key = key[:0]
		for _, c := range columns {
			if text, ok := c.Text(i); ok {
				key = append(key, text...)
			} else {
				key = append(key, c.Format(i)...)
			}
			key = append(key, 0)
		}
		return key
	}
}

func (b *builder) equal(o, n int) bool {
	return !slices.ContainsFunc(b.common, func(c [2]*table.Column) bool { return differ(c[0], o, c[1], n) })
}

// differ compares two cells: numbers as numbers, all else as it is shown.
func differ(x *table.Column, i int, y *table.Column, j int) bool {
	if x.Missing(i) || y.Missing(j) {
		return x.Missing(i) != y.Missing(j)
	}
	if x.Kind() == table.Number && y.Kind() == table.Number {
		a, _ := x.Number(i)
		b, _ := y.Number(j)
		return a != b
	}
	return x.Format(i) != y.Format(j)
}

// cells compares the pairs.
func (b *builder) cells() {
	oldAt, newAt := placer(b.old), placer(b.new)
	facility, _ := b.new.Role(table.RoleFacility)
	for _, p := range b.change.Pairs {
		n := 0
		for k, c := range b.common {
			if !differ(c[0], p[0], c[1], p[1]) {
				continue
			}
			n++
			b.counts[k]++
			if len(b.change.Examples) < Listed {
				b.change.Examples = append(b.change.Examples, Cell{
					Place: newAt(p[1]), Facility: shown(facility, p[1]), Column: c[1].Name, Before: c[0].Format(p[0]), After: c[1].Format(p[1]),
				})
			}
		}
		if n > 0 {
			b.change.Rows++
			b.change.Cells += n
			b.place(newAt(p[1])).Cells += n
		}
	}
	for _, i := range b.change.Added {
		b.place(newAt(i)).Added++
	}
	for _, i := range b.change.Removed {
		b.place(oldAt(i)).Removed++
	}
}

func (b *builder) place(p Place) *Place {
	if b.places[p] == nil {
		b.places[p] = &Place{State: p.State, LGA: p.LGA, Ward: p.Ward, Period: p.Period}
	}
	return b.places[p]
}

// placer gives the place of a row.
func placer(t *table.Table) func(int) Place {
	state, _ := t.Role(table.RoleState)
	lga, _ := t.Role(table.RoleLGA)
	ward, _ := t.Role(table.RoleWard)
	period, _ := t.Role(table.RolePeriod)
	return func(i int) Place {
		return Place{State: shown(state, i), LGA: shown(lga, i), Ward: shown(ward, i), Period: shown(period, i)}
	}
}

func shown(c *table.Column, i int) string {
	if c == nil {
		return ""
	}
	return c.Format(i)
}

// sum puts counts in order.
func (b *builder) sum() {
	for k, n := range b.counts {
		if n > 0 {
			b.change.Columns = append(b.change.Columns, Column{b.common[k][1].Name, n})
		}
	}
	slices.SortStableFunc(b.change.Columns, func(x, y Column) int { return y.Cells - x.Cells })
	for _, p := range b.places {
		b.change.Places = append(b.change.Places, *p)
	}
	slices.SortFunc(b.change.Places, func(x, y Place) int {
		return cmp.Or(strings.Compare(x.State, y.State), strings.Compare(x.LGA, y.LGA), strings.Compare(x.Ward, y.Ward), strings.Compare(x.Period, y.Period))
	})
}
