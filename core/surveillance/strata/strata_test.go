package strata

import (
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

// shared/spec/field.md section 3, vector 14, and section 1.4: 35 % is high,
// 34.9 % moderate; the bound is that of the upper class in every scheme.
func TestCutOffsBelongToTheClassAbove(t *testing.T) {
	for name, cases := range map[string]map[float64]string{
		"who-prevalence":      {35: "high", 34.9: "moderate", 10: "moderate", 9.99: "low", 1: "low", 0.5: "very low", 0: "very low", 100: "high"},
		"who-incidence":       {450: "high", 449.9: "moderate", 250: "moderate", 249: "low", 100: "low", 99.9: "very low", 5000: "high"},
		"tanzania-prevalence": {30: "high", 5: "moderate", 4.9: "low", 1: "low", 0.99: "very low"},
		"nigeria-positivity":  {50: "very high", 49.9: "high", 25: "high", 10: "moderate", 9.9: "low"},
		"fixed:20,30":         {19.9: "< 20", 20: "20 – <30", 30: "≥ 30"},
	} {
		s, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		for v, want := range cases {
			if _, got, ok := s.Stratum(v); !ok || got != want {
				t.Errorf("%s: %v is %q, want %q", name, v, got, want)
			}
		}
		if _, _, ok := s.Stratum(math.NaN()); ok {
			t.Errorf("%s: no number has a stratum", name)
		}
		if !strings.Contains(s.Words(), "in the class above it") {
			t.Errorf("%s does not say what a cut-off is: %s", name, s.Words())
		}
	}
}

func TestSchemesAreWhole(t *testing.T) {
	for _, known := range Schemes() {
		s, err := Parse(known.Name)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Names) != len(s.Cuts)+1 || !slices.IsSorted(s.Cuts) || s.Source == "" || s.For == "" || s.Unit == AnyUnit {
			t.Errorf("%+v", s)
		}
		labels := s.Labels()
		if len(labels) != len(s.Names) || len(slices.Compact(slices.Clone(labels))) != len(labels) {
			t.Errorf("%s: labels %q", s.Name, labels)
		}
		last := -1
		for v := -1.0; v < 2000; v += 0.5 {
			k, _, ok := s.Stratum(v)
			if !ok || k < last {
				t.Fatalf("%s: %v is in class %d after %d", s.Name, v, k, last)
			}
			last = k
		}
		if last != len(s.Cuts) {
			t.Errorf("%s: the highest class is not reached", s.Name)
		}
	}
	if got, _ := Parse("who-incidence"); got.Labels()[3] != "high (≥ 450)" {
		t.Errorf("%q", got.Labels())
	}
}

func TestWhatMakesNoStrata(t *testing.T) {
	for _, text := range []string{"", "who", "fixed:", "fixed:a", "fixed:3,2", "fixed:1,1", "fixed:NaN", "fixed:1,Inf"} {
		if _, err := Parse(text); !problem.Is(err, problem.Usage) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
