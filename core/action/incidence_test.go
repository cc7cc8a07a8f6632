package action

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// withPresumed imports the counts of the formula sheet for Afon: in the one
// month of 2024, or in as many as are given, 400 confirmed of 800 tests, 100
// presumed, 1,000 with fever, reported by 8 of 10 facilities.
func withPresumed(t *testing.T, population string, months ...string) *bench {
	t.Helper()
	b := newBench(t)
	text := lines("State,LGA,WardName,HealthFacility,periodname,Persons presenting with fever & tested by RDT <5yrs,Persons tested positive for malaria by RDT <5yrs," +
		"Persons with clinically diagnosed Malaria <5yrs,Persons with fever <5yrs,Out-patient Attendance")
	for _, m := range months {
		for f := range 8 {
			text += fmt.Sprintf("Kwara,Asa,Afon,F%d,%s,100,50,12.5,125,400\n", f, m)
		}
	}
	for f := range 10 { // the month that makes ten facilities known
		text += fmt.Sprintf("Kwara,Asa,Afon,F%d,2020-01,1,0,0,1,1\n", f)
	}
	b.do(&Import{Files: []string{b.write("wards.geojson", threeWards()), b.write("records.csv", text), b.write("people.csv", population)}})
	b.do(&Match{})
	return b
}

func incidenceOf(step, period string) *Positivity {
	a := measureOfAll("incidence", period)
	a.Adjust, a.Expected, a.Public, a.Private, a.NoCare = step, "ever", "0.6", "0.25", "0.15"
	return a
}

// shared/spec/field.md section 3, vectors 1 to 4, through the act: the cases,
// and the rates per 1,000 of 20,000, here as those of a month times twelve.
func TestIncidenceOfTheFormulaSheet(t *testing.T) {
	b := withPresumed(t, people(20000, 1, 1), "2024-03")
	for k, want := range []float64{400, 450, 562.5, 937.5, 703.125, 632.8125} {
		step := fmt.Sprintf("n%d", k)
		b.do(incidenceOf(step, "2024"))
		got := b.table(workspace.KindPositivity, "")
		if v := numbers(t, got, step)[0]; math.Abs(v-want) > 1e-9 {
			t.Errorf("%s: %v cases, want %v", step, v, want)
		}
		if v := numbers(t, got, "value")[0]; math.Abs(v-12*want/20) > 1e-9 {
			t.Errorf("%s: %v per 1,000 a year, want %v", step, v, 12*want/20)
		}
		if r := numbers(t, got, "reporting_rate")[0]; r != 0.8 {
			t.Errorf("reporting rate %v", r)
		}
		if v, err := b.catalogue().find("test", "incidence"); err != nil || v.role != table.RoleMalaria {
			t.Errorf("incidence as a variable: %+v %v", v, err)
		}
	}
	a := incidenceOf("n1", "2024")
	a.Untested = "suspected"
	r := b.do(a)
	if v := numbers(t, b.table(workspace.KindPositivity, ""), "n1")[0]; v != 500 {
		t.Errorf("with suspected cases N1 is %v, want 500", v)
	}
	if !slices.ContainsFunc(r.Notices, func(s string) bool {
		return strings.Contains(s, "N1 = N0 + (persons with fever − persons tested) × positivity")
	}) {
		t.Errorf("the steps are not told: %q", r.Notices)
	}
	if !slices.ContainsFunc(r.Notices, func(s string) bool { return strings.Contains(s, "whose year neither the file nor the column names") }) {
		t.Errorf("the year of the population is not told: %q", r.Notices)
	}
}

// A silent month lowers the reporting rate of the year; by month it has no
// value.
func TestIncidenceByMonthAndYear(t *testing.T) {
	b := withPresumed(t, people(20000, 1, 1), "2024-03", "2024-05")
	a := incidenceOf("n2", "2024")
	a.Per = "month"
	b.do(a)
	got := b.table(workspace.KindSeries, "")
	if v := numbers(t, got, "n2"); v[0] != 562.5 || v[3] != 562.5 || !math.IsNaN(v[1]) {
		t.Errorf("months %v", v)
	}
	b.do(incidenceOf("n2", "2024"))
	whole := b.table(workspace.KindPositivity, "")
	if n := numbers(t, whole, "n2")[0]; math.Abs(n-900/0.8) > 1e-9 {
		t.Errorf("the year has N2 %v, want 900 ÷ 16/20", n)
	}
	if v := numbers(t, whole, "value")[0]; math.Abs(v-900/0.8*6/20) > 1e-9 {
		t.Errorf("two months are %v per 1,000 a year", v)
	}
	if s := texts(t, whole, "source"); s[1] != "no data" {
		t.Errorf("a ward without reports: %q", s[1])
	}
}

func TestIncidenceNeedsItsChoices(t *testing.T) {
	b := withPresumed(t, people(20000, 1, 1), "2024-03")
	for name, change := range map[string]func(*Positivity){
		"no step": func(a *Positivity) { a.Adjust = "" }, "no shares": func(a *Positivity) { a.Public = "" }, "no private share": func(a *Positivity) { a.Private = "" },
		"a share above one": func(a *Positivity) { a.Public = "1.5" }, "nobody's share": func(a *Positivity) { a.NoCare = "-0.1" },
	} {
		a := incidenceOf("n3", "2024")
		change(a)
		t.Run(name, func(t *testing.T) { b.t = t; b.refuse(a, problem.Usage) })
	}
	b.t = t
	a := incidenceOf("n3", "2024")
	a.Public = "no_such_variable"
	b.refuse(a, problem.NotFound)
}

// The urban rule replaces the positivity of wards that are urban and above the
// limit by the larger positives per out-patient, and marks them.
func TestUrbanRule(t *testing.T) {
	b := newBench(t)
	head := "State,LGA,WardName,HealthFacility,periodname,Persons presenting with fever & tested by RDT <5yrs,Persons tested positive for malaria by RDT <5yrs,Out-patient Attendance"
	b.do(&Import{Files: []string{b.write("wards.geojson", threeWards()),
		b.write("records.csv", lines(head, "Kwara,Asa,Afon,A,2024,100,80,400", "Kwara,Asa,Budo,B,2024,100,80,400", "Kwara,Asa,Owode,O,2024,100,50,400")),
		b.write("urban.csv", lines("State,LGA,Ward,urban_percentage,evi", "Kwara,Asa,Afon,31,1", "Kwara,Asa,Budo,30,2", "Kwara,Asa,Owode,90,3"))}})
	b.do(&Match{})
	a := measureOfAll("positivity", "2024")
	a.UrbanOPD = true
	r := b.do(a)
	got := b.table(workspace.KindPositivity, "")
	if v := numbers(t, got, "value"); !slices.Equal(v, []float64{0.2, 0.8, 0.5}) {
		t.Errorf("values %v: 31 %% urban at 80 %% is replaced, 30 %% urban is not, nor is a positivity of 50 %%", v)
	}
	if s := texts(t, got, "source"); !slices.Equal(s, []string{sourceUrban, "facility", "facility"}) {
		t.Errorf("sources %q", s)
	}
	if !slices.ContainsFunc(r.Notices, func(s string) bool {
		return strings.Contains(s, "in wards more than 30 % urban with a positivity above 50 %") && strings.Contains(s, "Applied to 1 figure")
	}) {
		t.Errorf("the rule is not printed: %q", r.Notices)
	}
}

// Strata say which class holds a value on a cut-off, and keep no data apart.
func TestStrataOfAVariable(t *testing.T) {
	b := newBench(t)
	b.facilities([]monthReport{{"Afon", "A", "2024", 100, 35}, {"Budo", "B", "2024", 1000, 349}})
	b.do(measureOfAll("positivity", "2024"))
	r := b.do(&Strata{Of: "positivity", Bands: "who-prevalence"})
	got := b.table(workspace.KindStrata, "")
	if c := texts(t, got, "category"); !slices.Equal(c, []string{"high", "moderate", "no data"}) {
		t.Errorf("35 %%, 34.9 %% and no data are %q", c)
	}
	for _, want := range []string{"A value on a cut-off is in the class above it.", "These strata were made for Plasmodium falciparum prevalence (PfPR); what is sorted is positivity"} {
		if !slices.ContainsFunc(r.Notices, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("not said: %s", want)
		}
	}
	if r.Summary != "Wards by positivity, who-prevalence: high 1, moderate 1, low 0, very low 0, no data 1." {
		t.Error(r.Summary)
	}
	b.refuse(&Strata{Of: "positivity", Bands: "who-incidence"}, problem.Usage)
	b.refuse(&Strata{Of: "burden", Bands: "who-incidence"}, problem.NotFound)
	// The map draws the same classes, with the same names.
	m := mapOf("positivity")
	m.Classes = "strata:who-prevalence"
	if text := pageText(b.do(m).Scene); !strings.Contains(text, "high (≥ 35)") || !strings.Contains(text, "in the class above it") {
		t.Errorf("the map's legend: %s", text)
	}
}

func TestSeasonOfAWard(t *testing.T) {
	b := newBench(t)
	var rows []monthReport
	profile := [12]int{0, 0, 5, 20, 60, 110, 200, 250, 170, 50, 5, 0}
	for m := range 36 {
		rows = append(rows, monthReport{"Afon", "A", fmt.Sprintf("%d-%02d", 2022+m/12, m%12+1), 300, profile[m%12]})
	}
	rows = append(rows, monthReport{"Budo", "B", "2022-03", 10, 5})
	b.facilities(rows)
	a := NewSeasonality()
	a.Selection = everyone("")
	r := b.do(a)
	got := b.table(workspace.KindSeason, "")
	if v := numbers(t, got, "value"); v[0] != 730.0/870 || !math.IsNaN(v[1]) {
		t.Errorf("shares %v, want 730/870 (vector 13) and none", v)
	}
	if s := texts(t, got, "eligible"); !slices.Equal(s, []string{"yes", "unknown", "unknown"}) {
		t.Errorf("eligible %q", s)
	}
	if s := texts(t, got, "steady"); s[0] != "yes" || s[1] != "fewer than 36 months" {
		t.Errorf("steady %q", s)
	}
	if s := texts(t, got, "onset"); s[0] != "June" || !strings.Contains(r.Summary, "60 % or more of the year in 4 months in a row") {
		t.Errorf("onset %q, %s", s[0], r.Summary)
	}
	a.Share = 80
	b.refuse(a, problem.Usage)
	a.Rule, a.Months = "own", 2
	b.do(a)
	if s := texts(t, b.table(workspace.KindSeason, ""), "eligible"); s[0] != "no" { // 450 of 870 in two months
		t.Errorf("80 %% in two months: %q", s[0])
	}
}

func TestFunnelPlacesWards(t *testing.T) {
	b := newBench(t)
	b.facilities([]monthReport{{"Afon", "A", "2024", 1000, 400}, {"Budo", "B", "2024", 1000, 300}, {"Owode", "O", "2024", 10, 4}})
	b.do(measureOfAll("positivity", "2024"))
	r := b.do(&Funnel{})
	got := b.table(workspace.KindFunnel, "")
	// Target 704/2010; at 1,000 tests z is ±(0.4 − target)/√(target·(1 − target)/1000).
	target := 704.0 / 2010
	if z := numbers(t, got, "z"); math.Abs(z[0]-(0.4-target)/math.Sqrt(target*(1-target)/1000)) > 1e-12 {
		t.Errorf("z %v", z)
	}
	if p := texts(t, got, "place"); !slices.Equal(p, []string{"above the 99.8 % limit", "below the 99.8 % limit", "within limits"}) {
		t.Errorf("places %q", p)
	}
	if f := texts(t, got, "flag"); f[2] != "fewer than 30" {
		t.Errorf("flags %q", f)
	}
	if !strings.HasPrefix(r.Summary, "Funnel of positivity_all_u5_rdt_2024 around 35.0 %") {
		t.Error(r.Summary)
	}
	b = newBench(t)
	b.facilities([]monthReport{{"Afon", "A", "2024", 1000, 400}}, people(1, 1, 1))
	b.do(measureOfAll("burden", "2024"))
	b.refuse(&Funnel{Of: "burden_all_u5_rdt_2024"}, problem.BadInput)
}
