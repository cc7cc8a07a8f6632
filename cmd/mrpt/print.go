package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// shownRows is how many rows of a table the terminal shows; --json and
// `mrpt export` give all.
const shownRows = 20

// printResult prints what came of an act.
func (t terminal) printResult(g *globals, r *action.Result) error {
	if g.json {
		return t.printJSON(jsonResult(r))
	}
	if !g.quiet {
		for _, n := range r.Notices {
			fmt.Fprintln(t.err, "note:", shown(n))
		}
	}
	if _, err := fmt.Fprintln(t.out, shown(r.Summary)); err != nil {
		return err
	}
	for _, f := range r.Files {
		if _, err := fmt.Fprintln(t.out, "wrote", shown(f)); err != nil {
			return err
		}
	}
	for _, tb := range r.Tables {
		if err := t.printTable(tb); err != nil {
			return err
		}
	}
	if r.Run > 0 {
		_, err := fmt.Fprintf(t.out, "\nHow this came about, with data, seed, version and sources: mrpt card %d\n", r.Run)
		return err
	}
	return nil
}

// jsonResult is the result document of the terminal contract: each table a
// list of objects, a missing cell null.
func jsonResult(r *action.Result) map[string]any {
	tables := map[string]any{}
	for _, tb := range r.Tables {
		tables[tb.Name] = jsonRows(tb)
	}
	doc := map[string]any{"act": r.Act, "summary": r.Summary, "notices": emptyList(r.Notices), "tables": tables, "files": emptyList(r.Files)}
	if r.Run > 0 {
		doc["run"] = r.Run
	}
	if r.Problem != nil {
		doc["error"] = jsonProblem(r.Problem)
	}
	if r.Details != nil {
		doc["details"] = r.Details
	}
	return doc
}

func emptyList(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func jsonRows(tb *table.Table) []map[string]any {
	rows := make([]map[string]any, tb.Rows())
	for i := range rows {
		row := make(map[string]any, len(tb.Columns))
		for _, c := range tb.Columns {
			row[c.Name] = c.Value(i)
		}
		rows[i] = row
	}
	return rows
}

func (t terminal) printJSON(doc any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

// printTable prints the first rows in aligned columns, below a line of what was
// chosen for all of them.
func (t terminal) printTable(tb *table.Table) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	var names, choices []string
	var columns []*table.Column
	for _, c := range tb.Columns {
		if c.Role == table.RoleChoice && tb.Rows() > 0 {
			choices = append(choices, shown(c.Name+": "+c.Format(0)))
			continue
		}
		columns, names = append(columns, c), append(names, shown(c.Name))
	}
	fmt.Fprintln(w)
	if len(choices) > 0 {
		fmt.Fprintln(w, strings.Join(choices, "; "))
	}
	fmt.Fprintln(w, strings.Join(names, "\t"))
	for i := range min(shownRows, tb.Rows()) {
		cells := make([]string, len(columns))
		for k, c := range columns {
			cells[k] = shownCell(c, i)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	if more := tb.Rows() - shownRows; more > 0 {
		fmt.Fprintf(w, "… and %d more rows of %s\n", more, shown(tb.Name))
	}
	return w.Flush()
}

// shownCell is a cell for a narrow screen: at most four decimals, a star
// behind an imputed value, a dash for no data, long texts cut.
func shownCell(c *table.Column, i int) string {
	const longest = 40
	s := shown(c.Format(i))
	if v, ok := c.Number(i); ok {
		s = strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.4f", v), "0"), ".")
	}
	switch {
	case c.Missing(i):
		return "–"
	case c.Imputed(i):
		return s + "*"
	case utf8.RuneCountInString(s) > longest:
		return string([]rune(s)[:longest-1]) + "…"
	}
	return s
}

// printProblem prints a failure: one JSON document on standard output, or two
// lines on standard error.
func (t terminal) printProblem(asJSON bool, p *problem.Problem) {
	if asJSON {
		t.printJSON(map[string]any{"error": jsonProblem(p)})
		return
	}
	fmt.Fprintf(t.err, "mrpt: %s\nhint: %s\n", shown(strings.TrimPrefix(p.Error(), "mrpt: ")), shown(p.Hint))
}

func jsonProblem(p *problem.Problem) map[string]string {
	return map[string]string{"code": string(p.Code), "op": p.Op, "subject": p.Subject, "message": p.Message, "hint": p.Hint}
}
