package presenter

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"chatmrpt/core/problem"
)

// The words of the window. Acts and parameters that are not named here are
// shown under their own names, so a new one needs no entry to be usable.

// labelOf names a parameter.
func labelOf(param string) string {
	labels := map[string]string{
		"level": "Level of care", "age": "Age group", "test": "Kind of test", "compare": "Compare all levels and ages",
		"table": "Facility table", "vars": "Variables", "invert": "Less of it means more risk", "impute": "Fill gaps from",
		"scale": "Put variables on 0 to 1 by", "aggregate": "Bring models together by", "ties": "Equal values",
		"category": "Categories", "insist": "Use variables with over 40 % missing", "nets": "Nets in stock",
		"persons-per-net": "Persons per net", "cap": "Largest share for one ward", "urban-threshold": "Urban from, %",
		"population": "Population from", "boundaries": "Boundary layer", "as": "What the files hold", "crs": "Reference system",
		"lga-column": "Column with the LGA", "state-column": "Column with the state", "unit-column": "Column with the ward",
		"code-column": "Column with the ward code", "column": "Other columns", "accept": "Reviewed match file",
		"place-by": "Place facilities by", "import-aliases": "Decisions of a colleague",
		"to": "Server or folder", "id": "Id", "remote": "Name of the other side", "credentials": "File with the access key", "ca": "Certificate of your office",
		"recipients": "File with the keys of the readers", "recovery": "Recovery code", "recovery-file": "Recovery code", "limit": "Most kbit a second",
		"runs": "Only these runs", "facilities": "With the rows of single facilities", "tries": "Tries", "read": "Read every byte of",
		"out": "Folder", "show": "Map", "by": "Figures for each", "per": "Periods", "fallback": "Stand-ins for missing figures",
		"access-key": "Access key", "secret-key": "Secret of the access key", "proxy": "Proxy of your network",
		"small": "Warn of counts below", "proxy-user": "Name at the proxy", "proxy-password": "Password at the proxy",
		"until": "Last day", "confirm": "Name of the project", "discard": "How many rows they are", "last": "How many of the newest", "verify": "Check that it is whole",
		"every": "Every so many hours", "daily": "Daily at", "off": "No more by itself",
		"urban-opd": "Out-patients in urban wards", "adjust": "Incidence corrected for",
	}
	if l, ok := labels[param]; ok {
		return l
	}
	return capital(strings.ReplaceAll(param, "-", " "))
}

// choiceWords names a value that a parameter can have.
func choiceWords(param, value string) string {
	if param == "by" && value == "lga" {
		return "LGA"
	}
	words := map[string]string{
		"u5": "Under 5 years", "o5": "5 years and over", "pw": "Pregnant women", "rdt": "Rapid test (RDT)", "micro": "Microscopy",
		"lga": "Its LGA", "neighbours": "Its neighbours", "minmax": "Smallest and largest value", "none": "None",
		"thirds": "High, medium, low (thirds)", "average": "Share their rank", "file-order": "Follow the boundary file",
		"whole": "All together", "opd": "Positives per out-patient", "fever": "Positives per fever", "testing": "Tests per 1,000 people",
		"n0": "Nothing (confirmed cases)", "n1": "Testing", "n2": "Testing, reporting", "n3": "Testing, reporting, care (n3)",
		"n4": "Testing, reporting, care (n4)", "n5": "Testing, reporting, care (n5)",
		"proportional": "Same share of the need for all", "priority": "Highest risk first, in full",
	}
	if w, ok := words[value]; ok {
		return w
	}
	return capital(strings.ReplaceAll(value, "-", " "))
}

// helpOf is the line beneath a field; where the label or the choices say it
// all, nothing.
func helpOf(param, help string) string {
	if slices.Contains([]string{"level", "age", "test", "nets", "category", "scale", "aggregate", "ties", "strategy", "impute", "insist", "vars", "invert"}, param) {
		return ""
	}
	return capital(help)
}

// NameWords is a variable's name for reading.
func NameWords(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		if w == "lga" || w == "evi" || w == "id" {
			words[i] = strings.ToUpper(w)
		}
	}
	return capital(strings.Join(words, " "))
}

// mapWords names what a map can show.
func mapWords(show string) string {
	words := map[string]string{
		"category": "Risk category", "rank": "Risk rank", "nets": "Nets allocated", "coverage": "Coverage of the need, %",
		"missing": "Missing data", "positivity": "Test positivity rate",
	}
	if w, ok := words[show]; ok {
		return w
	}
	return NameWords(show)
}

// kindWords names a kind of table.
func kindWords(kind string) string {
	words := map[string]string{"facilities": "Facility records", "wards": "Ward variables"}
	if w, ok := words[kind]; ok {
		return w
	}
	return capital(kind)
}

// codeWords is the heading over a trouble of a kind.
func codeWords(c problem.Code) string {
	return map[problem.Code]string{
		problem.Usage:       "This can’t be done as it is filled in",
		problem.BadInput:    "The data can’t be used as it is",
		problem.Locked:      "It stays locked",
		problem.NotFound:    "Something is missing",
		problem.Conflict:    "Something stands in the way",
		problem.Store:       "The encrypted store has a problem",
		problem.Remote:      "The other side can’t be reached",
		problem.Interrupted: "Stopped",
	}[c]
}

func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}
