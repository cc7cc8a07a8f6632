package ingest

import (
	"testing"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

// FuzzRead: whatever the bytes, the answer is a table whose report adds up,
// or a problem with a hint.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"WardName,rainfall\nA,1.5\nB,NA\n",
		"orgunitlevel2,orgunitlevel3,orgunitlevel4,period0me,rdt positive <5,rdt positive <5\nkn Kano State,L,W,2024,1,0\nkn Kano State,L,W,2025,0,4\n",
		"Ward;x;x.1;date\nA;1,5;-2;1/2/2024\n",
		"\"WardName\",\"x\"\n\"1\",\"A\",2\n\"2\",\"B\",3\n",
		"year,month,Ward,rdt_tested_u5,level,urban\n2024,2,A,5,PHC,0.5\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(t.Context(), "f", data, Options{})
		if err != nil {
			if p := problem.From(err, ""); p.Code != problem.BadInput && p.Code != problem.Usage || p.Hint == "" || p.Subject != "f" {
				t.Fatalf("%+v", p)
			}
			return
		}
		checkReport(t, r)
		again, err := Read(t.Context(), "f", data, Options{})
		if err != nil || again.Table.Hash() != r.Table.Hash() {
			t.Fatalf("read twice, the tables differ: %v", err)
		}
	})
}

// checkReport: the numbers of a report agree with the table.
func checkReport(t *testing.T, r *Result) {
	t.Helper()
	n := r.Report.Rows
	if n.Gathered == 0 && n.Kept != r.Table.Rows() || n.Gathered > 0 && n.Gathered != n.Kept || n.Read != n.Kept+n.Refused || len(r.Report.Refused) > listed {
		t.Fatalf("rows %+v of %d", n, r.Table.Rows())
	}
	if len(r.Report.Columns)+len(r.Report.Unrecognised) != len(r.Table.Columns) {
		t.Fatalf("%d recognised and %d not of %d columns", len(r.Report.Columns), len(r.Report.Unrecognised), len(r.Table.Columns))
	}
	for _, c := range r.Table.Columns {
		if c.Len() != r.Table.Rows() || c.Name == "" || c.Origin == "" {
			t.Fatalf("column %q of %d rows from %q", c.Name, c.Len(), c.Origin)
		}
	}
}

// FuzzHeader: the search never points outside the rows, whatever is in them.
func FuzzHeader(f *testing.F) {
	f.Add("Ward\x00rainfall\x01A\x0012\x01")
	f.Add("\x01\x01title\x01a\x00b\x00c")
	f.Fuzz(func(t *testing.T, s string) {
		rows := []grid.Row{{Number: 1}}
		start := 0
		cell := func(end int) {
			last := &rows[len(rows)-1]
			c := grid.Cell{}
			if end > start {
				c = grid.Cell{Kind: grid.Text, Text: []byte(s[start:end])}
			}
			last.Cells, start = append(last.Cells, c), end+1
		}
		for i := range len(s) {
			switch s[i] {
			case 0:
				cell(i)
			case 1:
				cell(i)
				rows = append(rows, grid.Row{Number: len(rows) + 1})
			}
		}
		if at := headerAt(rows); at < -1 || at >= len(rows) {
			t.Fatalf("header at %d of %d rows", at, len(rows))
		}
	})
}
