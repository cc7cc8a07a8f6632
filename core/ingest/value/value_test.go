package value

import (
	"math"
	"strings"
	"testing"
)

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		in    string
		style Style
		want  float64
	}{
		{"0", Point, 0}, {"12", Point, 12}, {"-3", Point, -3}, {"+3", Point, 3}, {"007", Point, 7},
		{" 12 ", Point, 12}, {"1.50", Point, 1.5}, {".5", Point, .5}, {"5.", Point, 5},
		{"1,234", Point, 1234}, {"1,234,567.5", Point, 1234567.5}, {"1 234", Point, 1234},
		{"1\u00a0234\u00a0567", Point, 1234567}, {"1\u202f234", Point, 1234}, {"\u22125", Point, -5},
		{"45%", Point, 45}, {"45.5 %", Point, 45.5}, {"1.2E+05", Point, 120000}, {"1e-3", Point, .001},
		{"3,5", Comma, 3.5}, {"1.234,5", Comma, 1234.5}, {"1.234", Comma, 1234}, {"1 234,5", Comma, 1234.5},
		{"0,25%", Comma, .25},
	} {
		if got, ok := Number(c.in, c.style); !ok || got != c.want {
			t.Errorf("Number(%q, %d) = %v, %v; want %v", c.in, c.style, got, ok, c.want)
		}
	}
	for _, s := range []string{
		"", "-", "abc", "12a", "1,23", "12,34,567", ",5", "1,,234", "1.2.3", "0x10", "1_000", "inf", "NaN", "Infinity",
		"1e999", "e5", "1e", "1 23", "--5", "%", ".", "12 persons", "<5", "1,234.5,6", "2024-01", "١٢",
		strings.Repeat("9", 500),
	} {
		if got, ok := Number(s, Point); ok {
			t.Errorf("Number(%q) = %v, want none", s, got)
		}
	}
}

func TestMissingIsNotZero(t *testing.T) {
	for _, s := range []string{"", " ", "NA", "N/A", "n/a", "#N/A", "-", "--", "–", ".", "..", "null", "None", "nan", "No data"} {
		if !IsMissing(s) {
			t.Errorf("%q is not missing", s)
		}
	}
	for _, s := range []string{"0", "0.0", "Nasarawa", "Nil Ward", "NAN Clinic", "no", "Dash-", "unknown"} {
		if IsMissing(s) {
			t.Errorf("%q is missing", s)
		}
	}
}

func TestStyleOf(t *testing.T) {
	for in, want := range map[string]Evidence{
		"3.5": ForPoint, "1,234.5": ForPoint, "12.3456": ForPoint, "0.500": ForPoint, "1234.567": ForPoint,
		"3,5": ForComma, "1.234,5": ForComma, "0,500": ForComma, "12,34%": ForComma,
		"1,234": Undecided, "1.234": Undecided, "123,456": Undecided,
		"12": Neither, "abc": Neither, "01.02.2024": Neither, "a,5": Neither, "5,": Neither, "Ward 3.5": Neither,
	} {
		if got := StyleOf(in); got != want {
			t.Errorf("StyleOf(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestPeriod(t *testing.T) {
	for in, want := range map[string]string{
		"2024": "2024", "2024.0": "2024", " 2024 ": "2024",
		"202403": "2024-03", "2024-03": "2024-03", "2024/03": "2024-03", "2024.03": "2024-03", "03/2024": "2024-03", "3-2024": "2024-03",
		"March 2024": "2024-03", "mar 2024": "2024-03", "Mar-24": "2024-03", "MAR24": "2024-03", "Sept 2023": "2023-09",
		"march, 2024": "2024-03", "2024 March": "2024-03", "Mar '24": "2024-03", "May 2024": "2024-05",
		"2024-03-05": "2024-03-05", "2024/3/5": "2024-03-05", "20240305": "2024-03-05", "2024-03-05T00:00:00": "2024-03-05",
		"2024-03-05 00:00:00": "2024-03-05", "31/12/2024": "2024-12-31", "1/2/2024": "2024-02-01", "01-02-24": "2024-02-01",
		"2024Q1": "2024-Q1", "2024-Q4": "2024-Q4", "2024 q2": "2024-Q2", "Q3 2024": "2024-Q3", "Q1-2024": "2024-Q1", "Quarter 2, 2024": "2024-Q2",
		"January - March 2024": "2024-Q1", "Oct to Dec 2023": "2023-Q4", "July 2024 - September 2024": "2024-Q3", "Apr-Jun 2024": "2024-Q2",
		"2024W5": "2024-W05", "2024W05": "2024-W05", "2024-W52": "2024-W52", "2020W53": "2020-W53", "W5 2024": "2024-W05", "Week 12, 2024": "2024-W12",
		"Week 5 2024-01-29 - 2024-02-04": "2024-W05", "Epi week 9 2024": "2024-W09",
		"5 March 2024": "2024-03-05", "05-Mar-24": "2024-03-05", "March 5, 2024": "2024-03-05",
	} {
		if got, ok := Period(in, DayFirst); !ok || got != want {
			t.Errorf("Period(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, s := range []string{
		"", "24", "202413", "202400", "2024-13", "1899", "2150", "31/02/2024", "2024-02-30", "Marchy 2024", "12345", "Unknown",
		"2024Q5", "2024W54", "2023W53", "2024W0", "Q12024", "January - April 2024", "April - March 2024", "12/31/2024", "Clinic 2024", "2024-03-05-06", "n/a", strings.Repeat("1", 60),
	} {
		if got, ok := Period(s, DayFirst); ok {
			t.Errorf("Period(%q) = %q, want none", s, got)
		}
	}
	if got, _ := Period("12/31/2024", MonthFirst); got != "2024-12-31" {
		t.Errorf("month first gives %q", got)
	}
}

func TestOrderOfDates(t *testing.T) {
	if o, ok := OrderOf("31/12/2024"); !ok || o != DayFirst {
		t.Error("31/12 does not decide for day first")
	}
	if o, ok := OrderOf("12/31/2024"); !ok || o != MonthFirst {
		t.Error("12/31 does not decide for month first")
	}
	if _, ok := OrderOf("1/2/2024"); ok || !Ambiguous("1/2/2024") || Ambiguous("2/2/2024") || Ambiguous("31/12/2024") || Ambiguous("2024") {
		t.Error("which dates read either way is wrong")
	}
}

func TestDate(t *testing.T) {
	// 45292 is 2024-01-01 in every spreadsheet program; 61 is 1900-03-01.
	for days, want := range map[float64]string{45292: "2024-01-01", 45292.75: "2024-01-01", 61: "1900-03-01", 2: "1900-01-01", 2958465: "9999-12-31"} {
		if got, ok := Date(days); !ok || got != want {
			t.Errorf("Date(%v) = %q, %v; want %q", days, got, ok, want)
		}
	}
	for _, days := range []float64{0, -1, 2958466, math.NaN(), math.Inf(1)} {
		if got, ok := Date(days); ok {
			t.Errorf("Date(%v) = %q", days, got)
		}
	}
}

func TestCanonicalPeriod(t *testing.T) {
	for p, want := range map[string]bool{"2024": true, "2024-Q1": true, "2024-W05": true, "2024-W5": false, "2024Q1": false, "2024-03": true, "2024-03-05": true, "202403": false, "March 2024": false, "2024-3": false, "": false} {
		if IsCanonicalPeriod(p) != want {
			t.Errorf("IsCanonicalPeriod(%q) = %v", p, !want)
		}
	}
}

func TestLevel(t *testing.T) {
	for in, want := range map[string]string{
		"Primary": Primary, "primary": Primary, "Primary Health Facility": Primary, "PHC": Primary, "Primary  Health Centre": Primary,
		"Secondary": Secondary, "Secondary Health Facility": Secondary, "General Hospital": Secondary,
		"Tertiary": Tertiary, "Tertiary Health Facility": Tertiary, "Teaching Hospital": Tertiary, "Federal Medical Center": Tertiary,
	} {
		if got, ok := Level(in); !ok || got != want {
			t.Errorf("Level(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	// The name of a facility is no level, nor is an LGA.
	for _, s := range []string{"Ajingi Primary Health Center", "General Hospital Ilorin", "kw Offa Local Government Area", "Private", "", "4"} {
		if got, ok := Level(s); ok {
			t.Errorf("Level(%q) = %q, want none", s, got)
		}
	}
}

func TestIsState(t *testing.T) {
	for _, s := range []string{
		"Kano", "kn Kano State", "KANO", "Akwa Ibom", "ak Akwa lbom State", "Cross River", "Cross-River", "Nassarawa",
		"Federal Capital Territory", "fc Federal Capital Territory", "FCT", "FCT, Abuja", "ni Niger State", "Zamfara State",
	} {
		if !IsState(s) {
			t.Errorf("%q is no state", s)
		}
	}
	for _, s := range []string{
		"", "Kan", "Ajingi", "kn Ajingi Local Government Area", "State", "Kano Kano", "Dala", "kn", "Kano Municipal", "oyo east",
		"Kanò", "ogun ondo",
	} {
		if IsState(s) {
			t.Errorf("%q is a state", s)
		}
	}
}

func TestUnknownPlacesAndTotals(t *testing.T) {
	for _, s := range []string{"Unknown", "unknown ward", "kw Unknown Ward", "N/A", "", "not specified"} {
		if !IsUnknownPlace(s) {
			t.Errorf("%q is a known place", s)
		}
	}
	for _, s := range []string{"Dala", "kn Dala Ward", "Unknown Soldier"} {
		if IsUnknownPlace(s) {
			t.Errorf("%q is an unknown place", s)
		}
	}
	if !IsTotal("Grand Total") || IsTotal("Totalawa") {
		t.Error("totals are told wrongly")
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1,234.5", "1.234,5", "45%", "-0", "1e400", "1 234", "٣", "0x1p-2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, style := range []Style{Point, Comma} {
			if v, ok := Number(s, style); ok && (math.IsNaN(v) || math.IsInf(v, 0) || !strings.ContainsAny(s, "0123456789")) {
				t.Fatalf("%q is read as %v", s, v)
			}
		}
		StyleOf(s)
	})
}

func FuzzPeriod(f *testing.F) {
	for _, s := range []string{"2024", "202403", "Mar-24", "31/12/2024", "2024-03-05T00:00", "'24", "30 feb 2024"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, order := range []Order{DayFirst, MonthFirst} {
			if p, ok := Period(s, order); ok && !IsCanonicalPeriod(p) {
				t.Fatalf("%q gives %q, which is not canonical", s, p)
			}
		}
		OrderOf(s)
		Ambiguous(s)
	})
}

func TestLGAs(t *testing.T) {
	for _, s := range []string{"Aba North", "kn Dala Local Government Area", "fagge", "Abuja Municipal", "kw Ilorin West LGA", "Ifako-Ijaye", "Uhunmwonde"} {
		if !IsLGA(s) {
			t.Errorf("%q is no LGA", s)
		}
	}
	for _, s := range []string{"", "Kano State", "Gobirawa", "Dala Ward", "kn", "Aba", "Nord", "# The 774 local government areas of Nigeria, letters only; names that recur stand once."} {
		if IsLGA(s) {
			t.Errorf("%q is an LGA", s)
		}
	}
	if n := strings.Count(lgas, "\n"); n != 769 { // 774 names, of which six recur, and a line of explanation
		t.Errorf("%d lines", n)
	}
}
