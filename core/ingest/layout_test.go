package ingest

import (
	"strings"
	"testing"

	"chatmrpt/core/table"
)

// The twelve indicators of the DHIS2 data set as they stand in files, with
// the double blank before ≥.
const indicatorHeaders = "Persons presenting with fever & tested by RDT <5yrs,Persons presenting with fever & tested by RDT  ≥5yrs (excl PW)," +
	"Persons presenting with fever & tested by RDT Preg Women (PW),Persons presenting with fever and tested by Microscopy <5yrs," +
	"Persons presenting with fever and tested by Microscopy  ≥5yrs (excl PW),Persons presenting with fever and tested by Microscopy Preg Women (PW)," +
	"Persons tested positive for malaria by RDT <5yrs,Persons tested positive for malaria by RDT  ≥5yrs (excl PW)," +
	"Persons tested positive for malaria by RDT Preg Women (PW),Persons tested positive for malaria by Microscopy <5yrs," +
	"Persons tested positive for malaria by Microscopy  ≥5yrs (excl PW),Persons tested positive for malaria by Microscopy Preg Women (PW)"

// checkIndicators: every count stands under its role, 1 to 12 in the order of
// indicatorHeaders.
func checkIndicators(t *testing.T, r *Result) {
	t.Helper()
	value := 0.0
	for _, f := range []func(table.Test, table.Age) table.Role{table.TestedRole, table.PositiveRole} {
		for _, test := range table.Tests() {
			for _, age := range table.Ages() {
				value++
				c, ok := r.Table.Role(f(test, age))
				if !ok {
					t.Errorf("no column for %s", f(test, age))
					continue
				}
				if v, _ := c.Number(0); v != value {
					t.Errorf("%s is %q", f(test, age), c.Name)
				}
			}
		}
	}
}

const twelve = "1,2,3,4,5,6,7,8,9,10,11,12"

func TestLayoutCleanedByTheProgramme(t *testing.T) {
	r := readText(t, "State,LGA,WardName,HealthFacility,FacilityLevel,periodname,periodcode,"+indicatorHeaders+"\n"+
		"Adamawa,Demsa,Bille,Bille PHC,Primary,2024-01-01,202401,"+twelve+"\n"+
		"Adamawa,Demsa,Bille,Bille PHC,Tertiary,2024-02-01,202402,"+twelve+"\n", Options{})
	checkIndicators(t, r)
	if r.Kind != Facilities {
		t.Errorf("kind %s", r.Kind)
	}
	expect(t, "state", role(r, table.RoleState), "State: Adamawa|Adamawa")
	expect(t, "lga", role(r, table.RoleLGA), "LGA: Demsa|Demsa")
	expect(t, "ward", role(r, table.RoleWard), "WardName: Bille|Bille")
	expect(t, "facility", role(r, table.RoleFacility), "HealthFacility: Bille PHC|Bille PHC")
	expect(t, "level", role(r, table.RoleLevel), "FacilityLevel: primary|tertiary")
	expect(t, "period", role(r, table.RolePeriod), "periodname: 2024-01|2024-02")
}

// The raw export of Kwara: a blank first row, names that lost their "na",
// mojibake, years as periods, unknown wards.
func TestLayoutRawExport(t *testing.T) {
	text := ",,,,\n" + "orgunitlevel1,orgunitlevel2,orgunitlevel3,orgunitlevel4,orgunitlevel5,organisationunit0me,Facility level,period0me," +
		strings.ReplaceAll(indicatorHeaders, "≥", "â‰¥") + "\n" +
		"Nigeria,kw Kwara State,kw Offa Local Government Area,kw Afon Ward,kw A,kw A Clinic,primary,2020," + twelve + "\n" +
		"Nigeria,kw Kwara State,kw Offa Local Government Area,Unknown,kw B,kw B Clinic,Tertiary,2021," + twelve + "\n"
	r := readText(t, text, Options{})
	checkIndicators(t, r)
	expect(t, "state", role(r, table.RoleState), "orgunitlevel2: kw Kwara State|kw Kwara State")
	expect(t, "lga", role(r, table.RoleLGA), "orgunitlevel3: kw Offa Local Government Area|kw Offa Local Government Area")
	expect(t, "ward", role(r, table.RoleWard), "orgunitlevel4: kw Afon Ward|Unknown")
	expect(t, "facility", role(r, table.RoleFacility), "organisationunitname: kw A Clinic|kw B Clinic")
	expect(t, "level", role(r, table.RoleLevel), "Facility level: primary|tertiary")
	expect(t, "period", role(r, table.RolePeriod), "periodname: 2020|2021")
	if r.Report.HeaderRow != 2 || r.Report.Rows.Kept != 2 {
		t.Errorf("header in row %d, %d rows", r.Report.HeaderRow, r.Report.Rows.Kept)
	}
	if w, ok := warning(r, WarnUnknownWard); !ok || w.Count != 1 || w.Share != 0.5 {
		t.Errorf("unknown wards: %+v", w)
	}
}

func TestLayoutYearlyShortNames(t *testing.T) {
	r := readText(t, "state,lga,ward,facilityname,level_of_care,opd,conf_u5\nNiger,Bida,Masaga,X,Primary,100,12\nNiger,Bida,Masaga,Y,Secondary,50,3\n",
		Options{Period: "2021"})
	if r.Kind != Facilities {
		t.Errorf("kind %s", r.Kind)
	}
	expect(t, "attendance", role(r, table.RoleAttendance), "opd: 100|50")
	expect(t, "positives", role(r, table.PositiveRole(table.RDT, table.Under5)), "conf_u5: 12|3")
	expect(t, "period", role(r, table.RolePeriod), "period: 2021|2021")
	expect(t, "level", role(r, table.RoleLevel), "level_of_care: primary|secondary")
	if _, ok := warning(r, WarnAssumedTest); !ok {
		t.Error("the assumed test is not told")
	}
}

// The other yearly form keeps the level in a second column of facility names.
func TestLayoutLevelInRepeatedColumn(t *testing.T) {
	r := readText(t, "orgunitlevel2,orgunitlevel3,orgunitlevel4,organisationunitname,organisationunitname.1,rdt_tested_u5\n"+
		"ni Niger State,ni Bida Local Government Area,ni Masaga Ward,X,Primary Health Facility,3\n"+
		"ni Niger State,ni Bida Local Government Area,ni Masaga Ward,Y,Secondary Health Facility,4\n", Options{})
	expect(t, "level", role(r, table.RoleLevel), "organisationunitname.1: primary|secondary")
	expect(t, "facility", role(r, table.RoleFacility), "organisationunitname: X|Y")
	if len(r.Report.Duplicates) != 0 {
		t.Errorf("resolved as a repeated column: %+v", r.Report.Duplicates)
	}
}

func TestLayoutWithTheDotsOfR(t *testing.T) {
	dotted := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" &<≥()", r) {
			return '.'
		}
		return r
	}, indicatorHeaders)
	r := readText(t, "\"\",orgunitlevel2,orgunitlevel3,orgunitlevel4,orgunitlevel5,periodname,"+dotted+"\n"+
		"\"1\",ad Adamawa State,ad Demsa Local Government Area,ad Bille Ward,ad X,January 2024,"+twelve+"\n"+
		"\"2\",ad Adamawa State,ad Demsa Local Government Area,ad Bille Ward,ad X,February 2024,"+twelve+"\n", Options{})
	checkIndicators(t, r)
	expect(t, "period", role(r, table.RolePeriod), "periodname: 2024-01|2024-02")
	if len(r.Report.Dropped) != 1 {
		t.Errorf("dropped %q", r.Report.Dropped)
	}
}

// R's write.table names one column less than it writes.
func TestLayoutRowNamesWithoutHeader(t *testing.T) {
	r := readText(t, "\"WardName\",\"rainfall\"\n\"1\",\"Afon\",12.5\n\"2\",\"Are\",13\n", Options{})
	expect(t, "ward", role(r, table.RoleWard), "WardName: Afon|Are")
	expect(t, "rainfall", named(r, "rainfall"), "12.5|13")
	if _, ok := warning(r, WarnHeaderMove); !ok {
		t.Error("the moved header is not told")
	}
	// An unnamed last column is not row names.
	r = readText(t, "WardName,rainfall,\nAfon,12.5,x\nAre,13,y\n", Options{})
	expect(t, "ward", role(r, table.RoleWard), "WardName: Afon|Are")
}

func TestWardTable(t *testing.T) {
	r := readText(t, ",X.1,StateCode,State,LGA,WardCode,WardName,Urban,Population,rainfall (mm),poor %,facility_code,urban_percentage\n"+
		"1,1,KN,Kano,Dala,KNS1,Gobirawa,Yes,\"12,345\",100.5,12%,7,30\n"+
		"2,2,KN,Kano,Dala,KNS2,Dala (Dala),No,900,NA,8%,8,0\n", Options{})
	if r.Kind != Wards {
		t.Fatalf("kind %s", r.Kind)
	}
	expect(t, "ward", role(r, table.RoleWard), "WardName: Gobirawa|Dala (Dala)")
	expect(t, "population", role(r, table.RolePopulation), "Population: 12345|900")
	expect(t, "urban", role(r, table.RoleUrban), "urban_percentage: 30|0")
	expect(t, "codes", role(r, table.RoleStateCode)+role(r, table.RoleWardCode), "StateCode: KN|KNWardCode: KNS1|KNS2")
	expect(t, "variables", variableNames(r), "rainfall (mm) [mm] poor % [%]")
	expect(t, "rainfall", named(r, "rainfall (mm)"), "100.5|·")
	expect(t, "poor", named(r, "poor %"), "12|8")
	expect(t, "Urban", named(r, "Urban"), "Yes|No")
	if len(r.Report.Dropped) != 2 {
		t.Errorf("dropped %q", r.Report.Dropped)
	}
}

func variableNames(r *Result) string {
	var out []string
	for _, c := range r.Table.Columns {
		if c.Role == table.RoleVariable || c.Role == table.RoleMalaria {
			out = append(out, c.Name+" ["+c.Unit+"]")
		}
	}
	return strings.Join(out, " ")
}

func TestVariablesStandBehindTheWard(t *testing.T) {
	r := readText(t, "score,WardName,rainfall\n1,A,2\n3,B,4\n", Options{})
	expect(t, "behind", variableNames(r), "rainfall []")
	r = readText(t, "score,rainfall,WardName\n1,5,A\n3,7,B\n", Options{})
	expect(t, "none behind", variableNames(r), "score [] rainfall []")
}

func TestPopulationTable(t *testing.T) {
	r := readText(t, "StateCode,LGACode,WardCode,WardName,Population\nKN,1,KNS1,Dala,1 200\nKN,1,KNS2,Fagge,0\n", Options{})
	if r.Kind != Population {
		t.Errorf("kind %s", r.Kind)
	}
	expect(t, "population", role(r, table.RolePopulation), "Population: 1200|0")
}

func TestUrbanShareBecomesPercent(t *testing.T) {
	r := readText(t, "WardName,urban_pct\nA,0.25\nB,1\nC,\n", Options{})
	expect(t, "urban", role(r, table.RoleUrban), "urban_pct: 25|100|·")
	if w, ok := warning(r, WarnUrbanShare); !ok || w.Count != 2 {
		t.Errorf("warning %+v", w)
	}
	r = readText(t, "WardName,urban_pct\nA,0\nB,0\n", Options{})
	expect(t, "all rural", role(r, table.RoleUrban), "urban_pct: 0|0")
}
