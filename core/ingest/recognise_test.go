package ingest

import (
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

const counts = "rdt_tested_u5"

func TestStateByItsValues(t *testing.T) {
	r := readText(t, "Region,Council,Ward,"+counts+"\nKano,Dala,A,1\nkw Kwara State,Offa,B,2\n", Options{})
	expect(t, "state", role(r, table.RoleState), "Region: Kano|kw Kwara State")
	if c := r.Report.Columns[0]; c.How != ByValues || c.Confidence != Likely {
		t.Errorf("recognised %+v", c)
	}
	// Values beat names: the column named LGA holds states.
	r = readText(t, "State,LGA,Ward,"+counts+"\nNorth West,Kano,A,1\nNorth Central,Kwara,B,2\n", Options{})
	expect(t, "state", role(r, table.RoleState), "LGA: Kano|Kwara")
	// But one LGA that has a state's name stays an LGA.
	r = readText(t, "LGA,Ward,"+counts+"\nNasarawa,A,1\nNasarawa,B,2\n", Options{})
	expect(t, "lga", role(r, table.RoleLGA), "LGA: Nasarawa|Nasarawa")
}

func TestHierarchyMovesWithTheState(t *testing.T) {
	r := readText(t, "orgunitlevel1,orgunitlevel2,orgunitlevel3,orgunitlevel4,orgunitlevel5,"+counts+"\n"+
		"Nigeria,North West,kn Kano State,kn Dala Local Government Area,kn Gobirawa Ward,1\n", Options{})
	expect(t, "state", role(r, table.RoleState), "orgunitlevel3: kn Kano State")
	expect(t, "ward", role(r, table.RoleWard), "orgunitlevel5: kn Gobirawa Ward")
	// Another country: the levels as they are in Nigeria.
	r = readText(t, "orgunitlevel2,orgunitlevel3,orgunitlevel4,"+counts+"\nNord,Titao,X,1\n", Options{})
	expect(t, "state", role(r, table.RoleState), "orgunitlevel2: Nord")
	expect(t, "ward", role(r, table.RoleWard), "orgunitlevel4: X")
}

// The predecessor offered 16 LGAs as levels of care, because "orgunitlevel3"
// contains "level".
func TestHierarchyIsNeverTheLevelOfCare(t *testing.T) {
	r := readText(t, "orgunitlevel2,orgunitlevel3,orgunitlevel4,orgunitlevel6,"+counts+"\n"+
		"kw Kwara State,kw Offa Local Government Area,kw A Ward,Primary,1\nkw Kwara State,kw Offa Local Government Area,kw B Ward,Secondary,1\n", Options{})
	expect(t, "level", role(r, table.RoleLevel), "no column")
}

func TestLevelByItsValues(t *testing.T) {
	r := readText(t, "State,Ward,Class,"+counts+"\nKano,A,Primary Health Centre,1\nKano,B,General Hospital,2\n", Options{})
	expect(t, "level", role(r, table.RoleLevel), "Class: primary|secondary")
	// A name that lies gives way.
	r = readText(t, "State,Ward,Level,Class,"+counts+"\nKano,A,urban,PHC,1\nKano,B,rural,SHC,2\n", Options{})
	expect(t, "level", role(r, table.RoleLevel), "Class: primary|secondary")
	// Names of facilities are no levels.
	r = readText(t, "State,Ward,Clinic,"+counts+"\nKano,A,Dala Primary Health Center,1\nKano,B,Fagge PHC,2\n", Options{})
	expect(t, "level", role(r, table.RoleLevel), "no column")
}

func TestUnknownLevelsAreKeptWithAWarning(t *testing.T) {
	r := readText(t, "State,Ward,FacilityLevel,"+counts+"\nKano,A,Primary,1\nKano,B,Maternity,2\nKano,C,,3\n", Options{})
	expect(t, "level", role(r, table.RoleLevel), "FacilityLevel: primary|Maternity|·")
	if w, ok := warning(r, WarnLevels); !ok || w.Count != 1 || !strings.Contains(w.Message, "Maternity") {
		t.Errorf("warning %+v", w)
	}
}

func TestWardOrder(t *testing.T) {
	r := readText(t, "Ward,WardName,"+counts+"\na,b,1\n", Options{})
	expect(t, "WardName before Ward", role(r, table.RoleWard), "WardName: b")
	r = readText(t, "My ward of choice,Ward,"+counts+"\na,b,1\n", Options{})
	expect(t, "Ward before *ward*", role(r, table.RoleWard), "Ward: b")
	r = readText(t, "orgunitlevel2,orgunitlevel4,Ward,"+counts+"\nKano,a,b,1\n", Options{})
	expect(t, "orgunitlevel4 first", role(r, table.RoleWard), "orgunitlevel4: a")
	r = readText(t, "Ward level score,WardName,"+counts+"\n1,b,1\n", Options{})
	expect(t, "numbers are no wards", role(r, table.RoleWard), "WardName: b")
}

func TestFirstColumnOfARoleHasIt(t *testing.T) {
	r := readText(t, "Ward,rdt tested u5,RDT tested <5yrs\nA,1,2\n", Options{Kind: Facilities})
	expect(t, "tested", role(r, table.TestedRole(table.RDT, table.Under5)), "rdt tested u5: 1")
	if len(r.Report.Unrecognised) != 1 {
		t.Errorf("unrecognised %q", r.Report.Unrecognised)
	}
}

func TestChosenColumns(t *testing.T) {
	text := "Place,Ward,Nombre  â‰¥5,rdt_tested_u5\nDala,1,7,3\nFagge,2,8,4\n"
	r := readText(t, text, Options{Columns: map[table.Role]string{
		table.RoleWard: "place", table.TestedRole(table.RDT, table.Over5): "Nombre  â‰¥5", table.TestedRole(table.RDT, table.Under5): "rdt_tested_u5",
	}})
	expect(t, "ward", role(r, table.RoleWard), "Place: Dala|Fagge")
	expect(t, "over five, header as written", role(r, table.TestedRole(table.RDT, table.Over5)), "Nombre ≥5: 7|8")
	for _, c := range r.Report.Columns {
		if c.How != Chosen || c.Confidence != Sure {
			t.Errorf("%+v is not marked as chosen", c)
		}
	}
	r = readText(t, text, Options{Columns: map[table.Role]string{table.TestedRole(table.RDT, table.Over5): "Nombre ≥5"}})
	expect(t, "header as repaired", role(r, table.TestedRole(table.RDT, table.Over5)), "Nombre ≥5: 7|8")
}

func TestChoicesThatCannotBe(t *testing.T) {
	text := "Place,Ward,rdt_tested_u5\nDala,1,3\n"
	for name, c := range map[string]struct {
		o    Options
		code problem.Code
		hint string
	}{
		"unknown header": {Options{Columns: map[table.Role]string{table.RoleWard: "Wrad"}}, problem.NotFound, "Place; Ward; rdt_tested_u5"},
		"unknown role":   {Options{Columns: map[table.Role]string{"wrad": "Ward"}}, problem.Usage, "ward"},
		"one for two":    {Options{Columns: map[table.Role]string{table.RoleWard: "Place", table.RoleLGA: "Place"}}, problem.Usage, "each role"},
		"kind":           {Options{Kind: "clinics"}, problem.Usage, "facilities"},
		"period":         {Options{Period: "last year"}, problem.Usage, "2024-03"},
	} {
		_, err := Read(t.Context(), "f.csv", []byte(text), c.o)
		checkProblem(t, name, err, c.code, c.hint)
	}
}

func TestWholeFilePeriod(t *testing.T) {
	r := readText(t, "Ward,"+counts+"\nA,1\n", Options{Period: "2024-03"})
	expect(t, "period", role(r, table.RolePeriod), "period: 2024-03")
	r = readText(t, "Ward,year,"+counts+"\nA,2020,1\n", Options{Period: "2024"})
	expect(t, "own period", role(r, table.RolePeriod), "year: 2020")
	if _, ok := warning(r, WarnPeriodIgnore); !ok {
		t.Error("the ignored period is not told")
	}
	r = readText(t, "Ward,"+counts+"\nA,1\n", Options{})
	if _, ok := warning(r, WarnNoPeriod); !ok {
		t.Error("the absent period is not told")
	}
}

func TestKindIsObeyed(t *testing.T) {
	text := "WardName,Population,rainfall\nA,10,1\nB,20,2\n"
	if r := readText(t, text, Options{Kind: Population}); r.Kind != Population || variableNames(r) != "" {
		t.Errorf("kind %s, variables %s", r.Kind, variableNames(r))
	}
	if r := readText(t, text, Options{}); r.Kind != Wards || variableNames(r) != "rainfall []" {
		t.Errorf("kind %s, variables %s", r.Kind, variableNames(r))
	}
	_, err := Read(t.Context(), "f.csv", []byte(text), Options{Kind: Facilities})
	checkProblem(t, "facilities", err, problem.BadInput, "--as wards")
	_, err = Read(t.Context(), "f.csv", []byte("WardName,y\nA,1\n"), Options{Kind: Population})
	checkProblem(t, "population", err, problem.BadInput, "Columns found: WardName; y")
}

// The column whose values are LGAs is the LGA, whatever it is called; a ward
// that has an LGA's name stays a ward, and places of another country prove
// nothing.
func TestLGAByItsValues(t *testing.T) {
	r := readText(t, "State,Council,Ward,"+counts+"\nKano,Dala,Dala,1\nKano,kn Fagge Local Government Area,Fagge,2\nKano,Ungogo,X,2\n", Options{})
	expect(t, "lga", role(r, table.RoleLGA), "Council: Dala|kn Fagge Local Government Area|Ungogo")
	expect(t, "ward", role(r, table.RoleWard), "Ward: Dala|Fagge|X")
	// Values beat names: the column named LGA holds the districts of an office.
	r = readText(t, "State,LGA,Area,Ward,"+counts+"\nKano,Zone 1,Dala,A,1\nKano,Zone 2,Fagge,B,2\n", Options{})
	expect(t, "lga", role(r, table.RoleLGA), "Area: Dala|Fagge")
	r = readText(t, "LGA,Area,Ward,"+counts+"\nNord,Dala,A,1\nSud,Titao,B,2\n", Options{})
	expect(t, "another country", role(r, table.RoleLGA), "LGA: Nord|Sud")
}
