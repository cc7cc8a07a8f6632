package place

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"chatmrpt/core/problem"
)

// reviewColumns are the columns of the match report, in their order.
func reviewColumns() []string {
	return []string{"given_state", "given_lga", "given_ward", "rows",
		"state", "lga", "ward", "ward_code", "score", "margin", "decision", "given_code", "why", "others"}
}

// needed are those without which a report can't be taken back in: what was
// given, and what was decided.
func needed() []string {
	return []string{"given_state", "given_lga", "given_ward", "state", "lga", "ward", "ward_code", "decision"}
}

// WriteReview writes a report as CSV (UTF-8, commas, a header line), one line
// for each link in the order of the report, with the columns given_state,
// given_lga, given_ward, rows, state, lga, ward, ward_code, score, margin,
// decision, given_code, why, others. The unit columns hold the linked unit, in
// review the first candidate, else nothing; others are the candidates after it,
// with code and score. units are those given to Match. A cell of text that
// a spreadsheet would take for a formula is preceded by an apostrophe, which
// ReadReview takes away again. Errors are those of w.
func WriteReview(w io.Writer, rep Report, units []Unit) error {
	out := csv.NewWriter(w)
	if err := out.Write(reviewColumns()); err != nil {
		return fmt.Errorf("write match report: %w", err)
	}
	for _, l := range rep.Links {
		if err := out.Write(reviewLine(l, units)); err != nil {
			return fmt.Errorf("write match report: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write match report: %w", err)
	}
	return nil
}

func reviewLine(l Link, units []Unit) []string {
	at := l.Unit
	if l.Decision == Review && len(l.Candidates) > 0 {
		at = l.Candidates[0].Unit
	}
	var u Unit
	score, margin := "", ""
	if at >= 0 && at < len(units) {
		u = units[at]
		score, margin = fraction(l.Score), fraction(l.Margin)
	}
	line := []string{l.Given.State, l.Given.LGA, l.Given.Ward, strconv.Itoa(l.Given.Rows),
		u.State, u.LGA, u.Ward, u.Code, score, margin, string(l.Decision), l.Given.Code, l.Why, Others(l, units)}
	for _, i := range []int{0, 1, 2, 4, 5, 6, 7, 11, 12, 13} {
		line[i] = guard(line[i])
	}
	return line
}

// Others lists in words the candidates after the first of a name in review, with
// code and score; "" for every other link.
func Others(l Link, units []Unit) string {
	if l.Decision != Review || len(l.Candidates) < 2 {
		return ""
	}
	var out []string
	for _, c := range l.Candidates[1:] {
		u := units[c.Unit]
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s (%s) %s %s", u.Ward, u.LGA, u.Code, fraction(c.Score))), " "))
	}
	return strings.Join(out, "; ")
}

func fraction(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }

// guard puts an apostrophe before text that would start a formula, and before
// text that already looks guarded, so that unguard undoes exactly this.
func guard(cell string) string {
	if startsFormula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && startsFormula(strings.TrimLeft(cell, "'")) {
		return cell[1:]
	}
	return cell
}

func startsFormula(s string) bool { return s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) }

// ReadReview reads a match report that a person has gone through. Lines that
// decide something (accepted, rejected, not_a_ward) come back in their order;
// lines still in review or unmatched are left out; "unknown" is read as
// not_a_ward. Columns are found by name in any order; those that only inform
// may be missing, no column may be there that WriteReview does not write. Lines
// that were not touched come back too: see Sift. Commas, semicolons and tabs are understood as separators, because
// spreadsheets save any of them. What can't be understood is a
// *problem.Problem naming the line; an error of r is passed on.
func ReadReview(r io.Reader) ([]Remembered, error) {
	var out []Remembered
	err := reviewLayout().read(r, func(l line) error {
		one, err := l.decision()
		if err == nil && (one.Decision == Accepted || one.Decision == Rejected || one.Decision == NotAWard) {
			out = append(out, one)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// layout is what a file of decisions looks like.
type layout struct {
	op            string // for problems
	columns, need []string
	again         string // how to get a good one
}

func reviewLayout() layout {
	return layout{"read match report", reviewColumns(), needed(),
		"Export the match report again and change only the columns state, lga, ward, ward_code and decision"}
}

// line is one line of such a file.
type line struct {
	layout
	record []string
	at     map[string]int
	number int
}

// cell is the text of a column, "" where the file has none of that name.
func (l line) cell(name string) string {
	i, ok := l.at[name]
	if !ok {
		return ""
	}
	return unguard(l.record[i])
}

// read hands on the lines of a file one by one.
func (f layout) read(r io.Reader, see func(line) error) error {
	in := bufio.NewReader(r)
	if err := f.refuseOther(in); err != nil {
		return err
	}
	records := csv.NewReader(in)
	records.Comma = separator(in)
	head, err := records.Read()
	if err != nil {
		return f.unreadable(err)
	}
	at, err := f.findColumns(head)
	if err != nil {
		return err
	}
	for {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return f.unreadable(err)
		}
		number, _ := records.FieldPos(0)
		if err := see(line{f, record, at, number}); err != nil {
			return err
		}
	}
}

// refuseOther names the formats in which spreadsheet programs like to save
// what was opened as CSV.
func (f layout) refuseOther(in *bufio.Reader) error {
	head, _ := in.Peek(4) // a shorter file gives what it has
	switch start := string(head); {
	case strings.HasPrefix(start, "PK\x03\x04"), strings.HasPrefix(start, "\xd0\xcf\x11\xe0"):
		return f.refuse("", "it is a workbook, not a CSV file", "Open it in the spreadsheet program and save it as CSV UTF-8")
	case strings.HasPrefix(start, "\xff\xfe"), strings.HasPrefix(start, "\xfe\xff"):
		return f.refuse("", "the text is UTF-16, not UTF-8", "Save the file as CSV UTF-8")
	}
	return nil
}

// separator finds the separator in the header line, and skips a byte order mark.
func separator(in *bufio.Reader) rune {
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = in.Discard(len(mark)) // the bytes were just seen; Discard can't fail
	}
	head, _ := in.Peek(512) // a shorter file gives what it has
	line, _, _ := strings.Cut(string(head), "\n")
	switch {
	case strings.Contains(line, ","):
		return ','
	case strings.Contains(line, ";"):
		return ';'
	case strings.Contains(line, "\t"):
		return '\t'
	}
	return ','
}

func (f layout) refuse(subject, message, hint string) *problem.Problem {
	return problem.New(problem.BadInput, f.op, subject, message, hint)
}

func (f layout) unreadable(err error) error {
	if errors.Is(err, io.EOF) {
		return f.refuse("", "the file is empty", f.again)
	}
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return f.refuse(lineName(bad.Line), bad.Err.Error(),
			"Save the report as CSV from the spreadsheet program, or mend the quotes and separators of this line").Because(err)
	}
	return fmt.Errorf("%s: %w", f.op, err)
}

func lineName(n int) string { return fmt.Sprintf("line %d", n) }

// findColumns gives the position of each column that is there.
func (f layout) findColumns(head []string) (map[string]int, error) {
	at := map[string]int{}
	for i, h := range head {
		name := strings.ToLower(strings.TrimSpace(h))
		if !slices.Contains(f.columns, name) {
			return nil, f.refuse(lineName(1), fmt.Sprintf("unknown column %q", short(h)),
				"The columns are "+strings.Join(f.columns, ", ")+"; take out any other")
		}
		if _, twice := at[name]; twice {
			return nil, f.refuse(lineName(1), fmt.Sprintf("column %q stands twice", name), "Take out one of the two")
		}
		at[name] = i
	}
	for _, name := range f.need {
		if _, ok := at[name]; !ok {
			return nil, f.refuse(lineName(1), fmt.Sprintf("column %q is missing", name), f.again)
		}
	}
	return at, nil
}

// decision reads what a line decides; an entirely empty one decides nothing.
func (l line) decision() (Remembered, error) {
	one := Remembered{
		Given: Given{State: l.cell("given_state"), LGA: l.cell("given_lga"), Ward: l.cell("given_ward"), Code: l.cell("given_code")},
		Unit:  Unit{State: l.cell("state"), LGA: l.cell("lga"), Ward: l.cell("ward"), Code: l.cell("ward_code")},
	}
	if slices.IndexFunc(l.record, func(s string) bool { return strings.TrimSpace(s) != "" }) < 0 {
		return one, nil
	}
	for _, c := range l.record {
		if !utf8.ValidString(c) {
			return one, l.refuse(lineName(l.number), "the text is not UTF-8", "Save the file as CSV UTF-8")
		}
	}
	word := strings.ToLower(strings.TrimSpace(l.cell("decision")))
	one.Decision = Decision(strings.NewReplacer(" ", "_", "-", "_").Replace(word))
	if one.Decision == "unknown" {
		one.Decision = NotAWard
	}
	if !slices.Contains(Words(), one.Decision) {
		return one, l.refuse(lineName(l.number), fmt.Sprintf("%q is no decision", short(word)),
			"Write accepted, rejected or not_a_ward, or leave review or unmatched as it was")
	}
	if one.Decision == Accepted && strings.TrimSpace(one.Unit.Ward+one.Unit.Code) == "" {
		return one, l.refuse(lineName(l.number), "accepted, but no ward is named",
			"Fill in ward_code, or state, lga and ward, of the unit it is; or change the decision")
	}
	return one, nil
}

// short bounds text quoted in a message.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
