package surveillance

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// columns are the columns of the records that a query reads; level, period and
// facility are nil when the file has none.
type columns struct {
	level, period, facility *table.Column
	pairs                   []pair
}

// findColumns finds them by role. Missing halves of a pair, and tests the file
// does not hold, become notices; it fails when no pair is left.
func findColumns(t *table.Table, q Query) (columns, []string, error) {
	var c columns
	c.level = textRole(t, table.RoleLevel)
	c.period = textRole(t, table.RolePeriod)
	c.facility = textRole(t, table.RoleFacility)
	var absent []string
	c.pairs, absent = q.pairs(t)
	absent = slices.Compact(absent)
	if len(c.pairs) == 0 {
		return c, nil, problem.New(problem.NotFound, op, "",
			"the records lack the columns this measure divides: "+strings.Join(absent, ", "),
			"Choose a measure, test and age group the file holds, or import it again and name its columns")
	}
	if len(absent) > 0 {
		return c, []string{"Not in the records, so not counted: " + strings.Join(absent, ", ") + "."}, nil
	}
	return c, nil, nil
}

func textRole(t *table.Table, r table.Role) *table.Column   { return roleOfKind(t, r, table.Text) }
func numberRole(t *table.Table, r table.Role) *table.Column { return roleOfKind(t, r, table.Number) }

func roleOfKind(t *table.Table, r table.Role, k table.Kind) *table.Column {
	if c, ok := t.Role(r); ok && c.Kind() == k {
		return c
	}
	return nil
}

// verdict is what a query says of one distinct level; it is worked
// out once per text, not per row.
type verdict uint8

const (
	in  verdict = iota // the rows with this text count
	out                // they are of another level
)

// levelVerdicts judges each distinct level. A level that no row has is a
// problem that lists the levels there are: to take all rows instead would be
// an answer to another question.
func levelVerdicts(level *table.Column, q Query) ([]verdict, error) {
	if q.Level == All {
		return nil, nil
	}
	if level == nil {
		return nil, problem.New(problem.NotFound, op, "", "the records have no column of facility levels",
			"Ask for all levels, or import the file again and name its level column")
	}
	verdicts := make([]verdict, len(level.Dict()))
	found := false
	for i, text := range level.Dict() {
		verdicts[i] = out
		if levelOf(text) == q.Level {
			verdicts[i], found = in, true
		}
	}
	if !found {
		return nil, problem.New(problem.NotFound, op, "",
			fmt.Sprintf("no record is of level %s; the records have %s", q.Level, levelsFound(level)),
			"Choose a level the file has, or ask for all levels")
	}
	return verdicts, nil
}

// levelOf is the level of care that a text names, "" when it names none:
// "Primary", "primary" and "Primary Health Facility" are all Primary.
func levelOf(text string) string {
	words := strings.Fields(strings.ToLower(text))
	if len(words) > 0 && slices.Contains(Levels(), words[0]) {
		return words[0]
	}
	return ""
}

// levelsFound lists the texts of a level column with their numbers of rows.
func levelsFound(level *table.Column) string {
	rows := make(map[string]int)
	for i := range level.Len() {
		if text, ok := level.Text(i); ok {
			rows[text]++
		}
	}
	var found []string
	for _, text := range slices.Sorted(maps.Keys(rows)) {
		found = append(found, fmt.Sprintf("%s (%d rows)", text, rows[text]))
	}
	if len(found) == 0 {
		return "no level at all"
	}
	return listed(found)
}

// listed joins at most a dozen items and says how many more there are.
func listed(items []string) string {
	const most = 12
	if len(items) <= most {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:most], ", "), len(items)-most)
}
