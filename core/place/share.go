package place

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// AliasColumns are the columns of an alias file, in their order.
func AliasColumns() []string {
	return []string{"given_state", "given_lga", "given_ward", "given_code",
		"state", "lga", "ward", "ward_code", "decision", "who", "when"}
}

func aliasLayout() layout {
	return layout{"read alias file", AliasColumns(), append(needed(), "who", "when"),
		"Ask for the file again: `mrpt match --export-aliases` writes it"}
}

// WriteAliases writes decisions as CSV (UTF-8, commas, a header line), for the
// other people of a team: given_state, given_lga, given_ward, given_code, state,
// lga, ward, ward_code, decision, who, when (RFC 3339, UTC). Cells are guarded
// as those of WriteReview. Errors are those of w.
func WriteAliases(w io.Writer, aliases []Alias) error {
	out := csv.NewWriter(w)
	lines := [][]string{AliasColumns()}
	for _, a := range aliases {
		line := []string{a.Given.State, a.Given.LGA, a.Given.Ward, a.Given.Code, a.Unit.State, a.Unit.LGA, a.Unit.Ward, a.Unit.Code,
			string(a.Decision), a.Who, a.When.UTC().Format(time.RFC3339)}
		for i := range line {
			line[i] = guard(line[i])
		}
		lines = append(lines, line)
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("write alias file: %w", err)
	}
	return nil
}

// ReadAliases reads an alias file. What can't be understood is a
// *problem.Problem naming the line; an error of r is passed on. Every line must
// say who decided and when: a decision nobody stands for is no decision.
func ReadAliases(r io.Reader) ([]Alias, error) {
	var out []Alias
	err := aliasLayout().read(r, func(l line) error {
		one, err := l.decision()
		if err != nil || one.Decision == "" {
			return err
		}
		a := Alias{Remembered: one, Who: strings.TrimSpace(l.cell("who"))}
		if one.Decision != Accepted && one.Decision != Rejected && one.Decision != NotAWard {
			return l.refuse(lineName(l.number), fmt.Sprintf("%q decides nothing", one.Decision), "Take the line out")
		}
		if a.When, err = time.Parse(time.RFC3339, strings.TrimSpace(l.cell("when"))); err != nil {
			return l.refuse(lineName(l.number), fmt.Sprintf("%q is no point in time", short(l.cell("when"))), "Write it as 2026-03-01T12:00:00Z")
		}
		if a.Who == "" {
			return l.refuse(lineName(l.number), "nobody is named who decided it", "Fill in who")
		}
		out = append(out, a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Merge joins a person's own decisions with imported ones into one list without
// two about the same name: her own hold, of others' the latest. The order is
// that of the names.
func Merge(own, imported []Alias) []Alias {
	last := map[givenKey]Alias{}
	for _, a := range append(inTime(imported), own...) {
		last[normalised(a.Given)] = a
	}
	var out []Alias
	for _, a := range last {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Alias) int {
		x, y := normalised(a.Given), normalised(b.Given)
		return cmp.Or(cmp.Compare(x.state, y.state), cmp.Compare(x.lga, y.lga), cmp.Compare(x.ward, y.ward), cmp.Compare(x.code, y.code))
	})
	return out
}

// inTime orders aliases by when they were decided, equal ones as they came.
func inTime(aliases []Alias) []Alias {
	out := slices.Clone(aliases)
	slices.SortStableFunc(out, func(a, b Alias) int { return a.When.Compare(b.When) })
	return out
}

// Sift parts the decisions of a reviewed file. Changed are those that differ
// from what the reports say by themselves; the rest only repeat it, so that a
// line nobody touched does not become a person's word. Nowhere are those about
// names that stand in no report: a slip in a given_ column, or a table that is
// no longer there. units are those given to Match.
func Sift(decided []Remembered, reports []Report, units []Unit) (changed, nowhere []Remembered) {
	links := map[givenKey][]Link{}
	for _, r := range reports {
		for _, l := range r.Links {
			key := written(l.Given)
			links[key] = append(links[key], l)
			key.code = anyCode
			links[key] = append(links[key], l)
		}
	}
	for _, d := range decided {
		key := written(d.Given)
		if len(links[key]) == 0 && key.code == "" { // a file without given_code
			key.code = anyCode
		}
		found := links[key]
		switch {
		case len(found) == 0:
			nowhere = append(nowhere, d)
		case slices.ContainsFunc(found, func(l Link) bool { return !repeats(d, l, units) }):
			changed = append(changed, d)
		}
	}
	return changed, nowhere
}

// repeats reports whether a decision is what a link says anyway.
func repeats(d Remembered, l Link, units []Unit) bool {
	if d.Decision != l.Decision {
		return false
	}
	return d.Decision != Accepted || sameUnit(d.Unit, units[l.Unit])
}

func sameUnit(a, b Unit) bool {
	same := func(x, y string) bool { return strings.TrimSpace(x) == strings.TrimSpace(y) }
	return same(a.State, b.State) && same(a.LGA, b.LGA) && same(a.Ward, b.Ward) && same(a.Code, b.Code)
}
