// Package strata holds the classes into which programmes sort areas by how
// much malaria there is: cut-offs with names and sources.
//
// A value on a cut-off belongs to the class above it, "35 % and more is high",
// in every table, map and report; geo/classify.Cuts decides it in one place.
package strata

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/geo/classify"
)

// Unit is what a scheme's cut-offs are in.
type Unit string

// The units. AnyUnit is that of the variable, for a user's own cut-offs.
const (
	Percent     Unit = "per cent"
	PerThousand Unit = "per 1,000 persons a year"
	AnyUnit     Unit = ""
)

// Scheme is a set of strata.
type Scheme struct {
	Name   string
	For    string    // what it was made for, in words
	Unit   Unit      // of the cut-offs
	Cuts   []float64 // ascending
	Names  []string  // one more than cuts, lowest first
	Source string
}

// Schemes lists the known schemes.
func Schemes() []Scheme {
	level := []string{"very low", "low", "moderate", "high"}
	return []Scheme{
		{"who-incidence", "annual parasite incidence", PerThousand, []float64{100, 250, 450}, level,
			"WHO, A framework for malaria elimination, 2017, as cited in PMC7027277; below 100 is very low, nought included"},
		{"who-prevalence", "Plasmodium falciparum prevalence (PfPR)", Percent, []float64{1, 10, 35}, level,
			"WHO, A framework for malaria elimination, 2017, as cited in PMC7027277; below 1 % is very low, nought included"},
		{"tanzania-prevalence", "prevalence in children of 5 to 16 years", Percent, []float64{1, 5, 30}, level,
			"Tanzania's stratification of councils, PMC7206674"},
		{"nigeria-positivity", "test positivity", Percent, []float64{10, 25, 50}, []string{"low", "moderate", "high", "very high"},
			"bands of interpretation of the programme's former web tool; no published source"},
		{"snt-incidence", "annual incidence", PerThousand, []float64{50, 150, 250, 350, 450, 1000}, nil,
			"default bins of the WHO SNT tool (BLSQ snt_development)"},
		{"snt-prevalence", "Plasmodium falciparum prevalence (PfPR)", Percent, []float64{20, 40, 60, 80}, nil,
			"default bins of the WHO SNT tool (BLSQ snt_development)"},
		{"snt-reporting", "reporting rate", Percent, []float64{25, 50, 75}, nil,
			"default bins of the WHO SNT tool (BLSQ snt_development)"},
	}
}

// Names lists the names of the known schemes.
func Names() (names []string) {
	for _, s := range Schemes() {
		names = append(names, s.Name)
	}
	return names
}

// Parse reads the name of a known scheme, or a user's own cut-offs as
// "fixed:10,20,50".
func Parse(text string) (Scheme, error) {
	for _, s := range Schemes() {
		if s.Name == text {
			return s.named()
		}
	}
	bad := problem.New(problem.Usage, "", "--bands", strconv.Quote(text)+" is no set of strata",
		"Give one of "+strings.Join(Names(), ", ")+", or your own cut-offs as fixed:10,20,50")
	rest, ok := strings.CutPrefix(text, "fixed:")
	if !ok {
		return Scheme{}, bad
	}
	s := Scheme{Name: text, For: "cut-offs of the user's own", Source: "chosen by the user"}
	for part := range strings.SplitSeq(rest, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return Scheme{}, bad
		}
		s.Cuts = append(s.Cuts, v)
	}
	named, err := s.named()
	if err != nil {
		return Scheme{}, bad.Because(err)
	}
	return named, nil
}

// named gives nameless strata the words of their bounds.
func (s Scheme) named() (Scheme, error) {
	b, err := s.Breaks()
	if err == nil && s.Names == nil {
		s.Names = b.Labels(-1)
	}
	return s, err
}

// Breaks are the classes of the scheme, in its unit.
func (s Scheme) Breaks() (classify.Breaks, error) { return classify.Cuts(s.Cuts...) }

// Labels are the names with their bounds, lowest first, for a legend.
func (s Scheme) Labels() []string {
	b, err := s.Breaks()
	if err != nil {
		return nil
	}
	out := b.Labels(-1)
	for i := range out {
		if s.Names[i] != out[i] {
			out[i] = s.Names[i] + " (" + out[i] + ")"
		}
	}
	return out
}

// Words names the scheme with its source and says what a value on a cut-off
// is.
func (s Scheme) Words() string {
	b, _ := s.Breaks()
	unit := ""
	if s.Unit != AnyUnit {
		unit = " in " + string(s.Unit)
	}
	return fmt.Sprintf("%s: made for %s%s, cut at %s; %s. %s", s.Name, s.For, unit, joined(s.Cuts), s.Source, b.Inclusion())
}

func joined(cuts []float64) string {
	parts := make([]string, len(cuts))
	for i, c := range cuts {
		parts[i] = strconv.FormatFloat(c, 'g', -1, 64)
	}
	return strings.Join(parts, ", ")
}

// Stratum is the number of the class of v, counted from 0 for the lowest, and
// its name; false for a value that is not a number.
func (s Scheme) Stratum(v float64) (int, string, bool) {
	b, err := s.Breaks()
	if err != nil {
		return 0, "", false
	}
	k := b.Class(v)
	if k < 0 || k >= len(s.Names) {
		return 0, "", false
	}
	return k, s.Names[k], true
}

// Highest reports whether name is that of the highest stratum.
func (s Scheme) Highest(name string) bool { return slices.Index(s.Names, name) == len(s.Names)-1 }
