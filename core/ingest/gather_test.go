package ingest

import (
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// The layout of the programme's pbi_distribution files (spec/analytics.md 5.1):
// a row per registration, the persons of each family.
const registrations = "AdminLevel1,AdminLevel2,AdminLevel3,N_FamilyMembers,N_Nets,AvgLatitude,Team\n" +
	"Kano,Dala,Gobirawa,5,2,12.01,T1\nKano,Dala,Gobirawa,7,3,12.02,T1\nKano,Dala,Dala,4,2,12.0,T2\n" +
	"Kano,Fagge,Dala,6,3,12.1,T2\nKano,Dala,Gobirawa,,1,12.03,T1\nKano,Fagge,Yammata,,,12.2,T3\nKano,Dala,,9,4,12.0,T3\n"

func TestNetCampaignBecomesPopulation(t *testing.T) {
	for _, kind := range []Kind{"", Nets} {
		r := readText(t, registrations, Options{Kind: kind})
		if r.Kind != Population || r.Table.Rows() != 5 {
			t.Fatalf("kind %s, %d rows", r.Kind, r.Table.Rows())
		}
		expect(t, "ward", role(r, table.RoleWard), "AdminLevel3: Gobirawa|Dala|Dala|Yammata|·")
		expect(t, "lga", role(r, table.RoleLGA), "AdminLevel2: Dala|Dala|Fagge|Fagge|Dala")
		expect(t, "population", role(r, table.RolePopulation), "population: 12|4|6|·|9")
		expect(t, "registrations", named(r, "registrations"), "3|1|1|1|1")
		expect(t, "nets", named(r, "N_Nets"), "6|2|3|·|4")
		if w, ok := warning(r, WarnGathered); !ok || w.Count != 7 || r.Report.Rows.Gathered != 7 {
			t.Errorf("%+v, %+v", w, r.Report.Rows)
		}
		if w, ok := warning(r, WarnRegistered); !ok || w.Count != 2 {
			t.Errorf("registrations without persons: %+v", w)
		}
		if got := strings.Join(r.Report.Dropped, "; "); !strings.Contains(got, "AvgLatitude") || !strings.Contains(got, "Team") {
			t.Errorf("dropped: %s", got)
		}
		checkReport(t, r)
	}
	// Persons under another name, said by the person.
	text := strings.Replace(registrations, "N_FamilyMembers", "HH", 1)
	_, err := Read(t.Context(), "f.csv", []byte(text), Options{Kind: Nets})
	checkProblem(t, "no persons", err, problem.BadInput, "registered=HEADER")
	r := readText(t, text, Options{Kind: Nets, Columns: map[table.Role]string{table.RoleRegistered: "HH"}})
	expect(t, "population", role(r, table.RolePopulation), "population: 12|4|6|·|9")
}

// No person is lost or made up by the sums, whatever the rows.
func TestSumsByWardKeepEveryPerson(t *testing.T) {
	var b strings.Builder
	b.WriteString("State,LGA,Ward,N_FamilyMembers\n")
	total := 0
	for i := range 1000 {
		n := i * 7919 % 11
		total += n
		b.WriteString("Kano,L" + string(rune('A'+i%5)) + ",W" + string(rune('A'+i*31%17)) + "," + formatNumber(float64(n)) + "\n")
	}
	r := readText(t, b.String(), Options{})
	c, _ := r.Table.Role(table.RolePopulation)
	sum := 0.0
	for i := range c.Len() {
		v, _ := c.Number(i)
		sum += v
	}
	if sum != float64(total) || r.Table.Rows() != 85 {
		t.Errorf("%v persons in %d wards of %d in 85", sum, r.Table.Rows(), total)
	}
}

func TestPopulationByAge(t *testing.T) {
	r := readText(t, "State,LGA,Ward,Population,Population under 5,Pregnant women population\nKano,Dala,A,1000,190,50\nKano,Dala,B,500,,\n", Options{})
	if r.Kind != Population {
		t.Errorf("kind %s", r.Kind)
	}
	expect(t, "all", role(r, table.RolePopulation), "Population: 1000|500")
	expect(t, "children", role(r, table.PopulationRole(table.Under5)), "Population under 5: 190|·")
	expect(t, "pregnant women", role(r, table.PopulationRole(table.Pregnant)), "Pregnant women population: 50|·")
}

// Shares become persons, whether they are written as shares or per cent; where
// one of the two is missing the persons are too.
func TestAgeSharesBecomePersons(t *testing.T) {
	for name, text := range map[string]string{
		"shares":   "Ward,Population,share of under 5,pct pregnant women\nA,1000,0.2,0.05\nB,500,,0.05\nC,,0.2,0.04\n",
		"per cent": "Ward,Population,% under 5,Percent pregnant women\nA,1000,20,5\nB,500,,5\nC,,20,4\n",
	} {
		r := readText(t, text, Options{})
		expect(t, name+", children", role(r, table.PopulationRole(table.Under5)), "population_u5: 200|·|·")
		expect(t, name+", pregnant women", role(r, table.PopulationRole(table.Pregnant)), "population_pw: 50|25|·")
		if w, ok := warning(r, WarnAgeShare); !ok || w.Count != 1 {
			t.Errorf("%s: %+v", name, w)
		}
		checkReport(t, r)
	}
	r := readText(t, "Ward,share of under 5\nA,0.2\n", Options{})
	expect(t, "a share of nothing known", role(r, table.PopulationRole(table.Under5)), "no column")
	expect(t, "stays a share", role(r, table.ShareRole(table.Under5)), "share of under 5: 0.2")
}
