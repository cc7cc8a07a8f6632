package header

import (
	"slices"
	"strings"

	"chatmrpt/core/table"
)

// indicator reads names such as "Persons tested positive for malaria by RDT
// ≥5yrs (excl PW)" and "conf_u5" word by word.
func indicator(w string) (Guess, bool) {
	if isAttendance(w) {
		return Guess{Role: table.RoleAttendance}, true
	}
	if w == "general attendance" {
		return Guess{Role: table.RoleGeneralAttendance}, true
	}
	if g, ok := ofPopulation(w); ok {
		return g, true
	}
	if isRate(w) || strings.Contains(w, "llin") {
		return Guess{}, false
	}
	age, ok := Age(w)
	if !ok {
		return Guess{}, false
	}
	if strings.Contains(w, "clinically diagnosed") || strings.Contains(w, "presumed") {
		return Guess{Role: table.PresumedRole(age)}, !strings.Contains(w, "treated")
	}
	count, ok := countOf(w)
	if !ok {
		if strings.Contains(w, "fever") {
			return Guess{Role: table.FeverRole(age)}, true
		}
		return Guess{}, false
	}
	test, named := testOf(w)
	if !named {
		// The programme's yearly files count what was confirmed by any test;
		// nearly all of it is RDT, and their own scripts treat it so.
		return Guess{Role: count(table.RDT, age), Rank: Last, Assumed: true}, true
	}
	return Guess{Role: count(test, age)}, true
}

func isAttendance(w string) bool {
	switch w {
	case "out patient attendance", "outpatient attendance", "opd", "opd attendance", "outpatients", "out patients attendance",
		"total opd attendance", "opd total":
		return true
	}
	return false
}

// isRate: a name of a ratio, not of a count that could be summed.
func isRate(w string) bool {
	for _, part := range []string{"rate", "percent", "%", "positivity", "ratio", "proportion", "tpr"} {
		if strings.Contains(w, part) {
			return true
		}
	}
	return false
}

// countOf tells positives from tests. Positives first, because they are
// "tested positive".
func countOf(w string) (func(table.Test, table.Age) table.Role, bool) {
	f := strings.Fields(w)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(s string) bool { return slices.Contains(f, s) })
	}
	switch {
	case has("negative", "treated", "not"):
		return nil, false
	case has("positive", "positives", "pos", "confirmed", "conf"):
		return table.PositiveRole, true
	case has("tested", "tests", "test", "examined", "testing"):
		return table.TestedRole, true
	}
	return nil, false
}

// testOf finds the test named, which may have grown together with its
// neighbours in short names.
func testOf(w string) (table.Test, bool) {
	switch {
	case strings.Contains(w, "rdt"):
		return table.RDT, true
	case strings.Contains(w, "microscop"):
		return table.Microscopy, true
	}
	for f := range strings.FieldsSeq(w) {
		if f == "micro" || f == "mic" || f == "mps" || f == "slide" {
			return table.Microscopy, true
		}
	}
	return "", false
}

// Age finds the age group in a name made of words in lower case. Five and
// over is looked for first, because it says "excl PW"; then pregnant women;
// under five comes last, because "5yrs" stands in "≥5yrs" too.
func Age(w string) (table.Age, bool) {
	squeezed := strings.ReplaceAll(w, " ", "")
	contains := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(squeezed, p) })
	}
	f := strings.Fields(w)
	word := func(words ...string) bool {
		return slices.ContainsFunc(words, func(s string) bool { return slices.Contains(f, s) })
	}
	switch {
	case contains("exclpw", "excludingpw", "excl.pw", "≥5", ">=5", ">5", "over5", "above5", "5+", "5andabove", "5andover", "5yearsandabove"),
		word("o5", "a5", "5plus"):
		return table.Over5, true
	case contains("pregwomen", "pregnant", "womenpw"), word("pw", "anc", "preg"):
		return table.Pregnant, true
	case contains("<5", "under5", "underfive", "below5", "lessthan5", "5yrs", "5years"), word("u5", "children"):
		return table.Under5, true
	}
	return "", false
}

// MeasuresMalaria reports whether a variable's name says that it measures
// malaria itself: a rate of positive tests, burden, incidence or prevalence, as
// computed before by somebody else. Counts of persons are no such measure, and
// neither is what is done against malaria.
func MeasuresMalaria(name string) bool {
	w := words(name)
	f := strings.Fields(w)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(s string) bool { return slices.Contains(f, s) })
	}
	return has("tpr", "tprs", "positivity", "pfpr", "pvpr", "parasitaemia", "parasitemia") ||
		strings.HasPrefix(w, "tpr") && len(f[0]) <= len("tpr2024") ||
		has("malaria") && has("burden", "incidence", "prevalence", "rate", "risk", "cases") || w == "burden" || w == "prevalence" || w == "incidence"
}

// ofPopulation reads names of the population of an age group, or of its share.
func ofPopulation(w string) (Guess, bool) {
	age, ok := Age(w)
	f := strings.Fields(w)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(s string) bool { return slices.Contains(f, s) })
	}
	share := has("share", "percent", "percentage", "pct", "proportion", "prop", "fraction") || strings.Contains(w, "%")
	people := has("population", "pop", "popn")
	other := has("tested", "positive", "pos", "fever", "tpr", "positivity", "rdt", "microscopy", "malaria", "nets", "net", "itn", "llin", "anc", "mortality", "attendance", "conf", "confirmed")
	switch {
	case !ok || other:
		return Guess{}, false
	case share:
		return Guess{Role: table.ShareRole(age), Rank: Alias}, true
	case people:
		return Guess{Role: table.PopulationRole(age)}, true
	}
	return Guess{}, false
}

// CountsNets reports whether a name is that of a number of nets.
func CountsNets(name string) bool {
	return slices.ContainsFunc(strings.Fields(words(name)), func(w string) bool {
		switch w {
		case "net", "nets", "itn", "itns", "llin", "llins", "nnets", "nitn", "nitns", "nllins":
			return true
		}
		return false
	})
}

// IsRate reports whether the name of a malaria measure is that of a share of
// persons, which lies between nothing and all of them.
func IsRate(name string) bool {
	w := words(name)
	return strings.Contains(w, "tpr") || strings.Contains(w, "positivity") || strings.Contains(w, "pfpr") || strings.Contains(w, "pvpr") ||
		strings.Contains(w, "prevalence")
}
