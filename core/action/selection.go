package action

import (
	"context"
	"strings"

	"chatmrpt/core/surveillance"
	"chatmrpt/core/workspace"
)

// Selection is what is counted in a facility table. There is no default level,
// age group or test: each changes the answer, so it is always said.
type Selection struct {
	Level  string `param:"level" choices:"primary|secondary|tertiary|all" help:"level of care of the facilities"`
	Age    string `param:"age" choices:"u5|o5|pw|all" help:"age group: under five, five and over, pregnant women, all"`
	Test   string `param:"test" choices:"rdt|micro|both" help:"rapid test, microscopy, or both"`
	Period string `param:"period" help:"2024, 2024-03, 2024-01..2024-06, or all"`
	Table  string `param:"table" help:"facility table, when there are several" more:"true"`
}

// allPeriods asks for every period there is.
const allPeriods = "all"

// check refuses a selection that leaves something open.
func (s *Selection) check(op string) error {
	for _, p := range []struct{ name, value, all string }{
		{"level", s.Level, "primary, secondary, tertiary or all"}, {"age", s.Age, "u5, o5, pw or all"}, {"test", s.Test, "rdt, micro or both"},
	} {
		if p.value == "" {
			return usage(op, p.name, "it must be chosen, because it changes the answer", "Give --"+p.name+": "+p.all)
		}
	}
	return nil
}

// query is the selection in the words of the surveillance room.
func (s *Selection) query(measure string) surveillance.Query {
	q := surveillance.Query{Measure: measure, Level: s.Level, Age: s.Age, Test: s.Test}
	if s.Period == allPeriods {
		q.AllPeriods = true
		return q
	}
	q.From, q.To, _ = strings.Cut(s.Period, "..")
	return q
}

// counted is a facility table whose rows are linked to the wards.
type countedRows struct {
	*linked
	rows surveillance.Rows
}

// read opens the facility table of the selection.
func (s *Selection) read(ctx context.Context, w *workspace.Workspace, f *frame, op string, tell Progress) (*countedRows, error) {
	d, err := theOne(ctx, w, op, workspace.KindFacilities, s.Table, choice{"table", "Import a facility table first"})
	if err != nil {
		return nil, err
	}
	tell("reading "+d.Name, 0, 0)
	l, err := f.link(ctx, w, op, d)
	if err != nil {
		return nil, err
	}
	tell("adding up", 0, 0)
	return &countedRows{l, surveillance.Rows{Table: l.table, Unit: l.unit, Units: len(f.units)}}, nil
}
