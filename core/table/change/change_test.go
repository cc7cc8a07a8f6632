package change

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"chatmrpt/core/table"
)

// report makes a facility table of rows: ward, facility, period, tested; -1 is
// missing.
func report(rows ...[4]any) *table.Table {
	ward, facility, period := table.NewText("Ward"), table.NewText("Facility"), table.NewText("Period")
	tested, note := table.NewNumber("Tested"), table.NewText("Note")
	ward.Role, facility.Role, period.Role, tested.Role = table.RoleWard, table.RoleFacility, table.RolePeriod, table.TestedRole(table.RDT, table.Under5)
	for _, r := range rows {
		ward.AppendText(r[0].(string))
		facility.AppendText(r[1].(string))
		period.AppendText(r[2].(string))
		if n := r[3].(int); n < 0 {
			tested.AppendMissing()
		} else {
			tested.AppendNumber(float64(n))
		}
		note.AppendText("x")
	}
	t, err := table.New("report", ward, facility, period, tested, note)
	if err != nil {
		panic(err)
	}
	return t
}

func summary(c *Change) string {
	return fmt.Sprintf("+%d -%d ~%d in %d", len(c.Added), len(c.Removed), c.Cells, c.Rows)
}

func TestWhatChanges(t *testing.T) {
	old := report([4]any{"A", "F", "2024-01", 5}, [4]any{"A", "F", "2024-02", 6}, [4]any{"B", "G", "2024-01", 7}, [4]any{"B", "G", "2024-02", -1})
	for name, c := range map[string]struct {
		rows [][4]any
		want string
	}{
		"nothing":       {[][4]any{{"A", "F", "2024-01", 5}, {"A", "F", "2024-02", 6}, {"B", "G", "2024-01", 7}, {"B", "G", "2024-02", -1}}, "+0 -0 ~0 in 0"},
		"another order": {[][4]any{{"B", "G", "2024-02", -1}, {"A", "F", "2024-02", 6}, {"B", "G", "2024-01", 7}, {"A", "F", "2024-01", 5}}, "+0 -0 ~0 in 0"},
		"a month more":  {[][4]any{{"A", "F", "2024-01", 5}, {"A", "F", "2024-02", 6}, {"B", "G", "2024-01", 7}, {"B", "G", "2024-02", -1}, {"A", "F", "2024-03", 8}}, "+1 -0 ~0 in 0"},
		"a row less":    {[][4]any{{"A", "F", "2024-01", 5}, {"B", "G", "2024-01", 7}, {"B", "G", "2024-02", -1}}, "+0 -1 ~0 in 0"},
		"a correction":  {[][4]any{{"A", "F", "2024-01", 50}, {"A", "F", "2024-02", 6}, {"B", "G", "2024-01", 7}, {"B", "G", "2024-02", -1}}, "+0 -0 ~1 in 1"},
		"came in late":  {[][4]any{{"A", "F", "2024-01", 5}, {"A", "F", "2024-02", 6}, {"B", "G", "2024-01", 7}, {"B", "G", "2024-02", 0}}, "+0 -0 ~1 in 1"},
		"taken away":    {[][4]any{{"A", "F", "2024-01", -1}, {"A", "F", "2024-02", 6}, {"B", "G", "2024-01", 7}, {"B", "G", "2024-02", -1}}, "+0 -0 ~1 in 1"},
		"another ward":  {[][4]any{{"C", "F", "2024-01", 5}, {"A", "F", "2024-02", 6}, {"B", "G", "2024-01", 7}, {"B", "G", "2024-02", -1}}, "+1 -1 ~0 in 0"},
		"another file":  {[][4]any{{"A", "F", "2025-01", 5}, {"A", "F", "2025-02", 6}}, "+2 -4 ~0 in 0"},
	} {
		got := Between(old, report(c.rows...))
		if summary(got) != c.want || got.None() != (c.want == "+0 -0 ~0 in 0") {
			t.Errorf("%s: %s, want %s", name, summary(got), c.want)
		}
	}
}

func TestWhereItChanges(t *testing.T) {
	old := report([4]any{"A", "F", "2024-01", 5}, [4]any{"A", "G", "2024-01", 6}, [4]any{"B", "H", "2024-01", 7})
	got := Between(old, report([4]any{"A", "F", "2024-01", 9}, [4]any{"A", "G", "2024-01", -1}, [4]any{"C", "H", "2024-02", 7}))
	want := []Place{{Ward: "A", Period: "2024-01", Cells: 2}, {Ward: "B", Period: "2024-01", Removed: 1}, {Ward: "C", Period: "2024-02", Added: 1}}
	if !slices.Equal(got.Places, want) {
		t.Errorf("%+v, want %+v", got.Places, want)
	}
	cells := []Cell{{Place{Ward: "A", Period: "2024-01"}, "F", "Tested", "5", "9"}, {Place{Ward: "A", Period: "2024-01"}, "G", "Tested", "6", ""}}
	if !slices.Equal(got.Examples, cells) || !slices.Equal(got.Columns, []Column{{"Tested", 2}}) {
		t.Errorf("%+v, %+v", got.Examples, got.Columns)
	}
}

// Several rows of one name: equal ones are partners wherever they stand.
func TestRowsOfOneName(t *testing.T) {
	row := func(n int) [4]any { return [4]any{"A", "F", "2024-01", n} }
	old := report(row(1), row(2), row(2), row(3))
	for want, rows := range map[string][][4]any{
		"+0 -0 ~0 in 0": {row(3), row(2), row(1), row(2)},
		"+0 -0 ~1 in 1": {row(3), row(9), row(2), row(1)},
		"+1 -0 ~0 in 0": {row(3), row(2), row(2), row(1), row(1)},
		"+0 -2 ~1 in 1": {row(2), row(7)},
	} {
		if got := summary(Between(old, report(rows...))); got != want {
			t.Errorf("%v: %s, want %s", rows, got, want)
		}
	}
}

func TestColumnsComeAndGo(t *testing.T) {
	old, after := report([4]any{"A", "F", "2024", 1}), report([4]any{"A", "F", "2024", 1})
	after.Columns[4].Name = "Remark"
	c := Between(old, after)
	if !slices.Equal(c.NewColumns, []string{"Remark"}) || !slices.Equal(c.LostColumns, []string{"Note"}) || c.None() || c.Cells != 0 {
		t.Errorf("%+v", c)
	}
	// A column of numbers that were texts has not changed where they read alike.
	after = report([4]any{"A", "F", "2024", 1})
	text := table.TextOf("Tested", "1")
	after.Columns[3] = text
	if c = Between(old, after); c.Cells != 0 {
		t.Errorf("%+v", c)
	}
}

// Whatever the two versions: every row is paired or counted, once; a version
// has no change to itself in any order; and exchanging the two exchanges what
// came and went.
func TestPropertiesOfChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 14))
	make := func() *table.Table {
		rows := [][4]any{}
		for range 1 + r.IntN(40) {
			rows = append(rows, [4]any{string(rune('A' + r.IntN(3))), string(rune('F' + r.IntN(3))), fmt.Sprintf("2024-%02d", 1+r.IntN(3)), r.IntN(4) - 1})
		}
		return report(rows...)
	}
	for n := range 300 {
		a, b := make(), make()
		c, back := Between(a, b), Between(b, a)
		if len(c.Pairs)+len(c.Added) != b.Rows() || len(c.Pairs)+len(c.Removed) != a.Rows() {
			t.Fatalf("%d: %d pairs, %d came, %d went of %d and %d", n, len(c.Pairs), len(c.Added), len(c.Removed), a.Rows(), b.Rows())
		}
		if len(back.Added) != len(c.Removed) || len(back.Removed) != len(c.Added) || back.Cells != c.Cells {
			t.Fatalf("%d: %s, and back %s", n, summary(c), summary(back))
		}
		cells, added, removed := 0, 0, 0
		for _, p := range c.Places {
			cells, added, removed = cells+p.Cells, added+p.Added, removed+p.Removed
		}
		if cells != c.Cells || added != len(c.Added) || removed != len(c.Removed) {
			t.Fatalf("%d: the places sum to +%d -%d ~%d of %s", n, added, removed, cells, summary(c))
		}
		if same := Between(a, a.Pick(r.Perm(a.Rows()))); !same.None() {
			t.Fatalf("%d: a table differs from itself in another order: %s", n, summary(same))
		}
	}
}
