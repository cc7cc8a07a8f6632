package ingest

import (
	"strings"
	"testing"

	"chatmrpt/core/ingest/header"
	"chatmrpt/core/ingest/repair"
	"chatmrpt/core/ingest/value"
	"chatmrpt/core/table"
)

// The rules of spec/analytics.md 1.2 to 1.5 that have no test of their own
// elsewhere, each under its number. Elsewhere are: the twelve indicators and
// those with the dots of R (header), the three layouts (TestLayout…), the order
// of columns (TestWardOrder), values before names (TestStateByItsValues,
// TestLGAByItsValues, TestLevelByItsValues), orgunitlevelN
// (TestHierarchyIsNeverTheLevelOfCare) and the strategies of repeated columns
// (duplicate_test.go).

// 1.2: prefixes of DHIS2 (a state's two letters) and its suffixes.
func TestSpec12PrefixesAndSuffixes(t *testing.T) {
	for _, s := range []string{"kw Kwara State", "ad Adamawa State", "ni Niger State", "yo Yobe State", "kd Kaduna State", "kt Katsina State", "de Delta State",
		"fc Federal Capital Territory", "Kwara State", "KANO", "FCT", "Akwa lbom", "Nassarawa"} {
		if !value.IsState(s) {
			t.Errorf("%q is no state", s)
		}
	}
	r := readText(t, "orgunitlevel2,orgunitlevel3,orgunitlevel4,rdt_tested_u5\nde Delta State,de Aniocha North Local Government Area,de Ezi Ward,1\n", Options{})
	expect(t, "state", role(r, table.RoleState), "orgunitlevel2: de Delta State")
	expect(t, "names stay as given", role(r, table.RoleLGA)+"; "+role(r, table.RoleWard),
		"orgunitlevel3: de Aniocha North Local Government Area; orgunitlevel4: de Ezi Ward")
}

// 1.2: short names of the yearly files and the misspelt "Health Faccility".
func TestSpec12ShortNames(t *testing.T) {
	for name, want := range map[string]table.Role{
		"opd": table.RoleAttendance, "Out.patient.Attendance": table.RoleAttendance, "General Attendance": table.RoleGeneralAttendance,
		"level_of_care": table.RoleLevel, "Level": table.RoleLevel, "facilityname": table.RoleFacility, "Health Faccility": table.RoleFacility,
		"conf_u5": table.PositiveRole(table.RDT, table.Under5), "Persons with fever <5yrs": table.FeverRole(table.Under5),
		"Persons with clinically diagnosed Malaria Preg Women (PW)": table.PresumedRole(table.Pregnant),
	} {
		if g, ok := header.Of(name); !ok || g.Role != want {
			t.Errorf("%q is %q, want %q", name, g.Role, want)
		}
	}
	for _, name := range []string{"PW who received LLIN", "Children <5 yrs who received LLIN", "Inpatient Admissions", "ownership"} {
		if g, ok := header.Of(name); ok {
			t.Errorf("%q is %q, and has no role", name, g.Role)
		}
	}
}

// 1.3: is it a table of malaria tests? Two of the words, and a count.
func TestSpec13IsItMalariaData(t *testing.T) {
	for headers, want := range map[string]bool{
		"Ward;rdt_tested_u5;rdt_positive_u5": true, "Ward;Persons with fever <5yrs;malaria": true,
		"Ward;rainfall;evi": false, "Ward;malaria tpr;fever share": false, "Ward;conf_u5": false, "Ward;RDT stock;LLIN stock": false,
	} {
		if got := holdsCounts(strings.Split(headers, ";")); got != want {
			t.Errorf("%s: %v", headers, got)
		}
	}
}

// 1.3: every alias of an age group, five and over and pregnant women before
// under five, in which "5yrs" would hit them too.
func TestSpec13AgeAliases(t *testing.T) {
	for age, aliases := range map[table.Age][]string{
		table.Under5:   {"<5yrs", "<5 yrs", "<5", "under5", "under 5", "u5", "5 yrs", "5 years", "children"},
		table.Over5:    {"≥5yrs", "≥5", ">=5", ">5", "over5", "over 5", "o5", "5+", "excl pw", "excluding pw", "≥5yrs (excl PW)"},
		table.Pregnant: {"preg women", "women (pw)", "pw", "pregnant", "pregnant women", "anc", "Preg Women (PW)"},
	} {
		for _, a := range aliases {
			if g, ok := header.Of("Persons tested by RDT " + a); !ok || g.Role != table.TestedRole(table.RDT, age) {
				t.Errorf("%q is %q, want %q", a, g.Role, age)
			}
		}
	}
}

// 1.3: values of the level of care.
func TestSpec13LevelValues(t *testing.T) {
	for want, texts := range map[string][]string{
		value.Primary:   {"Primary", "primary", "Primary Health Facility", "PHC", "Primary Health Center"},
		value.Secondary: {"Secondary", "secondary", "Secondary Health Facility", "General Hospital"},
		value.Tertiary:  {"Tertiary", "TERTIARY", "Tertiary Health Facility", "Teaching Hospital", "Federal Medical Center"},
	} {
		for _, s := range texts {
			if got, ok := value.Level(s); !ok || got != want {
				t.Errorf("%q is %q, want %q", s, got, want)
			}
		}
	}
}

// 1.3: forms of the period, in a column of each.
func TestSpec13PeriodForms(t *testing.T) {
	for in, want := range map[string]string{
		"2024": "2024", "202401": "2024-01", "January 2024": "2024-01", "2024-01-01": "2024-01", "2024Q1": "2024-Q1", "2024W5": "2024-W05",
		"January - March 2024": "2024-Q1", "15/01/2024": "2024-01-15",
	} {
		r := readText(t, "State,Ward,periodname,rdt_tested_u5\nKano,A,"+in+",1\n", Options{})
		expect(t, in, role(r, table.RolePeriod), "periodname: "+want)
	}
}

// 1.4: the map of broken symbols, once and twice broken.
func TestSpec14SymbolMap(t *testing.T) {
	for in, want := range map[string]string{
		"â‰¥5yrs": "≥5yrs", "â‰¤5yrs": "≤5yrs", "Ã¢â€°Â¥5yrs": "≥5yrs", "Ã¢â€°Â¤5yrs": "≤5yrs", "≥5yrs": "≥5yrs", "cafÃ©": "café", "café": "café",
	} {
		if got, _ := repair.Header(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// 1.4: "na" that became "0": whole names, their suffix kept, and two medicines;
// no other 0.
func TestSpec14NaWrittenAsZero(t *testing.T) {
	for in, want := range map[string]string{
		"period0me": "periodname", "organisationunit0me": "organisationunitname", "organisationunit0me.1": "organisationunitname.1",
		"categoryoptioncomboid0me": "categoryoptioncomboname", "attributeoptioncomboid0me": "attributeoptioncomboname",
		"Artesu0te injection": "Artesunate injection", "Arte0te": "Artesunate", "ade0": "ade0", "ajan0ku": "ajan0ku", "0me": "0me", "level0": "level0",
	} {
		if got, _ := repair.Header(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// 1.4: what was repaired is counted cell by cell, headers included.
func TestSpec14RepairsAreCounted(t *testing.T) {
	r := readText(t, "State,Ward,RDT tested â‰¥5,note\nKano,cafÃ©,1,x\nKano,cafÃ©,2,naÃ¯ve\nKano,Dala,3,plain\n", Options{})
	for _, repair := range r.Report.Repairs {
		if strings.HasPrefix(repair.What, "characters decoded twice") {
			if repair.Count != 4 || repair.From != "cafÃ©" || repair.To != "café" {
				t.Errorf("%+v", repair)
			}
			return
		}
	}
	t.Errorf("not told: %+v", r.Report.Repairs)
}

// 1.5: text, identical and rate columns, sums, and what repeats nothing, in one
// file as DHIS2 writes it; no row is lost and the report tells of each group.
func TestSpec15CleanerReport(t *testing.T) {
	const pos = "Persons tested positive for malaria by RDT <5yrs"
	r := readText(t, facilityText(pos+","+pos+",owner,owner,reporting rate,reporting rate,version_1.1",
		"2020,,60,0,a,b,50,,1", "2021,,0,100,a,b,,60,1", "2022,,0,110,a,b,70,70,1"), Options{})
	want := map[string]string{pos: Sum, "owner": KeepFirst, "reporting rate": Identical}
	for _, d := range r.Report.Duplicates {
		if want[d.Header] != d.Strategy || d.Reason == "" {
			t.Errorf("%s: %s, because %s", d.Header, d.Strategy, d.Reason)
		}
		delete(want, d.Header)
	}
	if len(want) > 0 || r.Table.Rows() != 3 {
		t.Errorf("not resolved: %v; %d rows", want, r.Table.Rows())
	}
	expect(t, "version_1.1", named(r, "version_1.1"), "1|1|1")
}

// Rows that equal an earlier one are kept and told, with where they stand and
// what they count once more.
func TestRepeatedRowsAreToldWithWhatTheyCount(t *testing.T) {
	r := readText(t, "State,Ward,Facility,periodname,rdt_tested_u5\nKano,A,F,2024-01,5\nKano,A,F,2024-01,5\n\nKano,A,G,2024-01,5\nKano,A,F,2024-01,5\n", Options{})
	if r.Table.Rows() != 4 || r.Report.Repeats == nil {
		t.Fatalf("%d rows, %+v", r.Table.Rows(), r.Report.Repeats)
	}
	if p := r.Report.Repeats; p.Count != 2 || len(p.Rows) != 2 || p.Rows[0] != 3 || p.Rows[1] != 6 || p.Counts[table.TestedRole(table.RDT, table.Under5)] != 10 {
		t.Errorf("%+v", p)
	}
	if r = readText(t, "Ward,rdt_tested_u5\nA,1\nB,1\n", Options{}); r.Report.Repeats != nil {
		t.Errorf("%+v", r.Report.Repeats)
	}
}
