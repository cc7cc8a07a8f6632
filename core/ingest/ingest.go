// Package ingest reads health workers' tables: DHIS2 exports, the malaria
// programme's cleaned and yearly files, tables of wards and of population, as
// text tables or workbooks, with the faults such files have.
//
// A file goes through stages, each a function of its own: open (format,
// encoding, delimiter), find (sheet and header row), load (cells into
// columns), mend (text repaired once per distinct text), resolve (repeated
// headers), recognise (what each column means, by name and by value), build
// (typed columns of core/table), examine (what looks wrong). What a stage
// did, refused or doubts stands in the Report. Nothing is dropped, changed or
// taken for something else without a line there; missing stays missing and 0
// stays 0. Names of places are trimmed and repaired only: what place they
// mean is core/place's question.
package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"chatmrpt/core/ingest/header"
	"chatmrpt/core/ingest/value"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// Kind is what the rows of a table are.
type Kind string

// The kinds of table.
const (
	Facilities Kind = "facilities" // a row per facility and period: counts of tests and positives
	Wards      Kind = "wards"      // a row per ward: variables
	Population Kind = "population" // a row per ward: persons
	Nets       Kind = "nets"       // a row per registration of a net campaign: persons; it comes out as Population
)

// Options are the choices of the person who imports. The zero Options leave
// everything to be found.
type Options struct {
	// Kind is what the rows are; "" finds it.
	Kind Kind
	// Sheet is the sheet to read; "" takes the first that holds a table.
	Sheet string
	// Columns gives roles to headers, as written in the file or as repaired,
	// and beats recognition. A header that the file has not is a problem.
	Columns map[table.Role]string
	// Choices says the same of any column, also that it has no role at all, or
	// is one of several variables.
	Choices []Choice
	// Recall gives what the person said of an earlier file with the same set of
	// columns; nil remembers nothing. What Columns, Choices and Duplicates say
	// now comes first.
	Recall func(layout string) Memory
	// Period is the period of the whole file when it has no period column:
	// "2024", "2024-Q1", "2024-03", "2024-W05" or "2024-03-05".
	Period string
	// Duplicates says what becomes of columns of one header: one of
	// DuplicateAnswers by header, AllDuplicates for every other. It is needed
	// only where no rule fits.
	Duplicates map[string]string

	remembered []Choice
}

// Choice gives a column its role; "" is none.
type Choice struct {
	Header string     `json:"header"`
	Role   table.Role `json:"role,omitempty"`
}

// Memory is what a person said of files with one set of columns.
type Memory struct {
	Choices    []Choice          `json:"choices,omitempty"`
	Duplicates map[string]string `json:"duplicates,omitempty"`
}

// recalled adds what is remembered of the sheet's layout.
func (o Options) recalled(s *sheet, rep *Report) Options {
	rep.Layout = LayoutOf(s.headers())
	if o.Recall == nil {
		return o
	}
	m := o.Recall(rep.Layout)
	o.remembered = m.Choices
	answers := maps.Clone(m.Duplicates)
	if answers == nil {
		answers = map[string]string{}
	}
	maps.Copy(answers, o.Duplicates)
	o.Duplicates = answers
	return o
}

// LayoutOf names a list of columns by their headers, whatever their order, case
// and blanks, so that the next file of a series is recognised.
func LayoutOf(headers []string) string {
	var keys []string
	for _, h := range headers {
		keys = append(keys, header.Normal(h))
	}
	slices.Sort(keys)
	sum := sha256.Sum256([]byte(strings.Join(keys, "\n")))
	return hex.EncodeToString(sum[:8])
}

// Result is what was read.
type Result struct {
	Table  *table.Table
	Kind   Kind
	Report Report
}

// Read reads the table in data. name is the file's name, for messages and for
// the origin of columns. Errors are a *problem.Problem with Op "import" and
// name as Subject, or ctx's error wrapped in one.
//
// Columns keep the order of the file and are named by their repaired header.
// Number columns are those of roles that count or measure, and every other
// column whose values are all numbers; the rest is text. The period column is
// in canonical form, the level column too where its values are known.
func Read(ctx context.Context, name string, data []byte, o Options) (*Result, error) {
	r, err := read(ctx, name, data, o)
	if err == nil {
		return r, nil
	}
	p := *problem.From(err, "import")
	p.Op, p.Subject = "import", name
	return nil, &p
}

// takeApart finds the table in a file and takes it apart into mended columns,
// which is where reading and examining begin. The options it gives hold what is
// remembered of files of this shape too.
func takeApart(ctx context.Context, data []byte, o Options, rep *Report) (*sheet, Options, error) {
	if err := o.check(); err != nil {
		return nil, o, err
	}
	src, head, err := locate(ctx, data, o.Sheet, rep)
	if err != nil {
		return nil, o, err
	}
	s, err := load(ctx, src, head, rep)
	if err != nil {
		return nil, o, err
	}
	mend(s, rep)
	o = o.recalled(s, rep)
	dropIndexes(s, o, rep)
	return s, o, nil
}

func read(ctx context.Context, name string, data []byte, o Options) (*Result, error) {
	rep := &Report{File: name}
	sheet, o, err := takeApart(ctx, data, o, rep)
	if err != nil {
		return nil, err
	}
	kind, err := assign(sheet, o, rep)
	if err != nil {
		return nil, err
	}
	fillMerged(sheet, rep)
	t, err := build(ctx, sheet, kind, o, rep)
	if err != nil {
		return nil, err
	}
	lines := sheet.lines
	if kind == Nets {
		lines = nil // its rows are no longer those of the file
		if t, err = gather(t, rep); err != nil {
			return nil, err
		}
		kind = Population
	}
	examine(t, kind, lines, rep)
	return &Result{Table: t, Kind: kind, Report: *rep}, nil
}

// check refuses options that can't mean anything.
func (o Options) check() error {
	switch o.Kind {
	case "", Facilities, Wards, Population, Nets:
	default:
		return problem.New(problem.Usage, "", "", "unknown kind of table "+string(o.Kind),
			"Use facilities, wards, population or nets, or leave it out to have it found")
	}
	if o.Period != "" && !value.IsCanonicalPeriod(o.Period) {
		return problem.New(problem.Usage, "", "", "the period "+o.Period+" is not a year, a quarter, a month, a week or a day",
			"Write it as 2024, 2024-Q1, 2024-03, 2024-W05 or 2024-03-05")
	}
	known := map[table.Role]bool{}
	for _, r := range table.Roles() {
		known[r] = true
	}
	roles := chosenRoles(o)
	for _, c := range o.Choices {
		if c.Role != "" {
			roles = append(roles, c.Role)
		}
	}
	for _, r := range roles {
		if !known[r] {
			return problem.New(problem.Usage, "", "", "there is no column role "+string(r),
				"Use one of: "+strings.Join(roleNames(), ", "))
		}
	}
	return nil
}

func roleNames() []string {
	var names []string
	for _, r := range table.Roles() {
		names = append(names, string(r))
	}
	return names
}
