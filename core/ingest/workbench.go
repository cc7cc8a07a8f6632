package ingest

import (
	"context"
	"errors"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// Bench is a file laid out on the workbench: what each column is taken for, how
// that was found and how sure it is.
type Bench struct {
	Kind    Kind // what its rows are taken for
	Columns []Facts
	Rows    int
	Report  Report
	// Open is the problem that reading the file would end in, such as a column
	// of wards that was not found; nil when it can be read.
	Open *problem.Problem
}

// Facts are what a person sees of one column.
type Facts struct {
	Header     string // as repaired
	Written    string // as it stands in the file
	Role       table.Role
	How        string // by header, by values, chosen, remembered; "" without a role
	Confidence string
	Filled     int      // cells with a value
	Distinct   int      // different values among the first rows, see sampled
	Values     []string // the first different ones, at most five
}

// sampled is the number of rows that are looked at for values to show.
const sampled = 5000

// Examine lays a file on the workbench. It fails only where the file can't be
// taken apart into columns, or where o names columns that are not there; what
// else stands in the way of reading it is in Open.
func Examine(ctx context.Context, name string, data []byte, o Options) (*Bench, error) {
	b, err := examined(ctx, name, data, o)
	if err == nil {
		return b, nil
	}
	p := *problem.From(err, "columns")
	p.Op, p.Subject = "columns", name
	return nil, &p
}

func examined(ctx context.Context, name string, data []byte, o Options) (*Bench, error) {
	rep := &Report{File: name}
	s, o, err := takeApart(ctx, data, o, rep)
	if err != nil {
		return nil, err
	}
	b := &Bench{Rows: s.rows}
	if err := resolve(s, o, o.counts(s), rep); err != nil {
		// A question is shown with all columns; an answer that means nothing is
		// an error like any other.
		if !unanswered(rep) {
			return nil, err
		}
		b.Open = problem.From(err, "import")
		makeUnique(s)
	}
	if b.Kind, err = recognise(s, o); err != nil {
		return nil, err
	}
	if p, ok := errors.AsType[*problem.Problem](required(s, b.Kind)); ok && b.Open == nil {
		b.Open = p
	}
	for _, c := range s.columns {
		b.Columns = append(b.Columns, c.facts())
	}
	b.Report = *rep
	return b, nil
}

// unanswered: some columns of one header wait for an answer.
func unanswered(rep *Report) bool {
	for _, d := range rep.Duplicates {
		if d.Strategy == Ambiguous {
			return true
		}
	}
	return false
}

// facts looks through the first rows of a column.
func (c *column) facts() Facts {
	f := Facts{Header: c.name, Written: c.written, Role: c.role, How: c.how, Confidence: c.confidence}
	seen := map[packed]bool{}
	for i, p := range c.cells {
		text, ok := c.text(i)
		if !ok {
			continue
		}
		f.Filled++
		if i >= sampled || seen[p] {
			continue
		}
		seen[p] = true
		if f.Distinct++; len(f.Values) < 5 {
			f.Values = append(f.Values, clip(text))
		}
	}
	return f
}
