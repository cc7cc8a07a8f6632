package ingest

import (
	"errors"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// read reads a CSV text that must be readable.
func readText(t *testing.T, text string, o Options) *Result {
	t.Helper()
	r, err := Read(t.Context(), "test.csv", []byte(text), o)
	if err != nil {
		p, _ := errors.AsType[*problem.Problem](err)
		t.Fatalf("%v; hint: %s", err, p.Hint)
	}
	return r
}

// role returns the cells of the column with a role, joined by "|", missing
// ones as "·", and the column's name before them.
func role(r *Result, want table.Role) string {
	c, ok := r.Table.Role(want)
	if !ok {
		return "no column"
	}
	return c.Name + ": " + cells(c)
}

// named returns the cells of a column by its name.
func named(r *Result, name string) string {
	c, ok := r.Table.Column(name)
	if !ok {
		return "no column"
	}
	return cells(c)
}

func cells(c *table.Column) string {
	var out []string
	for i := range c.Len() {
		if c.Missing(i) {
			out = append(out, "·")
		} else {
			out = append(out, c.Format(i))
		}
	}
	return strings.Join(out, "|")
}

// warning returns the first warning of a code.
func warning(r *Result, code string) (Warning, bool) {
	for _, w := range r.Report.Warnings {
		if w.Code == code {
			return w, true
		}
	}
	return Warning{}, false
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
