package ingest

import "chatmrpt/core/table"

// listed is how many single cases a report names; the totals count all.
const listed = 50

// Report says how a file was read: for the screen, the store and the printed
// page. Row numbers are those a spreadsheet program shows.
type Report struct {
	File      string       `json:"file"`
	Format    string       `json:"format"`              // "csv", "xlsx", "xls" or "ods"
	Encoding  string       `json:"encoding,omitempty"`  // of a CSV file: "UTF-8", "windows-1252" …
	Delimiter string       `json:"delimiter,omitempty"` // of a CSV file, one character
	Sheet     string       `json:"sheet,omitempty"`     // of a workbook, the sheet read
	Sheets    []string     `json:"sheets,omitempty"`    // of a workbook, all sheets with cells
	HeaderRow int          `json:"header_row"`
	Layout    string       `json:"layout"` // names the set of columns, however ordered; see LayoutOf
	Rows      RowCounts    `json:"rows"`
	Refused   []RefusedRow `json:"refused,omitempty"` // at most 50; Rows.Refused counts all
	Repairs   []Repair     `json:"repairs,omitempty"`
	// Duplicates are the groups of columns with one header and what became of them.
	Duplicates   []Duplicate  `json:"duplicates,omitempty"`
	Columns      []Recognised `json:"columns"`
	Unrecognised []string     `json:"unrecognised,omitempty"` // kept without a role
	Dropped      []string     `json:"dropped,omitempty"`      // not kept, each with why
	Cells        []CellIssue  `json:"cells,omitempty"`        // cells refused where a number or period is needed
	Warnings     []Warning    `json:"warnings,omitempty"`
	Repeats      *Repeats     `json:"repeats,omitempty"` // rows that equal an earlier one; nil without any
}

// Repeats are the rows that equal an earlier one in every cell. They are kept.
type Repeats struct {
	Count  int                    `json:"count"`
	Rows   []int                  `json:"rows,omitempty"`   // of the file, the first 50
	Counts map[table.Role]float64 `json:"counts,omitempty"` // tests and positives that they hold, and so are counted once more
}

// RowCounts counts the rows below the header.
type RowCounts struct {
	Read     int `json:"read"`               // rows that hold something
	Kept     int `json:"kept"`               // rows of the table that came out; Read − Refused
	Refused  int `json:"refused"`            // rows left out, each with a reason
	Empty    int `json:"empty"`              // rows without anything, dropped
	Padded   int `json:"padded"`             // rows of a CSV file with fewer fields than the header; the rest is missing
	Gathered int `json:"gathered,omitempty"` // rows of a net campaign's list that were summed to wards
	Trimmed  int `json:"trimmed"`            // rows of a CSV file with more fields than the header, all empty
}

// RefusedRow is a row left out.
type RefusedRow struct {
	Row    int    `json:"row"`
	Reason string `json:"reason"`
}

// Repair is one sort of repair over the whole file.
type Repair struct {
	What  string `json:"what"`
	Count int    `json:"count"` // headers and cells
	From  string `json:"from"`  // an example, before
	To    string `json:"to"`    // and after
}

// The strategies by which columns of one header become one column. Those of
// DuplicateAnswers can be chosen too.
const (
	KeepFirst  = "first"       // not numbers: the first stays, the others go
	Identical  = "identical"   // equal where both have a value: one stays, its gaps filled from the others
	FirstValue = "first value" // a rate can't be summed: the first that has a value wins
	Sum        = "sum"         // two versions of a form: their counts add up
	Largest    = "largest"     // the same counted twice: the larger of each row; only where a person says so
	KeptApart  = "apart"       // not counts: both stay, the later renamed
	Ambiguous  = "ambiguous"   // no rule fits; reading ends in a question
)

// AllDuplicates stands for every header in Options.Duplicates.
const AllDuplicates = "all"

// DuplicateAnswers lists what a person can say about columns of one header.
func DuplicateAnswers() []string { return []string{Sum, KeepFirst, Largest, KeptApart} }

// Duplicate is a group of columns with one header and how it was resolved.
type Duplicate struct {
	Header    string    `json:"header"`
	Columns   []string  `json:"columns"` // headers as written
	Strategy  string    `json:"strategy"`
	Reason    string    `json:"reason"`
	Totals    []float64 `json:"totals,omitempty"`    // sum of each column, of numbers only
	Merged    float64   `json:"merged"`              // sum of what came out
	Conflicts int       `json:"conflicts,omitempty"` // rows in which members disagree
}

// How a column was recognised.
const (
	ByHeader   = "header"     // its name
	ByValues   = "values"     // what its cells hold
	Chosen     = "chosen"     // the person said so
	Remembered = "remembered" // the person said so of an earlier file with these columns
	ByOption   = "option"     // the whole file's period
)

// How sure a recognition is.
const (
	Sure    = "sure"    // name and values agree, or the person said so
	Likely  = "likely"  // one of them only
	Assumed = "assumed" // a part of the meaning had to be supposed
)

// Recognised is a column with a role.
type Recognised struct {
	Role       table.Role `json:"role"`
	Header     string     `json:"header"` // as repaired, the column's name in the table
	How        string     `json:"how"`
	Confidence string     `json:"confidence"`
}

// CellIssue counts the cells of a column that could not be used. They became
// missing.
type CellIssue struct {
	Column  string `json:"column"`
	Problem string `json:"problem"`
	Count   int    `json:"count"`
	Row     int    `json:"row"`     // of the first
	Example string `json:"example"` // the first
}

// Codes of warnings, for screens and scripts.
const (
	WarnUnknownWard  = "unknown_ward"
	WarnCascade      = "positive_above_tested"
	WarnLevels       = "unknown_levels"
	WarnText         = "text_in_numbers"
	WarnPeriods      = "mixed_periods"
	WarnNoPeriod     = "no_period"
	WarnPeriodIgnore = "period_ignored"
	WarnDateOrder    = "ambiguous_dates"
	WarnNoState      = "no_state"
	WarnNoLGA        = "no_lga"
	WarnAssumedTest  = "assumed_test"
	WarnTotals       = "total_rows"
	WarnRepeated     = "repeated_rows"
	WarnUrbanShare   = "urban_share"
	WarnHeaderMove   = "header_moved"
	WarnState        = "state_values"
	WarnNumbers      = "number_style"
	WarnRegistered   = "registrations_without_persons"
	WarnGathered     = "registrations_summed"
	WarnAgeShare     = "age_shares"
	WarnRate         = "rate_above_all"
	WarnSheets       = "other_sheets"
	WarnHeaderRows   = "header_rows"
)

// Warning is something a person should look at before trusting the table.
type Warning struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Count   int     `json:"count,omitempty"`
	Share   float64 `json:"share,omitempty"` // of the rows, 0–1, where that means something
}

func (r *Report) warn(code, message string, count int) {
	r.Warnings = append(r.Warnings, Warning{Code: code, Message: message, Count: count})
}

func (r *Report) refuse(row int, reason string) {
	r.Rows.Refused++
	if len(r.Refused) < listed {
		r.Refused = append(r.Refused, RefusedRow{row, reason})
	}
}

// repaired counts repairs of one sort; the first one is the example.
func (r *Report) repaired(what string, count int, from, to string) {
	for i := range r.Repairs {
		if r.Repairs[i].What == what {
			r.Repairs[i].Count += count
			return
		}
	}
	r.Repairs = append(r.Repairs, Repair{what, count, clip(from), clip(to)})
}

// clip shortens an example to what a screen can show.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 80 {
		return string(runes[:79]) + "…"
	}
	return s
}
