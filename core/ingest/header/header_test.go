package header

import (
	"strings"
	"testing"

	"chatmrpt/core/table"
)

// indicators are the twelve names of the DHIS2 data set, in its own wording:
// "&" for RDT and "and" for microscopy (spec/analytics.md 1.2).
func indicators() map[string]table.Role {
	ages := map[table.Age]string{table.Under5: "<5yrs", table.Over5: "≥5yrs (excl PW)", table.Pregnant: "Preg Women (PW)"}
	out := map[string]table.Role{}
	for a, words := range ages {
		out["Persons presenting with fever & tested by RDT "+words] = table.TestedRole(table.RDT, a)
		out["Persons presenting with fever and tested by Microscopy "+words] = table.TestedRole(table.Microscopy, a)
		out["Persons tested positive for malaria by RDT "+words] = table.PositiveRole(table.RDT, a)
		out["Persons tested positive for malaria by Microscopy "+words] = table.PositiveRole(table.Microscopy, a)
		out["Persons with fever "+words] = table.FeverRole(a)
		out["Persons with clinically diagnosed Malaria "+words] = table.PresumedRole(a)
	}
	return out
}

func TestIndicatorsInDHIS2Wording(t *testing.T) {
	for name, want := range indicators() {
		if g, ok := Of(name); !ok || g.Role != want || g.Assumed {
			t.Errorf("%q is %q, want %q", name, g.Role, want)
		}
	}
}

// asInR is what R's make.names leaves of a name.
func asInR(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' {
			return r
		}
		return '.'
	}, name)
}

func TestIndicatorsWithTheDotsOfR(t *testing.T) {
	for name, want := range indicators() {
		if g, ok := Of(asInR(name)); !ok || g.Role != want {
			t.Errorf("%q is %q, want %q", asInR(name), g.Role, want)
		}
	}
	if g, _ := Of("Out.patient.Attendance"); g.Role != table.RoleAttendance {
		t.Errorf("Out.patient.Attendance is %q", g.Role)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]table.Role{
		"State": table.RoleState, "StateName": table.RoleState, "state_name": table.RoleState, "ADM1_EN": table.RoleState, "NAME_1": table.RoleState,
		"LGA": table.RoleLGA, "lga_name": table.RoleLGA, "LGAName": table.RoleLGA, "LocalGovernment": table.RoleLGA, "local_government": table.RoleLGA,
		"ADM2_EN": table.RoleLGA, "LGA of residence": table.RoleLGA,
		"WardName": table.RoleWard, "Ward": table.RoleWard, "ward_name": table.RoleWard, "Ward Name": table.RoleWard, "adm3_02": table.RoleWard,
		"NAME_3": table.RoleWard, "Health ward": table.RoleWard,
		"WardCode": table.RoleWardCode, "Ward_ID": table.RoleWardCode, "Admin3Pcod": table.RoleWardCode, "StateCode": table.RoleStateCode, "LGACode": table.RoleLGACode,
		"HealthFacility": table.RoleFacility, "Health Faccility": table.RoleFacility, "facilityname": table.RoleFacility, "organisationunitname": table.RoleFacility, "hfname": table.RoleFacility,
		"FacilityLevel": table.RoleLevel, "Facility level": table.RoleLevel, "level_of_care": table.RoleLevel, "Level": table.RoleLevel,
		"periodname": table.RolePeriod, "periodcode": table.RolePeriod, "Period": table.RolePeriod, "year": table.RolePeriod, "PeriodName": table.RolePeriod,
		"Population": table.RolePopulation, "pop": table.RolePopulation, "total_population": table.RolePopulation,
		"urban_percentage": table.RoleUrban, "urbanPercentage": table.RoleUrban, "urban_pct": table.RoleUrban, "UrbanPercent": table.RoleUrban,
		"opd": table.RoleAttendance, "Out-patient Attendance": table.RoleAttendance, "General Attendance": table.RoleGeneralAttendance,
		// Short names, the test grown together with the age.
		"rdt_tested_u5": table.TestedRole(table.RDT, table.Under5), "tested_rdt_o5": table.TestedRole(table.RDT, table.Over5),
		"micro_pos_pw": table.PositiveRole(table.Microscopy, table.Pregnant), "conf_rdt_u5": table.PositiveRole(table.RDT, table.Under5),
		"RDT positive >5": table.PositiveRole(table.RDT, table.Over5), "RDT positive 5+": table.PositiveRole(table.RDT, table.Over5),
		"RDT tested under 5": table.TestedRole(table.RDT, table.Under5), "Microscopy tested, pregnant women": table.TestedRole(table.Microscopy, table.Pregnant),
		"RDT tested over 5": table.TestedRole(table.RDT, table.Over5), "RDT tested children": table.TestedRole(table.RDT, table.Under5),
		"RDT tested ≥5 years": table.TestedRole(table.RDT, table.Over5), "RDT tested >=5 yrs": table.TestedRole(table.RDT, table.Over5),
	} {
		if g, ok := Of(name); !ok || g.Role != want || g.Assumed {
			t.Errorf("%q is %q (assumed %v), want %q", name, g.Role, g.Assumed, want)
		}
	}
}

func TestNamesThatMeanNoRole(t *testing.T) {
	for _, name := range []string{
		"", "Inpatient Admissions", "PW who received LLIN", "Children <5 yrs who received LLIN", "ownership",
		"Persons with clinically diagnosed Malaria treated with ACT <5yrs", "Persons with clinically diagnosed Malaria", "RDT positivity rate <5yrs", "tpr_u5", "u5_tpr_rdt", "Persons tested by RDT", // no age
		"orgunitlevel2", "orgunitlevel3", "orgunitlevel4", "orgunitlevel5", "rainfall", "total", "meanEVI", "number of wards", "ward_area", "LGA_ID_code", "test_positivity_rate",
	} {
		if g, ok := Of(name); ok {
			t.Errorf("%q is %q, want no role", name, g.Role)
		}
	}
}

func TestTestNotNamedIsAssumed(t *testing.T) {
	for name, want := range map[string]table.Role{
		"conf_u5": table.PositiveRole(table.RDT, table.Under5), "conf_a5_new": table.PositiveRole(table.RDT, table.Over5), "tested_u5_new": table.TestedRole(table.RDT, table.Under5),
	} {
		if g, ok := Of(name); !ok || g.Role != want || !g.Assumed {
			t.Errorf("%q is %q (assumed %v), want %q assumed", name, g.Role, g.Assumed, want)
		}
	}
}

// "5yrs" stands in "≥5yrs" too, and "excl PW" names pregnant women only to
// leave them out.
func TestOrderOfAges(t *testing.T) {
	for w, want := range map[string]table.Age{
		"rdt ≥5yrs excl pw": table.Over5, "rdt 5yrs excl pw": table.Over5, "rdt ≥5yrs": table.Over5, "rdt preg women pw": table.Pregnant,
		"anc rdt": table.Pregnant, "rdt <5yrs": table.Under5, "rdt 5yrs": table.Under5, "rdt <5 yrs": table.Under5, "rdt 5 years": table.Under5, "over 5 years": table.Over5,
	} {
		if got, ok := Age(w); !ok || got != want {
			t.Errorf("Age(%q) = %q, want %q", w, got, want)
		}
	}
	if a, ok := Age("general attendance"); ok {
		t.Errorf("general attendance has age %q", a)
	}
}

func TestOrgUnitLevel(t *testing.T) {
	for name, want := range map[string]int{"orgunitlevel2": 2, "OrgUnitLevel5": 5, "organisationunitlevel3": 3, "orgunit_level_4": 4} {
		if got, ok := OrgUnitLevel(name); !ok || got != want {
			t.Errorf("OrgUnitLevel(%q) = %d, %v", name, got, ok)
		}
	}
	for _, name := range []string{"Level", "orgunitlevel", "orgunitlevel22", "level_of_care"} {
		if n, ok := OrgUnitLevel(name); ok {
			t.Errorf("OrgUnitLevel(%q) = %d", name, n)
		}
	}
}

func TestIndexesAndIdentifiers(t *testing.T) {
	for _, name := range []string{"", "X", "x", "X.1", "X.5", "index", "Unnamed: 0", "S/N"} {
		if !IsIndex(name) || !IsIdentifier(name) {
			t.Errorf("%q is no index", name)
		}
	}
	for _, name := range []string{"WardCode", "StateCode", "facility_code", "global_id", "Shape_Area", "Shape_Leng", "country_name", "AMAPCODE", "GlobalID"} {
		if !IsIdentifier(name) || IsIndex(name) {
			t.Errorf("%q: identifier %v, index %v", name, IsIdentifier(name), IsIndex(name))
		}
	}
	for _, name := range []string{"rainfall", "Xylem", "X.a", "humid", "settlement_type", "indexed"} {
		if IsIdentifier(name) {
			t.Errorf("%q is an identifier", name)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add("Persons tested positive for malaria by RDT  ≥5yrs (excl PW)")
	f.Add("orgunitlevel4")
	f.Fuzz(func(t *testing.T, name string) {
		if g, ok := Of(name); ok && g.Role == "" {
			t.Fatalf("%q has an empty role", name)
		}
		OrgUnitLevel(name)
		IsIdentifier(name)
	})
}

func TestMeasuresOfMalaria(t *testing.T) {
	for _, name := range []string{"tpr", "TPR", "u5_tpr_rdt", "tpr_u5_new", "TPR (%)", "TPR2023", "Test Positivity Rate", "positivity", "PfPR", "pfpr_2022",
		"malaria burden", "Burden", "malaria incidence per 1000", "Malaria.prevalence", "malaria_cases", "malaria risk"} {
		if !MeasuresMalaria(name) {
			t.Errorf("%q does not measure malaria", name)
		}
	}
	for _, name := range []string{"", "rainfall", "malaria nets", "Total_Tested", "malaria facilities", "temperature", "tprxxxxx of something", "distance", "burden of proof", "housing"} {
		if MeasuresMalaria(name) {
			t.Errorf("%q measures malaria", name)
		}
	}
	if !IsRate("u5_tpr_rdt") || !IsRate("PfPR 2022") || IsRate("malaria burden") || IsRate("incidence") {
		t.Error("which measures are shares of persons is told wrongly")
	}
}
