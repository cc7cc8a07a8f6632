// Package value turns the texts of cells into numbers, periods, levels of
// care and states, or says that they are none. Everything here is a function
// of one text (and of the whole column's convention where one text is
// ambiguous), so every rule can be tested by a table.
package value

import (
	"math"
	"strconv"
	"strings"
)

// IsMissing reports whether a text stands for "no data": empty, a dash, a dot
// or one of the words that statistics programs and clerks write. "0" is data.
func IsMissing(s string) bool {
	if len(s) > 12 {
		return false
	}
	switch strings.ToLower(strings.Trim(s, " ")) {
	case "", "-", "--", "---", "–", "—", ".", "..", "...", "na", "n/a", "n.a.", "n.a", "#n/a", "nan", "<na>",
		"null", "none", "nil", "missing", "no data", "nodata", "not reported", "#null!", "?":
		return true
	}
	return false
}

// Style is how a file writes numbers.
type Style uint8

// The two ways of writing numbers.
const (
	Point Style = iota // 1,234.5
	Comma              // 1.234,5
)

// Number reads a number as a person writes it: thousands separators where
// they belong, blanks, a trailing percent sign (45% is 45). Words such as
// "inf", hexadecimal and digits with anything else around them are no
// numbers.
func Number(s string, style Style) (v float64, ok bool) {
	s = strings.TrimSuffix(strings.TrimSpace(s), "%")
	if len(s) > 400 {
		return 0, false // more than any float64 needs
	}
	s = strings.ReplaceAll(strings.TrimSpace(s), "\u2212", "-")
	group, point := byte(','), byte('.')
	if style == Comma {
		group, point = '.', ','
	}
	plain, ok := ungroup(s, group, point)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(plain, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// ungroup checks the shape of a number and drops what groups its thousands.
func ungroup(s string, group, point byte) (string, bool) {
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	mantissa, exponent := s, ""
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		mantissa, exponent = s[:e], s[e:]
		if !exponentOK(exponent[1:]) {
			return "", false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, string(point))
	whole, ok := joinGroups(whole, group)
	if !ok || !allDigits(fraction) || whole == "" && fraction == "" {
		return "", false
	}
	return sign + whole + "." + fraction + exponent, true
}

func exponentOK(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return s != "" && len(s) <= 4 && allDigits(s)
}

// joinGroups drops separators that stand before groups of three digits.
func joinGroups(whole string, group byte) (string, bool) {
	if allDigits(whole) {
		return whole, true
	}
	whole = strings.ReplaceAll(strings.ReplaceAll(whole, "\u00a0", " "), "\u202f", " ")
	separator := string(group)
	if !strings.Contains(whole, separator) {
		separator = " "
	}
	parts := strings.Split(whole, separator)
	for i, p := range parts {
		if !allDigits(p) || i > 0 && len(p) != 3 || i == 0 && (p == "" || len(p) > 3) {
			return "", false
		}
	}
	return strings.Join(parts, ""), true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Evidence says what one text proves about the file's way of writing numbers.
type Evidence uint8

// The kinds of evidence.
const (
	Neither   Evidence = iota
	ForPoint           // 3.5 can't be thousands
	ForComma           // 3,5 can't be thousands
	Undecided          // 1,234 or 1.234 could be both
)

// StyleOf weighs one text. A file whose fields are cut by semicolons or tabs
// and which has evidence for the comma and none for the point writes decimal
// commas.
func StyleOf(s string) Evidence {
	s = strings.TrimSuffix(strings.TrimLeft(strings.TrimSpace(s), "+-"), "%")
	at := strings.LastIndexAny(s, ".,")
	if at < 0 || len(s) > 40 || !allDigits(s[at+1:]) {
		return Neither
	}
	whole, fraction := s[:at], s[at+1:]
	mark, other := s[at], byte('.'+','-int(s[at]))
	if _, ok := joinGroups(whole, other); !ok || fraction == "" {
		return Neither
	}
	grouped := len(fraction) == 3 && len(whole) >= 1 && len(whole) <= 3 && whole != "0"
	switch {
	case grouped:
		return Undecided
	case mark == '.':
		return ForPoint
	}
	return ForComma
}
